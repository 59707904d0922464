/*
 * The plan's records in one transaction: POST /utils/import with several collections (Directus 12.2).
 *
 * The server sorts the collections itself, writes record by record (with an existing key it updates what is
 * sent, else it creates) and sets references that may be part of a circle in a second pass. Read in 12.4.0's
 * services/import and seen there:
 *
 *   - A reference of the second pass that is null is never written: such nulls are sent by PATCH afterwards.
 *   - Rows of access, parents of roles, and admin_access and app_access of policies that are updated make the
 *     server count all users for every record that comes behind them, in every collection: 1.4 s instead of
 *     0.6 s for 200 records. They are sent in batches of their own when all that they grant stands; until
 * then nobody has more rights than before.
 *   - Caches of permissions are cleared before the transaction ends, and may be filled from before it: they
 * are cleared again behind it.
 *   - Flows are loaded before it ends, too. New ones are inactive here, changes of old ones are no part of
 * it.
 *
 * There is no dry run first: it takes as long as the import, runs the same filter flows and refuses the same
 * things; and an import that is refused leaves nothing behind.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "directus/apply.h"
#include "directus/read.h"
#include "model/canon.h"

/* IMPORT_MAX_FILE_SIZE is 50 MB by default. */
enum { BULK_BYTES = 45 * 1000 * 1000 };

/* The records of one type; `records` is a JSON list without its end. */
typedef struct {
    Buf records;
    const char **labels;
    size_t count, capacity, creates, updates;
} Part;

typedef struct {
    Apply *apply;
    Part parts[TYPE_COUNT];
} Bulk;

static void bulk_free(Bulk *bulk) {
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        buf_free(&bulk->parts[type].records);
}
AUTO_DEFINE(Bulk, bulk_free);

/* ---- what goes where ---- */

static bool is_flow_type(TypeId type) {
    return type == TYPE_FLOWS || type == TYPE_OPERATIONS;
}

/* Members that are sent when all records stand. */
static bool member_waits(const Change *change, const char *name, const Json *value) {
    const Reference *reference = catalog_reference(change->type, name);
    if (change->type == TYPE_ROLES && strcmp(name, "parent") == 0)
        return true;
    if (change->kind == CHANGE_CREATE)
        return false;
    if (change->type == TYPE_POLICIES &&
        (strcmp(name, "admin_access") == 0 || strcmp(name, "app_access") == 0))
        return true;
    /* key and language together are refused in an update */
    if (change->type == TYPE_TRANSLATIONS && strcmp(name, "language") == 0)
        return json_get(change->patch, "key") != NULL;
    return reference && reference->deferred && json_is_null(value);
}

/* The members of a change that wait, or those that do not. */
static Json part_of(Apply *apply, const Change *change, bool waiting) {
    const Json *values = change->kind == CHANGE_CREATE ? change->after : change->patch;
    JsonObjectBuilder part = json_object_builder(&apply->arena);
    for (uint32_t i = 0; i < values->count; i++) {
        const JsonMember *member = &values->as.members[i];
        if (member_waits(change, member->key, &member->value) == waiting)
            json_object_put(&part, member->key, member->value);
    }
    return json_object_done(&part);
}

/* A new flow starts nothing, and leads where nothing but a new operation is. */
static Json unlinked(Apply *apply, const Change *change, Json record) {
    static const char *const links[] = { "operation", "resolve", "reject" };
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (json_get_text(&record, links[i]) && !apply_is_new_link(apply, change, links[i]))
            record = json_with(&apply->arena, &record, links[i], json_null());
    if (change->type == TYPE_FLOWS)
        record = json_with(&apply->arena, &record, "status", json_string(&apply->arena, "inactive"));
    return record;
}

/* ---- gathering ---- */

