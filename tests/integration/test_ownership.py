"""What an environment has of its own: overrides, ignored records and fields, grants of its own. Files never flip."""

import json

from tests.project import SMALL, uid
from tests.support import case

NOTES, PUBLIC = uid("policy", "Small notes"), "abf8a154-5b1c-4a46-ac9c-7300570f4f17"
OVERRIDES = {
    "directus_settings": {"project_name": "Prod", "project_color": "#000000"},
    "directus_flows": {"Small": {"status": "inactive", "icon": None}},
    "directus_operations": {"Small/yes": {"options.message": "prod"}},
    "directus_collections": {"notes": {"meta.note": "prod only"}},
    "directus_fields": {"notes.title": {"meta.note": "a title"}},
    "directus_permissions": {"$public/notes/read": {"fields": ["id"]}},
    "notes": {uid("notes", 1): {"title": "for prod", "extra": {"n": 5}}, uid("notes", 2): {"extra.n": 7}},
    "imprint": {"text": "Prod 1"},
}


def setUpModule():
    case.open_lab()


def config(ignore=None, mode=None, own=None, **prod):
    found = json.loads(json.dumps(SMALL.config))
    if ignore:
        found["ignore"] = ignore
    if mode:
        found["mode"] = mode
    if own:
        prod["ignore"] = own
    found["environments"] = {"prod": prod, "dev": {}}
    return found


class OwnershipCase(case.Case):
    _files = {}

    def repo(self, config):
        if not self._files:
            SMALL.prepare(self.dev)
            self._files.update(self.export(SMALL.config))
        return self.repository(config, self._files)

    def configure(self, repo, config):
        repo.write("schema-sync.json", json.dumps(config))

    def edit(self, repo, stem, **members):
        (path,) = [path for path in repo.files() if path.startswith(stem) and path.endswith(".json")]
        repo.write(f"schema/{path}", json.dumps({**repo.json(f"schema/{path}"), **members}))

    def run_import(self, repo, *arguments):
        return repo.run("--json", "--env", "prod", "import", *arguments).check().json()

    def assert_settled(self, repo):
        """Nothing to do any more, and the files are what an export into them gives."""
        files = repo.files()
        with self.nothing_written(self.prod):
            self.assertTrue(self.run_import(repo, "--again")["nothing_to_do"])
        done = repo.run("--env", "prod", "export").check()
        self.assert_same_files(files, repo.files())
        return done.err

    def notes(self):
        rows = self.prod.api.search("/items/notes", fields=["id", "title", "extra"], limit=-1)
        return {row["id"]: row for row in rows}


