#include "model/desired.h"

#include <string.h>

/* What the files want of one schema record: the file's members, and the target's for those it does not have.
 * Where the order of the target's lists is unknown, theirs is as good as the files'. */
static Json filled(Arena *arena, const Json *file, const Json *target, bool unordered) {
    if (!json_is(file, JSON_OBJECT) || !json_is(target, JSON_OBJECT))
        return *file;
    JsonObjectBuilder out = json_object_builder(arena);
    for (uint32_t i = 0; i < target->count; i++)
        if (!json_get(file, target->as.members[i].key))
            json_object_put(&out, target->as.members[i].key, target->as.members[i].value);
    for (uint32_t i = 0; i < file->count; i++) {
        const JsonMember *member = &file->as.members[i];
        const Json *there = unordered ? json_get(target, member->key) : NULL;
        bool same = there && snapshot_same_unordered(&member->value, there);
        json_object_put(&out, member->key, same ? *there : member->value);
    }
    return json_object_done(&out);
}

/* Fills the record and its "meta" and "schema"; deeper values (options, display_options) are the files'
 * alone. */
static Json filled_record(Arena *arena, const Json *file, const Json *target, bool unordered) {
    Json record = filled(arena, file, target, unordered);
    static const char *const parts[] = { "meta", "schema" };
    for (size_t i = 0; i < 2; i++) {
        const Json *mine = json_get(file, parts[i]), *theirs = json_get(target, parts[i]);
        if (mine && theirs)
            record = json_with(arena, &record, parts[i], filled(arena, mine, theirs, unordered));
    }
    return record;
}

typedef struct {
    Arena *arena;
    const Snapshot *files, *target;
    Mode mode;
    const Json *removed;
} Desired;

static bool named(const Desired *desired, TypeId type, const char *collection, const char *field) {
    JsonArrayBuilder key = json_array_builder(desired->arena);
    json_array_add(&key, json_string(desired->arena, collection));
    if (field)
        json_array_add(&key, json_string(desired->arena, field));
    Json value = json_array_done(&key);
    return removed_names(desired->removed, type, NULL, &value);
}

static bool in_files(const Desired *desired, const char *collection) {
    const RecordList *list = &desired->files->types[TYPE_COLLECTIONS];
    for (size_t i = 0; i < list->count; i++)
        if (str_equal(json_get_text(&list->items[i].json, "collection"), collection))
            return true;
    return false;
}

static bool goes(const Desired *desired, const char *collection) {
    return collection && !in_files(desired, collection) && named(desired, TYPE_COLLECTIONS, collection, NULL);
}

/* Whether a record that only the target has is taken out of the wanted schema. */
static bool taken_out(const Desired *desired, TypeId type, const Json *record) {
    if (desired->mode == MODE_MIRROR)
        return type != TYPE_SYSTEM_FIELDS && !json_is_null(json_get(record, "meta"));
    if (desired->mode == MODE_ADD)
        return false;
    const char *collection = json_get_text(record, "collection"), *field = json_get_text(record, "field");
    if (goes(desired, collection))
        return true;
    if (type == TYPE_COLLECTIONS)
        return false;
    if (type == TYPE_RELATIONS && goes(desired, json_get_text(record, "related_collection")))
        return true;
    return named(desired, type, collection, field) ||
           (type == TYPE_RELATIONS && !snapshot_has_field(desired->files, collection, field) &&
            named(desired, TYPE_FIELDS, collection, field));
}

/* Both lists are sorted by key: one merge. */
static Json overlay(const Desired *desired, TypeId type) {
    const RecordList *files = &desired->files->types[type], *target = &desired->target->types[type];
    JsonArrayBuilder out = json_array_builder(desired->arena);
    size_t i = 0, j = 0;
    while (i < files->count || j < target->count) {
        const Json *file = i < files->count ? &files->items[i].json : NULL;
        const Json *there = j < target->count ? &target->items[j].json : NULL;
        int order = !there ? -1 : !file ? 1 : snapshot_key_compare(type, file, there);
        if (file && order < 0)
            json_array_add(&out, *file);
        else if (there && order > 0 && !taken_out(desired, type, there))
            json_array_add(&out, *there);
        else if (file && there && order == 0)
            json_array_add(&out, desired->mode == MODE_ADD ? *there
                                                           : filled_record(desired->arena, file, there,
                                                                           desired->target->unordered));
        i += order <= 0;
        j += order >= 0;
    }
    return json_array_done(&out);
}

static Json records_of(Arena *arena, const RecordList *list) {
    JsonArrayBuilder out = json_array_builder(arena);
    for (size_t i = 0; i < list->count; i++)
        json_array_add(&out, list->items[i].json);
    return json_array_done(&out);
}

static Json envelope(Arena *arena, const Snapshot *target, Json collections, Json fields, Json system_fields,
                     Json relations) {
    JsonObjectBuilder out = json_object_builder(arena);
    json_object_put(&out, "version", json_number(1));
    json_object_put(&out, "directus", json_string(arena, target->directus));
    json_object_put(&out, "vendor", json_string(arena, target->vendor));
    json_object_put(&out, "collections", collections);
    json_object_put(&out, "fields", fields);
    if (target->present[TYPE_SYSTEM_FIELDS]) /* an older server refuses a member it does not know */
        json_object_put(&out, "systemFields", system_fields);
    json_object_put(&out, "relations", relations);
    return json_object_done(&out);
}

Json schema_of(Arena *arena, const Snapshot *snapshot) {
    return envelope(arena, snapshot, records_of(arena, &snapshot->types[TYPE_COLLECTIONS]),
                    records_of(arena, &snapshot->types[TYPE_FIELDS]),
                    records_of(arena, &snapshot->types[TYPE_SYSTEM_FIELDS]),
                    records_of(arena, &snapshot->types[TYPE_RELATIONS]));
}

Json schema_desired(Arena *arena, const Snapshot *files, const Snapshot *target, Mode mode,
                    const Json *removed) {
    Desired desired = { arena, files, target, mode, removed };
    /* Another version indexes other system fields: its own are kept (a snapshot without them would drop the
     * indexes). */
    Json system_fields = str_equal(files->directus, target->directus)
                             ? overlay(&desired, TYPE_SYSTEM_FIELDS)
                             : records_of(arena, &target->types[TYPE_SYSTEM_FIELDS]);
    return envelope(arena, target, overlay(&desired, TYPE_COLLECTIONS), overlay(&desired, TYPE_FIELDS),
                    system_fields, overlay(&desired, TYPE_RELATIONS));
}

bool schema_differs(const Json *desired, const Snapshot *target) {
    AUTO(Arena) arena = { 0 };
    Json there = schema_of(&arena, target);
    return !json_equal(desired, &there);
}
