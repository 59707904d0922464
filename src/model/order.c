#include "model/order.h"

#include <string.h>

#include "base/str.h"

/* The reference of a type to itself that must exist first; links that may form cycles are set by a second
 * write. */
static const Reference *self_reference(TypeId type) {
    for (const Reference *reference = catalog_row(type)->references; reference->field; reference++)
        if (reference->target == type && strcmp(reference->field, "parent") == 0)
            return reference;
    return NULL;
}

static size_t position(const RecordList *list, const char *id) {
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(list->items[middle].id, id);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return list->count;
}

typedef struct {
    const RecordList *list;
    const char *field;
    bool *placed;
    size_t *order, count;
} Walk;

/* Climbs to the first ancestor that is not placed yet; `depth` bounds the climb, so a cycle ends. */
static void place(Walk *walk, size_t at, size_t depth) {
    if (walk->placed[at])
        return;
    const char *parent = json_get_text(&walk->list->items[at].json, walk->field);
    size_t above = parent ? position(walk->list, parent) : walk->list->count;
    if (above < walk->list->count && depth < walk->list->count)
        place(walk, above, depth + 1);
    if (walk->placed[at])
        return;
    walk->placed[at] = true;
    walk->order[walk->count++] = at;
}

size_t *order_parents_first(Arena *arena, const RecordList *list, TypeId type) {
    size_t *order = arena_array(arena, list->count + 1, sizeof *order);
    for (size_t i = 0; i < list->count; i++)
        order[i] = i;
    const Reference *self = self_reference(type);
    if (!self)
        return order;
    Walk walk = { list, self->field, arena_array(arena, list->count + 1, sizeof(bool)), order, 0 };
    for (size_t i = 0; i < list->count; i++)
        place(&walk, i, 0);
    return order;
}
