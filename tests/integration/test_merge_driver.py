"""Branches merged by real git, with the merge driver and, as on a forge, without it."""

import copy
import json
import os
import re
import shutil
import subprocess
import unittest

from tests.project import SMALL, uid
from tests.support import case, processes, tool

ROLE, POLICY, FLOW = "roles/small-desk-6017791c.json", "policies/small-notes-1766df0c.json", "flows/small-7338fa62.json"
NOTES, TOPICS, TAGS = "data/notes.json", "data/topics.json", "data/tags.json"
NO = uid("operation", "Small/no")
CONFIG = {"collections": {**SMALL.config["collections"], "tags": {"key": "text"}}}
MARK = re.compile(r"^(<{7}|={7}|>{7})( .*)?$", re.MULTILINE)


def setUpModule():
    case.open_lab()


# ---- edits ----


class State(dict):
    """{path: text} of the state folder, edited as people and exports edit it."""

    def edit(self, path):
        """The parsed file, to be changed in place; written when the edit is done."""
        if path not in self.open:
            self.open[path] = json.loads(self[path])
        return self.open[path]

    def close(self):
        for path, value in self.open.items():
            self[path] = text_of(path, value)
        self.open = {}

    def __init__(self, files):
        super().__init__(files)
        self.open, self.as_it_is = {}, set()


def text_of(path, value):
    if path.startswith("data/"):
        rows = ",\n  ".join(json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for row in value)
        return f"[\n  {rows}\n]\n" if value else "[]\n"
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def grant(collection, action="read", fields=("*",), **more):
    record = {"collection": collection, "action": action, "fields": list(fields), "permissions": {}, "validation": {},
              "presets": None, **more}
    return lambda state: state.edit(POLICY)["permissions"].append(record)


def change_grant(action, **members):
    def edit(state):
        next(one for one in state.edit(POLICY)["permissions"] if one["action"] == action).update(members)
    return edit


def remove_grant(action):
    def edit(state):
        grants = state.edit(POLICY)["permissions"]
        grants[:] = [one for one in grants if one["action"] != action]
    return edit


def change(path, **members):
    return lambda state: state.edit(path).update(members)


def step(state, key):
    return next(one for one in state.edit(FLOW)["operations"] if one["key"] == key)


def change_step(key, **members):
    return lambda state: step(state, key).update(members)


def option(key, **options):
    return lambda state: step(state, key)["options"].update(options)


def add_step(key):
    def edit(state):
        new = {**copy.deepcopy(step(state, "no")), "id": uid("operation", f"merge/{key}"), "key": key, "name": key}
        state.edit(FLOW)["operations"].append(new)
    return edit


def drop_no(state):
    """The operation "no" goes, and what led to it leads nowhere."""
    step(state, "check")["reject"] = None
    operations = state.edit(FLOW)["operations"]
    operations[:] = [one for one in operations if one["key"] != "no"]


def add_field(name, path="collections/notes.json", like="body", **meta):
    def edit(state):
        fields = state.edit(path)["fields"]
        new = copy.deepcopy(next(one for one in fields if one["field"] == like))
        new["field"] = new["meta"]["field"] = new["schema"]["name"] = name
        new["meta"].update(meta)
        fields.append(new)
    return edit


def note_collection(text):
    return lambda state: state.edit("collections/notes.json")["meta"].update(note=text)


def change_field(**meta):
    return lambda state: state.edit("collections/notes.json")["fields"][0]["meta"].update(meta)


def note_field(text):
    return change_field(note=text)


def add_rows(path, *rows):
    return lambda state: state.edit(path).extend(rows)


def change_row(path, at, **values):
    return lambda state: state.edit(path)[at].update(values)


def remove_row(path, at):
    return lambda state: state.edit(path).pop(at)


def note(number, **values):
    return {"id": uid("notes", number), "title": f"note {number}", "body": None, "topic": "plain", "previous": None,
            "extra": None, **values}


def append(path, *records):
    return lambda state: state.edit(path).extend(records)


def folder(name):
    return append("folders.json", {"id": uid("folder", name), "name": name, "parent": None})


