/* rm: state_read → one record found → what depends on it → state writer, all other files as they are. */
#include <string.h>

#include "model/canon.h"
#include "model/removed.h"
#include "repo/repo.h"
#include "sync/lookup.h"
#include "sync/mentions.h"
#include "sync/sync.h"

typedef struct {
    const Config *config;
    RemoveResult *result;
    Arena *arena;
    State state;
    TypeId type; /* of the record that is meant */
    const Record *record;
    bool *doomed[TYPE_COUNT]; /* parallel to the snapshot's records */
    Buf refusals;
    size_t refusal_count;
} Removal;

static RecordList *list_of(Removal *removal, TypeId type) {
    return &removal->state.snapshot.types[type];
}

static const char *shown(Removal *removal, TypeId type, const Record *record) {
    return lookup_shown(&removal->state.snapshot, type, record, removal->arena);
}

static void add_text(Arena *arena, const char ***items, size_t *count, size_t *capacity, const char *text) {
    ARENA_PUSH(arena, *items, *count, *capacity, text);
}

static void note_along(Removal *removal, const char *text) {
    RemoveResult *result = removal->result;
    add_text(removal->arena, &result->along, &result->along_count, &result->along_capacity, text);
}

static void note_mention(Removal *removal, const char *text) {
    RemoveResult *result = removal->result;
    add_text(removal->arena, &result->mentions, &result->mention_count, &result->mention_capacity, text);
}

/* ---- which one is meant ---- */

static bool find_meant(Removal *removal, const RecordName *name, Error *err) {
    const Record *found;
    if (!lookup_record(&removal->state, name, removal->arena, &found, err))
        return false;
    removal->type = name->type;
    removal->record = found;
    if (!catalog_row(name->type)->singleton && name->type != TYPE_SYSTEM_FIELDS &&
        !(found->id && found->id[0] == '$'))
        return true;
    error_set(err, ERR_REFUSED, "%s cannot be removed: every instance has it",
              shown(removal, name->type, found));
    return error_hint(err, "nothing was changed");
}

/* ---- what goes along ---- */

static bool is_doomed_id(Removal *removal, TypeId type, const char *id) {
    const Record *record = id && type < TYPE_COUNT ? snapshot_find(&removal->state.snapshot, type, id) : NULL;
    return record && removal->doomed[type][record - list_of(removal, type)->items];
}

static const char *text_of(const Record *record, const char *member) {
    return json_get_text(&record->json, member);
}

/* What stands in the record, and what the server takes along with a role. */
static bool goes_along(Removal *removal, TypeId type, const Record *record) {
    const CatalogRow *row = catalog_row(type);
    const Record *meant = removal->record;
    if (type == TYPE_FIELDS || type == TYPE_RELATIONS) {
        if (removal->type == TYPE_COLLECTIONS)
            return str_equal(text_of(record, "collection"), text_of(meant, "collection"));
        return type == TYPE_RELATIONS && removal->type == TYPE_FIELDS &&
               str_equal(text_of(record, "collection"), text_of(meant, "collection")) &&
               str_equal(text_of(record, "field"), text_of(meant, "field"));
    }
    if (catalog_is_schema(type))
        return false;
    if ((type == TYPE_ACCESS || type == TYPE_PRESETS) &&
        is_doomed_id(removal, TYPE_ROLES, text_of(record, "role")))
        return true;
    return row->parent != TYPE_NONE && is_doomed_id(removal, row->parent, text_of(record, row->parent_field));
}

static void doom(Removal *removal) {
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        removal->doomed[type] =
            arena_array(removal->arena, list_of(removal, type)->count + 1, sizeof *removal->doomed[type]);
    removal->doomed[removal->type][removal->record - list_of(removal, removal->type)->items] = true;
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        for (size_t i = 0; i < list_of(removal, type)->count; i++) {
            const Record *record = &list_of(removal, type)->items[i];
            if (removal->doomed[type][i] || !goes_along(removal, type, record))
                continue;
            removal->doomed[type][i] = true;
            note_along(removal, shown(removal, type, record));
        }
}

