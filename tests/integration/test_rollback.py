"""Rollback: back to an older commit, and it holds."""

import json
import os
import re
import stat
import shutil
import signal
import subprocess
import threading
import unittest

from tests.project import SMALL, uid
from tests.support import case, processes
from tests.support.tool import BRIEF, Repository

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

    def keep_repository(self):
        kept = f"{self.repo.folder}-kept"
        shutil.copytree(self.repo.folder, kept)
        unittest.addModuleCleanup(shutil.rmtree, kept)
        return kept

    def kept_repository(self, kept):
        repo = self.repository(None)
        shutil.rmtree(repo.folder)
        shutil.copytree(kept, repo.folder)
        return repo

    def elsewhere(self):
        """A folder outside of the repository."""
        folder = processes.work_folder("elsewhere")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def clone(self, *arguments):
        """A clone that stands in the repository's place."""
        clone = Repository(dev=self.dev, prod=self.prod)
        self.addCleanup(clone.close)
        shutil.rmtree(clone.folder)
        subprocess.run(["git", "clone", "-q", *arguments, "file://" + self.repo.folder, clone.folder], check=True)
        return clone


class HoldTest(RollbackCase):
    """What may be gone back to, and what it holds against: three states of the settings, of which prod has seen the first
    and has the third."""

    made = {}

    def setUp(self):
        if not self.made:
            self.make()
        self.repo = self.kept_repository(self.made["repository"])
        self.first, self.second, self.third = self.made["commits"]
        self.prod.reset("rollback-third")

    def make(self):
        for instance in (self.dev, self.prod):
            instance.reset()
        self.repo = self.repository(CONFIG)
        self.repo.run("--env", "dev", "export").check()
        commits = [self.change(name) for name in ("first", "second", "third")]
        self.arrive(commits[0], commits[2])
        self.prod.save("rollback-third")
        self.made.update(commits=commits, repository=self.keep_repository())

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
        self.prod.reset()
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

    def test_a_commit_whose_configuration_is_wrong(self):
        """What it carried is asked of it, and it was never checked: it may hold anything."""
        right = self.repo.read("schema-sync.json")
        for wrong, name in (('{"collections": ["notes", "topics"]}', "fourth"), ('{"collections": "all of them"}', "fifth")):
            self.repo.write("schema-sync.json", wrong)
            older = self.change(f"{name}, older")
            self.repo.write("schema-sync.json", right)
            self.change(name)
            self.bring().check()
            self.rollback("--to", older).check()
            self.assertEqual(self.name(), f"{name}, older")
            self.rollback("--resume").check()

    def test_what_is_no_step_backwards(self):
        self.repo.git("checkout", "-q", "-b", "other", self.first)
        other = self.change("other")
        self.repo.git("checkout", "-q", "--orphan", "empty")
        self.repo.git("rm", "-rqf", ".")
        self.repo.commit("nothing")
        self.repo.git("checkout", "-q", "main")
        self.prod.reset()
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
        self.prod.execute("UPDATE directus_settings SET schema_sync_commit = NULL, schema_sync_lineage = NULL")
        self.assert_refused(self.rollback("--to", self.first), 78, "names no commit", "import --ref")

    def test_changes_that_were_never_committed(self):
        self.repo.write("schema/settings.json", self.repo.read("schema/settings.json").replace("third", "by hand"))
        self.bring().check()
        self.assertEqual(self.name(), "by hand")
        done = self.rollback().check()
        self.assertIn("in no commit", done.err)
        self.assertEqual(self.name(), "first")

    def test_what_this_clone_does_not_have(self):
        self.repo.git("checkout", "-q", "-b", "lost")
        lost = self.change("lost")
        self.arrive(lost)
        self.repo.git("checkout", "-q", "main")
        clone = self.clone("--single-branch", "-b", "main")
        done = clone.run("--env", "prod", "rollback", "--to", "HEAD~1")
        self.assert_refused(done, 78, lost[:12], "fetch")
        self.assertEqual(self.name(), "lost")

    # ---- it holds ----

    def test_no_restart_undoes_it(self):
        self.rollback().check()
        for ref in (self.third, self.second):
            kept = self.bring(ref=ref).check()
            self.assertIn("--resume", kept.err)
        self.assertIn("nothing to do", self.bring(ref=self.first).check().out)
        self.assertEqual(self.name(), "first")

    def test_a_fix_ends_it(self):
        self.rollback().check()
        fix = self.change("fixed")
        self.bring().check()
        self.assertEqual((self.name(), self.marker("commit"), self.marker("held")), ("fixed", fix, None))
        self.rollback().check()  # to what the fix replaced
        self.assertEqual(self.name(), "first")

    def test_a_revert_ends_it(self):
        self.rollback().check()
        self.repo.git("revert", "--no-edit", "HEAD")  # the second state
        self.bring().check()
        self.assertEqual((self.name(), self.marker("held")), ("second", None))

    def test_a_revert_that_gives_the_same_files_ends_it(self):
        """As it mostly is: what is bad is rolled back, then reverted."""
        self.rollback("--to", self.second).check()
        self.bring(ref=self.second).check()  # its own image: nothing to do, and it holds on
        self.assertEqual(self.marker("held"), f"rolled back to {self.second}")
        self.repo.git("revert", "--no-edit", "HEAD")
        revert = self.repo.git("rev-parse", "HEAD").strip()
        self.bring("--dry-run").check()
        self.assertEqual(self.marker("held"), f"rolled back to {self.second}")
        self.bring().check()
        self.assertEqual((self.name(), self.marker("held"), self.marker("commit")), ("second", None, revert))
        self.assert_refused(self.bring(ref=self.third), 76, "newer state")

    def test_a_fix_that_fails_is_completed(self):
        """It ended the hold, although it did not arrive: neither its own image nor the rolled back one is held."""
        self.rollback().check()
        fix = self.change("fixed")
        self.fail_half_way()
        self.assertEqual(self.marker("target_commit"), fix)
        self.assertEqual(self.bring(ref=self.third).status, 76)
        self.bring().check()
        self.assertEqual((self.name(), self.marker("held")), ("fixed", None))

    def test_resume(self):
        self.rollback().check()
        back = self.rollback("--resume").check()
        self.assertIn('"first" → "third"', back.out)
        self.assertEqual((self.name(), self.marker("held")), ("third", None))
        self.assertEqual(self.bring(ref=self.first).status, 76)

    def test_an_export_in_between_does_not_end_it(self):
        self.rollback().check()
        self.repo.git("checkout", "-q", self.first)
        self.prod.api.patch("/settings", {"project_name": "by hand"})
        self.repo.run("--env", "prod", "export").check()
        self.repo.git("checkout", "-q", "-f", "main")
        self.bring(ref=self.third).check()
        self.assertEqual(self.name(), "by hand")

    # ---- without a work tree ----

    def test_from_a_bare_clone(self):
        bare = self.clone("--bare")
        for arguments in ((), ("--to", "main~2")):
            done = bare.run("--env", "prod", "rollback", *arguments).check()
            self.assertIn("nothing to do" if arguments else '"third" → "first"', done.out)
        self.assertEqual(self.name(), "first")
        bare.run("--env", "prod", "rollback", "--resume").check()
        self.assertEqual(self.name(), "third")

    def test_from_a_shallow_clone(self):
        deep = self.clone("--depth", "2")
        deep.run("--env", "prod", "rollback", "--to", "HEAD~1").check()
        self.assertEqual(self.name(), "second")
        self.assert_refused(deep.run("--env", "prod", "rollback"), 78, "unshallow")
        self.assert_refused(deep.run("--env", "prod", "rollback", "--to", self.first), 78)

    # ---- failures, and others at work ----

    def fail_half_way(self, *command, kill=False):
        """An import of the files (or `command`) whose writes are never answered."""
        if kill:
            self.repo.env.update(BRIEF)
        with self.proxy(self.prod) as proxy:
            proxy.fault(lambda request: request.method == "PATCH", "stall", times=None)
            run = self.repo.start("--env", "prod", *(command or ("import",)), env={"PROD_DIRECTUS_URL": proxy.url, "SCHEMA_SYNC_RETRY": "0"})
            proxy.await_fault()
            run.kill(signal.SIGKILL if kill else signal.SIGTERM)
            if not kill:
                proxy.close()
            done = run.wait()
        if not kill:
            self.assertNotEqual(done.status, 0)
        return done

    def test_back_from_an_import_that_failed(self):
        fourth = self.change("fourth")
        self.fail_half_way()
        self.assertEqual(self.marker("state"), "failed")
        done = self.rollback().check()  # to what was applied in full
        self.assertEqual((self.marker("commit"), self.marker("state")), (fourth, "clean"), done.err)
        self.assertEqual(self.marker("held"), f"rolled back to {self.third}")
        self.assertIn("--resume", self.bring().check().err)
        self.assertEqual(self.name(), "third")

    def test_back_from_an_import_that_was_killed(self):
        fourth = self.change("fourth")
        self.fail_half_way(kill=True)
        self.assertEqual(self.marker("state"), "importing")
        self.rollback("--to", self.first).check()
        self.assertEqual((self.name(), self.marker("commit")), ("first", fourth))

    def test_a_rollback_that_was_killed(self):
        """It goes on when it is run again, and else holds nothing."""
        self.fail_half_way("rollback", kill=True)
        self.rollback().check()
        self.assertEqual((self.name(), self.marker("commit")), ("first", self.third))
        self.bring().check()
        self.assertEqual(self.name(), "first")
        self.prod.reset("rollback-third")
        self.fail_half_way("rollback", kill=True)
        self.assertEqual((self.marker("state"), self.marker("target_commit")), ("importing", self.third))
        self.assertEqual(self.bring("--again", ref=self.first).status, 76)
        self.bring("--again").check()  # the newer image completes its own
        self.assertEqual((self.name(), self.marker("held")), ("third", None))

    def test_an_export_after_a_rollback_that_failed(self):
        """It makes the marker clean; what held nothing before does not begin to hold then."""
        self.fail_half_way("rollback")
        self.assertEqual((self.marker("state"), self.marker("held")), ("failed", f"rolled back to {self.first}"))
        self.repo.run("--env", "prod", "export", "--overwrite").check()
        self.assertEqual((self.marker("state"), self.marker("held")), ("clean", None))
        self.repo.git("checkout", "-q", "-f", "main")
        self.bring("--again").check()
        self.assertEqual(self.name(), "third")

    def test_an_image_that_starts_meanwhile_waits_and_keeps_it(self):
        with self.proxy(self.prod) as proxy:
            until = threading.Event()
            proxy.fault(lambda request: request.method == "PATCH", "hold", until=until, times=None)
            back = self.repo.start("--env", "prod", "rollback", env={"PROD_DIRECTUS_URL": proxy.url})
            proxy.await_fault()
            self.assertEqual(self.rollback("--wait", "0.1").status, 75)
            meanwhile = self.repo.start("--env", "prod", "import")
            processes.wait_until(lambda: "waiting for" in meanwhile.said() or not meanwhile.running())
            until.set()
            self.assertEqual(back.wait().check().status, 0)
            started = meanwhile.wait()
        self.assertIn("waiting for", started.err)
        self.assertIn("was rolled back", started.err)
        self.assertEqual((started.status, self.name()), (0, "first"))


