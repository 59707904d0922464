"""doctor and the checks at the start of an import: every finding is provoked on a real instance."""

import json
import os
import threading

from tests.project import SMALL, uid
from tests.support import case, fingerprint, postgres

REMOTE, REFUSED, CONFIG, FILES = 69, 77, 78, 65
TWELVE = "12.4.0"
ODD = {
    "CACHE_ENABLED": "true", "CACHE_AUTO_PURGE": "false", "CACHE_TTL": "7m", "RATE_LIMITER_ENABLED": "true",
    "RATE_LIMITER_POINTS": "5000", "RATE_LIMITER_DURATION": "60", "QUERY_LIMIT_MAX": "200", "MAX_PAYLOAD_SIZE": "500kb",
}
SEO = """export default {
  id: 'seo-box', name: 'SEO', icon: 'box', component: { render: () => null }, options: null, types: ['string'],
};
"""


# Of a Directus 12 without a licence.
COLLECTIONS, FLOWS, SEATS = 25, 5, 3


def setUpModule():
    case.open_lab()
    put_extension(case.lab(), "odd")
    starts = [threading.Thread(target=case.lab().instance, args=("odd",), kwargs={"env": ODD}),
              threading.Thread(target=case.lab().instance, args=("twelve",), kwargs={"version": TWELVE})]
    for start in starts:
        start.start()
    for start in starts:
        start.join()


def put_extension(lab, name):
    """Where the instance looks for extensions when it starts."""
    folder = os.path.join(lab.folder, f"directus-{name}", "extensions", "directus-extension-seo")
    os.makedirs(os.path.join(folder, "dist"))
    about = {"type": "interface", "path": "dist/index.js", "source": "src/index.js", "host": "^11.0.0"}
    with open(os.path.join(folder, "package.json"), "w", encoding="ascii") as file:
        json.dump({"name": "directus-extension-seo", "version": "1.0.0", "type": "module", "directus:extension": about}, file)
    with open(os.path.join(folder, "dist", "index.js"), "w", encoding="ascii") as file:
        file.write(SEO)


class DoctorCase(case.Case):
    _kept = {}

    def setUp(self):
        if "files" not in self._kept:
            SMALL.prepare(self.dev)
            self._kept["files"] = self.export(SMALL.config)
        self.files = dict(self._kept["files"])

    def project(self, files=True, **instances):
        """A committed repository with the small project's files, or without."""
        config = {**SMALL.config, "environments": {"prod": {"protected": True}}}
        repo = self.repository(config, self.files if files else None, **instances)
        repo.commit("state")
        return repo

    def advance(self, repo):
        """The edited files as the next commit of a repository: of another one they would have another history."""
        for path, content in self.files.items():
            repo.write(os.path.join("schema", path), content)
        repo.commit("edited")
        return repo

    def doctor(self, repo, environment="prod", *arguments, status=0, env=None):
        """{check: [findings]} of a run that ends with this status."""
        done = repo.run("--env", environment, "--json", "doctor", *arguments, env=env)
        self.assertEqual(status, done.status, done.out + done.err)
        self.assertEqual("", done.err)
        self.report = done.json()
        findings = {}
        for one in self.report["findings"]:
            findings.setdefault(one["check"], []).append(one)
        return findings

    def assert_found(self, findings, check, level, says, mend=None, status=0):
        found = [one for one in findings.get(check, []) if one["level"] == level]
        self.assertEqual(1, len(found), findings.get(check))
        self.assertRegex(found[0]["text"], says)
        self.assertEqual(status, found[0]["status"])
        if level == "ok":
            self.assertIsNone(found[0]["mend"])
        else:
            self.assertRegex(found[0]["mend"], mend)

    def assert_only(self, findings, *checks):
        """Nothing but these is worse than ok."""
        worse = {check for check, found in findings.items() if any(one["level"] != "ok" for one in found)}
        self.assertEqual(set(checks), worse, findings)

    def edit(self, path, change):
        parsed = json.loads(self.files[path])
        change(parsed)
        self.files[path] = json.dumps(parsed, indent=2).encode() + b"\n"

    def refused(self, repo, status, says, *arguments, environment="prod", env=None):
        """An import ends with the same fault and has written nothing."""
        instance = {"dev": self.dev, "prod": self.prod}.get(environment) or self.lab.instances[environment]
        with self.nothing_written(instance, but=fingerprint.LOCKED):
            done = repo.run("--env", environment, "import", *arguments, env=env)
        self.assertEqual(status, done.status, done.err)
        self.assertRegex(done.err, f"schema-sync: .*{says}")


