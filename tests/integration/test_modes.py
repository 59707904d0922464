"""add, merge and mirror; removed.jsonl; and data that is not lost without permission."""

import json
import os
from collections import Counter

from tests.project import SMALL, uid
from tests.support import case, dump

DESK, STAFF, NOTES = uid("role", "Small desk"), uid("role", "Small staff"), uid("policy", "Small notes")


def setUpModule():
    case.open_lab()


class ModeCase(case.Case):
    _files = {}

    def arrived(self, config=None, **changes):
        """Prod with SMALL and a second, empty collection; a repository with its files, some of them changed."""
        if not self._files:
            SMALL.prepare(self.dev)
            self.dev.api.post("/collections", {
                "collection": "spare", "schema": {}, "meta": {"icon": "inventory"},
                "fields": [{"field": "id", "type": "integer",
                            "schema": {"is_primary_key": True, "has_auto_increment": True}, "meta": {}},
                           {"field": "topic", "type": "string", "schema": {}, "meta": {}}]})
            self.dev.api.post("/relations",
                              {"collection": "spare", "field": "topic", "related_collection": "topics", "schema": {}})
            self._files.update(self.export(SMALL.config))
            self.prod.reset()
            self.repository(SMALL.config, self._files).run("--env", "prod", "import").check()
            self.prod.save("modes")
        self.prod.reset("modes")
        repo = self.repository(config or SMALL.config, self._files)
        for start, change in changes.items():
            self.edit(repo, self.path(start), change)
        return repo

    def path(self, start):
        """The one file whose path begins so ("_" stands for "/" and "-")."""
        found = [path for path in self._files if path.replace("/", "_").replace("-", "_").startswith(start)]
        self.assertEqual(1, len(found), found)
        return found[0]

    def edit(self, repo, path, change):
        value = repo.json(f"schema/{path}")
        change(value)
        repo.write(f"schema/{path}", json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    def without(self, *starts, lines=(), config=None):
        """A repository whose files lack those that begin so, and whose removed.jsonl has `lines`."""
        self.arrived()
        gone = {self.path(start) for start in starts}
        files = {path: content for path, content in self._files.items() if path not in gone}
        if lines:
            files["removed.jsonl"] = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
        return self.repository(config or SMALL.config, files)

    def imported(self, repo, *arguments, **options):
        """Imports; answers [(action, part, key)] of what then is different, and the program's own account."""
        before = dump.of(self.prod.api)
        said = repo.run("--json", "--env", "prod", "import", *arguments, **options).check().json()
        changes = dump.changes(before, dump.of(self.prod.api))
        return [(one.action, one.part, one.key) for one in changes], said

    def refused(self, repo, *arguments, **options):
        """Refused with 77 before the first write, the marker free again and as it was."""
        columns = ("hash", "sections", "state", "owner")
        marker = f"SELECT {', '.join(f'schema_sync_{one}' for one in columns)} FROM directus_settings"
        before = self.prod.query(marker)
        with self.nothing_written(self.prod):
            done = repo.run("--env", "prod", "import", *arguments, **options).check(77)
        self.assertEqual(before, self.prod.query(marker))
        self.assertIn("--allow-delete", done.err)
        return done.err


def _develop(case_):
    """Files with something new, something changed and something gone."""
    repo = case_.arrived(
        roles_small_desk=lambda one: one.update(icon="changed"),
        policies_small=lambda one: one["permissions"].append(
            {"action": "create", "collection": "notes", "fields": ["*"], "permissions": {}, "presets": None,
             "validation": {}}),
        collections_notes=lambda one: one["meta"].update(note="changed"),
        collections_topics=lambda one: one["fields"].append(
            {"field": "fresh", "type": "string", "meta": {"interface": "input"},
             "schema": {"name": "fresh", "table": "topics", "data_type": "character varying", "max_length": 255,
                        "is_nullable": True}}),
        translations=lambda records: (records.pop(), records.append(
            {"id": uid("translation", "new"), "key": "new", "language": "de-DE", "value": "neu"})),
        settings=lambda one: one.update(project_name="changed"),
    )
    repo.write("schema/data/topics.json", '[\n  {"label":"changed","slug":"a/b"},\n  {"label":"new","slug":"new"}\n]\n')
    text = repo.read("schema/data/notes.json")
    repo.write("schema/data/notes.json", text.replace('"topic":"plain"', '"topic":"new"'))
    return repo


class ModeTest(ModeCase):
    NEW = [("create", "fields", "topics.fresh"), ("create", "items/topics", "new"),
           ("create", "translations", uid("translation", "new"))]
    CHANGED = [("update", "collections", "notes"), *sorted(("update", "items/notes", uid("notes", i)) for i in (1, 3)),
               ("update", "items/topics", "a/b"), ("update", "roles", DESK), ("update", "settings", "")]

    def comparable(self, changes):
        """Without the new permission, whose id is the target's choice."""
        permissions = [one for one in changes if one[1] == "permissions"]
        self.assertEqual(["create"], [one[0] for one in permissions])
        return [one for one in changes if one[1] != "permissions"]

    def test_add(self):
        repo = _develop(self)
        changes, said = self.imported(repo, "--mode", "add")
        self.assertEqual(self.NEW, self.comparable(changes))
        self.assertEqual({"create"}, {one["action"] for one in said["plan"]["changes"]})
        with self.nothing_written(self.prod):
            said = repo.run("--json", "--env", "prod", "import", "--mode", "add").check().json()
            self.assertTrue(said["nothing_to_do"])
        # The same files in another mode are another wish: now what differs is written.
        changes, _ = self.imported(repo)
        self.assertEqual(self.CHANGED, changes)

    def test_merge(self):
        changes, said = self.imported(_develop(self))
        self.assertEqual(sorted(self.NEW + self.CHANGED), sorted(self.comparable(changes)))
        self.assertTrue(any("only on the target" in note for note in said["plan"]["notes"]), said["plan"]["notes"])

    def test_mirror(self):
        repo = _develop(self)
        err = self.refused(repo, "--mode", "mirror")
        self.assertIn("1 row of topics", err)
        changes, _ = self.imported(repo, "--mode", "mirror", "--allow-delete")
        gone = [("delete", "items/topics", "plain"), ("delete", "translations", self.translation())]
        self.assertEqual(sorted(self.NEW + self.CHANGED + gone), sorted(self.comparable(changes)))

    def translation(self):
        """The one that _develop() takes out."""
        return json.loads(self._files["translations.json"])[-1]["id"]

    def test_references_to_what_goes(self):
        """Files that refer to what this import would delete are wrong before the first write, also where the part that
        refers did not change."""
        def topics(repo):
            repo.write("schema/data/topics.json", '[\n  {"label":"Ä","slug":"a/b"}\n]\n')

        def roles(repo):
            os.unlink(os.path.join(repo.state, self.path("roles_small_desk")))
            self.edit(repo, self.path("policies_small"), lambda one: one.update(roles=[]))
            repo.write("schema/presets.json", "[]\n")

        for change, words in ((topics, (" schema/data/notes.json: line", "/topic", "topics")),
                              (roles, ("settings.json", "/public_registration_role", DESK))):
            for marked in (True, False):
                with self.subTest(change.__name__, marked=marked):
                    repo = self.arrived({"mode": "mirror", **SMALL.config})
                    if marked:
                        repo.run("--env", "prod", "import").check()
                    change(repo)
                    with self.nothing_written(self.prod):
                        err = repo.run("--env", "prod", "import", "--allow-delete").check(65).err
                    for word in words:
                        self.assertIn(word, err)

    def test_mirror_of_configuration_alone_needs_no_permission(self):
        """No rows, no users: nothing that an export could not bring back is lost."""
        repo = self.without("dashboards_small", "flows_small", "presets")
        repo.write("schema/presets.json", "[]\n")
        changes, _ = self.imported(repo, "--mode", "mirror")
        self.assertEqual({"delete"}, {one[0] for one in changes})
        self.assertEqual({"dashboards": 1, "panels": 1, "flows": 1, "operations": 3, "presets": 1},
                         Counter(one[1] for one in changes))

    def test_mode_of_one_collection(self):
        """The rule of a collection stands above the mode of the whole."""
        config = {"mode": "add",
                  "collections": {"topics": {"mode": "mirror"}, "notes": True, "imprint": True,
                                  "directus_translations": {"mode": "merge"}}}
        repo = _develop(self)
        repo.write("schema-sync.json", json.dumps(config))
        self.refused(repo)
        changes, _ = self.imported(repo, "--allow-delete")
        mine = [one for one in changes if one[1] in ("items/topics", "translations", "roles", "settings",
                                                     "collections")]
        self.assertEqual(sorted([("create", "items/topics", "new"), ("update", "items/topics", "a/b"),
                                 ("delete", "items/topics", "plain"),
                                 ("create", "translations", uid("translation", "new"))]), sorted(mine))

    def test_mirror_stays_within_the_filter(self):
        """Rows that the filter leaves out are neither compared nor deleted."""
        config = {"collections": {"topics": True,
                                  "notes": {"mode": "mirror", "filter": {"title": {"_starts_with": "note"}}}}}
        repo = self.arrived(config)
        self.prod.api.post("/items/notes",
                           [{"id": uid("own", i), "title": ("own", "note 99", "Note")[i]} for i in range(3)])
        self.refused(repo)
        changes, _ = self.imported(repo, "--allow-delete")
        self.assertEqual([("delete", "items/notes", uid("own", 1))], changes)

    def test_rows_without_their_table(self):
        """The schema is left out: what is not there is told, not that an administrator's rights are too small."""
        repo = self.arrived()
        self.prod.reset()
        err = repo.run("--env", "prod", "import", "--only", "notes").check(77).err
        self.assertIn("the target lacks notes or one of its fields", err)
        self.assertIn("name collections in --only", err)
        repo.run("--env", "prod", "import", "--only", "collections,topics,notes").check()
        repo = self.repository({"collections": {"topics": {"filter": {"lable": {"_nnull": True}}}}}, self._files)
        self.assertIn('"filter" of topics', repo.run("--env", "prod", "import").check(77).err)

    def test_dry_run(self):
        """The plan and nothing else: not even the marker moves."""
        repo = _develop(self)
        row = "SELECT xmin::text AS x FROM directus_settings"
        before = self.prod.query(row)
        with self.nothing_written(self.prod):
            plan = repo.run("--json", "--env", "prod", "import", "--dry-run", "--mode", "mirror").check().json()["plan"]
        self.assertEqual(before, self.prod.query(row))
        self.assertEqual(["1 row of topics would be deleted"], plan["losses"])
        self.assertEqual(plan, repo.run("--json", "--env", "prod", "diff", "--mode", "mirror").check(2).json()["plan"])


class MergeKeepsTest(ModeCase):
    """Whatever is missing in the files stays on the target, unless removed.jsonl names it."""

    def test_missing_is_not_removed(self):
        repo = self.without("collections_spare", "flows_small", "dashboards_small", "policies_small")
        for path, value in (("translations", []), ("presets", []), ("folders", [])):
            repo.write(f"schema/{path}.json", json.dumps(value) + "\n")
        self.edit(repo, "settings.json", lambda one: one.update(public_registration_role=None))
        self.edit(repo, self.path("collections_notes"), lambda one: one.update(
            fields=[field for field in one["fields"] if field["field"] != "body"], relations=[]))
        for name in ("topics", "notes"):
            repo.write(f"schema/data/{name}.json", "[\n]\n")
        changes, said = self.imported(repo)
        self.assertEqual([("update", "settings", "")], changes)
        self.assertEqual({"topics": 2, "notes": 4}, {one["collection"]: one["kept"] for one in said["plan"]["rows"]})

    def test_each_line_removes_what_it_names(self):
        """Records of every type, and nothing beside them: the files have none of what could be removed."""
        german = json.loads(self.arrived().read("schema/translations.json"))[-1]["id"]
        no, check = uid("operation", "Small/no"), uid("operation", "Small/check")
        dashboard, panel, flow, folder = (uid(*one) for one in (
            ("dashboard", "Small"), ("panel", "Small"), ("flow", "Small"), ("folder", "small/er")))
        self.removes(
            [["translations", german, ["small", "de-DE"]], ["panels", panel, None], ["operations", no, None],
             ["folders", folder, None], ["permissions", None, [NOTES, "notes", "update"]],
             ["fields", None, ["spare", "topic"]]],
            [("delete", "translations", german), ("delete", "panels", panel), ("delete", "operations", no),
             ("update", "operations", check), ("delete", "folders", folder), ("delete", "fields", "spare.topic"),
             ("delete", "relations", "spare.topic")], {"permissions": 2})
        self.removes(
            [["dashboards", dashboard, None], ["flows", flow, None], ["access", None, [DESK, NOTES]],
             ["presets", None, ["notes", None, DESK]], ["permissions", None, ["$public", "notes", "read"]],
             ["collections", None, ["spare"]]],
            [("delete", "dashboards", dashboard), ("delete", "panels", panel), ("delete", "flows", flow),
             *(("delete", "operations", uid("operation", f"Small/{key}")) for key in ("check", "yes", "no")),
             ("delete", "collections", "spare"), ("delete", "fields", "spare.id"), ("delete", "fields", "spare.topic"),
             ("delete", "relations", "spare.topic")], {"access": 1, "presets": 1, "permissions": 1})

    def removes(self, lines, expected, numbered):
        """`numbered`: how many records of types whose ids are the target's choice."""
        repo = self.without("flows_small", "dashboards_small", lines=lines)
        for path in ("translations", "presets"):
            repo.write(f"schema/{path}.json", "[]\n")
        self.edit(repo, "folders.json", lambda records: records.pop())
        for start in ("policies_small", "policies_t_public"):
            self.edit(repo, self.path(start), lambda one: one.update(permissions=[]))
        self.edit(repo, self.path("policies_small"), lambda one: one.update(roles=[]))
        if ["collections", None, ["spare"]] in lines:
            os.unlink(os.path.join(repo.state, self.path("collections_spare")))
        else:
            self.edit(repo, self.path("collections_spare"), lambda one: one.update(
                fields=[field for field in one["fields"] if field["field"] != "topic"], relations=[]))
        changes, _ = self.imported(repo)
        found = [one for one in changes if one[1] not in numbered]
        self.assertEqual(sorted(expected), sorted(found))
        counted = Counter(one[:2] for one in changes if one[1] in numbered)
        self.assertEqual(Counter({("delete", part): count for part, count in numbered.items()}), counted)

    def test_rows(self):
        gone = uid("notes", 2)
        repo = self.without(lines=[["notes", gone, [gone]], ["topics", "not there", ["not there"]]])
        rows = [one for one in json.loads(repo.read("schema/data/notes.json")) if one["id"] != gone]
        self.assertEqual(3, len(rows))
        for one in rows:
            one["previous"] = None if one["previous"] == gone else one["previous"]
        repo.write("schema/data/notes.json", "[\n" + ",\n".join(json.dumps(one) for one in rows) + "\n]\n")
        self.assertIn("1 row of notes", self.refused(repo))
        changes, _ = self.imported(repo, "--allow-delete")
        self.assertEqual([("delete", "items/notes", gone), ("update", "items/notes", uid("notes", 1))], sorted(changes))

    def test_what_the_files_have_wins(self):
        """Lines about records that stand in the files delete nothing."""
        lines = [["roles", DESK, None], ["policies", NOTES, None], ["permissions", None, [NOTES, "notes", "update"]],
                 ["access", None, [DESK, NOTES]], ["flows", uid("flow", "Small"), None],
                 ["operations", uid("operation", "Small/no"), None],
                 ["dashboards", uid("dashboard", "Small"), None], ["panels", uid("panel", "Small"), None],
                 ["presets", None, ["notes", None, DESK]], ["folders", uid("folder", "small"), None],
                 ["collections", None, ["notes"]], ["fields", None, ["notes", "title"]],
                 ["relations", None, ["notes", "topic"]],
                 ["notes", uid("notes", 2), [uid("notes", 2)]], ["topics", "plain", ["plain"]], ["imprint", 1, [1]]]
        repo = self.without(lines=lines)
        with self.nothing_written(self.prod):
            said = repo.run("--json", "--env", "prod", "import", "--allow-delete").check().json()
        self.assertEqual([], said["plan"]["changes"])

    def test_add_removes_nothing(self):
        repo = self.without("dashboards_small", lines=[["dashboards", uid("dashboard", "Small"), None]])
        with self.nothing_written(self.prod):
            repo.run("--env", "prod", "import", "--mode", "add").check()

    def test_export_keeps_the_lines(self):
        lines = [["dashboards", uid("dashboard", "gone"), ["Gone"]], ["topics", "gone", ["gone"]]]
        repo = self.without(lines=lines)
        repo.run("--env", "prod", "import").check()
        repo.run("--env", "prod", "export").check()
        self.assertEqual(lines, [json.loads(line) for line in repo.read("schema/removed.jsonl").splitlines()])


class LossTest(ModeCase):
    """What cannot be brought back is refused with 77 before any write, counted, and permitted by --allow-delete."""

    def lose(self, repo, words, *arguments, gone=()):
        err = self.refused(repo, *arguments)
        for word in words:
            self.assertIn(word, err)
        changes, said = self.imported(repo, *arguments, "--allow-delete")
        self.assertNotEqual([], said["plan"]["losses"])
        for one in gone:
            self.assertIn(one, changes)
        return changes

    def test_table_with_rows(self):
        repo = self.without("collections_spare", lines=[["collections", None, ["spare"]]])
        self.prod.api.post("/items/spare", [{}, {}, {}])
        self.lose(repo, ["spare", "3 rows"], gone=[("delete", "collections", "spare")])
        self.assertEqual([], self.prod.query("SELECT 1 FROM pg_tables WHERE tablename = 'spare'"))

    def test_empty_table(self):
        repo = self.without("collections_spare", lines=[["collections", None, ["spare"]]])
        changes, said = self.imported(repo)
        self.assertIn(("delete", "collections", "spare"), changes)
        self.assertEqual([], said["plan"]["losses"])

    def test_column_with_values(self):
        repo = self.without(lines=[["fields", None, ["notes", "body"]]])
        self.edit(repo, self.path("collections_notes"), lambda one: one.update(
            fields=[field for field in one["fields"] if field["field"] != "body"]))
        rows = json.loads(repo.read("schema/data/notes.json"))
        repo.write("schema/data/notes.json",
                   json.dumps([{name: one[name] for name in one if name != "body"} for one in rows]))
        self.lose(repo, ["notes.body", "4 values"], gone=[("delete", "fields", "notes.body")])
        self.assertEqual(4, self.prod.value("SELECT count(*) AS n FROM notes"))

    def test_empty_column(self):
        self.arrived()
        repo = self.without(lines=[["fields", None, ["spare", "topic"]]])
        self.edit(repo, self.path("collections_spare"), lambda one: one.update(
            fields=[field for field in one["fields"] if field["field"] != "topic"], relations=[]))
        changes, said = self.imported(repo)
        self.assertEqual({("delete", "fields", "spare.topic"), ("delete", "relations", "spare.topic")}, set(changes))
        self.assertEqual([], said["plan"]["losses"])

    def test_column_made_shorter(self):
        def shorten(one):
            title = next(field for field in one["fields"] if field["field"] == "title")
            title["schema"]["max_length"] = 10

        self.lose(self.arrived(collections_notes=shorten), ["notes.title", "4 values"],
                  gone=[("update", "fields", "notes.title")])
        self.assertEqual(4, self.prod.value("SELECT count(title) AS n FROM notes"))

    def test_column_given_a_bound(self):
        """The server casts: what was bounded by nothing is cut without a word."""
        def shorten(one):
            title = next(field for field in one["fields"] if field["field"] == "title")
            title["schema"]["max_length"] = 2

        repo = self.arrived(collections_notes=shorten)
        self.prod.execute("ALTER TABLE notes ALTER COLUMN title TYPE character varying")
        self.prod.api.clear_cache()
        self.lose(repo, ["notes.title", "4 values"], "--only", "collections",
                  gone=[("update", "fields", "notes.title")])
        self.assertEqual(4, self.prod.value("SELECT count(*) FROM notes WHERE length(title) = 2"))

    def test_rows(self):
        repo = self.arrived()
        repo.write("schema/data/notes.json", "[\n]\n")
        self.lose(repo, ["4 rows of notes"], "--mode", "mirror",
                  gone=[("delete", "items/notes", uid("notes", i)) for i in range(4)])

    def test_role_with_users(self):
        """Its users stay; the server takes them out of the role."""
        repo = self.without("roles_small_desk", lines=[["roles", DESK, None]])
        self.edit(repo, "settings.json", lambda one: one.update(public_registration_role=None))
        repo.write("schema/presets.json", "[]\n")
        self.edit(repo, self.path("policies_small"), lambda one: one.update(roles=[]))
        self.prod.api.post("/users",
                           [{"id": uid("own", i), "email": f"{i}@example.com", "role": DESK} for i in range(2)])
        self.lose(repo, ["Small desk", "2 users hold it"], gone=[("delete", "roles", DESK)])
        self.assertEqual([None, None], [self.prod.api.get(f"/users/{uid('own', i)}")["role"] for i in range(2)])

    def test_policy_that_a_user_holds(self):
        repo = self.without("policies_small", lines=[["policies", NOTES, None]])
        self.prod.api.post("/users", {"id": uid("own", 0), "email": "0@example.com"})
        self.prod.api.post("/access", {"user": uid("own", 0), "policy": NOTES})
        self.lose(repo, ["Small notes", "1 user holds it"], gone=[("delete", "policies", NOTES)])
        self.assertEqual("0@example.com", self.prod.api.get(f"/users/{uid('own', 0)}")["email"])

    def test_all_at_once_are_listed(self):
        repo = self.without("collections_spare",
                            lines=[["collections", None, ["spare"]], ["topics", "plain", ["plain"]]])
        repo.write("schema/data/topics.json", '[\n  {"label":"Ä","slug":"a/b"}\n]\n')
        text = repo.read("schema/data/notes.json").replace('"topic":"plain"', '"topic":null')
        repo.write("schema/data/notes.json", text)
        self.prod.api.post("/items/spare", {})
        err = self.refused(repo)
        self.assertIn("table spare would be dropped with 1 row", err)
        self.assertIn("1 row of topics would be deleted", err)

    def test_permission_of_the_environment(self):
        config = {**SMALL.config, "environments": {"prod": {"allowDelete": True}}}
        repo = self.without("collections_spare", lines=[["collections", None, ["spare"]]], config=config)
        self.prod.api.post("/items/spare", {})
        changes, _ = self.imported(repo)
        self.assertIn(("delete", "collections", "spare"), changes)


class VariableTest(ModeCase):
    """SCHEMA_SYNC_MERGE, SAFE, DATA_ONLY and CONFIG, as users of the Directus extension know them."""

    MIRROR = {"mode": "mirror", **SMALL.config}

    def furnished(self):
        """Prod with a role, a table and a row that the files do not have, and files in mode mirror."""
        repo = self.arrived(self.MIRROR)
        api = self.prod.api
        api.post("/roles", {"id": uid("own", "role"), "name": "Own"})
        api.post("/collections", {"collection": "own", "schema": {}, "meta": {}, "fields": [
            {"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True},
             "meta": {}}]})
        api.post("/items/topics", {"slug": "own"})
        return repo

    ROLE, ROW = ("delete", "roles", uid("own", "role")), ("delete", "items/topics", "own")
    TABLE = [("delete", "collections", "own"), ("delete", "fields", "own.id")]

    def test_without(self):
        changes, _ = self.imported(self.furnished(), "--allow-delete")
        self.assertEqual(sorted([self.ROLE, self.ROW, *self.TABLE]), sorted(changes))

    def test_merge(self):
        """No deletion anywhere."""
        repo = self.furnished()
        with self.nothing_written(self.prod):
            repo.run("--env", "prod", "import", "--allow-delete", env={"SCHEMA_SYNC_MERGE": "true"}).check()

    def test_merge_false_deletes_nothing_more(self):
        repo = self.furnished()
        repo.write("schema-sync.json", json.dumps(SMALL.config))
        with self.nothing_written(self.prod):
            repo.run("--env", "prod", "import", "--allow-delete",
                     env={"SCHEMA_SYNC_MERGE": "false", "SCHEMA_SYNC_SAFE": "false"}).check()

    def test_safe(self):
        """The schema loses nothing; the rest is mirrored as configured."""
        changes, _ = self.imported(self.furnished(), "--allow-delete", env={"SCHEMA_SYNC_SAFE": "true"})
        self.assertEqual(sorted([self.ROLE, self.ROW]), sorted(changes))

    def test_data_only(self):
        """The schema is left alone, whatever the files say of it; rows and configuration travel."""
        repo = self.arrived(collections_notes=lambda one: one["meta"].update(note="changed"),
                            roles_small_desk=lambda one: one.update(icon="changed"))
        repo.write("schema/data/topics.json",
                   '[\n  {"label":"changed","slug":"a/b"},\n  {"label":null,"slug":"plain"}\n]\n')
        data_only = {"SCHEMA_SYNC_DATA_ONLY": "true"}
        changes, _ = self.imported(repo, env=data_only)
        self.assertEqual([("update", "items/topics", "a/b"), ("update", "roles", DESK)], changes)
        changes, _ = self.imported(repo)
        self.assertEqual([("update", "collections", "notes")], changes)

    def test_config(self):
        """A further config is merged in: here with rows that only tests have."""
        repo = self.without("data_topics", "data_notes", config={"collections": {"imprint": True}})
        repo.write("test-data.json", json.dumps({"collections": {"topics": {"mode": "add"}}}))
        repo.write("schema/data/topics.json",
                   '[\n  {"label":"test","slug":"a/b"},\n  {"label":"test","slug":"test"}\n]\n')
        # Rows that no config chooses are no mistake, and nothing is done with them.
        with self.nothing_written(self.prod):
            repo.run("--env", "prod", "import").check()
        changes, _ = self.imported(repo, env={"SCHEMA_SYNC_CONFIG": "test-data.json"})
        self.assertEqual([("create", "items/topics", "test")], changes)


if __name__ == "__main__":
    case.main()
