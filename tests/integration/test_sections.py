"""An import that reads only what changed still knows who is who.

Dev and prod hold the same things under other ids. After a first import each test changes one part alone, whose section
is then the only one that differs, and it refers to what is in another: the reference must arrive as prod's own.
"""

import uuid

from tests.project import uid
from tests.project.build import any_relation, collection, field, number_key, relation, uuid_key
from tests.support import case

CHOSEN = {"collections": {"places": {"key": "name"}, "visits": True, "stops": True}}
VISIT, STOP = uid("visits", 1), uid("stops", 1)


def setUpModule():
    case.open_lab()


class SectionTest(case.Case):
    def setUp(self):
        self.role = {}
        for instance, names in ((self.dev, "abc"), (self.prod, "xcba")):
            instance.reset()
            api = instance.api
            self.role[instance] = str(uuid.uuid4())
            api.post("/roles", {"id": self.role[instance], "name": "Editor"})
            api.post("/collections", [
                collection("places", number_key(), field("name", "string")),
                collection("visits", uuid_key(), field("place", "integer"), field("role", "uuid"), field("note", "string")),
                collection("stops", uuid_key(), field("kind", "string"), field("item", "string")),
            ])
            api.post("/relations", relation("visits", "place", "places"))
            api.post("/relations", relation("visits", "role", "directus_roles"))
            api.post("/relations", any_relation("stops", "item", ["places", "visits"], one_collection_field="kind"))
            api.post("/items/places", [{"name": name} for name in names])
        self.dev.api.post("/items/visits", {"id": VISIT, "place": 1, "role": self.role[self.dev], "note": "first"})
        self.dev.api.post("/items/stops", {"id": STOP, "kind": "places", "item": "1"})
        self.dev.api.post("/flows", {"id": uid("flow", 1), "name": "Send", "trigger": "manual", "status": "inactive",
                                     "options": {"role": self.role[self.dev], "text": f"/users?role={self.role[self.dev]}"}})
        self.repo = self.repository(CHOSEN)
        self.travel()
        self.assert_same()

    def travel(self, *only):
        """What the import did, in its own words."""
        self.repo.run("--env", "dev", "export", *only).check()
        return self.repo.run("--json", "--env", "prod", "import", *only).check().json()["plan"]

    def names(self, instance):
        """Everything that refers to something, by names instead of ids."""
        place = instance.query(
            "SELECT v.note, p.name, r.name AS role FROM visits v LEFT JOIN places p ON p.id = v.place"
            " LEFT JOIN directus_roles r ON r.id = v.role ORDER BY v.id")
        stop = instance.query("SELECT s.kind, p.name FROM stops s LEFT JOIN places p ON p.id::text = s.item ORDER BY s.id")
        options = instance.value("SELECT options::text FROM directus_flows")
        return place, stop, options.replace(self.role[instance], "Editor")

    def assert_same(self):
        self.assertEqual(self.names(self.dev), self.names(self.prod))
        self.assertNotEqual(self.dev.value("SELECT place FROM visits"), self.prod.value("SELECT place FROM visits"))

    def assert_planned(self, plan, *collections):
        """Only those rows are planned: what is read for the ids of others is left alone."""
        self.assertEqual(sorted(collections), sorted(one["collection"] for one in plan["rows"]))

    def test_a_row_that_refers_to_a_row(self):
        self.dev.api.patch(f"/items/visits/{VISIT}", {"place": 2})
        self.assert_planned(self.travel(), "visits")
        self.assert_same()

    def test_a_row_that_refers_to_any_row(self):
        self.dev.api.patch(f"/items/stops/{STOP}", {"item": "3"})
        self.assert_planned(self.travel(), "stops")
        self.assert_same()

    def test_any_row_that_changes_its_collection(self):
        """The item's id stays as it is in the files, and is another one on prod."""
        self.dev.api.patch(f"/items/stops/{STOP}", {"kind": "visits", "item": VISIT})
        self.travel()
        self.dev.api.patch(f"/items/stops/{STOP}", {"kind": "places", "item": "2"})
        self.travel()
        self.assert_same()

    def test_a_row_that_refers_to_a_role(self):
        self.dev.api.patch(f"/items/visits/{VISIT}", {"note": "second"})
        self.assert_planned(self.travel(), "visits")
        self.assert_same()

    def test_a_flow_with_a_role_in_its_options(self):
        role = self.role[self.dev]
        self.dev.api.patch(f"/flows/{uid('flow', 1)}", {"options": {"role": role, "text": f"{role},{role}"}})
        plan = self.travel()
        self.assertEqual(["flows"], [one["type"] for one in plan["changes"]])
        self.assert_same()

    def test_parts_that_are_named(self):
        """--only visits: the files keep their own ids of places, and prod its own places."""
        self.dev.api.patch(f"/items/visits/{VISIT}", {"place": 3, "note": "third"})
        self.dev.api.patch("/items/places/1", {"name": "not asked for"})
        before = self.repo.files()
        self.assert_planned(self.travel("--only", "visits"), "visits")
        after = self.repo.files()
        self.assertEqual(["data/visits.json"], [path for path in after if after[path] != before.get(path)])
        self.assertEqual(self.names(self.dev)[0], self.names(self.prod)[0])
        self.assertEqual([], self.prod.query("SELECT 1 FROM places WHERE name = 'not asked for'"))
        # prod's ids are others: its export keeps the files' own
        self.repo.run("--env", "prod", "export", "--only", "visits", "--overwrite").check()
        self.assert_same_files(after, self.repo.files())
        self.repo.run("--env", "prod", "export", "--only", "flows", "--overwrite").check()
        self.assert_same_files(after, self.repo.files())

    def test_rows_alone(self):
        """A state without schema and configuration: the target's own schema says what its rows are."""
        names = ("collections", "roles", "flows", "dashboards", "presets", "translations", "folders", "settings")
        chosen = {**CHOSEN["collections"], **{f"directus_{name}": False for name in names}}
        del chosen["visits"]  # it refers to a role, which such files cannot name
        self.repo = self.repository({"collections": chosen})
        self.dev.api.patch(f"/items/stops/{STOP}", {"item": "2"})
        self.dev.api.patch("/items/places/3", {"name": "renamed"})
        self.dev.api.post("/items/places", {"name": "new"})
        self.assert_planned(self.travel(), "places", "stops")
        self.assertEqual({"data/places.json", "data/stops.json", "info.json"}, set(self.repo.files()) - {"removed.jsonl"})
        self.assertEqual(self.names(self.dev)[1], self.names(self.prod)[1])
        self.assertEqual(["a", "b", "c", "new", "renamed", "x"],
                         [one["name"] for one in self.prod.query("SELECT name FROM places ORDER BY name")])
        self.assertEqual([], self.travel()["changes"])


if __name__ == "__main__":
    case.main()
