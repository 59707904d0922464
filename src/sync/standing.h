/*
 * Where our state stands in history, and whether it may go where a target's marker stands.
 */
#ifndef SCHEMA_SYNC_SYNC_STANDING_H
#define SCHEMA_SYNC_SYNC_STANDING_H

#include "config/config.h"
#include "model/ancestry.h"
#include "postgres/marker.h"
#include "repo/repo.h"
#include "sync/sync.h"

typedef struct {
    Lineage lineage;    /* empty: no git and not sealed, or nothing was committed yet */
    const char *commit; /* its first; NULL when it is empty */
    const char *text;   /* as the marker keeps it; NULL when it is empty */
    bool dirty;         /* the files are not as the commit has them */
} Standing;

/* Texts in `arena`. */
bool standing_of(const StateSource *source, Arena *arena, Standing *standing, Error *err);

/*
 * May an import of ours go ahead, by what the marker says? *go false and true returned: the target has a
 * newer state, or is held by a rollback, and that is as it should be. ERR_NEWER: the target is newer, or
 * history has diverged and neither options->allow_diverged nor an unprotected environment permits it.
 * ERR_CONFIG: history is missing. Unless the marker is clean, the order is by what was being imported: an
 * older image may not take over a newer one's failed import.
 */
bool standing_allows(const Standing *ours, const Config *config, const Marker *marker,
                     const ImportOptions *options, bool *go, Error *err);

#endif
