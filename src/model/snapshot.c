#include "model/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/canon.h"

Record *snapshot_add(Snapshot *snapshot, TypeId type, Json json) {
    RecordList *list = &snapshot->types[type];
    Record record = { .json = json };
    if (catalog_row(type)->identity == IDENTITY_ID)
        record.id = json_get_text(&json, "id");
    ARENA_PUSH(&snapshot->arena, list->items, list->count, list->capacity, record);
    snapshot->present[type] = true;
    return &list->items[list->count - 1];
}

/* NULL, for a record that has no id yet, stands first. */
static int text_compare(const char *a, const char *b) {
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

int snapshot_key_compare(TypeId type, const Json *a, const Json *b) {
    const CatalogRow *row = catalog_row(type);
    for (size_t i = 0; i < CATALOG_KEYS && row->key[i]; i++) {
        int order = json_compare(json_get(a, row->key[i]), json_get(b, row->key[i]));
        if (order)
            return order;
    }
    return 0;
}

/* The last resort, for records of one instance that are equal in all they carry: numbers in text, smaller
 * first. */
static int target_compare(const char *a, const char *b) {
    size_t a_length = a ? strlen(a) : 0, b_length = b ? strlen(b) : 0;
    if (a_length != b_length)
        return a_length < b_length ? -1 : 1;
    return text_compare(a, b);
}

static int record_compare(const void *left, const void *right, void *context) {
    const Record *a = left, *b = right;
    const CatalogRow *row = context;
    int order = row->identity == IDENTITY_ID ? text_compare(a->id, b->id) : 0;
    if (!order)
        order = snapshot_key_compare(row->id, &a->json, &b->json);
    if (!order)
        order = json_compare(&a->json, &b->json);
    return order ? order : target_compare(a->target_id, b->target_id);
}

void snapshot_sort(Snapshot *snapshot) {
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        RecordList *list = &snapshot->types[type];
        CatalogRow row = *catalog_row(type);
        if (list->count > 1)
            qsort_r(list->items, list->count, sizeof *list->items, record_compare, &row);
    }
}

static int id_compare(const void *key, const void *item) {
    return text_compare(key, ((const Record *)item)->id);
}

bool snapshot_has_collection(const Snapshot *snapshot, const char *collection) {
    const RecordList *list = &snapshot->types[TYPE_COLLECTIONS];
    for (size_t i = 0; i < list->count; i++)
        if (str_equal(json_get_text(&list->items[i].json, "collection"), collection))
            return true;
    return false;
}

bool snapshot_has_field(const Snapshot *snapshot, const char *collection, const char *field) {
    const RecordList *fields = &snapshot->types[TYPE_FIELDS];
    for (size_t i = 0; i < fields->count; i++)
        if (str_equal(json_get_text(&fields->items[i].json, "collection"), collection) &&
            (!field || str_equal(json_get_text(&fields->items[i].json, "field"), field)))
            return true;
    return false;
}

const Record *snapshot_find(const Snapshot *snapshot, TypeId type, const char *id) {
    if (!id || type >= TYPE_COUNT || catalog_row(type)->identity != IDENTITY_ID)
        return NULL;
    const RecordList *list = &snapshot->types[type];
    return list->count ? bsearch(id, list->items, list->count, sizeof *list->items, id_compare) : NULL;
}

Record *snapshot_same(const Snapshot *snapshot, TypeId type, const Record *record) {
    const RecordList *list = &snapshot->types[type];
    bool by_id = catalog_row(type)->identity == IDENTITY_ID;
    for (size_t i = 0; i < list->count; i++)
        if (by_id ? str_equal(list->items[i].id, record->id)
                  : snapshot_key_compare(type, &list->items[i].json, &record->json) == 0)
            return &list->items[i];
    return NULL;
}

/* ---- labels ---- */

static void put_scalar(Buf *out, const Json *value) {
    if (value && value->kind == JSON_STRING)
        buf_append(out, value->as.text, value->count);
    else if (value)
        canon_compact(out, value);
}

static void put_own_label(Buf *out, const Snapshot *snapshot, TypeId type, const Record *record);

