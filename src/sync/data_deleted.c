/* Rows of the files must not refer to rows that an import deletes: the database would null the reference, or
 * refuse the deletion, after other writes. */
#include <stdio.h>
#include <string.h>

#include "sync/data_private.h"

/* References out of the rows of one collection (`from`) into another that loses rows (`into`). */
typedef struct {
    const StateSource *source;
    const RowShape *from, *into;
    Sorter *wanted; /* keys of what they refer to, with the place as value */
    Arena arena;    /* of one row */
} Search;

static bool leads_into(const RowField *field, const Json *row, const char *collection) {
    return field->kind == FIELD_REFERENCE  ? str_equal(field->target, collection)
           : field->kind == FIELD_ANY_ITEM ? str_equal(json_get_text(row, field->one_of_field), collection)
                                           : false;
}

static bool note_references(const Json *row, const char *path, size_t line, void *context, Error *err) {
    Search *search = context;
    arena_reset(&search->arena);
    for (size_t i = 0; i < search->from->field_count; i++) {
        const RowField *field = &search->from->fields[i];
        const Json *value = json_get(row, field->name);
        char number[32];
        if (!leads_into(field, row, search->into->collection) || !data_reference_text(value, number))
            continue;
        AUTO(Buf) key = { 0 };
        const char *place = arena_printf(&search->arena, "%s/%s: line %zu: (/%s)",
                                         state_source_shown(search->source), path, line, field->name);
        if (!data_reference_key(&search->arena, search->into, value, &key, err))
            return error_context(err, "%s", place);
        if (!sorter_add(search->wanted, key.data, key.length, place, strlen(place) + 1, err))
            return false;
    }
    return true;
}

static bool may_refer(const RowShape *from, const char *collection) {
    for (size_t i = 0; i < from->field_count; i++) {
        const RowField *field = &from->fields[i];
        if (field->kind == FIELD_REFERENCE && str_equal(field->target, collection))
            return true;
        for (size_t k = 0; field->kind == FIELD_ANY_ITEM && field->any_of[k]; k++)
            if (strcmp(field->any_of[k], collection) == 0)
                return true;
    }
    return false;
}

static bool search_files(const Data *data, Search *search, Error *err) {
    const State *state = data->state;
    bool done = true;
    for (size_t i = 0; done && i < data->shape_count; i++) {
        search->from = &data->shapes[i];
        if (!may_refer(search->from, search->into->collection))
            continue;
        for (size_t k = 0; done && k < state->data_count; k++)
            if (strcmp(state->data[k].collection, search->from->collection) == 0)
                done = state_rows_from(&state->source, &state->data[k], note_references, search, err);
    }
    arena_free(&search->arena);
    return done;
}

typedef bool (*Parse)(Arena *arena, const SorterRecord *record, Json *row, Error *err);

static bool add_primary_keys(const DataSet *set, Sorter *from, Parse parse, Sorter *keys, Error *err) {
    SorterRecord record;
    bool end = false;
    AUTO(Arena) arena = { 0 };
    if (!sorter_rewind(from, err))
        return false;
    while (sorter_next(from, &record, &end, err)) {
        AUTO(Buf) key = { 0 };
        Json row;
        arena_reset(&arena);
        if (!parse(&arena, &record, &row, err) || !data_primary_key(set->shape, &row, &key, err) ||
            !sorter_add(keys, key.data, key.length, "", 0, err))
            return false;
    }
    return end;
}

/* Where keys are counters, a row of the target may have the number of a row of the files: that one is meant.
 */
static bool subtract(Sorter *deleted, Sorter *kept, Sorter *gone, Error *err) {
    Join join;
    bool more = true;
    if (!join_begin(&join, deleted, kept, err))
        return false;
    while (join_next(&join, &more, err) && more)
        if (join.order < 0 && !sorter_add(gone, join.a.key, join.a.key_length, "", 0, err))
            return false;
    return !more;
}

static bool compare_with(const char *collection, Sorter *gone, Sorter *wanted, Error *err) {
    Join join;
    bool more = true;
    if (!join_begin(&join, gone, wanted, err))
        return false;
    while (join_next(&join, &more, err) && more) {
        if (join.order != 0)
            continue;
        error_set(err, ERR_FILES, "%s: it refers to a row of %s that this import deletes", join.b.value,
                  collection);
        return error_hint(err, "bring the row back into the files of %s, or correct the reference",
                          collection);
    }
    return !more;
}

static bool check_set(const Data *data, const DataSet *set, Error *err) {
    Search search = { .source = &data->state->source,
                      .into = set->shape,
                      .wanted = sorter_new(data->memory) };
    Sorter *deleted = sorter_new(data->memory), *kept = sorter_new(data->memory),
           *gone = sorter_new(data->memory);
    bool done = add_primary_keys(set, set->deletes, data_parse_target, deleted, err) &&
                add_primary_keys(set, set->state, data_parse_state, kept, err) &&
                subtract(deleted, kept, gone, err) && search_files(data, &search, err) &&
                compare_with(set->shape->collection, gone, search.wanted, err);
    sorter_free(&search.wanted);
    sorter_free(&deleted);
    sorter_free(&kept);
    sorter_free(&gone);
    return done;
}

bool data_check_deleted(const Data *data, Error *err) {
    for (size_t i = 0; i < data->count; i++)
        if (data->sets[i].deletes && !check_set(data, &data->sets[i], err))
            return false;
    return true;
}

/* ---- references between rows that go ---- */

bool data_holds_back(const Json *relation) {
    const Json *key = json_get(relation, "schema");
    const char *rule = json_get_text(key, "on_delete");
    return json_is(key, JSON_OBJECT) &&
           (!rule || strcmp(rule, "NO ACTION") == 0 || strcmp(rule, "RESTRICT") == 0);
}

static const Json *relation_of(const Snapshot *schema, const char *collection, const char *field) {
    const RecordList *relations = &schema->types[TYPE_RELATIONS];
    for (size_t i = 0; i < relations->count; i++) {
        const Json *relation = &relations->items[i].json;
        if (str_equal(json_get_text(relation, "collection"), collection) &&
            str_equal(json_get_text(relation, "field"), field))
            return relation;
    }
    return NULL;
}

bool data_let_go(const Data *data, DataSet *set, Arena *arena, const Json *row, Error *err) {
    const RowShape *shape = set->shape;
    JsonObjectBuilder nulls = json_object_builder(arena);
    for (size_t i = 0; i < shape->field_count; i++) {
        const RowField *field = &shape->fields[i];
        if (field->deferred && !json_is_null(json_get(row, field->name)) &&
            data_holds_back(relation_of(data->schema, shape->collection, field->name)))
            json_object_put(&nulls, field->name, json_null());
    }
    if (!nulls.count)
        return true;
    json_object_put(&nulls, shape->primary_key, *json_get(row, shape->primary_key));
    Json patch = json_object_done(&nulls);
    return data_spool(&set->links, data->memory, &patch, err);
}
