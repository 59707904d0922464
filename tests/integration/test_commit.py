"""export --commit: what is exported is committed, with a message that says what changed, and known to the marker."""

from tests.project import SMALL, uid
from tests.support import case

DESK, STAFF = uid("role", "Small desk"), uid("role", "Small staff")


def setUpModule():
    case.open_lab()


class CommitTest(case.Case):
    def marker(self):
        return list(self.dev.query("SELECT schema_sync_commit, schema_sync_worktree FROM directus_settings")[0].values())

    def head(self, repo):
        return repo.git("rev-parse", "HEAD").strip()

    def export(self, repo, *arguments, status=0, **options):
        return repo.run("--env", "dev", "export", *arguments, **options).check(status)

    def test_an_export_becomes_a_commit(self):
        SMALL.prepare(self.dev)
        repo = self.repository(SMALL.config)
        repo.write("README.md", "1")
        repo.git("add", "README.md")  # other staged work, on a branch without a commit

        refused = self.export(repo, "--commit", status=78, env={"GIT_AUTHOR_DATE": "tomorrow"})
        self.assertIn("GIT_AUTHOR_DATE", refused.err)
        self.assertEqual({}, repo.files())  # nothing was read or written
        self.export(repo, "--commit", "--check", status=64)
        self.export(repo, "--commit=", status=64)

        said = self.export(repo, "--commit").out
        self.assertIn(f"commit {self.head(repo)[:12]} on main: schema-sync: ", said)
        message = repo.git("log", "-1", "--format=%an <%ae>%n%B")
        self.assertTrue(message.startswith("Tester <tester@example.com>\nschema-sync: "), message)
        self.assertIn("+ role \"Small desk\"", message)
        self.assertEqual("A  README.md\n?? schema-sync.json\n", repo.git("status", "--porcelain"))
        self.assertEqual([self.head(repo), False], self.marker())

        self.dev.api.patch(f"/roles/{DESK}", {"icon": "anchor"})
        self.dev.api.patch("/items/topics/plain", {"label": "other"})
        done = self.export(repo, "--commit", "--only", "roles").out
        self.assertIn("schema-sync: 1 role changed", done)
        self.assertEqual("~ role \"Small desk\": icon\n", repo.git("log", "-1", "--format=%b").strip() + "\n")
        repo.run("--env", "dev", "--json", "export", "--commit=a word\n\nand more").check()
        self.assertEqual("a word\n\nand more\n\n", repo.git("log", "-1", "--format=%B"))
        self.assertEqual([self.head(repo), False], self.marker())
        count = repo.git("rev-list", "--count", "HEAD")
        self.assertEqual("3\n", count)

        again = repo.run("--env", "dev", "--json", "export", "--commit").check().json()["commit"]
        self.assertEqual((False, self.head(repo), "main", 0), tuple(again[key] for key in ("made", "id", "branch", "files")))
        self.assertEqual(count, repo.git("rev-list", "--count", "HEAD"))
        self.assertEqual("A  README.md\n?? schema-sync.json\n", repo.git("status", "--porcelain"))

        # what cannot be committed is written all the same, and the instance knows it
        repo.write(".gitattributes", "schema/roles/* filter=lfs\n")
        self.dev.api.patch(f"/roles/{DESK}", {"icon": "bomb"})
        self.assertIn("filter=lfs", self.export(repo, "--commit", status=78).err)
        self.assertEqual(count, repo.git("rev-list", "--count", "HEAD"))
        self.assertIn("nothing to write", self.export(repo).out)
        self.assertTrue(self.marker()[1])
        repo.write(".gitattributes", "")
        repo.git("checkout", "-q", "--detach")
        done = self.export(repo, "--commit")
        self.assertIn("HEAD is detached", done.err)
        self.assertIn("schema-sync: 1 role changed", done.out)
        self.assertEqual([self.head(repo), False], self.marker())

    def test_a_merged_export_is_committed(self):
        SMALL.prepare(self.dev)
        repo = self.repository(SMALL.config)
        self.export(repo, "--commit")
        folder = repo.json("schema/settings.json")
        repo.write("schema/settings.json", repo.read("schema/settings.json").replace(folder["project_name"], "ours"))
        self.dev.api.patch(f"/roles/{DESK}", {"icon": "anchor"})
        self.export(repo, "--commit", status=76)
        self.export(repo, "--merge", "--commit")
        self.assertEqual("", repo.git("status", "--porcelain", "--", "schema"))
        body = repo.git("log", "-1", "--format=%B")
        self.assertIn("role \"Small desk\": icon", body)
        self.assertIn("project_name", body)


if __name__ == "__main__":
    case.main()
