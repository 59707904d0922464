#include "model/ignore.h"

#include <string.h>

#include "base/str.h"
#include "model/field_path.h"
#include "model/record_key.h"

/* ---- rules ---- */

bool ignore_names(const Json *rule, const char *collection) {
    return str_matches(collection, json_get_text(rule, "collection"));
}

const char *ignore_key(const Json *rule) {
    const char *key = json_get_text(rule, "key");
    return key ? key : "*";
}

const char *const *ignore_fields(Arena *arena, const Json *rule) {
    const Json *field = json_get(rule, "field");
    size_t count = json_is(field, JSON_ARRAY) ? field->count : field ? 1 : 0;
    const char **fields = arena_array(arena, count + 1, sizeof *fields);
    for (size_t i = 0; i < count; i++)
        fields[i] = json_text(json_is(field, JSON_ARRAY) ? &field->as.items[i] : field);
    return fields;
}

/* ---- what is meant ---- */

typedef struct {
    const Scope *scope;
    Snapshot *into;
    const Snapshot *from, *names;
    TypeId type;
    RecordList result; /* of the type, in the arena of `into` */
    size_t differing;
    Arena scratch; /* of one record */
} Adopting;

enum { DEEPEST = 64 };

static bool has_rule(const Scope *scope, TypeId type) {
    for (uint32_t i = 0; i < scope->ignore.count; i++)
        if (ignore_names(&scope->ignore.as.items[i], catalog_row(type)->collection))
            return true;
    return false;
}

static bool is_called(Adopting *adopting, const Snapshot *own, TypeId type, const Record *record,
                      const char *pattern) {
    Arena *arena = &adopting->scratch;
    return str_matches(record_key(arena, own, adopting->names, type, record), pattern) ||
           str_matches(record_key(arena, own, NULL, type, record), pattern) ||
           str_matches(record_key_by_ids(arena, type, record), pattern) ||
           (record->id && str_matches(record->id, pattern));
}

/* Fields, relations and what else is known by names alone. */
static bool is_named(const Scope *scope, TypeId type, const char *name) {
    for (uint32_t i = 0; name && i < scope->ignore.count; i++) {
        const Json *rule = &scope->ignore.as.items[i];
        if (!json_get(rule, "field") && ignore_names(rule, catalog_row(type)->collection) &&
            str_matches(name, ignore_key(rule)))
            return true;
    }
    return false;
}

bool ignore_field(const Scope *scope, const char *collection, const char *field) {
    AUTO(Arena) arena = { 0 };
    return is_named(scope, TYPE_FIELDS, arena_printf(&arena, "%s.%s", collection, field)) ||
           is_named(scope, TYPE_COLLECTIONS, collection);
}

/* A field goes with its collection, a relation with its field and with both its collections. */
static bool goes_with_schema(Adopting *adopting, TypeId type, const Record *record) {
    const Scope *scope = adopting->scope;
    const char *collection = json_get_text(&record->json, "collection");
    if (type != TYPE_FIELDS && type != TYPE_RELATIONS && type != TYPE_SYSTEM_FIELDS)
        return false;
    if (is_named(scope, TYPE_COLLECTIONS, collection))
        return true;
    return type == TYPE_RELATIONS &&
           (is_named(scope, TYPE_COLLECTIONS, json_get_text(&record->json, "related_collection")) ||
            is_named(scope, TYPE_FIELDS,
                     arena_printf(&adopting->scratch, "%s.%s", collection,
                                  json_get_text(&record->json, "field"))));
}

static bool is_in_key(const CatalogRow *row, const char *field) {
    for (size_t i = 0; i < CATALOG_KEYS && row->key[i]; i++)
        if (strcmp(row->key[i], field) == 0)
            return true;
    return str_equal(row->parent_field, field);
}

static bool is_ignored(Adopting *adopting, const Snapshot *own, TypeId type, const Record *record, int depth);

