#include <stdlib.h>
#include <string.h>

#include "model/canon.h"
#include "model/slug.h"
#include "repo/output.h"
#include "repo/repo.h"

struct StateWriter {
    Output output;
    bool sections[SECTION_COUNT];
    bool managed[TYPE_COUNT]; /* files of these types are replaced as a whole */
    bool removed_given;
    bool keeps_all; /* files go only when output.kept says so */

    /* the collection whose rows come in */
    Arena arena;
    const char *slug;  /* NULL = none */
    const char *group; /* NULL = no file of it was begun yet */
};

bool state_writer_begin(const char *root, const char *state_dir, const StateWriteOptions *options,
                        StateWriter **out, Error *err) {
    StateWriter *writer = mem_alloc(sizeof *writer);
    *writer = (StateWriter){ 0 };
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        writer->sections[section] = !options->sections || options->sections[section];
    *out = writer;
    if (output_open(&writer->output, root, state_dir, options->check, err)) {
        writer->output.origin = options->origin;
        return true;
    }
    state_writer_abandon(out);
    return false;
}

/* ---- schema and configuration ---- */

static bool write_file(const char *path, const char *text, size_t length, void *context, Error *err) {
    Output *output = context;
    return output_begin(output, path, err) && output_write(output, text, length, err) &&
           output_end(output, err);
}

static bool write_info(StateWriter *writer, const Snapshot *snapshot, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) text = { 0 };
    JsonObjectBuilder info = json_object_builder(&arena);
    json_object_put(&info, "directus", json_string(&arena, snapshot->directus));
    json_object_put(&info, "format", json_number(STATE_FORMAT));
    json_object_put(&info, "vendor", json_string(&arena, snapshot->vendor));
    Json json = json_object_done(&info);
    canon_pretty(&text, &json);
    buf_putc(&text, '\n');
    return write_file(STATE_INFO, text.data, text.length, &writer->output, err);
}

bool state_writer_snapshot(StateWriter *writer, const Snapshot *snapshot, Error *err) {
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        writer->managed[type] = snapshot->present[type] && writer->sections[catalog_row(type)->section];
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        if (writer->sections[section] && !layout_write(snapshot, section, write_file, &writer->output, err))
            return false;
    return write_info(writer, snapshot, err);
}

/* ---- rows ---- */

bool state_writer_rows_begin(StateWriter *writer, const char *collection, Error *err) {
    if (writer->slug)
        return error_set(err, ERR_INTERNAL, "rows of %s begin before those of %s ended", collection,
                         writer->slug);
    arena_reset(&writer->arena);
    writer->slug = slug_make(&writer->arena, collection, collection);
    writer->group = NULL;
    return true;
}

static bool begin_data(StateWriter *writer, const char *group, Error *err) {
    writer->group = arena_strdup(&writer->arena, group);
    const char *path = group[0] ? arena_printf(&writer->arena, "data/%s/%s.json", writer->slug, group)
                                : arena_printf(&writer->arena, "data/%s.json", writer->slug);
    return output_begin(&writer->output, path, err);
}

static bool end_data(StateWriter *writer, Error *err) {
    return output_write(&writer->output, "\n]\n", 3, err) && output_end(&writer->output, err);
}

bool state_writer_row(StateWriter *writer, const char *group, const char *line, size_t length, Error *err) {
    bool goes_on = writer->group && strcmp(writer->group, group) == 0;
    const char *before = goes_on ? ",\n  " : "[\n  ";
    if (!writer->slug)
        return error_set(err, ERR_INTERNAL, "a row without a collection");
    if (!goes_on && ((writer->group && !end_data(writer, err)) || !begin_data(writer, group, err)))
        return false;
    return output_write(&writer->output, before, strlen(before), err) &&
           output_write(&writer->output, line, length, err);
}

void state_writer_watch(StateWriter *writer, StateReplacing each, void *context) {
    writer->output.replacing = each;
    writer->output.context = context;
}

/* data/<slug>.json or data/<slug>/<group>.json */
static bool is_file_of(const StateFile *file, const char *slug) {
    size_t length = strlen(slug);
    const char *stem = file->path + strlen("data/");
    return file->info.kind == PATH_DATA && strncmp(stem, slug, length) == 0 &&
           (stem[length] == '/' || strcmp(stem + length, ".json") == 0);
}

/* Files that the collection has no rows for any more go at the end, but who watches is told now. */
static bool tell_of_removed(StateWriter *writer, Error *err) {
    Output *output = &writer->output;
    for (size_t i = 0; output->replacing && i < output->existing.count; i++)
        if (!output->seen[i] && is_file_of(&output->existing.items[i], writer->slug) &&
            !output->replacing(output->existing.items[i].path, output->context, err))
            return false;
    return true;
}

