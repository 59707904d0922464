/* The files of a state as a commit has them; repo.h says what a StateCommit is. */
#ifndef SCHEMA_SYNC_REPO_STATE_COMMIT_H
#define SCHEMA_SYNC_REPO_STATE_COMMIT_H

#include "repo/input.h"
#include "repo/repo.h"
#include "repo/state_files.h"

/* *exists: the commit has a folder there. Links and submodules in it are refused. */
bool state_commit_list(const StateCommit *commit, StateFiles *files, bool *exists, Error *err);
/* One of its files; the whole of it is in memory until it is closed. */
bool state_commit_input(const StateCommit *commit, const char *path, Input *input, Error *err);

#endif