/* A record that another one refers to: by its own label, else as it is written. No role means everyone. */
static void put_reference(Buf *out, const Snapshot *snapshot, const Reference *reference, const Json *value) {
    const Record *target = snapshot_find(snapshot, reference->target, json_text(value));
    if (target)
        put_own_label(out, snapshot, reference->target, target);
    else if (json_is_null(value))
        buf_puts(out, "everyone");
    else
        put_scalar(out, value);
}

/* A collection's name in a schema kind's key is read as a name. */
static const Reference *key_reference(TypeId type, const char *field) {
    return catalog_is_schema(type) ? NULL : catalog_reference(type, field);
}

/* The key's plain values, then the records it refers to in brackets: "posts Drafts (Editor)". */
static void put_key(Buf *out, const Snapshot *snapshot, TypeId type, const Record *record) {
    const CatalogRow *row = catalog_row(type);
    size_t start = out->length;
    for (size_t i = 0; i < CATALOG_KEYS && row->key[i]; i++) {
        const Json *value = json_get(&record->json, row->key[i]);
        if (json_is_null(value) || key_reference(type, row->key[i]))
            continue;
        if (out->length > start)
            buf_putc(out, catalog_is_schema(type) ? '.' : ' ');
        put_scalar(out, value);
    }
    bool plain = out->length > start;
    for (size_t i = 0; i < CATALOG_KEYS && row->key[i]; i++) {
        const Reference *reference = key_reference(type, row->key[i]);
        if (!reference || reference->target == TYPE_USERS || str_equal(row->key[i], row->parent_field))
            continue;
        if (plain)
            buf_puts(out, " (");
        put_reference(out, snapshot, reference, json_get(&record->json, row->key[i]));
        if (plain)
            buf_putc(out, ')');
    }
}

static void put_own_label(Buf *out, const Snapshot *snapshot, TypeId type, const Record *record) {
    const CatalogRow *row = catalog_row(type);
    size_t start = out->length;
    const char *name = row->label ? json_get_text(&record->json, row->label) : NULL;
    if (type == TYPE_POLICIES && str_equal(record->id, ALIAS_PUBLIC))
        name = "Public"; /* Directus names it by a key of its translations, "$t:public_label" */
    if (name)
        buf_puts(out, name);
    if (out->length == start)
        put_key(out, snapshot, type, record);
    if (out->length == start)
        buf_puts(out, record->id ? record->id : row->singular);
}

RecordNames snapshot_names(const Snapshot *snapshot, TypeId type, const Record *record, Arena *arena) {
    const CatalogRow *row = catalog_row(type);
    AUTO(Buf) own = { 0 };
    put_own_label(&own, snapshot, type, record);
    RecordNames names = { .label = arena_strndup(arena, buf_text(&own), own.length) };
    names.name = names.label;
    const Json *parent_id = row->parent_field ? json_get(&record->json, row->parent_field) : NULL;
    if (!json_text(parent_id))
        return names;
    names.parent_id = arena_strdup(arena, json_text(parent_id));
    if (catalog_is_schema(type)) {
        const char *field = json_get_text(&record->json, "field");
        names.parent = names.parent_id;
        names.name = field ? arena_strdup(arena, field) : names.label;
        return names;
    }
    AUTO(Buf) parent = { 0 };
    Reference reference = { .field = row->parent_field, .target = row->parent };
    put_reference(&parent, snapshot, &reference, parent_id);
    names.parent = arena_strndup(arena, buf_text(&parent), parent.length);
    names.label = row->identity == IDENTITY_ID ? arena_printf(arena, "%s › %s", names.parent, names.name)
                                               : arena_printf(arena, "%s (%s)", names.name, names.parent);
    return names;
}

const char *snapshot_label(const Snapshot *snapshot, TypeId type, const Record *record, Arena *arena) {
    return snapshot_names(snapshot, type, record, arena).label;
}

const char *snapshot_place(const Snapshot *snapshot, const Record *record, const char *member, Arena *arena) {
    return snapshot_place_at(
        snapshot, record, member ? arena_printf(arena, "/%s", json_pointer_step(arena, member)) : "", arena);
}