class HealthTest(DoctorCase):
    """Nothing is wrong, or hardly anything."""

    def test_all_is_well(self):
        repo = self.project()
        self.prod.reset()
        with self.nothing_written(self.prod):
            findings = self.doctor(repo)
        self.assert_only(findings)
        self.assertEqual((0, 0), (self.report["blockers"], self.report["warnings"]))
        expected = ("config files git disk instance rights target database marker lock pair version vendor licence "
                    "extensions postgis untracked flows members limits payload pressure cache clock space")
        self.assertEqual(expected.split(), list(findings))
        self.assert_found(findings, "marker", "ok", "not installed yet")
        self.assert_found(findings, "pair", "ok", "same project id, same newest activity")
        self.assert_found(findings, "instance", "ok", "Directus 11.17.4 at http://127")
        text = repo.run("--env", "prod", "doctor").check().out
        self.assertRegex(text, r"\Aok       config      .*schema-sync.json, mode merge, rows of 3 collections\n")
        self.assertRegex(text, r"\nprod — http://127[^\n]*: nothing stands in the way of an import\n\Z")
        self.assertNotIn("\033", text)
        asked = repo.run("--env", "prod", "import", "-v").check().err
        for path in ("/license", "/extensions", "/collections", "/permissions/me"):  # nothing gives a reason to
            self.assertNotIn(f"GET {path}", asked)
        self.assert_found(self.doctor(repo), "marker", "ok", r"installed, applied 20\d\d-.* from commit [0-9a-f]{12}")

    def test_without_files(self):
        self.prod.reset()
        findings = self.doctor(self.project(files=False))
        self.assert_only(findings, "files")
        self.assert_found(findings, "files", "warning", "no state in schema/ yet", "schema-sync export")
        self.assertNotIn("postgis", findings)

    def test_without_a_database(self):
        self.prod.reset()
        findings = self.doctor(self.project(), env={"PROD_DATABASE_URL": None})
        self.assert_only(findings, "database")
        self.assert_found(findings, "database", "warning", "cannot be told", "PROD_DATABASE_URL")
        self.assertFalse({"marker", "lock", "pair", "space"} & set(findings))

    def test_configuration_and_git(self):
        config = {**SMALL.config, "environments": {"prod": {}, "dev": {"protected": True, "allowDelete": True}}}
        config["collections"] = {**config["collections"], "nots": True}
        self.prod.reset()
        repo = self.repository(config, self.files)
        findings = self.doctor(repo)
        self.assert_only(findings, "config", "git")
        self.assertEqual(["the environment prod is not protected",
                          'the configuration carries rows of "nots", a collection the files do not have'],
                         [one["text"] for one in findings["config"]])
        self.assert_found(findings, "git", "warning", "differ from the last commit", "commit them")
        findings = self.doctor(repo, env={"PROD_DIRECTUS_URL": "http://0.0.0.0:" + str(self.prod.port), "TMPDIR": "/nowhere"})
        self.assertRegex(findings["disk"][1]["text"], "free space of /nowhere cannot be told")
        self.assertRegex(findings["config"][1]["text"], "token travels in clear")
        repo.write(".env.directus", "DIRECTUS_TOKEN=x\n")
        repo.commit("all of it")
        findings = self.doctor(repo, "dev")
        self.assert_found(findings, "git", "warning", r"^\.env\.directus is committed", "gitignore")
        self.assertRegex(findings["config"][0]["text"], "may lose data")

    def test_marker_and_lock(self):
        self.prod.reset()
        repo = self.project()
        repo.run("--env", "prod", "install").check()
        held = "UPDATE directus_settings SET schema_sync_state = '{}', schema_sync_owner = {}, schema_sync_owner_info ="\
               " 'schema-sync on ci', schema_sync_lease_until = clock_timestamp() + interval '{} s', schema_sync_error = {}"
        self.prod.execute(held.format("importing", "'ci:1:00'", 60, "NULL"))
        self.assert_found(self.doctor(repo), "lock", "warning", "at work: schema-sync on ci, until 20", "wait for it")
        self.prod.execute(held.format("importing", "'ci:1:00'", -60, "NULL"))
        self.assert_found(self.doctor(repo), "lock", "warning", "seems dead", "next import takes it over")
        self.prod.execute(held.format("failed", "NULL", 0, "'the network broke'"))
        self.assert_found(self.doctor(repo), "marker", "warning", "failed: the network broke", "run the import again")


