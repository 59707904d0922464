/*
 * What people call the records that a change refers to: a plan keeps ids, people read names.
 */
#ifndef SCHEMA_SYNC_MODEL_PLAN_NAMES_H
#define SCHEMA_SYNC_MODEL_PLAN_NAMES_H

#include "model/plan.h"
#include "model/value_diff.h"

/*
 * Notes with each change the names of the records whose ids its references hold (catalog.h; the reference to
 * the record it stands in aside, whose label it has), and of an update also of those whose ids stand anywhere
 * in a member that differs. A name is the target's for what is there, the files' for what comes.
 */
void plan_names(Plan *plan, const Snapshot *files, const Snapshot *target);

/* What is shown in the place of an edit's two values: `"Editor"` for a reference, `flow "Notify"` for an id
 * within a value. NULL, both, where a value is no such id, or where the names would not tell the two apart.
 */
typedef struct {
    const char *before, *after;
} EditNames;
EditNames plan_edit_names(Arena *arena, const Change *change, const ValueEdit *edit);

#endif
