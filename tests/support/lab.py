"""One lab for a whole test run: starts "dev" and "prod", runs a command that joins them, stops everything.

    python3 -m tests.support.lab -- ctest --test-dir build/dev --output-on-failure

The exit status is the command's. Test programs join with Lab.open(); without a lab around them they start their own.
"""

import json
import os
import subprocess
import sys

from . import processes
from .directus import LAB_VARIABLE, Lab


def main(argv):
    command = argv[argv.index("--") + 1 :] if "--" in argv else argv
    if not command:
        print(__doc__, file=sys.stderr)
        return 64
    processes.exit_on_signals()
    with Lab() as lab:
        lab.pair()
        path = os.path.join(lab.folder, "lab.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(lab.describe(), file)
        child = subprocess.Popen(command, env={**os.environ, LAB_VARIABLE: path})
        try:
            return child.wait()
        except BaseException:
            processes.stop(child)
            raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
