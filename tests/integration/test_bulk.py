"""Directus 12.4: configuration arrives in one transaction, POST /utils/import, with the links it does not write."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from tests.project import SMALL_CORE, uid
from tests.support import case
from tests.support.directus import Lab

VERSION = "12.4.0"
STAFF, DESK = uid("role", "Small staff"), uid("role", "Small desk")
FLOW = uid("flow", "Small")
CHECK, YES, NO = (uid("operation", f"Small/{key}") for key in ("check", "yes", "no"))
CONFIGURATION = ("roles", "policies", "access", "permissions", "translations", "presets", "dashboards", "panels", "flows",
                 "operations", "folders")
CONFIG = {"collections": {}}
_opened = {}


def setUpModule():
    lab = Lab.open()
    unittest.addModuleCleanup(lab.close)
    prod = lab.instance("twelve", version=VERSION)
    SMALL_CORE.prepare(prod)
    repo = case.Repository(CONFIG, prod=prod)
    unittest.addModuleCleanup(repo.close)
    repo.run("--env", "prod", "export").check()
    prod.reset()
    repo.run("--env", "prod", "import", "--only", "collections").check()
    prod.save("schema")
    _opened.update(lab=lab, prod=prod, files=repo.files())


class BulkTest(unittest.TestCase):
    """One instance of 12.4.0; it holds the schema of SMALL and nothing else."""

    @property
    def prod(self):
        return _opened["prod"]

    def setUp(self):
        self.repo = case.Repository(CONFIG, prod=self.prod)
        self.addCleanup(self.repo.close)
        for path, content in _opened["files"].items():
            self.repo.write(os.path.join("schema", path), content)

    # ---- helpers ----

    def arrive(self):
        """prod with all of SMALL."""
        if self.prod.saved("arrived"):
            self.prod.reset("arrived")
            return
        self.prod.reset("schema")
        self.repo.run("--env", "prod", "import").check()
        self.prod.save("arrived")

    def edit(self, path, change):
        value = self.repo.json(f"schema/{path}")
        change(value)
        self.repo.write(f"schema/{path}", json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    def path_of(self, folder, **equal):
        """The file of a folder whose record has these values."""
        for name in sorted(os.listdir(os.path.join(self.repo.state, folder))):
            record = self.repo.json(f"schema/{folder}/{name}")
            if all(record.get(key) == value for key, value in equal.items()):
                return f"{folder}/{name}"
        raise AssertionError(f"no {equal} in {folder}")

    def imported(self, status=0, fault=None):
        """An import through a proxy: (result, what it wrote: ["POST /roles", …], the proxy's log)."""
        with case.Proxy(self.prod.url, record_bodies=True) as proxy:
            if fault:
                proxy.fault(*fault)
            done = self.repo.run("--env", "prod", "import", env={"PROD_DIRECTUS_URL": proxy.url}).check(status)
            writes = [f"{one.method} {one.path.split('?')[0]}" for one in proxy.writes()]
            return done, writes, list(proxy.log)

    def counts(self):
        parts = ", ".join(f"(SELECT count(*) FROM directus_{name}) AS {name}" for name in CONFIGURATION)
        return self.prod.query(f"SELECT {parts}")[0]

    def operation(self, key):
        return self.prod.query(f"SELECT resolve, reject FROM directus_operations WHERE id = '{key}'")[0]

    def assert_settled(self):
        """An export gives the very files, and another import finds nothing to write."""
        before = self.repo.files()
        self.repo.run("--env", "prod", "export", "--overwrite").check()
        self.assertEqual(before, self.repo.files())
        _, writes, _ = self.imported()
        self.assertEqual([], writes)

    # ---- tests ----

    def test_first_import_is_one_transaction(self):
        self.prod.reset("schema")
        _, writes, log = self.imported()
        self.assertEqual(["POST /utils/import", "PATCH /flows"], [writes[0], writes[-1]])
        # grants and the parents of roles do not depend on each other: two connections send them at once
        self.assertEqual(["PATCH /roles", "POST /access"], sorted(writes[1:-1]))
        bulk = next(one for one in log if one.path.startswith("/utils/import"))
        self.assertIn("mode=merge", bulk.path)
        self.assertNotIn("dangerouslyAllowDelete", bulk.path)
        self.assertEqual(1, len({row["xmin"] for name in ("roles", "policies", "permissions", "panels", "operations")
                                 for row in self.written(name)}), "not one transaction")
        self.assertEqual(DESK, self.prod.value("SELECT role FROM directus_access WHERE role IS NOT NULL AND role NOT IN"
                                               " (SELECT role FROM directus_users WHERE role IS NOT NULL)"))
        self.assertEqual(STAFF, self.prod.value(f"SELECT parent FROM directus_roles WHERE id = '{DESK}'"))
        self.assertEqual({"resolve": YES, "reject": NO}, self.operation(CHECK))
        self.assertEqual({"operation": CHECK, "status": "active"},
                         self.prod.query(f"SELECT operation, status FROM directus_flows WHERE id = '{FLOW}'")[0])
        self.assert_settled()

    def written(self, name):
        """Who wrote the new rows of a table: the transaction of rows that nobody has changed since."""
        new = {"roles": f"id = '{STAFF}'", "policies": "name = 'Small notes'", "permissions": "collection = 'notes'",
               "panels": "true", "operations": f"id IN ('{YES}', '{NO}')"}[name]
        found = self.prod.query(f"SELECT xmin::text FROM directus_{name} WHERE {new}")
        self.assertTrue(found, name)
        return found

    def test_refused_record_leaves_nothing(self):
        self.prod.reset("schema")
        before = self.counts()
        self.edit(self.path_of("dashboards", name="Small"), lambda one: one["panels"][0].update(icon="x" * 70))
        done, writes, _ = self.imported(69)
        self.assertEqual(["POST /utils/import"], writes)
        self.assertEqual(before, self.counts())
        self.assertIn("Small › Text", done.err)
        self.assertIn("VALUE_TOO_LONG", done.err)

    def test_links_move_and_go(self):
        """A link that becomes null, UNIQUE links that change places, parents that go: nothing of that is left out."""
        self.arrive()

        def rewire(flow):
            operations = {one["id"]: one for one in flow["operations"]}
            operations[CHECK].update(resolve=NO, reject=None)
            operations[NO].update(resolve=YES)

        self.edit(self.path_of("flows", name="Small"), rewire)
        self.edit(self.path_of("roles", name="Small desk"), lambda role: role.update(parent=None, icon="star"))
        self.edit("folders.json", lambda folders: [one.update(parent=None, name=one["name"] + "!") for one in folders])
        self.edit("translations.json", lambda texts: texts[0].update(key="smaller", language="fr-FR"))
        _, writes, _ = self.imported()
        self.assertEqual(1, writes.count("POST /utils/import"))
        self.assertEqual({"resolve": NO, "reject": None}, self.operation(CHECK))
        self.assertEqual({"resolve": YES, "reject": None}, self.operation(NO))
        self.assertIsNone(self.prod.value(f"SELECT parent FROM directus_roles WHERE id = '{DESK}'"))
        self.assertEqual(0, self.prod.value("SELECT count(*) FROM directus_folders WHERE parent IS NOT NULL"))
        self.assert_settled()

    def test_permissions_keep_their_ids(self):
        self.arrive()
        ids = "SELECT id FROM directus_permissions WHERE collection = 'notes' ORDER BY id"
        before = [one["id"] for one in self.prod.query(ids)]

        def change(policy):
            policy["icon"] = "star"
            policy["permissions"][0]["validation"] = None
            policy["permissions"].append({**policy["permissions"][0], "action": "share"})

        self.edit(self.path_of("policies", name="Small notes"), change)
        _, writes, log = self.imported()
        self.assertEqual(["POST /utils/import"], writes)
        sent = [one.path for one in log]
        self.assertIn("/utils/cache/clear?system", sent[[path.startswith("/utils/import") for path in sent].index(True):])
        after = [one["id"] for one in self.prod.query(ids)]
        self.assertEqual(before, [one for one in after if one in before])
        self.assertEqual(len(before) + 1, len(after))
        self.assert_settled()

    def test_one_kind_of_record_needs_no_more_than_its_batch(self):
        self.arrive()
        self.edit(self.path_of("dashboards", name="Small"), lambda one: one.update(icon="star"))
        _, writes, _ = self.imported()
        self.assertEqual(["PATCH /dashboards"], writes)

    def test_lost_answer_is_found_by_reading_again(self):
        self.prod.reset("schema")
        done, writes, _ = self.imported(fault=(lambda one: one.path.startswith("/utils/import"), "drop_after"))
        self.assertEqual(1, writes.count("POST /utils/import"))
        self.assertIn("reading again", done.err)
        self.assertEqual(2, self.counts()["operations"] - 1)
        self.assert_settled()

    def test_in_batches_where_it_is_refused_as_such(self):
        self.prod.reset("schema")
        body = json.dumps({"errors": [{"message": "Concurrent import limit exceeded.",
                                       "extensions": {"code": "LIMIT_EXCEEDED"}}]}).encode()
        with case.Proxy(self.prod.url) as proxy:
            proxy.fault(lambda one: one.path.startswith("/utils/import"), "status", status=403, body=body,
                        headers={"Content-Type": "application/json"})
            done = self.repo.run("--env", "prod", "import", env={"PROD_DIRECTUS_URL": proxy.url}).check()
            writes = [f"{one.method} {one.path.split('?')[0]}" for one in proxy.writes()]
        self.assertIn("in batches", done.err)
        self.assertIn("POST /permissions", writes)
        self.assertEqual(3, self.counts()["operations"])


if __name__ == "__main__":
    case.main()
