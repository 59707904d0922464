"""Rollback: back to an older commit, and it holds."""

import json
import shutil
import signal
import subprocess
import time

from tests.project import SMALL, uid
from tests.support import case
from tests.support.tool import Repository

# One section is enough to tell states apart, and makes an import short.
OTHERS = ("collections", "folders", "policies", "translations", "presets", "dashboards", "flows")
CONFIG = {"collections": {f"directus_{name}": False for name in OTHERS}}


def setUpModule():
    case.open_lab()


class RollbackCase(case.Case):
    def rollback(self, *arguments, **options):
        return self.repo.run("--env", "prod", "rollback", *arguments, **options)

    def bring(self, *arguments, ref=None, **options):
        return self.repo.run("--env", "prod", "import", *(("--ref", ref) if ref else ()), *arguments, **options)

    def marker(self, column):
        return self.prod.value(f"SELECT schema_sync_{column} FROM directus_settings")

    def clone(self, *arguments):
        """A clone that stands in the repository's place."""
        clone = Repository(dev=self.dev, prod=self.prod)
        self.addCleanup(clone.close)
        shutil.rmtree(clone.folder)
        subprocess.run(["git", "clone", "-q", *arguments, "file://" + self.repo.folder, clone.folder], check=True)
        return clone


class HoldTest(RollbackCase):
    """What may be gone back to, and what it holds against: three states of the settings."""

    @classmethod
    def setUpClass(cls):
        dev = case.lab().instance("dev")
        dev.reset()
        repo = Repository(CONFIG, dev=dev)
        cls.addClassCleanup(repo.close)
        repo.run("--env", "dev", "export").check()
        cls.state = repo.files()

    def setUp(self):
        self.prod.reset()
        self.repo = self.repository(CONFIG, self.state)
        self.first, self.second, self.third = (self.change(name) for name in ("first", "second", "third"))

    def change(self, name):
        settings = self.repo.json("schema/settings.json")
        self.repo.write("schema/settings.json", json.dumps({**settings, "project_name": name}))
        return self.repo.commit(name)

    def name(self):
        return self.prod.value("SELECT project_name FROM directus_settings")

    def arrive(self, *refs):
        for ref in refs:
            self.bring(ref=ref).check()

    def assert_refused(self, done, status, *words):
        self.assertEqual(done.status, status, done.err)
        for word in ("hint: ", *words):
            self.assertIn(word, done.err)

    # ---- where to ----

    def test_back_to_what_was_applied_before(self):
        """Not to the second commit, which was never applied; and from there along first parents."""
        zeroth, self.first = self.first, self.second
        self.arrive(self.first, self.third)
        seen = self.rollback("--dry-run").check()
        self.assertIn('"third" → "second"', seen.out)
        self.assertEqual(self.name(), "third")
        done = self.rollback().check()
        self.assertIn('"third" → "second"', done.out)
        self.assertIn("undo it with: schema-sync --env prod rollback --resume\n", done.out)
        self.assertEqual(self.name(), "second")
        self.assertEqual(self.marker("commit"), self.third)
        self.assertEqual(self.marker("held"), f"rolled back to {self.first}")
        self.assertEqual(self.marker("state"), "clean")
        self.rollback().check()
        self.assertEqual(self.name(), "first")
        self.assertEqual(self.marker("held"), f"rolled back to {zeroth}")
        self.assert_refused(self.rollback(), 78, "--to", zeroth[:12])
        self.assertEqual(self.name(), "first")

    def test_a_named_commit(self):
        self.repo.git("tag", "v1.0.0", self.first)
        self.arrive(self.first, self.second, self.third)
        said = self.repo.run("--json", "--env", "prod", "rollback", "--to", "v1.0.0").check().json()
        self.assertEqual((said["from"], said["to"], said["holds"]), (self.third, self.first, self.third))
        self.assertEqual(said["undo"], "schema-sync --env prod rollback --resume")
        self.assertTrue(said["written"])
        self.assertEqual(self.marker("held"), f"rolled back to {self.first} (v1.0.0)")
        self.assertEqual(self.name(), "first")
        again = self.rollback("--to", "v1.0.0").check()
        self.assertIn("nothing to do", again.out)
        # Half of the way forward again is backwards still, seen from what it holds against.
        self.rollback("--to", self.second).check()
        self.assertEqual((self.name(), self.marker("commit")), ("second", self.third))

    def test_what_is_no_step_backwards(self):
        self.repo.git("checkout", "-q", "-b", "other", self.first)
        other = self.change("other")
        self.repo.git("checkout", "-q", "--orphan", "empty")
        self.repo.git("rm", "-rqf", ".")
        self.repo.commit("nothing")
        self.repo.git("checkout", "-q", "main")
        self.assert_refused(self.rollback(), 78, "nothing was imported")
        self.arrive(self.first, self.second)
        with self.nothing_written(self.prod):
            self.assert_refused(self.rollback("--to", self.third), 76, f"import --ref {self.third}")
            self.assert_refused(self.rollback("--to", other), 76, "--allow-diverged")
            self.assert_refused(self.rollback("--to", "empty"), 65, "no state")
            self.assert_refused(self.rollback("--to", "v9"), 78, "no commit of this repository")
            self.assertEqual(self.rollback("--to", "main", "--resume").status, 64)
            self.assertIn("nothing to do", self.rollback("--to", self.second).check().out)
            self.assertIn("no rollback holds", self.rollback("--resume").check().err)

    def test_a_marker_without_a_commit(self):
        self.arrive(self.second)
        self.prod.execute("UPDATE directus_settings SET schema_sync_commit = NULL, schema_sync_lineage = NULL")
        self.assert_refused(self.rollback("--to", self.first), 78, "names no commit", "import --ref")

    def test_changes_that_were_never_committed(self):
        self.arrive(self.first, self.second)
        self.repo.git("checkout", "-q", self.second)
        self.repo.write("schema/settings.json", self.repo.read("schema/settings.json").replace("second", "by hand"))
        self.bring().check()
        self.assertEqual(self.name(), "by hand")
        done = self.rollback().check()
        self.assertIn("in no commit", done.err)
        self.assertEqual(self.name(), "first")

    def test_what_this_clone_does_not_have(self):
        self.arrive(self.first, self.second)
        self.repo.git("checkout", "-q", "-b", "lost", self.second)
        lost = self.change("lost")
        self.arrive(lost)
        self.repo.git("checkout", "-q", "main")
        clone = self.clone("--single-branch", "-b", "main")
        done = clone.run("--env", "prod", "rollback", "--to", "HEAD~1")
        self.assert_refused(done, 78, lost[:12], "fetch")
        self.assertEqual(self.name(), "lost")

    # ---- it holds ----

    def test_no_restart_undoes_it(self):
        self.arrive(self.first, self.third)
        self.rollback().check()
        for ref in (self.third, self.second):
            kept = self.bring(ref=ref).check()
            self.assertIn("--resume", kept.err)
        self.assertIn("nothing to do", self.bring(ref=self.first).check().out)
        self.assertEqual(self.name(), "first")

    def test_a_fix_ends_it(self):
        self.arrive(self.first, self.third)
        self.rollback().check()
        fix = self.change("fixed")
        self.bring().check()
        self.assertEqual((self.name(), self.marker("commit"), self.marker("held")), ("fixed", fix, None))
        self.rollback().check()  # to what the fix replaced
        self.assertEqual(self.name(), "first")

    def test_a_revert_ends_it(self):
        self.arrive(self.first, self.third)
        self.rollback().check()
        self.repo.git("revert", "--no-edit", "HEAD")  # the second state
        self.bring().check()
        self.assertEqual((self.name(), self.marker("held")), ("second", None))

    def test_a_fix_that_fails_is_completed(self):
        """It ended the hold, although it did not arrive: neither its own image nor the rolled back one is held."""
        self.arrive(self.first, self.third)
        self.rollback().check()
        fix = self.change("fixed")
        self.fail_half_way()
        self.assertEqual(self.marker("target_commit"), fix)
        self.assertEqual(self.bring(ref=self.third).status, 76)
        self.bring().check()
        self.assertEqual((self.name(), self.marker("held")), ("fixed", None))

    def test_resume(self):
        self.arrive(self.first, self.third)
        self.rollback().check()
        back = self.rollback("--resume").check()
        self.assertIn('"first" → "third"', back.out)
        self.assertEqual((self.name(), self.marker("held")), ("third", None))
        self.assertEqual(self.bring(ref=self.first).status, 76)

    def test_an_export_in_between_does_not_end_it(self):
        self.arrive(self.first, self.third)
        self.rollback().check()
        self.repo.git("checkout", "-q", self.first)
        self.prod.api.patch("/settings", {"project_name": "by hand"})
        self.repo.run("--env", "prod", "export").check()
        self.repo.git("checkout", "-q", "-f", "main")
        self.bring(ref=self.third).check()
        self.assertEqual(self.name(), "by hand")

    # ---- without a work tree ----

    def test_from_a_bare_clone(self):
        self.arrive(self.first, self.third)
        bare = self.clone("--bare")
        for arguments in ((), ("--to", "main~2")):
            done = bare.run("--env", "prod", "rollback", *arguments).check()
            self.assertIn("nothing to do" if arguments else '"third" → "first"', done.out)
        self.assertEqual(self.name(), "first")
        bare.run("--env", "prod", "rollback", "--resume").check()
        self.assertEqual(self.name(), "third")

    def test_from_a_shallow_clone(self):
        self.arrive(self.first, self.second, self.third)
        deep = self.clone("--depth", "2")
        deep.run("--env", "prod", "rollback", "--to", "HEAD~1").check()
        self.assertEqual(self.name(), "second")
        self.assert_refused(deep.run("--env", "prod", "rollback"), 78, "unshallow")
        self.assert_refused(deep.run("--env", "prod", "rollback", "--to", self.first), 78)

    # ---- failures, and others at work ----

    def fail_half_way(self, *command, kill=False):
        """An import of the files (or `command`) whose writes are never answered."""
        with self.proxy(self.prod) as proxy:
            proxy.fault(lambda request: request.method == "PATCH", "stall", times=None)
            run = self.repo.start("--env", "prod", *(command or ("import",)), env={"PROD_DIRECTUS_URL": proxy.url})
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline and not any(one.fault for one in proxy.log):
                time.sleep(0.05)
            run.kill(signal.SIGKILL if kill else signal.SIGTERM)
            if not kill:
                proxy.close()
            done = run.wait()
        if not kill:
            self.assertNotEqual(done.status, 0)
        return done

    def test_back_from_an_import_that_failed(self):
        self.arrive(self.first, self.second)
        self.fail_half_way()
        self.assertEqual(self.marker("state"), "failed")
        done = self.rollback().check()  # to what was applied in full
        self.assertEqual((self.marker("commit"), self.marker("state")), (self.third, "clean"), done.err)
        self.assertEqual(self.marker("held"), f"rolled back to {self.second}")
        self.assertIn("--resume", self.bring().check().err)
        self.assertEqual(self.name(), "second")

    def test_back_from_an_import_that_was_killed(self):
        self.arrive(self.first, self.second)
        self.fail_half_way(kill=True)
        self.assertEqual(self.marker("state"), "importing")
        self.rollback("--to", self.first).check()
        self.assertEqual((self.name(), self.marker("commit")), ("first", self.third))

    def test_a_rollback_that_was_killed_holds_nothing(self):
        self.arrive(self.first, self.third)
        self.fail_half_way("rollback", kill=True)
        self.assertEqual((self.marker("state"), self.marker("target_commit")), ("importing", self.third))
        self.assertEqual(self.bring("--again", ref=self.first).status, 76)
        self.bring("--again").check()  # the newer image completes its own
        self.assertEqual((self.name(), self.marker("held")), ("third", None))

    def test_a_rollback_that_was_killed_goes_on(self):
        self.arrive(self.first, self.third)
        self.fail_half_way("rollback", kill=True)
        self.rollback().check()
        self.assertEqual((self.name(), self.marker("commit")), ("first", self.third))
        self.bring().check()
        self.assertEqual(self.name(), "first")

    def test_an_image_that_starts_meanwhile_waits_and_keeps_it(self):
        self.arrive(self.first, self.third)
        with self.proxy(self.prod) as proxy:
            proxy.fault(lambda request: request.method == "PATCH", "delay", seconds=1.5, times=None)
            back = self.repo.start("--env", "prod", "rollback", env={"PROD_DIRECTUS_URL": proxy.url})
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline and not any(one.fault for one in proxy.log):
                time.sleep(0.05)
            started = self.bring()
            self.assertEqual(back.wait().check().status, 0)
        self.assertIn("waiting for", started.err)
        self.assertIn("was rolled back", started.err)
        self.assertEqual((started.status, self.name()), (0, "first"))


