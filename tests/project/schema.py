"""Collections, fields and relations of the museum shop: what Directus can model, in 24 collections."""

from .build import alias, any_relation, collection, field, number_key, relation, text_key, uuid_key

NASTY_DEFAULT = "it's \"quoted\" \\ ${NOT_A_VARIABLE} ü"

_STATUS = {
    "choices": [
        {"text": "$t:published", "value": "published", "color": "var(--theme--primary)"},
        {"text": "$t:draft", "value": "draft"},
        {"text": "$t:archived", "value": "archived"},
    ]
}


def _audit():
    """All four fields that the server fills itself: rows with them are carried without them."""
    user = {"interface": "select-dropdown-m2o", "readonly": True, "hidden": True, "width": "half"}
    date = {"interface": "datetime", "readonly": True, "hidden": True, "width": "half"}
    return [
        field("user_created", "uuid", ["user-created"], **user),
        field("date_created", "timestamp", ["date-created"], **date),
        field("user_updated", "uuid", ["user-updated"], **user),
        field("date_updated", "timestamp", ["date-updated"], **date),
    ]


def _content():
    return [
        collection("content", folder=True, icon="folder", note="Everything people read", sort=1, collapse="locked"),
        collection(
            "articles",
            uuid_key(),
            field("status", "string", interface="select-dropdown", options=_STATUS,
                  schema={"default_value": "draft", "is_nullable": False}, display="labels", width="half"),
            field("sort", "integer", interface="input", hidden=True),
            field("title", "string", schema={"is_nullable": False, "max_length": 120}, required=True,
                  validation={"_and": [{"title": {"_regex": "^\\S.{0,118}\\S$"}}]},
                  validation_message="Use 2–120 characters, none of them blank at either end.",
                  translations=[{"language": "de-DE", "translation": "Überschrift"},
                                {"language": "fr-FR", "translation": "Titre « principal »"}]),
            field("slug", "string", schema={"is_unique": True, "is_nullable": False}, note="part of the address"),
            alias("details", "alias", "group-detail", more=["no-data", "group"], options={"start": "closed"}),
            field("body", "text", interface="input-rich-text-md", group="details", options={"toolbar": ["bold", "link"]}),
            field("reading_time", "integer", schema={"default_value": 3}, group="details",
                  conditions=[{"name": "only when published",
                               "rule": {"_and": [{"status": {"_neq": "published"}}]}, "hidden": True}]),
            alias("line", "alias", "presentation-divider", more=["no-data"], options={"title": "Relations"}),
            field("category", "integer", interface="select-dropdown-m2o", options={"template": "{{name}}"}),
            field("author", "uuid", interface="select-dropdown-m2o", display="related-values",
                  display_options={"template": "{{name}}"}),
            field("cover", "uuid", ["file"], interface="file-image"),
            alias("tags", "m2m", "list-m2m", options={"template": "{{tags_slug.label}}"}),
            alias("blocks", "m2a", "list-m2a"),
            alias("translations", "translations", "translations", options={"languageField": "name"}),
            *_audit(),
            group="content", icon="article", display_template="{{title}} — {{author.name}}", archive_field="status",
            archive_value="archived", unarchive_value="draft", sort_field="sort", versioning=True, sort=1,
            translations=[{"language": "de-DE", "translation": "Artikel", "singular": "Artikel", "plural": "Artikel"}],
            item_duplication_fields=["title", "tags.tags_slug", "body"], preview_url="https://example.com/{{slug}}",
        ),
        collection(
            "articles_translations", number_key(),
            field("articles_id", "uuid", hidden=True), field("languages_code", "string", hidden=True),
            field("title", "string"), field("body", "text", interface="input-rich-text-html"),
            group="content", hidden=True, icon="import_export",
        ),
        collection(
            "languages", text_key("code", 12), field("name", "string", schema={"is_nullable": False}),
            field("direction", "string", schema={"default_value": "ltr"}, interface="select-dropdown",
                  options={"choices": [{"text": "LTR", "value": "ltr"}, {"text": "RTL", "value": "rtl"}]}),
            group="content", sort_field=None, accountability=None,
        ),
        collection(
            "articles_tags", number_key(), field("articles_id", "uuid", hidden=True),
            field("tags_slug", "string", hidden=True), field("sort", "integer", hidden=True),
            group="content", hidden=True, sort_field="sort",
        ),
        collection(
            "tags", text_key("slug"), field("label", "string", schema={"default_value": NASTY_DEFAULT}),
            alias("articles", "m2m", "list-m2m"), group="content", color="#FF00AA", icon="sell",
        ),
        collection(
            "articles_blocks", number_key(), field("articles_id", "uuid", hidden=True),
            field("item", "string", hidden=True), field("collection", "string", hidden=True),
            field("sort", "integer", hidden=True), group="content", hidden=True,
        ),
        collection("block_text", uuid_key(), field("text", "text"), group="content", hidden=True),
        collection(
            "block_quote", number_key(), field("quote", "string"), field("by", "string", schema={"max_length": 40}),
            group="content", hidden=True,
        ),
        collection(
            "categories", number_key(), field("name", "string"),
            field("parent", "integer", interface="select-dropdown-m2o"),
            field("sort", "integer"), alias("children", "o2m", "list-o2m-tree-view"),
            group="content", display_template="{{name}}", sort_field="sort",
        ),
        collection(
            "site_settings", number_key(), field("title", "string"), field("footer", "json", ["cast-json"],
            interface="input-code"), field("home", "uuid", interface="select-dropdown-m2o"),
            group="content", singleton=True,
        ),
    ]


