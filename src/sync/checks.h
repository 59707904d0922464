/*
 * Checks: what must hold before an import writes, and what `doctor` looks at beyond that. One table
 * (checks.c), a row a check; import runs the rows of the moment it has come to, doctor runs all of them.
 *
 * A check that finds a blocker returns false with *err, as any fault: import ends there, doctor notes it and
 * goes on with the next row. What is fine and what is only to be warned of goes to check_ok() and
 * check_warn(). A check never writes anything, on either side.
 */
#ifndef SCHEMA_SYNC_SYNC_CHECKS_H
#define SCHEMA_SYNC_SYNC_CHECKS_H

#include "config/config.h"
#include "directus/session.h"
#include "model/plan.h"
#include "postgres/health.h"
#include "postgres/marker.h"
#include "repo/repo.h"
#include "sync/bridge.h"
#include "sync/doctor.h"

/* When an import has what a check needs, in this order. */
typedef enum {
    MOMENT_NEVER,   /* the doctor's alone */
    MOMENT_FILES,   /* the files and the marker are read; nothing is written, and Directus was not asked */
    MOMENT_READ,    /* the target is read and aligned */
    MOMENT_PLANNED, /* the plan is made */
} Moment;

typedef struct {
    const Config *config;
    const State *state;    /* NULL or not existing: there are no files */
    const Snapshot *files; /* what the target is to be: the state's, and from MOMENT_READ on, where something
                              is ignored, the target's in its place */
    Database *database;    /* NULL: none is configured, or it could not be opened */
    const Marker *marker;
    Session *session;
    const Instance *instance; /* NULL until the instance has told its version */
    const Snapshot *target;   /* NULL until MOMENT_READ */
    const Plan *plan;         /* NULL until MOMENT_PLANNED */
    /* What stood in the way of the above, for doctor, which goes on without; NULL: nothing did. */
    const Error *files_fault, *instance_fault, *database_fault, *target_fault, *version_fault;
    const Bridge *bridge; /* what the target's version cannot hold, NULL until MOMENT_READ */
    double answered_in;   /* seconds until the instance had identified itself */
    bool allow_version;
    bool thorough; /* for doctor: what costs a request of its own, and what is fine, is wanted too */
    Arena arena;
    Finding *findings;
    size_t count, capacity;
    const char *running; /* the check at work */
    DatabaseHealth health;
} Checkup;

/* Runs the moment's rows; false at the first blocker. Warnings are said once through log_say(). */
bool checks_pass(Checkup *checkup, Moment moment, Error *err);
/* Runs one row, or every row, whose needs are there; blockers become findings. */
void checks_run(Checkup *checkup);
void checkup_free(Checkup *checkup);
AUTO_DEFINE(Checkup, checkup_free);

/* ---- for the checks ---- */
__attribute__((format(printf, 2, 3))) bool check_ok(Checkup *checkup, const char *format, ...);
/* `mend` is copied too. Both return true, so that a check can end with them. */
__attribute__((format(printf, 3, 4))) bool check_warn(Checkup *checkup, const char *mend, const char *format,
                                                      ...);
/* A fault met outside the table, as a finding of `check`. */
void check_blocked(Checkup *checkup, const char *check, const Error *err);
static inline bool checkup_has_files(const Checkup *checkup) {
    return checkup->state && checkup->state->exists;
}

/* The rows' functions, by the file they stand in. */
/* checks_here.c: this machine */
bool check_config(Checkup *checkup, Error *err);
bool check_files(Checkup *checkup, Error *err);
bool check_git(Checkup *checkup, Error *err);
bool check_merge(Checkup *checkup, Error *err);
bool check_disk(Checkup *checkup, Error *err);
/* The free space of a folder of this machine; false, and nothing said, where it cannot be told. */
bool check_local_space(Checkup *checkup, const char *path);
/* checks_database.c */
bool check_database(Checkup *checkup, Error *err);
bool check_marker(Checkup *checkup, Error *err);
bool check_lock(Checkup *checkup, Error *err);
bool check_database_space(Checkup *checkup, Error *err);
bool check_postgis(Checkup *checkup, Error *err);
bool check_untracked(Checkup *checkup, Error *err);
/* checks_instance.c */
bool check_instance(Checkup *checkup, Error *err);
bool check_rights(Checkup *checkup, Error *err);
bool check_target(Checkup *checkup, Error *err);
bool check_pair(Checkup *checkup, Error *err);
bool check_limits(Checkup *checkup, Error *err);
bool check_pressure(Checkup *checkup, Error *err);
bool check_cache(Checkup *checkup, Error *err);
bool check_payload(Checkup *checkup, Error *err);
bool check_clock(Checkup *checkup, Error *err);
bool check_licence(Checkup *checkup, Error *err);
/* checks_files.c: what the files ask of the target */
bool check_version(Checkup *checkup, Error *err);
bool check_vendor(Checkup *checkup, Error *err);
bool check_flows(Checkup *checkup, Error *err);
bool check_members(Checkup *checkup, Error *err);
bool check_ignored(Checkup *checkup, Error *err);
bool check_extensions(Checkup *checkup, Error *err);

#endif
