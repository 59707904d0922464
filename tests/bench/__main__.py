"""./dev bench [--quick]: schema-sync, its floors and directus-sync, in turns, on the same two instances.

    python3 -m tests.bench              # 15 pairs a case, the rival 5 times: about ten minutes
    python3 -m tests.bench --quick      # 3 pairs, the rival once

Prints a table and what became of each goal; keeps both in build/bench (result.md, result.json).
Exit status 2 when a goal is missed.
"""

import json
import os
import platform
import subprocess
import sys
import time

from tests.support import install, processes, tool

from . import report, rival
from .cases import Cases, Effort
from .measure import BenchError
from .setting import Setting


_BEGUN = time.monotonic()


def _say(text):
    print(f"bench: {time.monotonic() - _BEGUN:4.0f} s  {text}", file=sys.stderr, flush=True)


def _processor():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return f"{len(names)} × {names[0]}" if names else platform.machine()


def _circumstances(setting):
    load = os.getloadavg()
    versions = setting.dev.api.get("/server/info")
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=tool.ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "schema-sync": commit or "unknown", "Directus": versions["version"], "Node": install.NODE, "rival": rival.NAME,
        "processor": _processor(), "load at the end": " ".join(f"{value:.2f}" for value in load),
        "took": f"{time.monotonic() - _BEGUN:.0f} s",
    }


def _measure(effort):
    _say("starting two instances")
    with Setting() as setting:
        cases = Cases(setting, effort, _say)
        cases.measure()
        return cases, cases.size(), _circumstances(setting)


def _keep(name, text):
    folder = os.path.join(tool.ROOT, "build", "bench")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)
    return os.path.relpath(os.path.join(folder, name))


def main(argv):
    if argv not in ([], ["--quick"]):
        print(__doc__, file=sys.stderr)
        return 64
    processes.exit_on_signals()
    rival.ensure()
    effort = Effort(rounds=1) if argv else Effort(rounds=5)
    cases, size, circumstances = _measure(effort)
    judged = report.goals(cases, size)
    text = report.markdown(cases, size, judged, circumstances)
    whole = report.document(cases, size, judged, circumstances)
    print(text)
    kept = [_keep("result.md", text), _keep("result.json", json.dumps(whole, indent=2, ensure_ascii=False) + "\n")]
    missed = [goal for goal in judged if not goal.reached]
    _say(f"{len(judged) - len(missed)} of {len(judged)} goals reached; kept in {' and '.join(kept)}")
    return 2 if missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (BenchError, AssertionError, RuntimeError) as failure:
        print(f"bench: {failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
