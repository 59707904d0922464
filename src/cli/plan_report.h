/*
 * How import and diff print a plan.
 */
#ifndef SCHEMA_SYNC_CLI_PLAN_REPORT_H
#define SCHEMA_SYNC_CLI_PLAN_REPORT_H

#include "cli/command.h"
#include "sync/sync.h"

/* The plan's lines, then the verdict; with --json one document. `written` tells a plan from what was done. */
void plan_report(const Invocation *invocation, const ImportResult *result, bool written);

#endif
