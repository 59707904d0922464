/* Writing rows: into the instance after a comparison, or into the files of an export. */
#include "base/log.h"
#include "model/canon.h"
#include "sync/data_private.h"

typedef struct {
    Data *data;
    Session *session;
    const Instance *instance;
    IdMap *map;
    const WriteGate *gate;
} Applying;

/* Sends one spool through one writer, in the instance's ids. */
static bool send_spool(const Applying *applying, const DataSet *set, Sorter *spool, RowWrite kind,
                       Error *err) {
    if (!spool)
        return true;
    Direction to_target = { applying->map, idmap_to_target };
    RowWriter *writer = row_writer_new(applying->session, set->shape, kind, applying->gate);
    AUTO(Arena) arena = { 0 };
    SorterRecord record;
    bool end = false, done = sorter_rewind(spool, err);
    while (done && sorter_next(spool, &record, &end, err)) {
        Json row;
        arena_reset(&arena);
        done = data_parse_target(&arena, &record, &row, err);
        if (!done)
            break;
        Json mapped = data_row_mapped(&arena, set->shape, &to_target, &row);
        done = row_writer_add(writer, &mapped, err);
    }
    done = done && end && row_writer_flush(writer, err);
    row_writer_free(&writer);
    return done;
}

/* ---- counters that mean different rows on the two sides ---- */

static bool key_by_id(Data *data, const DataSet *set, Sorter *from, Sorter **out, Error *err) {
    AUTO(Arena) arena = { 0 };
    SorterRecord record;
    bool end = false;
    *out = sorter_new(data->memory);
    if (!sorter_rewind(from, err))
        return false;
    while (sorter_next(from, &record, &end, err)) {
        AUTO(Buf) key = { 0 };
        Json row;
        arena_reset(&arena);
        if (!data_parse_target(&arena, &record, &row, err) ||
            !data_primary_key(set->shape, &row, &key, err) ||
            !sorter_add(*out, key.data, key.length, record.value, record.value_length, err))
            return false;
    }
    return end;
}

/* Rows whose id the target has given to another row go to *unnumbered, without an id; the rest to *numbered.
 */
static bool split_taken(Data *data, Sorter *wanted, Sorter *taken, const RowShape *shape, Sorter **numbered,
                        Sorter **unnumbered, Error *err) {
    AUTO(Arena) arena = { 0 };
    const char *const without[] = { shape->primary_key, NULL };
    Join join;
    bool more = true;
    if (!join_begin(&join, wanted, taken, err))
        return false;
    while (join_next(&join, &more, err) && more) {
        Json row;
        arena_reset(&arena);
        if (join.order > 0)
            continue;
        if (!data_parse_target(&arena, &join.a, &row, err))
            return false;
        if (join.order == 0)
            row = json_without(&arena, &row, without);
        if (!data_spool(join.order == 0 ? unnumbered : numbered, data->memory, &row, err))
            return false;
    }
    return !more;
}

/* The new rows' ids are the target's choice: they are read back before anything refers to them. */
static bool send_unnumbered(const Applying *applying, DataSet *set, Sorter *rows, Error *err) {
    static const Snapshot everything_is_there;
    return !rows || (send_spool(applying, set, rows, ROWS_CREATE, err) &&
                     data_load_target_set(applying->data, set, applying->session, applying->instance,
                                          &everything_is_there, applying->map, err));
}

static bool send_counted(const Applying *applying, DataSet *set, Error *err) {
    Sorter *wanted = NULL, *taken = NULL, *numbered = NULL, *unnumbered = NULL;
    bool done = key_by_id(applying->data, set, set->creates, &wanted, err) &&
                key_by_id(applying->data, set, set->target, &taken, err) &&
                split_taken(applying->data, wanted, taken, set->shape, &numbered, &unnumbered, err) &&
                send_spool(applying, set, numbered, ROWS_CREATE, err) &&
                send_unnumbered(applying, set, unnumbered, err);
    sorter_free(&wanted);
    sorter_free(&taken);
    sorter_free(&numbered);
    sorter_free(&unnumbered);
    return done;
}

static bool send_creates(const Applying *applying, DataSet *set, Error *err) {
    bool counted = data_keyed_by_rule(set) && set->creates && !set->shape->singleton;
    return counted ? send_counted(applying, set, err)
                   : send_spool(applying, set, set->creates, ROWS_CREATE, err);
}

