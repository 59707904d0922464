"""Judges the measurements and tells them: a table for people, JSON for programs."""

import re
import statistics
from collections import Counter
from dataclasses import dataclass

MB_OF_MEMORY, SAME_MEMORY, KB_OF_PROGRAM = 48, 1.05, 500  # thousands, not 1024s

# By version. Case: (at most so many times its floor, at least so many times faster than the rival). On 11 the first import
# is held against directus-sync twice: with the rows that only one of the two carries, and without.
_LIMITS = {
    "11.17.4": {
        "export": (1.15, 8), "first-import": (1.15, 8), "first-import-lean": (None, 8), "one-permission": (1.3, 20),
        "nothing": (1.3, 150), "version": (1.2, None),
    },
    "12.4.0": {"twelve-export": (None, 2.5), "twelve-first-import": (1.15, 1.3), "twelve-nothing": (None, 30)},
}

# Why a kind of request cannot be fewer; the first that matches. A kind without a reason is shown as such.
_REASONS = [
    (r"GET /server/info", "version and page limit decide what may be asked for at all"),
    (r"SEARCH /users", "who the token is and what import must not touch; after access changed, whether it still is an "
                       "administrator"),
    (r"SEARCH /activity", "the newest activity before and after: nobody changed the instance while it was read"),
    (r"GET /schema/snapshot", "the whole schema in one answer; after an apply, once more to see what it left"),
    (r"GET /settings", "a singleton of its own; during an import also the proof that URL and database belong together"),
    (r"GET /fields/", "members that not every Directus has: unknown ones would be dropped silently"),
    (r"SEARCH /items/", "rows, a page as large as memory allows; REST answers one collection a request, and GraphQL "
                        "leaves out collections whose names are no GraphQL names"),
    (r"SEARCH /", "REST answers one type a request, and GraphQL cannot ask for all fields; an import reads the sections it "
                  "wrote to back, whole: hooks and cascades may have changed more than was sent"),
    (r"POST /schema/diff", "only the server knows its state's hash, without which apply refuses"),
    (r"POST /schema/apply", "the whole schema in one transaction"),
    (r"POST /utils/cache/clear", "new columns are invisible to the API until then"),
    (r"POST /utils/import", "all that is new or changed, of all types, in one transaction"),
    (r"GET /license", "what a Directus 12 without a licence would refuse or hide"),
    (r"(POST|PATCH) /(access|roles)$", "in one array; on 12.2 and newer when all stands: who is granted what, and parents, "
                                       "would slow down all other records of the transaction"),
    (r"POST /items/", "rows in batches of up to 1000; an array belongs to one collection"),
    (r"PATCH /items/", "references in a circle, and fields the server overwrites on create: only an update sets them"),
    (r"POST /", "new records of a type in one array"),
    (r"PATCH /(flows|operations)$", "links in a circle are set when both ends stand, and flows go live last"),
    (r"PATCH /", "changed records of a type in one array"),
    (r"DELETE /", "records of a type in one array"),
]


@dataclass
class Goal:
    what: str
    value: float  # None: it could not be measured
    limit: str
    reached: bool
    unit: str = ""
    remark: str = ""

    def text(self):
        value = "not measured" if self.value is None else f"{self.value:.4g}{self.unit}"
        return f"{'reached' if self.reached else 'MISSED '}  {self.what}: {value} (goal {self.limit}){self.remark}"


# ---- judging ----

def ratio(over, under):
    return over.median() / under.median()


def faster(case, than=None):
    """How many times faster the tool is than its rival, or than another contender."""
    than = than or case.rival
    if than is None or not than.runs:
        return None
    return ratio(than, case.tool)


def _remark(case):
    """What stands behind a ratio against the rival: nobody who sends these requests is faster than the floor."""
    words = ""
    if case and case.rival and case.rival.runs and case.requests:
        words += f"; the floor: {ratio(case.rival, case.floor):.3g} ×"
    if case and case.aside and case.aside.runs:
        words += f"; against {case.aside.name}: {faster(case, case.aside):.3g} ×"
    return words


def _at_most(what, value, limit, unit=" ×"):
    return Goal(what, value, f"≤ {limit:g}{unit}", value is not None and value <= limit, unit)


def _at_least(what, value, limit):
    return Goal(what, value, f"≥ {limit:g} × faster", value is not None and value >= limit, " ×")


def _case_goals(part, name, case, over, against):
    title = f"{part.VERSION}: {case.title if case else name}"
    if over is not None:
        yield _at_most(f"{title}, over {case.floor.name if case else 'its floor'}",
                       ratio(case.tool, case.floor) if case else None, over)
    if against is not None:
        goal = _at_least(f"{title}, against {part.RIVAL.SHORT}", faster(case) if case else None, against)
        goal.remark = _remark(case)
        yield goal
    if name.endswith("nothing"):
        yield _at_most(f"{title}, HTTP requests", len(case.requests) if case else None, 0, "")


def goals(parts):
    made = []
    for part in parts:
        cases = {case.name: case for case in part.done}
        for name, limits in _LIMITS[part.VERSION].items():
            made += _case_goals(part, name, cases.get(name), *limits)
        if part.size:
            made += _memory_goals(part.peaks)
            made.append(_at_most("stripped dynamic binary", part.size / 1000, KB_OF_PROGRAM, " KB"))
    return made


