"""Bad input: every fault is refused with the place and the mend, and nothing is written anywhere.

Each case runs the program on files, a configuration or a target that is wrong in one way. It must end with the status
of its kind and a message that names the place, the hint must say the mend, and afterwards the whole database of the
target and all files are what they were.
"""

import contextlib
import copy
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
import unittest

from tests.project import SMALL, uid
from tests.project.build import any_relation, collection, field, uuid_key
from tests.support import case, fingerprint, processes
from tests.support.proxy import Proxy, tls_context

FILES, REMOTE, IO, REFUSED, CONFIG, USAGE = 65, 69, 74, 77, 78, 64

LINKS = collection("links", uuid_key(), field("collection", "string"), field("item", "string"))
LINKED = any_relation("links", "item", ["notes", "topics"], one_collection_field="collection")
ROWS = [
    {"id": uid("links", "a"), "collection": "notes", "item": uid("notes", 0)},
    {"id": uid("links", "b"), "collection": "topics", "item": "plain"},
]
CHOSEN = {"collections": {**SMALL.config["collections"], "links": True}}

FLOW = "flows/small-7338fa62.json"
DASHBOARD = "dashboards/small-b80ca5cc.json"
POLICY = "policies/small-notes-1766df0c.json"
DESK = "roles/small-desk-6017791c.json"
STAFF = "roles/small-staff-61105cd6.json"
NOTES = "data/notes.json"
# What asks before it has checked the files ends with another status.
DEAD = {"PROD_DIRECTUS_URL": "http://127.0.0.1:9", "SCHEMA_SYNC_RETRY": "0"}
UNKNOWN = "0b9ab3a2-6a9c-4d0f-9a58-2f7f6f1f0d11"
ADMIN_POLICY = "policies/administrator-706b6679.json"


def setUpModule():
    case.open_lab()


# ---- edits ----


def text(old, new):
    """Replaces the one place where `old` stands."""

    def edit(content):
        old_bytes, new_bytes = (one if isinstance(one, bytes) else one.encode() for one in (old, new))
        if content.count(old_bytes) != 1:
            raise AssertionError(f"{old!r} stands {content.count(old_bytes)} times in the file")
        return content.replace(old_bytes, new_bytes)

    return edit


def value(change):
    """Changes the parsed file."""

    def edit(content):
        parsed = json.loads(content)
        change(parsed)
        return json.dumps(parsed, indent=2, ensure_ascii=False).encode() + b"\n"

    return edit


def put(*steps):
    """value() that sets what the last but one steps lead to: put("operations", 0, "resolve", "x")."""

    def change(parsed):
        for step in steps[:-2]:
            parsed = parsed[step]
        parsed[steps[-2]] = steps[-1]

    return value(change)


def rows(change):
    """Changes the rows of a data file, which stays one row a line."""

    def edit(content):
        parsed = json.loads(content)
        change(parsed)
        lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in parsed)
        return f"[\n{lines}\n]\n".encode()

    return edit


def conflict(content):
    """One line as git leaves it after a merge that failed."""
    lines = content.decode().splitlines(keepends=True)
    middle = len(lines) // 2
    lines[middle : middle + 1] = ["<<<<<<< HEAD\n", lines[middle], "=======\n", lines[middle], ">>>>>>> theirs\n"]
    return "".join(lines).encode()


# ---- the base ----


class BadInput(case.Case):
    """A target that has the files' state, so that every fault can be told from what was there before."""

    _state, _kept = {}, {}
    # Looking at the whole database takes as long as a run: where nothing should reach it, once a test is enough.
    looks_after_every_case = True

    def setUp(self):
        self.addCleanup(self.assert_untouched_at_last)
        if not self._state:
            self._prepare()
        self.repo = self.repository(CHOSEN, self.files)

    def _prepare(self):
        """Made once, then cloned."""
        if "files" in self._kept:
            self.dev.reset("bad_input")
            self.prod.reset("bad_input")
            self._state.update(self._kept)
            return
        SMALL.prepare(self.dev)
        self.prod.reset()
        self.dev.api.post("/collections", LINKS)
        self.dev.api.post("/relations", LINKED)
        self.dev.api.post("/items/links", ROWS)
        repo = self.repository(CHOSEN)
        repo.run("--env", "dev", "export").check()
        repo.run("--env", "prod", "import").check()
        self._kept.update(files=repo.files(), prod=fingerprint.of(self.prod))
        self._state.update(self._kept)
        self.dev.save("bad_input")
        self.prod.save("bad_input")

    @property
    def files(self):
        return self._state["files"]

    def edit(self, files):
        """Writes the edits; None removes a file. Returns what then stands there."""
        for path, how in files.items():
            full = os.path.join(self.repo.state, path)
            if how is None:
                os.unlink(full)
            else:
                self.repo.write(os.path.join("schema", path), how(self.files[path]) if callable(how) else how)
        return self.repo.files()

    def restore(self):
        shutil.rmtree(self.repo.state)
        for path, content in self.files.items():
            self.repo.write(os.path.join("schema", path), content)

    def said(self, done, status, says, mend):
        """The one error, with its place and its mend."""
        self.assertEqual(done.status, status, done.err + done.out)
        self.assertEqual("", done.out)
        found = re.search(r"^schema-sync: (.*)\n  hint: (.*)\n\Z", done.err, re.MULTILINE)
        self.assertTrue(found, done.err)
        self.assertRegex(found[1], says)
        self.assertRegex(found[2], mend)

    def refused(self, status, says, mend, *arguments, files=None, env=None, claims=False):
        """Runs import, or what is named, with those edits of the state's files.

        `claims`: what is wrong is only seen with the lock in hand; the lock is given back and its number has grown.
        """
        with self.subTest(says):
            try:
                before = self.edit(files or {})
                done = self.repo.run("--env", "prod", *(arguments or ("import",)), env=env)
                self.said(done, status, says, mend)
                self.assert_same_files(before, self.repo.files())
                if self.looks_after_every_case:
                    self.assert_untouched(claims)
            finally:
                self.restore()

    def assert_untouched_at_last(self):
        if self._state:
            self.assert_untouched()

    def assert_untouched(self, claims=False, instance=None, expected=None):
        """The whole database is what it was; a change is told once, not again by every case after it."""
        own = instance is None and expected is None
        before = self._state["prod"] if expected is None else expected
        after = fingerprint.of(instance or self.prod)
        if own:
            self._state["prod"] = after
        self.assertEqual({}, fingerprint.differences(before, after, but=fingerprint.LOCKED if claims else ()))


