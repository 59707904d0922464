/* Comparing the rows of files and instance: what would be written is spooled, and counted in the plan. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "model/canon.h"
#include "model/row_change.h"
#include "sync/data_private.h"

/* State of one comparison. */
typedef struct {
    Data *data;
    DataSet *set;
    Plan *plan;
    RowPlan counts;   /* of the set at hand */
    RowOrigin origin; /* of the files' row at hand */
    const Json *removed;
    SupersededWalk superseded; /* beside the target's rows of the set */
    Direction to_state;
    References references; /* of rows to be written */
    Unique unique;         /* of the set at hand */
    size_t *nulled;        /* references to files that the instance lacks */
    Arena arena;           /* of one row */
} Comparing;

/* ---- references to files, which only assets could carry ---- */

static bool find_files(Data *data, Session *session, Error *err) {
    TextList *ids = &data->file_ids;
    if (data->file_found || !ids->count || data->states)
        return true;
    data->file_found = arena_array(&data->arena, ids->count, sizeof *data->file_found);
    return directus_exist(session, "directus_files", "id", "uuid", ids->items, ids->count, data->file_found,
                          err);
}

static bool file_is_missing(const Data *data, const char *id) {
    const char **at = bsearch(&id, data->file_ids.items, data->file_ids.count, sizeof id, data_text_order);
    return at && !data->file_found[at - data->file_ids.items];
}

static Json without_missing_files(Comparing *comparing, const Json *row) {
    Json result = *row;
    for (size_t i = 0; comparing->data->file_found && i < comparing->set->shape->field_count; i++) {
        const RowField *field = &comparing->set->shape->fields[i];
        const char *id = data_is_file_reference(field) ? json_get_text(row, field->name) : NULL;
        if (!id || !file_is_missing(comparing->data, id))
            continue;
        result = json_with(&comparing->arena, &result, field->name, json_null());
        ++*comparing->nulled;
    }
    return result;
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
    if (!data_reference_key(&comparing->arena, shape, value, &key, &ignored))
        return true;
    size_t common = key.length < own->key_length ? key.length : own->key_length;
    int order = memcmp(key.data, own->key, common);
    return order > 0 || (order == 0 && key.length >= own->key_length);
}

/* What is sent must lead somewhere, and may want a value that another row still has. */
static bool want(Comparing *comparing, const Json *row, const Json *written, const Json *values, Error *err) {
    const Data *data = comparing->data;
    return data->states || ((!values || unique_wanted(&comparing->unique, data->memory, comparing->set->shape,
                                                      values, err)) &&
                            references_want(&comparing->references, data, comparing->set, &comparing->origin,
                                            row, written, err));
}

static void count_row(Comparing *comparing, ChangeKind kind, const Json *before, const Json *after) {
    row_change(comparing->plan, &comparing->counts, comparing->set->shape, &comparing->data->config->scope,
               kind, before, after);
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
    count_row(comparing, CHANGE_CREATE, NULL, row);
    if (later.count) {
        json_object_put(&later, set->shape->primary_key, *json_get(row, set->shape->primary_key));
        Json link = json_object_done(&later);
        if (!data_spool(&set->links, comparing->data->memory, &link, err))
            return false;
    }
    return data_spool(&set->creates, comparing->data->memory, &first, err) &&
           want(comparing, row, row, sorter_count(set->target) ? row : NULL, err);
}

/* A patch names its row. Of a many-to-any item and the collection it is in, neither says anything alone. */
static Json addressed_patch(Comparing *comparing, const Json *patch, const Json *row) {
    const RowShape *shape = comparing->set->shape;
    Json result = *patch;
    if (!shape->singleton)
        result =
            json_with(&comparing->arena, &result, shape->primary_key, *json_get(row, shape->primary_key));
    for (size_t i = 0; i < shape->field_count; i++) {
        const RowField *field = &shape->fields[i];
        if (field->kind != FIELD_ANY_ITEM ||
            (!json_get(patch, field->name) && !json_get(patch, field->one_of_field)))
            continue;
        const char *const pair[] = { field->name, field->one_of_field };
        for (size_t j = 0; j < 2; j++)
            if (json_get(row, pair[j]))
                result = json_with(&comparing->arena, &result, pair[j], *json_get(row, pair[j]));
    }
    return result;
}

static bool give_up(Comparing *comparing, const Json *row, const Json *patch, Error *err) {
    const Data *data = comparing->data;
    return data->states ||
           unique_held(&comparing->unique, data->memory, comparing->set->shape, row, patch, err);
}

/* A saved plan holds for what it replaces, too. */
static bool note_former(Comparing *comparing, const Json *row, const Json *patch, Error *err) {
    if (!comparing->plan->rows_digested)
        return true;
    Json former = row_former(&comparing->arena, comparing->set->shape, row, patch);
    return data_spool(&comparing->set->formers, comparing->data->memory, &former, err);
}

static bool update_row(Comparing *comparing, const Json *row, const Json *there, Error *err) {
    const RowShape *shape = comparing->set->shape;
    Json mapped = data_row_mapped(&comparing->arena, shape, &comparing->to_state, there);
    Json patch = row_patch(&comparing->arena, shape, &mapped, row);
    if (patch.count == 0 || shape->rule->mode == MODE_ADD) {
        comparing->counts.unchanged++;
        return true;
    }
    count_row(comparing, CHANGE_UPDATE, &mapped, &patch);
    Json addressed = addressed_patch(comparing, &patch, row);
    return data_spool(&comparing->set->updates, comparing->data->memory, &addressed, err) &&
           note_former(comparing, &mapped, &patch, err) && give_up(comparing, &mapped, &patch, err) &&
           want(comparing, row, &addressed, &patch, err);
}