class OverridesTest(OwnershipCase):
    def test_there_and_back(self):
        """Values of settings, flows, operations, schema, permissions and rows; a change of them is a change of the state."""
        self.prod.reset()
        repo = self.repo(config(overrides=OVERRIDES))
        self.run_import(repo)
        api = self.prod.api
        settings, flow = api.get("/settings"), api.get(f"/flows/{uid('flow', 'Small')}")
        self.assertEqual(("Prod", "#000000"), (settings["project_name"], settings["project_color"]))
        self.assertEqual(("inactive", None), (flow["status"], flow["icon"]))
        self.assertEqual({"message": "prod"}, api.get(f"/operations/{uid('operation', 'Small/yes')}")["options"])
        self.assertEqual("prod only", api.get("/collections/notes")["meta"]["note"])
        self.assertEqual("a title", api.get("/fields/notes/title")["meta"]["note"])
        public = api.search("/permissions", filter={"policy": {"_eq": PUBLIC}}, fields=["fields"], limit=-1)
        self.assertIn({"fields": ["id"]}, public)
        notes = self.notes()
        self.assertEqual(("for prod", {"n": 5}), (notes[uid("notes", 1)]["title"], notes[uid("notes", 1)]["extra"]))
        self.assertEqual({"n": 7, "x": 0.1}, notes[uid("notes", 2)]["extra"])
        self.assertEqual("Prod 1", api.get("/items/imprint")["text"])
        self.assert_settled(repo)

        less = {**OVERRIDES, "directus_flows": {"Small": {"status": "active", "icon": None}}, "notes": {}}
        self.configure(repo, config(overrides=less))
        said = self.run_import(repo)
        self.assertEqual(["Small"], [one["label"] for one in said["plan"]["changes"]])
        self.assertEqual(2, sum(one["update"] for one in said["plan"]["rows"]))
        self.assertEqual("note 1", self.notes()[uid("notes", 1)]["title"])
        self.assert_settled(repo)

        # What somebody changed there comes through, except where it is overridden: that the next import puts back.
        self.prod.api.patch("/settings", {"project_name": "Someone's", "project_descriptor": "new"})
        self.prod.api.patch("/items/imprint", {"text": "someone's"})
        self.prod.api.patch(f"/items/notes/{uid('notes', 3)}", {"title": "someone's", "body": "new"})
        done = repo.run("--env", "prod", "export").check()
        self.assertIn("overrides/directus_settings/project_name: the instance has another value", done.err)
        self.assertIn("imprint : the instance has another value", done.err)
        settings = repo.json("schema/settings.json")
        self.assertEqual(("Small", "new", "#123456"), tuple(
            settings[name] for name in ("project_name", "project_descriptor", "project_color")))
        self.assertEqual("Harbour 1", repo.json("schema/data/imprint.json")[0]["text"])
        rows = {row["id"]: row for row in repo.json("schema/data/notes.json")}
        self.assertEqual(("someone's", "new"), (
            rows[uid("notes", 3)]["title"], rows[uid("notes", 3)]["body"]))
        repo.run("--env", "prod", "export").check()
        self.assertFalse(self.run_import(repo)["nothing_to_do"])
        self.assertEqual(("Prod", "Prod 1"), (api.get("/settings")["project_name"], api.get("/items/imprint")["text"]))
        self.assert_settled(repo)

    def test_an_export_does_not_stand_for_an_import(self):
        """Overrides that are new are not taken for applied because the instance has seen the files."""
        self.prod.reset()
        repo = self.repo(config())
        self.run_import(repo)
        files = repo.files()
        self.configure(repo, config(overrides={"directus_settings": {"project_name": "Prod"}, "imprint": {"text": "Prod 1"}}))
        repo.run("--env", "prod", "export").check()
        self.assert_same_files(files, repo.files())
        self.assertFalse(self.run_import(repo)["nothing_to_do"])
        self.assertEqual("Prod", self.prod.api.get("/settings")["project_name"])
        self.assert_settled(repo)
        # Nor does what an override left there come into the files when it is taken away.
        self.configure(repo, config(overrides={"imprint": {"text": "Prod 1"}}))
        for line in ("export",), ("export", "--merge"):
            self.assertIn("an override was taken out of the configuration", repo.run("--env", "prod", *line).check(76).err)
        self.assert_same_files(files, repo.files())
        self.run_import(repo)
        self.assert_settled(repo)
        self.assert_same_files(files, repo.files())

    def test_texts_that_look_like_placeholders(self):
        """At overridden and ignored places the files' text stays byte for byte, however often it goes round."""
        self.prod.reset()
        repo = self.repo(config(overrides={"directus_settings": {"project_descriptor": "$${PROD}"},
                                           "directus_operations": {"Small/yes": {"options.message": "of prod"}}},
                                ignore=[{"collection": "directus_settings", "field": "public_note"}]))
        self.edit(repo, "settings", project_descriptor="$${DEV}", public_note="$$${NOTE}")
        path = next(path for path in repo.files() if path.startswith("flows/"))
        flow = repo.json(f"schema/{path}")
        next(one for one in flow["operations"] if one["key"] == "yes")["options"]["message"] = "$${TEXT}"
        repo.write(f"schema/{path}", json.dumps(flow))
        self.prod.api.patch("/settings", {"public_note": "${THERE}"})
        before = None
        for _ in range(2):
            self.run_import(repo)
            self.assertEqual(("${PROD}", "${THERE}"), tuple(
                self.prod.api.get("/settings")[name] for name in ("project_descriptor", "public_note")))
            self.assertNotIn("another value", repo.run("--env", "prod", "export").check().err)
            before = before or repo.files()
            self.assert_same_files(before, repo.files())
            settings = repo.json("schema/settings.json")
            self.assertEqual(("$${DEV}", "$$${NOTE}"), (settings["project_descriptor"], settings["public_note"]))
            self.assertEqual({"message": "$${TEXT}"}, next(
                one for one in repo.json(f"schema/{path}")["operations"] if one["key"] == "yes")["options"])

    def test_secrets_that_stay_where_they_are(self):
        """What prod has of its own at ignored and overridden places is no secret of the files; all else is."""
        self.prod.reset()
        secret = "ghp_" + "0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0kP9lM"
        repo = self.repo(config(
            ignore=[{"collection": "directus_settings", "field": "project_descriptor"},
                    {"collection": "notes", "key": uid("notes", 1), "field": "body"}],
            overrides={"directus_operations": {"Small/yes": {"options.message": "of prod"}},
                       "notes": {uid("notes", 2): {"title": "of prod"}}}))
        self.run_import(repo)
        files, api = repo.files(), self.prod.api
        api.patch("/settings", {"project_descriptor": secret})
        api.patch(f"/operations/{uid('operation', 'Small/yes')}", {"options": {"message": secret}})
        api.patch(f"/items/notes/{uid('notes', 1)}", {"body": secret})
        api.patch(f"/items/notes/{uid('notes', 2)}", {"title": secret})
        self.assertNotIn(secret, repo.run("-v", "--env", "prod", "export").check().err)
        self.assert_same_files(files, repo.files())
        api.patch("/settings", {"public_note": secret})
        api.patch(f"/items/notes/{uid('notes', 3)}", {"title": secret})
        done = repo.run("-v", "--env", "prod", "export").check(77)
        self.assertIn("2 secrets would be written in clear", done.err)
        self.assertIn("(/public_note)", done.err)
        self.assertIn(f"row {uid('notes', 3)}: (/title)", done.err)
        self.assertNotIn(secret, done.err)
        self.assert_same_files(files, repo.files())

    def test_without_old_files(self):
        """A first export has nothing to put in a value's place: it stays, and that is said."""
        SMALL.prepare(self.prod)
        repo = self.repository(config(overrides={
            "directus_settings": {"project_name": "Small"}, "imprint": {"text": "Harbour 1"}}))
        done = repo.run("--env", "prod", "export").check()
        self.assertIn("overrides/directus_settings/project_name: the files have no value of their own yet", done.err)
        self.assertIn("imprint : the files have no value of their own yet", done.err)
        self.assertEqual("Small", repo.json("schema/settings.json")["project_name"])

    def test_what_fits_nothing(self):
        """Refused before anything is written, with the config's file and the pointer."""
        self.prod.reset()
        repo = self.repo(config())
        self.run_import(repo)
        place = "schema-sync.json: /environments/prod/overrides"
        cases = [
            ({"directus_flows": {"Smal": {"status": "inactive"}}}, f"{place}/directus_flows/Smal/status: the files have no flow"),
            ({"directus_settings": {"project_nam": "x"}}, f"{place}/directus_settings/project_nam: the settings"),
            ({"directus_settings": {"ai_openai_api_key": "x"}}, "is never carried"),
            ({"directus_policies": {"$administrator": {"ip_access": ["127.0.0.1"]}}}, "guards the administrators"),
            ({"directus_settings": {"project_name": 5}}, "project_name: must be a text or null"),
            ({"directus_folders": {"small/er": {"parent": uid("folder", "small/er")}}}, "what identifies a record"),
            ({"directus_roles": {"Small staff": {"parent": uid("role", "Small desk")}}}, "its own parent"),
            ({"notes": {uid("notes", 9): {"title": "x"}}}, f"{place}/notes/{uid('notes', 9)}: no row of notes"),
            ({"notes": {uid("notes", 1): {"titel": "x"}}}, f"{place}/notes/{uid('notes', 1)}/titel: notes has no field"),
            ({"notes": {uid("notes", 1): {"title": None}}}, "notes.title cannot be null"),
            ({"notes": {uid("notes", 1): {"title": {}}}}, "an object is no value for notes.title, which is of type string"),
            ({"notes": {uid("notes", 1): {"id": "x"}}}, "what identifies a row"),
            ({"notes": {uid("notes", 1): {"extra.no.where": 1}}}, "leads nowhere"),
            ({"tags": {"a": {"b": 1}}}, f"{place}/tags: tags is not carried"),
        ]
        with self.nothing_written(self.prod):
            for overrides, message in cases:
                with self.subTest(message):
                    self.configure(repo, config(overrides=overrides))
                    done = repo.run("--env", "prod", "import").check(78)
                    self.assertIn(message, done.err)

    def test_what_fits_nothing_is_not_exported_either(self):
        """What the export would leave must fit: a name that is nowhere, and one that is gone since."""
        self.prod.reset()
        repo = self.repo(config())
        self.run_import(repo)
        place = "schema-sync.json: /environments/prod/overrides"
        self.prod.api.patch("/settings", {"project_descriptor": "new"})
        self.prod.api.delete(f"/items/notes/{uid('notes', 3)}")
        cases = [
            ({"directus_flows": {"Smal": {"status": "inactive"}}}, f"{place}/directus_flows/Smal/status: the files have no flow"),
            ({"directus_settings": {"project_nam": "x"}}, f'{place}/directus_settings/project_nam: the settings "" has no field "project_nam"'),
            ({"notes": {uid("notes", 3): {"title": "x"}}}, f"{place}/notes/{uid('notes', 3)}: no row of notes"),
            ({"notes": {uid("notes", 1): {"titel": "x"}}}, f"{place}/notes/{uid('notes', 1)}/titel: notes has no field"),
            ({"notes": {uid("notes", 0): {"extra.no": 1}}}, "leads nowhere"),
        ]
        files = repo.files()
        for overrides, message in cases:
            with self.subTest(message):
                self.configure(repo, config(overrides=overrides))
                for line in (("export",), ("export", "--check")):
                    self.assertIn(message, repo.run("--env", "prod", *line).check(78).err)
                self.assert_same_files(files, repo.files())
        fresh = self.repository(config(overrides=cases[0][0]))
        self.assertIn("the files have no flow", fresh.run("--env", "prod", "export").check(78).err)
        self.assertEqual({}, fresh.files())