DESK, STAFF = uid("role", "Small desk"), uid("role", "Small staff")
BOARD, NEW_ROLE, NEW_NOTE = uid("dashboard", "Small"), uid("role", "newer"), uid("notes", "newer")


TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
YES = uid("operation", "Small/yes")


class ContentCase(RollbackCase):
    """The small project, a newer state of it, and things of the target's own."""

    made, begin = {}, "rollback-newer"

    def setUp(self):
        if not self.made:
            self.make()
        self.prod.reset(self.begin)
        self.repo = self.kept_repository(self.made["repository"])

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
            if name == "older":
                self.prod.api.post("/roles", {"name": "Own"})
                self.prod.api.post("/items/topics", {"slug": "own", "label": "of the target"})
                self.prod.save("rollback-older")
        api = self.prod.api
        api.post("/items/fresh", [{"text": "one"}, {"text": "two"}])
        self.prod.save("rollback-newer")
        made["repository"] = self.keep_repository()

    def develop(self):
        api = self.dev.api
        api.post("/collections", {"collection": "fresh", "schema": {}, "meta": {}, "fields": [
            {"field": "id", "type": "integer", "meta": {}, "schema": {"is_primary_key": True, "has_auto_increment": True}},
            {"field": "text", "type": "string", "meta": {}, "schema": {}}]})
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


