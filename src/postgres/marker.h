/*
 * The marker: columns "schema_sync_…" in the one row of directus_settings that say which state was applied,
 * and hold the lock of the importer at work. Compare-and-set on one row, database time only, an epoch that
 * only grows.
 *
 * A claim is a lease: a thread renews it on a connection of its own; whoever writes asks lease_check() before
 * each write. An importer that died is taken over when the database says that its lease has expired and the
 * waiter has seen (owner, beat) unchanged for a whole lease itself.
 */
#ifndef SCHEMA_SYNC_POSTGRES_MARKER_H
#define SCHEMA_SYNC_POSTGRES_MARKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/mem.h"
#include "postgres/database.h"

/* The protocol of these columns; a row with a higher one is ERR_CONFIG ("a newer schema-sync …"). */
enum { MARKER_PROTO = 1 };

/* Texts are NULL when the column is null. Times are ISO 8601 UTC as the database prints them. */
typedef struct {
    Arena arena;
    bool installed;    /* the columns are there; all else is empty when not */
    int64_t row_id;    /* directus_settings.id */
    const char *state; /* clean, importing, failed */
    const char *hash, *sections, *commit, *lineage;
    bool worktree;
    const char *applied_at;
    int64_t epoch, beat;
    const char *owner, *lease_until;
    const char *owner_info; /* without an owner: who was the last to apply or to fail */
    bool lease_live;        /* lease_until > clock_timestamp() on the database */
    const char *target_hash, *target_commit, *target_lineage;
    int64_t attempts;
    const char *held, *error;
    const char *project_id; /* directus_settings.project_id, NULL where the version has none */
} Marker;

/* One statement, one row. A database that has no directus_settings: ERR_REMOTE "no Directus in this
 * database". */
bool marker_read(Database *database, Marker *marker, Error *err);
void marker_free(Marker *marker);
AUTO_DEFINE(Marker, marker_free);

/* Adds the columns (idempotent) and the settings row if there is none. No right to: ERR_REFUSED with the SQL
 * to run. */
bool marker_install(Database *database, Error *err);
/* The same as text, for a database administrator. */
const char *marker_install_sql(void);

/* What a claim writes beside the lock. */
typedef struct {
    const char *owner;      /* unique for this process: host:pid:random */
    const char *owner_info; /* for people: "schema-sync 0.1.0 on web-1 (pid 12)" */
    const char *hash;       /* what will be applied */
    const char *commit;     /* NULL when unknown */
    const char *lineage;    /* NULL when unknown */
    const char *held; /* a rollback: what it will hold against, known also when it fails; NULL: as it was */
    double lease_seconds;
    int64_t claimed_at; /* set by marker_claim for the lease: when it began, CLOCK_BOOTTIME in nanoseconds */
} Claim;

typedef enum { CLAIM_WON, CLAIM_LOST } ClaimOutcome;
/* ACQUIRE or TAKEOVER by compare-and-set against what `seen` says. CLAIM_LOST: somebody was faster; read
 * again. A lost reply is resolved by reading the row again. *epoch is set when won. */
bool marker_claim(Database *database, const Marker *seen, Claim *claim, ClaimOutcome *outcome, int64_t *epoch,
                  Error *err);

/* What a waiter has seen of another importer. Zeroed at first; one for the whole wait. */
typedef struct {
    int64_t epoch, beat; /* an epoch has one owner */
    int64_t since;       /* CLOCK_MONOTONIC in nanoseconds: no time passes for a waiter that sleeps */
} Watch;
/* May `seen` be claimed? At once when nobody holds the lock. From a holder only when its lease has expired on
 * the database and this process has itself seen (owner, beat) unchanged for a whole lease: a database that
 * was stopped for a while gives a living owner its time to renew. Call it after each marker_read of the wait.
 */
bool marker_claimable(const Marker *seen, double lease_seconds, Watch *watch);

/* ---- the lease ---- */
typedef struct Lease Lease;
/* Starts the thread that renews the claim every lease/6 seconds over its own connection, opened at the first
 * renewal: a short import does not pay for it. `claim` is one that marker_claim has won. */
bool lease_start(const char *conninfo, const Claim *claim, int64_t epoch, Lease **out, Error *err);
/* May this process still write? ERR_LOCK when the lease was lost, or when the last successful renewal began
 * more than two thirds of a lease ago (CLOCK_BOOTTIME) and renewing now fails. Cheap; call before each write.
 */
bool lease_check(Lease *lease, Error *err);
/* Stops the thread; does not touch the row. */
void lease_stop(Lease **lease);

/* ---- the end of a claim ---- */
typedef struct {
    const char *hash, *sections, *commit, *lineage;
    const char *held; /* a rollback: what it holds against; NULL ends an older one's hold */
    const char *by;   /* an export: who, as Claim.owner_info; an import's is that of its claim */
    bool worktree;
} Applied;
/* COMMIT: clean at applied->hash; ERR_LOCK when the claim is no longer ours. */
bool marker_commit(Database *database, const Claim *claim, int64_t epoch, const Applied *applied, Error *err);
/* FAIL: state failed, the lock free, target_* kept; `error` must hold no secret. */
bool marker_fail(Database *database, const Claim *claim, int64_t epoch, const char *error, Error *err);
/* RELEASE: before the first write, from `seen`: back to what it was, the lock free. */
bool marker_release(Database *database, const Claim *claim, int64_t epoch, const Marker *seen, Error *err);
/* FORCE-UNLOCK of a dead owner; ERR_LOCK when `owner` does not hold it. */
bool marker_unlock(Database *database, const char *owner, Error *err);
/* After an export: the instance has now seen this state. Only from clean or failed and unlocked, and against
 * what `seen` says; *done false when an importer was faster. The marker is clean then, also after a failed
 * import: what the files say is what is on the instance. A rollback that did not come to its end, or that the
 * failed import ended, does not hold. */
bool marker_saw(Database *database, const Marker *seen, const Applied *applied, bool *done, Error *err);

#endif
