#include "model/layout.h"

#include <string.h>

#include "base/str.h"
#include "model/circles.h"

/* ---- what a record must look like ---- */

/* The members of schema kinds, as /schema/snapshot gives them (api/src/utils/validate-snapshot.ts); the
 * parent's name aside, which nested records leave out. */
static const char *const collection_members[] = { "collection", "meta", "schema", NULL };
static const char *const field_members[] = { "field", "meta", "schema", "type", NULL };
static const char *const relation_members[] = { "field", "meta", "related_collection", "schema", NULL };
static const char *const system_field_members[] = { "collection", "field", "schema", NULL };

/* NULL where any member may stand. */
static const char *const *fixed_members(TypeId type) {
    switch (type) {
    case TYPE_COLLECTIONS:
        return collection_members;
    case TYPE_FIELDS:
        return field_members;
    case TYPE_RELATIONS:
        return relation_members;
    case TYPE_SYSTEM_FIELDS:
        return system_field_members;
    default:
        return NULL;
    }
}

/* Members that must be there besides id and key. */
static const struct {
    TypeId type;
    const char *member;
    JsonKind kind;
} required_members[] = {
    { TYPE_COLLECTIONS, "meta", JSON_OBJECT },
    { TYPE_FIELDS, "type", JSON_STRING },
};

/* Names that Directus repeats inside a record: a block copied by hand and half renamed is a fault. */
static const struct {
    TypeId type;
    const char *outer, *inner, *same_as;
} repeated_names[] = {
    { TYPE_COLLECTIONS, "meta", "collection", "collection" },
    { TYPE_COLLECTIONS, "schema", "name", "collection" },
    { TYPE_FIELDS, "meta", "collection", "collection" },
    { TYPE_FIELDS, "meta", "field", "field" },
    { TYPE_FIELDS, "schema", "table", "collection" },
    { TYPE_FIELDS, "schema", "name", "field" },
    { TYPE_RELATIONS, "meta", "many_collection", "collection" },
    { TYPE_RELATIONS, "meta", "many_field", "field" },
    { TYPE_RELATIONS, "schema", "table", "collection" },
    { TYPE_RELATIONS, "schema", "column", "field" },
};

/* ---- reading ---- */

/* Where something stands, for messages. */
typedef struct {
    const char *folder; /* NULL = none */
    const char *path;
    const char *pointer; /* RFC 6901, "" = the whole file */
} Place;

/* ERR_FILES "path: (/pointer/member): …", with a hint for want of a better one; `member` may be NULL. */
__attribute__((format(printf, 4, 5))) static bool fault(const Place *at, const char *member, Error *err,
                                                        const char *format, ...) {
    AUTO(Arena) arena = { 0 };
    va_list args;
    va_start(args, format);
    const char *what = arena_vprintf(&arena, format, args);
    va_end(args);
    const char *path = at->folder ? arena_printf(&arena, "%s/%s", at->folder, at->path) : at->path;
    if (!member && !at->pointer[0])
        error_set(err, ERR_FILES, "%s: %s", path, what);
    else
        error_set(err, ERR_FILES, "%s: (%s%s%s): %s", path, at->pointer, member ? "/" : "",
                  member ? member : "", what);
    return error_hint(err, "correct the file, or bring back what git has of it");
}

static bool contains(const char *const *names, const char *name) {
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The type nested in `parent` under this member's name, or TYPE_NONE. */
static TypeId nested_type(TypeId parent, const char *member) {
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        const CatalogRow *row = catalog_row(type);
        if (row->parent == parent && !row->file && str_equal(row->member, member))
            return type;
    }
    return TYPE_NONE;
}

/* Every instance has these records, so that they may also be referred to without a file of their own. */
static bool is_alias(TypeId type, const char *id) {
    bool administrator = strcmp(id, ALIAS_ADMINISTRATOR) == 0;
    return (type == TYPE_ROLES && administrator) ||
           (type == TYPE_POLICIES && (administrator || strcmp(id, ALIAS_PUBLIC) == 0));
}

