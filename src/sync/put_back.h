/* The end of an import that failed and is to leave nothing behind. */
#ifndef SCHEMA_SYNC_SYNC_PUT_BACK_H
#define SCHEMA_SYNC_SYNC_PUT_BACK_H

#include "sync/backup.h"
#include "sync/claim.h"

/*
 * Imports the backup that was taken before `failed` (what the failed import was of) began to be written,
 * under the lock that it still holds: what it changed is as it was, what it created goes. Then the marker
 * says what it said before, and the lock is free. *fault stays the import's; its hint tells what became of
 * the attempt.
 */
void put_back(const Config *config, const Backup *backup, const StateSource *failed, Holding *holding,
              Error *fault);

#endif
