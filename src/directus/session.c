#include "directus/session_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/redact.h"
#include "directus/answer.h"
#include "model/canon.h"
#include "model/catalog.h"

/* /schema/apply and /utils/import of a large project work for minutes before they answer. */
static const double APPLY_PATIENCE = 900;
/* A login is renewed when less than this is left of it. */
static const double LOGIN_MARGIN = 60;

struct Session {
    Arena arena; /* of what Instance points to */
    Http *http;
    Secret token, email, password;
    const char *credentials;
    bool logged_in;
    double login_until;
    bool read_only, lost;
    double timeout_seconds, retry_seconds;
    long query_limit;
    Version version;
    Exchange ahead[2]; /* free when the path is empty */
};

static double now_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- open, close ---- */

/* Credentials in the address would end up in messages and process lists. */
static bool check_url(const char *url, Error *err) {
    bool http = url && (str_starts(url, "http://") || str_starts(url, "https://"));
    const char *host = http ? strstr(url, "://") + 3 : NULL;
    if (!http || !*host || *host == '/') {
        error_set(err, ERR_CONFIG, "the instance's address is not an http:// or https:// address");
        return error_hint(err, "set DIRECTUS_URL, for example to http://localhost:8055");
    }
    if (memchr(host, '@', strcspn(host, "/?#"))) {
        error_set(err, ERR_CONFIG, "the instance's address holds a user name or password");
        return error_hint(err, "take it out of DIRECTUS_URL; DIRECTUS_TOKEN is what signs in");
    }
    if (strpbrk(url, "?# \t\r\n")) {
        error_set(err, ERR_CONFIG, "the instance's address holds more than scheme, host, port and path");
        return error_hint(err, "set DIRECTUS_URL to what stands before /admin in the browser");
    }
    return true;
}

/* A token is a header's value: anything but visible ASCII would end or break the header. */
static bool check_token(const Secret *token, Error *err) {
    for (const char *at = secret_reveal(token); *at; at++)
        if (*at <= ' ' || *at > '~') {
            error_set(err, ERR_CONFIG,
                      "the token holds a blank, a line break or another character no token has");
            return error_hint(err, "set DIRECTUS_TOKEN again, without quotes or blanks around it");
        }
    return true;
}

bool session_open(const SessionOptions *options, Session **out, Error *err) {
    bool token = options->token && secret_is_set(options->token);
    bool login = options->email && options->password && secret_is_set(options->email) &&
                 secret_is_set(options->password);
    if (!check_url(options->url, err))
        return false;
    if (!token && !login) {
        error_set(err, ERR_CONFIG, "there are no credentials for %s", options->url);
        return error_hint(err, "set DIRECTUS_TOKEN, or DIRECTUS_EMAIL and DIRECTUS_PASSWORD");
    }
    if (token && !check_token(options->token, err))
        return false;
    Session *session = mem_alloc(sizeof *session);
    *session =
        (Session){ .read_only = options->read_only, .query_limit = -1, .version = { .has_policies = true } };
    *out = session;
    session->credentials = options->credentials;
    session->timeout_seconds = options->timeout_seconds;
    session->retry_seconds = options->retry_seconds;
    HttpOptions http = { .url = options->url,
                         .timeout_seconds = session->timeout_seconds,
                         .retry_seconds = session->retry_seconds,
                         .record_path = options->record_path };
    if (token)
        secret_set(&session->token, secret_reveal(options->token));
    if (login) {
        secret_set(&session->email, secret_reveal(options->email));
        secret_set(&session->password, secret_reveal(options->password));
    }
    if (!http_open(&http, &session->http, err)) {
        session_close(out);
        return false;
    }
    if (token)
        http_authorize(session->http, secret_reveal(&session->token));
    return true;
}

void session_close(Session **slot) {
    Session *session = *slot;
    if (!session)
        return;
    for (size_t i = 0; i < 2; i++) {
        if (session->http)
            http_cancel(session->http, &session->ahead[i]);
        exchange_free(&session->ahead[i]);
    }
    http_close(&session->http);
    secret_free(&session->token);
    secret_free(&session->email);
    secret_free(&session->password);
    arena_free(&session->arena);
    free(session);
    *slot = NULL;
}

bool session_lost(const Session *session) {
    return session->lost;
}

void session_lost_reset(Session *session) {
    session->lost = false;
}

size_t session_requests(const Session *session) {
    return http_requests(session->http);
}

size_t session_refused(const Session *session) {
    return http_refused(session->http);
}

long session_query_limit(const Session *session) {
    return session->query_limit;
}

double session_timeout_seconds(const Session *session) {
    return session->timeout_seconds;
}

double session_retry_seconds(const Session *session) {
    return session->retry_seconds;
}

