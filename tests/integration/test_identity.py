"""Who is who: what the target has under other ids is adopted, what is its own survives, and no one is locked out."""

import json

from tests.project import FULL, SMALL, uid
from tests.project.ids import PUBLIC_POLICY
from tests.support import case, dump
from tests.support.api import Api, ApiError

ROBOT = "robot-token-6f2d8c51"
DESK, STAFF, NOTES = uid("role", "Small desk"), uid("role", "Small staff"), uid("policy", "Small notes")


def setUpModule():
    case.open_lab()


class IdentityCase(case.Case):
    _files = {}

    def files(self):
        """SMALL, and ids of records inside values: filters, options, texts."""
        if not self._files:
            SMALL.prepare(self.dev)
            api = self.dev.api
            by_role = {"_and": [{"user_created": {"role": {"_in": [DESK, STAFF]}}}]}
            api.post("/permissions", {"policy": NOTES, "collection": "notes", "action": "delete", "fields": ["*"],
                                      "permissions": by_role, "validation": {}})
            api.patch(f"/operations/{uid('operation', 'Small/yes')}",
                      {"options": {"message": f"/admin/roles/{DESK}?x={NOTES}"}})
            api.patch(f"/panels/{uid('panel', 'Small')}",
                      {"options": {"text": "hello", "role": DESK, "flow": uid("flow", "Small")}})
            api.post("/presets",
                     {"collection": "notes", "bookmark": "of staff", "role": DESK, "filter": {"role": {"_eq": STAFF}}})
            api.patch("/settings", {"storage_default_folder": uid("folder", "small/er")})
            self._files.update(self.export(SMALL.config))
        return self._files

    def repo(self, **changes):
        """The files in a repository; `changes` are functions by the beginning of a file's name."""
        repo = self.repository(SMALL.config, self.files())
        for start, change in changes.items():
            path = self.path(start)
            value = repo.json(f"schema/{path}")
            change(value)
            repo.write(f"schema/{path}", json.dumps(value, indent=2, ensure_ascii=False) + "\n")
        return repo

    def path(self, start):
        """The one file whose path begins so ("_" stands for "/" and "-")."""
        found = [path for path in self.files() if path.replace("/", "_").replace("-", "_").startswith(start)]
        self.assertEqual(1, len(found), found)
        return found[0]

    def run_import(self, repo, *arguments, status=0, **options):
        done = repo.run("--json", "--env", "prod", "import", *arguments, **options).check(status)
        return done.json() if status == 0 else done

    def assert_settled(self, repo):
        """A second look finds nothing to do, and the files are what an export into them gives: they never flip."""
        files = repo.files()
        with self.nothing_written(self.prod):
            self.assertTrue(self.run_import(repo, "--again")["nothing_to_do"])
        repo.run("--env", "prod", "export").check()
        self.assert_same_files(files, repo.files())

    def names(self, kind):
        return sorted(one["name"] for one in self.prod.api.search(f"/{kind}", fields=["name"], limit=-1))

    def robot(self, **access):
        """An administrator beside the Administrator: a user whose policy is held by its role, or by itself."""
        api = self.prod.api
        api.post("/policies",
                 {"id": uid("policy", "Robots"), "name": "Robots", "admin_access": True, "app_access": True})
        if not access:
            api.post("/roles", {"id": uid("role", "Robots"), "name": "Robots"})
        api.post("/users",
                 {"id": uid("user", "robot"), "email": "robot@example.com", "token": ROBOT, "status": "active",
                            "role": None if access else uid("role", "Robots")})
        access = access or {"role": uid("role", "Robots")}
        api.post("/access", {"id": uid("access", "robot"), "policy": uid("policy", "Robots"), **access})

    def assert_admin(self, token):
        api = Api(self.prod.url, token=token)
        self.addCleanup(api.close)
        self.assertEqual(200, api.call("GET", "/schema/snapshot")[0])
        self.assertEqual("active", api.get("/users/me")["status"])


