"""One lab for a whole test run: starts "dev" and "prod", runs a command that joins them, stops everything.

    python3 -m tests.support.lab -- ctest --test-dir build/dev --output-on-failure
    python3 -m tests.support.lab --variables -- sh        # DEV_DIRECTUS_URL, PROD_DATABASE_URL, … are set

The exit status is the command's. Test programs join with Lab.open(); without a lab around them they start their own.
"""

import contextlib
import json
import os
import subprocess
import sys

from . import processes
from .directus import LAB_VARIABLE, Lab


@contextlib.contextmanager
def shared_lab():
    """A lab with "dev" and "prod", and the environment in which other programs join it."""
    with Lab() as lab:
        lab.pair()
        path = os.path.join(lab.folder, "lab.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(lab.describe(), file)
        yield lab, {**os.environ, LAB_VARIABLE: path}


def run(command, *, variables=False):
    with shared_lab() as (lab, env):
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
    if argv[:1] != ["--"] or len(argv) < 2:
        print(__doc__, file=sys.stderr)
        return 64
    processes.exit_on_signals()
    try:
        return run(argv[1:], variables=variables)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
