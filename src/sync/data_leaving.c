/* Rows that leave the files with an export, and rows that come back: what removed.jsonl is to say of them. */
#include <string.h>

#include "base/log.h"
#include "model/canon.h"
#include "model/removed.h"
#include "sync/data_private.h"

/* ["data/<collection>", id, [key values]]: by key where ids are counters, else by id. */
bool data_line_names(const DataSet *set, const Json *line, const Json *row) {
    const RowShape *shape = set->shape;
    char number[32], other[32];
    if (line->count < 2 || !removed_is_of_rows(line, shape->collection))
        return false;
    if (!data_keyed_by_rule(set))
        return str_equal(data_reference_text(&line->as.items[1], other),
                         data_reference_text(json_get(row, shape->primary_key), number));
    const Json *key = line->count > 2 ? &line->as.items[2] : NULL;
    if (!json_is(key, JSON_ARRAY))
        return false;
    for (uint32_t i = 0; shape->key[i]; i++)
        if (i >= key->count || !json_equal(&key->as.items[i], json_get(row, shape->key[i])))
            return false;
    return true;
}

static Json line_of(Arena *arena, const DataSet *set, const Json *row) {
    const RowShape *shape = set->shape;
    const Json *id = json_get(row, shape->primary_key);
    JsonArrayBuilder line = json_array_builder(arena), key = json_array_builder(arena);
    for (size_t i = 0; shape->key[i]; i++) {
        const Json *value = json_get(row, shape->key[i]);
        json_array_add(&key, value ? *value : json_null());
    }
    json_array_add(&line, json_string(arena, arena_printf(arena, "data/%s", shape->collection)));
    json_array_add(&line, id && !data_keyed_by_rule(set) ? *id : json_null());
    json_array_add(&line, json_array_done(&key));
    Json done = json_array_done(&line);
    return json_copy(arena, &done);
}

/* ---- the old rows ---- */

/* A row whose key the schema of today does not know cannot be told from others: it is passed over. */
static bool note_old_row(const Json *row, const char *path, size_t line, void *context, Error *err) {
    Leaving *leaving = context;
    (void)path;
    (void)line;
    arena_reset(&leaving->scratch);
    AUTO(Buf) key = { 0 }, value = { 0 };
    Error unknown = { 0 };
    Json carried = row_carried(&leaving->scratch, leaving->set->shape, row);
    if (!data_set_key(leaving->set, &carried, &key, &unknown))
        return true;
    canon_compact(&value, &carried);
    return sorter_add(leaving->old, key.data, key.length, value.data, value.length, err);
}

static bool read_old_file(const char *path, void *context, Error *err) {
    Leaving *leaving = context;
    const Config *config = leaving->data->config;
    const char *paths[] = { path, NULL };
    const DataFiles files = { .collection = leaving->set->shape->collection, .paths = paths };
    if (!leaving->old)
        leaving->old = sorter_new(leaving->data->memory);
    return state_rows(config->root, config->state_dir, &files, note_old_row, leaving, err);
}

void leaving_watch(Leaving *leaving, StateWriter *writer) {
    if (!leaving->set->shape->singleton)
        state_writer_watch(writer, read_old_file, leaving);
}

/* ---- gone, or only filtered out? ---- */

/* A filter that finds the row by its key, in the instance's ids. */
static void put_key_filter(const Leaving *leaving, const Json *row, Buf *filter) {
    AUTO(Arena) arena = { 0 };
    const RowShape *shape = leaving->set->shape;
    const Direction to_target = { leaving->map, idmap_to_target };
    const char *const primary[] = { shape->primary_key, NULL };
    const char *const *key = data_keyed_by_rule(leaving->set) ? shape->key : primary;
    Json mapped = data_row_mapped(&arena, shape, &to_target, row);
    JsonArrayBuilder parts = json_array_builder(&arena);
    for (; *key; key++) {
        JsonObjectBuilder test = json_object_builder(&arena), part = json_object_builder(&arena);
        json_object_put(&test, "_eq", *json_get(&mapped, *key));
        json_object_put(&part, *key, json_object_done(&test));
        json_array_add(&parts, json_object_done(&part));
    }
    JsonObjectBuilder whole = json_object_builder(&arena);
    json_object_put(&whole, "_and", json_array_done(&parts));
    Json done = json_object_done(&whole);
    canon_compact(filter, &done);
}

