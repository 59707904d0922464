"""Flows with branches and a loop, dashboards, presets, translations, folders and settings."""

from .ids import uid

# A loop may not be reachable in an active flow: Directus 11 builds a tree of every active one and recurses for ever.
_FLOWS = [  # name, status, attributes, first operation, [(key, type, options, resolve, reject)]
    (
        "Refuse guarded rows", "active",
        {"trigger": "event", "accountability": "all", "icon": "block", "color": "#E35169",
         "options": {"type": "filter", "scope": ["items.create"], "collections": ["guarded"], "return": "$last"}},
        "refuse",
        [("refuse", "throw-error", {"code": "GUARDED", "status": "400", "message": "no new rows while flows run"}, None, None)],
    ),
    (
        "Mark checked products", "active",
        {"trigger": "event", "accountability": "activity",
         "options": {"type": "filter", "scope": ["items.update"], "collections": ["products"], "return": "mark"}},
        "is_priced",
        [
            ("is_priced", "condition", {"filter": {"$trigger": {"payload": {"price": {"_gt": 100}}}}}, "mark", "plain"),
            ("mark", "exec", {"code": "module.exports = async (data) => ({ ...data.$trigger.payload, checked: true });"}, None, None),
            ("plain", "transform", {"json": {"kept": "{{$trigger.payload}}", "ü": [1, 0.1, None, "\u2028"]}}, None, None),
        ],
    ),
    (
        "Send to translators", "active",
        {"trigger": "manual", "accountability": "all", "description": "Asks, then tells",
         "options": {"collections": ["articles"], "requireConfirmation": True, "confirmationDescription": "Sure?",
                     "fields": [{"field": "note", "type": "text", "name": "Note"}]}},
        "read",
        [
            ("read", "item-read", {"collection": "articles", "key": ["{{$trigger.body.keys}}"], "permissions": "$full"}, "any", "log_failure"),
            ("any", "condition", {"filter": {"$last": {"_nnull": True}}}, "tell", None),
            ("tell", "notification", {"recipient": [uid("user", "edda")], "subject": "To translate", "message": "{{$trigger.body.note}}"}, None, None),
            ("log_failure", "log", {"message": "{{$last}}"}, None, None),
        ],
    ),
    (
        "Poll until done", "inactive",
        {"trigger": "webhook", "accountability": None, "options": {"method": "POST", "async": True, "return": "$last"}},
        "ask",
        [
            ("ask", "request", {"method": "GET", "url": "https://example.com/state", "headers": [{"header": "X-Key", "value": "{{$env.KEY}}"}]}, "done", "wait"),
            ("done", "condition", {"filter": {"ask": {"data": {"state": {"_eq": "done"}}}}}, "update", "again"),
            ("again", "sleep", {"milliseconds": 500}, "ask", None),  # back to the start: the loop
            ("wait", "sleep", {"milliseconds": 1000}, None, None),
            ("update", "item-update", {"collection": "events", "key": ["1"], "payload": {"title": "{{ask.data.title}}"}}, None, None),
        ],
    ),
    (
        "New year", "active",
        {"trigger": "schedule", "accountability": "all", "options": {"cron": "0 0 0 1 1 *"}},
        "start",
        [
            ("start", "trigger", {"flow": uid("flow", "Helper"), "payload": {"year": "{{$trigger}}"}}, "mail", None),
            ("mail", "mail", {"to": ["all@example.com"], "type": "markdown", "subject": "🎆", "body": "Happy\r\nnew year"}, None, None),
        ],
    ),
    (
        "Helper", "active",
        {"trigger": "operation", "accountability": "all", "options": {"return": "$all"}},
        None, [],
    ),
]


def flows():
    """Complete records, five of them active; the loader sets `operation` and `status` at the end."""
    return [
        {"id": uid("flow", name), "name": name, "icon": "bolt", "color": None, "description": None, "status": status,
         "operation": first and uid("operation", f"{name}/{first}"), **attributes}
        for name, status, attributes, first, _ in _FLOWS
    ]


def operations():
    made = []
    for name, _, _, _, parts in _FLOWS:
        for index, (key, kind, options, resolve, reject) in enumerate(parts):
            made.append({
                "id": uid("operation", f"{name}/{key}"), "flow": uid("flow", name), "key": key,
                "name": key.replace("_", " ").title(), "type": kind, "options": options,
                "position_x": 19 + 18 * index, "position_y": 1 + 17 * (index % 2),
                "resolve": resolve and uid("operation", f"{name}/{resolve}"),
                "reject": reject and uid("operation", f"{name}/{reject}"),
            })
    return made


def dashboards():
    return [
        {"id": uid("dashboard", name), "name": name, "icon": icon, "note": note, "color": color}
        for name, icon, note, color in (
            ("Sales", "insights", "Daily “numbers”", "#2ECDA7"), ("Content", "dashboard", None, None), ("Empty", "dashboard", "", None),
        )
    ]


def panels():
    def panel(dashboard, name, kind, x, y, **options):
        return {
            "id": uid("panel", f"{dashboard}/{name}"), "dashboard": uid("dashboard", dashboard), "name": name,
            "icon": None, "color": None, "show_header": True, "note": None, "type": kind, "position_x": x,
            "position_y": y, "width": 12, "height": 8, "options": options,
        }

    return [
        panel("Sales", "Products", "metric", 1, 1, collection="products", field="id", function="count"),
        panel("Sales", "Stock", "time-series", 13, 1, collection="events", dateField="starts", valueField="id",
              function="count", range="1 year", precision="month"),
        panel("Sales", "Expensive", "list", 1, 9, collection="products", limit=5, sortField="price",
              filter={"_and": [{"price": {"_gt": "99.5"}}]}, displayTemplate="{{name}} {{price}}"),
        panel("Sales", "Title", "label", 13, 9, text="Grüße an 'alle' & \"jeden\"\u2029"),
        panel("Content", "Written by editors", "list", 1, 1, collection="articles",
              filter={"user_created": {"role": {"_eq": uid("role", "Editors")}}}),
        panel("Content", "Refresh", "relational-variable", 1, 10, collection="people", field="person",
              default=[uid("people", 3)]),
        panel("Content", "Empty", "label", 13, 10),
    ]


