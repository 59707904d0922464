/* Whether there are files to work on, and all of them. */
#include <string.h>
#include <unistd.h>

#include "model/layout.h"
#include "repo/repo.h"
#include "repo/repository.h"

bool repo_has_work_tree(const char *root, Error *err) {
    AUTO(Repository) repository = { 0 };
    bool found;
    if (!repository_open(root, "", &repository, &found, err))
        return false;
    if (!found || !git_repository_is_bare(repository.git))
        return true;
    error_set(err, ERR_CONFIG, "git: %s is a bare repository, which has no work tree for files", root);
    return error_hint(err, "run it in a clone: git clone %s", root);
}

bool repository_left_out(const char *path, Error *err) {
    error_set(err, ERR_CONFIG, "git: %s is left out of the work tree (sparse checkout)", path);
    return error_hint(err, "bring the state folder in whole: git sparse-checkout add <it>, or git "
                           "sparse-checkout disable");
}

static bool is_left_out(const Repository *repository, const git_index_entry *entry) {
    AUTO(Buf) path = { 0 };
    const char *folder = buf_text(&repository->path), *below = entry->path;
    size_t length = repository->path.length;
    if (!(entry->flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE))
        return false;
    if (length && (strncmp(below, folder, length) != 0 || below[length] != '/'))
        return false;
    if (layout_path(below + (length ? length + 1 : 0)).kind == PATH_FOREIGN)
        return false;
    buf_printf(&path, "%s%s", git_repository_workdir(repository->git), entry->path);
    return access(buf_text(&path), F_OK) != 0;
}

bool repo_has_all_files(const char *root, const char *state_dir, Error *err) {
    AUTO(Repository) repository = { 0 };
    git_index *index = NULL;
    bool found, done = true;
    if (!repository_open(root, state_dir, &repository, &found, err))
        return false;
    if (!found || git_repository_is_bare(repository.git))
        return true;
    if (git_repository_index(&index, repository.git) != 0)
        return true; /* of a form that libgit2 does not read: it cannot be told */
    for (size_t i = 0; done && i < git_index_entrycount(index); i++) {
        const git_index_entry *entry = git_index_get_byindex(index, i);
        done = !is_left_out(&repository, entry) || repository_left_out(entry->path, err);
    }
    git_index_free(index);
    return done;
}
