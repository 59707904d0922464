#include "directus/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/redact.h"
#include "base/version.h"
#include "model/canon.h"

enum { CONNECTIONS = 2, NOTED_ATTEMPT = 5 };

/* Directus closes idle connections after 5 s. */
static const long MAX_IDLE_SECONDS = 3;
static const double FIRST_PAUSE = 0.3, PAUSE_FACTOR = 1.5, LONGEST_PAUSE = 3;
/* Nobody has answered at this address yet: it is probably wrong, and the user is waiting. */
static const double FIRST_CONTACT_SECONDS = 5;
static const double CONNECT_SECONDS = 10;

typedef struct {
    CURL *easy;
    Exchange *exchange; /* NULL = free */
    const char *body;
    size_t length, handed; /* of the body: given to libcurl so far */
    double started, last;  /* last: when a byte moved */
    char reason[CURL_ERROR_SIZE];
} Slot;

struct Http {
    HttpOptions options;
    char *url; /* options.url */
    CURLM *multi;
    Slot slots[CONNECTIONS];
    Exchange *first_waiting;
    struct curl_slist *plain, *json, *file, *login; /* headers by what is sent */
    char boundary[40];
    int record;     /* file descriptor, -1 = none */
    bool contacted; /* somebody has answered */
    size_t requests, refused;
};

static double now_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- exchanges ---- */

void exchange_init(Exchange *exchange, const char *method, const char *path) {
    snprintf(exchange->method, sizeof exchange->method, "%s", method);
    buf_puts(&exchange->path, path);
}

void exchange_free(Exchange *exchange) {
    if (exchange->anonymous && exchange->body.data)
        mem_wipe(exchange->body.data, exchange->body.length);
    buf_free(&exchange->path);
    buf_free(&exchange->body);
    buf_free(&exchange->form);
    buf_free(&exchange->answer);
    *exchange = (Exchange){ 0 };
}

const char *exchange_name(const Exchange *exchange, char name[200]) {
    const char *path = buf_text(&exchange->path);
    snprintf(name, 200, "%s %.*s", exchange->method, (int)strcspn(path, "?"), path);
    return name;
}

/* ---- the request ---- */

static size_t give_body(char *buffer, size_t size, size_t count, void *context) {
    Slot *slot = context;
    size_t room = size * count, left = slot->length - slot->handed;
    size_t taken = left < room ? left : room;
    memcpy(buffer, slot->body + slot->handed, taken);
    slot->handed += taken;
    slot->last = now_seconds();
    return taken;
}

/*
 * libcurl rewinds the body when it repeats a request by itself, on a new connection after a kept one turned
 * out to be closed. That is refused once a byte of a write has been given out: the server may have read it
 * and acted on it.
 */
static int rewind_body(void *context, curl_off_t offset, int origin) {
    Slot *slot = context;
    if (origin != SEEK_SET || offset != 0 || (slot->handed > 0 && !slot->exchange->repeatable))
        return CURL_SEEKFUNC_FAIL;
    slot->handed = 0;
    return CURL_SEEKFUNC_OK;
}

/* One line, not ended by a NUL. */
static size_t take_header(char *data, size_t size, size_t count, void *context) {
    enum { LONGEST = 128 };
    Exchange *exchange = context;
    char line[LONGEST] = "";
    size_t length = size * count;
    memcpy(line, data, length < sizeof line ? length : sizeof line - 1);
    const char *age = strstr(line, "max-age=");
    if (age && strncasecmp(line, "cache-control:", 14) == 0)
        exchange->max_age = strtol(age + strlen("max-age="), NULL, 10);
    if (strncasecmp(line, "date:", 5) != 0)
        return length;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    time_t seconds = curl_getdate(line + 5, NULL);
    exchange->clock_known = seconds != -1;
    /* the header has whole seconds */
    exchange->clock_ahead = (double)seconds + 0.5 - (double)now.tv_sec - (double)now.tv_nsec / 1e9;
    return length;
}

