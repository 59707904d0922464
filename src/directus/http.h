/*
 * Transfers: HTTP exchanges over at most two keep-alive connections, repeated where that is safe.
 *
 * An Exchange is a request and, later, its answer. http_start() hands it over, http_finish() waits for it; in
 * between the caller may think while the server works. What is repeated, and what is not, is session.h's
 * contract; here it is one table:
 *
 *   refused before it was processed (503 "Under pressure", 429)   repeated, whatever the method
 *   no connection (refused, name unknown, handshake cut)           repeated: nothing was sent
 *   connection broken, no answer in time, gateway error            repeated if `repeatable`, else failed with
 * `lost`
 *
 * Only this file and session.c know libcurl.
 */
#ifndef SCHEMA_SYNC_DIRECTUS_HTTP_H
#define SCHEMA_SYNC_DIRECTUS_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

typedef struct Http Http;
typedef struct Exchange Exchange;

typedef enum { BODY_NONE, BODY_JSON, BODY_FILE } BodyKind;
typedef enum {
    EXCHANGE_IDLE,
    EXCHANGE_WAITING,
    EXCHANGE_RUNNING,
    EXCHANGE_DONE,
    EXCHANGE_FAILED
} ExchangeState;

/* Zeroed and then filled by exchange_init; stays where it is until it is finished. */
struct Exchange {
    char method[8];
    Buf path; /* beneath the base URL, percent-encoded, with its query */
    BodyKind body_kind;
    Buf body;        /* JSON text; for BODY_FILE the file's */
    bool repeatable; /* changes nothing on the server */
    bool anonymous;  /* without credentials, and not recorded: it holds some itself */
    double patience; /* seconds without a byte before it counts as broken; 0 = the session's */

    /* the answer */
    ExchangeState state;
    long status;
    Buf answer;
    char location[512]; /* of a redirect */
    bool html;
    bool clock_known;   /* it told its time */
    double clock_ahead; /* seconds the server's clock is ahead of ours, to half a second either way */
    long max_age;       /* seconds a response cache may keep it, 0 when it says none */
    bool lost;          /* failed, and the server may have done it */
    Error error;        /* when failed */

    /* http.c's own */
    Buf form; /* BODY_FILE: what is really sent */
    double deadline, not_before, pause;
    unsigned attempts;
    Exchange *next;
};

typedef struct {
    const char *url; /* scheme://host[:port][/path], no trailing slash, no credentials */
    double timeout_seconds, retry_seconds;
    const char *record_path;
    bool abandon; /* http_close does not wait for a name that is still being looked up */
} HttpOptions;

bool http_open(const HttpOptions *options, Http **out, Error *err);
void http_close(Http **slot);
/* The token every exchange carries from now on. */
void http_authorize(Http *http, const char *token);
size_t http_requests(const Http *http);
/* Requests that were refused for pressure, or for the rate limit. */
size_t http_refused(const Http *http);

void exchange_init(Exchange *exchange, const char *method, const char *path);
void exchange_free(Exchange *exchange);
AUTO_DEFINE(Exchange, exchange_free);

/* Sends the request, or queues it when both connections are busy. */
void http_start(Http *http, Exchange *exchange);
/* Waits for the answer, whatever its status. */
bool http_finish(Http *http, Exchange *exchange, Error *err);
/* Waits until one of these is over, and gives its index. */
size_t http_await_any(Http *http, Exchange *const *exchanges, size_t count);
/* Gives an exchange up that nobody wants any more. */
void http_cancel(Http *http, Exchange *exchange);

/* "POST /roles": for messages; without the query. */
const char *exchange_name(const Exchange *exchange, char name[200]);

#endif
