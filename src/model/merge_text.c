#include "model/merge_text.h"

#include <stdlib.h>
#include <string.h>

#include "model/canon.h"
#include "model/merge_print.h"
#include "model/rename.h"

enum { BASE, OURS, THEIRS, SIDES };

static const char *const side_names[SIDES] = { "the common base", "our side", "their side" };

/* ---- what the sides have ---- */

static bool parse_side(Arena *arena, size_t side, const MergeText *text, Json *json, Error *err) {
    return json_parse(arena, text->text, text->length, JSON_STATE, json, err) ||
           error_context(err, "%s", side_names[side]);
}

static const MergeText *text_of(const MergeTexts *texts, size_t side) {
    return side == BASE ? &texts->base : side == OURS ? &texts->ours : &texts->theirs;
}

typedef struct {
    const MergeTexts *texts;
    PathInfo info;
    Json tops[SIDES]; /* what stands in the files */
    Snapshot sides[SIDES];
} Records;

static void records_free(Records *records) {
    for (size_t i = 0; i < SIDES; i++)
        snapshot_free(&records->sides[i]);
}
AUTO_DEFINE(Records, records_free);

static bool read_side(Records *records, size_t side, Error *err) {
    const MergeText *text = text_of(records->texts, side);
    Snapshot *snapshot = &records->sides[side];
    Json *top = &records->tops[side];
    if (side == BASE && !text->length)
        return true;
    if (!parse_side(&snapshot->arena, side, text, top, err))
        return false;
    if (!layout_read(snapshot, records->texts->path, top, err))
        return error_context(err, "%s", side_names[side]);
    snapshot_sort(snapshot);
    return layout_check_unique(snapshot, err) || error_context(err, "%s", side_names[side]);
}

/* ---- one record a file ---- */

/* What the record of a folder's file is known by; NULL where there is none. */
static const char *identity_of(const Records *records, size_t side) {
    const CatalogRow *row = catalog_row(records->info.type);
    return json_get_text(&records->tops[side], row->identity == IDENTITY_ID ? "id" : row->key[0]);
}

/* git finds that a collection's file was renamed on one side: what the other side did goes on under the new
 * name. */
static void follow_rename(Records *records, const char *names[SIDES]) {
    if (records->info.type != TYPE_COLLECTIONS || !names[BASE] || str_equal(names[OURS], names[THEIRS]))
        return;
    size_t renamed = str_equal(names[BASE], names[THEIRS]) ? OURS : THEIRS;
    if (!str_equal(names[BASE], names[renamed == OURS ? THEIRS : OURS]) ||
        str_starts(names[BASE], "directus_"))
        return;
    Rename one = { names[BASE], NULL, names[renamed] };
    Renames renames = { &one, 1 };
    for (size_t i = 0; i < SIDES; i++) {
        if (i == renamed)
            continue;
        renames_apply(&renames, &records->sides[i]);
        names[i] = names[renamed];
    }
}

/* Whether both sides have the same record; a base that has another one is none. */
static bool same_record(Records *records) {
    const char *names[SIDES];
    if (!str_ends(catalog_row(records->info.type)->file, "/"))
        return true;
    for (size_t i = 0; i < SIDES; i++)
        names[i] = identity_of(records, i);
    follow_rename(records, names);
    if (names[OURS] && names[THEIRS] && !str_equal(names[OURS], names[THEIRS]))
        return false;
    const char *name = names[OURS] ? names[OURS] : names[THEIRS];
    if (names[BASE] && name && !str_equal(names[BASE], name))
        snapshot_free(&records->sides[BASE]);
    return true;
}

/* ---- writing ---- */

typedef struct {
    TypeId type;
    Buf *out;
} Taking;

/* Of the section's files only this one was read; those that hold a list of records are written empty. */
static bool take_file(const char *path, const char *text, size_t length, void *context, Error *err) {
    const Taking *taking = context;
    if (layout_path(path).type != taking->type)
        return true;
    if (taking->out->length)
        return error_set(err, ERR_INTERNAL, "%s: the merge would be two files", path);
    buf_append(taking->out, text, length);
    return true;
}

