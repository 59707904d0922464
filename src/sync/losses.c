#include "sync/losses.h"

#include <inttypes.h>
#include <string.h>

#include "directus/read.h"

/* ---- tables and columns ---- */

static bool count_schema_loss(Session *session, Plan *plan, const Change *change, Error *err) {
    AUTO(Arena) arena = { 0 };
    uint64_t rows = 0;
    if (change->type == TYPE_COLLECTIONS) {
        const char *name =
            renames_old_collection(&plan->renames, json_get_text(change->before, "collection"));
        if (!directus_count(session, name, NULL, &rows, err))
            return false;
        if (rows)
            plan_loss(plan, change, rows, "table %s would be dropped with %" PRIu64 " row%s", change->label,
                      rows, rows == 1 ? "" : "s");
        return true;
    }
    const char *dot = strchr(change->label, '.');
    const char *collection = arena_strndup(&arena, change->label, (size_t)(dot - change->label));
    const char *filter = arena_printf(&arena, "{\"%s\":{\"_nnull\":true}}",
                                      renames_old_field(&plan->renames, collection, dot + 1));
    if (!directus_count(session, renames_old_collection(&plan->renames, collection), filter, &rows, err))
        return false;
    if (rows)
        plan_loss(plan, change, rows, "%s %s with %" PRIu64 " value%s",
                  change->kind == CHANGE_DELETE ? "dropped: field" : "changed in type: field", change->label,
                  rows, rows == 1 ? "" : "s");
    return true;
}

/* ---- users ---- */

typedef struct {
    const char **state_ids, **target_ids;
    size_t count;
} Roles;

static bool among(const Roles *roles, const char *id) {
    for (size_t i = 0; id && i < roles->count; i++)
        if (strcmp(roles->state_ids[i], id) == 0)
            return true;
    return false;
}

static bool holds_policy(const Snapshot *target, const char *role, const char *policy) {
    const RecordList *access = &target->types[TYPE_ACCESS];
    for (size_t i = 0; i < access->count; i++)
        if (str_equal(json_get_text(&access->items[i].json, "role"), role) &&
            str_equal(json_get_text(&access->items[i].json, "policy"), policy))
            return true;
    return false;
}

/* A role has what those above it hold. */
static Roles holders_of(Arena *arena, const Snapshot *target, const char *policy) {
    const RecordList *list = &target->types[TYPE_ROLES];
    Roles roles = { arena_array(arena, list->count + 1, sizeof *roles.state_ids),
                    arena_array(arena, list->count + 1, sizeof *roles.target_ids), 0 };
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < list->count; i++) {
            const Record *role = &list->items[i];
            if (among(&roles, role->id) || !(among(&roles, json_get_text(&role->json, "parent")) ||
                                             holds_policy(target, role->id, policy)))
                continue;
            roles.state_ids[roles.count] = role->id;
            roles.target_ids[roles.count++] = role->target_id;
            more = true;
        }
    }
    return roles;
}

static bool count_users_of(Session *session, const Roles *roles, uint64_t *users, Error *err) {
    AUTO(Buf) filter = { 0 };
    *users = 0;
    if (!roles->count)
        return true;
    buf_puts(&filter, "{\"role\":{\"_in\":[");
    for (size_t i = 0; i < roles->count; i++)
        buf_printf(&filter, "%s\"%s\"", i ? "," : "", roles->target_ids[i]);
    buf_puts(&filter, "]}}");
    return directus_count(session, "directus_users", buf_text(&filter), users, err);
}

/* A user may hold a policy itself and by its role: it is counted for each, which is enough to refuse. */
static bool count_users(Session *session, const Snapshot *target, const Change *change, uint64_t *users,
                        Error *err) {
    AUTO(Arena) arena = { 0 };
    uint64_t by_role = 0;
    if (change->type == TYPE_ROLES) {
        const Roles one = { (const char *[]){ change->id }, (const char *[]){ change->target_id }, 1 };
        return count_users_of(session, &one, users, err);
    }
    const char *filter = arena_printf(
        &arena, "{\"_and\":[{\"policy\":{\"_eq\":\"%s\"}},{\"user\":{\"_nnull\":true}}]}", change->target_id);
    Roles roles = holders_of(&arena, target, change->id);
    if (!directus_count(session, "directus_access", filter, users, err) ||
        !count_users_of(session, &roles, &by_role, err))
        return false;
    *users += by_role;
    return true;
}

static bool count_holders(Session *session, const Snapshot *target, Plan *plan, const Change *change,
                          Error *err) {
    uint64_t users = 0;
    if (!count_users(session, target, change, &users, err))
        return false;
    if (users)
        plan_loss(plan, change, users, "%s \"%s\" would be deleted while %" PRIu64 " user%s it",
                  catalog_row(change->type)->singular, change->label, users,
                  users == 1 ? " holds" : "s hold");
    return true;
}

/* ---- all ---- */

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

bool count_losses(Session *session, const Snapshot *target, Plan *plan, Error *err) {
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
                !count_holders(session, target, plan, change, err))
                return false;
        }
    }
    return true;
}

bool refuse_losses(const Config *config, const ImportOptions *options, const Plan *plan, Error *err) {
    if (!plan->loss_count || options->allow_delete || config->allow_delete)
        return true;
    AUTO(Buf) list = { 0 };
    for (size_t i = 0; i < plan->loss_count; i++)
        buf_printf(&list, "%s%s", i ? "; " : "", plan->losses[i].text);
    error_set(err, ERR_REFUSED, "this would lose data on %s: %s", config->url, buf_text(&list));
    return error_hint(err, "nothing was written; --dry-run shows all of it, --allow-delete permits it");
}
