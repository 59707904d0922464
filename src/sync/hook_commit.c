/* pre-commit: export → stage → validate what is staged. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "config/check.h"
#include "directus/probe.h"
#include "sync/hook.h"
#include "sync/hook_check.h"
#include "sync/sync.h"

/* Somebody waits for the commit: an instance that answered the probe and then hangs is given up sooner. */
static const double ANSWER_SECONDS = 30, RETRY_SECONDS = 5;

typedef struct {
    const Config *config;
    Staging *staging;
    const char *const *beside; /* the config, .env and .env.directus */
    StagingStatus status;      /* before anything was exported */
} Commit;

/* ---- export and stage ---- */

static void skip(HookCommit *result, const char *why, const char *reason) {
    result->skipped = why;
    snprintf(result->reason, sizeof result->reason, "%s", reason);
}

/* An export asks nothing of a folder that is empty or half-written; a commit is no moment for the first one.
 */
static bool is_exportable(const Config *config, HookCommit *result) {
    AUTO(Folder) root = { .fd = -1 };
    AUTO(Buf) info = { 0 };
    Error ignored = { 0 };
    buf_printf(&info, "%s/info.json", config->state_dir);
    if (state_is_incomplete(config->root, config->state_dir))
        skip(result, "an export was interrupted", "");
    else if (!folder_open(&root, config->root, false, &ignored) || !folder_exists(&root, buf_text(&info)))
        skip(result, "there is no state yet", "");
    else
        return true;
    log_say(LOG_NOTE, "schema-sync: nothing exported, %s: `schema-sync export` writes %s", result->skipped,
            config->state_dir);
    return false;
}

/* Where nobody would expect an export there is nothing to say either. */
static bool is_wanted(const Config *config, const Staging *staging, HookCommit *result) {
    Error fault = { 0 };
    if (staging_is_chosen(staging))
        skip(result, "the commit is of chosen files", "");
    else if (staging_is_in_between(staging))
        skip(result, "a merge or rebase is on its way", "");
    else if (config->protected_environment)
        skip(result, "the environment is protected", "");
    else if (!config_need_instance(config, &fault))
        skip(result, "no instance is configured", fault.message);
    else
        return is_exportable(config, result);
    return false;
}

/* Faults that say nothing about the files the commit is made of do not stop it. */
static bool weigh(const Config *config, const ExportResult *export, const Error *fault, HookCommit *result,
                  Error *err) {
    bool stops = fault->kind == ERR_REFUSED ? export->secrets > 0
                                            : fault->kind != ERR_REMOTE && fault->kind != ERR_LOCK &&
                                                  fault->kind != ERR_NEWER && fault->kind != ERR_FILES;
    if (stops) {
        *err = *fault;
        return error_context(err, "the export before the commit");
    }
    skip(result, "the export was refused", fault->message);
    log_say(LOG_NOTE, "schema-sync: nothing exported from %s: %s", config->url, fault->message);
    return true;
}

/* What differs now and did not before. */
static bool stage_new(const Commit *commit, StagingPaths *staged, Error *err) {
    AUTO(StagingStatus) now = { 0 };
    const StagingPaths *before = &commit->status.unstaged, *after = &now.unstaged;
    if (!staging_status(commit->staging, commit->beside, &now, err))
        return false;
    for (size_t i = 0, j = 0; i < after->count; i++) {
        while (j < before->count && strcmp(before->items[j], after->items[i]) < 0)
            j++;
        if (j == before->count || strcmp(before->items[j], after->items[i]) != 0)
            staging_paths_add(staged, after->items[i]);
    }
    return staging_add(commit->staging, staged, err);
}

/* Without a marker nothing tells whether the instance is behind the files: they are compared and left alone.
 */
static bool only_compared(const Config *config, const ExportResult *export, HookCommit *result) {
    size_t count = export->written + export->removed;
    skip(result, "no marker tells whether the instance has seen these files", "");
    if (count)
        log_say(LOG_NOTE,
                "schema-sync: %zu file%s of %s %s on %s, which has no marker to tell which is newer: "
                "`schema-sync export` writes what the instance has",
                count, count == 1 ? "" : "s", config->state_dir, count == 1 ? "differs" : "differ",
                config->url);
    return true;
}

static bool export_and_stage(const Commit *commit, HookCommit *result, Error *err) {
    const Config *config = commit->config;
    AUTO(ExportResult) export = { 0 };
    Error fault = { 0 };
    Config hasty = *config; /* its owner stays the caller */
    bool marker = config->marker == MARKER_SQL && secret_is_set(&config->database);
    ExportOptions options = { .check = !marker };
    hasty.timeout_seconds =
        config->timeout_seconds < ANSWER_SECONDS ? config->timeout_seconds : ANSWER_SECONDS;
    hasty.retry_seconds = config->retry_seconds < RETRY_SECONDS ? config->retry_seconds : RETRY_SECONDS;
    log_hush(true); /* what an export always notes would be noted with every commit */
    bool exported = sync_export(&hasty, &options, &export, &fault);
    log_hush(false);
    if (!exported)
        return weigh(config, &export, &fault, result, err);
    if (!marker)
        return only_compared(config, &export, result);
    result->exported = true;
    if (export.written + export.removed == 0)
        return true;
    if (!stage_new(commit, &result->staged, err))
        return error_context(err, "what was exported cannot be staged");
    log_say(LOG_NOTE, "schema-sync: %s has changed since the last export: %zu file%s of %s staged",
            config->url, result->staged.count, result->staged.count == 1 ? "" : "s", config->state_dir);
    return true;
}

