#include "sync/preflight.h"

#include <inttypes.h>
#include <string.h>

/* ---- files ---- */

typedef struct {
    const char **ids;
    const char **fields;
    Record **records;
    size_t count, capacity;
} FileReferences;

static void add_file_reference(Arena *arena, FileReferences *found, Record *record, const char *field,
                               const char *id) {
    if (found->count == found->capacity) {
        size_t capacity = found->capacity;
        found->ids = arena_grow(arena, found->ids, found->count, &capacity, sizeof *found->ids);
        capacity = found->capacity;
        found->fields = arena_grow(arena, found->fields, found->count, &capacity, sizeof *found->fields);
        found->records =
            arena_grow(arena, found->records, found->count, &found->capacity, sizeof *found->records);
    }
    found->ids[found->count] = id;
    found->fields[found->count] = field;
    found->records[found->count++] = record;
}

static void collect_file_references(Snapshot *snapshot, Arena *arena, FileReferences *found) {
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        for (const Reference *reference = catalog_row(type)->references; reference->field; reference++) {
            RecordList *list = &snapshot->types[type];
            for (size_t i = 0; reference->target == TYPE_FILES && i < list->count; i++) {
                const char *id = json_get_text(&list->items[i].json, reference->field);
                if (id)
                    add_file_reference(arena, found, &list->items[i], reference->field, id);
            }
        }
}

bool settle_files(Session *session, State *state, size_t *nulled, Error *err) {
    AUTO(Arena) arena = { 0 };
    FileReferences found = { 0 };
    *nulled = 0;
    collect_file_references(&state->snapshot, &arena, &found);
    if (!found.count)
        return true;
    bool *there = arena_array(&arena, found.count, sizeof *there);
    if (!directus_exist(session, "directus_files", "id", "uuid", found.ids, found.count, there, err))
        return false;
    for (size_t i = 0; i < found.count; i++) {
        if (there[i])
            continue;
        Record *record = found.records[i];
        record->json = json_with(&state->snapshot.arena, &record->json, found.fields[i], json_null());
        ++*nulled;
    }
    return true;
}

/* ---- losses ---- */

static bool count_schema_loss(Session *session, Plan *plan, const Change *change, Error *err) {
    AUTO(Arena) arena = { 0 };
    uint64_t rows = 0;
    if (change->type == TYPE_COLLECTIONS) {
        if (!directus_count(session, json_get_text(change->before, "collection"), NULL, &rows, err))
            return false;
        if (rows)
            plan_loss(plan, change, rows, "table %s would be dropped with %" PRIu64 " row%s", change->label,
                      rows, rows == 1 ? "" : "s");
        return true;
    }
    const char *dot = strchr(change->label, '.');
    const char *collection = arena_strndup(&arena, change->label, (size_t)(dot - change->label));
    const char *filter = arena_printf(&arena, "{\"%s\":{\"_nnull\":true}}", dot + 1);
    if (!directus_count(session, collection, filter, &rows, err))
        return false;
    if (rows)
        plan_loss(plan, change, rows, "%s %s with %" PRIu64 " value%s",
                  change->kind == CHANGE_DELETE ? "dropped: field" : "changed in type: field", change->label,
                  rows, rows == 1 ? "" : "s");
    return true;
}

static bool count_holders(Session *session, Plan *plan, const Change *change, Error *err) {
    AUTO(Arena) arena = { 0 };
    uint64_t users = 0;
    bool role = change->type == TYPE_ROLES;
    const char *filter =
        role ? arena_printf(&arena, "{\"role\":{\"_eq\":\"%s\"}}", change->target_id)
             : arena_printf(&arena, "{\"_and\":[{\"policy\":{\"_eq\":\"%s\"}},{\"user\":{\"_nnull\":true}}]}",
                            change->target_id);
    if (!directus_count(session, role ? "directus_users" : "directus_access", filter, &users, err))
        return false;
    if (users)
        plan_loss(plan, change, users, "%s \"%s\" would be deleted while %" PRIu64 " user%s it",
                  catalog_row(change->type)->singular, change->label, users,
                  users == 1 ? " holds" : "s hold");
    return true;
}

/* A field of a table that is dropped is counted with its table. */
static bool within_dropped_table(const Plan *plan, const Change *field) {
    const char *collection = json_get_text(field->before, "collection");
    for (size_t i = 0; i < plan->change_count; i++) {
        const Change *change = &plan->changes[i];
        if (change->type == TYPE_COLLECTIONS && change->kind == CHANGE_DELETE &&
            str_equal(json_get_text(change->before, "collection"), collection))
            return true;
    }
    return false;
}

bool count_losses(Session *session, Plan *plan, Error *err) {
    for (size_t i = 0; i < plan->change_count; i++) {
        const Change *change = &plan->changes[i];
        if (catalog_is_schema(change->type)) {
            bool counted_elsewhere = change->kind == CHANGE_DELETE && change->type == TYPE_FIELDS &&
                                     within_dropped_table(plan, change);
            if (schema_change_loses(change) && !counted_elsewhere &&
                !count_schema_loss(session, plan, change, err))
                return false;
        } else if (change->kind == CHANGE_DELETE &&
                   (change->type == TYPE_ROLES || change->type == TYPE_POLICIES)) {
            if (!(change->type == TYPE_POLICIES && !session_version(session)->has_policies) &&
                !count_holders(session, plan, change, err))
                return false;
        }
    }
    return true;
}
