#include "model/value_diff.h"

#include <string.h>

#include "model/show.h"
#include "model/text_diff.h"

typedef struct {
    const char *pointer, *path, *key;
    const Json *owner;
} Place;

typedef struct {
    Arena *arena;
    ValueEdits *edits;
} Walk;

static void differ(const Walk *walk, Place place, const Json *before, const Json *after);

static void put(const Walk *walk, Place place, const Json *before, const Json *after) {
    ValueEdit edit = { place.pointer, place.path, place.key, before, after, place.owner };
    ARENA_PUSH(walk->arena, walk->edits->items, walk->edits->count, walk->edits->capacity, edit);
}

static const char *member_path(Arena *arena, const char *path, const char *key) {
    AUTO(Buf) text = { 0 };
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$";
    bool bare = *key && strspn(key, plain) == strlen(key);
    buf_puts(&text, path);
    buf_puts(&text, bare ? "." : "[");
    if (bare)
        buf_puts(&text, key);
    else
        show_quoted(&text, key);
    if (!bare)
        buf_putc(&text, ']');
    return arena_strdup(arena, buf_text(&text));
}

static Place member_place(Arena *arena, Place place, const char *key, const Json *owner) {
    return (Place){ .pointer = arena_printf(arena, "%s/%s", place.pointer, json_pointer_step(arena, key)),
                    .path = member_path(arena, place.path, key),
                    .key = key,
                    .owner = owner };
}

static Place element_place(Arena *arena, Place place, size_t index) {
    return (Place){ .pointer = arena_printf(arena, "%s/%zu", place.pointer, index),
                    .path = arena_printf(arena, "%s[%zu]", place.path, index),
                    .key = place.key,
                    .owner = place.owner };
}

/* Members of both, in the order of their keys. */
static void differ_objects(const Walk *walk, Place place, const Json *before, const Json *after) {
    uint32_t i = 0, j = 0;
    while (i < before->count || j < after->count) {
        const JsonMember *left = i < before->count ? &before->as.members[i] : NULL;
        const JsonMember *right = j < after->count ? &after->as.members[j] : NULL;
        if (left && right && strcmp(left->key, right->key) == 0) {
            differ(walk, member_place(walk->arena, place, left->key, after), &left->value, &right->value);
            i++;
            j++;
        } else if (left && (!right || strcmp(left->key, right->key) < 0)) {
            put(walk, member_place(walk->arena, place, left->key, before), &left->value, NULL);
            i++;
        } else if (right) {
            put(walk, member_place(walk->arena, place, right->key, after), NULL, &right->value);
            j++;
        }
    }
}

typedef struct {
    const Json *before, *after;
} Arrays;

static bool equal_items(const void *context, size_t a, size_t b) {
    const Arrays *arrays = context;
    return json_equal(&arrays->before->as.items[a], &arrays->after->as.items[b]);
}

static bool is_container(const Json *value) {
    return value->kind == JSON_OBJECT || value->kind == JSON_ARRAY;
}

static void differ_arrays(const Walk *walk, Place place, const Json *before, const Json *after) {
    SequenceEdits edits = { 0 };
    Arrays arrays = { before, after };
    sequence_diff(walk->arena, before->count, after->count, equal_items, &arrays, &edits);
    for (size_t i = 0; i < edits.count; i++) {
        const SequenceEdit *edit = &edits.items[i];
        size_t a = edit->a_from, b = edit->b_from;
        for (; a < edit->a_to && b < edit->b_to; a++, b++)
            differ(walk, element_place(walk->arena, place, b), &before->as.items[a], &after->as.items[b]);
        for (; a < edit->a_to; a++)
            put(walk, element_place(walk->arena, place, a), &before->as.items[a], NULL);
        for (; b < edit->b_to; b++)
            put(walk, element_place(walk->arena, place, b), NULL, &after->as.items[b]);
    }
}

static void differ(const Walk *walk, Place place, const Json *before, const Json *after) {
    if (json_equal(before, after))
        return;
    if (!is_container(before) || before->kind != after->kind || !before->count || !after->count)
        put(walk, place, before, after);
    else if (before->kind == JSON_OBJECT)
        differ_objects(walk, place, before, after);
    else
        differ_arrays(walk, place, before, after);
}

void value_diff(Arena *arena, const char *pointer, const char *path, const char *key, const Json *before,
                const Json *after, ValueEdits *edits) {
    Walk walk = { arena, edits };
    Place place = { pointer, path, key, NULL };
    if (before && after)
        differ(&walk, place, before, after);
    else if (before || after)
        put(&walk, place, before, after);
}