class FileTest(BadInput):
    """Files of the state that cannot be what they should be: 65, before anything is asked of anybody."""

    looks_after_every_case = False

    def bad(self, says, mend, **options):
        self.refused(FILES, says, mend, env=DEAD, **options)

    def test_malformed_json(self):
        for how, says, mend in (
            (text('"Small",', '"Small"'), r"line 8, column 3 \(/name\): ',' or '}' must follow the value", "comma missing"),
            (text('"Small",', '"Small",,'), r"line 7, column 19 \(/name\): a key in double quotes", "key in double quotes"),
            (text('"status": "active"', "'status': 'active'"), r"line 61, column 3 .*: a key in double", "double quotes"),
            (text('"Small",', '"Small", // a comment'), r"line 7, column 20 \(/name\)", "double quotes"),
            (lambda content: content + b"{}\n", r"line 64, column 1: '\{' after the end of the value", "one value"),
            (lambda content: content[:300], r"line 12, column 14 \(/operations/0/key\): the string is not closed", "close"),
            (lambda content: content[:-3], r"line 62, column \d+ \(/trigger\): .*the end of the text", "cut off"),
            (lambda content: b"", r"line 1, column 1: there is no value", "empty object"),
            (lambda content: b"\xef\xbb\xbf" + content, r"line 1, column 1: a byte order mark", "without"),
            (text('"Small"', '"Sm\\u0000all"'), r"line 7, column 14 \(/name\): \\u0000 in a string", "PostgreSQL"),
            (text('"Small"', b'"Sm\x00all"'), r"line 7, column 14 \(/name\): the control character 0x00", r"\\uXXXX"),
            (text('"Small"', '"Sm\\all"'), r"line 7, column 14 \(/name\): a backslash before 'a'", "escapes are"),
            (text('"Small"', "NaN"), r"line 7, column 11 \(/name\): an unknown word", "true, false and null"),
            (lambda content: b'["a flow"]\n', r": a flow must be an object", "correct the file"),
        ):
            self.bad("^schema/" + FLOW + ".*" + says, mend, files={FLOW: how})

    def test_malformed_rows(self):
        for how, says, mend in (
            (text("}\n]", "},\n]"), r"line 6, column 1 \(/4\): a comma before '\]'", "remove the comma"),
            (text('"note 0",', '"note 0"'), r"line 2, column \d+ \(/0/title\): ',' or '}' must follow", "comma missing"),
            (lambda content: content[:-2], r"line 6, column 1 \(/4\): the file ends here", "restore it"),
            (lambda content: content[:-20], r"line 5, column 3 \(/3\): the file ends inside the row", "cut short"),
            (lambda content: b"", r"line 1, column 1 \(/0\): the file ends here", "cut short"),
            (lambda content: b"{}\n", r"line 1, column 1 \(/0\): found '\{' where an array of rows", "array of objects"),
            (lambda content: b"[7]\n", r"line 1, column 2 \(/0\): found '7' where a row", "array of objects"),
            (lambda content: content + b"x", r"line 7, column 1 .*where the end of the file", "one array"),
        ):
            self.bad("^schema/" + NOTES + ": " + says, mend, files={NOTES: how})

    def test_malformed_others(self):
        removed = "removed.jsonl"
        for content, says, mend in (
            ('["roles", "x"]\n', r"line 1: an entry is", "schema-sync rm"),
            ('["roles", "x", null]\n["flow", null, ["x"]]\n', r"line 2: \"flow\" is no kind of record", 'did you mean "flows"'),
            ('["flows", null, ["Small"]]\n', r"line 1: flows are named by their id", "<id>"),
            ('["roles", "x", null]\n["roles"\n', r"line 2, column 9 \(/1/0\): ',' or '\]' must follow", "cut off"),
            ('["roles", "x", null]\n\n<<<<<<< HEAD\n', r"line 3, column 1.*conflict", "finish the merge"),
        ):
            self.bad("^schema/removed.jsonl: " + says, mend, files={removed: content})
        for how, says, mend in (
            (lambda content: b"{\n", r"^schema/info.json: line 2, column 1: .*the end of the text", "close the object"),
            (conflict, r"^schema/info.json: line 3, column 1 .*merge conflict", "finish the merge"),
            (put("format", "1"), r"^schema/info.json: \(/format\): must be the number", "from git"),
            (put("format", 2), r"newer schema-sync \(format 2, known is 1\)", "version of schema-sync"),
            (put("directus", 12), r"^schema/info.json: \(/directus\): must be", "from git"),
            (put("directus", "twelve"), r"^schema/info.json: \(/directus\): must be", "from git"),
            (put("vendor", None), r"^schema/info.json: \(/vendor\): must be", "from git"),
            (None, r"^schema/info.json is missing, although there is a collections/desk.json", "restore it"),
        ):
            # It is not part of the hash: without --again there would be nothing to do.
            self.refused(FILES, says, mend, "import", "--again", files={"info.json": how}, env=DEAD)

    def test_conflict_markers(self):
        for path in (FLOW, NOTES, "collections/notes.json", "translations.json"):
            self.bad(f"^schema/{path}: line \\d+, column 1.*merge conflict", "finish the merge", files={path: conflict})

    def test_duplicate_keys(self):
        self.bad(rf"^schema/{FLOW}: line 8, column 3 \(/name\): duplicate key", "remove one of the two",
                 files={FLOW: text('"name": "Small",', '"name": "Small",\n  "name": "Other",')})
        # the second one is the same only once it is decoded
        for again in ("title", "titl\\u0065"):
            self.bad(rf"^schema/{NOTES}: line 2, column 163 \(/0/title\): duplicate key", "remove one of the two",
                     files={NOTES: text('"title":"note 0"', f'"title":"note 0","{again}":"note 0"')})

    def test_text_that_is_no_text(self):
        for old, new, says, mend in (
            (b'"Small"', b'"Sm\xe4ll"', r"invalid UTF-8 \(byte 0xe4\)", "as UTF-8"),
            (b'"Small"', b'"\xc0\xaf"', "invalid UTF-8", "as UTF-8"),  # overlong
            (b'"Small"', b'"\xed\xa0\x80"', "invalid UTF-8", "as UTF-8"),  # a surrogate in UTF-8
            (b'"Small"', b'"\xf5\x80\x80\x80"', "invalid UTF-8", "as UTF-8"),  # beyond U+10FFFF
            (b'"Small"', b'"\\ud800"', "half of a surrogate pair", "character itself"),
            (b'"Small"', b'"\\udc00\\ud800"', "half of a surrogate pair", "character itself"),
        ):
            self.bad(f"^schema/{FLOW}: line 7, column \\d+ \\(/name\\): .*{says}", mend, files={FLOW: text(old, new)})
        self.bad(f"^schema/{NOTES}: line 2, column \\d+ \\(/0/title\\): invalid UTF-8", "as UTF-8",
                 files={NOTES: text('"note 0"', b'"note \xff"')})
        self.bad(f"^schema/{NOTES}: line 3, column \\d+ \\(/1/title\\): .*surrogate", "character itself",
                 files={NOTES: text('"note 3"', b'"note \\udead"')})

    def test_nesting(self):
        def nested(depth):
            return "[" * depth + "]" * depth

        self.bad(rf"^schema/{FLOW}: line 58, column 132 \(/options/collections/0.*\): nested deeper than 128", "flatten",
                 files={FLOW: text('"notes"\n    ]', nested(127) + "]")})
        for depth in (128, 100000):
            self.bad(rf"^schema/{NOTES}: line 2, column 163 \(/0/extra/0.*\): nested deeper than 128", "flatten",
                     files={NOTES: text('{"n":0,"x":0.1}', nested(depth))})

    def test_numbers(self):
        for number, says in (
            ("9007199254740993", "the integer 9007199254740993 would change: a double holds 9007199254740992"),
            ("-9007199254740993", "would change"), ("123456789012345678901234567890", "would change"),
            ("1e400", "too large for a double"), ("-1e999999999999", "too large for a double"), ("01", "leading zero"),
            (".5", "."), ("1.", "."), ("+1", "."), ("0x1f", "."), ("Infinity", "unknown word"),
        ):
            self.bad(rf"^schema/{FLOW}: line 58, column \d+ \(/options/collections/0\): .*{says}", ".",
                     files={FLOW: text('"notes"\n    ]', number + "\n    ]")})
        for number, says in (("9007199254740993", "would change"), ("1e400", "too large"), ("01", "leading zero")):
            self.bad(rf"^schema/{NOTES}: line 2, column \d+ \(/0/extra/n\): .*{says}", ".",
                     files={NOTES: text('{"n":0', '{"n":' + number)})

    def test_two_records_of_one_id(self):
        self.bad("^schema/roles/copy.json and schema/roles/small-desk-6017791c.json: two roles with the id",
                 "fresh uuid", files={"roles/copy.json": self.files[DESK]})
        self.bad(r"^schema/flows/small-7338fa62.json \(/operations/0\) and .* \(/operations/3\): two operations", "fresh uuid",
                 files={FLOW: value(lambda flow: flow["operations"].append(flow["operations"][0]))})
        self.bad("^schema/collections/again.json and schema/collections/desk.json: two collections with the key \"desk\"",
                 "remove one", files={"collections/again.json": self.files["collections/desk.json"]})
        self.bad(r"collections/notes.json \(/fields/0\) and .*/fields/6\): two fields with the key", "remove one",
                 files={"collections/notes.json": value(lambda one: one["fields"].append(one["fields"][0]))})
        self.bad(r"^schema/translations.json \(/0\) and schema/translations.json \(/2\): two translations", "fresh uuid",
                 files={"translations.json": value(lambda all: all.append(all[0]))})
        self.bad(f"^schema/{DESK}: \\(/id\\): the id of a role is a uuid", "uuidgen", files={DESK: put("id", "desk")})
        self.bad(f"^schema/{DESK}: a role needs an \"id\"", "uuidgen", files={DESK: value(lambda role: role.pop("id"))})

    def test_incomplete(self):
        self.bad("^the state in schema is incomplete: an export was interrupted", "schema-sync export` again",
                 files={".incomplete": ""})

    def test_references_to_nowhere(self):
        other = value(lambda flow: flow["operations"][0].update(resolve=UNKNOWN))
        for path, how, says in (
            (DESK, put("parent", UNKNOWN), rf"^schema/{DESK}: \(/parent\): the files have no role"),
            (POLICY, put("roles", 0, "role", UNKNOWN), rf"^schema/{POLICY}: \(/roles/0/role\): the files have no role"),
            (FLOW, other, rf"^schema/{FLOW}: \(/operations/0/resolve\): the files have no operation"),
            (FLOW, put("operations", 0, "reject", UNKNOWN), rf"^schema/{FLOW}: \(/operations/0/reject\): the files have no"),
            (FLOW, put("operation", UNKNOWN), rf"^schema/{FLOW}: \(/operation\): the files have no operation"),
            ("presets.json", put(0, "role", UNKNOWN), r"^schema/presets.json: \(/0/role\): the files have no role"),
            ("folders.json", put(0, "parent", UNKNOWN), r"^schema/folders.json: \(/\d/parent\): the files have no folder"),
            ("settings.json", put("public_registration_role", UNKNOWN),
             r"^schema/settings.json: \(/public_registration_role\): the files have no role"),
            ("settings.json", put("storage_default_folder", UNKNOWN),
             r"^schema/settings.json: \(/storage_default_folder\): the files have no folder"),
            ("collections/notes.json", put("meta", "group", "nowhere"),
             r"^schema/collections/notes.json: \(/meta/group\): the files have no collection \"nowhere\""),
            ("collections/notes.json", put("relations", 0, "related_collection", "nowhere"),
             r"^schema/collections/notes.json: \(/relations/0/related_collection\): the files have no collection"),
        ):
            self.bad(says, "take the reference out|correct", files={path: how})
        self.bad(rf"^schema/{DESK}: \(/parent\): the files have no role", "add its file", files={STAFF: None})

    def test_unknown_members(self):
        for path, how, says, mend in (
            ("collections/notes.json", put("titel", 1), r"^schema/collections/notes.json: \(/titel\): a collection has no such", "."),
            ("collections/notes.json", put("fields", 0, "kind", 1), r"\(/fields/0/kind\): a field has no such member", "."),
            (DESK, put("users", []), rf"^schema/{DESK}: \(/users\): this field is never carried", "remove the member"),
            ("settings.json", put("ai_openai_api_key", "k"), r"^schema/settings.json: \(/ai_openai_api_key\): .*never carried", "remove"),
            ("settings.json", put("schema_sync_hash", "k"), r"^schema/settings.json: \(/schema_sync_hash\): .*never", "remove"),
            (POLICY, put("roles", 0, "user", UNKNOWN), rf"^schema/{POLICY}: \(/roles/0/user\): .*never carried", "remove"),
            (FLOW, put("operations", 0, "flow", UNKNOWN), r"\(/operations/0/flow\): is said by the file", "."),
            ("collections/notes.json", put("meta", "collection", "other"), r"\(/meta/collection\): must be \"notes\"", "."),
            ("collections/notes.json", put("fields", 0, "schema", "table", "other"), r"\(/fields/0/schema/table\): must be", "."),
        ):
            self.bad(says, mend, files={path: how})

    def test_unknown_collections(self):
        self.bad(r"^schema/data/nowhere.json: the files have no collection \"nowhere\"", "remove the file",
                 files={"data/nowhere.json": "[]\n"})
        self.bad(r"^schema/data/nowhere/de.json: the files have no collection \"nowhere\"", "remove the file",
                 files={"data/nowhere/de.json": "[]\n"})

    def test_trees_that_run_in_circles(self):
        def folders(all):
            names = {one["name"]: one for one in all}
            names["small"]["parent"] = names["er"]["id"]

        def fields(collection):
            named = {one["field"]: one["meta"] for one in collection["fields"]}
            named["title"]["group"], named["body"]["group"] = "body", "title"

        staff = json.loads(self.files[DESK])["id"]
        for path, how, says in (
            ("folders.json", value(folders), r"^schema/folders.json: \(/\d/parent\): a folder cannot be its own parent: .*small"),
            (STAFF, put("parent", staff), r"^schema/roles/small-\w+-\w+.json: \(/parent\): a role cannot be its own parent: Small"),
            ("collections/desk.json", put("meta", "group", "notes"),
             r"^schema/collections/\w+.json: \(/meta/group\): a collection cannot be its own parent: "),
            ("collections/desk.json", put("meta", "group", "desk"), r"its own parent: desk › desk"),
            ("collections/notes.json", value(fields),
             r"^schema/collections/notes.json: \(/fields/\d/meta/group\): a field cannot be its own parent: notes.body › notes.title › "),
        ):
            self.bad(says, "another parent", files={path: how})

    def test_a_flow_that_runs_in_circles(self):
        """Directus 11 does not survive one that is active: it dies and cannot be started any more."""
        def circle(flow):
            flow["operations"][2]["resolve"] = flow["operations"][0]["id"]

        self.bad(rf"^schema/{FLOW}: \(/operations\): .*lead back to themselves", "break the circle", files={FLOW: value(circle)})

        def itself(flow):
            flow["operations"][0]["reject"] = flow["operations"][0]["id"]
            del flow["status"]  # active is the default

        self.bad(rf"^schema/{FLOW}: \(/operations\): .*lead back to themselves", "break the circle", files={FLOW: value(itself)})

    # ---- what is no file ----

    def test_links(self):
        outside = processes.work_folder("outside")
        self.addCleanup(shutil.rmtree, outside, ignore_errors=True)
        secret = os.path.join(outside, "file.json")
        with open(secret, "wb") as file:
            file.write(self.files[FLOW])
        for path, target in (
            (FLOW, secret), (NOTES, secret), ("info.json", secret), ("removed.jsonl", "/nowhere"), ("roles", outside),
            ("data/links", outside), ("elsewhere.json", "/etc/passwd"),
        ):
            with self.subTest(path):
                full = os.path.join(self.repo.state, path)
                if os.path.isdir(full):
                    shutil.rmtree(full)
                elif os.path.exists(full):
                    os.unlink(full)
                os.symlink(target, full)
                for command in (["import"], ["export", "--overwrite"]):
                    done = self.repo.run("--env", "prod", *command)
                    self.said(done, FILES, f"^schema/{path} is a symbolic link", "links are never followed")
                    self.assertEqual([os.path.join(outside, "file.json")], [entry.path for entry in os.scandir(outside)])
                    with open(secret, "rb") as file:
                        self.assertEqual(self.files[FLOW], file.read())
                    self.assert_untouched()
                self.assertTrue(os.path.islink(full))
                os.unlink(full)
                self.restore()

    def test_the_state_folder_is_a_link(self):
        outside = processes.work_folder("outside")
        self.addCleanup(shutil.rmtree, outside, ignore_errors=True)
        os.rename(self.repo.state, os.path.join(outside, "schema"))
        os.symlink(os.path.join(outside, "schema"), self.repo.state)
        for command in (["import"], ["diff"], ["hash"], ["export", "--overwrite"]):
            done = self.repo.run("--env", "prod", *command)
            self.said(done, FILES, r"/schema is a symbolic link", "links are never followed")
            self.assert_untouched()
        self.assert_same_files(self.files, {
            os.path.relpath(os.path.join(base, name), os.path.join(outside, "schema")):
                open(os.path.join(base, name), "rb").read()
            for base, _, names in os.walk(os.path.join(outside, "schema")) for name in names
        })

    def test_what_is_no_file(self):
        os.mkfifo(os.path.join(self.repo.state, "roles", "pipe.json"))
        done = self.repo.run("--env", "prod", "import")
        self.said(done, FILES, "^schema/roles/pipe.json is neither a file nor a folder", "remove it")
        os.unlink(os.path.join(self.repo.state, "roles", "pipe.json"))
        os.mkdir(os.path.join(self.repo.state, "roles", "folder.json"))
        self.repo.run("--env", "prod", "import").check()
        self.assert_untouched()

    # ---- sealed ----

    def test_a_sealed_state(self):
        sealed = self.repo.run("hash", "--manifest").check().out
        self.repo.write("schema-sync.manifest", sealed)
        self.repo.run("--env", "prod", "import").check()
        for files, says in (
            ({STAFF: text('"groups"', '"group"')}, f"^schema/{STAFF} differs from the sealed manifest"),
            ({NOTES: text('"note 0"', '"note 9"')}, f"^schema/{NOTES} differs from the sealed manifest"),
            ({"data/links.json": None}, "^schema/data/links.json is missing, which the sealed manifest has"),
            ({"removed.jsonl": ""}, "^schema/removed.jsonl is not in the sealed manifest"),
        ):
            self.bad(says, "bring back the files", files=files)
        for manifest, says in (
            (sealed + "x\n", r"^schema-sync.manifest: line 23 is no line of a manifest"),
            (sealed + "0" * 32 + "  ../../etc/passwd\n", r"^schema/../../etc/passwd is missing"),
            (sealed.replace("  ", " ", 1), r"^schema-sync.manifest: line 1 is no line of a manifest"),
            (b"\xff\x00", r"^schema-sync.manifest: line 1 is no line"),
        ):
            self.repo.write("schema-sync.manifest", manifest)
            self.bad(says, "seal")


