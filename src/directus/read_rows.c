/* Rows as a stream, and small questions about them. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "directus/read.h"
#include "directus/row_text.h"
#include "directus/session_part.h"
#include "model/canon.h"

/*
 * A page is read whole and its rows are parsed one by one, so memory is a page's text and one row. Pages are
 * as large as TARGET_BYTES allows by the size of the rows seen, at most MOST_ROWS (larger ones gain nothing).
 *
 * Pages follow each other by primary key where Directus can compare it: it has _gt for numbers, but not for
 * uuid and string (11.17.4: 400 INVALID_QUERY). Those are paged by offset, each page starting with the last
 * row of the one before, so that rows that come or go in between are noticed.
 */
enum { FIRST_ROWS = 500, MOST_ROWS = 5000, TARGET_BYTES = 3 * 1024 * 1024 };

typedef struct {
    Session *session;
    const RowShape *shape;
    RowSink sink;
    void *context;
    Buf path;
    Buf after; /* the last row's primary key as JSON; empty at the start */
    size_t limit, most;
    uint64_t seen, expected;
} RowReader;

static void put_text(Buf *out, const char *text) {
    Json json = { .kind = JSON_STRING, .count = (uint32_t)strlen(text), .as.text = text };
    canon_compact(out, &json);
}

static bool pages_by_key(const RowReader *reader) {
    return reader->shape->key_is_number;
}

static void put_filter(const RowReader *reader, Buf *query) {
    const Json *rule = reader->shape->rule ? reader->shape->rule->filter : NULL;
    bool after = pages_by_key(reader) && reader->after.length;
    if (!rule && !after)
        return;
    buf_puts(query, ",\"filter\":{\"_and\":[");
    if (rule)
        canon_compact(query, rule);
    if (after) {
        buf_puts(query, rule ? ",{" : "{");
        put_text(query, reader->shape->primary_key);
        buf_printf(query, ":{\"_gt\":%s}}", reader->after.data);
    }
    buf_puts(query, "]}");
}

static void prepare_page(const RowReader *reader, Exchange *exchange) {
    AUTO(Buf) query = { 0 };
    buf_puts(&query, "{\"fields\":[");
    for (size_t i = 0; i < reader->shape->field_count; i++) {
        if (i)
            buf_putc(&query, ',');
        put_text(&query, reader->shape->fields[i].name);
    }
    buf_printf(&query, "],\"limit\":%zu,\"sort\":[", reader->limit);
    put_text(&query, reader->shape->primary_key);
    buf_puts(&query, "]");
    put_filter(reader, &query);
    if (!reader->after.length)
        buf_puts(&query, ",\"meta\":\"filter_count\"");
    else if (!pages_by_key(reader))
        buf_printf(&query, ",\"offset\":%llu", (unsigned long long)(reader->seen - 1));
    buf_putc(&query, '}');
    exchange_free(exchange);
    session_prepare_search(exchange, buf_text(&reader->path), query.data);
}

static bool parse_row(const RowReader *reader, const RowText *row, Arena *arena, Json *out, Error *err) {
    if (json_parse(arena, row->text, row->length, ANSWER_STRICTNESS, out, err))
        return true;
    err->kind = ERR_REMOTE;
    if (reader->after.length)
        return error_context(err, "%s, a row near %s", reader->shape->collection, reader->after.data);
    return error_context(err, "%s, one of the first rows", reader->shape->collection);
}

/* The primary key of a row, as JSON text. */
static bool key_of(const RowReader *reader, const RowText *row, Buf *out, Error *err) {
    AUTO(Arena) arena = { 0 };
    Json json;
    if (!parse_row(reader, row, &arena, &json, err))
        return false;
    const Json *key = json_get(&json, reader->shape->primary_key);
    if (json_is_null(key))
        return error_set(err, ERR_REMOTE, "%s: a row without its primary key \"%s\" was read",
                         reader->shape->collection, reader->shape->primary_key);
    buf_clear(out);
    canon_compact(out, key);
    return true;
}

