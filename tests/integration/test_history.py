"""diff A..B, show and log: history without an instance. Real git repositories, no server."""

import json
import os
import unittest

from tests.support import case, processes
from tests.support.tool import Repository

FLOW, SEND = "00000000-0000-4000-8000-000000000003", "00000000-0000-4000-8000-000000000004"
ROLE = "00000000-0000-4000-8000-000000000001"


def posts(**title):
    return {
        "collection": "posts", "meta": {"note": None}, "schema": {"name": "posts"}, "relations": [],
        "fields": [{"field": "id", "type": "integer", "meta": None, "schema": {"is_primary_key": True}},
                   {"field": "title", "type": "string", "meta": {"note": None}, "schema": {}, **title}],
    }


def flow(name="Notify", **options):
    return {"id": FLOW, "name": name, "status": "active", "operation": SEND, "operations": [
        {"id": SEND, "key": "send", "resolve": None, "reject": None, "options": {"url": "${HOOK_URL}", **options}}]}


class HistoryCase(unittest.TestCase):
    maxDiff = 5000
    config = {"collections": {"posts": True}}

    def setUp(self):
        self.repo = Repository(self.config)
        self.addCleanup(self.repo.close)
        self.put("info", {"directus": "11.17.4", "format": 1, "vendor": "postgres"})

    def put(self, path, value):
        self.repo.write(f"schema/{path}.json", json.dumps(value, indent=2) + "\n")

    def run_on(self, *arguments, status=0, **options):
        done = self.repo.run(*arguments, **options).check(status)
        return done.json() if "--json" in arguments else done.out

    def state(self):
        """v1.0.0: a collection with two rows, a flow, a role."""
        self.put("collections/posts", posts())
        self.put("data/posts", [{"id": 1, "title": "a"}, {"id": 2, "title": "b"}])
        self.put("flows/notify", flow())
        self.put("roles/editor", {"id": ROLE, "name": "editor", "parent": None})
        self.first = self.repo.commit("first")
        self.repo.git("tag", "v1.0.0")

    def bare(self):
        folder = os.path.join(processes.work_folder("bare"), "it.git")
        self.repo.git("clone", "-q", "--bare", self.repo.folder, folder)
        clone = Repository()
        self.addCleanup(clone.close)
        clone.folder = folder
        return clone


class DiffTest(HistoryCase):
    def test_ranges_mean_what_git_means(self):
        self.state()
        self.repo.git("checkout", "-q", "-b", "side")
        self.put("roles/editor", {"id": ROLE, "name": "Editor", "parent": None})
        self.repo.commit("a role on the side")
        self.repo.git("checkout", "-q", "main")
        self.put("collections/posts", posts(type="text"))
        self.repo.commit("texts")
        both = {("roles", ROLE), ("fields", None)}
        for arguments, found in ((["v1.0.0..main"], {("fields", None)}), (["v1.0.0.."], {("fields", None)}),
                                 (["..v1.0.0"], {("fields", None)}), (["side..main"], both),
                                 (["main...side"], {("roles", ROLE)}), (["HEAD~1"], {("fields", None)})):
            said = self.run_on("--json", "diff", *arguments, status=2)
            self.assertEqual(found, {(one["type"], one["id"]) for one in said["plan"]["changes"]}, arguments)
        self.assertEqual("main:schema → main:schema: nothing changed\n", self.run_on("diff", "main..main"))
        self.assertFalse(self.run_on("--json", "diff", "HEAD")["differs"])
        self.put("data/posts", [{"id": 1, "title": "A"}, {"id": 3, "title": "c"}])
        text = self.run_on("diff", "HEAD", status=2)
        for words in ('+ 3: title "c"', '~ 1 › title: "a" → "A"', "HEAD:schema → schema: 3 rows of posts changed"):
            self.assertIn(words, text)
        self.assertIn("rows of <code>posts</code> | 1 | 1 | 1 |", self.run_on("diff", "HEAD", "--format", "markdown", status=2))
        self.assertNotIn("rows", self.run_on("diff", "v1.0.0", "--only", "access", status=0))

    def test_what_makes_no_sense_is_refused(self):
        self.state()
        for option in (["--out", "x"], ["--ref", "main"], ["--mode", "add"], ["--again"], ["--allow-version"]):
            self.assertIn(f"{option[0]} says nothing of two commits",
                          self.repo.run("diff", "HEAD", *option).check(64).err)
        self.assertFalse(os.path.exists(os.path.join(self.repo.folder, "x")))
        self.assertIn("is no commit", self.repo.run("diff", "v9..HEAD").check(78).err)
        self.repo.git("checkout", "-q", "--orphan", "alone")
        self.repo.commit("alone")
        self.assertIn("no commit in common", self.repo.run("diff", "main...alone").check(78).err)
        self.repo.git("rm", "-qr", "schema")
        self.repo.commit("nothing")
        self.assertIn("there is no state at HEAD:schema: all of the other one's is gone",
                      self.repo.run("diff", "main..HEAD").check(2).err)
        self.assertIn("there is no state", self.repo.run("diff", "HEAD..HEAD").check(65).err)

    def test_a_bare_repository_has_commits_only(self):
        self.state()
        self.put("data/posts", [{"id": 1, "title": "A"}])
        self.repo.commit("rows")
        clone = self.bare()
        self.assertIn("2 rows of posts changed", clone.run("diff", "v1.0.0..").check(2).out)
        self.assertIn("v1.0.0..HEAD", clone.run("diff", "v1.0.0").check(78).err)
        self.assertIn('"title": "A"', clone.run("show", "HEAD:data/posts/1").check().out)


class ShowTest(HistoryCase):
    def test_one_record_of_the_files_or_of_a_commit(self):
        self.state()
        self.put("collections/posts", posts(type="text"))
        self.put("flows/notify", flow(name="Re: all"))
        self.assertEqual(posts(type="text"), json.loads(self.run_on("show", "posts")))
        self.assertEqual("text", json.loads(self.run_on("show", "posts.title"))["type"])
        self.assertEqual("string", json.loads(self.run_on("show", "v1.0.0:posts.title"))["type"])
        self.assertEqual("string", json.loads(self.run_on("show", "--ref", "main", "field/posts.title"))["type"])
        self.assertEqual(flow(), json.loads(self.run_on("show", "HEAD:flow/Notify")))
        self.assertEqual(flow("Re: all"), json.loads(self.run_on("show", "flow/Re: all")))
        self.assertEqual({"id": 2, "title": "b"}, json.loads(self.run_on("show", "HEAD:data/posts/2")))
        self.assertEqual({"from": "v1.0.0:schema", "file": "roles/editor.json", "type": "role", "id": ROLE, "label": "editor",
                          "record": {"id": ROLE, "name": "editor", "parent": None}},
                         self.run_on("--json", "show", "v1.0.0:role/editor"))

    def test_what_is_not_there(self):
        self.state()
        for name, status, words in (("flow/Nobody", 64, "there is no flow in schema/ that is called"),
                                    ("v1.0.0:posts.body", 64, "there is no field in v1.0.0:schema/"),
                                    ("thing/x", 64, '"thing" is no kind of record'), ("data/posts/9", 64, "no rows of posts"),
                                    ("data/posts", 64, "names no single row"), ("data/none/1", 64, "are not carried"),
                                    ("v2:posts", 78, "is no commit")):
            self.assertIn(words, self.repo.run("show", name).check(status).err, name)


if __name__ == "__main__":
    case.main()