/* ---- what depends on it ---- */

static bool record_mentions(const Removal *removal, const Record *record) {
    const Record *meant = removal->record;
    if (removal->type == TYPE_COLLECTIONS)
        return mentions(&record->json, text_of(meant, "collection"));
    if (removal->type == TYPE_FIELDS)
        return mentions(&record->json, text_of(meant, "field")) &&
               mentions(&record->json, text_of(meant, "collection"));
    return meant->id && mentions(&record->json, meant->id);
}

/* A reference that would lead nowhere makes the files wrong as a whole. */
static bool would_dangle(Removal *removal, TypeId type, const Record *record) {
    if (type == TYPE_RELATIONS && removal->type == TYPE_COLLECTIONS &&
        str_equal(text_of(record, "related_collection"), text_of(removal->record, "collection")))
        return true;
    for (const Reference *reference = catalog_row(type)->references; reference->field; reference++)
        if (is_doomed_id(removal, reference->target, text_of(record, reference->field)))
            return true;
    return false;
}

static void note_rows(const RowMentions *found, void *context) {
    Removal *removal = context;
    note_mention(removal,
                 arena_printf(removal->arena, "%zu row%s of %s (%s/%s: line %zu%s)", found->rows,
                              found->rows == 1 ? "" : "s", found->collection, removal->config->state_dir,
                              found->path, found->line, found->rows == 1 ? "" : " …"));
}

static bool look_for_dependents(Removal *removal, Error *err) {
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        for (size_t i = 0; i < list_of(removal, type)->count; i++) {
            const Record *record = &list_of(removal, type)->items[i];
            if (removal->doomed[type][i])
                continue;
            if (would_dangle(removal, type, record)) {
                if (removal->refusal_count++ < 8)
                    buf_printf(&removal->refusals, "%s%s", removal->refusal_count > 1 ? ", " : "",
                               shown(removal, type, record));
            } else if (record_mentions(removal, record)) {
                note_mention(removal, shown(removal, type, record));
            }
        }
    if (!removal->refusal_count)
        return mentions_in_rows(&removal->state, removal->type, removal->record, note_rows, removal, err);
    error_set(err, ERR_REFUSED, "%s cannot be removed: %zu record%s refer%s to it: %s", removal->result->what,
              removal->refusal_count, removal->refusal_count == 1 ? "" : "s",
              removal->refusal_count == 1 ? "s" : "", buf_text(&removal->refusals));
    return error_hint(err, "nothing was changed; remove those first, or let them refer to something else");
}

/* ---- writing ---- */

/* What is left of a file, without what goes; nothing left of a file that one record has for itself. */
static bool rewrite_file(Removal *removal, StateWriter *writer, const char *path, Error *err) {
    AUTO(Snapshot) part = { 0 };
    AUTO(Buf) text = { 0 };
    lookup_file(&removal->state.snapshot, path, removal->doomed, &part);
    return lookup_file_text(&part, path, &text, err) &&
           state_writer_file(writer, path, text.length ? buf_text(&text) : NULL, text.length, err);
}

static bool was_met(const char *const *paths, size_t count, const char *path) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(paths[i], path) == 0)
            return true;
    return false;
}

static bool rewrite_files(Removal *removal, StateWriter *writer, Error *err) {
    const char **paths = NULL;
    size_t count = 0, capacity = 0;
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        for (size_t i = 0; i < list_of(removal, type)->count; i++) {
            const char *origin = list_of(removal, type)->items[i].origin;
            if (!removal->doomed[type][i] || !origin)
                continue;
            const char *path = arena_strndup(removal->arena, origin, strcspn(origin, "#"));
            if (!was_met(paths, count, path))
                ARENA_PUSH(removal->arena, paths, count, capacity, path);
        }
    for (size_t i = 0; i < count; i++)
        if (!rewrite_file(removal, writer, paths[i], err))
            return false;
    return true;
}

