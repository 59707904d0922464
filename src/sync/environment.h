/*
 * What one environment has of its own: applied to what the files say before an import compares, taken out of
 * what the instance says before an export writes. Everything here works on snapshots in the state's ids.
 */
#ifndef SCHEMA_SYNC_SYNC_ENVIRONMENT_H
#define SCHEMA_SYNC_SYNC_ENVIRONMENT_H

#include "config/config.h"
#include "model/plan.h"
#include "repo/repo.h"

/* import: `files`, just read, become what this environment is to be. ERR_CONFIG when an override fits
 * nothing. */
bool environment_apply(const Config *config, Snapshot *files, Error *err);
/*
 * import, when the target has been read and aligned: what is ignored is the target's. *wanted becomes a
 * shallow copy of `files` that says so, with lists of its own; its old ones are freed. It lives as long as
 * both.
 */
void environment_leave_alone(const Config *config, const Snapshot *files, const Snapshot *target,
                             Snapshot *wanted, Plan *plan);
/*
 * export: the instance's snapshot becomes what the files are to say. `seen`: the state that what is the
 * files' own is taken from, the one that stands, or for a merge what the instance last saw; then `newer` is
 * the one that stands, for records that `seen` does not have yet (else NULL). Returns at how many places the
 * instance has another value than the override's.
 */
size_t environment_undo(const Config *config, Snapshot *instance, const State *seen, const State *newer);
/*
 * status --drift: `seen`, what was applied, and `files`, to which the overrides were applied already, become
 * what this environment was and is to be; `target` is read and aligned. What is ignored is the target's.
 * `unsettled`: the overrides are others than when `seen` was applied, so that what the target has in their
 * places is taken to come from the old ones. `seen` NULL: nothing is known to have been applied.
 */
void environment_compare(const Config *config, Snapshot *seen, Snapshot *files, const Snapshot *target,
                         bool unsettled);
/* export: what it is to leave must fit the overrides, as an import demands it. Of types that `outcome` does
 * not have, the files keep what `old` has. */
bool environment_check(const Config *config, const Snapshot *outcome, const State *old, Error *err);

#endif
