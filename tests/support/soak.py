"""The integration tests with SCHEMA_SYNC_SOAK=1: long loops, no time limit.

    python3 -m tests.support.soak [NAME…]            # tests/integration/test_NAME.py; all without names

Tests read the variable to decide how far they go. The summary at the end names what failed.
"""

import glob
import os
import subprocess
import sys
import time

from . import lab, processes, tool


def main(names):
    found = sorted(glob.glob(os.path.join(tool.ROOT, "tests", "integration", "test_*.py")))
    wanted = [path for path in found if not names or os.path.basename(path)[5:-3] in names]
    if not wanted:
        print(f"soak: no such test: {' '.join(names)}", file=sys.stderr)
        return 64
    processes.exit_on_signals()
    failed = []
    with lab.shared_lab() as (_, env):
        env["SCHEMA_SYNC_SOAK"] = "1"
        for path in wanted:
            started = time.monotonic()
            status = subprocess.run([sys.executable, path], cwd=tool.ROOT, env=env, check=False).returncode
            word = {0: "passed", 77: "skipped"}.get(status, "FAILED")
            if word == "FAILED":
                failed.append(os.path.basename(path))
            print(f"{word:8} {time.monotonic() - started:8.1f} s  {os.path.basename(path)}", flush=True)
    print(f"soak: {len(wanted) - len(failed)} of {len(wanted)} did not fail" + "".join(f", {one} did" for one in failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
