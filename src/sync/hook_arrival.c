/* post-merge and post-checkout: check what came in → say what changed → offer the import, or run it. */
#include <string.h>

#include "base/log.h"
#include "directus/probe.h"
#include "sync/checks.h"
#include "sync/compare.h"
#include "sync/drift.h"
#include "sync/hook.h"
#include "sync/hook_check.h"
#include "sync/sync.h"

static const double LOCK_SECONDS = 10;

/* ---- what came in ---- */

typedef struct {
    StateCommit *before_commit, *after_commit;
    StateSource before, after;
} Sides;

static bool open_side(const Config *config, const char *ref, StateCommit **commit, StateSource *source,
                      Error *err) {
    if (ref && !state_commit_open(config->root, config->state_dir, ref, commit, err))
        return false;
    *source = (StateSource){ config->root, config->state_dir, *commit };
    return true;
}

static bool sides_open(const Config *config, const HookArrival *arrival, Sides *sides, Error *err) {
    return open_side(config, arrival->from, &sides->before_commit, &sides->before, err) &&
           open_side(config, arrival->work_tree ? NULL : arrival->to, &sides->after_commit, &sides->after,
                     err);
}

static void sides_close(Sides *sides) {
    state_commit_close(&sides->before_commit);
    state_commit_close(&sides->after_commit);
}
AUTO_DEFINE(Sides, sides_close);

/* What was there before may be broken, and is mended now. */
static void summarise(const Config *config, const Sides *sides, HookArrived *result) {
    AUTO(Comparison) comparison = { 0 };
    Error ignored = { 0 };
    CompareRequest request = { .before = &sides->before, .after = &sides->after, .rows = true };
    if (compare_states(config, &request, &comparison, &ignored))
        comparison_summary(&comparison, &result->summary);
    else
        buf_puts(&result->summary, "what changed cannot be told, the state before is not readable");
}

static bool check_arrived(const Config *config, const HookArrival *arrival, HookArrived *result) {
    AUTO(Sides) sides = { 0 };
    AUTO(Arena) arena = { 0 };
    Error *fault = &result->fault;
    const char *project = hook_project(config, &arena);
    if (!sides_open(config, arrival, &sides, fault) || !hook_check_state(config, &sides.after, fault)) {
        log_say(LOG_WARN, "schema-sync: the state that came in%s%s cannot be imported: %s",
                *project ? ", of the project in " : "", project, fault->message);
        log_say(LOG_NOTE, "  hint: %s", fault->hint);
        return false;
    }
    summarise(config, &sides, result);
    log_say(LOG_NOTE, "schema-sync: %s%s%s came in: %s", project, *project ? "/" : "", config->state_dir,
            buf_text(&result->summary));
    return true;
}

/* ---- the import ---- */

static void offer(const Config *config) {
    AUTO(Arena) arena = { 0 };
    const char *project = hook_project(config, &arena);
    log_say(LOG_NOTE, "  `schema-sync %s%s%simport` brings it to %s", *project ? "-C " : "",
            *project ? str_shell_word(&arena, project) : "", *project ? " " : "", config->url);
}

/* What was changed on the instance and is in no file would be overwritten by an import that nobody asked for.
 */
static bool is_unchanged(const Config *config, Error *err) {
    AUTO(DriftResult) drift = { 0 };
    if (!sync_drift(config, &drift, err))
        return false;
    if (drift.base && !drift.drifted)
        return true;
    if (!drift.base)
        error_set(err, ERR_NEWER, "whether %s has changes of its own cannot be told: %s", config->url,
                  drift.why);
    else
        error_set(err, ERR_NEWER, "%s has changes that are in no file", config->url);
    return error_hint(
        err, "`schema-sync status --drift` shows them, `schema-sync export --merge` keeps them; then "
             "`schema-sync import`");
}

static bool import(const Config *config, Error *err) {
    AUTO(StatusResult) status = { 0 };
    AUTO(ImportResult) imported = { 0 };
    ImportOptions options = { .allow_delete = config->allow_delete, .wait = LOCK_SECONDS };
    if (!directus_answers(config->url, config->probe_seconds, err) || !sync_status(config, &status, err))
        return false;
    if (!status.targets[0].equal && !is_unchanged(config, err))
        return false;
    if (!sync_import(config, &options, &imported, err))
        return false;
    log_say(LOG_NOTE,
            imported.kept            ? "schema-sync: %s has a newer state, nothing was imported"
            : imported.nothing_to_do ? "schema-sync: %s has this state already"
                                     : "schema-sync: imported into %s",
            config->url);
    return true;
}

static void bring(const Config *config, HookArrived *result) {
    Error unconfigured = { 0 };
    result->offered = !config->protected_environment && config_need_instance(config, &unconfigured);
    if (!result->offered)
        return;
    result->imported = config->auto_import && import(config, &result->fault);
    if (result->imported)
        return;
    if (config->auto_import) {
        log_say(LOG_WARN, "schema-sync: not imported: %s", result->fault.message);
        log_say(LOG_NOTE, "  hint: %s", result->fault.hint);
    } else {
        offer(config);
    }
}

/* ---- the hook ---- */

static bool is_none(const char *commit) {
    return !commit || !commit[strspn(commit, "0")];
}

bool sync_hook_arrival(const Config *config, const HookArrival *arrival, HookArrived *result, Error *err) {
    RepoStep step;
    if (!config->file || is_none(arrival->from) || is_none(arrival->to))
        return true;
    if (!repo_step(config->root, config->state_dir, arrival->from, arrival->to, &step, err))
        return false;
    result->concerned = step.found && !step.in_between && (step.differs || arrival->work_tree);
    if (result->concerned && check_arrived(config, arrival, result))
        bring(config, result);
    return true;
}

void hook_arrived_free(HookArrived *result) {
    buf_free(&result->summary);
}
