/* The schema's part of a plan: the server's own diff, in the plan's terms. */
#include <stdio.h>
#include <string.h>

#include "model/plan.h"

/* One of the four arrays of a diff. */
typedef struct {
    const char *member;
    TypeId type;
} DiffPart;

static const DiffPart parts[] = {
    { "collections", TYPE_COLLECTIONS },
    { "fields", TYPE_FIELDS },
    { "systemFields", TYPE_SYSTEM_FIELDS },
    { "relations", TYPE_RELATIONS },
};
enum { PART_COUNT = sizeof parts / sizeof *parts };

static const char *part_of(TypeId type) {
    size_t part = 0;
    while (parts[part].type != type)
        part++;
    return parts[part].member;
}

static const char *entry_label(Arena *arena, const Json *entry) {
    const char *collection = json_get_text(entry, "collection"), *field = json_get_text(entry, "field");
    if (!field)
        return arena_strdup(arena, collection ? collection : "?");
    return arena_printf(arena, "%s.%s", collection, field);
}

static Json entry_key(Arena *arena, const Json *entry) {
    JsonArrayBuilder key = json_array_builder(arena);
    json_array_add(&key, json_string(arena, json_get_text(entry, "collection")));
    if (json_get_text(entry, "field"))
        json_array_add(&key, json_string(arena, json_get_text(entry, "field")));
    return json_array_done(&key);
}

/* deep-diff's path ["meta", "options", "choices", 2] as "meta.options.choices.2". */
static const char *path_text(Arena *arena, const Json *path) {
    AUTO(Buf) text = { 0 };
    for (uint32_t i = 0; i < path->count; i++) {
        const Json *step = &path->as.items[i];
        if (i)
            buf_putc(&text, '.');
        if (json_text(step))
            buf_puts(&text, json_text(step));
        else
            buf_printf(&text, "%.0f", step->as.number);
    }
    return arena_strdup(arena, buf_text(&text));
}

/* "N" and "D" of a whole entry stand alone and without path; "E" and "A" (and N, D below a path) list what
 * differs. */
static ChangeKind entry_kind(const Json *edits) {
    const Json *first = &edits->as.items[0];
    const char *kind = json_get_text(first, "kind");
    if (json_get(first, "path"))
        return CHANGE_UPDATE;
    return str_equal(kind, "N") ? CHANGE_CREATE : str_equal(kind, "D") ? CHANGE_DELETE : CHANGE_UPDATE;
}

static const Json *kept(Arena *arena, Json json) {
    Json *copy = arena_alloc(arena, sizeof *copy);
    *copy = json;
    return copy;
}

static void describe_edits(Arena *arena, const Json *edits, Change *change) {
    JsonObjectBuilder before = json_object_builder(arena), patch = json_object_builder(arena);
    for (uint32_t i = 0; i < edits->count; i++) {
        const Json *edit = &edits->as.items[i];
        const Json *item = json_get(edit, "item"); /* kind "A": an array's element, its own edit nested */
        const Json *left = json_get(item ? item : edit, "lhs"), *right = json_get(item ? item : edit, "rhs");
        const Json *steps = json_get(edit, "path");
        const char *path = steps ? path_text(arena, steps) : "";
        json_object_put(&before, path, left ? *left : json_null());
        json_object_put(&patch, path, right ? *right : json_null());
    }
    change->before = kept(arena, json_object_done(&before));
    change->patch = kept(arena, json_object_done(&patch));
}

/* The type changes PostgreSQL makes without touching a value. */
static bool keeps_values(const char *from, const char *to) {
    static const char *const widening[][2] = {
        { "character varying", "text" },
        { "integer", "bigint" },
        { "real", "double precision" },
        { "json", "jsonb" },
    };
    for (size_t i = 0; i < sizeof widening / sizeof *widening; i++)
        if (str_equal(from, widening[i][0]) && str_equal(to, widening[i][1]))
            return true;
    return false;
}

/* null, and -5 for a varchar without a length: Directus takes 4 from PostgreSQL's own -1. */
static bool is_limit(const Json *value) {
    return json_is(value, JSON_NUMBER) && value->as.number >= 0;
}

