"""status: files, git and the marker of one environment or of all, side by side."""

import json
import os
import re

from tests.project import SMALL, uid
from tests.support import case

DESK = uid("role", "Small desk")


def setUpModule():
    case.open_lab()


class StatusTest(case.Case):
    def status(self, repo, *arguments, **options):
        return repo.run("--env", "prod", "--json", "status", *arguments, **options).check().json()

    def order(self, repo, *arguments):
        found = self.status(repo, *arguments)["order"]
        return found["files"], found["ahead"], found["behind"]

    def edit(self, repo, icon):
        path = next(f"schema/{path}" for path in repo.files() if path.startswith("roles/small-desk"))
        repo.write(path, json.dumps({**repo.json(path), "icon": icon}, indent=2, ensure_ascii=False) + "\n")
        return path

    def test_where_the_files_stand_to_a_target(self):
        SMALL.prepare(self.dev)
        self.prod.reset()
        repo = self.repository(SMALL.config)
        repo.run("--env", "dev", "export").check()
        self.assertEqual(("none", None, None), self.order(repo))  # no columns yet
        before = self.status(repo)["git"]
        self.assertEqual(("main", None, True), (before["branch"], before["commit"], len(before["dirty"]) > 5))
        first = repo.commit("first")
        repo.git("tag", "v1.0.0")
        repo.run("--env", "prod", "import").check()
        found = self.status(repo)
        self.assertEqual((True, "equal", 0, 0), (found["equal"], *self.order(repo)))
        self.assertEqual((first, first, []), (found["git"]["commit"], found["marker"]["commit"], found["git"]["dirty"]))
        self.assertRegex(found["marker"]["owner_info"], r"^schema-sync \S+ on \S+, pid \d+$")  # who imported, although nobody holds the lock
        self.assertIsNone(found["marker"]["owner"])
        self.assertIn("export", repo.run("--env", "dev", "--json", "status").check().json()["marker"]["owner_info"])

        path = self.edit(repo, "anchor")
        self.assertEqual(("changed", 0, 0), self.order(repo))
        self.assertEqual([{"change": "M", "path": path.removeprefix("schema/")}], self.status(repo)["git"]["dirty"])
        repo.commit("second")
        repo.write("README.md", "1")
        repo.commit("elsewhere")
        self.edit(repo, "wave")
        repo.commit("third")
        repo.git("tag", "v1.1.0")
        self.assertEqual(("ahead", 2, 0), self.order(repo))
        text = repo.run("--env", "prod", "status").check().out
        for words in ("git       main at", "(v1.1.0)", "versions  v1.1.0 here; v1.0.0 3 commits ago\n",
                      f"commit {first[:12]} (v1.0.0), 20", " by schema-sync ", "the files are 2 commits ahead\n"):
            self.assertIn(words, text)
        repo.run("--env", "prod", "import").check()
        self.assertEqual(("behind", 0, 2), self.order(repo, "--ref", "v1.0.0"))
        self.assertEqual(("equal", 0, 0), self.order(repo, "--ref", "v1.1.0"))
        repo.run("--env", "prod", "rollback", "--to", "v1.0.0").check()
        found = self.status(repo)
        self.assertEqual((first, ("ahead", 2, 0)), (found["marker"]["applied_commit"], self.order(repo)))
        self.assertIn(f"held      rolled back to {first} (v1.0.0): only a newer commit than ", repo.run("--env", "prod", "status").check().out)
        self.assertEqual(("equal", 0, 0), self.order(repo, "--ref", "v1.0.0"))
        repo.run("--env", "prod", "rollback", "--resume").check()
        repo.git("checkout", "-q", "-b", "side", "v1.0.0")
        self.edit(repo, "bomb")
        repo.commit("on the side")
        self.assertEqual(("diverged", 1, 2), self.order(repo))
        shallow = self.repository(None)
        repo.git("clone", "-q", "--depth", "1", f"file://{repo.folder}", os.path.join(shallow.folder, "c"))
        shallow.folder = os.path.join(shallow.folder, "c")
        self.assertEqual(("unknown", None, None), self.order(shallow))
        self.assertTrue(self.status(shallow)["git"]["shallow"])

        # a repository that cannot be read does not hide what the marker says
        repo.write(".git/index", "no index")
        found = self.status(repo)
        self.assertIn("the work tree cannot be compared", found["git"]["error"])
        self.assertEqual("clean", found["marker"]["state"])

    def test_all_environments_with_one_that_does_not_answer(self):
        SMALL.prepare(self.dev)
        self.prod.reset()
        repo = self.repository({**SMALL.config, "environments": {"prod": {}, "gone": {"url": "http://127.0.0.1:9"}, "none": {}}})
        repo.run("--env", "dev", "export", "--commit").check()
        env = {"GONE_DATABASE_URL": "postgresql://x:secret-word@127.0.0.1:9/x", "NONE_DIRECTUS_URL": "http://127.0.0.1:9"}
        done = repo.run("--json", "status", "--all", env=env).check()
        self.assertNotIn("secret-word", done.out + done.err)
        found = {one["environment"]: one for one in done.json()["environments"]}
        self.assertEqual(["dev", "gone", "none", "prod"], sorted(found))
        self.assertEqual(("equal", None), (found["dev"]["order"]["files"], found["dev"]["error"]))
        self.assertEqual("none", found["prod"]["order"]["files"])
        self.assertIn("127.0.0.1", found["gone"]["error"])
        self.assertIsNone(found["none"]["marker"])
        text = repo.run("status", "--all", env=env).check().out
        self.assertTrue(re.search(r"\nenvironment +marker +files +commit +applied +by\n", text), text)
        self.assertTrue(re.search(r"\ndev +clean +equal +\w{12} +20\S+ +schema-sync ", text), text)
        self.assertIn("\ngone ", text)
        repo.run("--env", "dev", "status", "--all").check(64)

        # names of git's own making
        repo.git("switch", "-q", "-c", "zwei\u202ewörter")
        self.assertIn("zwei\\u202ewörter", repo.run("status", "--all", env=env).check().out)


if __name__ == "__main__":
    case.main()
