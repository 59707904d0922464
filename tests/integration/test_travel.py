"""A project travels through files: the same bytes everywhere, nothing written twice, and only what the plan shows."""

import contextlib
import dataclasses
import json
import os
import random
import re
import urllib.parse
from collections import Counter

from tests.project import CORE, FULL, PLACES, SMALL, uid
from tests.project.ids import PUBLIC_POLICY
from tests.project.rows import TAG_KEYS
from tests.support import case, dump

# Requests that change nothing, and how the program looks who it is and whose database it has.
READS = {"GET", "SEARCH"}
ABOUT_ITSELF = {"/server/info", "/users", "/settings", "/activity", "/utils/cache/clear"}


def setUpModule():
    case.open_lab()


class Journey:
    """A project's way from dev to an empty prod, made once: what each step said and what it left."""

    def __init__(self, test, project):
        self.project = project
        dev, prod = test.dev, test.prod
        repo = test.repository(project.config)
        repo.run("--env", "dev", "export").check()
        self.files = repo.files()
        self.source, self.before = dump.of(dev.api), dump.of(prod.api)
        self.plan = repo.run("--json", "--env", "prod", "diff").check(2).json()["plan"]
        self.said = repo.run("--json", "--env", "prod", "import").check().json()
        self.after = dump.of(prod.api)
        self.admin = prod.admin()
        prod.save(f"{project.name}_arrived")
        self.again = test.export(project.config, "prod")


