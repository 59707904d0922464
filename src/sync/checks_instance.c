/* Checks of the instance. */
#include <math.h>
#include <string.h>

#include "directus/inquiry.h"
#include "directus/pipeline.h"
#include "directus/read.h"
#include "model/licence.h"
#include "sync/checks.h"

static const double CLOCKS_APART = 5; /* seconds: more confuses people who compare times */
static const long SMALL_PAGE = 1000;

/* ---- who answers ---- */

bool check_instance(Checkup *checkup, Error *err) {
    const Instance *instance = checkup->instance;
    const Error *fault = checkup->instance_fault;
    if (fault && !(fault->kind == ERR_REFUSED && instance && instance->directus)) {
        *err = *fault;
        return false;
    }
    if (!instance)
        return true; /* not configured: check_config says so */
    return check_ok(checkup, "Directus %s at %s, known after %.0f ms", instance->directus,
                    checkup->config->url, checkup->answered_in * 1000);
}

/* What a token without admin access may do, as far as it may ask. */
static void put_rights(Checkup *checkup, Error *err) {
    Rights rights;
    Error ignored = { 0 };
    if (checkup->session && directus_rights(checkup->session, &rights, &ignored))
        error_set(err, ERR_REFUSED,
                  "the token's user has no admin access: it may read %zu collections, create in %zu, update "
                  "in %zu and delete in %zu",
                  rights.read, rights.create, rights.update, rights.delete);
}

bool check_rights(Checkup *checkup, Error *err) {
    if (checkup->instance_fault) {
        if (checkup->instance_fault->kind != ERR_REFUSED || !checkup->instance)
            return true; /* check_instance has said it */
        *err = *checkup->instance_fault;
        char hint[sizeof err->hint];
        memcpy(hint, err->hint, sizeof hint);
        put_rights(checkup, err);
        return error_hint(err, "%s", hint);
    }
    if (!checkup->instance)
        return true;
    return check_ok(checkup, "%s has admin access",
                    secret_is_set(&checkup->config->token) ? "the token's user" : "the user who signed in");
}

bool check_target(Checkup *checkup, Error *err) {
    if (checkup->target_fault) {
        *err = *checkup->target_fault;
        return false;
    }
    return !checkup->target || check_ok(checkup, "schema and configuration can be read: %zu records",
                                        snapshot_records(checkup->target));
}

/* ---- what it takes ---- */

static void look_at_rate(Checkup *checkup, const char *name, const char *whose) {
    const Json *limit = json_get(checkup->instance->info, name);
    const Json *points = json_get(limit, "points"), *duration = json_get(limit, "duration");
    if (!json_is(points, JSON_NUMBER) || !json_is(duration, JSON_NUMBER))
        return;
    check_warn(checkup, "nothing to do, or raise RATE_LIMITER_POINTS: at the limit an import waits as told",
               "the rate limiter lets %.0f requests in %.0f s through %s", points->as.number,
               duration->as.number, whose);
}

bool check_limits(Checkup *checkup, Error *err) {
    (void)err;
    size_t before = checkup->count;
    long most = checkup->instance->query_limit_max;
    look_at_rate(checkup, "rateLimit", "per address");
    look_at_rate(checkup, "rateLimitGlobal", "for all together");
    if (most >= 0 && most < SMALL_PAGE)
        check_warn(checkup, "raise QUERY_LIMIT_MAX, or take the time",
                   "QUERY_LIMIT_MAX is %ld: everything is read in pages of that size", most);
    if (checkup->count > before)
        return true;
    if (most < 0)
        return check_ok(checkup, "no rate limiter, no limit on what a query returns");
    return check_ok(checkup, "no rate limiter, queries return up to %ld records", most);
}

bool check_payload(Checkup *checkup, Error *err) {
    bool taken = true;
    if (!directus_takes(checkup->session, BATCH_BYTES, &taken, err))
        return false;
    if (taken)
        return check_ok(checkup, "requests of %d KB are taken", BATCH_BYTES / 1000);
    return check_warn(checkup,
                      "set MAX_PAYLOAD_SIZE to 1mb (Directus's default) or more, and the same in a proxy in "
                      "front of it (nginx: client_max_body_size)",
                      "a request of %d KB is refused as too large: an import of many rows sends such ones",
                      BATCH_BYTES / 1000);
}

bool check_pressure(Checkup *checkup, Error *err) {
    (void)err;
    size_t refused = session_refused(checkup->session), sent = session_requests(checkup->session);
    if (refused == 0)
        return check_ok(checkup, "none of %zu requests was refused for want of resources", sent);
    return check_warn(checkup,
                      "give it more memory and CPU, or raise PRESSURE_LIMITER_MAX_EVENT_LOOP_UTILIZATION and "
                      "_DELAY; an import repeats such requests",
                      "%zu of %zu requests were refused: the instance is under pressure", refused, sent);
}

bool check_cache(Checkup *checkup, Error *err) {
    (void)err;
    long seconds = checkup->instance->cache_seconds;
    if (seconds <= 0)
        return check_ok(checkup, "no answer outlives a write");
    return check_warn(
        checkup,
        "set CACHE_AUTO_PURGE=true, or clear the cache after an import (POST /utils/cache/clear); "
        "schema-sync itself reads past it",
        "the response cache is on without CACHE_AUTO_PURGE: others may go on seeing what was before "
        "an import (the answer just read for %ld s)",
        seconds);
}

