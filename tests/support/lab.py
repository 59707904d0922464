"""Labs for a whole test run: starts "dev" and "prod", runs a command that joins them, stops everything.

    python3 -m tests.support.lab --labs 2 -- ctest --test-dir build/dev --parallel 2
    python3 -m tests.support.lab --variables -- sh        # DEV_DIRECTUS_URL, PROD_DATABASE_URL, … are set

The exit status is the command's. Test programs join with Lab.open(); without a lab around them they start their own.
"""

import concurrent.futures
import contextlib
import json
import os
import subprocess
import sys

from . import processes
from .directus import LAB_VARIABLE, Lab


def _start(stack, folders):
    lab = stack.enter_context(Lab())
    lab.pair()
    path = os.path.join(lab.folder, "lab.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(lab.describe(), file)
    folders.append(path)
    return lab


@contextlib.contextmanager
def shared_lab(count=1):
    """`count` labs with "dev" and "prod" each, and the environment in which other programs join one of them; the first
    lab is given too."""
    paths = []
    with contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor(count) as pool:
        labs = list(pool.map(lambda _: _start(stack, paths), range(count)))
        yield labs[0], {**os.environ, LAB_VARIABLE: os.pathsep.join(paths)}


def run(command, *, variables=False, count=1):
    with shared_lab(count) as (lab, env):
        if variables:
            for name, instance in lab.instances.items():
                env.update(instance.tool_env(name))
                print(f"{name:5} {instance.url}  {instance.database_url}", file=sys.stderr)
        child = subprocess.Popen(command, env=env)
        try:
            return child.wait()
        except BaseException:
            processes.stop(child)
            raise


def main(argv):
    variables = argv[:1] == ["--variables"]
    argv = argv[1:] if variables else argv
    count = 1
    if argv[:1] == ["--labs"]:
        count, argv = int(argv[1]), argv[2:]
    if argv[:1] != ["--"] or len(argv) < 2:
        print(__doc__, file=sys.stderr)
        return 64
    processes.exit_on_signals()
    try:
        return run(argv[1:], variables=variables, count=count)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