bool state_writer_rows_end(StateWriter *writer, Error *err) {
    bool done;
    if (writer->group)
        done = end_data(writer, err);
    else /* chosen and empty is not the same as not chosen */
        done = begin_data(writer, "", err) && output_write(&writer->output, "[]\n", 3, err) &&
               output_end(&writer->output, err);
    done = done && tell_of_removed(writer, err);
    writer->slug = writer->group = NULL;
    return done;
}

void state_writer_keep_rows(StateWriter *writer, const char *collection) {
    AUTO(Arena) arena = { 0 };
    const char *slug = slug_make(&arena, collection, collection);
    Output *output = &writer->output;
    for (size_t i = 0; i < output->existing.count; i++)
        if (is_file_of(&output->existing.items[i], slug))
            output->kept[i] = true;
}

/* ---- removed.jsonl ---- */

static int json_order(const void *a, const void *b) {
    return json_compare(a, b);
}

bool state_writer_removed(StateWriter *writer, const Json *removed, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) text = { 0 };
    writer->removed_given = true;
    if (removed->count == 0)
        return true;
    Json *entries = arena_array(&arena, removed->count, sizeof *entries);
    memcpy(entries, removed->as.items, removed->count * sizeof *entries);
    qsort(entries, removed->count, sizeof *entries, json_order);
    for (uint32_t i = 0; i < removed->count; i++) {
        if (i && json_equal(&entries[i - 1], &entries[i]))
            continue;
        canon_compact(&text, &entries[i]);
        buf_putc(&text, '\n');
    }
    return write_file("removed.jsonl", text.data, text.length, &writer->output, err);
}

/* ---- single files ---- */

void state_writer_keep_all(StateWriter *writer) {
    writer->keeps_all = true;
    for (size_t i = 0; i < writer->output.existing.count; i++)
        writer->output.kept[i] = true;
}

bool state_writer_file(StateWriter *writer, const char *path, const char *text, size_t length, Error *err) {
    Output *output = &writer->output;
    for (size_t i = 0; !text && i < output->existing.count; i++)
        if (strcmp(output->existing.items[i].path, path) == 0)
            output->kept[i] = false;
    return !text || write_file(path, text, length, output, err);
}

/* ---- the end ---- */

/* Whether a file that the new state did not write goes. */
static bool is_stale(const StateWriter *writer, size_t existing) {
    const StateFile *file = &writer->output.existing.items[existing];
    if (writer->keeps_all)
        return !writer->output.kept[existing];
    switch (file->info.kind) {
    case PATH_RECORDS:
        return writer->managed[file->info.type];
    case PATH_DATA:
        return !writer->output.kept[existing];
    case PATH_REMOVED:
        return writer->removed_given;
    default:
        return false;
    }
}

static bool settle_existing(StateWriter *writer, Error *err) {
    Output *output = &writer->output;
    for (size_t i = 0; i < output->existing.count; i++)
        if (!output->seen[i] && !is_stale(writer, i) && !output_keep(output, i, err))
            return false;
    for (size_t i = 0; i < output->existing.count; i++)
        if (!output->seen[i] && !output_remove(output, i, err))
            return false;
    return true;
}

static void fill_result(StateWriter *writer, StateWriteResult *result) {
    Output *output = &writer->output;
    *result = (StateWriteResult){ .files = output->manifest.count };
    manifest_hash(&output->manifest, result->hash);
    if (output->check && output->mark_stood) {
        buf_printf(&result->changes, "D %s\n", STATE_MARK);
        result->removed++;
    }
    for (size_t i = 0; i < output->change_count; i++) {
        const FileChange *change = &output->changes[i];
        buf_printf(&result->changes, "%c %s\n", change->kind, change->path);
        result->written += change->kind != 'D';
        result->removed += change->kind == 'D';
    }
    result->manifest = output->manifest;
    output->manifest = (Manifest){ 0 };
}

bool state_writer_finish(StateWriter *writer, StateWriteResult *result, Error *err) {
    if (writer->slug)
        return error_set(err, ERR_INTERNAL, "the rows of %s were not ended", writer->slug);
    if (!settle_existing(writer, err) || !output_finish(&writer->output, err))
        return false;
    fill_result(writer, result);
    return true;
}

void state_writer_abandon(StateWriter **handle) {
    StateWriter *writer = *handle;
    if (!writer)
        return;
    output_close(&writer->output);
    arena_free(&writer->arena);
    free(writer);
    *handle = NULL;
}

void state_write_result_free(StateWriteResult *result) {
    buf_free(&result->changes);
    manifest_free(&result->manifest);
    *result = (StateWriteResult){ 0 };
}
