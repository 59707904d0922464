"""Directus 11.17.4 against directus-sync: the whole project, and start-up, memory and size of the program."""

import os
import shutil

from tests.project import FULL
from tests.support import install, processes

from .cases import FLOOR, TOOL, Case, Cases
from .measure import BenchError, Command, Contender, binary_size, in_turns
from .rival import DirectusSync
from .setting import bearable, copy_tree, without_rows

CURL = "curl"
_BEFORE, _AFTER = ["*"], ["label"]
_LARGE = 100_000


class Eleven(Cases):
    """Both projects: with rows, and as light as the rival needs it."""

    VERSION, RIVAL = install.DIRECTUS, DirectusSync

    def parts(self):
        return (
            ("export", lambda: self._export("export", "export, files unchanged", self.repository)),
            ("export-empty", lambda: self._export("export-empty", "export into an empty folder", self.repository, True)),
            ("export-lean", lambda: self._export("export-lean", "export without rows", self.lean)),
            ("first-import", self.first_imports), ("one-permission", self.one_permission), ("nothing", self.nothing),
            ("version", self.version), ("memory", self.memory),
        )

    # ---- before the clock ----

    def prepare(self):
        """Loads the project, exports it before and after the change of one permission, lets the rival pull both."""
        setting = self.setting
        self._prepare_rival()
        self.say("loading the project into dev")
        setting.put(self.dev, "empty")
        FULL.load(self.dev.api)
        self.dev.save("full")
        setting.warm(self.dev)
        self.repository = setting.repository(FULL.config)
        self.states = {}
        for name, fields in (("before", _BEFORE), ("after", _AFTER), ("before", _BEFORE)):
            setting.change_permission(self.dev, fields)
            self.repository.run("--env", "dev", "export").check()
            self.states[name] = os.path.join(setting.lab.folder, f"state-{name}")
            copy_tree(self.repository.state, self.states[name])
        self.repository.commit("before")
        self.lean = setting.repository(without_rows(FULL))
        self.lean.run("--env", "dev", "export", "--overwrite").check()
        self.lean.commit("without rows")
        self._prepare_prod()

    def _prepare_rival(self):
        """Its pushes work with a lighter project; the whole one is tried once, for the record."""
        setting = self.setting
        self.say("loading the project that directus-sync can push into dev")
        setting.put(self.dev, "empty")
        bearable(FULL).load(self.dev.api)
        setting.warm(self.dev)
        self.rivals = {}
        for name, fields in (("before", _BEFORE), ("after", _AFTER)):
            setting.change_permission(self.dev, fields)
            self.rivals[name] = setting.rival(name)
            self._rival_run(self.rivals[name], "pull", self.dev)
        self.say("directus-sync pushes it into prod")
        self._rival_run(self.rivals["before"], "push", self.prod)
        self.prod.save("rival")

    def _prepare_prod(self):
        """prod with the marker's columns, prod after an import: where floors and small imports start."""
        self.setting.put(self.prod, "empty")
        self.repository.run("--env", "prod", "install").check()
        self.prod.save("installed")
        self.say("schema-sync imports the project into prod")
        self.setting.put(self.prod, "empty")
        self.repository.run("--env", "prod", "import").check()
        self.prod.save("imported")

    # ---- first import ----

    def first_imports(self):
        """All start from an empty prod. The floor has the marker's columns already: they are no HTTP."""
        who = self.rivals["before"]
        rival = Contender(self.RIVAL.SHORT, lambda: self._from("empty", self._rival_command(who, "push", self.prod)))
        cases = [
            self._first_import("first-import", "first import", self.repository, rival),
            self._first_import("first-import-lean", "first import without rows", self.lean, rival),
        ]
        note = "directus-sync: push of the project without repeated permissions and the operations' circle"
        cases[0].notes.append(f"{note}, without rows")
        cases[1].notes.append(note)
        self.say("first imports")
        for _ in range(self.effort.rounds):
            in_turns(
                self.setting.stopwatch, [one for case in cases for one in (case.tool, case.floor)], self.effort.pairs
            )
            self._rival_turn(*cases)
        self._finish(*cases)
        self._try_whole()

    def _try_whole(self):
        """The rival and the whole project, once, for the record."""
        self.say("directus-sync tries the whole project")
        who = self.setting.rival("whole")
        self._rival_run(who, "pull", self.dev)
        self.setting.put(self.prod, "empty")
        run = self.setting.stopwatch.run(self._rival_command(who, "push", self.prod))
        if run.status == 0:
            self.notes.append(f"directus-sync pushed the whole project (without rows) in {run.seconds:.1f} s.")
            return
        words = next((line for line in (run.out + run.err).splitlines() if "Error" in line), "no message")
        self.notes.append(
            f"directus-sync could not push the whole project; it ended with {run.status} after {run.seconds:.1f} s: "
            f"{words.strip()[:240]}"
        )

    # ---- one permission ----

    def one_permission(self):
        """There and back again: before → after → before …, the floor each time from where the tool started."""
        setting, title = self.setting, "one permission changed"
        arguments = ["--env", "prod", "import"]
        fields = {"before": _BEFORE, "after": _AFTER}
        other = {"before": "after", "after": "before"}
        now, records = ["before"], {}

        def enter():
            setting.put(self.prod, "imported")
            now[0] = "before"

        def step():
            now[0] = other[now[0]]
            copy_tree(self.states[now[0]], self.repository.state)
            self.repository.commit(now[0])

        def by_tool():
            step()
            return setting.command(self.repository, *arguments)

        def by_floor():
            setting.change_permission(self.prod, fields[other[now[0]]])
            return setting.replay("permission", records[now[0]], self.prod)

        def changed(_):
            if setting.permission(self.prod)["fields"] != fields[now[0]]:
                raise BenchError(f"{title}: the permission is not as it should be {now[0]}")

        def back():
            copy_tree(self.states["before"], self.repository.state)
            self.repository.commit("before")
            setting.put(self.prod, "rival")

        enter()
        for _ in range(2):
            step()
            records[now[0]] = setting.recorded(self.repository, *arguments)
        who = self.rivals["after"]
        case = Case(
            "one-permission", title, Contender(TOOL, by_tool, changed), Contender(FLOOR, by_floor, changed),
            Contender(self.RIVAL.SHORT, lambda: self._rival_command(who, "push", self.prod), lambda _: self._pushed()),
            requests=records["after"], notes=["directus-sync: push, prod known to it from an earlier push"],
        )
        self._play(case, enter=enter, leave=back)

    def _pushed(self):
        if self.setting.permission(self.prod)["fields"] != _AFTER:
            raise BenchError("directus-sync did not push the changed permission")

    def nothing(self):
        self._nothing("nothing", self.repository, self.rivals["before"], ["directus-sync: push of what it pushed before"])

    # ---- start-up, memory, size ----

    def version(self):
        curl = shutil.which("curl")
        if curl is None:
            raise BenchError("curl is not installed")
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        program = self.setting.command(self.repository).argv[0]
        case = Case(
            "version", "--version (floor: curl --version)",
            Contender(TOOL, lambda: Command([program, "--version"], env, "/")),
            Contender(CURL, lambda: Command([curl, "--version"], env, "/")),
        )
        self._play(case, pairs=self.effort.quick_pairs)

    def memory(self):
        """Peak memory of an export of a table, at two sizes."""
        self.say(f"exports of {_LARGE:,} and {2 * _LARGE:,} rows")
        self.setting.put(self.dev, "empty")
        self.dev.api.post("/collections", _large_collection())
        for index in range(2):
            self.dev.execute(_large_rows(index * _LARGE + 1, (index + 1) * _LARGE))
            repository = self.setting.repository({"collections": {"readings": True}})
            command = self.setting.command(repository, "--env", "dev", "export", "--overwrite")
            runs = [self.setting.stopwatch.expect(command) for _ in range(3)]
            rows = len(repository.json("schema/data/readings.json"))
            if rows != (index + 1) * _LARGE:
                raise BenchError(f"the export has {rows} rows, not {(index + 1) * _LARGE}")
            self.peaks[rows] = [run.rss for run in runs]

    def measure(self):
        super().measure()
        program = self.setting.command(self.repository).argv[0]
        self.size = binary_size(program, processes.work_folder("size"))


def _large_collection():
    def column(name, kind, special=None, **schema):
        return {"field": name, "type": kind, "schema": schema, "meta": {"special": special}}

    return {
        "collection": "readings", "schema": {"name": "readings"}, "meta": {},
        "fields": [
            column("id", "uuid", ["uuid"], is_primary_key=True, is_nullable=False), column("station", "string"),
            column("note", "text"), column("value", "float"), column("price", "decimal"), column("valid", "boolean"),
            column("taken", "timestamp"), column("details", "json", ["cast-json"]),
        ],
    }


def _large_rows(first, last):
    """About 400 bytes a row as JSON; keys in no order."""
    return (
        "INSERT INTO readings (id, station, note, value, price, valid, taken, details)"
        " SELECT md5(n::text)::uuid, 'station ' || n % 97, repeat(md5((n * 7)::text) || ' ', 5), n / 7.0, n / 100.0,"
        " n % 2 = 0, timestamp '2024-01-01' + n * interval '1 second',"
        " json_build_object('n', n, 'list', json_build_array(n % 5, n % 7, 'x'))"
        f" FROM generate_series({first}, {last}) n"
    )
