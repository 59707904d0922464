"""The hooks with real git and no instance: what is checked, what stops a commit, where they are put."""

import contextlib
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import time
import unittest

from tests.support import case, processes, tool
from tests.support.hooked import FLOW, POLICY, ROLE, STATE, Hooked, text

TOKEN = "ghp_" + "x7Kq2mZp9RtLw4Vb8NcYd3Hs6Jf1Ga5Qe0Tu"


class HookCase(unittest.TestCase):
    maxDiff = 20000

    def hooked(self, *arguments, **options):
        repo = Hooked(*arguments, **options)
        self.addCleanup(repo.close)
        return repo

    def assert_commits(self, repo, *arguments, **options):
        before = repo.try_git("rev-parse", "HEAD").out
        done = repo.try_git("commit", "-q", *arguments, **options)
        self.assertEqual(0, done.status, done.out)
        self.assertNotEqual(before, repo.try_git("rev-parse", "HEAD").out)
        return done.out

    def assert_stopped(self, repo, words, *arguments, **options):
        before, index = repo.try_git("rev-parse", "HEAD").out, repo.git("ls-files", "-s")
        done = repo.try_git("commit", "-q", *arguments, **options)
        self.assertNotEqual(0, done.status, done.out)
        for word in [words] if isinstance(words, str) else words:
            self.assertIn(word, done.out)
        self.assertEqual(before, repo.try_git("rev-parse", "HEAD").out)
        self.assertEqual(index, repo.git("ls-files", "-s"))
        return done.out

    def break_state(self, repo):
        repo.edit("policies/editors.json", roles=[{"role": FLOW, "sort": 1}])


