/*
 * Plan files: where a saved plan stands.
 */
#ifndef SCHEMA_SYNC_SYNC_PLAN_FILE_H
#define SCHEMA_SYNC_SYNC_PLAN_FILE_H

#include "model/plan_saved.h"
#include "sync/sync.h"

/* Writes what `sync_import` planned (with options->row_digests) into `path`, whole or not at all, readable by
 * its owner alone. */
bool plan_file_write(const char *path, const Config *config, const char *mode, const ImportOptions *options,
                     const ImportResult *result, Error *err);
bool plan_file_read(const char *path, SavedPlan *saved, Error *err);

#endif
