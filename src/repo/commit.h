/*
 * A commit of the state folder, written with libgit2: no git binary, and none of git's hooks.
 *
 * The new commit's tree is the parent's with the tool's own files of the folder as they stand in the work
 * tree; the index's entries of these files follow, all others stay as they are, whatever they are. HEAD moves
 * by compare-and-set, behind the index: whoever is killed between the two leaves a staged state.
 */
#ifndef SCHEMA_SYNC_REPO_COMMIT_H
#define SCHEMA_SYNC_REPO_COMMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

/*
 * Whether a commit can be made here, as far as that can be told before the files are written. ERR_CONFIG: no
 * work tree of a repository, a merge or rebase under way, conflicts in the folder, a folder that is ignored,
 * a submodule, or left out by a sparse checkout, an index that libgit2 does not read, commits that are to be
 * signed, nobody to be the author. ERR_REFUSED: the repository of another user (as git: safe.directory).
 */
bool repo_commit_check(const char *root, const char *state_dir, Error *err);

typedef struct {
    bool made;     /* false: HEAD has these files already */
    char id[65];   /* HEAD's now; "" when there is none */
    bool detached; /* HEAD is no branch: nothing but its reflog holds the commit */
    size_t files;  /* that differ from the parent's */
    Buf branch;    /* "main"; "" when detached */
    Buf subject;   /* the message's first line */
} CommitResult;

/* Gives the message, when there is something to commit. `parent`: full id, "" for a first commit. */
typedef bool (*CommitMessage)(const char *parent, Buf *message, void *context, Error *err);

/* `result` is zeroed, or of an earlier call. Refuses as repo_commit_check does; ERR_LOCK when another git
 * works here or HEAD moved meanwhile. A fault leaves HEAD and the index as they were. */
bool repo_commit(const char *root, const char *state_dir, CommitMessage message, void *context,
                 CommitResult *result, Error *err);
void commit_result_free(CommitResult *result);
AUTO_DEFINE(CommitResult, commit_result_free);

#endif