class RowTest(BadInput):
    """Rows that do not go together with the schema or with each other."""

    def bad(self, says, mend, claims=True, **options):
        self.refused(FILES, says, mend, claims=claims, **options)

    def test_unknown_fields(self):
        self.bad(r"^schema/data/notes.json: line 3: \(/titel\): notes has no field \"titel\"", "remove the member",
                 files={NOTES: rows(lambda all: all[1].update(titel="x"))})

    def test_missing_keys(self):
        self.bad(r"^schema/data/notes.json: line 2: \(/id\): a row of notes without a value in its key", "give the row",
                 files={NOTES: rows(lambda all: all[0].pop("id"))})
        self.bad(r"^schema/data/notes.json: line 2: \(/id\): an object cannot be part", "choose another",
                 files={NOTES: rows(lambda all: all[0].update(id={}))})

    def test_two_rows_of_one_key(self):
        self.bad(r"^schema/data/notes.json: line 6: the same key as schema/data/notes.json: line 2", "remove one",
                 files={NOTES: rows(lambda all: all.append(all[0]))})

    def test_two_rows_of_one_configured_key(self):
        chosen = copy.deepcopy(CHOSEN)
        chosen["collections"]["notes"] = {"key": ["title", "topic"]}
        self.repo.write("schema-sync.json", json.dumps(chosen))
        self.bad(r"^schema/data/notes.json: line \d: the same key as schema/data/notes.json: line \d", "remove one",
                 files={NOTES: rows(lambda all: all[1].update(title="note 0", topic="a/b"))})

    def test_references_to_nowhere(self):
        """A row of a collection that is read, one of a collection that is not because it did not change, and neither."""
        row = r"^schema/data/notes.json: line 2: "
        there = "a row of notes that is neither in the files nor on the target"
        self.bad(rf"{row}\(/topic\): it refers to a row of topics that the target does not have", "correct the reference",
                 files={NOTES: rows(lambda all: all[0].update(topic="nowhere"))})
        self.bad(rf"{row}\(/topic\): it refers to a row of topics that is neither in the files nor", "add the row of topics",
                 files={NOTES: rows(lambda all: all[0].update(topic="nowhere")),
                        "data/topics.json": rows(lambda all: all[0].update(label="x"))})
        self.bad(rf"{row}\(/previous\): it refers to {there}", "add the row",
                 files={NOTES: rows(lambda all: all[0].update(previous=UNKNOWN))})
        for item in (UNKNOWN, "no uuid", "%", ""):
            self.bad(r"^schema/data/links.json: line \d: \(/item\): it refers to a row of notes that the target does not have", "correct",
                     files={"data/links.json": rows(lambda all: all[0].update(collection="notes", item=item))})
        self.bad(rf"^schema/data/links.json: line \d: \(/item\): it refers to {there}", "add the row",
                 files={"data/links.json": rows(lambda all: all[0].update(collection="notes", item=UNKNOWN)),
                        NOTES: rows(lambda all: all[0].update(title="changed"))})
        self.bad(r"^schema/data/links.json: line \d: \(/item\): it refers to a row of topics that", "correct",
                 files={"data/links.json": rows(lambda all: all[1].update(collection="topics"))})
        self.bad(r"^schema/data/links.json: line \d: \(/item\): there is no collection \"nowhere\"", "correct the row",
                 files={"data/links.json": rows(lambda all: all[0].update(collection="nowhere"))})

    def test_chosen_collections(self):
        for name, rule, says in (
            ("nowhere", True, "there is no collection nowhere"),
            ("desk", True, "collection desk is a folder and has no rows"),
            ("../../etc/passwd", True, "there is no collection ../../etc/passwd"),
            ("notes", {"key": ["titel"]}, "collection notes has no field \"titel\", which its key names"),
            ("notes", {"exclude": ["titel"]}, "collection notes has no field \"titel\", which its exclude names"),
            ("notes", {"groupBy": ["titel"]}, "collection notes has no field \"titel\", which its groupBy names"),
            ("notes", {"exclude": ["id"]}, "field notes.id is the primary key and cannot be excluded"),
            ("topics", {"key": "notes"}, "field topics.notes is not carried"),
        ):
            chosen = copy.deepcopy(CHOSEN)
            chosen["collections"][name] = rule
            self.repo.write("schema-sync.json", json.dumps(chosen))
            says = f"/schema-sync.json: /collections/{name.replace('/', '~1')}: {says}"
            self.refused(CONFIG, says, "in the configuration", "import", "--again", claims=True)
            self.refused(CONFIG, says, "in the configuration", "export", "--overwrite")


