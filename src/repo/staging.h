/*
 * The commit that git is about to make, as a pre-commit hook sees it: the index it is made of and the work
 * tree beside it.
 *
 * Which repository, work tree and index are meant is git's own answer (a linked work tree, GIT_DIR, the index
 * of `git commit FILE`); what a file differs in, and staging, is left to it too (filters, split and sparse
 * indexes). The staged files are read out of the tree that the index makes; libgit2, whose start takes longer
 * than all the rest, is not needed before.
 */
#ifndef SCHEMA_SYNC_REPO_STAGING_H
#define SCHEMA_SYNC_REPO_STAGING_H

#include <stdbool.h>

#include "repo/repo.h"

typedef struct Staging Staging;

/* False, and *out NULL: the working directory is in no work tree, or `root` is not in that one. */
bool staging_open(const char *root, const char *state_dir, Staging **out);
void staging_close(Staging **handle);
static inline void staging_auto_close(Staging **handle) {
    staging_close(handle);
}
#define AUTO_STAGING __attribute__((cleanup(staging_auto_close))) Staging *

/* `git commit FILE…`: the user has chosen exactly what is committed. */
bool staging_is_chosen(const Staging *staging);
/* A merge, a rebase, a cherry-pick … is on its way. */
bool staging_is_in_between(const Staging *staging);

/* Paths from the top of the work tree. */
typedef struct {
    Arena arena;
    const char **items;
    size_t count, capacity;
} StagingPaths;
void staging_paths_add(StagingPaths *paths, const char *path);
void staging_paths_free(StagingPaths *paths);
AUTO_DEFINE(StagingPaths, staging_paths_free);

typedef struct {
    StagingPaths unstaged; /* the state's files whose work tree and index differ, sorted; new ones that are
                              not ignored too */
    StagingPaths staged;   /* what the commit changes in the state folder, and of the files asked for */
} StagingStatus;
/* `beside`: files beneath `root`, ended by NULL. */
bool staging_status(const Staging *staging, const char *const *beside, StagingStatus *status, Error *err);
/* Whether the commit changes a file beneath `root`; with "" anything in the state folder. */
bool staging_changes(const Staging *staging, const StagingStatus *status, const char *path);
void staging_status_free(StagingStatus *status);
AUTO_DEFINE(StagingStatus, staging_status_free);

/* Stages these files as they stand; one that is gone is staged as removed. */
bool staging_add(const Staging *staging, const StagingPaths *paths, Error *err);

/* Looks at what is staged now: the rest is about that. */
bool staging_look(Staging *staging, Error *err);
/* The text of a file beneath `root`; *found false when there is none. */
bool staging_file(const Staging *staging, const char *path, Buf *text, bool *found, Error *err);
/* The staged state, to be read as that of a commit, and closed by the caller; asked once, at the end. */
bool staging_state(Staging *staging, StateCommit **out, Error *err);

#endif
