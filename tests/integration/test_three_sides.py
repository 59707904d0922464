"""Overrides, ignored records, placeholders and renames between three sides: what was applied, the files, the instance.

What a user expects: files never flip; drift does not report what an override, an ignored place or a placeholder explains; a
merge takes from the instance only what is the files' business.
"""

import json
import shutil
import os

from tests.project import SMALL, uid
from tests.support import case

DESK, STAFF, YES, NO = uid("role", "Small desk"), uid("role", "Small staff"), uid("operation", "Small/yes"), uid("operation", "Small/no")
FLOW = uid("flow", "Small")
OVERRIDES = {
    "directus_settings": {"project_name": "Prod", "project_descriptor": "${PROD_WORDS}"},
    "directus_flows": {"Small": {"icon": "prod"}},
    "directus_fields": {"notes.title": {"meta.note": "of prod"}},
    "notes": {uid("notes", 2): {"title": "of prod"}},
    "imprint": {"text": "of prod"},
}
IGNORE = [
    {"collection": "directus_settings", "field": "project_color"},
    {"collection": "directus_translations", "key": "small/de-DE"},
    {"collection": "directus_permissions", "key": "$public/*"},
    {"collection": "notes", "key": uid("notes", 1)},
    {"collection": "notes", "field": "body"},
]
COLLECTIONS = {**SMALL.config["collections"], "topics": {"secrets": ["label"], "harmless": ["a~1b:label"]}}
CONFIG = {"collections": COLLECTIONS, "environments": {"prod": {"overrides": OVERRIDES, "ignore": IGNORE}, "dev": {}}}
VALUES = {"PROD_WORDS": "words of prod", "TOKEN": "token of prod", "LABEL": "label of prod"}


def setUpModule():
    case.open_lab()


class SidesCase(case.Case):
    _files = {}

    def env(self, repo, **values):
        repo.write(".env", "".join(f"{name}='{value}'\n" for name, value in {**VALUES, **values}.items() if value))

    def path(self, repo, stem):
        (path,) = [path for path in repo.files() if path.startswith(stem)]
        return f"schema/{path}"

    def edit(self, repo, stem, **members):
        path = self.path(repo, stem)
        repo.write(path, json.dumps({**repo.json(path), **members}))

    def edit_each(self, repo, stem, change):
        """Changes the items of a file that is a list, or a flow's operations, by hand."""
        path = self.path(repo, stem)
        document = repo.json(path)
        for item in document if isinstance(document, list) else document["operations"]:
            change(item)
        repo.write(path, json.dumps(document))

    def drift(self, repo, status=0):
        done = repo.run("--json", "--env", "prod", "status", "--drift").check(status)
        found = done.json()["drift"]
        records = {one["id"] or one["label"]: one["by"] for one in found["records"]}
        rows = {one["collection"]: (one["instance"], one["files"], one["both"], one["conflict"]) for one in found["rows"]}
        return records, {name: counts for name, counts in rows.items() if any(counts)}, done.err

    def merged(self, repo, *arguments):
        return repo.run("--env", "prod", "export", "--merge", *arguments).check()


