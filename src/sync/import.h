/*
 * An import as a part of something greater: a rollback, or the end of an import that failed.
 */
#ifndef SCHEMA_SYNC_SYNC_IMPORT_H
#define SCHEMA_SYNC_SYNC_IMPORT_H

#include "sync/claim.h"
#include "sync/superseded.h"
#include "sync/sync.h"

typedef struct {
    /* Has been looked at. It is used in the place of one of the import's own, and as it is then the caller's
     * again, who ends it. NULL: the import opens and ends one. */
    Holding *holding;
    /* What a move backwards supersedes, for the marker and by states; NULL: it is none. */
    const Standing *standing;
    const Superseded *superseded;
    const bool
        *carried; /* SECTION_COUNT flags: what the older state tells of; NULL: all that the scope has */
    const Renames *renames; /* in the place of the declared ones; NULL: those */
    bool within; /* an import that holds the lock asks for it: nothing is claimed, committed or checked again
                  */
} ImportErrand;

bool import_run(const Config *config, const ImportOptions *options, const ImportErrand *errand,
                ImportResult *result, Error *err);

#endif