/* Directus changes a column with a cast, which cuts and rounds without a word. */
static bool is_narrowed(const Change *change, const char *limit) {
    const Json *from = json_get(change->before, limit), *to = json_get(change->patch, limit);
    return is_limit(to) && (!is_limit(from) || to->as.number < from->as.number);
}

/* A field that becomes an alias has no column any more. */
static bool loses_column(const Change *change) {
    const Json *to = json_get(change->patch, "schema");
    return to && json_is_null(to) && json_is(json_get(change->before, "schema"), JSON_OBJECT);
}

bool schema_change_loses(const Change *change) {
    if (change->kind == CHANGE_DELETE)
        return (change->type == TYPE_COLLECTIONS || change->type == TYPE_FIELDS) &&
               !json_is_null(json_get(change->before, "schema"));
    if (change->kind != CHANGE_UPDATE || change->type != TYPE_FIELDS)
        return false;
    const char *from = json_get_text(change->before, "schema.data_type");
    const char *to = json_get_text(change->patch, "schema.data_type");
    if (from && to)
        return !keeps_values(from, to);
    return is_narrowed(change, "schema.max_length") || is_narrowed(change, "schema.numeric_precision") ||
           is_narrowed(change, "schema.numeric_scale") || loses_column(change);
}

/* Directus reports what PostgreSQL calls "character varying" as -5 long, and then asks it for "varchar(-5)".
 */
static bool check_length(const Change *change, Error *err) {
    const Json *length = change->kind == CHANGE_CREATE
                             ? json_path(change->after, "schema", "max_length", NULL)
                         : change->kind == CHANGE_UPDATE ? json_get(change->patch, "schema.max_length")
                                                         : NULL;
    if (change->type != TYPE_FIELDS || !json_is(length, JSON_NUMBER) || length->as.number >= 0)
        return true;
    error_set(err, ERR_FILES,
              "field %s: (/schema/max_length): Directus cannot make a varchar without a length",
              change->label);
    return error_hint(err,
                      "make the column a text where it comes from (ALTER TABLE … ALTER COLUMN … TYPE text) "
                      "and export again, or give it a length in the files");
}

static bool add_entry(Plan *plan, TypeId type, const Json *entry, Mode mode, const Json *removed,
                      Error *err) {
    const Json *edits = json_get(entry, "diff");
    if (!json_is(edits, JSON_ARRAY) || edits->count == 0)
        return true;
    Change change = { .kind = entry_kind(edits), .type = type, .label = entry_label(&plan->arena, entry) };
    if (json_get_text(entry, "field")) {
        change.parent = change.parent_id = json_get_text(entry, "collection");
        change.name = json_get_text(entry, "field");
    }
    if (change.kind == CHANGE_CREATE)
        change.after = json_get(&edits->as.items[0], "rhs");
    else if (change.kind == CHANGE_DELETE)
        change.before = json_get(&edits->as.items[0], "lhs");
    else
        describe_edits(&plan->arena, edits, &change);
    if (change.kind == CHANGE_DELETE && mode != MODE_MIRROR) {
        Json key = entry_key(&plan->arena, entry);
        const char *collection = json_get_text(entry, "collection");
        JsonArrayBuilder owner = json_array_builder(&plan->arena);
        json_array_add(&owner, json_string(&plan->arena, collection));
        Json owner_key = json_array_done(&owner);
        bool with_collection = removed_names(removed, TYPE_COLLECTIONS, NULL, &owner_key);
        bool of_field = type == TYPE_RELATIONS && removed_names(removed, TYPE_FIELDS, NULL, &key);
        bool dangling = type == TYPE_RELATIONS; /* its other side goes: schema_desired took it out */
        if (!with_collection && !of_field && !dangling && !removed_names(removed, type, NULL, &key))
            return error_set(err, ERR_INTERNAL, "the server wants to delete %s, which nobody named",
                             change.label);
    }
    if (!check_length(&change, err))
        return false;
    plan_change(plan, change);
    return true;
}

