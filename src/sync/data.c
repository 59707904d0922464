/* Rows of the files: opening, loading, validating. */
#include <stdlib.h>
#include <string.h>

#include "model/canon.h"
#include "sync/data_private.h"
#include "sync/secrets.h"

/* For the buffers of all collections together; each gets its share, never less than a page of rows is worth.
 */
enum { SORT_BUDGET = 16 << 20, SORT_LEAST = 256 << 10 };

/* ---- opening ---- */

static bool is_selected(const Config *config, const bool *selected, const char *collection) {
    for (size_t i = 0; i < config->scope.data_count; i++)
        if (strcmp(config->scope.data[i].collection, collection) == 0)
            return selected[i];
    return false;
}

static bool refers_to(const RowField *field, const char *collection) {
    if (field->kind == FIELD_REFERENCE)
        return str_equal(field->target, collection);
    for (size_t i = 0; field->kind == FIELD_ANY_ITEM && field->any_of[i]; i++)
        if (strcmp(field->any_of[i], collection) == 0)
            return true;
    return false;
}

static bool is_in_key(const RowShape *shape, const char *field) {
    for (size_t i = 0; shape->key[i]; i++)
        if (strcmp(shape->key[i], field) == 0)
            return true;
    return false;
}

/* A planned collection needs all it refers to, one that is only looked up what its key refers to. */
static bool needs(const RowShape *shape, bool planned, const char *collection) {
    for (size_t i = 0; i < shape->field_count; i++)
        if ((planned || is_in_key(shape, shape->fields[i].name)) && refers_to(&shape->fields[i], collection))
            return true;
    return false;
}

/* The planned ones, and those with a natural key that they need: their ids may be others on the instance. */
static const bool *loaded_shapes(Arena *arena, const RowShape *shapes, const bool *planned, size_t count) {
    bool *loaded = arena_array(arena, count + 1, sizeof *loaded);
    memcpy(loaded, planned, count * sizeof *loaded);
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < count * count; i++) {
            const RowShape *from = &shapes[i / count], *to = &shapes[i % count];
            if (!loaded[i / count] || loaded[i % count] || !to->natural ||
                !needs(from, planned[i / count], to->collection))
                continue;
            loaded[i % count] = more = true;
        }
    }
    return loaded;
}

bool data_open(const Config *config, const Snapshot *snapshot, const bool *selected, Data **out, Error *err) {
    Data *data = mem_alloc(sizeof *data);
    static const Renames none;
    *data = (Data){ .config = config, .schema = snapshot, .renames = &none, .former = &none };
    *out = data;
    RowShape *shapes = NULL;
    size_t count = 0;
    if (!row_shapes(snapshot, &config->scope, &data->arena, &shapes, &count, err))
        return false;
    data->shapes = shapes;
    data->shape_count = count;
    data->sets = arena_array(&data->arena, count + 1, sizeof *data->sets);
    bool *planned = arena_array(&data->arena, count + 1, sizeof *planned);
    for (size_t i = 0; i < count; i++)
        planned[i] = is_selected(config, selected, shapes[i].collection);
    const bool *loaded = loaded_shapes(&data->arena, shapes, planned, count);
    for (size_t i = 0; i < count; i++)
        if (loaded[i])
            data->sets[data->count++] = (DataSet){ .shape = &shapes[i], .planned = planned[i] };
    for (size_t i = 0; i < data->count; i++)
        if (!row_rules(&config->scope, data->sets[i].shape, &data->arena, &data->sets[i].rules, err))
            return false;
    size_t share = SORT_BUDGET / (data->count ? data->count : 1);
    data->memory = share < SORT_LEAST ? SORT_LEAST : share;
    return true;
}

void data_rename(Data *data, const Renames *renames) {
    data->renames = renames;
}

void data_allow_unknown(Data *data) {
    data->lenient = true;
}

void data_as_environment(Data *data, bool must_fit, bool unsettled) {
    data->as_environment = true;
    data->must_fit = must_fit;
    data->unsettled = unsettled;
}

void data_rename_files(Data *data, const Renames *former) {
    data->former = former;
}

void data_sections(const Data *data, bool sections[SECTION_COUNT]) {
    for (size_t i = 0; i < data->count; i++)
        for (size_t j = 0; j < data->sets[i].shape->field_count; j++) {
            const RowField *field = &data->sets[i].shape->fields[j];
            TypeId type = field->kind == FIELD_REFERENCE ? catalog_find(field->target) : TYPE_NONE;
            if (type < TYPE_COUNT && str_starts(field->target, "directus_"))
                sections[catalog_row(type)->section] = true;
        }
}

