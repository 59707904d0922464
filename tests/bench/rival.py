"""The rivals: directus-sync, which users of Directus 11 have today, and d6s, which Directus 12.2 brought.

Both are started without npx around them, and both carry less: no rows. Each class gives argv and environment of its
commands in a folder of its own.
"""

import json
import os
import shutil

from tests.support import api, install, processes


def _env(folder):
    return {"HOME": folder, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}


def _modules(folder):
    return os.path.join(processes.cache_folder(), folder, "node_modules")


class DirectusSync:
    """Its pull also fetches GraphQL and OpenAPI specifications unless told not to: both ways are measured. On the server
    it cannot do without its extension."""

    CLI, EXTENSION = "3.4.1", "3.0.6"
    SHORT = "directus-sync"
    NAME = f"{SHORT} {CLI}"
    ASIDE = f"{SHORT} without specifications"
    _FOLDER = f"directus-sync-{CLI}"

    @classmethod
    def _cli(cls):
        return os.path.join(_modules(cls._FOLDER), "directus-sync", "bin", "index.js")

    @classmethod
    def ensure(cls):
        package = {"private": True, "dependencies": {"directus-sync": cls.CLI, "directus-extension-sync": cls.EXTENSION}}
        install.ensure(cls._FOLDER, package, [install.ensure_node(), cls._cli(), "--version"], "--ignore-scripts")

    @classmethod
    def instance_env(cls, folder):
        """What an instance needs for it: a folder that holds the extension and nothing else."""
        name, extensions = "directus-extension-sync", os.path.join(folder, "extensions")
        shutil.copytree(os.path.join(_modules(cls._FOLDER), name), os.path.join(extensions, name))
        return {"EXTENSIONS_PATH": extensions}

    def __init__(self, folder):
        self.folder = folder
        self.dump = os.path.join(folder, "directus-config")
        self.env = _env(folder)

    def _argv(self, instance, command, *options):
        return [
            install.node_binary(), self._cli(), "--directus-url", instance.url, "--directus-token", api.TOKEN,
            command, "--dump-path", self.dump, *options,
        ]

    def pull(self, instance):
        return self._argv(instance, "pull")

    def pull_aside(self, instance):
        return self._argv(instance, "pull", "--no-specs")

    def push(self, instance):
        return self._argv(instance, "push")

    def forget(self):
        shutil.rmtree(self.dump, ignore_errors=True)


class D6s:
    """@directus/cli, whose command is d6s. It knows instances by profiles, and the records it has pushed by id_map.json."""

    CLI = "12.2.1"
    SHORT = "d6s"
    NAME = f"{SHORT} (@directus/cli) {CLI}"
    ASIDE = None
    _FOLDER = f"directus-cli-{CLI}"

    @classmethod
    def _cli(cls):
        return os.path.join(_modules(cls._FOLDER), "@directus", "cli", "dist", "bin.js")

    @classmethod
    def ensure(cls):
        package = {"private": True, "dependencies": {"@directus/cli": cls.CLI}}
        install.ensure(cls._FOLDER, package, [install.ensure_node(), cls._cli(), "--version"], "--ignore-scripts")

    @classmethod
    def instance_env(cls, folder):
        return {}

    def __init__(self, folder):
        self.folder = folder
        self.dump = os.path.join(folder, "directus")
        self.env = {**_env(folder), "NO_INTERACTIVE": "1"}
        self._profiles = {}

    def _argv(self, *arguments):
        return [install.node_binary(), self._cli(), "sync", *arguments]

    def _profile(self, instance):
        self._profiles[instance.name] = {"url": instance.url, "auth": {"type": "token"}}
        self.env[f"DIRECTUS_{instance.name.upper()}_TOKEN"] = api.TOKEN
        with open(os.path.join(self.folder, "directus.config.json"), "w", encoding="utf-8") as file:
            json.dump({"profiles": self._profiles}, file)
        return instance.name

    def pull(self, instance):
        return self._argv("pull", "--from", self._profile(instance))

    def push(self, instance):
        return self._argv("push", "--to", self._profile(instance), "--mode", "merge", "--yes")

    def forget(self):
        shutil.rmtree(self.dump, ignore_errors=True)

    def forget_pushes(self):
        path = os.path.join(self.dump, "default", "id_map.json")
        if os.path.exists(path):
            os.unlink(path)