/* A record whose key names an ignored one cannot stand without it. */
static bool goes_with_another(Adopting *adopting, const Snapshot *own, TypeId type, const Record *record,
                              int depth) {
    const CatalogRow *row = catalog_row(type);
    for (const Reference *reference = row->references; reference->field; reference++) {
        const char *id = json_get_text(&record->json, reference->field);
        if (!id || reference->target >= TYPE_COUNT || !is_in_key(row, reference->field))
            continue;
        const Record *target = snapshot_find(own, reference->target, id);
        if (!target)
            target = snapshot_find(adopting->names, reference->target, id);
        if (target && is_ignored(adopting, own, reference->target, target, depth + 1))
            return true;
    }
    return false;
}

static bool is_ignored(Adopting *adopting, const Snapshot *own, TypeId type, const Record *record,
                       int depth) {
    const Json *rules = &adopting->scope->ignore;
    for (uint32_t i = 0; i < rules->count; i++) {
        const Json *rule = &rules->as.items[i];
        if (!json_get(rule, "field") && ignore_names(rule, catalog_row(type)->collection) &&
            is_called(adopting, own, type, record, ignore_key(rule)))
            return true;
    }
    if (catalog_is_schema(type))
        return goes_with_schema(adopting, type, record);
    return depth < DEEPEST && goes_with_another(adopting, own, type, record, depth);
}

/* ---- taking over ---- */

static void keep(Adopting *adopting, const Record *record) {
    ARENA_PUSH(&adopting->into->arena, adopting->result.items, adopting->result.count,
               adopting->result.capacity, *record);
}

/* The record with its ignored fields as the other side has them; `there` is NULL where it has no such record.
 */
static Record with_fields(Adopting *adopting, const Record *record, const Record *there) {
    Arena *arena = &adopting->into->arena;
    const Json *rules = &adopting->scope->ignore;
    Record result = *record;
    for (uint32_t i = 0; i < rules->count; i++) {
        const Json *rule = &rules->as.items[i];
        if (!json_get(rule, "field") || !ignore_names(rule, catalog_row(adopting->type)->collection) ||
            !is_called(adopting, adopting->into, adopting->type, record, ignore_key(rule)))
            continue;
        for (const char *const *field = ignore_fields(arena, rule); *field; field++)
            result.json =
                field_path_adopt(arena, &result.json, there ? &there->json : NULL, field_path(arena, *field));
    }
    if (result.id) { /* what makes it this record stays, whatever the pattern */
        result.json = json_with(arena, &result.json, "id", *json_get(&record->json, "id"));
        result.id = json_get_text(&result.json, "id");
    }
    const CatalogRow *row = catalog_row(adopting->type);
    for (size_t i = 0; !there && i < CATALOG_KEYS && row->key[i]; i++)
        if (json_get(&record->json, row->key[i]))
            result.json = json_with(arena, &result.json, row->key[i], *json_get(&record->json, row->key[i]));
    adopting->differing += !json_equal(&result.json, &record->json);
    return result;
}

/* Which of the records of its key this one is: both lists are in canonical order. */
static size_t rank_of(const RecordList *list, TypeId type, size_t at) {
    size_t rank = 0;
    while (rank < at &&
           snapshot_key_compare(type, &list->items[at - rank - 1].json, &list->items[at].json) == 0)
        rank++;
    return rank;
}

static const Record *counterpart(const Adopting *adopting, size_t at) {
    const RecordList *mine = &adopting->into->types[adopting->type];
    const RecordList *theirs = &adopting->from->types[adopting->type];
    const Record *record = &mine->items[at];
    if (catalog_row(adopting->type)->identity == IDENTITY_ID)
        return snapshot_find(adopting->from, adopting->type, record->id);
    size_t rank = rank_of(mine, adopting->type, at);
    for (size_t i = 0; i < theirs->count; i++)
        if (snapshot_key_compare(adopting->type, &theirs->items[i].json, &record->json) == 0 && rank-- == 0)
            return &theirs->items[i];
    return NULL;
}

