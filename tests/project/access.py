"""Roles in three levels, policies, grants and more than a hundred permissions."""

from .ids import PUBLIC_POLICY, uid

_CONTENT = [
    "articles", "articles_translations", "articles_tags", "articles_blocks", "block_text", "block_quote", "tags",
    "categories",
]
_SHOP = ["products", "prices", "customers", "guarded"]
_READABLE = _CONTENT + _SHOP + [
    "languages", "site_settings", "every_type", "teams", "people", "events", "measurements", "MixedCase", "größen",
]
_ALL = ["create", "read", "update", "delete"]

_ROLES = [  # name, parent, icon, description
    ("Staff", None, "groups", "Everybody who works here"),
    ("Editors", "Staff", "edit", None),
    ("Junior editors", "Editors", "child_care", "Learn “here”\nand there"),
    ("Translators", "Editors", "translate", None),
    ("Shop", "Staff", "storefront", ""),
    ("Clerks", "Shop", "point_of_sale", None),
    ("Deputies", None, "shield", "Second administrators"),
    ("Auditors", None, "visibility", None),
]

_POLICIES = [  # name, attributes
    ("Sign in", {"app_access": True, "icon": "login"}),
    ("Write content", {"icon": "edit", "description": "Articles and all around them"}),
    ("Publish", {}),
    ("Translate", {"description": "Übersetzen"}),
    ("Run the shop", {"icon": "storefront"}),
    ("Read everything", {"app_access": True}),
    ("Deputy administration", {"admin_access": True, "app_access": True, "icon": "shield"}),
    ("Office only", {"ip_access": ["10.0.0.0/8", "192.168.1.1"], "enforce_tfa": True}),
    ("Temporary", {"description": "first of two with one name"}),
    ("Temporary", {"description": "second of two with one name"}),
    ("Visitors", {"description": "More for the public"}),
]

_GRANTS = [  # role (None = everybody), policy, sort
    ("Staff", "Sign in", 1),
    ("Editors", "Write content", 1),
    ("Editors", "Publish", 2),
    ("Junior editors", "Temporary", 1),
    ("Translators", "Translate", 1),
    ("Shop", "Run the shop", 1),
    ("Clerks", "Office only", 1),
    ("Deputies", "Deputy administration", 1),
    ("Auditors", "Read everything", 1),
    ("Auditors", "Office only", 2),
    (None, "Visitors", 2),
]

USERS = [  # they stay on their instance; the tool must not lose them
    {"id": uid("user", "edda"), "email": "edda@example.com", "first_name": "Edda", "role": uid("role", "Editors"),
     "status": "active", "nickname": "ed"},
    {"id": uid("user", "clem"), "email": "clem@example.com", "first_name": "Clem", "role": uid("role", "Clerks"),
     "status": "active"},
    {"id": uid("user", "ann"), "email": "ann@example.com", "first_name": "Ann", "role": None, "status": "active"},
]


def roles():
    return [
        {"id": uid("role", name), "name": name, "parent": parent and uid("role", parent), "icon": icon,
         "description": description}
        for name, parent, icon, description in _ROLES
    ]


def _policy_id(name, occurrence=0):
    return uid("policy", f"{name}/{occurrence}" if occurrence else name)


def policies():
    made, seen = [], {}
    for name, attributes in _POLICIES:
        occurrence = seen.get(name, 0)
        seen[name] = occurrence + 1
        made.append({
            "id": _policy_id(name, occurrence), "name": name, "icon": "badge", "description": None,
            "ip_access": None, "enforce_tfa": False, "admin_access": False, "app_access": False, **attributes,
        })
    return made


def grants():
    """directus_access rows; the last is held by a user and stays on its instance."""
    made = [
        {"id": uid("access", f"{role}/{policy}"), "role": role and uid("role", role), "user": None,
         "policy": _policy_id(policy), "sort": sort}
        for role, policy, sort in _GRANTS
    ]
    made.append({
        "id": uid("access", "ann"), "role": None, "user": uid("user", "ann"), "policy": _policy_id("Write content"),
        "sort": 1,
    })
    return made


