"""States from git: read from commits, without a checkout and without git."""

import json
import os
import shutil

from tests.project import SMALL, uid
from tests.support import case, dump, processes

DESK = uid("role", "Small desk")


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

        repo.run("--env", "prod", "import", "--ref", "v1.0.0").check()
        self.assertNotEqual("anchor", self.role()["icon"])
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


if __name__ == "__main__":
    case.main()
