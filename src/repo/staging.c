#include "repo/staging.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/layout.h"
#include "repo/git_program.h"
#include "repo/repository.h"
#include "repo/state_commit.h"

struct Staging {
    char *git_dir, *state_dir;
    Buf folder, above; /* the state folder from the top of the work tree; what is before state_dir in it */
    Repository repository;
    git_tree *tree; /* what is staged, once it was looked at */
};

/* ---- opening ---- */

/* The repository's folder, then (a path may hold a newline, but hardly this line) the work tree's top. */
static bool split_answer(Buf *answer, const char **git_dir, const char **top) {
    static const char between[] = "\nfalse\n";
    char *text = answer->data, *found = answer->length ? strstr(text, between) : NULL;
    if (!found)
        return false;
    *found = '\0';
    *git_dir = text;
    *top = found + strlen(between);
    answer->data[answer->length - 1] = '\0';
    return true;
}

bool staging_open(const char *root, const char *state_dir, Staging **out) {
    static const char *const ask[] = { "rev-parse", "--absolute-git-dir", "--is-bare-repository",
                                       "--show-toplevel", NULL };
    AUTO(Buf) answer = { 0 };
    AUTO(Buf) folder = { 0 };
    Error ignored = { 0 };
    const char *git_dir, *top;
    *out = NULL;
    if (!git_program(ask, NULL, &answer, &ignored) || !split_answer(&answer, &git_dir, &top) ||
        !repository_beneath(top, root, state_dir, &folder))
        return false;
    Staging *staging = mem_alloc(sizeof *staging);
    *staging =
        (Staging){ .git_dir = mem_strdup(git_dir), .state_dir = mem_strdup(state_dir), .folder = folder };
    buf_append(&staging->above, folder.data, folder.length - strlen(state_dir));
    folder = (Buf){ 0 };
    *out = staging;
    return true;
}

void staging_close(Staging **handle) {
    Staging *staging = *handle;
    if (!staging)
        return;
    git_tree_free(staging->tree);
    repository_close(&staging->repository);
    buf_free(&staging->folder);
    buf_free(&staging->above);
    free(staging->git_dir);
    free(staging->state_dir);
    free(staging);
    *handle = NULL;
}

bool staging_is_chosen(const Staging *staging) {
    (void)staging;
    const char *index = getenv("GIT_INDEX_FILE"), *name = index ? strrchr(index, '/') : NULL;
    return index && str_starts(name ? name + 1 : index, "next-index-");
}

bool staging_is_in_between(const Staging *staging) {
    static const char *const marks[] = { "MERGE_HEAD",   "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge",
                                         "rebase-apply", "sequencer",        "BISECT_LOG" };
    AUTO(Buf) path = { 0 };
    bool found = false;
    for (size_t i = 0; !found && i < sizeof marks / sizeof *marks; i++) {
        buf_clear(&path);
        buf_printf(&path, "%s/%s", staging->git_dir, marks[i]);
        found = access(buf_text(&path), F_OK) == 0;
    }
    return found;
}

/* ---- work tree and index ---- */

void staging_paths_free(StagingPaths *paths) {
    arena_free(&paths->arena);
    *paths = (StagingPaths){ 0 };
}

void staging_paths_add(StagingPaths *paths, const char *path) {
    const char *copy = arena_strdup(&paths->arena, path);
    ARENA_PUSH(&paths->arena, paths->items, paths->count, paths->capacity, copy);
}

void staging_status_free(StagingStatus *status) {
    staging_paths_free(&status->unstaged);
    staging_paths_free(&status->staged);
}

static bool is_beneath(const Buf *folder, const char *path) {
    return str_starts(path, buf_text(folder)) && path[folder->length] == '/';
}

/* Whether a path from the top is a file of the state, whoever wrote it. */
static bool is_ours(const Staging *staging, const char *path) {
    if (!is_beneath(&staging->folder, path))
        return false;
    PathKind kind = layout_path(path + staging->folder.length + 1).kind;
    return kind != PATH_FOREIGN && kind != PATH_MARK;
}