static size_t take_answer(char *data, size_t size, size_t count, void *context) {
    Slot *slot = context;
    buf_append(&slot->exchange->answer, data, size * count);
    slot->last = now_seconds();
    return size * count;
}

static struct curl_slist *headers_for(const Http *http, const Exchange *exchange) {
    if (exchange->anonymous)
        return http->login;
    if (exchange->body_kind == BODY_NONE)
        return http->plain;
    return exchange->body_kind == BODY_JSON ? http->json : http->file;
}

/* The whole form in memory: it is what Content-Length is known from, and what is sent again after a refusal.
 */
static void make_form(const Http *http, Exchange *exchange) {
    if (exchange->form.length)
        return;
    buf_reserve(&exchange->form, exchange->body.length + 300);
    /* Without filename= the part is no file, and another type goes through the server's slow YAML parser. */
    buf_printf(&exchange->form,
               "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"schema.json\"\r\n"
               "Content-Type: application/json\r\n\r\n",
               http->boundary);
    buf_append(&exchange->form, exchange->body.data, exchange->body.length);
    buf_printf(&exchange->form, "\r\n--%s--\r\n", http->boundary);
}

static void set_body(const Http *http, Slot *slot) {
    Exchange *exchange = slot->exchange;
    if (exchange->body_kind == BODY_FILE)
        make_form(http, exchange);
    const Buf *body = exchange->body_kind == BODY_FILE ? &exchange->form : &exchange->body;
    slot->body = buf_text(body);
    slot->length = body->length;
    slot->handed = 0;
    curl_easy_setopt(slot->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)slot->length);
    curl_easy_setopt(slot->easy, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(slot->easy, CURLOPT_READDATA, slot);
    curl_easy_setopt(slot->easy, CURLOPT_SEEKFUNCTION, rewind_body);
    curl_easy_setopt(slot->easy, CURLOPT_SEEKDATA, slot);
}

static void set_request(const Http *http, Slot *slot) {
    CURL *easy = slot->easy;
    const Exchange *exchange = slot->exchange;
    AUTO(Buf) url = { 0 };
    buf_puts(&url, http->options.url);
    buf_puts(&url, buf_text(&exchange->path));
    curl_easy_reset(easy);
    curl_easy_setopt(easy, CURLOPT_URL, url.data);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, MAX_IDLE_SECONDS);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(CONNECT_SECONDS * 1000));
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, (long)http->options.abandon);
#endif
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 128L * 1024);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "schema-sync/" SCHEMA_SYNC_VERSION);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_for(http, exchange));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, slot->exchange);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, slot->reason);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
    if (exchange->body_kind != BODY_NONE || strcmp(exchange->method, "POST") == 0)
        set_body(http, slot);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, exchange->method);
}

static Json shown(Arena *arena, const Buf *text) {
    AUTO(Buf) redacted = { 0 };
    redact_append(&redacted, buf_text(text), text->length);
    return json_string_n(arena, buf_text(&redacted), redacted.length);
}

static void record(const Http *http, const Exchange *exchange) {
    if (http->record < 0 || exchange->anonymous)
        return;
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder line = json_object_builder(&arena);
    json_object_put(&line, "method", json_string(&arena, exchange->method));
    json_object_put(&line, "path", shown(&arena, &exchange->path));
    json_object_put(&line, "type",
                    json_string(&arena, exchange->body_kind == BODY_FILE ? "multipart" : "json"));
    json_object_put(&line, "body", shown(&arena, &exchange->body));
    Json json = json_object_done(&line);
    AUTO(Buf) text = { 0 };
    canon_compact(&text, &json);
    buf_putc(&text, '\n');
    for (size_t at = 0; at < text.length;) {
        ssize_t written = write(http->record, text.data + at, text.length - at);
        if (written < 0 && errno != EINTR) {
            log_say(LOG_WARN, "the requests' record cannot be written: %s", strerror(errno));
            return;
        }
        at += written > 0 ? (size_t)written : 0;
    }
}

