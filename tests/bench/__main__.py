"""./dev bench [--quick] [--directus VERSION]: schema-sync, its floors and its rival, in turns, on the same two instances.

    python3 -m tests.bench                      # 15 pairs a case, the rival 5 times: a quarter of an hour
    python3 -m tests.bench --quick              # 3 pairs, the rival once
    python3 -m tests.bench --directus 12.4.0    # against d6s only; 11.17.4: against directus-sync only

Prints tables and what became of each goal; keeps both in build/bench (result.md, result.json).
Exit status 2 when a goal is missed.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time

from tests.support import install, processes, tool

from . import report
from .cases import Effort
from .eleven import Eleven
from .measure import BenchError
from .setting import Setting
from .twelve import Twelve

_PARTS = {part.VERSION: part for part in (Eleven, Twelve)}

_BEGUN = time.monotonic()


def _say(text):
    print(f"bench: {time.monotonic() - _BEGUN:4.0f} s  {text}", file=sys.stderr, flush=True)


def _processor():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return f"{len(names)} × {names[0]}" if names else platform.machine()


def _circumstances():
    load = os.getloadavg()
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=tool.ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "schema-sync": commit or "unknown", "Node": install.NODE, "processor": _processor(),
        "load at the end": " ".join(f"{value:.2f}" for value in load), "took": f"{time.monotonic() - _BEGUN:.0f} s",
    }


def _measure(part, effort):
    _say(f"starting two instances of Directus {part.VERSION}")
    with Setting(part.VERSION, part.RIVAL) as setting:
        found = setting.dev.api.get("/server/info")["version"]
        if found != part.VERSION:
            raise BenchError(f"this is a Directus {found}")
        cases = part(setting, effort, _say)
        cases.measure()
        return cases


def _keep(name, text):
    folder = os.path.join(tool.ROOT, "build", "bench")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)
    return os.path.relpath(os.path.join(folder, name))


def _options(argv):
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="few runs")
    parser.add_argument("--directus", choices=list(_PARTS), help="only this version's part")
    return parser.parse_args(argv)


def main(argv):
    options = _options(argv)
    processes.exit_on_signals()
    parts = [_PARTS[options.directus]] if options.directus else list(_PARTS.values())
    for part in parts:
        install.ensure_directus(part.VERSION)
        part.RIVAL.ensure()
    effort = Effort(rounds=1) if options.quick else Effort(rounds=5)
    measured = [_measure(part, effort) for part in parts]
    judged = report.goals(measured)
    text = report.markdown(measured, judged, _circumstances())
    whole = report.document(measured, judged, _circumstances())
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