static void gather(Bulk *bulk, const Change *change) {
    Apply *apply = bulk->apply;
    Part *part = &bulk->parts[change->type];
    Json values = part_of(apply, change, false), record;
    bool singleton = catalog_row(change->type)->singleton;
    if (values.count == 0)
        return;
    if (change->kind == CHANGE_UPDATE && !singleton)
        record = apply_patch(apply, change, &values);
    else
        record = identity_to_target(&apply->arena, change->type, &values, apply->map);
    if (is_flow_type(change->type))
        record = unlinked(apply, change, record);
    buf_putc(&part->records, part->count ? ',' : '[');
    canon_compact(&part->records, &record);
    ARENA_PUSH(&apply->arena, part->labels, part->count, part->capacity, change->label);
    *(change->kind == CHANGE_CREATE && !singleton ? &part->creates : &part->updates) += 1;
}

static bool gather_all(Bulk *bulk, Error *err) {
    const Plan *plan = bulk->apply->plan;
    for (size_t i = 0; i < plan->change_count; i++) {
        const Change *change = &plan->changes[i];
        if (catalog_is_schema(change->type) || change->kind == CHANGE_DELETE || change->type == TYPE_ACCESS ||
            (is_flow_type(change->type) && change->kind != CHANGE_CREATE))
            continue;
        if (!apply_check(change, err))
            return false;
        gather(bulk, change);
    }
    return true;
}

/* One batch is a transaction of its own. */
static bool is_worth_it(const Bulk *bulk) {
    size_t batches = 0, bytes = 0;
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        const Part *part = &bulk->parts[type];
        batches += (size_t)(part->creates > 0) + (size_t)(part->updates > 0);
        bytes += part->records.length;
    }
    return batches > 1 && bytes < BULK_BYTES;
}

static void put_body(const Bulk *bulk, Buf *body) {
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        const Part *part = &bulk->parts[type];
        if (part->count == 0)
            continue;
        buf_printf(body, "%s{\"collection\":\"%s\",\"items\":", body->length ? "," : "[",
                   catalog_row(type)->collection);
        buf_append(body, part->records.data, part->records.length);
        buf_puts(body, "]}");
    }
    buf_putc(body, ']');
}

/* ---- the answer ---- */

/* The way is closed, whatever is sent: too large for a proxy or a limit of the server's, too many imports at
 * once. Nothing was written. */
static bool is_refused_as_such(const Exchange *exchange) {
    static const char *const reasons[] = { "max batch mutation", "Concurrent import", "CONTENT_TOO_LARGE",
                                           "ROUTE_NOT_FOUND" };
    if (exchange->state != EXCHANGE_DONE || exchange->status < 400 || exchange->status >= 500)
        return false;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strstr(buf_text(&exchange->answer), reasons[i]))
            return true;
    return exchange->status == 413;
}

static void explain(Bulk *bulk, const Exchange *exchange, Error *err) {
    AUTO(Arena) arena = { 0 };
    Error ignored;
    Json answer;
    const Json *errors = NULL;
    if (exchange->state == EXCHANGE_DONE &&
        json_parse(&arena, buf_text(&exchange->answer), exchange->answer.length, JSON_SYNTAX, &answer,
                   &ignored))
        errors = json_get(&answer, "errors");
    if (json_is(errors, JSON_ARRAY) && errors->count) {
        const char *name = json_get_text(json_get(&errors->as.items[0], "extensions"), "collection");
        TypeId type = name ? catalog_find(name) : TYPE_NONE;
        if (type < TYPE_COUNT && bulk->parts[type].count) {
            Part *part = &bulk->parts[type];
            Batch batch = { .key = "id",
                            .what = "writing",
                            .of = part->count == 1 ? catalog_row(type)->singular : catalog_row(type)->name,
                            .records = part->count,
                            .labels = part->labels };
            buf_putc(&part->records, ']');
            batch_explain(&batch, &part->records, exchange, err);
        }
    }
    error_context(err, "writing the configuration in one transaction");
}

