/*
 * A session with one Directus instance over HTTP(S): at most two keep-alive connections, bounded retries, and
 * a read-only barrier.
 *
 * Requests that the server refused before processing are repeated with back-off, whatever their method: 503
 * with the reason "Under pressure" (routine on a busy server) and 429 (honouring Retry-After). Reads are
 * repeated after network faults too. A write whose answer was lost is never repeated: it ends with ERR_REMOTE
 * and session_lost() true, and the caller reads the instance again. Idle connections older than 3 s are not
 * reused (the server closes them after 5 s).
 *
 * A read-only session refuses (ERR_INTERNAL) every request that is not on the allow-list of non-mutating
 * ones: GET, SEARCH, POST /schema/diff, POST /auth/login, POST /utils/cache/clear. TLS certificates are
 * always verified. Redirects are not followed: the message names where it points to.
 */
#ifndef SCHEMA_SYNC_DIRECTUS_SESSION_H
#define SCHEMA_SYNC_DIRECTUS_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "directus/versions.h"

typedef struct Session Session;

typedef struct {
    const char *url; /* no trailing slash */
    const Secret *token;
    const Secret *email,
        *password;           /* used when there is no token: POST /auth/login, renewed before it expires */
    const char *credentials; /* where they stand, for messages: "PROD_DIRECTUS_TOKEN in .env"; NULL = not
                                known. Borrowed as long as the session lives */
    bool read_only;
    double timeout_seconds;  /* without a byte of the answer; /schema/apply has 15 minutes at least */
    double retry_seconds;    /* how long pressure and network faults are retried; 5 at most before anybody
                                has answered */
    const char *record_path; /* when set: every request is appended there as a JSON line {method, path, body}
                                for the benchmark; never the credentials */
} SessionOptions;

/* Makes no request. */
bool session_open(const SessionOptions *options, Session **out, Error *err);
void session_close(Session **slot);
static inline void session_auto_close(Session **session) {
    session_close(session);
}
#define AUTO_SESSION __attribute__((cleanup(session_auto_close))) Session *

/* What the instance is and who we are there. Texts live as long as the session. */
typedef struct {
    const char *directus;          /* "11.17.4" */
    Version version;               /* the same, and what follows from it */
    long query_limit_max;          /* -1 = none */
    const char *user_id, *role_id; /* role_id NULL when the user has none */
    const char *const
        *policy_ids; /* all policies the user holds, through roles or directly; NULL-terminated */
    bool admin;
    const Json *info;   /* the data of GET /server/info */
    bool clock_known;   /* it told its time */
    double clock_ahead; /* seconds its clock is ahead of ours, to half a second either way */
    long cache_seconds; /* how long its response cache keeps what it answers without a look at what was
                           written since (CACHE_ENABLED without CACHE_AUTO_PURGE); 0 = it does not */
} Instance;

/*
 * GET /server/info and SEARCH /users (at once, over two connections; a third request where the user's role
 * has a parent). Faults: ERR_REMOTE (no answer; not a Directus; older than 10.13), ERR_REFUSED (wrong token;
 * a token without admin rights).
 *
 * The response cache needs no clearing: what this adapter reads is asked for in forms that no cache
 * answers (SEARCH, or a GET with a query never used before). Seen live with CACHE_ENABLED=true; it holds with
 * CACHE_AUTO_PURGE too, which Cache-Control does not show.
 */
bool session_identify(Session *session, Instance *instance, Error *err);
/* The user once more, after what users may do was changed: SEARCH /users. */
bool session_identify_user(Session *session, Instance *instance, Error *err);

/* What session_identify found; before, one with policies is taken for granted. */
const Version *session_version(const Session *session);

/* One request as the rest of the adapter makes it. `body` NULL = none. Answers: the parsed "data" member in
 * `arena`, null for 204. Status ≥ 400 is an error with Directus's own message and code, and the request named
 * ("POST /roles: …"). */
bool session_request(Session *session, Arena *arena, const char *method, const char *path, const Json *body,
                     Json *data, Error *err);
/* Several GETs at once over the two connections, past the response cache; data[i] belongs to paths[i], which
 * have no query. */
bool session_get_all(Session *session, Arena *arena, const char *const *paths, size_t count, Json *data,
                     Error *err);
/* POST of one JSON file part as multipart/form-data (not bound by MAX_PAYLOAD_SIZE); answers as
 * session_request. */
bool session_post_file(Session *session, Arena *arena, const char *path, const Buf *json, Json *data,
                       Error *err);

/* True after a write failed without an answer: it may or may not have happened. Reset by
 * session_lost_reset(). */
bool session_lost(const Session *session);
void session_lost_reset(Session *session);
size_t session_requests(const Session *session);
/* Requests the server refused because it was under pressure, or for its rate limit; each was repeated. */
size_t session_refused(const Session *session);

#endif
