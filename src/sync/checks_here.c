/* Checks of this machine: configuration, files, git, disk. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "repo/merge_driver.h"
#include "sync/checks.h"

/* Less than this is little for any state, and a log file away from nothing. */
static const uint64_t LITTLE_SPACE = 100000000;

/* ---- configuration ---- */

/* Names people give to what must not break. */
static bool sounds_like_production(const char *environment) {
    static const char *const names[] = { "prod", "production", "live" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_equal(environment, names[i]))
            return true;
    return false;
}

static bool is_local(const char *url) {
    const char *host = strstr(url, "://") + 3;
    return str_starts(host, "localhost") || str_starts(host, "127.") || str_starts(host, "[::1]");
}

/* A misspelt name in "collections" carries no rows, and nothing says so. */
static void warn_of_unknown_collections(Checkup *checkup) {
    const Scope *scope = &checkup->config->scope;
    const Snapshot *files = &checkup->state->snapshot;
    for (size_t i = 0; i < scope->data_count; i++)
        if (!snapshot_has_field(files, scope->data[i].collection, NULL))
            check_warn(checkup, "correct the name under \"collections\", or export the collection first",
                       "the configuration carries rows of \"%s\", a collection the files do not have",
                       scope->data[i].collection);
}

bool check_config(Checkup *checkup, Error *err) {
    const Config *config = checkup->config;
    bool named = *config->environment;
    if (!config_need_instance(config, err))
        return false;
    size_t before = checkup->count;
    if (named && sounds_like_production(config->environment) && !config->protected_environment)
        check_warn(checkup,
                   "set \"protected\": true for it: an import on a terminal then asks for its name first",
                   "the environment %s is not protected", config->environment);
    if (config->protected_environment && config->allow_delete)
        check_warn(checkup, "leave \"allowDelete\" out and give --allow-delete where it is meant",
                   "every import into the protected environment %s may lose data (\"allowDelete\")",
                   config->environment);
    if (str_starts(config->url, "http://") && !is_local(config->url))
        check_warn(checkup, "use https:// wherever others can listen", "the token travels in clear to %s",
                   config->url);
    if (checkup_has_files(checkup) && checkup->state->snapshot.types[TYPE_FIELDS].count)
        warn_of_unknown_collections(checkup);
    if (checkup->count > before)
        return true;
    return check_ok(checkup, "%s, mode %s, rows of %zu collection%s",
                    config->file ? config->file : "no schema-sync.json: defaults",
                    mode_name(config->scope.mode), config->scope.data_count,
                    config->scope.data_count == 1 ? "" : "s");
}

/* ---- files ---- */

bool check_files(Checkup *checkup, Error *err) {
    const State *state = checkup->state;
    if (checkup->files_fault) {
        *err = *checkup->files_fault;
        return false;
    }
    if (!state->exists)
        return check_warn(checkup, "run `schema-sync export` against the instance you develop on",
                          "there is no state in %s/ yet: only the instance is checked",
                          checkup->config->state_dir);
    return check_ok(checkup, "%s/ holds %zu records and rows of %zu collections, from Directus %s on %s",
                    checkup->config->state_dir, snapshot_records(&state->snapshot), state->data_count,
                    state->snapshot.directus ? state->snapshot.directus : "unknown",
                    state->snapshot.vendor ? state->snapshot.vendor : "an unknown database");
}

/* Where credentials are kept (config.h). */
static bool warn_of_committed_secrets(Checkup *checkup, Error *err) {
    static const char *const names[] = { ".env", ".env.directus" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool tracked;
        if (!repo_tracks(checkup->config->root, names[i], &tracked, err))
            return false;
        if (tracked)
            check_warn(checkup,
                       "git rm --cached it, put it into .gitignore, and change the credentials it holds",
                       "%s is committed: whoever reads the repository has what it holds", names[i]);
    }
    return true;
}