def _permission(policy, collection, action, **content):
    return {
        "policy": policy, "collection": collection, "action": action, "permissions": {}, "validation": {},
        "presets": None, "fields": ["*"], **content,
    }


def _plain():
    made = []
    for collection in _CONTENT:
        made += [_permission(_policy_id("Write content"), collection, action) for action in _ALL]
    for collection in _SHOP:
        made += [_permission(_policy_id("Run the shop"), collection, action) for action in _ALL]
    made += [_permission(_policy_id("Read everything"), collection, "read") for collection in _READABLE]
    made += [_permission(_policy_id("Translate"), "articles_translations", action) for action in _ALL]
    made += [_permission(_policy_id("Translate"), collection, "read") for collection in ("articles", "languages")]
    for occurrence in (0, 1):
        made += [
            _permission(_policy_id("Temporary", occurrence), collection, "read")
            for collection in ("every_type", "events", "measurements", "directus_folders")
        ]
    made += [_permission(PUBLIC_POLICY, collection, "read") for collection in ("languages", "tags", "site_settings")]
    made += [
        _permission(_policy_id("Visitors"), collection, "read")
        for collection in ("articles", "articles_translations", "events", "products", "prices", "categories")
    ]
    made += [_permission(_policy_id("Publish"), collection, "share") for collection in ("articles", "events")]
    return made


def _ruled():
    """Permissions with rules: filters with ids and variables in them, presets, validation, and repeats of one
    (policy, collection, action), some of them equal in everything."""
    published = {"_and": [{"status": {"_eq": "published"}}]}
    mine = {"_or": [{"user_created": {"_eq": "$CURRENT_USER"}}, {"author": {"_eq": uid("people", 7)}}]}
    by_role = {"_and": [{"user_created": {"role": {"_in": [uid("role", "Editors"), uid("role", "Junior editors")]}}}]}
    return [
        _permission(_policy_id("Publish"), "articles", "update", permissions=mine, fields=["status", "title", "body"],
                    validation={"_and": [{"title": {"_nempty": True}}]}, presets={"status": "published"}),
        _permission(_policy_id("Publish"), "articles", "update", permissions=by_role, fields=["status"]),
        _permission(_policy_id("Publish"), "articles", "update", permissions=by_role, fields=["status"]),
        _permission(_policy_id("Publish"), "articles", "read", permissions=published, fields=["title", "status", "id"]),
        _permission(_policy_id("Publish"), "articles", "read", permissions=mine, fields=["*"]),
        _permission(_policy_id("Publish"), "articles", "delete",
                    permissions={"_and": [{"date_created": {"_lt": "$NOW(-1 year)"}}]}),
        _permission(_policy_id("Visitors"), "articles", "read", permissions=published,
                    fields=["id", "title", "slug", "translations", "tags"]),
        _permission(_policy_id("Visitors"), "every_type", "read",
                    permissions={"_and": [{"a_string": {"_eq": "it's \"5%\" \\ ü\u2028"}}, {"an_integer": {"_gt": 0.1}}]},
                    fields=["id", "a_string"]),
        _permission(PUBLIC_POLICY, "articles", "read", permissions=published, fields=["id", "title"]),
        _permission(PUBLIC_POLICY, "articles", "read", permissions={"_and": [{"slug": {"_starts_with": "open-"}}]},
                    fields=["id", "title", "body"]),
        _permission(_policy_id("Sign in"), "directus_users", "update", permissions={"id": {"_eq": "$CURRENT_USER"}},
                    fields=["nickname", "avatar"]),
        _permission(_policy_id("Sign in"), "directus_presets", "read",
                    permissions={"_or": [{"role": {"_eq": "$CURRENT_ROLE"}}, {"user": {"_eq": "$CURRENT_USER"}}]}),
        _permission(_policy_id("Run the shop"), "directus_flows", "read",
                    permissions={"trigger": {"_eq": "manual"}}, fields=["id", "name", "icon", "color", "options"]),
        _permission(_policy_id("Office only"), "customers", "read", fields=None, permissions=None, validation=None),
        _permission(_policy_id("Office only"), "customers", "create", presets={"name": "—", "nested": {"a": [1, 0.5]}}),
    ]


def permissions(core=False):
    return _plain() + ([] if core else _ruled())
