#include "directus/schema.h"

#include <string.h>

#include "base/str.h"

static const struct {
    const char *member;
    TypeId type;
} parts[] = { { "collections", TYPE_COLLECTIONS },
              { "fields", TYPE_FIELDS },
              { "systemFields", TYPE_SYSTEM_FIELDS },
              { "relations", TYPE_RELATIONS } };
enum { PARTS = sizeof parts / sizeof *parts };

static bool is_marker_column(const Json *record) {
    const char *field = json_get_text(record, "field");
    return field && str_starts(field, MARKER_PREFIX) &&
           str_equal(json_get_text(record, "collection"), catalog_row(TYPE_SETTINGS)->collection);
}

/* ---- defaults ---- */

/* Each pair of quotes made one; NULL when there is nothing to do, or a single quote shows that the text is
 * not doubled. */
static const char *halve_quotes(Arena *arena, const char *text, size_t length, void *context) {
    (void)context;
    if (!memchr(text, '\'', length))
        return NULL;
    char *halved = arena_alloc(arena, length + 1), *out = halved;
    for (const char *at = text; *at; at++) {
        if (*at == '\'' && *++at != '\'')
            return NULL;
        *out++ = *at;
    }
    return halved;
}

static Json with_true_default(Arena *arena, const Json *field) {
    const Json *schema = json_get(field, "schema"), *value = json_get(schema, "default_value");
    if (json_is_null(value))
        return *field;
    Json put_right = json_map_texts(arena, value, halve_quotes, NULL);
    if (json_equal(&put_right, value))
        return *field;
    return json_with(arena, field, "schema", json_with(arena, schema, "default_value", put_right));
}

/* ---- reading ---- */

static bool is_unknown(const Json *field) {
    return str_equal(json_get_text(field, "type"), "unknown");
}

static bool is_carried(TypeId type, const Json *record) {
    if (is_marker_column(record))
        return false;
    if (type == TYPE_SYSTEM_FIELDS)
        return true;
    return json_is(json_get(record, "meta"), JSON_OBJECT) && (type != TYPE_FIELDS || !is_unknown(record));
}

bool schema_take(Snapshot *snapshot, const Json *data, Error *err) {
    snapshot->directus = json_get_text(data, "directus");
    snapshot->vendor = json_get_text(data, "vendor");
    if (!snapshot->directus || !snapshot->vendor)
        return error_set(err, ERR_REMOTE, "GET /schema/snapshot: the answer names no version and vendor");
    bool doubled = strcmp(snapshot->vendor, "postgres") == 0;
    for (size_t i = 0; i < PARTS; i++) {
        const Json *records = json_get(data, parts[i].member);
        if (!records && parts[i].type == TYPE_SYSTEM_FIELDS) /* versions before know none */
            continue;
        if (!json_is(records, JSON_ARRAY))
            return error_set(err, ERR_REMOTE, "GET /schema/snapshot: the answer has no %s", parts[i].member);
        snapshot->present[parts[i].type] = true;
        for (uint32_t j = 0; j < records->count; j++) {
            const Json *record = &records->as.items[j];
            bool field = parts[i].type == TYPE_FIELDS;
            if (is_carried(parts[i].type, record))
                snapshot_add(snapshot, parts[i].type,
                             doubled && field ? with_true_default(&snapshot->arena, record) : *record);
        }
    }
    return true;
}

void schema_put_in_order(Snapshot *snapshot, const Json answers[3]) {
    static const TypeId types[] = { TYPE_COLLECTIONS, TYPE_FIELDS, TYPE_RELATIONS };
    AUTO(Snapshot) ordered = { 0 };
    for (size_t i = 0; i < 3; i++)
        for (uint32_t j = 0; json_is(&answers[i], JSON_ARRAY) && j < answers[i].count; j++)
            snapshot_add(&ordered, types[i], answers[i].as.items[j]);
    snapshot_sort(&ordered);
    snapshot_keep_order(snapshot, &ordered);
}

/* ---- the diff ---- */

/* What a deletion would take away as a whole, NULL for any other entry. */
static const Json *deleted(const Json *edits) {
    const Json *edit = edits->count == 1 ? &edits->as.items[0] : NULL;
    bool whole = edit && str_equal(json_get_text(edit, "kind"), "D") && !json_get(edit, "path");
    return whole ? json_get(edit, "lhs") : NULL;
}

static bool is_step(const Json *edit, uint32_t at, const char *name) {
    const Json *path = json_get(edit, "path");
    return json_is(path, JSON_ARRAY) && path->count > at && str_equal(json_text(&path->as.items[at]), name);
}

/* The server's text is ours with its quotes doubled. */
static bool is_doubled_default(Arena *arena, const Json *edit) {
    const Json *theirs = json_get(edit, "lhs"), *ours = json_get(edit, "rhs");
    if (!is_step(edit, 0, "schema") || !is_step(edit, 1, "default_value") || !theirs || !ours)
        return false;
    Json put_right = json_map_texts(arena, theirs, halve_quotes, NULL);
    return json_equal(&put_right, ours);
}

/* The edits of an entry that mean something. A column that is altered for another reason is written with its
 * default, so then the default must be among the edits. */
static Json meant_edits(Arena *arena, const Json *edits) {
    JsonArrayBuilder kept = json_array_builder(arena);
    bool altered = false;
    for (uint32_t i = 0; i < edits->count; i++)
        altered |=
            is_step(&edits->as.items[i], 0, "schema") && !is_doubled_default(arena, &edits->as.items[i]);
    for (uint32_t i = 0; i < edits->count; i++)
        if (altered || !is_doubled_default(arena, &edits->as.items[i]))
            json_array_add(&kept, edits->as.items[i]);
    return json_array_done(&kept);
}

/* False for an entry that no state can mean: our columns, and the deletion of what schema_take left out. */
static bool is_meant(const Json *entry, const Json *edits) {
    const Json *gone = deleted(edits);
    if (is_marker_column(entry))
        return false;
    return !gone || (json_is(json_get(gone, "meta"), JSON_OBJECT) && !is_unknown(gone));
}

static Json filter_part(Arena *arena, TypeId type, const Json *entries, size_t *left) {
    JsonArrayBuilder list = json_array_builder(arena);
    for (uint32_t i = 0; json_is(entries, JSON_ARRAY) && i < entries->count; i++) {
        const Json *entry = &entries->as.items[i], *edits = json_get(entry, "diff");
        Json kept = *entry;
        if (json_is(edits, JSON_ARRAY) && type != TYPE_SYSTEM_FIELDS) {
            Json meant = meant_edits(arena, edits);
            if (meant.count == 0 || !is_meant(entry, &meant))
                continue;
            if (meant.count < edits->count)
                kept = json_with(arena, entry, "diff", meant);
        }
        json_array_add(&list, kept);
        (*left)++;
    }
    return json_array_done(&list);
}

Json schema_filter(Arena *arena, const Json *answer, size_t *left) {
    const Json *diff = json_get(answer, "diff");
    JsonObjectBuilder kept = json_object_builder(arena);
    *left = 0;
    for (size_t i = 0; i < PARTS; i++)
        if (json_get(diff, parts[i].member)) /* the server takes back what it gave, and no part more */
            json_object_put(&kept, parts[i].member,
                            filter_part(arena, parts[i].type, json_get(diff, parts[i].member), left));
    return json_with(arena, answer, "diff", json_object_done(&kept));
}
