#include "repo/changes.h"
#include "repo/repo.h"

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

static bool is_dirty(char kind, const char *path, void *context) {
    RepoHead *head = context;
    (void)kind;
    (void)path;
    head->dirty = true;
    return false;
}

bool repo_head(const char *root, const char *state_dir, RepoHead *head, Error *err) {
    AUTO(Repository) repository = { 0 };
    *head = (RepoHead){ 0 };
    if (!repository_open(root, state_dir, &repository, &head->found, err))
        return false;
    if (!head->found)
        return true;
    if (!find_commit(&repository, head, err))
        return false;
    head->dirty = git_repository_is_bare(repository.git) == 1; /* what stands in one is of no commit */
    return head->dirty || changes_each(&repository, is_dirty, head, err);
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
