#include "repo/staging.h"

#include <stdlib.h>
#include <string.h>

#include "model/layout.h"
#include "repo/git_program.h"
#include "repo/repository.h"
#include "repo/state_commit.h"

struct Staging {
    Repository repository;
    char *state_dir;
    Buf folder;             /* the state folder from the top, as repository.path */
    git_tree *now, *before; /* what is staged, and what HEAD has: NULL on an unborn branch */
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

bool staging_open(const char *root, const char *state_dir, Staging **out, Error *err) {
    static const char *const ask[] = { "rev-parse", "--absolute-git-dir", "--is-bare-repository",
                                       "--show-toplevel", NULL };
    AUTO(Buf) answer = { 0 };
    Error ignored = { 0 };
    const char *git_dir, *top;
    bool inside = false;
    *out = NULL;
    if (!git_program(ask, NULL, &answer, &ignored) || !split_answer(&answer, &git_dir, &top))
        return true;
    Staging *staging = mem_alloc(sizeof *staging);
    *staging = (Staging){ .state_dir = mem_strdup(state_dir) };
    *out = staging;
    bool opened = repository_open_at(git_dir, top, root, state_dir, &staging->repository, &inside, err);
    if (opened && inside)
        buf_puts(&staging->folder, buf_text(&staging->repository.path));
    else
        staging_close(out);
    return opened;
}

void staging_close(Staging **handle) {
    Staging *staging = *handle;
    if (!staging)
        return;
    git_tree_free(staging->now);
    git_tree_free(staging->before);
    repository_close(&staging->repository);
    buf_free(&staging->folder);
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
    return git_repository_state(staging->repository.git) != GIT_REPOSITORY_STATE_NONE;
}

/* ---- work tree and index ---- */

void staging_paths_free(StagingPaths *paths) {
    arena_free(&paths->arena);
    *paths = (StagingPaths){ 0 };
}

/* Whether a path from the top is a file of the state, whoever wrote it. */
static bool is_ours(const Buf *folder, const char *path) {
    const char *below = path;
    if (folder->length) {
        if (!str_starts(path, folder->data) || path[folder->length] != '/')
            return false;
        below += folder->length + 1;
    }
    PathKind kind = layout_path(below).kind;
    return kind != PATH_FOREIGN && kind != PATH_MARK;
}

static int path_order(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool staging_unstaged(const Staging *staging, StagingPaths *paths, Error *err) {
    AUTO(Buf) folder = { 0 };
    AUTO(Buf) list = { 0 };
    buf_printf(&folder, ":(top,literal)%s", buf_text(&staging->folder));
    const char *const ask[] = {
        "--no-optional-locks", "status", "--porcelain=v1",  "-z", "--untracked-files=all",
        "--no-renames",        "--",     buf_text(&folder), NULL
    };
    if (!git_program(ask, NULL, &list, err))
        return false;
    /* "XY path", each ended by a NUL; Y tells of the work tree */
    for (size_t at = 0; at + 3 < list.length; at += strlen(list.data + at) + 1) {
        const char *entry = list.data + at;
        if (entry[1] == ' ' || !is_ours(&staging->folder, entry + 3))
            continue;
        const char *path = arena_strdup(&paths->arena, entry + 3);
        ARENA_PUSH(&paths->arena, paths->items, paths->count, paths->capacity, path);
    }
    if (paths->count)
        qsort(paths->items, paths->count, sizeof *paths->items, path_order);
    return true;
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

static bool head_tree(Staging *staging, Error *err) {
    git_object *head = NULL;
    git_repository *git = staging->repository.git;
    int found = git_revparse_single(&head, git, "HEAD^{tree}");
    staging->before = (git_tree *)head;
    return found == 0 || git_repository_head_unborn(git) == 1 ||
           repository_object_fault(&staging->repository, err, "HEAD cannot be read");
}

bool staging_look(Staging *staging, Error *err) {
    static const char *const write[] = { "write-tree", NULL };
    AUTO(Buf) answer = { 0 };
    git_oid id;
    git_tree_free(staging->now);
    git_tree_free(staging->before);
    staging->now = staging->before = NULL;
    if (!git_program(write, NULL, &answer, err))
        return false;
    size_t length = strcspn(buf_text(&answer), "\n");
    if (git_oid_fromstrn(&id, buf_text(&answer), length) != 0 ||
        git_tree_lookup(&staging->now, staging->repository.git, &id) != 0)
        return repository_object_fault(&staging->repository, err, "what is staged cannot be read");
    return head_tree(staging, err);
}

/* All zeros for nothing. */
static git_oid entry_id(const git_tree *tree, const char *path) {
    git_oid id = { 0 };
    git_tree_entry *entry = NULL;
    if (tree && !*path)
        return *git_tree_id(tree);
    if (tree && git_tree_entry_bypath(&entry, tree, path) == 0)
        git_oid_cpy(&id, git_tree_entry_id(entry));
    git_tree_entry_free(entry);
    return id;
}

static bool changes(const Staging *staging, const char *path, git_oid *now) {
    git_oid before = entry_id(staging->before, path);
    *now = entry_id(staging->now, path);
    return !git_oid_equal(&before, now);
}

bool staging_changes_state(const Staging *staging) {
    git_oid now;
    return changes(staging, buf_text(&staging->folder), &now);
}

/* The state folder's path without the folder: where the configuration stands. */
static void beside_state(const Staging *staging, const char *path, Buf *out) {
    const Buf *folder = &staging->folder;
    size_t above = folder->length - strlen(staging->state_dir);
    buf_append(out, buf_text(folder), above);
    buf_puts(out, path);
}

bool staging_changed_file(const Staging *staging, const char *path, Buf *text, bool *found, Error *err) {
    AUTO(Buf) full = { 0 };
    git_oid id;
    git_blob *blob = NULL;
    *found = false;
    beside_state(staging, path, &full);
    if (!changes(staging, buf_text(&full), &id) || git_oid_is_zero(&id))
        return true;
    if (git_blob_lookup(&blob, staging->repository.git, &id) != 0)
        return repository_object_fault(&staging->repository, err, path);
    *found = true;
    buf_append(text, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
    git_blob_free(blob);
    return true;
}

bool staging_state(Staging *staging, StateCommit **out, Error *err) {
    git_oid id;
    git_oid_cpy(&id, git_tree_id(staging->now));
    git_tree_free(staging->now);
    git_tree_free(staging->before);
    staging->now = staging->before = NULL;
    return state_tree_open(&staging->repository, &id, staging->state_dir, out, err);
}
