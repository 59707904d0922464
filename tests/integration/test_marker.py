"""The marker on a real Directus: its columns, its lock, and a database that comes and goes."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from tests.project import SMALL
from tests.support.directus import Lab
from tests.support.proxy import Proxy
from tests.support.processes import wait_until
from tests.support.tool import BRIEF, Repository

COLUMNS = 19


class MarkerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.open()
        cls.addClassCleanup(cls.lab.close)
        cls.dev, cls.prod = cls.lab.pair()

    def setUp(self):
        self.prod.reset()

    def repository(self):
        SMALL.prepare(self.dev)
        repo = Repository(SMALL.config, dev=self.dev, prod=self.prod)
        self.addCleanup(repo.close)
        repo.run("--env", "dev", "export").check()
        repo.commit("state")
        return repo

    def empty_repository(self):
        repo = Repository({}, prod=self.prod)
        self.addCleanup(repo.close)
        return repo

    def marker(self, column):
        return self.prod.value(f"SELECT schema_sync_{column} FROM directus_settings")

    def columns(self):
        return self.prod.query(
            "SELECT column_name, data_type, column_default, is_nullable FROM information_schema.columns"
            " WHERE table_name = 'directus_settings' AND column_name LIKE 'schema\\_sync\\_%' ORDER BY 1"
        )

    # ---- columns ----

    def test_install_leaves_directus_as_it_was(self):
        repo = self.empty_repository()
        before = self.prod.api.get("/schema/snapshot")
        self.assertEqual(self.columns(), [])
        repo.run("--env", "prod", "install").check()
        self.assertEqual(len(self.columns()), COLUMNS)
        self.prod.api.clear_cache()
        self.assertEqual(self.prod.api.get("/schema/snapshot"), before)
        self.prod.api.patch("/settings", {"project_name": "Still works"})
        self.assertEqual(self.prod.api.get("/settings")["project_name"], "Still works")
        self.assertEqual(self.prod.query("SELECT 1 FROM directus_fields WHERE field LIKE 'schema\\_sync\\_%'"), [])
        repo.run("--env", "prod", "install").check()
        self.assertEqual(len(self.columns()), COLUMNS)

    def test_printed_sql_is_what_install_does(self):
        repo = self.empty_repository()
        repo.run("--env", "prod", "install").check()
        wanted = self.columns()
        self.prod.reset()
        printed = repo.run("--env", "prod", "install", "--print-sql").check().out
        self.assertEqual(self.columns(), [])
        with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
            file.write(printed)
            file.flush()
            for _ in range(2):
                subprocess.run(
                    ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file.name, self.prod.database_url],
                    check=True, capture_output=True,
                )
        self.assertEqual(self.columns(), wanted)

    def test_the_row_is_made_when_it_is_missing(self):
        self.prod.execute("DELETE FROM directus_settings")
        repo = self.empty_repository()
        repo.run("--env", "prod", "install").check()
        self.assertEqual(self.prod.value("SELECT count(*) FROM directus_settings"), 1)
        self.assertEqual(self.prod.api.get("/settings")["project_name"], "Directus")

    def test_a_role_without_rights_is_told_what_to_run(self):
        role = "marker_reader"
        self.addCleanup(self.drop_role, role)
        self.prod.execute(
            f"CREATE ROLE {role} LOGIN PASSWORD 'reader-secret-91'",
            f"GRANT SELECT, UPDATE ON directus_settings TO {role}",
        )
        repo = self.empty_repository()
        url = self.prod.database_url.replace("//postgres:", f"//{role}:")
        wrong = repo.run("--env", "prod", "install", env={"PROD_DATABASE_URL": url})
        self.assertEqual(wrong.status, 77, wrong.err)
        self.assertIn("DATABASE_URL", wrong.err)
        head, _, host = url.partition("@")
        right = f"{head.rpartition(':')[0]}:reader-secret-91@{host}"
        refused = repo.run("--env", "prod", "install", env={"PROD_DATABASE_URL": right})
        self.assertEqual(refused.status, 77, refused.err)
        self.assertIn("install --print-sql", refused.err)
        self.assertNotIn("reader-secret-91", refused.err)
        repo.run("--env", "prod", "install").check()
        repo.run("--env", "prod", "install", env={"PROD_DATABASE_URL": right}).check()

    def drop_role(self, role):
        self.prod.execute(f"DROP OWNED BY {role}", f"DROP ROLE {role}")

    def test_wrong_databases(self):
        repo = self.empty_repository()
        url = self.prod.database_url
        for changed, status, words in (
            (url.rpartition("/")[0] + "/postgres", 69, "no Directus in this database"),
            (url.rpartition("/")[0] + "/nowhere", 69, "does not exist"),
            (url.replace("@127.0.0.1:", "@127.0.0.1:1"), 69, "cannot connect"),
            ("mysql://root:hunter2@127.0.0.1/d", 78, "PostgreSQL"),
            ("postgresql://root:hunter2/x@127.0.0.1/d", 78, "percent-encode"),
        ):
            with self.subTest(words=words):
                done = repo.run("--env", "prod", "install", env={"PROD_DATABASE_URL": changed})
                self.assertEqual(done.status, status, done.err)
                self.assertIn(words, done.err)
                self.assertIn("hint: ", done.err)
                self.assertNotIn("hunter2", done.err)
                self.assertNotIn(url.partition("postgres:")[2].partition("@")[0], done.err)

    def test_a_newer_protocol_is_left_alone(self):
        repo = self.repository()
        repo.run("--env", "prod", "install").check()
        self.prod.execute("UPDATE directus_settings SET schema_sync_proto = 2")
        done = repo.run("--env", "prod", "import")
        self.assertEqual(done.status, 78, done.err)
        self.assertIn("newer schema-sync", done.err)
        self.assertEqual(self.marker("epoch"), 0)

    # ---- the lock ----

    def test_a_stopped_importer_writes_no_more(self):
        """It is stopped with a request under way, another one takes over and finishes; then it wakes up."""
        repo, until = self.repository(), threading.Event()
        repo.env.update(BRIEF)
        with Proxy(self.prod.url) as proxy:
            proxy.fault(lambda one: one.path.startswith("/schema/apply"), "hold", until=until)
            first = repo.start("--env", "prod", "import", env={"PROD_DIRECTUS_URL": proxy.url})
            self.addCleanup(first.kill)
            proxy.await_fault()
            first.kill(signal.SIGSTOP)
            until.set()
            wait_until(lambda: any(one.fault and one.status for one in proxy.log))
            started = time.monotonic()
            repo.run("--env", "prod", "import").check()
            self.assertGreater(time.monotonic() - started, float(BRIEF["SCHEMA_SYNC_LEASE"]))
            self.assertEqual(self.marker("state"), "clean")
            epoch, activity = self.marker("epoch"), self.prod.api.newest_activity()
            written = len(proxy.writes())
            first.kill(signal.SIGCONT)
            done = first.wait()
        self.assertEqual(done.status, 75, done.err)
        self.assertIn("lock", done.err)
        self.assertEqual(len(proxy.writes()), written)
        self.assertEqual(self.prod.api.newest_activity(), activity)
        self.assertEqual((self.marker("state"), self.marker("epoch"), self.marker("owner")), ("clean", epoch, None))
        repo.run("--env", "prod", "export", "--check").check()

    def test_an_importer_that_slept_keeps_its_lock(self):
        """Longer than its lease, behind its last request: nobody took over meanwhile, so it comes to its end."""
        repo = self.repository()
        repo.env.update(BRIEF)
        repo.run("--env", "prod", "import").check()
        with Proxy(self.prod.url) as proxy:
            again = ("--env", "prod", "import", "--again")
            repo.run(*again, env={"PROD_DIRECTUS_URL": proxy.url}).check()
            requests, until = proxy.count, threading.Event()
            for _ in range(3):
                proxy.reset()
                until.clear()
                proxy.fault(requests, "hold", until=until)
                run = repo.start(*again, env={"PROD_DIRECTUS_URL": proxy.url})
                self.addCleanup(run.kill)
                proxy.await_fault()
                run.kill(signal.SIGSTOP)
                until.set()
                wait_until(lambda: any(one.fault and one.status for one in proxy.log))
                time.sleep(float(BRIEF["SCHEMA_SYNC_LEASE"]) + 0.5)
                run.kill(signal.SIGCONT)
                run.wait().check()
                self.assertEqual((self.marker("state"), self.marker("owner")), ("clean", None))

    def test_what_a_killed_importer_has_sent_comes_to_its_end_first(self):
        """The server goes on with the schema of a client that is gone: who takes over waits for that."""
        repo = self.repository()
        repo.env.update(BRIEF)
        repo.run("--env", "prod", "install").check()
        with Proxy(self.prod.url) as proxy:
            with self.locked("directus_relations"):
                first = repo.start("--env", "prod", "import")
                wait_until(lambda: self.prod.query("SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                                                   f" WHERE NOT granted AND datname = '{self.prod.database}'"))
                first.kill()
                first.wait()
                heir = repo.start("--env", "prod", "import", env={"PROD_DIRECTUS_URL": proxy.url})
                wait_until(lambda: self.marker("epoch") == 2)
                time.sleep(1.5)  # it would have read and sent something by now
                self.assertEqual([], proxy.log)
            heir.wait().check()
        self.assertEqual((self.marker("state"), self.marker("owner")), ("clean", None))
        repo.run("--env", "prod", "export", "--check").check()

    @contextlib.contextmanager
    def locked(self, table):
        """Nobody writes the table meanwhile."""
        session = subprocess.Popen(["psql", "-X", "-q", "-A", "-t", self.prod.database_url], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        try:
            session.stdin.write(f"BEGIN; LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE; SELECT 'locked';\n")
            session.stdin.flush()
            self.assertEqual("locked\n", session.stdout.readline())
            yield
        finally:
            session.communicate()  # the end of its input ends the transaction

    def test_connections_die_all_the_time(self):
        """Every connection of the tool is ended again and again, when it has just been idle; the import does not notice."""
        repo = self.repository()
        stop = threading.Event()
        ended = []

        def reap():
            while not stop.is_set():
                ended.extend(self.lab.cluster.query(
                    "postgres",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'schema-sync'"
                    f" AND datname = '{self.prod.database}' AND state = 'idle'"
                    " AND state_change < clock_timestamp() - interval '0.1 s'",
                ))
                time.sleep(0.03)

        repo.run("--env", "prod", "install").check()
        reaper = threading.Thread(target=reap)
        reaper.start()
        try:
            repo.run("--env", "prod", "import", env={"SCHEMA_SYNC_LEASE": "3"}).check()
        finally:
            stop.set()
            reaper.join()
        self.assertGreater(len(ended), 1)
        self.assertEqual(self.marker("state"), "clean")
        repo.run("--env", "prod", "export", "--check").check()


if __name__ == "__main__":
    os.umask(0o022)
    unittest.main(verbosity=2)