const Version *session_version(const Session *session) {
    return &session->version;
}

void session_note_version(Session *session, const Version *version) {
    session->version = *version;
}

void session_note_query_limit(Session *session, long limit) {
    session->query_limit = limit;
}

Arena *session_arena(Session *session) {
    return &session->arena;
}

/* ---- sending ---- */

/* Requests that change nothing: what a read-only session may send, and what may be sent again when an answer
 * was lost. */
static bool changes_nothing(const char *method, const char *path) {
    static const char *const posts[] = { "/schema/diff", "/auth/login", "/utils/cache/clear" };
    if (strcmp(method, "GET") == 0 || strcmp(method, "SEARCH") == 0)
        return true;
    size_t length = strcspn(path, "?");
    for (size_t i = 0; strcmp(method, "POST") == 0 && i < sizeof posts / sizeof *posts; i++)
        if (strlen(posts[i]) == length && strncmp(path, posts[i], length) == 0)
            return true;
    return false;
}

void session_prepare(Exchange *exchange, const char *method, const char *path, const Json *body) {
    exchange_init(exchange, method, path);
    exchange->repeatable = changes_nothing(method, path);
    if (!body)
        return;
    exchange->body_kind = BODY_JSON;
    canon_compact(&exchange->body, body);
}

void session_prepare_search(Exchange *exchange, const char *path, const char *query) {
    session_prepare(exchange, "SEARCH", path, NULL);
    exchange->body_kind = BODY_JSON;
    buf_printf(&exchange->body, "{\"query\":%s}", query);
}

void session_prepare_fresh_get(Exchange *exchange, const char *path) {
    static unsigned long counter;
    struct timespec now;
    char fresh[256];
    clock_gettime(CLOCK_REALTIME, &now);
    /* An id no row has (they are positive), within the range of a 32-bit integer column. */
    unsigned long nonce =
        ((unsigned long)now.tv_sec * 1000 + (unsigned long)now.tv_nsec / 1000000 + counter++) % 2000000000UL;
    snprintf(fresh, sizeof fresh, "%s?filter=%%7B%%22id%%22%%3A%%7B%%22_neq%%22%%3A-%lu%%7D%%7D", path,
             nonce + 1);
    session_prepare(exchange, "GET", fresh, NULL);
}

void path_put(Buf *path, const char *text) {
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if ((*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z') ||
            strchr("-_.~", *at))
            buf_putc(path, (char)*at);
        else
            buf_printf(path, "%%%02X", *at);
    }
}

void path_of_collection(Buf *path, const char *collection) {
    TypeId type = catalog_find(collection);
    if (type < TYPE_COUNT && catalog_row(type)->endpoint) {
        buf_puts(path, catalog_row(type)->endpoint);
    } else if (type == TYPE_USERS || type == TYPE_FILES) {
        buf_puts(path, type == TYPE_USERS ? "/users" : "/files");
    } else {
        buf_puts(path, "/items/");
        path_put(path, collection);
    }
}

/* Of a text that was cut within the secret, the end that is left is masked too, if it is worth a name. */
static void mask(char *text, const Secret *secret) {
    enum { SHORTEST = 4 };
    const char *hidden = secret_reveal(secret);
    size_t length = strlen(text);
    for (char *at = text; secret->length > 0 && (at = strstr(at, hidden)); at += secret->length)
        memset(at, '*', secret->length);
    for (size_t part = secret->length < length ? secret->length : length; part >= SHORTEST; part--)
        if (memcmp(text + length - part, hidden, part) == 0)
            memset(text + length - part, '*', part);
}

/* A message never shows credentials, whatever a server or proxy puts into its answer. */
static void redact(Session *session, Error *err) {
    mask(err->message, &session->token);
    mask(err->message, &session->password);
    redact_error(err);
}

static bool log_in(Session *session, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Exchange) exchange = { 0 };
    JsonObjectBuilder body = json_object_builder(&arena);
    json_object_put(&body, "email", json_string(&arena, secret_reveal(&session->email)));
    json_object_put(&body, "password", json_string(&arena, secret_reveal(&session->password)));
    json_object_put(&body, "mode", json_string(&arena, "json"));
    Json json = json_object_done(&body), whole;
    session_prepare(&exchange, "POST", "/auth/login", &json);
    exchange.anonymous = true;
    http_start(session->http, &exchange);
    if (!http_finish(session->http, &exchange, err) ||
        !answer_check(&exchange, true, session->credentials, err) ||
        !exchange_parse(&exchange, &arena, &whole, err)) {
        redact(session, err);
        return false;
    }
    const char *token = json_get_text(json_get(&whole, "data"), "access_token");
    const Json *expires = json_path(&whole, "data", "expires", NULL);
    if (!token)
        return error_set(err, ERR_REMOTE, "POST /auth/login: the answer has no access token");
    secret_set(&session->token, token);
    http_authorize(session->http, token);
    session->logged_in = true;
    session->login_until = now_seconds() + (json_is(expires, JSON_NUMBER) ? expires->as.number / 1000 : 900);
    return true;
}