static bool check_id(const Place *at, TypeId type, const Json *object, Error *err) {
    const CatalogRow *row = catalog_row(type);
    const Json *id = json_get(object, "id");
    if (row->identity != IDENTITY_ID)
        return !id || catalog_is_schema(type) ||
               fault(at, "id", err, "%s are known by content, not by id: remove it", row->name);
    const char *text = json_text(id);
    if (text && (is_alias(type, text) || str_is_uuid(text, id->count)))
        return true;
    if (!id)
        fault(at, NULL, err, "a %s needs an \"id\"", row->singular);
    else
        fault(at, "id", err, "the id of a %s is a uuid in lower case", row->singular);
    return error_hint(err, "give a new record a fresh uuid (uuidgen prints one)");
}

static bool check_key(const Place *at, TypeId type, const Json *object, Error *err) {
    const CatalogRow *row = catalog_row(type);
    for (size_t i = 0; i < CATALOG_KEYS && row->key[i]; i++) {
        const char *field = row->key[i];
        const Json *value = json_get(object, field);
        if (!value && !catalog_never_carried(type, field))
            return fault(at, NULL, err, "a %s needs \"%s\"", row->singular, field);
        const char *name = json_text(value);
        if (catalog_is_schema(type) && (!name || !name[0]))
            return fault(at, field, err, "must be a name");
    }
    for (size_t i = 0; i < sizeof required_members / sizeof *required_members; i++) {
        if (required_members[i].type != type)
            continue;
        const Json *value = json_get(object, required_members[i].member);
        if (!value)
            return fault(at, NULL, err, "a %s needs \"%s\"", row->singular, required_members[i].member);
        if (!json_is(value, required_members[i].kind))
            return fault(at, required_members[i].member, err, "must be %s",
                         required_members[i].kind == JSON_STRING ? "a string" : "an object");
    }
    return true;
}

static bool check_repeated_names(const Place *at, TypeId type, const Json *object, Error *err) {
    for (size_t i = 0; i < sizeof repeated_names / sizeof *repeated_names; i++) {
        const char *inner = repeated_names[i].inner, *outer = repeated_names[i].outer;
        const Json *value = repeated_names[i].type == type ? json_path(object, outer, inner, NULL) : NULL;
        const char *name = json_get_text(object, repeated_names[i].same_as);
        if (json_is_null(value) || str_equal(json_text(value), name))
            continue;
        AUTO(Arena) arena = { 0 };
        return fault(at, arena_printf(&arena, "%s/%s", outer, inner), err,
                     "must be \"%s\", as the %s is called", name, repeated_names[i].same_as);
    }
    return true;
}

static bool check_members(const Place *at, TypeId type, const Json *object, bool nested, Error *err) {
    const char *const *fixed = fixed_members(type);
    const CatalogRow *row = catalog_row(type);
    for (uint32_t i = 0; i < object->count; i++) {
        const char *key = object->as.members[i].key;
        AUTO(Arena) arena = { 0 };
        if (nested && str_equal(key, row->parent_field))
            return fault(at, key, err, "is said by the file the %s stands in: remove it", row->singular);
        if (fixed ? contains(fixed, key) : !catalog_never_carried(type, key) || str_equal(key, "id"))
            continue;
        if (nested_type(type, key) != TYPE_NONE)
            continue;
        if (fixed)
            return fault(at, json_pointer_step(&arena, key), err, "a %s has no such member", row->singular);
        fault(at, json_pointer_step(&arena, key), err, "this field is never carried between instances");
        return error_hint(err, "remove the member: it belongs to one instance, or is a secret");
    }
    return true;
}

/* A value being read: where it stands, and the snapshot it goes into. */
typedef struct {
    Place at;
    Snapshot *snapshot;
} Reading;

static bool read_record(const Reading *reading, TypeId type, const Json *json, const char *parent,
                        Error *err);

static bool read_array(const Reading *reading, TypeId type, const Json *json, const char *parent,
                       Error *err) {
    if (!json_is(json, JSON_ARRAY))
        return fault(&reading->at, NULL, err, "must be an array of %s", catalog_row(type)->name);
    for (uint32_t i = 0; i < json->count; i++) {
        Reading item = *reading;
        item.at.pointer = arena_printf(&reading->snapshot->arena, "%s/%u", reading->at.pointer, i);
        if (!read_record(&item, type, &json->as.items[i], parent, err))
            return false;
    }
    return true;
}

