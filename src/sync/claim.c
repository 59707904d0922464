#include "sync/claim.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/redact.h"
#include "directus/read.h"
#include "postgres/health.h"
#include "postgres/rename.h"
#include "sync/common.h"
#include "sync/interrupt.h"

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void sleep_seconds(double seconds) {
    struct timespec wait = { .tv_sec = (time_t)seconds };
    wait.tv_nsec = (long)((seconds - (double)wait.tv_sec) * 1e9);
    nanosleep(&wait, NULL);
}

static bool read_again(Holding *holding, Error *err) {
    marker_free(&holding->seen);
    return marker_read(holding->database, &holding->seen, err);
}

void holding_begin(const Config *config, Holding *holding) {
    *holding = (Holding){ .config = config };
    glance_begin(&holding->glance, config);
}

bool holding_look(Holding *holding, bool look_only, Error *err) {
    const Config *config = holding->config;
    if (config->marker == MARKER_NONE || (look_only && !holding->glance.wanted))
        return true; /* a dry run can do without: it plans everything */
    if (!config_need_database(config, err) || !glance_wait(&holding->glance, err))
        return false;
    holding->database = holding->glance.database;
    holding->seen = holding->glance.marker;
    holding->glance = (Glance){ 0 };
    return true;
}

/* The first write of an import: what refuses the files has done so by now. */
static bool add_columns(Holding *holding, Error *err) {
    if (holding->seen.installed)
        return true;
    log_say(LOG_NOTE, "adding the marker's columns to directus_settings in %s",
            database_name(holding->database));
    holding->added = marker_install(holding->database, err);
    return holding->added && read_again(holding, err);
}

/* host:pid:random: no two processes ever share one. */
static bool name_claim(Holding *holding, const char *hash, const Standing *ours, Error *err) {
    char host[256] = "";
    unsigned long long random = 0;
    if (gethostname(host, sizeof host - 1) != 0)
        snprintf(host, sizeof host, "unknown");
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return error_errno(err, "cannot get random bytes");
    holding->claim = (Claim){
        .owner = arena_printf(&holding->arena, "%s:%ld:%016llx", host, (long)getpid(), random),
        .owner_info = this_process(&holding->arena),
        .hash = arena_strdup(&holding->arena, hash),
        .commit = ours->commit,
        .lineage = ours->text,
        .held = ours->held,
        .lease_seconds = holding->config->lease_seconds,
    };
    return true;
}

static bool waited_enough(const Holding *holding, double since, double limit, Error *err) {
    if (limit < 0 || seconds_now() - since < limit)
        return false;
    error_set(err, ERR_LOCK, "%s is being imported by %s", holding->config->url,
              holding->seen.owner_info ? holding->seen.owner_info : holding->seen.owner);
    error_hint(err,
               "wait for it (--wait SECONDS), or if it is surely dead: schema-sync lock --release --owner %s",
               holding->seen.owner);
    return true;
}

/* What an importer that died had sent may still be at work on the server: nothing is read before it has
 * ended, one way or the other. */
static bool drain(Holding *holding, Error *err) {
    return !holding->seen.owner || holding_settle(holding, err);
}

static bool start_lease(Holding *holding, Error *err) {
    holding->held = true;
    return lease_start(secret_reveal(&holding->config->database), &holding->claim, holding->epoch,
                       &holding->lease, err) &&
           drain(holding, err);
}

/* One try. *done false: somebody was faster. */
static bool try_claim(Holding *holding, const Standing *ours, const ImportOptions *options, ClaimEnd *end,
                      bool *done, Error *err) {
    ClaimOutcome outcome;
    bool go;
    if (!standing_allows(ours, holding->config, &holding->seen, options, &go, err))
        return false;
    *end = go ? CLAIM_HELD : CLAIM_KEPT;
    *done = true;
    if (!go)
        return true;
    if (!marker_claim(holding->database, &holding->seen, &holding->claim, &outcome, &holding->epoch, err))
        return false;
    *done = outcome == CLAIM_WON;
    return !*done || start_lease(holding, err);
}

static bool has_followed(const Holding *holding, const char *hash, const ImportOptions *options) {
    return !options->only && str_equal(holding->seen.state, "clean") && str_equal(holding->seen.hash, hash);
}

/* Somebody is at work: a little later the marker is looked at again. `again`: not the first time. */
static bool wait_for(Holding *holding, double began, double limit, bool again, Error *err) {
    if (waited_enough(holding, began, limit, err))
        return false;
    if (!again)
        log_say(LOG_NOTE, "waiting for %s",
                holding->seen.owner_info ? holding->seen.owner_info : "another import");
    sleep_seconds(fmin(0.25, holding->config->lease_seconds / 4));
    return true;
}

static bool is_claimable(Holding *holding) {
    return marker_claimable(&holding->seen, holding->config->lease_seconds, &holding->watch);
}

bool holding_await(Holding *holding, double wait, Error *err) {
    double began = seconds_now();
    for (bool again = false; !is_claimable(holding); again = true)
        if (!wait_for(holding, began, wait, again, err) || !read_again(holding, err))
            return false;
    return true;
}

