#include "model/field_path.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* "~1" and "~0" of a JSON pointer's step, in place. */
static char *unescaped(char *step) {
    char *out = step;
    for (const char *at = step; *at; at++) {
        bool escape = at[0] == '~' && (at[1] == '0' || at[1] == '1');
        *out++ = !escape ? *at : at[1] == '0' ? '~' : '/';
        at += escape;
    }
    *out = '\0';
    return step;
}

const char *const *field_path(Arena *arena, const char *text) {
    bool pointer = text[0] == '/';
    char between = pointer ? '/' : '.';
    const char **steps = NULL;
    size_t count = 0, capacity = 0;
    for (const char *at = pointer ? text + 1 : text;;) {
        const char *end = strchr(at, between);
        char *step = arena_strndup(arena, at, end ? (size_t)(end - at) : strlen(at));
        ARENA_PUSH(arena, steps, count, capacity, pointer ? unescaped(step) : step);
        if (!end)
            break;
        at = end + 1;
    }
    ARENA_PUSH(arena, steps, count, capacity, NULL);
    return steps;
}

/* The item of an array that a step names; NULL when there is none. */
static const Json *item_at(const Json *array, const char *step) {
    size_t digits = strspn(step, "0123456789");
    if (digits == 0 || digits > 9 || step[digits])
        return NULL;
    unsigned long index = strtoul(step, NULL, 10);
    return index < array->count ? &array->as.items[index] : NULL;
}

static const Json *step_into(const Json *value, const char *step) {
    return json_is(value, JSON_ARRAY) ? item_at(value, step) : json_get(value, step);
}

const Json *field_path_get(const Json *value, const char *const *steps) {
    for (; value && *steps; steps++)
        value = step_into(value, *steps);
    return value;
}

static Json with_item(Arena *arena, const Json *array, const Json *item, Json value) {
    JsonArrayBuilder out = json_array_builder(arena);
    for (uint32_t i = 0; i < array->count; i++)
        json_array_add(&out, &array->as.items[i] == item ? value : array->as.items[i]);
    return json_array_done(&out);
}

Json field_path_with(Arena *arena, const Json *value, const char *const *steps, Json leaf) {
    if (!*steps)
        return leaf;
    const Json *inner = step_into(value, *steps);
    Json changed = inner ? field_path_with(arena, inner, steps + 1, leaf) : leaf;
    if (json_is(value, JSON_ARRAY))
        return inner ? with_item(arena, value, inner, changed) : *value;
    return json_with(arena, value, *steps, changed);
}

static Json without_item(Arena *arena, const Json *array, const Json *item) {
    JsonArrayBuilder out = json_array_builder(arena);
    for (uint32_t i = 0; i < array->count; i++)
        if (&array->as.items[i] != item)
            json_array_add(&out, array->as.items[i]);
    return json_array_done(&out);
}

Json field_path_without(Arena *arena, const Json *value, const char *const *steps) {
    const Json *inner = steps[0] ? step_into(value, steps[0]) : NULL;
    if (!inner)
        return *value;
    if (steps[1])
        return field_path_with(arena, value, (const char *const[]){ steps[0], NULL },
                               field_path_without(arena, inner, steps + 1));
    return json_is(value, JSON_ARRAY) ? without_item(arena, value, inner)
                                      : json_with(arena, value, steps[0], json_null());
}

static Json adopt_items(Arena *arena, const Json *into, const Json *from, const char *const *steps) {
    JsonArrayBuilder out = json_array_builder(arena);
    for (uint32_t i = 0; i < into->count; i++) {
        const Json *mine = &into->as.items[i];
        const Json *theirs = json_is(from, JSON_ARRAY) && i < from->count ? &from->as.items[i] : NULL;
        AUTO(Arena) scratch = { 0 };
        bool meant = theirs && str_matches(arena_printf(&scratch, "%u", i), steps[0]);
        json_array_add(&out, !meant     ? *mine
                             : steps[1] ? field_path_adopt(arena, mine, theirs, steps + 1)
                                        : *theirs);
    }
    return json_array_done(&out);
}

Json field_path_adopt(Arena *arena, const Json *into, const Json *from, const char *const *steps) {
    if (json_is(into, JSON_ARRAY))
        return adopt_items(arena, into, from, steps);
    if (!json_is(into, JSON_OBJECT))
        return *into;
    JsonObjectBuilder out = json_object_builder(arena);
    for (uint32_t i = 0; i < into->count; i++) {
        const JsonMember *mine = &into->as.members[i];
        if (!str_matches(mine->key, steps[0]))
            json_object_put(&out, mine->key, mine->value);
        else if (steps[1])
            json_object_put(&out, mine->key,
                            field_path_adopt(arena, &mine->value, json_get(from, mine->key), steps + 1));
    }
    for (uint32_t i = 0; !steps[1] && json_is(from, JSON_OBJECT) && i < from->count; i++)
        if (str_matches(from->as.members[i].key, steps[0]))
            json_object_put(&out, from->as.members[i].key, from->as.members[i].value);
    return json_object_done(&out);
}
