"""The small project: one or two of everything, for tests that run an import once for every request in it."""

from .build import alias, collection, field, number_key, relation, text_key, uuid_key
from .ids import PUBLIC_POLICY, uid


def collections():
    return [
        collection("desk", folder=True, icon="folder"),
        collection("topics", text_key("slug", 40), field("label", "string"), alias("notes", "o2m", "list-o2m"), group="desk"),
        collection(
            "notes", uuid_key(), field("title", "string", schema={"is_nullable": False}), field("body", "text"),
            field("topic", "string"), field("previous", "uuid"), field("extra", "json", ["cast-json"]),
            group="desk", sort_field=None,
        ),
        collection("imprint", number_key(), field("text", "text"), singleton=True),
    ]


def relations():
    return [
        relation("notes", "topic", "topics", "notes"),
        relation("notes", "previous", "notes"),
    ]


def rows():
    return {
        "topics": [{"slug": "a/b", "label": "Ä"}, {"slug": "plain", "label": None}],
        "notes": [
            {"id": uid("notes", i), "title": f"note {i}", "body": "two\nlines \u2028", "topic": ("a/b", "plain")[i % 2],
             "previous": uid("notes", (i + 1) % 4), "extra": [{"n": i, "x": 0.1}, "\"text\""][i % 2]}
            for i in range(4)
        ],
        "imprint": [{"id": 1, "text": "Harbour 1"}],
    }


def roles():
    return [
        {"id": uid("role", "Small staff"), "name": "Small staff", "parent": None, "icon": "groups", "description": None},
        {"id": uid("role", "Small desk"), "name": "Small desk", "parent": uid("role", "Small staff"), "icon": "edit",
         "description": None},
    ]


def policies():
    return [{"id": uid("policy", "Small notes"), "name": "Small notes", "icon": "badge", "description": None,
             "ip_access": None, "enforce_tfa": False, "admin_access": False, "app_access": True}]


def grants():
    return [{"id": uid("access", "small"), "role": uid("role", "Small desk"), "user": None,
             "policy": uid("policy", "Small notes"), "sort": 1}]


def permissions():
    own = uid("policy", "Small notes")
    return [
        {"policy": policy, "collection": "notes", "action": action, "permissions": rule, "validation": {},
         "presets": None, "fields": fields}
        for policy, action, rule, fields in (
            (own, "read", {}, ["*"]),
            (own, "update", {"_and": [{"title": {"_neq": "locked"}}]}, ["title", "body"]),
            (own, "update", {"_and": [{"title": {"_eq": "open"}}]}, ["title"]),
            (PUBLIC_POLICY, "read", {}, ["id", "title"]),
        )
    ]


def flows():
    return [{"id": uid("flow", "Small"), "name": "Small", "icon": "bolt", "color": None, "description": None,
             "status": "active", "trigger": "manual", "accountability": "all", "options": {"collections": ["notes"]},
             "operation": uid("operation", "Small/check")}]


def operations():
    def operation(key, kind, options, resolve=None, reject=None):
        return {"id": uid("operation", f"Small/{key}"), "flow": uid("flow", "Small"), "key": key, "name": key,
                "type": kind, "options": options, "position_x": 19, "position_y": 1,
                "resolve": resolve and uid("operation", f"Small/{resolve}"),
                "reject": reject and uid("operation", f"Small/{reject}")}

    return [
        operation("check", "condition", {"filter": {"$trigger": {"body": {"_nnull": True}}}}, "yes", "no"),
        operation("yes", "log", {"message": "yes"}),
        operation("no", "log", {"message": "no"}),
    ]


def dashboards():
    return [{"id": uid("dashboard", "Small"), "name": "Small", "icon": "dashboard", "note": None, "color": None}]


def panels():
    return [{"id": uid("panel", "Small"), "dashboard": uid("dashboard", "Small"), "name": "Text", "icon": None,
             "color": None, "show_header": False, "note": None, "type": "label", "position_x": 1, "position_y": 1,
             "width": 10, "height": 4, "options": {"text": "hello"}}]


def presets():
    return [{"collection": "notes", "bookmark": None, "role": uid("role", "Small desk"), "user": None,
             "search": None, "layout": "tabular", "layout_query": {"tabular": {"sort": ["-title"]}},
             "layout_options": None, "refresh_interval": None, "filter": None, "icon": "bookmark", "color": None}]


def translations():
    return [{"id": uid("translation", f"small/{language}"), "key": "small", "language": language, "value": value}
            for language, value in (("en-US", "small"), ("de-DE", "klein"))]


def folders():
    return [{"id": uid("folder", "small"), "name": "small", "parent": None},
            {"id": uid("folder", "small/er"), "name": "er", "parent": uid("folder", "small")}]


def settings():
    return {"project_name": "Small", "project_color": "#123456", "public_registration_role": uid("role", "Small desk")}
