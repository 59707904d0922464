/*
 * The merge driver in a repository's own configuration: .gitattributes, which is committed, names it for the
 * state's files; what it is called by is told to git in each clone. A clone that was not told merges these
 * files by line, as all others.
 */
#ifndef SCHEMA_SYNC_REPO_MERGE_DRIVER_H
#define SCHEMA_SYNC_REPO_MERGE_DRIVER_H

#include <stdbool.h>

#include "base/error.h"

#define MERGE_DRIVER "schema-sync"

typedef enum {
    MERGE_DRIVER_NOWHERE, /* root is in no repository */
    MERGE_DRIVER_KEPT,    /* one is configured, here or for the user: it stays, whatever it is */
    MERGE_DRIVER_WRITTEN,
} MergeDriverSetUp;

bool merge_driver_set_up(const char *root, MergeDriverSetUp *done, Error *err);
/* Whether the attributes name the driver for the state's files and the configuration does not know it. */
bool merge_driver_missing(const char *root, const char *state_dir, bool *missing, Error *err);

#endif