static bool changed(const RowReader *reader, Error *err) {
    error_set(err, ERR_REMOTE, "%s: rows came or went while it was read (%llu of %llu rows seen)",
              reader->shape->collection, (unsigned long long)reader->seen,
              (unsigned long long)reader->expected);
    return error_hint(err, "try again when nobody writes to it");
}

/* Paged by offset, a page starts with the row the last one ended with: it is counted and handed over once. */
static bool skip_overlap(const RowReader *reader, PageText *page, Error *err) {
    AUTO(Buf) key = { 0 };
    if (pages_by_key(reader) || !reader->after.length)
        return true;
    if (page->count == 0)
        return changed(reader, err);
    if (!key_of(reader, &page->rows[0], &key, err))
        return false;
    if (!str_equal(key.data, reader->after.data))
        return changed(reader, err);
    page->first = 1;
    return true;
}

static bool hand_over(RowReader *reader, const PageText *page, Error *err) {
    AUTO(Arena) arena = { 0 };
    for (size_t i = page->first; i < page->count; i++) {
        Json row;
        arena_reset(&arena);
        if (!parse_row(reader, &page->rows[i], &arena, &row, err) ||
            !reader->sink(&row, reader->context, err))
            return false;
    }
    return true;
}

static void choose_limit(RowReader *reader, size_t bytes, size_t rows) {
    size_t average = bytes / rows + 1;
    reader->limit = TARGET_BYTES / average + 1;
    if (reader->limit > reader->most)
        reader->limit = reader->most;
    /* one of them may be the last page's last row */
    if (reader->limit < 2 && reader->most >= 2)
        reader->limit = 2;
}

/* One page: taken apart, the next one asked for, and only then handed over, so that the server works
 * meanwhile. */
static bool read_page(RowReader *reader, Exchange *current, Exchange *next, bool *more, Error *err) {
    AUTO(PageText) page = { 0 };
    if (!session_await(reader->session, current, err) ||
        !page_split(&page, buf_text(&current->answer), current->answer.length, err) ||
        !skip_overlap(reader, &page, err))
        return false;
    if (!reader->after.length)
        reader->expected = page.filter_count;
    reader->seen += page.count - page.first;
    *more = page.count > page.first && reader->seen < reader->expected;
    if (*more) {
        choose_limit(reader, current->answer.length, page.count);
        if (!key_of(reader, &page.rows[page.count - 1], &reader->after, err))
            return false;
        prepare_page(reader, next);
        if (!session_send(reader->session, next, err))
            return false;
    }
    bool ok = hand_over(reader, &page, err);
    buf_free(&current->answer);
    return ok;
}

/* Rows may have come or gone while they were read (the caller sees that by the activity): the last word has a
 * new count. */
static bool check_count(RowReader *reader, Error *err) {
    const RowShape *shape = reader->shape;
    AUTO(Buf) filter = { 0 };
    if (reader->seen == reader->expected)
        return true;
    if (shape->rule && shape->rule->filter)
        canon_compact(&filter, shape->rule->filter);
    if (!directus_count(reader->session, shape->collection, filter.length ? filter.data : NULL,
                        &reader->expected, err))
        return false;
    if (reader->seen == reader->expected)
        return true;
    return changed(reader, err);
}

/* The first page: asked for ahead, or now into `own`; NULL when it cannot be sent. */
static Exchange *first_page(RowReader *reader, Exchange *own, Error *err) {
    prepare_page(reader, own);
    Exchange *ahead = session_take_ahead(reader->session, own);
    if (ahead)
        return ahead;
    return session_send(reader->session, own, err) ? own : NULL;
}

static bool read_many(RowReader *reader, Error *err) {
    Exchange pages[2];
    bool more = true, ok = true;
    memset(pages, 0, sizeof pages);
    Exchange *current = first_page(reader, &pages[0], err);
    for (size_t i = 1; ok && current && more; i = 1 - i) {
        ok = read_page(reader, current, &pages[i], &more, err);
        if (current != &pages[1 - i])
            exchange_free(current);
        current = &pages[i];
    }
    for (size_t i = 0; i < 2; i++) {
        session_cancel(reader->session, &pages[i]);
        exchange_free(&pages[i]);
    }
    return ok && current && check_count(reader, err);
}

