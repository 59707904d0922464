"""Repositories in a bad way, with each command that reads or writes git: a clear message, or it simply works.

No server is needed: what gets past git ends with 69, because nobody answers at the instance's address.
"""

import json
import os
import shutil
import subprocess
import unittest

from tests.support import case
from tests.support.tool import Repository

INFO = '{\n  "directus": "11.17.4",\n  "format": 1,\n  "vendor": "postgres"\n}\n'
NOBODY = {"DIRECTUS_URL": "http://127.0.0.1:9", "DIRECTUS_TOKEN": "x", "SCHEMA_SYNC_RETRY": "0"}
COMMANDS = {
    "import": ("import", "--marker", "none", "--ref", "REF"),
    "diff": ("diff", "--ref", "REF"),
    "hash": ("hash", "--ref", "REF"),
    "show": ("show", "--ref", "REF", "settings"),
    "compare": ("diff", "REF..REF"),
    "log": ("log", "--ref", "REF"),
    "files": ("import", "--marker", "none"),
    "status": ("status",),
    "commit": ("export", "--commit"),
}
READS = ("import", "diff", "hash", "show", "compare")
FINE = ("hash", "show", "compare", "log")
PAST = (69, "cannot be reached")


class GitInputTest(unittest.TestCase):
    def repository(self, folder=None):
        repo = Repository({})
        self.addCleanup(shutil.rmtree, repo.folder, True)
        if folder:
            below = os.path.join(repo.folder, folder)
            os.mkdir(below)
            for name in os.listdir(repo.folder):
                if name != folder:
                    shutil.move(os.path.join(repo.folder, name), below)
            repo.folder, repo.state = below, os.path.join(below, "schema")
            repo.env["HOME"] = os.path.join(below, ".git")
        repo.write("schema/info.json", INFO)
        repo.write("schema/folders.json", "[]\n")
        self.settings(repo, "A")
        return repo

    def settings(self, repo, name):
        repo.write("schema/settings.json", json.dumps({"project_name": name}, indent=2) + "\n")

    def history(self, folder=None):
        repo = self.repository(folder)
        repo.commit("first")
        self.settings(repo, "B")
        repo.commit("second")
        return repo

    def loose(self, repo, what):
        """The file of an object, made writable."""
        name = repo.git("rev-parse", what).strip()
        path = os.path.join(repo.folder, ".git", "objects", name[:2], name[2:])
        os.chmod(path, 0o600)
        return path

    def corrupt(self, repo, what):
        with open(self.loose(repo, what), "w", encoding="ascii") as file:
            file.write("junk")

    def check(self, repo, expected, ref="HEAD"):
        """{command or commands: (status, words)}; nothing of the repository changes, but for the index's cache."""
        before = self.refs(repo)
        for names, (status, words) in expected.items():
            for name in (names,) if isinstance(names, str) else names:
                with self.subTest(command=name):
                    command = [word.replace("REF", ref) for word in COMMANDS[name]]
                    # libgit2 1.5 keeps some of what it had read when an object is corrupt
                    done = repo.run(*command, env={**NOBODY, "ASAN_OPTIONS": "detect_leaks=0"})
                    self.assertEqual(status, done.status, done.err + done.out)
                    self.assertIn(words, done.err + done.out)
                    if status in (65, 78):
                        self.assertIn("hint: ", done.err)
        self.assertEqual(before, self.refs(repo))

    def refs(self, repo):
        found = {}
        for base, _, names in os.walk(os.path.join(repo.folder, ".git")):
            for name in names:
                if "objects" not in base and name != "index":
                    with open(os.path.join(base, name), "rb") as file:
                        found[os.path.join(base, name)] = file.read()
        return found

    # ---- no commit to read ----

    def test_no_repository(self):
        repo = self.repository()
        shutil.rmtree(os.path.join(repo.folder, ".git"))
        self.check(repo, {READS: (78, "is in no git repository: there is no"), "log": (78, "no history to read"), "files": PAST,
                          "status": (0, "git       no repository"),
                          "commit": (78, "is in no git repository: there is nothing to commit to")})
        with open(os.path.join(repo.folder, ".git"), "w", encoding="ascii") as file:
            file.write("gitdir: /nonexistent/worktree\n")
        for name in ("hash", "commit"):
            done = repo.run(*[word.replace("REF", "HEAD") for word in COMMANDS[name]], env=NOBODY)
            self.assertEqual(78, done.status, done.err)

    def test_a_branch_without_a_commit(self):
        repo = self.repository()
        self.check(repo, {(*READS, "log"): (78, "the branch has no commit yet"), ("files", "commit"): PAST,
                          "status": (0, "git       main, no commit yet, 3 files not committed")})
        self.check(repo, {READS: (78, '"main" is no commit of this repository')}, "main")

    def test_an_unknown_ref(self):
        repo = self.history()
        repo.git("tag", "v1.0.0")
        self.check(repo, {READS: (78, 'did you mean "v1.0.0"?')}, "v1.0.1")
        self.check(repo, {READS: (78, "is no commit")}, "HEAD:schema")
        self.check(repo, {READS: (78, '"fe" is no commit of this repository')}, "fe")
        self.check(repo, {(*READS, "log"): (78, "is no commit of this repository")}, "HEAD~9")
        shallow = Repository()
        self.addCleanup(shallow.close)
        shutil.rmtree(shallow.folder)
        subprocess.run(["git", "clone", "-q", "--depth", "1", "file://" + repo.folder, shallow.folder], check=True)
        self.check(shallow, {(*READS, "log"): (78, "git fetch --unshallow --tags")}, "HEAD~1")
        self.check(repo, {READS: (78, "is no commit of this repository")}, "a\nnew\u202eline \x1b[31m")
        self.assertNotIn("\x1b", repo.run("hash", "--ref", "\x1b[31m").err)

    # ---- what is corrupt ----

    def test_corrupt_objects_and_references(self):
        junk = "failed to inflate loose object"
        for what, words in (("HEAD", "main at"), ("HEAD^{tree}", "the work tree cannot be compared"), ("HEAD:schema", junk), ("HEAD~1", junk)):
            with self.subTest(what=what):
                repo = self.history()
                self.corrupt(repo, what)
                self.check(repo, {READS: (78, junk), "status": (0, words)})
                if what in ("HEAD", "HEAD^{tree}"):
                    self.check(repo, {("files", "commit"): (78, junk)})
        repo = self.history()
        self.corrupt(repo, "HEAD:schema/settings.json")
        self.check(repo, {READS: (78, f"HEAD:schema/settings.json: {junk}"), "status": (0, "main at"),
                          "log": (0, "what changed cannot be told")})
        for path, words in (("HEAD", "corrupted loose reference file: HEAD"),
                            ("refs/heads/main", "corrupted loose reference file: refs/heads/main")):
            repo = self.history()
            repo.write(f".git/{path}", "garbage\n")
            self.check(repo, {(*READS, "files", "commit"): (78, words), "status": (0, words)})
        repo = self.history()
        repo.write(".git/index", "no index")
        self.check(repo, {("import", "diff"): PAST, FINE: (0, ""), "commit": (78, "the index cannot be read"),
                          "files": (78, "the work tree cannot be compared"),
                          "status": (0, "the work tree cannot be compared")})

    def test_objects_whose_file_ends_too_early(self):
        """As after a power cut. libgit2 alone reads them for ever."""
        cut = "is damaged: the file ends too early"
        for what, words in (("HEAD", ""), ("HEAD:schema", ""), ("HEAD:schema/settings.json", "settings.json: ")):
            for end in (-6, 12, 0):
                with self.subTest(what=what, end=end):
                    repo = self.history()
                    path = self.loose(repo, what)
                    with open(path, "rb") as file:
                        data = file.read()
                    ref = repo.git("rev-parse", "HEAD").strip()
                    with open(path, "wb") as file:
                        file.write(data[:end])
                    for given in (ref, ref[:9]):
                        done = repo.run("hash", "--ref", given, timeout=20)
                        self.assertEqual(78, done.status, done.err)
                        self.assertIn(words + "the object in .git/objects/", done.err)
                        self.assertIn(cut, done.err)
                    self.assertEqual(0, repo.run("status", timeout=20).status)

    def test_configuration_of_git_that_cannot_be_read(self):
        for path in (".git/config", ".git/.gitconfig"):  # the latter is the user's own here
            repo = self.history()
            repo.write(path, "[core\n")
            words = f"failed to parse config file: missing ']' in section header (in {repo.folder}/{path}:1)"
            self.check(repo, {(*READS, "files", "commit"): (78, words), "status": (0, words)})
        repo = self.history()
        os.rename(os.path.join(repo.folder, ".git/config"), os.path.join(repo.folder, ".git/other"))
        os.mkdir(os.path.join(repo.folder, ".git/config"))
        self.check(repo, {("import", "diff"): PAST, FINE: (0, ""), "status": (0, "main at"),
                          "commit": (78, ".git/config cannot be read")})

    # ---- what is no state ----

    def test_what_is_no_state(self):
        def gone(repo):
            shutil.rmtree(repo.state)
            repo.write("schema/README.md", "of something else")

        def file(repo):
            shutil.rmtree(repo.state)
            repo.write("schema", "a file")

        def link(repo):
            shutil.rmtree(repo.state)
            os.symlink("/tmp", repo.state)

        def inner_link(repo):
            os.symlink("settings.json", os.path.join(repo.state, "link.json"))

        def text(path, content):
            return lambda repo: repo.write(path, content)

        way = (78, "HEAD has schema as a file or a link, not as a folder")
        inner, newer = (65, "is a symbolic link"), (65, "written by a newer schema-sync (format 99")
        for make, expected in (
            (gone, {READS: (65, "there is no state at HEAD:schema"), "files": (65, "there is no state in"),
                    "status": (0, "holds no state yet"), "commit": PAST}),
            (file, {READS: (65, "HEAD:schema is no folder there"), "files": (74, "Not a directory"), "commit": way}),
            (link, {READS: (65, "HEAD:schema is no folder there"), ("files", "status"): (65, "is a symbolic link"),
                    "commit": way}),
            (inner_link, {(*READS, "files", "status", "commit"): inner}),
            (text("schema/info.json", "{}\n"), {(*READS, "files", "commit"): (65, "schema/info.json: (/format)")}),
            (text("schema/info.json", "junk"), {(*READS, "files", "commit"): (65, "schema/info.json: line 1, column 1")}),
            (text("schema/info.json", INFO.replace(" 1,", " 99,")), {(*READS, "files", "commit"): newer}),
            (lambda repo: os.remove(os.path.join(repo.state, "info.json")),
             {(*READS, "files", "status", "commit"): (65, "schema/info.json is missing")}),
            (text("schema/.incomplete", ""), {READS: (65, "an interrupted export was committed"),
                                              "files": (65, "an export was interrupted")}),
        ):
            repo = self.history()
            make(repo)
            repo.commit("third")
            self.check(repo, expected)
            self.check(repo, {FINE: (0, "")}, "HEAD~1")
        repo = self.history()
        repo.git("update-index", "--add", "--cacheinfo", f"160000,{'0123456789' * 4},schema/sub")
        repo.git("commit", "-q", "-m", "a submodule")
        self.check(repo, {READS: (65, "HEAD:schema/sub is a submodule"), "files": PAST, "status": (0, "D sub"),
                          "commit": (65, "sub in the state folder is a submodule")})

    # ---- where it works, or cannot ----

    def test_a_detached_head_and_a_rebase(self):
        repo = self.history()
        repo.git("checkout", "-q", "--detach")
        self.check(repo, {("import", "diff", "files", "commit"): PAST, FINE: (0, ""), "status": (0, "HEAD detached at")})
        repo.write(".git/rebase-merge/interactive", "")
        self.check(repo, {"commit": (78, "a rebase is under way"), FINE: (0, ""), "files": PAST})

    def test_a_bare_repository(self):
        repo = self.history()
        bare = Repository(None)
        self.addCleanup(shutil.rmtree, bare.folder, True)
        shutil.rmtree(bare.folder)
        subprocess.run(["git", "clone", "-q", "--bare", repo.folder, bare.folder], check=True)
        self.check(bare, {("import", "diff"): PAST, FINE: (0, ""), "status": (0, "main at"),
                          "commit": (78, "a bare repository has no work tree to commit from"),
                          "files": (65, "there is no state in")}, "main")
        self.assertIn("--ref", bare.run("import", "--marker", "none", env=NOBODY).err)
        for command in (("init", "--hooks"), ("init",), ("export",)):
            self.assertIn("git clone", bare.run(*command, env=NOBODY).check(78).err)
        self.assertFalse(os.path.exists(os.path.join(bare.folder, "schema-sync.json")))
        # what stands in it is of no commit, even if one has the same
        shutil.copytree(repo.state, bare.state)
        self.assertIn("not committed", bare.run("seal").check(78).err)

    def test_a_checkout_of_a_part(self):
        """What is not there was left out, and not deleted."""
        repo = self.history()
        repo.git("sparse-checkout", "set", "--no-cone", "/*", "!/schema/settings.json")
        self.assertFalse(os.path.exists(os.path.join(repo.state, "settings.json")))
        self.check(repo, {("files", "commit"): (78, "settings.json is left out of the work tree"), ("import", "diff"): PAST,
                          FINE: (0, "")})
        for command in ("diff", "seal"):
            self.assertIn("is left out", repo.run(command, env=NOBODY).check(78).err)
        repo.git("sparse-checkout", "set", "--no-cone", "/*", "!/other")
        self.check(repo, {"files": PAST})

    def test_paths_with_everything_in_them(self):
        for folder in ("a space", "ünïcode 日本", "new\nline", "quo'te\"s", "-dash", "per%cent \\back"):
            with self.subTest(folder=folder):
                repo = self.history(folder)
                self.check(repo, {("import", "diff", "files", "commit"): PAST, FINE: (0, ""), "status": (0, "main at")})
                self.assertEqual(repo.run("hash").out, repo.run("hash", "--ref", "main").out)
                self.settings(repo, "C")
                self.assertIn("M settings.json", repo.run("status").out)
                self.assertIn('"B" → "C"', repo.run("diff", "HEAD..", env=NOBODY).out + repo.run("diff", "HEAD", env=NOBODY).out)


if __name__ == "__main__":
    case.main()