/* Where a collection of the system has nothing left: an export would leave the file out. */
static void put_empty_system(const Records *records, Buf *out) {
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder object = json_object_builder(&arena);
    json_object_put(&object, "collection", json_string(&arena, identity_of(records, OURS)));
    json_object_put(&object, "fields", (Json){ .kind = JSON_ARRAY });
    json_object_put(&object, "relations", (Json){ .kind = JSON_ARRAY });
    Json json = json_object_done(&object);
    canon_pretty(out, &json);
    buf_putc(out, '\n');
}

static bool write_records(const Records *records, const Snapshot *snapshot, Buf *out, Error *err) {
    Taking taking = { records->info.type, out };
    if (!layout_write(snapshot, records->info.section, take_file, &taking, err))
        return false;
    if (!out->length && records->info.type == TYPE_COLLECTIONS)
        put_empty_system(records, out);
    return out->length || error_set(err, ERR_INTERNAL, "nothing is left of the file");
}

/* ---- schema and configuration ---- */

static void put_places(const Merge *merge, Buf *places) {
    for (size_t i = 0; i < merge->count; i++)
        for (size_t j = 0; j < merge->entries[i].conflict_count; j++) {
            const char *pointer = merge->entries[i].conflicts[j].pointer;
            merge_put_head(&merge->entries[i], places);
            buf_printf(places, *pointer ? ": %s\n" : "%s\n", pointer);
        }
}

/* The merge if the side `winner` wins wherever both changed the same. */
static bool merge_for(const Records *records, size_t winner, Merge *merge, Buf *out, Error *err) {
    MergeSides sides = { .base = &records->sides[BASE],
                         .ours = &records->sides[winner],
                         .theirs = &records->sides[OURS + THEIRS - winner] };
    merge_snapshots(&sides, merge);
    return write_records(records, &merge->merged, out, err);
}

static bool merge_same(const Records *records, const ConflictMarks *marks, MergedText *out, Error *err) {
    AUTO(Merge) merge = { 0 }, turned = { 0 };
    AUTO(Buf) ours = { 0 }, theirs = { 0 };
    if (!merge_for(records, OURS, &merge, &ours, err))
        return false;
    if (!merge.conflicts) {
        buf_append(&out->text, ours.data, ours.length);
        return true;
    }
    if (!merge_for(records, THEIRS, &turned, &theirs, err))
        return false;
    put_places(&merge, &out->places);
    out->conflicts = conflict_put(buf_text(&ours), buf_text(&theirs), marks, &out->text);
    return out->conflicts > 0 || error_set(err, ERR_INTERNAL, "both sides' versions of a conflict are equal");
}

static bool merge_others(const Records *records, const ConflictMarks *marks, MergedText *out, Error *err) {
    AUTO(Buf) ours = { 0 }, theirs = { 0 };
    if (!write_records(records, &records->sides[OURS], &ours, err) ||
        !write_records(records, &records->sides[THEIRS], &theirs, err))
        return false;
    const char *name = catalog_row(records->info.type)->singular;
    buf_printf(&out->places, "each side has a %s of its own here\n", name);
    conflict_put_whole(buf_text(&ours), buf_text(&theirs), marks, &out->text);
    out->conflicts = 1;
    return true;
}

static bool merge_records(const MergeTexts *texts, const ConflictMarks *marks, MergedText *out, Error *err) {
    AUTO(Records) records = { .texts = texts, .info = layout_path(texts->path) };
    for (size_t i = 0; i < SIDES; i++)
        if (!read_side(&records, i, err))
            return false;
    return same_record(&records) ? merge_same(&records, marks, out, err)
                                 : merge_others(&records, marks, out, err);
}

/* ---- info.json ---- */

