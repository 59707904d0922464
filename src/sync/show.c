#include "sync/show.h"

#include <string.h>

#include "sync/common.h"
#include "sync/lookup.h"

/* ---- what is meant ---- */

/* A name may hold a colon, a revision cannot: what begins like a record's name is one. */
static bool begins_like_a_name(Arena *arena, const char *text, size_t length) {
    RecordName name;
    Error ignored = { 0 };
    return memchr(text, '/', length) &&
           record_name_parse(arena, NULL, arena_strndup(arena, text, length), &name, &ignored);
}

const char *show_revision(Arena *arena, const char *object, const char **name) {
    size_t length = strcspn(object, ":");
    *name = object;
    if (!object[length] || begins_like_a_name(arena, object, length))
        return NULL;
    *name = object + length + 1;
    return length ? arena_strndup(arena, object, length) : NULL;
}

/* ---- records ---- */

static bool show_record(const RecordName *name, ShowResult *result, Error *err) {
    const Snapshot *snapshot = &result->state.snapshot;
    const Record *record;
    if (!lookup_record(&result->state, name, &result->arena, &record, err))
        return false;
    const CatalogRow *row = catalog_row(name->type);
    const char *origin = record->origin;
    result->kind = row->singular;
    result->id = record->id;
    result->label = snapshot_label(snapshot, name->type, record, &result->arena);
    result->file = arena_strndup(&result->arena, origin, strcspn(origin, "#"));
    result->record = record->json;
    if (!row->file || !str_ends(row->file, "/"))
        return true;
    AUTO(Snapshot) part = { 0 };
    AUTO(Buf) text = { 0 };
    lookup_file(snapshot, result->file, NULL, &part);
    return lookup_file_text(&part, result->file, &text, err) &&
           json_parse(&result->arena, buf_text(&text), text.length, JSON_STATE, &result->record, err);
}

/* ---- rows ---- */

typedef struct {
    const RowShape *shape;
    const char *wanted; /* NULL: of a singleton */
    ShowResult *result;
    size_t found;
    Arena scratch;
} Search;

static bool look_at_row(const Json *row, const char *path, size_t line, void *context, Error *err) {
    Search *search = context;
    (void)line;
    (void)err;
    arena_reset(&search->scratch);
    if (search->wanted && !row_is_called(search->shape, row, search->wanted, &search->scratch))
        return true;
    search->found++;
    search->result->record = json_copy(&search->result->arena, row);
    search->result->file = arena_strdup(&search->result->arena, path);
    return true;
}

static bool show_row(const Config *config, const RecordName *name, ShowResult *result, Error *err) {
    RowLookup rows;
    Config any = *config; /* nothing of it is freed */
    DataRule plain = scope_plain_rule(name->collection);
    const DataFiles *files = state_data_files(&result->state, name->collection);
    if (files && !scope_data(&config->scope, name->collection)) { /* an older state may carry others */
        any.scope.data = &plain;
        any.scope.data_count = 1;
    }
    if (!lookup_rows(&result->state, &any, name, &result->arena, &rows, err))
        return false;
    Search search = { .shape = rows.shape, .wanted = name->row, .result = result };
    if (!name->row && !rows.shape->singleton) {
        error_set(err, ERR_USAGE, "%s names no single row", name->text);
        return error_hint(err, "give its key: data/<collection>/<key>");
    }
    bool done = !files || state_rows_from(&result->state.source, files, look_at_row, &search, err);
    arena_free(&search.scratch);
    if (!done)
        return false;
    if (search.found != 1) {
        error_set(err, ERR_USAGE, "%s rows of %s in %s/ are called \"%s\"", search.found ? "several" : "no",
                  name->collection, result->from, name->row ? name->row : "");
        return error_hint(err, "give the row's primary key, or its key as in \"en, about\"");
    }
    result->kind = arena_printf(&result->arena, "data/%s", name->collection);
    result->label = row_label(&result->arena, rows.shape->key, &result->record);
    return true;
}

/* ---- the whole ---- */

bool sync_show(const Config *config, const char *object, ShowResult *result, Error *err) {
    Config at = *config; /* nothing of it is freed */
    StateSource source;
    RecordName name;
    const char *text = object, *revision = NULL;
    *result = (ShowResult){ 0 };
    if (!config->ref)
        revision = show_revision(&result->arena, object, &text);
    at.ref = revision ? revision : config->ref;
    if (!record_name_parse(&result->arena, &config->scope, text, &name, err) ||
        !source_open(&at, &result->commit, &source, err) || !state_read_from(&source, &result->state, err))
        return false;
    if (!result->state.exists)
        return source_empty(&source, err);
    result->from = arena_strdup(&result->arena, state_source_shown(&source));
    return name.type == TYPE_NONE ? show_row(config, &name, result, err) : show_record(&name, result, err);
}

void show_result_free(ShowResult *result) {
    state_free(&result->state);
    state_commit_close(&result->commit);
    arena_free(&result->arena);
}