/* The rows of a collection go with it. */
static bool drop_rows(Removal *removal, StateWriter *writer, Error *err) {
    if (removal->type != TYPE_COLLECTIONS)
        return true;
    const DataFiles *files = state_data_files(&removal->state, text_of(removal->record, "collection"));
    for (size_t i = 0; files && files->paths[i]; i++)
        if (!state_writer_file(writer, files->paths[i], NULL, 0, err))
            return false;
    return true;
}

/* A field's values stand in the rows. */
typedef struct {
    const char *field;
    Buf text;
    size_t found;
    Arena scratch;
} Values;

static bool leave_out_value(const Json *row, const char *path, size_t line, void *context, Error *err) {
    Values *values = context;
    const char *const names[] = { values->field, NULL };
    (void)path;
    (void)line;
    (void)err;
    arena_reset(&values->scratch);
    values->found += json_get(row, values->field) != NULL;
    Json left = json_without(&values->scratch, row, names);
    buf_puts(&values->text, values->text.length ? ",\n  " : "[\n  ");
    canon_compact(&values->text, &left);
    return true;
}

static bool drop_values(Removal *removal, StateWriter *writer, Error *err) {
    if (removal->type != TYPE_FIELDS)
        return true;
    const Config *config = removal->config;
    const DataFiles *files = state_data_files(&removal->state, text_of(removal->record, "collection"));
    Values values = { .field = text_of(removal->record, "field") };
    bool done = true;
    for (size_t i = 0; done && files && files->paths[i]; i++) {
        const char *paths[] = { files->paths[i], NULL };
        const DataFiles one = { .collection = files->collection, .paths = paths };
        buf_clear(&values.text);
        values.found = 0;
        done = state_rows(config->root, config->state_dir, &one, leave_out_value, &values, err);
        buf_puts(&values.text, "\n]\n");
        if (done && values.found)
            done = state_writer_file(writer, paths[0], values.text.data, values.text.length, err);
    }
    buf_free(&values.text);
    arena_free(&values.scratch);
    return done;
}

static bool has_twin(Removal *removal) {
    AUTO(Arena) arena = { 0 };
    Json key = removed_key(&arena, removal->type, &removal->record->json);
    size_t same = 0;
    for (size_t i = 0; i < list_of(removal, removal->type)->count; i++) {
        Json other = removed_key(&arena, removal->type, &list_of(removal, removal->type)->items[i].json);
        same += json_equal(&key, &other);
    }
    return catalog_row(removal->type)->identity == IDENTITY_BAG && same > 1;
}

/* `rows`: the one file of rows that changes, NULL when records do. */
typedef struct {
    const char *path;
    const Buf *text;
} RowsFile;

static bool write_with_line(Removal *removal, StateWriter *writer, const RowsFile *rows, Error *err) {
    JsonArrayBuilder lines = json_array_builder(removal->arena);
    for (uint32_t i = 0; i < removal->state.removed.count; i++)
        json_array_add(&lines, removal->state.removed.as.items[i]);
    json_array_add(&lines, removal->result->line);
    Json removed = json_array_done(&lines);
    state_writer_keep_all(writer);
    bool done = rows ? state_writer_file(writer, rows->path, buf_text(rows->text), rows->text->length, err)
                     : rewrite_files(removal, writer, err) && drop_rows(removal, writer, err) &&
                           drop_values(removal, writer, err);
    return done && state_writer_removed(writer, &removed, err);
}

static bool write_state(Removal *removal, const RowsFile *rows, bool dry_run, Error *err) {
    const Config *config = removal->config;
    StateWriteOptions options = { .check = dry_run };
    StateWriter *writer = NULL;
    StateWriteResult written = { 0 };
    bool done = state_writer_begin(config->root, config->state_dir, &options, &writer, err) &&
                write_with_line(removal, writer, rows, err) && state_writer_finish(writer, &written, err);
    state_writer_abandon(&writer);
    if (done) {
        removal->result->written = written.written;
        removal->result->removed = written.removed;
        memcpy(removal->result->hash, dry_run ? "" : written.hash,
               dry_run ? 1 : sizeof removal->result->hash);
    }
    state_write_result_free(&written);
    return done;
}

