/* Rows of the instance: loading them, and finding which row of the files each of them is. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "model/canon.h"
#include "sync/data_private.h"

/* ---- the two id spaces ---- */

static Json mapped_id(Arena *arena, const Direction *direction, const char *space, const Json *value) {
    char number[32];
    const char *id = data_reference_text(value, number);
    const char *mapped = id && space ? direction->look_up(direction->map, space, id) : NULL;
    if (!mapped)
        return *value;
    return json_is(value, JSON_NUMBER) ? json_number(strtod(mapped, NULL)) : json_string(arena, mapped);
}

/* A row, or part of one, with its own key and its references in the other id space. */
Json data_row_mapped(Arena *arena, const RowShape *shape, const Direction *direction, const Json *row) {
    if (idmap_count(direction->map) == 0)
        return *row;
    JsonObjectBuilder out = json_object_builder(arena);
    for (uint32_t i = 0; i < row->count; i++) {
        const JsonMember *member = &row->as.members[i];
        const RowField *field = row_field(shape, member->key);
        const char *space = strcmp(member->key, shape->primary_key) == 0 ? shape->collection
                            : !field                                     ? NULL
                            : field->kind == FIELD_REFERENCE             ? field->target
                            : field->kind == FIELD_ANY_ITEM ? json_get_text(row, field->one_of_field)
                                                            : NULL;
        json_object_put(&out, member->key, mapped_id(arena, direction, space, &member->value));
    }
    return json_object_done(&out);
}

/* ---- the target ---- */

typedef struct {
    DataSet *set;
    Direction to_state;
    Keeper *keeper;         /* NULL: rows are kept as they are */
    const Renames *renames; /* NULL: rows come in their new names */
    Arena scratch;
} TargetLoading;

/* Rows are kept in the instance's ids, under their key in the state's: pairs that come to light later still
 * apply. */
static bool load_target_row(const Json *row, void *context, Error *err) {
    TargetLoading *loading = context;
    const RowShape *shape = loading->set->shape;
    arena_reset(&loading->scratch);
    Json named = loading->renames ? data_row_renamed(&loading->scratch, loading->renames, shape, row) : *row;
    Json carried = row_carried(&loading->scratch, shape, &named);
    Json mapped = data_row_mapped(&loading->scratch, shape, &loading->to_state, &carried);
    AUTO(Buf) key = { 0 }, value = { 0 };
    if (!data_set_key(loading->set, &mapped, &key, err))
        return error_context(err, "%s on the instance", shape->collection);
    canon_compact(&value, &carried);
    if (loading->keeper && keeper_wants_row(loading->keeper, shape->collection, value.data, value.length)) {
        Json kept = keeper_row(loading->keeper, &loading->scratch, shape->collection,
                               row_label(&loading->scratch, shape->key, &mapped), &carried);
        buf_clear(&value);
        canon_compact(&value, &kept);
    }
    return sorter_add(loading->set->target, key.data, key.length, value.data, value.length, err);
}

static bool parse_row(Arena *arena, const char *text, size_t length, Json *row, Error *err) {
    return json_parse(arena, text, length, JSON_SYNTAX, row, err) ||
           error_context(err, "a row in a temporary file");
}

int data_key_order(const SorterRecord *a, const SorterRecord *b) {
    size_t common = a->key_length < b->key_length ? a->key_length : b->key_length;
    int order = memcmp(a->key, b->key, common);
    return order ? order : a->key_length < b->key_length ? -1 : a->key_length > b->key_length;
}

/* Advances; *more false at the end. sorter_next with a NULL sorter is an empty side. */
static bool advance(Sorter *sorter, SorterRecord *record, bool *end, Error *err) {
    if (!sorter) {
        *end = true;
        return true;
    }
    return sorter_next(sorter, record, end, err) || *end;
}

bool join_begin(Join *join, Sorter *left, Sorter *right, Error *err) {
    *join = (Join){ .left = left, .right = right };
    return (!left || sorter_rewind(left, err)) && (!right || sorter_rewind(right, err));
}