/* The nested arrays of a record, each record with its reference to the parent put back. */
static bool read_nested(const Reading *reading, TypeId type, const Json *object, const char *identity,
                        Error *err) {
    for (uint32_t i = 0; i < object->count; i++) {
        const JsonMember *member = &object->as.members[i];
        TypeId nested = nested_type(type, member->key);
        if (nested == TYPE_NONE)
            continue;
        Reading inner = *reading;
        inner.at.pointer = arena_printf(&reading->snapshot->arena, "%s/%s", reading->at.pointer, member->key);
        if (!read_array(&inner, nested, &member->value, identity, err))
            return false;
    }
    return true;
}

static void add_record(const Reading *reading, TypeId type, const Json *object, const char *parent) {
    Arena *arena = &reading->snapshot->arena;
    const Place *at = &reading->at;
    JsonObjectBuilder members = json_object_builder(arena);
    for (uint32_t i = 0; i < object->count; i++)
        if (nested_type(type, object->as.members[i].key) == TYPE_NONE)
            json_object_put(&members, object->as.members[i].key, object->as.members[i].value);
    if (parent)
        json_object_put(&members, catalog_row(type)->parent_field, json_string(arena, parent));
    Record *record = snapshot_add(reading->snapshot, type, json_object_done(&members));
    record->origin =
        at->pointer[0] ? arena_printf(arena, "%s#%s", at->path, at->pointer) : arena_strdup(arena, at->path);
}

/* Collections of the system are no records: only what the project adds to them is. */
static bool read_system_collection(const Reading *reading, const Json *object, const char *name, Error *err) {
    for (uint32_t i = 0; i < object->count; i++) {
        const char *key = object->as.members[i].key;
        AUTO(Arena) arena = { 0 };
        if (strcmp(key, "collection") != 0 && nested_type(TYPE_COLLECTIONS, key) == TYPE_NONE)
            return fault(&reading->at, json_pointer_step(&arena, key), err,
                         "a collection of the system has only \"fields\" and \"relations\" here");
    }
    return read_nested(reading, TYPE_COLLECTIONS, object, name, err);
}

static bool read_record(const Reading *reading, TypeId type, const Json *json, const char *parent,
                        Error *err) {
    const CatalogRow *row = catalog_row(type);
    const Place *at = &reading->at;
    if (!json_is(json, JSON_OBJECT))
        return fault(at, NULL, err, "%s%s must be an object", row->singleton ? "" : "a ", row->singular);
    const char *name = type == TYPE_COLLECTIONS ? json_get_text(json, "collection") : NULL;
    if (name && str_starts(name, "directus_"))
        return read_system_collection(reading, json, name, err);
    if (!check_members(at, type, json, parent != NULL, err))
        return false;
    Arena *arena = &reading->snapshot->arena;
    Json whole = parent ? json_with(arena, json, row->parent_field, json_string(arena, parent)) : *json;
    if (!check_id(at, type, &whole, err) || !check_key(at, type, &whole, err) ||
        !check_repeated_names(at, type, &whole, err))
        return false;
    add_record(reading, type, json, parent);
    const char *identity = row->identity == IDENTITY_ID ? "id" : row->key[0];
    return read_nested(reading, type, json, identity ? json_get_text(&whole, identity) : NULL, err);
}

bool layout_read(Snapshot *snapshot, const char *path, const Json *json, Error *err) {
    PathInfo info = layout_path(path);
    Reading reading = { .at = { .folder = snapshot->folder, .path = path, .pointer = "" },
                        .snapshot = snapshot };
    if (info.kind != PATH_RECORDS)
        return fault(&reading.at, NULL, err, "no file of schema or configuration");
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        if (catalog_row(type)->section == info.section)
            snapshot->present[type] = true;
    const CatalogRow *row = catalog_row(info.type);
    if (row->singleton || str_ends(row->file, "/"))
        return read_record(&reading, info.type, json, NULL, err);
    return read_array(&reading, info.type, json, NULL, err);
}

/* ---- after all files ---- */

static Place place_of(Arena *arena, const Snapshot *snapshot, const Record *record) {
    const char *origin = record->origin ? record->origin : "?";
    size_t length = strcspn(origin, "#");
    return (Place){ .folder = snapshot->folder,
                    .path = arena_strndup(arena, origin, length),
                    .pointer = origin[length] ? origin + length + 1 : "" };
}

/* "schema/roles/a.json", or "schema/policies/b.json (/permissions/3)". */
static const char *place_text(Arena *arena, const Snapshot *snapshot, const Record *record) {
    Place at = place_of(arena, snapshot, record);
    const char *path = at.folder ? arena_printf(arena, "%s/%s", at.folder, at.path) : at.path;
    return at.pointer[0] ? arena_printf(arena, "%s (%s)", path, at.pointer) : path;
}

