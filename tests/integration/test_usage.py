"""The first minutes of a new user, with and without everything that could be set up."""

import json
import os
import re
import shutil
import subprocess

from tests.project import SMALL
from tests.support import api, case, fingerprint, postgres, processes, tool

COMMANDS = ("init", "install", "export", "import", "diff", "status", "hash", "lock")


def setUpModule():
    case.open_lab()


class Folder:
    """A folder that is no git repository, and an environment with nothing in it but what is put there."""

    def __init__(self, test, name="project"):
        top = processes.work_folder("usage")
        test.addCleanup(shutil.rmtree, top, ignore_errors=True)
        self.path = os.path.join(top, name)
        self.state = os.path.join(self.path, "schema")
        os.mkdir(self.path)
        kept = {name: os.environ[name] for name in tool._KEPT if name in os.environ}
        self.env = {**kept, "HOME": top, "LC_ALL": "C.UTF-8"}

    def run(self, *arguments, cwd=None, **env):
        argv = [tool.binary(), *arguments]
        return tool.Running(argv, cwd or self.path, {**self.env, **env}).wait(60)

    def write(self, path, text):
        full = os.path.join(self.path, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8", newline="") as file:
            file.write(text)

    def read(self, path):
        with open(os.path.join(self.path, path), encoding="utf-8") as file:
            return file.read()

    def files(self):
        return {
            os.path.relpath(os.path.join(base, name), self.path): os.stat(os.path.join(base, name)).st_mtime_ns
            for base, _, names in os.walk(self.path) for name in names
        }


class UsageTest(case.Case):
    def assert_error(self, done, status, says, mend):
        """One message on stderr with a hint, nothing on stdout."""
        self.assertEqual(status, done.status, done.err + done.out)
        self.assertEqual("", done.out)
        self.assertRegex(done.err, rf"\Aschema-sync: .*{says}.*\n  hint: .*{mend}.*\n\Z")

    def variables(self, instance):
        return instance.tool_env()


class NothingTest(UsageTest):
    """An empty folder and no variables: no server is needed to be told what to do."""

    def test_what_is_there(self):
        folder = Folder(self)
        self.assert_error(folder.run(), 64, "no command was given", "schema-sync help")
        for line in ("help", "--help", "-h", "help export", "export --help", "export -h", "-C / help", "--version"):
            done = folder.run(*line.split()).check()
            self.assertEqual("", done.err)
            self.assertIn("schema-sync", done.out)
        overview = folder.run("help").check().out
        for word in (*COMMANDS, "DIRECTUS_URL", "DIRECTUS_TOKEN", "DATABASE_URL", "SCHEMA_SYNC_CONFIG", "78"):
            self.assertIn(word, overview)
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("schema-sync", folder.run("completion", shell).check().out)
        self.assertEqual({}, folder.files())

    def test_slips(self):
        folder = Folder(self)
        for line, says, mend in (
            ("imprt", "there is no command \"imprt\"", "did you mean `schema-sync import`"),
            ("exprot", "there is no command \"exprot\"", "schema-sync export"),
            ("frobnicate", "there is no command \"frobnicate\"", "schema-sync help` lists"),
            ("export --overwrit", "export has no option --overwrit", "did you mean --overwrite"),
            ("--jsn export", "no option --jsn before a command", "did you mean --json"),
            ("-x export", "no option -x", "schema-sync help"),
            ("import extra", "import does not take \"extra\"", "usage: schema-sync import"),
            ("export --only", "--only needs a value", "--only LIST"),
            ("import --mode force", "--mode: there is no \"force\"", "add.merge.mirror"),
            ("import --mode=", "--mode: there is no \"\"", "add.merge.mirror"),
            ("import --dry-run=yes", "--dry-run takes no value", "alone"),
            ("import --wait soon", "\"soon\" is no length of time", "90s"),
            ("import --force", "import has no option --force", "help import"),
            ("help imprt", "there is no command \"imprt\"", "did you mean `schema-sync import`"),
            ("completion tcsh", "no completion for \"tcsh\"", "bash, zsh and fish"),
            ("completion", "completion needs SHELL", "help completion"),
            ("-C", "--directory needs a value", "--directory DIR"),
            ("-C /nowhere status", "/nowhere: No such file or directory", "folder that exists"),
            ("lock --release --owner", "--owner needs a value", "--owner ID"),
        ):
            with self.subTest(line):
                self.assert_error(folder.run(*line.split()), 64, re.escape(says), mend)
        self.assertEqual({}, folder.files())

    def test_every_command(self):
        """In the order a user would try them."""
        folder = Folder(self)
        for line, status, says, mend in (
            ("export", 78, "no Directus instance is configured", r"set DIRECTUS_URL in the environment or in \.env"),
            ("import", 78, "no Directus instance is configured", "set DIRECTUS_URL"),
            ("diff", 78, "no Directus instance is configured", "set DIRECTUS_URL"),
            ("hash", 65, "there is no state in .*/schema", "schema-sync export"),
            ("install", 78, "no database is configured", "set DATABASE_URL"),
            ("lock", 78, "no database is configured", "set DATABASE_URL"),
            ("--env prod export", 78, "environment \"prod\" is not known", "set PROD_DIRECTUS_URL"),
        ):
            with self.subTest(line):
                self.assert_error(folder.run(*line.split()), status, says, mend)
        done = folder.run("status").check()
        self.assertEqual("", done.err)
        self.assertRegex(done.out, r"instance +not configured\nfiles +schema/\ngit +no repository\nmarker +unknown: .*\nverdict +schema/ holds no state")
        self.assertEqual({}, folder.files())

        url = {"DIRECTUS_URL": "http://127.0.0.1:9"}
        self.assert_error(folder.run("export", **url), 78, "no credentials for http://127.0.0.1:9", "set DIRECTUS_TOKEN to an")
        token = {**url, "DIRECTUS_TOKEN": "x"}
        for command in ("import", "diff"):
            self.assert_error(folder.run(command, **token), 65, "there is no state in .*/schema", "schema-sync export")
        self.assertEqual({}, folder.files())

    def test_json(self):
        """One document on stdout, for results and for errors; nothing else there, and no error on stderr."""
        folder = Folder(self)
        for line, status, kind in (
            ("--json imprt", 64, "usage"), ("--json export", 78, "config"), ("--json hash", 65, "files"), ("--json lock", 78, "config"),
            ("export --json", 78, "config"),
        ):
            done = folder.run(*line.split())
            self.assertEqual((status, ""), (done.status, done.err), line)
            error = done.json()["error"]
            self.assertEqual({"hint", "kind", "message", "status"}, set(error))
            self.assertEqual((status, kind), (error["status"], error["kind"]))
            self.assertTrue(error["message"] and error["hint"])
        status = folder.run("--json", "status").check().json()
        order = {"ahead": None, "at_least": False, "behind": None, "files": "none"}
        self.assertEqual({"dir": "schema", "environment": "", "equal": False, "files_hash": None, "git": None, "marker": None,
                          "order": order, "url": None}, status)

    def test_init(self):
        folder = Folder(self)
        done = folder.run("init").check()
        self.assertRegex(done.out, r"written +schema-sync.json\nwritten +schema/\nwritten +.gitattributes\nnext: .*DIRECTUS_URL")
        self.assertEqual({"schema-sync.json", ".gitattributes"}, set(folder.files()))
        self.assertIn("schema/** text eol=lf", folder.read(".gitattributes"))
        before = folder.files()
        self.assertNotIn("written", folder.run("init").check().out)
        said = folder.run("--json", "init").check().json()
        self.assertEqual([], said["written"])
        self.assertEqual(3, len(said["kept"]))
        self.assertEqual(before, folder.files())
        # what it wrote is a configuration, found from beneath as well
        os.makedirs(os.path.join(folder.path, "src", "deep"))
        self.assertEqual("schema", folder.run("--json", "status", cwd=os.path.join(folder.path, "src", "deep")).check().json()["dir"])
        self.assert_error(folder.run("export"), 78, "no Directus instance is configured", "set DIRECTUS_URL")

    def test_init_keeps_what_is_there(self):
        folder = Folder(self)
        folder.write("schema-sync.json", '{"dir": "state"}')
        folder.write(".gitattributes", "*.png binary")
        folder.run("init").check()
        self.assertEqual('{"dir": "state"}', folder.read("schema-sync.json"))
        attributes = folder.read(".gitattributes")
        self.assertTrue(attributes.startswith("*.png binary\nstate/** text eol=lf\nstate/assets/** -text\n"), attributes)
        self.assertIn("state/**/*.json merge=schema-sync\n", attributes)
        self.assertTrue(os.path.isdir(os.path.join(folder.path, "state")))

    def test_results_that_do_not_arrive(self):
        folder = Folder(self)
        with open("/dev/full", "wb") as full:
            done = subprocess.run([tool.binary(), "status"], cwd=folder.path, env=folder.env, stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(74, done.returncode, done.stderr)
        self.assertIn(b"No space left on device", done.stderr)


class InstanceTest(UsageTest):
    """The same folder with an instance: SMALL in dev, prod empty."""

    def setUp(self):
        SMALL.prepare(self.dev)
        self.prod.reset()

    def project(self, name="project"):
        folder = Folder(self, name)
        folder.write("schema-sync.json", json.dumps(SMALL.config))
        return folder

    def test_from_nothing_to_prod(self):
        """init, .env, export, import: as the README tells it, without git."""
        folder = Folder(self)
        folder.run("init").check()
        values = self.variables(self.dev)
        folder.write(".env", "# dev\r\nexport DIRECTUS_URL='{DIRECTUS_URL}'\r\nDIRECTUS_TOKEN={DIRECTUS_TOKEN} # a comment\r\n\r\n"
                             'DATABASE_URL="{DATABASE_URL}"\r\n'.format(**values))
        done = folder.run("export").check()
        self.assertRegex(done.out, r"^http://127.0.0.1:\d+ → schema/: \d+ records, 0 rows; \d+ files written, 0 removed, hash [0-9a-f]{32}\n$")
        self.assertIn("collections", os.listdir(folder.state))
        self.assertEqual(2, folder.run("diff", **self.variables(self.prod)).status)
        # the environment stands before .env
        done = folder.run("import", **self.variables(self.prod)).check()
        self.assertIn("adding the marker's columns", done.err)
        self.assertEqual(["desk", "imprint", "notes", "topics"], sorted(one["collection"] for one in self.prod.api.get("/collections")
                                                                       if not one["collection"].startswith("directus_")))
        again = folder.run("import", **self.variables(self.prod)).check()
        self.assertIn("nothing to do", again.out)
        self.assertEqual("", again.err)
        self.assertEqual(0, folder.run("diff", **self.variables(self.prod)).status)
        self.assertIsNone(self.prod.value("SELECT schema_sync_commit FROM directus_settings"))
        self.assertIn("these files were applied", folder.run("status", **self.variables(self.prod)).check().out)
        self.assertEqual("", folder.run("-q", "import", **self.variables(self.prod)).check().err)

    def test_without_a_database(self):
        folder = self.project()
        env = self.variables(self.dev)
        folder.run("export", **env).check()
        without = self.variables(self.prod)
        del without["DATABASE_URL"]
        before = fingerprint.of(self.prod)
        self.assert_error(folder.run("import", **without), 78, "no database is configured", "--marker none")
        self.assertEqual({}, fingerprint.differences(before, fingerprint.of(self.prod)))
        folder.run("diff", **without).check(2)
        folder.run("import", "--marker", "none", **without).check()
        columns = "SELECT 1 FROM information_schema.columns WHERE column_name LIKE 'schema\\_sync\\_%'"
        self.assertEqual([], self.prod.query(columns))
        again = folder.run("--json", "import", "--marker", "none", **without).check().json()
        self.assertEqual([], again["plan"]["changes"])
        folder.run("diff", **without).check(0)

    def test_exit_statuses(self):
        folder = self.project()
        dev, prod = self.variables(self.dev), self.variables(self.prod)
        self.assertEqual(2, folder.run("export", "--check", **dev).status)
        self.assertFalse(os.path.exists(folder.state))
        folder.run("export", **dev).check(0)
        folder.run("export", "--check", **dev).check(0)
        manifest = folder.run("hash", "--manifest").check().out
        folder.write("manifest", manifest)
        folder.run("hash", "--check", "manifest").check(0)
        folder.write("schema/roles/small-desk-6017791c.json", folder.read("schema/roles/small-desk-6017791c.json").replace("edit", "draw"))
        changed = folder.run("hash", "--check", "manifest").check(2)
        self.assertIn("roles/small-desk-6017791c.json", changed.out)
        self.assertEqual("", changed.err)
        self.assertEqual(76, folder.run("export", **dev).status)
        folder.run("import", **prod).check(0)
        self.assertEqual(77, folder.run("export", **{**dev, "DIRECTUS_TOKEN": "wrong"}).status)
        self.assertEqual(69, folder.run("export", **{**dev, "DIRECTUS_URL": "http://127.0.0.1:9", "SCHEMA_SYNC_RETRY": "0"}).status)

    def test_json(self):
        folder = self.project()
        dev, prod = self.variables(self.dev), self.variables(self.prod)
        keys = {
            ("export",): (dev, {"hash", "records", "rows", "requests"}), ("hash",): (dev, {"hash"}),
            ("diff",): (prod, {"plan"}), ("import",): (prod, {"plan", "requests", "nothing_to_do", "followed"}),
            ("status",): (prod, {"equal", "marker", "files_hash"}), ("lock",): (prod, set()), ("install",): (prod, set()),
        }
        for command, (env, expected) in keys.items():
            done = folder.run("--json", *command, **env).check(0, 2)
            found = done.json()
            self.assertLessEqual(expected, set(found), command)
            self.assertNotIn("error", found)

    def test_places(self):
        """Spaces, quotes and other scripts in the path; -C from elsewhere; a folder above that is a git repository."""
        folder = self.project("Ein Projekt 'für' \"später\" – 日本語")
        dev = self.variables(self.dev)
        done = folder.run("-C", folder.path, "export", cwd="/", **dev).check()
        self.assertIn("files written", done.out)
        self.assertEqual(0, folder.run("--directory", folder.path, "export", "--check", cwd="/", **dev).status)
        self.assertEqual(0, folder.run("--config", "schema-sync.json", "export", "--check", **dev).status)
        subprocess.run(["git", "init", "-q", os.path.dirname(folder.path)], env={**folder.env, "PATH": os.environ["PATH"]}, check=True)
        folder.run("import", **self.variables(self.prod)).check()
        self.assertIsNone(self.prod.value("SELECT schema_sync_commit FROM directus_settings"))
        folder.run("-C", os.path.join(folder.path, "schema"), "hash").check()

    def test_inside_a_container(self):
        """Directus's own variables serve, and what is said for schema-sync stands before them."""
        folder = self.project()
        folder.run("export", **self.variables(self.dev)).check()
        own = {**self.lab.cluster.directus_env(self.prod.database), "PORT": str(self.prod.port), "ADMIN_TOKEN": api.TOKEN,
               "ADMIN_EMAIL": "admin@example.com", "ADMIN_PASSWORD": "unused", "PUBLIC_URL": "https://cms.example.com"}
        done = folder.run("import", **own).check()
        self.assertIn(f"http://127.0.0.1:{self.prod.port}", done.out)
        self.assertIn("nothing to do", folder.run("import", **own).check().out)
        by_string = {"DB_CLIENT": "pg", "DB_CONNECTION_STRING": self.prod.database_url, "PORT": str(self.prod.port),
                     "ADMIN_TOKEN": api.TOKEN}
        self.assertIn("nothing to do", folder.run("import", **by_string).check().out)
        for client in ("mysql", "sqlite3"):
            self.assert_error(folder.run("import", **{**own, "DB_CLIENT": client}), 78, "no database is configured", "--marker none")
        wrong = {**own, "DB_PASSWORD": "wrong"}
        self.assert_error(folder.run("import", **wrong), 77, "password authentication failed", "check user and password")
        self.assertIn("nothing to do", folder.run("import", **{**wrong, "DATABASE_URL": self.prod.database_url}).check().out)
        done = folder.run("export", "--check", **{**own, "DIRECTUS_URL": self.dev.url, "DATABASE_URL": self.dev.database_url}).check()
        self.assertIn(self.dev.url, done.out)
        quoted = {**own, "DB_PASSWORD": "it's \\ not", "DB_HOST": "127.0.0.1"}
        self.assert_error(folder.run("import", **quoted), 77, "password authentication failed", "check user and password")
        self.assertNotIn(postgres.PASSWORD, done.err)


if __name__ == "__main__":
    case.main()