/* Whether the record is ignored as one of the sides knows it. */
static bool either_ignored(Adopting *adopting, const Record *mine, const Record *theirs) {
    return (mine && is_ignored(adopting, adopting->into, adopting->type, mine, 0)) ||
           (theirs && is_ignored(adopting, adopting->from, adopting->type, theirs, 0));
}

static bool has_equal(const RecordList *list, const Record *record) {
    for (size_t i = 0; i < list->count; i++)
        if (json_equal(&list->items[i].json, &record->json))
            return true;
    return false;
}

static void adopt_records(Adopting *adopting) {
    const RecordList *mine = &adopting->into->types[adopting->type];
    const RecordList *theirs = &adopting->from->types[adopting->type];
    bool by_id = catalog_row(adopting->type)->identity == IDENTITY_ID;
    for (size_t i = 0; i < mine->count; i++) {
        const Record *there = counterpart(adopting, i);
        arena_reset(&adopting->scratch);
        if (either_ignored(adopting, &mine->items[i], by_id ? there : NULL)) {
            adopting->differing += !has_equal(theirs, &mine->items[i]);
            if (by_id && there)
                keep(adopting, there);
            continue;
        }
        Record record = with_fields(adopting, &mine->items[i], there);
        keep(adopting, &record);
    }
    for (size_t i = 0; i < theirs->count; i++) {
        const Record *record = &theirs->items[i];
        arena_reset(&adopting->scratch);
        if ((by_id && snapshot_find(adopting->into, adopting->type, record->id)) ||
            !either_ignored(adopting, NULL, record))
            continue;
        adopting->differing += !has_equal(mine, record);
        keep(adopting, record);
    }
}

/* Whether anything of the type can be ignored: by a rule of its own or of what it belongs to. */
static bool concerned(const Scope *scope, TypeId type, int depth) {
    const CatalogRow *row = catalog_row(type);
    if (has_rule(scope, type))
        return true;
    if (row->section == SECTION_COLLECTIONS)
        return has_rule(scope, TYPE_COLLECTIONS) || has_rule(scope, TYPE_FIELDS);
    for (const Reference *reference = row->references; reference->field && depth < TYPE_COUNT; reference++)
        if (reference->target < TYPE_COUNT && reference->target != type && is_in_key(row, reference->field) &&
            concerned(scope, reference->target, depth + 1))
            return true;
    return false;
}

void ignore_adopt(const Scope *scope, Snapshot *into, const Snapshot *from, const Snapshot *names,
                  Ignored *ignored) {
    *ignored = (Ignored){ 0 };
    if (json_is_null(&scope->ignore))
        return;
    RecordList results[TYPE_COUNT];
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        Adopting adopting = { .scope = scope, .into = into, .from = from, .names = names, .type = type };
        results[type] = into->types[type];
        if (!into->present[type] || !concerned(scope, type, 0))
            continue;
        adopt_records(&adopting);
        results[type] = adopting.result;
        ignored->counts[type] = adopting.differing;
        arena_free(&adopting.scratch);
    }
    /* Only now: what belongs to a record is told by the records as they were. */
    memcpy(into->types, results, sizeof results);
    snapshot_sort(into);
}

/* ---- what is left behind ---- */

static const char *group_of(const Record *record) {
    return json_text(json_path(&record->json, "meta", "group", NULL));
}

/* `field` as an override would name it. */
static bool refuse_lost(const Snapshot *files, TypeId type, const Record *record, const char *field,
                        TypeId target, const char *id, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) pointer = { 0 };
    for (const char *const *step = field_path(&arena, field); *step; step++)
        buf_printf(&pointer, "/%s", *step);
    const char *what = catalog_row(target)->singular;
    const Record *there = snapshot_find(files, target, id);
    const char *label = there ? snapshot_label(files, target, there, &arena) : id;
    error_set(err, ERR_FILES, "%s: the configuration ignores the %s \"%s\", and the target has none",
              snapshot_place_at(files, record, buf_text(&pointer), &arena), what, label);
    return error_hint(err,
                      "make the %s on the target, or say what the %s has there instead: \"overrides\": "
                      "{\"%s\": {\"%s\": {\"%s\": null}}}",
                      what, catalog_row(type)->singular, catalog_row(type)->collection,
                      record_key(&arena, files, NULL, type, record), field);
}