static bool check_unique(const Snapshot *snapshot, TypeId type, Error *err) {
    const CatalogRow *row = catalog_row(type);
    const RecordList *list = &snapshot->types[type];
    for (size_t i = 1; i < list->count; i++) {
        const Record *a = &list->items[i - 1], *b = &list->items[i];
        bool by_id = row->identity == IDENTITY_ID;
        if (row->identity == IDENTITY_BAG ||
            !(by_id ? str_equal(a->id, b->id)
                    : (row->key[0] && snapshot_key_compare(type, &a->json, &b->json) == 0)))
            continue;
        AUTO(Arena) arena = { 0 };
        const char *first = place_text(&arena, snapshot, a), *second = place_text(&arena, snapshot, b);
        if (strcmp(first, second) > 0) {
            const char *swap = first;
            first = second;
            second = swap;
        }
        error_set(err, ERR_FILES, "%s and %s: two %s with the %s \"%s\"", first, second, row->name,
                  by_id ? "id" : "key", by_id ? a->id : snapshot_label(snapshot, type, a, &arena));
        return error_hint(err, by_id ? "remove one of them, or give it a fresh uuid" : "remove one of them");
    }
    return true;
}

static bool dangling(const Snapshot *snapshot, TypeId type, const Record *record, const char *pointer,
                     const char *singular, const char *id, Error *err) {
    AUTO(Arena) arena = { 0 };
    Place at = place_of(&arena, snapshot, record);
    fault(&at, pointer, err, "the files have no %s \"%s\"", singular, id);
    return error_hint(err, "add its file, or take the reference out of the %s \"%s\"",
                      catalog_row(type)->singular, snapshot_label(snapshot, type, record, &arena));
}

static bool check_references(const Snapshot *snapshot, TypeId type, Error *err) {
    const CatalogRow *row = catalog_row(type);
    const RecordList *list = &snapshot->types[type];
    for (size_t r = 0; r < CATALOG_REFERENCES && row->references[r].field; r++) {
        const Reference *reference = &row->references[r];
        if (reference->target >= TYPE_COUNT || !snapshot->present[reference->target] ||
            catalog_row(reference->target)->identity != IDENTITY_ID)
            continue;
        for (size_t i = 0; i < list->count; i++) {
            const char *id = json_get_text(&list->items[i].json, reference->field);
            if (id && !is_alias(reference->target, id) && !snapshot_find(snapshot, reference->target, id))
                return dangling(snapshot, type, &list->items[i], reference->field,
                                catalog_row(reference->target)->singular, id, err);
        }
    }
    return true;
}

static bool has_collection(const Snapshot *snapshot, const char *name) {
    const RecordList *list = &snapshot->types[TYPE_COLLECTIONS];
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, json_get_text(&list->items[middle].json, "collection"));
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return str_starts(name, "directus_");
}

/* A collection named by its group or by a relation must be there: Directus answers with an opaque 500
 * otherwise. */
static bool check_collections(const Snapshot *snapshot, Error *err) {
    const RecordList *collections = &snapshot->types[TYPE_COLLECTIONS];
    for (size_t i = 0; i < collections->count; i++) {
        const char *group = json_text(json_path(&collections->items[i].json, "meta", "group", NULL));
        if (group && !has_collection(snapshot, group))
            return dangling(snapshot, TYPE_COLLECTIONS, &collections->items[i], "meta/group", "collection",
                            group, err);
    }
    const RecordList *relations = &snapshot->types[TYPE_RELATIONS];
    for (size_t i = 0; i < relations->count; i++) {
        const char *related = json_get_text(&relations->items[i].json, "related_collection");
        if (related && !has_collection(snapshot, related))
            return dangling(snapshot, TYPE_RELATIONS, &relations->items[i], "related_collection",
                            "collection", related, err);
    }
    return true;
}

bool layout_check_unique(const Snapshot *snapshot, Error *err) {
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        if (!check_unique(snapshot, type, err))
            return false;
    return true;
}

bool layout_finish(Snapshot *snapshot, Error *err) {
    snapshot_sort(snapshot);
    if (!layout_check_unique(snapshot, err))
        return false;
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        if (!check_references(snapshot, type, err))
            return false;
    return check_collections(snapshot, err) && circles_check(snapshot, err);
}
