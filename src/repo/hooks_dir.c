#include "repo/hooks_dir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "repo/repository.h"

enum { LARGEST_SCRIPT = 1024 * 1024 };

typedef struct {
    const Repository *repository;
    HooksDir *out;
    const char *top;    /* of the work tree, without a slash at its end */
    const char *chosen; /* core.hooksPath, absolute; NULL when it is not set */
} Search;

/* ---- where ---- */

static const char *without_slash(Arena *arena, const char *path) {
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    return arena_strndup(arena, path, length);
}

static bool is_there(const Search *search, const char *name) {
    AUTO(Arena) arena = { 0 };
    struct stat ignored;
    return lstat(arena_printf(&arena, "%s/%s", search->top, name), &ignored) == 0;
}

/* A relative one begins where hooks are run: at the work tree's top (git-config(1)). */
static bool read_chosen(Search *search, Error *err) {
    git_config *config = NULL;
    git_buf path = { 0 };
    Arena *arena = &search->out->arena;
    if (git_repository_config_snapshot(&config, search->repository->git) != 0)
        return repository_fault(err, "git's configuration cannot be read");
    int found = git_config_get_path(&path, config, "core.hooksPath");
    if (found == 0 && path.ptr[0] == '/')
        search->chosen = without_slash(arena, path.ptr);
    else if (found == 0)
        search->chosen = without_slash(arena, arena_printf(arena, "%s/%s", search->top, path.ptr));
    git_buf_dispose(&path);
    git_config_free(config);
    return found == 0 || found == GIT_ENOTFOUND || repository_fault(err, "core.hooksPath cannot be read");
}

/* The path beneath `folder`, NULL when it is not there; links are resolved as far as the path exists. */
static const char *beneath(Arena *arena, const char *folder, const char *path) {
    char *real_folder = realpath(folder, NULL), *real_path = realpath(path, NULL);
    const char *inside = real_path ? real_path : path, *of = real_folder ? real_folder : folder;
    size_t length = strlen(of);
    const char *rest = strncmp(inside, of, length) == 0 && (inside[length] == '/' || !inside[length])
                           ? arena_strdup(arena, inside + length + (inside[length] == '/'))
                           : NULL;
    free(real_folder);
    free(real_path);
    return rest;
}

static bool has_tracked(const Search *search, const char *folder, bool *tracked, Error *err) {
    AUTO(Arena) arena = { 0 };
    git_index *index = NULL;
    size_t at;
    if (git_repository_index(&index, search->repository->git) != 0)
        return repository_fault(err, "the index cannot be read");
    *tracked = git_index_find_prefix(&at, index, arena_printf(&arena, "%s/", folder)) == 0;
    git_index_free(index);
    return true;
}

/* A folder of the user's choice. */
static bool judge_chosen(const Search *search, Error *err) {
    HooksDir *out = search->out;
    const char *in_git =
        beneath(&out->arena, git_repository_commondir(search->repository->git), search->chosen);
    const char *in_tree = beneath(&out->arena, search->top, search->chosen);
    bool tracked = false;
    out->path = search->chosen;
    if (!in_git && in_tree && !has_tracked(search, in_tree, &tracked, err))
        return false;
    out->keeper = in_git || (in_tree && !tracked) ? HOOKS_FREE : in_tree ? HOOKS_VERSIONED : HOOKS_ELSEWHERE;
    return true;
}

/* husky 9 sets core.hooksPath to .husky/_ and calls the scripts beside that folder, older ones to .husky. */
static const char *husky_folder(const Search *search) {
    static const char name[] = "/.husky";
    Arena *arena = &search->out->arena;
    const char *found = search->chosen ? strstr(search->chosen, name) : NULL;
    if (found && (!found[strlen(name)] || found[strlen(name)] == '/'))
        return arena_strndup(arena, search->chosen, (size_t)(found - search->chosen) + strlen(name));
    return !search->chosen && is_there(search, ".husky") ? arena_printf(arena, "%s%s", search->top, name)
                                                         : NULL;
}

