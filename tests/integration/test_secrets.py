"""Promise 6: nothing secret appears in files, output, core, argv or the database's marker.

Every secret is a text that stands nowhere else, so that finding it, in any of the forms it could be written in, is a
leak: as it is, percent-encoded, as JSON writes it, and in Base64.
"""

import base64
import json
import os
import resource
import signal
import urllib.parse

from tests.project import SMALL, uid
from tests.project.build import collection, field, uuid_key
from tests.support import case
from tests.support.proxy import Proxy

TOKEN = "tk-Qm4/7=x+Zr81~kW"
PASSWORD = 'pw-"Üb€r\\ 50% / & häßlich'
DATABASE_PASSWORD = "db-p@ss:w/rd?#50% 'ä\"\\"
OTHER = "other-Kd93hq"
# What a placeholder of the files stands for, in an operation of a flow and in a row.
CANARY = 'canary-"Yw5\\ 8&Nt/=\u00e9-Rb2'
DECLARED = {"directus_operations": {"secrets": ["options/message"]}, "notes": {"secrets": ["body"]}}
# What instances hold and no file may: custom fields, settings, users.
HELD = [f"held-{name}-7Xq2" for name in (
    "hash", "conceal", "encrypt", "role", "google", "openai", "anthropic", "mapbox", "address", "tfa", "user", "presets")]


def setUpModule():
    case.open_lab()


def forms(secret):
    """Every way a secret could be written down."""
    raw = secret.encode()
    return {
        secret, urllib.parse.quote(secret, safe=""), urllib.parse.quote(secret), urllib.parse.quote_plus(secret),
        json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1],
        base64.b64encode(raw).decode(), base64.b64encode(f"Bearer {secret}".encode()).decode(), raw.hex(),
    }