static void send_request(Http *http, Slot *slot, Exchange *exchange) {
    exchange->state = EXCHANGE_RUNNING;
    exchange->status = 0;
    exchange->html = exchange->clock_known = false;
    exchange->max_age = 0;
    exchange->location[0] = '\0';
    buf_clear(&exchange->answer);
    slot->exchange = exchange;
    slot->started = slot->last = now_seconds();
    slot->reason[0] = '\0';
    if (exchange->attempts++ == 0) {
        exchange->pause = FIRST_PAUSE;
        record(http, exchange);
    }
    http->requests++;
    set_request(http, slot);
    curl_multi_add_handle(http->multi, slot->easy);
}

/* ---- the outcome ---- */

static void wait_in_line(Http *http, Exchange *exchange) {
    exchange->state = EXCHANGE_WAITING;
    exchange->next = NULL;
    Exchange **end = &http->first_waiting;
    while (*end)
        end = &(*end)->next;
    *end = exchange;
}

/* Up to a fifth more or less, so that importers that were refused together do not come back together. */
static double jittered(double seconds) {
    unsigned char random = 128;
    if (getrandom(&random, 1, GRND_NONBLOCK) < 0)
        random = 128;
    return seconds * (0.8 + 0.4 * random / 255.0);
}

/* Lines the exchange up once more, or fails it with `error` when its time is over. `at_least`: what the
 * server asked for. */
static void repeat(Http *http, Exchange *exchange, double at_least) {
    double now = now_seconds(), limit = http->options.retry_seconds;
    if (!http->contacted && limit > FIRST_CONTACT_SECONDS)
        limit = FIRST_CONTACT_SECONDS;
    if (exchange->deadline <= 0)
        exchange->deadline = now + limit;
    double pause = jittered(exchange->pause);
    exchange->pause =
        exchange->pause * PAUSE_FACTOR < LONGEST_PAUSE ? exchange->pause * PAUSE_FACTOR : LONGEST_PAUSE;
    if (pause < at_least)
        pause = at_least;
    if (now + pause > exchange->deadline) {
        exchange->state = EXCHANGE_FAILED;
        return;
    }
    /* a wait of seconds looks like a hang to somebody who watches */
    log_say(exchange->attempts == NOTED_ATTEMPT ? LOG_NOTE : LOG_TRACE, "%s; again in %.1f s",
            exchange->error.message, pause);
    exchange->not_before = now + pause;
    wait_in_line(http, exchange);
}

static bool certificate_fault(CURLcode code) {
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CERTPROBLEM ||
           code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR ||
           code == CURLE_SSL_CONNECT_ERROR;
}

/* The connection never came about: no byte of the request left. */
static bool nothing_sent(CURLcode code, CURL *easy) {
    long sent = 0;
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
    return sent == 0 || code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
           code == CURLE_COULDNT_RESOLVE_PROXY;
}

static void set_lost(Exchange *exchange, const char *what) {
    char name[200];
    error_set(&exchange->error, ERR_REMOTE, "%s: %s; whether it was done is not known",
              exchange_name(exchange, name), what);
    error_hint(&exchange->error,
               "run the command again: it reads what the instance has and goes on from there");
    exchange->lost = true;
    exchange->state = EXCHANGE_FAILED;
}

