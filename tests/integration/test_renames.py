"""Declared renames: a collection and its fields get the names of the files, and every row stays where it is."""

import json
import shutil

from tests.project import SMALL, uid
from tests.support import case

PLAIN = {"collections": {**SMALL.config["collections"], "links": True}}
RENAMES = [
    {"collection": "notes", "to": "records"},
    {"collection": "notes", "field": "title", "to": "headline"},
    {"collection": "topics", "field": "notes", "to": "records"},
]
CONFIG = {"collections": {"topics": True, "imprint": True, "records": {"filter": {"headline": {"_nnull": True}}}, "links": True},
          "renames": RENAMES}


def setUpModule():
    case.open_lab()


def renamed(files):
    """The files with the new names throughout."""
    words = {"notes": "records", "title": "headline", "-title": "-headline", "notes_topic_foreign": "records_topic_foreign",
             "notes_previous_foreign": "records_previous_foreign"}
    result = {}
    for path, content in files.items():
        text = content.decode()
        if not path.startswith(("settings", "info", "translations", "folders", "dashboards", "roles")):
            for old, new in words.items():
                text = text.replace(json.dumps(old), json.dumps(new))
        result[path.replace("notes", "records") if path.startswith(("collections/", "data/")) else path] = text.encode()
    return result


def contents(files):
    """What the files say, in whatever order: that of the fields follows their names."""
    said = {path: json.loads(content) for path, content in files.items()}
    for path, one in said.items():
        if path.startswith("collections/"):
            one["fields"].sort(key=lambda field: field["field"])
            one["relations"].sort(key=lambda relation: relation["field"])
    return said


