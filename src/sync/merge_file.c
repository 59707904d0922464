#include "sync/merge_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "model/merge_text.h"
#include "model/slug.h"
#include "repo/merge_lines.h"
#include "repo/repo.h"
#include "sync/merge_rows.h"

typedef struct {
    const MergeFileOptions *options;
    MergeFileResult *result;
    Arena arena;
    const char *folder; /* of the state, "" for the working directory */
    const char *path;   /* beneath it; NULL: the file is none of a state's */
} Merging;

/* ---- which file of which state ---- */

static bool is_merged(PathKind kind) {
    return kind == PATH_RECORDS || kind == PATH_DATA || kind == PATH_INFO || kind == PATH_REMOVED;
}

static const char *beneath(Arena *arena, const char *folder, const char *path) {
    return *folder ? arena_printf(arena, "%s/%s", folder, path) : path;
}

/* A state's folder is told by its info.json. Where none is at hand (a merge without a work tree) a path that
 * can be read in one way only says it too. */
static void find_state(Merging *merging) {
    const char *path = merging->options->path;
    size_t readings = 0;
    for (const char *at = path; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL) {
        if (!is_merged(layout_path(at).kind))
            continue;
        size_t length = at > path ? (size_t)(at - path) - 1 : 0;
        const char *folder = arena_strndup(&merging->arena, path, length);
        bool found = access(beneath(&merging->arena, folder, "info.json"), F_OK) == 0;
        if (found || !readings++) {
            merging->folder = folder;
            merging->path = at;
        }
        if (found)
            return;
    }
    if (readings > 1)
        merging->path = NULL;
}

/* ---- rows ---- */

/* The collection's records as the work tree has them. */
static bool read_collection(Merging *merging, Snapshot *snapshot, const char **name, Error *err) {
    const char *stem = merging->path + strlen("data/");
    size_t length = strcspn(stem, "/");
    if (!stem[length])
        length -= strlen(".json");
    const char *slug = arena_strndup(&merging->arena, stem, length);
    const char *path = arena_printf(&merging->arena, "collections/%s.json", slug);
    AUTO(Buf) text = { 0 };
    bool found;
    Json json;
    if (!file_read(beneath(&merging->arena, merging->folder, path), 0, &text, &found, err))
        return false;
    if (!found)
        return error_set(err, ERR_FILES, "there is no %s to tell what its rows are known by", path);
    if (!json_parse(&snapshot->arena, buf_text(&text), text.length, JSON_STATE, &json, err))
        return error_context(err, "%s", path);
    if (!layout_read(snapshot, path, &json, err))
        return false;
    snapshot_sort(snapshot);
    *name = json_get_text(&json, "collection");
    return strcmp(slug_make(&merging->arena, *name, *name), slug) == 0 ||
           error_set(err, ERR_FILES, "%s is another collection's", path);
}

static bool is_own_config(Merging *merging, const Config *config) {
    char *own = realpath(*merging->folder ? merging->folder : ".", NULL);
    char *meant = realpath(beneath(&merging->arena, config->root, config->state_dir), NULL);
    bool same = own && meant && strcmp(own, meant) == 0;
    free(own);
    free(meant);
    return same;
}

/* The rule that the work tree's configuration has for the collection, else: by primary key. */
static bool find_rule(Merging *merging, Config *config, const char *collection, DataRule *rule, Error *err) {
    static const char *const none[] = { NULL };
    const char *slash = strrchr(merging->folder, '/');
    size_t length = slash ? (size_t)(slash - merging->folder) : 0;
    const char *parent = arena_strndup(&merging->arena, merging->folder, length);
    ConfigRequest request = { .directory = *parent ? parent : ".", .environ = environ };
    if (!config_load(&request, config, err))
        return false;
    const DataRule *found = is_own_config(merging, config) ? scope_data(&config->scope, collection) : NULL;
    *rule = (DataRule){ .collection = collection, .key = none, .exclude = none, .group_by = none };
    if (found) {
        rule->key = found->key;
        rule->place = found->place;
    }
    return true;
}

static bool begin_result(const Merging *merging, Folder *folder, FileWriter *writer, Error *err) {
    const char *path = merging->options->ours, *slash = strrchr(path, '/');
    char *parent = slash ? mem_strdup(path) : mem_strdup(".");
    if (slash)
        parent[slash > path ? slash - path : 1] = '\0';
    bool done = folder_open(folder, parent, false, err) &&
                file_writer_begin(writer, folder, slash ? slash + 1 : path, err);
    free(parent);
    return done;
}

