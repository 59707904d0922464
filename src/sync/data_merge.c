/* Rows of three sides side by side: what the files had, what they have, what the instance has. */
#include <string.h>

#include "model/canon.h"
#include "model/merge_print.h"
#include "sync/data_private.h"
#include "sync/join3.h"
#include "sync/secrets.h"

typedef struct {
    const Data *data;
    DataSet *set;
    Direction to_state;
    Sorter *result; /* NULL: only counted */
    RowMerge *counts;
    ThreeWay *out;
    bool no_base; /* the files stand for it */
    Arena arena;  /* of one row */
} Rows;

static void note_conflicts(Rows *rows, const Json *row, const MergeEntry *entry) {
    ThreeWay *out = rows->out;
    for (size_t i = 0; i < entry->conflict_count && out->shown < ROW_CONFLICTS; i++) {
        AUTO(Buf) line = { 0 };
        const char *label = row_label(&rows->arena, rows->set->shape->key, row);
        merge_put_conflict(rows->set->shape->collection, label, &entry->conflicts[i], &line);
        out->conflicts[out->shown++] = arena_strdup(&out->arena, buf_text(&line));
    }
}

static void count_row(Rows *rows, const MergeEntry *entry, const RowSides *sides) {
    bool ours = entry->ours != SIDE_SAME, theirs = entry->theirs != SIDE_SAME;
    if (entry->conflict_count) {
        rows->counts->conflicts++;
        note_conflicts(rows, sides->ours ? sides->ours : sides->theirs, entry);
    } else if (ours && theirs) {
        rows->counts->both++;
    } else {
        rows->counts->ours += ours;
        rows->counts->theirs += theirs;
    }
    rows->out->from_ours += ours && !entry->equal;
}

/* What is the files' own the instance did not change: for a merge it has that as it last saw it. */
static void settle_for_files(Rows *rows, RowSides *sides, Json *restored) {
    const Json *seen = sides->base ? sides->base : sides->ours;
    sides->theirs =
        data_row_for_files(&rows->arena, rows->set, seen, sides->theirs, restored) ? restored : NULL;
}

static bool is_ignored(const Rows *rows, const Json *row) {
    return row && row_ignored(&rows->set->rules, rows->set->shape, row);
}

/* For a comparison of what this environment is to have, what is ignored is the instance's on all sides.
 * False: the row itself is. */
static bool settle_for_environment(Rows *rows, RowSides *sides, Json kept[SIDES]) {
    DataSet *set = rows->set;
    if (is_ignored(rows, sides->ours) || is_ignored(rows, sides->theirs) || is_ignored(rows, sides->base))
        return false;
    if (!sides->theirs)
        return true;
    if (sides->base) {
        kept[BASE] = *sides->base;
        if (rows->data->unsettled)
            kept[BASE] = row_restored(&rows->arena, &set->rules, set->shape, sides->base, sides->theirs);
        kept[BASE] = row_with_ignored(&rows->arena, &set->rules, set->shape, &kept[BASE], sides->theirs);
        sides->base = &kept[BASE];
    }
    if (sides->ours) {
        kept[OURS] = row_with_ignored(&rows->arena, &set->rules, set->shape, sides->ours, sides->theirs);
        sides->ours = &kept[OURS];
    }
    return true;
}

static bool settle_rules(Rows *rows, RowSides *sides, Json kept[SIDES]) {
    if (!rows->set->rules.any)
        return true;
    if (rows->data->as_environment)
        return settle_for_environment(rows, sides, kept);
    settle_for_files(rows, sides, &kept[THEIRS]);
    return true;
}

static bool merge_key(Rows *rows, const Join3 *join, Error *err) {
    Json values[SIDES] = { json_null(), json_null(), json_null() };
    const SorterRecord *key = NULL;
    arena_reset(&rows->arena);
    for (size_t i = 0; i < SIDES; i++) {
        if (!join->here[i])
            continue;
        key = &join->records[i];
        if (!(i == THEIRS ? data_parse_target : data_parse_state)(&rows->arena, key, &values[i], err))
            return false;
    }
    values[THEIRS] = data_row_mapped(&rows->arena, rows->set->shape, &rows->to_state, &values[THEIRS]);
    RowSides sides = { join->here[BASE] ? &values[BASE] : NULL, join->here[OURS] ? &values[OURS] : NULL,
                       join->here[THEIRS] ? &values[THEIRS] : NULL };
    if (rows->no_base)
        sides.base = sides.ours;
    if (sides.theirs && rows->data->as_environment)
        values[THEIRS] = secrets_assume_row(&rows->arena, rows->data->config, rows->set->shape,
                                            &values[THEIRS], sides.base ? sides.base : sides.ours);
    const Json *there = sides.theirs;
    Json kept[SIDES];
    if (!settle_rules(rows, &sides, kept))
        return true;
    MergeEntry entry = { .type = TYPE_NONE };
    const Json *result;
    merge_row(&rows->arena, rows->set->shape, &sides, &entry, &result);
    count_row(rows, &entry, &sides);
    if (rows->result)
        data_settle_row(rows->data, rows->set, &rows->arena, there, result);
    if (!rows->result || !result || !key)
        return true;
    AUTO(Buf) text = { 0 };
    canon_compact(&text, result);
    return sorter_add(rows->result, key->key, key->key_length, text.data, text.length, err);
}

static bool merge_set(Rows *rows, const DataSet *base, Error *err) {
    Join3 join = { .sorters = { base ? base->state : NULL, rows->set->state, rows->set->target } };
    bool more = true, done = join3_begin(&join, err);
    while (done && (done = join3_next(&join, &more, err)) && more)
        done = merge_key(rows, &join, err);
    arena_free(&rows->arena);
    return done;
}

bool data_three_way(Data *data, const Data *base, const IdMap *map, bool take, ThreeWay *out, Error *err) {
    out->rows = arena_array(&out->arena, data->count + 1, sizeof *out->rows);
    for (size_t i = 0; i < data->count; i++) {
        DataSet *set = &data->sets[i];
        if (!set->planned)
            continue;
        RowMerge *counts = &out->rows[out->row_count++];
        counts->collection = arena_strdup(&out->arena, set->shape->collection);
        Rows rows = { .data = data,
                      .set = set,
                      .to_state = { map, idmap_to_state },
                      .result = take ? sorter_new(data->memory) : NULL,
                      .counts = counts,
                      .out = out,
                      .no_base = !base };
        if (!merge_set(&rows, base ? data_set_named(base, set->shape->collection) : NULL, err)) {
            sorter_free(&rows.result);
            return false;
        }
        if (take) {
            sorter_free(&set->target);
            set->target = rows.result;
        }
    }
    data->merged = take;
    return true;
}
