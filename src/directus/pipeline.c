#include "directus/pipeline.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "directus/answer.h"
#include "directus/version_10.h"
#include "model/canon.h"

/* ---- which record a refusal is about ---- */

static bool same_text(const Json *a, const Json *b) {
    AUTO(Buf) left = { 0 };
    AUTO(Buf) right = { 0 };
    canon_compact(&left, a);
    canon_compact(&right, b);
    if (left.length && left.data[0] == '"' && right.length && right.data[0] != '"')
        return left.length == right.length + 2 && memcmp(left.data + 1, right.data, right.length) == 0;
    return left.length == right.length && memcmp(left.data, right.data, left.length) == 0;
}

static bool is_about_a_missing_value(const Json *extensions) {
    return str_equal(json_get_text(extensions, "type"), "required") ||
           str_equal(json_get_text(extensions, "code"), "NOT_NULL_VIOLATION");
}

/* The record a refusal is about: the only one whose field has the refused value or, when a value is missing,
 * the first one without (records are taken in order); -1 when that does not tell. */
static long refused_record(const Json *records, const Json *extensions) {
    const char *field = json_get_text(extensions, "field");
    const Json *value = json_get(extensions, "value");
    long found = -1;
    for (uint32_t i = 0; field && i < records->count; i++) {
        const Json *there = json_get(&records->as.items[i], field);
        if (is_about_a_missing_value(extensions) && json_is_null(there))
            return (long)i;
        if (!value || !there || !(same_text(there, value) || same_text(value, there)))
            continue;
        if (found >= 0)
            return -1;
        found = (long)i;
    }
    return found;
}

static void name_record(const Batch *batch, const Json *records, uint32_t at, const char *word, Error *err) {
    AUTO(Buf) text = { 0 };
    const Json *key = json_get(&records->as.items[at], batch->key);
    if (batch->labels)
        buf_puts(&text, batch->labels[at]);
    else if (json_is(&records->as.items[at], JSON_OBJECT) && key)
        canon_compact(&text, key);
    else if (!json_is(&records->as.items[at], JSON_OBJECT))
        canon_compact(&text, &records->as.items[at]);
    if (text.length)
        error_context(err, "%s %.200s", word, text.data);
}

/* The hint stays as it is. */
void batch_explain(const Batch *batch, const Buf *sent, const Exchange *exchange, Error *err) {
    AUTO(Arena) arena = { 0 };
    Error ignored;
    Json records, answer;
    if (batch->records && json_parse(&arena, sent->data, sent->length, JSON_SYNTAX, &records, &ignored) &&
        json_is(&records, JSON_ARRAY) && records.count) {
        long at = -1;
        if (exchange->state == EXCHANGE_DONE &&
            json_parse(&arena, buf_text(&exchange->answer), exchange->answer.length, JSON_SYNTAX, &answer,
                       &ignored) &&
            json_is(json_get(&answer, "errors"), JSON_ARRAY) && json_get(&answer, "errors")->count) {
            const Json *extensions = json_get(&json_get(&answer, "errors")->as.items[0], "extensions");
            at = refused_record(&records, extensions);
        }
        name_record(batch, &records, at < 0 ? 0 : (uint32_t)at, at < 0 ? "the first of them" : "it is about",
                    err);
    }
    if (batch->records)
        error_context(err, "%s %zu %s", batch->what, batch->records, batch->of);
    else
        error_context(err, "%s %s", batch->what, batch->of);
}

/* ---- answers ---- */

/* POST and PATCH answer with the keys of what they wrote; PATCH is silent about keys that do not
 * exist, and /permissions appends rows of the system without one. */
static bool check_written(const Pipeline *pipeline, const Flight *flight, const Json *data, Error *err) {
    const Batch *batch = &flight->batch;
    long limit = session_query_limit(pipeline->session);
    size_t written = 0,
           expected = limit > 0 && batch->records > (size_t)limit ? (size_t)limit : batch->records;
    if (strcmp(batch->method, "DELETE") == 0 || !batch->records)
        return true;
    for (uint32_t i = 0; json_is(data, JSON_ARRAY) && i < data->count; i++)
        written += !json_is_null(json_get(&data->as.items[i], batch->key));
    if (written >= expected)
        return true;
    error_set(err, ERR_REMOTE, "the instance wrote %zu of %zu", written, expected);
    return error_hint(err,
                      "records were deleted meanwhile, or an extension filters them: run the command again");
}

/* Creates are carried out in order and answered sorted by key: with counters that is the same order. */
static bool fill_in_keys(const Flight *flight, const Json *data, Buf *out, Error *err) {
    AUTO(Arena) arena = { 0 };
    Json stamps;
    if (!json_parse(&arena, flight->stamps.data, flight->stamps.length, JSON_SYNTAX, &stamps, err))
        return false;
    JsonArrayBuilder filled = json_array_builder(&arena);
    for (uint32_t i = 0; i < stamps.count; i++) {
        const Json *stamp = &stamps.as.items[i], *key = json_get(stamp, flight->batch.key);
        if (json_is_null(key) && stamps.count == data->count)
            key = json_get(&data->as.items[i], flight->batch.key);
        if (json_is_null(key))
            return error_set(err, ERR_REMOTE, "the instance does not say which keys it gave to the new rows");
        json_array_add(&filled, json_with(&arena, stamp, flight->batch.key, *key));
    }
    Json list = json_array_done(&filled);
    canon_compact(out, &list);
    return true;
}