/* ---- rows ---- */

typedef struct {
    const RowShape *shape;
    const char *wanted; /* by primary key, or by the key as people write it */
    Arena *arena;       /* keeps the row that is found */
    Json row;
    const char *path;
    size_t found;
    Buf text; /* the file's other rows */
    Arena scratch;
} RowSearch;

static bool take_row(const Json *row, const char *path, size_t line, void *context, Error *err) {
    RowSearch *search = context;
    (void)line;
    (void)err;
    arena_reset(&search->scratch);
    if (row_is_called(search->shape, row, search->wanted, &search->scratch)) {
        search->found++;
        search->row = json_copy(search->arena, row);
        search->path = arena_strdup(search->arena, path);
        return true;
    }
    buf_puts(&search->text, search->text.length ? ",\n  " : "[\n  ");
    canon_compact(&search->text, row);
    return true;
}

/* File by file: only the one that has the row is written anew. */
static bool search_rows(Removal *removal, const DataFiles *files, RowSearch *search, Error *err) {
    AUTO(Buf) kept = { 0 };
    for (size_t i = 0; files && files->paths[i]; i++) {
        const char *paths[] = { files->paths[i], NULL };
        const DataFiles one = { .collection = files->collection, .paths = paths };
        size_t before = search->found;
        buf_clear(&search->text);
        if (!state_rows(removal->config->root, removal->config->state_dir, &one, take_row, search, err))
            return false;
        if (search->found > before) {
            buf_clear(&kept);
            buf_puts(&kept, search->text.length ? buf_text(&search->text) : "[");
            buf_puts(&kept, search->text.length ? "\n]\n" : "]\n");
        }
    }
    buf_clear(&search->text);
    buf_append(&search->text, buf_text(&kept), kept.length);
    return true;
}

/* Rows of the files must not refer to it: an import would refuse the deletion. */
typedef struct {
    const RowShape *from;
    const char *collection, *id, *folder;
    Buf places;
    size_t count;
} Referrers;

static bool look_at_row(const Json *row, const char *path, size_t line, void *context, Error *err) {
    Referrers *referrers = context;
    (void)err;
    for (size_t i = 0; i < referrers->from->field_count; i++) {
        const RowField *field = &referrers->from->fields[i];
        const char *target = field->kind == FIELD_REFERENCE  ? field->target
                             : field->kind == FIELD_ANY_ITEM ? json_get_text(row, field->one_of_field)
                                                             : NULL;
        AUTO(Arena) arena = { 0 };
        const char *const name[] = { field->name, NULL };
        if (!str_equal(target, referrers->collection) || json_is_null(json_get(row, field->name)) ||
            strcmp(row_label(&arena, name, row), referrers->id) != 0)
            continue;
        if (referrers->count++ < 5)
            buf_printf(&referrers->places, "%s%s/%s: line %zu: (/%s)", referrers->count > 1 ? ", " : "",
                       referrers->folder, path, line, field->name);
    }
    return true;
}

static bool check_referrers(Removal *removal, const RowShape *shapes, size_t count, const RowSearch *search,
                            Error *err) {
    const char *const primary[] = { search->shape->primary_key, NULL };
    Referrers referrers = { .collection = search->shape->collection,
                            .folder = removal->config->state_dir,
                            .id = row_label(removal->arena, primary, &search->row) };
    bool done = true;
    for (size_t i = 0; done && i < count; i++) {
        const DataFiles *files = state_data_files(&removal->state, shapes[i].collection);
        referrers.from = &shapes[i];
        done = !files || state_rows(removal->config->root, removal->config->state_dir, files, look_at_row,
                                    &referrers, err);
    }
    if (done && referrers.count) {
        error_set(err, ERR_REFUSED, "%s cannot be removed: %zu row%s refer%s to it: %s",
                  removal->result->what, referrers.count, referrers.count == 1 ? "" : "s",
                  referrers.count == 1 ? "s" : "", buf_text(&referrers.places));
        done = error_hint(err, "nothing was changed; remove those first, or let them refer to another row");
    }
    buf_free(&referrers.places);
    return done;
}

