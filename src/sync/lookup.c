#include "sync/lookup.h"

#include <string.h>

#include "model/layout.h"

/* ---- names ---- */

static TypeId type_called(const char *name) {
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        if (str_equal(catalog_row(type)->name, name) || str_equal(catalog_row(type)->singular, name) ||
            str_equal(catalog_row(type)->collection, name))
            return type;
    return TYPE_NONE;
}

static const char *or_null(const char *text) {
    return text && *text ? text : NULL;
}

static void parse_rows(Arena *arena, const char *collection, RecordName *name) {
    size_t length = strcspn(collection, "/");
    name->collection = arena_strndup(arena, collection, length);
    name->row = or_null(collection[length] ? collection + length + 1 : NULL);
}

bool record_name_parse(Arena *arena, const Scope *scope, const char *text, RecordName *name, Error *err) {
    const char *own = arena_strdup(arena, text), *slash = strchr(own, '/');
    *name = (RecordName){ .text = own, .type = TYPE_NONE };
    if (str_starts(own, "data/")) {
        parse_rows(arena, own + strlen("data/"), name);
        return true;
    }
    if (!slash) {
        TypeId type = type_called(own);
        bool only = type != TYPE_NONE && catalog_row(type)->singleton;
        name->type = only ? type : strchr(own, '.') ? TYPE_FIELDS : TYPE_COLLECTIONS;
        name->name = own;
        return true;
    }
    const char *kind = arena_strndup(arena, own, (size_t)(slash - own));
    name->type = type_called(kind);
    name->name = or_null(slash + 1);
    if (name->type == TYPE_NONE && scope && scope_data(scope, kind))
        parse_rows(arena, own, name);
    if (name->type != TYPE_NONE || name->collection)
        return true;
    error_set(err, ERR_USAGE, "\"%s\" is no kind of record", kind);
    return error_hint(err, "for example flow/Notify, role/Editor, permission/…, posts.title, data/posts/5");
}

/* ---- records ---- */

const char *lookup_shown(const Snapshot *snapshot, TypeId type, const Record *record, Arena *arena) {
    return arena_printf(arena, "%s \"%s\"", catalog_row(type)->singular,
                        snapshot_label(snapshot, type, record, arena));
}

bool record_is_called(const Snapshot *snapshot, TypeId type, const Record *record, const char *name,
                      Arena *scratch) {
    const CatalogRow *row = catalog_row(type);
    return (row->singleton && strcmp(row->name, name) == 0) || str_equal(record->id, name) ||
           strcmp(snapshot_label(snapshot, type, record, scratch), name) == 0 ||
           (row->label && str_equal(json_get_text(&record->json, row->label), name)) ||
           (row->key[0] && !row->key[1] && str_equal(json_get_text(&record->json, row->key[0]), name));
}

static bool several(const State *state, const RecordName *name, const Record *first, const Record *second,
                    Arena *arena, Error *err) {
    const Snapshot *snapshot = &state->snapshot;
    error_set(err, ERR_USAGE, "%s means more than one %s: %s, %s", name->text,
              catalog_row(name->type)->singular,
              first->id ? first->id : lookup_shown(snapshot, name->type, first, arena),
              second->id ? second->id : lookup_shown(snapshot, name->type, second, arena));
    return error_hint(err, "name it by its id");
}

bool lookup_record(const State *state, const RecordName *name, Arena *arena, const Record **record,
                   Error *err) {
    const RecordList *list = &state->snapshot.types[name->type];
    size_t found = list->count;
    for (size_t i = 0; name->name && i < list->count; i++) {
        if (!record_is_called(&state->snapshot, name->type, &list->items[i], name->name, arena))
            continue;
        if (found < list->count)
            return several(state, name, &list->items[found], &list->items[i], arena, err);
        found = i;
    }
    if (found < list->count) {
        *record = &list->items[found];
        return true;
    }
    error_set(err, ERR_USAGE, "there is no %s in %s/ that is called \"%s\"",
              catalog_row(name->type)->singular, state_source_shown(&state->source),
              name->name ? name->name : "");
    return error_hint(err,
                      "give its id or its name, as for example in flow/Notify, posts.title, data/posts/5");
}

/* ---- files ---- */

static bool is_in_file(const Record *record, const char *path, size_t length) {
    return record->origin && strcspn(record->origin, "#") == length &&
           strncmp(record->origin, path, length) == 0;
}

void lookup_file(const Snapshot *snapshot, const char *path, bool *const left_out[TYPE_COUNT],
                 Snapshot *part) {
    part->present[layout_path(path).type] = true;
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        for (size_t i = 0; i < snapshot->types[type].count; i++)
            if (!(left_out && left_out[type][i]) &&
                is_in_file(&snapshot->types[type].items[i], path, strlen(path)))
                snapshot_add(part, type, snapshot->types[type].items[i].json);
    snapshot_sort(part);
}

typedef struct {
    Buf *text;
    size_t files;
} Captured;

static bool capture(const char *path, const char *text, size_t length, void *context, Error *err) {
    Captured *captured = context;
    (void)path;
    (void)err;
    captured->files++;
    buf_append(captured->text, text, length);
    return true;
}

bool lookup_file_text(const Snapshot *part, const char *path, Buf *text, Error *err) {
    Captured captured = { text, 0 };
    return layout_write(part, layout_path(path).section, capture, &captured, err) &&
           (captured.files <= 1 || error_set(err, ERR_INTERNAL, "%s would become several files", path));
}

/* ---- rows ---- */

bool lookup_rows(const State *state, const Config *config, const RecordName *name, Arena *arena,
                 RowLookup *out, Error *err) {
    *out = (RowLookup){ 0 };
    if (!row_shapes(&state->snapshot, &config->scope, arena, &out->shapes, &out->count, err))
        return false;
    for (size_t i = 0; i < out->count; i++)
        if (strcmp(out->shapes[i].collection, name->collection) == 0)
            out->shape = &out->shapes[i];
    if (out->shape)
        return true;
    error_set(err, ERR_USAGE, "%s: the rows of \"%s\" are not carried", name->text, name->collection);
    return error_hint(err, "data/<collection>/<key>, of a collection whose rows the configuration chooses");
}

bool row_is_called(const RowShape *shape, const Json *row, const char *name, Arena *scratch) {
    const char *const primary[] = { shape->primary_key, NULL };
    return strcmp(row_label(scratch, primary, row), name) == 0 ||
           strcmp(row_label(scratch, shape->key, row), name) == 0;
}