class TravelCase(case.Case):
    _journeys = {}

    def journey(self):
        """FULL, arrived in prod. Both instances may be anywhere else afterwards: see arrived()."""
        if "full" not in self._journeys:
            FULL.prepare(self.dev)
            self.prod.reset()
            self._journeys["full"] = Journey(self, FULL)
        return self._journeys["full"]

    def arrived(self, config=FULL.config):
        """Prod just after the first import of FULL, and a repository with its files."""
        journey = self.journey()
        self.prod.reset("full_arrived")
        return self.repository(config, journey.files)

    def through(self, proxy):
        """What sends an import into prod through a proxy."""
        return {"PROD_DIRECTUS_URL": proxy.url}

    def marker(self, column, instance=None):
        return (instance or self.prod).value(f"SELECT schema_sync_{column} FROM directus_settings")

    def edit(self, repo, path, change):
        """Edits one JSON file of the state by hand."""
        value = repo.json(f"schema/{path}")
        change(value)
        repo.write(f"schema/{path}", json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def paths(log):
    """The endpoints a proxy has seen, without ids of items and queries."""
    return {one.path.split("?")[0] for one in log}


def writes(log):
    """[(method, path)] of what was no read."""
    return [
        (one.method, one.path.split("?")[0]) for one in log
        if one.method not in READS and not one.path.startswith(("/schema/diff", "/utils/cache"))
    ]


# ---- promise 1 ----


def _trim_to_core(dev):
    """CORE out of a loaded FULL: the two differ in the permissions with rules, which are the last ones loaded."""
    loaded = dev.api.search("/permissions", filter={"policy": {"_nnull": True}}, fields=["id"], sort=["id"], limit=-1)
    dev.api.delete("/permissions", [one["id"] for one in loaded[len(CORE.permissions):]])


def _add_places(dev):
    """PLACES out of a loaded FULL: one collection more."""
    made = {one["collection"] for one in FULL.collections}
    dev.api.post("/collections", [one for one in PLACES.collections if one["collection"] not in made])
    for name in PLACES.rows.keys() - FULL.rows.keys():
        dev.api.post(f"/items/{name}", PLACES.rows[name])


def _without(records, *names):
    return [{name: value for name, value in one.items() if name not in names} for one in records]


class ArrivalTest(TravelCase):
    """Export, import into an empty instance with other ids, export of that: the same bytes, info.json among them."""

    def travel(self, project):
        """From dev as it stands into prod as it stands."""
        repo = self.repository(project.config)
        repo.run("--env", "dev", "export").check()
        repo.run("--env", "prod", "import").check()
        self.assertIn("info.json", repo.files())
        self.assert_same_files(repo.files(), self.export(project.config, "prod"))

    def test_full(self):
        journey = self.journey()
        self.assertIn("info.json", journey.files)
        self.assert_same_files(journey.files, journey.again)
        for what, own in self.dev.admin().items():
            self.assertNotEqual(own, journey.admin[what])

    def test_small(self):
        SMALL.prepare(self.dev)
        self.prod.reset()
        self.travel(SMALL)

    def test_core(self):
        FULL.prepare(self.dev)
        _trim_to_core(self.dev)
        self.assertEqual(len(CORE.permissions), self.dev.value("SELECT count(*) AS n FROM directus_permissions"))
        self.prod.reset()
        self.travel(CORE)

    def test_places(self):
        FULL.prepare(self.dev)
        self.prod.reset()
        for instance in (self.dev, self.prod):
            instance.execute("CREATE EXTENSION postgis")
        _add_places(self.dev)
        self.travel(PLACES)
        self.assertEqual(dump.rows(self.dev.api, "places"), dump.rows(self.prod.api, "places"))
        self.assertEqual(len(PLACES.rows["places"]), self.prod.value("SELECT count(*) AS n FROM places"))

    # Not by the program's own word: the API of both sides, record by record.

    def test_configuration_is_really_there(self):
        journey = self.journey()
        for part in ("collections", "fields", "relations", "systemFields", "flows", "operations", "dashboards",
                     "panels",
                     "translations", "folders", "roles", "policies"):
            with self.subTest(part):
                sides = []
                for records, admin in ((journey.source[part], self.dev.admin()), (journey.after[part], journey.admin)):
                    travels = [records[key] for key in sorted(records) if key not in admin.values()]
                    sides.append(_without(travels, "user_created", "date_created"))
                self.assertEqual(*sides)

    def test_rows_are_really_there(self):
        journey = self.journey()
        # date-updated is the server's own word, hashes and concealed values never leave an instance.
        not_carried = {"vault": ("pin", "api_key"), "prices": ("changed",)}
        for collection in FULL.chosen():
            with self.subTest(collection):
                rule = FULL.config["collections"][collection]
                without = not_carried.get(collection, rule.get("exclude", ()) if isinstance(rule, dict) else ())
                rows = journey.source[f"items/{collection}"].values()
                chosen = [one for one in rows if collection != "events" or one["kind"] != "private"]
                self.assertGreater(len(chosen), 0)
                there = list(journey.after[f"items/{collection}"].values())
                self.assertEqual(_without(chosen, *without), _without(there, *without))
        self.assertEqual(30, len(journey.source["items/customers"]))
        self.assertEqual({}, journey.after["items/customers"])

    def test_grants_are_really_there(self):
        """Permissions, grants and presets have no ids that travel: they are compared as multisets. One permission of
        the project stands twice in every detail, and once on the target."""
        journey = self.journey()
        for part, twice in (("permissions", 1), ("access", 0), ("presets", 0)):
            with self.subTest(part):
                left, right = (
                    Counter(self.content(one, admin) for one in side[part].values() if not one.get("user"))
                    for side, admin in ((journey.source, self.dev.admin()), (journey.after, journey.admin))
                )
                self.assertEqual(Counter(), right - left)
                reduced = left - right
                self.assertEqual(twice, reduced.total())
                self.assertTrue(all(left[one] == 2 for one in reduced))

    @staticmethod
    def content(record, admin):
        words = {admin["policy"]: "the policy", admin["role"]: "the role"}
        content = {name: words.get(value, value) if isinstance(value, str) else value for name, value in record.items()}
        return json.dumps({**content, "id": None}, sort_keys=True)


# ---- promise 2 ----


class SecondImportTest(TravelCase):
    """What is there already is not written again."""

    @contextlib.contextmanager
    def statements(self):
        """The SQL that the program sends to prod's database: ({a variable that has its sessions logged}, statements)."""
        found, log = [], os.path.join(self.lab.cluster.folder, "postgres.log")
        start = os.path.getsize(log)
        yield {"PROD_DATABASE_URL": self.prod.database_url + "?options=-clog_statement%3Dall"}, found
        with open(log, encoding="utf-8") as file:
            file.seek(start)
            found += re.findall(r"LOG:  (?:statement|execute [^:]*): (.*)", file.read())

    def test_plain(self):
        """One row is read by one statement; Directus is not asked at all."""
        repo, proxy = self.arrived(), self.proxy(self.prod)
        row = "SELECT xmin::text AS x, ctid::text AS c, md5(s::text) AS all FROM directus_settings s"
        before = self.prod.query(row)
        with self.nothing_written(self.prod):
            with self.statements() as (logged, statements):
                said = repo.run("--json", "--env", "prod", "import", env={**self.through(proxy), **logged}).check().json()
            self.assertEqual([], proxy.log)
        self.assertTrue(said["nothing_to_do"])
        self.assertEqual((0, 0), (said["requests"], said["rows_written"]))
        self.assertEqual(1, len(statements), statements)
        self.assertIn("SELECT", statements[0])
        self.assertEqual(1, statements[0].count("FROM directus_settings"))
        self.assertEqual(before, self.prod.query(row))

    def test_again(self):
        """Everything is read and compared, and nothing differs."""
        repo, proxy = self.arrived(), self.proxy(self.prod)
        columns = ("state", "hash", "sections", "owner", "error")
        before = [self.marker(one) for one in columns]
        with self.nothing_written(self.prod):
            said = repo.run("--json", "--env", "prod", "import", "--again", env=self.through(proxy)).check().json()
            self.assertEqual([], writes(proxy.log))
        self.assertIn("/schema/snapshot", paths(proxy.log))
        self.assertIn("/items/every_type", paths(proxy.log))
        self.assertTrue(said["nothing_to_do"])
        self.assertEqual(sum(map(len, FULL.rows.values())) - 30 - 67,
                         sum(one["unchanged"] for one in said["plan"]["rows"]))
        self.assertEqual(before, [self.marker(one) for one in columns])

    def test_what_the_source_did_meanwhile_is_found_again(self):
        """--again repairs what somebody changed on the target; without it the marker is believed."""
        repo = self.arrived()
        before = dump.of(self.prod.api)
        self.prod.api.patch(f"/roles/{uid('role', 'Clerks')}", {"icon": "bug_report"})
        self.prod.api.patch("/items/tags/7", {"label": "drifted"})
        repo.run("--env", "prod", "import").check()
        self.assertEqual("bug_report", self.prod.api.get(f"/roles/{uid('role', 'Clerks')}")["icon"])
        said = repo.run("--json", "--env", "prod", "import", "--again").check().json()
        self.assertEqual([("update", "roles", "Clerks")],
                         [(one["action"], one["type"], one["label"]) for one in said["plan"]["changes"]])
        self.assertEqual(1, said["rows_written"])
        self.assert_no_changes(before, dump.of(self.prod.api))


# ---- promise 7 ----

# The server sets these on every update; the program neither carries nor compares them.
STAMPS = {"user_updated", "date_updated", "changed"}


class Told:
    """A plan and a difference of two dumps in the same terms, so that they can be compared.

    Each side becomes a Counter of (action, type, label or id) and a dictionary of the fields that updates change.
    Dumps are first brought into the state's words: "$administrator" and "$public" where an instance has its own ids.
    """

    def __init__(self, before, after, admin):
        words = {admin["role"]: "$administrator", admin["policy"]: "$administrator", PUBLIC_POLICY: "$public"}
        self.before, self.after = self._worded(before, words), self._worded(after, words)

    @classmethod
    def _worded(cls, value, words):
        if isinstance(value, dict):
            return {words.get(key, key): cls._worded(one, words) for key, one in value.items()}
        if isinstance(value, list):
            return [cls._worded(one, words) for one in value]
        return words.get(value, value) if isinstance(value, str) else value

    def _label(self, change):
        """What tells a record without a portable id from others of its kind."""
        one = (self.after if change.action == "create" else self.before)[change.part][change.key]
        names = {**self.before["policies"], **self.after["policies"]}
        names["$public"] = {"name": "Public"}  # what people call it: its name is a key of Directus's translations
        if change.part == "permissions":
            return f"{one['collection']} {one['action']} ({names[one['policy']]['name']})"
        if change.part == "access":
            roles = {**self.before["roles"], **self.after["roles"]}
            return f"{roles[one['role']]['name'] if one['role'] else 'everyone'} ({names[one['policy']]['name']})"
        return one["collection"]

    def happened(self):
        """(changes, fields of updates, rows) as the two dumps show them."""
        changes, fields, rows = Counter(), {}, {}
        for change in dump.changes(self.before, self.after):
            if change.part.startswith("items/"):
                if change.action != "update" or set(change.fields) - STAMPS:
                    rows.setdefault(change.part[6:], Counter())[change.action] += 1
                continue
            key = change.key
            if change.part in ("permissions", "access", "presets"):
                key = self._label(change)
            kind = "system_fields" if change.part == "systemFields" else change.part
            changes[change.action, kind, key] += 1
            if change.action == "update" and kind not in ("collections", "fields", "relations", "system_fields"):
                values = {name: {"from": old, "to": new} for name, (old, new) in change.fields.items()}
                fields.setdefault((kind, key), []).append(values)
        return changes, fields, rows

    @staticmethod
    def planned(plan):
        """The same of `diff --json`."""
        changes, fields, rows = Counter(), {}, {}
        for one in plan["changes"]:
            kind, key = one["type"], one["id"] if one["id"] is not None else one["label"]
            key = "" if kind == "settings" else key.split(" ")[0] if kind == "presets" else key
            changes[one["action"], kind, key] += 1
            if one["action"] == "update" and kind not in ("collections", "fields", "relations", "system_fields"):
                fields.setdefault((kind, key), []).append(one["fields"])
        for one in plan["rows"]:
            counts = Counter({action: one[action] for action in ("create", "update", "delete") if one[action]})
            if counts:
                rows[one["collection"]] = counts
        return changes, fields, rows


class PlanTest(TravelCase):
    """`diff --json` before an import lists what the import then changes: all of it, and nothing else."""

    def assert_told(self, plan, before, after, *, with_parents=()):
        """`with_parents`: types of records that need not be listed when what they belong to is deleted; answers those
        that were not."""
        told = Told(before, after, self.prod.admin())
        (changes, fields, rows), (planned, planned_fields, planned_rows) = told.happened(), told.planned(plan)
        silent = Counter({
            key: count for key, count in (changes - planned).items() if key[0] == "delete" and key[1] in with_parents
        })
        self.assertEqual(self.listed(changes - silent), self.listed(planned))
        self.assertEqual(fields, planned_fields)
        self.assertEqual(rows, planned_rows)
        return silent

    @staticmethod
    def listed(counter):
        """For a failure that names the lines that differ."""
        return sorted(" ".join(one) for one in counter.elements())

    def test_first_import(self):
        journey = self.journey()
        self.prod.reset("full_arrived")
        self.assert_told(journey.plan, journey.before, journey.after)
        self.assertEqual(journey.plan, journey.said["plan"])
        self.assertEqual([], journey.plan["losses"])

    def develop(self, api):
        """A week of work on dev: something of every kind is made and changed."""
        self.develop_schema(api)
        self.develop_access(api)
        api.patch(f"/flows/{uid('flow', 'New year')}", {"status": "inactive", "options": {"cron": "0 0 12 1 1 *"}})
        # Two links that are UNIQUE change places, and a flow grows.
        priced = uid("operation", "Mark checked products/is_priced")
        mark, plain = uid("operation", "Mark checked products/mark"), uid("operation", "Mark checked products/plain")
        api.patch(f"/operations/{priced}", {"resolve": None, "reject": None})
        api.patch(f"/operations/{priced}", {"resolve": plain, "reject": mark})
        api.post("/operations",
                 {"id": uid("operation", "new"), "flow": uid("flow", "Helper"), "key": "new", "name": "New",
                                 "type": "log", "options": {"message": uid("role", "Interns")}, "position_x": 1,
                                 "position_y": 1})
        api.patch(f"/flows/{uid('flow', 'Helper')}", {"operation": uid("operation", "new")})
        api.patch(f"/panels/{uid('panel', 'Sales/Stock')}",
                  {"options": {"collection": "ships", "function": "count"}, "width": 20})
        api.post("/dashboards", {"id": uid("dashboard", "Ships"), "name": "Ships"})
        api.patch(f"/translations/{uid('translation', 'draft/de-DE')}", {"value": "Rohfassung"})
        api.post("/translations", {"id": uid("translation", "new"), "key": "new", "language": "en-US", "value": "New"})
        api.patch(f"/folders/{uid('folder', 'Shop/Logos')}", {"parent": uid("folder", "Press")})
        bookmark = api.search("/presets", filter={"bookmark": {"_eq": "Coming"}})[0]["id"]
        api.patch(f"/presets/{bookmark}", {"refresh_interval": 300})
        api.post("/presets", {"collection": "ships", "layout": "cards", "role": uid("role", "Interns")})
        api.patch("/settings", {"project_name": "Harbour", "public_registration_role": uid("role", "Interns"),
                                "theme_dark_overrides": {"primary": "#000000"}})
        self.develop_rows(api)

    def develop_schema(self, api):
        api.post("/collections",
                 {"collection": "ships", "schema": {"name": "ships"}, "meta": {"group": "content", "icon": "sailing"},
                                  "fields": [{"field": "imo", "type": "string",
                                              "schema": {"is_primary_key": True, "max_length": 7}, "meta": {}}]})
        api.post("/fields/articles",
                 {"field": "ship", "type": "string", "schema": {"max_length": 7},
                  "meta": {"interface": "select-dropdown-m2o"}})
        api.post("/relations",
                 {"collection": "articles", "field": "ship", "related_collection": "ships",
                  "schema": {"on_delete": "SET NULL"}})
        api.patch("/fields/articles/body", {"meta": {"note": "Markdown"}})
        api.patch("/fields/products/name", {"type": "text", "schema": {"data_type": "text", "is_indexed": False}})
        api.patch("/collections/tags", {"meta": {"color": "#00FF00"}})

    def develop_access(self, api):
        api.post("/roles", {"id": uid("role", "Interns"), "name": "Interns", "parent": uid("role", "Editors")})
        api.patch(f"/roles/{uid('role', 'Clerks')}", {"icon": "badge", "parent": uid("role", "Interns")})
        api.post("/policies", {"id": uid("policy", "Interns"), "name": "Interns", "app_access": True})
        api.patch(f"/policies/{uid('policy', 'Translate')}", {"description": None, "ip_access": ["10.1.0.0/16"]})
        api.post("/access", {"role": uid("role", "Interns"), "policy": uid("policy", "Interns"), "sort": 1})
        api.post("/permissions", [
            {"policy": uid("policy", "Interns"), "collection": "ships", "action": action, "fields": ["*"],
             "permissions": {}, "validation": {}}
            for action in ("create", "read")
        ])
        one = api.search("/permissions", filter={"collection": {"_eq": "tags"}, "action": {"_eq": "delete"}})[0]["id"]
        api.patch(f"/permissions/{one}", {"permissions": {"_and": [{"slug": {"_neq": "art"}}]}})
        public = {"policy": {"_eq": PUBLIC_POLICY}, "collection": {"_eq": "languages"}}
        api.patch(f"/permissions/{api.search('/permissions', filter=public)[0]['id']}", {"fields": ["code"]})

    def develop_rows(self, api):
        api.patch(f"/items/people/{uid('people', 4)}", {"mentor": uid("people", 9), "name": "Ü"})
        api.post("/items/people",
                 {"id": uid("people", "new"), "name": "New", "mentor": uid("people", 4), "team": uid("teams", 1)})
        api.patch(f"/items/teams/{uid('teams', 2)}", {"lead": uid("people", "new")})
        api.patch("/items/articles",
                  [{"id": uid("articles", i), "author": uid("people", "new"), "category": 3} for i in range(5)])
        api.post("/items/articles_blocks",
                 {"id": 900, "articles_id": uid("articles", 1), "collection": "block_quote", "item": "7"})
        api.patch("/items/site_settings", {"title": "Another"})
        api.patch("/items/events", [{"id": "1", "kind": "ü/.."}, {"id": "3", "title": "moved"}])
        price = api.search("/items/prices", filter={"currency": {"_eq": "USD"}}, limit=1)[0]["id"]
        api.patch(f"/items/prices/{price}", {"amount": "1.0000000000"})

    def developed(self):
        """The files after that week, and the dump of dev."""
        if "developed" not in self._journeys:
            self.journey()
            FULL.prepare(self.dev)
            self.develop(self.dev.api)
            self._journeys["developed"] = self.export(FULL.config)
        return self._journeys["developed"]

    def test_a_week_of_work(self):
        files = self.developed()
        self.arrived()
        repo, before = self.repository(FULL.config, files), dump.of(self.prod.api)
        with self.nothing_written(self.prod):
            plan = repo.run("--json", "--env", "prod", "diff").check(2).json()["plan"]
        said = repo.run("--json", "--env", "prod", "import").check().json()
        self.assertEqual(plan, said["plan"])
        self.assertEqual([], plan["losses"])
        self.assert_told(plan, before, dump.of(self.prod.api))
        kinds = Counter((one["action"], one["type"]) for one in plan["changes"])
        for kind in ("collections", "fields", "roles", "policies", "permissions", "operations", "translations",
                     "presets"):
            self.assertTrue(kinds["create", kind] and kinds["update", kind], kind)
        self.prod.save("developed")
        self._journeys["developed there"] = True
        self.assert_same_files(files, self.export(FULL.config, "prod"))

    def test_back_in_mirror_mode(self):
        """The week undone: mirror deletes what the old files do not have, each deletion in the plan."""
        files = self.developed()
        if "developed there" in self._journeys:
            self.prod.reset("developed")
        else:
            self.arrived()
            self.repository(FULL.config, files).run("--env", "prod", "import").check()
        old, before = self.repository(FULL.config, self.journey().files), dump.of(self.prod.api)
        plan = old.run("--json", "--env", "prod", "diff", "--mode", "mirror").check(2).json()["plan"]
        self.assertNotEqual([], plan["losses"])
        with self.nothing_written(self.prod):
            old.run("--env", "prod", "import", "--mode", "mirror").check(77)
        said = old.run("--json", "--env", "prod", "import", "--mode", "mirror", "--allow-delete").check().json()
        self.assertEqual(plan, said["plan"])
        silent = self.assert_told(plan, before, dump.of(self.prod.api),
                                  with_parents=("fields", "permissions", "access", "presets"))
        self.assertEqual(Counter({
            ("delete", "fields", "ships.imo"): 1,
            ("delete", "access", "Interns (Interns)"): 1, ("delete", "presets", "ships"): 1,
            ("delete", "permissions", "ships create (Interns)"): 1,
            ("delete", "permissions", "ships read (Interns)"): 1,
        }), silent)
        self.assert_same_files(self.journey().files, self.export(FULL.config, "prod"))


# ---- parts ----


class PartTest(TravelCase):
    """Only the parts that differ are read, planned and written."""

    def change_permission(self, repo):
        """One permission in the files: tags may be deleted by label only."""
        path = next(path for path in repo.files() if path.startswith("policies/write-content"))

        def change(policy):
            one = next(one for one in policy["permissions"] if (one["collection"], one["action"]) == ("tags", "delete"))
            one["fields"] = ["label"]

        self.edit(repo, path, change)

    def test_one_permission(self):
        repo, proxy = self.arrived(), self.proxy(self.prod)
        self.change_permission(repo)
        before = dump.of(self.prod.api)
        said = repo.run("--json", "--env", "prod", "import", env=self.through(proxy)).check().json()
        self.assertEqual({"/roles", "/policies", "/access", "/permissions"}, paths(proxy.log) - ABOUT_ITSELF)
        self.assertEqual([("PATCH", "/permissions")], writes(proxy.log))
        self.assertLessEqual(len(proxy.log), 20)
        self.assertEqual(len(proxy.log), said["requests"])
        changes = dump.changes(before, dump.of(self.prod.api))
        self.assertEqual([("update", "permissions", {"fields": (["*"], ["label"])})],
                         [(one.action, one.part, one.fields) for one in changes])
        self.assertEqual([], said["plan"]["rows"])

    def test_one_row(self):
        """The rows of other collections are not read; the schema is, to know what a row is."""
        repo, proxy = self.arrived(), self.proxy(self.prod)
        rows = repo.read("schema/data/languages.json")
        repo.write("schema/data/languages.json", rows.replace('"Deutsch"', '"German"'))
        repo.run("--env", "prod", "import", env=self.through(proxy)).check()
        self.assertEqual({"/items/languages"}, {one for one in paths(proxy.log) if one.startswith("/items/")})
        self.assertEqual([("PATCH", "/items/languages")], writes(proxy.log))
        self.assertEqual("German", self.prod.api.get("/items/languages/de-DE")["name"])

    def test_import_only(self):
        """--only brings one part, leaves the marker, and the next import brings the rest."""
        repo, proxy = self.arrived(), self.proxy(self.prod)
        self.change_permission(repo)
        self.edit(repo, "translations.json", lambda records: records[0].update(value="else"))
        hash_before, before = self.marker("hash"), dump.of(self.prod.api)
        repo.run("--env", "prod", "import", "--only", "translations", env=self.through(proxy)).check()
        self.assertEqual({"/translations"}, paths(proxy.log) - ABOUT_ITSELF)
        self.assertEqual(["translations"], [one.part for one in dump.changes(before, dump.of(self.prod.api))])
        self.assertEqual((hash_before, "clean", None),
                         (self.marker("hash"), self.marker("state"), self.marker("owner")))
        said = repo.run("--json", "--env", "prod", "import").check().json()
        self.assertEqual(["permissions"], [one["type"] for one in said["plan"]["changes"]])
        self.assertNotEqual(hash_before, self.marker("hash"))
        repo.run("--env", "prod", "import", "--only", "nothing-of-that-name").check(64, 78)

    def test_export_only(self):
        """Files of other parts stay, byte for byte and with their times."""
        repo = self.arrived()
        self.prod.api.patch(f"/roles/{uid('role', 'Clerks')}", {"icon": "changed"})
        self.prod.api.patch(f"/dashboards/{uid('dashboard', 'Sales')}", {"icon": "changed"})
        self.prod.api.patch("/items/languages/de-DE", {"name": "changed"})
        before, times = repo.files(), self.times(repo)
        repo.run("--env", "prod", "export", "--only", "dashboards,languages").check()
        after = repo.files()
        changed = {path for path in before if before[path] != after.get(path)}
        self.assertEqual({"data/languages.json"}, {path for path in changed if not path.startswith("dashboards/sales")})
        self.assertEqual(2, len(changed))
        self.assertEqual(set(before), set(after))
        self.assertEqual(changed, {path for path, time in self.times(repo).items() if time != times[path]})

        repo.run("--env", "prod", "export").check()  # the instance knows these files: they are not stale
        self.assertNotEqual(after, repo.files())
        fresh = self.repository(FULL.config)
        fresh.run("--env", "prod", "export", "--only", "dashboards").check()
        fresh.run("--env", "prod", "export").check()
        self.assert_same_files(repo.files(), fresh.files())

    @staticmethod
    def times(repo):
        return {path: os.stat(os.path.join(repo.state, path)).st_mtime_ns for path in repo.files()}

    def test_check(self):
        """Exit status 2 and the list, with nothing written; 0 when files and instance are equal."""
        repo = self.arrived()
        before, times = repo.files(), self.times(repo)
        with self.nothing_written(self.prod):
            # -q: that a flow names a user, who is in no state, is said each time
            self.assertEqual("", repo.run("-q", "--env", "prod", "export", "--check").check(0).err)
        self.prod.api.patch(f"/dashboards/{uid('dashboard', 'Sales')}", {"icon": "changed"})
        self.prod.api.delete(f"/dashboards/{uid('dashboard', 'Empty')}")
        done = repo.run("--env", "prod", "export", "--check").check(2)
        for name in ("dashboards/sales", "dashboards/empty"):
            self.assertIn(name, done.out)
        self.assertEqual(2, len([line for line in done.out.splitlines() if "dashboards/" in line]))
        self.assertEqual((before, times), (repo.files(), self.times(repo)))
        self.assertEqual([], [name for name in os.listdir(repo.state) if name.startswith(".")])


# ---- determinism ----


def _shuffled(project, seed=7):
    """The same project, its records in another order wherever an order means nothing."""
    rng = random.Random(seed)

    def mixed(records):
        return rng.sample(records, len(records))

    lists = {
        name: mixed(getattr(project, name))
        for name in ("relations", "roles", "policies", "grants", "permissions", "flows", "operations", "dashboards",
                     "panels", "presets", "translations", "folders", "users")
    }
    rows = {name: mixed(records) for name, records in project.rows.items()}
    return dataclasses.replace(project, name=f"{project.name} shuffled", rows=rows, **lists)


class DeterminismTest(TravelCase):
    """The same state gives the same bytes, whatever the order, the checkout, the collation or the limits."""

    def test_twice(self):
        """The second export touches no file; one of another folder gives the same."""
        repo = self.arrived()
        times = PartTest.times(repo)
        for _ in range(2):
            repo.run("--env", "prod", "export").check()
            self.assert_same_files(self.journey().files, repo.files())
            self.assertEqual(times, PartTest.times(repo))
        other = self.repository({**FULL.config, "dir": "deep/state"})
        other.run("--env", "prod", "export").check()
        self.assert_same_files(self.journey().files, other.files("deep/state"))

    def test_order_of_creation(self):
        journey = self.journey()
        self.prod.reset()
        _shuffled(FULL).load(self.prod.api)
        self.assert_same_files(journey.files, self.export(FULL.config, "prod"))

    def test_collation(self):
        """A database that sorts texts as people do: string keys are paged, matched and written the same."""
        repo = self.arrived()
        name, cluster = self.prod.database, self.lab.cluster
        cluster.drop(name)
        cluster.copy(f"{name}_at_full_arrived", name, collation="en_US.UTF-8")
        self.prod.api.clear_cache()
        self.assertEqual("aB",
                         self.prod.value("SELECT string_agg(v, '' ORDER BY v) AS v FROM (VALUES ('a'), ('B')) t(v)"))
        repo.run("--env", "prod", "export").check()
        self.assert_same_files(self.journey().files, repo.files())
        self.assertTrue(repo.run("--json", "--env", "prod", "import", "--again").check().json()["nothing_to_do"])
        before = dump.of(self.prod.api)
        self.prod.api.delete("/items/tags", ["Art", "x" * 255, "ü ñ", "."])
        self.prod.api.patch("/items/" + urllib.parse.quote("größen"),
                            {"keys": ["größe 10", "größe 9"], "data": {"select": 99}})
        said = repo.run("--json", "--env", "prod", "import", "--again").check().json()
        rows = {one["collection"]: (one["create"],
                                    one["update"]) for one in said["plan"]["rows"] if one["create"] or one["update"]}
        self.assertEqual({"tags": (4, 0), "articles_tags": (46, 0), "größen": (0, 2)}, rows)
        self.assert_no_changes(before, dump.of(self.prod.api))


class StaleTest(TravelCase):
    """An instance that has not seen the files' newest state does not overwrite it."""

    def test_files_that_moved_on(self):
        repo = self.arrived()
        self.edit(repo, "translations.json", lambda records: records[0].update(value="a colleague's"))
        files = repo.files()
        done = repo.run("--env", "prod", "export").check(76)
        self.assertIn("import", done.err)
        repo.run("--env", "prod", "export", "--check").check(2)  # it writes nothing, so it may look
        self.assertEqual(files, repo.files())
        repo.run("--env", "prod", "import").check()
        repo.run("--env", "prod", "export").check()
        self.assertEqual(json.loads(files["translations.json"]), repo.json("schema/translations.json"))

    def test_overwrite(self):
        repo = self.arrived()
        self.edit(repo, "translations.json", lambda records: records[0].update(value="a colleague's"))
        repo.run("--env", "prod", "export", "--overwrite").check()
        self.assert_same_files(self.journey().files, repo.files())
        repo.run("--env", "prod", "export").check()  # it has seen them now

    def test_an_instance_that_never_saw_them(self):
        self.prod.reset()
        repo = self.repository(FULL.config, self.journey().files)
        repo.run("--env", "prod", "export").check(76)
        self.assert_same_files(self.journey().files, repo.files())


# ---- rows ----

_BY_KEY = {
    **FULL.config["collections"],
    "categories": {"key": "name"}, "people": {"key": ["name"]}, "block_quote": {"key": ["by"]},
    "articles_tags": {"key": ["articles_id", "tags_slug"]},
}
# What rows mean, in words instead of ids.
_MEANING = (
    "SELECT a.slug, c.name AS category, p.name AS author FROM articles a LEFT JOIN categories c ON c.id = a.category"
    " LEFT JOIN people p ON p.id = a.author ORDER BY a.slug",
    "SELECT c.name, c.sort, p.name AS parent FROM categories c LEFT JOIN categories p ON p.id = c.parent"
    " WHERE c.name LIKE 'Category%' ORDER BY c.name",
    "SELECT p.name, m.name AS mentor, t.name AS team FROM people p LEFT JOIN people m ON m.id = p.mentor"
    " LEFT JOIN teams t ON t.id = p.team ORDER BY p.name",
    "SELECT t.name, p.name AS lead FROM teams t LEFT JOIN people p ON p.id = t.lead ORDER BY t.name",
    "SELECT b.id, a.slug, q.quote, q.by, x.text FROM articles_blocks b LEFT JOIN articles a ON a.id = b.articles_id"
    " LEFT JOIN block_quote q ON b.collection = 'block_quote' AND q.id::text = b.item"
    " LEFT JOIN block_text x ON b.collection = 'block_text' AND x.id::text = b.item ORDER BY b.id",
    "SELECT a.slug, g.tags_slug, g.sort FROM articles_tags g JOIN articles a ON a.id = g.articles_id"
    " ORDER BY a.slug, g.tags_slug",
    "SELECT p.sku, r.currency, r.amount, r.valid_from FROM prices r JOIN products p ON p.id = r.product"
    " WHERE r.currency <> 'CHF' ORDER BY p.sku, r.currency",
)


class RowTest(TravelCase):
    """Rows whose ids mean something else on the target."""

    def by_key(self):
        """Files in which categories, people, quotes and links are known by what they say; prod as it arrived."""
        if "by key" not in self._journeys:
            self.arrived()
            self._journeys["by key"] = self.export({"collections": _BY_KEY}, "prod")
        self.arrived()
        return self.repository({"collections": _BY_KEY}, self._journeys["by key"])

    def meaning(self):
        return [self.prod.query(select) for select in _MEANING]

    def renumber(self):
        """Every one of those rows gets another id, and what refers to it follows."""
        uuid = "md5({0}::text)::uuid"
        self.prod.execute(
            "SET session_replication_role = replica;"
            "UPDATE categories SET id = 1000 - id, parent = 1000 - parent;"
            "UPDATE articles SET category = 1000 - category, author = " + uuid.format("author") + ";"
            "UPDATE people SET id = " + uuid.format("id") + ", mentor = " + uuid.format("mentor") + ";"
            "UPDATE teams SET lead = " + uuid.format("lead") + ";"
            "UPDATE block_quote SET id = 500 - id;"
            "UPDATE articles_blocks SET item = (500 - item::int)::text WHERE collection = 'block_quote';"
            "UPDATE articles_tags SET id = 9000 - id; UPDATE prices SET id = 7000 - id"
        )

    def test_other_ids_are_no_difference(self):
        repo = self.by_key()
        meaning = self.meaning()
        self.renumber()
        self.assertEqual(meaning, self.meaning())
        with self.nothing_written(self.prod):
            self.assertTrue(repo.run("--json", "--env", "prod", "import").check().json()["nothing_to_do"])
        files = repo.files()
        repo.run("--env", "prod", "export").check()
        self.assert_same_files(files, repo.files())

    def test_one_collection_changes_while_ids_differ(self):
        """Only articles differ: what they refer to is still found under the target's ids."""
        repo = self.by_key()
        repo.run("--env", "prod", "import").check()
        self.renumber()
        rows = repo.json("schema/data/articles.json")
        ids = {
            kind: {one["name"]: one["id"] for one in repo.json(f"schema/data/{kind}.json")}
            for kind in ("categories", "people")
        }
        author = next(name for name in ids["people"] if name.startswith("Person 7 "))
        rows[0].update(category=ids["categories"]["Category 12"], author=ids["people"][author])
        repo.write("schema/data/articles.json", json.dumps(rows))
        said = repo.run("--json", "--env", "prod", "import").check().json()
        self.assertEqual(1, said["rows_written"])
        found = self.prod.query(
            "SELECT c.name AS category, p.name AS author FROM articles a JOIN categories c ON c.id = a.category"
            f" JOIN people p ON p.id = a.author WHERE a.id = '{rows[0]['id']}'")
        self.assertEqual([{"category": "Category 12", "author": author}], found)

    def test_counters_that_collide(self):
        """Rows are missing on the target, and their numbers belong to rows of its own by now."""
        repo = self.by_key()
        meaning = self.meaning()
        self.renumber()
        self.prod.execute(
            "UPDATE categories SET parent = NULL WHERE parent IN (995, 994, 960)",
            "DELETE FROM categories WHERE name IN ('Category 5', 'Category 6', 'Category 40')",
            "DELETE FROM block_quote WHERE by IN ('Person 3', 'Person 69')",
            "DELETE FROM prices WHERE currency = 'USD' AND product < 20",
            "UPDATE articles_blocks SET item = NULL"
            " WHERE collection = 'block_quote' AND item NOT IN (SELECT id::text FROM block_quote)",
            "INSERT INTO categories (id, name) VALUES (5, 'own 5'), (40, 'own 40')",
            "INSERT INTO block_quote (id, quote, by) VALUES (4, 'own', 'own 4')",
            "INSERT INTO prices (id, product, currency) SELECT id, id, 'CHF' FROM products WHERE id BETWEEN 2 AND 20",
        )
        own = [self.prod.query(f"SELECT * FROM {table} WHERE {where} ORDER BY id") for table, where in (
            ("categories", "name LIKE 'own%'"), ("block_quote", "by = 'own 4'"), ("prices", "currency = 'CHF'"))]
        said = repo.run("--json", "--env", "prod", "import").check().json()
        rows = {one["collection"]: one for one in said["plan"]["rows"]}
        self.assertEqual((3, 2), (rows["categories"]["create"], rows["categories"]["kept"]))
        self.assertEqual((2, 1), (rows["block_quote"]["create"], rows["block_quote"]["kept"]))
        self.assertEqual(meaning, self.meaning())
        self.assertEqual(own, [self.prod.query(f"SELECT * FROM {table} WHERE {where} ORDER BY id") for table, where in (
            ("categories", "name LIKE 'own%'"), ("block_quote", "by = 'own 4'"), ("prices", "currency = 'CHF'"))])
        with self.nothing_written(self.prod):
            self.assertTrue(repo.run("--json", "--env", "prod", "import", "--again").check().json()["nothing_to_do"])
        for collection in ("categories", "block_quote", "prices"):  # the counters go on behind the new rows
            self.prod.api.post(f"/items/{collection}", {"currency": "JPY"} if collection == "prices" else {})

    def own_rows(self):
        """Prod renumbered, with rows of its own under numbers that the files use; what referred to the files' rows of
        those numbers refers to them now. Answers the repository and what rows meant before."""
        repo = self.by_key()
        repo.run("--env", "prod", "import").check()
        self.renumber()
        meaning = self.meaning()
        self.prod.execute(
            "INSERT INTO categories (id, name) VALUES (5, 'own 5'), (40, 'own 40')",
            "INSERT INTO block_quote (id, quote, by) VALUES (4, 'own', 'own 4')",
            "UPDATE articles SET category = 5 WHERE category = 995",
            "UPDATE articles_blocks SET item = '4' WHERE collection = 'block_quote' AND item = '496'",
        )
        self.assertNotEqual(meaning, self.meaning())
        return repo, meaning

    def test_references_to_own_rows(self):
        """The target's own number 5 is not the files' number 5, also where a row refers to it."""
        repo, meaning = self.own_rows()
        repo.run("--env", "prod", "import", "--again").check()
        self.assertEqual(meaning, self.meaning())

    def test_mirror_deletes_own_rows(self):
        """Those, and not the ones that have their numbers in the files."""
        repo, meaning = self.own_rows()
        repo.write("schema-sync.json", json.dumps({"mode": "mirror", "collections": _BY_KEY}))
        plan = repo.run("--json", "--env", "prod", "import", "--allow-delete").check().json()["plan"]
        deleted = {one["collection"]: one["delete"] for one in plan["rows"] if one["delete"]}
        self.assertEqual({"categories": 2, "block_quote": 1}, deleted)
        self.assertEqual(meaning, self.meaning())
        counts = [self.prod.value(f"SELECT count(*) AS n FROM {one}") for one in ("categories", "block_quote")]
        self.assertEqual([40, 70], counts)

    def test_export_of_own_rows(self):
        """They get numbers that no other row has, and keep them; on the next instance they mean the same."""
        repo, _ = self.own_rows()
        meaning = self.meaning()
        repo.run("--env", "prod", "export").check()
        files = repo.files()
        categories = json.loads(files["data/categories.json"])
        self.assertEqual(42, len({one["id"] for one in categories}))
        repo.run("--env", "prod", "export").check()
        self.assert_same_files(files, repo.files())
        self.prod.reset("full_arrived")
        repo.run("--env", "prod", "import", "--again").check()
        self.assertEqual(meaning, self.meaning())

    def test_unique_values_that_move(self):
        """Two rows swap theirs, three hand theirs on, a new row takes one over: no order of writing would do."""
        repo = self.arrived()
        articles, products = (repo.json(f"schema/data/{one}.json") for one in ("articles", "products"))

        def hand_on(rows, field, last):
            values = [one[field] for one in rows]
            for one, value in zip(rows, [*values[1:], last or values[0]]):
                one[field] = value

        hand_on(articles[0:2], "slug", None)
        hand_on(articles[2:5], "slug", "fresh")
        hand_on(products[7:10], "sku", None)
        articles.append({**articles[5], "id": uid("own", "article"), "title": "Another"})
        articles[5]["slug"] = "old"
        for name, rows in (("articles", articles), ("products", products)):
            repo.write(f"schema/data/{name}.json", json.dumps(rows))
        said = repo.run("--json", "--env", "prod", "import").check().json()
        counts = {one["collection"]: (one["create"], one["update"]) for one in said["plan"]["rows"]}
        self.assertEqual({"articles": (1, 6), "products": (0, 3)}, counts)
        for name, field, rows in (("articles", "slug", articles), ("products", "sku", products)):
            there = {str(one["id"]): one[field] for one in self.prod.query(f"SELECT id, {field} FROM {name}")}
            self.assertEqual({str(one["id"]): one[field] for one in rows}, there)
        with self.nothing_written(self.prod):
            self.assertTrue(repo.run("--json", "--env", "prod", "import", "--again").check().json()["nothing_to_do"])

    def test_unique_value_of_a_row_that_goes(self):
        """A new row gets what one has that is deleted only after it is there."""
        repo = self.arrived()
        rows = repo.json("schema/data/products.json")
        gone = rows.pop(11)
        prices = repo.json("schema/data/prices.json")
        rows.append({**gone, "id": "77777"})
        for one in prices:
            one["product"] = "77777" if one["product"] == gone["id"] else one["product"]
        repo.write("schema/data/products.json", json.dumps(rows))
        repo.write("schema/data/prices.json", json.dumps(prices))
        repo.write("schema/removed.jsonl", json.dumps(["products", gone["id"], [gone["id"]]]) + "\n")
        repo.run("--env", "prod", "import").check(77)
        repo.run("--env", "prod", "import", "--allow-delete").check()
        self.assertEqual([{"id": 77777}], self.prod.query(f"SELECT id FROM products WHERE sku = '{gone['sku']}'"))
        self.assertEqual(2, self.prod.value("SELECT count(*) AS n FROM prices WHERE product = 77777"))
        self.assertTrue(repo.run("--json", "--env", "prod", "import", "--again").check().json()["nothing_to_do"])

    def test_key_that_is_not_unique(self):
        """Two rows of the target under one key: matching would be a guess, so nothing is written."""
        repo = self.by_key()
        self.prod.execute("UPDATE categories SET name = 'Category 1' WHERE id = 2")
        with self.nothing_written(self.prod):
            done = repo.run("--env", "prod", "import").check(77)
        self.assertIn("categories", done.err)
        self.assertIn("Category 1", done.err)

    def test_files_by_group(self):
        """groupBy splits, filter leaves out, and rows stand in the order of their keys."""
        files = self.journey().files
        groups = {path: json.loads(content) for path, content in files.items() if path.startswith("data/events/")}
        self.assertEqual(2, len(groups))
        self.assertEqual([{"public"}, {"ü/.."}],
                         sorted(({one["kind"] for one in rows} for rows in groups.values()), key=str))
        loaded = [one for one in FULL.rows["events"] if one["kind"] != "private"]
        self.assertEqual(len(loaded), sum(map(len, groups.values())))
        for rows in groups.values():
            self.assertEqual(sorted(int(one["id"]) for one in rows), [int(one["id"]) for one in rows])
        entered = {one["id"]: one["entered"] for rows in groups.values() for one in rows}
        self.assertEqual({one["id"]: one["entered"] for one in loaded}, entered)
        self.assertEqual(4, len([path for path in files if path.startswith("data/measurements/")]))
        self.assertNotIn("data/customers.json", files)
        keys = [one["slug"] for one in json.loads(files["data/tags.json"])]
        self.assertEqual(sorted(TAG_KEYS), keys)


# ---- instances with limits and caches ----


class NarrowTest(TravelCase):
    """An instance that answers at most 100 rows a request, out of a cache that nobody clears."""

    @classmethod
    def setUpClass(cls):
        # Two started at once would not be faster: both settings live in one process.
        cls.narrow = case.lab().instance(
            "narrow", flavor="prod", env={"QUERY_LIMIT_MAX": "100", "CACHE_ENABLED": "true", "CACHE_STORE": "memory"})

    def arrive(self):
        """The narrow instance as prod arrived; a repository with the files."""
        self.journey()
        self.narrow.reset("full_arrived", of=self.prod)
        return self.repository(FULL.config, self.journey().files, narrow=self.narrow)

    def test_export(self):
        repo = self.arrive()
        self.assertEqual(100, len(self.narrow.api.get("/items/measurements", limit=-1, fields=["id"])))
        repo.run("--env", "narrow", "export", "--check").check(0)
        self.assert_same_files(self.journey().files, self.export(FULL.config, "narrow", narrow=self.narrow))

    def test_import(self):
        """Batches of more rows than an answer may hold."""
        repo = self.arrive()
        before = dump.of(self.narrow.api)
        self.narrow.execute("DELETE FROM articles_tags", "DELETE FROM measurements",
                            "DELETE FROM directus_translations",
                            "DELETE FROM directus_permissions", "UPDATE people SET mentor = NULL, name = 'x'")
        said = repo.run("--json", "--env", "narrow", "import", "--again").check().json()
        self.assertEqual(740, said["rows_written"])
        after = dump.of(self.narrow.api)
        for side in (before, after):  # the only ids that are not kept
            contents = Counter(json.dumps({**one, "id": 0}, sort_keys=True) for one in side["permissions"].values())
            side["permissions"] = {content: {"count": count} for content, count in contents.items()}
        self.assert_no_changes(before, after)
        newest = dump.newest(self.narrow.api)
        self.assertTrue(repo.run("--json", "--env", "narrow", "import", "--again").check().json()["nothing_to_do"])
        self.assertEqual(newest, dump.newest(self.narrow.api))

    def test_stale_cache(self):
        """What the cache still says is neither exported nor taken for the target's state."""
        repo, api = self.arrive(), self.narrow.api
        repo.run("--env", "narrow", "export").check()
        role = f"/roles/{uid('role', 'Clerks')}"
        old = [api.get(path) for path in (role, "/items/tags/7", "/settings", "/schema/snapshot")]
        api.patch(role, {"icon": "changed"})
        api.patch("/items/tags/7", {"label": "changed"})
        api.patch("/settings", {"project_name": "changed"})
        self.narrow.execute("UPDATE directus_collections SET note = 'changed' WHERE collection = 'tags'")
        self.assertEqual(old, [api.get(path) for path in (role, "/items/tags/7", "/settings", "/schema/snapshot")])
        repo.run("--env", "narrow", "export").check()
        self.assertEqual("changed", repo.json("schema/settings.json")["project_name"])
        self.assertEqual("changed", repo.json("schema/collections/tags.json")["meta"]["note"])
        self.assertIn('{"label":"changed","slug":"7"}', repo.read("schema/data/tags.json"))
        self.assertIn("changed",
                      "".join(repo.read(f"schema/{path}") for path in repo.files() if path.startswith("roles/clerks")))
        back = self.repository(FULL.config, self.journey().files, narrow=self.narrow)
        said = back.run("--json", "--env", "narrow", "import", "--again").check().json()
        self.assertEqual({"roles", "settings", "collections"}, {one["type"] for one in said["plan"]["changes"]})
        back.run("--env", "narrow", "export", "--check").check(0)


if __name__ == "__main__":
    case.main()