def presets():
    """Bookmarks and defaults of everybody, of roles, and of one user (which stays on its instance)."""
    def preset(collection, bookmark=None, role=None, user=None, **content):
        return {
            "collection": collection, "bookmark": bookmark, "role": role, "user": user, "search": None,
            "layout": "tabular", "layout_query": None, "layout_options": None, "refresh_interval": None,
            "filter": None, "icon": "bookmark", "color": None, **content,
        }

    editors = uid("role", "Editors")
    tabular = {"tabular": {"fields": ["title", "status", "author"], "sort": ["-title"], "page": 1}}
    return [
        preset("articles", layout_query=tabular),
        preset("articles", layout_query=tabular),  # twice the same, on purpose
        preset("articles", layout="cards", layout_options={"cards": {"icon": "article", "title": "{{title}}"}}),
        preset("articles", "Mine", filter={"_and": [{"user_created": {"_eq": "$CURRENT_USER"}}]}, color="#FFA439"),
        preset("articles", "Of editors", editors,
               filter={"user_created": {"role": {"_in": [editors, uid("role", "Translators")]}}}, search="ü %"),
        preset("articles", role=editors, layout_query=tabular),
        preset("products", "Out of stock", uid("role", "Shop"), filter={"stock": {"_lte": 0}}, refresh_interval=60),
        preset("directus_users", layout="cards"),
        preset("directus_files", "Wide", layout_options={"tabular": {"widths": {"title": 300.5}}}),
        preset("events", "Coming", filter={"starts": {"_gte": "$NOW"}}, icon=None),
        preset("articles", "Private", None, uid("user", "edda"), search="private"),
    ]


def translations():
    words = {
        "published": ("Published", "Veröffentlicht", "Publié"),
        "draft": ("Draft", "Entwurf", "Brouillon"),
        "archived": ("Archived", "Archiviert", "Archivé"),
        "welcome": ("Welcome!\nHow are you?", "Willkommen, „Gast“", "Bienvenue « ici »"),
        "price": ("Price {{currency}}", "Preis {{currency}}", "Prix\u00a0{{currency}}"),
        "empty": (" ", "–", "…"),
        "a.b": ("dotted", "gepunktet", "pointillé"),
        "${HOME}": ("looks like a variable", "${HOME}", "$${HOME}"),
    }
    return [
        {"id": uid("translation", f"{key}/{language}"), "key": key, "language": language, "value": value}
        for key, values in words.items()
        for language, value in zip(("en-US", "de-DE", "fr-FR"), values)
    ]


def folders():
    paths = ["Press", "Press/2024", "Press/2024/Logos", "Press/2023", "Press/2023/Logos", "Shop", "Shop/Logos", "Größe & Co"]
    return [
        {"id": uid("folder", path), "name": path.rpartition("/")[2],
         "parent": uid("folder", path.rpartition("/")[0]) if "/" in path else None}
        for path in paths
    ]


def settings():
    return {
        "project_name": "Harbour Museum “Ö”",
        "project_descriptor": "Content & shop",
        "project_color": "#0A5C8A",
        "project_url": "https://museum.example.com",
        "default_language": "de-DE",
        "default_appearance": "dark",
        "public_note": "**Hello**\r\n<b>you</b> \u2028 🚢",
        "custom_css": "body::after { content: \"it's \\201C here\"; }\n/* ${NOT_A_VARIABLE} */\n",
        "auth_login_attempts": 7,
        "auth_password_policy": "/^.{8,}$/",
        "storage_asset_transform": "presets",
        "storage_asset_presets": [
            {"key": "thumb", "fit": "cover", "width": 200, "height": 200, "quality": 80, "withoutEnlargement": True, "format": "auto"},
            {"key": "wide", "fit": "inside", "width": 1600, "height": None, "quality": 75, "withoutEnlargement": False, "format": "webp", "transforms": [["blur", 0.3]]},
        ],
        "storage_default_folder": uid("folder", "Press"),
        "public_registration_role": uid("role", "Auditors"),
        "public_registration_email_filter": {"_and": [{"email": {"_ends_with": "@example.com"}}]},
        "module_bar": [
            {"type": "module", "id": "content", "enabled": True},
            {"type": "module", "id": "users", "enabled": False},
            {"type": "link", "id": "docs", "name": "Docs", "url": "https://example.com/?a=1&b=2", "icon": "help", "enabled": True},
            {"type": "module", "id": "settings", "enabled": True, "locked": True},
        ],
        "basemaps": [{"name": "Plain", "type": "raster", "url": "https://example.com/{z}/{x}/{y}.png", "tileSize": 256, "attribution": "©"}],
        "custom_aspect_ratios": [{"text": "16:10", "value": 1.6}, {"text": "⅓", "value": 0.3333333333333333}],
        "theme_light_overrides": {"primary": "#123456", "navigation": {"background": "#fff"}},
        "theming_group": None,
        "report_bug_url": "https://example.com/bugs?title={{ title }}",
        "visual_editor_urls": [{"url": "https://example.com/preview"}],
    }
