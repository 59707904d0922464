#include "sync/merge_rows.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "model/canon.h"
#include "model/merge.h"
#include "repo/row_scan.h"
#include "sync/data_private.h"
#include "sync/join3.h"

enum { SORT_MEMORY = 4 << 20, PLACES = 10 };

static const char *const side_names[SIDES] = { "the common base", "our side", "their side" };

typedef struct {
    const char *text; /* NULL: no row */
    size_t length;
} Bytes;

/* The row as each side would have it; where nothing is contested both are the same. */
typedef struct {
    Bytes ours, theirs;
} Versions;

typedef struct {
    const RowFiles *files;
    DataSet set;
    Join3 join;
    Arena arena; /* of one key */
    Arena lasting;
    Bytes *clashes; /* keys of rows whose other key is another one's, too */
    size_t clash_count, clash_capacity;
    size_t count_ours, count_theirs; /* rows of each version */
    Buf *places;
    size_t place_count, conflicts;

    /* while it is written */
    FileWriter *out;
    size_t ours, theirs; /* rows written of each version */
    bool open;           /* a conflict is */
    Buf other;           /* its rows of their version, which stand behind ours */
} Rows;

/* ---- reading ---- */

typedef struct {
    Rows *rows;
    Sorter *sorter;
    Arena scratch;
} Loading;

static bool load_row(const RowText *text, void *context, Error *err) {
    Loading *loading = context;
    AUTO(Buf) key = { 0 };
    AUTO(Buf) value = { 0 };
    Json row;
    arena_reset(&loading->scratch);
    if (!json_parse(&loading->scratch, text->text, text->length, JSON_STATE, &row, err))
        return row_fault(text, err);
    if (!data_set_key(&loading->rows->set, &row, &key, err))
        return error_context(err, "line %zu", text->line);
    canon_compact(&value, &row);
    return sorter_add(loading->sorter, key.data, key.length, value.data, value.length, err);
}

static bool check_repeats(Sorter *sorter, Error *err) {
    AUTO(Buf) last = { 0 };
    SorterRecord record;
    bool end = false, any = false;
    if (!sorter_rewind(sorter, err))
        return false;
    while (sorter_next(sorter, &record, &end, err)) {
        if (any && last.length == record.key_length && memcmp(buf_text(&last), record.key, last.length) == 0)
            return error_set(err, ERR_FILES, "two rows have the same key");
        buf_clear(&last);
        buf_append(&last, record.key, record.key_length);
        any = true;
    }
    return end;
}

static bool load_side(Rows *rows, size_t side, const char *path, Error *err) {
    Loading loading = { .rows = rows, .sorter = rows->join.sorters[side] = sorter_new(SORT_MEMORY) };
    Input input = { .fd = open(path, O_RDONLY | O_CLOEXEC) };
    char hex[DIGEST_HEX];
    if (input.fd < 0)
        return error_errno(err, "%s", path);
    bool empty = side == BASE && lseek(input.fd, 0, SEEK_END) == 0;
    lseek(input.fd, 0, SEEK_SET);
    bool done = empty || (row_scan(&input, side_names[side], hex, load_row, &loading, err) &&
                          check_repeats(loading.sorter, err));
    input_close(&input);
    arena_free(&loading.scratch);
    return done || str_starts(err->message, side_names[side]) || error_context(err, "%s", side_names[side]);
}

/* ---- one row ---- */

static Bytes bytes_of(const Rows *rows, size_t side) {
    const SorterRecord *record = &rows->join.records[side];
    return rows->join.here[side] ? (Bytes){ record->value, record->value_length } : (Bytes){ NULL, 0 };
}

