"""A repository with a small state and schema-sync's hooks in it, for tests with real git.

    repo = hooked.Hooked(CONFIG)                # committed, hooks installed
    done = repo.try_git("commit", "-m", "…")    # .status, .out (with what hooks said)
"""

import json
import os
import subprocess
from dataclasses import dataclass

from . import tool

ROLE = "00000000-0000-4000-8000-000000000001"
POLICY = "00000000-0000-4000-8000-000000000002"
FLOW = "00000000-0000-4000-8000-000000000003"
STATE = {
    "info.json": {"directus": "11.17.4", "format": 1, "vendor": "postgres"},
    "roles/editor.json": {"id": ROLE, "name": "editor", "parent": None},
    "policies/editors.json": {
        "id": POLICY, "name": "editors", "permissions": [], "roles": [{"role": ROLE, "sort": 1}],
    },
}


def text(value):
    return json.dumps(value, indent=2, sort_keys=True) + "\n"


@dataclass
class Done:
    status: int
    out: str  # of both streams


class Hooked(tool.Repository):
    """`below`: the project's folder in the repository; `state` False leaves the state folder to an export."""

    def __init__(self, config=None, below="", state=True, install=True, **instances):
        super().__init__(None, **instances)
        self.below = below
        self.state = os.path.join(self.folder, below, "schema")
        programs = os.path.join(self.folder, ".git", "programs")
        os.mkdir(programs)
        os.symlink(tool.binary(), os.path.join(programs, "schema-sync"))
        self.env["PATH"] = programs + os.pathsep + self.env["PATH"]
        self.write(self.beneath("schema-sync.json"), text(config or {}))
        if state:
            for path, value in STATE.items():
                self.put(path, value)
        if install:
            self.install().check()
        if state:
            self.git("add", "-A")
            self.git("commit", "-q", "--no-verify", "-m", "as it was")

    def beneath(self, path):
        return os.path.join(self.below, path)

    def install(self, *arguments):
        return self.run("-C", self.below or ".", "init", "--hooks", *arguments)

    def put(self, path, value):
        """A file of the state."""
        self.write(self.beneath(os.path.join("schema", path)), value if isinstance(value, str) else text(value))

    def edit(self, path, **members):
        full = self.beneath(os.path.join("schema", path))
        self.put(path, {**self.json(full), **members})

    def try_git(self, *arguments, cwd=None, env=None):
        merged = {**self.env, "GIT_CONFIG_NOSYSTEM": "1", **(env or {})}
        done = subprocess.run(
            ["git", *arguments], cwd=cwd or self.folder, env={k: v for k, v in merged.items() if v is not None},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, check=False,
        )
        return Done(done.returncode, done.stdout)

    def head(self, *arguments):
        return self.git("rev-parse", *(arguments or ("HEAD",))).strip()

    def committed(self, ref="HEAD"):
        """What the commit changed, as "A path" lines."""
        listed = self.git("show", "--format=", "--name-status", "-m", "--first-parent", ref)
        return [line.replace("\t", " ") for line in listed.splitlines()]

    def hook(self, name):
        return os.path.join(self.folder, self.git("rev-parse", "--git-path", f"hooks/{name}").strip())
