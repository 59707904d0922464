/*
 * A loose object whose file ends too early (a power cut, a copy that was broken off) would be read for ever:
 * libgit2 (at least up to 1.9) asks zlib for the rest again and again (its issue 7342). The guard is asked
 * before libgit2 reads, and makes such an object an error that names the file. What is packed is not looked
 * at: that is refused by libgit2 itself.
 */
#ifndef SCHEMA_SYNC_REPO_LOOSE_GUARD_H
#define SCHEMA_SYNC_REPO_LOOSE_GUARD_H

#include <stdbool.h>

#include <git2.h>

/* It ends with the repository. False: libgit2 says why. */
bool loose_guard_add(git_repository *git);

#endif
