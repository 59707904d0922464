"""directus-sync, the tool that users have today: its CLI, and the server extension it cannot do without.

Its pull and push stand against export and import, started without npx around them. What it carries is less: no rows (its
seeds are written by hand and only pushed). Its pull also fetches GraphQL and OpenAPI specifications unless told not to:
both ways are measured.
"""

import os
import shutil

from tests.support import api, install, processes

CLI, EXTENSION = "3.4.1", "3.0.6"
NAME = f"directus-sync {CLI}"
_FOLDER = f"directus-sync-{CLI}"


def _modules():
    return os.path.join(processes.cache_folder(), _FOLDER, "node_modules")


def _cli():
    return os.path.join(_modules(), "directus-sync", "bin", "index.js")


def ensure():
    package = {"private": True, "dependencies": {"directus-sync": CLI, "directus-extension-sync": EXTENSION}}
    install.ensure(_FOLDER, package, [install.ensure_node(), _cli(), "--version"], "--ignore-scripts")


def extensions_folder(folder):
    """A folder for EXTENSIONS_PATH that holds the rival's extension and nothing else."""
    name = "directus-extension-sync"
    shutil.copytree(os.path.join(_modules(), name), os.path.join(folder, name))
    return folder


class Rival:
    """A dump folder of its own; argv and environment of its commands."""

    def __init__(self, folder):
        self.folder = folder
        self.dump = os.path.join(folder, "directus-config")
        self.env = {"HOME": folder, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}

    def _argv(self, instance, command, *options):
        return [
            install.node_binary(), _cli(), "--directus-url", instance.url, "--directus-token", api.TOKEN,
            command, "--dump-path", self.dump, *options,
        ]

    def pull(self, instance):
        return self._argv(instance, "pull")

    def pull_lean(self, instance):
        return self._argv(instance, "pull", "--no-specs")

    def push(self, instance):
        return self._argv(instance, "push")

    def forget(self):
        shutil.rmtree(self.dump, ignore_errors=True)
