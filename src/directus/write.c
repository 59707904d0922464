/*
 * Configuration, type by type in the catalog's order. Up to two batches are under way; a type waits for those
 * it refers to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "directus/apply.h"
#include "directus/version_10.h"
#include "model/canon.h"

enum { BATCH_RECORDS = 500 };

static const char *const methods[] = {
    [CHANGE_CREATE] = "POST", [CHANGE_UPDATE] = "PATCH", [CHANGE_DELETE] = "DELETE"
};
static const char *const doing[] = {
    [CHANGE_CREATE] = "creating", [CHANGE_UPDATE] = "updating", [CHANGE_DELETE] = "deleting"
};

/* ---- batches ---- */

static uint64_t tag(TypeId type) {
    return UINT64_C(1) << type;
}

/* What refers to records of its own type may need those of the batch before it. */
static bool settle_parents(Gather *gather, Error *err) {
    TypeId type = gather->row->id;
    return !catalog_reference(type, "parent") || pipeline_settle(&gather->apply->pipeline, tag(type), err);
}

static bool send_gathered(Gather *gather, Error *err) {
    if (gather->count == 0)
        return true;
    Batch batch = { .method = methods[gather->kind],
                    .path = gather->row->endpoint,
                    .key = "id",
                    .what = doing[gather->kind],
                    .of = gather->count == 1 ? gather->row->singular : gather->row->name,
                    .tag = gather->row->id,
                    .records = gather->count,
                    .labels = gather->labels };
    buf_putc(&gather->body, ']');
    gather->count = 0;
    gather->labels = NULL;
    return settle_parents(gather, err) &&
           pipeline_send(&gather->apply->pipeline, &batch, &gather->body, NULL, err);
}

bool gather_add(Gather *gather, const Json *record, const char *label, Error *err) {
    AUTO(Buf) text = { 0 };
    canon_compact(&text, record);
    if ((gather->count == BATCH_RECORDS ||
         (gather->count && gather->body.length + text.length + 2 > BATCH_BYTES)) &&
        !send_gathered(gather, err))
        return false;
    if (!gather->labels)
        gather->labels = arena_array(&gather->apply->arena, BATCH_RECORDS, sizeof *gather->labels);
    gather->labels[gather->count] = label;
    buf_putc(&gather->body, gather->count++ ? ',' : '[');
    buf_append(&gather->body, text.data, text.length);
    return true;
}

bool gather_end(Gather *gather, bool ok, Error *err) {
    ok = ok && send_gathered(gather, err);
    buf_free(&gather->body);
    return ok;
}

/* ---- records ---- */

/* The primary key as Directus has it: a number for permissions and presets. */
static Json target_key(Arena *arena, TypeId type, const char *text) {
    if (type != TYPE_PERMISSIONS && type != TYPE_PRESETS)
        return json_string(arena, text);
    return json_number(strtod(text, NULL));
}

/* Without a licence, Directus 12 takes an update that does not say "fields": ["*"] for a custom rule. */
static Json with_fields(Apply *apply, const Change *change, Json patch) {
    const Json *fields = change->after ? json_get(change->after, "fields") : NULL;
    if (change->type != TYPE_PERMISSIONS || !fields || json_get(&patch, "fields") ||
        !session_version(apply->pipeline.session)->has_license)
        return patch;
    return json_with(&apply->arena, &patch, "fields", *fields);
}

Json apply_patch(Apply *apply, const Change *change, const Json *patch) {
    Json mapped = identity_to_target(&apply->arena, change->type, patch, apply->map);
    const char *id = change->target_id;
    if (!id) /* made by this very plan: created under the state's id */
        id = identity_reference(apply->map, catalog_row(change->type)->collection, change->id);
    mapped = with_fields(apply, change, mapped);
    return json_with(&apply->arena, &mapped, "id", target_key(&apply->arena, change->type, id));
}

/* A write of these would lock everybody out or widen an administrator's reach; the plan never holds one. */
bool apply_check(const Change *change, Error *err) {
    static const char *const guarded[] = { "admin_access", "app_access", "ip_access", "enforce_tfa" };
    bool access = change->type == TYPE_POLICIES || change->type == TYPE_ROLES; /* roles: in Directus 10 */
    bool admin = access && change->kind == CHANGE_UPDATE &&
                 (json_get_bool(change->before, "admin_access", false) ||
                  json_get_bool(change->after, "admin_access", false));
    for (size_t i = 0; admin && i < sizeof guarded / sizeof *guarded; i++)
        if (json_get(change->patch, guarded[i]))
            return error_set(err, ERR_INTERNAL,
                             "%s of the administrators' policy \"%s\" was about to be written", guarded[i],
                             change->label);
    return true;
}