static void fill_path(const Pipeline *pipeline, Flight *flight) {
    const Batch *batch = &flight->batch;
    buf_clear(&flight->path);
    buf_puts(&flight->path, batch->path);
    if (strcmp(batch->method, "DELETE") == 0)
        return;
    buf_puts(&flight->path, "?fields=");
    path_put(&flight->path, batch->key);
    if (!session_version(pipeline->session)->has_policies &&
        str_equal(batch->path, catalog_row(TYPE_PERMISSIONS)->endpoint))
        buf_puts(&flight->path, VERSION_10_KEYS);
    if (batch->records)
        buf_puts(&flight->path, "&limit=-1");
}

static bool send_flight(Pipeline *pipeline, Flight *flight, Buf *body, Error *err) {
    const WriteGate *gate = pipeline->gate;
    if (gate && gate->check && !gate->check(gate->context, err))
        return false;
    fill_path(pipeline, flight);
    exchange_free(&flight->exchange);
    session_prepare(&flight->exchange, flight->batch.method, flight->path.data, NULL);
    flight->exchange.body_kind = BODY_JSON;
    flight->exchange.body = *body;
    *body = (Buf){ 0 };
    return session_send(pipeline->session, &flight->exchange, err);
}

static bool await_flight(Pipeline *pipeline, Flight *flight, Arena *arena, Json *data, Error *err) {
    Json whole = json_null();
    *data = json_null();
    bool ok = session_await(pipeline->session, &flight->exchange, err) &&
              exchange_parse(&flight->exchange, arena, &whole, err);
    if (ok && json_get(&whole, "data"))
        *data = *json_get(&whole, "data");
    ok = ok && check_written(pipeline, flight, data, err);
    if (!ok)
        batch_explain(&flight->batch, &flight->exchange.body, &flight->exchange, err);
    return ok;
}

/* What the server stamped on create is set to what it should be: an update keeps it. */
static bool send_stamps(Pipeline *pipeline, Flight *flight, const Json *created, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) body = { 0 };
    Json data;
    if (!fill_in_keys(flight, created, &body, err))
        return false;
    flight->batch.method = "PATCH";
    flight->batch.what = "setting the creation times of";
    return send_flight(pipeline, flight, &body, err) && await_flight(pipeline, flight, &arena, &data, err);
}

static bool settle_flight(Pipeline *pipeline, Flight *flight, Error *err) {
    AUTO(Arena) arena = { 0 };
    Json data;
    if (!flight->busy)
        return true;
    flight->busy = false;
    return await_flight(pipeline, flight, &arena, &data, err) &&
           (flight->stamps.length == 0 || send_stamps(pipeline, flight, &data, err));
}

/* ---- the pipeline ---- */

/* A flight that is free, else the first one to come back. */
static bool free_flight(Pipeline *pipeline, Flight **out, Error *err) {
    Exchange *under_way[PIPELINE_FLIGHTS];
    for (size_t i = 0; i < PIPELINE_FLIGHTS; i++) {
        *out = &pipeline->flights[i];
        if (!(*out)->busy)
            return true;
        under_way[i] = &(*out)->exchange;
    }
    *out = &pipeline->flights[session_await_any(pipeline->session, under_way, PIPELINE_FLIGHTS)];
    return settle_flight(pipeline, *out, err);
}

bool pipeline_send(Pipeline *pipeline, const Batch *batch, Buf *body, Buf *stamps, Error *err) {
    Flight *flight;
    if (!free_flight(pipeline, &flight, err))
        return false;
    flight->batch = *batch;
    buf_free(&flight->stamps);
    if (stamps) {
        flight->stamps = *stamps;
        *stamps = (Buf){ 0 };
    }
    if (!send_flight(pipeline, flight, body, err))
        return false;
    flight->busy = true;
    return true;
}

bool pipeline_settle(Pipeline *pipeline, uint64_t tags, Error *err) {
    bool ok = true;
    for (size_t i = 0; i < PIPELINE_FLIGHTS; i++) {
        Error later;
        Flight *flight = &pipeline->flights[i];
        if (flight->busy && (tags >> flight->batch.tag & 1))
            ok &= settle_flight(pipeline, flight, ok ? err : &later);
    }
    return ok;
}

void pipeline_free(Pipeline *pipeline) {
    for (size_t i = 0; i < PIPELINE_FLIGHTS; i++) {
        Flight *flight = &pipeline->flights[i];
        Error ignored;
        if (flight->busy && !session_await(pipeline->session, &flight->exchange, &ignored))
            log_say(LOG_TRACE, "%s", ignored.message);
        exchange_free(&flight->exchange);
        buf_free(&flight->path);
        buf_free(&flight->stamps);
        flight->busy = false;
    }
}
