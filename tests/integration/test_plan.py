"""A plan that can be read before it happens: what it shows is what an import does, through a saved plan too.

Prod holds the small project; the files of each test differ from it in a few places of every kind.
"""

import collections
import json
import os
import re
import stat

from tests.project import SMALL, uid
from tests.support import case, dump, tool

NOTE, DESK = uid("notes", 1), uid("role", "Small desk")
CHECK, PANEL = uid("operation", "Small/check"), uid("panel", "Small")
CONFIG = {"collections": {"topics": True, "notes": True, "imprint": True}}


def setUpModule():
    case.open_lab()


def validator():
    """Of schema/plan.schema.json; None without the module jsonschema."""
    try:
        import jsonschema
    except ImportError:
        return None
    with open(os.path.join(tool.ROOT, "schema", "plan.schema.json"), encoding="utf-8") as file:
        return jsonschema.Draft7Validator(json.load(file))


class PlanCase(case.Case):
    _files = {}

    def setUp(self):
        if not self._files:
            SMALL.prepare(self.dev)
            self._files.update(self.export(CONFIG))
            self.prod.reset()
            self.repository(CONFIG, self._files).run("--env", "prod", "import").check()
            self.prod.save("plan")
        self.prod.reset("plan")
        self.repo = self.repository(CONFIG, self._files)

    def prod_run(self, *arguments, **options):
        return self.repo.run("--env", "prod", *arguments, **options)

    def edit(self, start, change):
        found = [path for path in self._files if path.startswith(start)]
        self.assertEqual(1, len(found), found)
        value = self.repo.json(f"schema/{found[0]}")
        change(value)
        self.repo.write(f"schema/{found[0]}", json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    def edit_a_little(self):
        """An update of every kind, a creation, a removal, and rows."""
        def flow(one):
            check = next(each for each in one["operations"] if each["id"] == CHECK)
            check["options"] = {"filter": {"$trigger": {"body": {"_eq": "x"}}}}
            one["operations"][-1]["options"] = {"message": "other"}

        def notes(one):
            title = next(each for each in one["fields"] if each["field"] == "title")
            title["meta"]["note"] = "Read me"
            added = json.loads(json.dumps(title))
            added.update(field="subtitle")
            added["schema"].update(name="subtitle", is_nullable=True)
            added["meta"].update(field="subtitle", required=False)
            one["fields"].append(added)

        self.edit("flows/small", flow)
        self.edit("collections/notes", notes)
        self.edit("policies/small-notes", lambda one: one["permissions"][0].update(fields=["id", "title"]))
        self.edit("roles/small-desk", lambda one: one.update(icon="star"))
        self.edit("translations", lambda ones: ones[0].update(value="Another"))
        self.edit("folders", lambda ones: ones.append({"id": uid("folder", "new"), "name": "new", "parent": None}))
        self.edit("data/notes", lambda ones: ones[0].update(title="changed") or ones.append(
            {**ones[1], "id": uid("notes", 99), "previous": None}))
        self.repo.write("schema/removed.jsonl", json.dumps(["panels", PANEL, None]) + "\n")
        self.edit("dashboards/small", lambda one: one.update(panels=[]))


class ShownTest(PlanCase):
    def test_what_is_shown_is_done(self):
        """Every change the plan shows is one of the database's, and there is no other; of updates field by field."""
        self.edit_a_little()
        before = dump.of(self.prod.api)
        with self.nothing_written(self.prod):
            done = self.prod_run("diff", "--out", "small.plan").check(2)
            saved = self.repo.json("small.plan")
            self.assertIn("to create", done.out)
            self.assertIn("`schema-sync --env prod import --plan small.plan` applies it", done.err)
            self.prod_run("import", "--plan", "small.plan", "--dry-run").check()
        self.assertEqual(0o600, stat.S_IMODE(os.stat(os.path.join(self.repo.folder, "small.plan")).st_mode))
        said = self.prod_run("--json", "import", "--plan", "small.plan", "--allow-delete").check().json()
        self.assertEqual(saved["plan"], said["plan"])
        changes = dump.changes(before, dump.of(self.prod.api))
        self.assertEqual(self.shown(saved["plan"]), self.done(changes))
        self.prod_run("diff", "--again").check()
        # a plan of nothing is one, too; and once the marker says that one was done, nothing is left of it
        self.prod_run("diff", "--again", "--out", "none.plan").check()
        self.prod_run("import", "--plan", "none.plan").check()
        self.assertTrue(self.prod_run("--json", "import", "--plan", "small.plan").check().json()["nothing_to_do"])

    def shown(self, plan):
        changes = [(one["action"], one["type"], tuple(sorted({name.split(".")[0] for name in one.get("fields", {})})))
                   for one in plan["changes"]]
        rows = [(row["action"], f"items/{one['collection']}", row["key"]["id"],
                 {name: (both["from"], both["to"]) for name, both in row.get("fields", {}).items()})
                for one in plan["rows"] for row in one.get("changes", [])]
        self.assertEqual(len(rows), sum(one[action] for one in plan["rows"] for action in ("create", "update", "delete")))
        return sorted(changes), sorted(rows, key=str)

    def done(self, changes):
        records = [one for one in changes if not one.part.startswith("items/")]
        rows = [(one.action, one.part, one.key, {name: one.fields[name] for name in one.fields if name != "subtitle"})
                for one in changes if one.part.startswith("items/")]
        # a field that comes is a value of every row
        rows = [one for one in rows if one[0] != "update" or one[3]]
        return sorted((one.action, one.part, tuple(sorted(one.fields)) if one.action == "update" else ())
                      for one in records), sorted(rows, key=str)

    def test_what_the_text_says(self):
        self.edit_a_little()
        out = self.prod_run("diff").check(2).out
        for line in (
            '  ~ flow "Small" › operation yes › options.message: "yes" → "other"',
            '  ~ flow "Small" › operation check\n      options.filter.$trigger.body._eq: + "x"',
            "  + field notes.subtitle (string)", '  ~ field notes.title › meta.note: null → "Read me"',
            '  ~ role "Small desk" › icon: "edit" → "star"', '  - dashboard "Small" › panel Text',
            '      fields[0]: "*" → "id"', '  = role "Administrator" matched by name', "  ~ rows of notes: 1 to create, 1 to update (3 unchanged)",
            f"""    + {uid('notes', 99)}: title "note 3", extra "text", """, ' › title: "note 0" → "changed"',
        ):
            self.assertIn(line, out)
        self.assertTrue(out.endswith("(" + self.repo.run("hash").out[:8] + "…)\n"), out[-200:])
        self.assertIn(f"prod — {self.prod.url} differs from schema/", out)
        self.assertNotIn("\033", out)

    def title(self):
        return self.prod.value(f"SELECT title FROM notes WHERE id = '{NOTE}'")

    def test_as_many_rows_as_are_asked_for(self):
        """Counts are of all rows; a saved plan holds for all of them, however many it shows."""
        self.edit("data/notes", lambda ones: [one.update(title="a\nb") for one in ones] and ones.append(
            {**ones[1], "id": uid("notes", 99), "previous": None}))
        first, last = min(one["id"] for one in self.notes()), max(one["id"] for one in self.notes())
        out = self.prod_run("diff").check(2).out
        self.assertIn(f"    ~ {last}\n        title:\n          @@ -1,1 +1,2 @@\n", out)
        out = self.prod_run("diff", "--rows", "1", "--out", "my.plan").check(2).out
        self.assertIn(f"    ~ {first}\n", out)
        self.assertIn("\n    … and 3 more to update\n", out)
        self.assertNotIn(last, out)
        self.assertEqual([first], [one["key"]["id"] for one in self.row_changes(self.repo.json("my.plan"), "update")])
        out = self.prod_run("import", "--dry-run", "--rows", "0").check().out
        self.assertIn("  ~ rows of notes: 1 to create, 4 to update\n1 to", out.replace("0 to create, 0 to update, 0 to delete; rows: ", ""))
        self.assertEqual(4, len(self.row_changes(self.prod_run("--json", "diff", "--rows", "all").check(2).json(), "update")))
        self.assertIn('"some" is no count', self.prod_run("diff", "--rows", "some").check(64).err)
        self.prod.api.patch(f"/items/notes/{last}", {"title": "theirs"})
        self.assertIn("different now: rows of notes", self.prod_run("import", "--plan", "my.plan").check(76).err)

    def notes(self):
        return self.repo.json("schema/data/notes.json")

    def row_changes(self, said, action):
        return [row for one in said["plan"]["rows"] for row in one.get("changes", []) if row["action"] == action]

    def test_secrets_of_rows_are_not_shown(self):
        """Texts at declared places: neither what stands on the target nor what comes there, in any format."""
        env = {"WORD": "quiet-harbour-77"}
        config = json.loads(json.dumps(CONFIG))
        config["collections"]["notes"] = {"secrets": ["title"], "mode": "mirror"}
        self.repo.write("schema-sync.json", json.dumps(config))
        self.prod.api.patch(f"/items/notes/{NOTE}", {"title": "former harbour"})
        self.prod.api.post("/items/notes", {"id": uid("notes", 98), "title": "other harbour"})
        self.edit("data/notes", lambda ones: [one for one in ones if one["id"] == NOTE][0].update(title="${WORD}"))
        text = self.prod_run("diff", "--again", "--out", "my.plan", env=env).check(2).out
        self.assertIn(f'    ~ {NOTE} › title: "(concealed)" → "${{WORD}}"\n', text)
        self.assertIn(f'    - {uid("notes", 98)}: title "(concealed)"', text)
        for said in (text, self.repo.read("my.plan"), self.prod_run("--json", "diff", "--again", env=env).check(2).out,
                     self.prod_run("diff", "--again", "--format", "markdown", env=env).check(2).out):
            self.assertNotIn("harbour", said)
        self.prod_run("import", "--plan", "my.plan", "--allow-delete", env=env).check()
        self.assertEqual(env["WORD"], self.title())

    def test_names_and_many_new_parts(self):
        """References by names, what is new within a record in one line; in JSON all ids, names and records."""
        staff, new = uid("role", "Small staff"), uid("role", "new")

        def flow(one):
            one["operation"] = uid("operation", "Small/yes")
            one["operations"][0]["resolve"] = None
            one["operations"] += [{**one["operations"][1], "id": uid("operation", f"new/{i}"), "key": f"more_{i}", "name": f"More {i}",
                                   "resolve": None, "reject": None, "options": {"role": staff}} for i in range(6)]

        def notes(one):
            body = next(each for each in one["fields"] if each["field"] == "body")
            for name in ("one", "two", "three", "four", "five", "six", "seven"):
                one["fields"].append(json.loads(json.dumps(body).replace('"body"', f'"{name}"')))

        self.repo.write("schema/roles/new.json", json.dumps({**self.repo.json(self.path("roles/small-staff")), "id": new, "name": "New staff"}))
        self.edit("roles/small-desk", lambda one: one.update(parent=new))
        self.edit("settings", lambda one: one.update(public_registration_role=new))
        self.edit("flows/small", flow)
        self.edit("collections/notes", notes)
        self.edit("policies/small-notes", lambda one: one["permissions"].extend(
            {**one["permissions"][0], "collection": collection, "action": action}
            for collection in ("topics", "imprint", "directus_files") for action in ("read", "update")))
        out = self.prod_run("diff").check(2).out
        for line in (
            '  ~ role "Small desk" › parent: "Small staff" → "New staff"\n', '  + role "New staff"\n',
            '  ~ settings › public_registration_role: "Small desk" → "New staff"\n',
            '  ~ flow "Small" › operation: "check" → "yes"\n',
            '  + 6 operations in flow "Small": "More 0", "More 1", "More 2", "More 3", "More 4", "More 5"\n',
            "  + 7 fields in notes: five, four, one, seven, six, three, two\n",
            '  + 6 permissions in policy "Small notes": directus_files read, ',
        ):
            self.assertIn(line, out)
        changes = self.prod_run("--json", "diff").check(2).json()["plan"]["changes"]
        self.assertEqual({"operations": 6, "fields": 7, "permissions": 6, "roles": 1},
                         dict(collections.Counter(one["type"] for one in changes if one["action"] == "create")))
        desk = next(one for one in changes if one["id"] == DESK)
        self.assertEqual({"parent": {"from": staff, "to": new}}, desk["fields"])
        self.assertEqual({staff: "Small staff", new: "New staff"}, desk["names"])
        self.prod_run("import").check()
        self.prod_run("diff", "--again").check()

    def path(self, start):
        return "schema/" + next(path for path in self._files if path.startswith(start))

    def test_every_format_says_the_same(self):
        """JSON as its schema describes it, a plan file too; Markdown that a comment can hold."""
        self.edit_a_little()
        said = self.prod_run("--json", "diff", "--out", "my.plan").check(2).json()
        self.assertEqual(said["plan"], self.prod_run("diff", "--format", "json").check(2).json()["plan"])
        self.assertEqual(said["plan"], self.repo.json("my.plan")["plan"])
        differences = [each for one in said["plan"]["changes"] for each in one.get("differences", [])]
        self.assertIn({"path": "/icon", "from": "edit", "to": "star"}, differences)
        self.assertIn({"path": "/meta/note", "from": None, "to": "Read me"}, differences)
        rows = {row["action"]: row for one in said["plan"]["rows"] for row in one.get("changes", [])}
        self.assertEqual([{"path": "/title", "from": "note 0", "to": "changed"}], rows["update"]["differences"])
        self.assertEqual(uid("notes", 99), rows["create"]["record"]["id"])
        text = self.prod_run("diff", "--format", "markdown").check(2).out
        counts = said["plan"]["counts"]
        cells = [[int(each) for each in one] for one in re.findall(r"^\| (?!rows).*\| (\d+) \| (\d+) \| (\d+) \|$", text, re.M)]
        self.assertEqual([counts["create"], counts["update"], counts["delete"]], [sum(one) for one in zip(*cells)])
        self.assertIn("```mermaid\nflowchart LR\n", text)
        self.assertIn("<details><summary>roles: 1 to update</summary>", text)
        self.assertIn("cannot stand together", self.prod_run("--json", "diff", "--format", "text").check(64).out)
        self.assertEqual(64, self.repo.run("--env", "x", "diff", "--format", "yaml").status)
        found = validator()
        if not found:
            self.skipTest("there is no module jsonschema (Debian: python3-jsonschema)")
        for document in (said, self.repo.json("my.plan"), self.prod_run("--json", "import", "--dry-run").check().json()):
            self.assertEqual([], [f"{one.json_path}: {one.message}" for one in found.iter_errors(document)])


class SavedTest(PlanCase):
    def save(self, *arguments):
        self.edit_a_little()
        self.prod_run("diff", "--out", "my.plan", *arguments).check(2)

    def refused(self, status, *parts, **options):
        with self.nothing_written(self.prod):
            done = self.prod_run("import", "--plan", "my.plan", "--allow-delete", **options).check(status)
        for part in parts:
            self.assertIn(part, done.err)
        return done

    def test_the_target_moved_on(self):
        self.save()
        api = self.prod.api
        api.patch(f"/operations/{CHECK}", {"options": {"filter": {}}})
        self.refused(76, "the target has changed since the plan was made (1 difference)",
                     'different now: update operation "Small › check"', "diff")
        self.prod.reset("plan")
        api.patch(f"/roles/{DESK}", {"icon": "star"})
        self.refused(76, 'not needed any more: update role "Small desk"')
        self.prod.reset("plan")
        api.post("/items/notes", {"id": uid("notes", 99), "title": "mine"})
        self.refused(76, "different now: rows of notes")
        self.prod.reset("plan")
        api.patch(f"/items/notes/{NOTE}", {"title": "theirs"})
        self.refused(76, "different now: rows of notes")
        # what no plan touches may change
        self.prod.reset("plan")
        api.post("/roles", {"name": "Own"})
        self.prod_run("import", "--plan", "my.plan", "--allow-delete").check()

    def test_the_files_or_the_configuration_moved_on(self):
        self.save()
        files = self.repo.files()
        self.edit("roles/small-desk", lambda one: one.update(icon="bolt"))
        self.refused(76, "the files have changed since the plan was made")
        for path, content in files.items():
            self.repo.write(f"schema/{path}", content)
        self.repo.write("schema-sync.json", json.dumps({"collections": {**CONFIG["collections"], "imprint": False}}))
        self.refused(76, "the configuration has changed since the plan was made")
        self.repo.write("schema-sync.json", json.dumps(CONFIG))
        done = self.repo.run("--env", "dev", "import", "--plan", "my.plan").check(76)
        self.assertIn("was made for prod", done.err)

    def test_a_plan_file_is_not_edited(self):
        self.save()
        saved = self.repo.json("my.plan")
        for change, says in (
            (lambda one: one["plan"]["changes"].pop(), "(/seal)"), (lambda one: one.update(version=2), "(/version)"),
            (lambda one: one.update(format="terraform"), "(/format)"), (lambda one: one.pop("seal"), "(/seal)"),
            (lambda one: one["options"].update(mode="mirror"), "(/seal)"),
        ):
            edited = json.loads(json.dumps(saved))
            change(edited)
            self.repo.write("my.plan", json.dumps(edited))
            self.refused(65, "my.plan", says, "diff --out")
        self.repo.write("my.plan", json.dumps(saved)[:-200])
        self.refused(65, "my.plan", "diff --out")
        os.unlink(os.path.join(self.repo.folder, "my.plan"))
        self.refused(65, "there is no file my.plan")

    def test_placeholders_stay_placeholders(self):
        """Neither a plan nor its file shows what stands for a name, nor what stood there; the import writes it."""
        env = {"WORD": "quiet-harbour-77"}
        operation = uid("operation", "Small/no")
        self.prod.api.patch(f"/operations/{operation}", {"options": {"message": "former harbour"}})
        self.edit("flows/small", lambda one: [each for each in one["operations"] if each["id"] == operation][0].update(
            options={"message": "${WORD}"}))
        text = self.prod_run("diff", "--again", "--out", "my.plan", env=env).check(2).out
        self.assertIn('operation no › options.message: "(concealed)" → "${WORD}"\n', text)
        for said in (text, self.repo.read("my.plan"), self.prod_run("--json", "diff", "--again", env=env).check(2).out,
                     self.prod_run("diff", "--again", "--format", "markdown", env=env).check(2).out):
            self.assertNotIn("harbour", said)
        self.prod_run("import", "--plan", "my.plan", env=env).check()
        self.assertEqual(env["WORD"], self.prod.value(
            f"SELECT options->>'message' FROM directus_operations WHERE id = '{operation}'"))

    def test_the_plan_has_its_own_mode(self):
        """--mode and --only are the plan's; a loss still needs its permission."""
        self.prod.api.post("/roles", {"name": "Own"})
        self.repo.write("schema/removed.jsonl", "")
        self.prod.api.delete(f"/items/notes/{NOTE}")
        self.prod.api.post("/items/topics", {"slug": "own"})
        self.prod_run("diff", "--mode", "mirror", "--only", "topics,roles", "--again", "--out", "my.plan").check(2)
        self.assertIn("cannot stand beside --plan",
                      self.prod_run("import", "--plan", "my.plan", "--mode", "add").check(64).err)
        with self.nothing_written(self.prod):
            self.prod_run("import", "--plan", "my.plan").check(77)
        self.prod_run("import", "--plan", "my.plan", "--allow-delete").check()
        self.assertEqual([], self.prod.query("SELECT 1 FROM topics WHERE slug = 'own'"))
        self.assertEqual([], self.prod.query("SELECT 1 FROM directus_roles WHERE name = 'Own'"))
        self.assertEqual([], self.prod.query(f"SELECT 1 FROM notes WHERE id = '{NOTE}'"))


if __name__ == "__main__":
    case.main()