static bool is_of(const Change *change, TypeId type, ChangeKind kind) {
    return change->type == type && change->kind == kind;
}

/* ---- types without links back ---- */

/* The place of a create among those of its type; SIZE_MAX when the plan creates no such record. */
static size_t create_index(const Apply *apply, TypeId type, const char *id) {
    const Plan *plan = apply->plan;
    for (size_t i = 0; id && i < plan->change_count; i++)
        if (is_of(&plan->changes[i], type, CHANGE_CREATE) && str_equal(plan->changes[i].id, id))
            return i;
    return SIZE_MAX;
}

bool apply_is_new_link(const Apply *apply, const Change *change, const char *field) {
    return create_index(apply, TYPE_OPERATIONS, json_get_text(change->after, field)) != SIZE_MAX;
}

/* A reference to a record of the same type that is created later (only a circle has one): written as null,
 * then set. */
static const char *forward_reference(const Apply *apply, const Change *change) {
    const Reference *reference = catalog_row(change->type)->references;
    for (; reference->field; reference++) {
        if (reference->target != change->type || !reference->deferred)
            continue;
        size_t at = create_index(apply, change->type, json_get_text(change->after, reference->field));
        if (at != SIZE_MAX && &apply->plan->changes[at] >= change)
            return reference->field;
    }
    return NULL;
}

static bool create_records(Apply *apply, TypeId type, Error *err) {
    Gather gather = { .apply = apply, .row = catalog_row(type), .kind = CHANGE_CREATE };
    bool ok = true;
    for (size_t i = 0; ok && i < apply->plan->change_count; i++) {
        const Change *change = &apply->plan->changes[i];
        if (!is_of(change, type, CHANGE_CREATE))
            continue;
        Json record = identity_to_target(&apply->arena, type, change->after, apply->map);
        const char *forward = forward_reference(apply, change);
        if (forward)
            record = json_with(&apply->arena, &record, forward, json_null());
        ok = gather_add(&gather, &record, change->label, err);
    }
    return gather_end(&gather, ok, err);
}

static bool set_forward_references(Apply *apply, TypeId type, Error *err) {
    Gather gather = { .apply = apply, .row = catalog_row(type), .kind = CHANGE_UPDATE };
    bool ok = true;
    for (size_t i = 0; ok && i < apply->plan->change_count; i++) {
        const Change *change = &apply->plan->changes[i];
        const char *forward = is_of(change, type, CHANGE_CREATE) ? forward_reference(apply, change) : NULL;
        if (!forward)
            continue;
        Json link = json_with(&apply->arena, NULL, forward, *json_get(change->after, forward));
        Json patch = apply_patch(apply, change, &link);
        ok = gather_add(&gather, &patch, change->label, err);
    }
    return gather_end(&gather, ok, err);
}

/* An update of key and language together is refused, whatever they are: language goes
 * alone. */
static bool splits(const Change *change) {
    return change->type == TYPE_TRANSLATIONS && json_get(change->patch, "key") &&
           json_get(change->patch, "language");
}

static bool update_records(Apply *apply, TypeId type, bool second_half, Error *err) {
    static const char *const language[] = { "language", NULL };
    Gather gather = { .apply = apply, .row = catalog_row(type), .kind = CHANGE_UPDATE };
    bool ok = true;
    for (size_t i = 0; ok && i < apply->plan->change_count; i++) {
        const Change *change = &apply->plan->changes[i];
        if (!is_of(change, type, CHANGE_UPDATE) || (second_half && !splits(change)))
            continue;
        Json part = *change->patch;
        if (second_half)
            part = json_with(&apply->arena, NULL, "language", *json_get(change->patch, "language"));
        else if (splits(change))
            part = json_without(&apply->arena, change->patch, language);
        Json patch = apply_patch(apply, change, &part);
        ok = apply_check(change, err) && gather_add(&gather, &patch, change->label, err);
    }
    return gather_end(&gather, ok, err);
}

static bool write_singleton(Apply *apply, TypeId type, Error *err) {
    const CatalogRow *row = catalog_row(type);
    for (size_t i = 0; i < apply->plan->change_count; i++) {
        const Change *change = &apply->plan->changes[i];
        if (change->type != type || change->kind == CHANGE_DELETE)
            continue;
        const Json *values = change->kind == CHANGE_UPDATE ? change->patch : change->after;
        Json mapped = identity_to_target(&apply->arena, type, values, apply->map);
        Batch batch = { .method = "PATCH",
                        .path = row->endpoint,
                        .key = "id",
                        .what = "updating",
                        .of = row->name,
                        .tag = type };
        AUTO(Buf) body = { 0 };
        canon_compact(&body, &mapped);
        if (!pipeline_send(&apply->pipeline, &batch, &body, NULL, err))
            return false;
    }
    return true;
}

