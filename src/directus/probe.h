/* Is anybody there? For hooks, which must not make a commit wait. */
#ifndef SCHEMA_SYNC_DIRECTUS_PROBE_H
#define SCHEMA_SYNC_DIRECTUS_PROBE_H

#include <stdbool.h>

#include "base/error.h"

/* GET /server/ping, asked once and without credentials: true when the instance answers in so many seconds,
 * whatever it says. Else ERR_REMOTE says why. */
bool directus_answers(const char *url, double seconds, Error *err);

#endif