/* Updates find their record, creates make one. */
static bool check_written(const Bulk *bulk, const Exchange *exchange, Error *err) {
    AUTO(Arena) arena = { 0 };
    Json whole;
    if (!exchange_parse(exchange, &arena, &whole, err))
        return false;
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        const Part *part = &bulk->parts[type];
        if (part->count == 0)
            continue;
        const Json *told = json_path(&whole, "data", "collections", catalog_row(type)->collection, NULL);
        const Json *made = json_get(told, "new"), *found = json_get(told, "existing");
        if (json_is(made, JSON_ARRAY) && json_is(found, JSON_ARRAY) && made->count == part->creates &&
            found->count == part->updates)
            continue;
        error_set(err, ERR_REMOTE,
                  "POST /utils/import: %zu new and %zu changed %s were sent, %u and %u written",
                  part->creates, part->updates, catalog_row(type)->name, made ? made->count : 0,
                  found ? found->count : 0);
        return error_hint(err, "somebody else writes to the instance: run the command again");
    }
    return true;
}

static bool send_bulk(Bulk *bulk, bool *done, Error *err) {
    const Pipeline *pipeline = &bulk->apply->pipeline;
    const WriteGate *gate = pipeline->gate;
    AUTO(Exchange) exchange = { 0 };
    if (gate && gate->check && !gate->check(gate->context, err))
        return false;
    session_prepare(&exchange, "POST", "/utils/import?mode=merge", NULL);
    exchange.body_kind = BODY_FILE;
    put_body(bulk, &exchange.body);
    *done = session_run(pipeline->session, &exchange, 1, err);
    if (*done)
        return check_written(bulk, &exchange, err);
    if (is_refused_as_such(&exchange)) {
        log_say(LOG_NOTE, "the instance does not take the configuration at once (%s): in batches",
                err->message);
        *err = (Error){ 0 };
        return true;
    }
    explain(bulk, &exchange, err);
    return false;
}

/* ---- what waited ---- */

static bool patch_waiting(Apply *apply, TypeId type, Error *err) {
    Gather list = { .apply = apply, .row = catalog_row(type), .kind = CHANGE_UPDATE };
    bool ok = true;
    for (size_t i = 0; ok && i < apply->plan->change_count; i++) {
        const Change *change = &apply->plan->changes[i];
        if (change->type != type || change->kind == CHANGE_DELETE)
            continue;
        Json part = part_of(apply, change, true);
        bool root = change->kind == CHANGE_CREATE && !json_get_text(&part, "parent");
        if (part.count == 0 || root)
            continue;
        Json patch = apply_patch(apply, change, &part);
        ok = gather_add(&list, &patch, change->label, err);
    }
    return gather_end(&list, ok, err);
}

static bool has_access_changes(const Apply *apply) {
    for (size_t i = 0; i < apply->plan->change_count; i++)
        if (apply->plan->changes[i].type == TYPE_ACCESS && apply->plan->changes[i].kind != CHANGE_DELETE)
            return true;
    return false;
}

/* A write of grants clears the caches. */
static bool write_waiting(const Bulk *bulk, Error *err) {
    Apply *apply = bulk->apply;
    bool stale = bulk->parts[TYPE_PERMISSIONS].count || bulk->parts[TYPE_POLICIES].count;
    if (has_access_changes(apply) ? !apply_type(apply, TYPE_ACCESS, err)
                                  : stale && !directus_clear_cache(apply->pipeline.session, err))
        return false;
    for (TypeId type = 0; type < TYPE_FLOWS; type++)
        if (!catalog_is_schema(type) && !patch_waiting(apply, type, err))
            return false;
    return pipeline_settle(&apply->pipeline, PIPELINE_ALL, err);
}

bool apply_bulk(Apply *apply, bool *done, Error *err) {
    AUTO(Bulk) bulk = { .apply = apply };
    *done = false;
    if (!session_version(apply->pipeline.session)->has_utils_import)
        return true;
    if (!gather_all(&bulk, err))
        return false;
    if (!is_worth_it(&bulk))
        return true;
    if (!send_bulk(&bulk, done, err))
        return false;
    apply->flows_stand = *done;
    return !*done || write_waiting(&bulk, err);
}
