#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repo/committing.h"

bool commit_fault(Error *err, int code, const char *what) {
    const git_error *last = git_error_last();
    error_set(err, code == GIT_ELOCKED ? ERR_LOCK : ERR_IO, "git: %s: %s", what,
              last && last->message ? last->message : "no reason given");
    return error_hint(err,
                      code == GIT_ELOCKED
                          ? "another git is at work here: run the command again when it is done; if none is, "
                            "one was killed: remove the .lock file"
                          : "`git status` and `git fsck` in the project's folder show more; the files are "
                            "written, and `git commit` commits them too");
}

const char *commit_path(Committing *committing, const char *below) {
    const Buf *path = &committing->repository.path;
    return arena_printf(&committing->arena, "%s%s%s", buf_text(path), path->length ? "/" : "", below);
}

const char *commit_below(const Committing *committing, const char *path) {
    const Buf *folder = &committing->repository.path;
    if (!folder->length)
        return path;
    bool beneath = strncmp(path, folder->data, folder->length) == 0 && path[folder->length] == '/';
    return beneath ? path + folder->length + 1 : NULL;
}

/* ---- where ---- */

static bool refuse(Error *err, const char *message, const char *hint) {
    error_set(err, ERR_CONFIG, "git: %s", message);
    return error_hint(err, "%s", hint);
}

static bool check_repository(const Committing *committing, bool found, Error *err) {
    git_repository *git = committing->repository.git;
    if (!found) {
        error_set(err, ERR_CONFIG, "%s is in no git repository: there is nothing to commit to",
                  committing->root);
        return error_hint(err, "`git init` makes one; without --commit the files are only written");
    }
    if (git_repository_is_bare(git))
        return refuse(err, "a bare repository has no work tree to commit from",
                      "run it in a clone: git clone <this repository>");
    if (getenv("GIT_INDEX_FILE"))
        return refuse(err, "no commit can be made while git is making one",
                      "in a hook of git leave --commit out; git commits what is staged");
    switch (git_repository_state(git)) {
    case GIT_REPOSITORY_STATE_NONE:
    case GIT_REPOSITORY_STATE_BISECT:
        return true;
    case GIT_REPOSITORY_STATE_MERGE:
        return refuse(err, "a merge is under way",
                      "finish it with `git commit`, or end it with `git merge --abort`");
    case GIT_REPOSITORY_STATE_REVERT:
    case GIT_REPOSITORY_STATE_REVERT_SEQUENCE:
        return refuse(err, "a revert is under way", "git revert --continue, or git revert --abort");
    case GIT_REPOSITORY_STATE_CHERRYPICK:
    case GIT_REPOSITORY_STATE_CHERRYPICK_SEQUENCE:
        return refuse(err, "a cherry-pick is under way",
                      "git cherry-pick --continue, or git cherry-pick --abort");
    default:
        return refuse(
            err, "a rebase is under way",
            "git rebase --continue, or git rebase --abort (git am, when patches are being applied)");
    }
}

/* A repository within the repository: its files are not the outer one's to commit. */
static bool check_nested(Committing *committing, Error *err) {
    const char *folder = arena_printf(&committing->arena, "%s/%s", committing->root, committing->state_dir);
    for (const char *at = folder + strlen(committing->root) + 1; *at;) {
        at += strcspn(at, "/");
        const char *inner = arena_printf(&committing->arena, "%.*s/.git", (int)(at - folder), folder);
        if (access(inner, F_OK) == 0) {
            error_set(err, ERR_CONFIG, "git: %.*s is a repository of its own, or a submodule",
                      (int)(at - folder), folder);
            return error_hint(
                err, "put schema-sync.json into it and work there, or choose another state folder (\"dir\")");
        }
        at += strspn(at, "/");
    }
    return true;
}

/* Up to the branch, which need not exist yet. */
static bool find_head(Committing *committing, Error *err) {
    git_repository *git = committing->repository.git;
    const char *name = "HEAD";
    git_oid id;
    bool exists = false;
    for (int depth = 0; depth < 5; depth++) {
        git_reference *reference = NULL;
        int found = git_reference_lookup(&reference, git, name);
        if (found != 0 && found != GIT_ENOTFOUND)
            return repository_fault(err, "HEAD cannot be read");
        if (found != 0 || git_reference_type(reference) == GIT_REFERENCE_DIRECT) {
            exists = found == 0;
            if (exists)
                git_oid_cpy(&id, git_reference_target(reference));
            git_reference_free(reference);
            break;
        }
        name = arena_strdup(&committing->arena, git_reference_symbolic_target(reference));
        committing->branch = name;
        if (depth == 0)
            committing->head = name;
        git_reference_free(reference);
    }
    if (!exists)
        return true;
    return (git_commit_lookup(&committing->parent, git, &id) == 0 &&
            git_commit_tree(&committing->top, committing->parent) == 0) ||
           repository_object_fault(&committing->repository, err, "HEAD's commit cannot be read");
}

/* What the parent has on the way to the folder must be folders. */
static bool check_way(Committing *committing, Error *err) {
    const char *path = buf_text(&committing->repository.path);
    for (const char *at = path; committing->top && *at;) {
        git_tree_entry *entry = NULL;
        at += strcspn(at, "/");
        const char *part = arena_strndup(&committing->arena, path, (size_t)(at - path));
        int found = git_tree_entry_bypath(&entry, committing->top, part);
        git_object_t type = found == 0 ? git_tree_entry_type(entry) : GIT_OBJECT_TREE;
        git_tree_entry_free(entry);
        if (found == GIT_ENOTFOUND)
            return true;
        if (found != 0)
            return repository_object_fault(&committing->repository, err, "HEAD's files cannot be read");
        if (type != GIT_OBJECT_TREE) {
            error_set(err, ERR_CONFIG, "git: HEAD has %s as %s, not as a folder", part,
                      type == GIT_OBJECT_COMMIT ? "a submodule" : "a file or a link");
            return error_hint(err, "take it out first: git rm --cached '%s' && git commit", part);
        }
        at += strspn(at, "/");
    }
    return true;
}