class AdministratorTest(IdentityCase):
    """Every instance has its own Administrator role and policy, and its own public policy."""

    def test_other_ids(self):
        self.prod.reset()
        before, admin = dump.of(self.prod.api), self.prod.admin()
        repo = self.repo()
        self.run_import(repo)
        after = dump.of(self.prod.api)
        self.assertEqual(admin, self.prod.admin())
        for part, keys in (("roles", [admin["role"]]), ("policies", [admin["policy"], PUBLIC_POLICY]),
                           ("users", before["users"]), ("access", before["access"])):
            for key in keys:
                self.assertEqual(before[part][key], after[part][key])
        self.assertEqual(["Administrator", "Small desk", "Small staff"], self.names("roles"))
        self.assertEqual(["$t:public_label", "Administrator", "Small notes"], self.names("policies"))
        self.assert_settled(repo)

    def test_renamed(self):
        """The only policy with admin access is the Administrator, whatever it is called; the files know the name."""
        self.prod.reset()
        admin, before = self.prod.admin(), dump.of(self.prod.api)
        self.prod.api.patch(f"/roles/{admin['role']}", {"name": "Root"})
        self.prod.api.patch(f"/policies/{admin['policy']}", {"name": "Root rights", "description": "own"})
        repo = self.repo()
        said = self.run_import(repo)
        self.assertEqual(admin, self.prod.admin())
        fields = {one["type"]: one["fields"] for one in said["plan"]["changes"] if one["id"] == "$administrator"}
        self.assertEqual({"name": {"from": "Root", "to": "Administrator"}}, fields["roles"])
        after = dump.of(self.prod.api)
        for part, key in (("roles", admin["role"]), ("policies", admin["policy"])):
            self.assertEqual(before[part][key], after[part][key])
        self.assertEqual(["Administrator", "Small desk", "Small staff"], self.names("roles"))
        self.assert_settled(repo)

    def test_second_administrator(self):
        """Of two policies with admin access the one with the name is meant; the other is the target's own."""
        self.prod.reset()
        self.robot()
        before, repo = dump.of(self.prod.api), self.repo()
        self.run_import(repo)
        after = dump.of(self.prod.api)
        for part, key in (("roles", uid("role", "Robots")), ("policies", uid("policy", "Robots")),
                          ("access", uid("access", "robot"))):
            self.assertEqual(before[part][key], after[part][key])
        with self.nothing_written(self.prod):
            self.assertTrue(self.run_import(repo, "--again")["nothing_to_do"])

    def test_which_one_cannot_be_told(self):
        """Two candidates, neither of them called Administrator: a guess could give away the instance."""
        self.prod.reset()
        self.robot()
        admin = self.prod.query("SELECT id FROM directus_policies WHERE name = 'Administrator'")[0]["id"]
        self.prod.api.patch(f"/policies/{admin}", {"name": "Root rights"})
        with self.nothing_written(self.prod, but=("columns",)):  # the marker's are added
            done = self.run_import(self.repo(), status=77)
        self.assertIn("Administrator", done.out + done.err)

    def test_guards_stay(self):
        """Who may sign in as the Administrator, and from where, is decided on the instance. Files that say otherwise,
        by hand, change nothing: a write of ip_access could lock everybody out."""
        self.prod.reset()
        admin = self.prod.admin()
        own = {"ip_access": ["127.0.0.0/8", "10.0.0.1"], "enforce_tfa": False, "app_access": True, "admin_access": True}
        self.prod.api.patch(f"/policies/{admin['policy']}", own)
        elsewhere = {"ip_access": ["203.0.113.1"], "enforce_tfa": True, "app_access": False, "admin_access": False}
        repo = self.repo(policies_administrator=lambda policy: policy.update(elsewhere, icon="changed"))
        for mode in ("merge", "mirror"):
            self.run_import(repo, "--again", "--mode", mode, "--allow-delete")
            there = self.prod.api.get(f"/policies/{admin['policy']}")
            self.assertEqual({**own, "icon": "changed"}, {name: there[name] for name in (*own, "icon")})
        self.assert_admin("admintoken")
        # And what dev has of its own does not get into files.
        SMALL.prepare(self.dev)
        self.dev.api.patch(f"/policies/{self.dev.admin()['policy']}",
                           {"ip_access": ["127.0.0.1"], "enforce_tfa": False})
        written = self.export(SMALL.config)[self.path("policies_administrator")]
        self.assertEqual(set(), set(own) & set(json.loads(written)))

    def test_no_policy_becomes_an_administrator(self):
        """Neither does an import raise a policy to admin access, nor take it away."""
        self.prod.reset()
        self.run_import(self.repo())
        raised = self.repo(policies_small=lambda policy: policy.update(admin_access=True, icon="up"))
        said = self.run_import(raised)
        there = self.prod.api.get(f"/policies/{NOTES}")
        self.assertEqual((False, "up"), (there["admin_access"], there["icon"]))
        self.assertTrue(any("admin_access" in note for note in said["plan"]["notes"]), said["plan"]["notes"])
        self.prod.api.patch(f"/policies/{NOTES}", {"admin_access": True, "ip_access": ["127.0.0.1"]})
        self.run_import(self.repo(), "--again")
        there = self.prod.api.get(f"/policies/{NOTES}")
        self.assertEqual((True, ["127.0.0.1"]), (there["admin_access"], there["ip_access"]))