def _shop():
    return [
        collection("commerce", folder=True, group="content", color=None, sort=99),
        collection(
            "products", number_key(kind="bigInteger"),
            field("sku", "string", schema={"is_unique": True, "is_indexed": True, "is_nullable": False, "max_length": 32}),
            field("name", "string", schema={"is_indexed": True}),
            field("price", "decimal", schema={"numeric_precision": 12, "numeric_scale": 2, "default_value": 0}),
            field("stock", "integer", schema={"default_value": 0, "is_nullable": False}),
            field("attributes", "json", ["cast-json"], interface="list",
                  options={"fields": [{"field": "key", "type": "string"}, {"field": "value", "type": "string"}]}),
            field("labels", "csv", ["cast-csv"], interface="tags"),
            field("checked", "boolean", ["cast-boolean"], interface="boolean", schema={"default_value": False}),
            alias("prices", "o2m", "list-o2m"), group="commerce",
        ),
        collection(
            "prices", number_key(), field("product", "bigInteger"),
            field("currency", "string", schema={"max_length": 3, "is_nullable": False}),
            field("amount", "decimal", schema={"numeric_precision": 30, "numeric_scale": 10}),
            field("valid_from", "date"), field("changed", "timestamp", ["date-updated"], readonly=True),
            group="commerce", accountability="activity",
        ),
        collection(
            "customers", uuid_key(), field("email", "string", schema={"is_unique": True}), field("name", "string"),
            group="commerce", note="Rows stay on their instance",
        ),
        collection(
            "guarded", number_key(), field("name", "string"), field("seen_by_flow", "string"), group="commerce",
            note="An event flow refuses every new row here, so that rows must come before active flows",
        ),
    ]