static void judge_fault(Http *http, Slot *slot, Exchange *exchange, CURLcode code) {
    char name[200];
    const char *reason = slot->reason[0] ? slot->reason : curl_easy_strerror(code);
    Error *err = &exchange->error;
    exchange_name(exchange, name);
    if (certificate_fault(code)) {
        error_set(err, ERR_REFUSED, "no trusted connection to %s: %s", http->options.url, reason);
        error_hint(
            err,
            "check the address; a private certificate authority must be among the system's certificates");
        exchange->state = EXCHANGE_FAILED;
    } else if (nothing_sent(code, slot->easy)) {
        error_set(err, ERR_REMOTE, "%s cannot be reached: %s", http->options.url, reason);
        error_hint(err, "is Directus running there, and is DIRECTUS_URL right?");
        repeat(http, exchange, 0);
    } else if (!exchange->repeatable) {
        set_lost(exchange, code == CURLE_OPERATION_TIMEDOUT ? "no answer came in time"
                                                            : "the connection broke before the answer came");
    } else if (code == CURLE_OPERATION_TIMEDOUT) {
        error_set(err, ERR_REMOTE, "%s: no answer within %.0f s", name,
                  exchange->patience > 0 ? exchange->patience : http->options.timeout_seconds);
        error_hint(err, "is the instance overloaded?");
        repeat(http, exchange, 0);
    } else {
        error_set(err, ERR_REMOTE, "%s: the connection broke before the whole answer came: %s", name, reason);
        error_hint(err, "is %s really a Directus, or is something in between cutting connections?",
                   http->options.url);
        repeat(http, exchange, 0);
    }
}

/* Directus says so before it looks at the request. Other 503s (storage, an external service) come with other
 * reasons. */
static bool under_pressure(const Exchange *exchange) {
    return exchange->status == 503 && strstr(buf_text(&exchange->answer), "Under pressure") &&
           strstr(buf_text(&exchange->answer), "SERVICE_UNAVAILABLE");
}

/* A proxy's answer in place of Directus's: it got none itself. */
static bool gateway_error(const Exchange *exchange) {
    return exchange->status == 502 || exchange->status == 504 ||
           (exchange->status == 503 && !strstr(buf_text(&exchange->answer), "SERVICE_UNAVAILABLE"));
}

static void judge_answer(Http *http, Slot *slot, Exchange *exchange) {
    char name[200];
    curl_off_t after = 0;
    const char *text = NULL;
    exchange_name(exchange, name);
    curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &exchange->status);
    curl_easy_getinfo(slot->easy, CURLINFO_RETRY_AFTER, &after);
    if (curl_easy_getinfo(slot->easy, CURLINFO_REDIRECT_URL, &text) == CURLE_OK && text)
        snprintf(exchange->location, sizeof exchange->location, "%.*s", (int)strcspn(text, "?#"), text);
    if (curl_easy_getinfo(slot->easy, CURLINFO_CONTENT_TYPE, &text) == CURLE_OK && text)
        exchange->html = strncmp(text, "text/html", 9) == 0;
    log_say(LOG_TRACE, "%s: %ld, %zu bytes, %.1f ms", name, exchange->status, exchange->answer.length,
            (now_seconds() - slot->started) * 1000);
    bool pressure = under_pressure(exchange);
    if (pressure || exchange->status == 429) {
        http->refused++;
        http->contacted = true;
        error_set(&exchange->error, ERR_REMOTE, "%s: %s", name,
                  pressure ? "the instance refuses work: it is under pressure"
                           : "the instance's rate limit is reached");
        error_hint(&exchange->error, "try again later%s",
                   pressure ? ", or give the instance more resources" : "");
        repeat(http, exchange, (double)after);
    } else if (gateway_error(exchange)) {
        char what[80];
        snprintf(what, sizeof what, "a gateway answered %ld in place of Directus", exchange->status);
        error_set(&exchange->error, ERR_REMOTE, "%s: %s", name, what);
        error_hint(&exchange->error, "is Directus running behind %s?", http->options.url);
        if (exchange->repeatable)
            repeat(http, exchange, (double)after);
        else
            set_lost(exchange, what);
    } else {
        http->contacted = true;
        exchange->state = EXCHANGE_DONE;
    }
}