static bool merge_data(Merging *merging, Error *err) {
    AUTO(Snapshot) snapshot = { 0 };
    AUTO(Config) config = { 0 };
    AUTO(Folder) folder = { .fd = -1 };
    AUTO(FileWriter) writer = { 0 };
    const MergeFileOptions *options = merging->options;
    DataRule rule;
    Scope scope = { .data = &rule, .data_count = 1 };
    RowShape *shapes;
    size_t count;
    const char *collection = NULL;
    if (!read_collection(merging, &snapshot, &collection, err) ||
        !find_rule(merging, &config, collection, &rule, err) ||
        !row_shapes(&snapshot, &scope, &merging->arena, &shapes, &count, err))
        return false;
    RowFiles files = { shapes, options->base, options->ours, options->theirs, &options->marks };
    return begin_result(merging, &folder, &writer, err) &&
           merge_rows(&files, &writer, &merging->result->conflicts, &merging->result->places, err) &&
           file_writer_commit(&writer, err);
}

/* ---- whole files ---- */

typedef struct {
    Buf base, ours, theirs;
} Sides;

static void sides_free(Sides *sides) {
    buf_free(&sides->base);
    buf_free(&sides->ours);
    buf_free(&sides->theirs);
}
AUTO_DEFINE(Sides, sides_free);

static bool read_sides(const MergeFileOptions *options, Sides *sides, Error *err) {
    return file_read(options->base, 0, &sides->base, NULL, err) &&
           file_read(options->ours, 0, &sides->ours, NULL, err) &&
           file_read(options->theirs, 0, &sides->theirs, NULL, err);
}

static bool write_result(const Merging *merging, const Buf *text, Error *err) {
    AUTO(Folder) folder = { .fd = -1 };
    AUTO(FileWriter) writer = { 0 };
    return begin_result(merging, &folder, &writer, err) &&
           file_writer_write(&writer, buf_text(text), text->length, err) && file_writer_commit(&writer, err);
}

static bool merge_whole(Merging *merging, Error *err) {
    AUTO(Sides) sides = { 0 };
    AUTO(MergedText) merged = { 0 };
    if (!read_sides(merging->options, &sides, err))
        return false;
    MergeTexts texts = { merging->path,
                         { buf_text(&sides.base), sides.base.length },
                         { buf_text(&sides.ours), sides.ours.length },
                         { buf_text(&sides.theirs), sides.theirs.length } };
    if (!merge_text(&texts, &merging->options->marks, &merged, err) ||
        !write_result(merging, &merged.text, err))
        return false;
    merging->result->conflicts = merged.conflicts;
    buf_append(&merging->result->places, buf_text(&merged.places), merged.places.length);
    return true;
}

static bool merge_by_line(Merging *merging, Error *err) {
    AUTO(Sides) sides = { 0 };
    AUTO(Buf) merged = { 0 };
    const ConflictMarks *marks = &merging->options->marks;
    bool clean;
    if (!read_sides(merging->options, &sides, err))
        return false;
    LinesMerge merge = { .base = { buf_text(&sides.base), sides.base.length },
                         .ours = { buf_text(&sides.ours), sides.ours.length },
                         .theirs = { buf_text(&sides.theirs), sides.theirs.length },
                         .ours_label = marks->ours,
                         .theirs_label = marks->theirs,
                         .mark_size = marks->size };
    if (!merge_lines(&merge, &merged, &clean, err) || !write_result(merging, &merged, err))
        return false;
    merging->result->by_line = true;
    merging->result->conflicts = !clean;
    return true;
}

bool sync_merge_file(const MergeFileOptions *options, MergeFileResult *result, Error *err) {
    Merging merging = { .options = options, .result = result };
    Error fault = { 0 };
    find_state(&merging);
    bool done = merging.path && (layout_path(merging.path).kind == PATH_DATA ? merge_data(&merging, &fault)
                                                                             : merge_whole(&merging, &fault));
    if (!done) {
        result->why = fault;
        buf_clear(&result->places);
        done = merge_by_line(&merging, err);
    }
    arena_free(&merging.arena);
    return done;
}

void merge_file_result_free(MergeFileResult *result) {
    buf_free(&result->places);
    *result = (MergeFileResult){ 0 };
}