static bool judge(const Search *search, Error *err) {
    static const char pre_commit[] = ".pre-commit-config.yaml";
    HooksDir *out = search->out;
    git_buf own = { 0 };
    out->path = husky_folder(search);
    if (out->path) {
        out->keeper = HOOKS_HUSKY;
        return true;
    }
    if (is_there(search, pre_commit)) {
        out->path = arena_printf(&out->arena, "%s/%s", search->top, pre_commit);
        out->keeper = HOOKS_PRE_COMMIT;
        return true;
    }
    if (search->chosen)
        return judge_chosen(search, err);
    if (git_repository_item_path(&own, search->repository->git, GIT_REPOSITORY_ITEM_HOOKS) != 0)
        return repository_fault(err, "the folder of hooks");
    out->path = without_slash(&out->arena, own.ptr);
    git_buf_dispose(&own);
    return true;
}

bool hooks_dir_find(const char *root, HooksDir *out, Error *err) {
    AUTO(Repository) repository = { 0 };
    bool found;
    if (!repository_open(root, "", &repository, &found, err))
        return false;
    if (!found || git_repository_is_bare(repository.git)) {
        error_set(err, ERR_CONFIG,
                  found ? "%s is a bare repository, which has no work tree for hooks to serve"
                        : "%s is in no git repository, which could have hooks",
                  root);
        return found ? error_hint(err, "run it in a clone: git clone %s", root)
                     : error_hint(err, "run `git init` there first");
    }
    Search search = { .repository = &repository, .out = out };
    search.top = without_slash(&out->arena, git_repository_workdir(repository.git));
    out->project = repository.path.length ? arena_strdup(&out->arena, repository.path.data) : ".";
    return read_chosen(&search, err) && judge(&search, err);
}

void hooks_dir_free(HooksDir *dir) {
    arena_free(&dir->arena);
    *dir = (HooksDir){ 0 };
}

/* ---- scripts ---- */

bool hooks_dir_read(const HooksDir *dir, const char *name, Buf *text, bool *found, Error *err) {
    AUTO(Arena) arena = { 0 };
    struct stat status;
    const char *path = arena_printf(&arena, "%s/%s", dir->path, name);
    *found = lstat(path, &status) == 0 && S_ISREG(status.st_mode);
    return !*found || file_read(path, LARGEST_SCRIPT, text, NULL, err);
}

/* rename() would replace a file that stands in the new place; nobody makes one between these two calls.
 * *moved: there was one. */
static bool move_aside(const char *path, const char *aside, bool *moved, Error *err) {
    struct stat ignored;
    if (lstat(path, &ignored) != 0)
        return true;
    if (lstat(aside, &ignored) == 0) {
        error_set(err, ERR_CONFIG,
                  "%s is another program's, and what stood there before is kept in %s already", path, aside);
        return error_hint(
            err, "make one script of the two and move it to %s, then run `schema-sync init --hooks` again",
            path);
    }
    *moved = rename(path, aside) == 0;
    return *moved || error_errno(err, "%s cannot be moved to %s", path, aside);
}

bool hooks_dir_write(const HooksDir *dir, const char *name, const Buf *text, bool replace, Error *err) {
    AUTO(Folder) folder = { .fd = -1 };
    AUTO(FileWriter) writer = { 0 };
    AUTO(Arena) arena = { 0 };
    const char *path = arena_printf(&arena, "%s/%s", dir->path, name);
    const char *aside = arena_printf(&arena, "%s" HOOKS_BEFORE, path);
    bool moved = false;
    bool done = folder_open(&folder, dir->path, true, err) &&
                file_writer_begin(&writer, &folder, name, err) && file_writer_executable(&writer, err) &&
                file_writer_write(&writer, buf_text(text), text->length, err) &&
                (replace || move_aside(path, aside, &moved, err)) && file_writer_commit(&writer, err);
    if (!done && moved && rename(aside, path) != 0) /* or it would not run any more */
        error_hint(err, "move %s back to %s", aside, path);
    return done;
}
