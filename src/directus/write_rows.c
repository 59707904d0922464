/* Rows of one collection into batches. */
#include <stdlib.h>
#include <string.h>

#include "directus/pipeline.h"
#include "model/canon.h"

/* Larger ones are no faster, smaller ones say better which row was refused, and two are
 * under way at once. */
enum { BATCH_ROWS = 250 };

struct RowWriter {
    const RowShape *shape;
    RowWrite kind;
    Pipeline pipeline;
    Buf path;
    Buf body, stamps; /* lists being gathered, without the closing bracket */
    size_t records;
    bool numbers; /* the keys of its new rows are the target's choice, and wanted */
    uint64_t count;
};

static const char *const methods[] = {
    [ROWS_CREATE] = "POST", [ROWS_UPDATE] = "PATCH", [ROWS_DELETE] = "DELETE"
};
static const char *const doing[] = {
    [ROWS_CREATE] = "creating", [ROWS_UPDATE] = "updating", [ROWS_DELETE] = "deleting"
};

RowWriter *row_writer_new(Session *session, const RowShape *shape, RowWrite kind, const WriteGate *gate) {
    RowWriter *writer = mem_alloc(sizeof *writer);
    memset(writer, 0, sizeof *writer);
    writer->shape = shape;
    writer->kind = kind;
    writer->pipeline.session = session;
    writer->pipeline.gate = gate;
    path_of_collection(&writer->path, shape->collection);
    return writer;
}

void row_writer_free(RowWriter **slot) {
    RowWriter *writer = *slot;
    if (!writer)
        return;
    pipeline_free(&writer->pipeline);
    buf_free(&writer->path);
    buf_free(&writer->body);
    buf_free(&writer->stamps);
    free(writer);
    *slot = NULL;
}

uint64_t row_writer_count(const RowWriter *writer) {
    return writer->count;
}

/* A row that refers to another of its own collection may need the batch before it. */
static bool refers_to_itself(const RowShape *shape) {
    for (size_t i = 0; i < shape->field_count; i++)
        if (shape->fields[i].kind == FIELD_REFERENCE && str_equal(shape->fields[i].target, shape->collection))
            return true;
    return false;
}

static bool send_batch(RowWriter *writer, Error *err) {
    Batch batch = { .method = writer->shape->singleton ? "PATCH" : methods[writer->kind],
                    .path = writer->path.data,
                    .key = writer->shape->primary_key,
                    .what = doing[writer->kind],
                    .of = writer->shape->singleton ? "the row" : "rows",
                    .records = writer->shape->singleton ? 0 : writer->records };
    if (writer->records == 0)
        return true;
    if (!writer->shape->singleton)
        buf_putc(&writer->body, ']');
    if (writer->stamps.length)
        buf_putc(&writer->stamps, ']');
    writer->records = 0;
    return (!refers_to_itself(writer->shape) || pipeline_settle(&writer->pipeline, PIPELINE_ALL, err)) &&
           pipeline_send(&writer->pipeline, &batch, &writer->body, &writer->stamps, err);
}

/* What a value looks like when it is sent: a json column takes a text as JSON, so a string is sent with its
 * quotes. */
static void put_value(const RowShape *shape, const JsonMember *member, Buf *out) {
    const RowField *field = row_field(shape, member->key);
    if (field && field->kind == FIELD_JSON && member->value.kind == JSON_STRING) {
        AUTO(Buf) quoted = { 0 };
        canon_compact(&quoted, &member->value);
        Json text = { .kind = JSON_STRING, .count = (uint32_t)quoted.length, .as.text = quoted.data };
        canon_compact(out, &text);
    } else {
        canon_compact(out, &member->value);
    }
}

static void put_key(const char *key, Buf *out) {
    Json text = { .kind = JSON_STRING, .count = (uint32_t)strlen(key), .as.text = key };
    canon_compact(out, &text);
    buf_putc(out, ':');
}

static void put_row(const RowShape *shape, const Json *row, Buf *out) {
    buf_putc(out, '{');
    for (uint32_t i = 0; i < row->count; i++) {
        if (i)
            buf_putc(out, ',');
        put_key(row->as.members[i].key, out);
        put_value(shape, &row->as.members[i], out);
    }
    buf_putc(out, '}');
}

/* {"id":5,"created":"…"}: the creation times of a new row, nothing when it has none. */
static void put_stamp(RowWriter *writer, const Json *row) {
    const RowShape *shape = writer->shape;
    bool any = false;
    if (writer->kind != ROWS_CREATE || shape->singleton)
        return;
    for (size_t i = 0; i < shape->field_count; i++) {
        const Json *value = json_get(row, shape->fields[i].name);
        if (shape->fields[i].kind != FIELD_DATE_CREATED || !value)
            continue;
        if (!any) {
            const Json *key = json_get(row, shape->primary_key);
            buf_puts(&writer->stamps, writer->stamps.length ? ",{" : "[{");
            put_key(shape->primary_key, &writer->stamps);
            canon_compact(&writer->stamps, key ? key : &JSON_NULL_VALUE);
            writer->numbers |= json_is_null(key);
        }
        any = true;
        buf_putc(&writer->stamps, ',');
        put_key(shape->fields[i].name, &writer->stamps);
        canon_compact(&writer->stamps, value);
    }
    if (any)
        buf_putc(&writer->stamps, '}');
}

/* No answer lists more than QUERY_LIMIT_MAX keys. */
static size_t most_rows(const RowWriter *writer) {
    long limit = writer->numbers ? session_query_limit(writer->pipeline.session) : -1;
    return limit > 0 && limit < BATCH_ROWS ? (size_t)limit : (size_t)BATCH_ROWS;
}

bool row_writer_add(RowWriter *writer, const Json *row, Error *err) {
    AUTO(Buf) text = { 0 };
    const RowShape *shape = writer->shape;
    if (shape->singleton && writer->kind == ROWS_DELETE)
        return error_set(err, ERR_INTERNAL, "%s: the row of a singleton cannot be deleted",
                         shape->collection);
    if (writer->kind == ROWS_DELETE)
        canon_compact(&text, json_get(row, shape->primary_key) ? json_get(row, shape->primary_key)
                                                               : &JSON_NULL_VALUE);
    else
        put_row(shape, row, &text);
    if (writer->records &&
        (writer->records >= most_rows(writer) || writer->body.length + text.length + 2 > BATCH_BYTES) &&
        !send_batch(writer, err))
        return error_context(err, "%s", shape->collection);
    if (!shape->singleton)
        buf_putc(&writer->body, writer->records ? ',' : '[');
    buf_append(&writer->body, text.data, text.length);
    put_stamp(writer, row);
    writer->records++;
    writer->count++;
    return true;
}

bool row_writer_flush(RowWriter *writer, Error *err) {
    if (send_batch(writer, err) && pipeline_settle(&writer->pipeline, PIPELINE_ALL, err))
        return true;
    return error_context(err, "%s", writer->shape->collection);
}