def translation(key):
    return append("translations.json", {"id": uid("translation", key), "key": key, "language": "en-US", "value": key})


def preset(collection):
    def edit(state):
        presets = state.edit("presets.json")
        presets.append({**presets[0], "collection": collection})
    return edit


def write(path, text):
    return lambda state: state.update({path: text})


def remove(path):
    return lambda state: state.pop(path)


def replace(path, old, new):
    def edit(state):
        assert old in state[path], (path, old)
        state[path] = state[path].replace(old, new)
    return edit


def removals(names):
    lines = (json.dumps(["roles", uid("role", name), [name]], separators=(",", ":")) for name in names)
    return "".join(f"{line}\n" for line in sorted(lines))


def lines(names):
    return write("removed.jsonl", removals(names))


def role(name, key=None, **members):
    return write(f"roles/{name}.json", text_of("roles/", {"id": uid("role", key or name), "name": name, "parent": None,
                                                           "icon": "groups", "description": None, **members}))


def reformatted(path):
    """The same file by another hand: other indentation, members the other way round."""
    def edit(state):
        value = json.loads(state[path])
        state[path] = json.dumps(dict(reversed(value.items())), indent=4, ensure_ascii=False) + "\n"
        state.as_it_is.add(path)
    return edit


def rename_tags(state):
    for path in ("collections/tags.json", TAGS):
        state[path.replace("tags", "labels")] = state.pop(path).replace('"tags"', '"labels"')


def all_of(*edits):
    def edit(state):
        for one in edits:
            one(state)
            state.close()
    return edit


def nothing(_):
    pass


# ---- scenarios: what each side does to what both come from ----

# Where the merge is not ours and then theirs, what it is stands behind them.

RENAMED = "a collection gets another name"
CLEAN = [
    ("grants to one policy", grant("topics"), grant("imprint")),
    ("the same grant", grant("topics"), grant("topics"), grant("topics")),
    ("members of one grant", change_grant("read", fields=["id"]), change_grant("read", presets={"title": "x"})),
    ("a grant goes, another comes", remove_grant("read"), grant("topics")),
    ("members of one flow", change(FLOW, icon="anchor"), change(FLOW, status="inactive", color="#112233")),
    ("options of one operation", option("yes", message="ours"), option("yes", level="theirs")),
    ("options of neighbours", option("yes", message="ours"), option("no", message="theirs")),
    ("operations for one flow", add_step("first"), add_step("second")),
    ("an operation goes, another changes", drop_no, option("yes", message="theirs")),
    ("the same change", change(ROLE, icon="anchor"), change(ROLE, icon="anchor")),
    ("members that stand together", change(ROLE, icon="anchor"), change(ROLE, description="theirs")),
    ("fields of one collection", add_field("one"), add_field("two")),
    ("a field and its collection", add_field("one"), note_collection("theirs")),
    ("meta of one field", note_field("ours"), change_field(width="half")),
    (RENAMED, rename_tags, add_field("more", "collections/tags.json", "text"),
     all_of(add_field("more", "collections/tags.json", "text"), rename_tags)),
    ("rows at the end", add_rows(TOPICS, {"slug": "x", "label": "ours"}), add_rows(TOPICS, {"slug": "y", "label": "theirs"})),
    ("rows here and there", add_rows(NOTES, note(11), note(12)), add_rows(NOTES, note(21), note(22))),
    ("fields of one row", change_row(NOTES, 1, title="ours"), change_row(NOTES, 1, body="theirs")),
    ("the last row goes, one comes", remove_row(TOPICS, 1), add_rows(TOPICS, {"slug": "z", "label": "theirs"})),
    ("folders", folder("ours"), folder("theirs")),
    ("translations", translation("ours"), translation("theirs")),
    ("presets", preset("topics"), preset("tags")),
    ("another grant of a key that has two", grant("notes", "update", ["topic"]), grant("notes", "update", ["extra"])),
    ("settings", change("settings.json", project_name="Ours"), change("settings.json", project_color="#654321")),
    ("deletions", lines("abd"), lines("abc"), lines("abcd")),
    ("a deletion is taken back", lines("b"), lines("abc"), lines("bc")),
    ("another formatting", reformatted(ROLE), change(ROLE, icon="anchor"), change(ROLE, icon="anchor")),
    ("the same new role", role("both"), role("both")),
    ("SQL is git's", replace("sql/pre/001_a.sql", "a;", "c;"),
     replace("sql/pre/001_a.sql", "b;", "d;")),
]

