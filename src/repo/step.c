#include "repo/repo.h"
#include "repo/repository.h"

static bool is_in_between(git_repository *git) {
    switch ((git_repository_state_t)git_repository_state(git)) {
    case GIT_REPOSITORY_STATE_BISECT:
    case GIT_REPOSITORY_STATE_REBASE:
    case GIT_REPOSITORY_STATE_REBASE_INTERACTIVE:
    case GIT_REPOSITORY_STATE_REBASE_MERGE:
    case GIT_REPOSITORY_STATE_APPLY_MAILBOX:
    case GIT_REPOSITORY_STATE_APPLY_MAILBOX_OR_REBASE:
        return true;
    case GIT_REPOSITORY_STATE_NONE:
    case GIT_REPOSITORY_STATE_MERGE: /* stands until the hook of the merge is over */
    case GIT_REPOSITORY_STATE_REVERT:
    case GIT_REPOSITORY_STATE_REVERT_SEQUENCE:
    case GIT_REPOSITORY_STATE_CHERRYPICK:
    case GIT_REPOSITORY_STATE_CHERRYPICK_SEQUENCE:
        break;
    }
    return false;
}

/* *found false: there is no such commit. */
static bool folder_of(const Repository *repository, const char *ref, git_oid *folder, bool *found,
                      Error *err) {
    git_object *object = NULL, *commit = NULL;
    *found = git_revparse_single(&object, repository->git, ref) == 0 &&
             git_object_peel(&commit, object, GIT_OBJECT_COMMIT) == 0;
    bool read = !*found || repository_folder(repository, (const git_commit *)commit, folder, err);
    git_object_free(commit);
    git_object_free(object);
    return read;
}

bool repo_step(const char *root, const char *state_dir, const char *from, const char *to, RepoStep *step,
               Error *err) {
    AUTO(Repository) repository = { 0 };
    git_oid before, after;
    bool known = false;
    *step = (RepoStep){ 0 };
    if (!repository_open(root, state_dir, &repository, &step->found, err))
        return false;
    if (!step->found)
        return true;
    step->in_between = is_in_between(repository.git);
    if (!folder_of(&repository, from, &before, &known, err) ||
        (known && !folder_of(&repository, to, &after, &known, err)))
        return false;
    step->found = known;
    step->differs = known && !git_oid_equal(&before, &after);
    return true;
}