def _memory_goals(peaks):
    made = [_at_most(f"peak memory, export of {rows:,} rows", megabytes(runs), MB_OF_MEMORY, " MB")
            for rows, runs in peaks.items()]
    twice = None
    if len(peaks) == 2:
        small, large = (statistics.median(runs) for _, runs in sorted(peaks.items()))
        twice = large / small
    return made + [_at_most("peak memory, twice the rows", twice, SAME_MEMORY)]


def megabytes(runs):
    """The worst of some peaks in KiB."""
    return max(runs) * 1024 / 1e6


# ---- requests ----

def kinds(record):
    """{"SEARCH /items/articles": how many}, without ids and queries."""
    counted = Counter()
    for request in record:
        path = re.sub(r"/[0-9a-f]{8}-[0-9a-f-]{27}|/\d+(?=/|$)", "/:id", request["path"].split("?")[0])
        counted[f"{request['method']} {path}"] += 1
    return counted


def _reason(kind):
    return next((words for pattern, words in _REASONS if re.match(pattern, kind)), "NO REASON KNOWN")


def _kind_lines(record):
    """One line a kind; the many collections of one form in one line."""
    lines = {}
    for kind, count in kinds(record).items():
        form = re.sub(r"(/items/|/fields/).*", r"\1…", kind)
        entry = lines.setdefault(form, [0, set(), _reason(kind)])
        entry[0] += count
        entry[1].add(kind)
    for form, (count, which, words) in lines.items():
        of = f" ({len(which)} collections)" if len(which) > 1 else ""
        yield f"| {count} | `{form}`{of} | {words} |"


# ---- telling ----

def _seconds(value):
    if value is None:
        return "–"
    return f"{value * 1000:.1f} ms" if value < 0.1 else f"{value:.3f} s"


def _measured(contender):
    return _seconds(contender.median()) if contender else "–"


def _ranged(contender):
    """The rival's times have two heights, a second apart: at its end it may wait for its logger."""
    if not contender or not contender.runs:
        return "–"
    return f"{_measured(contender)} ({min(contender.seconds()):.1f}–{max(contender.seconds()):.1f})"


def _row(case):
    against = faster(case)
    return "| " + " | ".join([
        case.title, _measured(case.tool), _measured(case.floor), f"{ratio(case.tool, case.floor):.2f} ×",
        _ranged(case.rival), f"{against:.1f} ×" if against else "–",
        str(len(case.requests)) if case.requests is not None else "–", f"{len(case.tool.runs)}"
        + (f" / {len(case.rival.runs)}" if case.rival and case.rival.runs else ""),
    ]) + " |"


def _table(part):
    rival = part.RIVAL.SHORT
    lines = ["", f"## Directus {part.VERSION}, against {part.RIVAL.NAME}", "",
             f"| | schema-sync | floor | of floor | {rival} | faster | requests | runs |", "|---|---|---|---|---|---|---|---|"]
    for case in part.done:
        lines.append(_row(case))
        if case.aside and case.aside.runs:
            against = faster(case, case.aside)
            lines.append(f"| … {case.aside.name} | | | | {_ranged(case.aside)} | {against:.1f} × | | |")
    lines.append("")
    lines += [f"- {case.title}: {note}." for case in part.done for note in case.notes]
    lines += [f"- {note}" for note in part.notes]
    lines += [f"- {name} could not be measured: {words}" for name, words in part.failed.items()]
    if part.peaks:
        lines += ["", "| rows exported | peak memory |", "|---|---|"]
        lines += [f"| {rows:,} | {megabytes(runs):.1f} MB |" for rows, runs in part.peaks.items()]
    if part.size:
        lines += ["", f"Stripped binary: {part.size:,} bytes."]
    return lines


def _requests(part):
    lines = []
    for case in part.done:
        if case.requests and case.name in _LIMITS[part.VERSION]:
            lines += ["", f"## Requests: {case.title} ({part.VERSION})", "", "| | request | why not fewer |", "|---|---|---|"]
            lines += list(_kind_lines(case.requests))
    return lines


def markdown(parts, judged, circumstances):
    lines = ["# Benchmark", ""] + [f"- {name}: {value}" for name, value in circumstances.items()]
    lines += ["", "Medians of wall clock, from just before a program is started until it has ended. The floor sends the "
              "tool's requests one after the other over one connection; the tool has two."]
    for part in parts:
        lines += _table(part)
    lines += ["", "## Goals", ""] + [f"- {goal.text()}" for goal in judged]
    for part in parts:
        lines += _requests(part)
    return "\n".join(lines) + "\n"


def document(parts, judged, circumstances):
    def contender(one):
        return one and {"name": one.name, "median": one.median(), "seconds": one.seconds(),
                        "rss_kib": [run.rss for run in one.runs]}

    return {
        "circumstances": circumstances,
        "cases": [{
            "directus": part.VERSION, "name": case.name, "title": case.title, "tool": contender(case.tool),
            "floor": contender(case.floor), "rival": contender(case.rival), "aside": contender(case.aside),
            "of_floor": ratio(case.tool, case.floor), "faster": faster(case),
            "requests": None if case.requests is None else dict(kinds(case.requests)), "notes": case.notes,
        } for part in parts for case in part.done],
        "memory_kib": {str(rows): runs for part in parts for rows, runs in part.peaks.items()},
        "binary_bytes": next((part.size for part in parts if part.size), None),
        "goals": [{"goal": goal.what, "value": goal.value, "limit": goal.limit, "reached": goal.reached,
                   "remark": goal.remark} for goal in judged],
        "notes": [note for part in parts for note in part.notes],
        "failed": {name: words for part in parts for name, words in part.failed.items()},
    }
