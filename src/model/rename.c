#include "model/rename.h"

#include <stdlib.h>
#include <string.h>

/* ---- single names ---- */

void rename_put(const Rename *rename, Buf *out) {
    if (rename->field)
        buf_printf(out, "field %s.%s renamed to %s", rename->collection, rename->field, rename->to);
    else
        buf_printf(out, "collection %s renamed to %s", rename->collection, rename->to);
}

/* `field` NULL: a collection's. */
static const Rename *find(const Renames *renames, const char *collection, const char *field, bool by_new) {
    for (size_t i = 0; collection && i < renames->count; i++) {
        const Rename *rename = &renames->items[i];
        const char *from = field ? rename->field : rename->collection;
        if ((rename->field != NULL) == (field != NULL) &&
            (!field || strcmp(rename->collection, collection) == 0) &&
            strcmp(by_new ? rename->to : from, field ? field : collection) == 0)
            return rename;
    }
    return NULL;
}

const char *renames_new_collection(const Renames *renames, const char *old_name) {
    const Rename *rename = find(renames, old_name, NULL, false);
    return rename ? rename->to : old_name;
}

const char *renames_old_collection(const Renames *renames, const char *new_name) {
    const Rename *rename = find(renames, new_name, NULL, true);
    return rename ? rename->collection : new_name;
}

const char *renames_new_field(const Renames *renames, const char *collection, const char *old_name) {
    const Rename *rename = old_name ? find(renames, collection, old_name, false) : NULL;
    return rename ? rename->to : old_name;
}

const char *renames_old_field(const Renames *renames, const char *collection, const char *new_name) {
    const Rename *rename = new_name ? find(renames, collection, new_name, true) : NULL;
    return rename ? rename->field : new_name;
}

/* ---- what is to be done ---- */

static bool has(const Snapshot *snapshot, const char *collection, const char *field) {
    return field ? snapshot_has_field(snapshot, collection, field)
                 : snapshot_has_collection(snapshot, collection);
}

/* Where a row of renames ends; a circle ends where it began. */
static const char *last_name(const Renames *declared, const char *collection, const char *field) {
    const char *name = field ? field : collection;
    for (size_t step = 0; step < declared->count; step++)
        name = field ? renames_new_field(declared, collection, name) : renames_new_collection(declared, name);
    return name;
}

static const char *shown(Arena *arena, const char *collection, const char *field) {
    return field ? arena_printf(arena, "%s.%s", collection, field) : collection;
}

static bool both_names(const char *who, ErrorKind kind, const Rename *rename, const char *to, Error *err) {
    AUTO(Arena) arena = { 0 };
    const char *from = shown(&arena, rename->collection, rename->field);
    error_set(err, kind, "renames: %s %s and %s", who, from,
              rename->field ? shown(&arena, rename->collection, to) : to);
    return kind == ERR_CONFIG
               ? error_hint(err,
                            "a rename that is done everywhere can be taken out of \"renames\"; else take "
                            "%s out of the files",
                            from)
               : error_hint(err, "nothing was renamed: which of the two has the data? Remove the other one "
                                 "there first");
}

typedef struct {
    const Renames *declared;
    const Snapshot *files, *target;
    Rename *items;
    size_t count;
} Pending;

/* `server`: the collection's name on the target as long as nothing is renamed. */
static bool add_pending(Pending *pending, const Rename *rename, const char *server, const char *to,
                        Error *err) {
    const char *old_name = rename->field ? rename->field : rename->collection;
    const char *new_collection = rename->field ? rename->collection : to;
    if (strcmp(old_name, to) == 0 || !has(pending->files, new_collection, rename->field ? to : NULL))
        return true;
    if (has(pending->files, rename->collection, rename->field))
        return both_names("the files have", ERR_CONFIG, rename, to, err);
    if (!has(pending->target, server, rename->field))
        return true;
    if (has(pending->target, rename->field ? server : to, rename->field ? to : NULL))
        return both_names("the target has", ERR_REFUSED, rename, to, err);
    pending->items[pending->count++] = (Rename){ rename->collection, rename->field, to };
    return true;
}

