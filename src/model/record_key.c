#include "model/record_key.h"

#include "base/str.h"
#include "model/canon.h"

enum { DEEPEST = 64 }; /* folders of an instance may form a circle */

typedef struct {
    const Snapshot *own, *names;
    bool by_ids;
} Naming;

static void put_key(Buf *out, const Naming *naming, TypeId type, const Record *record, int depth);

static const Record *named_record(const Naming *naming, TypeId type, const char *id) {
    const Record *record = naming->names ? snapshot_find(naming->names, type, id) : NULL;
    return record || !naming->own ? record : snapshot_find(naming->own, type, id);
}

static void put_scalar(Buf *out, const Json *value) {
    if (json_is(value, JSON_STRING))
        buf_append(out, value->as.text, value->count);
    else
        canon_compact(out, value ? value : &JSON_NULL_VALUE);
}

static void put_part(Buf *out, const Naming *naming, TypeId type, const Record *record, const char *field,
                     int depth) {
    const Json *value = json_get(&record->json, field);
    const Reference *reference = catalog_is_schema(type) ? NULL : catalog_reference(type, field);
    const char *id = reference && !naming->by_ids && depth < DEEPEST ? json_text(value) : NULL;
    const Record *target = id && id[0] != '$' ? named_record(naming, reference->target, id) : NULL;
    if (target)
        put_key(out, naming, reference->target, target, depth + 1);
    else
        put_scalar(out, value);
}

static void put_key(Buf *out, const Naming *naming, TypeId type, const Record *record, int depth) {
    const CatalogRow *row = catalog_row(type);
    const char *parts[CATALOG_KEYS + 1] = { 0 };
    size_t count = 0;
    for (size_t i = 0; i < CATALOG_KEYS && row->key[i]; i++)
        parts[count++] = row->key[i];
    if (!count && !row->singleton) { /* panels */
        parts[count++] = row->parent_field;
        parts[count++] = row->label;
    }
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const Reference *reference = catalog_reference(type, parts[i]);
        bool root = reference && reference->target == type && json_is_null(json_get(&record->json, parts[i]));
        if (root)
            continue;
        if (any)
            buf_putc(out, catalog_is_schema(type) ? '.' : '/');
        put_part(out, naming, type, record, parts[i], depth);
        any = true;
    }
}

static const char *key_of(Arena *arena, const Naming *naming, TypeId type, const Record *record) {
    AUTO(Buf) text = { 0 };
    put_key(&text, naming, type, record, 0);
    return arena_strndup(arena, buf_text(&text), text.length);
}

const char *record_key(Arena *arena, const Snapshot *own, const Snapshot *names, TypeId type,
                       const Record *record) {
    Naming naming = { .own = own, .names = names };
    const Record *known = names ? snapshot_find(names, type, record->id) : NULL;
    return key_of(arena, &naming, type, known ? known : record);
}

const char *record_key_by_ids(Arena *arena, TypeId type, const Record *record) {
    Naming naming = { .by_ids = true };
    return key_of(arena, &naming, type, record);
}
