/* Who and what is at the other end: version, limits, and the user the token belongs to. */
#include <stdio.h>
#include <string.h>

#include "directus/session_part.h"

/* Something that takes a connection and stays silent is no Directus: these two requests are answered at once.
 */
static const double FIRST_PATIENCE = 20;

/*
 * One request for the user, the role and both their policies. Nested lists stop at QUERY_LIMIT_DEFAULT unless
 * told otherwise. ip_access counts for nothing here: a policy that does not hold from this address is still
 * one of the user's.
 */
static const char USER_QUERY[] =
    "{\"filter\":{\"id\":{\"_eq\":\"$CURRENT_USER\"}},\"fields\":[\"id\",\"role.id\",\"role.parent\","
    "\"policies.policy.id\",\"policies.policy.admin_access\",\"role.policies.policy.id\",\"role.policies."
    "policy.admin_access\"],"
    "\"deep\":{\"policies\":{\"_limit\":-1},\"role\":{\"policies\":{\"_limit\":-1}}}}";

/* The same for a role with parents: $CURRENT_ROLES is the whole line of them. */
static const char ACCESS_QUERY[] =
    "{\"filter\":{\"_or\":[{\"user\":{\"_eq\":\"$CURRENT_USER\"}},{\"role\":{\"_in\":\"$CURRENT_ROLES\"}}]},"
    "\"fields\":[\"policy.id\",\"policy.admin_access\"],\"limit\":-1}";

/* Where there are no policies. */
static const char ROLE_QUERY[] = "{\"filter\":{\"id\":{\"_eq\":\"$CURRENT_USER\"}},"
                                 "\"fields\":[\"id\",\"role.id\",\"role.admin_access\"]}";

typedef struct {
    Arena *arena;
    const char **ids;
    size_t count, capacity;
    bool admin;
} Policies;

/* Rows of directus_access with their policy. */
static void take_policies(Policies *policies, const Json *rows) {
    for (uint32_t i = 0; json_is(rows, JSON_ARRAY) && i < rows->count; i++) {
        const Json *policy = json_get(&rows->as.items[i], "policy");
        const char *id = json_get_text(policy, "id");
        if (!id)
            continue;
        policies->admin |= json_get_bool(policy, "admin_access", false);
        ARENA_PUSH(policies->arena, policies->ids, policies->count, policies->capacity, id);
    }
}

static bool take_info(Session *session, const Exchange *exchange, Instance *instance, Error *err) {
    Json whole;
    if (!exchange_parse(exchange, session_arena(session), &whole, err))
        return false;
    const Json *data = json_get(&whole, "data");
    const char *version = json_get_text(data, "version");
    if (!json_get(data, "project")) {
        error_set(err, ERR_REMOTE,
                  "GET /server/info: this is not a Directus (the answer does not describe a project)");
        return error_hint(err, "is DIRECTUS_URL right?");
    }
    if (!version) {
        error_set(err, ERR_REFUSED, "the token belongs to no user: the instance does not tell its version");
        return error_hint(err, "use the static token of a user with admin access as DIRECTUS_TOKEN");
    }
    const Json *limit = json_path(data, "queryLimit", "max", NULL);
    instance->info = data;
    instance->clock_known = exchange->clock_known;
    instance->clock_ahead = exchange->clock_ahead;
    instance->cache_seconds = exchange->max_age;
    instance->directus = version;
    instance->version = version_parse(version);
    instance->query_limit_max = json_is(limit, JSON_NUMBER) ? (long)limit->as.number : -1;
    session_note_query_limit(session, instance->query_limit_max);
    session_note_version(session, &instance->version);
    if (version_is_supported(&instance->version))
        return true;
    error_set(err, ERR_REMOTE, "the instance is a Directus %s", version);
    return error_hint(err, "Directus " VERSION_OLDEST " or newer is needed");
}

static bool no_admin(Error *err) {
    error_set(err, ERR_REFUSED, "the token's user has no admin access");
    return error_hint(
        err,
        "give DIRECTUS_TOKEN's user a policy with admin access: schema and policies are open to nobody else");
}