bool session_send(Session *session, Exchange *exchange, Error *err) {
    if (session->read_only && !exchange->repeatable) {
        char name[200];
        return error_set(err, ERR_INTERNAL, "%s was about to be sent by a command that only reads",
                         exchange_name(exchange, name));
    }
    bool login = secret_is_set(&session->email) && (session->logged_in || !secret_is_set(&session->token));
    if (login && (!session->logged_in || now_seconds() > session->login_until - LOGIN_MARGIN) &&
        !log_in(session, err))
        return false;
    const char *path = exchange->path.data;
    if ((str_equal(path, "/schema/apply") || str_starts(path, "/utils/import?")) &&
        session->timeout_seconds < APPLY_PATIENCE)
        exchange->patience = APPLY_PATIENCE;
    http_start(session->http, exchange);
    return true;
}

bool session_await(Session *session, Exchange *exchange, Error *err) {
    bool ok = http_finish(session->http, exchange, err) &&
              answer_check(exchange, session->logged_in, session->credentials, err);
    session->lost |= exchange->lost;
    if (!ok)
        redact(session, err);
    return ok;
}

bool session_run(Session *session, Exchange *exchanges, size_t count, Error *err) {
    bool ok = true;
    Error later;
    size_t sent = 0;
    while (ok && sent < count)
        ok = session_send(session, &exchanges[sent], err) && ++sent;
    for (size_t i = 0; i < sent; i++)
        ok &= session_await(session, &exchanges[i], ok ? err : &later);
    return ok;
}

size_t session_await_any(Session *session, Exchange *const *exchanges, size_t count) {
    return http_await_any(session->http, exchanges, count);
}

void session_cancel(Session *session, Exchange *exchange) {
    http_cancel(session->http, exchange);
}

/* ---- reads ahead ---- */

void session_put_ahead(Session *session, Exchange *prepared) {
    for (size_t i = 0; i < 2; i++) {
        Error ignored; /* a login that fails here fails again, and is reported, when the rows are read */
        Exchange *slot = &session->ahead[i];
        if (slot->path.length)
            continue;
        *slot = *prepared;
        *prepared = (Exchange){ 0 };
        if (!session_send(session, slot, &ignored))
            exchange_free(slot);
        return;
    }
    exchange_free(prepared);
}

Exchange *session_take_ahead(Session *session, const Exchange *like) {
    for (size_t i = 0; i < 2; i++) {
        Exchange *slot = &session->ahead[i];
        if (slot->path.length && strcmp(slot->path.data, buf_text(&like->path)) == 0 &&
            strcmp(buf_text(&slot->body), buf_text(&like->body)) == 0)
            return slot;
    }
    return NULL;
}

/* ---- whole requests ---- */

static bool data_of(const Exchange *exchange, Arena *arena, Json *data, Error *err) {
    Json whole;
    if (!exchange_parse(exchange, arena, &whole, err))
        return false;
    const Json *member = json_get(&whole, "data");
    *data = member ? *member : json_null();
    return true;
}

bool session_request(Session *session, Arena *arena, const char *method, const char *path, const Json *body,
                     Json *data, Error *err) {
    AUTO(Exchange) exchange = { 0 };
    session_prepare(&exchange, method, path, body);
    return session_run(session, &exchange, 1, err) && data_of(&exchange, arena, data, err);
}

bool session_get_all(Session *session, Arena *arena, const char *const *paths, size_t count, Json *data,
                     Error *err) {
    Exchange *exchanges = arena_array(arena, count, sizeof *exchanges);
    for (size_t i = 0; i < count; i++)
        session_prepare_fresh_get(&exchanges[i], paths[i]);
    bool ok = session_run(session, exchanges, count, err);
    for (size_t i = 0; i < count; i++) {
        ok = ok && data_of(&exchanges[i], arena, &data[i], err);
        exchange_free(&exchanges[i]);
    }
    return ok;
}

bool session_post_file(Session *session, Arena *arena, const char *path, const Buf *json, Json *data,
                       Error *err) {
    AUTO(Exchange) exchange = { 0 };
    session_prepare(&exchange, "POST", path, NULL);
    exchange.body_kind = BODY_FILE;
    buf_append(&exchange.body, json->data, json->length);
    return session_run(session, &exchange, 1, err) && data_of(&exchange, arena, data, err);
}