static Json row_line(Arena *arena, const RowShape *shape, const Json *row) {
    JsonArrayBuilder line = json_array_builder(arena), key = json_array_builder(arena);
    for (size_t i = 0; shape->key[i]; i++)
        json_array_add(&key, *json_get(row, shape->key[i]));
    json_array_add(&line, json_string(arena, arena_printf(arena, "data/%s", shape->collection)));
    json_array_add(&line, shape->natural && shape->auto_increment ? json_null()
                                                                  : *json_get(row, shape->primary_key));
    json_array_add(&line, json_array_done(&key));
    return json_array_done(&line);
}

static bool remove_found_row(Removal *removal, RowSearch *search, const RowShape *shapes, size_t count,
                             bool dry_run, Error *err) {
    RemoveResult *result = removal->result;
    if (search->found != 1) {
        error_set(err, ERR_USAGE, "%s rows of %s are called \"%s\"", search->found ? "several" : "no",
                  search->shape->collection, search->wanted);
        return error_hint(err, "give the row's primary key, or its key as in \"en, about\"");
    }
    result->what =
        arena_printf(removal->arena, "row \"%s\" of %s", search->wanted, search->shape->collection);
    result->line = row_line(removal->arena, search->shape, &search->row);
    const RowsFile file = { search->path, &search->text };
    return check_referrers(removal, shapes, count, search, err) && write_state(removal, &file, dry_run, err);
}

static bool remove_row(Removal *removal, const RecordName *name, bool dry_run, Error *err) {
    RowLookup rows;
    if (!lookup_rows(&removal->state, removal->config, name, removal->arena, &rows, err))
        return false;
    if (!name->row || rows.shape->singleton) {
        error_set(err, ERR_USAGE, "%s: no rows of \"%s\" can be removed so", name->text, name->collection);
        return error_hint(err, "data/<collection>/<key> names one; what there is one of has to stay");
    }
    RowSearch search = { .arena = removal->arena, .wanted = name->row, .shape = rows.shape };
    bool done = search_rows(removal, state_data_files(&removal->state, name->collection), &search, err) &&
                remove_found_row(removal, &search, rows.shapes, rows.count, dry_run, err);
    buf_free(&search.text);
    arena_free(&search.scratch);
    return done;
}

/* ---- the whole ---- */

static bool remove_record(Removal *removal, const RecordName *name, bool dry_run, Error *err) {
    RemoveResult *result = removal->result;
    if (!find_meant(removal, name, err))
        return false;
    const Json *json = &removal->record->json;
    result->what = shown(removal, removal->type, removal->record);
    Json line = has_twin(removal) ? removed_line_whole(removal->arena, removal->type, json)
                                  : removed_line(removal->arena, removal->type, json);
    result->line = json_copy(removal->arena, &line);
    doom(removal);
    if (removal->type == TYPE_COLLECTIONS &&
        scope_data(&removal->config->scope, text_of(removal->record, "collection")))
        note_mention(removal, "the configuration, which chooses its rows");
    return look_for_dependents(removal, err) && write_state(removal, NULL, dry_run, err);
}

bool sync_remove(const Config *config, const char *what, bool dry_run, RemoveResult *result, Error *err) {
    Removal removal = { .config = config, .result = result, .arena = &result->arena };
    RecordName name;
    bool done = record_name_parse(removal.arena, &config->scope, what, &name, err) &&
                state_read(config->root, config->state_dir, &removal.state, err);
    if (done && !removal.state.exists)
        done = error_set(err, ERR_FILES, "there is no state in %s/%s", config->root, config->state_dir) ||
               error_hint(err, "`schema-sync export` writes one");
    done = done && (name.type == TYPE_NONE ? remove_row(&removal, &name, dry_run, err)
                                           : remove_record(&removal, &name, dry_run, err));
    buf_free(&removal.refusals);
    state_free(&removal.state);
    return done;
}

void remove_result_free(RemoveResult *result) {
    arena_free(&result->arena);
}