class TargetTest(BadInput):
    """The target does not have what the files need."""

    def fresh(self):
        """An empty target with the marker's columns, and its fingerprint."""
        if not self.prod.saved("installed"):
            self.prod.reset()
            self.repo.run("--env", "prod", "install").check()
            self.prod.save("installed")
        self.prod.reset("installed")
        return fingerprint.of(self.prod)

    def back(self):
        self._state.clear()

    def test_unknown_fields(self):
        known = (
            (DESK, put("motto", "x"), rf"^schema/{DESK}: \(/motto\): the target's roles have no field"),
            (POLICY, put("motto", "x"), rf"^schema/{POLICY}: \(/motto\): the target's policies have no field"),
            (POLICY, put("permissions", 1, "motto", "x"), rf"^schema/{POLICY}: \(/permissions/1/motto\): the target's permissions"),
            (FLOW, put("motto", "x"), rf"^schema/{FLOW}: \(/motto\): the target's flows have no field"),
            (FLOW, put("operations", 1, "motto", "x"), rf"^schema/{FLOW}: \(/operations/1/motto\): the target's operations"),
            (DASHBOARD, put("panels", 0, "motto", "x"), rf"^schema/{DASHBOARD}: \(/panels/0/motto\): the target's panels"),
            ("settings.json", put("motto", "x"), r"^schema/settings.json: \(/motto\): the target's settings have no"),
            ("folders.json", put(0, "motto", "x"), r"^schema/folders.json: \(/\d/motto\): the target's folders have no field"),
            ("translations.json", put(0, "motto", "x"), r"^schema/translations.json: \(/\d/motto\): the target's translations"),
            ("presets.json", put(0, "motto", "x"), r"^schema/presets.json: \(/\d/motto\): the target's presets have no field"),
        )
        for path, how, says in known:
            self.refused(FILES, says, "remove the member", files={path: how}, claims=True)
        self.addCleanup(self.back)
        empty = self.fresh()
        for path, how, says in known:
            with self.subTest(f"empty target: {says}"):
                self.edit({path: how})
                self.said(self.repo.run("--env", "prod", "import"), FILES, says, "remove the member")
                self.assert_untouched(claims=True, expected=empty)
                self.restore()


