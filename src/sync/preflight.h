/*
 * What an import settles before it writes anything, beyond the checks (checks.h) and the plan.
 */
#ifndef SCHEMA_SYNC_SYNC_PREFLIGHT_H
#define SCHEMA_SYNC_SYNC_PREFLIGHT_H

#include "directus/read.h"
#include "model/plan.h"
#include "repo/repo.h"
#include "sync/claim.h"
#include "sync/sync.h"

/* Configuration that refers to files the target does not have: null in the state from now on; *nulled counts
 * them. */
bool settle_files(Session *session, State *state, size_t *nulled, Error *err);

#endif
