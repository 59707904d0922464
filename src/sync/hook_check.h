/* The check that hooks make of a state, offline: what an import would refuse, and secrets in clear. */
#ifndef SCHEMA_SYNC_SYNC_HOOK_CHECK_H
#define SCHEMA_SYNC_SYNC_HOOK_CHECK_H

#include "config/config.h"
#include "repo/repo.h"

/* Files, references, flows, secrets. That there is no state is no fault. */
bool hook_check_state(const Config *config, const StateSource *source, Error *err);

/* The project's folder beneath the one that the hook runs in, where a repository may hold several; "" when it
 * is that one. Text in `arena`. */
const char *hook_project(const Config *config, Arena *arena);

#endif
