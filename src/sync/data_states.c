/* Rows of an earlier state in the place of an instance's: what differs between two states. */
#include "model/canon.h"
#include "sync/data_private.h"

typedef struct {
    Data *data;
    DataSet *set;
    Arena scratch;
} Loading;

static bool load_row(const Json *row, const char *path, size_t line, void *context, Error *err) {
    Loading *loading = context;
    const RowShape *shape = loading->set->shape;
    arena_reset(&loading->scratch);
    const Renames *renames = loading->data->renames;
    Json named = renames->count ? data_row_renamed(&loading->scratch, renames, shape, row) : *row;
    Json carried = row_carried(&loading->scratch, shape, &named);
    if (!data_wants(loading->data, loading->set, &carried))
        return true;
    AUTO(Buf) key = { 0 }, value = { 0 };
    if (!data_set_key(loading->set, &carried, &key, err))
        return error_context(err, "%s: line %zu", path, line);
    canon_compact(&value, &carried);
    return sorter_add(loading->set->target, key.data, key.length, value.data, value.length, err);
}

void data_filter(Data *data, RowFilter wants, void *context) {
    data->wants = wants;
    data->wants_context = context;
}

bool data_wants(const Data *data, const DataSet *set, const Json *row) {
    return !data->wants || data->wants(set->shape, row, data->wants_context);
}

bool data_load_before(Data *data, const State *before, Error *err) {
    data->states = true;
    for (size_t i = 0; i < data->count; i++) {
        DataSet *set = &data->sets[i];
        Loading loading = { .data = data, .set = set };
        const char *old_name = renames_old_collection(data->renames, set->shape->collection);
        const DataFiles *files = state_data_files(before, old_name);
        sorter_free(&set->target);
        set->target = sorter_new(data->memory);
        bool done = !files || state_rows_from(&before->source, files, load_row, &loading, err);
        arena_free(&loading.scratch);
        if (!done)
            return false;
    }
    return true;
}
