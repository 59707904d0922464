"""Order by git ancestry: an older state never overwrites a newer one, whatever starts first, fails or is killed."""

import json
import os
import shutil
import signal
import subprocess
import unittest

from tests.support import case
from tests.support.tool import BRIEF, Repository


# One section is enough to tell states apart, and makes an import short.
OTHERS = ("collections", "folders", "policies", "translations", "presets", "dashboards", "flows")
CONFIG = {"collections": {f"directus_{name}": False for name in OTHERS}}


def setUpModule():
    case.open_lab()


class OrderTest(case.Case):
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
        self.first = self.change("first")

    def change(self, name):
        """A commit whose only difference is the project's name."""
        settings = self.repo.json("schema/settings.json")
        self.repo.write("schema/settings.json", json.dumps({**settings, "project_name": name}))
        return self.repo.commit(name)

    def bring(self, *arguments, ref=None, **options):
        return self.repo.run("--env", "prod", "import", *(("--ref", ref) if ref else ()), *arguments, **options)

    def name(self):
        return self.prod.value("SELECT project_name FROM directus_settings")

    def marker(self, column):
        return self.prod.value(f"SELECT schema_sync_{column} FROM directus_settings")

    def protect(self):
        self.repo.write("schema-sync.json", json.dumps({**CONFIG, "environments": {"prod": {"protected": True}}}))

    # ---- along one line ----

    def test_older_never_overwrites_newer(self):
        second = self.change("second")
        self.bring().check()
        self.assertEqual(self.marker("commit"), second)
        self.assertEqual(self.marker("lineage"), f"{second} {self.first}")
        older = self.bring(ref=self.first)
        self.assertEqual(older.status, 76, older.err)
        self.assertIn(second[:12], older.err)
        self.assertIn("hint: ", older.err)
        fine = self.bring("--if-newer", "ok", ref=self.first).check()
        self.assertIn("nothing was imported", fine.out)
        self.assertEqual(self.name(), "second")
        self.assertEqual(self.marker("commit"), second)

    def test_a_revert_moves_forward(self):
        self.bring().check()
        self.change("second")
        self.bring().check()
        self.repo.git("revert", "--no-edit", "HEAD")
        self.bring().check()
        self.assertEqual(self.name(), "first")

    def test_commits_beside_the_state_do_not_count(self):
        self.bring().check()
        self.repo.write("README.md", "words")
        self.repo.commit("beside")
        self.bring("--again").check()
        self.assertEqual(self.marker("commit"), self.first)

    def test_a_moved_folder_keeps_its_history(self):
        """Whether the project was moved or its folder renamed; an image of before is the older one still."""
        self.bring().check()
        old = self.image(self.first)
        self.repo.write("schema-sync.json", json.dumps(
            {**CONFIG, "dir": "cms/state", "environments": {"prod": {"protected": True}}}))
        os.mkdir(os.path.join(self.repo.folder, "cms"))
        self.repo.git("mv", "schema", "cms/state")
        settings = self.repo.json("cms/state/settings.json")
        self.repo.write("cms/state/settings.json", json.dumps({**settings, "project_name": "second"}))
        second = self.repo.commit("moved and changed")
        status = self.repo.run("--env", "prod", "status").check()
        self.assertIn("the files are 1 commit ahead", status.out)
        self.bring().check()
        self.assertEqual((self.name(), self.marker("lineage")), ("second", f"{second} {self.first}"))
        self.assertEqual(old.run("--env", "prod", "import").status, 76)
        self.assertEqual(self.name(), "second")

    # ---- branches ----

    def test_a_merge_comes_after_both_its_sides(self):
        self.repo.git("checkout", "-q", "-b", "feature")
        feature = self.change("feature")
        self.bring().check()
        self.repo.git("checkout", "-q", "main")
        self.repo.write("schema/README.md", "of the team")
        main = self.repo.commit("on main")
        self.repo.git("merge", "-q", "--no-edit", "feature")
        self.change("merged")
        self.bring().check()
        self.assertEqual(self.name(), "merged")
        for older in (feature, main):
            self.assertEqual(self.bring(ref=older).status, 76)

    def test_diverged_history(self):
        self.repo.git("checkout", "-q", "-b", "one")
        self.change("one")
        self.bring().check()
        self.repo.git("checkout", "-q", "-b", "two", self.first)
        two = self.change("two")
        warned = self.bring().check()  # development: branches are switched
        self.assertIn("no ancestor", warned.err)
        self.assertEqual(self.name(), "two")
        self.protect()
        refused = self.bring(ref="one")
        self.assertEqual(refused.status, 76, refused.err)
        self.assertIn(two[:12], refused.err)
        self.assertEqual(self.name(), "two")
        self.bring("--allow-diverged", ref="one").check()
        self.assertEqual(self.name(), "one")

    def test_what_is_not_committed_stays_away_from_a_protected_environment(self):
        self.protect()
        self.repo.commit("protected")
        self.repo.write("schema/settings.json", self.repo.read("schema/settings.json").replace("first", "by hand"))
        with self.nothing_written(self.prod):
            refused = self.bring()
        self.assertEqual(refused.status, 78, refused.err)
        self.assertIn("not committed", refused.err)
        self.bring(ref="HEAD").check()
        self.assertEqual(self.name(), "first")

    # ---- images without git ----

    def image(self, commit, seal=True):
        """What a container has: config, state and seal of a commit, and no .git."""
        clone = Repository(dev=self.dev, prod=self.prod)
        self.addCleanup(clone.close)
        shutil.rmtree(clone.folder)
        subprocess.run(["git", "clone", "-q", self.repo.folder, clone.folder], check=True)
        subprocess.run(["git", "-C", clone.folder, "checkout", "-q", commit], check=True)
        if seal:
            clone.run("seal").check()
        shutil.rmtree(os.path.join(clone.folder, ".git"))
        return clone

    def test_sealed_images(self):
        second = self.change("second")
        old, new = self.image(self.first), self.image(second)
        new.run("--env", "prod", "import").check()
        self.assertEqual(self.marker("commit"), second)
        self.assertEqual(old.run("--env", "prod", "import").status, 76)
        self.assertEqual(self.name(), "second")
        third = self.image(self.change("third"))
        third.run("--env", "prod", "import").check()
        self.assertEqual(self.name(), "third")

    def test_missing_history_is_never_taken_for_another_one(self):
        self.bring().check()
        self.change("second")
        unsealed = self.image("main", seal=False)
        done = unsealed.run("--env", "prod", "import")
        self.assertEqual(done.status, 78, done.err)
        self.assertIn("seal", done.err)
        shallow = Repository(dev=self.dev, prod=self.prod)
        self.addCleanup(shallow.close)
        shutil.rmtree(shallow.folder)
        subprocess.run(["git", "clone", "-q", "--depth", "1", "file://" + self.repo.folder, shallow.folder], check=True)
        done = shallow.run("--env", "prod", "import")
        self.assertEqual(done.status, 78, done.err)
        self.assertIn("unshallow", done.err)
        refused = shallow.run("seal")
        self.assertEqual(refused.status, 78, refused.err)
        self.assertIn("unshallow", refused.err)
        self.assertEqual(self.name(), "first")

    def test_a_seal_is_of_committed_files_and_agrees_with_git(self):
        self.repo.write("schema/settings.json", self.repo.read("schema/settings.json").replace("first", "by hand"))
        refused = self.repo.run("seal")
        self.assertEqual(refused.status, 78, refused.err)
        self.repo.git("checkout", "-q", "schema")
        sealed = self.repo.run("--json", "seal").check().json()
        self.assertEqual(sealed["commit"], self.first)
        self.bring().check()
        self.change("second")
        stale = self.bring()
        self.assertEqual(stale.status, 65, stale.err)
        self.assertIn("schema-sync seal", stale.err)
        self.assertEqual(self.repo.run("--json", "seal").check().json()["commits"], 2)

    def test_a_seal_that_fails_leaves_the_one_that_stands(self):
        """In an image, for one: its only history would be gone."""
        def seals():
            return [self.repo.read(f"schema-sync.{name}") for name in ("manifest", "lineage")]
        self.repo.run("seal").check()
        before = seals()
        settings = self.repo.read("schema/settings.json")
        self.repo.write("schema/settings.json", settings.replace("first", "by hand"))
        self.repo.run("seal").check(78)
        self.repo.write("schema/settings.json", "{ broken")
        self.repo.run("seal").check(65)
        self.repo.write("schema/settings.json", settings)
        shutil.rmtree(os.path.join(self.repo.folder, ".git"))
        self.repo.run("seal", env={"HOME": "/nonexistent"}).check(78)
        self.assertEqual(seals(), before)
        self.bring(env={"HOME": "/nonexistent"}).check()
        self.assertEqual(self.marker("commit"), self.first)

    # ---- two at once, and failures ----

    def test_two_images_at_once_end_at_the_newer(self):
        for swap in (False, True):
            with self.subTest(newer_first=swap):
                self.prod.reset()
                older, newer = self.first, self.change(f"newer {swap}")
                self.bring(ref=older).check()
                runs = [self.repo.start("--env", "prod", "import", "--again", "--ref", ref)
                        for ref in ((newer, older) if swap else (older, newer))]
                done = [run.wait() for run in runs]
                self.assertEqual(done[0 if swap else 1].status, 0, done[0 if swap else 1].err)
                self.assertIn(done[1 if swap else 0].status, (0, 76))
                self.assertEqual(self.name(), f"newer {swap}")
                self.assertEqual(self.marker("commit"), newer)

    def test_an_older_image_does_not_take_over_a_newer_ones_killed_import(self):
        self.repo.env.update(BRIEF)
        self.bring().check()
        second = self.change("second")
        with self.proxy(self.prod) as proxy:
            proxy.fault(lambda request: request.method == "PATCH", "stall", times=None)
            newer = self.repo.start("--env", "prod", "import", env={"PROD_DIRECTUS_URL": proxy.url})
            proxy.await_fault()
            newer.kill(signal.SIGKILL)
            newer.wait()
        self.assertEqual(self.marker("state"), "importing")
        older = self.bring("--again", ref=self.first)
        self.assertEqual(older.status, 76, older.err)
        self.bring().check()
        self.assertEqual((self.name(), self.marker("commit")), ("second", second))

    def test_a_rollback_holds(self):
        """What `rollback` leaves behind, set by hand: the base is the newer commit, and it is held."""
        second = self.change("second")
        self.bring().check()
        self.prod.execute("UPDATE directus_settings SET project_name = 'rolled back', schema_sync_hash = 'older',"
                          " schema_sync_held = 'rolled back to first'")
        for ref in (second, self.first):
            kept = self.bring(ref=ref).check()
            self.assertIn("--resume", kept.err)
            self.assertEqual(self.name(), "rolled back")
        self.change("third")
        self.bring().check()
        self.assertEqual(self.name(), "third")
        self.assertIsNone(self.marker("held"))


if __name__ == "__main__":
    case.main()