class RenameTest(case.Case):
    _files, _new = {}, {}

    def agreed(self, config=CONFIG):
        """Prod in the old names, with rows of its own, and a repository in the new ones."""
        if not self._files:
            SMALL.prepare(self.dev)
            api = self.dev.api
            api.post("/collections", {"collection": "links", "schema": {}, "meta": {}, "fields": [
                {"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}, "meta": {}},
                {"field": "item", "type": "string", "schema": {}, "meta": {}},
                {"field": "kind", "type": "string", "schema": {}, "meta": {}}]})
            api.post("/relations", {"collection": "links", "field": "item", "related_collection": None, "meta": {
                "one_allowed_collections": ["topics", "notes"], "one_collection_field": "kind"}})
            api.post("/items/links", [{"item": uid("notes", 0), "kind": "notes"}, {"item": "plain", "kind": "topics"}])
            self._files.update(self.export(PLAIN))
            self.prod.reset()
            self.repository(PLAIN, self._files).run("--env", "prod", "import").check()
            api = self.prod.api
            api.post("/items/notes", {"id": uid("own", 1), "title": "own"})
            api.patch(f"/items/notes/{uid('own', 1)}", {"title": "still own"})
            api.post("/comments", {"collection": "notes", "item": uid("own", 1), "comment": "stays"})
            me = api.get("/users/me")["id"]
            api.post("/presets", {"collection": "notes", "user": me, "bookmark": "mine"})
            self.prod.save("renames")
            self._new.update(renamed(self._files))
        self.prod.reset("renames")
        return self.repository(config, self._new)

    def columns(self):
        return [one["column_name"] for one in self.prod.query(
            "SELECT column_name FROM information_schema.columns WHERE table_name IN ('notes', 'records') ORDER BY 1")]

    def test_the_data_stays(self):
        repo = self.agreed()
        table = self.prod.value("SELECT 'notes'::regclass::oid")
        with self.nothing_written(self.prod):
            plan = repo.run("--env", "prod", "import", "--dry-run").check().out
            shown = repo.run("--json", "--env", "prod", "diff").check(2).json()["plan"]
        self.assertEqual(["> collection notes renamed to records", "> field records.title renamed to headline",
                          "> field topics.notes renamed to records"], plan.splitlines()[:3])
        self.assertEqual([], [one for one in shown["changes"] if one["type"] in ("collections", "fields", "relations", "system_fields")],
                         plan)
        self.assertEqual(0, sum(one[kind] for one in shown["rows"] for kind in ("create", "update", "delete")), plan)
        repo.run("--env", "prod", "import").check()
        self.assertEqual(table, self.prod.value("SELECT 'records'::regclass::oid"))
        self.assertEqual(["body", "extra", "headline", "id", "previous", "topic"], self.columns())
        self.assertEqual("still own", self.prod.api.get(f"/items/records/{uid('own', 1)}")["headline"])
        for name, count in (("comments", 1), ("presets", 2), ("activity", 3), ("revisions", 2)):
            self.assertEqual((0, True), (self.left(name, "notes"), self.left(name, "records") >= count), name)
        self.assertIn("nothing to do", repo.run("--env", "prod", "import").check().out)
        self.assertEqual([], repo.run("--json", "--env", "prod", "import", "--again").check().json()["plan"]["changes"])
        self.prod.api.delete(f"/items/records/{uid('own', 1)}")
        self.assertEqual(contents(self._new), contents(self.export(CONFIG, instance="prod")))

    def left(self, table, collection):
        return self.prod.value(f"SELECT count(*) FROM directus_{table} WHERE collection = '{collection}'")

    def test_refused(self):
        """Without a database, when both names are there, and when the lock is lost in the midst of it."""
        repo = self.agreed()
        with self.nothing_written(self.prod):
            err = repo.run("--env", "prod", "import", "--marker", "none").check(77).err
            self.assertIn("needs the target's database", err)
        self.prod.execute("CREATE FUNCTION rob() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                          " UPDATE directus_settings SET schema_sync_owner = 'somebody'; RETURN NEW; END $$",
                          "CREATE TRIGGER rob BEFORE INSERT ON directus_collections FOR EACH ROW EXECUTE FUNCTION rob()")
        with self.nothing_written(self.prod):
            self.assertIn("no longer ours", repo.run("--env", "prod", "import").check(75).err)
        self.assertIn("title", self.columns())
        self.prod.execute("DROP TRIGGER rob ON directus_collections", "CREATE TABLE records (id integer)")
        with self.nothing_written(self.prod):
            self.assertIn("records is there already", repo.run("--env", "prod", "import").check(77).err)
        self.prod.execute("DROP TABLE records")
        self.prod.api.post("/fields/notes", {"field": "headline", "type": "string", "schema": {}, "meta": {}})
        with self.nothing_written(self.prod):
            self.assertIn("the target has records.title and records.headline", repo.run("--env", "prod", "import").check(77).err)

    def moved_on(self):
        """The old names are what was applied; the files have the new ones, in a commit of their own."""
        self.agreed().close()
        self.prod.reset("renames")
        repo = self.repository(CONFIG, self._files)
        repo.commit("old names")
        shutil.rmtree(repo.state)
        for path, content in self._new.items():
            repo.write(f"schema/{path}", content)
        repo.commit("new names")
        return repo

    def drift(self, repo, status):
        found = repo.run("--json", "--env", "prod", "status", "--drift").check(status).json()["drift"]
        rows = {one["collection"]: (one["instance"], one["files"], one["both"], one["conflict"]) for one in found["rows"]}
        return found, {name: counts for name, counts in rows.items() if any(counts)}

    def test_before_it_is_done(self):
        """Drift compares by the new names, and a merge writes what changed on the instance in them."""
        repo, api = self.moved_on(), self.prod.api
        found, rows = self.drift(repo, 2)
        self.assertTrue(found["base"])
        # What names them in a text of its own is for people to change, as they did in the files.
        self.assertEqual({"files"}, {one["by"] for one in found["records"]})
        self.assertLessEqual({one["type"] for one in found["records"]}, {"flows", "operations", "permissions", "presets"})
        self.assertEqual({"records": (1, 0, 0, 0)}, rows)  # prod's own row
        self.assertEqual([("notes", None, "records"), ("records", "title", "headline"), ("topics", "notes", "records")],
                         [(one["collection"], one["field"], one["to"]) for one in found["renames"]])
        self.assertIn("> field records.title renamed to headline", repo.run("--env", "prod", "status", "--drift").check(2).out)

        api.patch("/fields/notes/title", {"meta": {"note": "by hand"}})
        api.patch(f"/items/notes/{uid('notes', 0)}", {"title": "by hand"})
        rows = json.loads(repo.read("schema/data/records.json"))
        next(row for row in rows if row["id"] == uid("notes", 0))["body"] = "in the files"
        repo.write("schema/data/records.json", json.dumps(rows))
        found, rows = self.drift(repo, 2)
        self.assertEqual([("records.headline", "instance")], [
            (one["label"], one["by"]) for one in found["records"] if one["type"] in ("collections", "fields", "relations")])
        self.assertEqual({"records": (1, 0, 1, 0)}, rows)

        before = set(repo.files())
        repo.run("--env", "prod", "export", "--merge").check()
        self.assertEqual(before, set(repo.files()))
        rows = {row["id"]: row for row in json.loads(repo.read("schema/data/records.json"))}
        self.assertEqual(("by hand", "in the files", "still own"),
                         (rows[uid("notes", 0)]["headline"], rows[uid("notes", 0)]["body"], rows[uid("own", 1)]["headline"]))
        field = next(one for one in json.loads(repo.read("schema/collections/records.json"))["fields"] if one["field"] == "headline")
        self.assertEqual("by hand", field["meta"]["note"])
        self.assertIn("export --merge", repo.run("--env", "prod", "export").check(76).err)
        merged = repo.files()
        repo.run("--env", "prod", "import").check()
        self.assertEqual(("by hand", "in the files"), tuple(
            api.get(f"/items/records/{uid('notes', 0)}")[name] for name in ("headline", "body")))
        repo.run("--env", "prod", "export").check()
        self.assertEqual(contents(merged), contents(repo.files()))
        repo.commit("merged")
        found, rows = self.drift(repo, 0)
        self.assertEqual(([], [], {}), (found["renames"], found["records"], rows))

    def test_both_in_the_files(self):
        repo = self.agreed()
        repo.write("schema/collections/notes.json", self._files["collections/notes.json"])
        with self.nothing_written(self.prod):
            self.assertIn("the files have notes and records", repo.run("--env", "prod", "import").check(78).err)


if __name__ == "__main__":
    case.main()