def _shapes():
    return [
        collection(
            "every_type", number_key(),
            field("a_string", "string"), field("a_short", "string", schema={"max_length": 10}),
            field("a_text", "text", interface="input-multiline"),
            field("a_boolean", "boolean", ["cast-boolean"], interface="boolean"),
            field("an_integer", "integer"), field("a_big_integer", "bigInteger"), field("a_float", "float"),
            field("a_decimal", "decimal", schema={"numeric_precision": 38, "numeric_scale": 10}),
            field("a_plain_decimal", "decimal"),
            field("a_timestamp", "timestamp", interface="datetime"),
            field("a_date_time", "dateTime", interface="datetime"), field("a_date", "date", interface="datetime"),
            field("a_time", "time", interface="datetime"), field("a_json", "json", ["cast-json"], interface="input-code"),
            field("a_csv", "csv", ["cast-csv"], interface="tags"), field("a_uuid", "uuid"),
            field("with_default", "string", schema={"default_value": NASTY_DEFAULT}),
            field("with_now", "timestamp", schema={"default_value": "CURRENT_TIMESTAMP"}),
            field("with_number", "float", schema={"default_value": 0.1}),
            field("required_flag", "boolean", ["cast-boolean"], schema={"default_value": True, "is_nullable": False}),
            field("indexed", "string", schema={"is_indexed": True}),
            field("select", "string", interface="select-dropdown"), sort_field=None,
            display_template="{{a_string}}",
        ),
        collection(
            "vault", uuid_key(), field("name", "string"),
            field("pin", "hash", ["hash"], interface="input-hash"),
            field("api_key", "string", ["conceal"], interface="input"),
        ),
        collection(
            "teams", uuid_key(), field("name", "string", schema={"is_nullable": False}), field("lead", "uuid"),
            alias("members", "o2m", "list-o2m"),
        ),
        collection(
            "people", uuid_key(), field("name", "string"), field("team", "uuid"), field("mentor", "uuid"),
            alias("articles", "o2m", "list-o2m", options={"enableLink": True}),
        ),
        collection(
            "events", number_key(kind="bigInteger"), field("kind", "string", schema={"is_indexed": True}),
            field("starts", "timestamp"), field("title", "string"),
            field("entered", "timestamp", ["date-created"], readonly=True),
        ),
        collection(
            "measurements", number_key(), field("station", "string"), field("at", "dateTime"), field("value", "float"),
            accountability=None, hidden=True,
        ),
        collection("MixedCase", number_key("Id"), field("camelField", "string"), field("Größe", "integer")),
        collection("größen", text_key("schlüssel"), field("wert mit leerzeichen", "string"), field("select", "integer")),
    ]


def _relations():
    return [
        relation("articles", "category", "categories"),
        relation("articles", "author", "people", "articles", on_delete="NO ACTION"),
        relation("articles", "cover", "directus_files"),
        relation("articles", "user_created", "directus_users", on_delete="NO ACTION"),
        relation("articles", "user_updated", "directus_users", on_delete="NO ACTION"),
        relation("articles_translations", "articles_id", "articles", "translations", on_delete="CASCADE",
                 junction_field="languages_code", one_deselect_action="delete"),
        relation("articles_translations", "languages_code", "languages", junction_field="articles_id",
                 on_delete="RESTRICT"),
        relation("articles_tags", "articles_id", "articles", "tags", on_delete="CASCADE", junction_field="tags_slug",
                 sort_field="sort", one_deselect_action="delete"),
        relation("articles_tags", "tags_slug", "tags", "articles", on_delete="CASCADE", junction_field="articles_id"),
        relation("articles_blocks", "articles_id", "articles", "blocks", on_delete="CASCADE", junction_field="item",
                 sort_field="sort", one_deselect_action="delete"),
        any_relation("articles_blocks", "item", ["block_text", "block_quote"], one_collection_field="collection",
                     junction_field="articles_id"),
        relation("categories", "parent", "categories", "children", on_delete="NO ACTION", sort_field="sort"),
        relation("site_settings", "home", "articles"),
        relation("prices", "product", "products", "prices", on_delete="CASCADE", one_deselect_action="delete"),
        relation("teams", "lead", "people"),
        relation("people", "team", "teams", "members"),
        relation("people", "mentor", "people"),
        relation("directus_users", "person", "people"),
    ]


def _system_fields():
    """Custom fields on collections of the system: (collection, field)."""
    return [
        ("directus_users", field("nickname", "string", schema={"max_length": 60}, note="shown in the app", width="half")),
        ("directus_users", field("person", "uuid", interface="select-dropdown-m2o")),
        ("directus_files", field("credit", "string", schema={"is_indexed": True})),
    ]


def _geometry():
    return [
        collection(
            "places", number_key(), field("name", "string"), field("spot", "geometry.Point", interface="map"),
            field("area", "geometry.Polygon", interface="map"), field("anything", "geometry", interface="map"),
        )
    ]


def collections(geometry=False):
    return _content() + _shop() + _shapes() + (_geometry() if geometry else [])


def relations():
    return _relations()


def system_fields():
    return _system_fields()