class GeometryTest(BadInput):
    """A geometry field in the files, and a database without PostGIS."""

    def test_missing_postgis(self):
        def add_place(one):
            place = copy.deepcopy(next(made for made in one["fields"] if made["field"] == "body"))
            place["field"] = place["meta"]["field"] = place["schema"]["name"] = "place"
            place["type"], place["schema"]["data_type"] = "geometry.Point", "geometry"
            one["fields"].append(place)

        files = {"collections/notes.json": value(add_place)}
        self.refused(REFUSED, r"^schema/collections/notes.json: \(/fields/\d+/type\): a geometry field needs PostGIS, which 127.0.0.1",
                     "CREATE EXTENSION postgis", files=files, env=DEAD)
        # Without the database only the server can tell.
        self.refused(REMOTE, r"POST /schema/apply: .*geometry", "CREATE EXTENSION postgis", "import", "--marker", "none", files=files)
        # It is seen before the first write of all, which adds the marker's columns.
        self.addCleanup(self._state.clear)
        self.prod.reset()
        self.edit(files)
        before = fingerprint.of(self.prod)
        self.said(self.repo.run("--env", "prod", "import"), REFUSED, "needs PostGIS", "CREATE EXTENSION postgis")
        self.assert_untouched(expected=before)


class ConfigTest(BadInput):
    """A configuration that is not right: 78, whatever the command."""

    looks_after_every_case = False

    def bad(self, says, mend, config=None, *arguments, **options):
        if config is not None:
            self.repo.write("schema-sync.json", config if isinstance(config, (str, bytes)) else json.dumps(config))
        self.refused(CONFIG, says, mend, *(arguments or ("import",)), **options)

    def test_every_command(self):
        self.repo.write("schema-sync.json", '{"dirr": "x"}')
        for command in ("export", "import", "diff", "status", "hash", "install", "lock", "init"):
            self.bad("schema-sync.json: /dirr: unknown key", "did you mean \"dir\"", None, command)

    def test_unknown_keys(self):
        for config, says, mend in (
            ({"colections": {}}, r"schema-sync.json: /colections: unknown key \"colections\"", "did you mean \"collections\""),
            ({"collections": {"notes": {"keys": "id"}}}, r"/collections/notes/keys: unknown key", "did you mean \"key\""),
            ({"collections": {"a/b~c": {"x": 1}}}, r"/collections/a~1b~0c/x: unknown key", "known keys here: \"key\", "),
            ({"environments": {"prod": {"host": "x"}}}, r"/environments/prod/host: unknown key", "known keys here: \"url\""),
            ({"token": "geheim"}, r"/token: \"token\" does not belong into a file that is committed", "set DIRECTUS_TOKEN"),
            ({"environments": {"prod": {"token": "geheim"}}}, r"/environments/prod/token: ", "set DIRECTUS_TOKEN"),
            ({"overrides": {}}, r"/overrides: \"overrides\" belong to an environment", "move them"),
            ({"ignore": [{"collection": "notes", "fields": "a"}]}, r"/ignore/0/fields: unknown key", "did you mean \"field\""),
            ({"environments": {"prod": {"override": {}}}}, r"/environments/prod/override: unknown key", "did you mean \"overrides\""),
            ({"collections": {"directus_rolls": True}}, r"/collections/directus_rolls: .*no system collection", "directus_roles"),
            ({"collections": {"directus_users": True}}, r"/collections/directus_users: users are not carried", "become null"),
        ):
            self.bad(says, mend, config)

    def test_wrong_values(self):
        for config, says, mend in (
            ([], r"schema-sync.json: must be an object", "smallest"),
            ({"mode": "force"}, r"/mode: must be \"add\", \"merge\" or \"mirror\"", "mirror also deletes"),
            ({"collections": ["notes"]}, r"/collections: must be an object", "for example"),
            ({"collections": {"notes": "all"}}, r"/collections/notes: must be true, false or an object", "write true"),
            ({"ignore": {"directus_flows": "a"}}, r"/ignore: must be an array", "for example"),
            ({"environments": {"prod": {"overrides": {"directus_flows": {"Small": True}}}}},
             r"/environments/prod/overrides/directus_flows/Small: must be an object", "for example"),
            ({"collections": {"notes": {"key": 7}}}, r"/collections/notes/key: must be a field name", "for example"),
            ({"collections": {"notes": {"filter": "x"}}}, r"/collections/notes/filter: must be an object", "_eq"),
            ({"environments": {"prod": {"url": "cms.example.com"}}}, r"/environments/prod/url: is no http", "https://cms"),
            ({"environments": {"prod": {"url": "https://me:pw@cms.example.com"}}}, r"/environments/prod/url: holds credentials",
             "DIRECTUS_TOKEN"),
            ({"environments": {"prod": {"database": "postgresql://a:geheim@h/d"}}}, r"/environments/prod/database: holds a password",
             "DATABASE_URL"),
        ):
            self.bad(says, mend, config)

    def test_text_that_is_no_json(self):
        for config, says, mend in (
            ('{"dir": "schema"', r"schema-sync.json: line 1, column 17 \(/dir\): .*the end of the text", "cut off"),
            ('{\n<<<<<<< HEAD\n  "dir": "a",\n=======\n  "dir": "b"\n>>>>>>> x\n}', r"schema-sync.json: line 2, column 1.*conflict", "merge"),
            ('{"dir": "a", "dir": "b"}', r"schema-sync.json: line 1, column 14 \(/dir\): duplicate key", "remove one"),
            (b'{"dir": "\xff"}', r"schema-sync.json: line 1, column 10 \(/dir\): invalid UTF-8", "UTF-8"),
            ('{"collections": ' + '{"a":' * 200, r"nested deeper than 128", "."),
            ("", r"schema-sync.json: line 1, column 1: there is no value", "."),
        ):
            self.bad(says, mend, config)

    def test_a_folder_elsewhere(self):
        outside = processes.work_folder("outside")
        self.addCleanup(shutil.rmtree, outside, ignore_errors=True)
        for folder in ("../x", outside, "..", ".", "", "a/../../x", "schema/../..", "a//b", "a\\b", "schema/.."):
            self.bad(r"schema-sync.json: /dir: is no folder beneath", "relative path", {**CHOSEN, "dir": folder})
        self.assertEqual([], os.listdir(outside))

    def test_other_files(self):
        configs = {
            "more.js": r"SCHEMA_SYNC_CONFIG: .*more.js is a program, not JSON", "more.cjs": "is a program", "more.ts": "is a program",
            "nowhere.json": "nowhere.json: there is no such file", "schema": r"/schema: the file cannot be read: Is a directory",
        }
        for path, says in configs.items():
            self.bad(says, "getKey becomes key" if "program" in says else ".", None, "import", env={"SCHEMA_SYNC_CONFIG": path})
        self.repo.write("more.json", '{"collections": {"notes": {"kee": 1}}}')
        self.bad(r"SCHEMA_SYNC_CONFIG: .*more.json: /collections/notes/kee: unknown key", "did you mean \"key\"", None, "import",
                 env={"SCHEMA_SYNC_CONFIG": "more.json"})
        self.bad(r"nowhere.json: No such file", "--config takes a file that exists", None, "--config", "nowhere.json", "import")

    def test_unreadable(self):
        path = os.path.join(self.repo.folder, "schema-sync.json")
        os.unlink(path)
        os.mkdir(path)
        self.bad(r"schema-sync.json: the file cannot be read: Is a directory", "a file is wanted")

    @unittest.skipIf(os.geteuid() == 0, "root may read every file")
    def test_unreadable_by_mode(self):
        os.chmod(os.path.join(self.repo.folder, "schema-sync.json"), 0)
        self.bad(r"schema-sync.json: .*Permission denied", "owner or mode")

    def test_variables(self):
        self.repo.write(".env", "GREETING='hello\n")
        self.bad(r"/.env: line 1: a quote is opened and never closed", "close it", None)
        self.repo.write(".env", "DIRECTUS TOKEN=x\n")
        self.bad(r"/.env: line 1: this is not NAME=value", "comments with #", None)
        os.unlink(os.path.join(self.repo.folder, ".env"))
        for env, says, mend in (
            ({"SCHEMA_SYNC_LEASE": "soon"}, "SCHEMA_SYNC_LEASE: \"soon\" is no length of time", "90s"),
            ({"SCHEMA_SYNC_MERGE": "perhaps"}, "SCHEMA_SYNC_MERGE: must be true or false", "unset it"),
        ):
            self.bad(says, mend, None, env=env)
        done = self.repo.run("--env", "prdo", "import")
        self.said(done, CONFIG, "environment \"prdo\" is not known", "PRDO_DIRECTUS_URL")
        done = self.repo.run("--env", "../prod", "import")
        self.said(done, CONFIG, "--env: \"../prod\" is no name for an environment", "letters")