/* A user without admin access may not even see the own policies: 403 for the whole query. */
static bool take_user(Session *session, Exchange *exchange, bool answered, Instance *instance, Error *err) {
    Arena *arena = session_arena(session);
    Json whole;
    if (!answered)
        return exchange->status == 403 ? no_admin(err) : false;
    if (!exchange_parse(exchange, arena, &whole, err))
        return false;
    const Json *rows = json_get(&whole, "data");
    if (!json_is(rows, JSON_ARRAY) || rows->count != 1)
        return no_admin(err);
    const Json *user = &rows->as.items[0];
    Policies policies = { .arena = arena };
    instance->user_id = json_get_text(user, "id");
    instance->role_id = json_get_text(json_get(user, "role"), "id");
    if (json_text(json_path(user, "role", "parent", NULL))) {
        AUTO(Exchange) access = { 0 };
        session_prepare_search(&access, "/access", ACCESS_QUERY);
        if (!session_run(session, &access, 1, err))
            return access.status == 403 ? no_admin(err) : false;
        if (!exchange_parse(&access, arena, &whole, err))
            return false;
        take_policies(&policies, json_get(&whole, "data"));
    } else {
        take_policies(&policies, json_get(user, "policies"));
        take_policies(&policies, json_path(user, "role", "policies", NULL));
    }
    ARENA_PUSH(arena, policies.ids, policies.count, policies.capacity, NULL);
    instance->policy_ids = policies.ids;
    instance->admin = policies.admin;
    return policies.admin ? true : no_admin(err);
}

/* A role carries its access itself; its policy has the role's id (see version_10.h). */
static bool take_user_of_role(Session *session, Instance *instance, Error *err) {
    AUTO(Exchange) exchange = { 0 };
    Arena *arena = session_arena(session);
    Json whole;
    session_prepare_search(&exchange, "/users", ROLE_QUERY);
    if (!session_run(session, &exchange, 1, err))
        return exchange.status == 403 ? no_admin(err) : false;
    if (!exchange_parse(&exchange, arena, &whole, err))
        return false;
    const Json *rows = json_get(&whole, "data");
    if (!json_is(rows, JSON_ARRAY) || rows->count != 1)
        return no_admin(err);
    const Json *role = json_get(&rows->as.items[0], "role");
    const char **policies = arena_array(arena, 2, sizeof *policies);
    instance->user_id = json_get_text(&rows->as.items[0], "id");
    instance->role_id = policies[0] = json_get_text(role, "id");
    instance->policy_ids = policies;
    instance->admin = json_get_bool(role, "admin_access", false);
    return instance->admin ? true : no_admin(err);
}

bool session_identify(Session *session, Instance *instance, Error *err) {
    AUTO(Exchange) info = { 0 };
    AUTO(Exchange) user = { 0 };
    Error user_error;
    *instance = (Instance){ .query_limit_max = -1 };
    session_prepare(&info, "GET", "/server/info", NULL);
    session_prepare_search(&user, "/users", USER_QUERY);
    double timeout = session_timeout_seconds(session);
    info.patience = user.patience = timeout < FIRST_PATIENCE ? timeout : FIRST_PATIENCE;
    if (!session_send(session, &info, err) || !session_send(session, &user, err)) {
        session_cancel(session, &info);
        return false;
    }
    bool info_ok = session_await(session, &info, err);
    bool user_ok = session_await(session, &user, &user_error);
    if (!info_ok || !take_info(session, &info, instance, err))
        return false;
    if (!instance->version.has_policies)
        return take_user_of_role(session, instance, err);
    if (!user_ok)
        *err = user_error;
    return take_user(session, &user, user_ok, instance, err);
}

bool session_identify_user(Session *session, Instance *instance, Error *err) {
    AUTO(Exchange) user = { 0 };
    if (!instance->version.has_policies)
        return take_user_of_role(session, instance, err);
    session_prepare_search(&user, "/users", USER_QUERY);
    bool answered = session_run(session, &user, 1, err);
    return take_user(session, &user, answered, instance, err);
}