/* A singleton without a row answers with its defaults and a null primary key. */
static bool read_singleton(RowReader *reader, Error *err) {
    AUTO(Exchange) own = { 0 };
    AUTO(Arena) arena = { 0 };
    Json whole;
    Exchange *exchange = first_page(reader, &own, err);
    bool ok = exchange && session_await(reader->session, exchange, err) &&
              exchange_parse(exchange, &arena, &whole, err);
    if (exchange)
        exchange_free(exchange);
    if (!ok)
        return error_context(err, "%s", reader->shape->collection);
    const Json *row = json_get(&whole, "data");
    if (json_is(row, JSON_ARRAY))
        return error_set(err, ERR_REMOTE, "%s is no singleton on the instance", reader->shape->collection);
    return json_is_null(json_get(row, reader->shape->primary_key)) || reader->sink(row, reader->context, err);
}

static RowReader reader_of(Session *session, const Instance *instance, const RowShape *shape) {
    RowReader reader = { .session = session, .shape = shape, .most = MOST_ROWS };
    if (instance->query_limit_max > 0 && instance->query_limit_max < MOST_ROWS)
        reader.most = (size_t)instance->query_limit_max;
    reader.limit = reader.most < FIRST_ROWS ? reader.most : (size_t)FIRST_ROWS;
    path_of_collection(&reader.path, shape->collection);
    return reader;
}

void directus_rows_ahead(Session *session, const Instance *instance, const RowShape *shape) {
    RowReader reader = reader_of(session, instance, shape);
    Exchange first;
    memset(&first, 0, sizeof first);
    prepare_page(&reader, &first);
    if (session_take_ahead(session, &first))
        exchange_free(&first);
    else
        session_put_ahead(session, &first);
    buf_free(&reader.path);
}

bool directus_read_rows(Session *session, const Instance *instance, const RowShape *shape, RowSink sink,
                        void *context, Error *err) {
    RowReader reader = reader_of(session, instance, shape);
    reader.sink = sink;
    reader.context = context;
    bool ok = shape->singleton ? read_singleton(&reader, err) : read_many(&reader, err);
    buf_free(&reader.path);
    buf_free(&reader.after);
    return ok;
}

/* ---- questions ---- */

static bool search(Session *session, Arena *arena, const char *collection, const char *query,
                   const Json **data, Error *err) {
    AUTO(Exchange) exchange = { 0 };
    AUTO(Buf) path = { 0 };
    Json whole;
    path_of_collection(&path, collection);
    session_prepare_search(&exchange, path.data, query);
    if (!session_run(session, &exchange, 1, err) || !exchange_parse(&exchange, arena, &whole, err))
        return false;
    *data = json_get(&whole, "data");
    /* of a singleton: its one record, or the one line of its aggregate */
    return json_is(*data, JSON_ARRAY) || json_is(*data, JSON_OBJECT) ||
           error_set(err, ERR_REMOTE, "SEARCH %s: the answer is no list", path.data);
}

/* NULL behind the last one. */
static const Json *row_at(const Json *rows, uint32_t at) {
    if (json_is(rows, JSON_OBJECT))
        return at == 0 ? rows : NULL;
    return at < rows->count ? &rows->as.items[at] : NULL;
}

bool directus_activity(Session *session, int64_t *newest, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Exchange) exchange = { 0 };
    Json whole;
    /* Sign-ins change nothing, and on a busy instance somebody always signs in. */
    session_prepare_search(
        &exchange, "/activity",
        "{\"fields\":[\"id\"],\"sort\":[\"-id\"],\"limit\":1,\"filter\":{\"action\":{\"_neq\":\"login\"}}}");
    if (!session_run(session, &exchange, 1, err) || !exchange_parse(&exchange, &arena, &whole, err))
        return false;
    const Json *rows = json_get(&whole, "data");
    const Json *id = json_is(rows, JSON_ARRAY) && rows->count ? json_get(&rows->as.items[0], "id") : NULL;
    *newest = json_is(id, JSON_NUMBER) ? (int64_t)id->as.number : 0;
    return json_is(rows, JSON_ARRAY) || error_set(err, ERR_REMOTE, "SEARCH /activity: the answer is no list");
}