class ContentTest(ContentCase):
    """What goes and what comes back."""

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
        self.assertEqual(403, api.call("GET", "/items/fresh")[0])
        self.assertEqual(403, api.call("GET", f"/items/notes/{NEW_NOTE}")[0])
        self.assertEqual(403, api.call("GET", f"/roles/{NEW_ROLE}")[0])
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

    def test_a_backup_is_taken_and_can_be_put_back(self):
        note = uid("notes", 1)
        self.prod.api.patch(f"/items/notes/{note}", {"title": "by hand", "mood": TOKEN})
        self.prod.api.patch(f"/operations/{YES}", {"options": {"message": "yes", "headers": {"Authorization": TOKEN}}})
        said = self.repo.run("--json", "--env", "prod", "rollback", "--allow-delete").check()
        backup = said.json()["backup"]
        self.assertIn(backup, said.err)
        self.assertIn("does not hold the secret", said.err)
        self.assertRegex(os.path.basename(backup), r"^\d{8}T\d{6}Z-" + self.made["newer"][:12] + "$")
        self.assertEqual(os.path.dirname(backup), os.path.join(self.repo.folder, "schema-sync-backups/prod"))
        self.assertEqual(stat.S_IMODE(os.stat(backup).st_mode), 0o700)
        self.assertEqual("", self.repo.git("status", "--porcelain", "--", "schema-sync-backups"))
        files = self.repo.files(os.path.relpath(backup, self.repo.folder))
        self.assertEqual([], [path for path, text in files.items() if TOKEN.encode() in text])
        self.assertIn(b"by hand", files["schema/data/notes.json"])

        refused = self.rollback("--restore", backup, "--allow-delete")
        self.assertEqual(refused.status, 78, refused.err)
        name = re.search(r"NOT_IN_BACKUP_[A-Z0-9_]+", refused.err).group()
        self.rollback("--restore", backup, "--allow-delete", env={name: TOKEN}).check()
        self.assertEqual("by hand", self.prod.api.get(f"/items/notes/{note}")["title"])
        self.assertEqual(TOKEN, self.prod.api.get(f"/operations/{YES}")["options"]["headers"]["Authorization"])
        self.assertIn("rolled back to the backup", self.marker("held"))
        self.assertIn("--resume", self.bring().check().err)
        self.prod.api.patch(f"/items/notes/{note}", {"title": "changed", "mood": "sad"})
        self.prod.api.patch(f"/operations/{YES}", {"options": {"message": "yes"}})
        self.assert_is("newer")

    def test_a_section_without_a_record(self):
        """None, or not carried: only the older commit's configuration can tell."""
        board = {"id": uid("dashboard", "third"), "name": "Third", "icon": "dashboard", "panels": []}
        without = {**SMALL.config, "collections": {**SMALL.config["collections"], "directus_dashboards": False}}
        self.repo.write("schema-sync.json", json.dumps(without))
        self.repo.commit("no dashboards are carried")
        self.repo.write("schema-sync.json", json.dumps(SMALL.config))
        self.repo.write("schema/dashboards/third.json", json.dumps(board))
        self.repo.commit("the first dashboard")
        self.bring().check()
        self.rollback("--to", "HEAD~1").check()
        self.assertEqual(["Third"], [one["name"] for one in self.prod.api.get("/dashboards")])
        self.rollback("--resume").check()
        self.rollback().check()
        self.assertEqual([], self.prod.api.get("/dashboards"))

    def test_rows_that_were_not_carried(self):
        """An older commit without a file of the collection says nothing of its rows."""
        repo = self.repo
        rows = repo.read("schema/data/topics.json")
        repo.git("rm", "-q", "schema/data/topics.json")
        repo.commit("the rows of topics are not carried")
        repo.write("schema/data/topics.json", rows.replace('"Ä"', '"carried"'))
        repo.commit("the rows of topics are carried")
        self.bring().check()
        self.rollback("--to", "HEAD~1").check()
        self.assertEqual(["a/b", "own", "plain"], sorted(one["slug"] for one in self.prod.api.get("/items/topics")))

    def test_what_is_no_backup(self):
        for folder, word in ((self.repo.state, "is no backup"), ("/nowhere", "is no backup")):
            done = self.rollback("--restore", folder)
            self.assertEqual(done.status, 78, done.err)
            self.assertIn(word, done.err)
        self.assertEqual(self.rollback("--restore", "a", "--to", "HEAD").status, 64)
        with self.nothing_written(self.prod):
            done = self.rollback("--allow-delete", "--backup", "schema/backups")
            self.assertEqual(done.status, 78, done.err)
            self.assertIn("within the state folder", done.err)
            done = self.rollback("--allow-delete", "--backup", "schema-sync.json")  # a file
            self.assertEqual(done.status, 74, done.err)