class CallerTest(IdentityCase):
    """Whoever imports keeps its own rights, in mirror mode too."""

    def mirror_as_robot(self):
        repo = self.repo()
        repo.env["PROD_DIRECTUS_TOKEN"] = ROBOT
        self.run_import(repo, "--mode", "mirror", "--allow-delete")
        for token in (ROBOT, "admintoken"):
            self.assert_admin(token)
        return repo

    def test_role(self):
        self.prod.reset()
        self.robot()
        own = (("roles", uid("role", "Robots")), ("policies", uid("policy", "Robots")),
               ("access", uid("access", "robot")),
               ("users", uid("user", "robot")))
        before = dump.of(self.prod.api)
        repo = self.mirror_as_robot()
        after = dump.of(self.prod.api)
        for part, key in own:
            self.assertEqual(before[part][key], after[part][key])
        self.assertEqual({"Administrator", "Robots", "Small desk", "Small staff"}, set(self.names("roles")))
        with self.nothing_written(self.prod):
            self.assertTrue(self.run_import(repo, "--again", "--mode", "mirror")["nothing_to_do"])

    def test_rights_of_a_parent_role(self):
        """The role above the caller's has the policy: it stays as well."""
        self.prod.reset()
        self.robot()
        parent = {"id": uid("role", "Machines"), "name": "Machines"}
        self.prod.api.post("/roles", parent)
        self.prod.api.patch(f"/roles/{uid('role', 'Robots')}", {"parent": parent["id"]})
        self.prod.api.patch(f"/access/{uid('access', 'robot')}", {"role": parent["id"]})
        before = dump.of(self.prod.api)
        self.mirror_as_robot()
        after = dump.of(self.prod.api)
        for part, key in (("roles", uid("role", "Robots")), ("roles", parent["id"]),
                          ("policies", uid("policy", "Robots")),
                          ("access", uid("access", "robot"))):
            self.assertEqual(before[part][key], after[part][key])

    def test_policy_held_by_the_user(self):
        self.prod.reset()
        self.robot(user=uid("user", "robot"))
        before = dump.of(self.prod.api)
        self.mirror_as_robot()
        after = dump.of(self.prod.api)
        for part, key in (("policies", uid("policy", "Robots")), ("access", uid("access", "robot")),
                          ("users", uid("user", "robot"))):
            self.assertEqual(before[part][key], after[part][key])

    def test_reserved_records_stay(self):
        """Files without the Administrator and the public policy, and removed.jsonl naming them: they stay."""
        self.prod.reset()
        admin, repo = self.prod.admin(), self.repo()
        before = dump.of(self.prod.api)
        files = {path: content for path, content in self.files().items()
                 if not path.startswith(("policies/administrator", "roles/administrator", "policies/t-public"))}
        lines = [["policies", "$public", None], ["policies", PUBLIC_POLICY, None], ["policies", "$administrator", None],
                 ["roles", "$administrator", None], ["roles", admin["role"], None], ["policies", admin["policy"], None]]
        files["removed.jsonl"] = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()
        repo = self.repository(SMALL.config, files)
        for mode in ("merge", "mirror"):
            self.run_import(repo, "--again", "--mode", mode, "--allow-delete")
            after = dump.of(self.prod.api)
            self.assertEqual(before["users"], after["users"])
            self.assertEqual(before["roles"][admin["role"]], after["roles"][admin["role"]])
            for policy in (admin["policy"], PUBLIC_POLICY):
                self.assertEqual(before["policies"][policy], after["policies"][policy])
            self.assert_admin("admintoken")