static int path_order(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "XY path", each ended by a NUL: X tells what the commit changes, Y what the work tree has beyond it. */
static void take_status(const Staging *staging, const Buf *list, StagingStatus *status) {
    for (size_t at = 0; at + 3 < list->length; at += strlen(list->data + at) + 1) {
        const char *entry = list->data + at;
        if (entry[0] != ' ' && entry[0] != '?')
            staging_paths_add(&status->staged, entry + 3);
        if (entry[1] != ' ' && is_ours(staging, entry + 3))
            staging_paths_add(&status->unstaged, entry + 3);
    }
    if (status->unstaged.count)
        qsort(status->unstaged.items, status->unstaged.count, sizeof *status->unstaged.items, path_order);
}

bool staging_status(const Staging *staging, const char *const *beside, StagingStatus *status, Error *err) {
    static const char *const ask[] = {
        "--no-optional-locks", "status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--"
    };
    enum { ASKED = sizeof ask / sizeof *ask };
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) list = { 0 };
    size_t count = 0;
    while (beside[count])
        count++;
    const char **arguments = arena_array(&arena, ASKED + count + 2, sizeof *arguments);
    memcpy(arguments, ask, sizeof ask);
    arguments[ASKED] = arena_printf(&arena, ":(top,literal)%s", buf_text(&staging->folder));
    for (size_t i = 0; i < count; i++)
        arguments[ASKED + 1 + i] =
            arena_printf(&arena, ":(top,literal)%s%s", buf_text(&staging->above), beside[i]);
    if (!git_program(arguments, NULL, &list, err))
        return false;
    take_status(staging, &list, status);
    return true;
}

bool staging_changes(const Staging *staging, const StagingStatus *status, const char *path) {
    AUTO(Buf) full = { 0 };
    buf_printf(&full, "%s%s", buf_text(&staging->above), path);
    for (size_t i = 0; i < status->staged.count; i++)
        if (*path ? strcmp(status->staged.items[i], buf_text(&full)) == 0
                  : is_beneath(&staging->folder, status->staged.items[i]))
            return true;
    return false;
}

bool staging_add(const Staging *staging, const StagingPaths *paths, Error *err) {
    (void)staging;
    static const char *const add[] = { "add", "--all", "--pathspec-from-file=-", "--pathspec-file-nul",
                                       NULL };
    AUTO(Buf) list = { 0 };
    AUTO(Buf) nothing = { 0 };
    for (size_t i = 0; i < paths->count; i++) {
        buf_printf(&list, ":(top,literal)%s", paths->items[i]);
        buf_putc(&list, '\0');
    }
    return !paths->count || git_program(add, &list, &nothing, err);
}

/* ---- what is staged ---- */

bool staging_look(Staging *staging, Error *err) {
    static const char *const write[] = { "write-tree", NULL };
    AUTO(Buf) answer = { 0 };
    git_oid id;
    if (!git_program(write, NULL, &answer, err) ||
        !repository_open_at(staging->git_dir, buf_text(&staging->folder), &staging->repository, err))
        return false;
    size_t length = strcspn(buf_text(&answer), "\n");
    return (git_oid_fromstrn(&id, buf_text(&answer), length) == 0 &&
            git_tree_lookup(&staging->tree, staging->repository.git, &id) == 0) ||
           repository_object_fault(&staging->repository, err, "what is staged cannot be read");
}

bool staging_file(const Staging *staging, const char *path, Buf *text, bool *found, Error *err) {
    AUTO(Buf) full = { 0 };
    buf_printf(&full, "%s%s", buf_text(&staging->above), path);
    return repository_file(&staging->repository, staging->tree, buf_text(&full), text, found, err);
}

bool staging_state(Staging *staging, StateCommit **out, Error *err) {
    git_oid id;
    git_oid_cpy(&id, git_tree_id(staging->tree));
    git_tree_free(staging->tree);
    staging->tree = NULL;
    return state_tree_open(&staging->repository, &id, staging->state_dir, out, err);
}