class IgnoreTest(OwnershipCase):
    def test_grants_of_its_own(self):
        """Mirror mode, and the files own the policy: what production has granted beside it survives."""
        self.prod.reset()
        self.run_import(self.repo(config()))
        api, own = self.prod.api, uid("role", "Prod only")
        api.post("/roles", {"id": own, "name": "Prod only"})
        api.post("/access", {"role": own, "policy": NOTES, "sort": 9})
        api.post("/permissions", [
            {"policy": NOTES, "collection": "topics", "action": action, "fields": ["*"], "permissions": {},
             "validation": {}} for action in ("read", "create", "delete")])
        api.patch(f"/policies/{NOTES}", {"description": "prod's words"})
        ignore = [
            {"collection": "directus_permissions", "key": "Small notes/topics/*e"},
            {"collection": "directus_roles", "key": "Prod *"},
            {"collection": "directus_policies", "key": "Small notes", "field": "description"},
        ]
        repo = self.repo(config(ignore=ignore, mode="mirror"))
        said = self.run_import(repo, "--allow-delete")
        self.assertEqual([("delete", "topics read (Small notes)")], [
            (one["action"], one["label"]) for one in said["plan"]["changes"]])
        actions = {one["action"] for one in api.search(
            "/permissions", filter={"policy": {"_eq": NOTES}, "collection": {"_eq": "topics"}}, limit=-1)}
        self.assertEqual({"create", "delete"}, actions)
        self.assertEqual(1, len(api.search("/access", filter={"role": {"_eq": own}}, limit=-1)))
        self.assertEqual("prod's words", api.get(f"/policies/{NOTES}")["description"])
        self.assertTrue(any("left alone, as the configuration ignores" in str(note) for note in said["plan"]["notes"]))
        self.assertIn("ignores what differs of 1 role, 1 policy, 1 access, 2 permissions", self.assert_settled(repo))

    def test_what_the_files_need(self):
        """A group that is ignored and not there: refused with the mend, which works; prod's own group stays prod's."""
        self.prod.reset()
        desk = [{"collection": "directus_collections", "key": "*desk"}]
        repo = self.repo(config(ignore=desk))
        repo.run("--env", "prod", "install").check()
        with self.nothing_written(self.prod):
            for line in ("import",), ("diff",), ("import", "--dry-run"):
                done = repo.run("--env", "prod", *line).check(65)
                self.assertIn('(/meta/group): the configuration ignores the collection "desk", and the target has none', done.err)
                self.assertIn('"overrides": {"directus_collections": {"notes": {"meta.group": null}}}', done.err)
            self.assertIn("the configuration ignores the collection", repo.run("--env", "prod", "doctor").check(65).out)
        own = {"directus_collections": {name: {"meta.group": None} for name in ("notes", "topics")}}
        self.configure(repo, config(ignore=desk, overrides=own))
        self.run_import(repo)
        self.assertIsNone(self.prod.api.get("/collections/notes")["meta"]["group"])
        self.assert_settled(repo)
        self.configure(repo, config(ignore=desk))
        self.prod.api.post("/collections", {"collection": "own_desk", "schema": None, "meta": {}})
        self.prod.api.post("/collections", {"collection": "desk", "schema": None, "meta": {}})
        self.run_import(repo)
        files = repo.files()
        self.prod.api.patch("/collections/notes", {"meta": {"group": "own_desk"}})
        self.assertIn("stays as the files have it", repo.run("--env", "prod", "export").check().err)
        self.assert_same_files(files, repo.files())

    def test_every_kind(self):
        """Rows, schema, flows, settings: neither created, changed nor deleted, and the files keep what they have."""
        self.prod.reset()
        rules = [
            {"collection": "notes", "key": uid("notes", 0)},
            {"collection": "notes", "field": "body"},
            {"collection": "directus_fields", "key": "notes.own*"},
            {"collection": "directus_flows", "key": "Own*"},
            {"collection": "directus_translations", "key": "small/de-DE"},
            {"collection": "directus_settings", "field": ["project_color", "public_note"]},
            {"collection": "directus_collections", "key": "own_*"},
        ]
        repo = self.repo(config(mode="mirror", ignore=rules[:3], own=rules[3:]))
        refused = repo.run("--env", "prod", "import").check(65)
        self.assertRegex(refused.err, r"data/notes.json: line \d+: \(/previous\): it refers to a row of notes")
        self.assertIn("(one that the configuration ignores is not created)", refused.err)
        self.configure(repo, config(mode="mirror", ignore=rules[1:3], own=rules[3:]))
        self.run_import(repo)
        self.configure(repo, config(mode="mirror", ignore=rules[:3], own=rules[3:]))
        api = self.prod.api
        self.assertEqual(None, api.get(f"/items/notes/{uid('notes', 1)}")["body"])
        self.assertEqual(["en-US"], [one["language"] for one in api.search("/translations", limit=-1)])
        self.assertNotEqual("#123456", api.get("/settings")["project_color"])
        api.post("/fields/notes", {"field": "own_one", "type": "string", "schema": {}, "meta": {}})
        api.post("/collections", {"collection": "own_logs", "meta": {}, "schema": {}, "fields": [
            {"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}, "meta": {}}]})
        api.post("/flows", {"name": "Own one", "trigger": "manual", "status": "inactive", "options": {}})
        api.patch(f"/items/notes/{uid('notes', 1)}", {"body": "prod's", "own_one": "value"})
        api.patch(f"/items/notes/{uid('notes', 0)}", {"title": "prod's"})
        api.patch("/settings", {"public_note": "prod's"})
        self.assert_settled(repo)
        row = api.get(f"/items/notes/{uid('notes', 1)}")
        self.assertEqual(("prod's", "value"), (row["body"], row["own_one"]))
        self.assertEqual("prod's", self.notes()[uid("notes", 0)]["title"])


# Under other ids on each instance: (path, name).
NAMED = (("roles", "Small desk"), ("roles", "Small staff"), ("policies", "Small notes"), ("folders", "small"), ("flows", "Other"),
         ("dashboards", "Small"))


class EmbeddedTest(OwnershipCase):
    """Ids inside values are the target's own at every known place; those that lead out of the state are told."""

    _embedded = {}

    def ids(self, instance):
        return {(path, name): instance.api.search(f"/{path}", filter={"name": {"_eq": name}}, fields=["id"])[0]["id"]
                for path, name in NAMED}

    def places(self, instance):
        """What stands at the known places, with names in place of ids."""
        api = instance.api
        found = {
            "permission": [{key: one[key] for key in ("permissions", "validation", "presets")} for one in api.search(
                "/permissions", filter={"collection": {"_eq": "directus_users"}, "policy": {"name": {"_eq": "Small notes"}}})],
            "preset": api.search("/presets", filter={"bookmark": {"_eq": "embedded"}}, fields=["filter"]),
            "field": {key: api.get("/fields/notes/image")["meta"][key] for key in ("options", "conditions")},
            "operation": api.search("/operations", filter={"key": {"_in": ["call", "make"]}}, fields=["options"], sort=["key"]),
            "panel": api.search("/panels", fields=["options"]),
            "settings": {key: api.get("/settings")[key] for key in ("storage_default_folder", "public_registration_role")},
        }
        text = json.dumps(found, sort_keys=True)
        for (path, name), key in self.ids(instance).items():
            text = text.replace(key, f"<{path} {name}>")
        return json.loads(text)

    def load(self):
        SMALL.prepare(self.dev)
        api = self.dev.api
        api.post("/flows", {"id": uid("flow", "Other"), "name": "Other", "trigger": "operation", "status": "inactive", "options": {}})
        ids = self.ids(self.dev)
        desk, staff = ids["roles", "Small desk"], ids["roles", "Small staff"]
        folder, flow = ids["folders", "small"], ids["flows", "Other"]
        self.user = api.get("/users/me")["id"]
        api.post("/permissions", {"policy": NOTES, "collection": "directus_users", "action": "update", "fields": ["*"],
                                  "permissions": {"_and": [{"role": {"_in": [desk, staff]}}]},
                                  "validation": {"role": {"_eq": desk}}, "presets": {"role": staff}})
        api.post("/presets", {"collection": "directus_users", "bookmark": "embedded", "role": staff,
                              "filter": {"_and": [{"role": {"_eq": desk}}]}})
        api.post("/fields/notes", {"field": "image", "type": "uuid", "schema": {}, "meta": {
            "interface": "file-image", "special": ["file"], "options": {"folder": folder},
            "conditions": [{"name": "a", "rule": {"title": {"_eq": "x"}}, "options": {"folder": folder}}]}})
        api.post("/operations", [
            {"flow": uid("flow", "Small"), "key": key, "name": key, "type": kind, "position_x": 1, "position_y": 1, "options": options}
            for key, kind, options in (
                ("call", "trigger", {"flow": flow}),
                ("make", "item-create", {"collection": "directus_users", "permissions": desk, "payload": {"role": staff},
                                         "note": f"/admin/settings/roles/{desk}?folder={folder}"}),
                ("tell", "notification", {"recipient": [self.user], "message": "x"}))])
        api.patch(f"/panels/{uid('panel', 'Small')}", {"options": {
            "collection": "directus_users", "filter": {"role": {"_eq": desk}}, "text": f"see /assets/{uid('file', 'gone')}"}})
        api.patch("/settings", {"storage_default_folder": folder, "public_registration_role": desk})

    def prepare(self):
        self.load()
        repo = self.repository(config())
        self.exported = repo.run("--env", "dev", "export").check().err
        self.prod.reset()
        for path, name in NAMED:
            extra = {"trigger": "operation", "status": "inactive", "options": {}} if path == "flows" else {}
            self.prod.api.post(f"/{path}", {"name": name, **extra})
        return repo

    def test_known_places(self):
        repo = self.prepare()
        operation = r"schema/flows/small-\w+.json: \(/operations/\d/options/recipient/0\)|operation \"Small › tell\": \(/options/recipient/0\)"
        self.assertRegex(self.exported, rf"(?:{operation}): user {self.user} is not in the state: kept")
        self.assertRegex(self.exported, rf"\(/options/text\): asset {uid('file', 'gone')} is not in the state: kept")
        own = self.ids(self.prod)
        said = self.run_import(repo)
        self.assertEqual(own, self.ids(self.prod))
        for one, other in zip(self.ids(self.dev).values(), own.values(), strict=True):
            self.assertNotEqual(one, other)
        self.assertEqual(self.places(self.dev), self.places(self.prod))
        notes = json.dumps(said["plan"]["notes"])
        self.assertRegex(notes, rf"flows/small-\w+.json: \(/operations/\d/options/recipient/0\): user {self.user} is neither "
                                "in the files nor on the target: kept")
        self.assertIn(f"asset {uid('file', 'gone')} is neither", notes)
        self.assert_settled(repo)

        # Nulled where the configuration says so; a text keeps what is only part of it. Files and target then agree.
        self.configure(repo, {**config(), "outside": "null"})
        said = self.run_import(repo)
        self.assertRegex(json.dumps(said["plan"]["notes"]), rf"user {self.user} is neither in the files nor on the target: null")
        tell = self.prod.api.search("/operations", filter={"key": {"_eq": "tell"}}, fields=["options"])
        self.assertEqual([], tell[0]["options"]["recipient"])
        self.assertRegex(json.dumps(said["plan"]["notes"]), rf"asset {uid('file', 'gone')} is neither in the files nor on the target: kept")
        panel = self.prod.api.search("/panels", filter={"id": {"_eq": uid("panel", "Small")}}, fields=["options"])
        self.assertEqual(f"see /assets/{uid('file', 'gone')}", panel[0]["options"]["text"])
        self.assertEqual(self.places(self.dev), self.places(self.prod))
        repo.run("--env", "prod", "status", "--drift").check()
        repo.run("--env", "prod", "export").check()
        self.assert_settled(repo)


if __name__ == "__main__":
    case.main()
