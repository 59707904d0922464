#include "sync/preflight.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "directus/version_10.h"
#include "postgres/health.h"

/* ---- versions ---- */

bool check_vendor(const ImportOptions *options, const Snapshot *files, const Snapshot *target, Error *err) {
    if (!files->vendor || !target->vendor || str_equal(files->vendor, target->vendor) ||
        options->allow_version)
        return true;
    error_set(err, ERR_REFUSED, "the files come from a %s database, the target's is %s", files->vendor,
              target->vendor);
    return error_hint(
        err, "column types differ between the two: look at `schema-sync diff --allow-version` first");
}

static const Record *geometry_field(const Snapshot *snapshot) {
    const RecordList *fields = &snapshot->types[TYPE_FIELDS];
    for (size_t i = 0; i < fields->count; i++) {
        const char *type = json_get_text(&fields->items[i].json, "type");
        if (type && str_starts(type, "geometry"))
            return &fields->items[i];
    }
    return NULL;
}

bool check_extensions(Holding *holding, const State *state, Error *err) {
    AUTO(Arena) arena = { 0 };
    const Record *field = geometry_field(&state->snapshot);
    bool found = true;
    if (!field || !holding->database)
        return true;
    if (!database_has_extension(holding->database, "postgis", &found, err))
        return false;
    if (found)
        return true;
    error_set(err, ERR_REFUSED, "%s: a geometry field needs PostGIS, which %s does not have",
              snapshot_place(&state->snapshot, field, "type", &arena), database_name(holding->database));
    return error_hint(err, "run CREATE EXTENSION postgis in that database as its owner, then import again");
}

/* ---- flows ---- */

enum { UNSEEN, ON_THE_WAY, DONE };

/* Follows resolve and reject; an operation that is met again while still on the way closes a circle. */
static bool leads_back(const Snapshot *files, const char *id, char *seen) {
    const Record *operation = id ? snapshot_find(files, TYPE_OPERATIONS, id) : NULL;
    if (!operation)
        return false;
    char *mark = &seen[operation - files->types[TYPE_OPERATIONS].items];
    if (*mark != UNSEEN)
        return *mark == ON_THE_WAY;
    *mark = ON_THE_WAY;
    bool circle = leads_back(files, json_get_text(&operation->json, "resolve"), seen) ||
                  leads_back(files, json_get_text(&operation->json, "reject"), seen);
    *mark = DONE;
    return circle;
}

bool check_flows(const Snapshot *files, Error *err) {
    AUTO(Arena) arena = { 0 };
    char *seen = arena_alloc(&arena, files->types[TYPE_OPERATIONS].count + 1);
    const RecordList *flows = &files->types[TYPE_FLOWS];
    for (size_t i = 0; i < flows->count; i++) {
        const Json *flow = &flows->items[i].json;
        const char *status = json_get_text(flow, "status"); /* active is Directus's default */
        if ((status && strcmp(status, "active") != 0) ||
            !leads_back(files, json_get_text(flow, "operation"), seen))
            continue;
        error_set(err, ERR_FILES, "%s: the operations of this active flow lead back to themselves",
                  snapshot_place(files, &flows->items[i], "operations", &arena));
        return error_hint(err,
                          "Directus does not survive such a flow: break the circle (resolve, reject), or set "
                          "\"status\" to \"inactive\"");
    }
    return true;
}

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

/* ---- members the target does not know ---- */

static bool has_create(const Plan *plan, TypeId type) {
    for (size_t i = 0; i < plan->change_count; i++)
        if (plan->changes[i].type == type && plan->changes[i].kind == CHANGE_CREATE)
            return true;
    return false;
}

static bool among(const Json *fields, const char *name) {
    for (uint32_t i = 0; i < fields->count; i++)
        if (str_equal(json_get_text(&fields->as.items[i], "field"), name))
            return true;
    return false;
}

static bool any_has(const RecordList *records, const char *name) {
    for (size_t i = 0; i < records->count; i++)
        if (json_get(&records->items[i].json, name))
            return true;
    return false;
}

/* `fields`: the array of the target's fields, NULL where its records show them. */
static bool check_type(const Version *version, const Snapshot *files, const Snapshot *target, TypeId type,
                       const Json *fields, Error *err) {
    const CatalogRow *row = catalog_row(type);
    const RecordList *list = &files->types[type];
    for (size_t i = 0; i < list->count; i++) {
        const Json *record = &list->items[i].json;
        for (uint32_t m = 0; m < record->count; m++) {
            const char *name = record->as.members[m].key;
            if ((fields ? among(fields, name) : any_has(&target->types[type], name)) ||
                snapshot_has_field(files, row->collection, name) ||
                (!version->has_policies && version_10_makes(type, name)))
                continue;
            AUTO(Arena) arena = { 0 };
            error_set(err, ERR_FILES, "%s: the target's %s have no field \"%s\"",
                      snapshot_place(files, &list->items[i], name, &arena), row->name, name);
            return error_hint(err, "remove the member, or import into a Directus that has the field");
        }
    }
    return true;
}

bool check_members(Session *session, const Snapshot *files, const Snapshot *target, const Plan *plan,
                   Error *err) {
    AUTO(Arena) arena = { 0 };
    const char *paths[TYPE_COUNT];
    TypeId types[TYPE_COUNT];
    size_t count = 0;
    const Version *version = session_version(session);
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        if (catalog_is_schema(type) || !has_create(plan, type))
            continue;
        const RecordList *there = &target->types[type];
        if (there->count && !check_type(version, files, target, type, NULL, err))
            return false;
        bool asks = version->has_policies || (type != TYPE_POLICIES && type != TYPE_ACCESS);
        if (!there->count && asks) {
            types[count] = type;
            paths[count++] = arena_printf(&arena, "/fields/%s", catalog_row(type)->collection);
        }
    }
    Json fields[TYPE_COUNT];
    if (count && !session_get_all(session, &arena, paths, count, fields, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!check_type(version, files, target, types[i], &fields[i], err))
            return false;
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
