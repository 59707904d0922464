"""The git hooks between a work tree and the developer's own instance."""

import contextlib
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import time

from tests.project import SMALL, uid
from tests.support import case, processes, tool
from tests.support.hooked import Hooked

DESK, FLOW = uid("role", "Small desk"), uid("flow", "Small")
TOKEN = "ghp_" + "x7Kq2mZp9RtLw4Vb8NcYd3Hs6Jf1Ga5Qe0Tu"


def setUpModule():
    case.open_lab()


class HooksCase(case.Case):
    _files = {}

    def prepared(self, config=None):
        """Dev as SMALL is, exported and committed; the hooks work for it."""
        repo = Hooked({**SMALL.config, **(config or {})}, state=False, dev=self.dev, prod=self.prod)
        self.addCleanup(repo.close)
        repo.env.update({"SCHEMA_SYNC_ENV": "dev", "SCHEMA_SYNC_PROBE": "60"})  # a busy machine takes longer than a second
        if self._files:
            self.dev.reset("hooks")
            for path, content in self._files.items():
                repo.write(f"schema/{path}", content)
        else:
            SMALL.prepare(self.dev)
            repo.run("export").check()
            self.dev.save("hooks")
            self._files.update(repo.files())
        repo.git("add", "-A")
        repo.git("commit", "-q", "--no-verify", "-m", "as it is")
        return repo

    def commit(self, repo, *arguments, status=0, **options):
        done = repo.try_git("commit", "-q", *arguments, **options)
        self.assertEqual(status, done.status, done.out)
        return done.out

    def file(self, repo, folder, start):
        (name,) = [name for name in os.listdir(os.path.join(repo.state, folder)) if name.startswith(start)]
        return f"schema/{folder}/{name}"

    def role_file(self, repo):
        return self.file(repo, "roles", "small-desk")

    def rename_role(self, icon):
        self.dev.api.patch(f"/roles/{DESK}", {"icon": icon})

    def dirty(self, repo):
        return repo.git("status", "--porcelain").splitlines()