DESK, STAFF = uid("role", "Small desk"), uid("role", "Small staff")
BOARD, NEW_ROLE, NEW_NOTE = uid("dashboard", "Small"), uid("role", "newer"), uid("notes", "newer")


class ContentTest(RollbackCase):
    """What goes and what comes back: the small project, a newer state of it, and things of the target's own."""

    made = {}

    def setUp(self):
        if not self.made:
            self.make()
        self.prod.reset("rollback-newer")
        self.repo = self.repository(SMALL.config)
        shutil.rmtree(self.repo.folder)
        shutil.copytree(self.made["repository"], self.repo.folder)

    def make(self):
        """Older and newer on dev and in git, both imported into prod, and there something that no state has."""
        SMALL.prepare(self.dev)
        self.prod.reset()
        self.repo = self.repository(SMALL.config)
        repo, made = self.repo, self.made
        for name in ("older", "newer"):
            if name == "newer":
                self.develop()
            repo.run("--env", "dev", "export").check()
            made[name] = repo.commit(name)
            self.bring("--allow-delete").check()
        api = self.prod.api
        api.post("/roles", {"name": "Own"})
        api.post("/items/topics", {"slug": "own", "label": "of the target"})
        api.post("/items/fresh", [{"text": "one"}, {"text": "two"}])
        self.prod.save("rollback-newer")
        made["repository"] = f"{repo.folder}-kept"
        shutil.copytree(repo.folder, made["repository"])
        type(self).addClassCleanup(shutil.rmtree, made["repository"])

    def develop(self):
        api = self.dev.api
        api.post("/collections", {"collection": "fresh", "schema": {}, "meta": {}, "fields": [
            {"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}},
            {"field": "text", "type": "string", "schema": {}}]})
        api.post("/fields/notes", {"field": "mood", "type": "string", "schema": {}, "meta": {}})
        api.delete("/fields/notes/body")
        api.post("/roles", {"id": NEW_ROLE, "name": "Newer", "parent": STAFF})
        api.patch(f"/roles/{DESK}", {"icon": "anchor"})
        api.delete(f"/dashboards/{BOARD}")
        api.post("/items/notes", {"id": NEW_NOTE, "title": "newer", "mood": "glad"})
        api.patch(f"/items/notes/{uid('notes', 1)}", {"title": "changed", "mood": "sad"})
        api.patch(f"/items/notes/{uid('notes', 3)}", {"previous": None})
        api.delete(f"/items/notes/{uid('notes', 0)}")

    def assert_is(self, name):
        """As that state says, and what is the target's own is still there."""
        done = self.repo.run("--env", "prod", "diff", "--again", "--ref", self.made[name])
        self.assertEqual(done.status, 0, done.out + done.err)
        api = self.prod.api
        self.assertEqual(["of the target"], [one["label"] for one in api.get("/items/topics") if one["slug"] == "own"])
        self.assertEqual(1, sum(one["name"] == "Own" for one in api.get("/roles", limit=-1)))

    def test_there_and_back(self):
        newer = self.made["newer"]
        with self.nothing_written(self.prod):
            refused = self.rollback()
            self.assertEqual(refused.status, 77, refused.err)
            for words in ("table fresh would be dropped with 2 rows", "1 row of notes would be deleted", "mood"):
                self.assertIn(words, refused.err)
            plan = self.rollback("--dry-run").check().out
        self.assertIn("needs --allow-delete", plan)
        done = self.rollback("--allow-delete").check()
        self.assertIn("notes.body comes back without the values it had before it was deleted", done.out)
        self.assertNotIn("Own", done.out)
        self.assert_is("older")
        api = self.prod.api
        self.assertEqual(403, api.exchange("GET", "/items/fresh")[0])
        self.assertEqual(403, api.exchange("GET", f"/items/notes/{NEW_NOTE}")[0])
        self.assertEqual(403, api.exchange("GET", f"/roles/{NEW_ROLE}")[0])
        self.assertEqual("edit", api.get(f"/roles/{DESK}")["icon"])
        self.assertEqual("Small", api.get(f"/dashboards/{BOARD}")["name"])
        self.assertEqual("two\nlines \u2028", api.get(f"/items/notes/{uid('notes', 0)}")["body"])
        self.assertEqual(newer, self.marker("commit"))
        self.bring().check()
        self.assert_is("older")
        refused = self.rollback("--resume")
        self.assertEqual(refused.status, 77, refused.err)
        self.rollback("--resume", "--allow-delete").check()
        self.assert_is("newer")

    def test_a_rename_is_undone(self):
        """By SQL, as it was done: what is in the column stays."""
        repo = self.repo
        renames = [{"collection": "topics", "field": "label", "to": "caption"}]
        repo.write("schema-sync.json", json.dumps({**SMALL.config, "renames": renames}))
        for path in ("collections/topics.json", "data/topics.json"):
            repo.write(f"schema/{path}", repo.read(f"schema/{path}").replace('"label"', '"caption"'))
        repo.commit("renamed")
        self.bring().check()
        self.assertEqual("of the target", self.prod.value("SELECT caption FROM topics WHERE slug = 'own'"))
        done = self.rollback().check()
        self.assertIn("> field topics.caption renamed to label", done.out)
        self.assert_is("newer")


if __name__ == "__main__":
    case.main()