void data_drop_spools(DataSet *set) {
    sorter_free(&set->releases);
    sorter_free(&set->creates);
    sorter_free(&set->updates);
    sorter_free(&set->links);
    sorter_free(&set->deletes);
    sorter_free(&set->formers);
}

void data_close(Data **handle) {
    Data *data = *handle;
    if (!data)
        return;
    for (size_t i = 0; i < data->count; i++) {
        sorter_free(&data->sets[i].state);
        sorter_free(&data->sets[i].target);
        sorter_free(&data->sets[i].superseded);
        data_drop_spools(&data->sets[i]);
    }
    arena_free(&data->arena);
    free(data);
    *handle = NULL;
}

/* ---- loading ---- */

bool data_keyed_by_rule(const DataSet *set) {
    return set->shape->natural && set->shape->auto_increment;
}

bool data_primary_key(const RowShape *shape, const Json *row, Buf *out, Error *err) {
    const char *const key[] = { shape->primary_key, NULL };
    return row_key(shape, key, row, out, err);
}

/* A singleton has one row whatever its key says: both sides meet under the empty key. */
bool data_set_key(const DataSet *set, const Json *row, Buf *out, Error *err) {
    if (set->shape->singleton)
        return true;
    return data_keyed_by_rule(set) ? row_key(set->shape, set->shape->key, row, out, err)
                                   : data_primary_key(set->shape, row, out, err);
}

/* A field that is there but not carried (excluded since, written by the server) may stand in a file; it is
 * passed over. */
static bool known_fields(const Data *data, const DataSet *set, const Json *row, const char *path, size_t line,
                         Error *err) {
    if (data->lenient)
        return true;
    const char *folder = state_source_shown(&data->state->source);
    for (uint32_t i = 0; i < row->count; i++) {
        const char *field = row->as.members[i].key;
        if (row_field(set->shape, field) || snapshot_has_field(data->schema, set->shape->collection, field))
            continue;
        error_set(err, ERR_FILES, "%s/%s: line %zu: (/%s): %s has no field \"%s\"", folder, path, line, field,
                  set->shape->collection, field);
        return error_hint(
            err, "remove the member, or add the field to the collection's file in %s/collections", folder);
    }
    return true;
}

const char *data_reference_text(const Json *value, char number[32]) {
    if (json_is(value, JSON_NUMBER)) {
        canon_number(number, value->as.number);
        return number;
    }
    return json_text(value);
}

typedef struct {
    Data *data;
    DataSet *set;
    Sorter *by_other; /* of a natural key and the primary key, origins under the one that rows are not sorted
                         by; else NULL */
    Arena scratch;
} Loading;

bool data_is_file_reference(const RowField *field) {
    return field->kind == FIELD_REFERENCE && str_equal(field->target, "directus_files");
}

static void note_files(Data *data, const DataSet *set, const Json *row) {
    for (size_t i = 0; i < set->shape->field_count; i++) {
        const RowField *field = &set->shape->fields[i];
        const char *id = data_is_file_reference(field) ? json_get_text(row, field->name) : NULL;
        if (id)
            ARENA_PUSH(&data->arena, data->file_ids.items, data->file_ids.count, data->file_ids.capacity,
                       arena_strdup(&data->arena, id));
    }
}

static uint32_t path_index(const DataFiles *files, const char *path) {
    uint32_t index = 0;
    while (files->paths[index] && strcmp(files->paths[index], path) != 0)
        index++;
    return index;
}

bool data_other_key(const DataSet *set, const Json *row, Buf *out) {
    Error ignored;
    if (!set->shape->natural || set->shape->singleton)
        return false;
    return data_keyed_by_rule(set) ? data_primary_key(set->shape, row, out, &ignored)
                                   : row_key(set->shape, set->shape->key, row, out, &ignored);
}

static bool note_other_key(Loading *loading, const Json *row, const RowOrigin *origin, Error *err) {
    AUTO(Buf) key = { 0 };
    return !loading->by_other || !data_other_key(loading->set, row, &key) ||
           sorter_add(loading->by_other, key.data, key.length, origin, sizeof *origin, err);
}

