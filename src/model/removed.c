#include "model/removed.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

/* ---- lines ---- */

Json removed_key(Arena *arena, TypeId type, const Json *record) {
    const CatalogRow *row = catalog_row(type);
    JsonArrayBuilder values = json_array_builder(arena);
    for (size_t i = 0; i < CATALOG_KEYS && row->key[i]; i++) {
        const Json *value = json_get(record, row->key[i]);
        json_array_add(&values, value ? *value : json_null());
    }
    return json_array_done(&values);
}

static Json line_with(Arena *arena, TypeId type, const Json *record, Json key) {
    const CatalogRow *row = catalog_row(type);
    const char *id = row->identity == IDENTITY_ID ? json_get_text(record, "id") : NULL;
    JsonArrayBuilder line = json_array_builder(arena);
    json_array_add(&line, json_string(arena, row->name));
    json_array_add(&line, json_string(arena, id));
    json_array_add(&line, key);
    return json_array_done(&line);
}

Json removed_line(Arena *arena, TypeId type, const Json *record) {
    return line_with(arena, type, record, removed_key(arena, type, record));
}

Json removed_line_whole(Arena *arena, TypeId type, const Json *record) {
    return line_with(arena, type, record, json_copy(arena, record));
}

static bool is_of_type(const Json *line, TypeId type) {
    return line->count >= 2 && str_equal(json_text(&line->as.items[0]), catalog_row(type)->name);
}

static const Json *third(const Json *line) {
    return line->count > 2 ? &line->as.items[2] : NULL;
}

/* ---- what a line may be ---- */

/* By the name in a line: a collection's own, "directus_roles", is none. */
static TypeId type_named(const char *name) {
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        if (str_equal(catalog_row(type)->name, name))
            return type;
    return TYPE_NONE;
}

static bool key_fits(TypeId type, const Json *key) {
    const CatalogRow *row = catalog_row(type);
    size_t parts = 0;
    while (parts < CATALOG_KEYS && row->key[parts])
        parts++;
    return json_is(key, JSON_ARRAY) && key->count == parts && parts > 0;
}

static bool check_named(TypeId type, const Json *line, Error *err) {
    const CatalogRow *row = catalog_row(type);
    const char *id = json_text(&line->as.items[1]);
    if (row->singleton) {
        error_set(err, ERR_FILES, "%s are never deleted", row->name);
        return error_hint(err, "remove the line");
    }
    if (json_is(third(line), JSON_OBJECT) ||
        (row->identity == IDENTITY_ID ? id && *id : key_fits(type, third(line))))
        return true;
    if (row->identity == IDENTITY_ID) {
        error_set(err, ERR_FILES, "%s are named by their id", row->name);
        return error_hint(err, "write [\"%s\", \"<id>\", null], or remove the line", row->name);
    }
    AUTO(Buf) parts = { 0 };
    for (size_t i = 0; i < CATALOG_KEYS && row->key[i]; i++)
        buf_printf(&parts, "%s\"<%s>\"", i ? ", " : "", row->key[i]);
    error_set(err, ERR_FILES, "%s are named by their key", row->name);
    return error_hint(err, "write [\"%s\", null, [%s]], or remove the line", row->name, buf_text(&parts));
}

static bool check_rows(const char *collection, const Json *line, Error *err) {
    if (!*collection)
        error_set(err, ERR_FILES, "\"data/\" without a collection");
    else if (json_is_null(&line->as.items[1]) && !json_is(third(line), JSON_ARRAY))
        error_set(err, ERR_FILES, "a row without an id and without a key");
    else
        return true;
    return error_hint(err, "write [\"data/%s\", \"<id>\", null], or remove the line",
                      *collection ? collection : "<collection>");
}

static bool has_collection(const Snapshot *files, const char *name) {
    const RecordList *list = &files->types[TYPE_COLLECTIONS];
    for (size_t i = 0; i < list->count; i++)
        if (str_equal(json_get_text(&list->items[i].json, "collection"), name))
            return true;
    return false;
}

