/* Comparing the rows of files and instance: what would be written is spooled, and counted in the plan. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "model/canon.h"
#include "sync/data_private.h"

/* State of one comparison. */
typedef struct {
    Data *data;
    DataSet *set;
    RowPlan counts; /* of the set at hand */
    const Json *removed;
    Direction to_state;
    Sorter **wanted; /* a set each: ids that rows to be written refer to, NULL when none */
    size_t *nulled;  /* references to files that the instance lacks */
    Arena arena;     /* of one row */
} Comparing;

/* ---- references to files, which only assets could carry ---- */

static bool find_files(Data *data, Session *session, Error *err) {
    TextList *ids = &data->file_ids;
    if (data->file_found || !ids->count)
        return true;
    data->file_found = arena_array(&data->arena, ids->count, sizeof *data->file_found);
    return directus_exist(session, "directus_files", ids->items, ids->count, data->file_found, err);
}

static bool file_is_missing(const Data *data, const char *id) {
    const char **at = bsearch(&id, data->file_ids.items, data->file_ids.count, sizeof id, data_text_order);
    return at && !data->file_found[at - data->file_ids.items];
}

static Json without_missing_files(Comparing *comparing, const Json *row) {
    Json result = *row;
    for (size_t i = 0; comparing->data->file_ids.count && i < comparing->set->shape->field_count; i++) {
        const RowField *field = &comparing->set->shape->fields[i];
        const char *id = data_is_file_reference(field) ? json_get_text(row, field->name) : NULL;
        if (!id || !file_is_missing(comparing->data, id))
            continue;
        result = json_with(&comparing->arena, &result, field->name, json_null());
        ++*comparing->nulled;
    }
    return result;
}

/* ---- references between chosen collections ---- */

static DataSet *set_named(Data *data, const char *collection, size_t *index) {
    for (size_t i = 0; collection && i < data->count; i++)
        if (strcmp(data->sets[i].shape->collection, collection) == 0) {
            *index = i;
            return &data->sets[i];
        }
    return NULL;
}

static const char *referenced_collection(const RowField *field, const Json *row) {
    return field->kind == FIELD_REFERENCE  ? field->target
           : field->kind == FIELD_ANY_ITEM ? json_get_text(row, field->one_of_field)
                                           : NULL;
}

static bool reference_key(Arena *arena, const RowShape *target, const Json *value, Buf *key, Error *err) {
    JsonObjectBuilder row = json_object_builder(arena);
    json_object_put(&row, target->primary_key, *value);
    Json fake = json_object_done(&row);
    return data_primary_key(target, &fake, key, err);
}

/* Remembers what a row to be written refers to; looked up when all collections have been compared. */
static bool want_references(Comparing *comparing, const Json *row, const Json *written, Error *err) {
    for (size_t i = 0; i < comparing->set->shape->field_count; i++) {
        const RowField *field = &comparing->set->shape->fields[i];
        const Json *value = json_get(written, field->name);
        size_t index;
        const DataSet *target = json_is_null(value)
                                    ? NULL
                                    : set_named(comparing->data, referenced_collection(field, row), &index);
        if (!target || target->shape->singleton)
            continue;
        AUTO(Buf) key = { 0 }, place = { 0 };
        if (!reference_key(&comparing->arena, target->shape, value, &key, err))
            return error_context(err, "%s.%s", comparing->set->shape->collection, field->name);
        buf_printf(&place, "data/%s: row %s: (/%s)", comparing->set->shape->collection,
                   row_label(&comparing->arena, comparing->set->shape->key, row), field->name);
        if (!comparing->wanted[index])
            comparing->wanted[index] = sorter_new(comparing->data->memory);
        if (!sorter_add(comparing->wanted[index], key.data, key.length, place.data, place.length, err))
            return false;
    }
    return true;
}

static bool add_known(Sorter *known, const DataSet *set, Sorter *from, bool instance, const IdMap *map,
                      Error *err) {
    Direction to_state = { map, idmap_to_state };
    SorterRecord record;
    bool end = false;
    AUTO(Arena) arena = { 0 };
    if (!sorter_rewind(from, err))
        return false;
    while (sorter_next(from, &record, &end, err)) {
        AUTO(Buf) key = { 0 };
        Json row;
        arena_reset(&arena);
        if (!(instance ? data_parse_target : data_parse_state)(&arena, &record, &row, err))
            return false;
        Json mapped = instance ? data_row_mapped(&arena, set->shape, &to_state, &row) : row;
        if (!data_primary_key(set->shape, &mapped, &key, err) ||
            !sorter_add(known, key.data, key.length, "", 0, err))
            return false;
    }
    return end;
}

