"""Directus 10.13, 11 and 12: each keeps its own state byte for byte, and one version's state arrives in the next.

The full set of tests runs on 11; here are round trip, plan and identity of the others. Directus 12 has no licence here: the
project stays within its limits.
"""

import functools
import json
import unittest

from tests.project import CORE, CORE_10, uid
from tests.support import case, dump, install
from tests.support.directus import Lab

EDITORS, CLERKS, STAFF = uid("role", "Editors"), uid("role", "Clerks"), uid("role", "Staff")
PRESS, SALES = uid("folder", "Press"), uid("dashboard", "Sales")
REFUSED = 77
_opened = {}


def setUpModule():
    _opened["lab"] = Lab.open()
    unittest.addModuleCleanup(_opened["lab"].close)


class VersionCase(case.Case):
    """A pair of one version, started for its class and stopped after it."""

    version = dev = prod = lab = None

    @classmethod
    def setUpClass(cls):
        lab = cls.lab = _opened["lab"]
        names = [f"{flavor}{cls.version.split('.')[0]}" for flavor in ("dev", "prod")]
        cls.dev, cls.prod = lab.together(*names, version=cls.version)
        for name in names:
            cls.addClassCleanup(lab.end, name)

    def run_import(self, repo, *arguments, environment="prod", status=0):
        done = repo.run(*(["--json"] if status == 0 else []), "--env", environment, "import", *arguments).check(status)
        return done.json() if status == 0 else done.err

    def assert_settled(self, repo, *arguments, environment="prod"):
        """Nothing differs, nothing is written when asked again, and the files are what an export into them gives."""
        said = repo.run("--env", environment, "diff", "--again", *arguments).check(0)
        instance = self.prod if environment == "prod" else self.dev
        with self.nothing_written(instance):
            self.assertTrue(self.run_import(repo, "--again", *arguments, environment=environment)["nothing_to_do"])
        return said

    def edit(self, repo, path, change):
        value = repo.json(f"schema/{path}")
        change(value)
        repo.write(f"schema/{path}", json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    def one(self, api, path, **equal):
        found = api.search(path, filter={name: {"_eq": value} for name, value in equal.items()}, limit=-1)
        self.assertEqual(1, len(found), f"{path} {equal}")
        return found[0]


class OldestTest(VersionCase):
    """10.13.4: roles carry their access."""

    version = install.OLDEST

    @classmethod
    @functools.lru_cache(maxsize=1)
    def files(cls):
        CORE_10.prepare(cls.dev)
        with case.Repository(CORE_10.config, dev=cls.dev) as repo:
            repo.run("--env", "dev", "export").check()
            _opened["files"] = repo.files()
            return repo.files()

    def arrived(self):
        """Prod with the project, as dev; it had a role, a folder and a dashboard of the same names before."""
        files = self.files()
        CORE_10.prepare(self.dev)
        repo = self.repository(CORE_10.config, files)
        if not self.prod.saved("arrived"):
            self.prod.reset()
            api = self.prod.api
            api.post("/roles", {"id": uid("role", "there"), "name": "Editors", "app_access": True})
            api.post("/folders", {"id": uid("folder", "there"), "name": "Press"})
            api.post("/dashboards", {"id": uid("dashboard", "there"), "name": "Sales"})
            repo.run("--env", "prod", "import").check()
            self.prod.save("arrived")
        self.prod.reset("arrived")
        return repo

    def test_every_byte_comes_back_and_the_targets_ids_stay(self):
        repo = self.arrived()
        files = repo.files()
        self.assertEqual("10.13.4", json.loads(files["info.json"])["directus"])
        duplicated = json.loads(files["collections/articles.json"])["meta"]["item_duplication_fields"]
        self.assertEqual(["title", "tags.tags_slug", "body"], duplicated)  # the server's snapshot sorts it
        repo.run("--env", "prod", "export").check()
        self.assert_same_files(files, repo.files())
        self.assert_settled(repo)
        api = self.prod.api
        role = self.one(api, "/roles", name="Editors")
        self.assertEqual((uid("role", "there"), False), (role["id"], role["app_access"]))
        self.assertEqual(uid("folder", "there"), self.one(api, "/folders", name="Press")["id"])
        self.assertEqual(uid("dashboard", "there"), self.one(api, "/dashboards", name="Sales")["id"])
        held = self.prod.query(f"SELECT count(*) FROM directus_permissions WHERE role = '{role['id']}'")[0]["count"]
        here = self.dev.query(f"SELECT count(*) FROM directus_permissions WHERE role = '{EDITORS}'")[0]["count"]
        self.assertEqual(here, held)
        self.assertEqual(len(CORE_10.roles) + 1, len(api.search("/roles", limit=-1)))
        for name in ("admin_access", "app_access", "enforce_tfa", "ip_access"):
            self.assertEqual(self.one(self.dev.api, "/roles", name="Clerks")[name], self.one(api, "/roles", name="Clerks")[name])
        findings = repo.run("--json", "--env", "prod", "doctor").check(0).json()
        self.assertNotIn('"blocker"', json.dumps(findings))

    def test_one_change_is_one(self):
        repo = self.arrived()
        path = next(name for name in repo.files() if name.startswith("policies/clerks"))
        self.edit(repo, path, lambda policy: policy.update(app_access=True))
        before = dump.of(self.prod.api)
        said = repo.run("--json", "--env", "prod", "diff").check(2).json()["plan"]
        self.assertEqual(1, len(said["changes"]), said["changes"])
        self.run_import(repo)
        changes = dump.changes(before, dump.of(self.prod.api))
        self.assertEqual([("update", "roles")], [(one.action, one.part) for one in changes])
        self.assertTrue(self.one(self.prod.api, "/roles", name="Clerks")["app_access"])

        # A role's new name is one change too, though its policy has the same one.
        path = next(name for name in repo.files() if name.startswith("roles/clerks"))
        self.edit(repo, path, lambda role: role.update(name="Cashiers"))
        said = repo.run("--json", "--env", "prod", "diff").check(2).json()["plan"]
        self.assertEqual(1, len(said["changes"]), said["changes"])
        self.run_import(repo)
        self.one(self.prod.api, "/roles", name="Cashiers")

        # What only the target has stays, and goes in mode mirror.
        self.prod.api.post("/permissions", {"role": CLERKS, "collection": "vault", "action": "delete"})
        before = dump.of(self.prod.api)
        self.assertTrue(self.run_import(repo, "--again")["nothing_to_do"])
        self.run_import(repo, "--mode", "mirror", "--again")
        self.assertEqual([("delete", "permissions")], [(one.action, one.part) for one in dump.changes(before, dump.of(self.prod.api))])

    def test_policies_of_several_roles_are_expanded(self):
        repo = self.arrived()
        shared = {
            "admin_access": False, "app_access": True, "description": None, "enforce_tfa": False, "icon": "badge",
            "id": uid("policy", "Shared"), "ip_access": None, "name": "Shared",
            "permissions": [{"action": "read", "collection": "vault", "fields": ["*"], "permissions": {},
                             "presets": None, "validation": {}}],
            "roles": [{"role": CLERKS, "sort": 2}, {"role": STAFF, "sort": 1}],
        }
        repo.write("schema/policies/shared.json", json.dumps(shared))
        repo.write("schema/policies/idle.json", json.dumps({**shared, "id": uid("policy", "Idle"), "name": "Idle", "roles": []}))
        self.edit(repo, "info.json", lambda info: info.update(directus="11.17.4"))
        self.edit(repo, "settings.json", lambda settings: settings.update(mcp_enabled=True, a_slip=1))
        with self.nothing_written(self.prod):
            done = self.run_import(repo, status=REFUSED)
        for said in ("the files come from Directus 11.17.4, the target is 10.13.4", 'policy "Idle" is held by no role',
                     "settings: a_slip, mcp_enabled unknown to Directus 10.13.4", "--allow-version"):
            self.assertIn(said, done)
        self.run_import(repo, "--allow-version")
        for name in ("Clerks", "Staff"):
            role = self.one(self.prod.api, "/roles", name=name)
            self.assertTrue(role["app_access"], name)
            self.assertEqual(1, self.prod.value(
                f"SELECT count(*) FROM directus_permissions WHERE role = '{role['id']}' AND collection = 'vault'"))
        self.assert_settled(repo, "--allow-version")
        repo.run("--env", "prod", "status", "--drift").check()  # policies in another form are nobody's change
        # Between minor versions only what some Directus knows is left out.
        self.edit(repo, "info.json", lambda info: info.update(directus="10.14.0"))
        self.assertIn('no field "a_slip"', repo.run("--env", "prod", "diff", "--again").check(65).err)
        self.edit(repo, "settings.json", lambda settings: settings.pop("a_slip"))
        said = repo.run("--json", "--env", "prod", "diff", "--again").check(0).json()["plan"]["notes"]
        self.assertIn("settings: mcp_enabled unknown to Directus 10.13.4", said)

        policies = {path: text for path, text in repo.files().items() if path.startswith(("policies/", "roles/"))}
        repo.run("--env", "prod", "export", "--overwrite").check()
        after = {path: json.loads(text) for path, text in repo.files().items() if path.startswith(("policies/", "roles/"))}
        self.assertEqual(sorted(json.loads(text)["name"] for text in policies.values()), sorted(one["name"] for one in after.values()))
        kept = next(one for one in after.values() if one["id"] == shared["id"])
        self.assertEqual(sorted(row["role"] for row in shared["roles"]), sorted(row["role"] for row in kept["roles"]))

    def test_repeated_permissions_are_all_there(self):
        """The server answers those of one role, collection and action as one without an id."""
        self.prod.reset()
        role = uid("role", "Twice")
        self.prod.api.post("/roles", {"id": role, "name": "Twice", "app_access": False})
        self.prod.execute(
            "INSERT INTO directus_permissions (role, collection, action, permissions, fields) VALUES "
            + ", ".join(f"('{role}', 'directus_files', 'read', '{{\"title\":{{\"_eq\":\"{word}\"}}}}', '*')" for word in "ab")
            + f", ('{self.prod.admin_10()}', 'directus_collections', 'read', '{{}}', '*')")
        files = self.export({"collections": {}}, "prod")
        kept = [json.loads(text)["permissions"] for path, text in sorted(files.items()) if path.startswith("policies/")]
        self.assertEqual([0, 1, 2], sorted(map(len, kept)))


class NewestTest(VersionCase):
    """12.4.0 without a licence; its project came from 10.13.4 through 11.17.4."""

    version = install.NEWEST

    @classmethod
    @functools.lru_cache(maxsize=1)
    def files_of_eleven(cls):
        """10 → 11: the state of the oldest, as 11.17.4 writes it."""
        eleven = _opened["lab"].instance("prod")
        if "files" not in _opened:
            CORE.prepare(eleven)
            with case.Repository(CORE.config, prod=eleven) as repo:
                repo.run("--env", "prod", "export").check()
                return repo.files()
        files = _opened["files"]
        with case.Repository(CORE.config, prod=eleven) as repo:
            for path, text in files.items():
                repo.write(f"schema/{path}", text)
            refused = repo.run("--env", "prod", "import").check(REFUSED)
            assert "the files come from Directus 10.13.4, the target is 11.17.4" in refused.err, refused.err
            repo.run("--env", "prod", "import", "--allow-version").check()
            repo.run("--env", "prod", "diff", "--again", "--allow-version").check(0)
            before = {path: text for path, text in repo.files().items() if path.startswith(("roles/", "policies/", "data/"))}
            repo.run("--env", "prod", "export").check()
            after = repo.files()
            assert before.items() <= after.items(), sorted(path for path in before if before[path] != after.get(path))
            return after

    def test_what_eleven_wrote_converges_and_every_byte_comes_back(self):
        repo = self.repository(CORE.config, self.files_of_eleven())
        repo.commit("eleven")
        api = self.prod.api
        api.post("/roles", {"id": uid("role", "there"), "name": "Editors"})
        api.post("/folders", {"id": uid("folder", "there"), "name": "Press"})
        with self.nothing_written(self.prod, but=("columns",)):
            self.assertIn("the target is 12.4.0", self.run_import(repo, status=REFUSED))
        self.run_import(repo, "--allow-version")
        self.assert_settled(repo, "--allow-version")
        self.assertEqual(uid("role", "there"), self.one(api, "/roles", name="Editors")["id"])
        self.assertEqual(uid("folder", "there"), self.one(api, "/folders", name="Press")["id"])
        self.what_only_this_version_has_is_no_drift(repo)
        self.nor_does_a_merge_write_it(repo)

        repo.run("--env", "prod", "export").check()
        files = repo.files()
        self.assertEqual("12.4.0", json.loads(files["info.json"])["directus"])
        repo.run("--env", "dev", "import").check()
        repo.run("--env", "dev", "export").check()
        self.assert_same_files(files, repo.files())
        self.assert_settled(repo, environment="dev")
        self.one_change(repo)
        self.hidden_rows_are_missed(repo)

    def what_only_this_version_has_is_no_drift(self, repo):
        """Members and system fields that the files' version does not know are nobody's change."""
        repo.run("--env", "prod", "status", "--drift").check()
        self.prod.api.patch("/collections/tags", {"meta": {"note": "by hand"}})
        found = repo.run("--json", "--env", "prod", "status", "--drift").check(2).json()["drift"]
        self.assertEqual([("collections", "tags")], [(one["type"], one["label"]) for one in found["records"]])
        self.prod.api.patch("/collections/tags", {"meta": {"note": None}})

    def nor_does_a_merge_write_it(self, repo):
        """The files' version stays theirs: of the instance only what was changed there comes into them."""
        path = next(name for name in repo.files() if name.startswith("flows/refuse"))
        self.edit(repo, path, lambda flow: flow.update(description="In the files"))
        repo.commit("a flow")
        before = repo.files()
        self.prod.api.patch("/collections/tags", {"meta": {"note": "by hand"}})
        repo.run("--env", "prod", "export", "--merge").check()
        after = repo.files()
        self.assertEqual({"collections/tags.json"}, {name for name in before | after if before.get(name) != after.get(name)})
        self.assertEqual("by hand", json.loads(after["collections/tags.json"])["meta"]["note"])
        self.prod.api.patch("/collections/tags", {"meta": {"note": None}})
        repo.git("reset", "-q", "--hard", "HEAD~1")

    def one_change(self, repo):
        """At the limit of five active flows, one of them changes: its status is not sent again."""
        active = self.dev.api.search("/flows", filter={"status": {"_eq": "active"}}, limit=-1)
        self.assertEqual(5, len(active))
        path = next(name for name in repo.files() if name.startswith("flows/refuse"))
        self.edit(repo, path, lambda flow: flow.update(description="Nobody passes"))
        before = dump.of(self.dev.api)
        said = repo.run("--json", "--env", "dev", "diff").check(2).json()["plan"]
        self.assertEqual(1, len(said["changes"]), said["changes"])
        self.run_import(repo, environment="dev")
        changes = dump.changes(before, dump.of(self.dev.api))
        self.assertEqual([("update", "flows")], [(one.action, one.part) for one in changes])

    def hidden_rows_are_missed(self, repo):
        """Without a licence permissions with rules are hidden: nothing is decided on such a read."""
        policy = self.dev.value("SELECT id FROM directus_policies WHERE name IN ('Editors', 'Write content')")
        self.dev.execute(
            "INSERT INTO directus_permissions (policy, collection, action, permissions, fields) VALUES "
            f"('{policy}', 'tags', 'share', '{{\"_and\":[{{\"slug\":{{\"_eq\":\"a\"}}}}]}}', '*')")
        self.dev.api.clear_cache()
        with self.nothing_written(self.dev):
            done = repo.run("--env", "dev", "import", "--again", "--mode", "mirror", "--allow-delete").check(69)
        self.assertRegex(done.err, r"read \d+ of \d+ permissions")
        self.assertIn("licence", done.err)


def load_tests(loader, _standard, _pattern):
    """The oldest first: the others get its state."""
    suite = unittest.TestSuite(loader.loadTestsFromTestCase(one) for one in (OldestTest, NewestTest))
    return suite


if __name__ == "__main__":
    case.main()
