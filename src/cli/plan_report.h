/*
 * How import and diff print a plan.
 */
#ifndef SCHEMA_SYNC_CLI_PLAN_REPORT_H
#define SCHEMA_SYNC_CLI_PLAN_REPORT_H

#include "base/json.h"
#include "cli/command.h"
#include "sync/compare.h"
#include "sync/sync.h"

typedef enum { PLAN_TEXT, PLAN_JSON, PLAN_MARKDOWN } PlanFormat;

/* The members of that document that every import has. */
void plan_report_members(JsonObjectBuilder *object, const ImportResult *result, bool written);
/* Text: the plan's lines, then the verdict. JSON: one document. `written` tells a plan from what was done. */
void plan_report(const Invocation *invocation, PlanFormat format, const ImportResult *result, bool written);
/* The same of two states. */
void plan_report_states(const Invocation *invocation, PlanFormat format, const RevisionComparison *result);

#endif
