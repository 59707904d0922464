"""Node and Directus from npm, in the cache folder: installed once, checked by a stamp, never half there.

    python3 -m tests.support.install [VERSION…]      # installs what is missing, says what it does; "all": every one below

npm's install scripts stay off for Directus (nothing is compiled): isolated-vm 6.1.2 brings binaries for Node 22.
"""

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile

from . import processes

NODE = "22"
DIRECTUS = "11.17.4"  # the version everything is tested with
OLDEST, NEWEST = "10.13.4", "12.4.0"  # tests/integration/test_versions.py
ALL = [DIRECTUS, OLDEST, NEWEST]
_STAMP = ".complete"


def _folder(name):
    return os.path.join(processes.cache_folder(), name)


def node_binary():
    return os.path.join(_folder(f"node-{NODE}"), "node_modules", "node", "bin", "node")


def directus_cli(version=DIRECTUS):
    return os.path.join(_folder(f"directus-{version}"), "node_modules", "directus", "cli.js")


def _answers(argv):
    try:
        return subprocess.run(argv, capture_output=True, timeout=120, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _complete(name, probe):
    """Stamped, or a folder from before stamps whose program starts: then it gets its stamp now."""
    stamp = os.path.join(_folder(name), _STAMP)
    if os.path.exists(stamp):
        return True
    if not os.path.isdir(os.path.join(_folder(name), "node_modules")) or not _answers(probe):
        return False
    with open(stamp, "w", encoding="ascii"):
        pass
    return True


def _install(name, package, *options):
    """npm into a folder beside the place, renamed when it is whole."""
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("npm is missing: apt-get install npm")
    os.makedirs(processes.cache_folder(), exist_ok=True)
    fresh = tempfile.mkdtemp(prefix=f".{name}-", dir=processes.cache_folder())
    try:
        with open(os.path.join(fresh, "package.json"), "w", encoding="utf-8") as file:
            json.dump(package, file)
        print(f"installing {name} with npm into {_folder(name)}", file=sys.stderr, flush=True)
        argv = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error", *options]
        done = subprocess.run(argv, cwd=fresh, stdout=sys.stderr, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"npm could not install {name} (exit status {done.returncode})")
        with open(os.path.join(fresh, _STAMP), "w", encoding="ascii"):
            pass
        os.chmod(fresh, 0o755)
        if os.path.isdir(_folder(name)):
            os.rename(_folder(name), fresh + ".old")
        os.rename(fresh, _folder(name))
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(fresh + ".old", ignore_errors=True)


@contextlib.contextmanager
def _alone(name):
    """One process installs, the others wait and find it done."""
    os.makedirs(processes.cache_folder(), exist_ok=True)
    with open(os.path.join(processes.cache_folder(), f".{name}.lock"), "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure(name, package, probe, *options):
    """A folder of the cache with what package.json names; `probe` is a command that works when it is there."""
    if _complete(name, probe):
        return
    with _alone(name):
        if not _complete(name, probe):
            _install(name, package, *options)


def ensure_node():
    package = {"private": True, "dependencies": {"node": NODE}}
    ensure(f"node-{NODE}", package, [node_binary(), "--version"])
    return node_binary()


def ensure_directus(version=DIRECTUS):
    package = {"private": True, "overrides": {"isolated-vm": "6.1.2"}, "dependencies": {"directus": version}}
    probe = [ensure_node(), directus_cli(version), "--version"]
    ensure(f"directus-{version}", package, probe, "--ignore-scripts")
    return directus_cli(version)


if __name__ == "__main__":
    for wanted in sys.argv[1:] or [DIRECTUS]:
        for one in ALL if wanted == "all" else [wanted]:
            ensure_directus(one)
