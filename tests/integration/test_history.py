"""diff A..B, show and log: history without an instance. Real git repositories, no server."""

import json
import os
import subprocess
import unittest

from tests.support import case, processes
from tests.support.tool import Repository, binary

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

    def fast_import(self, stream):
        subprocess.run(["git", "-C", self.repo.folder, "fast-import", "--quiet"], env=self.repo.env, input=stream + b"\n", check=True)

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
        self.assertEqual({"id": 1, "title": "a"}, json.loads(self.run_on("show", "v1.0.0:posts/1")))
        self.assertEqual(ROLE, json.loads(self.run_on("show", "directus_roles/editor"))["id"])
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


class LogTest(HistoryCase):
    def subjects(self, *arguments, **options):
        return [one["subject"] for one in self.run_on("--json", "log", *arguments, **options)["commits"]]

    def change(self, subject, **files):
        for path, value in files.items():
            self.put(path.replace("__", "/"), value)
        return self.repo.commit(subject)

    def history(self):
        """first, a text beside the state, rows, a renamed flow, the flow's options, a field."""
        self.state()
        self.repo.write("README.md", "1")
        self.repo.commit("beside")
        self.change("rows", data__posts=[{"id": 1, "title": "A"}, {"id": 3, "title": "c"}])
        self.change("renamed", flows__notify=flow("Tell"))
        self.change("options", flows__notify=flow("Tell", method="POST"))
        self.last = self.change("field", collections__posts=posts(type="text"))

    def test_commits_that_changed_the_state(self):
        self.history()
        self.assertEqual(["field", "options", "renamed", "rows", "first"], self.subjects())
        self.assertEqual(["field", "options"], self.subjects("-n", "2"))
        self.assertEqual(["field", "options", "renamed", "rows"], self.subjects("v1.0.0.."))
        self.assertEqual(["renamed", "rows"], self.subjects("v1.0.0..HEAD~2"))
        self.assertEqual(["rows", "first"], self.subjects("--ref", "HEAD~3"))
        self.assertEqual([], self.subjects("--since", "3000-01-01"))
        self.assertEqual(5, len(self.subjects("--since", "1 hour ago")))
        said = self.run_on("--json", "log")
        self.assertTrue(said["complete"])
        first = said["commits"][-1]
        self.assertEqual((self.first, False, {"name": "Tester", "email": "tester@example.com"}, None),
                         tuple(first[name] for name in ("commit", "merge", "author", "unknown")))
        self.assertEqual("1 collection, 1 role, 1 flow, rows of posts added", first["summary"])
        self.assertRegex(first["date"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$")
        lines = self.run_on("log", "-n", "1").splitlines()
        self.assertRegex(lines[0], rf"^{self.last[:12]} \d{{4}}-\d\d-\d\d Tester  field$")
        self.assertEqual("    1 collection changed", lines[1])
        self.assertEqual(["options", "renamed"], [one["subject"] for one in json.loads(
            self.bare().run("--json", "log", "flows/", "-n", "2").check().out)["commits"]])

    def test_what_a_commit_changed(self):
        self.history()
        text = self.run_on("log", "-p")
        for line in ('  ~ field posts.title › type: "string" → "text"', '  ~ flow "Tell" › name: "Notify" → "Tell"',
                     '  ~ flow "Tell" › operation send › options.method: + "POST"', "  - rows of posts: 1 created, 1 updated, 1 deleted",
                     '    + 3: title "c"', '    ~ 1 › title: "a" → "A"', "  + collection posts (2 fields)"):
            self.assertIn(line, text.splitlines())
        self.assertNotIn("deleted; rows", text)  # no plan's counts
        self.assertEqual(text, self.repo.run("-v", "log").check().out)
        self.assertNotIn('+ 3: title "c"', self.run_on("log", "-p", "--rows", "0"))

    def test_keys(self):
        self.history()
        self.put("data/posts", [{"id": 1, "title": "A"}, {"id": 3, "title": "C"}])
        self.repo.commit("more rows")
        self.repo.git("rm", "-q", "schema/roles/editor.json")
        self.repo.commit("no editor")
        for keys, subjects in ((["posts"], ["field", "first"]), (["posts.title"], ["field", "first"]), (["posts.id"], ["first"]),
                               (["flow/Tell"], ["options", "renamed", "first"]), (["flow/Notify"], ["renamed", "first"]),
                               ([f"flow/{FLOW}"], ["options", "renamed", "first"]), (["operation/send"], ["options", "first"]),
                               (["role/editor"], ["no editor", "first"]), (["roles/"], ["no editor", "first"]),
                               (["data/posts"], ["more rows", "rows", "first"]), (["data/posts/3"], ["more rows", "rows"]),
                               (["data/posts/1"], ["rows", "first"]), (["posts/2"], ["rows", "first"]), (["posts.title", "role/editor"], ["no editor", "field", "first"]),
                               (["v1.0.0..", "posts", "data/posts/2"], ["field", "rows"]), (["settings"], []), (["flow/Nobody"], [])):
            self.assertEqual(subjects, self.subjects(*keys), keys)
        # only what the keys name, field by field
        done = self.repo.run("log", "flow/Notfy").check()
        self.assertEqual(("", True), (done.out, "no commit changed what was named" in done.err), done.err)
        said = self.run_on("--json", "log", "data/posts/3", "posts.title", "-n", "1")["commits"][0]["plan"]
        self.assertEqual(({"title": {"from": "c", "to": "C"}}, []), (said["rows"][0]["changes"][0]["fields"], said["changes"]))
        self.assertEqual((0, 1, 0), tuple(said["rows"][0][name] for name in ("create", "update", "delete")))
        self.assertIn("no kind of record", self.repo.run("log", "thing/x").check(64).err)
        self.assertIn("write A..B", self.repo.run("log", "v1.0.0...main").check(64).err)
        self.assertIn("is no date", self.repo.run("log", "--since", "soon").check(64).err)
        self.assertIn("both say where to begin", self.repo.run("log", "--ref", "main", "v1.0.0..").check(64).err)

    def test_declared_renames_are_followed(self):
        self.history()
        renames = [{"collection": "posts", "to": "articles"}, {"collection": "articles", "field": "title", "to": "headline"}]
        self.repo.write("schema-sync.json", json.dumps({"collections": {"articles": True}, "renames": renames}))
        self.repo.git("mv", "schema/data/posts.json", "schema/data/articles.json")
        self.repo.git("rm", "-q", "schema/collections/posts.json")
        articles = {**posts(type="text"), "collection": "articles", "schema": {"name": "articles"}}
        articles["fields"][1]["field"] = "headline"
        self.put("data/articles", [{"id": 1, "headline": "A"}, {"id": 3, "headline": "c"}])
        self.change("articles", collections__articles=articles)
        self.change("a note", collections__articles={**articles, "meta": {"note": "N"}})
        said = self.run_on("--json", "diff", "HEAD~2..HEAD~1", status=2)
        self.assertEqual(([], [2], 2), (said["plan"]["changes"], [rows["unchanged"] for rows in said["plan"]["rows"]],
                                        len(said["plan"]["renames"])))
        self.assertEqual("1 collection, 1 field renamed", said["summary"])
        self.assertEqual(["a note", "articles", "field", "first"], self.subjects("articles"))
        self.assertEqual(["articles", "field", "first"], self.subjects("articles.headline"))
        self.assertEqual(["rows", "first"], self.subjects("data/articles/1"))

    def branch(self, name, subject, **files):
        self.repo.git("checkout", "-q", "-b", name, "main")
        self.change(subject, **files)
        self.repo.git("checkout", "-q", "main")

    def test_merges(self):
        self.state()
        self.branch("same", "nothing", flows__notify=flow(method="GET"))
        self.repo.git("checkout", "-q", "same")
        self.change("undone", flows__notify=flow())
        self.repo.git("checkout", "-q", "main")
        self.branch("role", "role", roles__editor={"id": ROLE, "name": "Editor", "parent": None})
        self.branch("field", "field", collections__posts=posts(type="text"))
        self.change("note", collections__posts={**posts(), "meta": {"note": "N"}})
        self.repo.git("merge", "-q", "--no-ff", "-m", "merge same", "same")
        self.repo.git("merge", "-q", "--no-ff", "-m", "merge role", "role")
        # both sides changed the same file: each in its own place, and the merge itself adds an icon
        self.repo.git("merge", "-q", "--no-ff", "--no-commit", "field")
        self.put("collections/posts", {**posts(type="text"), "meta": {"note": "N", "icon": "x"}})
        self.repo.git("commit", "-qam", "merge field")
        # what left no trace is not followed; a merge is listed for what is its own
        self.assertEqual({"first", "role", "field", "note", "merge field"}, set(self.subjects()))
        merge = self.run_on("--json", "log", "-p", "-n", "1")["commits"][0]
        self.assertTrue(merge["merge"])
        self.assertEqual([("collections", "posts")], [(one["type"], one["label"]) for one in merge["plan"]["changes"]])
        self.assertEqual(["field", "first"], self.subjects("posts.title"))
        self.assertEqual({"merge field", "note", "field", "first"}, set(self.subjects("posts")))

    def test_history_that_is_not_all_here(self):
        self.history()
        for name, arguments, words in (("shallow", ("--depth", "3"), "the clone is shallow"),
                                       ("partial", ("--filter=blob:none", "--no-checkout"), "this is a partial clone")):
            with self.subTest(name):
                clone = Repository()
                self.addCleanup(clone.close)
                target = os.path.join(clone.folder, name)
                self.repo.git("config", "uploadpack.allowFilter", "true")
                clone.git("clone", "-q", *arguments, f"file://{self.repo.folder}", target)
                clone.folder = target
                clone.env["ASAN_OPTIONS"] = "detect_leaks=0"  # libgit2 1.5 leaks where a repository has extensions
                said = clone.run("--json", "log").check().json()
                self.assertFalse(said["complete"])
                self.assertIn(words, clone.run("log").check().err)
                if name == "shallow":
                    self.assertEqual(["field", "options"], [one["subject"] for one in said["commits"]])
                    self.assertEqual(self.repo.git("rev-parse", "HEAD~2").strip(), said["ends_at"])
                else:
                    self.assertEqual(["field", "options", "renamed", "rows", "first"], [one["subject"] for one in said["commits"]])
                    self.assertTrue(all("cannot be read" in one["unknown"] for one in said["commits"]))

    def test_bad_history(self):
        self.assertIn("no commit yet", self.repo.run("log").check(78).err)
        self.state()
        self.repo.write("schema/flows/notify.json", "{ broken")
        self.repo.commit("broken")
        self.put("flows/notify", flow(method="GET"))
        self.repo.commit("\x1b[31mmended\x1b[0m")
        said = self.run_on("--json", "log")["commits"]
        self.assertEqual([False, False, True], [one["unknown"] is None for one in said])
        self.assertIn("flows/notify.json", said[1]["unknown"])
        text = self.run_on("log")
        self.assertNotIn("\x1b", text)
        self.assertIn("what changed cannot be told: flows/notify.json", text)
        self.assertEqual(["first"], [one["subject"] for one in self.run_on("--json", "log", "roles/")["commits"]])
        bare = Repository()
        self.addCleanup(bare.close)
        os.rename(os.path.join(bare.folder, ".git"), os.path.join(bare.folder, "git"))
        self.assertIn("is in no git repository", bare.run("log").check(78).err)

    def test_a_reader_that_leaves_is_no_fault(self):
        self.state()
        stream = []
        for number in range(1000):  # more than a pipe holds
            text, subject = json.dumps(flow(number=number)).encode(), b"y" * 300
            stream.append(b"commit refs/heads/main\ncommitter T <t@t.test> 1700000000 +0000\ndata 300\n%s\n%sM 644 inline "
                          b"schema/flows/notify.json\ndata %d\n%s\n"
                          % (subject, b"" if number else b"from refs/heads/main^0\n", len(text), text))
        self.fast_import(b"\n".join(stream))
        done = subprocess.run(["sh", "-c", f'{{ "{binary()}" log --ref main; echo "status $?" >&2; }} | head -n 1'],
                              cwd=self.repo.folder, env=self.repo.env, capture_output=True, text=True, check=True)
        self.assertEqual("status 0\n", done.stderr)


class SizeTest(HistoryCase):
    """10,000 commits, every tenth of which changes one of 100 files of the state."""

    COMMITS, EVERY = 10_000, 10

    def fill(self):
        def file(path, value):
            text = json.dumps(value, indent=2).encode()
            return b"M 644 inline %s\ndata %d\n%s\n" % (path.encode(), len(text), text)

        def one(number, version):
            name = f"c{number}"
            fields = [{"field": f"f{i}", "type": "string", "meta": {"note": None}, "schema": {"is_primary_key": i == 0}}
                      for i in range(20)]
            return file(f"schema/collections/{name}.json", {"collection": name, "meta": {"note": version},
                                                            "schema": {"name": name}, "fields": fields, "relations": []})

        def commit(number):
            head = b"commit refs/heads/main\ncommitter T <t@t.test> %d +0000\ndata 1\nx\n" % (1700000000 + 60 * number)
            if number == 0:
                return head + file("schema/info.json", {"directus": "11.17.4", "format": 1, "vendor": "postgres"}) + b"".join(
                    one(i, "0") for i in range(100))
            if number % self.EVERY == 0:
                return head + one(number // self.EVERY % 100, str(number))
            return head + file(f"src/{number % 200}.txt", number)

        self.fast_import(b"\n".join(commit(i) for i in range(self.COMMITS)))

    def test_ten_thousand_commits(self):
        self.fill()
        with open(binary(), "rb") as file:
            sanitized = b"__asan_init" in file.read()
        for keys, count in (([], self.COMMITS // self.EVERY), (["c7.f3"], 1), (["c7"], 11), (["flow/None"], 0)):
            done = self.repo.run("--json", "log", "--ref", "main", *keys).check()
            self.assertEqual(count, len(done.json()["commits"]))
            print(f"log {' '.join(keys)}: {done.seconds:.2f} s, {done.cpu:.2f} s of CPU, {done.rss / 1024:.0f} MB", flush=True)
            self.assertLess(done.cpu, 20 if sanitized else 2)


if __name__ == "__main__":
    case.main()