class _Web(http.server.BaseHTTPRequestHandler):
    """Something that answers HTTP and is no Directus: what it says is chosen by the port's server."""

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        status, kind, body = self.server.page
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status in (301, 302, 307):
            self.send_header("Location", "https://elsewhere.example.com/login?token=" + self.headers.get("Authorization", ""))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_DELETE = do_SEARCH = answer

    def log_message(self, *_):
        pass


class InstanceTest(BadInput):
    """The address, the token, and what answers there."""

    def bad(self, status, says, mend, claims=True, export=True, **env):
        """Both ways: an import has taken the lock by then and gives it back."""
        env = {"SCHEMA_SYNC_RETRY": "0", **{f"PROD_{name}": found for name, found in env.items()}}
        self.refused(status, says, mend, "import", "--again", env=env, claims=claims)
        if export:
            self.refused(status, says, mend, "export", "--overwrite", env=env)

    def serve(self, status, kind, body):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Web)
        server.daemon_threads = True
        server.page = status, kind, body
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    def test_addresses_that_cannot_be(self):
        for url, says in (
            ("cms.example.com", "PROD_DIRECTUS_URL: is no http:// or https:// address"),
            ("ftp://cms.example.com", "PROD_DIRECTUS_URL: is no http:// or https:// address"),
            ("http://", "PROD_DIRECTUS_URL: has no host"),
            ("http://me:geheim@cms.example.com", "PROD_DIRECTUS_URL: holds credentials"),
            ("http://cms.example.com:99999", "PROD_DIRECTUS_URL: the port is no number"),
            ("http://cms.example.com/?a=b", "PROD_DIRECTUS_URL: has a query"),
            ("http://cms example.com", "PROD_DIRECTUS_URL: holds a space"),
        ):
            self.bad(CONFIG, says, ".", claims=False, export=False, DIRECTUS_URL=url)

    def test_dead_servers(self):
        self.bad(REMOTE, r"http://127.0.0.1:9 cannot be reached: .*", "is Directus running there", DIRECTUS_URL="http://127.0.0.1:9")
        self.bad(REMOTE, r"http://cms.invalid cannot be reached: .*[Rr]esolv", "is DIRECTUS_URL right",
                 DIRECTUS_URL="http://cms.invalid")
        with Proxy(self.prod.url) as proxy:
            proxy.fault(lambda request: True, "stall", times=99)
            env = {"PROD_DIRECTUS_URL": proxy.url, "SCHEMA_SYNC_TIMEOUT": "0.3", "SCHEMA_SYNC_RETRY": "0"}
            self.refused(REMOTE, "no answer within", "overloaded", "import", "--again", env=env, claims=True)

    def test_servers_that_are_no_directus(self):
        for page, says, mend in (
            ((200, "text/html", b"<!doctype html><title>Welcome</title>"), "this is not a Directus", "DIRECTUS_URL"),
            ((404, "text/html", b"<h1>Not Found</h1>"), "this is not a Directus", "DIRECTUS_URL"),
            ((404, "application/json", b'{"error":"no route"}'), "this is not a Directus", "DIRECTUS_URL"),
            ((200, "application/json", b"{}"), "this is not a Directus", "DIRECTUS_URL"),
            ((200, "application/json", b"[1,2"), "the answer cannot be used", "."),
            ((200, "text/plain", b"pong"), "the answer cannot be used", "."),
            ((401, "text/html", b"<h1>Who are you?</h1>"), "this is not a Directus", "DIRECTUS_URL"),
            ((405, "text/plain", b""), "this is not a Directus", "proxy in front"),
            ((302, "text/html", b""), "is redirected to https://elsewhere.example.com", "where the instance really is"),
        ):
            self.bad(REMOTE, says, mend, export=False, DIRECTUS_URL=self.serve(*page))

    def test_a_port_that_speaks_something_else(self):
        url = f"http://127.0.0.1:{self.lab.cluster.port}"
        self.bad(REMOTE, "GET /server/info: the connection broke", f"is {url} really a Directus", DIRECTUS_URL=url)

    def test_tls(self):
        folder = processes.work_folder("tls")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        context, _ = tls_context(folder)
        with Proxy(self.prod.url, tls=context) as proxy:
            self.bad(REFUSED, "no trusted connection to https://127.0.0.1", ".", DIRECTUS_URL=proxy.url)
        self.bad(REFUSED, "no trusted connection to https://127.0.0.1", ".",
                 DIRECTUS_URL=self.prod.url.replace("http:", "https:"))

    def test_tokens(self):
        self.bad(REFUSED, r"the token is not accepted \(INVALID_CREDENTIALS\)", "static token", DIRECTUS_TOKEN="no-such-token")
        for token in ("", None):
            self.bad(CONFIG, "no credentials for http", "PROD_DIRECTUS_TOKEN", claims=False, DIRECTUS_TOKEN=token)
        self.bad(REFUSED, "e-mail and password are not accepted", "DIRECTUS_EMAIL",
                 DIRECTUS_TOKEN=None, DIRECTUS_EMAIL="admin@example.com", DIRECTUS_PASSWORD="wrong")
        self.bad(CONFIG, "the login for http.* is incomplete", "PROD_DIRECTUS_EMAIL and PROD_DIRECTUS_PASSWORD", claims=False,
                 DIRECTUS_TOKEN=None, DIRECTUS_EMAIL="admin@example.com")

    def test_users_without_rights(self):
        self.addCleanup(self._state.clear)
        self.prod.api.post("/users", [
            {"email": "desk@example.com", "password": "secret-93", "role": uid("role", "Small desk"), "token": "desk-token-41"},
            {"email": "nobody@example.com", "token": "nobody-token-41"},
            {"email": "late@example.com", "token": "late-token-41", "role": self.prod.admin()["role"], "status": "suspended"},
        ])
        self._state["prod"] = fingerprint.of(self.prod)
        for token in ("desk-token-41", "nobody-token-41"):
            self.bad(REFUSED, "the token's user has no admin access", "a policy with admin access", DIRECTUS_TOKEN=token)
        self.bad(REFUSED, "the token is not accepted|has no admin access|is suspended", ".", DIRECTUS_TOKEN="late-token-41")

    def test_other_versions(self):
        for directus in ("12.4.0", "10.13.4"):
            self.refused(REFUSED, rf"the files come from Directus {directus}, the target is 11\.", "--allow-version", "import", "--again",
                         files={"info.json": put("directus", directus)}, claims=True)
        self.refused(REFUSED, "the files come from a mysql database, the target's is postgres", "--allow-version", "import", "--again",
                     files={"info.json": put("vendor", "mysql")}, claims=True)