class AdoptionTest(IdentityCase):
    """A record of the same name under another id is the same record: nothing is made twice, references follow."""

    def test_everything_under_other_ids(self):
        self.prod.reset()
        api, own = self.prod.api, lambda kind, name: uid(f"own {kind}", name)
        api.post("/roles", [{"id": own("role", "staff"), "name": "Small staff", "icon": "own"}])
        api.post("/roles", [{"id": own("role", "desk"), "name": "Small desk", "parent": own("role", "staff")}])
        api.post("/policies", {"id": own("policy", "notes"), "name": "Small notes", "app_access": True})
        api.post("/access", {"role": own("role", "desk"), "policy": own("policy", "notes"), "sort": 1})
        api.post("/folders", [{"id": own("folder", "small"), "name": "small"}])
        api.post("/folders", [{"id": own("folder", "er"), "name": "er", "parent": own("folder", "small")}])
        api.post("/translations", {"id": own("translation", "de"), "key": "small", "language": "de-DE", "value": "own"})
        api.post("/dashboards", {"id": own("dashboard", "Small"), "name": "Small"})
        api.post("/flows", {"id": own("flow", "Small"), "name": "Small", "status": "inactive", "trigger": "manual"})
        api.post("/operations",
                 {"id": own("operation", "yes"), "flow": own("flow", "Small"), "key": "yes", "type": "log",
                                 "position_x": 1, "position_y": 1})
        api.patch("/settings", {"public_registration_role": own("role", "staff")})
        user = {"id": own("user", "u"), "email": "u@example.com", "role": own("role", "desk"), "status": "active"}
        api.post("/users", user)

        repo = self.repo()
        said = self.run_import(repo)
        self.assertEqual(said["plan"], {**said["plan"], "losses": []})

        # Nothing twice, and every adopted record under the target's id.
        after = dump.of(api)
        self.assertEqual(["Administrator", "Small desk", "Small staff"], self.names("roles"))
        self.assertEqual(["$t:public_label", "Administrator", "Small notes"], self.names("policies"))
        for part, count in (("folders", 2), ("translations", 2), ("dashboards", 1), ("flows", 1), ("operations", 3),
                            ("panels", 1)):
            self.assertEqual(count, len(after[part]), part)
        self.assertEqual(own("role", "staff"), after["roles"][own("role", "desk")]["parent"])
        self.assertEqual("groups", after["roles"][own("role", "staff")]["icon"])
        self.assertEqual("klein", after["translations"][own("translation", "de")]["value"])
        self.assertEqual(own("folder", "small"), after["folders"][own("folder", "er")]["parent"])
        self.assertEqual(user["role"], after["users"][user["id"]]["role"])
        self.assertEqual(3, len(after["access"]))  # the Administrator's, the public one, and the adopted one

        # References, typed and inside values.
        settings = after["settings"][""]
        self.assertEqual((own("role", "desk"), own("folder", "er")),
                         (settings["public_registration_role"], settings["storage_default_folder"]))
        self.assertEqual({own("policy", "notes"), PUBLIC_POLICY},
                         {one["policy"] for one in after["permissions"].values()})
        rule = next(one["permissions"] for one in after["permissions"].values() if one["action"] == "delete")
        self.assertEqual([own("role", "desk"), own("role", "staff")], rule["_and"][0]["user_created"]["role"]["_in"])
        presets = {one["bookmark"]: one for one in after["presets"].values()}
        self.assertEqual({own("role", "desk")}, {one["role"] for one in presets.values()})
        self.assertEqual({"role": {"_eq": own("role", "staff")}}, presets["of staff"]["filter"])
        panel = next(iter(after["panels"].values()))
        self.assertEqual((own("dashboard", "Small"), own("role", "desk"), own("flow", "Small")),
                         (panel["dashboard"], panel["options"]["role"], panel["options"]["flow"]))
        operations = {one["key"]: one for one in after["operations"].values()}
        self.assertEqual(own("operation", "yes"), operations["yes"]["id"])
        self.assertEqual({own("flow", "Small")}, {one["flow"] for one in operations.values()})
        self.assertEqual((own("operation", "yes"), operations["no"]["id"]),
                         (operations["check"]["resolve"], operations["check"]["reject"]))
        self.assertEqual({"message": f"/admin/roles/{own('role', 'desk')}?x={own('policy', 'notes')}"},
                         operations["yes"]["options"])
        flow = after["flows"][own("flow", "Small")]
        self.assertEqual((operations["check"]["id"], "active"), (flow["operation"], flow["status"]))
        texts = json.dumps({part: list(records.values()) for part, records in after.items() if part != "users"})
        for foreign in (DESK, STAFF, NOTES, uid("flow", "Small"), uid("dashboard", "Small"), uid("folder", "small")):
            self.assertNotIn(foreign, texts)
        self.assert_settled(repo)

    def test_names_that_are_not_unique(self):
        """Two roles of one name on the target: no guess, the files' own is made beside them."""
        self.prod.reset()
        api = self.prod.api
        api.post("/roles", [{"id": uid("own", i), "name": "Small desk"} for i in range(2)])
        before, repo = dump.of(api), self.repo()
        self.run_import(repo)
        after = dump.of(api)
        for i in range(2):
            self.assertEqual(before["roles"][uid("own", i)], after["roles"][uid("own", i)])
        self.assertEqual(STAFF, after["roles"][DESK]["parent"])
        with self.nothing_written(self.prod):
            self.assertTrue(self.run_import(repo, "--again")["nothing_to_do"])


