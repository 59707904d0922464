"""Projects to test with, loaded through the API into an empty instance.

    project = FULL                   # or CORE, SMALL, PLACES
    project.load(dev.api)            # about 8 s for FULL
    project.prepare(dev)             # the same, loaded once a lab and then cloned: 0.3 s
    project.config                   # schema-sync.json for it
    project.counts()                 # {"roles": 8, …, "items/articles": 120, …}: what an instance then holds

FULL   24 collections with every field type, 109 permissions, 6 flows, 2,200 rows
CORE   FULL without custom permission rules and with at most five active flows (an unlicensed Directus 12)
CORE_10 CORE as a Directus 10 has it: roles with their access, no policies
SMALL  one or two of everything
SMALL_CORE SMALL without custom permission rules
PLACES FULL and a collection with geometry (the database needs PostGIS)
"""

import urllib.parse
from dataclasses import dataclass, field, replace

from . import access, automation, rows, schema, small
from .by_role import by_role
from .ids import uid

__all__ = ["FULL", "CORE", "CORE_10", "SMALL", "SMALL_CORE", "PLACES", "Project", "uid"]

_BATCH = 500
# References that point forward or in a circle: written as null first.
_LATER = {
    "teams": ["lead"], "people": ["mentor"], "categories": ["parent"], "notes": ["previous"],
}
# The server fills these on create whatever is sent, and keeps what an update says.
_ON_CREATE = {"events": ["entered"]}


def _batches(items, size=_BATCH):
    return [items[start : start + size] for start in range(0, len(items), size)]


def _without(record, *names):
    return {name: value for name, value in record.items() if name not in names}


@dataclass(frozen=True)
class Project:
    """A project's records in the forms the API takes them."""

    name: str
    config: dict
    collections: list
    relations: list
    rows: dict
    roles: list
    policies: list
    grants: list
    permissions: list
    flows: list
    operations: list
    dashboards: list
    panels: list
    presets: list
    translations: list
    folders: list
    settings: dict
    users: list = field(default_factory=list)
    system_fields: list = field(default_factory=list)
    postgis: bool = False

    # ---- loading ----

    def prepare(self, instance):
        """Puts the instance into the state just after load(): the first time by loading, then by cloning."""
        if instance.saved(self.name):
            instance.reset(self.name)
            return
        instance.reset()
        self.load(instance.api)
        instance.save(self.name)

    def load(self, api):
        """Loads into an empty instance. Flows come last: one of them refuses rows."""
        self._load_schema(api)
        self._load_access(api)
        self._load_configuration(api)
        self._load_rows(api)
        self._load_flows(api)
        api.clear_cache()

    def _load_schema(self, api):
        api.post("/collections", self.collections)
        for collection, made in self.system_fields:
            api.post(f"/fields/{collection}", made)
        for relation in self.relations:
            api.post("/relations", relation)

    def _load_access(self, api):
        api.post("/folders", [_without(one, "parent") for one in self.folders])
        api.patch("/folders", [{"id": one["id"], "parent": one["parent"]} for one in self.folders if one["parent"]])
        api.post("/roles", [_without(one, "parent") for one in self.roles])
        nested = [{"id": one["id"], "parent": one["parent"]} for one in self.roles if one.get("parent")]
        if nested:
            api.patch("/roles", nested)
        if self.policies:
            api.post("/policies", self.policies)
        if self.users:
            api.post("/users", self.users)
        if self.grants:
            api.post("/access", self.grants)
        api.post("/permissions", self.permissions)

    def _load_configuration(self, api):
        api.patch("/settings", self.settings)
        api.post("/translations", self.translations)
        api.post("/presets", self.presets)
        api.post("/dashboards", self.dashboards)
        api.post("/panels", self.panels)

    def _load_rows(self, api):
        singletons = {one["collection"] for one in self.collections if one["meta"].get("singleton")}
        later = []
        for collection, records in self.rows.items():
            path = f"/items/{_quote(collection)}"
            if collection in singletons:
                api.patch(path, _without(records[0], "id"))
                continue
            key = self.key(collection)
            links = _LATER.get(collection, [])
            for batch in _batches(records):
                api.post(f"{path}?fields={_quote(key)}", [_without(one, *links) for one in batch])
            names = links + _ON_CREATE.get(collection, [])
            if names:
                later.append((path, [{key: one[key], **{name: one[name] for name in names}} for one in records]))
        for path, patches in later:
            api.patch(path, patches)

    def _load_flows(self, api):
        api.post("/flows", [{**one, "operation": None, "status": "inactive"} for one in self.flows])
        api.post("/operations", [{**one, "resolve": None, "reject": None} for one in self.operations])
        links = [
            {"id": one["id"], "resolve": one["resolve"], "reject": one["reject"]}
            for one in self.operations
            if one["resolve"] or one["reject"]
        ]
        api.patch("/operations", links)
        api.patch("/flows", [{"id": one["id"], "operation": one["operation"]} for one in self.flows])
        api.patch("/flows", [{"id": one["id"], "status": one["status"]} for one in self.flows])

    # ---- asking ----

    def key(self, collection):
        """The primary key's field."""
        made = next(one for one in self.collections if one["collection"] == collection)
        return next(one["field"] for one in made["fields"] if one.get("schema", {}).get("is_primary_key"))

    def chosen(self):
        """Collections whose rows the config carries."""
        return [name for name, rule in self.config["collections"].items() if rule is not False]

    def counts(self):
        """How many records each endpoint answers beyond those of a fresh instance."""
        counts = {
            name: len(getattr(self, name))
            for name in ("roles", "policies", "permissions", "flows", "operations", "dashboards", "panels", "presets",
                         "translations", "folders", "users")
        }
        counts["access"] = len(self.grants)
        counts.update({f"items/{name}": len(records) for name, records in self.rows.items()})
        return counts