class FailureTest(ContentCase):
    """An import that fails and takes back what it has written."""

    begin = "rollback-older"

    def refuse(self, when):
        """From now on the database refuses a row of notes."""
        self.prod.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'refused by the test'; END $$",
            f"CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON notes FOR EACH ROW WHEN ({when})"
            " EXECUTE FUNCTION refuse()")

    def assert_as_before(self, marker):
        self.assertEqual(marker, self.marker_row())
        self.prod.execute("DROP TRIGGER IF EXISTS refuse ON notes")
        self.assert_is("older")

    def marker_row(self):
        columns = "state, hash, sections, commit, lineage, applied_at, owner, target_hash, target_commit, held, attempts"
        return self.prod.query("SELECT " + ", ".join(f"schema_sync_{one.strip()}" for one in columns.split(","))
                               + " FROM directus_settings")

    def test_all_of_it_is_taken_back(self):
        marker = self.marker_row()
        secret = {"message": "yes", "headers": {"Authorization": TOKEN}}
        self.prod.api.patch(f"/operations/{YES}", {"options": secret})
        self.refuse("NEW.title = 'newer'")
        done = self.bring("--allow-delete", "--rollback-on-failure")
        self.assertEqual(done.status, 69, done.err)
        self.assertIn("refused by the test", done.err)
        self.assertIn("was taken back", done.err)
        self.assertEqual(secret, self.prod.api.get(f"/operations/{YES}")["options"])
        self.prod.api.patch(f"/operations/{YES}", {"options": {"message": "yes"}})
        self.assert_as_before(marker)
        self.assertEqual("two\nlines \u2028", self.prod.api.get(f"/items/notes/{uid('notes', 0)}")["body"])
        self.assertEqual(403, self.prod.api.call("GET", "/items/fresh")[0])
        self.bring("--allow-delete").check()
        self.assert_is("newer")

    def test_an_interrupted_import_is_taken_back(self):
        marker = self.marker_row()
        with self.proxy(self.prod) as proxy:
            until = threading.Event()
            proxy.fault(lambda request: "/items/notes" in request.path and request.method in ("POST", "PATCH"),
                        "hold", until=until)
            run = self.repo.start("--env", "prod", "import", "--allow-delete", "--rollback-on-failure",
                                  env={"PROD_DIRECTUS_URL": proxy.url})
            proxy.await_fault()
            run.kill(signal.SIGTERM)
            until.set()
            done = run.wait()
        self.assertEqual(done.status, 69, done.err)
        self.assertIn("interrupted by signal", done.err)
        self.assertIn("was taken back", done.err)
        self.assert_as_before(marker)

    def test_without_the_lock_nothing_is_put_back(self):
        """Whose COMMIT finds the claim gone cannot know who writes by now."""
        self.prod.execute(
            "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
            "CREATE TRIGGER forget BEFORE UPDATE ON directus_settings FOR EACH ROW WHEN"
            " (OLD.schema_sync_state = 'importing' AND NEW.schema_sync_state = 'clean') EXECUTE FUNCTION forget()")
        done = self.bring("--allow-delete", "--rollback-on-failure")
        self.assertEqual(done.status, 75, done.err)
        self.assertIn("nothing is put back", done.err)
        self.prod.execute("DROP TRIGGER forget ON directus_settings")
        self.assertEqual("failed", self.marker("state"))
        self.assert_is("newer")

    def test_a_refusal_before_the_first_write_takes_no_backup(self):
        marker = self.marker_row()
        with self.nothing_written(self.prod):
            self.assertEqual(self.bring("--rollback-on-failure").status, 77)
        self.assertFalse(os.path.exists(os.path.join(self.repo.folder, "schema-sync-backups")))
        self.assert_as_before(marker)

    def test_what_cannot_be_put_back_is_said(self):
        """The server is gone from some write on: the backup and the command to put it back by hand are told."""
        with self.proxy(self.prod) as proxy:
            proxy.fault(lambda request: "/items/notes" in request.path and request.method in ("POST", "PATCH"),
                        "drop_before", times=None)
            done = self.bring("--allow-delete", "--rollback-on-failure",
                              env={"PROD_DIRECTUS_URL": proxy.url, "SCHEMA_SYNC_RETRY": "0"})
        self.assertEqual(done.status, 69, done.err)
        self.assertEqual("failed", self.marker("state"))
        command = re.search(r"schema-sync (--env prod rollback --allow-delete --restore \S+)", done.err).group(1)
        self.assertNotIn("was taken back", done.err)
        self.repo.run(*command.split()).check()
        self.assertEqual("clean", self.marker("state"))
        self.assert_is("older")
        self.assertIn("--resume", self.bring().check().err)

    def test_rules_for_what_the_target_is_yet_to_get(self):
        """Configuration and state arrive in one commit: the backup, and the way back, are of a time before both."""
        chosen = {**SMALL.config["collections"], "fresh": {"key": "text"}, "notes": {"exclude": ["mood"]}}
        self.repo.write("schema-sync.json", json.dumps({"collections": chosen}))
        self.repo.commit("rows of fresh")
        done = self.bring("--json", "--allow-delete", "--backup", os.path.join(self.elsewhere(), "a backup")).check()
        for arguments in (("--restore", done.json()["backup"]), ("--to", self.made["older"])):
            self.assertEqual(200, self.prod.api.call("GET", "/items/fresh")[0], arguments)
            self.rollback("--allow-delete", *arguments).check()
            self.assertEqual(403, self.prod.api.call("GET", "/items/fresh")[0])
            self.assertEqual("two\nlines \u2028", self.prod.api.get(f"/items/notes/{uid('notes', 0)}")["body"])
            self.rollback("--resume", "--allow-delete").check()

    def test_the_first_import_is_taken_back(self):
        """The target had none of the collections whose rows are carried, and then has none of them again."""
        self.prod.reset()
        backup = self.bring("--json", "--backup", os.path.join(self.elsewhere(), "first")).check().json()["backup"]
        self.rollback("--allow-delete", "--restore", backup).check()
        self.assertEqual(403, self.prod.api.call("GET", "/items/notes")[0])
        self.assertEqual([], self.prod.api.get("/flows"))

    def test_an_environment_asks_for_backups(self):
        kept = os.path.join(self.elsewhere(), "kept")  # named from the repository, which stands beside it
        relative = os.path.relpath(kept, self.repo.folder)
        config = {**SMALL.config, "environments": {"prod": {"backup": {"dir": relative, "keep": 2}}}}
        self.repo.write("schema-sync.json", json.dumps(config))
        os.makedirs(os.path.join(kept, "prod/20200101T000000Z-foreign"))
        names = []
        for title in ("one", "two", "three"):
            self.repo.write("schema/data/topics.json", self.repo.read("schema/data/topics.json").replace('"Ä"', f'"{title}"'))
            done = self.repo.run("--json", "--env", "prod", "import", "--allow-delete").check().json()
            names.append(os.path.basename(done["backup"]))
            self.repo.write("schema/data/topics.json",
                            self.repo.read("schema/data/topics.json").replace(f'"{title}"', '"Ä"'))
        self.assertEqual(sorted(os.listdir(os.path.join(kept, "prod"))), sorted(["20200101T000000Z-foreign", *names[1:]]))
        self.assertIsNone(self.repo.run("--json", "--env", "prod", "import", "--dry-run").check().json()["backup"])
        for day in (1, 2):  # taken before the clock was set back: later by name
            shutil.copytree(os.path.join(kept, "prod", names[2]), os.path.join(kept, f"prod/2999010{day}T000000Z-later"))
        done = self.repo.run("--json", "--env", "prod", "import", "--allow-delete").check().json()
        self.assertTrue(os.path.exists(os.path.join(done["backup"], "schema/info.json")))
        self.assertFalse(os.path.exists(os.path.join(kept, "prod", names[2])))


if __name__ == "__main__":
    case.main()