const char *snapshot_place_at(const Snapshot *snapshot, const Record *record, const char *pointer,
                              Arena *arena) {
    const char *origin = record->origin ? record->origin : "?";
    size_t length = strcspn(origin, "#");
    const char *own = origin[length] ? origin + length + 1 : "";
    AUTO(Buf) place = { 0 };
    if (snapshot->folder)
        buf_printf(&place, "%s/", snapshot->folder);
    buf_append(&place, origin, length);
    if (*own || *pointer)
        buf_printf(&place, ": (%s%s)", own, pointer);
    return arena_strdup(arena, buf_text(&place));
}

size_t snapshot_records(const Snapshot *snapshot) {
    size_t count = 0;
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        count += snapshot->types[type].count;
    return count;
}

void snapshot_free(Snapshot *snapshot) {
    arena_free(&snapshot->arena);
    *snapshot = (Snapshot){ 0 };
}

/* ---- lists without an order ---- */

static int plain_compare(const void *a, const void *b) {
    return json_compare(a, b);
}

static bool is_plain_list(const Json *list) {
    for (uint32_t i = 0; i < list->count; i++)
        if (json_is(&list->as.items[i], JSON_ARRAY) || json_is(&list->as.items[i], JSON_OBJECT))
            return false;
    return true;
}

static bool same_plain_lists(const Json *a, const Json *b) {
    AUTO(Arena) arena = { 0 };
    Json *left = arena_array(&arena, a->count + 1, sizeof *left);
    Json *right = arena_array(&arena, a->count + 1, sizeof *right);
    for (uint32_t i = 0; i < a->count; i++) {
        left[i] = a->as.items[i];
        right[i] = b->as.items[i];
    }
    qsort(left, a->count, sizeof *left, plain_compare);
    qsort(right, a->count, sizeof *right, plain_compare);
    for (uint32_t i = 0; i < a->count; i++)
        if (!json_equal(&left[i], &right[i]))
            return false;
    return true;
}

bool snapshot_same_unordered(const Json *a, const Json *b) {
    if (!a || !b || a->kind != b->kind || (a->kind != JSON_ARRAY && a->kind != JSON_OBJECT))
        return json_equal(a, b);
    if (a->count != b->count)
        return false;
    if (a->kind == JSON_ARRAY && is_plain_list(a))
        return same_plain_lists(a, b);
    for (uint32_t i = 0; i < a->count; i++) {
        bool array = a->kind == JSON_ARRAY;
        if (!array && strcmp(a->as.members[i].key, b->as.members[i].key) != 0)
            return false;
        if (!(array ? snapshot_same_unordered(&a->as.items[i], &b->as.items[i])
                    : snapshot_same_unordered(&a->as.members[i].value, &b->as.members[i].value)))
            return false;
    }
    return true;
}

static Json kept_order(Arena *arena, const Json *there, const Json *file) {
    if (snapshot_same_unordered(there, file))
        return json_equal(there, file) ? *there : json_copy(arena, file);
    if (!json_is(there, JSON_OBJECT) || !json_is(file, JSON_OBJECT))
        return *there;
    JsonObjectBuilder out = json_object_builder(arena);
    for (uint32_t i = 0; i < there->count; i++) {
        const JsonMember *member = &there->as.members[i];
        const Json *own = json_get(file, member->key);
        json_object_put(&out, member->key, own ? kept_order(arena, &member->value, own) : member->value);
    }
    return json_object_done(&out);
}

/* Both lists are sorted by key. */
void snapshot_keep_order(Snapshot *instance, const Snapshot *ordered) {
    for (TypeId type = 0; instance->unordered && type < TYPE_COUNT; type++) {
        RecordList *there = &instance->types[type];
        const RecordList *own = &ordered->types[type];
        for (size_t i = 0, j = 0; catalog_is_schema(type) && i < there->count && j < own->count;) {
            int order = snapshot_key_compare(type, &there->items[i].json, &own->items[j].json);
            if (order == 0)
                there->items[i].json =
                    kept_order(&instance->arena, &there->items[i].json, &own->items[j].json);
            i += order <= 0;
            j += order >= 0;
        }
    }
}
