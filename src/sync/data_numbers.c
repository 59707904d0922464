/* Primary keys that are counters mean different rows on the two sides. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/data_private.h"

typedef struct {
    Sorter *files, *own; /* ids of the files' rows, and of rows that only the target has */
    int64_t highest;
} Numbers;

static bool note_number(Numbers *numbers, Sorter *into, const RowShape *shape, const Json *row, Error *err) {
    char text[32];
    AUTO(Buf) key = { 0 };
    const char *id = data_reference_text(json_get(row, shape->primary_key), text);
    int64_t number = id ? strtoll(id, NULL, 10) : 0;
    if (number > numbers->highest)
        numbers->highest = number;
    return !id || !into ||
           (data_primary_key(shape, row, &key, err) &&
            sorter_add(into, key.data, key.length, id, strlen(id) + 1, err));
}

static bool note_numbers(const DataSet *set, Numbers *numbers, Error *err) {
    Join join;
    bool more = true;
    AUTO(Arena) arena = { 0 };
    if (!join_begin(&join, set->state, set->target, err))
        return false;
    while (join_next(&join, &more, err) && more) {
        Json row;
        arena_reset(&arena);
        if (join.order <= 0 && (!data_parse_state(&arena, &join.a, &row, err) ||
                                !note_number(numbers, numbers->files, set->shape, &row, err)))
            return false;
        if (join.order >= 0 &&
            (!data_parse_target(&arena, &join.b, &row, err) ||
             !note_number(numbers, join.order > 0 ? numbers->own : NULL, set->shape, &row, err)))
            return false;
    }
    return !more;
}

bool data_tell_apart(const DataSet *set, size_t memory, IdMap *map, Error *err) {
    Numbers numbers = { .files = sorter_new(memory), .own = sorter_new(memory) };
    Join join;
    bool more = true;
    bool done = note_numbers(set, &numbers, err) && join_begin(&join, numbers.own, numbers.files, err);
    while (done && (done = join_next(&join, &more, err)) && more) {
        char alias[32];
        if (join.order != 0)
            continue;
        snprintf(alias, sizeof alias, "%" PRId64, ++numbers.highest);
        idmap_put(map, set->shape->collection, join.a.value, alias);
    }
    sorter_free(&numbers.files);
    sorter_free(&numbers.own);
    return done;
}
