"""States from git: read from commits, without a checkout and without git."""

import json
import os
import shutil

from tests.project import SMALL, uid
from tests.support import case, dump, processes

DESK, STAFF = uid("role", "Small desk"), uid("role", "Small staff")


def setUpModule():
    case.open_lab()


class RefCase(case.Case):
    _files = {}

    def arrived(self):
        """Prod as SMALL's files say, imported from the repository's only commit, tagged v1.0.0."""
        if not self._files:
            SMALL.prepare(self.dev)
            self._files.update(self.export(SMALL.config))
            self.prod.reset()
        else:
            self.prod.reset("refs")
        repo = self.repository(SMALL.config, self._files)
        repo.git("config", "gc.auto", "0")
        repo.commit("as it was")
        repo.git("tag", "v1.0.0")
        if "imported" not in self._done:
            repo.run("--env", "prod", "import").check()
            self.prod.save("refs")
            self._done.add("imported")
        return repo

    _done = set()

    def path(self, start):
        found = [path for path in self._files if path.startswith(start)]
        self.assertEqual(1, len(found), found)
        return found[0]

    def edit(self, repo, start, **members):
        path = f"schema/{self.path(start)}"
        value = {**repo.json(path), **members}
        repo.write(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    def marker(self):
        return self.prod.query("SELECT schema_sync_commit, schema_sync_worktree FROM directus_settings")[0]

    def role(self):
        return self.prod.api.get(f"/roles/{DESK}")


class RefTest(RefCase):
    def test_an_import_from_a_commit_leaves_the_work_tree_alone(self):
        repo = self.arrived()
        self.edit(repo, "roles/small-desk", icon="anchor")
        rows = repo.read("schema/data/topics.json").replace('"slug":"plain"', '"slug":"simple"')
        committed = repo.commit("an anchor")
        repo.write("README.md", "1")
        repo.commit("something else")
        self.edit(repo, "roles/small-desk", icon="bomb")
        repo.write("schema/data/topics.json", rows[:40])  # broken, and not looked at
        before, status = repo.files(), repo.git("status", "--porcelain")

        said = repo.run("--json", "--env", "prod", "diff", "--ref", "main").check(2).json()
        self.assertEqual("main", said["ref"])
        self.assertEqual(["update"], [change["action"] for change in said["plan"]["changes"]])
        repo.run("--env", "prod", "import", "--ref", "main").check()
        self.assertEqual("anchor", self.role()["icon"])
        self.assertEqual([committed, False], list(self.marker().values()))  # the commit that changed the state, and nothing on top
        self.assertIn("HEAD:schema/", repo.run("--env", "prod", "status", "--ref", "HEAD").check().out)
        self.assertTrue(repo.run("--json", "--env", "prod", "status", "--ref", "main").check().json()["equal"])
        repo.run("--env", "prod", "diff", "--ref", "main", "--again").check(0)

        repo.run("--env", "prod", "import", "--ref", "v1.0.0").check(76)  # what is there comes after it
        self.assertEqual("anchor", self.role()["icon"])
        self.assertEqual(before, repo.files())
        self.assertEqual(status, repo.git("status", "--porcelain"))

    def test_a_bare_clone_imports_with_the_commits_own_configuration(self):
        repo = self.arrived()
        self.edit(repo, "roles/small-desk", icon="anchor")
        text = repo.read("schema/data/topics.json")
        repo.write("schema/data/topics.json", text.replace('"slug":"plain"', '"slug":"plain","label":"renamed"', 1)
                   if '"label"' not in text else text.replace('"label":"', '"label":"re-', 1))
        repo.commit("an anchor, and a row")
        bare = processes.work_folder("bare")
        self.addCleanup(shutil.rmtree, bare, ignore_errors=True)
        repo.git("clone", "-q", "--bare", repo.folder, os.path.join(bare, "it.git"))
        clone = self.repository(None)
        shutil.rmtree(clone.folder)
        shutil.copytree(os.path.join(bare, "it.git"), clone.folder)
        before = dump.of(self.prod.api)
        clone.run("--env", "prod", "import", "--ref", "main").check()
        changes = {(one.action, one.part) for one in dump.changes(before, dump.of(self.prod.api))}
        self.assertEqual({("update", "roles"), ("update", "items/topics")}, changes)
        self.assertFalse(os.path.exists(os.path.join(clone.folder, "schema")))

    def test_what_cannot_be_read_is_refused_and_nothing_written(self):
        repo = self.arrived()
        self.edit(repo, "roles/small-desk", name=7, id="nobody")
        repo.commit("broken")
        os.symlink("small.json", os.path.join(repo.state, "roles", "link.json"))
        repo.commit("a link")
        repo.git("rm", "-q", "-r", "schema")
        repo.commit("no state")
        cases = [("v1.0.1", 78, 'did you mean "v1.0.0"'), ("HEAD~20", 78, "is no commit"),
                 ("HEAD", 65, "there is no state at HEAD:schema"),
                 ("HEAD~1", 65, "HEAD~1:schema/roles/link.json is a symbolic link"),
                 ("HEAD~2", 65, f"HEAD~2:schema/{self.path('roles/small-desk')}")]
        with self.nothing_written(self.prod):
            before = self.marker()
            for ref, status, words in cases:
                for command in (["import"], ["diff"]):
                    done = repo.run("--env", "prod", *command, "--ref", ref).check(status)
                    self.assertIn(words, done.err)
            self.assertEqual(before, self.marker())
        shutil.rmtree(os.path.join(repo.folder, ".git"))
        self.assertIn("is in no git repository", repo.run("hash", "--ref", "HEAD").check(78).err)


def named(plan):
    """The changes of a plan as a set that says everything about them but their order."""
    return {(one["action"], one["type"], one["label"], one["id"], json.dumps(one.get("fields"), sort_keys=True))
            for one in plan["changes"]}


class CompareTest(RefCase):
    def develop(self):
        """A commit, tagged v1.1.0, of what was changed on dev through the API and exported: a bit of every kind."""
        repo = self.arrived()
        SMALL.prepare(self.dev)
        repo.run("--env", "dev", "export", "--overwrite").check()
        self.assertEqual("", repo.git("status", "--porcelain"))
        api = self.dev.api
        api.post("/fields/topics", {"field": "rank", "type": "integer", "schema": {}, "meta": {"note": "new"}})
        api.patch("/fields/topics/label", {"meta": {"note": "what people read", "width": "half"},
                                           "schema": {"default_value": "none"}})
        api.post("/collections", {"collection": "extra", "meta": {}, "schema": {}, "fields": [
            {"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}, "meta": {}}]})
        api.delete("/fields/notes/body")
        api.patch(f"/roles/{DESK}", {"icon": "anchor"})
        api.patch(f"/operations/{uid('operation', 'Small/yes')}", {"options": {"message": "no more"}})
        api.patch("/settings", {"project_name": "Compared"})
        api.delete(f"/dashboards/{uid('dashboard', 'Small')}")
        api.delete(f"/translations/{uid('translation', 'small/de-DE')}")
        api.post("/folders", {"id": uid("folder", "compared"), "name": "Compared", "parent": uid("folder", "small")})
        api.post("/permissions", {"policy": uid("policy", "Small notes"), "collection": "topics", "action": "read", "fields": ["*"]})
        api.patch("/items/topics/a%2Fb", {"label": "B"})
        api.post("/items/topics", {"slug": "new", "label": "N", "rank": 3})
        api.delete(f"/items/notes/{uid('notes', 3)}")
        repo.run("--env", "dev", "export").check()
        repo.commit("developed")
        repo.git("tag", "v1.1.0")
        return repo

    def test_two_commits_differ_as_an_import_of_the_later_one_plans(self):
        repo = self.develop()
        offline = {"PROD_DIRECTUS_URL": None, "PROD_DATABASE_URL": None, "DEV_DIRECTUS_URL": None, "DEV_DATABASE_URL": None}
        said = repo.run("--json", "diff", "v1.0.0..v1.1.0", env=offline).check(2).json()["plan"]
        planned = repo.run("--json", "--env", "prod", "diff").check(2).json()["plan"]
        self.assertGreater(len(said["changes"]), 12)
        self.assertEqual(named(planned), named(said))
        self.assertEqual(planned["counts"], said["counts"])
        rows = lambda plan: {one["collection"]: {**one, "kept": 0} for one in plan["rows"] if one["create"] + one["update"] + one["delete"]}
        self.assertEqual({"topics", "notes"}, set(rows(said)))
        self.assertEqual(rows(planned), rows(said))
        self.assertEqual([], said["notes"])  # export names what is gone in removed.jsonl

        repo.run("--env", "prod", "import", "--allow-delete").check()
        repo.run("--json", "diff", "v1.1.0", env=offline).check(0)
        back = repo.run("--json", "diff", "v1.1.0..v1.0.0", env=offline).check(2).json()["plan"]
        swapped = {"create": "delete", "delete": "create", "update": "update"}
        along = {"extra.id", "Small › Text"}  # comes with its collection, goes with its dashboard: listed one way only
        self.assertEqual({(swapped[one[0]], *one[1:3]) for one in named(said) if one[2] not in along},
                         {one[:3] for one in named(back) if one[2] not in along})


class DriftTest(RefCase):
    def drift(self, repo, status, *arguments):
        done = repo.run("--json", "--env", "prod", "status", "--drift", *arguments).check(status)
        return done.json()["drift"]

    def test_changed_alike_is_no_drift(self):
        repo = self.arrived()
        self.prod.api.patch(f"/roles/{DESK}", {"icon": "anchor"})
        self.edit(repo, "roles/small-desk", icon="anchor")
        text = repo.run("--env", "prod", "status", "--drift").check().out
        self.assertIn('~ role "Small desk" (alike)', text)
        self.assertIn("the instance was changed as the files were, not otherwise, since commit", text)

    def test_who_changed_what_since_the_import(self):
        repo = self.arrived()
        self.assertEqual((False, [], {0}), (lambda it: (it["drifted"], it["records"], {
            rows[by] for rows in it["rows"] for by in ("instance", "files", "both", "conflict")}))(self.drift(repo, 0)))

        self.prod.api.patch(f"/roles/{DESK}", {"icon": "anchor", "description": "by hand"})
        self.prod.api.patch(f"/roles/{STAFF}", {"icon": "wave"})
        self.prod.api.post("/folders", {"id": uid("folder", "extra"), "name": "Extra"})
        self.prod.api.patch("/items/topics/plain", {"label": "by hand"})
        self.edit(repo, "roles/small-desk", icon="bomb")
        self.edit(repo, "settings", project_name="ours")
        repo.commit("ours")
        found = self.drift(repo, 2)
        self.assertTrue(found["base"] and not found["why_no_base"])
        by = {one["id"] or one["type"]: (one["by"], one["instance"]) for one in found["records"]}
        self.assertEqual({DESK: ("conflict", "changed"), STAFF: ("instance", "changed"),
                          uid("folder", "extra"): ("instance", "created"), "settings": ("files", "same")}, by)
        conflicts = [one["conflicts"] for one in found["records"] if one["conflicts"]]
        self.assertEqual([("/icon", "bomb", "anchor")],
                         [(one["pointer"], one["files"], one["instance"]) for one in conflicts[0]])
        rows = {one["collection"]: one for one in found["rows"]}
        self.assertEqual((1, 0, 0, 0), tuple(rows["topics"][by] for by in ("instance", "files", "both", "conflict")))
        text = repo.run("--env", "prod", "status", "--drift").check(2).out
        self.assertIn("the instance was changed since commit", text)
        self.assertIn("changed on both, differently", text)

        shutil.rmtree(os.path.join(repo.folder, ".git"))
        found = self.drift(repo, 2)
        self.assertIsNone(found["base"])
        self.assertIn("no git repository", found["why_no_base"])
        self.assertEqual({"instance"}, {one["by"] for one in found["records"]})


class MergeTest(RefCase):
    def both_moved(self):
        """The files changed in git, the instance by hand, since the import of v1.0.0."""
        repo = self.arrived()
        self.edit(repo, "roles/small-desk", icon="bomb")
        self.edit(repo, "settings", project_name="ours")
        rows = json.loads(repo.read("schema/data/topics.json"))
        theirs = next(row for row in rows if row["slug"] == "plain")
        ours = next(row for row in rows if row["slug"] != "plain")
        ours["label"] = "in the files"
        repo.write("schema/data/topics.json", json.dumps([*rows, {"slug": "ours", "label": "new in the files"}]))
        repo.commit("ours")
        self.prod.api.patch(f"/roles/{DESK}", {"description": "by hand"})
        self.prod.api.patch(f"/roles/{STAFF}", {"icon": "wave"})
        self.prod.api.post("/folders", {"id": uid("folder", "extra"), "name": "Extra"})
        self.prod.api.patch("/items/topics/plain", {"label": "by hand"})
        self.prod.api.post("/items/topics", {"slug": "theirs", "label": "new on the instance"})
        gone = self.prod.api.get("/translations")[0]["id"]
        self.prod.api.delete(f"/translations/{gone}")
        return repo, ours["slug"], gone, theirs

    def test_what_changed_on_either_side_is_in_the_merge(self):
        repo, ours, gone, _ = self.both_moved()
        before = repo.files()
        self.assertIn("--merge", repo.run("--env", "prod", "export").check(76).err)
        self.assertEqual(before, repo.files())
        repo.run("--env", "prod", "export", "--merge", "--check").check(2)
        self.assertEqual(before, repo.files())
        done = repo.run("--env", "prod", "export", "--merge").check()
        self.assertIn("`schema-sync import` brings it there", done.err)
        role = repo.json(f"schema/{self.path('roles/small-desk')}")
        self.assertEqual(("bomb", "by hand"), (role["icon"], role["description"]))
        self.assertEqual("wave", repo.json(f"schema/{self.path('roles/small-staff')}")["icon"])
        self.assertEqual("ours", repo.json("schema/settings.json")["project_name"])
        self.assertIn(uid("folder", "extra"), [one["id"] for one in repo.json("schema/folders.json")])
        labels = {row["slug"]: row["label"] for row in repo.json("schema/data/topics.json")}
        self.assertEqual({"plain": "by hand", ours: "in the files", "ours": "new in the files",
                          "theirs": "new on the instance"}, {slug: labels[slug] for slug in ("plain", ours, "ours", "theirs")})
        self.assertNotIn(gone, [one["id"] for one in repo.json("schema/translations.json")])
        self.assertIn(gone, repo.read("schema/removed.jsonl"))

        again = repo.files()
        repo.run("--env", "prod", "export", "--merge").check()  # nothing more to take, and the instance is still behind
        self.assertEqual(again, repo.files())
        repo.run("--env", "prod", "import").check()
        repo.run("--env", "prod", "export").check()
        self.assertEqual(again, repo.files())

    def test_a_conflict_writes_nothing_and_names_both_values(self):
        repo, ours, _, _ = self.both_moved()
        self.prod.api.patch(f"/roles/{DESK}", {"icon": "anchor"})
        self.prod.api.patch(f"/items/topics/{ours.replace('/', '%2F')}", {"label": "by hand too"})
        before = repo.files()
        done = repo.run("--env", "prod", "export", "--merge").check(76)
        self.assertIn("2 records were changed both", done.err)
        for words in ("icon: was", 'files "bomb", instance "anchor"', 'files "in the files", instance "by hand too"'):
            self.assertIn(words, done.err)
        self.assertEqual(before, repo.files())
        repo.run("--env", "prod", "export", "--merge", "--overwrite").check(64)

    def test_without_the_last_seen_state_there_is_no_merge(self):
        repo, *_ = self.both_moved()
        repo.git("checkout", "-q", "--orphan", "other")
        repo.git("commit", "-q", "-m", "no history")
        repo.git("tag", "-d", "v1.0.0")
        repo.git("branch", "-D", "main")
        repo.git("reflog", "expire", "--expire=now", "--all")
        repo.git("gc", "-q", "--prune=now")
        self.assertIn("no commit has the state", repo.run("--env", "prod", "export", "--merge").check(76).err)


if __name__ == "__main__":
    case.main()
