#include "repo/state_data.h"

#include <stdlib.h>
#include <string.h>

#include "model/slug.h"
#include "repo/repo.h"
#include "repo/row_scan.h"

/* ---- which collection a data file belongs to ---- */

typedef struct {
    const char *slug, *collection;
} DataName;

static int name_compare(const void *a, const void *b) {
    return strcmp(((const DataName *)a)->slug, ((const DataName *)b)->slug);
}

/* The file's stem, which is the collection's slug: data/<slug>.json or data/<slug>/<group>.json. */
static const char *data_slug(Arena *arena, const char *path) {
    const char *stem = path + strlen("data/");
    size_t length = strcspn(stem, "/");
    if (!stem[length])
        length -= strlen(".json");
    return arena_strndup(arena, stem, length);
}

static DataName *data_names(State *state, size_t *count) {
    const RecordList *list = &state->snapshot.types[TYPE_COLLECTIONS];
    DataName *names = arena_array(&state->arena, list->count + 1, sizeof *names);
    *count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        const char *collection = json_get_text(&list->items[i].json, "collection");
        names[i] = (DataName){ slug_make(&state->arena, collection, collection), collection };
    }
    qsort(names, *count, sizeof *names, name_compare);
    return names;
}

static const char *data_collection(const Reading *reading, const StateFile *file, const DataName *names,
                                   size_t count, Error *err) {
    State *state = reading->result;
    DataName key = { .slug = data_slug(&state->arena, file->path) };
    const DataName *found = bsearch(&key, names, count, sizeof *names, name_compare);
    if (found)
        return found->collection;
    if (!state->snapshot.present[TYPE_COLLECTIONS])
        return key.slug; /* a state of rows alone: the names are all there is */
    error_set(err, ERR_FILES, "%s/%s: the files have no collection \"%s\"", reading->shown, file->path,
              key.slug);
    error_hint(err, "remove the file, or bring back %s/collections/%s.json", reading->shown, key.slug);
    return NULL;
}

typedef struct {
    const char *collection, *path, *digest;
} DataPath;

static int data_path_compare(const void *left, const void *right) {
    const DataPath *a = left, *b = right;
    int order = strcmp(a->collection, b->collection);
    return order ? order : strcmp(a->path, b->path);
}

/* Gathers runs of one collection out of the sorted paths. */
static void group_data(State *state, const DataPath *paths, size_t count) {
    DataFiles *data = arena_array(&state->arena, count, sizeof *data);
    for (size_t i = 0; i < count;) {
        size_t length = 1;
        while (i + length < count && strcmp(paths[i + length].collection, paths[i].collection) == 0)
            length++;
        const char **names = arena_array(&state->arena, length + 1, sizeof *names);
        const char **digests = arena_array(&state->arena, length + 1, sizeof *digests);
        for (size_t j = 0; j < length; j++) {
            names[j] = paths[i + j].path;
            digests[j] = paths[i + j].digest;
        }
        data[state->data_count++] =
            (DataFiles){ .collection = paths[i].collection, .paths = names, .digests = digests };
        i += length;
    }
    state->data = data;
}

bool state_data_find(const Reading *reading, Error *err) {
    State *state = reading->result;
    size_t name_count, count = 0;
    const DataName *names = data_names(state, &name_count);
    DataPath *paths = arena_array(&state->arena, reading->files.count, sizeof *paths);
    for (size_t i = 0; i < reading->files.count; i++) {
        const StateFile *file = &reading->files.items[i];
        if (file->info.kind != PATH_DATA)
            continue;
        const char *collection = data_collection(reading, file, names, name_count, err);
        if (!collection)
            return false;
        paths[count++] = (DataPath){ collection, arena_strdup(&state->arena, file->path),
                                     manifest_find(&state->manifest, file->path)->hex };
    }
    qsort(paths, count, sizeof *paths, data_path_compare);
    group_data(state, paths, count);
    return true;
}

/* ---- rows ---- */

typedef struct {
    const char *path, *shown;
    StateRow sink;
    void *context;
    Arena arena;
} RowStream;

static bool pass_row(const RowText *text, void *context, Error *err) {
    RowStream *stream = context;
    Json row;
    arena_reset(&stream->arena);
    if (!json_parse(&stream->arena, text->text, text->length, JSON_STATE, &row, err)) {
        row_fault(text, err);
        return error_context(err, "%s", stream->shown);
    }
    return stream->sink(&row, stream->path, text->line, stream->context, err);
}

static bool stream_file(const Reading *reading, const char *path, const char *digest, RowStream *stream,
                        Error *err) {
    AUTO(Buf) shown = { 0 };
    char hex[DIGEST_HEX];
    Input input;
    buf_printf(&shown, "%s/%s", reading->shown, path);
    stream->path = path;
    stream->shown = buf_text(&shown);
    if (!reading_input(reading, path, &input, err))
        return false;
    bool done = row_scan(&input, stream->shown, hex, pass_row, stream, err);
    input_close(&input);
    if (!done || !digest || strcmp(digest, hex) == 0)
        return done;
    error_set(err, ERR_FILES, "%s changed after it was checked", stream->shown);
    return error_hint(err, "run the command again, when nobody edits the files");
}

bool state_rows_from(const StateSource *source, const DataFiles *files, StateRow sink, void *context,
                     Error *err) {
    AUTO(Reading) reading = { .source = *source, .shown = state_source_shown(source), .folder.fd = -1 };
    bool exists = true;
    if (!source->commit &&
        !state_folder_open(source->root, source->state_dir, false, &reading.folder, &exists, err))
        return false;
    if (!exists)
        return error_set(err, ERR_FILES, "the folder %s does not exist any more", reading.shown);
    RowStream stream = { .sink = sink, .context = context };
    bool done = true;
    for (size_t i = 0; done && files->paths[i]; i++)
        done =
            stream_file(&reading, files->paths[i], files->digests ? files->digests[i] : NULL, &stream, err);
    arena_free(&stream.arena);
    return done;
}

bool state_rows(const char *root, const char *state_dir, const DataFiles *files, StateRow sink, void *context,
                Error *err) {
    StateSource source = { .root = root, .state_dir = state_dir };
    return state_rows_from(&source, files, sink, context, err);
}
