/* The commits that people name. */
#ifndef SCHEMA_SYNC_REPO_REVISION_H
#define SCHEMA_SYNC_REPO_REVISION_H

#include "repo/repository.h"

/*
 * `ref` is what git calls a revision. ERR_CONFIG: no commit yet, no such one (with the nearest name), one of
 * several, or an object that cannot be read. The caller frees it with git_commit_free.
 */
bool revision_commit(const Repository *repository, const char *ref, git_commit **commit, Error *err);

#endif