bool check_git(Checkup *checkup, Error *err) {
    const Config *config = checkup->config;
    RepoHead head = { 0 };
    size_t before = checkup->count;
    if (!repo_head(config->root, config->state_dir, &head, err) || !warn_of_committed_secrets(checkup, err))
        return false;
    if (checkup->count > before)
        return true;
    if (!head.found)
        return check_warn(checkup, "run `git init` there and commit the state",
                          "%s is in no git repository: nothing keeps the state's history", config->root);
    if (!checkup_has_files(checkup))
        return check_ok(checkup, "a git repository");
    if (head.shallow)
        return check_warn(checkup, "fetch the history: git fetch --unshallow",
                          "the history is cut off (a shallow clone): the state's commit cannot be told");
    if (head.dirty)
        return check_warn(checkup, "commit them: the marker can then name what was applied",
                          "files in %s/ differ from the last commit", config->state_dir);
    if (!head.commit[0])
        return check_warn(checkup, "git add and git commit it", "%s/ was never committed", config->state_dir);
    return check_ok(checkup, "%s/ is as commit %.12s left it", config->state_dir, head.commit);
}

/* A clone brings .gitattributes along, but not what git is to call. */
bool check_merge(Checkup *checkup, Error *err) {
    bool missing;
    if (!merge_driver_missing(checkup->config->root, checkup->config->state_dir, &missing, err))
        return false;
    return !missing ||
           check_warn(checkup, "run `schema-sync init` in this clone",
                      "git merges the state by line here: .gitattributes names the merge driver, the clone's "
                      "configuration does not");
}

/* ---- disk ---- */

static bool add_size(const char *path, uint64_t size, void *context, Error *err) {
    (void)path;
    (void)err;
    *(uint64_t *)context += size;
    return true;
}

static uint64_t size_of_state(const Config *config) {
    AUTO(Arena) arena = { 0 };
    AUTO(Folder) folder = { .fd = -1 };
    uint64_t size = 0;
    Error ignored = { 0 };
    if (folder_open(&folder, arena_printf(&arena, "%s/%s", config->root, config->state_dir), false, &ignored))
        folder_walk(&folder, true, add_size, &size, &ignored);
    return size;
}

/* What is free at `path` for us, in bytes; false where that cannot be told. */
static bool free_space(const char *path, uint64_t *space) {
    struct statvfs found;
    if (statvfs(path, &found) != 0)
        return false;
    *space = (uint64_t)found.f_bavail * found.f_frsize;
    return true;
}

static bool look_at_space(Checkup *checkup, const char *path, uint64_t needed, const char *mend) {
    uint64_t space = 0;
    if (!free_space(path, &space))
        return check_warn(checkup, mend, "the free space of %s cannot be told: %s", path, strerror(errno));
    if (space < needed)
        return check_warn(checkup, mend, "%s has %.0f MB free", path, (double)space / 1e6);
    return check_ok(checkup, "%s has %.1f GB free", path, (double)space / 1e9);
}

bool check_disk(Checkup *checkup, Error *err) {
    (void)err;
    const Config *config = checkup->config;
    const char *temporary = getenv("TMPDIR"); /* where the sorter puts rows (base/sorter.c) */
    if (!temporary || !*temporary)
        temporary = "/tmp";
    /* A new state is written beside the old one; sorting holds the rows of both sides. */
    uint64_t needed = 2 * size_of_state(config);
    needed = needed > LITTLE_SPACE ? needed : LITTLE_SPACE;
    if (access(config->root, W_OK) != 0)
        check_warn(checkup, "an export needs it; an import does not", "%s cannot be written to: %s",
                   config->root, strerror(errno));
    look_at_space(checkup, config->root, needed,
                  "make room there: an export writes new files beside the old");
    return look_at_space(checkup, temporary, needed,
                         "make room there, or set TMPDIR: rows are sorted in temporary files");
}

bool check_local_space(Checkup *checkup, const char *path) {
    uint64_t space = 0;
    if (!free_space(path, &space))
        return false;
    return look_at_space(checkup, path, LITTLE_SPACE, "make room for the database there");
}
