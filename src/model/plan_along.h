/*
 * What a plan says beside its writes: records that are adopted, and what a deletion takes along.
 */
#ifndef SCHEMA_SYNC_MODEL_PLAN_ALONG_H
#define SCHEMA_SYNC_MODEL_PLAN_ALONG_H

#include "model/plan.h"

/* Notes the records of a type that have another id on the target, which is aligned with the files. */
void plan_adoptions(Plan *plan, TypeId type, const Snapshot *files, const Snapshot *target);

/* Counts for each deletion what the database deletes with it: operations of a flow, grants of a policy. */
void plan_count_along(Plan *plan, const Snapshot *target);

#endif
