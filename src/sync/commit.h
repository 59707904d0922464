/* Commits of the state folder, with a message that says what changed. */
#ifndef SCHEMA_SYNC_SYNC_COMMIT_H
#define SCHEMA_SYNC_SYNC_COMMIT_H

#include "config/config.h"
#include "repo/commit.h"

/* `message` NULL: "schema-sync: 2 collections, 1 flow changed", and a line a record. Says so when HEAD is no
 * branch. */
bool commit_state(const Config *config, const char *message, CommitResult *result, Error *err);

#endif