bool data_apply(Data *data, Session *session, const Instance *instance, IdMap *map, const WriteGate *gate,
                Error *err) {
    Applying applying = { data, session, instance, map, gate };
    for (size_t i = 0; i < data->count; i++)
        if (!send_spool(&applying, &data->sets[i], data->sets[i].releases, ROWS_UPDATE, err))
            return false;
    for (size_t i = 0; i < data->count; i++) {
        log_say(LOG_PROGRESS, "writing %s (%zu of %zu)", data->sets[i].shape->collection, i + 1, data->count);
        if (!send_creates(&applying, &data->sets[i], err))
            return false;
    }
    for (size_t i = 0; i < data->count; i++)
        if (!send_spool(&applying, &data->sets[i], data->sets[i].updates, ROWS_UPDATE, err) ||
            !send_spool(&applying, &data->sets[i], data->sets[i].links, ROWS_UPDATE, err))
            return false;
    for (size_t i = data->count; i-- > 0;)
        if (!send_spool(&applying, &data->sets[i], data->sets[i].deletes, ROWS_DELETE, err))
            return false;
    log_say(LOG_PROGRESS, "%s", "");
    return true;
}

/* ---- export ---- */

typedef struct {
    Data *data;
    DataSet *set;
    Direction to_state;
    StateWriter *writer;
    Buf line;
    Sorter *ordered; /* rows by group and key, when that is not the order they are in already */
    Arena arena;
    uint64_t rows;
    bool merged;      /* rows are as the files are to have them */
    Leaving *leaving; /* NULL: nobody asks for it */
} Writing;

static bool needs_ordering(const RowShape *shape) {
    return shape->rule->group_by[0] || shape->natural;
}

static bool order_row(Writing *writing, const Json *row, const Buf *line, Error *err) {
    const RowShape *shape = writing->set->shape;
    AUTO(Buf) key = { 0 };
    buf_puts(&key, row_group(&writing->arena, shape, row));
    buf_putc(&key, 0);
    return (shape->singleton || row_key(shape, shape->key, row, &key, err)) &&
           sorter_add(writing->ordered, key.data, key.length, line->data, line->length, err);
}

static bool write_row(Writing *writing, const Json *row, Buf *line, Error *err) {
    buf_clear(line);
    canon_compact(line, row);
    writing->rows++;
    return writing->ordered ? order_row(writing, row, line, err)
                            : state_writer_row(writing->writer, "", line->data, line->length, err);
}

bool data_row_for_files(Arena *arena, DataSet *set, const Json *file, const Json *there, Json *row) {
    if ((file && row_ignored(&set->rules, set->shape, file)) ||
        (there && row_ignored(&set->rules, set->shape, there))) {
        *row = file ? *file : json_null();
        return file != NULL;
    }
    if (!there)
        return false;
    Json restored = row_restored(arena, &set->rules, set->shape, there, file);
    *row = row_with_ignored(arena, &set->rules, set->shape, &restored, file);
    return true;
}

/* Overrides are undone, and what is ignored stays as the files have it: both sides are walked. `each` is
 * given a row of the instance (NULL: only the files have it) and what the files get (NULL: nothing). */
typedef bool (*ComparedRow)(Writing *writing, const Json *there, const Json *row, Error *err);

static bool walk_compared(Writing *writing, ComparedRow each, Error *err) {
    DataSet *set = writing->set;
    Join join;
    bool more = true;
    if (!join_begin(&join, set->state, set->target, err))
        return false;
    while (join_next(&join, &more, err) && more) {
        Json file = json_null(), there = json_null(), row = json_null();
        arena_reset(&writing->arena);
        if ((join.order <= 0 && !data_parse_state(&writing->arena, &join.a, &file, err)) ||
            (join.order >= 0 && !data_parse_target(&writing->arena, &join.b, &there, err)))
            return false;
        if (join.order >= 0)
            there = data_row_mapped(&writing->arena, set->shape, &writing->to_state, &there);
        bool stays = data_row_for_files(&writing->arena, set, join.order <= 0 ? &file : NULL,
                                        join.order >= 0 ? &there : NULL, &row);
        if (!each(writing, join.order >= 0 ? &there : NULL, stays ? &row : NULL, err))
            return false;
    }
    return !more;
}

static bool write_compared_row(Writing *writing, const Json *there, const Json *row, Error *err) {
    (void)there;
    return !row || write_row(writing, row, &writing->line, err);
}

