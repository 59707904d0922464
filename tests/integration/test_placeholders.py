"""Secrets of a project: refused in clear, carried as placeholders, and shown by their names alone.

Every secret here is made up; those that must be found by their look are written in two halves, so that no scanner of
this repository takes them for real.
"""

import json
import os

from tests.project import SMALL, uid
from tests.support import case
from tests.support.proxy import Proxy
from tests.integration.test_secrets import forms

GITHUB = "ghp_" + "0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0kP9lM"
SLACK = "https://hooks.slack.com/services/" + "T0ABCDEFG/B0HIJKLMN/a1B2c3D4e5F6g7H8i9J0k1L2"
BEARER = "Qm4x7zPq81kWvB2nL6tYc9Rd"
VAULT = "plain but secret words"
FLOW, SEND = uid("flow", "Small"), uid("operation", "Small/yes")
HEADERS = [{"header": "Accept", "value": "application/json"}, {"header": "Authorization", "value": f"Bearer {BEARER}"}]


def setUpModule():
    case.open_lab()


class PlaceholderTest(case.Case):
    def setUp(self):
        SMALL.prepare(self.dev)
        self.prod.reset()
        self.repo = self.repository(SMALL.config)
        self.hidden = {GITHUB, SLACK, BEARER, VAULT}

    def options(self, instance, **options):
        instance.api.patch(f"/operations/{SEND}", {"type": "request", "options": options})

    def configure(self, **collections):
        self.repo.write("schema-sync.json", json.dumps({"collections": {**SMALL.config["collections"], **collections}}))

    def env(self, **values):
        self.repo.write(".env", "".join(f"{name}='{value}'\n" for name, value in values.items()))

    def run_clean(self, *line, status=(0,), env=None):
        done = self.repo.run(*line, env=env).check(*status)
        for text in (done.out, done.err):
            for secret in self.hidden:
                for form in forms(secret):
                    self.assertNotIn(form, text, line)
        return done

    def export(self, *line, status=(0,)):
        return self.run_clean("-v", "--env", "dev", "export", *line, status=status)

    def files_clean(self):
        for path, content in self.repo.files().items():
            for secret in self.hidden:
                self.assertNotIn(secret.encode(), content, path)

    def operation(self):
        (path,) = [path for path in self.repo.files() if path.startswith("flows/")]
        (found,) = [one for one in self.repo.json(f"schema/{path}")["operations"] if one["id"] == SEND]
        return f"schema/{path}", found["options"]

    def sent(self, instance):
        return json.loads(instance.value(f"SELECT options::text FROM directus_operations WHERE id = '{SEND}'"))

    # ---- in clear ----

    def test_refused_then_named(self):
        """Nothing is written; each line that is printed is enough to go on."""
        self.options(self.dev, url=SLACK, headers=HEADERS, body="key: {{$env.KEY}} ${LITERAL}")
        self.dev.api.patch("/settings", {"project_descriptor": GITHUB})
        done = self.export(status=(77,))
        self.assertEqual({}, self.repo.files())
        self.assertIn("3 secrets would be written in clear", done.err)
        for part in ("(/operations/", "/options/headers/1/value): Authorization header", "Slack webhook", "settings.json: (/project_descriptor): GitHub token",
                     f'"directus_operations": {{ "harmless": ["{SEND}:options/url"] }}', '"directus_settings": { "harmless": ["project_descriptor"] }',
                     f"SMALL_YES_AUTHORIZATION=<its value> to .env, all {len(BEARER) + 7} characters of it", "SMALL_YES_URL=<its value>"):
            self.assertIn(part, done.err)
        error = self.run_clean("--json", "--env", "dev", "export", status=(77,)).json()["error"]
        self.assertEqual("refused", error["kind"])
        self.assertIn("Slack webhook", error["message"])
        # one harmless, two named
        self.configure(directus_settings={"harmless": ["project_descriptor"]})
        self.hidden.remove(GITHUB)
        self.env(SMALL_YES_URL=SLACK, SMALL_YES_AUTHORIZATION=f"Bearer {BEARER}")
        self.export()
        self.files_clean()
        self.assertEqual(GITHUB, self.repo.json("schema/settings.json")["project_descriptor"])
        _, options = self.operation()
        self.assertEqual({"url": "${SMALL_YES_URL}", "body": "key: {{$env.KEY}} ${LITERAL}",
                          "headers": [HEADERS[0], {"header": "Authorization", "value": "${SMALL_YES_AUTHORIZATION}"}]}, options)
        self.assertEqual(0, self.export("--check").status)
        # the other side needs the names, all of them, before anything happens
        self.env(SMALL_YES_URL="")
        self.repo.run("--env", "prod", "install").check()
        with self.nothing_written(self.prod), Proxy(self.prod.url) as proxy:
            done = self.repo.run("--env", "prod", "import", env={"PROD_DIRECTUS_URL": proxy.url}).check(78)
            self.assertEqual([], proxy.log)
        self.assertIn("2 placeholders of the files have no value: SMALL_YES_AUTHORIZATION (schema/flows/small", done.err)
        self.assertIn("; SMALL_YES_URL (schema/flows/", done.err)
        self.assertIn("2 placeholders of the files have no value", self.repo.run("--env", "prod", "doctor").check(78).out)
        # and has values of its own under them
        self.env(SMALL_YES_AUTHORIZATION="Bearer of prod 1", PROD_SMALL_YES_URL="https://prod.example.com/hook",
                 SMALL_YES_URL=SLACK)
        self.run_clean("-v", "--env", "prod", "import")
        self.assertEqual("https://prod.example.com/hook", self.sent(self.prod)["url"])
        self.assertEqual("Bearer of prod 1", self.sent(self.prod)["headers"][1]["value"])
        self.assertEqual("key: {{$env.KEY}} ${LITERAL}", self.sent(self.prod)["body"])
        before = self.repo.files()
        self.run_clean("--env", "prod", "export")
        self.assert_same_files(before, self.repo.files())

    def test_literals(self):
        """A text that looks like a placeholder travels as it is."""
        texts = ["${LITERAL}", "$${LITERAL}", "$$${TWO}", "a ${LITERAL}", "${lower}", "${}", "$", "${OPEN"]
        self.options(self.dev, texts=texts)
        self.export()
        _, options = self.operation()
        self.assertEqual(["$${LITERAL}", "$$${LITERAL}", "$$$${TWO}", *texts[3:]], options["texts"])
        self.run_clean("--env", "prod", "import")
        self.assertEqual(texts, self.sent(self.prod)["texts"])
        before = self.repo.files()
        self.run_clean("--env", "prod", "export")
        self.assert_same_files(before, self.repo.files())

    def test_overrides(self):
        """What one environment has of its own may be a placeholder too; the files do not move."""
        config = {**SMALL.config, "environments": {"prod": {"overrides": {"directus_settings": {"project_descriptor": "${WORDS}"}}}}}
        self.repo.write("schema-sync.json", json.dumps(config))
        self.dev.api.patch("/settings", {"project_descriptor": "of dev"})
        self.export()
        self.assertIn("WORDS (schema/settings.json: (/project_descriptor))", self.repo.run("--env", "prod", "import").check(78).err)
        self.env(WORDS=VAULT)
        self.run_clean("-v", "--env", "prod", "import")
        self.assertEqual(VAULT, self.prod.value("SELECT project_descriptor FROM directus_settings"))
        before = self.repo.files()
        self.run_clean("-v", "--env", "prod", "export")
        self.assert_same_files(before, self.repo.files())

    # ---- declared places, rows ----

    def test_declared(self):
        """Within a text, in rows, by an item's name; the file's text stays while it stands for what the instance has."""
        self.configure(directus_operations={"secrets": ["options/headers/header=Authorization/value"]},
                       notes={"secrets": ["body", "extra/key"]})
        self.options(self.dev, headers=HEADERS)
        note = uid("notes", 0)
        self.dev.api.patch("/items/notes", [
            {"id": note, "body": VAULT, "extra": {"key": f"x {BEARER} ${{FREE}}"}},
            *({"id": uid("notes", i), "body": None, "extra": json.dumps("${BEARER}")} for i in (1, 2, 3))])
        self.env(BEARER=BEARER)
        done = self.export(status=(77,))
        self.assertIn(f"schema/data/notes: row {note}: (/body): text at a place declared secret, 22 characters", done.err)
        self.assertIn("add NOTES_BODY=<its value> to .env", done.err)
        self.env(BEARER=BEARER, WORDS=VAULT)
        self.hidden.add("73391552")  # no text can stand for a number
        self.dev.api.patch(f"/items/notes/{note}", {"extra": {"key": 73391552}})
        done = self.export(status=(77,))
        self.assertIn(f"schema/data/notes: row {note}: (/extra/key): number at a place declared secret, 8 characters", done.err)
        self.assertIn('add "notes": { "exclude": ["extra"] } to "collections"', done.err)
        self.dev.api.patch(f"/items/notes/{note}", {"extra": {"key": f"x {BEARER} ${{FREE}}"}})
        self.export()
        self.files_clean()
        path, options = self.operation()
        self.assertEqual("Bearer ${BEARER}", options["headers"][1]["value"])
        rows = {one["id"]: one for one in self.repo.json("schema/data/notes.json")}
        self.assertEqual(("${WORDS}", "x ${BEARER} $${FREE}", "${BEARER}"),
                         (rows[note]["body"], rows[note]["extra"]["key"], rows[uid("notes", 1)]["extra"]))
        self.env(BEARER="other1", WORDS="")
        done = self.repo.run("--env", "prod", "import").check(78)
        self.assertRegex(done.err, r"1 placeholder of the files has no value: WORDS \(schema/data/notes\.json: line \d+: \(/body\)\)")
        self.env(BEARER=BEARER, WORDS=VAULT)
        self.run_clean("-v", "--env", "prod", "import")
        self.assertEqual(VAULT, self.prod.value(f"SELECT body FROM notes WHERE id = '{note}'"))
        self.assertEqual({"key": f"x {BEARER} ${{FREE}}"}, json.loads(self.prod.value(f"SELECT extra::text FROM notes WHERE id = '{note}'")))
        self.assertEqual(f"Bearer {BEARER}", self.sent(self.prod)["headers"][1]["value"])
        self.assertIn("nothing to do", self.run_clean("--env", "prod", "diff", "--again").out)
        before = self.repo.files()
        self.run_clean("--env", "prod", "export")
        self.assert_same_files(before, self.repo.files())
        # an item in front moves the place, not the placeholder
        self.options(self.dev, headers=[{"header": "X-First", "value": "1"}, *HEADERS])
        self.export("--overwrite")
        self.assertEqual("Bearer ${BEARER}", self.operation()[1]["headers"][2]["value"])
        # a value that is another one now is not written in clear
        self.hidden.add("changed-1-on-dev")
        self.options(self.dev, headers=[{"header": "Authorization", "value": "changed-1-on-dev"}])
        done = self.export(status=(77,))
        self.assertIn("another value than the placeholder's", done.err)
        self.assertIn("the file has Bearer ${BEARER} there", done.err)

    def test_shapes_in_rows(self):
        note = uid("notes", 1)
        self.configure(notes={"secrets": ["bdy"]})
        self.assertIn('/collections/notes/secrets: notes has no field "bdy"', self.export(status=(78,)).err)
        self.configure()
        self.dev.api.patch("/items/notes", [{"id": note, "body": f"use {GITHUB}, password=hunter2hunter2"}])
        done = self.export(status=(77,))
        self.assertIn(f"row {note}: (/body): GitHub token, 40 characters", done.err)
        self.assertIn('add "notes": { "secrets": ["body"] } to "collections"', done.err)
        self.configure(notes={"harmless": [f"{note}:body"]})
        self.hidden.remove(GITHUB)
        self.export()

    # ---- what is shown ----

    def test_nothing_is_shown(self):
        """Old and new values in plans, what a server repeats, the marker, the record of requests."""
        self.configure(directus_operations={"secrets": ["options/headers/*/value"]})
        self.options(self.dev, headers=[HEADERS[1]], url="https://example.com/")
        self.env(BEARER=BEARER)
        self.export()
        self.env(BEARER="another-" + BEARER[::-1])
        self.hidden.update(("another-" + BEARER[::-1], "third-0ld-value"))
        self.run_clean("--env", "prod", "import")
        self.options(self.prod, headers=[{"header": "Authorization", "value": "Bearer third-0ld-value"}], url=GITHUB)
        for line in ("-v --env prod diff --again", "--json --env prod diff --again"):
            done = self.run_clean(*line.split(), status=(2,))
            self.assertIn("${BEARER}", done.out)
        record = os.path.join(self.repo.folder, "record.jsonl")
        with Proxy(self.prod.url) as proxy:
            proxy.fault(lambda one: one.method == "PATCH" and one.path.startswith("/operations"), "status", times=99, status=400,
                        body=json.dumps({"errors": [{"message": f"no: another-{BEARER[::-1]}, third-0ld-value", "extensions": {"code": "NO"}}]}).encode())
            done = self.run_clean("-v", "--env", "prod", "import", "--again", status=(69,),
                                  env={"PROD_DIRECTUS_URL": proxy.url, "SCHEMA_SYNC_RECORD": record})
        self.assertIn("no: ${BEARER}", done.err)
        with open(record, encoding="utf-8") as file:
            written = file.read()
        marker = json.dumps(self.prod.query("SELECT * FROM directus_settings"), default=str)
        self.assertIn("${BEARER}", written)
        self.assertIn("no: ${BEARER}", marker)
        for secret in self.hidden - {SLACK, VAULT}:
            self.assertNotIn(secret, written)
            self.assertNotIn(secret, marker)
        self.files_clean()
        # the marker knows the files, not what names stand for: a rotated secret needs --again
        self.run_clean("--env", "prod", "import", "--again")
        self.env(BEARER="fourth-1-value")
        self.assertIn("nothing", self.run_clean("--env", "prod", "import").out)
        self.assertEqual(f"Bearer another-{BEARER[::-1]}", self.sent(self.prod)["headers"][0]["value"])
        self.run_clean("--env", "prod", "import", "--again")
        self.assertEqual("Bearer fourth-1-value", self.sent(self.prod)["headers"][0]["value"])


if __name__ == "__main__":
    case.main()