static bool check_wanted(const DataSet *set, Sorter *wanted, Sorter *known, Error *err) {
    Join join;
    bool more = true;
    AUTO(Buf) last = { 0 };
    if (!join_begin(&join, wanted, known, err))
        return false;
    while (join_next(&join, &more, err) && more) {
        bool repeated = join.order < 0 && last.data && last.length == join.a.key_length &&
                        memcmp(last.data, join.a.key, last.length) == 0;
        if (join.order == 0) {
            buf_clear(&last);
            buf_append(&last, join.a.key, join.a.key_length);
        }
        if (join.order >= 0 || repeated)
            continue;
        error_set(err, ERR_FILES,
                  "%.*s: it refers to a row of %s that is neither in the files nor on the target",
                  (int)join.a.value_length, join.a.value, set->shape->collection);
        return error_hint(err, "add the row to data/%s, or correct the reference", set->shape->collection);
    }
    return !more;
}

static bool check_references(Comparing *comparing, Error *err) {
    for (size_t i = 0; i < comparing->data->count; i++) {
        const DataSet *set = &comparing->data->sets[i];
        if (!comparing->wanted[i])
            continue;
        Sorter *known = sorter_new(comparing->data->memory);
        bool done = add_known(known, set, set->state, false, comparing->to_state.map, err) &&
                    add_known(known, set, set->target, true, comparing->to_state.map, err) &&
                    check_wanted(set, comparing->wanted[i], known, err);
        sorter_free(&known);
        if (!done)
            return false;
    }
    return true;
}

/* ---- deciding a row ---- */

/*
 * Whether a reference of a new row has to wait until every row is there. A row of the same collection that
 * sorts before this one is written before it.
 */
static bool set_later(Comparing *comparing, const RowField *field, const Json *value,
                      const SorterRecord *own) {
    const RowShape *shape = comparing->set->shape;
    if (!field->deferred || !field->nullable || json_is_null(value))
        return false;
    if (!str_equal(field->target, shape->collection) || data_keyed_by_rule(comparing->set))
        return true;
    AUTO(Buf) key = { 0 };
    Error ignored = { 0 };
    if (!reference_key(&comparing->arena, shape, value, &key, &ignored))
        return true;
    size_t common = key.length < own->key_length ? key.length : own->key_length;
    int order = memcmp(key.data, own->key, common);
    return order > 0 || (order == 0 && key.length >= own->key_length);
}

static bool create_row(Comparing *comparing, const Json *row, const SorterRecord *own, Error *err) {
    DataSet *set = comparing->set;
    Json first = *row;
    JsonObjectBuilder later = json_object_builder(&comparing->arena);
    for (size_t i = 0; i < set->shape->field_count; i++) {
        const RowField *field = &set->shape->fields[i];
        const Json *value = json_get(row, field->name);
        if (!set_later(comparing, field, value, own))
            continue;
        json_object_put(&later, field->name, *value);
        first = json_with(&comparing->arena, &first, field->name, json_null());
    }
    comparing->counts.created++;
    if (later.count) {
        json_object_put(&later, set->shape->primary_key, *json_get(row, set->shape->primary_key));
        Json link = json_object_done(&later);
        if (!data_spool(&set->links, comparing->data->memory, &link, err))
            return false;
    }
    return data_spool(&set->creates, comparing->data->memory, &first, err) &&
           want_references(comparing, row, row, err);
}

/* A patch names its row, and the collection field of a many-to-any item it changes: ids are looked up by it.
 */
static Json addressed_patch(Comparing *comparing, const Json *patch, const Json *row) {
    const RowShape *shape = comparing->set->shape;
    Json result = *patch;
    if (!shape->singleton)
        result =
            json_with(&comparing->arena, &result, shape->primary_key, *json_get(row, shape->primary_key));
    for (size_t i = 0; i < shape->field_count; i++) {
        const RowField *field = &shape->fields[i];
        const Json *collection = field->kind == FIELD_ANY_ITEM ? json_get(row, field->one_of_field) : NULL;
        if (collection && json_get(patch, field->name))
            result = json_with(&comparing->arena, &result, field->one_of_field, *collection);
    }
    return result;
}

static bool update_row(Comparing *comparing, const Json *row, const Json *there, Error *err) {
    const RowShape *shape = comparing->set->shape;
    Json mapped = data_row_mapped(&comparing->arena, shape, &comparing->to_state, there);
    Json patch = row_patch(&comparing->arena, shape, &mapped, row);
    if (patch.count == 0 || shape->rule->mode == MODE_ADD) {
        comparing->counts.unchanged++;
        return true;
    }
    comparing->counts.updated++;
    Json addressed = addressed_patch(comparing, &patch, row);
    return data_spool(&comparing->set->updates, comparing->data->memory, &addressed, err) &&
           want_references(comparing, row, &patch, err);
}