/* What the files have and `wanted` has no more is ignored and not there. */
static bool is_lost(const Snapshot *wanted, const Snapshot *files, TypeId target, const char *id) {
    return id && !snapshot_find(wanted, target, id) && snapshot_find(files, target, id);
}

static bool check_references(const Snapshot *wanted, const Snapshot *files, const Snapshot *from, TypeId type,
                             const Record *record, Error *err) {
    const char *group = type == TYPE_COLLECTIONS ? group_of(record) : NULL;
    if (group && !snapshot_has_collection(wanted, group) && snapshot_has_collection(files, group))
        return refuse_lost(files, type, record, "meta.group", TYPE_COLLECTIONS, group, err);
    for (const Reference *reference = catalog_row(type)->references; reference->field; reference++) {
        const char *id = json_get_text(&record->json, reference->field);
        if (reference->target < TYPE_COUNT && from->present[reference->target] &&
            is_lost(wanted, files, reference->target, id))
            return refuse_lost(files, type, record, reference->field, reference->target, id, err);
    }
    return true;
}

bool ignore_check(const Snapshot *wanted, const Snapshot *files, const Snapshot *from, Error *err) {
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        for (size_t i = 0; from->present[type] && i < wanted->types[type].count; i++)
            if (!check_references(wanted, files, from, type, &wanted->types[type].items[i], err))
                return false;
    return true;
}

static bool leads_somewhere(const Snapshot *into, TypeId target, const Json *value) {
    const char *id = json_text(value);
    return !id || id[0] == '$' || snapshot_find(into, target, id);
}

/* One reference of one record: as it is when it leads somewhere, else what the other side's record refers to,
 * else null. */
static bool mend(Snapshot *into, const Snapshot *from, TypeId type, const Reference *reference,
                 Record *record) {
    if (leads_somewhere(into, reference->target, json_get(&record->json, reference->field)))
        return false;
    const Record *there = snapshot_same(from, type, record);
    const Json *other = there ? json_get(&there->json, reference->field) : NULL;
    Json right = other && leads_somewhere(into, reference->target, other) ? *other : json_null();
    record->json = json_with(&into->arena, &record->json, reference->field, right);
    return true;
}

/* A collection's group, in the same way. */
static size_t mend_groups(Snapshot *into, const Snapshot *from) {
    size_t mends = 0;
    for (size_t i = 0; i < into->types[TYPE_COLLECTIONS].count; i++) {
        Record *record = &into->types[TYPE_COLLECTIONS].items[i];
        const char *group = group_of(record);
        if (!group || snapshot_has_collection(into, group))
            continue;
        const Record *there = snapshot_same(from, TYPE_COLLECTIONS, record);
        const char *other = there ? group_of(there) : NULL;
        Json right =
            other && snapshot_has_collection(into, other) ? json_string(&into->arena, other) : json_null();
        const char *const steps[] = { "meta", "group", NULL };
        record->json = field_path_with(&into->arena, &record->json, steps, right);
        mends++;
    }
    return mends;
}

size_t ignore_mend(const Scope *scope, Snapshot *into, const Snapshot *from) {
    size_t mends = json_is_null(&scope->ignore) ? 0 : mend_groups(into, from);
    for (TypeId type = 0; type < TYPE_COUNT && !json_is_null(&scope->ignore); type++) {
        RecordList *list = &into->types[type];
        const CatalogRow *row = catalog_row(type);
        for (const Reference *reference = row->references; reference->field; reference++) {
            if (reference->target >= TYPE_COUNT || !into->present[reference->target] ||
                is_in_key(row, reference->field))
                continue;
            for (size_t i = 0; i < list->count; i++)
                mends += mend(into, from, type, reference, &list->items[i]);
        }
    }
    return mends;
}