static bool merge_info(const MergeTexts *texts, const ConflictMarks *marks, MergedText *out, Error *err) {
    AUTO(Arena) arena = { 0 };
    Json values[SIDES];
    const Json *sides[SIDES] = { NULL }, *won[2];
    for (size_t i = 0; i < SIDES; i++) {
        if (i == BASE && !texts->base.length)
            continue;
        if (!parse_side(&arena, i, text_of(texts, i), &values[i], err))
            return false;
        if (!json_is(&values[i], JSON_OBJECT))
            return error_set(err, ERR_FILES, "%s is no object", side_names[i]);
        sides[i] = &values[i];
    }
    AUTO(Buf) ours = { 0 }, theirs = { 0 };
    Buf *versions[] = { &ours, &theirs };
    for (size_t i = 0; i < 2; i++) {
        MergeEntry entry = { .type = TYPE_NONE };
        RowSides rows = { sides[BASE], sides[OURS + i], sides[THEIRS - i] };
        merge_row(&arena, NULL, &rows, &entry, &won[i]);
        canon_pretty(versions[i], won[i]);
        buf_putc(versions[i], '\n');
        for (size_t j = 0; i == 0 && j < entry.conflict_count; j++)
            buf_printf(&out->places, "%s\n", entry.conflicts[j].pointer);
    }
    out->conflicts = conflict_put(buf_text(&ours), buf_text(&theirs), marks, &out->text);
    return true;
}

/* ---- removed.jsonl ---- */

typedef struct {
    Json *items; /* sorted */
    size_t count, capacity;
} Lines;

static int line_compare(const void *a, const void *b) {
    return json_compare(a, b);
}

static bool read_lines(Arena *arena, size_t side, const MergeText *text, Lines *lines, Error *err) {
    for (size_t at = 0, number = 1; at < text->length; number++) {
        const char *line = text->text + at, *end = memchr(line, '\n', text->length - at);
        size_t length = end ? (size_t)(end - line) : text->length - at;
        at += length + 1;
        MergeText one = { line, length };
        Json entry;
        if (strspn(line, " \t\r") >= length)
            continue;
        if (!parse_side(arena, side, &one, &entry, err))
            return false;
        if (!json_is(&entry, JSON_ARRAY) || entry.count != 3)
            return error_set(err, ERR_FILES, "%s: line %zu is no entry", side_names[side], number);
        ARENA_PUSH(arena, lines->items, lines->count, lines->capacity, entry);
    }
    if (lines->count)
        qsort(lines->items, lines->count, sizeof *lines->items, line_compare);
    return true;
}

static bool has_line(const Lines *lines, const Json *line) {
    return lines->count &&
           bsearch(line, lines->items, lines->count, sizeof *lines->items, line_compare) != NULL;
}

/* A line that was there stays if both have it, a new one comes if either has. */
static bool merge_removed(const MergeTexts *texts, MergedText *out, Error *err) {
    AUTO(Arena) arena = { 0 };
    Lines sides[SIDES] = { 0 };
    for (size_t i = 0; i < SIDES; i++)
        if (!read_lines(&arena, i, text_of(texts, i), &sides[i], err))
            return false;
    for (size_t i = 0, j = 0; i < sides[OURS].count || j < sides[THEIRS].count;) {
        int order = i == sides[OURS].count     ? 1
                    : j == sides[THEIRS].count ? -1
                                               : json_compare(&sides[OURS].items[i], &sides[THEIRS].items[j]);
        const Json *line = order <= 0 ? &sides[OURS].items[i] : &sides[THEIRS].items[j];
        bool first = !(order <= 0 ? i && json_equal(line - 1, line) : j && json_equal(line - 1, line));
        if (first && (order == 0 || !has_line(&sides[BASE], line))) {
            canon_compact(&out->text, line);
            buf_putc(&out->text, '\n');
        }
        i += order <= 0;
        j += order >= 0;
    }
    return true;
}

bool merge_text(const MergeTexts *texts, const ConflictMarks *marks, MergedText *out, Error *err) {
    switch (layout_path(texts->path).kind) {
    case PATH_RECORDS:
        return merge_records(texts, marks, out, err);
    case PATH_INFO:
        return merge_info(texts, marks, out, err);
    case PATH_REMOVED:
        return merge_removed(texts, out, err);
    default:
        return error_set(err, ERR_FILES, "it has no records");
    }
}

void merged_text_free(MergedText *merged) {
    buf_free(&merged->text);
    buf_free(&merged->places);
    *merged = (MergedText){ 0 };
}
