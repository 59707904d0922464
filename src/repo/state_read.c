#include <string.h>

#include "base/log.h"
#include "model/layout.h"
#include "model/removed.h"
#include "repo/reading.h"
#include "repo/repo.h"
#include "repo/row_scan.h"
#include "repo/sealed.h"
#include "repo/state_data.h"

/* ---- hashes only ---- */

static bool hash_once(Reading *reading, Error *err) {
    Manifest *manifest = reading->result;
    AUTO(Digester) digester = { .folder = &reading->folder };
    char hex[DIGEST_HEX];
    for (size_t i = 0; i < reading->files.count; i++) {
        const StateFile *file = &reading->files.items[i];
        if (!state_is_hashed(file->info.kind))
            continue;
        if (!(reading->source.commit ? reading_digest(reading, file->path, hex, err)
                                     : digester_file(&digester, file->path, hex, err)))
            return false;
        manifest_add(manifest, file->path, hex);
    }
    manifest_finish(manifest);
    return reading->source.commit || sealed_check(reading->source.root, reading->shown, manifest, err);
}

static void forget_manifest(void *manifest) {
    manifest_free(manifest);
}

bool state_hash_from(const StateSource *source, Manifest *manifest, char hash[DIGEST_HEX], bool *exists,
                     Error *err) {
    AUTO(Reading) reading = { .source = *source, .folder.fd = -1, .result = manifest };
    hash[0] = '\0';
    if (!reading_run(&reading, exists, hash_once, forget_manifest, err))
        return false;
    if (*exists)
        manifest_hash(manifest, hash);
    return true;
}

bool state_hash(const char *root, const char *state_dir, Manifest *manifest, char hash[DIGEST_HEX],
                bool *exists, Error *err) {
    StateSource source = { .root = root, .state_dir = state_dir };
    return state_hash_from(&source, manifest, hash, exists, err);
}

/* ---- the whole state ---- */

/* Puts "schema/roles/a.json" before a fault. */
static bool in_file(const Reading *reading, const char *path, Error *err) {
    return error_context(err, "%s/%s", reading->shown, path);
}

/* Without them nothing would tell that the state comes from another kind of instance. */
static bool read_origin(Reading *reading, const Json *info, Error *err) {
    Snapshot *snapshot = &((State *)reading->result)->snapshot;
    snapshot->directus = json_get_text(info, "directus");
    snapshot->vendor = json_get_text(info, "vendor");
    if (!snapshot->directus || strspn(snapshot->directus, "0123456789") == 0)
        error_set(err, ERR_FILES, "%s/%s: (/directus): must be the version of Directus the state comes from",
                  reading->shown, STATE_INFO);
    else if (!snapshot->vendor)
        error_set(err, ERR_FILES, "%s/%s: (/vendor): must be the kind of database the state comes from",
                  reading->shown, STATE_INFO);
    else
        return true;
    return error_hint(err, "restore the file from git, or run `schema-sync export --overwrite`");
}

static bool read_info(Reading *reading, const Json *info, Error *err) {
    const Json *format = json_get(info, "format");
    if (!json_is(format, JSON_NUMBER)) {
        error_set(err, ERR_FILES, "%s/%s: (/format): must be the number of the format", reading->shown,
                  STATE_INFO);
        return error_hint(err, "restore the file from git, or run `schema-sync export --overwrite`");
    }
    if (format->as.number != (double)STATE_FORMAT) {
        error_set(err, ERR_FILES,
                  "%s: the state was written by a newer schema-sync (format %.17g, known is %d)",
                  reading->shown, format->as.number, STATE_FORMAT);
        return error_hint(err, "use at least the version of schema-sync that wrote it");
    }
    return read_origin(reading, info, err);
}

/* removed.jsonl: an array of three a line, [type, id, key]; blank lines are passed over. */
static bool read_removed(Reading *reading, const StateFile *file, const Buf *text, Error *err) {
    State *state = reading->result;
    JsonArrayBuilder removed = json_array_builder(&state->arena);
    size_t number = 1;
    for (size_t at = 0; at < text->length; number++) {
        const char *line = text->data + at, *end = memchr(line, '\n', text->length - at);
        size_t length = end ? (size_t)(end - line) : text->length - at;
        at += length + 1;
        RowText row = { .text = line, .length = length, .index = number - 1, .line = number, .column = 1 };
        Json entry;
        if (strspn(line, " \t\r") >= length)
            continue;
        if (!json_parse(&state->arena, line, length, JSON_STATE, &entry, err)) {
            row_fault(&row, err);
            return in_file(reading, file->path, err);
        }
        if (!json_is(&entry, JSON_ARRAY) || entry.count != 3 || !json_is(&entry.as.items[0], JSON_STRING)) {
            error_set(err, ERR_FILES, "%s/%s: line %zu: an entry is [\"type\", id, key]", reading->shown,
                      file->path, number);
            return error_hint(err, "remove the line; `schema-sync rm` writes them");
        }
        if (!removed_check(&entry, &state->snapshot, err))
            return error_context(err, "%s/%s: line %zu", reading->shown, file->path, number);
        json_array_add(&removed, entry);
    }
    state->removed = json_array_done(&removed);
    return true;
}

typedef struct {
    const char *shown; /* the file */
} DataCheck;

static bool check_row(const RowText *row, void *context, Error *err) {
    const DataCheck *check = context;
    if (json_validate(row->text, row->length, JSON_STATE, err))
        return true;
    row_fault(row, err);
    return error_context(err, "%s", check->shown);
}

