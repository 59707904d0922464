"""What happens when things break: cut requests, killed processes, racing importers, a lock whose holder died."""

import collections
import itertools
import json
import os
import signal
import threading
import time
import unittest

from tests.project import SMALL, uid
from tests.support.directus import Lab
from tests.support.processes import wait_until
from tests.support.proxy import Proxy
from tests.support.tool import BRIEF, Repository

SOAK = "SCHEMA_SYNC_SOAK" in os.environ
# How often a cut connection is retried: long enough to see a retry, short enough for a loop over every request.
QUICK = {"SCHEMA_SYNC_RETRY": "3", **BRIEF}


def is_read(request):
    return request.method in ("GET", "SEARCH")


class FaultTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.open()
        cls.addClassCleanup(cls.lab.close)
        cls.dev, cls.prod = cls.lab.pair()

    def repository(self, project=SMALL):
        """The project's state, exported from dev; prod is empty."""
        project.prepare(self.dev)
        self.prod.reset()
        repo = Repository(project.config, dev=self.dev, prod=self.prod)
        self.addCleanup(repo.close)
        repo.run("--env", "dev", "export").check()
        repo.commit("state")
        return repo

    def marker(self, column):
        return self.prod.value(f"SELECT schema_sync_{column} FROM directus_settings")

    def assert_arrived(self, repo):
        """The marker is clean and free, and the target exports what the files say."""
        self.assertEqual(self.marker("state"), "clean")
        self.assertIn(self.marker("owner"), (None, ""))
        repo.run("--env", "prod", "export", "--check").check()

    # ---- promise 3 ----

    def cut_requests(self, kinds, which):
        """Request N is cut, alone in its import, for every N of which `which` holds; several kinds take turns."""
        repo = self.repository()
        with Proxy(self.prod.url) as proxy:
            through = {**QUICK, "PROD_DIRECTUS_URL": proxy.url}
            repo.run("--env", "prod", "import", env=through).check()
            numbers = [one.number for one in proxy.log if which(one)]
            self.assertGreater(len(numbers), 10)
            for number, kind in zip(numbers, itertools.cycle(kinds)):
                with self.subTest(kind=kind, request=number):
                    self.prod.reset()
                    proxy.reset()
                    proxy.fault(number, kind)
                    cut = repo.run("--env", "prod", "import", env=through)
                    self.assertIn(cut.status, (0, 69, 75), cut.err)
                    faults = [one for one in proxy.log if one.fault]
                    self.assertEqual([one.fault for one in faults], [kind])
                    proxy.reset()
                    if cut.status == 0 and is_read(faults[0]):
                        continue  # a read was repeated, and the import has verified itself
                    if cut.status:
                        self.assertRegex(cut.err, r"hint: ")
                        self.assertNotIn("admintoken", cut.err)
                        repo.run("--env", "prod", "import", env=through).check()
                    self.assert_arrived(repo)

    @unittest.skipIf(SOAK, "the soak cuts every request in every way")
    def test_every_write_is_cut(self):
        self.cut_requests(("drop_before", "drop_after"), lambda request: not is_read(request))

    @unittest.skipIf(SOAK, "the soak cuts every request in every way")
    def test_every_read_is_cut(self):
        """A read that was cut is repeated and changes nothing for the others: each one of an import loses its first try."""
        repo = self.repository()
        with Proxy(self.prod.url) as proxy:
            for kind in ("drop_before", "drop_after"):
                with self.subTest(kind=kind):
                    self.prod.reset()
                    proxy.reset()
                    tries = collections.Counter()

                    def first_try(request):
                        tries[request.path, request.body] += is_read(request)
                        return is_read(request) and tries[request.path, request.body] % 2 == 1

                    proxy.record_bodies = True
                    proxy.fault(first_try, kind, times=None)
                    repo.run("--env", "prod", "import", env={**QUICK, "PROD_DIRECTUS_URL": proxy.url}).check()
                    self.assertGreater(sum(one.fault == kind for one in proxy.log), 20)
                    self.assertEqual([one for one in proxy.log if one.fault and not is_read(one)], [])
                    self.assert_arrived(repo)

    @unittest.skipUnless(SOAK, "a long loop: ./dev soak faults")
    def test_every_request_is_cut_in_every_way(self):
        for kind in ("drop_before", "drop_after", "truncate", "cut_upload"):
            self.cut_requests((kind,), lambda request: True)

    def test_pressure_and_limits_are_waited_out(self):
        repo = self.repository()
        with Proxy(self.prod.url) as proxy:
            proxy.fault(lambda request: request.number % 5 == 0, "unavailable", times=8)
            proxy.fault(lambda request: request.number % 7 == 0, "too_many", times=2)
            done = repo.run("--env", "prod", "import", env={"PROD_DIRECTUS_URL": proxy.url}).check()
            self.assertGreaterEqual(sum(one.status in (429, 503) for one in proxy.log), 6, done.err)
        self.assert_arrived(repo)

    def test_a_failed_read_is_never_a_missing_record(self):
        repo = self.repository()
        repo.run("--env", "prod", "import").check()
        before = self.prod.api.newest_activity()
        with Proxy(self.prod.url) as proxy:
            proxy.fault(lambda request: request.path.startswith("/permissions"), "status", times=99, status=500,
                        body=b'{"errors":[{"message":"boom","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}')
            done = repo.run("--env", "prod", "import", "--again", "--mode", "mirror", "--allow-delete",
                            env={**QUICK, "PROD_DIRECTUS_URL": proxy.url})
        self.assertEqual(done.status, 69, done.err)
        self.assertIn("boom", done.err)
        self.assertEqual(self.prod.api.newest_activity(), before)

    # ---- promise 4 ----

    def test_eight_importers_one_import(self):
        repo = self.repository()
        runs = [repo.start("--json", "--env", "prod", "import") for _ in range(8)]
        done = [run.wait() for run in runs]
        for one in done:
            one.check()
        worked = [one for one in done if not one.json()["followed"] and not one.json()["nothing_to_do"]]
        self.assertEqual(len(worked), 1, [one.out for one in done])
        self.assertEqual(self.marker("epoch"), 1)
        self.assert_arrived(repo)

    def test_waiting_ends_in_time(self):
        repo = self.repository()
        repo.run("--env", "prod", "install").check()
        self.prod.execute("UPDATE directus_settings SET schema_sync_state='importing', schema_sync_owner='other:1:x', "
                          "schema_sync_owner_info='the other one', schema_sync_epoch=7, "
                          "schema_sync_lease_until=clock_timestamp() + interval '1 hour'")
        done = repo.run("--env", "prod", "import", "--wait", "0.5")
        self.assertEqual(done.status, 75, done.err)
        self.assertIn("the other one", done.err)
        self.assertIn("lock --release --owner other:1:x", done.err)
        repo.run("--env", "prod", "lock", "--release", "--owner", "other:1:x").check()
        repo.run("--env", "prod", "import").check()
        self.assert_arrived(repo)

    # ---- killed importers ----

    def test_a_killed_importer_is_taken_over(self):
        """With a request under way that the server goes on with: one that reads, the schema, records, rows, flows."""
        repo = self.repository()
        repo.env.update(BRIEF)
        for path in ("/schema/snapshot", "/schema/apply", "/permissions", "/items/notes", "/flows"):
            with self.subTest(path), Proxy(self.prod.url) as proxy:
                self.prod.reset()
                until = threading.Event()
                proxy.fault(lambda one: one.path.startswith(path) and (path == "/schema/snapshot" or not is_read(one)),
                            "hold", until=until)
                first = repo.start("--env", "prod", "import", env={"PROD_DIRECTUS_URL": proxy.url})
                proxy.await_fault()
                first.kill(signal.SIGKILL)
                self.assertEqual(-signal.SIGKILL, first.wait().status)
                until.set()
                repo.run("--env", "prod", "import").check()
                self.assert_arrived(repo)

    def test_an_interrupted_importer_gives_the_lock_back(self):
        repo = self.repository()
        with Proxy(self.prod.url) as proxy:
            until = threading.Event()
            proxy.fault(lambda one: one.path.startswith("/schema/apply"), "hold", until=until)
            first = repo.start("--env", "prod", "import", env={"PROD_DIRECTUS_URL": proxy.url})
            proxy.await_fault()
            first.kill(signal.SIGTERM)
            until.set()
            done = first.wait()
        self.assertEqual(done.status, 69, done.err)
        self.assertIn("interrupted", done.err)
        self.assertIn(self.marker("owner"), (None, ""))
        self.assertNotIn("waiting for", repo.run("--env", "prod", "import").check().err)
        self.assert_arrived(repo)

    # ---- promise 5 ----

    def test_a_killed_export_leaves_old_new_or_marked(self):
        repo = self.repository()
        old = repo.files()
        self.dev.api.patch("/items/topics/plain", {"label": "Another name"})
        self.dev.api.patch("/settings", {"project_name": "Renamed"})
        proxy = Proxy(self.dev.url)
        self.addCleanup(proxy.close)
        repo.env["DEV_DIRECTUS_URL"] = proxy.url
        repo.run("--env", "dev", "export").check()
        new, requests = repo.files(), proxy.count
        self.assertNotEqual(old, new)
        outcomes = {"old": 0, "new": 0, "marked": 0}
        for attempt in range(40):
            self.restore(repo, old)
            proxy.reset()
            run = repo.start("--env", "dev", "export", "--overwrite")
            # One while it still reads, the others from about the time on at which it begins to write.
            wait_until(lambda: proxy.count >= (requests if attempt else 1) or not run.running())
            time.sleep(0.003 * attempt)
            run.kill(signal.SIGKILL)
            run.wait()
            # A temporary file beside its place is no part of the state: the next export sweeps it away.
            files = {path: text for path, text in repo.files().items()
                     if not os.path.basename(path).startswith(".") or path == ".incomplete"}
            if ".incomplete" in files:
                outcomes["marked"] += 1
                refused = repo.run("--env", "prod", "import")
                self.assertEqual(refused.status, 65, refused.err)
                self.assertIn("interrupted", refused.err)
                repo.run("--env", "dev", "export", "--overwrite").check()
                self.assertEqual(repo.files(), new)
                continue
            self.assertIn(files, (old, new))
            outcomes["old" if files == old else "new"] += 1
        print(f"40 killed exports: {outcomes}")
        self.assertGreater(outcomes["old"], 0)

    def test_an_export_cut_short_before_the_marker_knew(self):
        """The next one goes on as if it had come to its end; files that are somebody else's are not taken for its own."""
        repo = self.repository()
        self.dev.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$",
                         "CREATE TRIGGER refuse BEFORE UPDATE ON directus_settings FOR EACH ROW EXECUTE FUNCTION refuse()")
        for icon in ("anchor", "bolt"):
            self.dev.api.patch("/flows/" + uid("flow", "Small"), {"icon": icon})
            repo.run("--env", "dev", "export").check(69)
            self.assertIn("run `schema-sync export` again", repo.read("schema/.unrecorded"))
        self.dev.execute("DROP TRIGGER refuse ON directus_settings")
        role = "schema/" + next(path for path in repo.files() if path.startswith("roles/"))
        whole = repo.read(role)
        repo.write(role, json.dumps({**repo.json(role), "icon": "by hand"}))
        self.assertIn("have moved on", repo.run("--env", "dev", "export").check(76).err)
        repo.write(role, whole)
        self.assertIn("has never seen", repo.run("--env", "prod", "export").check(76).err)
        # Nor does the marker know of an export while the lock of a dead importer stands.
        dead = "UPDATE directus_settings SET schema_sync_state = {}, schema_sync_owner = {}, schema_sync_lease_until = {}"
        self.dev.execute(dead.format("'importing'", "'dead'", "now() - interval '1 hour'"))
        for icon in ("star", "home"):
            self.dev.api.patch("/flows/" + uid("flow", "Small"), {"icon": icon})
            self.assertIn("does not know of this export", repo.run("--env", "dev", "export").check().err)
        self.dev.execute(dead.format("'clean'", "NULL", "NULL"))
        # What went from the instance since is known to be deleted there.
        self.dev.api.delete("/items/notes/" + uid("notes", 1))
        repo.run("--env", "dev", "export", "--commit").check()
        self.assertIn(uid("notes", 1), repo.read("schema/removed.jsonl"))
        self.assertNotIn(".unrecorded", repo.files())
        self.assertEqual("", repo.git("status", "--porcelain"))
        repo.run("--env", "dev", "export").check()

    def restore(self, repo, files):
        repo.git("checkout", "-q", "--", "schema")
        repo.git("clean", "-fdqx", "schema")
        self.assertEqual(repo.files(), files)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