# The file in which git is to find a conflict stands behind them.
LED_TO, COUNTER = "an operation goes and is led to", "one counter, two rows"
COUNTERS = add_rows(TAGS, {"id": 9, "text": "a"}), add_rows(TAGS, {"id": 9, "text": "z"})
CONTESTED = [
    ("one option, two values", option("yes", message="ours"), option("yes", message="theirs"), FLOW),
    ("one member of a grant", change_grant("read", fields="id"), change_grant("read", fields="title"), POLICY),
    ("one new grant, two rights", grant("topics", fields="slug"), grant("topics", fields="label"), POLICY),
    ("a grant goes and changes", remove_grant("read"), change_grant("read", fields="id"), POLICY),
    ("grants of one key change", change_grant("update", fields="body"), remove_grant("update"), POLICY),
    ("an operation goes and changes", drop_no, option("no", message="theirs"), FLOW),
    (LED_TO, drop_no, change_step("yes", resolve=NO), FLOW),
    ("one field, two types", add_field("one"), add_field("one", like="title"), "collections/notes.json"),
    ("one key, two rows", add_rows(TOPICS, {"slug": "x", "label": "ours"}), add_rows(TOPICS, {"slug": "x", "label": "theirs"}), TOPICS),
    ("a row goes and changes", remove_row(NOTES, 0), change_row(NOTES, 0, title="theirs"), NOTES),
    (COUNTER, *COUNTERS, TAGS),
    ("a role of one name", role("both", "ours"), role("both", "theirs"), "roles/both.json"),
    ("two versions", change("info.json", directus="11.17.5"), change("info.json", directus="11.17.6"), "info.json"),
]


