/*
 * The git repository around a state folder. Ownership is not validated: containers and CI check out as one
 * user and run as another, and nothing of the repository is executed. Whoever writes into it does so himself.
 */
#ifndef SCHEMA_SYNC_REPO_REPOSITORY_H
#define SCHEMA_SYNC_REPO_REPOSITORY_H

#include <stdbool.h>

#include <git2.h>

#include "base/error.h"
#include "base/str.h"

/* A zeroed one is closed. */
typedef struct {
    git_repository *git;
    Buf path; /* of the state folder in the repository, without '/' at its ends; "" = the root */
    bool started;
} Repository;

/* *found false, and true returned: root is in no repository (or, not bare, outside of its work tree). What
 * libgit2 cannot read (SHA-256, an unknown extension) is ERR_CONFIG with the mend. */
bool repository_open(const char *root, const char *state_dir, Repository *repository, bool *found,
                     Error *err);
/* The same, where the repository's folder (a linked work tree's own, too) and `path` are known. */
bool repository_open_at(const char *git_dir, const char *path, Repository *repository, Error *err);
/* What git calls `below`, which is beneath `folder`: relative to the work tree, links in the way to `folder`
 * resolved, without '/' at its ends. False when the folder is not in the work tree (which may be NULL). */
bool repository_beneath(const char *work_tree, const char *folder, const char *below, Buf *path);
void repository_close(Repository *repository);
AUTO_DEFINE(Repository, repository_close);

/* ERR_CONFIG "git: what: libgit2's own words"; returns false. */
bool repository_fault(Error *err, const char *what);
/* The same for an object that cannot be read: a partial clone may not have it. */
bool repository_object_fault(const Repository *repository, Error *err, const char *what);
/* An index that libgit2 does not read: sparse, split, without a checksum; with the mend. */
bool repository_index_fault(Error *err, const char *what);

/* ERR_CONFIG: a sparse checkout lacks the file at `path`, from the top; returns false. */
bool repository_left_out(const char *path, Error *err);

/* A clone made with --filter: objects may be missing. */
bool repository_is_partial(const Repository *repository);

/* What a commit has at the state folder's path; all zeros for nothing. */
bool repository_folder(const Repository *repository, const git_commit *commit, git_oid *id, Error *err);
/* The same at another path, from the top. */
bool repository_folder_at(const Repository *repository, const char *path, const git_commit *commit,
                          git_oid *id, Error *err);
/* Appends the file at `path` in the tree; *found false when there is none. */
bool repository_file(const Repository *repository, const git_tree *tree, const char *path, Buf *text,
                     bool *found, Error *err);
/*
 * From `commit` back along first parents to the one that changed the state folder: its full id into `name`,
 * "" when there is none. *shallow: history ends before that could be told, and `name` is "".
 */
bool repository_last_change(const Repository *repository, git_commit *commit, char name[65], bool *shallow,
                            Error *err);

#endif