static bool is_gone(const Leaving *leaving, const Json *row, bool *gone, Error *err) {
    uint64_t count = 0;
    *gone = true;
    if (!leaving->set->shape->rule->filter)
        return true;
    AUTO(Buf) filter = { 0 };
    put_key_filter(leaving, row, &filter);
    if (!directus_count(leaving->removals->session, leaving->set->shape->collection, buf_text(&filter),
                        &count, err))
        return false;
    *gone = count == 0;
    return true;
}

/* ---- the lines ---- */

static bool is_named(const Leaving *leaving, const Json *row) {
    const Json *removed = &leaving->removals->state->removed;
    for (uint32_t i = 0; i < removed->count; i++)
        if (data_line_names(leaving->set, &removed->as.items[i], row))
            return true;
    return false;
}

static bool add_gone(Leaving *leaving, Error *err) {
    Join join;
    bool more = true;
    if (!join_begin(&join, leaving->old, leaving->set->target, err))
        return false;
    while (join_next(&join, &more, err) && more) {
        Json row;
        bool gone;
        if (join.order >= 0)
            continue;
        arena_reset(&leaving->scratch);
        if (!data_parse_target(&leaving->scratch, &join.a, &row, err))
            return false;
        if (row_ignored(&leaving->set->rules, leaving->set->shape, &row))
            continue; /* it stays in the files */
        if (!is_gone(leaving, &row, &gone, err))
            return false;
        if (gone && !is_named(leaving, &row))
            json_array_add(leaving->removals->added,
                           line_of(leaving->removals->added->arena, leaving->set, &row));
    }
    return !more;
}

/* The row that a line names, as far as the key goes. */
static Json row_of_line(Arena *arena, const DataSet *set, const Json *line) {
    const RowShape *shape = set->shape;
    JsonObjectBuilder row = json_object_builder(arena);
    const Json *key = line->count > 2 ? &line->as.items[2] : NULL;
    for (uint32_t i = 0; json_is(key, JSON_ARRAY) && shape->key[i] && i < key->count; i++)
        json_object_put(&row, shape->key[i], key->as.items[i]);
    if (!data_keyed_by_rule(set) && line->count > 1)
        json_object_put(&row, shape->primary_key, line->as.items[1]);
    return json_object_done(&row);
}

static bool sort_lines(Leaving *leaving, Sorter *lines, Error *err) {
    const Json *removed = &leaving->removals->state->removed;
    for (uint32_t i = 0; i < removed->count; i++) {
        AUTO(Buf) key = { 0 };
        Error unknown = { 0 };
        if (!removed_is_of_rows(&removed->as.items[i], leaving->set->shape->collection))
            continue;
        arena_reset(&leaving->scratch);
        Json row = row_of_line(&leaving->scratch, leaving->set, &removed->as.items[i]);
        if (data_set_key(leaving->set, &row, &key, &unknown) &&
            !sorter_add(lines, key.data, key.length, (const char *)&i, sizeof i, err))
            return false;
    }
    return true;
}

static bool mark_back(Leaving *leaving, Error *err) {
    Sorter *lines = sorter_new(leaving->data->memory);
    Join join;
    bool more = true;
    bool done = sort_lines(leaving, lines, err);
    if (done && sorter_count(lines) > 0) {
        done = join_begin(&join, lines, leaving->set->target, err);
        while (done && (done = join_next(&join, &more, err)) && more) {
            uint32_t at;
            if (join.order != 0)
                continue;
            memcpy(&at, join.a.value, sizeof at);
            leaving->removals->back[at] = true;
        }
    }
    sorter_free(&lines);
    return done;
}

bool leaving_settle(Leaving *leaving, Error *err) {
    return !leaving->old || (add_gone(leaving, err) && mark_back(leaving, err));
}

void leaving_free(Leaving *leaving) {
    sorter_free(&leaving->old);
    arena_free(&leaving->scratch);
}
