/*
 * The sealed manifest: what `seal` wrote beside the config for places without git. Where it stands, the state
 * must be as it says.
 */
#ifndef SCHEMA_SYNC_REPO_SEALED_H
#define SCHEMA_SYNC_REPO_SEALED_H

#include <stdbool.h>

#include "base/error.h"
#include "model/digest.h"

/* Compares with root/schema-sync.manifest, when there is one; ERR_FILES names the first file that differs. */
bool sealed_check(const char *root, const char *state_dir, const Manifest *manifest, Error *err);

#endif
