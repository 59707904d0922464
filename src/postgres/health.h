/*
 * Looking at the database around the marker: what is installed, and what is still under way.
 */
#ifndef SCHEMA_SYNC_POSTGRES_HEALTH_H
#define SCHEMA_SYNC_POSTGRES_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "postgres/database.h"

/* What a look at the database tells, without touching anything. */
typedef struct {
    char version[64];       /* "15.14" */
    double ahead;           /* seconds its clock is ahead of ours */
    double ahead_precision; /* to so many seconds either way */
    bool may_update;        /* directus_settings: the marker */
    bool may_install;       /* owns directus_settings: may add the marker's columns */
    uint64_t size;          /* of the database, in bytes */
    const char *folder; /* the server's data folder, where we may know it and the server is this machine */
} DatabaseHealth;
/* `folder` lives in the arena. */
bool database_health(Database *database, Arena *arena, DatabaseHealth *health, Error *err);

/*
 * What stands in the way of a schema: tables (and columns) of these names that are in the database beside
 * directus_collections, but not in Directus. `names`: a JSON array of collections and of [collection, field].
 * *found is a NULL-terminated list of "posts" and "posts.title".
 */
bool database_untracked(Database *database, Arena *arena, const Json *names, const char *const **found,
                        Error *err);

/* The newest id in directus_activity, 0 for none: together with directus_activity() it shows whether URL and
 * database belong together. */
bool database_activity(Database *database, int64_t *newest, Error *err);

/* Whether an extension ("postgis") is created in this database. */
bool database_has_extension(Database *database, const char *name, bool *found, Error *err);

/*
 * Waits until every transaction of this database that was writing when this was called has ended, at most
 * `seconds`; then ERR_LOCK naming the oldest backend's pid. After it, a write whose answer was lost has
 * either happened or never will.
 */
bool database_settle(Database *database, double seconds, Error *err);

#endif
