/*
 * Looking at the database around the marker: what is installed, and what is still under way.
 */
#ifndef SCHEMA_SYNC_POSTGRES_HEALTH_H
#define SCHEMA_SYNC_POSTGRES_HEALTH_H

#include <stdbool.h>

#include "base/error.h"
#include "postgres/database.h"

/* Whether an extension ("postgis") is created in this database. */
bool database_has_extension(Database *database, const char *name, bool *found, Error *err);

/*
 * Waits until every transaction of this database that was writing when this was called has ended, at most
 * `seconds`; then ERR_LOCK naming the oldest backend's pid. After it, a write whose answer was lost has
 * either happened or never will.
 */
bool database_settle(Database *database, double seconds, Error *err);

#endif
