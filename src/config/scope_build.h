/*
 * From checked configuration to a Scope.
 */
#ifndef SCHEMA_SYNC_CONFIG_SCOPE_BUILD_H
#define SCHEMA_SYNC_CONFIG_SCOPE_BUILD_H

#include "base/error.h"
#include "base/json.h"
#include "model/scope.h"

/* The switches users know from the Directus extension of the same name; none of them ever adds a deletion. */
typedef struct {
    bool merge;     /* SCHEMA_SYNC_MERGE: nothing is mirrored */
    bool safe;      /* SCHEMA_SYNC_SAFE: the schema is not mirrored */
    bool data_only; /* SCHEMA_SYNC_DATA_ONLY: the schema is not carried */
} ScopeFlags;

/* `config` has passed config_check and lives in `arena`. Faults: ERR_CONFIG, two entries of one section that
 * disagree. */
bool scope_build(const char *file, const Json *config, const ScopeFlags *flags, Arena *arena, Scope *scope,
                 Error *err);
/* Every override is of something that is carried at all (of the schema: unless `data_only` leaves it out).
 * ERR_CONFIG. */
bool scope_check_overrides(const Scope *scope, bool data_only, Error *err);

#endif