static void transfer_over(Http *http, Slot *slot, CURLcode code) {
    Exchange *exchange = slot->exchange;
    if (code == CURLE_OK)
        judge_answer(http, slot, exchange);
    else
        judge_fault(http, slot, exchange, code);
    curl_multi_remove_handle(http->multi, slot->easy);
    slot->exchange = NULL;
}

/* ---- the engine ---- */

static double patience_of(const Http *http, const Exchange *exchange) {
    return exchange->patience > 0 ? exchange->patience : http->options.timeout_seconds;
}

static void send_waiting(Http *http) {
    double now = now_seconds();
    for (size_t i = 0; i < CONNECTIONS; i++) {
        Exchange **at = &http->first_waiting;
        while (*at && (*at)->not_before > now)
            at = &(*at)->next;
        if (!*at || http->slots[i].exchange)
            continue;
        Exchange *exchange = *at;
        *at = exchange->next;
        exchange->next = NULL;
        send_request(http, &http->slots[i], exchange);
    }
}

static void advance(Http *http) {
    int running, left;
    send_waiting(http);
    curl_multi_perform(http->multi, &running);
    for (CURLMsg *message; (message = curl_multi_info_read(http->multi, &left));) {
        char *private = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        transfer_over(http, (Slot *)(void *)private, code);
    }
    double now = now_seconds();
    for (size_t i = 0; i < CONNECTIONS; i++) {
        Slot *slot = &http->slots[i];
        if (slot->exchange && now - slot->last > patience_of(http, slot->exchange))
            transfer_over(http, slot, CURLE_OPERATION_TIMEDOUT);
    }
}

/* Sleeps until a byte moves, a pause ends or patience does. */
static void await_change(Http *http) {
    double now = now_seconds(), until = now + 1;
    bool free_slot = false;
    for (size_t i = 0; i < CONNECTIONS; i++) {
        const Slot *slot = &http->slots[i];
        free_slot |= !slot->exchange;
        if (slot->exchange && slot->last + patience_of(http, slot->exchange) < until)
            until = slot->last + patience_of(http, slot->exchange);
    }
    for (const Exchange *exchange = http->first_waiting; free_slot && exchange; exchange = exchange->next)
        if (exchange->not_before < until)
            until = exchange->not_before;
    if (until > now)
        curl_multi_poll(http->multi, NULL, 0, (int)((until - now) * 1000) + 1, NULL);
}

/* While the caller was thinking nobody listened: what arrived is still in the socket, and that was no silence
 * of the server's. */
static void forgive_silence(Http *http) {
    double now = now_seconds();
    for (size_t i = 0; i < CONNECTIONS; i++)
        http->slots[i].last = now;
}

void http_start(Http *http, Exchange *exchange) {
    forgive_silence(http);
    exchange->attempts = 0;
    exchange->deadline = exchange->not_before = 0;
    exchange->lost = false;
    wait_in_line(http, exchange);
    advance(http);
}

static bool is_over(const Exchange *exchange) {
    return exchange->state != EXCHANGE_WAITING && exchange->state != EXCHANGE_RUNNING;
}

size_t http_await_any(Http *http, Exchange *const *exchanges, size_t count) {
    double now = now_seconds();
    /* What arrived while the caller was thinking is still in the socket: that was no silence of the server's.
     */
    for (size_t i = 0; i < CONNECTIONS; i++)
        http->slots[i].last = now;
    for (advance(http);; advance(http)) {
        for (size_t i = 0; i < count; i++)
            if (is_over(exchanges[i]))
                return i;
        await_change(http);
    }
}

bool http_finish(Http *http, Exchange *exchange, Error *err) {
    http_await_any(http, &exchange, 1);
    if (exchange->state == EXCHANGE_DONE)
        return true;
    *err = exchange->error;
    return false;
}

