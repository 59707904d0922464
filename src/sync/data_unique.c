/*
 * UNIQUE values that move from one row to another. No order of writing suits all cases (two rows may swap
 * theirs), so the row that has a value which another one is to get lets go of it first: null where the column
 * takes it, else a stand-in until its own new value, or its end, comes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/canon.h"
#include "sync/data_private.h"

static void put_claim(Buf *key, size_t field, const Json *value) {
    char number[32];
    buf_printf(key, "%04zx", field);
    if (data_reference_text(value, number))
        buf_puts(key, data_reference_text(value, number));
    else
        canon_compact(key, value);
}

static bool claim(Sorter **sorter, size_t memory, size_t field, const Json *value, const char *row,
                  Error *err) {
    AUTO(Buf) key = { 0 };
    if (!*sorter)
        *sorter = sorter_new(memory);
    put_claim(&key, field, value);
    return sorter_add(*sorter, key.data, key.length, row, strlen(row) + 1, err);
}

bool unique_wanted(Unique *unique, size_t memory, const RowShape *shape, const Json *values, Error *err) {
    for (size_t i = 0; i < shape->field_count; i++) {
        const Json *value = shape->fields[i].unique ? json_get(values, shape->fields[i].name) : NULL;
        if (!json_is_null(value) && !claim(&unique->wanted, memory, i, value, "", err))
            return false;
    }
    return true;
}

bool unique_held(Unique *unique, size_t memory, const RowShape *shape, const Json *row, const Json *patch,
                 Error *err) {
    AUTO(Buf) key = { 0 };
    canon_compact(&key, json_get(row, shape->primary_key));
    for (size_t i = 0; i < shape->field_count; i++) {
        const RowField *field = &shape->fields[i];
        const Json *value = field->unique ? json_get(row, field->name) : NULL;
        if (json_is_null(value) || (patch && !json_get(patch, field->name)))
            continue;
        if (!claim(&unique->held, memory, i, value, buf_text(&key), err))
            return false;
    }
    return true;
}

/* What no row has: made of the row's key. False where the type leaves no room for such a value. */
static bool stand_in(Arena *arena, const RowField *field, const char *row, Json *value) {
    char hex[DIGEST_HEX];
    digest_of(row, strlen(row), hex);
    size_t length = strlen(hex);
    *value = json_null();
    if (field->nullable)
        return true;
    if (field->numeric) {
        *value = json_number(-1.0 - (double)(strtoull(hex + length - 7, NULL, 16)));
        return true;
    }
    if (str_equal(field->type, "uuid")) {
        *value = json_string(arena, arena_printf(arena, "%.8s-%.4s-4%.3s-8%.3s-%.12s", hex, hex + 8, hex + 13,
                                                 hex + 17, hex + 20));
        return true;
    }
    if (field->longest && field->longest < length)
        hex[field->longest] = 0;
    *value = json_string(arena, hex);
    return str_equal(field->type, "string") || str_equal(field->type, "text");
}

static bool release(const RowShape *shape, size_t memory, const SorterRecord *held, Sorter **releases,
                    Error *err) {
    AUTO(Arena) arena = { 0 };
    char index[5] = { 0 };
    Json key, value;
    memcpy(index, held->key, sizeof index - 1);
    const RowField *field = &shape->fields[strtoul(index, NULL, 16)];
    if (!json_parse(&arena, held->value, strlen(held->value), JSON_SYNTAX, &key, err))
        return error_context(err, "a key in a temporary file");
    if (!stand_in(&arena, field, held->value, &value))
        return true; /* the server says which value is in the way */
    Json patch = json_with(&arena, NULL, shape->primary_key, key);
    patch = json_with(&arena, &patch, field->name, value);
    return data_spool(releases, memory, &patch, err);
}

bool unique_release(Unique *unique, size_t memory, const RowShape *shape, Sorter **releases, Error *err) {
    Join join;
    bool more = true;
    if (!unique->held || !unique->wanted)
        return true;
    if (!join_begin(&join, unique->held, unique->wanted, err))
        return false;
    while (join_next(&join, &more, err) && more)
        if (join.order == 0 && !release(shape, memory, &join.a, releases, err))
            return false;
    return !more;
}

void unique_free(Unique *unique) {
    sorter_free(&unique->wanted);
    sorter_free(&unique->held);
}