class BlockerTest(DoctorCase):
    """What an import would end with, doctor ends with."""

    def test_unreachable(self):
        dead = {"PROD_DIRECTUS_URL": "http://127.0.0.1:9", "SCHEMA_SYNC_RETRY": "0"}
        findings = self.doctor(self.project(), status=REMOTE, env=dead)
        self.assert_found(findings, "instance", "blocker", "cannot be reached", "DIRECTUS_URL", REMOTE)
        self.assert_found(findings, "database", "ok", "PostgreSQL")
        self.assertNotIn("rights", {one for one in findings if findings[one][0]["level"] == "blocker"})
        nobody = {"PROD_DATABASE_URL": self.prod.database_url.rsplit("/", 1)[0] + "/nowhere"}
        findings = self.doctor(self.project(), status=REMOTE, env=nobody)
        self.assert_found(findings, "database", "blocker", "nowhere", "database name", REMOTE)
        self.assert_found(findings, "rights", "ok", "has admin access")
        self.assertEqual(CONFIG, self.doctor(self.project(), status=CONFIG, env={"PROD_DIRECTUS_URL": None})["config"][0]["status"])

    def test_rights(self):
        SMALL.prepare(self.prod)
        repo = self.project()
        self.prod.api.post("/users", {"email": "small@example.com", "role": uid("role", "Small desk"), "token": "small-token-7c"})
        findings = self.doctor(repo, status=REFUSED, env={"PROD_DIRECTUS_TOKEN": "small-token-7c"})
        self.assert_found(findings, "instance", "ok", "Directus 11.17.4")
        self.assert_found(findings, "rights", "blocker", "no admin access: it may read 1 collections, create in 0, update in 1",
                          "policy with admin access", REFUSED)
        findings = self.doctor(repo, status=REFUSED, env={"PROD_DIRECTUS_TOKEN": "wrong"})
        self.assert_found(findings, "instance", "blocker", "token is not accepted", "DIRECTUS_TOKEN", REFUSED)
        self.prod.execute("DROP ROLE IF EXISTS reader", f"CREATE ROLE reader LOGIN PASSWORD '{postgres.PASSWORD}'",
                          "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        reader = self.prod.database_url.replace("//postgres", "//reader", 1)
        self.assertIn("//reader", reader)
        findings = self.doctor(repo, status=REFUSED, env={"PROD_DATABASE_URL": reader})
        self.assert_found(findings, "marker", "blocker", "may not add the marker columns", "install --print-sql", REFUSED)
        repo.run("--env", "prod", "install").check()
        findings = self.doctor(repo, status=REFUSED, env={"PROD_DATABASE_URL": reader})
        self.assert_found(findings, "marker", "blocker", "may not write directus_settings", "GRANT UPDATE", REFUSED)
        self.prod.execute("DROP OWNED BY reader", "DROP ROLE reader")

    def test_another_database(self):
        self.prod.reset()
        repo = self.project()
        findings = self.doctor(repo, status=CONFIG, env={"PROD_DATABASE_URL": self.dev.database_url})
        self.assert_found(findings, "pair", "blocker", "project ids differ", "check DATABASE_URL", CONFIG)
        copied = f"directus_copied_{os.getpid()}"
        self.lab.cluster.clone(self.prod.database, copied)
        self.addCleanup(self.lab.cluster.drop, copied)
        self.prod.api.patch("/settings", {"project_name": "goes on"})
        findings = self.doctor(repo, status=CONFIG, env={"PROD_DATABASE_URL": self.lab.cluster.url(copied)})
        self.assert_found(findings, "pair", "blocker", "newest activities differ", "check DATABASE_URL", CONFIG)

    def test_tables_in_the_way(self):
        self.prod.reset()
        repo = self.project()
        self.prod.execute("CREATE TABLE notes (id uuid PRIMARY KEY)", "CREATE VIEW topics AS SELECT 1 AS one")
        self.prod.api.clear_cache()
        says = "in the database, but not in Directus, stand what the files would create: notes, topics"
        for env in ({}, {"PROD_DATABASE_URL": None}):
            findings = self.doctor(repo, status=REFUSED, env=env)
            self.assert_found(findings, "untracked", "blocker", "stand.* what the files would create: notes", "Data Model", REFUSED)
        repo.run("--env", "prod", "install").check()
        self.refused(repo, REFUSED, says)
        self.refused(repo, REFUSED, "would create: notes", "--marker", "none", env={"PROD_DATABASE_URL": None})
        self.prod.execute("DROP VIEW topics", "DROP TABLE notes")
        self.prod.api.clear_cache()
        repo.run("--env", "prod", "import").check()
        self.prod.execute("ALTER TABLE notes ADD COLUMN mood text")

        def mood(one):
            text = json.dumps(next(field for field in one["fields"] if field["field"] == "body"))
            one["fields"].append(json.loads(text.replace('"body"', '"mood"')))

        self.edit("collections/notes.json", mood)
        self.advance(repo)
        findings = self.doctor(repo, status=REFUSED)
        self.assert_found(findings, "untracked", "blocker", "would create: notes.mood", "Data Model", REFUSED)
        self.refused(repo, REFUSED, "would create: notes.mood")
        repo.write("schema-sync.json", json.dumps({**SMALL.config, "ignore": [{"collection": "directus_fields", "key": "notes.mood"}]}))
        self.assert_found(self.doctor(repo), "untracked", "ok", "no table is to be created")
        repo.run("--env", "prod", "import").check()

    def test_what_the_files_ask_for(self):
        self.prod.reset()
        self.edit("collections/notes.json", lambda one: next(
            f for f in one["fields"] if f["field"] == "extra").update(type="geometry.Point"))
        flow = next(path for path in self.files if path.startswith("flows/"))

        def circle(one):
            by_key = {operation["key"]: operation for operation in one["operations"]}
            by_key["yes"]["resolve"] = by_key["check"]["id"]

        self.edit(flow, circle)
        self.edit("presets.json", lambda one: one[0].update(colour="red"))
        self.edit("info.json", lambda one: one.update(vendor="mysql"))
        findings = self.doctor(self.project(), status=REFUSED)
        self.assert_found(findings, "vendor", "blocker", "mysql database, the target's is postgres", "--allow-version", REFUSED)
        self.assert_found(findings, "postgis", "blocker", r"schema/collections/notes.json: .*needs PostGIS", "CREATE EXTENSION", REFUSED)
        self.assert_found(findings, "flows", "blocker", f"schema/{flow}: .*lead back", "break the circle", FILES)
        self.assert_found(findings, "members", "blocker", r'presets.json: \(/0/colour\): .*no field "colour"', "remove", FILES)
        self.files["presets.json"] = b"[\n"
        findings = self.doctor(self.project(), status=FILES)
        self.assert_found(findings, "files", "blocker", "schema/presets.json: line 2", ".", FILES)
        self.assert_only(findings, "files")

    def test_another_major(self):
        self.prod.reset()
        self.edit("info.json", lambda one: one.update(directus="12.4.0"))
        repo = self.project()
        findings = self.doctor(repo, status=REFUSED)
        self.assert_found(findings, "version", "blocker", "files come from Directus 12.4.0, the target is 11.17.4",
                          "--allow-version", REFUSED)
        findings = self.doctor(repo, "prod", "--allow-version")
        self.assert_found(findings, "version", "warning", "another major version", "diff --allow-version")
        self.edit("info.json", lambda one: one.update(directus="11.2.0"))
        self.assert_found(self.doctor(self.project()), "version", "ok", "an older minor")


class OddTest(DoctorCase):
    """An instance with an extension, a cache that keeps, a rate limiter and small limits."""

    @property
    def odd(self):
        return self.lab.instances["odd"]

    def test_limits_and_cache(self):
        self.odd.api.clear_cache()  # an answer out of it lives only as long as is left
        findings = self.doctor(self.project(odd=self.odd), "odd")
        self.assert_only(findings, "limits", "payload", "cache")
        self.assertEqual(["the rate limiter lets 5000 requests in 60 s through per address",
                          "QUERY_LIMIT_MAX is 200: everything is read in pages of that size"],
                         [one["text"] for one in findings["limits"]])
        self.assert_found(findings, "payload", "warning", "900 KB is refused", "MAX_PAYLOAD_SIZE")
        self.assert_found(findings, "cache", "warning", r"just read for 4[012]\d s", "CACHE_AUTO_PURGE")

    def test_pressure_and_clock(self):
        self.prod.reset()
        proxy = self.proxy(self.prod)
        proxy.fault(lambda request: request.path.startswith("/settings"), "unavailable", times=2)
        findings = self.doctor(self.project(), env={"PROD_DIRECTUS_URL": proxy.url})
        self.assert_only(findings, "pressure")
        self.assert_found(findings, "pressure", "warning", r"2 of \d+ requests were refused", "memory and CPU")

    def test_extensions(self):
        def custom(one):
            for name in ("title", "body"):
                next(f for f in one["fields"] if f["field"] == name)["meta"]["interface"] = "seo-box"

        self.edit("collections/notes.json", custom)
        repo = self.project(odd=self.odd)
        self.assert_found(self.doctor(repo, "odd"), "extensions", "ok", "need 1, 1 are installed, 0 of them")
        self.prod.reset()
        lacks = r'the target lacks interface "seo-box" \(schema/collections/notes.json: \(/fields/\d+/meta\) and 1 more\)'
        self.assert_found(self.doctor(repo), "extensions", "warning", lacks, "install or enable")
        done = repo.run("--env", "prod", "import", "-v").check()
        self.assertEqual(1, len([line for line in done.err.splitlines() if line.startswith("warning: the target lacks")]), done.err)
        self.assertEqual(1, done.err.count("/extensions/sources/index.js"), done.err)
        # What the target's own records use is not asked for again.
        self.edit("collections/topics.json", lambda one: one["meta"].update(note="changed"))
        again = self.advance(repo).run("--env", "prod", "import", "-v").check()
        self.assertNotIn("/extensions", again.err)
        self.assertNotIn("warning", again.err)


class LicenceTest(DoctorCase):
    """Directus 12 without a licence: creates come before deletes, so that the sum of both sides counts."""

    def setUp(self):
        super().setUp()
        self.twelve = self.lab.instances["twelve"]
        self.twelve.reset()
        self.edit("info.json", lambda one: one.update(directus=TWELVE))

    def without_rules(self):
        for path in self.files:
            if path.startswith("policies/"):
                self.edit(path, lambda one: one.update(permissions=[]))

    def licensed(self, status, says, *, level="blocker", mend="remove|licence"):
        """doctor says so, and an import ends with it before it writes."""
        repo = self.project(twelve=self.twelve)
        findings = self.doctor(repo, "twelve", status=status)
        if status == 0:
            self.assert_only(findings)
            return repo
        found = [one for one in findings["licence"] if one["level"] == level]
        self.assertRegex(found[0]["text"], says)
        self.assertRegex(found[0]["mend"], mend)
        repo.run("--env", "twelve", "install").check()
        self.refused(repo, REFUSED, says, environment="twelve")
        return repo

    def test_custom_rules(self):
        self.licensed(REFUSED, r"no permissions with conditions or chosen fields: the files have 3, the first at schema/policies/")
        self.without_rules()
        repo = self.licensed(0, "")
        done = repo.run("--env", "twelve", "import", "-v").check()
        self.assertEqual(1, done.err.count("GET /license"), done.err)
        self.edit("roles/" + next(path[6:] for path in self.files if path.startswith("roles/")), lambda one: one.update(icon="star"))
        again = self.project(twelve=self.twelve).run("--env", "twelve", "import", "-v").check()
        self.assertNotIn("GET /license", again.err)

    def test_collections_and_flows(self):
        self.without_rules()
        for number in range(COLLECTIONS - 3):  # with notes, topics and imprint: as many as there may be
            self.copy("collections/imprint.json", "imprint", f"page_{number}")
        self.licensed(0, "")
        self.twelve.api.post("/collections", {"collection": "theirs", "schema": {}, "meta": {}})
        self.licensed(REFUSED, "allows 25 collections: 1 are there, and the files bring 25 more")
        self.twelve.reset()
        flow = next(path for path in self.files if path.startswith("flows/"))
        for number in range(FLOWS):
            name, key = f"Copy {number}", str(uid("flow", f"Copy {number}"))
            self.files[f"flows/copy-{number}-{key[:8]}.json"] = json.dumps(
                {**json.loads(self.files[flow]), "id": key, "name": name, "operation": None, "operations": []}).encode()
        self.licensed(REFUSED, "allows 5 active flows: 0 are there, and the files bring 6 more")

    def copy(self, path, old, new):
        self.files[f"collections/{new}.json"] = self.files[path].replace(f'"{old}"'.encode(), f'"{new}"'.encode())

    def test_seats(self):
        self.without_rules()
        self.twelve.api.post("/roles", [{"id": uid("role", "Small desk"), "name": "Small desk"}])
        self.twelve.api.post("/users", [
            {"email": f"user{number}@example.com", "role": uid("role", "Small desk")} for number in range(SEATS)])
        self.licensed(REFUSED, "allows 3 seats: 1 are there, and the files bring 3 more")


if __name__ == "__main__":
    case.main()