/* One letter more, less or another, or two swapped; case counts for nothing. nearest.h sees "panels" in
 * "pages", which is rather a collection that is gone. */
static bool is_slip_of(const char *name, const char *known) {
    size_t a = strlen(name), b = strlen(known), longest = a > b ? a : b, least = a > b ? b : a;
    size_t start = 0, end = 0;
    while (start < least && tolower((unsigned char)name[start]) == known[start])
        start++;
    while (end < least - start && tolower((unsigned char)name[a - 1 - end]) == known[b - 1 - end])
        end++;
    size_t rest = longest - start - end;
    bool swapped = rest == 2 && a == b && tolower((unsigned char)name[start]) == known[start + 1] &&
                   tolower((unsigned char)name[start + 1]) == known[start];
    return rest <= 1 || swapped;
}

/* The type that a name which is none was to be, or NULL. */
static const char *type_meant(const char *name) {
    const char *bare = str_starts(name, "directus_") ? name + strlen("directus_") : name;
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        const CatalogRow *row = catalog_row(type);
        if (is_slip_of(bare, row->name) || strcasecmp(bare, row->singular) == 0)
            return row->name;
    }
    return NULL;
}

static bool check_unknown(const char *name, Error *err) {
    bool system = str_starts(name, "directus_");
    const char *meant = type_meant(name);
    if (!meant && !system && *name)
        return true;
    error_set(err, ERR_FILES, "\"%s\" is no kind of record", name);
    if (!meant)
        return error_hint(err, "remove the line; `schema-sync rm` writes them");
    return system ? error_hint(err, "did you mean \"%s\"?", meant)
                  : error_hint(err, "did you mean \"%s\"? Rows of a collection %s are \"data/%s\"", meant,
                               name, name);
}

bool removed_check(const Json *line, const Snapshot *files, Error *err) {
    const char *name = json_text(&line->as.items[0]);
    TypeId type = type_named(name);
    if (type != TYPE_NONE)
        return check_named(type, line, err);
    if (str_starts(name, "data/"))
        return check_rows(name + strlen("data/"), line, err);
    return has_collection(files, name) ? check_rows(name, line, err) : check_unknown(name, err);
}

/* ---- records and lines ---- */

bool removed_names(const Json *removed, TypeId type, const char *id, const Json *key) {
    for (uint32_t i = 0; removed && i < removed->count; i++) {
        const Json *line = &removed->as.items[i];
        if (!is_of_type(line, type))
            continue;
        if (catalog_row(type)->identity == IDENTITY_ID
                ? id && str_equal(json_text(&line->as.items[1]), id)
                : json_is(third(line), JSON_ARRAY) && json_equal(third(line), key))
            return true;
    }
    return false;
}

/* A line's record may have been written by a version that knew other fields: what both have decides. */
static bool is_content(const Json *content, const Json *record) {
    for (uint32_t i = 0; i < content->count; i++) {
        const JsonMember *member = &content->as.members[i];
        if (!json_equal(&member->value, json_get(record, member->key)))
            return false;
    }
    return content->count > 0;
}

bool removed_names_record(const Json *removed, TypeId type, const Json *record) {
    AUTO(Arena) arena = { 0 };
    Json key = removed_key(&arena, type, record);
    if (removed_names(removed, type, json_get_text(record, "id"), &key))
        return true;
    for (uint32_t i = 0; removed && i < removed->count; i++) {
        const Json *line = &removed->as.items[i];
        if (is_of_type(line, type) && json_is(third(line), JSON_OBJECT) && is_content(third(line), record))
            return true;
    }
    return false;
}

