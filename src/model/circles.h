/*
 * Trees that are none: a folder, a role, a collection's group or a group of fields that is beneath itself.
 * Directus shows such records nowhere, or never ends when it follows them.
 */
#ifndef SCHEMA_SYNC_MODEL_CIRCLES_H
#define SCHEMA_SYNC_MODEL_CIRCLES_H

#include "model/snapshot.h"

/* ERR_FILES naming file and pointer of one record of the circle, and all that are in it. The snapshot is
 * sorted. */
bool circles_check(const Snapshot *files, Error *err);

#endif