class RowTest(IdentityCase):
    def test_known_by_a_moment(self):
        """A row that was written by hand in another notation than the server's is created once."""
        self.prod.reset()
        fields = [{"field": "id", "type": "integer", "meta": {},
                   "schema": {"is_primary_key": True, "has_auto_increment": True}}]
        fields += [{"field": name, "type": type, "schema": {}, "meta": {}}
                   for name, type in (("opens", "time"), ("since", "timestamp"), ("note", "string"))]
        self.prod.api.post("/collections", {"collection": "hours", "schema": {}, "meta": {}, "fields": fields})
        self.prod.api.post("/items/hours", {"opens": "08:00:00", "since": "2024-05-01T08:00:00Z", "note": "a"})
        repo = self.repository({"collections": {"hours": {"key": ["opens", "since"]}}})
        repo.run("--env", "prod", "export").check()
        rows = json.loads(repo.read("schema/data/hours.json"))
        rows.append({"id": 2, "opens": "09:00", "since": "2024-05-01T12:00:00+02:00", "note": "b"})
        repo.write("schema/data/hours.json", json.dumps(rows))
        for created in (1, 0):
            said = repo.run("--json", "--env", "prod", "import", "--again").check().json()
            self.assertEqual(created, said["plan"]["counts"]["rows"]["create"])
        self.assertEqual(2, self.prod.value("SELECT count(*) FROM hours"))

    def test_id_in_capitals(self):
        """As macOS's uuidgen prints them; the database knows no capitals."""
        repo = self.repo()
        self.prod.reset()
        rows = json.loads(repo.read("schema/data/notes.json"))
        new = "0A1B2C3D-4E5F-4A6B-8C7D-9E0F1A2B3C4D"
        rows.append(rows[0] | {"id": new, "previous": None, "title": "new"})
        rows[0]["previous"] = new
        repo.write("schema/data/notes.json", json.dumps(rows))
        self.run_import(repo)
        with self.nothing_written(self.prod):
            self.assertTrue(self.run_import(repo, "--again")["nothing_to_do"])
        self.assertEqual(new.lower(), self.prod.api.get(f"/items/notes/{rows[0]['id']}")["previous"])

    def test_more_than_directus_keeps(self):
        """A date with a time, fractions of seconds: the row is written once, not asked for again until the import fails."""
        self.prod.reset()
        key = {"field": "id", "type": "integer", "meta": {}, "schema": {"is_primary_key": True}}
        fields = [key] + [{"field": name, "type": type, "schema": {}, "meta": {}}
                          for name, type in (("day", "date"), ("at", "dateTime"), ("since", "timestamp"))]
        self.prod.api.post("/collections", {"collection": "days", "schema": {}, "meta": {}, "fields": fields})
        repo = self.repository({"collections": {"days": True}})
        repo.run("--env", "prod", "export").check()
        rows = [{"id": 1, "day": "2024-05-01T10:00:00", "at": "2024-05-01T10:00:00.5", "since": "2024-05-01T10:00:00.1239Z"}]
        repo.write("schema/data/days.json", json.dumps(rows))
        self.run_import(repo)
        with self.nothing_written(self.prod):
            self.assertTrue(self.run_import(repo, "--again")["nothing_to_do"])
        self.assertEqual("2024-05-01", self.prod.api.get("/items/days/1")["day"])


