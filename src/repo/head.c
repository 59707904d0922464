#include <stdlib.h>
#include <string.h>

#include <git2.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/layout.h"
#include "repo/repo.h"

typedef struct {
    git_repository *repository;
    Buf path; /* of the state folder in the repository, without '/' at its ends; "" = the root */
} Git;

static bool git_fault(Error *err, const char *what) {
    const git_error *last = git_error_last();
    error_set(err, ERR_CONFIG, "git: %s: %s", what,
              last && last->message ? last->message : "no reason given");
    return error_hint(err, "`git fsck` and `git status` in the project's folder show more");
}

/* The state folder as git names it: relative to the work tree, links in the way to `root` resolved. */
static bool locate(Git *git, const char *root, const char *state_dir) {
    const char *workdir = git_repository_workdir(git->repository);
    char *real_root = realpath(root, NULL), *real_work = workdir ? realpath(workdir, NULL) : NULL;
    size_t length = real_work ? strlen(real_work) : 0;
    bool inside = real_root && real_work && strncmp(real_root, real_work, length) == 0 &&
                  (!real_root[length] || real_root[length] == '/' || length == 1);
    if (inside) {
        const char *below = real_root + length;
        buf_printf(&git->path, "%s/%s", below + (below[0] == '/'), state_dir);
        size_t lead = strspn(git->path.data, "/");
        memmove(git->path.data, git->path.data + lead, git->path.length - lead + 1);
        git->path.length -= lead;
        while (git->path.length && git->path.data[git->path.length - 1] == '/')
            git->path.data[--git->path.length] = '\0';
    }
    free(real_root);
    free(real_work);
    return inside;
}

/* ---- the commit ---- */

/* What a commit has at the state folder's path; all zeros for nothing. */
static bool folder_id(const Git *git, const git_commit *commit, git_oid *id, Error *err) {
    git_tree *tree = NULL;
    git_tree_entry *entry = NULL;
    memset(id, 0, sizeof *id);
    if (git_commit_tree(&tree, commit) != 0)
        return git_fault(err, "a commit's files cannot be read");
    int found = 0;
    if (git->path.length == 0)
        git_oid_cpy(id, git_tree_id(tree));
    else if ((found = git_tree_entry_bypath(&entry, tree, git->path.data)) == 0)
        git_oid_cpy(id, git_tree_entry_id(entry));
    git_tree_entry_free(entry);
    git_tree_free(tree);
    return found == 0 || found == GIT_ENOTFOUND || git_fault(err, "a commit's files cannot be read");
}

static void name_commit(const git_commit *commit, RepoHead *head) {
    git_oid_tostr(head->commit, sizeof head->commit, git_commit_id(commit));
}

/* One step back from *commit, whose folder is `id`: *done when it is the one that changed the folder. */
static bool step_back(const Git *git, git_commit **commit, git_oid *id, RepoHead *head, bool *done,
                      Error *err) {
    git_commit *parent = NULL;
    git_oid before;
    *done = true;
    if (git_commit_parentcount(*commit) == 0) {
        if (!git_oid_is_zero(id))
            name_commit(*commit, head);
        return true;
    }
    int found = git_commit_parent(&parent, *commit, 0);
    if (found == GIT_ENOTFOUND) {
        head->shallow = true;
        return true;
    }
    if (found != 0)
        return git_fault(err, "history cannot be read");
    /* most commits leave the folder alone, and many share their whole tree */
    bool known = git_oid_equal(git_commit_tree_id(parent), git_commit_tree_id(*commit));
    if (known)
        git_oid_cpy(&before, id);
    if (!known && !folder_id(git, parent, &before, err)) {
        git_commit_free(parent);
        return false;
    }
    if (!git_oid_equal(&before, id)) {
        name_commit(*commit, head);
        git_commit_free(parent);
        return true;
    }
    git_commit_free(*commit);
    *commit = parent;
    *done = false;
    return true;
}

static bool find_commit(const Git *git, RepoHead *head, Error *err) {
    git_oid id;
    git_commit *commit = NULL;
    int found = git_reference_name_to_id(&id, git->repository, "HEAD");
    if (found == GIT_ENOTFOUND)
        return true; /* no commit yet */
    if (found != 0 || git_commit_lookup(&commit, git->repository, &id) != 0)
        return git_fault(err, "HEAD cannot be read");
    bool done = false, read = folder_id(git, commit, &id, err);
    while (read && !done)
        read = step_back(git, &commit, &id, head, &done, err);
    git_commit_free(commit);
    return read;
}

/* ---- the work tree ---- */

/* An untracked file counts when it has the shape of ours; a tracked one that differs always does. */
static bool counts(const Git *git, const git_status_entry *entry) {
    if (entry->status != GIT_STATUS_WT_NEW)
        return entry->status != GIT_STATUS_CURRENT && entry->status != GIT_STATUS_IGNORED;
    const char *path = entry->index_to_workdir->new_file.path;
    const char *below = path + git->path.length + (git->path.length > 0);
    PathKind kind = layout_path(below).kind;
    return kind != PATH_FOREIGN && kind != PATH_MARK;
}

static bool find_changes(Git *git, RepoHead *head, Error *err) {
    git_status_options options;
    git_status_list *list = NULL;
    if (git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION) != 0)
        return git_fault(err, "status");
    options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
    options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
                    GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH;
    options.pathspec.count = git->path.length ? 1 : 0;
    options.pathspec.strings = &git->path.data;
    if (git_status_list_new(&list, git->repository, &options) != 0)
        return git_fault(err, "the work tree cannot be compared");
    for (size_t i = 0; i < git_status_list_entrycount(list) && !head->dirty; i++)
        head->dirty = counts(git, git_status_byindex(list, i));
    git_status_list_free(list);
    return true;
}

/* ---- asking ---- */

/* *inside: the path is in a repository's work tree. close_git() follows, whatever this returned. */
static bool open_git(Git *git, const char *root, const char *path, bool *inside, Error *err) {
    *git = (Git){ 0 };
    *inside = false;
    if (git_libgit2_init() < 0)
        return git_fault(err, "libgit2 cannot start");
    /* containers and CI check out as one user and run as another; nothing of the repository is executed */
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    int found = git_repository_open_ext(&git->repository, root, 0, NULL);
    *inside = found == 0 && locate(git, root, path);
    return found == 0 || found == GIT_ENOTFOUND || git_fault(err, "the repository cannot be opened");
}

static void close_git(Git *git) {
    buf_free(&git->path);
    git_repository_free(git->repository);
    git_libgit2_shutdown();
}

bool repo_head(const char *root, const char *state_dir, RepoHead *head, Error *err) {
    Git git;
    *head = (RepoHead){ 0 };
    bool done = open_git(&git, root, state_dir, &head->found, err);
    if (done && head->found)
        done = find_commit(&git, head, err) && find_changes(&git, head, err);
    close_git(&git);
    return done;
}

bool repo_tracks(const char *root, const char *path, bool *tracked, Error *err) {
    Git git;
    git_index *index = NULL;
    bool inside;
    *tracked = false;
    bool done = open_git(&git, root, path, &inside, err);
    if (done && inside) {
        done =
            git_repository_index(&index, git.repository) == 0 || git_fault(err, "the index cannot be read");
        *tracked = done && git_index_get_bypath(index, git.path.data, 0) != NULL;
    }
    git_index_free(index);
    close_git(&git);
    return done;
}
