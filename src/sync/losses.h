/*
 * What an import would lose for good: counted before the first write, refused unless permitted.
 */
#ifndef SCHEMA_SYNC_SYNC_LOSSES_H
#define SCHEMA_SYNC_SYNC_LOSSES_H

#include "directus/session.h"
#include "model/plan.h"
#include "sync/sync.h"

/* Rows in dropped tables, values in dropped columns and in those that change their type, users of deleted
 * roles and policies: into plan->losses. Those of rows are data_compare's. `target`: where roles and access
 * stand. */
bool count_losses(Session *session, const Snapshot *target, Plan *plan, Error *err);

/* ERR_REFUSED with all of plan->losses, unless options->allow_delete or the environment's allowDelete. */
bool refuse_losses(const Config *config, const ImportOptions *options, const Plan *plan, Error *err);

#endif