bool removed_is_of_rows(const Json *line, const char *collection) {
    const char *name = line->count ? json_text(&line->as.items[0]) : NULL;
    if (!name)
        return false;
    if (str_starts(name, "data/"))
        return strcmp(name + strlen("data/"), collection) == 0;
    return strcmp(name, collection) == 0 && catalog_find(name) == TYPE_NONE;
}

/* ---- looking for records ---- */

/* Records of one key stand side by side in a sorted list; types with portable ids are sorted by id. */
typedef struct {
    const Record *items;
    size_t count;
} Group;

static int key_order(const Json *key, TypeId type, const Record *record) {
    const CatalogRow *row = catalog_row(type);
    for (size_t i = 0; i < key->count; i++) {
        int order = json_compare(&key->as.items[i], json_get(&record->json, row->key[i]));
        if (order)
            return order;
    }
    return 0;
}

static Group group_of(const Snapshot *snapshot, TypeId type, const Json *key) {
    const RecordList *list = &snapshot->types[type];
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (key_order(key, type, &list->items[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < list->count && key_order(key, type, &list->items[end]) == 0)
        end++;
    return (Group){ list->items + low, end - low };
}

static bool holds(Group group, const Json *content) {
    for (size_t i = 0; i < group.count; i++)
        if (is_content(content, &group.items[i].json))
            return true;
    return false;
}

/* Whether what a line names is among the records. */
static bool is_there(const Snapshot *snapshot, TypeId type, const Json *line) {
    if (catalog_row(type)->identity == IDENTITY_ID)
        return snapshot_find(snapshot, type, json_text(&line->as.items[1])) != NULL;
    if (json_is(third(line), JSON_OBJECT)) {
        AUTO(Arena) arena = { 0 };
        Json key = removed_key(&arena, type, third(line));
        return holds(group_of(snapshot, type, &key), third(line));
    }
    return key_fits(type, third(line)) && group_of(snapshot, type, third(line)).count > 0;
}

/* ---- bringing the lines up to date ---- */

typedef struct {
    const RemovedUpdate *update;
    JsonArrayBuilder *lines;
    Arena *arena;
    TypeId type;
    size_t added;
} Updating;

static bool collection_went(const Updating *updating, const char *name) {
    AUTO(Arena) arena = { 0 };
    const RemovedUpdate *update = updating->update;
    JsonArrayBuilder values = json_array_builder(&arena);
    if (!name || !update->before->present[TYPE_COLLECTIONS] || !update->now->present[TYPE_COLLECTIONS])
        return false;
    json_array_add(&values, json_string(&arena, name));
    Json key = json_array_done(&values);
    return group_of(update->before, TYPE_COLLECTIONS, &key).count > 0 &&
           group_of(update->now, TYPE_COLLECTIONS, &key).count == 0;
}

static bool field_went(const Updating *updating, const Json *relation) {
    AUTO(Arena) arena = { 0 };
    Json key = removed_key(&arena, TYPE_RELATIONS, relation);
    return group_of(updating->update->before, TYPE_FIELDS, &key).count > 0 &&
           group_of(updating->update->now, TYPE_FIELDS, &key).count == 0;
}

static bool reference_went(const Updating *updating, TypeId target, const char *id) {
    return id && catalog_row(target)->identity == IDENTITY_ID &&
           snapshot_find(updating->update->before, target, id) &&
           !snapshot_find(updating->update->now, target, id);
}

static bool was_renamed(const Updating *updating, const Json *record) {
    const Renames *renames = updating->update->renames;
    bool field = updating->type == TYPE_FIELDS || updating->type == TYPE_RELATIONS;
    return renames && (field || updating->type == TYPE_COLLECTIONS) &&
           renames_explain(renames, updating->update->now, json_get_text(record, "collection"),
                           field ? json_get_text(record, "field") : NULL);
}

/* What another record's end takes along, on the server as in the database. */
static bool goes_along(const Updating *updating, const Json *record) {
    const CatalogRow *row = catalog_row(updating->type);
    switch (updating->type) {
    case TYPE_RELATIONS:
        if (field_went(updating, record))
            return true;
        /* fall through */
    case TYPE_FIELDS:
        return collection_went(updating, json_get_text(record, "collection"));
    case TYPE_PERMISSIONS:
    case TYPE_PRESETS:
        if (collection_went(updating, json_get_text(record, "collection")))
            return true;
        break;
    default:
        break;
    }
    if ((updating->type == TYPE_ACCESS || updating->type == TYPE_PRESETS) &&
        reference_went(updating, TYPE_ROLES, json_get_text(record, "role")))
        return true;
    return row->parent != TYPE_NONE && !catalog_is_schema(updating->type) &&
           reference_went(updating, row->parent, json_get_text(record, row->parent_field));
}

static void add_line(Updating *updating, Json line) {
    json_array_add(updating->lines, line);
    updating->added++;
}

static bool is_named(const Updating *updating, const Json *record) {
    return removed_names_record(updating->update->removed, updating->type, record);
}

static void add_gone_by_id(Updating *updating, const Record *record) {
    if (record->id && record->id[0] != '$' &&
        !snapshot_find(updating->update->now, updating->type, record->id) &&
        !is_named(updating, &record->json) && !goes_along(updating, &record->json))
        add_line(updating, removed_line(updating->arena, updating->type, &record->json));
}

/* All of a key went: one line. Some of them: a line with the whole record for each that is not there. */
static void add_gone_of_group(Updating *updating, Group before, const Json *key) {
    Group now = group_of(updating->update->now, updating->type, key);
    const Json *first = &before.items[0].json;
    if (now.count == 0) {
        if (!is_named(updating, first) && !goes_along(updating, first) && !was_renamed(updating, first))
            add_line(updating, removed_line(updating->arena, updating->type, first));
        return;
    }
    for (size_t i = 0; now.count < before.count && i < before.count; i++) {
        const Json *record = &before.items[i].json;
        if (!holds(now, record) && !is_named(updating, record))
            add_line(updating, removed_line_whole(updating->arena, updating->type, record));
    }
}

static void add_gone(Updating *updating) {
    const RecordList *list = &updating->update->before->types[updating->type];
    if (catalog_row(updating->type)->identity == IDENTITY_ID) {
        for (size_t i = 0; i < list->count; i++)
            add_gone_by_id(updating, &list->items[i]);
        return;
    }
    AUTO(Arena) arena = { 0 };
    for (size_t i = 0; i < list->count;) {
        arena_reset(&arena);
        Json key = removed_key(&arena, updating->type, &list->items[i].json);
        Group group = { &list->items[i], 0 };
        while (i < list->count && key_order(&key, updating->type, &list->items[i]) == 0) {
            group.count++;
            i++;
        }
        add_gone_of_group(updating, group, &key);
    }
}

static bool is_looked_at(const RemovedUpdate *update, TypeId type) {
    return type < TYPE_COUNT && type != TYPE_SYSTEM_FIELDS && !catalog_row(type)->singleton &&
           update->sections[catalog_row(type)->section] && update->now->present[type];
}

void removed_update(const RemovedUpdate *update, JsonArrayBuilder *lines, size_t *added) {
    Updating updating = { .update = update, .lines = lines, .arena = lines->arena };
    for (uint32_t i = 0; i < update->removed->count; i++) {
        const Json *line = &update->removed->as.items[i];
        TypeId type = line->count >= 2 ? type_named(json_text(&line->as.items[0])) : TYPE_NONE;
        if (!is_looked_at(update, type) || !is_there(update->now, type, line))
            json_array_add(lines, *line);
    }
    for (TypeId type = 0; update->before && type < TYPE_COUNT; type++) {
        updating.type = type;
        if (is_looked_at(update, type) && update->before->present[type])
            add_gone(&updating);
    }
    if (added)
        *added = updating.added;
}