bool renames_pending(const Renames *declared, const Snapshot *files, const Snapshot *target, Arena *arena,
                     Renames *pending, Error *err) {
    Pending found = { declared, files, target, arena_array(arena, declared->count + 1, sizeof(Rename)), 0 };
    for (size_t i = 0; i < declared->count; i++) {
        const Rename *rename = &declared->items[i];
        if (!rename->field && !add_pending(&found, rename, rename->collection,
                                           last_name(declared, rename->collection, NULL), err))
            return false;
    }
    const Renames collections = { found.items, found.count };
    for (size_t i = 0; i < declared->count; i++) {
        Rename rename = declared->items[i];
        if (!rename.field)
            continue;
        const char *to = last_name(declared, rename.collection, rename.field);
        rename.collection = last_name(declared, rename.collection, NULL);
        if (!add_pending(&found, &rename, renames_old_collection(&collections, rename.collection), to, err))
            return false;
    }
    *pending = (Renames){ found.items, found.count };
    return true;
}

bool renames_explain(const Renames *declared, const Snapshot *now, const char *collection,
                     const char *field) {
    const char *last = last_name(declared, collection, NULL);
    if (!field)
        return strcmp(last, collection) != 0 && snapshot_has_collection(now, last);
    const char *to = last_name(declared, collection, field);
    return (strcmp(to, field) != 0 || strcmp(last, collection) != 0) && snapshot_has_field(now, last, to);
}

Renames renames_reversed(const Renames *declared, Arena *arena) {
    Rename *items = arena_array(arena, declared->count + 1, sizeof *items);
    for (size_t i = 0; i < declared->count; i++) {
        const Rename *one = &declared->items[declared->count - 1 - i];
        const char *collection = renames_old_collection(declared, one->collection);
        items[i] = one->field ? (Rename){ collection, one->to, one->field }
                              : (Rename){ one->to, NULL, one->collection };
    }
    return (Renames){ items, declared->count };
}

/* ---- records in other names ---- */

/* One way through all of them. Whatever is asked for by a collection is asked by its new name. */
typedef struct {
    Arena *arena;
    const Renames *renames;
    bool back;
} Mapping;

static const char *collection_name(const Mapping *mapping, const char *name) {
    return mapping->back ? renames_old_collection(mapping->renames, name)
                         : renames_new_collection(mapping->renames, name);
}

/* The new name of a collection that stands in a record of the side that is mapped from. */
static const char *new_name_of(const Mapping *mapping, const char *name) {
    return mapping->back ? name : renames_new_collection(mapping->renames, name);
}

static const char *field_name(const Mapping *mapping, const char *collection, const char *field) {
    const char *owner = new_name_of(mapping, collection);
    return mapping->back ? renames_old_field(mapping->renames, owner, field)
                         : renames_new_field(mapping->renames, owner, field);
}

/* What PostgreSQL and Directus call after a table and a column: "posts_author_foreign", "posts_id_seq". */
static const char *object_name(const Mapping *mapping, const char *collection, const char *column,
                               const char *name) {
    size_t length = strlen(collection);
    if (strncmp(name, collection, length) != 0 || name[length] != '_')
        return name;
    const char *rest = name + length + 1, *table = collection_name(mapping, collection);
    size_t column_length = column ? strlen(column) : 0;
    if (column && strncmp(rest, column, column_length) == 0 && rest[column_length] == '_')
        return arena_printf(mapping->arena, "%s_%s%s", table, field_name(mapping, collection, column),
                            rest + column_length);
    return arena_printf(mapping->arena, "%s_%s", table, rest);
}

static void put(const Mapping *mapping, Json *record, const char *member, const char *text) {
    if (text && !str_equal(json_get_text(record, member), text))
        *record = json_with(mapping->arena, record, member, json_string(mapping->arena, text));
}

static void put_collection(const Mapping *mapping, Json *record, const char *member) {
    put(mapping, record, member, collection_name(mapping, json_get_text(record, member)));
}

static void put_field(const Mapping *mapping, Json *record, const char *collection, const char *member) {
    if (collection)
        put(mapping, record, member, field_name(mapping, collection, json_get_text(record, member)));
}