class CommitTest(HookCase):
    def test_what_does_not_hold_together_stops_the_commit(self):
        repo = self.hooked()
        cases = {
            "strict JSON": ("roles/editor.json", '{"id": "%s", "name": "editor",}\n' % ROLE,
                            ["the commit is stopped", "schema/roles/editor.json", "hint:"]),
            "a conflict": ("roles/editor.json", '<<<<<<< HEAD\n{\n=======\n{}\n>>>>>>> other\n',
                           ["the commit is stopped", "schema/roles/editor.json"]),
            "a reference": ("policies/editors.json",
                            {"id": POLICY, "name": "editors", "permissions": [], "roles": [{"role": FLOW, "sort": 1}]},
                            ["the commit is stopped", "schema/policies/editors.json", FLOW]),
            "a format": ("info.json", {"directus": "11.17.4", "format": 99, "vendor": "postgres"},
                         ["schema-sync that wrote it"]),
            "a circle": ("flows/round.json",
                         {"id": FLOW, "name": "round", "status": "active", "operation": ROLE, "operations": [
                             {"id": ROLE, "key": "a", "name": "a", "resolve": POLICY, "reject": None},
                             {"id": POLICY, "key": "b", "name": "b", "resolve": ROLE, "reject": None}]},
                         ["schema/flows/round.json", "lead back to themselves"]),
        }
        for name, (path, value, words) in cases.items():
            with self.subTest(name):
                repo.put(path, value)
                repo.git("add", "-A")
                self.assert_stopped(repo, words, "-m", name)
                repo.git("reset", "-q", "--hard")
                repo.git("clean", "-q", "-f", "-d")
        repo.edit("roles/editor.json", icon="anchor")
        self.assertEqual("", self.assert_commits(repo, "-a", "-m", "fine"))

    def test_secrets_in_clear_stop_the_commit_and_are_not_shown(self):
        repo = self.hooked({"collections": {"posts": {"secrets": ["note"]}, "directus_roles": {"harmless": []}}})
        repo.write(".gitignore", "")
        role = {"id": ROLE, "name": "editor", "parent": None}
        repo.put("roles/editor.json", {**role, "description": TOKEN})
        repo.git("add", "-A")
        said = self.assert_stopped(repo, ["schema/roles/editor.json: (/description): GitHub token", "${EDITOR_DESCRIPTION}",
                                          f'"harmless": ["{ROLE}:description"]'], "-m", "a token")
        self.assertNotIn(TOKEN, said)
        # a value of .env is no better than one that nobody knows
        repo.write(".git/info/exclude", ".env\n")
        repo.write(".env", f"EDITOR_DESCRIPTION={TOKEN}\n")
        self.assert_stopped(repo, "GitHub token", "-m", "a token")
        repo.put("roles/editor.json", {**role, "description": "${EDITOR_DESCRIPTION}"})
        repo.git("add", "-A")
        self.assert_commits(repo, "-m", "a placeholder")

        repo.put("roles/editor.json", {**role, "description": TOKEN})
        repo.write("schema-sync.json", text({"collections": {"directus_roles": {"harmless": [f"{ROLE}:description"]}}}))
        repo.git("add", "-A")
        self.assert_commits(repo, "-m", "a harmless one")

    def test_secrets_in_rows(self):
        repo = self.hooked({"collections": {"posts": {"secrets": ["note"]}}})
        fields = [{"collection": "posts", "field": name, "type": "string", "meta": {}, "schema": {"name": name, "table": "posts", "is_primary_key": name == "id"}}
                  for name in ("id", "note", "title")]
        repo.put("collections/posts.json", {"collection": "posts", "meta": {}, "schema": {"name": "posts"},
                                            "fields": [{k: v for k, v in one.items() if k != "collection"} for one in fields],
                                            "relations": []})
        rows = '[\n{"id":"a","note":"Bearer ${NOTE}","title":"one"},\n{"id":"b","note":null,"title":"two"}\n]\n'
        repo.put("data/posts.json", rows)
        repo.git("add", "-A")
        self.assert_commits(repo, "-m", "rows")
        repo.put("data/posts.json", rows.replace('"two"', f'"{TOKEN}"'))
        self.assert_stopped(repo, ["schema/data/posts.json: line 3: (/title): GitHub token"], "-a", "-m", "a token")
        repo.put("data/posts.json", rows.replace("null", '"hunter2 it is"'))
        self.assert_stopped(repo, ["schema/data/posts.json: line 3: (/note)"], "-a", "-m", "a declared place")
        repo.put("data/posts.json", rows.replace("null", "73219844"))  # a placeholder stands for no number
        self.assert_stopped(repo, ["line 3: (/note)", '"posts": { "exclude": ["note"] }'], "-a", "-m", "a number")

    def test_env_files_with_credentials_are_no_part_of_a_commit(self):
        repo = self.hooked()
        repo.write(".env", "PROD_DIRECTUS_TOKEN=abc\n")
        repo.git("add", "-A", "-f")
        self.assert_stopped(repo, [".env is staged", "git rm --cached .env"], "-m", "all of it")
        repo.write(".env", "COLOR=blue\n")
        repo.git("add", "-A", "-f")
        self.assert_commits(repo, "-m", "nothing secret")

    def test_the_staged_tree_is_checked_and_not_the_work_tree(self):
        repo = self.hooked()
        self.break_state(repo)
        repo.git("add", "-A")
        repo.git("show", "HEAD:schema/policies/editors.json")
        repo.put("policies/editors.json", repo.git("show", "HEAD:schema/policies/editors.json"))
        self.assert_stopped(repo, ["schema/policies/editors.json", "1 file of schema differs from it: `git add schema`"], "-m", "x")
        repo.git("add", "-A")
        self.break_state(repo)  # not staged: nobody's business
        repo.write("README.md", "1")
        repo.git("add", "README.md")
        self.assert_commits(repo, "-m", "x")
        self.assertEqual(["A README.md"], repo.committed())

    def test_what_the_commit_leaves_alone_is_not_checked_again(self):
        repo = self.hooked()
        self.break_state(repo)
        repo.git("add", "-A")
        self.assert_commits(repo, "--no-verify", "-m", "broken on purpose")
        repo.write("README.md", "1")
        repo.git("add", "-A")
        self.assertEqual("", self.assert_commits(repo, "-m", "something else"))

    def test_the_configuration_is_checked_as_it_is_staged(self):
        repo = self.hooked()
        repo.write("schema-sync.json", '{"collection": {}}\n')
        self.assert_stopped(repo, ['unknown key "collection"', 'did you mean "collections"'], "-a", "-m", "x")
        repo.git("add", "-A")
        repo.write("schema-sync.json", "{}\n")
        self.assert_stopped(repo, 'schema-sync.json: /collection: unknown key', "-m", "x")

    def test_ways_around(self):
        repo = self.hooked()
        for value in ("1", "true"):
            self.break_state(repo)
            repo.write("schema-sync.json", "{broken")
            self.assert_commits(repo, "-a", "-m", "x", env={"SCHEMA_SYNC_SKIP": value})
            repo.git("reset", "-q", "--hard", "HEAD~1")
        self.break_state(repo)
        self.assert_stopped(repo, "the commit is stopped", "-a", "-m", "x", env={"SCHEMA_SYNC_SKIP": "0"})
        self.assert_commits(repo, "-a", "--no-verify", "-m", "x")
        self.assertEqual(0, repo.run("hook", "pre-commit", env={"SCHEMA_SYNC_SKIP": "1"}).check().status)

    def test_chosen_files(self):
        """`git commit FILE` takes the index apart: what goes in is HEAD and those files."""
        repo = self.hooked()
        self.break_state(repo)
        repo.git("add", "-A")
        repo.write("README.md", "1")
        repo.git("add", "README.md")
        self.assert_commits(repo, "-m", "only this", "README.md")
        self.assertEqual(["A README.md"], repo.committed())
        self.assertIn("M  schema/policies/editors.json", repo.git("status", "--porcelain"))
        self.assert_stopped(repo, FLOW, "-m", "and that", "schema/policies/editors.json")
        self.assertIn("M  schema/policies/editors.json", repo.git("status", "--porcelain"))

    def test_hunks(self):
        repo = self.hooked()
        lines = "".join(f"{number}\n" for number in range(30))
        repo.write("notes.txt", lines)
        repo.commit("notes")
        repo.write("notes.txt", "first\n" + lines + "last\n")
        done = subprocess.run(["git", "commit", "-q", "-p", "-m", "one hunk"], cwd=repo.folder, env=repo.env, input="y\nn\n",
                              text=True, capture_output=True, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn(" M notes.txt", repo.git("status", "--porcelain"))
        self.assertIn("+first", repo.git("show"))

    def test_amend_and_the_first_commit(self):
        repo = self.hooked(state=False)
        for path, value in {"info.json": {"directus": "11.17.4", "format": 1, "vendor": "postgres"},
                            "roles/editor.json": {"id": ROLE, "name": "editor", "parent": FLOW}}.items():
            repo.put(path, value)
        repo.git("add", "-A")
        done = repo.try_git("commit", "-q", "-m", "first")
        self.assertNotEqual(0, done.status)
        self.assertIn("schema/roles/editor.json", done.out)
        repo.edit("roles/editor.json", parent=None)
        repo.git("add", "-A")
        self.assert_commits(repo, "-m", "first")
        repo.edit("roles/editor.json", parent=FLOW)
        self.assert_stopped(repo, "schema/roles/editor.json", "-a", "--amend", "--no-edit")
        repo.edit("roles/editor.json", parent=None, icon="anchor")
        self.assert_commits(repo, "-a", "--amend", "--no-edit")
        self.assertEqual("1", repo.git("rev-list", "--count", "HEAD").strip())

    def test_merges_rebases_and_cherry_picks(self):
        repo = self.hooked()
        repo.git("checkout", "-q", "-b", "side")
        repo.edit("roles/editor.json", name="writer")
        repo.commit("writer")
        repo.git("checkout", "-q", "main")
        repo.edit("roles/editor.json", name="author")
        repo.commit("author")
        for command in (["merge", "side"], ["rebase", "side"], ["cherry-pick", "side"]):
            with self.subTest(command[0]):
                repo.git("reset", "-q", "--hard", "main")
                repo.git("checkout", "-q", "--detach", "main")
                self.assertNotEqual(0, repo.try_git(*command).status)
                repo.git("add", "-A")  # with the conflict's marks
                self.assert_stopped(repo, "schema/roles/editor.json", "-m", "resolved")
                repo.put("roles/editor.json", {"id": ROLE, "name": "both", "parent": None})
                repo.git("add", "-A")
                self.assert_commits(repo, "-m", "resolved")
                if command[0] == "rebase":
                    repo.try_git("rebase", "--continue", env={"GIT_EDITOR": "true"})
                self.assertIn("both", repo.git("show", "HEAD:schema/roles/editor.json"))
                self.assertEqual("", repo.git("status", "--porcelain"))

    def test_paths_are_read_as_they_are(self):
        """git hands its own way of reading paths on to hooks; names of a project may hold what patterns are made of."""
        for option in ("--literal-pathspecs", "--glob-pathspecs", "--icase-pathspecs", "--noglob-pathspecs"):
            repo = self.hooked(below="a [b] *")
            self.break_state(repo)
            repo.git("add", "-A")
            repo.put("roles/editor.json", "{")
            before = repo.head()
            done = repo.try_git(option, "commit", "-q", "-m", "x")
            self.assertNotEqual(0, done.status, done.out)
            self.assertIn("1 file of schema differs from it", done.out)
            self.assertEqual(before, repo.head())

    def test_an_export_that_was_interrupted_is_no_part_of_a_commit(self):
        repo = self.hooked()
        repo.put(".incomplete", "")
        repo.write("README.md", "1")
        there = {"DIRECTUS_URL": "http://127.0.0.1:9", "DIRECTUS_TOKEN": "t"}
        repo.git("add", "README.md")
        self.assertIn("nothing exported, an export was interrupted: `schema-sync export`", self.assert_commits(repo, "-m", "x", env=there))
        repo.git("add", "-A", "-f")
        self.assert_stopped(repo, "an interrupted export was committed", "-m", "x")

    def test_stash(self):
        repo = self.hooked()
        repo.edit("roles/editor.json", icon="anchor")
        repo.git("stash", "-q")
        repo.edit("roles/editor.json", note="x")
        repo.write("README.md", "1")
        repo.git("add", "README.md")
        self.assert_commits(repo, "-m", "x")
        self.assertIn(" M schema/roles/editor.json", repo.git("status", "--porcelain"))
        repo.git("checkout", "-q", ".")
        repo.git("stash", "pop", "-q")
        self.assertEqual("anchor", repo.json("schema/roles/editor.json")["icon"])


class PlaceTest(HookCase):
    """Where a commit is made from."""

    def test_a_repository_without_a_configuration_is_left_alone(self):
        repo = self.hooked()
        repo.git("rm", "-q", "schema-sync.json")
        self.break_state(repo)
        self.assertEqual("", self.assert_commits(repo, "-a", "-m", "no longer ours"))
        self.assertEqual("", repo.run("hook", "pre-commit").check().err)
        # one above the repository is another project's
        outer = self.hooked()
        inner = os.path.join(outer.folder, "inner")
        os.makedirs(os.path.join(inner, "schema"))
        outer.write("schema-sync.json", "{broken")
        outer.try_git("init", "-q", inner)
        done = tool.Running([tool.binary(), "hook", "pre-commit"], inner, outer.env).wait(30).check()
        self.assertEqual("", done.out + done.err)

    def test_outside_of_a_repository(self):
        folder = processes.work_folder("nowhere")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        with open(os.path.join(folder, "schema-sync.json"), "w", encoding="utf-8") as file:
            file.write("{}")
        for hook in (["pre-commit"], ["post-merge", "0"], ["post-checkout", "1" * 40, "2" * 40, "1"]):
            done = tool.Running([tool.binary(), "hook", *hook], folder, {"PATH": os.environ["PATH"]}).wait(30).check()
            self.assertEqual("", done.out + done.err)
        done = tool.Running([tool.binary(), "hook", "pre-push"], folder, {}).wait(30).check(64)
        self.assertIn("pre-commit, post-merge and post-checkout", done.err)

    def test_a_folder_below(self):
        repo = self.hooked(below="apps/the ä cms's")
        self.break_state(repo)
        self.assert_stopped(repo, "schema/policies/editors.json", "-a", "-m", "x", cwd=repo.state)
        repo.edit("policies/editors.json", roles=[{"role": ROLE, "sort": 2}])
        self.assert_commits(repo, "-a", "-m", "x", cwd=repo.state)
        # a second project of the same repository
        shutil.copytree(os.path.dirname(repo.state), os.path.join(repo.folder, "shop"))
        repo.git("add", "-A")
        self.assert_commits(repo, "-m", "a copy")
        repo.run("-C", "shop", "init", "--hooks").check()
        before = repo.read(repo.hook("pre-commit"))
        repo.run("-C", "shop", "init", "--hooks").check()
        self.assertEqual(before, repo.read(repo.hook("pre-commit")))
        for folder in (repo.below, "shop"):
            repo.write(os.path.join(folder, "schema/roles/editor.json"), "{")
            self.assert_stopped(repo, f"the commit is stopped, for the project in {folder}: schema/roles/editor.json", "-a", "-m", "x")
            repo.git("checkout", "-q", ".")
        repo.git("checkout", "-q", "-b", "side")
        for folder in (repo.below, "shop"):
            repo.write(os.path.join(folder, "schema/roles/editor.json"), text({**STATE["roles/editor.json"], "name": "authors"}))
        self.assert_commits(repo, "-a", "-m", "both")
        repo.git("checkout", "-q", "main")
        there = {"DIRECTUS_URL": "http://127.0.0.1:9", "DIRECTUS_TOKEN": "x"}
        said = repo.try_git("merge", "side", env=there).out
        for folder, word in ((repo.below, "'apps/the ä cms'\\''s'"), ("shop", "shop")):
            self.assertIn(f"schema-sync: {folder}/schema came in: 1 role changed\n  `schema-sync -C {word} import`", said)

    def test_from_a_subdirectory_and_with_git_dir(self):
        repo = self.hooked()
        self.break_state(repo)
        self.assert_stopped(repo, FLOW, "-a", "-m", "x", cwd=os.path.join(repo.state, "roles"))
        own = {"GIT_DIR": os.path.join(repo.folder, ".git"), "GIT_WORK_TREE": repo.folder}
        self.assert_stopped(repo, FLOW, "-a", "-m", "x", cwd="/", env=own)
        self.assert_stopped(repo, FLOW, "-a", "-m", "x", env={"GIT_DIR": ".git"})
        repo.edit("policies/editors.json", roles=[])
        self.assert_commits(repo, "-a", "-m", "x", cwd="/", env=own)

    def test_a_git_folder_elsewhere(self):
        repo = self.hooked()
        elsewhere = processes.work_folder("elsewhere")
        self.addCleanup(shutil.rmtree, elsewhere, ignore_errors=True)
        shutil.move(os.path.join(repo.folder, ".git"), os.path.join(elsewhere, "it"))
        repo.env["PATH"] = repo.env["PATH"].replace(os.path.join(repo.folder, ".git"), os.path.join(elsewhere, "it"))
        own = {"GIT_DIR": os.path.join(elsewhere, "it"), "GIT_WORK_TREE": repo.folder}
        repo.env.update(own)
        self.break_state(repo)
        self.assert_stopped(repo, FLOW, "-a", "-m", "x", cwd=elsewhere)

    def test_a_linked_work_tree(self):
        repo = self.hooked()
        linked = os.path.join(repo.folder, ".git", "linked ü")
        repo.git("worktree", "add", "-q", "-b", "side", linked)
        path = os.path.join(linked, "schema", "roles", "editor.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write("{")
        self.assert_stopped(repo, "schema/roles/editor.json", "-a", "-m", "x", cwd=linked)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text({"id": ROLE, "name": "linked", "parent": None}))
        done = repo.try_git("commit", "-q", "-a", "-m", "x", cwd=linked)
        self.assertEqual(0, done.status, done.out)
        self.assertEqual("", repo.git("status", "--porcelain"))

    def test_a_submodule(self):
        inner = self.hooked(install=False)
        outer = self.hooked()
        outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner.folder, "cms")
        outer.commit("a submodule")
        outer.run("-C", "cms", "init", "--hooks").check()
        hook = os.path.join(outer.folder, ".git", "modules", "cms", "hooks", "pre-commit")
        self.assertTrue(os.access(hook, os.X_OK))
        with open(os.path.join(outer.folder, "cms", "schema", "roles", "editor.json"), "w", encoding="utf-8") as file:
            file.write("{")
        name = ("-c", "user.name=t", "-c", "user.email=t@t.test")
        done = outer.try_git(*name, "commit", "-q", "-a", "-m", "x", cwd=os.path.join(outer.folder, "cms"))
        self.assertNotEqual(0, done.status)
        self.assertIn("schema/roles/editor.json", done.out)
        # the one around it is not concerned
        outer.write("README.md", "1")
        outer.git("add", "README.md")
        self.assert_commits(outer, "-m", "x")

    def test_names_with_spaces_and_a_newline(self):
        repo = self.hooked()
        top = processes.work_folder("odd")
        self.addCleanup(shutil.rmtree, top, ignore_errors=True)
        odd = os.path.join(top, "two\nlines and ü")
        shutil.copytree(repo.folder, odd, symlinks=True)
        with open(os.path.join(odd, "schema", "roles", "editor.json"), "w", encoding="utf-8") as file:
            file.write("{")
        done = repo.try_git("commit", "-q", "-a", "-m", "x", cwd=odd)
        self.assertNotEqual(0, done.status)
        self.assertIn("schema/roles/editor.json", done.out)


class ArrivalTest(HookCase):
    """post-merge and post-checkout."""

    def changed(self, repo, branch="side", **members):
        repo.git("checkout", "-q", "-b", branch)
        repo.edit("roles/editor.json", **(members or {"icon": "anchor"}))
        repo.commit("an anchor")
        return repo.try_git("checkout", "main")

    def test_a_checkout_says_what_changed(self):
        repo = self.hooked()
        back = self.changed(repo)
        self.assertEqual(0, back.status)
        self.assertIn("schema-sync: schema came in: 1 role changed", back.out)
        self.assertNotIn("schema-sync import", back.out)  # there is no instance
        there = {"DIRECTUS_URL": "http://127.0.0.1:9", "DIRECTUS_TOKEN": "t"}
        self.assertIn("`schema-sync import` brings it to http://127.0.0.1:9", repo.try_git("checkout", "side", env=there).out)
        for quiet in (["checkout", "-b", "other"], ["checkout", "main", "--", "schema"], ["checkout", "-q", "HEAD", "."]):
            self.assertNotIn("schema-sync", repo.try_git(*quiet, env=there).out)
        self.assertEqual("", repo.try_git("checkout", "-q", "main", env={"SCHEMA_SYNC_SKIP": "1"}).out)

    def test_a_merge_says_what_changed(self):
        repo = self.hooked()
        self.changed(repo)
        repo.git("branch", "keep")
        self.assertIn("came in: 1 role changed", repo.try_git("merge", "--ff-only", "side").out)
        repo.git("reset", "-q", "--hard", "keep")
        repo.write("README.md", "1")
        repo.commit("on main")
        self.assertIn("came in: 1 role changed", repo.try_git("merge", "-m", "m", "side").out)
        repo.git("reset", "-q", "--hard", "keep")
        self.assertIn("came in: 1 role changed", repo.try_git("merge", "--squash", "side").out)

    def test_a_broken_state_is_said_and_nothing_fails(self):
        repo = self.hooked()
        repo.git("checkout", "-q", "-b", "broken")
        repo.put("roles/editor.json", "{")
        repo.git("commit", "-q", "-a", "--no-verify", "-m", "broken")
        back = repo.try_git("checkout", "main")
        self.assertEqual(0, back.status)
        self.assertIn("the state before is not readable", back.out)
        there = repo.try_git("checkout", "broken")
        self.assertEqual(0, there.status)
        self.assertIn("the state that came in cannot be imported: broken", there.out.replace(repo.head("broken")[:12], "broken"))
        self.assertIn("schema/roles/editor.json", there.out)
        repo.write("schema-sync.json", "{")
        self.assertEqual(0, repo.try_git("checkout", "-f", "main").status)
        repo.git("checkout", "-q", "main", ".")
        self.assertEqual(0, repo.try_git("merge", "broken").status)

    def test_steps_of_a_rebase_are_not_told(self):
        repo = self.hooked()
        self.changed(repo)
        repo.write("README.md", "1")
        repo.commit("on main")
        said = repo.try_git("rebase", "side")
        self.assertEqual(0, said.status)
        self.assertNotIn("came in", said.out)

    def test_auto_import_without_an_instance(self):
        repo = self.hooked({"autoImport": True})
        self.assertNotIn("imported", self.changed(repo).out)
        there = {"DIRECTUS_URL": "http://127.0.0.1:9", "DIRECTUS_TOKEN": "t"}
        done = repo.try_git("checkout", "side", env=there)
        self.assertEqual(0, done.status)
        self.assertIn("not imported: http://127.0.0.1:9 cannot be reached", done.out)


class InstallTest(HookCase):
    NAMES = ("pre-commit", "post-merge", "post-checkout")

    def script(self, path, body):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + body)
        os.chmod(path, 0o755)

    def folder(self, repo):
        found = {}
        top = os.path.join(repo.folder, ".git", "hooks")
        for name in os.listdir(top):
            full = os.path.join(top, name)
            if not name.endswith(".sample"):
                found[name] = (os.readlink(full) if os.path.islink(full) else open(full, encoding="utf-8").read())
        return found

    def test_twice_changes_nothing(self):
        repo = self.hooked(install=False)
        said = repo.install().check().out
        for name in self.NAMES:
            self.assertIn(f"written  {repo.folder}/.git/hooks/{name}", said)
            self.assertTrue(os.access(repo.hook(name), os.X_OK))
        before = self.folder(repo)
        self.assertEqual(set(self.NAMES), set(before))
        said = repo.install("--json").check().json()
        self.assertEqual(before, self.folder(repo))
        self.assertIsNone(said["advice"])
        self.assertEqual(3, sum(".git/hooks" in path for path in said["kept"]))

    def test_hooks_that_stand_are_kept_and_run_first(self):
        repo = self.hooked(install=False)
        self.script(repo.hook("pre-commit"), 'echo "theirs: $0" >&2\n[ ! -e stop ]\n')
        target = os.path.join(repo.folder, "tool.sh")
        self.script(target, 'echo "a link: $*"\nexit 3\n')
        os.symlink("../../tool.sh", repo.hook("post-checkout"))
        with open(repo.hook("post-merge"), "w", encoding="utf-8") as file:
            file.write("not executable")
        repo.install().check()
        repo.install().check()
        names = set(self.NAMES)
        self.assertEqual(names | {f"{name}.before-schema-sync" for name in names}, set(self.folder(repo)))
        repo.edit("roles/editor.json", icon="anchor")
        self.assertIn("theirs: ", self.assert_commits(repo, "-a", "-m", "x"))
        repo.write("stop", "")
        self.break_state(repo)
        said = self.assert_stopped(repo, "theirs: ", "-a", "-m", "x")
        self.assertNotIn("schema-sync: ", said)
        os.remove(os.path.join(repo.folder, "stop"))
        self.assert_stopped(repo, ["theirs: ", "the commit is stopped"], "-a", "-m", "x")
        repo.git("reset", "-q", "--hard")
        done = repo.try_git("checkout", "-b", "x", "HEAD~1")
        self.assertIn(f"a link: {repo.head('main')} {repo.head()} 1", done.out)
        self.assertIn("came in: 1 role changed", done.out)
        self.assertEqual(1, done.status)  # theirs failed
        # what README says of taking them away
        for name in self.NAMES:
            os.rename(repo.hook(name) + ".before-schema-sync", repo.hook(name))
        self.break_state(repo)
        self.assert_commits(repo, "-a", "-m", "x")

    def test_another_program_in_our_place(self):
        repo = self.hooked(install=False)
        self.script(repo.hook("pre-commit"), "exit 0\n")
        repo.install().check()
        self.script(repo.hook("pre-commit"), "exit 1\n")
        before = self.folder(repo)
        done = repo.install().check(78)
        self.assertIn("is kept in", done.err)
        self.assertEqual(before, self.folder(repo))

    def test_core_hooks_path(self):
        repo = self.hooked(install=False)
        repo.git("config", "core.hooksPath", "own hooks")
        repo.install().check()  # within the work tree, and nobody commits it
        self.assertTrue(os.access(os.path.join(repo.folder, "own hooks", "pre-commit"), os.X_OK))
        self.break_state(repo)
        self.assert_stopped(repo, "the commit is stopped", "-a", "-m", "x")
        repo.git("checkout", "-q", ".")

        self.script(os.path.join(repo.folder, "hooks", "pre-commit"), "exit 0\n")
        repo.git("config", "core.hooksPath", "hooks/")
        repo.git("add", "hooks")
        said = repo.install().check().out
        self.assertIn("core.hooksPath names a folder that is committed: add a line to each", said)
        self.assertIn(f"{repo.folder}/hooks/post-checkout: schema-sync hook post-checkout \"$@\"\n", said)
        self.assertEqual(["pre-commit"], os.listdir(os.path.join(repo.folder, "hooks")))
        for name in self.NAMES:
            self.script(os.path.join(repo.folder, "hooks", name), f'schema-sync hook {name} "$@"\n')
        said = repo.install("--json").check().json()
        self.assertIsNone(said["advice"])
        self.break_state(repo)
        self.assert_stopped(repo, "the commit is stopped", "-a", "-m", "x")

        elsewhere = processes.work_folder("global hooks")
        self.addCleanup(shutil.rmtree, elsewhere, ignore_errors=True)
        repo.git("config", "core.hooksPath", elsewhere)
        self.assertIn("a folder outside of this repository", repo.install().check().out)
        self.assertEqual([], os.listdir(elsewhere))

    def test_husky(self):
        for path in (None, ".husky", ".husky/_"):
            with self.subTest(path):
                repo = self.hooked(install=False, below="apps/cms")
                self.script(os.path.join(repo.folder, ".husky", "pre-commit"), "npm test\n")
                if path:
                    repo.git("config", "core.hooksPath", path)
                said = repo.install().check().out
                self.assertIn("husky keeps this repository's hooks", said)
                self.assertIn(f"{repo.folder}/.husky/pre-commit: schema-sync --config apps/cms/schema-sync.json hook pre-commit\n", said)
                self.assertEqual({}, self.folder(repo))

    def test_pre_commit_com(self):
        repo = self.hooked(install=False)
        repo.write(".pre-commit-config.yaml", "repos: []\n")
        said = repo.install().check().out
        self.assertIn("entry: schema-sync hook pre-commit, language: system", said)
        self.assertIn("pre-commit install -t pre-commit -t post-merge -t post-checkout", said)
        self.assertEqual({}, self.folder(repo))
        lines = said.split("\n\n")[1]
        repo.write(".pre-commit-config.yaml", "repos:\n" + lines + "\n")
        self.assertIsNone(repo.install("--json").check().json()["advice"])

    def test_the_manifest_for_pre_commit_com(self):
        with open(os.path.join(tool.ROOT, ".pre-commit-hooks.yaml"), encoding="utf-8") as file:
            manifest = file.read()
        entries = re.findall(r"^  entry: schema-sync hook (\S+)$", manifest, re.MULTILINE)
        self.assertEqual(list(self.NAMES), entries)
        self.assertEqual(list(self.NAMES), re.findall(r"^  stages: \[(\S+)\]$", manifest, re.MULTILINE))

    def test_what_pre_commit_com_passes(self):
        """It has no arguments for hooks, but variables."""
        repo = self.hooked(install=False)
        repo.edit("roles/editor.json", icon="anchor")
        there = repo.commit("an anchor")
        before = repo.head("HEAD~1")
        refs = {"PRE_COMMIT_FROM_REF": before, "PRE_COMMIT_TO_REF": there}
        self.assertIn("1 role changed", repo.run("hook", "post-checkout", env={**refs, "PRE_COMMIT_CHECKOUT_TYPE": "1"}).check().err)
        self.assertEqual("", repo.run("hook", "post-checkout", env={**refs, "PRE_COMMIT_CHECKOUT_TYPE": "0"}).check().err)
        repo.git("reset", "-q", "--hard", before)
        repo.git("merge", "-q", "--squash", there)
        self.assertIn("1 role changed", repo.run("hook", "post-merge", env={"PRE_COMMIT_IS_SQUASH_MERGE": "1"}).check().err)
        self.assertEqual("1 role changed", repo.run("--json", "hook", "post-merge", "1").check().json()["summary"])

    def test_a_linked_work_tree_and_no_folder_yet(self):
        repo = self.hooked(install=False)
        shutil.rmtree(os.path.join(repo.folder, ".git", "hooks"))
        linked = os.path.join(repo.folder, ".git", "linked")
        repo.git("worktree", "add", "-q", "-b", "side", linked)
        done = repo.run("-C", linked, "init", "--hooks").check()
        self.assertIn(f"written  {repo.folder}/.git/hooks/pre-commit", done.out)
        self.break_state(repo)
        self.assert_stopped(repo, FLOW, "-a", "-m", "x")

    def test_no_place_for_hooks(self):
        repo = self.hooked(install=False)
        shutil.rmtree(os.path.join(repo.folder, ".git"))
        repo.env["PATH"] = os.environ["PATH"]
        shutil.rmtree(repo.state)
        os.remove(os.path.join(repo.folder, "schema-sync.json"))
        before = os.listdir(repo.folder)
        self.assertIn("git init", repo.install().check(78).err)
        self.assertEqual(before, os.listdir(repo.folder))
        repo.git("init", "-q", "--object-format=sha256")
        # libgit2 1.5 does not free what it matched the extension's name with
        self.assertIn("SHA-256", repo.run("init", "--hooks", env={"ASAN_OPTIONS": "detect_leaks=0"}).check(78).err)

    def test_a_program_that_is_gone(self):
        repo = self.hooked()
        os.remove(os.path.join(repo.folder, ".git", "programs", "schema-sync"))
        self.break_state(repo)
        self.assert_stopped(repo, "the commit is stopped", "-a", "-m", "x")  # the one that installed the hook
        for name in self.NAMES:
            script = repo.read(repo.hook(name))
            self.script(repo.hook(name), script.partition("\n")[2].replace(f"fallback={tool.binary()}", "fallback=/nowhere/it"))
        self.assert_stopped(repo, ["the program is not found", "SCHEMA_SYNC_SKIP=1"], "-a", "-m", "x")
        self.assert_commits(repo, "-a", "-m", "x", env={"SCHEMA_SYNC_SKIP": "1"})
        done = repo.try_git("checkout", "-q", "HEAD~1")
        self.assertEqual(0, done.status)
        self.assertIn("the program is not found", done.out)


class KillTest(HookCase):
    def test_killed_at_any_moment_the_index_is_whole(self):
        repo = self.hooked()
        repo.edit("roles/editor.json", icon="anchor")
        random.seed(7)
        index = os.path.join(repo.folder, ".git", "index")
        for _ in range(25):
            repo.git("add", "-A")
            commit = processes.spawn(["git", "commit", "-q", "--amend", "--no-edit"], cwd=repo.folder, env=repo.env,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            time.sleep(random.random() * 0.15)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(commit.pid, signal.SIGKILL)
            commit.communicate()  # until all of them are gone, the hook's processes among them
            for left in ("index.lock", "index.lock.lock", "HEAD.lock", "refs/heads/main.lock"):
                if os.path.exists(os.path.join(repo.folder, ".git", left)):
                    os.remove(os.path.join(repo.folder, ".git", left))  # as git tells people to do
            self.assertTrue(stat.S_ISREG(os.stat(index).st_mode))
            self.assertIn("schema/info.json", repo.git("ls-files"))
            self.assertEqual("", repo.git("fsck", "--no-progress", "--no-dangling"))
        self.assertEqual(0, repo.try_git("commit", "-q", "--allow-empty", "-m", "x").status)


if __name__ == "__main__":
    case.main()