/* ---- the index ---- */

bool commit_entry_fits(const git_index_entry *entry, const char *below, Error *err) {
    bool module = entry->mode == GIT_FILEMODE_COMMIT;
    if ((!module && entry->mode != GIT_FILEMODE_LINK) || layout_path(below).kind != PATH_FOREIGN)
        return true; /* what has the place of a file of ours gives way to it */
    error_set(err, ERR_FILES, "git: %s in the state folder is %s, which is never followed", below,
              module ? "a submodule" : "a symbolic link");
    return error_hint(err, "a commit with it could not be imported: take it out with git rm --cached");
}

static bool check_entry(const git_index_entry *entry, const char *below, Error *err) {
    if (git_index_entry_stage(entry) != 0) {
        error_set(err, ERR_CONFIG, "git: %s has a conflict that is not resolved", entry->path);
        return error_hint(err, "resolve it and `git add` the file, then run the command again");
    }
    if (!commit_entry_fits(entry, below, err))
        return false;
    bool left_out = entry->flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE;
    return !left_out || layout_path(below).kind == PATH_FOREIGN || repository_left_out(entry->path, err);
}

bool commit_index_fits(const Committing *committing, git_index *index, Error *err) {
    for (size_t i = 0; i < git_index_entrycount(index); i++) {
        const git_index_entry *entry = git_index_get_byindex(index, i);
        const char *below = commit_below(committing, entry->path);
        if (below && !check_entry(entry, below, err))
            return false;
    }
    return true;
}

static bool check_index(Committing *committing, Error *err) {
    git_index *index = NULL;
    if (git_repository_index(&index, committing->repository.git) != 0)
        return repository_index_fault(err, "the index cannot be read");
    bool fits = commit_index_fits(committing, index, err);
    git_index_free(index);
    return fits;
}

/* ---- whether git would take the files ---- */

/* libgit2 passes over a file that it may not read, and over what is said in it. */
static bool check_readable(const char *path, Error *err) {
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool whole = fd >= 0 && fstat(fd, &status) == 0 && !S_ISDIR(status.st_mode);
    if (fd >= 0)
        close(fd);
    if (whole || (fd < 0 && (errno == ENOENT || errno == ENOTDIR)))
        return true;
    error_set(err, ERR_CONFIG, "git: %s cannot be read", path);
    return error_hint(err, "git's own configuration says how and by whom a commit is made: mend its rights");
}

static bool check_configuration(const Committing *committing, Error *err) {
    int (*const others[])(git_buf *) = { git_config_find_global, git_config_find_xdg,
                                         git_config_find_system };
    git_buf path = { 0 };
    bool done =
        git_repository_item_path(&path, committing->repository.git, GIT_REPOSITORY_ITEM_CONFIG) != 0 ||
        check_readable(path.ptr, err);
    git_buf_dispose(&path);
    for (size_t i = 0; done && i < sizeof others / sizeof *others; i++) {
        done = others[i](&path) != 0 || check_readable(path.ptr, err);
        git_buf_dispose(&path);
    }
    return done;
}

static bool check_settings(Committing *committing, Error *err) {
    git_repository *git = committing->repository.git;
    git_config *config = NULL;
    int sign = 0, ignored = 0;
    if (git_repository_config_snapshot(&config, git) != 0)
        return repository_fault(err, "the configuration cannot be read");
    int asked = git_config_get_bool(&sign, config, "commit.gpgsign");
    git_config_free(config);
    if (asked != 0 && asked != GIT_ENOTFOUND)
        return repository_fault(err, "commit.gpgsign");
    if (sign)
        return refuse(err, "commits are to be signed here (commit.gpgsign), which schema-sync cannot do",
                      "export without --commit, then `git commit` signs; or git config commit.gpgsign false");
    const char *probe = commit_path(committing, STATE_INFO);
    git_tree_entry *entry = NULL;
    bool known = committing->top && git_tree_entry_bypath(&entry, committing->top, probe) == 0;
    git_tree_entry_free(entry);
    if (known || git_ignore_path_is_ignored(&ignored, git, probe) != 0 || !ignored)
        return true;
    error_set(err, ERR_CONFIG, "git: the state folder %s is ignored", committing->state_dir);
    return error_hint(err, "`git check-ignore -v %s` names the line of .gitignore: take it out", probe);
}

bool commit_open(Committing *committing, const char *root, const char *state_dir, Error *err) {
    AUTO(Authors) authors = { 0 };
    bool found;
    *committing = (Committing){ .folder.fd = -1 };
    committing->root = arena_strdup(&committing->arena, root);
    committing->state_dir = arena_strdup(&committing->arena, state_dir);
    return repository_open(root, state_dir, &committing->repository, &found, err) &&
           check_repository(committing, found, err) && commit_owner_fits(committing->repository.git, err) &&
           check_configuration(committing, err) && check_nested(committing, err) &&
           find_head(committing, err) && check_way(committing, err) && check_index(committing, err) &&
           commit_authors(committing->repository.git, &authors, err) && check_settings(committing, err);
}

void commit_close(Committing *committing) {
    folder_close(&committing->folder);
    git_tree_free(committing->top);
    git_commit_free(committing->parent);
    repository_close(&committing->repository);
    arena_free(&committing->arena);
    *committing = (Committing){ .folder.fd = -1 };
}
