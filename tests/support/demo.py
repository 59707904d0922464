"""./dev demo: a real project travels from one Directus through git to another, and each step says how long it took.

    python3 -m tests.support.demo [--keep]
"""

import os
import subprocess
import sys
import time

from tests.project import FULL

from . import processes, tool
from .directus import ADMIN_EMAIL, ADMIN_PASSWORD, Lab

_COLOR = sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _bold(text):
    return f"\033[1m{text}\033[0m" if _COLOR else text


def _step(title, seconds=None, note=""):
    took = f"{seconds:8.2f} s" if seconds is not None else " " * 10
    print(f"{took}  {_bold(title)}{'  ' + note if note else ''}", flush=True)


def _say(text, limit=8):
    """The tool's own words, indented; long ones are cut in the middle of the story, not silently."""
    lines = [line for line in text.splitlines() if line.strip()]
    for line in lines[:limit]:
        print(f"            {line}")
    if len(lines) > limit:
        print(f"            … and {len(lines) - limit} lines more")
    sys.stdout.flush()


def _run(repo, title, *arguments, limit=8):
    done = repo.run(*arguments).check()
    _step(title, done.seconds, f"schema-sync {' '.join(arguments)}")
    _say(done.out + done.err, limit)
    return done


def _size(repo):
    files = repo.files()
    return f"{len(files)} files, {sum(map(len, files.values())) // 1024} KiB"


def _change_one_permission(dev):
    permission = dev.api.search(
        "/permissions", filter={"collection": {"_eq": "tags"}, "action": {"_eq": "delete"}}, limit=1
    )[0]
    dev.api.patch(f"/permissions/{permission['id']}", {"fields": ["label"]})


def _tell(dev, prod):
    print(f"\n{_bold('dev')}   {dev.url}/admin\n{_bold('prod')}  {prod.url}/admin")
    print(f"login  {ADMIN_EMAIL}  {ADMIN_PASSWORD}    static token  admintoken")


def _travel(lab):
    started = time.monotonic()
    dev, prod = lab.pair()
    _step("two empty Directus instances", time.monotonic() - started, f"dev {dev.url}, prod {prod.url}")

    started = time.monotonic()
    FULL.load(dev.api)
    rows = sum(map(len, FULL.rows.values()))
    _step("a project is loaded into dev", time.monotonic() - started,
          f"{len(FULL.collections)} collections, {len(FULL.roles)} roles, {len(FULL.permissions)} permissions, "
          f"{len(FULL.flows)} flows, {rows} rows")

    with tool.Repository(FULL.config, dev=dev, prod=prod) as repo:
        _run(repo, "export", "--env", "dev", "export")
        commit = repo.commit("The project as it stands in dev")
        _step("git commit", None, f"{commit[:12]}, {_size(repo)}")
        _run(repo, "first import into prod", "--env", "prod", "import")

        before = repo.files()
        _run(repo, "export of prod", "--env", "prod", "export")
        _compare(repo, before)

        _change_one_permission(dev)
        _step("one permission is changed in dev")
        _run(repo, "export", "--env", "dev", "export")
        repo.commit("Tags: only labels may go")
        _say(repo.git("show", "--stat", "--format=", "HEAD"))
        _run(repo, "small import", "--env", "prod", "import")
        activity = prod.api.newest_activity()
        _run(repo, "an import with nothing to do", "--env", "prod", "import")
        if prod.api.newest_activity() != activity:
            raise AssertionError("the import that had nothing to do wrote something")
    return dev, prod


def _compare(repo, before):
    """diff -r of the files of dev and of prod: prod's export must not have changed a byte."""
    folder = processes.work_folder("before")
    for path, content in before.items():
        full = os.path.join(folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(content)
    started = time.monotonic()
    done = subprocess.run(["diff", "-r", folder, repo.state], capture_output=True, text=True, check=False)
    _step("diff -r of both exports", time.monotonic() - started,
          "empty: prod is byte for byte what dev is" if done.returncode == 0 else "")
    if done.returncode != 0:
        _say(done.stdout, 40)
        raise AssertionError("the exports differ")


def main(argv):
    if [argument for argument in argv if argument != "--keep"]:
        print(__doc__, file=sys.stderr)
        return 64
    processes.exit_on_signals()
    begun = time.monotonic()
    with Lab() as lab:
        dev, prod = _travel(lab)
        _step("everything", time.monotonic() - begun)
        if "--keep" in argv:
            _tell(dev, prod)
            print("Ctrl-C ends both.", flush=True)
            try:
                while True:
                    time.sleep(3600)
            except KeyboardInterrupt:
                print()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (AssertionError, RuntimeError) as failure:
        print(f"demo: {failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
