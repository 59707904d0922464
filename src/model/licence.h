/*
 * Directus 12's licence: what an instance may hold, and the most an import makes it hold on its way.
 *
 * Facts from 12.4.0 (api/dist/license/entitlements): a collection counts when it has a table and its status
 * is active, a flow when it is active, a user when active and with app or admin access; a permission has a
 * custom rule when it is not for all fields without conditions. Each is checked at every single write, and an
 * import creates before it deletes: what the files drop counts beside what they bring.
 */
#ifndef SCHEMA_SYNC_MODEL_LICENCE_H
#define SCHEMA_SYNC_MODEL_LICENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/snapshot.h"

/* Both sides in one id space (identity_align). Types the target was not read for add nothing. */
typedef struct {
    size_t used;  /* on the target now */
    size_t added; /* by the files, before anything is deleted */
} LicenceUse;
LicenceUse licence_collections(const Snapshot *files, const Snapshot *target);
LicenceUse licence_flows(const Snapshot *files, const Snapshot *target);

/* The files' permissions with a custom rule: how many, and the first. */
size_t licence_custom_rules(const Snapshot *files, const Record **first);

/*
 * Roles the target has whose users get into the app (or become administrators) only through the files: their
 * ids on the target, NULL-terminated, in the arena. Access is inherited from a role's parents.
 */
const char *const *licence_new_seats(const Snapshot *files, const Snapshot *target, Arena *arena);

/* An entitlement of GET /license: limit + overage + addon, -1 for unlimited or unknown. */
long licence_limit(const Json *license, const char *name);
/* A feature of it: override, else default; true when unknown. */
bool licence_feature(const Json *license, const char *name);

#endif
