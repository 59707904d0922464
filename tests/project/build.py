"""Short forms for what POST /collections and POST /relations take."""


def collection(name, *fields, folder=False, **meta):
    """A collection with its fields; `folder` makes a group without a table."""
    made = {"collection": name, "meta": {"collection": name, **meta}}
    made["schema"] = None if folder else {"name": name}
    if not folder:
        made["fields"] = list(fields)
    return made


def field(name, kind, special=None, *, interface=None, options=None, schema=None, **meta):
    """A column. `schema` holds what differs from a nullable one without a default."""
    return {
        "field": name,
        "type": kind,
        "schema": dict(schema or {}),
        "meta": {"special": special, "interface": interface or "input", "options": options, **meta},
    }


def alias(name, special, interface, *, options=None, **meta):
    return {
        "field": name,
        "type": "alias",
        "meta": {"special": [special, *meta.pop("more", [])], "interface": interface, "options": options, **meta},
    }


def number_key(name="id", kind="integer"):
    return field(name, kind, schema={"is_primary_key": True, "has_auto_increment": True}, hidden=True, readonly=True)


def uuid_key(name="id"):
    return field(
        name, "uuid", ["uuid"], schema={"is_primary_key": True, "is_nullable": False, "length": 36}, hidden=True,
        readonly=True,
    )


def text_key(name, length=255):
    return field(name, "string", schema={"is_primary_key": True, "is_nullable": False, "max_length": length})


def relation(many, many_field, one, one_field=None, *, on_delete="SET NULL", **meta):
    """many.many_field → one, seen from there as one_field."""
    return {
        "collection": many,
        "field": many_field,
        "related_collection": one,
        "meta": {"one_field": one_field, "sort_field": None, "one_deselect_action": "nullify", **meta},
        "schema": {"on_delete": on_delete},
    }


def any_relation(many, many_field, allowed, *, one_collection_field, **meta):
    """The "any" side of an m2a: no foreign key, the collection's name stands beside."""
    return {
        "collection": many,
        "field": many_field,
        "related_collection": None,
        "meta": {
            "one_collection_field": one_collection_field, "one_allowed_collections": allowed, "sort_field": None,
            "one_deselect_action": "nullify", **meta,
        },
        "schema": None,
    }
