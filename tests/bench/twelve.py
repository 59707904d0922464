"""Directus 12.4.0 against d6s, with the project that an unlicensed Directus 12 bears and d6s carries: no rows, no presets."""

from tests.project import CORE
from tests.support import install

from .cases import Cases
from .measure import Contender
from .rival import D6s
from .setting import official


class Twelve(Cases):
    VERSION, RIVAL = install.NEWEST, D6s

    def parts(self):
        return (
            ("twelve-export", lambda: self._export("twelve-export", "export, files unchanged", self.lean)),
            ("twelve-first-import", self.first_import),
            ("twelve-nothing", lambda: self._nothing(
                "twelve-nothing", self.lean, self.settled, ["d6s: push of what it pushed before, in mode merge"])),
        )

    def prepare(self):
        setting, project = self.setting, official(CORE)
        self.say(f"loading the project that d6s carries into a Directus {self.VERSION}")
        setting.put(self.dev, "empty")
        project.load(self.dev.api)
        setting.warm(self.dev)
        self.lean = setting.repository(project.config)
        self.lean.run("--env", "dev", "export").check()
        self.lean.commit("before")
        self.who, self.settled = setting.rival("first"), setting.rival("settled")
        for who in (self.who, self.settled):
            self._rival_run(who, "pull", self.dev)
        self.say("d6s pushes it into prod")
        setting.put(self.prod, "empty")
        self._rival_run(self.settled, "push", self.prod)
        self.prod.save("rival")
        setting.put(self.prod, "empty")
        self.lean.run("--env", "prod", "install").check()
        self.prod.save("installed")
        self.say("schema-sync imports it into prod")
        setting.put(self.prod, "empty")
        self.lean.run("--env", "prod", "import").check()
        self.prod.save("imported")

    def first_import(self):
        """All start from an empty prod. The floor has the marker's columns already: they are no HTTP."""
        def push():
            self.who.forget_pushes()
            return self._from("empty", self._rival_command(self.who, "push", self.prod))

        rival = Contender(D6s.SHORT, push)
        case = self._first_import("twelve-first-import", "first import", self.lean, rival)
        rival.verify = case.tool.verify
        case.notes.append("d6s: push in mode merge; it does not read back what it wrote")
        self._play(case)
