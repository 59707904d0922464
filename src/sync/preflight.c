#include "sync/preflight.h"

#include <string.h>

/* ---- files ---- */

typedef struct {
    const char **ids;
    const char **fields;
    Record **records;
    size_t count, capacity;
} FileReferences;

static void add_file_reference(Arena *arena, FileReferences *found, Record *record, const char *field,
                               const char *id) {
    if (found->count == found->capacity) {
        size_t capacity = found->capacity;
        found->ids = arena_grow(arena, found->ids, found->count, &capacity, sizeof *found->ids);
        capacity = found->capacity;
        found->fields = arena_grow(arena, found->fields, found->count, &capacity, sizeof *found->fields);
        found->records =
            arena_grow(arena, found->records, found->count, &found->capacity, sizeof *found->records);
    }
    found->ids[found->count] = id;
    found->fields[found->count] = field;
    found->records[found->count++] = record;
}

static void collect_file_references(Snapshot *snapshot, Arena *arena, FileReferences *found) {
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        for (const Reference *reference = catalog_row(type)->references; reference->field; reference++) {
            RecordList *list = &snapshot->types[type];
            for (size_t i = 0; reference->target == TYPE_FILES && i < list->count; i++) {
                const char *id = json_get_text(&list->items[i].json, reference->field);
                if (id)
                    add_file_reference(arena, found, &list->items[i], reference->field, id);
            }
        }
}

bool settle_files(Session *session, State *state, size_t *nulled, Error *err) {
    AUTO(Arena) arena = { 0 };
    FileReferences found = { 0 };
    *nulled = 0;
    collect_file_references(&state->snapshot, &arena, &found);
    if (!found.count)
        return true;
    bool *there = arena_array(&arena, found.count, sizeof *there);
    if (!directus_exist(session, "directus_files", "id", "uuid", found.ids, found.count, there, err))
        return false;
    for (size_t i = 0; i < found.count; i++) {
        if (there[i])
            continue;
        Record *record = found.records[i];
        record->json = json_with(&state->snapshot.arena, &record->json, found.fields[i], json_null());
        ++*nulled;
    }
    return true;
}