static bool bring_up_to_date(const Commit *commit, HookCommit *result, Error *err) {
    const Config *config = commit->config;
    Error fault = { 0 };
    if (!is_wanted(config, commit->staging, result))
        return true;
    if (directus_answers(config->url, config->probe_seconds, &fault))
        return export_and_stage(commit, result, err);
    skip(result, "the instance does not answer", fault.message);
    char wait[32];
    snprintf(wait, sizeof wait, "%g seconds", config->probe_seconds);
    log_say(LOG_NOTE, "schema-sync: nothing exported, the instance does not answer within %s: %s",
            config->probe_seconds == 1 ? "a second" : wait, fault.message);
    return true;
}

/* ---- what is staged ---- */

static bool check_config_file(const Commit *commit, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) text = { 0 };
    const char *name = commit->beside[0];
    bool found = false;
    Json json;
    if (!staging_changes(commit->staging, &commit->status, name))
        return true;
    if (!staging_file(commit->staging, name, &text, &found, err))
        return false;
    if (!found)
        return true;
    if (json_parse(&arena, buf_text(&text), text.length, JSON_STATE | JSON_COMMENTS, &json, err))
        return config_check(name, &json, err);
    err->kind = ERR_CONFIG;
    return error_context(err, "%s", name);
}

/* What it holds is told by the one that stands; a commit may take it away. */
static bool check_environment_file(const Commit *commit, const char *name, const Dotenv *dotenv, Error *err) {
    static const char *const endings[] = { "DIRECTUS_TOKEN", "DIRECTUS_PASSWORD", "DATABASE_URL" };
    AUTO(Buf) text = { 0 };
    bool found = false;
    if (!staging_changes(commit->staging, &commit->status, name))
        return true;
    if (!staging_file(commit->staging, name, &text, &found, err))
        return false;
    for (size_t i = 0; found && i < dotenv->count; i++)
        for (size_t k = 0; k < sizeof endings / sizeof *endings; k++)
            if (*dotenv->entries[i].value && str_ends(dotenv->entries[i].name, endings[k])) {
                error_set(err, ERR_REFUSED, "%s is staged, and holds credentials (%s)", name,
                          dotenv->entries[i].name);
                return error_hint(
                    err, "take it out of the commit (`git rm --cached %s`), and name it in .gitignore", name);
            }
    return true;
}

static bool check_state(const Commit *commit, Error *err) {
    const Config *config = commit->config;
    StateCommit *tree = NULL;
    if (!staging_state(commit->staging, &tree, err))
        return false;
    StateSource source = { config->root, config->state_dir, tree };
    bool right = hook_check_state(config, &source, err);
    state_commit_close(&tree);
    return right;
}

/* Who reads the file that a message names may find it in order: the staged one is not. */
static bool stop(const Commit *commit, Error *err) {
    AUTO(StagingStatus) now = { 0 };
    Error ignored = { 0 };
    char hint[sizeof err->hint];
    const char *folder = commit->config->state_dir;
    AUTO(Arena) arena = { 0 };
    const char *project = hook_project(commit->config, &arena);
    error_context(err, "the commit is stopped%s%s", *project ? ", for the project in " : "", project);
    if (!staging_status(commit->staging, commit->beside, &now, &ignored) || !now.unstaged.count)
        return false;
    snprintf(hint, sizeof hint, "%s", err->hint);
    return error_hint(err,
                      "%s; what is staged was checked, and %zu file%s of %s differ%s from it: `git add %s` "
                      "stages them",
                      hint, now.unstaged.count, now.unstaged.count == 1 ? "" : "s", folder,
                      now.unstaged.count == 1 ? "s" : "", folder);
}

static bool check_staged(const Commit *commit, HookCommit *result, Error *err) {
    const Variables *variables = &commit->config->variables;
    result->checked = result->staged.count || staging_changes(commit->staging, &commit->status, "");
    if (!result->checked && !commit->status.staged.count)
        return true;
    return staging_look(commit->staging, err) &&
           check_environment_file(commit, commit->beside[1], &variables->files[0], err) &&
           check_environment_file(commit, commit->beside[2], &variables->files[1], err) &&
           check_config_file(commit, err) && (!result->checked || check_state(commit, err));
}

bool sync_hook_commit(const Config *config, HookCommit *result, Error *err) {
    AUTO_STAGING staging = NULL;
    if (!config->file || !staging_open(config->root, config->state_dir, &staging))
        return true;
    Commit commit = { .config = config, .staging = staging };
    const char *const beside[] = { strrchr(config->file, '/') + 1, ".env", ".env.directus", NULL };
    commit.beside = beside;
    result->concerned = true;
    bool done = staging_status(staging, beside, &commit.status, err) &&
                bring_up_to_date(&commit, result, err) && check_staged(&commit, result, err);
    staging_status_free(&commit.status);
    return done || stop(&commit, err);
}

void hook_commit_free(HookCommit *result) {
    staging_paths_free(&result->staged);
}