class CommitTest(HooksCase):
    def test_what_changed_on_the_instance_goes_with_the_commit(self):
        repo = self.prepared()
        role = self.role_file(repo)
        repo.write("app.js", "1")
        repo.git("add", "app.js")
        self.assertEqual("", self.commit(repo, "-m", "nothing new there"))
        self.assertEqual(["A app.js"], repo.committed())

        self.rename_role("anchor")
        made = self.dev.api.post("/roles", {"name": "newcomer"})
        repo.write("app.js", "2")
        repo.git("add", "app.js")
        said = self.commit(repo, "-m", "an anchor and a newcomer")
        self.assertIn(f"schema-sync: {self.dev.url} has changed since the last export: 2 files of schema staged", said)
        self.assertEqual(["A schema/roles/newcomer.json", "M app.js", f"M {role}"], sorted(repo.committed()))
        self.assertEqual([], self.dirty(repo))

        self.dev.api.delete(f"/roles/{made['id']}")
        repo.write("app.js", "3")
        self.commit(repo, "-a", "-m", "and gone")  # of the index that -a makes
        self.assertEqual(["D schema/roles/newcomer.json", "M app.js"],
                         [line for line in sorted(repo.committed()) if "removed.jsonl" not in line])
        self.assertIn("A schema/removed.jsonl", repo.committed())
        self.assertEqual([], self.dirty(repo))

        self.rename_role("bolt")
        self.commit(repo, "--amend", "--no-edit")
        self.assertIn('"icon": "bolt"', repo.git("show", f"HEAD:{role}"))
        self.assertIn("A schema/removed.jsonl", repo.committed())
        self.assertEqual([], self.dirty(repo))

    def test_what_was_left_out_stays_out(self):
        """Files that differed from the index before are the user's, and `git commit FILE` takes nothing else along."""
        repo = self.prepared()
        role, flow = self.role_file(repo), self.file(repo, "flows", "small")
        self.rename_role("anchor")
        self.dev.api.post("/roles", {"name": "newcomer"})
        repo.run("export").check()
        self.dev.api.patch(f"/flows/{FLOW}", {"icon": "star"})
        repo.write("app.js", "1")
        repo.git("add", "app.js")
        said = self.commit(repo, "-m", "only the flow is new")
        self.assertIn("1 file of schema staged", said)
        self.assertEqual(["A app.js", f"M {flow}"], sorted(repo.committed()))
        self.assertEqual([f" M {role}", "?? schema/roles/newcomer.json"], self.dirty(repo))

        self.dev.api.patch(f"/flows/{FLOW}", {"icon": "anchor"})
        before = repo.files()
        self.commit(repo, "-m", "one file", role)
        self.assertEqual([f"M {role}"], repo.committed())
        self.assertEqual(before, repo.files())
        self.assertEqual(["?? schema/roles/newcomer.json"], self.dirty(repo))

    def test_hunks_are_the_users_choice(self):
        repo = self.prepared()
        role = self.role_file(repo)
        repo.write("notes.txt", "".join(f"{number}\n" for number in range(30)))
        repo.git("add", "-A")
        self.commit(repo, "-m", "notes")
        repo.write("notes.txt", "first\n" + repo.read("notes.txt") + "last\n")
        self.rename_role("anchor")
        done = subprocess.run(["git", "commit", "-q", "-p", "-m", "one hunk"], cwd=repo.folder, env=repo.env, input="y\nn\n",
                              text=True, capture_output=True, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(["M notes.txt", f"M {role}"], sorted(repo.committed()))
        self.assertEqual([" M notes.txt"], self.dirty(repo))

    def test_edits_by_hand_are_never_overwritten(self):
        repo = self.prepared()
        role = self.role_file(repo)
        self.dev.api.patch(f"/flows/{FLOW}", {"icon": "star"})
        repo.write(role, repo.read(role).replace('"icon": ', '"icon":   "by hand", "was": ', 1).replace(', "was": null', "").replace(', "was": "supervised_user_circle"', ""))
        edited = repo.files()
        repo.write("app.js", "1")
        repo.git("add", "app.js")
        said = self.commit(repo, "-m", "not the edit")
        self.assertIn(f"schema-sync: nothing exported from {self.dev.url}: the files in schema have moved on", said)
        self.assertEqual(["A app.js"], repo.committed())
        self.assertEqual(edited, repo.files())
        self.commit(repo, "-a", "-m", "the edit")
        self.assertEqual([f"M {role}"], repo.committed())
        self.assertEqual(edited, repo.files())

    def test_a_colleagues_work_is_not_undone(self):
        repo = self.prepared()
        role = self.role_file(repo)
        repo.git("checkout", "-q", "-b", "colleague")
        repo.write(role, json.dumps({**repo.json(role), "icon": "theirs"}, indent=2) + "\n")
        repo.git("commit", "-q", "-a", "--no-verify", "-m", "theirs")
        said = repo.try_git("checkout", "main").out + repo.try_git("merge", "colleague").out
        self.assertIn(f"schema came in: 1 role changed\n  `schema-sync import` brings it to {self.dev.url}", said)
        repo.write("app.js", "1")
        repo.git("add", "app.js")
        self.assertIn("have moved on", self.commit(repo, "-m", "mine"))
        self.assertEqual("theirs", repo.json(role)["icon"])
        repo.run("import").check()
        repo.write("app.js", "2")
        self.assertEqual("", self.commit(repo, "-a", "-m", "mine"))

    def test_a_secret_on_the_instance_stops_the_commit(self):
        repo = self.prepared()
        before = repo.files()
        self.dev.api.patch(f"/roles/{DESK}", {"description": TOKEN})
        repo.write("app.js", "1")
        repo.git("add", "app.js")
        said = self.commit(repo, "-m", "x", status=1)
        self.assertIn("the commit is stopped: the export before the commit: 1 secret would be written in clear", said)
        self.assertNotIn(TOKEN, said)
        self.assertEqual(before, repo.files())
        self.assertEqual(["A  app.js"], self.dirty(repo))
        repo.write(".env", f"SMALL_DESK_DESCRIPTION={TOKEN}\n")
        repo.write(".git/info/exclude", ".env\n")
        self.commit(repo, "-m", "x")
        self.assertIn("${SMALL_DESK_DESCRIPTION}", repo.git("show", f"HEAD:{self.role_file(repo)}"))

    def test_without_a_marker_the_instance_is_only_compared(self):
        repo = self.prepared()
        before = repo.files()
        self.rename_role("anchor")
        repo.write("app.js", "1")
        repo.git("add", "app.js")
        said = self.commit(repo, "-m", "x", env={"DEV_DATABASE_URL": None})
        self.assertIn("1 file of schema differs on", said)
        self.assertEqual(before, repo.files())
        self.assertEqual(["A app.js"], repo.committed())

    def test_ignored_files_are_not_staged(self):
        repo = self.prepared()
        repo.write(".gitignore", "schema/roles/new*\n")
        self.dev.api.post("/roles", {"name": "newcomer"})
        self.rename_role("anchor")
        repo.git("add", ".gitignore")
        self.commit(repo, "-m", "x")
        self.assertEqual(["A .gitignore", f"M {self.role_file(repo)}"], sorted(repo.committed()))

    def test_an_instance_that_cannot_be_had_does_not_stop_the_commit(self):
        repo = self.prepared({"environments": {"dev": {}, "live": {"protected": True}}})
        self.rename_role("anchor")
        before, live = repo.files(), {name.replace("DEV_", "LIVE_"): value for name, value in repo.env.items() if name.startswith("DEV_")}
        closed = socket.socket()
        closed.bind(("127.0.0.1", 0))
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(closed.close)
        self.addCleanup(silent.close)

        def url(server):
            return {"DEV_DIRECTUS_URL": f"http://127.0.0.1:{server.getsockname()[1]}", "SCHEMA_SYNC_PROBE": None}

        cases = {
            "wrong token": ({"DEV_DIRECTUS_TOKEN": "wrong"}, "nothing exported from"),
            "refused": (url(closed), "the instance does not answer within a second: "),
            "silent": (url(silent), "the instance does not answer within a second: "),
            "no database": ({"DEV_DATABASE_URL": f"postgresql://u@127.0.0.1:{closed.getsockname()[1]}/d"}, "nothing exported from"),
            "none": ({"DEV_DIRECTUS_URL": None}, None),
            "protected": ({"SCHEMA_SYNC_ENV": "live", **live}, None),
        }
        for number, (name, (env, words)) in enumerate(cases.items()):
            with self.subTest(name):
                repo.write("app.js", str(number))
                repo.git("add", "app.js")
                said = self.commit(repo, "-m", name, env=env)
                self.assertEqual(1 if words else 0, said.count("\n"), said)
                self.assertIn(words or "", said)
                self.assertEqual(before, repo.files())
        # and what is staged is checked all the same
        repo.put("roles/extra.json", "{")
        repo.git("add", "-A")
        self.assertIn("schema/roles/extra.json", self.commit(repo, "-m", "x", status=1, env=url(closed)))

    def test_what_an_export_refuses_for_a_while_does_not_stop_the_commit(self):
        repo = self.prepared()
        self.rename_role("anchor")
        repo.write("app.js", "1")
        repo.git("add", "app.js")
        self.dev.execute("UPDATE directus_settings SET schema_sync_state='importing', schema_sync_owner='other:1:x', "
                         "schema_sync_owner_info='the other one', schema_sync_lease_until=clock_timestamp() + interval '60 s'")
        said = self.commit(repo, "-m", "x")
        self.assertIn(f"nothing exported from {self.dev.url}: an import is at work", said)
        self.assertEqual([], self.dirty(repo))
        self.dev.execute("UPDATE directus_settings SET schema_sync_state='clean', schema_sync_owner=NULL, "
                         "schema_sync_owner_info=NULL, schema_sync_lease_until=NULL")
        broken = self.role_file(repo)
        repo.write(broken, "{")  # in the work tree alone
        repo.write("app.js", "2")
        repo.git("add", "app.js")
        said = self.commit(repo, "-m", "x")
        self.assertIn(f"nothing exported from {self.dev.url}: {broken}", said)
        self.assertEqual("{", repo.read(broken))

    def test_in_a_linked_work_tree_of_another_branch(self):
        repo = self.prepared()
        role = self.role_file(repo)
        linked = os.path.join(repo.folder, ".git", "linked")
        repo.git("worktree", "add", "-q", "-b", "side", linked)
        self.rename_role("anchor")
        with open(os.path.join(linked, "app.js"), "w", encoding="utf-8") as file:
            file.write("1")
        repo.try_git("add", "app.js", cwd=linked)
        self.assertIn("1 file of schema staged", self.commit(repo, "-m", "x", cwd=linked))
        self.assertEqual(["A app.js", f"M {role}"], sorted(repo.committed("side")))
        self.assertEqual([], self.dirty(repo))


    def test_no_first_export(self):
        repo = Hooked(SMALL.config, state=False, dev=self.dev)
        self.addCleanup(repo.close)
        repo.env["SCHEMA_SYNC_ENV"] = "dev"
        repo.git("add", "-A")
        self.assertIn("there is no state yet: `schema-sync export` writes schema", self.commit(repo, "-m", "x"))
        self.assertFalse(os.path.exists(os.path.join(repo.state, "info.json")))

    def test_killed_at_any_moment(self):
        """The index and HEAD are whole, nothing is lost, and the next commit does it all."""
        repo = self.prepared()
        role = self.role_file(repo)
        random.seed(11)
        for number in range(8):
            self.rename_role(f"icon{number}")
            repo.write("app.js", str(number))
            repo.git("add", "app.js")
            commit = processes.spawn(["git", "commit", "-q", "-m", "x"], cwd=repo.folder, env=repo.env,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            time.sleep(random.random() * 1.2)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(commit.pid, signal.SIGKILL)
            commit.communicate()  # until all of them are gone, the hook's processes among them
            for left in ("index.lock", "index.lock.lock", "HEAD.lock", "refs/heads/main.lock"):
                if os.path.exists(os.path.join(repo.folder, ".git", left)):
                    os.remove(os.path.join(repo.folder, ".git", left))  # as git tells people to do
            self.assertIn("schema/info.json", repo.git("ls-files"))
            self.assertEqual("", repo.git("fsck", "--no-progress", "--no-dangling"))
        repo.run("export").check()
        repo.git("add", "-A")
        self.commit(repo, "--allow-empty", "-m", "x")
        self.assertEqual("icon7", json.loads(repo.git("show", f"HEAD:{role}"))["icon"])
        self.assertEqual([], self.dirty(repo))


class ArrivalTest(HooksCase):
    def test_auto_import(self):
        repo = self.prepared({"autoImport": True})
        role = self.role_file(repo)
        repo.git("checkout", "-q", "-b", "side")
        repo.write(role, json.dumps({**repo.json(role), "icon": "anchor"}, indent=2) + "\n")
        repo.git("commit", "-q", "-a", "--no-verify", "-m", "an anchor")
        done = repo.try_git("checkout", "main")  # the instance is as main has it
        self.assertIn(f"schema-sync: {self.dev.url} has this state already", done.out)
        done = repo.try_git("checkout", "side")
        self.assertIn(f"schema-sync: imported into {self.dev.url}", done.out)
        self.assertEqual("anchor", self.dev.api.get(f"/roles/{DESK}")["icon"])

        self.dev.api.patch(f"/flows/{FLOW}", {"icon": "star"})  # in no file
        with self.nothing_written(self.dev):
            done = repo.try_git("checkout", "main")
            self.assertEqual(0, done.status)
            self.assertIn(f"not imported: {self.dev.url} has changes that are in no file", done.out)
            self.assertIn("export --merge", done.out)
        self.dev.api.patch(f"/flows/{FLOW}", {"icon": "bolt"})
        repo.git("checkout", "-q", "side")
        self.assertIn("not imported: " + self.dev.url + " has a newer state", repo.try_git("checkout", "main").out)
        live = {name.replace("DEV_", "LIVE_"): value for name, value in repo.env.items() if name.startswith("DEV_")}
        repo.write("schema-sync.json", json.dumps({**SMALL.config, "environments": {"live": {"protected": True, "autoImport": True}}}))
        with self.nothing_written(self.dev):
            done = repo.try_git("checkout", "side", env={"SCHEMA_SYNC_ENV": "live", **live})
            self.assertIn("came in: 1 role changed", done.out)
            self.assertNotIn("import", done.out)


class CostTest(HooksCase):
    """What a commit pays, in one run, in turns: with nothing to export, and without an instance."""

    def spent(self, argv, repo, env=None):
        """Seconds by the clock, and of processors: its own and its children's."""
        started = time.monotonic()
        process = subprocess.Popen(argv, cwd=repo.folder, env={**repo.env, **(env or {})}, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(0, status)
        return time.monotonic() - started, usage.ru_utime + usage.ru_stime

    def test_what_a_commit_pays(self):
        repo = self.prepared()
        closed = socket.socket()
        closed.bind(("127.0.0.1", 0))
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(closed.close)
        self.addCleanup(silent.close)
        hook, export = [repo.hook("pre-commit")], [tool.binary(), "export"]
        del repo.env["SCHEMA_SYNC_PROBE"]
        down, hole = ({"DEV_DIRECTUS_URL": f"http://127.0.0.1:{one.getsockname()[1]}"} for one in (closed, silent))
        with open(tool.binary(), "rb") as program:
            slow = 5 if b"__asan_init" in program.read() else 1  # the goals are those of the program people run
        runs = {"export": [], "up": [], "refused": [], "silent": []}
        for _ in range(9 if slow == 1 else 3):
            runs["export"].append(self.spent(export, repo))
            runs["up"].append(self.spent(hook, repo))
            runs["refused"].append(self.spent(hook, repo, down))
        for _ in range(3):
            runs["silent"].append(self.spent(hook, repo, hole))
        clock, processor = ({name: statistics.median(one[which] for one in values) for name, values in runs.items()}
                            for which in (0, 1))
        ratio = clock["up"] / clock["export"]
        print(f"\nexport {clock['export'] * 1e3:.0f} ms, hook {clock['up'] * 1e3:.0f} ms ({ratio:.2f} ×); refused "
              f"{clock['refused'] * 1e3:.0f} ms, silent {clock['silent'] * 1e3:.0f} ms, of processors "
              f"{processor['refused'] * 1e3:.0f} and {processor['silent'] * 1e3:.0f} ms")
        self.assertLessEqual(ratio, 1.2 * slow)
        for name in ("refused", "silent"):  # neither waits for anything but the probe: a busy machine's clock says little
            self.assertLessEqual(processor[name], 0.05 * slow)
        self.assertLess(clock["silent"], 1 + 2 * slow)


if __name__ == "__main__":
    case.main()
