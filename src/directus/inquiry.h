/*
 * Questions about an instance that only a preflight asks: what it has installed, what it may hold, what it
 * takes. All of them read.
 */
#ifndef SCHEMA_SYNC_DIRECTUS_INQUIRY_H
#define SCHEMA_SYNC_DIRECTUS_INQUIRY_H

#include "directus/session.h"

/* GET /license (12 and newer): {"entitlements": …, "usage": …}; null where there is none. */
bool directus_license(Session *session, Arena *arena, Json *license, Error *err);

/*
 * GET /extensions/sources/index.js: the program text of every enabled app extension, in which their ids stand
 * as strings. No list of ids exists: GET /extensions names packages. *served false where the instance does
 * not serve the app (SERVE_APP=false).
 */
bool directus_extension_source(Session *session, Buf *source, bool *served, Error *err);
/* GET /extensions: how many there are, and how many of them are switched off. */
bool directus_extensions(Session *session, size_t *count, size_t *disabled, Error *err);

/* As database_untracked, through GET /collections: tables only. */
bool directus_untracked(Session *session, Arena *arena, const Json *names, const char *const **found,
                        Error *err);

/* Whether a request of `bytes` is taken, by a SEARCH that finds nothing (its padding is refused, after the
 * size was accepted); *taken false for "entity too large" (MAX_PAYLOAD_SIZE, or a proxy's own limit). */
bool directus_takes(Session *session, size_t bytes, bool *taken, Error *err);

/* What a user without admin access may do, by GET /permissions/me: in how many collections each. */
typedef struct {
    size_t read, create, update, delete;
} Rights;
bool directus_rights(Session *session, Rights *rights, Error *err);

#endif
