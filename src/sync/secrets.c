#include "sync/secrets.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/redact.h"
#include "model/layout.h"

/* ---- values ---- */

static const char *look_up(void *context, const char *name) {
    const Config *config = context;
    const char *value = config_value(config, name);
    if (value) {
        AUTO(Buf) shown = { 0 };
        buf_printf(&shown, "${%s}", name);
        redact_hide(value, buf_text(&shown));
    }
    return value;
}

static void each(void *context, void (*visit)(void *visitor, const char *name, const char *value),
                 void *visitor) {
    config_each_value(context, visit, visitor);
}

ValueSource secrets_source(const Config *config) {
    union {
        const Config *in;
        void *out;
    } context = { config }; /* neither function changes it */
    return (ValueSource){ .look_up = look_up, .each = each, .context = context.out };
}

/* ---- import ---- */

static int text_order(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Lines "NAME\tplace", sorted: each name once, with the place it is wanted at first. */
static size_t list_missing(const Placeholders *placeholders, Buf *list) {
    AUTO(Arena) arena = { 0 };
    const char **lines = NULL;
    size_t count = 0, capacity = 0, names = 0;
    char *text = arena_strdup(&arena, buf_text(&placeholders->missing));
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        ARENA_PUSH(&arena, lines, count, capacity, line);
    if (count)
        qsort(lines, count, sizeof *lines, text_order);
    for (size_t i = 0; i < count; i++) {
        size_t name = strcspn(lines[i], "\t");
        if (i && strncmp(lines[i], lines[i - 1], name + 1) == 0)
            continue;
        names++;
        buf_printf(list, "%s%.*s (%s)", list->length ? "; " : "", (int)name, lines[i], lines[i] + name + 1);
    }
    return names;
}

static bool refuse_missing(const Placeholders *placeholders, const Config *config, Error *err) {
    AUTO(Buf) list = { 0 };
    if (!placeholders->missing.length)
        return true;
    size_t names = list_missing(placeholders, &list);
    error_set(err, ERR_CONFIG, "%zu placeholder%s of the files %s no value: %s", names, names == 1 ? "" : "s",
              names == 1 ? "has" : "have", buf_text(&list));
    return error_hint(
        err,
        "set %s in the environment or in .env%s (an empty value counts as not set); a text that is "
        "no placeholder is written with one more dollar sign: $${…}",
        names == 1 ? "it" : "them",
        *config->environment ? ", with the environment's name in front or without" : "");
}

typedef struct {
    Arena arena;
    const Config *config;
    const char *collection;
    const ValueSource *source;
    Placeholders *out;
} RowLook;

static bool look_at_row(const Json *row, const char *path, size_t line, void *context, Error *err) {
    (void)err;
    RowLook *look = context;
    arena_reset(&look->arena);
    const char *place = arena_printf(&look->arena, "%s/%s: line %zu", look->config->state_dir, path, line);
    placeholders_take_row(&look->arena, row, look->collection, "", place, &look->config->scope, look->source,
                          look->out);
    return true;
}

static bool declares_secrets(const Config *config, const char *collection) {
    const SecretRule *rule = scope_secrets(&config->scope, collection);
    return rule && rule->secrets[0];
}

static bool look_at_rows(const Config *config, const Selection *selection, const State *state,
                         const ValueSource *source, Placeholders *out, Error *err) {
    bool done = true;
    for (size_t i = 0; done && i < config->scope.data_count; i++) {
        const char *collection = config->scope.data[i].collection;
        const DataFiles *files = state_data_files(state, collection);
        if (!files || (selection && !selection->data[i]) || !declares_secrets(config, collection))
            continue;
        RowLook look = { .config = config, .collection = collection, .source = source, .out = out };
        done = state_rows_from(&state->source, files, look_at_row, &look, err);
        arena_free(&look.arena);
    }
    return done;
}

bool secrets_check_paths(const Config *config, const Snapshot *snapshot, Error *err) {
    AUTO(Arena) arena = { 0 };
    const char *unknown = secrets_unknown(snapshot, &config->scope, &arena);
    if (!unknown)
        return true;
    error_set(err, ERR_CONFIG, "%s: %s", config->file ? config->file : "SCHEMA_SYNC_CONFIG", unknown);
    return error_hint(err, "a path begins with a field of the record: \"options/url\", \"<id>:options/url\"");
}

bool secrets_fill(const Config *config, const Selection *selection, State *state, Placeholders *out,
                  Error *err) {
    ValueSource source = secrets_source(config);
    AUTO(Placeholders) unselected = { 0 };
    bool others[SECTION_COUNT];
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        others[section] = !selection->sections[section];
    placeholders_take(&state->snapshot, selection->sections, &config->scope, &source, true, out);
    placeholders_take(&state->snapshot, others, &config->scope, &source, true, &unselected);
    if (!look_at_rows(config, selection, state, &source, out, err) || !refuse_missing(out, config, err))
        return false;
    placeholders_hide(out);
    return true;
}

bool secrets_fill_known(const Config *config, State *state, Placeholders *out, Error *err) {
    ValueSource source = secrets_source(config);
    placeholders_take(&state->snapshot, NULL, &config->scope, &source, true, out);
    if (!look_at_rows(config, NULL, state, &source, out, err))
        return false;
    placeholders_hide(out);
    return true;
}

void secrets_say_missing(const Placeholders *placeholders) {
    AUTO(Buf) list = { 0 };
    size_t names = list_missing(placeholders, &list);
    if (names)
        log_say(LOG_NOTE, "%zu placeholder%s no value, and what the instance has there is not compared: %s",
                names, names == 1 ? " has" : "s have", buf_text(&list));
}

static const char *fill_text(Arena *arena, const char *text, size_t length, void *context) {
    AUTO(Buf) out = { 0 };
    TextKind kind = placeholder_fill(text, length, false, context, &out, NULL);
    return kind == TEXT_PLAIN || kind == TEXT_MISSING ? NULL
                                                      : arena_strndup(arena, buf_text(&out), out.length);
}

Json secrets_fill_value(Arena *arena, const Config *config, const Json *value) {
    ValueSource source = secrets_source(config);
    return json_map_texts(arena, value, fill_text, &source);
}

Json secrets_fill_row(Arena *arena, const Config *config, const RowShape *shape, const Json *row) {
    if (!declares_secrets(config, shape->collection))
        return *row;
    ValueSource source = secrets_source(config);
    return placeholders_take_row(arena, row, shape->collection, row_label(arena, shape->key, row), "",
                                 &config->scope, &source, NULL);
}

Json secrets_assume_row(Arena *arena, const Config *config, const RowShape *shape, const Json *row,
                        const Json *like) {
    if (!like || !declares_secrets(config, shape->collection))
        return *row;
    ValueSource source = secrets_source(config);
    return placeholders_assume_row(arena, row, like, shape->collection, row_label(arena, shape->key, row),
                                   &config->scope, &source);
}

/* ---- export ---- */

void secrets_begin(const Config *config, State *old, const ValueSource *source, Keeper *keeper,
                   Placeholders *placeholders) {
    *keeper = (Keeper){ .scope = &config->scope, .placeholders = placeholders, .source = source };
    secrets_note(old, keeper);
}

void secrets_note(State *other, Keeper *keeper) {
    placeholders_take(&other->snapshot, NULL, keeper->scope, keeper->source, false, keeper->placeholders);
    placeholders_hide(keeper->placeholders);
}

typedef struct {
    Arena arena;
    const RowShape *shape;
    Keeper *keeper;
} RowNotes;

static bool note_row(const Json *row, const char *path, size_t line, void *context, Error *err) {
    (void)path, (void)line, (void)err;
    RowNotes *notes = context;
    arena_reset(&notes->arena);
    placeholders_take_row(&notes->arena, row, notes->shape->collection,
                          row_label(&notes->arena, notes->shape->key, row), "", notes->keeper->scope,
                          notes->keeper->source, notes->keeper->placeholders);
    return true;
}

bool secrets_note_rows(Keeper *keeper, const Config *config, const RowShape *shape, const State *state,
                       Error *err) {
    const DataFiles *files = state_data_files(state, shape->collection);
    if (!files || !declares_secrets(config, shape->collection))
        return true;
    RowNotes notes = { .shape = shape, .keeper = keeper };
    bool done = state_rows_from(&state->source, files, note_row, &notes, err);
    arena_free(&notes.arena);
    placeholders_hide(keeper->placeholders);
    return done;
}

static const char *place_of(const ClearSecret *clear, const Config *config, const Snapshot *written,
                            Arena *arena) {
    if (!clear->source)
        return arena_printf(arena, "%s/data/%s: row %s: (%s)", config->state_dir, clear->collection,
                            clear->record, clear->pointer);
    Record record = *clear->source;
    Snapshot bare = *written;
    bare.folder = NULL;
    record.origin = layout_origin(written, clear->type, clear->source, arena);
    return arena_printf(arena, "%s/%s", config->state_dir,
                        snapshot_place_at(&bare, &record, clear->pointer, arena));
}

const char *secrets_config_line(const ClearSecret *clear, const char *key, Arena *arena) {
    bool row = !clear->source;
    const char *record = strcmp(key, "secrets") == 0 && row ? "" : clear->record;
    return arena_printf(arena, "\"%s\": { \"%s\": [\"%s%s%s\"] }", clear->collection, key, record,
                        *record ? ":" : "", clear->path);
}

const char *secrets_mend_number(const ClearSecret *clear, Arena *arena) {
    if (clear->source)
        return arena_printf(
            arena,
            "add { \"collection\": \"%s\", \"field\": \"%s\" } to \"ignore\" in schema-sync.json "
            "(placeholders stand for texts only)",
            clear->collection, clear->pointer);
    return arena_printf(arena,
                        "add \"%s\": { \"exclude\": [\"%.*s\"] } to \"collections\" in schema-sync.json "
                        "(placeholders stand for texts only)",
                        clear->collection, (int)strcspn(clear->path, "/"), clear->path);
}

static const char *mend_secret(const ClearSecret *clear, const Config *config, Arena *arena) {
    const SecretRule *rule = scope_secrets(&config->scope, clear->collection);
    if (clear->placeholder)
        return arena_printf(arena, "the file has %s there: set it in .env to what the instance has",
                            clear->placeholder);
    if (clear->number)
        return secrets_mend_number(clear, arena);
    if (!clear->source && !(rule && rule->secrets[0]))
        return arena_printf(arena, "add %s to \"collections\" in schema-sync.json and %s=<its value> to .env",
                            secrets_config_line(clear, "secrets", arena), clear->suggestion);
    size_t whole = strlen(clear->value);
    if (clear->length < whole) /* only a whole value is found under its name again */
        return arena_printf(arena, "add %s=<its value> to .env, all %zu characters of it", clear->suggestion,
                            whole);
    return arena_printf(arena, "add %s=<its value> to .env", clear->suggestion);
}

bool secrets_refuse(Keeper *keeper, const Config *config, const Snapshot *written, Error *err) {
    enum { MOST = 100 };
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) list = { 0 };
    keeper_settle(keeper, written);
    if (!keeper->clear_count)
        return true;
    for (size_t i = 0; i < keeper->clear_count; i++) {
        const ClearSecret *clear = &keeper->clear[i];
        const char *place = place_of(clear, config, written, &arena);
        buf_printf(&list, "%s%s: %s", i ? "; " : "", place, clear->kind);
        if (i >= MOST)
            continue;
        log_say(LOG_WARN, "%s: %s, %zu characters", place, clear->kind, clear->length);
        log_say(LOG_NOTE, "  to keep it out of the files: %s", mend_secret(clear, config, &arena));
        log_say(LOG_NOTE, "  if it is harmless: add %s to \"collections\" in schema-sync.json",
                secrets_config_line(clear, "harmless", &arena));
    }
    const ClearSecret *first = &keeper->clear[0];
    error_set(err, ERR_REFUSED, "%zu secret%s would be written in clear: %s", keeper->clear_count,
              keeper->clear_count == 1 ? "" : "s", buf_text(&list));
    return error_hint(
        err, "nothing was written; %s, or if it is harmless %s to \"collections\" in schema-sync.json",
        mend_secret(first, config, &arena), secrets_config_line(first, "harmless", &arena));
}
