/*
 * What is checked before an import writes anything, beyond what the plan itself decides.
 */
#ifndef SCHEMA_SYNC_SYNC_PREFLIGHT_H
#define SCHEMA_SYNC_SYNC_PREFLIGHT_H

#include "directus/read.h"
#include "model/plan.h"
#include "repo/repo.h"
#include "sync/claim.h"
#include "sync/sync.h"

/* A schema that was read from another kind of database is ERR_REFUSED unless options->allow_version; other
 * versions of Directus: see bridge.h. */
bool check_vendor(const ImportOptions *options, const Snapshot *files, const Snapshot *target, Error *err);
/*
 * An active flow whose operations lead back to themselves ends a Directus 11.17.4 process with a stack
 * overflow, and every later start too. ERR_FILES naming the flow's file.
 */
bool check_flows(const Snapshot *files, Error *err);
/* Geometry fields in the files need PostGIS in the database. */
bool check_extensions(Holding *holding, const State *state, Error *err);
/* Configuration that refers to files the target does not have: null in the state from now on; *nulled counts
 * them. */
bool settle_files(Session *session, State *state, size_t *nulled, Error *err);
/* Directus drops unknown members of a new record without a word; where the target has no record to compare
 * with, its fields are asked for. ERR_FILES naming file and member. */
bool check_members(Session *session, const Snapshot *files, const Snapshot *target, const Plan *plan,
                   Error *err);
/* Rows in dropped tables and columns, users of deleted roles and policies: into plan->losses. */
bool count_losses(Session *session, Plan *plan, Error *err);

#endif
