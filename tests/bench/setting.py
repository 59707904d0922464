"""The setting of a benchmark: two instances of one version with what the rival needs, the states they are put into, the
requests that the tool was seen to make."""

import dataclasses
import json
import os
import shutil

from tests.support import api, tool
from tests.support.directus import Lab

from . import measure

BOUNDARY = "----the-floor-sends-what-was-recorded"
_RULED = {"collection": {"_eq": "tags"}, "action": {"_eq": "delete"}}
# What a server that is in use has long in its caches and pools.
_WARMING = ["/server/info", "/users/me", "/schema/snapshot", "/permissions?limit=-1", "/roles?limit=-1",
            "/flows?limit=-1", "/settings", "/users?limit=1", "/activity?limit=1"]


def bearable(project):
    """The project without what the rival cannot push: it deletes and then trips over repeats of one (policy, collection,
    action), and never finds an order for operations in a circle."""
    once = {}
    for one in project.permissions:
        once.setdefault((one["policy"], one["collection"], one["action"]), one)
    operations = [{**one, "resolve": None} if one["key"] == "again" else one for one in project.operations]
    return dataclasses.replace(project, name="bearable", permissions=list(once.values()), operations=operations)


def official(project):
    """The project as d6s carries it: no rows, presets and users; and without the defaults that it never sees as equal,
    those with quotes in them."""
    def calm(field):
        default = field.get("schema", {}).get("default_value")
        quoted = isinstance(default, str) and ("'" in default or '"' in default)
        return {**field, "schema": {**field["schema"], "default_value": "calm"}} if quoted else field

    collections = [
        {**one, "fields": [calm(field) for field in one["fields"]]} if "fields" in one else one for one in project.collections
    ]
    grants = [one for one in project.grants if not one.get("user")]
    return dataclasses.replace(
        project, name="official", collections=collections, rows={}, presets=[], users=[], grants=grants, config=without_rows(project)
    )


def without_rows(project):
    """What the rivals carry: everything but rows."""
    return {"collections": {}}


def replayable(record):
    """Recorded requests in the form floor.c reads, ready to be sent."""
    made = b""
    for request in record:
        body, content_type = request["body"].encode(), b""
        if request["type"] == "multipart":
            content_type = f"multipart/form-data; boundary={BOUNDARY}".encode()
            head = (
                f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="schema.json"\r\n'
                "Content-Type: application/json\r\n\r\n"
            )
            body = head.encode() + body + f"\r\n--{BOUNDARY}--\r\n".encode()
        elif body:
            content_type = b"application/json"
        path = request["path"].encode()
        made += f"{request['method']} {len(path)} {len(content_type)} {len(body)}\n".encode()
        made += path + content_type + body
    return made


class Setting:
    """Two instances and everything around them, under one roof that is torn down at the end."""

    def __init__(self, version, rival):
        self.make_rival = rival
        programs = measure.build(tool.binary(), "bench_stopwatch", "bench_floor", "bench_floor_noop")
        self.lab = Lab().start()
        # Only this tool repeats what a server under pressure refuses: on a busy machine a rival would end there.
        env = {"PRESSURE_LIMITER_ENABLED": "false", **rival.instance_env(self.lab.folder)}
        self.dev, self.prod = self.lab.pair(version=version, env=env)
        for instance in (self.dev, self.prod):
            instance.save("empty")
        self.stopwatch = measure.Stopwatch(programs[0], self.lab.folder)
        self.floor, self.floor_noop = programs[1:]
        self.repositories = []

    def close(self):
        for repository in self.repositories:
            repository.close()
        self.lab.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- states ----

    def put(self, instance, label):
        """Back to a saved state, and warm."""
        instance.reset(label)
        self.warm(instance)

    @staticmethod
    def warm(instance):
        for _ in range(3):
            for path in _WARMING:
                instance.api.call("GET", path)

    # ---- the tool ----

    def repository(self, config):
        made = tool.Repository(config, dev=self.dev, prod=self.prod)
        self.repositories.append(made)
        return made

    @staticmethod
    def command(repository, *arguments):
        return measure.Command([tool.binary(), "-C", repository.folder, *arguments], repository.env, repository.folder)

    def recorded(self, repository, *arguments):
        """Runs the tool and answers the requests it made: [{"method", "path", "type", "body"}]."""
        path = os.path.join(self.lab.folder, "record")
        if os.path.exists(path):
            os.unlink(path)
        repository.run(*arguments, env={"SCHEMA_SYNC_RECORD": path}).check()
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    # ---- the floors ----

    def replay(self, name, record, instance):
        """The command that sends a record again."""
        path = os.path.join(self.lab.folder, f"replay-{name}")
        with open(path, "wb") as file:
            file.write(replayable(record))
        env = {"DIRECTUS_URL": instance.url, "DIRECTUS_TOKEN": api.TOKEN, "PATH": "/usr/bin:/bin"}
        return measure.Command([self.floor, path], env, self.lab.folder)

    def replay_noop(self, instance):
        env = {"DATABASE_URL": instance.database_url, "PATH": "/usr/bin:/bin"}
        return measure.Command([self.floor_noop], env, self.lab.folder)

    # ---- the rival ----

    def rival(self, name):
        folder = os.path.join(self.lab.folder, f"rival-{name}")
        os.makedirs(folder)
        return self.make_rival(folder)

    # ---- the one permission ----

    @staticmethod
    def permission(instance):
        return instance.api.search("/permissions", filter=_RULED, limit=1)[0]

    def change_permission(self, instance, fields):
        instance.api.patch(f"/permissions/{self.permission(instance)['id']}", {"fields": fields})


def copy_tree(source, target):
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


__all__ = ["Setting", "bearable", "copy_tree", "official", "replayable", "without_rows"]
