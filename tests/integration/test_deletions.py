"""What was deleted on purpose: export writes removed.jsonl, imports elsewhere follow it, and nothing else is deleted."""

import contextlib
import json
import os
import pty

from tests.project import SMALL, uid
from tests.support import case, tool

NOTES, FLOW, DASHBOARD = uid("policy", "Small notes"), uid("flow", "Small"), uid("dashboard", "Small")
SPARE = {
    "collection": "spare", "schema": {}, "meta": {"icon": "inventory"},
    "fields": [{"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}, "meta": {}},
               {"field": "code", "type": "string", "schema": {}, "meta": {}},
               {"field": "kind", "type": "string", "schema": {"default_value": "open"}, "meta": {}}],
}
CONFIG = {"collections": {**SMALL.config["collections"], "notes": {"groupBy": ["topic"]},
                          "spare": {"key": "code", "filter": {"kind": {"_eq": "open"}}}}}


def setUpModule():
    case.open_lab()


class DeletionCase(case.Case):
    _files = {}

    def agreed(self, config=CONFIG):
        """Dev and prod with SMALL and the rows of a keyed collection, and a repository that both have seen."""
        if not self._files:
            SMALL.prepare(self.dev)
            self.dev.api.post("/collections", {**SPARE, "collection": "other"})
            self.dev.api.post("/collections", SPARE)
            self.dev.api.post("/items/spare", [{"code": code} for code in "abcd"])
            self._files.update(self.export(CONFIG))
            self.dev.save("deletions")
            self.prod.reset()
            self.repository(CONFIG, self._files).run("--env", "prod", "import").check()
            self.prod.save("deletions")
        self.dev.reset("deletions")
        return self.repository(config, self._files)

    def lines(self, repo):
        path = os.path.join(repo.state, "removed.jsonl")
        if not os.path.exists(path):
            return []
        return [json.loads(line) for line in repo.read("schema/removed.jsonl").splitlines()]

    def exported(self, repo, *arguments):
        return repo.run("--env", "dev", "export", *arguments).check()

    def permission(self, policy, **values):
        return next(one["id"] for one in self.dev.api.get("/permissions", limit=-1)
                    if one["policy"] == policy and all(one[name] == value for name, value in values.items()))


class ExportTest(DeletionCase):
    def test_there_and_back(self):
        """Records of all kinds, fields, a collection and rows go; prod follows; some come back."""
        repo, api = self.agreed(), self.dev.api
        note = uid("notes", 3)
        board, panel = api.get(f"/dashboards/{DASHBOARD}"), api.get(f"/panels/{uid('panel', 'Small')}")
        row = api.get(f"/items/notes/{note}")
        api.delete(f"/dashboards/{DASHBOARD}")
        api.delete(f"/translations/{uid('translation', 'small/de-DE')}")
        api.delete(f"/folders/{uid('folder', 'small/er')}")
        api.delete(f"/permissions/{self.permission(NOTES, action='update', fields=['title'])}")
        api.delete(f"/permissions/{self.permission(NOTES, action='read')}")
        api.delete(f"/presets/{api.get('/presets', limit=-1)[0]['id']}")
        api.delete("/fields/notes/body")
        api.delete("/collections/other")
        api.patch(f"/items/notes/{uid('notes', 2)}", {"previous": None, "topic": "a/b"})
        api.delete(f"/items/notes/{note}")
        api.delete(f"/items/spare/{next(one['id'] for one in api.get('/items/spare') if one['code'] == 'b')}")
        before = repo.files()
        self.assertIn("removed.jsonl", repo.run("--env", "dev", "export", "--check").check(2).out)
        self.assertEqual(before, repo.files())
        self.exported(repo)
        # Directus took the field out of the other grant under that key: both are not there as they were.
        whole = [one for one in self.lines(repo) if one[0] == "permissions" and isinstance(one[2], dict)]
        self.assertEqual([["title"], ["title", "body"]], [one[2]["fields"] for one in whole])
        self.assertEqual([
            ["collections", None, ["other"]],
            ["dashboards", DASHBOARD, ["Small"]],
            ["data/notes", note, [note]],
            ["data/spare", None, ["b"]],
            ["fields", None, ["notes", "body"]],
            ["folders", uid("folder", "small/er"), [uid("folder", "small"), "er"]],
            ["permissions", None, [NOTES, "notes", "read"]],
            *whole,
            ["presets", None, ["notes", None, uid("role", "Small desk")]],
            ["translations", uid("translation", "small/de-DE"), ["small", "de-DE"]],
        ], self.lines(repo))
        again = self.exported(repo)
        self.assertIn("nothing to write", again.out)
        self.follow(repo)
        api.post("/dashboards", {key: board[key] for key in ("id", "name", "icon")})
        api.post("/panels", panel)
        api.post("/items/notes", {**{key: row[key] for key in row if key != "body"}, "extra": None})
        self.exported(repo)
        self.assertEqual(9, len(self.lines(repo)))
        self.assertEqual([], [one for one in self.lines(repo) if one[0] in ("dashboards", "data/notes")])

    def follow(self, repo):
        """Prod loses what the lines name, with permission, and nothing more."""
        self.prod.reset("deletions")
        self.prod.api.post("/roles", {"name": "Own"})
        self.prod.api.post("/items/spare", {"code": "own"})
        with self.nothing_written(self.prod):
            err = repo.run("--env", "prod", "import").check(77).err
        for words in ("1 row of notes", "1 row of spare", "notes.body"):
            self.assertIn(words, err)
        repo.run("--env", "prod", "import", "--allow-delete").check()
        files = self.export(CONFIG, instance="prod")
        self.assertEqual(["a", "c", "d", "own"], [one["code"] for one in json.loads(files["data/spare.json"])])
        own = {path for path in files if path.startswith("roles/own") or path == "data/spare.json"}
        self.assertEqual(2, len(own))
        kept = {path: content for path, content in repo.files().items() if path not in ("removed.jsonl", "data/spare.json")}
        self.assert_same_files(kept, {path: content for path, content in files.items() if path not in own})

    def test_what_is_no_removal(self):
        """New names, new ids under the same key, rows that move or that a filter hides: no line."""
        repo, api = self.agreed(), self.dev.api
        api.patch(f"/roles/{uid('role', 'Small desk')}", {"name": "Renamed"})
        german = api.get(f"/translations/{uid('translation', 'small/de-DE')}")
        api.delete(f"/translations/{german['id']}")
        api.post("/translations", {key: german[key] for key in ("key", "language", "value")})
        api.patch(f"/items/notes/{uid('notes', 0)}", {"topic": "plain"})
        api.patch(f"/items/notes/{uid('notes', 2)}", {"topic": "plain"})
        api.patch("/items/spare/1", {"kind": "hidden"})
        api.delete("/items/spare/2")
        self.exported(repo)
        self.assertEqual([["data/spare", None, ["b"]]], self.lines(repo))
        self.assertEqual(["c", "d"], [one["code"] for one in repo.json("schema/data/spare.json")])

    def test_only(self):
        repo, api = self.agreed(), self.dev.api
        api.delete(f"/flows/{FLOW}")
        api.delete(f"/dashboards/{DASHBOARD}")
        self.exported(repo, "--only", "flows")
        self.assertEqual([["flows", FLOW, ["Small"]]], self.lines(repo))

    def test_unknown_files(self):
        """An instance that never saw the files cannot tell what was deleted: it says so and names nothing."""
        repo, api = self.agreed(), self.dev.api
        files = repo.files()
        flow = next(path for path in files if path.startswith("flows/"))
        repo.write("schema/" + flow, files[flow].replace(b'"icon": "bolt"', b'"icon": "home"'))
        repo.write("schema/removed.jsonl", json.dumps(["flows", FLOW, None]) + "\n" + json.dumps(["roles", NOTES, None]) + "\n")
        api.delete(f"/dashboards/{DASHBOARD}")
        done = self.exported(repo, "--overwrite")
        self.assertIn("1 record of the files is not on the instance", done.err)
        self.assertEqual([["roles", NOTES, None]], self.lines(repo))

    def test_a_lost_file_deletes_nothing(self):
        repo = self.agreed()
        for path in repo.files():
            if path.startswith(("flows/", "dashboards/", "data/notes/", "collections/other")):
                os.unlink(os.path.join(repo.state, path))
        self.prod.reset("deletions")
        with self.nothing_written(self.prod):
            repo.run("--env", "prod", "import", "--allow-delete").check()


class LossTest(DeletionCase):
    """What nobody can bring back is counted and refused whole, whoever asks for it."""

    def doomed(self):
        """A repository whose import would lose something in four ways, and prod with something to lose."""
        config = {"collections": {key: rule for key, rule in CONFIG["collections"].items() if key != "imprint"},
                  "environments": {"prod": {"protected": True}}}
        repo, note = self.agreed(config), uid("notes", 3)
        for path in repo.files():
            if path.startswith(("collections/imprint", "data/imprint", "policies/small")):
                os.unlink(os.path.join(repo.state, path))
        rows = [one for one in repo.json("schema/data/notes/plain.json") if one["id"] != note]
        repo.write("schema/data/notes/plain.json", json.dumps(rows))
        repo.write("schema/data/notes/a-b.json", "[]\n")
        for path in repo.files():
            if path.startswith("data/notes/"):
                repo.write("schema/" + path, json.dumps([{**one, "previous": None} for one in repo.json("schema/" + path)]))
        repo.write("schema/removed.jsonl", "".join(json.dumps(line) + "\n" for line in (
            ["collections", None, ["imprint"]], ["data/notes", note, [note]], ["policies", NOTES, None])))
        self.prod.reset("deletions")
        api = self.prod.api
        api.post("/collections", {**SPARE, "collection": "comments"})
        api.post("/fields/comments", {"field": "note", "type": "uuid", "schema": {}, "meta": {}})
        api.post("/relations", {"collection": "comments", "field": "note", "related_collection": "notes",
                                "schema": {"on_delete": "CASCADE"}})
        api.post("/items/comments", [{"note": note}, {"note": note}, {"note": uid("notes", 0)}])
        api.post("/users", {"email": "desk@example.com", "role": uid("role", "Small desk")})
        repo.commit("doomed")  # a protected environment takes nothing else
        return repo

    def test_all_of_it_is_listed(self):
        repo = self.doomed()
        with self.nothing_written(self.prod):
            err = repo.run("--env", "prod", "--yes", "import").check(77).err
            for words in ("table imprint would be dropped with 1 row", "1 row of notes would be deleted",
                          "2 rows of comments would go with the deleted rows of notes",
                          'policy "Small notes" would be deleted while 1 user holds it', "--allow-delete"):
                self.assertIn(words, err)
            status, said = self.on_terminal(repo, "staging", "import")
            self.assertEqual((77, True), (status, "was not confirmed" in said), said)
            status, said = self.on_terminal(repo, "prod", "import")
            self.assertEqual((77, True), (status, "would lose data" in said), said)
        self.assertIn('Type "prod"', said)
        status, said = self.on_terminal(repo, "prod", "import", "--allow-delete")
        self.assertEqual(0, status, said)
        self.assertEqual([uid("notes", 0)], [one["note"] for one in self.prod.api.get("/items/comments")])

    def on_terminal(self, repo, answer, *arguments):
        """A run whose stdin, stdout and stderr are a terminal: (status, what it showed)."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(tool.binary(), [tool.binary(), "-C", repo.folder, "--env", "prod", *arguments], repo.env)
        os.write(terminal, answer.encode() + b"\n")
        shown = b""
        with contextlib.suppress(OSError):
            while block := os.read(terminal, 4096):
                shown += block
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
        return os.waitstatus_to_exitcode(status), shown.decode()


class ForeignKeyTest(case.Case):
    """Rows that refer to others that go, where the database keeps those (NO ACTION, RESTRICT) or takes them along."""

    def collection(self, name, *references):
        field = {"schema": {}, "meta": {}}
        self.dev.api.post("/collections", {"collection": name, "schema": {}, "meta": {}, "fields": [
            {"field": "id", "type": "integer", "meta": {}, "schema": {"is_primary_key": True}},
            *({**field, "field": reference, "type": "integer"} for reference in references)]})

    def relation(self, collection, field, related, rule):
        self.dev.api.post("/relations", {"collection": collection, "field": field, "related_collection": related,
                                         "meta": {}, "schema": {"on_delete": rule}})

    def test_circles_and_trees_of_rows_go(self):
        for instance in (self.dev, self.prod):
            instance.reset()
        api, beyond_a_batch = self.dev.api, 252
        self.collection("tree", "parent")
        self.relation("tree", "parent", "tree", "NO ACTION")
        self.collection("teams", "lead")
        self.collection("people", "team")
        self.relation("teams", "lead", "people", "RESTRICT")
        self.relation("people", "team", "teams", "NO ACTION")
        api.post("/items/tree", [{"id": i, "parent": i - 1 or None} for i in range(1, beyond_a_batch + 1)])
        api.post("/items/teams", [{"id": 1}, {"id": 2}])
        api.post("/items/people", [{"id": 1, "team": 1}, {"id": 2, "team": 2}])
        api.patch("/items/teams", [{"id": 1, "lead": 1}, {"id": 2, "lead": 2}])
        repo = self.repository({"collections": {"tree": True, "teams": True, "people": True}})
        repo.run("--env", "dev", "export").check()
        repo.run("--env", "prod", "import").check()
        for name in ("teams", "people", "tree"):
            repo.write(f"schema/data/{name}.json", json.dumps(repo.json(f"schema/data/{name}.json")[:1]))
        repo.run("--env", "prod", "import", "--mode", "mirror", "--allow-delete").check()
        self.assertEqual([{"id": 1, "parent": None}], self.prod.api.get("/items/tree"))
        self.assertEqual([{"id": 1, "lead": 1}], self.prod.api.get("/items/teams"))
        self.assertEqual([{"id": 1, "team": 1}], self.prod.api.get("/items/people"))

    def test_rows_that_no_file_has(self):
        """What keeps a row from going is found before the first write; of a table Directus does not show nobody can tell."""
        for instance in (self.dev, self.prod):
            instance.reset()
        self.collection("teams")
        self.collection("people", "team")
        self.relation("people", "team", "teams", "RESTRICT")
        self.dev.api.post("/items/teams", [{"id": 1}, {"id": 2}])
        repo = self.repository({"collections": {"teams": True}})
        repo.run("--env", "dev", "export").check()
        repo.run("--env", "prod", "import").check()
        repo.write("schema/data/teams.json", json.dumps([{"id": 1}]))
        settings = repo.json("schema/settings.json")
        repo.write("schema/settings.json", json.dumps({**settings, "project_name": "after"}))
        command = ("--env", "prod", "import", "--mode", "mirror", "--only", "teams,settings")
        self.prod.api.post("/items/people", [{"id": 1, "team": 2}])
        with self.nothing_written(self.prod):
            done = repo.run(*command, "--allow-delete").check(77)
        self.assertIn("rows of teams are to be deleted to which 1 row of people refers (team)", done.err)
        self.prod.api.patch("/items/people/1", {"team": 1})
        self.prod.execute("CREATE TABLE hidden (team integer REFERENCES teams ON DELETE CASCADE)",
                          "INSERT INTO hidden VALUES (1), (2)")
        self.prod.api.call("POST", "/utils/cache/clear?system")
        self.assertIn("rows of hidden, a table that Directus does not show, may go", repo.run(*command).check(77).err)
        repo.run(*command, "--allow-delete").check()
        self.assertEqual([{"id": 1}], self.prod.api.get("/items/teams"))
        self.assertEqual(1, self.prod.value("SELECT count(*) FROM hidden"))


class RmTest(DeletionCase):
    """By hand: one record leaves the files, its line stands, nothing else is touched."""

    def rm(self, repo, what, status=0):
        before = repo.files()
        done = repo.run("rm", what).check(status)
        after = repo.files()
        changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
        if status == 0:
            repo.run("hash").check()  # what is left is a state
        else:
            self.assertEqual(set(), changed)
        return done, changed

    def test_records(self):
        repo = self.agreed()
        flow = next(path for path in repo.files() if path.startswith("flows/"))
        notes = next(f"schema/{path}" for path in repo.files() if path.startswith("data/notes/"))
        rows = repo.json(notes)
        rows[-1]["extra"] = {"runs": FLOW}
        repo.write(notes, json.dumps(rows, indent=1))
        before = repo.files()
        out = repo.run("rm", "flow/Small", "--dry-run").check().out
        self.assertIn("would be named", out)
        self.assertRegex(out, rf"mentioned by 1 row of notes \({notes}: line \d+\): left as it is")
        self.assertEqual(before, repo.files())
        done, changed = self.rm(repo, "flow/Small")
        self.assertEqual({flow, "removed.jsonl"}, changed)
        self.assertEqual(3, done.out.count('- operation "'))
        done, changed = self.rm(repo, "notes.body")
        rows = {path for path in before if path.startswith("data/notes/")}
        self.assertEqual({"collections/notes.json", "removed.jsonl", *rows}, changed)
        self.assertRegex(done.out, 'mentioned by permission "notes update')
        _, changed = self.rm(repo, "other")
        self.assertEqual({"collections/other.json", "removed.jsonl"}, changed)
        _, changed = self.rm(repo, "data/spare/b")
        self.assertEqual({"data/spare.json", "removed.jsonl"}, changed)
        self.assertEqual(["a", "c", "d"], [one["code"] for one in repo.json("schema/data/spare.json")])
        _, changed = self.rm(repo, f"folder/{uid('folder', 'small/er')}")
        self.assertEqual({"folders.json", "removed.jsonl"}, changed)
        self.assertEqual([
            ["collections", None, ["other"]], ["data/spare", None, ["b"]], ["fields", None, ["notes", "body"]],
            ["flows", FLOW, ["Small"]], ["folders", uid("folder", "small/er"), [uid("folder", "small"), "er"]],
        ], self.lines(repo))
        self.prod.reset("deletions")
        err = repo.run("--env", "prod", "import").check(77).err
        self.assertIn("notes.body", err)
        repo.run("--env", "prod", "import", "--allow-delete").check()
        self.assertEqual([], self.prod.query(f"SELECT 1 FROM directus_flows WHERE id = '{FLOW}'"))

    def test_refused(self):
        repo = self.agreed()
        for what, status, says in (
            ("flow/Nothing", 64, "there is no flow"), ("thing/x", 64, "no kind of record"), ("nothing", 64, "there is no collection"),
            ("permission/notes update (Small notes)", 64, "more than one"), ("settings/x", 64, "there is no"),
            ("policy/$public", 77, "cannot be removed"), ("topics", 77, "notes.topic"),
            ("role/Small staff", 77, "Small desk"), (f"data/notes/{uid('notes', 0)}", 77, "refers to it"),
            ("data/topics/plain", 77, "2 rows refer to it: schema/data/notes/plain.json: line "), ("data/spare/zz", 64, "no rows of spare"), ("data/imprint/1", 64, "no rows"),
        ):
            with self.subTest(what):
                done, _ = self.rm(repo, what, status)
                self.assertIn(says, done.err)


if __name__ == "__main__":
    case.main()