class OwnTest(IdentityCase):
    """What only the target has survives untouched, byte by byte."""

    def furnish(self):
        """Records of every kind that no file names, some of them hanging on records that files do name."""
        api, own = self.prod.api, lambda name: uid("own", name)
        api.post("/collections", {"collection": "own_stuff", "schema": {}, "meta": {"group": "desk", "note": "own"},
                                  "fields": [{"field": "id", "type": "integer",
                                              "schema": {"is_primary_key": True, "has_auto_increment": True},
                                              "meta": {}},
                                             {"field": "text", "type": "string", "schema": {},
                                              "meta": {"note": "own"}}]})
        api.post("/fields/notes",
                 {"field": "own_field", "type": "string", "schema": {"default_value": "mine"},
                  "meta": {"interface": "input"}})
        api.post("/fields/notes", {"field": "own_stuff", "type": "integer", "schema": {}, "meta": {}})
        api.post("/relations",
                 {"collection": "notes", "field": "own_stuff", "related_collection": "own_stuff",
                  "schema": {"on_delete": "SET NULL"}})
        api.post("/items/own_stuff", [{"text": "a"}, {"text": "b"}])
        api.post("/items/topics", {"slug": "own", "label": "own"})
        api.post("/items/notes", {"id": own("note"), "title": "own", "topic": "own", "own_stuff": 1})
        api.patch(f"/items/notes/{uid('notes', 1)}", {"own_stuff": 2, "own_field": "kept"})
        api.post("/roles", {"id": own("role"), "name": "Own", "parent": DESK})
        api.post("/policies", {"id": own("policy"), "name": "Own", "app_access": True, "ip_access": ["10.0.0.0/8"]})
        api.post("/access", [{"id": own("access 1"), "role": own("role"), "policy": own("policy"), "sort": 1},
                             {"id": own("access 2"), "role": own("role"), "policy": NOTES, "sort": 2},
                             {"id": own("access 3"), "role": DESK, "policy": own("policy"), "sort": 9},
                             {"id": own("access 4"), "role": None, "policy": own("policy"), "sort": 7}])
        api.post("/users",
                 [{"id": own("user"), "email": "own@example.com", "role": DESK, "status": "active",
                   "password": "a-secret"},
                            {"id": own("second"), "email": "second@example.com", "role": own("role"),
                             "status": "suspended"}])
        api.post("/access", [{"id": own("access 5"), "user": own("user"), "policy": NOTES, "sort": 1},
                             {"id": own("access 6"), "user": own("user"), "policy": own("policy"), "sort": 2}])
        rule = {"permissions": {"_and": [{"text": {"_eq": "a"}}]}, "validation": {}, "fields": ["text"]}
        api.post("/permissions", [{"policy": policy, "collection": "own_stuff", "action": "read", **rule}
                                  for policy in (own("policy"), NOTES, PUBLIC_POLICY)])
        api.post("/flows",
                 {"id": own("flow"), "name": "Own", "status": "active", "trigger": "schedule",
                  "options": {"cron": "0 0 1 1 *"}})
        api.post("/operations",
                 {"id": own("operation"), "flow": own("flow"), "key": "log", "type": "log",
                  "options": {"message": DESK}, "position_x": 1, "position_y": 1})
        api.patch(f"/flows/{own('flow')}", {"operation": own("operation")})
        api.post("/operations",
                 {"id": own("extra"), "flow": uid("flow", "Small"), "key": "extra", "type": "log", "position_x": 5,
                  "position_y": 5})
        api.post("/dashboards", {"id": own("dashboard"), "name": "Own"})
        api.post("/panels",
                 [{"id": own("panel 1"), "dashboard": own("dashboard"), "type": "label", "position_x": 1,
                   "position_y": 1, "width": 2, "height": 2},
                             {"id": own("panel 2"), "dashboard": uid("dashboard", "Small"), "type": "label",
                              "position_x": 1, "position_y": 9, "width": 2, "height": 2}])
        api.post("/presets",
                 [{"collection": "notes", "bookmark": "own"}, {"collection": "own_stuff"},
                  {"collection": "notes", "role": own("role")},
                              {"collection": "notes", "user": own("user"), "layout": "cards"}])
        api.post("/translations", {"id": own("translation"), "key": "own", "language": "de-DE", "value": "eigen"})
        api.post("/folders", {"id": own("folder"), "name": "own", "parent": uid("folder", "small")})
        api.upload("/files", b"bytes", name="own.txt", mime="text/plain", fields={"folder": own("folder")})
        api.patch("/settings", {"project_url": "https://own.example.com", "mapbox_key": "pk.own"})

    def test_untouched(self):
        """Every section of the files changes; all that changes on the target is what they say."""
        self.prod.reset()
        self.run_import(self.repo())
        self.furnish()
        before = dump.of(self.prod.api)

        def set_first(name, value):
            return lambda records: records[0].update({name: value})

        repo = self.repo(
            roles_small_desk=lambda one: one.update(icon="changed"),
            policies_small=lambda one: (one.update(icon="changed"), one["permissions"][0].update(fields=["title"])),
            flows_small=lambda one: (one.update(icon="changed"), one["operations"][0].update(name="changed")),
            dashboards_small=lambda one: (one.update(icon="changed"), one["panels"][0].update(width=20)),
            folders=lambda records: records[1].update(name="renamed"), presets=set_first("search", "changed"),
            translations=set_first("value", "changed"), settings=lambda one: one.update(project_name="Changed"),
            collections_notes=lambda one: one["meta"].update(note="changed"),
        )
        rows = repo.read("schema/data/notes.json")
        repo.write("schema/data/notes.json", rows.replace('"title":"note 1"', '"title":"changed"'))
        self.run_import(repo, "--again")
        changed = [(one.action, one.part, sorted(one.fields)) for one in dump.changes(before, dump.of(self.prod.api))]
        self.assertEqual([
            ("update", "collections", ["meta"]), ("update", "dashboards", ["icon"]), ("update", "flows", ["icon"]),
            ("update", "folders", ["name"]), ("update", "items/notes", ["title"]), ("update", "operations", ["name"]),
            ("update", "panels", ["width"]), ("update", "permissions", ["fields"]), ("update", "policies", ["icon"]),
            ("update", "presets", ["search"]), ("update", "roles", ["icon"]), ("update", "settings", ["project_name"]),
            ("update", "translations", ["value"]),
        ], changed)
        rows = self.prod.query(f"SELECT own_stuff, own_field, title FROM notes WHERE id = '{uid('notes', 1)}'")
        self.assertEqual([{"own_stuff": 2, "own_field": "kept", "title": "changed"}], rows)

    def test_links_that_stand_in_the_way(self):
        """What is the target's own gives way in one point: a link that another record needs, or that leads to what is
        deleted. The plan shows it."""
        self.prod.reset()
        self.run_import(self.repo())
        api, own = self.prod.api, lambda name: uid("own", name)
        check, yes = uid("operation", "Small/check"), uid("operation", "Small/yes")
        api.post("/operations",
                 {"id": own("between"), "flow": uid("flow", "Small"), "key": "between", "type": "log",
                  "position_x": 1, "position_y": 1})
        api.patch(f"/operations/{check}", {"resolve": own("between")})
        api.patch(f"/operations/{own('between')}", {"resolve": yes})
        api.post("/folders", {"id": own("folder"), "name": "own", "parent": uid("folder", "small/er")})
        before = dump.of(api)
        repo = self.repo(folders=lambda records: records.pop(),
                         settings=lambda one: one.update(storage_default_folder=None))
        repo.write("schema/removed.jsonl", json.dumps(["folders", uid("folder", "small/er"), None]) + "\n")
        plan = repo.run("--json", "--env", "prod", "diff", "--again").check(2).json()["plan"]
        self.assertEqual(plan, self.run_import(repo, "--again")["plan"])
        changes = {(one.action, one.part, one.key): one.fields for one in dump.changes(before, dump.of(api))}
        self.assertEqual({
            ("update", "operations", check): {"resolve": (own("between"), yes)},
            ("update", "operations", own("between")): {"resolve": (yes, None)},
            ("update", "folders", own("folder")): {"parent": (uid("folder", "small/er"), None)},
            ("delete", "folders", uid("folder", "small/er")): {},
            ("update", "settings", ""): {"storage_default_folder": (uid("folder", "small/er"), None)},
        }, changes)
        self.assertEqual({key[:2] for key in changes}, {(one["action"], one["type"]) for one in plan["changes"]})
        self.assertEqual(len(changes), len(plan["changes"]))

    def test_users_in_mirror_mode(self):
        """Users, what they hold, and their presets are outside every state: mirror leaves them, and what is deleted
        from under them needs permission first."""
        self.prod.reset()
        repo = self.repo()
        self.run_import(repo)
        api, user = self.prod.api, uid("own", "user")
        api.post("/users", {"id": user, "email": "own@example.com", "role": DESK, "status": "active"})
        api.post("/access", {"id": uid("own", "access"), "user": user, "policy": NOTES, "sort": 1})
        api.post("/presets", {"collection": "notes", "user": user, "layout": "cards"})
        with self.nothing_written(self.prod):
            self.assertTrue(self.run_import(repo, "--again", "--mode", "mirror", "--allow-delete")["nothing_to_do"])


