"""What the integration tests of travelling share: one lab a module, repositories that clean up, strict comparisons.

    def setUpModule():
        case.open_lab()

    class TravelTest(case.Case):
        def test_it(self):
            FULL.prepare(self.dev)
            repo = self.repository(FULL.config)
            repo.run("--env", "dev", "export").check()
"""

import contextlib
import difflib
import os
import sys
import unittest

from . import dump, fingerprint
from .directus import Lab
from .proxy import Proxy
from .tool import Repository

_MARKER = f"settings.{dump.MARKER}"
_opened = {}


def open_lab():
    """For setUpModule: joins or starts the lab; it ends with the module."""
    lab = Lab.open()
    unittest.addModuleCleanup(lab.close)
    _opened["lab"] = lab
    _opened["dev"], _opened["prod"] = lab.pair()


def lab():
    return _opened["lab"]


def main():
    """Runs the module's tests. Exit status 77 when every one of them was skipped.

    Warnings stay off: a child forked for a server drops this thread's open connections, and Python says so each time.
    """
    result = unittest.main(verbosity=2, warnings="ignore", exit=False).result
    skipped = result.testsRun > 0 and len(result.skipped) == result.testsRun
    sys.exit(77 if skipped else not result.wasSuccessful())


class Case(unittest.TestCase):
    """The lab, its two instances, and assertions about files and instances."""

    maxDiff = 20000

    @property
    def lab(self):
        return _opened["lab"]

    @property
    def dev(self):
        return _opened["dev"]

    @property
    def prod(self):
        return _opened["prod"]

    def repository(self, config, files=None, **instances):
        """A work tree; `files` are put into its state folder. Environments: dev and prod, and what is named."""
        repo = Repository(config, dev=self.dev, prod=self.prod, **instances)
        self.addCleanup(repo.close)
        for path, content in (files or {}).items():
            repo.write(os.path.join("schema", path), content)
        return repo

    def export(self, config, instance="dev", **options):
        """The files of an export into a fresh repository."""
        repo = self.repository(config, **options)
        repo.run("--env", instance, "export").check()
        return repo.files()

    def proxy(self, instance, **options):
        proxy = Proxy(instance.url, **options)
        self.addCleanup(proxy.close)
        return proxy

    # ---- assertions ----

    def assert_same_files(self, expected, actual):
        """Byte for byte; a failure names the files and shows the lines of the first that differ."""
        problems = [f"missing: {path}" for path in sorted(set(expected) - set(actual))]
        problems += [f"too many: {path}" for path in sorted(set(actual) - set(expected))]
        for path in sorted(set(expected) & set(actual)):
            if expected[path] != actual[path] and len(problems) < 5:
                left, right = (one[path].decode("utf-8", "replace").splitlines() for one in (expected, actual))
                problems += list(difflib.unified_diff(left, right, path, path, n=1, lineterm=""))[:30] or [path]
        if problems:
            self.fail("\n".join(problems))

    def assert_no_changes(self, before, after):
        self.assertEqual([], dump.changes(before, after))

    @contextlib.contextmanager
    def nothing_written(self, instance, but=()):
        """Neither a row nor a column, no activity, no revision, no number of a sequence: only the marker may move. `but`:
        parts of a fingerprint that may differ."""
        before = fingerprint.of(instance)
        yield
        different = fingerprint.differences(before, fingerprint.of(instance), but=but)
        self.assertEqual({}, {part: both for part, both in different.items() if not part.startswith(_MARKER)})
