/* Rows of states that an import which goes back takes the place of. */
#include <string.h>

#include "sync/data_private.h"

typedef struct {
    DataSet *set;
    Arena arena; /* of one row */
} Noting;

/* A row whose key the schema of the older state does not know is none that could be told from others. */
static bool note_key(const Json *row, const char *path, size_t line, void *context, Error *err) {
    (void)path, (void)line;
    Noting *noting = context;
    AUTO(Buf) key = { 0 };
    Error unknown = { 0 };
    arena_reset(&noting->arena);
    Json carried = row_carried(&noting->arena, noting->set->shape, row);
    return !data_set_key(noting->set, &carried, &key, &unknown) ||
           sorter_add(noting->set->superseded, key.data, key.length, "", 0, err);
}

static bool supersede_set(Data *data, DataSet *set, const State *state, Error *err) {
    Noting noting = { .set = set };
    bool done = true;
    for (size_t i = 0; done && i < state->data_count; i++) {
        if (strcmp(state->data[i].collection, set->shape->collection) != 0)
            continue;
        if (!set->superseded)
            set->superseded = sorter_new(data->memory);
        done = state_rows_from(&state->source, &state->data[i], note_key, &noting, err);
    }
    arena_free(&noting.arena);
    return done;
}

bool data_supersede(Data *data, const State *state, Error *err) {
    for (size_t i = 0; i < data->count; i++) {
        DataSet *set = &data->sets[i];
        if (set->planned && set->files && !set->shape->singleton && set->shape->rule->mode == MODE_MERGE &&
            !supersede_set(data, set, state, err))
            return false;
    }
    return true;
}

bool superseded_has(SupersededWalk *walk, const DataSet *set, const SorterRecord *row, bool *has,
                    Error *err) {
    *has = false;
    if (!set->superseded)
        return true;
    if (!walk->started && !sorter_rewind(set->superseded, err))
        return false;
    while (!walk->end && (!walk->started || data_key_order(&walk->record, row) < 0)) {
        walk->started = true;
        if (!sorter_next(set->superseded, &walk->record, &walk->end, err) && !walk->end)
            return false;
    }
    *has = !walk->end && data_key_order(&walk->record, row) == 0;
    return true;
}