/* What has to stand before records of this type are written: the types they refer to, and what is under way
 * of their own. */
static bool settle_before(Apply *apply, TypeId type, Error *err) {
    uint64_t tags = tag(type);
    for (const Reference *reference = catalog_row(type)->references; reference->field; reference++)
        if (reference->target < TYPE_COUNT)
            tags |= tag(reference->target);
    return pipeline_settle(&apply->pipeline, tags, err);
}

static bool has_changes(const Apply *apply, TypeId type) {
    for (size_t i = 0; i < apply->plan->change_count; i++)
        if (apply->plan->changes[i].type == type && apply->plan->changes[i].kind != CHANGE_DELETE)
            return true;
    return false;
}

bool apply_type(Apply *apply, TypeId type, Error *err) {
    uint64_t own = tag(type);
    if (!has_changes(apply, type))
        return true;
    if (!settle_before(apply, type, err))
        return false;
    if (catalog_row(type)->singleton)
        return write_singleton(apply, type, err);
    return create_records(apply, type, err) &&
           pipeline_settle(&apply->pipeline, catalog_reference(type, "parent") ? own : 0, err) &&
           set_forward_references(apply, type, err) && update_records(apply, type, false, err) &&
           (type != TYPE_TRANSLATIONS ||
            (pipeline_settle(&apply->pipeline, own, err) && update_records(apply, type, true, err)));
}

/* ---- deletes ---- */

/* In the plan's order, which is children first; neighbours of one type go together. */
static bool delete_records(Apply *apply, Error *err) {
    Gather gather = { .apply = apply, .kind = CHANGE_DELETE };
    bool ok = true;
    for (size_t i = 0; ok && i < apply->plan->change_count; i++) {
        const Change *change = &apply->plan->changes[i];
        if (change->kind != CHANGE_DELETE || catalog_is_schema(change->type))
            continue;
        if (gather.row && gather.row->id != change->type)
            ok = send_gathered(&gather, err) && pipeline_settle(&apply->pipeline, PIPELINE_ALL, err);
        gather.row = catalog_row(change->type);
        Json key = target_key(&apply->arena, change->type, change->target_id);
        ok = ok && gather_add(&gather, &key, change->label, err);
    }
    return gather_end(&gather, ok, err) && pipeline_settle(&apply->pipeline, PIPELINE_ALL, err);
}

/* ---- the two halves ---- */

typedef bool (*Half)(Apply *apply, Error *err);

static bool write_records(Apply *apply, Error *err) {
    bool done = false;
    if (!apply_bulk(apply, &done, err))
        return false;
    for (TypeId type = 0; !done && type < TYPE_FLOWS; type++)
        if (!catalog_is_schema(type) && !apply_type(apply, type, err))
            return false;
    return pipeline_settle(&apply->pipeline, PIPELINE_ALL, err);
}

static bool write_flows_and_deletes(Apply *apply, Error *err) {
    return apply_flows(apply, err) && pipeline_settle(&apply->pipeline, PIPELINE_ALL, err) &&
           delete_records(apply, err);
}

static bool run_half(Half half, Session *session, const Plan *plan, const IdMap *map, const WriteGate *gate,
                     bool *flows_stand, Error *err) {
    AUTO(Arena) arena = { 0 };
    Plan by_role;
    if (!session_version(session)->has_policies) {
        by_role = version_10_plan(&arena, plan, map);
        plan = &by_role;
    }
    Apply apply = { .plan = plan,
                    .map = map,
                    .pipeline = { .session = session, .gate = gate },
                    .flows_stand = *flows_stand };
    bool ok = half(&apply, err);
    *flows_stand = apply.flows_stand;
    pipeline_free(&apply.pipeline);
    arena_free(&apply.arena);
    return ok;
}

bool directus_apply(Session *session, const Plan *plan, const IdMap *map, const WriteGate *gate,
                    bool *flows_stand, Error *err) {
    *flows_stand = false;
    return run_half(write_records, session, plan, map, gate, flows_stand, err);
}

bool directus_apply_last(Session *session, const Plan *plan, const IdMap *map, const WriteGate *gate,
                         bool flows_stand, Error *err) {
    return run_half(write_flows_and_deletes, session, plan, map, gate, &flows_stand, err);
}
