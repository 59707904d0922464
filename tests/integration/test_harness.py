"""The harness itself: what other tests stand on. A reset instance is a fresh one, and a fault is what it says."""

import http.client
import json
import os
import unittest
import urllib.parse

from tests.project import CORE, FULL, SMALL, uid
from tests.support.api import Api, ApiError
from tests.support.directus import Lab
from tests.support.proxy import Proxy

_HEADERS = {"Authorization": "Bearer admintoken", "Content-Type": "application/json"}


class HarnessTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.open()
        cls.addClassCleanup(cls.lab.close)
        cls.dev, cls.prod = cls.lab.pair()

    def dump(self, database):
        path = os.path.join(self.lab.folder, "dump.sql")
        self.lab.cluster.dump(database, path)
        with open(path, encoding="utf-8") as file:
            # \restrict lines carry a random word per dump.
            return [line for line in file if "restrict" not in line]

    def test_a_reset_instance_is_a_fresh_one(self):
        SMALL.load(self.dev.api)
        visitor = Api(self.dev.url, token=None)
        self.addCleanup(visitor.close)
        self.assertEqual(visitor.call("GET", "/items/notes")[0], 200)
        self.dev.reset()
        self.assertEqual(self.dump(self.dev.database), self.dump(self.lab.template("dev")))
        self.assertEqual(visitor.call("GET", "/items/notes")[0], 403)
        self.assertEqual(self.dev.api.call("GET", "/items/notes")[0], 403)
        self.assertEqual(self.dev.api.get("/schema/snapshot")["collections"], [])

    def test_a_reset_ends_and_starts_flows(self):
        FULL.prepare(self.dev)
        with self.assertRaisesRegex(ApiError, "GUARDED"):
            self.dev.api.post("/items/guarded", {"name": "while the flow is active"})
        self.dev.reset()
        guarded = [one for one in FULL.collections if one["collection"] in ("content", "commerce", "guarded")]
        self.dev.api.post("/collections", guarded)
        self.dev.api.post("/items/guarded", {"name": "no flow here"})
        FULL.prepare(self.dev)
        with self.assertRaisesRegex(ApiError, "GUARDED"):
            self.dev.api.post("/items/guarded", {"name": "active again"})

    def test_instances_have_ids_of_their_own(self):
        dev, prod = self.dev.admin(), self.prod.admin()
        self.assertFalse(set(dev.values()) & set(prod.values()))

    def test_projects_arrive_whole(self):
        self.dev.reset()
        fresh = {name: self.dev.api.count(f"/{name}") for name in SMALL.counts() if not name.startswith("items/")}
        for project in (SMALL, FULL):
            project.prepare(self.dev)
            for name, expected in project.counts().items():
                with self.subTest(project=project.name, records=name):
                    path = "/" + urllib.parse.quote(name)
                    answer = self.dev.api.search(path, fields=["*"], limit=1)
                    have = 1 if isinstance(answer, dict) else self.dev.api.count(path)
                    self.assertEqual(have - fresh.get(name, 0), expected)
        self.assertGreaterEqual(len(FULL.collections), 20)
        self.assertGreaterEqual(len(FULL.permissions), 100)
        self.assertGreaterEqual(sum(map(len, FULL.rows.values())), 2000)
        self.assertLessEqual(len(CORE.collections), 25)
        self.assertLessEqual(sum(one["status"] == "active" for one in CORE.flows), 5)
        self.assertEqual([one for one in CORE.permissions if one["permissions"] or one["validation"]], [])

    def test_the_proxy_fails_as_told(self):
        self.dev.reset()
        # fault: (what the client sees, whether the server did it)
        seen = {
            "drop_before": ("closed", False), "cut_upload": ("closed", False), "unavailable": (503, False),
            "too_many": (429, False), "delay": (200, True), "drop_after": ("closed", True),
            "truncate": ("cut", True), "garbage": ("not json", True),
        }
        with Proxy(self.dev.url) as proxy:
            for kind, (expected, done) in seen.items():
                with self.subTest(fault=kind):
                    proxy.reset()
                    proxy.fault(2, kind, seconds=0.05)
                    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=30)
                    connection.request("GET", "/server/ping")
                    connection.getresponse().read()
                    self.assertEqual(self.post_folder(connection, kind), expected)
                    connection.close()
                    found = self.dev.api.search("/folders", filter={"name": {"_eq": kind}})
                    self.assertEqual(len(found), int(done))
                    self.assertEqual([one.fault for one in proxy.log], ["", kind])

    @staticmethod
    def post_folder(connection, name):
        try:
            connection.request("POST", "/folders", json.dumps({"id": uid("folder", name), "name": name}), _HEADERS)
            response = connection.getresponse()
            body = response.read()
        except http.client.IncompleteRead:
            return "cut"
        except (http.client.RemoteDisconnected, ConnectionError):
            return "closed"
        if response.status == 200:
            try:
                json.loads(body)
            except ValueError:
                return "not json"
        return response.status

    def test_a_database_of_another_collation(self):
        self.lab.cluster.drop("other_collation")
        self.lab.cluster.copy(self.prod.database, "other_collation", collation="en_US.UTF-8")
        select = "SELECT string_agg(v, '' ORDER BY v) AS v FROM (VALUES ('a'), ('B')) t(v)"
        self.assertEqual(self.lab.cluster.value("other_collation", select), "aB")
        self.assertEqual(self.prod.value(select), "Ba")
        self.lab.cluster.drop("other_collation")


if __name__ == "__main__":
    unittest.main(verbosity=2)