bool directus_count(Session *session, const char *collection, const char *filter_json, uint64_t *count,
                    Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) query = { 0 };
    const Json *rows;
    buf_puts(&query, "{\"aggregate\":{\"count\":[\"*\"]}");
    if (filter_json)
        buf_printf(&query, ",\"filter\":%s", filter_json);
    buf_putc(&query, '}');
    if (!search(session, &arena, collection, query.data, &rows, err))
        return false;
    const Json *number = json_get(row_at(rows, 0), "count");
    if (json_text(number))
        *count = strtoull(json_text(number), NULL, 10);
    else if (json_is(number, JSON_NUMBER))
        *count = (uint64_t)number->as.number;
    else
        return error_set(err, ERR_REMOTE, "%s: the instance gives no count", collection);
    return true;
}

/* One value that is none of the type fails the whole query (status 500) on PostgreSQL. */
static bool fits(const char *type, const char *id) {
    size_t length = strlen(id), sign = id[0] == '-';
    if (strcmp(type, "uuid") == 0)
        return str_is_uuid(id, length);
    if (strcmp(type, "integer") != 0 && strcmp(type, "bigInteger") != 0)
        return true;
    if (length == sign || id[sign + strspn(id + sign, "0123456789")])
        return false;
    errno = 0;
    long long number = strtoll(id, NULL, 10);
    return errno == 0 && (type[0] == 'b' || (number >= INT32_MIN && number <= INT32_MAX));
}

static bool same_id(const Json *value, const char *id) {
    char number[32];
    if (json_is(value, JSON_NUMBER)) {
        canon_number(number, value->as.number);
        return strcmp(number, id) == 0;
    }
    return str_equal(json_text(value), id);
}

static bool exist_some(Session *session, const char *collection, const char *key, const char *type,
                       const char *const *ids, size_t count, bool *found, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) query = { 0 };
    const Json *rows;
    bool any = false;
    buf_puts(&query, "{\"fields\":[");
    put_text(&query, key);
    buf_puts(&query, "],\"limit\":-1,\"filter\":{");
    put_text(&query, key);
    buf_puts(&query, ":{\"_in\":[");
    for (size_t i = 0; i < count; i++) {
        found[i] = false;
        if (!fits(type, ids[i]))
            continue;
        if (any)
            buf_putc(&query, ',');
        put_text(&query, ids[i]);
        any = true;
    }
    buf_puts(&query, "]}}}");
    if (!any)
        return true;
    if (!search(session, &arena, collection, query.data, &rows, err))
        return false;
    for (uint32_t i = 0; row_at(rows, i); i++)
        for (size_t j = 0; j < count; j++)
            found[j] |= same_id(json_get(row_at(rows, i), key), ids[j]);
    return true;
}

bool directus_exist(Session *session, const char *collection, const char *key, const char *type,
                    const char *const *ids, size_t count, bool *found, Error *err) {
    enum { AT_ONCE = 500 };
    long most = session_query_limit(session);
    size_t step = most > 0 && most < AT_ONCE ? (size_t)most : (size_t)AT_ONCE;
    for (size_t at = 0; at < count; at += step)
        if (!exist_some(session, collection, key, type, ids + at, count - at < step ? count - at : step,
                        found + at, err))
            return false;
    return true;
}

bool directus_settings(Session *session, Arena *arena, Json *settings, Error *err) {
    AUTO(Exchange) exchange = { 0 };
    Json whole;
    session_prepare_fresh_get(&exchange, "/settings");
    if (!session_run(session, &exchange, 1, err) || !exchange_parse(&exchange, arena, &whole, err))
        return false;
    const Json *row = json_get(&whole, "data");
    if (!json_is(row, JSON_OBJECT))
        return error_set(err, ERR_REMOTE, "GET /settings: the answer holds no settings");
    *settings = *row;
    return true;
}

bool directus_clear_cache(Session *session, Error *err) {
    AUTO(Exchange) exchange = { 0 };
    session_prepare(&exchange, "POST", "/utils/cache/clear?system", NULL);
    return session_run(session, &exchange, 1, err);
}