static void look_at_clock(Checkup *checkup, const char *whose, double ahead) {
    if (fabs(ahead) > CLOCKS_APART)
        check_warn(checkup, "set the clocks by NTP; the lock goes by the database's clock alone",
                   "the clock of %s is %.0f s %s this one", whose, fabs(ahead),
                   ahead > 0 ? "ahead of" : "behind");
}

bool check_clock(Checkup *checkup, Error *err) {
    (void)err;
    size_t before = checkup->count;
    if (checkup->instance->clock_known)
        look_at_clock(checkup, "the instance", checkup->instance->clock_ahead);
    if (checkup->health.version[0])
        look_at_clock(checkup, "the database", checkup->health.ahead);
    return checkup->count > before || check_ok(checkup, "less than %.0f s apart", CLOCKS_APART);
}

/* ---- licence ---- */

/* Says how it stands, or fails with what does not fit. */
static bool fits(Checkup *checkup, const char *what, LicenceUse use, long limit, Error *err) {
    if (limit < 0)
        return true;
    if (use.added == 0 || use.used + use.added <= (size_t)limit)
        return check_ok(checkup, "%zu of %ld %s%s", use.used + use.added, limit, what,
                        use.added ? " with what the files bring" : "");
    error_set(err, ERR_REFUSED,
              "the instance's licence allows %ld %s: %zu are there, and the files bring %zu more", limit,
              what, use.used, use.added);
    return error_hint(err,
                      "an import creates before it deletes: remove %s there first, or get a licence that "
                      "allows more",
                      what);
}

/* Users that the files' policies let into the app count as seats at once. */
static bool seats_fit(Checkup *checkup, const Json *license, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) filter = { 0 };
    const Json *used = json_path(license, "usage", "seats", NULL);
    LicenceUse use = { .used = json_is(used, JSON_NUMBER) ? (size_t)used->as.number : 0 };
    const char *const *roles = licence_new_seats(checkup->files, checkup->target, &arena);
    if (*roles) {
        uint64_t users = 0;
        buf_puts(&filter, "{\"_and\":[{\"status\":{\"_eq\":\"active\"}},{\"role\":{\"_in\":[");
        for (size_t i = 0; roles[i]; i++)
            buf_printf(&filter, "%s\"%s\"", i ? "," : "", roles[i]);
        buf_puts(&filter, "]}}]}");
        if (!directus_count(checkup->session, "directus_users", buf_text(&filter), &users, err))
            return false;
        use.added = (size_t)users;
    }
    return fits(checkup, "seats", use, licence_limit(license, "seats"), err);
}

static bool rules_fit(const Checkup *checkup, const Json *license, Error *err) {
    AUTO(Arena) arena = { 0 };
    const Snapshot *files = checkup->files;
    const Record *first;
    size_t count = licence_custom_rules(files, &first);
    if (count == 0 || !checkup->target->present[TYPE_PERMISSIONS] ||
        licence_feature(license, "custom_permission_rules_enabled"))
        return true;
    error_set(err, ERR_REFUSED,
              "the instance's licence allows no permissions with conditions or chosen fields: the files have "
              "%zu, the first at %s",
              count, snapshot_place(files, first, NULL, &arena));
    return error_hint(err, "get a licence that allows them, or leave access out of this environment "
                           "(\"directus_permissions\": false under \"collections\")");
}

/* Whether an import would add anything a licence limits: else it is not asked for. A target that shows
 * custom rules allows them: one that does not hides them. */
static bool licence_matters(const Checkup *checkup, LicenceUse collections, LicenceUse flows) {
    AUTO(Arena) arena = { 0 };
    const Snapshot *files = checkup->files, *target = checkup->target;
    const Record *first;
    bool rules = licence_custom_rules(files, &first) && !licence_custom_rules(target, &first);
    return collections.added || flows.added ||
           (target->present[TYPE_PERMISSIONS] && (rules || *licence_new_seats(files, target, &arena)));
}

bool check_licence(Checkup *checkup, Error *err) {
    AUTO(Arena) arena = { 0 };
    Json license;
    bool compare = checkup->target && checkup_has_files(checkup);
    LicenceUse collections = { 0 }, flows = { 0 };
    if (!checkup->instance->version.has_license)
        return check_ok(checkup, "Directus %d limits nothing", checkup->instance->version.major);
    if (compare) {
        collections = licence_collections(checkup->files, checkup->target);
        flows = licence_flows(checkup->files, checkup->target);
    }
    if (!checkup->thorough && !(compare && licence_matters(checkup, collections, flows)))
        return true;
    if (!directus_license(checkup->session, &arena, &license, err))
        return false;
    if (json_is_null(&license))
        return check_ok(checkup, "the instance tells of none");
    const char *name = json_get_text(&license, "name");
    if (!compare)
        return check_ok(checkup, "\"%s\"", name ? name : "unnamed");
    return fits(checkup, "collections", collections, licence_limit(&license, "collections"), err) &&
           fits(checkup, "active flows", flows, licence_limit(&license, "flows"), err) &&
           seats_fit(checkup, &license, err) && rules_fit(checkup, &license, err);
}
