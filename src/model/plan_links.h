/*
 * Links that stand in the way: references of records that a plan would leave alone, or create, and that the
 * server would not bear together with the plan's other changes.
 */
#ifndef SCHEMA_SYNC_MODEL_PLAN_LINKS_H
#define SCHEMA_SYNC_MODEL_PLAN_LINKS_H

#include "model/plan.h"

/* A record that only the target has and that stays. */
typedef struct {
    TypeId type;
    const Record *record;
} KeptRecord;

/*
 * Plans null for links of kept records that lead to a record that is deleted (no cascade takes
 * folders.parent, operations.resolve and operations.reject along), or to an operation that another record is
 * to lead to: flows.operation, operations.resolve and operations.reject are UNIQUE in Directus's database.
 */
void plan_release_links(Plan *plan, const Snapshot *target, const KeptRecord *kept, size_t kept_count,
                        const Change *deletes, size_t delete_count);

/* No record of the files may refer to one that is deleted: the database would null the reference. */
bool plan_check_deleted(const Snapshot *files, const Change *deletes, size_t delete_count, Error *err);

/* Mode add changes no record that is there: a new flow or operation leaves a UNIQUE link open that another
 * one has. */
void plan_leave_links_open(Plan *plan, const Snapshot *files, const Snapshot *target);

#endif
