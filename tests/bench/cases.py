"""The cases of either version: who does what, from which state, and how it is made sure that it was done."""

import shutil
from dataclasses import dataclass, field

from .measure import BenchError, Command, Contender, in_turns

TOOL, FLOOR = "schema-sync", "floor"
_COUNTED = ["directus_collections", "directus_fields", "directus_relations", "directus_roles", "directus_policies",
            "directus_access", "directus_permissions", "directus_flows", "directus_operations", "directus_dashboards",
            "directus_panels", "directus_presets", "directus_translations", "directus_folders"]


@dataclass
class Case:
    """A row of the table. Its goals are judged in report.py by `name`."""

    name: str
    title: str
    tool: Contender
    floor: Contender
    rival: Contender = None
    aside: Contender = None  # the rival in another way: measured and told, not judged
    requests: list = None  # what the tool sent; None: the case is not about requests
    notes: list = field(default_factory=list)


@dataclass
class Effort:
    """How often: `rounds` of so many pairs, the rival once a round."""

    rounds: int
    pairs: int = 3
    quick_pairs: int = 9  # of what takes milliseconds


class Cases:
    """What the benchmarks of both versions share: parts one after the other, contenders in turns."""

    VERSION = RIVAL = None  # of a subclass
    lean = None  # the repository without rows: what the rival carries

    def __init__(self, setting, effort, say):
        self.setting, self.effort, self.say = setting, effort, say
        self.dev, self.prod = setting.dev, setting.prod
        self.done = []
        self.failed = {}  # what could not be measured: why
        self.notes = []
        self.peaks = {}  # rows exported: peak memory in KiB of each run
        self.size = None  # bytes of the stripped program, where it is looked at

    def measure(self):
        """Everything; a case that fails does not take the others' results along."""
        self.prepare()
        for name, part in self.parts():
            try:
                part()
            except (BenchError, AssertionError) as failure:
                self.failed[name] = str(failure)
                self.say(f"{name} failed: {failure}")

    def prepare(self):
        raise NotImplementedError

    def parts(self):
        raise NotImplementedError

    def _rival_command(self, who, verb, instance):
        return Command(getattr(who, verb)(instance), who.env, who.folder)

    def _rival_run(self, who, verb, instance):
        return self.setting.stopwatch.expect(self._rival_command(who, verb, instance))

    # ---- export ----

    def _export(self, name, title, repository, empty=False):
        setting, who = self.setting, self.setting.rival(name)
        self._rival_run(who, "pull", self.dev)
        arguments = ["--env", "dev", "export"]
        repository.run(*arguments, "--overwrite").check()  # dev last saw another repository's files

        def wipe():
            if empty:
                shutil.rmtree(repository.state)

        def by_tool():
            wipe()
            return setting.command(repository, *arguments)

        def by_rival(verb):
            if empty:
                who.forget()
            return self._rival_command(who, verb, self.dev)

        def unchanged(_):
            changed = repository.git("status", "--porcelain")
            if changed:
                raise BenchError(f"{title}: the export changed the files:\n{changed}")

        wipe()
        record = setting.recorded(repository, *arguments)
        case = Case(
            name, title, Contender(TOOL, by_tool, unchanged),
            Contender(FLOOR, lambda: setting.replay(name, record, self.dev)),
            Contender(self.RIVAL.SHORT, lambda: by_rival("pull")),
            Contender(self.RIVAL.ASIDE, lambda: by_rival("pull_aside")) if self.RIVAL.ASIDE else None, record,
        )
        if repository is not self.lean:
            case.notes.append(f"{self.RIVAL.SHORT}: pull, which carries no rows")
        self._play(case)

    def _play(self, case, *, pairs=None, enter=None, leave=None):
        """Rounds of pairs, the rival at the end of each; `enter` and `leave` put the instance right for either."""
        self.say(case.title)
        for _ in range(self.effort.rounds):
            if enter:
                enter()
            in_turns(self.setting.stopwatch, [case.tool, case.floor], pairs or self.effort.pairs)
            if leave:
                leave()
            self._rival_turn(case)
        self._finish(case)

    def _rival_turn(self, *cases):
        """What the rival cannot do is told, and hides nothing of the rest."""
        try:
            for rival in filter(None, (cases[0].rival, cases[0].aside)):
                rival.turn(self.setting.stopwatch)
        except BenchError as failure:
            for case in cases:
                case.notes.append(f"{self.RIVAL.SHORT} failed: {str(failure)[-600:]}")

    def _finish(self, *cases):
        for case in cases:
            self.done.append(case)
            told = [f"{one.name} {one.median():.4f} s" for one in (case.tool, case.floor, case.rival, case.aside)
                    if one and one.runs]
            self.say(f"{case.title}: {', '.join(told)}")

    def _from(self, label, command):
        self.setting.put(self.prod, label)
        return command

    def _first_import(self, name, title, repository, rival):
        setting, arguments = self.setting, ["--env", "prod", "import"]
        setting.put(self.prod, "empty")
        record = setting.recorded(repository, *arguments)
        wanted = self._content()

        def same(_):
            if self._content() != wanted:
                raise BenchError(f"{title}: prod holds {self._content()}, not {wanted}")

        return Case(
            name, title,
            Contender(TOOL, lambda: self._from("empty", setting.command(repository, *arguments)), same),
            Contender(FLOOR, lambda: self._from("installed", setting.replay(name, record, self.prod)), same),
            rival, requests=record,
        )

    def _content(self):
        """How many rows prod has in each table that an import writes to."""
        tables = self.prod.query(
            "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname NOT LIKE 'directus\\_%'"
        )
        names = sorted(_COUNTED + [table["name"] for table in tables])
        counts = ", ".join(f"(SELECT count(*) FROM \"{name}\") AS \"{name}\"" for name in names)
        return self.prod.query(f"SELECT {counts}")[0]

    # ---- nothing to do ----

    def _nothing(self, name, repository, who, notes):
        setting, arguments = self.setting, ["--env", "prod", "import"]
        setting.put(self.prod, "imported")
        record = setting.recorded(repository, *arguments)
        before = self.prod.api.newest_activity()

        def untouched(_):
            if self.prod.api.newest_activity() != before:
                raise BenchError("an import with nothing to do wrote something")

        case = Case(
            name, "nothing to do", Contender(TOOL, lambda: setting.command(repository, *arguments), untouched),
            Contender("floor_noop", lambda: setting.replay_noop(self.prod)),
            Contender(self.RIVAL.SHORT, lambda: self._rival_command(who, "push", self.prod)), requests=record,
            notes=["floor: floor_noop, one row by SQL", *notes],
        )
        self._play(
            case, pairs=self.effort.quick_pairs, enter=lambda: setting.put(self.prod, "imported"),
            leave=lambda: setting.put(self.prod, "rival"),
        )
