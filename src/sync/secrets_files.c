/* Secrets that stand in files in clear: an export would not have written them, a hand may have. */
#include <string.h>

#include "base/log.h"
#include "sync/secrets.h"

/* No value is looked up: a text that is the value of a name of .env is a secret in clear, too. */
static const char *no_value(void *context, const char *name) {
    (void)context, (void)name;
    return NULL;
}

static void no_values(void *context, void (*visit)(void *visitor, const char *name, const char *value),
                      void *visitor) {
    (void)context, (void)visit, (void)visitor;
}

typedef struct {
    Arena arena; /* of one row */
    const Config *config;
    const State *state;
    const ValueSource *source;
    const char *collection;
    const char *const *key; /* NULL: not known */
    Keeper *keeper;
    const char **places; /* parallel to keeper->clear, in keeper->arena; NULL: of a record */
    size_t place_count, place_capacity;
} FileScan;

static void note_place(FileScan *scan, const char *place) {
    Keeper *keeper = scan->keeper;
    while (scan->place_count < keeper->clear_count) {
        const char *copy = place ? arena_strdup(&keeper->arena, place) : NULL;
        ARENA_PUSH(&keeper->arena, scan->places, scan->place_count, scan->place_capacity, copy);
    }
}

static bool scan_row(const Json *row, const char *path, size_t line, void *context, Error *err) {
    (void)err;
    FileScan *scan = context;
    const Config *config = scan->config;
    AUTO(Placeholders) own = { 0 };
    arena_reset(&scan->arena);
    const char *label = scan->key ? row_label(&scan->arena, scan->key, row) : "";
    placeholders_take_row(&scan->arena, row, scan->collection, label, "", &config->scope, scan->source, &own);
    scan->keeper->placeholders = &own;
    keeper_row(scan->keeper, &scan->arena, scan->collection, label, row);
    note_place(scan, arena_printf(&scan->arena, "%s/%s: line %zu:", config->state_dir, path, line));
    return true;
}

/* Shapes tell a row's key; a schema that does not fit the configuration is nothing a scan has to refuse. */
static const char *const *key_of(const RowShape *shapes, size_t count, const char *collection) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(shapes[i].collection, collection) == 0)
            return shapes[i].key;
    return NULL;
}

static bool scan_rows(FileScan *scan, Error *err) {
    AUTO(Arena) arena = { 0 };
    Error ignored = { 0 };
    RowShape *shapes = NULL;
    size_t count = 0;
    const State *state = scan->state;
    if (!row_shapes(&state->snapshot, &scan->config->scope, &arena, &shapes, &count, &ignored))
        count = 0;
    for (size_t i = 0; i < state->data_count; i++) {
        scan->collection = state->data[i].collection;
        scan->key = key_of(shapes, count, scan->collection);
        if (!state_rows_from(&state->source, &state->data[i], scan_row, scan, err))
            return false;
    }
    return true;
}

static const char *place_of(const FileScan *scan, size_t at, Arena *arena) {
    const ClearSecret *clear = &scan->keeper->clear[at];
    if (scan->places[at])
        return arena_printf(arena, "%s (%s)", scan->places[at], clear->pointer);
    return snapshot_place_at(&scan->state->snapshot, clear->source, clear->pointer, arena);
}

static bool refuse(const FileScan *scan, Error *err) {
    enum { MOST = 20 };
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) list = { 0 };
    const Keeper *keeper = scan->keeper;
    size_t count = keeper->clear_count;
    if (!count)
        return true;
    for (size_t i = 0; i < count && i < MOST; i++)
        buf_printf(&list, "%s%s: %s", i ? "; " : "", place_of(scan, i, &arena), keeper->clear[i].kind);
    if (count > MOST)
        buf_printf(&list, "; and %zu more", count - MOST);
    const ClearSecret *first = &keeper->clear[0];
    const char *declare = "";
    if (!first->source)
        declare = arena_printf(&arena, ", add %s to \"collections\" in schema-sync.json",
                               secrets_config_line(first, "secrets", &arena));
    error_set(err, ERR_REFUSED, "%zu secret%s in clear: %s", count, count == 1 ? "" : "s", buf_text(&list));
    if (first->number)
        return error_hint(err, "%s, and take the number out of the file", secrets_mend_number(first, &arena));
    return error_hint(err,
                      "write \"${%s}\" in place of the whole text there, put %s=<that text> into .env%s and "
                      "stage the file again; if it is "
                      "harmless add %s to \"collections\" in schema-sync.json",
                      first->suggestion, first->suggestion, declare,
                      secrets_config_line(first, "harmless", &arena));
}

bool secrets_refuse_files(const Config *config, State *state, Error *err) {
    ValueSource nothing = { .look_up = no_value, .each = no_values };
    Keeper keeper = { 0 };
    AUTO(Placeholders) placeholders = { 0 };
    bool all[SECTION_COUNT];
    memset(all, true, sizeof all);
    secrets_begin(config, state, &nothing, &keeper, &placeholders);
    FileScan scan = { .config = config, .state = state, .source = &nothing, .keeper = &keeper };
    keeper_snapshot(&keeper, &state->snapshot, all, &state->snapshot);
    note_place(&scan, NULL);
    bool done = scan_rows(&scan, err) && refuse(&scan, err);
    arena_free(&scan.arena);
    keeper_free(&keeper);
    return done;
}