class DatabaseTest(BadInput):
    """The database beside the instance: reached, a Directus's, and this one's."""

    def bad(self, status, says, mend, url, claims=False):
        env = {"PROD_DATABASE_URL": url}
        self.refused(status, says, mend, "import", "--again", env=env, claims=claims)
        self.refused(status, says, mend, "import", "--again", "--dry-run", env=env)

    def test_databases_that_cannot_be_used(self):
        url = self.prod.database_url
        server, _, _ = url.rpartition("/")
        secret = url.partition("postgres:")[2].partition("@")[0]
        for changed, status, says, mend in (
            (f"{server}/nowhere", REMOTE, r"127.0.0.1:\d+/nowhere: database \"nowhere\" does not exist", "name at the end"),
            (f"{server}/postgres", REMOTE, r"no Directus in this database|127.0.0.1:\d+/postgres", "DATABASE_URL"),
            (url.replace(secret, "wrong"), REFUSED, "password authentication failed for user \"postgres\"", "user and password"),
            (url.replace("postgres:", "nobody:"), REFUSED, "password authentication failed for user \"nobody\"", "user and password"),
            (re.sub(r":\d+/", ":9/", url), REMOTE, "127.0.0.1:9/.*Connection refused", "host and port"),
            (re.sub(r"@[^/]*", "@db.invalid", url), REMOTE, "db.invalid", "check the host"),
            ("mysql://root@127.0.0.1/d", CONFIG, "PROD_DATABASE_URL: is no PostgreSQL connection", "--marker none"),
            ("postgresql://a:b/c@127.0.0.1/d", CONFIG, "malformed", "percent-encode"),
            ("postgresql://a:b@c@127.0.0.1/d", CONFIG, "malformed", "percent-encode"),
            ("nonsense", CONFIG, "PROD_DATABASE_URL: is no PostgreSQL connection", "postgresql://"),
        ):
            self.bad(status, says, mend, changed)

    def test_the_database_of_another_instance(self):
        before = fingerprint.of(self.dev)
        self.bad(CONFIG, rf"the database 127.0.0.1:\d+/{self.dev.database} is not the one behind {self.prod.url}: ",
                 "check DATABASE_URL and DIRECTUS_URL", self.dev.database_url)
        self.assertEqual({}, fingerprint.differences(before, fingerprint.of(self.dev), but=fingerprint.LOCKED))

    def test_a_copy_of_the_database(self):
        """Equal in everything, its project_id too: only what is written to it can tell."""
        copied = "copied_elsewhere"
        self.lab.cluster.drop(copied)
        self.prod.save("for_a_copy")
        self.lab.cluster.clone(self.prod._saved("for_a_copy"), copied)
        self.addCleanup(self.lab.cluster.drop, copied)
        self.assertEqual(self.lab.cluster.value(copied, "SELECT project_id FROM directus_settings"),
                         self.prod.value("SELECT project_id FROM directus_settings"))
        self.refused(CONFIG, rf"the database 127.0.0.1:\d+/{copied} is not the one behind {self.prod.url}: what was written",
                     "check DATABASE_URL", "import", "--again",
                     env={"PROD_DATABASE_URL": self.lab.cluster.url(copied)})
        row = self.lab.cluster.query(copied, "SELECT * FROM directus_settings")[0]
        self.assertEqual(("clean", None, None), (row["schema_sync_state"], row["schema_sync_owner"], row["schema_sync_lease_until"]))
        self.assertEqual(self._state["prod"]["settings.schema_sync_hash"], row["schema_sync_hash"])


