/*
 * rollback: a move backwards that holds, and its end.
 *
 * The target gets the state of an older commit: what the newer one changed is as it was, what only the newer
 * one has goes, what neither owns stays. The marker keeps the newer commit and its lineage for the order, so
 * that imports of it, and of what came before it, do nothing from then on (ORDER_HELD), until a commit comes
 * that is neither, or until the hold is lifted.
 *
 * A rollback that does not come to its end holds nothing: whoever imports the newer commit completes that,
 * and a rollback that is run again goes on where this one stopped.
 */
#ifndef SCHEMA_SYNC_SYNC_ROLLBACK_H
#define SCHEMA_SYNC_SYNC_ROLLBACK_H

#include "sync/sync.h"

typedef struct {
    /* The commit to go back to; NULL: the one whose state was applied before the one that is now. That is
     * what the marker noted; where it did not, the next older state along first parents. Of a target on which
     * an import failed, it is the state that was applied in full before. */
    const char *to;
    const char *restore; /* instead: the folder of a backup, whose state the target gets; it holds as well */
    bool resume;         /* instead: lifts the hold, and what was rolled back is imported again */
    ImportOptions import;
} RollbackOptions;

typedef struct {
    Arena arena;
    const char *ref;     /* what was read: REV as it was given, or a full id */
    const char *from;    /* the commit whose state the target had (of a failed import: that one's) */
    const char *to;      /* the commit whose state it has now */
    const char *holds;   /* the commit against whose imports it holds; NULL: nothing does */
    ImportResult import; /* nothing_to_do: the target has that state already, or nothing was held */
} RollbackResult;

/*
 * ERR_CONFIG: the marker names no commit, or git does not have what is needed; ERR_NEWER: the commit is no
 * step backwards; ERR_FILES: it has no state; else as sync_import.
 */
bool sync_rollback(const Config *config, const RollbackOptions *options, RollbackResult *result, Error *err);
void rollback_result_free(RollbackResult *result);
AUTO_DEFINE(RollbackResult, rollback_result_free);

#endif