/* An array of names, each by `map`. */
static void put_names(const Mapping *mapping, Json *record, const char *member, const char *collection) {
    const Json *names = json_get(record, member);
    if (!json_is(names, JSON_ARRAY))
        return;
    JsonArrayBuilder out = json_array_builder(mapping->arena);
    for (uint32_t i = 0; i < names->count; i++) {
        const char *name = json_text(&names->as.items[i]);
        json_array_add(&out,
                       name ? json_string(mapping->arena, collection ? field_name(mapping, collection, name)
                                                                     : collection_name(mapping, name))
                            : names->as.items[i]);
    }
    *record = json_with(mapping->arena, record, member, json_array_done(&out));
}

/* A part ("meta", "schema") as a record of its own; false when there is none. */
static bool part_of(const Json *record, const char *name, Json *part) {
    const Json *there = json_get(record, name);
    if (!json_is(there, JSON_OBJECT))
        return false;
    *part = *there;
    return true;
}

static void put_part(const Mapping *mapping, Json *record, const char *name, Json part) {
    *record = json_with(mapping->arena, record, name, part);
}

static Json mapped_collection(const Mapping *mapping, const Json *json) {
    const char *own = json_get_text(json, "collection");
    Json record = *json, part;
    if (part_of(json, "meta", &part)) {
        put_collection(mapping, &part, "collection");
        put_collection(mapping, &part, "group");
        put_field(mapping, &part, own, "sort_field");
        put_field(mapping, &part, own, "archive_field");
        put_part(mapping, &record, "meta", part);
    }
    if (part_of(json, "schema", &part)) {
        put_collection(mapping, &part, "name");
        put_part(mapping, &record, "schema", part);
    }
    put_collection(mapping, &record, "collection");
    return record;
}

/* nextval('posts_id_seq'::regclass) */
static void put_default(const Mapping *mapping, Json *schema, const char *collection, const char *field) {
    static const char start[] = "nextval('";
    const char *text = json_get_text(schema, "default_value");
    if (!text || !str_starts(text, start))
        return;
    const char *name = text + strlen(start);
    size_t length = strcspn(name, "'");
    const char *old_name = arena_strndup(mapping->arena, name, length);
    put(mapping, schema, "default_value",
        arena_printf(mapping->arena, "%s%s%s", start, object_name(mapping, collection, field, old_name),
                     name + length));
}

static Json mapped_field(const Mapping *mapping, const Json *json) {
    const char *own = json_get_text(json, "collection"), *field = json_get_text(json, "field");
    Json record = *json, part;
    if (part_of(json, "meta", &part)) {
        put_field(mapping, &part, own, "field");
        put_field(mapping, &part, own, "group");
        put_collection(mapping, &part, "collection");
        put_part(mapping, &record, "meta", part);
    }
    if (part_of(json, "schema", &part)) {
        put_default(mapping, &part, own, field);
        put_field(mapping, &part, own, "name");
        put_field(mapping, &part, json_get_text(&part, "foreign_key_table"), "foreign_key_column");
        put_collection(mapping, &part, "foreign_key_table");
        put_collection(mapping, &part, "table");
        put_part(mapping, &record, "schema", part);
    }
    put_field(mapping, &record, own, "field");
    put_collection(mapping, &record, "collection");
    return record;
}

static Json mapped_relation_meta(const Mapping *mapping, Json meta) {
    const char *many = json_get_text(&meta, "many_collection"), *one = json_get_text(&meta, "one_collection");
    put_field(mapping, &meta, many, "many_field");
    put_field(mapping, &meta, many, "junction_field");
    put_field(mapping, &meta, many, "one_collection_field");
    put_field(mapping, &meta, many, "sort_field");
    put_field(mapping, &meta, one, "one_field");
    put_names(mapping, &meta, "one_allowed_collections", NULL);
    put_collection(mapping, &meta, "many_collection");
    put_collection(mapping, &meta, "one_collection");
    return meta;
}

static Json mapped_relation(const Mapping *mapping, const Json *json) {
    const char *own = json_get_text(json, "collection"), *field = json_get_text(json, "field");
    Json record = *json, part;
    if (part_of(json, "meta", &part))
        put_part(mapping, &record, "meta", mapped_relation_meta(mapping, part));
    if (part_of(json, "schema", &part)) {
        const char *constraint = json_get_text(&part, "constraint_name");
        if (constraint && own)
            put(mapping, &part, "constraint_name", object_name(mapping, own, field, constraint));
        put_field(mapping, &part, own, "column");
        put_field(mapping, &part, json_get_text(&part, "foreign_key_table"), "foreign_key_column");
        put_collection(mapping, &part, "foreign_key_table");
        put_collection(mapping, &part, "table");
        put_part(mapping, &record, "schema", part);
    }
    put_field(mapping, &record, own, "field");
    put_collection(mapping, &record, "related_collection");
    put_collection(mapping, &record, "collection");
    return record;
}