static bool check_data(Reading *reading, const StateFile *file, char hex[DIGEST_HEX], Error *err) {
    AUTO(Buf) shown = { 0 };
    buf_printf(&shown, "%s/%s", reading->shown, file->path);
    DataCheck check = { .shown = buf_text(&shown) };
    Input input;
    if (!reading_input(reading, file->path, &input, err))
        return false;
    bool done = row_scan(&input, check.shown, hex, check_row, &check, err);
    input_close(&input);
    return done;
}

static bool read_whole(Reading *reading, const StateFile *file, Buf *text, char hex[DIGEST_HEX], Error *err) {
    State *state = reading->result;
    if (!reading_whole(reading, file->path, STATE_FILE_LIMIT, text, err))
        return false;
    digest_of(buf_text(text), text->length, hex);
    if (file->info.kind == PATH_REMOVED)
        return read_removed(reading, file, text, err);
    Json json;
    Arena *arena = &state->snapshot.arena;
    if (!json_parse(arena, buf_text(text), text->length, JSON_STATE, &json, err))
        return in_file(reading, file->path, err);
    return file->info.kind == PATH_INFO ? read_info(reading, &json, err)
                                        : layout_read(&state->snapshot, file->path, &json, err);
}

static bool read_file(Reading *reading, const StateFile *file, Buf *text, Error *err) {
    State *state = reading->result;
    char hex[DIGEST_HEX];
    bool done = file->info.kind == PATH_DATA ? check_data(reading, file, hex, err)
                : file->info.kind == PATH_SQL || file->info.kind == PATH_ASSET
                    ? reading_digest(reading, file->path, hex, err)
                    : read_whole(reading, file, text, hex, err);
    if (done && state_is_hashed(file->info.kind))
        manifest_add(&state->manifest, file->path, hex);
    return done;
}

/* ---- hashes of parts ---- */

typedef bool (*EntryFilter)(const ManifestEntry *entry, const void *context);

/* The digest of the manifest's lines that `belongs` picks; "" when it picks none. */
static void part_hash(const Manifest *manifest, EntryFilter belongs, const void *context,
                      char hash[DIGEST_HEX]) {
    AUTO(Buf) lines = { 0 };
    for (size_t i = 0; i < manifest->count; i++)
        if (belongs(&manifest->entries[i], context))
            buf_printf(&lines, "%s  %s\n", manifest->entries[i].hex, manifest->entries[i].path);
    hash[0] = '\0';
    if (lines.length)
        digest_of(lines.data, lines.length, hash);
}

static bool in_section(const ManifestEntry *entry, const void *context) {
    PathInfo info = layout_path(entry->path);
    return info.kind == PATH_RECORDS && info.section == *(const SectionId *)context;
}

static bool in_data(const ManifestEntry *entry, const void *context) {
    for (const char *const *path = ((const DataFiles *)context)->paths; *path; path++)
        if (strcmp(*path, entry->path) == 0)
            return true;
    return false;
}

const DataFiles *state_data_files(const State *state, const char *collection) {
    for (size_t i = 0; i < state->data_count; i++)
        if (strcmp(state->data[i].collection, collection) == 0)
            return &state->data[i];
    return NULL;
}

void state_data_hash(const State *state, const char *collection, char hash[DIGEST_HEX]) {
    const DataFiles *files = state_data_files(state, collection);
    hash[0] = '\0';
    if (files)
        part_hash(&state->manifest, in_data, files, hash);
}

static void warn_of_foreign(const Reading *reading) {
    for (size_t i = 0; i < reading->files.foreign_count; i++)
        log_say(LOG_WARN, "%s/%s is not part of the state: no file of the tool has such a path",
                reading->shown, reading->files.foreign[i]);
}

static bool read_once(Reading *reading, Error *err) {
    State *state = reading->result;
    AUTO(Buf) text = { 0 };
    state->removed = (Json){ .kind = JSON_ARRAY };
    state->snapshot.folder = arena_strdup(&state->snapshot.arena, reading->shown);
    for (size_t i = 0; i < reading->files.count; i++)
        if (!read_file(reading, &reading->files.items[i], &text, err))
            return false;
    manifest_finish(&state->manifest);
    if (!layout_finish(&state->snapshot, err) || !state_data_find(reading, err) ||
        !(reading->source.commit || reading->unsealed ||
          sealed_check(reading->source.root, reading->shown, &state->manifest, err)))
        return false;
    manifest_hash(&state->manifest, state->hash);
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        part_hash(&state->manifest, in_section, &section, state->section_hashes[section]);
    return true;
}

static void forget_state(void *state) {
    state_free(state);
}

static bool read_state(Reading *reading, State *state, Error *err) {
    *state = (State){ .removed = { .kind = JSON_ARRAY } };
    bool exists;
    reading->result = state;
    if (!reading_run(reading, &exists, read_once, forget_state, err))
        return false;
    state->exists = exists;
    state->source = reading->source;
    warn_of_foreign(reading);
    return true;
}

bool state_read_from(const StateSource *source, State *state, Error *err) {
    AUTO(Reading) reading = { .source = *source, .folder.fd = -1 };
    return read_state(&reading, state, err);
}

bool state_read_unsealed(const char *root, const char *state_dir, State *state, Error *err) {
    AUTO(Reading) reading = { .source = { root, state_dir, NULL }, .folder.fd = -1, .unsealed = true };
    return read_state(&reading, state, err);
}

bool state_read(const char *root, const char *state_dir, State *state, Error *err) {
    StateSource source = { .root = root, .state_dir = state_dir };
    return state_read_from(&source, state, err);
}

void state_free(State *state) {
    snapshot_free(&state->snapshot);
    manifest_free(&state->manifest);
    arena_free(&state->arena);
    *state = (State){ .removed = { .kind = JSON_ARRAY } };
}
