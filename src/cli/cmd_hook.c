#include <string.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/report.h"
#include "sync/hook.h"

static bool is_skipped(const Invocation *invocation) {
    static const char *const no[] = { "", "0", "false", "no", "off" };
    const char *value = environment_text(invocation->request.environ, "SCHEMA_SYNC_SKIP");
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (strcmp(value, no[i]) == 0)
            return false;
    return true;
}

/* ---- pre-commit ---- */

static void print_commit(const Config *config, const HookCommit *result) {
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder object = report_begin(config, &arena);
    JsonArrayBuilder staged = json_array_builder(&arena);
    for (size_t i = 0; i < result->staged.count; i++)
        json_array_add(&staged, json_string(&arena, result->staged.items[i]));
    report_put_text(&object, "hook", "pre-commit");
    json_object_put(&object, "concerned", json_bool(result->concerned));
    json_object_put(&object, "exported", json_bool(result->exported));
    report_put_text(&object, "skipped", result->skipped);
    report_put_text(&object, "reason", result->reason[0] ? result->reason : NULL);
    json_object_put(&object, "staged", json_array_done(&staged));
    json_object_put(&object, "checked", json_bool(result->checked));
    report_print(&object);
}

static bool pre_commit(const Invocation *invocation, const Config *config, Error *err) {
    AUTO(HookCommit) result = { 0 };
    if (!sync_hook_commit(config, &result, err))
        return false;
    if (invocation->json)
        print_commit(config, &result);
    return true;
}

/* ---- post-merge, post-checkout ---- */

/* What git passes; pre-commit.com has it in the environment instead. */
static const char *argument(const Invocation *invocation, size_t which, const char *name) {
    return which < invocation->argument_count ? invocation->arguments[which]
                                              : environment_text(invocation->request.environ, name);
}

static void print_arrival(const Config *config, const char *hook, const HookArrived *result) {
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder object = report_begin(config, &arena);
    const Error *fault = &result->fault;
    report_put_text(&object, "hook", hook);
    json_object_put(&object, "concerned", json_bool(result->concerned));
    report_put_text(&object, "summary", result->summary.length ? buf_text(&result->summary) : NULL);
    report_put_text(&object, "fault", fault->kind == ERR_NONE ? NULL : fault->message);
    json_object_put(&object, "offered", json_bool(result->offered));
    json_object_put(&object, "imported", json_bool(result->imported));
    report_print(&object);
}

static bool arrive(const Invocation *invocation, const Config *config, const HookArrival *arrival,
                   Error *err) {
    AUTO(HookArrived) result = { 0 };
    if (!sync_hook_arrival(config, arrival, &result, err))
        return false;
    if (invocation->json)
        print_arrival(config, invocation->arguments[0], &result);
    return true;
}

static bool post_merge(const Invocation *invocation, const Config *config, Error *err) {
    bool squash = strcmp(argument(invocation, 1, "PRE_COMMIT_IS_SQUASH_MERGE"), "1") == 0;
    HookArrival arrival = { squash ? "HEAD" : "ORIG_HEAD", "HEAD", squash };
    return arrive(invocation, config, &arrival, err);
}

static bool post_checkout(const Invocation *invocation, const Config *config, Error *err) {
    HookArrival arrival = { argument(invocation, 1, "PRE_COMMIT_FROM_REF"),
                            argument(invocation, 2, "PRE_COMMIT_TO_REF"), false };
    const char *branch = argument(invocation, 3, "PRE_COMMIT_CHECKOUT_TYPE");
    return strcmp(branch, "1") != 0 || arrive(invocation, config, &arrival, err);
}

static const struct {
    const char *name;
    bool (*run)(const Invocation *invocation, const Config *config, Error *err);
    bool stops; /* a fault is git's too; else git has done its work already */
} hooks[] = {
    { "pre-commit", pre_commit, true },
    { "post-merge", post_merge, false },
    { "post-checkout", post_checkout, false },
};

static bool told(const Error *fault) {
    log_say(LOG_WARN, "schema-sync: %s", fault->message);
    if (fault->hint[0])
        log_say(LOG_NOTE, "  hint: %s", fault->hint);
    return true;
}

static bool run(const Invocation *invocation, Error *err) {
    const char *name = invocation->arguments[0];
    AUTO(Config) config = { 0 };
    ConfigRequest request = invocation->request;
    request.within_repository = true;
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) {
        if (strcmp(hooks[i].name, name) != 0)
            continue;
        if (is_skipped(invocation) ||
            (config_load(&request, &config, err) && hooks[i].run(invocation, &config, err)))
            return true;
        return !hooks[i].stops && told(err);
    }
    error_set(err, ERR_USAGE, "there is no hook \"%s\"", name);
    return error_hint(err, "the hooks are pre-commit, post-merge and post-checkout");
}

const CommandRow command_hook = {
    .name = "hook",
    .summary = "what git's hooks call",
    .description = "Does the work of a git hook; `schema-sync init --hooks` installs those that call it. "
                   "Where a repository has no "
                   "schema-sync.json, and with SCHEMA_SYNC_SKIP=1 in the environment, it does nothing and "
                   "says nothing.\n\n"
                   "pre-commit exports from the instance when that answers within a second, stages the files "
                   "that changed thereby, "
                   "and checks what is staged: files, references, flows, secrets. What cannot be imported, "
                   "or holds a secret in "
                   "clear, stops the commit. Without an instance only the check is done.\n\n"
                   "post-merge and post-checkout say what came in with the other state, and name the import "
                   "for the instance, or run it where autoImport says so. They never fail.\n\n"
                   "  schema-sync hook pre-commit",
    .arguments = "HOOK [FROM] [TO] [FLAG]",
    .run = run,
};