void data_settle_row(const Data *data, DataSet *set, Arena *arena, const Json *there, const Json *row) {
    if (row)
        row_rules_meet(&set->rules, set->shape, row);
    if (there && data->keeper)
        keeper_settle_row(data->keeper, set->shape->collection, row_label(arena, set->shape->key, there),
                          row);
}

static bool settle_compared_row(Writing *writing, const Json *there, const Json *row, Error *err) {
    (void)err;
    data_settle_row(writing->data, writing->set, &writing->arena, there, row);
    return true;
}

static bool settle_set(Data *data, DataSet *set, const IdMap *map, Error *err) {
    Writing settling = { .data = data, .set = set, .to_state = { map, idmap_to_state } };
    bool done = data->merged || walk_compared(&settling, settle_compared_row, err);
    arena_free(&settling.arena);
    return done && row_rules_met(&set->rules, set->shape, err);
}

bool data_settle(Data *data, const IdMap *map, size_t *unmet, Error *err) {
    for (size_t i = 0; i < data->count; i++) {
        DataSet *set = &data->sets[i];
        if (!set->planned || !set->rules.any)
            continue;
        if (!settle_set(data, set, map, err))
            return false;
        for (size_t k = 0; k < set->rules.override_count; k++)
            *unmet += set->rules.overrides[k].unmet;
    }
    return true;
}

static void note_overrides(const DataSet *set) {
    for (size_t i = 0; i < set->rules.override_count; i++) {
        const RowOverride *override = &set->rules.overrides[i];
        const char *collection = set->shape->collection, *key = override->key ? override->key : "";
        if (override->unrestored)
            log_say(
                LOG_NOTE,
                "%s %s: the files have no value of their own yet for what is overridden: they get this one",
                collection, key);
        if (override->unmet)
            log_say(LOG_NOTE,
                    "%s %s: the instance has another value than the override: the files keep theirs",
                    collection, key);
    }
}

static bool write_loaded(Writing *writing, Error *err) {
    DataSet *set = writing->set;
    SorterRecord record;
    bool end = false;
    AUTO(Buf) line = { 0 };
    if (!sorter_rewind(set->target, err))
        return false;
    while (sorter_next(set->target, &record, &end, err)) {
        Json row;
        arena_reset(&writing->arena);
        if (!data_parse_target(&writing->arena, &record, &row, err))
            return false;
        Json mapped = data_row_mapped(&writing->arena, set->shape, &writing->to_state, &row);
        if (!write_row(writing, &mapped, &line, err))
            return false;
    }
    return end;
}

static bool write_ordered(Writing *writing, Error *err) {
    SorterRecord record;
    bool end = false;
    if (!sorter_rewind(writing->ordered, err))
        return false;
    while (sorter_next(writing->ordered, &record, &end, err))
        if (!state_writer_row(writing->writer, record.key, record.value, record.value_length, err))
            return false;
    return end;
}

static bool write_set(Writing *writing, size_t memory, Error *err) {
    if (!state_writer_rows_begin(writing->writer, writing->set->shape->collection, err))
        return false;
    if (writing->leaving)
        leaving_watch(writing->leaving, writing->writer);
    if (needs_ordering(writing->set->shape))
        writing->ordered = sorter_new(memory);
    bool done = (writing->set->rules.any && !writing->merged ? walk_compared(writing, write_compared_row, err)
                                                             : write_loaded(writing, err)) &&
                (!writing->ordered || write_ordered(writing, err));
    note_overrides(writing->set);
    sorter_free(&writing->ordered);
    buf_free(&writing->line);
    arena_free(&writing->arena);
    done = done && state_writer_rows_end(writing->writer, err);
    state_writer_watch(writing->writer, NULL, NULL);
    return done;
}

bool data_write(Data *data, const IdMap *map, StateWriter *writer, RowRemovals *removals, uint64_t *rows,
                Error *err) {
    AUTO_IDMAP none = idmap_new();
    for (size_t i = 0; i < data->count; i++) {
        if (!data->sets[i].planned)
            continue;
        AUTO(Leaving) leaving = { .data = data, .set = &data->sets[i], .map = map, .removals = removals };
        Writing writing = { .data = data,
                            .set = &data->sets[i],
                            .to_state = { data->merged ? none : map, idmap_to_state },
                            .writer = writer,
                            .merged = data->merged,
                            .leaving = removals ? &leaving : NULL };
        if (!write_set(&writing, data->memory, err) || !leaving_settle(&leaving, err))
            return false;
        *rows += writing.rows;
    }
    return true;
}