def _quote(text):
    return urllib.parse.quote(text, safe="")


def _config(**collections):
    return {"collections": collections}


_ROWS_CHOSEN = {
    "languages": True, "tags": True, "categories": True, "teams": True, "people": True,
    "articles": {"exclude": ["user_created", "date_created", "user_updated", "date_updated"]},
    "articles_translations": True, "articles_tags": True, "block_text": True, "block_quote": True,
    "articles_blocks": True, "site_settings": True, "products": True,
    "prices": {"key": ["product", "currency"]},
    "guarded": True, "every_type": True, "vault": True,
    "events": {"filter": {"kind": {"_neq": "private"}}, "groupBy": ["kind"]},
    "measurements": {"groupBy": ["station"]},
    "MixedCase": True, "größen": True,
    "customers": False,
}


def _large(name, *, core=False, geometry=False):
    chosen, data = dict(_ROWS_CHOSEN), rows.rows()
    if geometry:
        data["places"], chosen["places"] = rows.places(), True
    return Project(
        name=name, config=_config(**chosen), collections=schema.collections(geometry), relations=schema.relations(),
        rows=data, roles=access.roles(), policies=access.policies(), grants=access.grants(),
        permissions=access.permissions(core), flows=automation.flows(), operations=automation.operations(),
        dashboards=automation.dashboards(), panels=automation.panels(), presets=automation.presets(),
        translations=automation.translations(), folders=automation.folders(), settings=automation.settings(),
        users=access.USERS, system_fields=schema.system_fields(), postgis=geometry,
    )


def _small():
    return Project(
        name="small", config=_config(topics=True, notes=True, imprint=True), collections=small.collections(),
        relations=small.relations(), rows=small.rows(), roles=small.roles(), policies=small.policies(),
        grants=small.grants(), permissions=small.permissions(), flows=small.flows(), operations=small.operations(),
        dashboards=small.dashboards(), panels=small.panels(), presets=small.presets(),
        translations=small.translations(), folders=small.folders(), settings=small.settings(),
    )


FULL = _large("full")
CORE = _large("core", core=True)
CORE_10 = by_role(CORE)
SMALL = _small()
SMALL_CORE = replace(
    SMALL, name="small-core", permissions=[one for one in SMALL.permissions if not one["permissions"] and one["fields"] == ["*"]]
)
PLACES = _large("places", geometry=True)
