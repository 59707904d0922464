/*
 * Flows and operations in stages: they refer to each other, and flows.operation, operations.resolve and
 * operations.reject are UNIQUE.
 */
#include <string.h>

#include "directus/apply.h"

static const char *const flow_links[] = { "operation", NULL };
static const char *const operation_links[] = { "resolve", "reject", NULL };

static const char *const *links_of(TypeId type) {
    return type == TYPE_FLOWS ? flow_links : operation_links;
}

/* Whether some record of the type is to point to `id` through `field` when all is done. */
static bool is_taken_over(const Apply *apply, TypeId type, const char *field, const char *id) {
    for (size_t i = 0; i < apply->plan->change_count; i++) {
        const Change *change = &apply->plan->changes[i];
        const Json *values = change->kind == CHANGE_CREATE ? change->after : change->patch;
        if (change->type == type && change->kind != CHANGE_DELETE &&
            str_equal(json_get_text(values, field), id))
            return true;
    }
    return false;
}

/* The links of one record that have to be let go before others are set: UNIQUE ones that somebody else takes
 * over, and those of operations that are deleted (they may point to each other). An empty object when there
 * are none. */
static Json links_to_clear(Apply *apply, const Change *change) {
    JsonObjectBuilder nulls = json_object_builder(&apply->arena);
    for (const char *const *link = links_of(change->type); *link; link++) {
        const char *old = json_get_text(change->before, *link);
        bool changes = change->kind == CHANGE_DELETE || json_get(change->patch, *link);
        bool dies = change->kind == CHANGE_DELETE && change->type == TYPE_OPERATIONS;
        if (old && changes && (dies || is_taken_over(apply, change->type, *link, old)))
            json_object_put(&nulls, *link, json_null());
    }
    return json_object_done(&nulls);
}

static bool clear_links(Apply *apply, TypeId type, Error *err) {
    Gather gather = { .apply = apply, .row = catalog_row(type), .kind = CHANGE_UPDATE };
    bool ok = true;
    for (size_t i = 0; ok && i < apply->plan->change_count; i++) {
        const Change *change = &apply->plan->changes[i];
        if (change->type != type || change->kind == CHANGE_CREATE)
            continue;
        Json nulls = links_to_clear(apply, change);
        if (nulls.count == 0)
            continue;
        Json patch = apply_patch(apply, change, &nulls);
        ok = gather_add(&gather, &patch, change->label, err);
    }
    return gather_end(&gather, ok, err);
}

/* New flows are inactive and start nowhere, new operations lead nowhere. */
static bool create_unlinked(Apply *apply, TypeId type, Error *err) {
    Gather gather = { .apply = apply, .row = catalog_row(type), .kind = CHANGE_CREATE };
    bool ok = true;
    for (size_t i = 0; ok && i < apply->plan->change_count; i++) {
        const Change *change = &apply->plan->changes[i];
        if (change->type != type || change->kind != CHANGE_CREATE)
            continue;
        Json record = identity_to_target(&apply->arena, type, change->after, apply->map);
        for (const char *const *link = links_of(type); *link; link++)
            record = json_with(&apply->arena, &record, *link, json_null());
        if (type == TYPE_FLOWS)
            record = json_with(&apply->arena, &record, "status", json_string(&apply->arena, "inactive"));
        ok = gather_add(&gather, &record, change->label, err);
    }
    return gather_end(&gather, ok, err);
}

/* What a created record still lacks. */
static Json missing_part(Apply *apply, const Change *change) {
    JsonObjectBuilder part = json_object_builder(&apply->arena);
    for (const char *const *link = links_of(change->type); *link; link++)
        if (json_get_text(change->after, *link) &&
            !(apply->flows_stand && apply_is_new_link(apply, change, *link)))
            json_object_put(&part, *link, *json_get(change->after, *link));
    const char *status = json_get_text(change->after, "status");
    if (change->type == TYPE_FLOWS && status && strcmp(status, "inactive") != 0)
        json_object_put(&part, "status", *json_get(change->after, "status"));
    return json_object_done(&part);
}

static bool finish_linked(Apply *apply, TypeId type, Error *err) {
    Gather gather = { .apply = apply, .row = catalog_row(type), .kind = CHANGE_UPDATE };
    bool ok = true;
    for (size_t i = 0; ok && i < apply->plan->change_count; i++) {
        const Change *change = &apply->plan->changes[i];
        if (change->type != type || change->kind == CHANGE_DELETE)
            continue;
        Json part = change->kind == CHANGE_CREATE ? missing_part(apply, change) : *change->patch;
        if (part.count == 0)
            continue;
        Json patch = apply_patch(apply, change, &part);
        ok = gather_add(&gather, &patch, change->label, err);
    }
    return gather_end(&gather, ok, err);
}

typedef bool (*Stage)(Apply *apply, TypeId type, Error *err);

static bool run_stage(Apply *apply, Stage stage, TypeId type, Error *err) {
    return stage(apply, type, err) &&
           pipeline_settle(&apply->pipeline, UINT64_C(1) << TYPE_FLOWS | UINT64_C(1) << TYPE_OPERATIONS, err);
}

/* Everything else stands before the first flow becomes active. */
bool apply_flows(Apply *apply, Error *err) {
    return (apply->flows_stand || (run_stage(apply, create_unlinked, TYPE_FLOWS, err) &&
                                   run_stage(apply, create_unlinked, TYPE_OPERATIONS, err))) &&
           run_stage(apply, clear_links, TYPE_FLOWS, err) &&
           run_stage(apply, clear_links, TYPE_OPERATIONS, err) &&
           run_stage(apply, finish_linked, TYPE_OPERATIONS, err) &&
           pipeline_settle(&apply->pipeline, PIPELINE_ALL, err) &&
           run_stage(apply, finish_linked, TYPE_FLOWS, err);
}