static bool load_state_row(const Json *row, const char *path, size_t line, void *context, Error *err) {
    Loading *loading = context;
    DataSet *set = loading->set;
    if (!known_fields(loading->data, set, row, path, line, err))
        return false;
    arena_reset(&loading->scratch);
    const Renames *former = loading->data->former;
    Json named = former->count ? data_row_renamed(&loading->scratch, former, set->shape, row) : *row;
    Json carried = row_carried(&loading->scratch, set->shape, &named);
    if (!data_wants(loading->data, set, &carried))
        return true;
    if (set->rules.override_count && !loading->data->as_written)
        carried = row_overridden(&loading->scratch, &set->rules, set->shape, &carried);
    if (!loading->data->as_written)
        carried = secrets_fill_row(&loading->scratch, loading->data->config, set->shape, &carried);
    note_files(loading->data, set, &carried);
    AUTO(Buf) key = { 0 };
    if (!data_set_key(set, &carried, &key, err))
        return error_context(err, "%s/%s: line %zu", state_source_shown(&loading->data->state->source), path,
                             line);
    RowOrigin origin = { path_index(set->files, path), (uint32_t)line };
    if (!note_other_key(loading, &carried, &origin, err))
        return false;
    AUTO(Buf) value = { 0 };
    buf_append(&value, &origin, sizeof origin);
    canon_compact(&value, &carried);
    return sorter_add(set->state, key.data, key.length, value.data, value.length, err);
}

int data_text_order(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void unique_texts(TextList *list) {
    if (!list->count)
        return;
    qsort(list->items, list->count, sizeof *list->items, data_text_order);
    size_t kept = 1;
    for (size_t i = 1; i < list->count; i++)
        if (strcmp(list->items[i], list->items[kept - 1]) != 0)
            list->items[kept++] = list->items[i];
    list->count = kept;
}

const char *data_place(Arena *arena, const Data *data, const DataSet *set, const RowOrigin *origin) {
    const char *path =
        set->files ? set->files->paths[origin->path] : "data"; /* a row of the files has some */
    return arena_printf(arena, "%s/%s: line %u", state_source_shown(&data->state->source), path,
                        origin->line);
}

/* Two rows with one key: both places are named. */
static bool check_unique(const Data *data, const DataSet *set, Sorter *rows, Error *err) {
    SorterRecord record;
    RowOrigin origin, before = { 0 };
    AUTO(Buf) last = { 0 };
    bool end = false, any = false;
    if (!sorter_rewind(rows, err))
        return false;
    while (sorter_next(rows, &record, &end, err)) {
        memcpy(&origin, record.value, sizeof origin);
        if (any && last.length == record.key_length &&
            memcmp(buf_text(&last), record.key, last.length) == 0) {
            AUTO(Arena) arena = { 0 };
            error_set(err, ERR_FILES, "%s: the same key as %s", data_place(&arena, data, set, &origin),
                      data_place(&arena, data, set, &before));
            return error_hint(err, "remove one of the two rows, or give it a key of its own");
        }
        buf_clear(&last);
        buf_append(&last, record.key, record.key_length);
        before = origin;
        any = true;
    }
    return end;
}

static bool load_state_set(Data *data, DataSet *set, Error *err) {
    bool has_other = set->shape->natural && !set->shape->singleton;
    Loading loading = { .data = data, .set = set };
    set->state = sorter_new(data->memory);
    loading.by_other = has_other ? sorter_new(data->memory) : NULL;
    bool done =
        (!set->files || state_rows_from(&data->state->source, set->files, load_state_row, &loading, err)) &&
        check_unique(data, set, set->state, err) &&
        (!loading.by_other || check_unique(data, set, loading.by_other, err));
    sorter_free(&loading.by_other);
    arena_free(&loading.scratch);
    return done;
}

bool data_load_state(Data *data, const State *state, bool keyed_only, Error *err) {
    data->state = state;
    data->as_written = keyed_only || (data->lenient && !data->as_environment);
    bool must_fit = data->as_environment ? data->must_fit : !data->as_written;
    for (size_t i = 0; i < data->count; i++) {
        DataSet *set = &data->sets[i];
        if (keyed_only && !set->shape->natural && !set->rules.any)
            continue;
        set->files = state_data_files(state, renames_old_collection(data->former, set->shape->collection));
        if (!load_state_set(data, set, err) || (must_fit && !row_rules_met(&set->rules, set->shape, err)))
            return false;
    }
    unique_texts(&data->file_ids);
    return true;
}

bool data_keep_secrets(Data *data, const State *old, Keeper *keeper, Error *err) {
    data->keeper = keeper;
    for (size_t i = 0; i < data->count; i++) {
        const RowShape *shape = data->sets[i].shape;
        if (data->sets[i].planned && !secrets_note_rows(keeper, data->config, shape, old, err))
            return false;
    }
    return true;
}

bool data_spool(Sorter **sorter, size_t memory, const Json *row, Error *err) {
    if (!*sorter)
        *sorter = sorter_new(memory);
    uint64_t number = sorter_count(*sorter);
    unsigned char key[8];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (unsigned char)(number >> (56 - 8 * i));
    AUTO(Buf) text = { 0 };
    canon_compact(&text, row);
    return sorter_add(*sorter, key, sizeof key, text.data, text.length, err);
}
