/*
 * The bridge between versions: files from one Directus, made into what the target can hold.
 *
 * What the target's version lacks is left out of the state in memory (the files stay as they are) and named;
 * what the files lack is filled from the target when the plan is made (schema_desired, plan_build). Between
 * majors that needs --allow-version; smaller differences are bridged without a word but the plan's notes.
 */
#ifndef SCHEMA_SYNC_SYNC_BRIDGE_H
#define SCHEMA_SYNC_SYNC_BRIDGE_H

#include "directus/read.h"
#include "model/by_role.h"
#include "model/plan.h"
#include "sync/sync.h"

typedef struct {
    Losses losses; /* texts in the files' arena */
    bool crossed;
} Bridge;

/* Before the target is read: policies for a target that has roles only. `sections`: those to be planned. */
void bridge_access(Bridge *bridge, Snapshot *files, const Instance *instance, const bool *sections);
/*
 * When it is read, the first time: members that the target's version does not know. Then ERR_REFUSED with all
 * that would be lost when the majors differ and options->allow_version is not given. Other kinds of members
 * are left to the plan, which refuses them.
 */
bool bridge_cross(Bridge *bridge, Session *session, const ImportOptions *options, Snapshot *files,
                  const Snapshot *target, const bool *sections, Error *err);
void bridge_note(const Bridge *bridge, Plan *plan);

#endif
