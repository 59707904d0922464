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
    /* A move backwards: what it will hold against. `commit` and `text` are then those of what it supersedes,
     * and the target must still be where that was decided. */
    const char *held;
    const char *hash; /* the marker's then */
    int64_t epoch;
} Standing;

/* Texts in `arena`. */
bool standing_of(const StateSource *source, Arena *arena, Standing *standing, Error *err);

/*
 * May an import of ours go ahead, by what the marker says? *go false and true returned: the target has a
 * newer state, or is held by a rollback, and that is as it should be. ERR_NEWER: the target is newer, or
 * history has diverged and neither options->allow_diverged nor an unprotected environment permits it.
 * ERR_CONFIG: history is missing. Unless the marker is clean, the order is by what was being imported: an
 * older image may not take over a newer one's failed import; and no rollback holds that did not come to its
 * end. A move backwards is allowed as long as the marker has not moved since: else ERR_LOCK.
 */
bool standing_allows(const Standing *ours, const Config *config, const Marker *marker,
                     const ImportOptions *options, bool *go, Error *err);

#endif