class SecretTest(case.Case):
    _made = []

    def setUp(self):
        self.secrets = {TOKEN, PASSWORD, DATABASE_PASSWORD, OTHER, CANARY}

    def assert_no_secret(self, where, text):
        text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        for secret in self.secrets:
            for form in forms(secret):
                self.assertNotIn(form, text, where)

    def assert_clean(self, done):
        """Of one run: what it said."""
        self.assert_no_secret(" ".join(done.argv) + ": stdout", done.out)
        self.assert_no_secret(" ".join(done.argv) + ": stderr", done.err)
        return done

    def assert_files_clean(self, repo, but=()):
        """Of everything that was written beneath the work tree, .git too."""
        for base, _, names in os.walk(repo.folder):
            for name in names:
                path = os.path.join(base, name)
                if os.path.relpath(path, repo.folder) not in but:
                    with open(path, "rb") as file:
                        self.assert_no_secret(path, file.read())

    def assert_marker_clean(self, instance):
        row = instance.query("SELECT * FROM directus_settings")[0]
        for name, value in row.items():
            self.assert_no_secret(f"directus_settings.{name}", str(value))

    # ---- an instance with secrets ----

    def prepared(self):
        """dev with a token, a login and a database role of its own, and secrets in every place that can hold them."""
        if self._made:
            self.dev.reset("secrets")
            self.prod.reset("secrets")
        else:
            SMALL.prepare(self.dev)
            self.dev.api.patch(f"/operations/{uid('operation', 'Small/yes')}", {"options": {"message": f"at {CANARY}!"}})
            self.dev.api.patch("/items/notes", [{"id": uid("notes", i), "body": (CANARY, None)[i % 2]} for i in range(4)])
            self.dev.api.patch(f"/operations/{uid('operation', 'Small/no')}", {"options": {"message": CANARY}})
            self.prod.reset()
            for instance in (self.dev, self.prod):
                instance.api.post("/users", {
                    "email": "secret@example.com", "password": PASSWORD, "token": TOKEN, "role": instance.admin()["role"]})
                instance.save("secrets")
            self._made.append(True)
        role = f"secret_{os.getpid()}"
        quoted = DATABASE_PASSWORD.replace("'", "''")
        self.dev.execute(f"CREATE ROLE {role} LOGIN SUPERUSER PASSWORD '{quoted}'")
        self.addCleanup(self.dev.execute, f"DROP ROLE {role}")
        self.role = role
        repo = self.repository({"collections": {**SMALL.config["collections"], **DECLARED}})
        repo.env["CANARY"] = CANARY
        for name, instance in (("DEV", self.dev), ("PROD", self.prod)):
            repo.env.update(self.variables(name, instance))
        return repo

    def variables(self, name, instance, **changed):
        login = f"{self.role}:{urllib.parse.quote(DATABASE_PASSWORD, safe='')}"
        url = f"postgresql://{login}@127.0.0.1:{self.lab.cluster.port}/{instance.database}"
        return {f"{name}_DIRECTUS_TOKEN": TOKEN, f"{name}_DATABASE_URL": url, **changed}

    def hold(self, repo, api):
        """Puts a secret into every place that can hold one, and chooses the collection with some of them."""
        repo.write("schema-sync.json", json.dumps({"collections": {**SMALL.config["collections"], **DECLARED, "vault": True}}))
        kinds = (("hash", ["hash"]), ("conceal", ["conceal"]), ("encrypt", ["encrypt"]))
        api.post("/collections", collection(
            "vault", uuid_key(), field("name", "string"),
            *(field(name, "hash" if name == "hash" else "string", special) for name, special in kinds)))
        api.post("/fields/directus_roles", field("pin", "string", ["conceal"]))
        row = {name: f"held-{name}-7Xq2" for name, _ in kinds}
        api.post("/items/vault", {"id": uid("vault", 1), "name": "open", **row})
        api.patch(f"/roles/{uid('role', 'Small desk')}", {"pin": "held-role-7Xq2"})
        api.patch("/settings", {
            "ai_openai_api_key": "held-openai-7Xq2", "ai_anthropic_api_key": "held-anthropic-7Xq2",
            "ai_google_api_key": "held-google-7Xq2", "mapbox_key": "held-mapbox-7Xq2",
            "project_url": "https://held-address-7Xq2.example.com"})
        user = api.post("/users", {"email": "held@example.com", "password": "held-user-7Xq2", "token": "held-tfa-7Xq2"})
        api.post("/presets", {"collection": "notes", "user": user["id"], "search": "held-presets-7Xq2"})

    # ---- commands that work ----

    def test_commands_that_work(self):
        repo = self.prepared()
        self.hold(repo, self.dev.api)
        with Proxy(self.prod.url) as proxy:
            through = {"PROD_DIRECTUS_URL": proxy.url, "SCHEMA_SYNC_RECORD": os.path.join(repo.folder, "record.jsonl")}
            for line in (
                "init", "-v --env dev export", "--json --env dev export --check", "-v --env prod diff", "--json --env prod diff",
                "-v --env prod import", "--json --env prod import --again", "-v --env prod status", "--json --env prod status",
                "--json --env prod lock", "-v --env prod install", "--env prod install --print-sql", "hash --manifest",
            ):
                self.assert_clean(repo.run(*line.split(), env=through).check(0, 2))
            self.assertGreater(len(proxy.log), 20)
            self.assertTrue(any(one.headers.get("authorization") == f"Bearer {TOKEN}" for one in proxy.log))
            for one in proxy.log:
                self.assert_no_secret("a path", one.path)
        repo.commit("state")
        self.assert_files_clean(repo)
        self.assert_marker_clean(self.dev)
        self.assert_marker_clean(self.prod)

    def test_what_instances_hold(self):
        repo = self.prepared()
        self.hold(repo, self.dev.api)
        hashes = self.dev.query("SELECT hash FROM vault UNION SELECT password FROM directus_users")
        self.secrets.update(HELD, (one["hash"] for one in hashes if one["hash"]), ("**********",))
        self.assertGreater(sum(one.startswith("$argon2") for one in self.secrets), 1)
        self.assert_clean(repo.run("-v", "--env", "dev", "export").check())
        self.assert_files_clean(repo)
        self.assertIn('"name":"open"', repo.read("schema/data/vault.json"))
        self.assertIn('"field": "pin"', repo.read("schema/collections/directus_roles.json"))
        for path in ("schema/data/vault.json", "schema/roles/small-desk-6017791c.json", "schema/settings.json"):
            self.assertNotRegex(repo.read(path), '"(hash|conceal|encrypt|pin|mapbox_key|project_url|project_id|ai_[a-z]+_api_key)":')
        # and what the target holds of its own is neither shown nor written over
        self.assert_clean(repo.run("--env", "prod", "import").check())
        self.prod.api.patch("/items/vault", [{"id": uid("vault", 1), "conceal": "held-conceal-7Xq2"}])
        self.prod.api.patch("/settings", {"mapbox_key": "held-mapbox-7Xq2"})
        repo.write("schema/data/vault.json", f'[{{"id":"{uid("vault", 1)}","name":"changed"}}]\n')
        self.assert_clean(repo.run("-v", "--env", "prod", "diff", "--again").check(2))
        self.assert_clean(repo.run("-v", "--env", "prod", "import", "--again").check())
        row = self.prod.query("SELECT v.name, v.conceal, s.mapbox_key FROM vault v, directus_settings s")[0]
        self.assertEqual({"name": "changed", "conceal": "held-conceal-7Xq2", "mapbox_key": "held-mapbox-7Xq2"}, row)

    def test_a_login(self):
        repo = self.prepared()
        env = {"DEV_DIRECTUS_TOKEN": None, "DEV_DIRECTUS_EMAIL": "secret@example.com", "DEV_DIRECTUS_PASSWORD": PASSWORD,
               "SCHEMA_SYNC_RECORD": os.path.join(repo.folder, "record.jsonl")}
        with Proxy(self.dev.url, record_bodies=True) as proxy:
            self.assert_clean(repo.run("-v", "--env", "dev", "export", env={**env, "DEV_DIRECTUS_URL": proxy.url}).check())
            (login,) = [one for one in proxy.log if one.path == "/auth/login"]
        answer = json.loads(login.answer)["data"]
        self.secrets.update((answer["access_token"], answer["refresh_token"]))
        self.assert_files_clean(repo)

    # ---- commands that fail ----

    def test_servers_that_repeat_the_secret(self):
        """In a message, a code, an address to go to; also where the message is too long and is cut within it."""
        repo = self.prepared()
        repo.run("--env", "dev", "export").check()
        repo.run("--env", "prod", "import").check()
        for secret, env in (
            (TOKEN, {}),
            (PASSWORD, {"PROD_DIRECTUS_TOKEN": None, "PROD_DIRECTUS_EMAIL": "secret@example.com", "PROD_DIRECTUS_PASSWORD": PASSWORD}),
        ):
            bodies = [{"message": f"no: {secret} is not it, {secret}!"}, {"message": "no", "extensions": {"code": secret}}]
            bodies += [{"message": "x" * length + secret, "extensions": {"code": "LONG"}} for length in range(1996, 2036, 5)]
            for status in (400, 401, 403, 500, 503, 302):
                for body in bodies if status == 400 else bodies[:2]:
                    with Proxy(self.prod.url) as proxy:
                        proxy.fault(lambda one: one.path.startswith(("/server/info", "/auth/login")), "status", times=99,
                                    status=status, body=json.dumps({"errors": [body]}).encode(),
                                    headers={"Location": "http://127.0.0.1/" + (secret if secret.isascii() else "")})
                        done = repo.run("-v", "--env", "prod", "import", "--again",
                                        env={**env, "PROD_DIRECTUS_URL": proxy.url, "SCHEMA_SYNC_RETRY": "0"})
                    self.assertIn(done.status, (69, 77), done.err)
                    self.assert_clean(done)
                    self.assertNotIn(secret[:8], done.err)

    def test_the_marker_of_a_failed_import(self):
        """What a server says while rows are written goes into the marker's error column, for status to show."""
        repo = self.prepared()
        repo.run("--env", "dev", "export").check()
        with Proxy(self.prod.url) as proxy:
            proxy.fault(lambda one: one.method == "POST" and one.path.startswith("/items/"), "status", times=99, status=400,
                        body=json.dumps({"errors": [{"message": f"{TOKEN} may not", "extensions": {"code": "NO"}}]}).encode())
            done = repo.run("-v", "--env", "prod", "import", env={"PROD_DIRECTUS_URL": proxy.url})
        self.assertEqual(done.status, 69, done.err)
        self.assertIn("may not", done.err)
        self.assert_clean(done)
        self.assertIn("may not", self.prod.value("SELECT schema_sync_error FROM directus_settings"))
        self.assert_marker_clean(self.prod)
        self.assert_clean(repo.run("--json", "--env", "prod", "status").check())

    def test_wrong_instances(self):
        repo = self.prepared()
        for name, wrong in (
            ("DIRECTUS_TOKEN", OTHER), ("DIRECTUS_TOKEN", f"{OTHER}\r\nX-Evil: {OTHER}"), ("DIRECTUS_TOKEN", f"{OTHER}\n"),
            ("DIRECTUS_TOKEN", f"{OTHER}\x01"), ("DIRECTUS_TOKEN", OTHER * 4000), ("DIRECTUS_TOKEN", f"Bearer {OTHER}"),
            ("DIRECTUS_URL", f"http://me:{OTHER}@127.0.0.1:9"), ("DIRECTUS_URL", f"http://{OTHER}@127.0.0.1:9/"),
            ("DIRECTUS_URL", f"http://127.0.0.1:9/?access_token={OTHER}"), ("DIRECTUS_URL", f"me:{OTHER}@127.0.0.1"),
        ):
            with self.subTest(name, wrong=wrong[:40]), Proxy(self.dev.url) as proxy:
                env = {"DEV_DIRECTUS_URL": proxy.url, "SCHEMA_SYNC_RETRY": "0", f"DEV_{name}": wrong}
                done = self.assert_clean(repo.run("-v", "--env", "dev", "export", env=env))
                self.assertIn(done.status, (69, 77, 78), done.err)
                self.assertEqual([], [one for one in proxy.log if "x-evil" in one.headers])
                json_error = self.assert_clean(repo.run("--json", "--env", "dev", "export", env=env))
                self.assertEqual(done.status, json_error.json()["error"]["status"])

    def test_wrong_databases(self):
        repo = self.prepared()
        right = repo.env["DEV_DATABASE_URL"]
        head, _, host = right.rpartition("@")
        user = head[: head.index(urllib.parse.quote(DATABASE_PASSWORD, safe=""))]
        raw = DATABASE_PASSWORD
        for wrong in (
            right.replace("/directus_dev", "/nowhere"), right.replace(f":{self.lab.cluster.port}/", ":9/"),
            f"{user}{OTHER}@{host}", f"{user}{raw}@{host}", f"{user}{raw.replace('@', '')}@{host}", f"{user}{OTHER}%zz@{host}",
            f"{user}{OTHER}%00@{host}", f"{user}{OTHER}@", f"{user}{OTHER}", f"postgresql://{host}?password={OTHER}",
            f"postgresql://{host}?password={OTHER}&sslmode=bogus", f"postgresql://{host}?passwrd={OTHER}",
            f"postgresql://{host}?sslpassword={OTHER}&sslmode=verify-full&sslrootcert=/nowhere",
            f"postgresql://{host}?options=-c%20x={OTHER}",
            f"host=127.0.0.1 port={self.lab.cluster.port} dbname={self.dev.database} user=postgres password='{OTHER}'",
            f"host=127.0.0.1 password={OTHER} nonsense", f"host=127.0.0.1 password='{OTHER}", f"password={OTHER} port=x",
            f"mysql://root:{OTHER}@127.0.0.1/d", f"//root:{OTHER}@127.0.0.1/d", OTHER,
        ):
            with self.subTest(wrong.replace(OTHER, "…")):
                for line in ("-v --env dev export", "--json --env dev install"):
                    done = self.assert_clean(repo.run(*line.split(), env={"DEV_DATABASE_URL": wrong, "PGCONNECT_TIMEOUT": "2"}))
                    self.assertIn(done.status, (69, 77, 78), done.err + done.out)

    def test_wrong_files(self):
        """Secrets where they do not belong: in the arguments, the config file, and lines of .env that cannot be read."""
        repo = self.prepared()
        for arguments in (
            ["--token", OTHER, "export"], [f"--token={OTHER}", "export"], [f"--password={OTHER}", "export"], ["export", f"--token={OTHER}"],
        ):
            done = self.assert_clean(repo.run(*arguments))
            self.assertEqual(done.status, 64, done.err)
        for config in (
            {"token": OTHER}, {"environments": {"dev": {"password": OTHER}}}, {"environments": {"dev": {"token": OTHER}}},
            {"environments": {"dev": {"database": f"postgresql://a:{OTHER}@h/d"}}},
            {"environments": {"dev": {"database": f"host=h password={OTHER}"}}},
            {"environments": {"dev": {"database": f"postgresql://h/d?password={OTHER}"}}},
            {"environments": {"dev": {"url": f"https://a:{OTHER}@h/"}}},
        ):
            repo.write("schema-sync.json", json.dumps(config))
            done = self.assert_clean(repo.run("-v", "--env", "dev", "export"))
            self.assertEqual(done.status, 78, done.err)
        os.unlink(os.path.join(repo.folder, "schema-sync.json"))
        for line in (f"DEV_DIRECTUS_TOKEN {OTHER}", f"DEV_DIRECTUS_TOKEN='{OTHER}", f"DEV_DIRECTUS_TOKEN='{OTHER}'x", f"{OTHER}", f"='{OTHER}'"):
            repo.write(".env", line + "\n")
            done = self.assert_clean(repo.run("-v", "--env", "dev", "export"))
            self.assertEqual(done.status, 78, done.err)

    # ---- the process ----

    def stalled(self, repo):
        """A run that waits for an answer, with all its secrets in memory."""
        proxy = Proxy(self.dev.url)
        self.addCleanup(proxy.close)
        proxy.fault(lambda request: request.path.startswith("/settings"), "stall", times=99)
        run = repo.start("--env", "dev", "export", env={"DEV_DIRECTUS_URL": proxy.url})
        self.addCleanup(run.kill)
        proxy.await_fault()
        return run

    def test_argv(self):
        run = self.stalled(self.prepared())
        with open(f"/proc/{run.pid}/cmdline", "rb") as file:
            self.assert_no_secret("cmdline", file.read())
        sessions = self.dev.query("SELECT application_name, query FROM pg_stat_activity WHERE usename = '" + self.role + "'")
        self.assertEqual(["schema-sync"], sorted({one["application_name"] for one in sessions}))
        self.assert_no_secret("pg_stat_activity", json.dumps(sessions))
        run.kill(signal.SIGTERM)
        self.assert_clean(run.wait())

    def test_no_core(self):
        """Where cores are wanted (ulimit -c unlimited), a run that is killed with one leaves none."""
        repo = self.prepared()
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, (soft, hard))
        run = self.stalled(repo)
        with open(f"/proc/{run.pid}/limits", encoding="ascii") as file:
            (limit,) = [line for line in file if line.startswith("Max core file size")]
        self.assertEqual(["1", "1"], limit.split()[4:6])
        os.kill(run.pid, signal.SIGQUIT)
        _, status = os.waitpid(run.pid, 0)
        run.process.returncode = -signal.SIGQUIT
        self.assertTrue(os.WIFSIGNALED(status))
        self.assertEqual(signal.SIGQUIT, os.WTERMSIG(status))
        self.assertFalse(os.WCOREDUMP(status))
        self.assertEqual([], [name for name in os.listdir(repo.folder) if name.startswith("core")])


if __name__ == "__main__":
    case.main()