void http_cancel(Http *http, Exchange *exchange) {
    for (Exchange **at = &http->first_waiting; *at; at = &(*at)->next)
        if (*at == exchange) {
            *at = exchange->next;
            break;
        }
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (http->slots[i].exchange == exchange) {
            curl_multi_remove_handle(http->multi, http->slots[i].easy);
            http->slots[i].exchange = NULL;
        }
    exchange->state = EXCHANGE_IDLE;
}

/* ---- open, close ---- */

static void free_headers(struct curl_slist **list) {
    for (struct curl_slist *item = *list; item; item = item->next)
        mem_wipe(item->data, strlen(item->data));
    curl_slist_free_all(*list);
    *list = NULL;
}

/* Without "Expect:" libcurl would ask and wait before it sends a large body. */
static struct curl_slist *make_headers(const char *token, const char *content_type) {
    struct curl_slist *list = curl_slist_append(NULL, "Accept: application/json");
    list = curl_slist_append(list, "Expect:");
    AUTO(Buf) line = { 0 };
    buf_printf(&line, "Content-Type:%s", content_type);
    list = curl_slist_append(list, line.data);
    if (token) {
        buf_clear(&line);
        buf_puts(&line, "Authorization: Bearer ");
        buf_puts(&line, token);
        list = curl_slist_append(list, line.data);
        mem_wipe(line.data, line.capacity);
    }
    return list;
}

void http_authorize(Http *http, const char *token) {
    char file[100];
    /* libcurl reads the headers of a request until it is over */
    for (; http->slots[0].exchange || http->slots[1].exchange; advance(http))
        await_change(http);
    snprintf(file, sizeof file, " multipart/form-data; boundary=%s", http->boundary);
    free_headers(&http->plain);
    free_headers(&http->json);
    free_headers(&http->file);
    http->plain = make_headers(token, "");
    http->json = make_headers(token, " application/json");
    http->file = make_headers(token, file);
}

size_t http_requests(const Http *http) {
    return http->requests;
}

size_t http_refused(const Http *http) {
    return http->refused;
}

/* 128 random bits: no text of the user's holds them. */
static bool choose_boundary(char boundary[40], Error *err) {
    unsigned char random[16];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return error_errno(err, "random bytes");
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(boundary + 2 * i, 3, "%02x", random[i]);
    return true;
}

bool http_open(const HttpOptions *options, Http **out, Error *err) {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return error_set(err, ERR_INTERNAL, "libcurl cannot be initialised");
    Http *http = mem_alloc(sizeof *http);
    *http = (Http){ .options = *options, .record = -1 };
    http->url = mem_strdup(options->url);
    http->options.url = http->url;
    http->options.record_path = NULL;
    *out = http;
    http->multi = curl_multi_init();
    for (size_t i = 0; i < CONNECTIONS; i++)
        http->slots[i].easy = curl_easy_init();
    if (!http->multi || !http->slots[0].easy || !http->slots[1].easy)
        return error_set(err, ERR_INTERNAL, "libcurl cannot be initialised");
    curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
    if (!choose_boundary(http->boundary, err))
        return false;
    http->login = make_headers(NULL, " application/json");
    http_authorize(http, NULL);
    if (options->record_path) {
        http->record = open(options->record_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (http->record < 0)
            return error_errno(err, "%s", options->record_path);
    }
    return true;
}

void http_close(Http **slot) {
    Http *http = *slot;
    if (!http)
        return;
    for (size_t i = 0; i < CONNECTIONS; i++) {
        if (http->slots[i].exchange)
            curl_multi_remove_handle(http->multi, http->slots[i].easy);
        curl_easy_cleanup(http->slots[i].easy);
    }
    curl_multi_cleanup(http->multi);
    free_headers(&http->plain);
    free_headers(&http->json);
    free_headers(&http->file);
    free_headers(&http->login);
    if (http->record >= 0)
        close(http->record);
    free(http->url);
    free(http);
    curl_global_cleanup();
    *slot = NULL;
}