class OwnTest(SidesCase):
    def arrived(self):
        """The small project on prod, with its placeholders filled, as a commit that was imported."""
        if not self._files:
            SMALL.prepare(self.dev)
            repo = self.repository(SMALL.config, self.export(SMALL.config))
            def placeholders(item):
                if item["id"] == NO:
                    item["options"] = {"message": "${TOKEN}"}
            self.edit_each(repo, "flows/", placeholders)
            self.edit_each(repo, "data/topics", lambda row: row.update(label="${LABEL}") if row["slug"] == "plain" else None)
            self.env(repo)
            self.prod.reset()
            for ignore in ([], IGNORE):  # what is to be ignored is there as well
                prod = {"overrides": OVERRIDES, "ignore": ignore}
                repo.write("schema-sync.json", json.dumps({"collections": COLLECTIONS, "environments": {"prod": prod}}))
                repo.run("--env", "prod", "import").check()
            repo.run("--env", "prod", "export").check()
            self._files.update(repo.files())
            self.prod.save("three")
        self.prod.reset("three")
        repo = self.repository(CONFIG, self._files)
        repo.write(".gitignore", ".env\n")
        self.env(repo)
        repo.commit("applied")
        return repo

    def change_files(self, repo):
        """The files' own values of everything that prod has of its own."""
        self.edit(repo, "settings", project_name="ours", project_descriptor="ours", project_color="#111111")
        self.edit(repo, "flows/", icon="ours")
        self.edit_each(repo, "translations", lambda one: one.update(value="unser") if one["language"] == "de-DE" else None)
        def note(row):
            if row["id"] in (uid("notes", 1), uid("notes", 2)):
                row.update(title="ours")
            row.update(body="ours")
        self.edit_each(repo, "data/notes", note)
        self.edit_each(repo, "data/imprint", lambda row: row.update(text="ours"))
        collection = repo.json("schema/collections/notes.json")
        next(one for one in collection["fields"] if one["field"] == "title")["meta"]["note"] = "ours"
        repo.write("schema/collections/notes.json", json.dumps(collection))
        repo.commit("ours")

    def change_ignored(self):
        api = self.prod.api
        api.patch("/settings", {"project_color": "#222222"})
        (gone,) = (one["id"] for one in api.get("/translations") if one["language"] == "de-DE")
        api.delete(f"/translations/{gone}")
        api.post("/permissions", {"policy": "abf8a154-5b1c-4a46-ac9c-7300570f4f17", "collection": "topics", "action": "read",
                                  "fields": ["*"], "permissions": {}, "validation": {}})
        api.patch(f"/items/notes/{uid('notes', 1)}", {"title": "theirs", "body": "theirs"})
        api.patch(f"/items/notes/{uid('notes', 0)}", {"body": "theirs"})

    def change_overridden(self):
        api = self.prod.api
        api.patch("/settings", {"project_name": "theirs"})
        api.patch(f"/flows/{FLOW}", {"icon": "theirs"})
        api.patch("/fields/notes/title", {"meta": {"note": "theirs"}})
        api.patch(f"/items/notes/{uid('notes', 2)}", {"title": "theirs"})
        api.patch("/items/imprint", {"text": "theirs"})

    OVERRIDDEN = ({"settings": "instance", FLOW: "instance", "notes.title": "instance"},
                  {"notes": (1, 0, 0, 0), "imprint": (1, 0, 0, 0)})

    def unchanged(self, repo):
        """A merge leaves what the files say, whatever the layout of what was edited by hand."""
        before = repo.files()
        err = self.merged(repo).err
        self.assertEqual([], different(before, repo.files()))
        repo.commit("merged")
        return err

    def test_changed_in_the_files(self):
        repo = self.arrived()
        self.assertEqual(({}, {}), self.drift(repo)[:2])
        self.change_files(repo)
        self.assertEqual(({}, {}), self.drift(repo)[:2])
        # Something else on the instance travels, in the same records.
        self.prod.api.patch("/settings", {"public_note": "theirs"})
        self.prod.api.patch(f"/items/notes/{uid('notes', 2)}", {"extra": {"by": "theirs"}})
        self.assertEqual(({"settings": "instance"}, {"notes": (1, 0, 0, 0)}), self.drift(repo, 2)[:2])
        before = repo.files()
        self.merged(repo)
        settings = repo.json("schema/settings.json")
        self.assertEqual(("ours", "ours", "#111111", "theirs"), tuple(
            settings[name] for name in ("project_name", "project_descriptor", "project_color", "public_note")))
        row = {row["id"]: row for row in repo.json("schema/data/notes.json")}[uid("notes", 2)]
        self.assertEqual(("ours", "ours", {"by": "theirs"}), (row["title"], row["body"], row["extra"]))
        self.assertEqual(["data/notes.json", "settings.json"], different(before, repo.files()))
        again = repo.files()
        repo.run("--env", "prod", "import").check()
        repo.run("--env", "prod", "export").check()
        self.assert_same_files(again, repo.files())

    def test_changed_on_the_instance(self):
        repo = self.arrived()
        self.change_ignored()
        self.assertEqual(({}, {}), self.drift(repo)[:2])
        self.change_overridden()
        self.assertEqual(self.OVERRIDDEN, self.drift(repo, 2)[:2])
        self.edit(repo, "roles/small-staff", icon="ours")
        repo.commit("ours")
        records, rows, _ = self.drift(repo, 2)
        self.assertEqual(({**self.OVERRIDDEN[0], STAFF: "files"}, self.OVERRIDDEN[1]), (records, rows))
        err = self.unchanged(repo)
        for words in ("overrides/directus_settings/project_name: the instance has another value", "imprint : the instance has another value"):
            self.assertIn(words, err)
        repo.run("--env", "prod", "import").check()
        self.assertEqual(({}, {}), self.drift(repo)[:2])
        self.assertEqual("Prod", self.prod.api.get("/settings")["project_name"])

    def test_changed_on_both(self):
        repo = self.arrived()
        self.change_files(repo)
        self.change_ignored()
        self.assertEqual(({}, {}), self.drift(repo)[:2])
        self.change_overridden()
        self.assertEqual(self.OVERRIDDEN, self.drift(repo, 2)[:2])
        self.unchanged(repo)

        # Without what was applied: files and instance alone.
        shutil.rmtree(os.path.join(repo.folder, ".git"))
        self.assertEqual(self.OVERRIDDEN, self.drift(repo, 2)[:2])

    def test_the_configuration_changed(self):
        """What stands in overridden places comes from the overrides of before; nobody changed it."""
        repo = self.arrived()
        prod = json.loads(json.dumps({"ignore": IGNORE, "overrides": {
            **OVERRIDES, "directus_settings": {"project_name": "Other"}, "imprint": {"text": "other"}}}))
        repo.write("schema-sync.json", json.dumps({**CONFIG, "environments": {"prod": prod}}))
        records, rows, _ = self.drift(repo, 2)
        # The override that was taken away: its value is one of the instance now.
        self.assertEqual(({"settings": "both"}, {"imprint": (0, 1, 0, 0)}), (records, rows))
        prod["overrides"]["directus_settings"]["project_descriptor"] = "${PROD_WORDS}"
        repo.write("schema-sync.json", json.dumps({**CONFIG, "environments": {"prod": prod}}))
        self.assertEqual(({"settings": "files"}, {"imprint": (0, 1, 0, 0)}), self.drift(repo)[:2])
        prod["overrides"]["directus_settings"]["project_nam"] = "x"
        repo.write("schema-sync.json", json.dumps({**CONFIG, "environments": {"prod": prod}}))
        self.assertIn("overrides/directus_settings/project_nam", repo.run("--env", "prod", "status", "--drift").check(78).err)
        del prod["overrides"]["directus_settings"]["project_nam"]
        prod["overrides"]["notes"][uid("notes", 9)] = {"title": "x"}
        repo.write("schema-sync.json", json.dumps({**CONFIG, "environments": {"prod": prod}}))
        self.assertIn("no row of notes", repo.run("--env", "prod", "status", "--drift").check(78).err)

    def test_values_of_placeholders(self):
        """Equal explains, another value is drift, no value is said and not compared; nothing of it is shown or written."""
        repo = self.arrived()
        self.env(repo, TOKEN=None, LABEL=None)
        records, rows, err = self.drift(repo)
        self.assertEqual(({}, {}), (records, rows))
        self.assertIn("2 placeholders have no value, and what the instance has there is not compared", err)
        self.env(repo, TOKEN="rotated token", LABEL="rotated label")
        self.assertEqual(({NO: "instance"}, {"topics": (1, 0, 0, 0)}), self.drift(repo, 2)[:2])
        self.env(repo)
        self.prod.api.patch(f"/operations/{NO}", {"options": {"message": "changed token"}})
        self.prod.api.patch("/items/topics/plain", {"label": "changed label"})
        self.assertEqual(({NO: "instance"}, {"topics": (1, 0, 0, 0)}), self.drift(repo, 2)[:2])
        self.edit(repo, "roles/small-staff", icon="ours")
        repo.commit("ours")
        files = repo.files()
        done = repo.run("--env", "prod", "export", "--merge").check(77)
        self.assertIn("2 secrets would be written in clear", done.err)
        self.assert_same_files(files, repo.files())
        self.edit_each(repo, "flows/", lambda item: item.update(options={"message": "${OTHER}"}) if item["id"] == NO else None)
        self.edit_each(repo, "data/topics", lambda row: row.update(label="${OTHER}") if row["slug"] == "plain" else None)
        repo.commit("ours")
        self.env(repo, OTHER="other value")
        for line, status in ((("--json", "status", "--drift"), 2), (("status", "--drift"), 2), (("export", "--merge"), 76)):
            done = repo.run("--env", "prod", *line).check(status)
            for value in ("changed token", "changed label", "other value", *VALUES.values()):
                self.assertNotIn(value, done.out + done.err, line)

    def test_placeholders_that_came_with_the_files(self):
        """The instance is what it was; the files name it by another word, or for the first time."""
        repo = self.arrived()
        def name(item):
            if item["id"] == NO:
                item["options"] = {"message": "${OTHER}"}
            if item["id"] == YES:
                item["options"] = {"message": "${NEW}"}
        self.edit_each(repo, "flows/", name)
        self.edit_each(repo, "data/topics", lambda row: row.update(label="${OTHER_LABEL}") if row["slug"] == "plain" else None)
        repo.commit("named")
        same = {"OTHER": VALUES["TOKEN"], "OTHER_LABEL": VALUES["LABEL"], "NEW": "yes"}
        for values, by in ((same, {}), ({**same, "NEW": "another"}, {YES: "files"})):
            self.env(repo, **values)
            self.assertEqual((by, {}), self.drift(repo)[:2])
            self.unchanged(repo)
        self.prod.api.patch(f"/operations/{YES}", {"options": {"message": "changed"}})
        self.env(repo, **same)
        done = repo.run("--env", "prod", "export", "--merge").check(76)
        self.assertIn("options/message: was", done.err)


def different(before, after):
    """Files that say something else."""
    said = [{path: [json.loads(line) for line in content.splitlines()] if path.endswith(".jsonl") else json.loads(content)
             for path, content in files.items()} for files in (before, after)]
    return sorted(path for path in {**before, **after} if said[0].get(path) != said[1].get(path))


if __name__ == "__main__":
    case.main()
