"""The files of hooks/ci: their shell parts are taken out of the YAML and run against real instances.

What only a forge has is stood in for: `gh` is a program that writes down what it is told, GitLab's notes are a small server.
The parts that install and build the program are checked by the shell alone: the test run itself builds it.
"""

import http.server
import json
import os
import shutil
import stat
import subprocess
import threading
import unittest
import urllib.parse

import yaml

from tests.project import SMALL
from tests.support import case, tool

FOLDER = os.path.join(tool.ROOT, "hooks", "ci")
GH = """#!/bin/sh
# Stands in for GitHub's client: --edit-last fails while there is no comment.
case "$*" in *--edit-last*) [ -e comment.md ] || exit 1 ;; esac
for last; do :; done
cp "$last" comment.md
echo "$*" >> gh.log
"""


def setUpModule():
    case.open_lab()


def github_steps():
    with open(os.path.join(FOLDER, "github.yml"), encoding="utf-8") as file:
        steps = yaml.safe_load(file)["jobs"]["schema-sync"]["steps"]
    return {step.get("name", str(number)): step["run"] for number, step in enumerate(steps) if "run" in step}


def gitlab_scripts():
    with open(os.path.join(FOLDER, "gitlab.yml"), encoding="utf-8") as file:
        jobs = yaml.safe_load(file)
    return {
        f"{name} {part}": "\n".join(job[part])
        for name, job in jobs.items() if isinstance(job, dict)
        for part in ("before_script", "script") if part in job
    }


class Notes(http.server.BaseHTTPRequestHandler):
    """GitLab's notes of a merge request, as far as the job uses them."""

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def note(self):
        self.server.tokens.add(self.headers.get("PRIVATE-TOKEN"))
        length = int(self.headers.get("Content-Length", 0))
        return urllib.parse.parse_qs(self.rfile.read(length).decode())["body"][0]

    def do_GET(self):
        self.server.tokens.add(self.headers.get("PRIVATE-TOKEN"))
        self.answer([{"id": key, "body": body} for key, body in self.server.notes.items()])

    def do_POST(self):
        self.server.notes[len(self.server.notes) + 1] = self.note()
        self.answer({})

    def do_PUT(self):
        self.server.notes[int(self.path.rsplit("/", 1)[1])] = self.note()
        self.answer({})

    def log_message(self, *_):
        pass


class CiTest(case.Case):
    @classmethod
    def setUpClass(cls):
        SMALL.prepare(case.lab().instance("dev"))

    def setUp(self):
        self.prod.reset()
        self.repo = self.repository(SMALL.config)
        self.repo.run("--env", "dev", "export").check()
        self.repo.commit("state")
        programs = os.path.join(self.repo.folder, ".git", "programs")
        os.makedirs(programs)
        os.symlink(tool.binary(), os.path.join(programs, "schema-sync"))
        with open(os.path.join(programs, "gh"), "w", encoding="utf-8") as file:
            file.write(GH)
        os.chmod(file.name, stat.S_IRWXU)
        self.env = {**self.repo.env, "PATH": programs + os.pathsep + os.environ["PATH"]}

    def shell(self, script, *allowed, **env):
        """As a forge runs it: bash stops at the first failure."""
        done = subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=self.repo.folder, env={**self.env, **env},
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertIn(done.returncode, allowed or (0,), done.stdout + done.stderr)
        return done

    def read(self, name):
        with open(os.path.join(self.repo.folder, name), encoding="utf-8") as file:
            return file.read()

    def test_every_part_is_shell(self):
        parts = {**github_steps(), **gitlab_scripts()}
        self.assertGreater(len(parts), 8)
        for name, script in parts.items():
            with self.subTest(part=name):
                subprocess.run(["bash", "-n", "-c", script], check=True)
                if shutil.which("shellcheck"):
                    subprocess.run(["shellcheck", "-s", "bash", "-"], input=script, text=True, check=True)

    def test_github(self):
        steps = github_steps()
        first = {"PULL_REQUEST": "7", "GH_TOKEN": "x", "GITHUB_STEP_SUMMARY": "summary.md"}
        self.shell(steps["plan"], **first)
        self.assertIn("collection", self.read("comment.md"))
        self.shell(steps["drift"], 2, **first)
        self.shell(steps["import"], **first)
        self.shell(steps["plan"], **first)
        self.assertNotIn("collection topics", self.read("comment.md"))
        self.assertEqual(len(self.read("gh.log").splitlines()), 2)
        self.shell(steps["drift"], **first)
        self.prod.api.patch("/settings", {"project_name": "Changed by hand"})
        self.shell(steps["drift"], 2, **first)
        self.assertIn("Changed by hand", self.read("summary.md"))

    def test_github_says_when_production_cannot_be_asked(self):
        self.shell(github_steps()["plan"], 77, PULL_REQUEST="7", PROD_DIRECTUS_TOKEN="wrong")
        self.assertFalse(os.path.exists(os.path.join(self.repo.folder, "comment.md")))

    def test_gitlab(self):
        scripts = gitlab_scripts()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Notes)
        server.notes, server.tokens = {1: "looks good to me"}, set()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        env = {"CI_API_V4_URL": f"http://127.0.0.1:{server.server_port}/api/v4", "CI_PROJECT_ID": "1",
               "CI_MERGE_REQUEST_IID": "2", "SCHEMA_SYNC_COMMENT_TOKEN": "commenttoken"}
        self.shell(scripts["schema-sync plan script"], **env)
        self.assertEqual(len(server.notes), 2)
        self.assertIn("collection", server.notes[2])
        self.shell(scripts["schema-sync import script"], **env)
        self.shell(scripts["schema-sync plan script"], **env)
        self.assertEqual(len(server.notes), 2)
        self.assertEqual(server.notes[1], "looks good to me")
        self.assertEqual(server.tokens, {"commenttoken"})
        self.shell(scripts["schema-sync drift script"], **env)


if __name__ == "__main__":
    case.main()
