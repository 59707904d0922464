/*
 * Holding a target: the marker's lock from the first look to the last word. With --marker none everything
 * here succeeds and does nothing.
 */
#ifndef SCHEMA_SYNC_SYNC_CLAIM_H
#define SCHEMA_SYNC_SYNC_CLAIM_H

#include "config/config.h"
#include "directus/session.h"
#include "model/rename.h"
#include "postgres/marker.h"
#include "sync/glance.h"
#include "sync/standing.h"
#include "sync/sync.h"

typedef struct {
    const Config *config;
    Arena arena;
    Glance glance;
    Database *database; /* NULL: no marker */
    Marker seen;        /* the row as it was before the claim */
    Watch watch;        /* of another one who holds the lock */
    Claim claim;
    int64_t epoch;
    Lease *lease;
    bool held, wrote; /* wrote: something may have been changed under this claim */
    bool added;       /* the marker's columns were added by this run */
} Holding;

/* Opens the database and begins to read the marker, in the background. */
void holding_begin(const Config *config, Holding *holding);
/* Takes what was read. Nothing is written; `look_only` can do without a database, too. */
bool holding_look(Holding *holding, bool look_only, Error *err);
/* Waits until nobody is at work on the target, as long as `wait` says: ERR_LOCK when that is over. What was
 * looked at last then stands in holding->seen. */
bool holding_await(Holding *holding, double wait, Error *err);
typedef enum {
    CLAIM_HELD,     /* the lock is ours */
    CLAIM_FOLLOWED, /* another importer applied the very state while we waited */
    CLAIM_KEPT      /* the target has a newer state, or a rollback holds: nothing is to be done */
} ClaimEnd;
/* Claims for `hash`, waiting for another importer as long as options->wait says: ERR_LOCK when that is over.
 * Whether ours may replace what is there is asked each time before the lock is tried (standing.h). */
bool holding_claim(Holding *holding, const char *hash, const Standing *ours, const ImportOptions *options,
                   ClaimEnd *end, Error *err);
/* Columns that were added just now become visible to the API. */
bool holding_show(const Holding *holding, Session *session, Error *err);
/* Database and URL belong together: our owner, written by SQL, must be readable through the API, and project
 * ids must not differ. ERR_CONFIG otherwise. Without a claim only the project ids are compared. `settings` is
 * what GET /settings answered since; it is asked again where a cache is in the way. */
bool holding_prove(Holding *holding, Session *session, const Json *settings, Error *err);
/* That fault, for who compares them otherwise: "the database … is not the one behind …: what". Returns false.
 */
bool foreign_database(const Database *database, const Config *config, const char *what, Error *err);
/* Waits until writes that are under way on the server have ended, one way or the other. */
bool holding_settle(Holding *holding, Error *err);
/* A WriteGate's check: may this process still write? `context` is the Holding. */
bool holding_check(void *context, Error *err);
/* Renames collections and fields by SQL, and has Directus look again. ERR_REFUSED where there is no database.
 */
bool holding_rename(Holding *holding, Session *session, const Renames *renames, Error *err);
bool holding_commit(Holding *holding, const Applied *applied, Error *err);
/* Gives the lock back without a new state: the marker says what it said before. */
bool holding_release(Holding *holding, Error *err);
/* Whatever happened: after a fault the claim becomes failed (if something was written) or is released. Frees
 * everything. */
void holding_end(Holding *holding, const Error *fault);

#endif