static Json mapped(const Mapping *mapping, TypeId type, const Json *json) {
    Json record = *json;
    switch (type) {
    case TYPE_COLLECTIONS:
        return mapped_collection(mapping, json);
    case TYPE_FIELDS:
        return mapped_field(mapping, json);
    case TYPE_RELATIONS:
        return mapped_relation(mapping, json);
    case TYPE_PERMISSIONS:
        put_names(mapping, &record, "fields", json_get_text(json, "collection"));
        put_collection(mapping, &record, "collection");
        return record;
    case TYPE_PRESETS:
        put_collection(mapping, &record, "collection");
        return record;
    default:
        return record;
    }
}

void renames_apply(const Renames *renames, Snapshot *target) {
    const Mapping mapping = { &target->arena, renames, false };
    if (!renames->count)
        return;
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        for (size_t i = 0; i < target->types[type].count; i++) {
            Record *record = &target->types[type].items[i];
            record->json = mapped(&mapping, type, &record->json);
            if (record->id)
                record->id = json_get_text(&record->json, "id");
        }
    snapshot_sort(target);
}

/* ---- the schema's documents ---- */

static const struct {
    const char *member;
    TypeId type;
} parts[] = { { "collections", TYPE_COLLECTIONS },
              { "fields", TYPE_FIELDS },
              { "relations", TYPE_RELATIONS } };

Json renames_schema_back(Arena *arena, const Renames *renames, const Json *schema) {
    const Mapping mapping = { arena, renames, true };
    Json out = *schema;
    for (size_t part = 0; renames->count && part < sizeof parts / sizeof *parts; part++) {
        const Json *records = json_get(schema, parts[part].member);
        JsonArrayBuilder list = json_array_builder(arena);
        for (uint32_t i = 0; json_is(records, JSON_ARRAY) && i < records->count; i++)
            json_array_add(&list, mapped(&mapping, parts[part].type, &records->as.items[i]));
        out = json_with(arena, &out, parts[part].member, json_array_done(&list));
    }
    return out;
}

/* An entry names its record; a record that comes or goes as a whole stands in its one edit. */
static Json mapped_entry(const Mapping *mapping, TypeId type, const Json *entry) {
    const Json *edits = json_get(entry, "diff");
    const char *own = json_get_text(entry, "collection");
    JsonArrayBuilder list = json_array_builder(mapping->arena);
    for (uint32_t i = 0; json_is(edits, JSON_ARRAY) && i < edits->count; i++) {
        Json edit = edits->as.items[i];
        static const char *const sides[] = { "lhs", "rhs" };
        for (size_t side = 0; !json_get(&edit, "path") && side < 2; side++)
            if (json_is(json_get(&edit, sides[side]), JSON_OBJECT))
                edit = json_with(mapping->arena, &edit, sides[side],
                                 mapped(mapping, type, json_get(&edit, sides[side])));
        json_array_add(&list, edit);
    }
    Json out = json_with(mapping->arena, entry, "diff", json_array_done(&list));
    put_field(mapping, &out, own, "field");
    put_collection(mapping, &out, "related_collection");
    put_collection(mapping, &out, "collection");
    return out;
}

Json renames_diff(Arena *arena, const Renames *renames, const Json *diff) {
    const Mapping mapping = { arena, renames, false };
    const Json *inner = json_get(diff, "diff");
    if (!renames->count || !inner)
        return *diff;
    Json out = *inner;
    for (size_t part = 0; part < sizeof parts / sizeof *parts; part++) {
        const Json *entries = json_get(inner, parts[part].member);
        JsonArrayBuilder list = json_array_builder(arena);
        for (uint32_t i = 0; json_is(entries, JSON_ARRAY) && i < entries->count; i++)
            json_array_add(&list, mapped_entry(&mapping, parts[part].type, &entries->as.items[i]));
        out = json_with(arena, &out, parts[part].member, json_array_done(&list));
    }
    return json_with(arena, diff, "diff", out);
}