static bool same_bytes(Bytes a, Bytes b) {
    return !a.text || !b.text ? a.text == b.text
                              : a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

static bool parse_bytes(Rows *rows, Bytes bytes, Json *json, const Json **out, Error *err) {
    *out = bytes.text ? json : NULL;
    return !bytes.text || json_parse(&rows->arena, bytes.text, bytes.length, JSON_SYNTAX, json, err);
}

static Bytes print(Rows *rows, const Json *row) {
    AUTO(Buf) text = { 0 };
    if (!row)
        return (Bytes){ NULL, 0 };
    canon_compact(&text, row);
    return (Bytes){ arena_strndup(&rows->arena, text.data, text.length), text.length };
}

static void note_conflict(Rows *rows, const Json *row, const MergeEntry *entry) {
    rows->conflicts++;
    if (rows->place_count++ >= PLACES)
        return;
    const RowShape *shape = rows->set.shape;
    const char *label = shape->singleton ? shape->collection : row_label(&rows->arena, shape->key, row);
    buf_printf(rows->places, "row %s", label);
    for (size_t i = 0; i < entry->conflict_count; i++)
        buf_printf(rows->places, "%s %s", i ? "," : ":",
                   *entry->conflicts[i].pointer ? entry->conflicts[i].pointer : "deleted on one side");
    if (!entry->conflict_count)
        buf_puts(rows->places, ": another row has its id or its key");
    buf_putc(rows->places, '\n');
}

static bool merge_fields(Rows *rows, const Bytes sides[SIDES], Versions *out, bool *contested, Error *err) {
    Json values[SIDES];
    const Json *parsed[SIDES], *ours, *theirs;
    for (size_t i = 0; i < SIDES; i++)
        if (!parse_bytes(rows, sides[i], &values[i], &parsed[i], err))
            return false;
    MergeEntry entry = { .type = TYPE_NONE }, turned = { .type = TYPE_NONE };
    RowSides one = { parsed[BASE], parsed[OURS], parsed[THEIRS] };
    RowSides other = { parsed[BASE], parsed[THEIRS], parsed[OURS] };
    merge_row(&rows->arena, NULL, &one, &entry, &ours);
    merge_row(&rows->arena, NULL, &other, &turned, &theirs);
    *out = (Versions){ print(rows, ours), print(rows, theirs) };
    *contested = entry.conflict_count > 0;
    if (*contested && !rows->out)
        note_conflict(rows, parsed[OURS] ? parsed[OURS] : parsed[THEIRS], &entry);
    return true;
}

static bool merge_key(Rows *rows, Versions *out, bool *contested, Error *err) {
    const Bytes sides[SIDES] = { bytes_of(rows, BASE), bytes_of(rows, OURS), bytes_of(rows, THEIRS) };
    *contested = false;
    arena_reset(&rows->arena);
    if (same_bytes(sides[OURS], sides[THEIRS]) || same_bytes(sides[BASE], sides[THEIRS]))
        *out = (Versions){ sides[OURS], sides[OURS] };
    else if (same_bytes(sides[BASE], sides[OURS]))
        *out = (Versions){ sides[THEIRS], sides[THEIRS] };
    else
        return merge_fields(rows, sides, out, contested, err);
    return true;
}

/* ---- rows that share another key ---- */

static Bytes key_of(const Rows *rows) {
    for (size_t i = 0; i < SIDES; i++)
        if (rows->join.here[i])
            return (Bytes){ rows->join.records[i].key, rows->join.records[i].key_length };
    return (Bytes){ NULL, 0 };
}

static void add_clash(Rows *rows, const char *key, size_t length) {
    Bytes clash = { arena_strndup(&rows->lasting, key, length), length };
    ARENA_PUSH(&rows->lasting, rows->clashes, rows->clash_count, rows->clash_capacity, clash);
}

static bool find_clashes(Rows *rows, Sorter *others, Error *err) {
    AUTO(Buf) last = { 0 }, last_row = { 0 };
    SorterRecord record;
    bool end = false;
    if (!sorter_rewind(others, err))
        return false;
    while (sorter_next(others, &record, &end, err)) {
        if (last.length && last.length == record.key_length &&
            memcmp(last.data, record.key, last.length) == 0) {
            add_clash(rows, buf_text(&last_row), last_row.length);
            add_clash(rows, record.value, record.value_length);
        }
        buf_clear(&last);
        buf_append(&last, record.key, record.key_length);
        buf_clear(&last_row);
        buf_append(&last_row, record.value, record.value_length);
    }
    return end;
}

static bool add_other_key(Rows *rows, Sorter *others, Error *err) {
    Versions versions;
    bool contested;
    AUTO(Buf) key = { 0 };
    Json row;
    if (!merge_key(rows, &versions, &contested, err))
        return false;
    if (!versions.ours.text)
        return true;
    if (!json_parse(&rows->arena, versions.ours.text, versions.ours.length, JSON_SYNTAX, &row, err))
        return false;
    Bytes own = key_of(rows);
    return !data_other_key(&rows->set, &row, &key) ||
           sorter_add(others, key.data, key.length, own.text, own.length, err);
}

static bool look_for_clashes(Rows *rows, Error *err) {
    if (!rows->set.shape->natural || rows->set.shape->singleton)
        return true;
    Sorter *others = sorter_new(SORT_MEMORY);
    bool more = true, done = join3_begin(&rows->join, err);
    while (done && (done = join3_next(&rows->join, &more, err)) && more)
        done = add_other_key(rows, others, err);
    done = done && find_clashes(rows, others, err);
    sorter_free(&others);
    return done;
}

static bool clashes(const Rows *rows) {
    Bytes own = key_of(rows);
    for (size_t i = 0; i < rows->clash_count; i++)
        if (same_bytes(rows->clashes[i], own))
            return true;
    return false;
}

/* The row where the walk stands; one that clashes is only in the versions of the sides that have it. */
static bool versions_here(Rows *rows, Versions *out, Error *err) {
    bool contested;
    if (!merge_key(rows, out, &contested, err))
        return false;
    if (contested || !rows->clash_count || !clashes(rows))
        return true;
    if (rows->join.here[OURS] && rows->join.here[THEIRS])
        return true;
    *(rows->join.here[OURS] ? &out->theirs : &out->ours) = (Bytes){ NULL, 0 };
    Bytes left = rows->join.here[OURS] ? out->ours : out->theirs;
    Json row;
    if (!left.text || rows->out)
        return true;
    if (!json_parse(&rows->arena, left.text, left.length, JSON_SYNTAX, &row, err))
        return false;
    MergeEntry entry = { 0 };
    note_conflict(rows, &row, &entry);
    return true;
}

/* ---- writing ---- */

/* A row's line as it stands in one version; what is not the last there ends in a comma. */
static void put_line(Buf *out, Bytes row, size_t *number, size_t count) {
    if (!row.text)
        return;
    buf_puts(out, "  ");
    buf_append(out, row.text, row.length);
    buf_puts(out, ++*number < count ? ",\n" : "\n");
}

static bool write_mark(Rows *rows, char byte, const char *label, Error *err) {
    AUTO(Buf) line = { 0 };
    conflict_put_mark(&line, byte, rows->files->marks->size, label);
    return file_writer_write(rows->out, line.data, line.length, err);
}

static bool close_conflict(Rows *rows, Error *err) {
    if (!rows->open)
        return true;
    rows->open = false;
    bool done = write_mark(rows, '=', NULL, err) &&
                file_writer_write(rows->out, buf_text(&rows->other), rows->other.length, err) &&
                write_mark(rows, '>', rows->files->marks->theirs, err);
    buf_clear(&rows->other);
    return done;
}

static bool write_versions(Rows *rows, const Versions *versions, Error *err) {
    AUTO(Buf) ours = { 0 }, theirs = { 0 };
    put_line(&ours, versions->ours, &rows->ours, rows->count_ours);
    put_line(&theirs, versions->theirs, &rows->theirs, rows->count_theirs);
    bool common =
        same_bytes((Bytes){ buf_text(&ours), ours.length }, (Bytes){ buf_text(&theirs), theirs.length });
    if (common && !close_conflict(rows, err))
        return false;
    if (!common && !rows->open && !write_mark(rows, '<', rows->files->marks->ours, err))
        return false;
    rows->open |= !common;
    if (!common)
        buf_append(&rows->other, buf_text(&theirs), theirs.length);
    return file_writer_write(rows->out, buf_text(&ours), ours.length, err);
}

static bool visit(Rows *rows, Error *err) {
    Versions versions;
    if (!versions_here(rows, &versions, err))
        return false;
    if (rows->out)
        return write_versions(rows, &versions, err);
    rows->count_ours += versions.ours.text != NULL;
    rows->count_theirs += versions.theirs.text != NULL;
    return true;
}

static bool walk(Rows *rows, Error *err) {
    bool more = true, done = join3_begin(&rows->join, err);
    while (done && (done = join3_next(&rows->join, &more, err)) && more)
        done = visit(rows, err);
    return done;
}

static bool write_rows(Rows *rows, FileWriter *out, Error *err) {
    if (!rows->count_ours && !rows->count_theirs)
        return file_writer_write(out, "[]\n", 3, err);
    rows->out = out;
    return file_writer_write(out, "[\n", 2, err) && walk(rows, err) && close_conflict(rows, err) &&
           file_writer_write(out, "]\n", 2, err);
}

static void rows_free(Rows *rows) {
    for (size_t i = 0; i < SIDES; i++)
        sorter_free(&rows->join.sorters[i]);
    arena_free(&rows->arena);
    arena_free(&rows->lasting);
    buf_free(&rows->other);
}
AUTO_DEFINE(Rows, rows_free);

bool merge_rows(const RowFiles *files, FileWriter *out, size_t *conflicts, Buf *places, Error *err) {
    AUTO(Rows) rows = { .files = files, .set = { .shape = files->shape }, .places = places };
    bool done = load_side(&rows, BASE, files->base, err) && load_side(&rows, OURS, files->ours, err) &&
                load_side(&rows, THEIRS, files->theirs, err) && look_for_clashes(&rows, err);
    rows.conflicts = rows.place_count = 0;
    buf_clear(places);
    done = done && walk(&rows, err) && write_rows(&rows, out, err);
    *conflicts = rows.conflicts;
    return done;
}