bool plan_add_schema(Plan *plan, const Json *diff, Mode mode, const Json *removed, Error *err) {
    if (json_is_null(diff))
        return true;
    plan->schema_diff = json_copy(&plan->arena, diff);
    const Json *changes = json_get(&plan->schema_diff, "diff");
    for (size_t part = 0; part < PART_COUNT; part++) {
        const Json *entries = json_get(changes, parts[part].member);
        for (uint32_t i = 0; entries && i < entries->count; i++)
            if (!add_entry(plan, parts[part].type, &entries->as.items[i], mode, removed, err))
                return false;
    }
    return true;
}

/* ---- whole values ---- */

static int place_compare(const Json *record, const Json *wanted) {
    int order = json_compare(json_get(record, "collection"), json_get(wanted, "collection"));
    return order ? order : json_compare(json_get(record, "field"), json_get(wanted, "field"));
}

/* Both kinds of lists are in the order of their keys. */
static const Json *find_desired(const Json *records, const Json *wanted) {
    for (uint32_t from = 0, to = records ? records->count : 0; from < to;) {
        uint32_t middle = from + (to - from) / 2;
        int order = place_compare(&records->as.items[middle], wanted);
        if (order == 0)
            return &records->as.items[middle];
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

static const Json *find_target(const RecordList *list, const Json *wanted) {
    for (size_t from = 0, to = list->count; from < to;) {
        size_t middle = from + (to - from) / 2;
        int order = place_compare(&list->items[middle].json, wanted);
        if (order == 0)
            return &list->items[middle].json;
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

/* "meta.options" of "meta.options.choices.2": the whole value is read at once, and two steps lead to it. */
static const char *two_steps(Arena *arena, const char *path, const char **first, const char **second) {
    size_t one = strcspn(path, ".");
    *first = arena_strndup(arena, path, one);
    *second = NULL;
    if (!path[one])
        return *first;
    size_t two = strcspn(path + one + 1, ".");
    *second = arena_strndup(arena, path + one + 1, two);
    return arena_strndup(arena, path, one + 1 + two);
}

static const Json *value_at(const Json *record, const char *first, const char *second) {
    const Json *value = json_get(record, first);
    value = second && value ? json_get(value, second) : value;
    return value ? value : &JSON_NULL_VALUE;
}

static void widen(Plan *plan, Change *change, const Json *there, const Json *wanted) {
    Arena *arena = &plan->arena;
    JsonObjectBuilder before = json_object_builder(arena), patch = json_object_builder(arena);
    for (uint32_t i = 0; i < change->patch->count; i++) {
        const JsonMember *edit = &change->patch->as.members[i];
        const char *first, *second, *path = two_steps(arena, edit->key, &first, &second);
        const Json *old = value_at(there, first, second), *new = value_at(wanted, first, second);
        bool known = !json_equal(old, new); /* else only the server sees a difference: its words then */
        json_object_put(&before, known ? path : edit->key,
                        known ? *old : *json_get(change->before, edit->key));
        json_object_put(&patch, known ? path : edit->key, known ? *new : edit->value);
    }
    change->before = kept(arena, json_object_done(&before));
    change->patch = kept(arena, json_object_done(&patch));
    change->after = wanted;
}

void plan_schema_values(Plan *plan, const Json *desired, const Snapshot *target) {
    for (size_t i = 0; i < plan->change_count; i++) {
        Change *change = &plan->changes[i];
        if (change->kind != CHANGE_UPDATE || !catalog_is_schema(change->type))
            continue;
        JsonObjectBuilder key = json_object_builder(&plan->arena);
        json_object_put(&key, "collection",
                        json_string(&plan->arena, change->parent ? change->parent : change->label));
        if (change->name)
            json_object_put(&key, "field", json_string(&plan->arena, change->name));
        Json place = json_object_done(&key);
        const Json *there = find_target(&target->types[change->type], &place);
        const Json *wanted = find_desired(json_get(desired, part_of(change->type)), &place);
        if (there && wanted)
            widen(plan, change, there, wanted);
    }
}