class MergeCase(case.Case):
    _files, _made = {}, []

    @classmethod
    def base(cls, test):
        """SMALL as an export gives it, and a collection that is numbered by the database."""
        if not cls._files:
            SMALL.prepare(test.dev)
            files = {path: content.decode() for path, content in test.export(SMALL.config).items()}
            tags = files["collections/imprint.json"].replace("imprint", "tags").replace('"singleton": true', '"singleton": false')
            assert '"has_auto_increment": true' in tags and files.keys() >= {ROLE, POLICY, FLOW}, sorted(files)
            files["collections/tags.json"] = tags
            files["removed.jsonl"] = removals("ab")
            files["sql/pre/001_a.sql"] = "a;\n\n\n\nb;\n"
            files[TAGS] = '[\n  {"id":3,"text":"m"},\n  {"id":1,"text":"n"}\n]\n'
            cls._files.update(files)
        return State(cls._files)

    def repo(self):
        """A repository on main with the base, as `init` leaves it: copied, which is faster than made."""
        if not self._made:
            first = self.in_path(tool.Repository(CONFIG, dev=self.dev, prod=self.prod))
            unittest.addModuleCleanup(first.close)
            for path, text in self.base(self).items():
                first.write(f"schema/{path}", text)
            first.run("init").check()
            first.git("config", "gc.auto", "0")
            first.commit("base")
            shutil.rmtree(os.path.join(first.folder, ".git", "hooks"))
            self._made.append(first)
        repo = copy.copy(self._made[0])
        repo.folder = shutil.copytree(repo.folder, os.path.join(processes.work_folder("merge"), "repository"))
        repo.state = os.path.join(repo.folder, "schema")
        self.addCleanup(shutil.rmtree, os.path.dirname(repo.folder), ignore_errors=True)
        return repo

    def in_path(self, repo):
        """git finds the program under test."""
        repo.env["PATH"] = os.path.dirname(tool.binary()) + os.pathsep + repo.env["PATH"]
        return repo

    def try_git(self, repo, *arguments):
        """git, whatever it ends with."""
        return subprocess.run(["git", *arguments], cwd=repo.folder, env={**repo.env, "GIT_CONFIG_NOSYSTEM": "1"},
                              capture_output=True, text=True, check=False)

    def put(self, repo, before, state):
        """The folder as `state` has it, in canonical form."""
        for path in before.keys() - state.keys():
            os.remove(os.path.join(repo.state, path))
        changed = [path for path, text in state.items() if before.get(path) != text]
        for path in changed:
            repo.write(f"schema/{path}", state[path])
        for path in changed:
            if not path.endswith(".sql") and path not in state.as_it_is:
                self.canonical(repo, f"schema/{path}")
                state[path] = repo.read(f"schema/{path}")
        return state

    def canonical(self, repo, path):
        repo.run("merge-file", path, path, path, path).check()

    def applied(self, repo, before, *edits):
        state = State(before)
        for edit in edits:
            edit(state)
            state.close()
        return self.put(repo, before, state)

    def branches(self, ours, theirs, expected=None):
        """A repository on main, with a branch "theirs" to merge; and the files the merge is to give."""
        repo, common = self.repo(), self.base(self)
        wanted = self.applied(repo, common, *([expected] if expected else [ours, theirs]))
        repo.git("reset", "-q", "--hard")
        repo.git("clean", "-qfd")
        repo.git("checkout", "-q", "-b", "theirs")
        self.applied(repo, common, theirs)
        repo.commit("theirs")
        repo.git("checkout", "-q", "main")
        self.applied(repo, common, ours)
        repo.commit("ours")
        repo.git("tag", "ours")
        return repo, wanted

    def merge(self, repo, status):
        done = self.try_git(repo, "merge", "-q", "-m", "merge", "theirs")
        self.assertEqual(status, done.returncode, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def merge_without_driver(self, repo):
        """The same merge in a repository that nobody has set up. Whether git found no conflict."""
        repo.git("reset", "-q", "--hard", "ours")
        repo.git("config", "--remove-section", "merge.schema-sync")
        return self.try_git(repo, "merge", "-q", "-m", "merge", "theirs").returncode == 0

    def assert_texts(self, wanted, found):
        self.assertEqual(sorted(wanted), sorted(found))
        for path, text in wanted.items():
            self.assertEqual(text, found[path], path)

    def texts(self, repo):
        return {path: content.decode() for path, content in repo.files().items()}

    def contested(self, repo):
        return repo.git("diff", "--name-only", "--diff-filter=U").split()


def versions(text):
    """Both sides of a text with conflicts."""
    sides, inside = ([], []), (0, 1)
    for line in text.splitlines(keepends=True):
        mark = MARK.match(line)
        if mark:
            inside = {"<": (0,), "=": (1,), ">": (0, 1)}[line[0]]
        for side in () if mark else inside:
            sides[side].append(line)
    return tuple("".join(side) for side in sides)


def touched(edits, base):
    """The files that edits change."""
    found = set()
    for edit in edits:
        state = State(base)
        edit(state)
        state.close()
        found |= {path for path in base.keys() | state.keys() if base.get(path) != state.get(path)}
    return found


def rounds(scenarios, base):
    """Scenarios that touch different files are merged together: [[(name, files, edits…)]]."""
    found = []
    for name, ours, theirs, *more in scenarios:
        files = touched((ours, theirs), base)
        for one in found:
            if all(files.isdisjoint(others) for _, others, *_ in one):
                one.append((name, files, ours, theirs, *more))
                break
        else:
            found.append([(name, files, ours, theirs, *more)])
    return found


def meaning(path, text):
    """A file's value, whatever the order and formatting of it."""
    def plain(value):
        if isinstance(value, dict):
            return {key: plain(one) for key, one in value.items()}
        if isinstance(value, list) and all(isinstance(one, (dict, list)) for one in value):
            return sorted(map(plain, value), key=lambda one: json.dumps(one, sort_keys=True))
        return value
    if path.endswith(".jsonl"):
        return sorted(text.splitlines())
    return plain(json.loads(text)) if path.endswith(".json") else text


class ScenarioTest(MergeCase):
    def test_what_does_not_contradict_merges(self):
        """With the driver all of it, in canonical form; without it nothing wrong is ever taken for right."""
        conflicts, refused = [], []
        for together in rounds(CLEAN, self.base(self)):
            ours, theirs = (all_of(*(one[at] for one in together)) for at in (2, 3))
            expected = all_of(*(edit for one in together for edit in (one[4:] or one[2:4])))
            repo, wanted = self.branches(ours, theirs, expected)
            self.merge(repo, 0)
            self.assert_texts(wanted, self.texts(repo))
            repo.run("hash").check()

            self.merge_without_driver(repo)
            contested, found = self.contested(repo), self.texts(repo)
            for name, files, *_ in together:
                with self.subTest(name):
                    if any(f"schema/{path}" in contested for path in files):
                        conflicts.append(name)
                        self.assertTrue(any(MARK.search(found.get(path, "")) for path in files))
                    elif any(found.get(path) != wanted.get(path) and meaning(path, found[path]) != meaning(path, wanted[path])
                             for path in files if path in found or path in wanted):
                        refused.append(name)
            if contested and not any(one[0] == RENAMED for one in together):  # which is refused before
                self.assertRegex(repo.run("hash").check(65).err, r"schema/\S+: line \d+.* a git merge conflict was left")
        self.assertGreater(len(conflicts), 8)  # else the driver would be for nothing
        self.assertEqual([RENAMED], refused)

    def test_a_mixture_of_two_names_is_refused(self):
        repo, _ = self.branches(*next(one[1:] for one in CLEAN if one[0] == RENAMED))
        self.assertTrue(self.merge_without_driver(repo))
        self.assertRegex(repo.run("hash").check(65).err, r'schema/collections/labels.json: .*must be "labels"')

    def test_what_does_is_marked_and_refused(self):
        for together in rounds(CONTESTED, self.base(self)):
            ours, theirs = (all_of(*(one[at] for one in together)) for at in (2, 3))
            paths = {name: f"schema/{path}" for name, *_, path in together}
            repo, _ = self.branches(ours, theirs, nothing)
            said = self.merge(repo, 1)
            self.assertEqual(sorted(paths.values()), sorted(self.contested(repo)))
            marked = {path: repo.read(path) for path in paths.values()}
            repo.git("checkout", "-q", "--ours", ".")
            for name, path in paths.items():
                with self.subTest(name):
                    self.assertIn(f"{path}: conflict: ", said)
                    self.assert_marked(repo, name, path, marked[path])

            self.merge_without_driver(repo)
            for name, path in paths.items():
                with self.subTest(name):
                    self.assertEqual(name not in (LED_TO, COUNTER), path in self.contested(repo))

    def assert_marked(self, repo, name, path, text):
        """The file is refused as it is, and taken when it is settled."""
        ours = repo.read(path)
        repo.write(path, text)
        self.assertRegex(repo.run("hash").check(65).err, rf"{re.escape(path)}: line \d+.* a git merge conflict was left in the file")
        for side in versions(text):
            repo.write(path, side)
            left = repo.run("hash").check(0, 65)
            self.assertEqual(name == LED_TO and "the files have no operation" in left.err, left.status == 65, left.err)
        repo.write(path, ours)

    def test_only_what_is_contested_stands_twice(self):
        repo, _ = self.branches(all_of(option("yes", message="ours"), change(FLOW, icon="anchor")),
                                all_of(option("yes", message="theirs"), add_step("more")))
        self.merge(repo, 1)
        text = repo.read(f"schema/{FLOW}")
        self.assertIn('<<<<<<< ours\n        "message": "ours"\n=======\n        "message": "theirs"\n>>>>>>> theirs\n', text)
        self.assertEqual(1, text.count("<<<<<<<"))
        for side in map(json.loads, versions(text)):
            self.assertEqual(("anchor", 4), (side["icon"], len(side["operations"])))

    def test_what_one_file_refers_to_in_another(self):
        """Not the driver's: each file merges, and whoever reads the state refuses it."""
        takes = lambda state: state.edit(POLICY)["roles"].append({"role": uid("role", "both"), "sort": 2})
        repo, common = self.repo(), State({**self.base(self)})
        role("both")(common)
        repo.write("schema/roles/both.json", common["roles/both.json"])
        self.canonical(repo, "schema/roles/both.json")
        common["roles/both.json"] = repo.read("schema/roles/both.json")
        repo.commit("a role")
        repo.git("checkout", "-q", "-b", "theirs")
        self.applied(repo, common, takes)
        repo.commit("theirs")
        repo.git("checkout", "-q", "main")
        self.applied(repo, common, remove("roles/both.json"))
        repo.commit("ours")
        self.merge(repo, 0)
        self.assertRegex(repo.run("hash").check(65).err, rf"schema/{POLICY}: .*the files have no role \"{uid('role', 'both')}\"")


class GitTest(MergeCase):
    """All the ways of git that merge."""

    BOTH = option("yes", message="ours"), option("yes", level="theirs")

    def test_rebase_and_cherry_pick(self):
        for command in (("rebase", "-q", "theirs"), ("cherry-pick", "theirs")):
            repo, wanted = self.branches(*self.BOTH)
            done = self.try_git(repo, *command)
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
            self.assert_texts(wanted, self.texts(repo))

    def test_stash_and_checkout(self):
        for first, then in ((("stash", "-q"), ("stash", "pop", "-q")), ((), ("checkout", "-q", "-m", "theirs"))):
            repo, wanted = self.branches(*self.BOTH)
            repo.git("reset", "-q", "--soft", "main~")
            repo.git("reset", "-q")
            if first:
                repo.git(*first)
                repo.git("merge", "-q", "theirs")
            done = self.try_git(repo, *then)
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
            self.assert_texts(wanted, self.texts(repo))

    def test_criss_cross(self):
        """Two common bases: git merges them first, by the same driver."""
        repo, _ = self.branches(*self.BOTH)
        repo.git("branch", "old")
        self.merge(repo, 0)
        repo.git("checkout", "-q", "theirs")
        repo.git("merge", "-q", "-m", "turned", "old")
        state = State(self.texts(repo))
        self.applied(repo, state, option("no", message="theirs"))
        repo.commit("more of theirs")
        repo.git("checkout", "-q", "main")
        wanted = self.applied(repo, state, option("no", message="theirs"), option("check", x=1))
        repo.git("reset", "-q", "--hard")
        self.applied(repo, state, option("check", x=1))
        repo.commit("more of ours")
        self.merge(repo, 0)
        self.assert_texts(wanted, self.texts(repo))

    def test_git_goes_on_where_the_program_cannot(self):
        """A conflict must never be our side alone, without a mark: it would be taken for the merge."""
        repo, _ = self.branches(change(ROLE, icon="anchor"), change(ROLE, icon="bomb"))
        with open(os.path.join(repo.folder, ".git", "sh"), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nexit 70\n")
        for program in (None, ".git/sh"):
            folder = os.path.join(repo.folder, ".git", "bin")
            shutil.rmtree(folder, ignore_errors=True)
            os.mkdir(folder)
            if program:
                shutil.copy(os.path.join(repo.folder, program), os.path.join(folder, "schema-sync"))
                os.chmod(os.path.join(folder, "schema-sync"), 0o755)
            for name in ("git", "sh"):
                os.symlink(shutil.which(name), os.path.join(folder, name))
            repo.env = {**repo.env, "PATH": folder}
            self.merge(repo, 1)
            ours, theirs = map(json.loads, versions(repo.read(f"schema/{ROLE}")))
            self.assertEqual(("anchor", "bomb"), (ours["icon"], theirs["icon"]))
            repo.git("reset", "-q", "--hard")

    def test_a_file_that_one_side_broke(self):
        """Merged by line, with a note; nothing is lost."""
        repo, _ = self.branches(change(ROLE, icon="anchor"), nothing, nothing)
        repo.git("checkout", "-q", "theirs")
        repo.write(f"schema/{ROLE}", repo.read(f"schema/{ROLE}").replace('"parent"', '"parent'))
        repo.commit("broken")
        repo.git("checkout", "-q", "main")
        said = self.merge(repo, 0)
        self.assertRegex(said, rf"{ROLE}: merged by line as git does: their side: line \d+")
        self.assertIn('"icon": "anchor"', repo.read(f"schema/{ROLE}"))
        self.assertIn('"parent:', repo.read(f"schema/{ROLE}"))

    def test_groups_of_rows_in_a_project_beneath(self):
        """The driver is called at the top of the work tree, wherever the project is."""
        repo = self.in_path(self.repository(None))
        top, group = "apps/my cms/the [state] é", "data/tags/en.json"
        repo.write("apps/my cms/schema-sync.json", json.dumps(
            {"dir": "the [state] é", "collections": {"tags": {"key": "text", "groupBy": "text"}}}))
        base = {**self.base(self), group: self.base(self)[TAGS]}
        del base[TAGS]
        for path, text in base.items():
            repo.write(f"{top}/{path}", text)
        repo.run("-C", os.path.join(repo.folder, "apps/my cms"), "init").check()
        repo.commit("base")
        repo.git("checkout", "-q", "-b", "theirs")
        repo.write(f"{top}/{group}", '[\n  {"id":2,"text":"a"},\n  {"id":3,"text":"m"},\n  {"id":1,"text":"n"}\n]\n')
        repo.commit("theirs")
        repo.git("checkout", "-q", "main")
        repo.write(f"{top}/{group}", '[\n  {"id":4,"text":"b"},\n  {"id":3,"text":"m"}\n]\n')
        repo.commit("ours")
        self.merge(repo, 0)
        self.assertEqual('[\n  {"id":2,"text":"a"},\n  {"id":4,"text":"b"},\n  {"id":3,"text":"m"}\n]\n', repo.read(f"{top}/{group}"))

    def test_a_clone_is_told_once(self):
        repo = self.repo()
        clone = os.path.join(repo.folder, ".git", "clone")
        repo.git("clone", "-q", repo.folder, clone)
        said = repo.run("-C", clone, "--json", "doctor", env=self.prod.tool_env("")).json()
        warned = [one for one in said["findings"] if one["check"] == "merge"]
        self.assertEqual([("warning", "run `schema-sync init` in this clone")], [(one["level"], one["mend"]) for one in warned])
        self.assertRegex(repo.run("-C", clone, "init").check().out, r"kept +\.gitattributes\nwritten +merge driver\n")
        said = repo.run("-C", clone, "--json", "doctor", env=self.prod.tool_env("")).json()
        self.assertEqual([], [one for one in said["findings"] if one["check"] == "merge"])
        config = repo.read(".git/clone/.git/config")
        self.assertNotIn("written", repo.run("-C", clone, "init").check().out)
        self.assertEqual(config, repo.read(".git/clone/.git/config"))
        self.assertEqual("", repo.git("-C", clone, "status", "--porcelain"))


class ImportTest(MergeCase):
    def test_a_merge_arrives_and_comes_back(self):
        self.prod.reset()
        repo, wanted = self.branches(
            all_of(grant("topics"), note_field("ours"), option("yes", message="ours"), add_step("first"), folder("ours"),
                   add_rows(NOTES, note(11)), change_row(NOTES, 1, title="ours"), change("settings.json", project_name="Ours")),
            all_of(grant("imprint"), note_collection("theirs"), option("yes", level="theirs"), add_step("second"), folder("theirs"),
                   add_rows(NOTES, note(21)), change_row(NOTES, 1, body="theirs"), change(ROLE, icon="anchor")),
        )
        self.merge(repo, 0)
        self.assert_texts(wanted, self.texts(repo))
        repo.git("rm", "-q", "-r", "schema/removed.jsonl", "schema/sql")  # made up, for other tests
        files = repo.files()
        repo.run("--env", "prod", "import").check()
        repo.run("--env", "prod", "export").check()
        self.assert_same_files(files, repo.files())

    def test_rows_that_share_a_number_are_refused(self):
        """git puts them together where nobody has set it up: what refers to the number would mean either."""
        repo, _ = self.branches(*COUNTERS, nothing)
        self.assertTrue(self.merge_without_driver(repo))
        self.assertRegex(repo.run("--env", "prod", "diff").check(65).err, rf"schema/{TAGS}: line \d+: the same key as schema/{TAGS}: line \d+")


if __name__ == "__main__":
    case.main()
