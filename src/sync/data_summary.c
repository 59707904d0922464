/* What is said of rows that are to be written: a digest of all of them, and the keys of a few. */
#include <string.h>

#include "model/conceal.h"
#include "model/show.h"
#include "sync/data_private.h"

static RowPlan *rows_of(Plan *plan, const DataSet *set) {
    for (size_t i = 0; i < plan->row_count; i++)
        if (strcmp(plan->rows[i].collection, set->shape->collection) == 0)
            return &plan->rows[i];
    return NULL;
}

/* ---- digests ---- */

/* Lengths stand before texts: no two lists of rows give the same bytes. */
static bool digest_spool(Digest *digest, Sorter *spool, Error *err) {
    uint64_t count = spool ? sorter_count(spool) : 0;
    SorterRecord record;
    bool end = false;
    digest_update(digest, &count, sizeof count);
    if (!spool)
        return true;
    if (!sorter_rewind(spool, err))
        return false;
    while (sorter_next(spool, &record, &end, err)) {
        uint64_t length = record.value_length;
        digest_update(digest, &length, sizeof length);
        digest_update(digest, record.value, record.value_length);
    }
    return end;
}

bool data_digests(Data *data, Plan *plan, Error *err) {
    for (size_t i = 0; i < data->count; i++) {
        DataSet *set = &data->sets[i];
        RowPlan *rows = set->planned ? rows_of(plan, set) : NULL;
        Sorter *const spools[] = { set->releases, set->creates, set->updates, set->links, set->deletes };
        if (!rows)
            continue;
        AUTO(Digest) digest = { 0 };
        digest_begin(&digest);
        for (size_t s = 0; s < sizeof spools / sizeof *spools; s++)
            if (!digest_spool(&digest, spools[s], err))
                return false;
        digest_end(&digest, rows->digest);
    }
    return true;
}

/* ---- examples ---- */

static bool has_fields(const Json *row, const char *const *fields) {
    for (; *fields; fields++)
        if (!json_get(row, *fields))
            return false;
    return true;
}

static void put_key_part(Buf *out, Arena *arena, const Json *row, const char *field) {
    enum { LONGEST = 40 };
    const Json *value = json_get(row, field);
    Json shown = conceal(arena, field, row, value ? value : &JSON_NULL_VALUE);
    if (json_text(&shown) && shown.count <= LONGEST)
        show_name(out, json_text(&shown));
    else
        show_value(out, &shown, LONGEST);
}

/* By the rule's key where the row has it (part of a row may not), else by the primary key. */
static const char *key_shown(Arena *arena, const RowShape *shape, const Json *row) {
    const char *const primary[] = { shape->primary_key, NULL };
    const char *const *fields = shape->natural && has_fields(row, shape->key) ? shape->key : primary;
    AUTO(Buf) text = { 0 };
    for (size_t i = 0; fields[i]; i++) {
        buf_puts(&text, i ? " " : "");
        put_key_part(&text, arena, row, fields[i]);
    }
    return arena_strdup(arena, buf_text(&text));
}

static bool take_examples(Plan *plan, const DataSet *set, Sorter *spool, const char **examples, Error *err) {
    AUTO(Arena) arena = { 0 };
    SorterRecord record;
    bool end = false;
    if (!spool || set->shape->singleton)
        return true;
    if (!sorter_rewind(spool, err))
        return false;
    for (size_t i = 0; i < ROW_EXAMPLES && sorter_next(spool, &record, &end, err); i++) {
        Json row;
        arena_reset(&arena);
        if (!data_parse_target(&arena, &record, &row, err))
            return false;
        examples[i] = arena_strdup(&plan->arena, key_shown(&arena, set->shape, &row));
    }
    return end || examples[ROW_EXAMPLES - 1];
}

bool data_examples(Data *data, Plan *plan, Error *err) {
    for (size_t i = 0; i < data->count; i++) {
        const DataSet *set = &data->sets[i];
        RowPlan *rows = set->planned ? rows_of(plan, set) : NULL;
        if (rows && (!take_examples(plan, set, set->creates, rows->examples[CHANGE_CREATE], err) ||
                     !take_examples(plan, set, set->updates, rows->examples[CHANGE_UPDATE], err) ||
                     !take_examples(plan, set, set->deletes, rows->examples[CHANGE_DELETE], err)))
            return false;
    }
    return true;
}