class FullTest(IdentityCase):
    """FULL's second admin policy comes to a target that has one too, under another id and with guards of its own."""

    def test_second_admin_policy_in_the_files(self):
        self.prod.reset()
        api = self.prod.api
        api.post("/roles", {"id": uid("own", "Deputies"), "name": "Deputies"})
        api.post("/policies", {"id": uid("own", "Deputy"), "name": "Deputy administration", "admin_access": True,
                               "app_access": False, "ip_access": ["127.0.0.1", "10.9.9.9"], "enforce_tfa": False})
        api.post("/access", {"role": uid("own", "Deputies"), "policy": uid("own", "Deputy"), "sort": 1})
        FULL.prepare(self.dev)
        repo = self.repository({"collections": {}})
        repo.run("--env", "dev", "export").check()
        said = self.run_import(repo, "--only", "access")
        there = api.get(f"/policies/{uid('own', 'Deputy')}")
        self.assertEqual((True, False, ["127.0.0.1", "10.9.9.9"], "shield"),
                         (there["admin_access"], there["app_access"], there["ip_access"], there["icon"]))
        self.assertTrue(any("ip_access" in note for note in said["plan"]["notes"]), said["plan"]["notes"])
        self.assertEqual(1, self.names("policies").count("Deputy administration"))
        self.assertEqual(1, self.names("roles").count("Deputies"))


if __name__ == "__main__":
    case.main()
