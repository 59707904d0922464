/*
 * What plan_build() does otherwise where both sides are states of files: nothing is an instance's, so every
 * difference is a change, also what a mode would leave alone.
 */
#ifndef SCHEMA_SYNC_MODEL_PLAN_STATES_H
#define SCHEMA_SYNC_MODEL_PLAN_STATES_H

#include "model/plan.h"

/*
 * Gives an update its before and patch; false when nothing differs. A member that one side lacks counts as
 * null: another version of Directus has other members. Of the schema the members of "meta" and "schema" are
 * compared one by one, under paths ("meta.note").
 */
bool plan_states_patch(Plan *plan, TypeId type, const Json *before, const Json *after, Change *change);

#endif