/* removed.jsonl: [collection, id, [key values]]. */
static bool row_removed(const Comparing *comparing, const Json *row) {
    const RowShape *shape = comparing->set->shape;
    char number[32];
    const char *id = data_reference_text(json_get(row, shape->primary_key), number);
    for (uint32_t i = 0; comparing->removed && i < comparing->removed->count; i++) {
        const Json *line = &comparing->removed->as.items[i];
        char other[32];
        if (line->count < 2 || !str_equal(json_text(&line->as.items[0]), shape->collection))
            continue;
        if (!data_keyed_by_rule(comparing->set)) {
            if (str_equal(data_reference_text(&line->as.items[1], other), id))
                return true;
            continue;
        }
        const Json *key = line->count > 2 ? &line->as.items[2] : NULL;
        bool same = json_is(key, JSON_ARRAY);
        for (uint32_t k = 0; same && key && shape->key[k]; k++)
            same = k < key->count && json_equal(&key->as.items[k], json_get(row, shape->key[k]));
        if (same)
            return true;
    }
    return false;
}

static bool only_on_target(Comparing *comparing, const Json *there, Error *err) {
    const RowShape *shape = comparing->set->shape;
    Json mapped = data_row_mapped(&comparing->arena, shape, &comparing->to_state, there);
    bool doomed = !shape->singleton && (shape->rule->mode == MODE_MIRROR ||
                                        (shape->rule->mode == MODE_MERGE && row_removed(comparing, &mapped)));
    if (!doomed) {
        comparing->counts.kept++;
        return true;
    }
    comparing->counts.deleted++;
    return data_spool(&comparing->set->deletes, comparing->data->memory, &mapped, err);
}

static bool compare_pair(Comparing *comparing, const Join *join, Error *err) {
    Arena *arena = &comparing->arena;
    Json state = json_null(), there = json_null();
    arena_reset(arena);
    if (join->order <= 0) {
        if (!data_parse_state(arena, &join->a, &state, err))
            return false;
        state = without_missing_files(comparing, &state);
    }
    if (join->order >= 0 && !data_parse_target(arena, &join->b, &there, err))
        return false;
    if (join->order < 0)
        return create_row(comparing, &state, &join->a, err);
    return join->order > 0 ? only_on_target(comparing, &there, err)
                           : update_row(comparing, &state, &there, err);
}

static bool compare_set(Comparing *comparing, DataSet *set, Error *err) {
    Join join;
    bool more = true;
    comparing->set = set;
    data_drop_spools(set);
    if (!join_begin(&join, set->state, set->target, err))
        return false;
    while (join_next(&join, &more, err) && more)
        if (!compare_pair(comparing, &join, err))
            return false;
    return !more;
}

static bool compare_all(Comparing *comparing, Plan *plan, Error *err) {
    Data *data = comparing->data;
    for (size_t i = 0; i < data->count; i++) {
        comparing->counts =
            (RowPlan){ .collection = arena_strdup(&plan->arena, data->sets[i].shape->collection) };
        if (!compare_set(comparing, &data->sets[i], err))
            return false;
        ARENA_PUSH(&plan->arena, plan->rows, plan->row_count, plan->row_capacity, comparing->counts);
        if (comparing->counts.deleted)
            plan_loss(plan, "%" PRIu64 " row%s of %s would be deleted", comparing->counts.deleted,
                      comparing->counts.deleted == 1 ? "" : "s", comparing->counts.collection);
    }
    return check_references(comparing, err);
}

bool data_compare(Data *data, Session *session, const Json *removed, const IdMap *map, Plan *plan,
                  Error *err) {
    size_t nulled = 0;
    if (!find_files(data, session, err))
        return false;
    Comparing comparing = {
        .data = data,
        .removed = removed,
        .to_state = { map, idmap_to_state },
        .nulled = &nulled,
        .wanted = mem_alloc((data->count + 1) * sizeof(Sorter *)),
    };
    memset(comparing.wanted, 0, (data->count + 1) * sizeof(Sorter *));
    bool done = compare_all(&comparing, plan, err);
    for (size_t i = 0; i < data->count; i++)
        sorter_free(&comparing.wanted[i]);
    free(comparing.wanted);
    arena_free(&comparing.arena);
    if (nulled)
        plan_note(plan, NOTE_NULLED, "%zu reference%s to files the target does not have %s null", nulled,
                  nulled == 1 ? "" : "s", nulled == 1 ? "becomes" : "become");
    return done;
}
