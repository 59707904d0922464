"""The main paths of the program under valgrind: any invalid access, use of an unset value or lost block fails.

    SCHEMA_SYNC_BIN=build/release/src/schema-sync python3 -m tests.support.valgrind

Sanitizers see the program's own code; valgrind also sees what happens within the libraries it calls.
"""

import os
import stat
import sys

from tests.project import SMALL, uid

from . import processes, tool
from .directus import Lab

_FOUND = 99
_WRAPPER = """#!/bin/sh
exec valgrind --quiet --error-exitcode={found} --exit-on-first-error=no --leak-check=full \\
    --errors-for-leak-kinds=definite --show-leak-kinds=definite --num-callers=25 "{binary}" "$@"
"""


def _wrap(folder):
    """A program that runs the one under test within valgrind."""
    path = os.path.join(folder, "schema-sync")
    with open(path, "w", encoding="utf-8") as file:
        file.write(_WRAPPER.format(found=_FOUND, binary=tool.binary()))
    os.chmod(path, stat.S_IRWXU)
    return path


def _refuse_rows(prod):
    """From now on the target's database takes no change of a note."""
    prod.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$",
                 "CREATE TRIGGER refuse BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION refuse()")


def _only(repo, folder):
    """The one folder within a folder."""
    (name,) = next(os.walk(os.path.join(repo.folder, folder)))[1]
    return os.path.join(folder, name)


def _paths(repo, dev, prod):
    """(title, arguments, allowed exit statuses), in an order in which each finds what it needs."""
    yield "export", ("--env", "dev", "export"), (0,)
    repo.commit("state")
    yield "hash", ("hash", "--manifest"), (0,)
    yield "diff against an empty target", ("--env", "prod", "diff"), (2,)
    yield "first import", ("--env", "prod", "import", "--wait", "60"), (0,)
    yield "nothing to do", ("--env", "prod", "import"), (0,)
    yield "everything again", ("--env", "prod", "import", "--again"), (0,)
    yield "export --check", ("--env", "prod", "export", "--check"), (0,)
    dev.api.patch("/settings", {"project_name": "Renamed"})
    yield "a change is exported", ("--env", "dev", "export"), (0,)
    yield "and imported", ("--json", "--env", "prod", "import"), (0,)
    repo.commit("Renamed")
    dev.api.patch("/settings", {"project_name": "Renamed twice"})
    yield "export --commit", ("--env", "dev", "export", "--commit"), (0,)
    yield "diff A..B", ("diff", "HEAD~1..HEAD"), (2,)
    yield "log", ("log",), (0,)
    yield "show", ("show", "HEAD~2:flow/Small"), (0,)
    yield "rm", ("rm", "flow/Small", "--dry-run"), (0,)
    yield "hook pre-commit", ("--env", "dev", "hook", "pre-commit"), (0,)
    yield "a commit is imported", ("--env", "prod", "import", "--ref", "HEAD"), (0,)
    yield "rollback", ("--env", "prod", "rollback"), (0,)
    yield "rollback --resume", ("--env", "prod", "rollback", "--resume"), (0,)
    dev.api.patch(f"/items/notes/{uid('notes', 1)}", {"title": "newer"})
    dev.api.patch("/settings", {"project_name": "Renamed again"})
    yield "rows changed", ("--env", "dev", "export", "--commit"), (0,)
    _refuse_rows(prod)
    yield "what failed is put back", ("--env", "prod", "import", "--rollback-on-failure"), (69,)
    prod.execute("DROP TRIGGER refuse ON notes")
    yield "an import with a backup", ("--env", "prod", "import", "--backup", "kept"), (0,)
    yield "the backup is restored", ("--env", "prod", "rollback", "--restore", _only(repo, "kept/prod")), (0,)
    yield "status", ("--env", "prod", "status", "--drift"), (0, 2)
    for name, color in (("base", "#111111"), ("ours", "#111111"), ("theirs", "#222222")):
        repo.write(name, f'{{"project_color": "{color}", "project_name": "{name[:4]}"}}\n')
    yield "merge-file", ("merge-file", "base", "ours", "theirs", "schema/settings.json"), (1,)
    yield "help", ("help", "import"), (0,)
    yield "a slip", ("improt",), (64,)
    repo.write("schema/settings.json", '{"project_name": "a", "project_name": "b"}\n')
    yield "broken files", ("--env", "prod", "import"), (65,)


def main():
    processes.exit_on_signals()
    failed = 0
    with Lab() as lab:
        dev, prod = lab.pair()
        SMALL.prepare(dev)
        with tool.Repository(SMALL.config, dev=dev, prod=prod) as repo:
            os.environ[tool.BINARY_VARIABLE] = _wrap(lab.folder)
            for title, arguments, allowed in _paths(repo, dev, prod):
                done = repo.run(*arguments)
                right = done.status in allowed
                failed += not right
                print(f"{'ok' if right else 'FAILED':8}{done.seconds:6.1f} s  {title}", flush=True)
                if not right:
                    print(done.out[-2000:] + done.err[-8000:])
    print(f"valgrind: {failed} failed" if failed else "valgrind: all clean")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