bool join_next(Join *join, bool *more, Error *err) {
    if ((!join->started || join->order <= 0) && !join->a_end &&
        !advance(join->left, &join->a, &join->a_end, err))
        return false;
    if ((!join->started || join->order >= 0) && !join->b_end &&
        !advance(join->right, &join->b, &join->b_end, err))
        return false;
    join->started = true;
    join->order = join->a_end ? 1 : join->b_end ? -1 : data_key_order(&join->a, &join->b);
    *more = !(join->a_end && join->b_end);
    return true;
}

bool data_parse_state(Arena *arena, const SorterRecord *record, Json *row, Error *err) {
    return parse_row(arena, record->value + sizeof(RowOrigin), record->value_length - sizeof(RowOrigin), row,
                     err);
}

bool data_parse_target(Arena *arena, const SorterRecord *record, Json *row, Error *err) {
    return parse_row(arena, record->value, record->value_length, row, err);
}

/* Pairs the rows of equal keys whose primary keys differ. Two rows of the target under one key would make it
 * a guess. */
static bool match_by_key(const DataSet *set, Sorter *state, Sorter *target, IdMap *map, size_t *pairs,
                         Error *err) {
    const RowShape *shape = set->shape;
    Join join;
    bool more = true;
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) last = { 0 };
    if (!join_begin(&join, state, target, err))
        return false;
    while (join_next(&join, &more, err) && more) {
        bool again = join.order >= 0 && last.data && last.length == join.b.key_length &&
                     memcmp(last.data, join.b.key, last.length) == 0;
        if (join.order >= 0) {
            buf_clear(&last);
            buf_append(&last, join.b.key, join.b.key_length);
        }
        if (join.order != 0 && !again)
            continue;
        arena_reset(&arena);
        Json mine, theirs;
        if (!data_parse_target(&arena, &join.b, &theirs, err))
            return false;
        if (again && shape->natural) {
            error_set(err, ERR_REFUSED, "%s on the target has two rows with the key %s", shape->collection,
                      row_label(&arena, shape->key, &theirs));
            return error_hint(err, "remove one of them, or choose a \"key\" for %s that is unique",
                              shape->collection);
        }
        if (join.order != 0)
            continue;
        if (!data_parse_state(&arena, &join.a, &mine, err))
            return false;
        char a[32], b[32];
        const char *state_id = data_reference_text(json_get(&mine, shape->primary_key), a);
        const char *target_id = data_reference_text(json_get(&theirs, shape->primary_key), b);
        if (state_id && target_id && strcmp(state_id, target_id) != 0) {
            idmap_put(map, shape->collection, target_id, state_id);
            (*pairs)++;
        }
    }
    return !more;
}

/* What one side has and the other has not by id, under the rule's key. */
static bool leftovers(const DataSet *set, const IdMap *map, Sorter *mine, Sorter *theirs, Error *err) {
    Direction to_state = { map, idmap_to_state };
    Join join;
    bool more = true;
    AUTO(Arena) arena = { 0 };
    if (!join_begin(&join, set->state, set->target, err))
        return false;
    while (join_next(&join, &more, err) && more) {
        if (join.order == 0)
            continue;
        arena_reset(&arena);
        AUTO(Buf) key = { 0 };
        Json row;
        const SorterRecord *record = join.order < 0 ? &join.a : &join.b;
        if (!(join.order < 0 ? data_parse_state : data_parse_target)(&arena, record, &row, err))
            return false;
        Json mapped = join.order < 0 ? row : data_row_mapped(&arena, set->shape, &to_state, &row);
        if (!row_key(set->shape, set->shape->key, &mapped, &key, err) ||
            !sorter_add(join.order < 0 ? mine : theirs, key.data, key.length, record->value,
                        record->value_length, err))
            return false;
    }
    return !more;
}

/* After new pairs the target's rows sort under the state's ids. */
static bool rekey_target(Data *data, DataSet *set, const IdMap *map, Error *err) {
    TargetLoading loading = { .set = set, .to_state = { map, idmap_to_state } };
    Sorter *old = set->target;
    SorterRecord record;
    bool end = false, done = sorter_rewind(old, err);
    AUTO(Arena) arena = { 0 };
    set->target = sorter_new(data->memory);
    while (done && sorter_next(old, &record, &end, err)) {
        Json row;
        arena_reset(&arena);
        done = data_parse_target(&arena, &record, &row, err) && load_target_row(&row, &loading, err);
    }
    arena_free(&loading.scratch);
    sorter_free(&old);
    return done && end;
}