class DiskTest(BadInput):
    """No room for an export: the old files stay, none of them in part."""

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("a small file system can only be mounted by root")
        shutil.rmtree(self.repo.state)
        os.mkdir(self.repo.state)
        self.mount("512k")
        self.addCleanup(subprocess.run, ["umount", "-l", self.repo.state], check=False)

    def mount(self, size, *more):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join([f"size={size}", *more]), "none", self.repo.state],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"a small file system cannot be mounted here: {done.stderr.strip()}")

    def fill(self):
        """Takes all room but one block."""
        with open(os.path.join(self.repo.state, "ballast"), "wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while file.write(b"x" * 4096):
                    pass
            file.truncate(max(file.tell() - 4096, 0))

    def test_disk_full(self):
        self.addCleanup(self._state.clear)
        self.edit(self.files)
        self.fill()
        before = self.repo.files()
        self.dev.api.patch("/settings", {"project_name": "Full"})
        self.dev.api.patch("/items/topics/plain", {"label": "longer " * 10})
        done = self.repo.run("--env", "dev", "export")
        self.said(done, IO, "^(schema|temporary)/.*: No space left on device", "make room")
        self.assert_same_files(before, self.repo.files())
        self.repo.run("--env", "prod", "import").check()
        self.assert_untouched()
        os.unlink(os.path.join(self.repo.state, "ballast"))
        self.repo.run("--env", "dev", "export").check()
        changed = [path for path, content in self.repo.files().items() if content != self.files.get(path)]
        self.assertEqual(["data/topics.json", "settings.json"], sorted(changed))

    def test_no_room_for_a_first_export(self):
        self.mount("64k", "remount")
        done = self.repo.run("--env", "dev", "export")
        self.said(done, IO, "^schema/.*: No space left on device", "make room")
        self.assertEqual({}, self.repo.files())
        refused = self.repo.run("--env", "prod", "import")
        self.said(refused, FILES, "there is no state in .*/schema", "schema-sync export")
        self.assert_untouched()
        self.mount("8m", "remount")
        self.repo.run("--env", "dev", "export").check()
        self.assert_same_files(self.files, self.repo.files())

    def test_read_only(self):
        self.mount("64k", "remount", "ro")
        done = self.repo.run("--env", "dev", "export")
        self.said(done, IO, "^schema.*: Read-only file system", "read-only")
        self.assertEqual({}, self.repo.files())


if __name__ == "__main__":
    case.main()
