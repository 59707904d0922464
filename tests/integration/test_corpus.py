"""Projects that others made: the templates of the corpus arrive on another instance byte for byte.

SCHEMA_SYNC_CORPUS names the folder (templates/, load_template.py). Without it everything here is skipped.
"""

import os
import subprocess
import sys
import unittest

from tests.support import case, dump

CORPUS = os.environ.get("SCHEMA_SYNC_CORPUS")
SYSTEM_INDEXES = (("directus_activity", "timestamp"), ("directus_revisions", "activity"),
                  ("directus_revisions", "parent"))
REASON = "SCHEMA_SYNC_CORPUS is not set: it names a folder with templates/ and load_template.py"


def setUpModule():
    if CORPUS:
        case.open_lab()


def has_schema(path):
    """Whether an empty instance can take its snapshot; a template without one is configuration only."""
    snapshot = os.path.join(path, "src", "schema", "snapshot.json")
    return os.path.exists(snapshot) and os.path.getsize(snapshot) > 10


@unittest.skipUnless(CORPUS, REASON)
class CorpusTest(case.Case):
    def load(self, path):
        """Into an empty dev; what the loader has to say about rows that need files is its own matter."""
        self.dev.reset()
        self.dev.execute("CREATE EXTENSION postgis")
        done = subprocess.run(
            [sys.executable, os.path.join(CORPUS, "load_template.py"), self.dev.url, path],
            capture_output=True, text=True, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        # The loader posts a schema without system fields, for which the server drops its own indexes. They are no part
        # of any project: an empty instance has them.
        for collection, field in SYSTEM_INDEXES:
            self.dev.api.patch(f"/fields/{collection}/{field}", {"schema": {"is_indexed": True}})
        self.dev.api.clear_cache()

    def config(self):
        """All collections with a table, their rows chosen."""
        tables = [one["collection"] for one in self.dev.api.get("/collections") if one["schema"]]
        return {"collections": {name: True for name in tables if not name.startswith("directus_")}}

    def test_templates(self):
        folder = os.path.join(CORPUS, "templates")
        found = [name for name in sorted(os.listdir(folder)) if os.path.isdir(os.path.join(folder, name))]
        self.assertTrue(any(has_schema(os.path.join(folder, name)) for name in found),
                        f"{folder}: no template with a schema")
        for name in found:
            with self.subTest(name):
                self.travel(os.path.join(folder, name))

    def tokens(self):
        """Templates hold real-looking tokens in their flows' headers: variables that have their values."""
        headers = [header for one in self.dev.api.get("/operations") for header in (one["options"] or {}).get("headers") or []]
        found = {header["value"] for header in headers if header["value"].startswith("Bearer ") and "{{" not in header["value"]}
        return {f"TOKEN_{number}": value for number, value in enumerate(sorted(found), 1)}

    def travel(self, path):
        self.load(path)
        config = self.config()
        self.assertEqual(has_schema(path), len(config["collections"]) > 5)
        repo, back = self.repository(config), self.repository(config)
        tokens = self.tokens()
        if tokens:
            self.assertIn("would be written in clear", repo.run("--env", "dev", "export").check(77).err)
        for one in (repo, back):
            one.env.update(tokens)
        repo.run("--env", "dev", "export").check()
        for value in tokens.values():
            self.assertEqual([], [file for file, content in repo.files().items() if value[7:].encode() in content])
        rows = sum(content.count(b"\n") for file, content in repo.files().items() if file.startswith("data/"))
        self.assertEqual(has_schema(path), rows > 20)
        self.prod.reset()
        self.prod.execute("CREATE EXTENSION postgis")
        repo.run("--env", "prod", "import").check()
        back.run("--env", "prod", "export").check()
        self.assert_same_files(repo.files(), back.files())
        for again in ((), ("--again",)):
            newest = dump.newest(self.prod.api)
            said = repo.run("--json", "--env", "prod", "import", *again).check().json()
            self.assertTrue(said["nothing_to_do"])
            self.assertEqual(newest, dump.newest(self.prod.api))
            self.assertEqual(bool(again), said["requests"] > 0)


if __name__ == "__main__":
    case.main()
