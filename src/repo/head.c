#include <string.h>

#include "model/layout.h"
#include "repo/repo.h"
#include "repo/repository.h"

static bool find_commit(const Repository *repository, RepoHead *head, Error *err) {
    git_oid id;
    git_commit *commit = NULL;
    int found = git_reference_name_to_id(&id, repository->git, "HEAD");
    if (found == GIT_ENOTFOUND)
        return true; /* no commit yet */
    if (found != 0 || git_commit_lookup(&commit, repository->git, &id) != 0)
        return repository_fault(err, "HEAD cannot be read");
    bool read = repository_last_change(repository, commit, head->commit, &head->shallow, err);
    git_commit_free(commit);
    return read;
}

/* ---- the work tree ---- */

/* An untracked file counts when it has the shape of ours; a tracked one that differs always does. */
static bool counts(const Repository *repository, const git_status_entry *entry) {
    if (entry->status != GIT_STATUS_WT_NEW)
        return entry->status != GIT_STATUS_CURRENT && entry->status != GIT_STATUS_IGNORED;
    const char *path = entry->index_to_workdir->new_file.path;
    const char *below = path + repository->path.length + (repository->path.length > 0);
    PathKind kind = layout_path(below).kind;
    return kind != PATH_FOREIGN && kind != PATH_MARK;
}

static bool find_changes(Repository *repository, RepoHead *head, Error *err) {
    git_status_options options;
    git_status_list *list = NULL;
    if (git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION) != 0)
        return repository_fault(err, "status");
    options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
    options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
                    GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH;
    options.pathspec.count = repository->path.length ? 1 : 0;
    options.pathspec.strings = &repository->path.data;
    if (git_status_list_new(&list, repository->git, &options) != 0)
        return repository_index_fault(err);
    for (size_t i = 0; i < git_status_list_entrycount(list) && !head->dirty; i++)
        head->dirty = counts(repository, git_status_byindex(list, i));
    git_status_list_free(list);
    return true;
}

bool repo_head(const char *root, const char *state_dir, RepoHead *head, Error *err) {
    AUTO(Repository) repository = { 0 };
    *head = (RepoHead){ 0 };
    if (!repository_open(root, state_dir, &repository, &head->found, err))
        return false;
    if (!head->found)
        return true;
    return find_commit(&repository, head, err) &&
           (git_repository_is_bare(repository.git) || find_changes(&repository, head, err));
}

bool repo_tracks(const char *root, const char *path, bool *tracked, Error *err) {
    AUTO(Repository) repository = { 0 };
    git_index *index = NULL;
    bool inside;
    *tracked = false;
    if (!repository_open(root, path, &repository, &inside, err))
        return false;
    if (!inside || git_repository_is_bare(repository.git))
        return true;
    bool done = git_repository_index(&index, repository.git) == 0 ||
                repository_fault(err, "the index cannot be read");
    *tracked = done && git_index_get_bypath(index, repository.path.data, 0) != NULL;
    git_index_free(index);
    return done;
}
