#include "cli/command.h"
#include "cli/drift_report.h"
#include "cli/report.h"
#include "cli/shared_options.h"
#include "cli/status_report.h"
#include "sync/sync.h"

static const OptionRow options[] = {
    OPTION_ROW_REF,
    { "all", 0, OPTION_FLAG, NULL,
      "A line for every environment: those of schema-sync.json, those that variables name "
      "(PROD_DIRECTUS_URL with PROD_DATABASE_URL), and the default one. One that does not answer is a line, "
      "too." },
    { "drift", 0, OPTION_FLAG, NULL,
      "Also read the instance, and tell what was changed there since the last import from what was changed "
      "in "
      "the files, by comparing both with what the marker says was applied (taken from git). Exits with 2 "
      "when "
      "the instance was changed." },
    { 0 },
};

/* ---- one environment ---- */

static void print_json(const Config *config, const StatusResult *status, const DriftResult *drift) {
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder object = report_begin(config, &arena);
    report_put_text(&object, "files_hash", status->files_hash[0] ? status->files_hash : NULL);
    json_object_put(&object, "git", status_git_json(&arena, status));
    status_json_target(&object, status->targets);
    if (drift)
        json_object_put(&object, "drift", drift_json(&arena, drift));
    report_print(&object);
}

static void put_verdict(const Config *config, const StatusResult *status, Buf *out) {
    const TargetStatus *target = status->targets;
    if (!status->files_hash[0])
        buf_printf(out, "verdict   %s/ holds no state yet: export first\n", config->state_dir);
    else if (target->marker_known && target->equal)
        buf_puts(out, "verdict   these files were applied; nothing to import\n");
    else if (target->marker_known)
        buf_puts(
            out,
            "verdict   these files were not applied; `schema-sync diff` shows what an import would do\n");
}

static void print_text(const Config *config, const StatusResult *status, const DriftResult *drift) {
    AUTO(Buf) text = { 0 };
    buf_puts(&text, "instance  ");
    if (config->url || *config->environment)
        report_instance(config, &text);
    else
        buf_puts(&text, "not configured");
    buf_putc(&text, '\n');
    status_put_here(config, status, &text);
    status_put_target(status, status->targets, &text);
    put_verdict(config, status, &text);
    if (drift)
        drift_put_text(drift, &text);
    report_put(&text);
}

static bool run_one(const Invocation *invocation, Error *err) {
    const Config *config = &invocation->config;
    AUTO(StatusResult) status = { 0 };
    AUTO(DriftResult) drift = { 0 };
    bool asked = option_given(invocation, "drift");
    if (!sync_status(config, &status, err) || (asked && !sync_drift(config, &drift, err)))
        return false;
    (invocation->json ? print_json : print_text)(config, &status, asked ? &drift : NULL);
    return !drift.drifted || error_set(err, ERR_DIFFERENT, "the instance was changed");
}

/* ---- all of them ---- */

typedef struct {
    Arena arena;
    Config *configs;
    Error *faults;
    StatusTarget *targets;
    size_t count;
} Environments;

static void load_one(Environments *all, const Invocation *invocation, const char *name) {
    size_t i = all->count;
    ConfigRequest request = invocation->request;
    request.environment = name;
    bool loaded = config_load(&request, &all->configs[i], &all->faults[i]);
    all->configs[i].ref = invocation->config.ref;
    /* the default environment is one when something is said of it */
    if (!*name && loaded && !all->configs[i].url && !secret_is_set(&all->configs[i].database)) {
        config_free(&all->configs[i]);
        return;
    }
    all->targets[i] = (StatusTarget){ name, loaded ? &all->configs[i] : NULL, &all->faults[i] };
    all->count++;
}

static bool load_all(Environments *all, const Invocation *invocation, Error *err) {
    const char *const *names = config_environments(&invocation->config, &all->arena);
    size_t most = 1;
    while (names[most - 1])
        most++;
    all->configs = arena_array(&all->arena, most, sizeof *all->configs);
    all->faults = arena_array(&all->arena, most, sizeof *all->faults);
    all->targets = arena_array(&all->arena, most, sizeof *all->targets);
    load_one(all, invocation, "");
    for (size_t i = 0; names[i]; i++)
        load_one(all, invocation, names[i]);
    if (all->count)
        return true;
    error_set(err, ERR_CONFIG, "no environment is configured");
    return error_hint(err, "name them under \"environments\" in schema-sync.json, or set DATABASE_URL");
}

static void environments_free(Environments *all) {
    for (size_t i = 0; i < all->count; i++)
        config_free(&all->configs[i]);
    arena_free(&all->arena);
}
AUTO_DEFINE(Environments, environments_free);

static void print_all_json(const Config *config, const StatusResult *status) {
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder object = json_object_builder(&arena);
    JsonArrayBuilder list = json_array_builder(&arena);
    for (size_t i = 0; i < status->target_count; i++) {
        const TargetStatus *target = &status->targets[i];
        JsonObjectBuilder one = json_object_builder(&arena);
        report_put_text(&one, "environment", target->environment);
        report_put_text(&one, "url", target->url);
        report_put_text(&one, "error", target->fault);
        report_put_text(&one, "hint", target->mend);
        status_json_target(&one, target);
        json_array_add(&list, json_object_done(&one));
    }
    report_put_text(&object, "dir", config->state_dir);
    if (config->ref)
        report_put_text(&object, "ref", config->ref);
    report_put_text(&object, "files_hash", status->files_hash[0] ? status->files_hash : NULL);
    json_object_put(&object, "git", status_git_json(&arena, status));
    json_object_put(&object, "environments", json_array_done(&list));
    report_print(&object);
}

static bool run_all(const Invocation *invocation, Error *err) {
    AUTO(Environments) all = { 0 };
    AUTO(StatusResult) status = { 0 };
    const Config *config = &invocation->config;
    if (!load_all(&all, invocation, err) || !sync_status_all(config, all.targets, all.count, &status, err))
        return false;
    if (invocation->json) {
        print_all_json(config, &status);
        return true;
    }
    AUTO(Buf) text = { 0 };
    status_put_here(config, &status, &text);
    buf_putc(&text, '\n');
    status_put_table(&status, &text);
    report_put(&text);
    return true;
}

static bool run(const Invocation *invocation, Error *err) {
    if (!option_given(invocation, "all"))
        return run_one(invocation, err);
    if (option_given(invocation, "drift") || invocation->request.environment) {
        error_set(err, ERR_USAGE, "--all and %s exclude each other",
                  invocation->request.environment ? "--env" : "--drift");
        return error_hint(err, "--all shows every environment's marker, --drift reads one instance");
    }
    return run_all(invocation, err);
}

const CommandRow command_status = {
    .name = "status",
    .summary = "files, git, marker and lock at a glance",
    .description =
        "Shows the content hash of the files, where git stands (branch, commit, version tags "
        "vMAJOR.MINOR.PATCH, files of the state folder that are not committed), what the marker on the "
        "instance says was applied, when and by whom, how many commits the files are ahead of it or behind, "
        "and who holds the lock. Directus itself is asked only with --drift.\n\n"
        "  schema-sync --env prod status\n"
        "  schema-sync status --all\n"
        "  schema-sync --json status | jq -e .equal\n"
        "  schema-sync --json --env prod status | jq -r .order.files\n"
        "  schema-sync --env prod status --drift",
    .arguments = "",
    .options = options,
    .needs = NEED_CONFIG,
    .run = run,
};
