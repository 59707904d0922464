"""Everything of an instance that an import might touch, read through the API, in a form that compares.

    before = dump.of(prod.api)
    …
    changes = dump.changes(before, dump.of(prod.api))     # [Change("update", "roles", "8c1f…", {"icon": ("a", "b")})]

A dump is {part: {key: record}}: "collections", "fields", "relations" and "systemFields" of the schema snapshot, the
system collections by their names, and the rows of every other collection as "items/<name>". Alias fields are left
out (they repeat what the other side's records say), and so are the tool's marker and what a sign-in changes.
"""

import urllib.parse
from dataclasses import dataclass, field

_SYSTEM = ("roles", "policies", "access", "permissions", "users", "flows", "operations", "dashboards", "panels",
           "presets", "translations", "folders", "files", "shares", "notifications", "comments")
_SCHEMA = ("collections", "fields", "relations", "systemFields")
_VOLATILE = {"users": ("last_access", "last_page")}
# Without it the app's own minimal permissions, which have no id, are appended to every answer.
_FILTERS = {"/permissions": {"policy": {"_nnull": True}}}
MARKER = "schema_sync_"


@dataclass(frozen=True)
class Change:
    """One record that came, went or differs: `fields` holds {name: (before, after)} of an update."""

    action: str
    part: str
    key: object
    fields: dict = field(default_factory=dict)


def of(api):
    """Reads everything. SEARCH and a query that is new each time, so that no response cache answers."""
    fields, size = _fields(api), _page_size(api)
    found = _schema(api)
    for part in _SYSTEM:
        if f"directus_{part}" not in fields:
            continue  # another version
        records = _records(api, f"/{part}", fields[f"directus_{part}"], size, _VOLATILE.get(part, ()))
        found[part] = {one["id"]: one for one in records if "id" in one}
    settings = api.get("/settings", fields="*", nonce=api.newest_activity())
    found["settings"] = {"": {name: value for name, value in settings.items() if not name.startswith(MARKER)}}
    for name, made in found["collections"].items():
        if made.get("schema"):
            found[f"items/{name}"] = _rows(api, name, fields[name], size)
    return found


def rows(api, collection):
    """{primary key: row} of one collection, without its alias fields."""
    return _rows(api, collection, _fields(api)[collection], _page_size(api))


def _rows(api, collection, names, size):
    path = f"/items/{urllib.parse.quote(collection, safe='')}"
    return {one[names[0]]: one for one in _records(api, path, names, size)}


def _page_size(api):
    """What QUERY_LIMIT_MAX allows."""
    most = api.get("/server/info")["queryLimit"]["max"]
    return most if most > 0 else 5000


def _fields(api):
    """{collection: [primary key, other fields that are columns]}."""
    found = {}
    for one in api.get("/fields"):
        if one["type"] != "alias" and not one["field"].startswith(MARKER):
            names = found.setdefault(one["collection"], [])
            names.insert(0 if (one.get("schema") or {}).get("is_primary_key") else len(names), one["field"])
    return found


def _records(api, path, names, size, without=()):
    found, query = [], {"fields": [name for name in names if name not in without], "sort": [names[0]], "limit": size}
    if path in _FILTERS and all(name in names for name in _FILTERS[path]):
        query["filter"] = _FILTERS[path]
    while True:
        page = api.search(path, **query, offset=len(found))
        if isinstance(page, dict):  # a singleton; one that has no row yet answers an empty record
            return [page] if page[names[0]] is not None else []
        found += page
        if len(page) < size:
            return found


def _schema(api):
    snapshot = api.get("/schema/snapshot", nonce=api.newest_activity())
    keys = {"collections": lambda one: one["collection"]}
    return {
        part: {keys.get(part, lambda one: f"{one['collection']}.{one['field']}")(one): one for one in snapshot[part]}
        for part in _SCHEMA if part in snapshot
    }


def changes(before, after):
    """What is different in `after`, as a list of Change in the order of parts and keys. A field that only one of the two
    has, and that is null there, came or went with its column: that is a change of the schema alone."""
    found = []
    for part in sorted({*before, *after}):
        old, new = before.get(part, {}), after.get(part, {})
        for key in sorted({*old, *new}, key=str):
            if key not in old:
                found.append(Change("create", part, key))
            elif key not in new:
                found.append(Change("delete", part, key))
            elif fields := _differing(old[key], new[key]):
                found.append(Change("update", part, key, fields))
    return found


def _differing(old, new):
    return {name: (old.get(name), new.get(name)) for name in sorted({*old, *new}) if old.get(name) != new.get(name)}


def newest(api):
    """(activity, revision): the newest ids. Equal pairs mean that nothing was written through the API."""
    revisions = api.search("/revisions", fields=["id"], sort=["-id"], limit=1)
    return api.newest_activity(), revisions[0]["id"] if revisions else 0