static bool row_removed(const Comparing *comparing, const Json *row) {
    for (uint32_t i = 0; comparing->removed && i < comparing->removed->count; i++)
        if (data_line_names(comparing->set, &comparing->removed->as.items[i], row))
            return true;
    return false;
}

static bool only_on_target(Comparing *comparing, const SorterRecord *own, const Json *there, Error *err) {
    const RowShape *shape = comparing->set->shape;
    Json mapped = data_row_mapped(&comparing->arena, shape, &comparing->to_state, there);
    bool superseded;
    if (!superseded_has(&comparing->superseded, comparing->set, own, &superseded, err))
        return false;
    bool doomed = !shape->singleton &&
                  (shape->rule->mode == MODE_MIRROR ||
                   (shape->rule->mode == MODE_MERGE && (superseded || row_removed(comparing, &mapped))));
    if (!doomed) {
        comparing->counts.kept++;
        return true;
    }
    count_row(comparing, CHANGE_DELETE, &mapped, NULL);
    return give_up(comparing, &mapped, NULL, err) &&
           (comparing->data->states ||
            data_let_go(comparing->data, comparing->set, &comparing->arena, &mapped, err)) &&
           data_spool(&comparing->set->deletes, comparing->data->memory, &mapped, err);
}

/* Whether the row is left alone; else its ignored fields say nothing: what a row lacks is not written. */
static bool leave_alone(Comparing *comparing, Json *state, const Json *there) {
    const DataSet *set = comparing->set;
    Json mapped = data_row_mapped(&comparing->arena, set->shape, &comparing->to_state, there);
    bool only_here = json_is_null(there), only_there = json_is_null(state);
    if ((!only_here && row_ignored(&set->rules, set->shape, &mapped)) ||
        (!only_there && row_ignored(&set->rules, set->shape, state))) {
        comparing->counts.kept += only_there;
        comparing->counts.unchanged += !only_there;
        return true;
    }
    if (!only_there)
        *state = row_with_ignored(&comparing->arena, &set->rules, set->shape, state, NULL);
    return false;
}

static bool compare_pair(Comparing *comparing, const Join *join, Error *err) {
    Arena *arena = &comparing->arena;
    Json state = json_null(), there = json_null();
    arena_reset(arena);
    if (join->order <= 0) {
        if (!data_parse_state(arena, &join->a, &state, err))
            return false;
        memcpy(&comparing->origin, join->a.value, sizeof comparing->origin);
        state = without_missing_files(comparing, &state);
    }
    if (join->order >= 0 && !data_parse_target(arena, &join->b, &there, err))
        return false;
    if (comparing->set->rules.ignored[0] && leave_alone(comparing, &state, &there))
        return true;
    if (join->order < 0)
        return create_row(comparing, &state, &join->a, err);
    return join->order > 0 ? only_on_target(comparing, &join->b, &there, err)
                           : update_row(comparing, &state, &there, err);
}

static bool compare_rows(Comparing *comparing, DataSet *set, Error *err) {
    Join join;
    bool more = true;
    comparing->set = set;
    comparing->superseded = (SupersededWalk){ 0 };
    data_drop_spools(set);
    if (!join_begin(&join, set->state, set->target, err))
        return false;
    while (join_next(&join, &more, err) && more)
        if (!compare_pair(comparing, &join, err))
            return false;
    return !more;
}

static bool compare_set(Comparing *comparing, DataSet *set, Error *err) {
    bool done = compare_rows(comparing, set, err) &&
                unique_release(&comparing->unique, comparing->data->memory, set->shape, &set->releases, err);
    unique_free(&comparing->unique);
    return done;
}

static bool compare_all(Comparing *comparing, Plan *plan, Error *err) {
    Data *data = comparing->data;
    for (size_t i = 0; i < data->count; i++) {
        if (!data->sets[i].planned)
            continue;
        comparing->counts =
            (RowPlan){ .collection = arena_strdup(&plan->arena, data->sets[i].shape->collection) };
        if (!compare_set(comparing, &data->sets[i], err))
            return false;
        ARENA_PUSH(&plan->arena, plan->rows, plan->row_count, plan->row_capacity, comparing->counts);
        if (comparing->counts.deleted && !data->states)
            plan_loss_of_rows(plan, comparing->counts.collection, comparing->counts.deleted,
                              "%" PRIu64 " row%s of %s would be deleted", comparing->counts.deleted,
                              comparing->counts.deleted == 1 ? "" : "s", comparing->counts.collection);
    }
    return true;
}

bool data_compare(Data *data, Session *session, const Json *removed, const IdMap *map, Plan *plan,
                  Error *err) {
    size_t nulled = 0;
    if (!find_files(data, session, err))
        return false;
    Comparing comparing = {
        .data = data,
        .plan = plan,
        .removed = removed,
        .to_state = { map, idmap_to_state },
        .nulled = &nulled,
    };
    bool done = compare_all(&comparing, plan, err) &&
                (data->states || (references_check(&comparing.references, data, session, map, err) &&
                                  data_check_deleted(data, err)));
    references_free(&comparing.references);
    arena_free(&comparing.arena);
    if (nulled)
        plan_note(plan, NOTE_NULLED, TYPE_NONE, "%zu reference%s to files the target does not have %s null",
                  nulled, nulled == 1 ? "" : "s", nulled == 1 ? "becomes" : "become");
    return done;
}
