/*
 * Drift: who changed what since the last import. Target, files and what the marker says was applied are
 * compared by record and field; without the last one, target and files alone.
 *
 * Compared is what this environment is to have: with its overrides and the values of its placeholders,
 * without what it ignores, and under the names that declared renames give.
 */
#ifndef SCHEMA_SYNC_SYNC_DRIFT_H
#define SCHEMA_SYNC_SYNC_DRIFT_H

#include "config/config.h"
#include "model/merge.h"
#include "model/rename.h"
#include "sync/data.h"

typedef struct {
    Arena arena;
    const char *base; /* the commit that what was applied was read from; NULL: two-way, and why */
    const char *why;
    Merge merge; /* ours = the files, theirs = the instance; its conflicts point into what follows */
    ThreeWay rows;
    Renames renames; /* declared ones that the instance has still to see */
    bool drifted;    /* the instance is not what was applied (two-way: not what the files say) */
    bool moved;      /* the files are not */
    State files, applied;
    Snapshot target;
} DriftResult;

bool sync_drift(const Config *config, DriftResult *result, Error *err);
void drift_result_free(DriftResult *result);
AUTO_DEFINE(DriftResult, drift_result_free);

#endif
