/*
 * The schema an import wants, in the form POST /schema/diff takes: what the target has, overlaid with the
 * files.
 *
 * In modes add and merge everything the target has beyond the files stays in the posted snapshot, so that the
 * server's diff holds no deletion that nobody named; removed.jsonl and mode mirror take things out. Members a
 * record lacks (written by an older version) are filled from the target, and `directus`, `vendor` and, when
 * the versions differ, systemFields are the target's. Records the target does not track (meta null) are
 * echoed as they are.
 */
#ifndef SCHEMA_SYNC_MODEL_DESIRED_H
#define SCHEMA_SYNC_MODEL_DESIRED_H

#include "model/plan.h"
#include "model/snapshot.h"

/* `removed`: array of [type, id, key] as read from removed.jsonl. */
Json schema_desired(Arena *arena, const Snapshot *files, const Snapshot *target, Mode mode,
                    const Json *removed);
/* Whether files and target differ at all, without asking the server: equal means no diff request is needed.
 */
bool schema_differs(const Json *desired, const Snapshot *target);
/* The target's snapshot in the same form. */
Json schema_of(Arena *arena, const Snapshot *snapshot);

#endif
