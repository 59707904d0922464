/* The files of a state as a commit has them; repo.h says what a StateCommit is. */
#ifndef SCHEMA_SYNC_REPO_STATE_COMMIT_H
#define SCHEMA_SYNC_REPO_STATE_COMMIT_H

#include <git2.h>

#include "repo/input.h"
#include "repo/repo.h"
#include "repo/repository.h"
#include "repo/state_files.h"

/* The state as a tree has it that no commit has yet: messages name its files as those of the work tree.
 * `repository` is taken over. */
bool state_tree_open(Repository *repository, const git_oid *tree, const char *state_dir, StateCommit **out,
                     Error *err);
/* *exists: the commit has a folder there. Links and submodules in it are refused. */
bool state_commit_list(const StateCommit *commit, StateFiles *files, bool *exists, Error *err);
/* One of its files; the whole of it is in memory until it is closed. */
bool state_commit_input(const StateCommit *commit, const char *path, Input *input, Error *err);

/* The commit that was named, which need not be one that changed the folder. */
void state_commit_start(const StateCommit *commit, git_oid *id);

#endif
