/*
 * What the adapter's own files share beyond session.h: several exchanges under way at once, and answers taken
 * apart.
 */
#ifndef SCHEMA_SYNC_DIRECTUS_SESSION_PART_H
#define SCHEMA_SYNC_DIRECTUS_SESSION_PART_H

#include "directus/http.h"
#include "directus/session.h"

/* What a server's answer is held to; Directus prints big integers as strings, other numbers are doubles
 * already. */
enum { ANSWER_STRICTNESS = JSON_NO_DUPLICATES | JSON_NO_NUL | JSON_NO_LONE_SURROGATE };

/* Fills the exchange (zeroed, or freed) with a request. `body` NULL = none. */
void session_prepare(Exchange *exchange, const char *method, const char *path, const Json *body);
/* SEARCH of a path with {"query": query} (JSON text): a read that no response cache answers. */
void session_prepare_search(Exchange *exchange, const char *path, const char *query);
/*
 * GET of a path in a form no response cache has seen: the cache is keyed by the sanitized query, and
 * /settings, /schema/snapshot and /fields read the same with any filter on an id that cannot be. `path` has
 * no query.
 */
void session_prepare_fresh_get(Exchange *exchange, const char *path);

/* Checks the barrier, renews the login, sends; session_await waits and turns a status ≥ 400 into an error. */
bool session_send(Session *session, Exchange *exchange, Error *err);
bool session_await(Session *session, Exchange *exchange, Error *err);
/* All at once; the first fault in order is the one reported. */
bool session_run(Session *session, Exchange *exchanges, size_t count, Error *err);
/* Waits until one of these is over, and gives its index; session_await then does not block. */
size_t session_await_any(Session *session, Exchange *const *exchanges, size_t count);
void session_cancel(Session *session, Exchange *exchange);

/* The parsed answer ({"data":…, "meta":…}), null when it is empty. */
bool exchange_parse(const Exchange *exchange, Arena *arena, Json *whole, Error *err);

/*
 * Reads that were sent before anybody waits for them. session_put_ahead sends a prepared one and takes it
 * over (freeing it when two are ahead already); session_take_ahead gives the one with the same path and body,
 * or NULL: it is to be awaited and then freed, and its place is free again.
 */
void session_put_ahead(Session *session, Exchange *prepared);
Exchange *session_take_ahead(Session *session, const Exchange *like);

/* Appends a text to a path, percent-encoded. */
void path_put(Buf *path, const char *text);
/* "/items/posts", "/roles", "/users": where a collection's records are. */
void path_of_collection(Buf *path, const char *collection);

/* What session_identify found, for clamped reads; -1 = none. */
long session_query_limit(const Session *session);
void session_note_query_limit(Session *session, long limit);
void session_note_version(Session *session, const Version *version);
/* Lives as long as the session. */
Arena *session_arena(Session *session);
double session_retry_seconds(const Session *session);
double session_timeout_seconds(const Session *session);

#endif
