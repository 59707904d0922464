"""Runs the schema-sync binary (SCHEMA_SYNC_BIN) in a temporary git repository.

    with Repository(dev=dev, prod=prod) as repo:
        done = repo.run("--env", "dev", "export")
        done.check()                                     # status 0, else an error with everything it said
        repo.commit("first")
        repo.run("--env", "prod", "import", env=tool.BRIEF).status
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

from . import processes

BINARY_VARIABLE = "SCHEMA_SYNC_BIN"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# A lease for an importer that is killed and for the one that waits for its end: no longer than a test can wait, and long
# enough that a busy machine does not lose it. All others have the program's own.
BRIEF = {"SCHEMA_SYNC_LEASE": "3"}
# Passed on from the test's environment; all else a run sees is named by the test.
_KEPT = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LLVM_PROFILE_FILE", "TZ")


def binary():
    """The program under test."""
    path = os.environ.get(BINARY_VARIABLE) or os.path.join(ROOT, "build", "dev", "schema-sync")
    if not os.access(path, os.X_OK):
        raise RuntimeError(f"no program at {path}: build it, or set {BINARY_VARIABLE}")
    return os.path.abspath(path)


@dataclass
class Result:
    """What one run gave. `rss` is its peak memory in KiB, `cpu` user and system time in seconds."""

    argv: list
    status: int  # exit status; -N when signal N ended it
    out: str
    err: str
    seconds: float
    rss: int = 0
    cpu: float = 0.0

    def check(self, *allowed):
        """Raises with the whole story unless the status is one of `allowed` (0)."""
        if self.status not in (allowed or (0,)):
            raise AssertionError(
                f"{' '.join(self.argv)} ended with {self.status} after {self.seconds:.2f} s\n"
                f"--- stdout\n{self.out[-4000:]}\n--- stderr\n{self.err[-8000:]}"
            )
        return self

    def json(self):
        return json.loads(self.out)


class Running:
    """A program that was started: wait() for its Result, or kill() it."""

    def __init__(self, argv, cwd, env):
        self.argv = argv
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.started = time.monotonic()
        self.process = processes.spawn(argv, cwd=cwd, env=env, stdout=self._out, stderr=self._err)
        self.pid = self.process.pid

    def kill(self, number=signal.SIGKILL):
        if self.process.returncode is not None:
            return  # its number may be another's by now
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def running(self):
        return self.process.returncode is None and os.waitid(
            os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT
        ) is None

    def said(self):
        """What it has written to stderr so far."""
        return os.pread(self._err.fileno(), 1 << 20, 0).decode("utf-8", "replace")

    def wait(self, timeout=300.0):
        timer = threading.Timer(timeout, self.kill, args=(signal.SIGABRT,))
        timer.start()
        try:
            _, status, usage = os.wait4(self.pid, 0)
        finally:
            timer.cancel()
        seconds = time.monotonic() - self.started
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return Result(
            self.argv, self.process.returncode, _text(self._out), _text(self._err), seconds, usage.ru_maxrss,
            usage.ru_utime + usage.ru_stime,
        )


def _text(file):
    file.seek(0)
    text = file.read().decode("utf-8", "replace")
    file.close()
    return text


class Repository:
    """A temporary git work tree with a schema-sync.json.

    `instances` are Directus objects under the names of their environments: repo.run("--env", "dev", …) then finds
    DEV_DIRECTUS_URL and so on. `config` is written to schema-sync.json as it stands.
    """

    def __init__(self, config=None, **instances):
        self.folder = processes.work_folder("repository")
        self.state = os.path.join(self.folder, "schema")
        self.env = {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            "HOME": os.path.join(self.folder, ".git"), "LC_ALL": "C.UTF-8",
        }
        for name, instance in instances.items():
            self.env.update(instance.tool_env(name))
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Tester")
        self.git("config", "user.email", "tester@example.com")
        self.git("config", "commit.gpgsign", "false")
        if config is not None:
            self.write("schema-sync.json", json.dumps(config, indent=2) + "\n")

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- the tool ----

    def start(self, *arguments, env=None):
        """Starts schema-sync -C FOLDER ARGUMENTS… A value of None in `env` removes a variable."""
        merged = {key: value for key, value in {**self.env, **(env or {})}.items() if value is not None}
        return Running([binary(), "-C", self.folder, *arguments], self.folder, merged)

    def run(self, *arguments, env=None, timeout=300.0):
        return self.start(*arguments, env=env).wait(timeout)

    # ---- git and files ----

    def git(self, *arguments):
        env = {**self.env, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=env, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise AssertionError(f"git {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").strip()

    def write(self, path, text):
        full = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())

    def read(self, path):
        with open(os.path.join(self.folder, path), encoding="utf-8") as file:
            return file.read()

    def json(self, path):
        return json.loads(self.read(path))

    def files(self, folder="schema"):
        """{path: bytes} of everything beneath, paths relative to `folder`."""
        top, found = os.path.join(self.folder, folder), {}
        for base, _, names in os.walk(top):
            for name in names:
                full = os.path.join(base, name)
                with open(full, "rb") as file:
                    found[os.path.relpath(full, top)] = file.read()
        return found
