/* RENEW, for the lease and the tests; private to this folder. */
#ifndef SCHEMA_SYNC_POSTGRES_CLAIM_H
#define SCHEMA_SYNC_POSTGRES_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "postgres/database.h"

/* One more beat and a whole lease from now on; *ours false when the claim is somebody else's or at its end. A
 * lost reply is an error: to renew again is harmless. */
bool claim_renew(Database *database, const char *owner, int64_t epoch, double lease_seconds, bool *ours,
                 Error *err);

#endif