bool holding_claim(Holding *holding, const char *hash, const Standing *ours, const ImportOptions *options,
                   ClaimEnd *end, Error *err) {
    *end = CLAIM_HELD;
    if (!holding->database)
        return true;
    if (!add_columns(holding, err) || !name_claim(holding, hash, ours, err))
        return false;
    interrupt_catch();
    double began = seconds_now();
    bool waited = false;
    for (;;) {
        bool done = false;
        if (waited && has_followed(holding, hash, options)) {
            *end = CLAIM_FOLLOWED;
            return true;
        }
        if (is_claimable(holding)) {
            if (!try_claim(holding, ours, options, end, &done, err) || done)
                return done;
        } else if (!wait_for(holding, began, options->wait, waited, err)) {
            return false;
        }
        waited = true;
        if (!interrupt_check(err) || !read_again(holding, err))
            return false;
    }
}

bool foreign_database(const Database *database, const Config *config, const char *what, Error *err) {
    error_set(err, ERR_CONFIG, "the database %s is not the one behind %s: %s", database_name(database),
              config->url, what);
    return error_hint(err, "check DATABASE_URL and DIRECTUS_URL of this environment; nothing was imported");
}

bool holding_show(const Holding *holding, Session *session, Error *err) {
    return !holding->added || directus_clear_cache(session, err);
}

bool holding_prove(Holding *holding, Session *session, const Json *settings, Error *err) {
    AUTO(Arena) arena = { 0 };
    Json again;
    const char *project = json_get_text(settings, "project_id");
    if (project && holding->seen.project_id && strcmp(project, holding->seen.project_id) != 0)
        return foreign_database(holding->database, holding->config, "their project ids differ", err);
    if (!holding->held || str_equal(json_get_text(settings, MARKER_PREFIX "owner"), holding->claim.owner))
        return true;
    if (!directus_clear_cache(session, err) || !directus_settings(session, &arena, &again, err))
        return false;
    if (str_equal(json_get_text(&again, MARKER_PREFIX "owner"), holding->claim.owner))
        return true;
    /* A claim that was overtaken meanwhile proves nothing: then the lease says so. */
    return lease_check(holding->lease, err) &&
           foreign_database(holding->database, holding->config,
                            "what was written to its settings cannot be read through the API", err);
}

bool holding_settle(Holding *holding, Error *err) {
    static const double LEAST_PATIENCE = 30; /* a lease may be shorter than a large schema takes */
    /* A request whose connection broke may not have reached the database yet. */
    sleep_seconds(fmin(1, holding->config->lease_seconds / 4));
    return !holding->database ||
           database_settle(holding->database, fmax(LEAST_PATIENCE, holding->config->lease_seconds), err);
}

bool holding_check(void *context, Error *err) {
    Holding *holding = context;
    if (!interrupt_check(err) || (holding->lease && !lease_check(holding->lease, err)))
        return false;
    holding->wrote = true;
    return true;
}

bool holding_rename(Holding *holding, Session *session, const Renames *renames, Error *err) {
    if (!holding->held) {
        error_set(err, ERR_REFUSED,
                  "renaming %s needs the target's database: Directus itself renames nothing",
                  renames->items[0].field ? renames->items[0].field : renames->items[0].collection);
        return error_hint(
            err, "set DATABASE_URL and import without --marker none; without \"renames\" the new name "
                 "would begin empty and the old one stay");
    }
    return holding_check(holding, err) &&
           database_rename(holding->database, &holding->claim, holding->epoch, renames, err) &&
           directus_clear_cache(session, err);
}

bool holding_commit(Holding *holding, const Applied *applied, Error *err) {
    if (!holding->held)
        return true;
    /* A machine that slept while it verified has an old lease, although nobody may have taken over. */
    bool ours = !holding->lease || lease_check(holding->lease, err);
    lease_stop(&holding->lease);
    if (!ours || !marker_commit(holding->database, &holding->claim, holding->epoch, applied, err))
        return false;
    holding->held = false;
    return true;
}

bool holding_release(Holding *holding, Error *err) {
    if (!holding->held)
        return true;
    lease_stop(&holding->lease);
    if (!marker_release(holding->database, &holding->claim, holding->epoch, &holding->seen, err))
        return false;
    holding->held = false;
    return true;
}

void holding_end(Holding *holding, const Error *fault) {
    Error ignored = { 0 };
    lease_stop(&holding->lease);
    if (holding->held && fault) {
        Error shown = *fault;
        redact_error(&shown);
        bool told = holding->wrote ? marker_fail(holding->database, &holding->claim, holding->epoch,
                                                 shown.message, &ignored)
                                   : marker_release(holding->database, &holding->claim, holding->epoch,
                                                    &holding->seen, &ignored);
        if (!told && ignored.kind != ERR_LOCK) /* somebody else holds it by now: nothing is left to free */
            log_say(LOG_WARN, "the lock could not be freed (%s): it expires by itself", ignored.message);
    }
    interrupt_release();
    glance_end(&holding->glance);
    marker_free(&holding->seen);
    database_close(&holding->database);
    arena_free(&holding->arena);
}
