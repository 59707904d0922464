/*
 * A state folder that a commit moved, with or without the project around it: where it stood before. What was
 * moved is told as git tells a rename, by what vanished in the same commit.
 */
#ifndef SCHEMA_SYNC_REPO_MOVED_H
#define SCHEMA_SYNC_REPO_MOVED_H

#include "base/mem.h"
#include "repo/repository.h"

/*
 * `folder` is a tree that `commit` has and `parent` has not at the same path. The path, from the top of the
 * repository, of the state folder that vanished between the two: the one with the same content, else the only
 * one; NULL when there is none, or none that could be told. Text in `arena`.
 */
const char *moved_from(const Repository *repository, const git_commit *commit, const git_commit *parent,
                       const git_oid *folder, Arena *arena);

#endif
