/*
 * git itself, for hooks: they run beneath it, and only it knows every form an index may have (split, sparse,
 * with filters) and which one a commit is made of (GIT_INDEX_FILE, GIT_DIR). All else reads with libgit2.
 */
#ifndef SCHEMA_SYNC_REPO_GIT_PROGRAM_H
#define SCHEMA_SYNC_REPO_GIT_PROGRAM_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

/*
 * Runs `git ARGUMENTS…` (NULL-terminated, without the name) in the working directory and this process's
 * environment. `input` may be NULL; what it prints is appended to `output`. Another status than 0 is
 * ERR_CONFIG "git write-tree: <its own words>"; a git that cannot be started ERR_CONFIG too.
 */
bool git_program(const char *const *arguments, const Buf *input, Buf *output, Error *err);

#endif