static bool match_set(Data *data, DataSet *set, IdMap *map, Error *err) {
    size_t pairs = 0;
    if (data_keyed_by_rule(set) || set->shape->singleton)
        return match_by_key(set, set->state, set->target, map, &pairs, err) &&
               (set->shape->singleton || data_tell_apart(set, data->memory, map, err));
    if (!set->shape->natural)
        return true;
    Sorter *mine = sorter_new(data->memory), *theirs = sorter_new(data->memory);
    bool done = leftovers(set, map, mine, theirs, err) && match_by_key(set, mine, theirs, map, &pairs, err) &&
                (!pairs || rekey_target(data, set, map, err));
    sorter_free(&mine);
    sorter_free(&theirs);
    return done;
}

/* The shape with those fields only that the target has already. */
static RowShape shape_there(Arena *arena, const Data *data, const RowShape *shape, const Snapshot *target) {
    RowShape there = *shape;
    if (!target->present[TYPE_FIELDS])
        return there;
    RowField *fields = arena_array(arena, shape->field_count + 1, sizeof *fields);
    there.field_count = 0;
    for (size_t i = 0; i < shape->field_count; i++)
        if (snapshot_has_field(target, shape->collection, shape->fields[i].name))
            fields[there.field_count++] = shape->fields[i];
    there.fields = fields;
    return data->renames->count ? data_shape_renamed(arena, data->renames, &there) : there;
}

static bool load_target_rows(Data *data, DataSet *set, Session *session, const Instance *instance,
                             const RowShape *there, IdMap *map, Error *err) {
    TargetLoading loading = { .set = set,
                              .to_state = { map, idmap_to_state },
                              .keeper = set->planned ? data->keeper : NULL,
                              .renames = data->renames->count ? data->renames : NULL };
    sorter_free(&set->target);
    set->target = sorter_new(data->memory);
    bool done = there->field_count == 0 ||
                directus_read_rows(session, instance, there, load_target_row, &loading, err);
    arena_free(&loading.scratch);
    bool not_there = !done && strstr(err->message, "(FORBIDDEN)"); /* an administrator may read all that is */
    if (not_there && data->target && !data->target->present[TYPE_FIELDS])
        return error_hint(
            err,
            "the target lacks %s or one of its fields, and this run leaves its schema out: name "
            "collections in --only, too, or compare everything with --again",
            set->shape->collection);
    if (not_there && set->shape->rule->filter)
        return error_hint(
            err, "an administrator may read all that is there: look at \"filter\" of %s in the configuration",
            set->shape->collection);
    return done && (!set->state || match_set(data, set, map, err));
}

bool data_load_target_set(Data *data, DataSet *set, Session *session, const Instance *instance,
                          const Snapshot *target, IdMap *map, Error *err) {
    AUTO(Arena) arena = { 0 };
    RowShape there = shape_there(&arena, data, set->shape, target);
    return load_target_rows(data, set, session, instance, &there, map, err);
}

/* The server works on the next collection while this one is taken in. */
bool data_load_target(Data *data, Session *session, const Instance *instance, const Snapshot *target,
                      IdMap *map, Error *err) {
    AUTO(Arena) arena = { 0 };
    RowShape *there = arena_array(&arena, data->count + 1, sizeof *there);
    data->target = target;
    for (size_t i = 0; i < data->count; i++)
        there[i] = shape_there(&arena, data, data->sets[i].shape, target);
    for (size_t i = 0; i < data->count; i++) {
        log_say(LOG_PROGRESS, "reading %s (%zu of %zu)", data->sets[i].shape->collection, i + 1, data->count);
        for (size_t ahead = i; ahead < i + 2 && ahead < data->count; ahead++)
            if (there[ahead].field_count)
                directus_rows_ahead(session, instance, &there[ahead]);
        if (!load_target_rows(data, &data->sets[i], session, instance, &there[i], map, err))
            return false;
    }
    log_say(LOG_PROGRESS, "%s", "");
    return true;
}
