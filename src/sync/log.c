#include "sync/log.h"

#include <stdio.h>
#include <string.h>

#include "model/layout.h"
#include "sync/log_keys.h"

typedef struct {
    const Config *config;
    const LogOptions *options;
    LogKeys keys;
    History *history;
    HistoryCommit commit;
    Arena arena; /* of one commit */
} Log;

/* ---- the files that a commit changed ---- */

typedef struct {
    Log *log;
    size_t parent;
    Comparison *out;
    const char **data; /* slugs of collections whose rows changed */
    size_t data_count, data_capacity;
} Loading;

static bool wants(const char *path, const PathInfo *info, void *context) {
    const Loading *loading = context;
    return log_keys_want(&loading->log->keys, path, info);
}

static bool load_records(State *state, const char *path, const char *text, size_t length, Error *err) {
    Json json;
    return (json_parse(&state->snapshot.arena, text, length, JSON_STATE, &json, err) &&
            layout_read(&state->snapshot, path, &json, err)) ||
           error_context(err, "%s", path);
}

/* "posts" of data/posts.json and data/posts/2024.json */
static const char *slug_of(Arena *arena, const char *path) {
    const char *stem = path + strlen("data/");
    size_t length = strcspn(stem, "/");
    return arena_strndup(arena, stem, stem[length] ? length : length - strlen(".json"));
}

static void note_data(Loading *loading, const char *path) {
    const char *slug = slug_of(&loading->log->arena, path);
    for (size_t i = 0; i < loading->data_count; i++)
        if (strcmp(loading->data[i], slug) == 0)
            return;
    ARENA_PUSH(&loading->log->arena, loading->data, loading->data_count, loading->data_capacity, slug);
}

static bool load_side(State *state, const HistoryFile *file, const char *text, size_t length, const char *id,
                      Error *err) {
    char hex[DIGEST_HEX]; /* any digest of the content serves to compare: git's */
    if (!text)
        return true;
    snprintf(hex, sizeof hex, "%.32s", id);
    manifest_add(&state->manifest, file->path, hex);
    return file->info.kind != PATH_RECORDS || load_records(state, file->path, text, length, err);
}

static bool load_file(const HistoryFile *file, void *context, Error *err) {
    Loading *loading = context;
    Comparison *out = loading->out;
    if (file->info.kind == PATH_DATA)
        note_data(loading, file->path);
    return load_side(&out->before, file, file->before, file->before_length, file->before_id, err) &&
           load_side(&out->after, file, file->after, file->after_length, file->after_id, err);
}

/* ---- rows, whose collection's file says what they are ---- */

static bool load_schema(Loading *loading, bool before, const char *slug, Error *err) {
    State *state = before ? &loading->out->before : &loading->out->after;
    const char *path = arena_printf(&loading->log->arena, "collections/%s.json", slug);
    AUTO(Buf) text = { 0 };
    bool found;
    if (manifest_find(&state->manifest, path))
        return true; /* it changed with them */
    return history_text(loading->log->history, before, loading->parent, path, &text, &found, err) &&
           (!found || load_records(state, path, buf_text(&text), text.length, err));
}

/* By the file's name where the collection itself is not known. */
static const char *collection_of(const State *state, Arena *arena, const char *slug) {
    const char *path = arena_printf(arena, "collections/%s.json", slug);
    const RecordList *list = &state->snapshot.types[TYPE_COLLECTIONS];
    for (size_t i = 0; i < list->count; i++)
        if (str_equal(list->items[i].origin, path))
            return json_get_text(&list->items[i].json, "collection");
    return slug;
}

static void add_data(Loading *loading, State *state, DataFiles *data, const char *slug) {
    Arena *arena = &loading->log->arena;
    const char **paths = NULL;
    size_t count = 0, capacity = 0;
    for (size_t i = 0; i < state->manifest.count; i++) {
        const char *path = state->manifest.entries[i].path;
        if (layout_path(path).kind == PATH_DATA && strcmp(slug_of(arena, path), slug) == 0)
            ARENA_PUSH(arena, paths, count, capacity, path);
    }
    if (!count)
        return;
    ARENA_PUSH(arena, paths, count, capacity, NULL);
    data[state->data_count++] =
        (DataFiles){ .collection = collection_of(state, arena, slug), .paths = paths };
}

static bool load_data(Loading *loading, Error *err) {
    State *sides[] = { &loading->out->before, &loading->out->after };
    for (size_t s = 0; s < 2; s++) {
        DataFiles *data = arena_array(&loading->log->arena, loading->data_count + 1, sizeof *data);
        sides[s]->data = data;
        for (size_t i = 0; i < loading->data_count; i++) {
            if (!load_schema(loading, s == 0, loading->data[i], err))
                return false;
            add_data(loading, sides[s], data, loading->data[i]);
        }
    }
    return true;
}

/* ---- one commit ---- */

/* Where the rows themselves are read from. */
static bool open_sides(Log *log, size_t parent, StateCommit *commits[2], Comparison *out, Error *err) {
    const Config *config = log->config;
    const char *ids[] = { history_parent(log->history, parent), log->commit.id };
    State *sides[] = { &out->before, &out->after };
    for (size_t s = 0; s < 2; s++) {
        if (*ids[s] && !state_commit_open_id(config->root, config->state_dir, ids[s], &commits[s], err))
            return false;
        sides[s]->source = (StateSource){ config->root, config->state_dir, commits[s] };
    }
    return true;
}

static void close_sides(StateCommit *commits[2]) {
    state_commit_close(&commits[0]);
    state_commit_close(&commits[1]);
}

/* What differs from one parent, as far as the keys name it. */
static bool compare_files(Log *log, size_t parent, Comparison *out, Error *err) {
    Loading loading = { .log = log, .parent = parent, .out = out };
    StateCommit *commits[2] = { 0 };
    CompareRequest request = { .rows = log->keys.rows, .rows_shown = log->options->rows_shown };
    log_keys_choose_rows(&log->keys, &request);
    const HistoryVisitor visitor = { wants, load_file, &loading };
    *out = (Comparison){ .before.exists = parent < log->commit.parents, .after.exists = true };
    out->before.removed = out->after.removed = (Json){ .kind = JSON_ARRAY };
    bool done = history_files(log->history, parent, &visitor, err);
    if (done) {
        manifest_finish(&out->before.manifest);
        manifest_finish(&out->after.manifest);
        done = load_data(&loading, err);
        snapshot_sort(&out->before.snapshot);
        snapshot_sort(&out->after.snapshot);
    }
    done = done && (!request.rows || open_sides(log, parent, commits, out, err)) &&
           compare_loaded(log->config, &request, out, err);
    close_sides(commits);
    return done;
}

/* Of a merge what differs from every parent. */
static bool compare_parents(Log *log, Comparison *out, Error *err) {
    if (!compare_files(log, 0, out, err))
        return false;
    for (size_t parent = 1; parent < log->commit.parents; parent++) {
        AUTO(Comparison) other = { 0 };
        if (!compare_files(log, parent, &other, err))
            return false;
        log_keep_common(&out->plan, &other.plan);
    }
    log_keys_filter(&log->keys, &out->plan);
    return true;
}

/* The same with all that stands beside: names of what is referred to, values of rows. */
static bool compare_whole(Log *log, const Plan *found, Comparison *out, Error *err) {
    StateCommit *commits[2] = { 0 };
    bool first = log->commit.parents == 0;
    CompareRequest request = { .rows = true, .rows_shown = log->options->rows_shown };
    log_keys_choose_rows(&log->keys, &request);
    bool done = open_sides(log, 0, commits, out, err);
    StateSource before = out->before.source, after = out->after.source;
    request.before = first ? NULL : &before;
    request.after = &after;
    done = done && compare_states(log->config, &request, out, err);
    close_sides(commits);
    if (!done)
        return false;
    if (log->commit.parents > 1 || log->keys.count)
        log_keep_common(&out->plan, found);
    log_keys_filter(&log->keys, &out->plan);
    return true;
}

static bool tell(Log *log, LogEach each, void *context, LogEnd *end, Error *err) {
    AUTO(Comparison) files = { 0 };
    AUTO(Comparison) whole = { 0 };
    Error fault = { 0 };
    LogEntry entry = { .commit = &log->commit, .merge = log->commit.parents > 1, .comparison = &files };
    arena_reset(&log->arena);
    if (!compare_parents(log, &files, &fault)) {
        entry.comparison = NULL;
        entry.unknown = fault.message;
    } else if ((entry.merge || log->keys.count) && plan_is_empty(&files.plan)) {
        return true; /* nothing of its own, or nothing of what is asked for */
    } else if (log->options->details && log_needs_whole(&files.plan) &&
               compare_whole(log, &files.plan, &whole, &fault)) {
        entry.comparison = &whole;
    } /* else all is known, or the state is wrong elsewhere: its files say what there is to say */
    end->count++;
    return each(&entry, context, err);
}

/* ---- the whole ---- */

static bool begin(Log *log, Error *err) {
    const Config *config = log->config;
    const LogOptions *options = log->options;
    HistoryRequest request = { .from = config->ref, .since = options->since };
    RevisionRange range = { 0 };
    if (options->range && strstr(options->range, "...")) {
        error_set(err, ERR_USAGE, "%s: a log is of one line of history", options->range);
        return error_hint(err, "write A..B: what B has and A has not");
    }
    if (options->range && !repo_range(config->root, options->range, &log->keys.arena, &range, err))
        return false;
    if (options->range)
        request.from = range.to;
    request.without = range.from;
    return log_keys_parse(&log->keys, &config->scope, options->keys, options->key_count, err) &&
           history_begin(config->root, config->state_dir, &request, &log->history, err);
}

bool sync_log(const Config *config, const LogOptions *options, LogEach each, void *context, LogEnd *end,
              Error *err) {
    Log log = { .config = config, .options = options };
    bool more = true, done = begin(&log, err);
    *end = (LogEnd){ 0 };
    while (done && more && end->count < options->most) {
        done = history_next(log.history, &log.commit, &more, err);
        if (done && more)
            done = tell(&log, each, context, end, err);
    }
    if (log.history && end->count < options->most)
        end->end = history_end(log.history, end->id);
    history_close(&log.history);
    log_keys_free(&log.keys);
    arena_free(&log.arena);
    return done;
}
