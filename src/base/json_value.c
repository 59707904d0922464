#include "base/json_value.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

const Json JSON_NULL_VALUE = { .kind = JSON_NULL };

/* ---- reading ---- */

const Json *json_get(const Json *object, const char *key) {
    if (!object || object->kind != JSON_OBJECT)
        return NULL;
    size_t low = 0;
    size_t high = object->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(object->as.members[middle].key, key);
        if (order == 0)
            return &object->as.members[middle].value;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const Json *json_path(const Json *object, ...) {
    va_list keys;
    va_start(keys, object);
    for (const char *key = va_arg(keys, const char *); key && object; key = va_arg(keys, const char *))
        object = json_get(object, key);
    va_end(keys);
    return object;
}

const char *json_get_text(const Json *object, const char *key) {
    return json_text(json_get(object, key));
}

bool json_get_bool(const Json *object, const char *key, bool otherwise) {
    const Json *value = json_get(object, key);
    if (!value || (value->kind != JSON_TRUE && value->kind != JSON_FALSE))
        return otherwise;
    return value->kind == JSON_TRUE;
}

const char *json_text(const Json *value) {
    return value && value->kind == JSON_STRING ? value->as.text : NULL;
}

bool json_is_null(const Json *value) {
    return !value || value->kind == JSON_NULL;
}

bool json_is_true(const Json *value) {
    return value && value->kind == JSON_TRUE;
}

/* ---- comparing ---- */

static int compare_counts(uint32_t a, uint32_t b) {
    return a < b ? -1 : a > b;
}

static int compare_texts(const Json *a, const Json *b) {
    uint32_t shorter = a->count < b->count ? a->count : b->count;
    int order = memcmp(a->as.text, b->as.text, shorter);
    return order ? order : compare_counts(a->count, b->count);
}

static int compare_arrays(const Json *a, const Json *b) {
    for (uint32_t i = 0; i < a->count && i < b->count; i++) {
        int order = json_compare(&a->as.items[i], &b->as.items[i]);
        if (order)
            return order;
    }
    return compare_counts(a->count, b->count);
}

static int compare_objects(const Json *a, const Json *b) {
    for (uint32_t i = 0; i < a->count && i < b->count; i++) {
        const JsonMember *left = &a->as.members[i];
        const JsonMember *right = &b->as.members[i];
        int order = left->key == right->key ? 0 : strcmp(left->key, right->key);
        if (!order)
            order = json_compare(&left->value, &right->value);
        if (order)
            return order;
    }
    return compare_counts(a->count, b->count);
}

int json_compare(const Json *a, const Json *b) {
    a = a ? a : &JSON_NULL_VALUE;
    b = b ? b : &JSON_NULL_VALUE;
    if (a == b)
        return 0;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    switch (a->kind) {
    case JSON_NUMBER:
        return a->as.number < b->as.number ? -1 : a->as.number > b->as.number;
    case JSON_STRING:
        return compare_texts(a, b);
    case JSON_ARRAY:
        return compare_arrays(a, b);
    case JSON_OBJECT:
        return compare_objects(a, b);
    default:
        return 0;
    }
}

bool json_equal(const Json *a, const Json *b) {
    return json_compare(a, b) == 0;
}

/* ---- building ---- */

Json json_null(void) {
    return JSON_NULL_VALUE;
}

Json json_bool(bool value) {
    return (Json){ .kind = value ? JSON_TRUE : JSON_FALSE };
}

Json json_number(double value) {
    return (Json){ .kind = JSON_NUMBER, .as.number = value };
}

Json json_string(Arena *arena, const char *text) {
    return text ? json_string_n(arena, text, strlen(text)) : json_null();
}

Json json_string_n(Arena *arena, const char *text, size_t length) {
    return (Json){ .kind = JSON_STRING,
                   .count = (uint32_t)length,
                   .as.text = arena_strndup(arena, text, length) };
}

static bool is_sorted(const JsonMember *members, size_t count) {
    for (size_t i = 1; i < count; i++)
        if (strcmp(members[i - 1].key, members[i].key) >= 0)
            return false;
    return true;
}

/* Merges two sorted neighbours; of equal keys the left one comes first. */
static void merge(const JsonMember *left, size_t left_count, const JsonMember *right, size_t right_count,
                  JsonMember *out) {
    while (left_count > 0 && right_count > 0) {
        if (strcmp(left->key, right->key) <= 0) {
            *out++ = *left++;
            left_count--;
        } else {
            *out++ = *right++;
            right_count--;
        }
    }
    memcpy(out, left, left_count * sizeof *out);
    memcpy(out + left_count, right, right_count * sizeof *out);
}

/* A merge sort of our own, since the C library promises no stable one; `other` is as large as `members`. */
static void merge_sort(JsonMember *members, size_t count, JsonMember *other) {
    if (count < 2 || is_sorted(members, count))
        return;
    size_t half = count / 2;
    merge_sort(members, half, other);
    merge_sort(members + half, count - half, other);
    merge(members, half, members + half, count - half, other);
    memcpy(members, other, count * sizeof *members);
}

uint32_t json_sort_members(JsonMember *members, size_t count) {
    enum { SMALL = 64 };
    if (is_sorted(members, count))
        return (uint32_t)count;
    JsonMember small[SMALL];
    JsonMember *other = count <= SMALL ? small : mem_alloc(count * sizeof *other);
    merge_sort(members, count, other);
    if (other != small)
        free(other);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && strcmp(members[kept - 1].key, members[i].key) == 0)
            kept--;
        members[kept++] = members[i];
    }
    return (uint32_t)kept;
}

JsonObjectBuilder json_object_builder(Arena *arena) {
    return (JsonObjectBuilder){ .arena = arena };
}

void json_object_put(JsonObjectBuilder *builder, const char *key, Json value) {
    JsonMember member = { .key = arena_strdup(builder->arena, key), .value = value };
    ARENA_PUSH(builder->arena, builder->members, builder->count, builder->capacity, member);
}

void json_object_put_all(JsonObjectBuilder *builder, const Json *object) {
    if (!json_is(object, JSON_OBJECT))
        return;
    if (!builder->members) { /* the start of a copy: room for it and for one more */
        builder->capacity = (size_t)object->count + 1;
        builder->members = arena_array(builder->arena, builder->capacity, sizeof *builder->members);
    }
    for (uint32_t i = 0; i < object->count; i++)
        ARENA_PUSH(builder->arena, builder->members, builder->count, builder->capacity,
                   object->as.members[i]);
}

Json json_object_done(JsonObjectBuilder *builder) {
    uint32_t count = json_sort_members(builder->members, builder->count);
    Json object = { .kind = JSON_OBJECT, .count = count, .as.members = builder->members };
    *builder = (JsonObjectBuilder){ .arena = builder->arena };
    return object;
}

JsonArrayBuilder json_array_builder(Arena *arena) {
    return (JsonArrayBuilder){ .arena = arena };
}

void json_array_add(JsonArrayBuilder *builder, Json value) {
    ARENA_PUSH(builder->arena, builder->items, builder->count, builder->capacity, value);
}

Json json_array_done(JsonArrayBuilder *builder) {
    Json array = { .kind = JSON_ARRAY, .count = (uint32_t)builder->count, .as.items = builder->items };
    *builder = (JsonArrayBuilder){ .arena = builder->arena };
    return array;
}

Json json_with(Arena *arena, const Json *object, const char *key, Json value) {
    JsonObjectBuilder builder = json_object_builder(arena);
    json_object_put_all(&builder, object);
    json_object_put(&builder, key, value);
    return json_object_done(&builder);
}

static bool is_named(const char *key, const char *const *keys) {
    for (; *keys; keys++)
        if (strcmp(key, *keys) == 0)
            return true;
    return false;
}

Json json_without(Arena *arena, const Json *object, const char *const *keys) {
    JsonObjectBuilder builder = json_object_builder(arena);
    for (uint32_t i = 0; json_is(object, JSON_OBJECT) && i < object->count; i++) {
        const JsonMember *member = &object->as.members[i];
        if (!is_named(member->key, keys))
            ARENA_PUSH(arena, builder.members, builder.count, builder.capacity, *member);
    }
    return json_object_done(&builder);
}

static const JsonMember *copy_members(Arena *arena, const Json *object) {
    JsonMember *members = arena_array(arena, object->count, sizeof *members);
    for (uint32_t i = 0; i < object->count; i++) {
        members[i].key = arena_strdup(arena, object->as.members[i].key);
        members[i].value = json_copy(arena, &object->as.members[i].value);
    }
    return members;
}

static const Json *copy_items(Arena *arena, const Json *array) {
    Json *items = arena_array(arena, array->count, sizeof *items);
    for (uint32_t i = 0; i < array->count; i++)
        items[i] = json_copy(arena, &array->as.items[i]);
    return items;
}

Json json_copy(Arena *arena, const Json *value) {
    if (!value)
        return json_null();
    Json copy = *value;
    if (value->kind == JSON_STRING)
        copy.as.text = arena_strndup(arena, value->as.text, value->count);
    else if (value->kind == JSON_ARRAY)
        copy.as.items = copy_items(arena, value);
    else if (value->kind == JSON_OBJECT)
        copy.as.members = copy_members(arena, value);
    return copy;
}

/* ---- mapping ---- */

static bool is_same(const Json *a, const Json *b) {
    return a->kind == b->kind && a->as.text == b->as.text; /* of the union all members are as wide */
}

/* What a walk takes along: one `map` for all, and the way to where it is. */
typedef struct {
    Arena *arena;
    JsonPlaceMap map;
    void *context;
    bool numbers;
} Mapping;

static Json map_value(const Mapping *mapping, const Json *value, const JsonStep *step);

static Json map_array(const Mapping *mapping, const Json *array, const JsonStep *up) {
    Json *items = NULL;
    for (uint32_t i = 0; i < array->count; i++) {
        const Json *old = &array->as.items[i];
        JsonStep step = { .up = up, .container = array, .index = i };
        Json mapped = map_value(mapping, old, &step);
        if (!items && is_same(&mapped, old))
            continue;
        if (!items) {
            items = arena_array(mapping->arena, array->count, sizeof *items);
            memcpy(items, array->as.items, array->count * sizeof *items);
        }
        items[i] = mapped;
    }
    return items ? (Json){ .kind = JSON_ARRAY, .count = array->count, .as.items = items } : *array;
}

static Json map_object(const Mapping *mapping, const Json *object, const JsonStep *up) {
    JsonMember *members = NULL;
    for (uint32_t i = 0; i < object->count; i++) {
        const Json *old = &object->as.members[i].value;
        JsonStep step = { .up = up, .container = object, .key = object->as.members[i].key, .index = i };
        Json mapped = map_value(mapping, old, &step);
        if (!members && is_same(&mapped, old))
            continue;
        if (!members) {
            members = arena_array(mapping->arena, object->count, sizeof *members);
            memcpy(members, object->as.members, object->count * sizeof *members);
        }
        members[i].value = mapped;
    }
    return members ? (Json){ .kind = JSON_OBJECT, .count = object->count, .as.members = members } : *object;
}

static Json map_value(const Mapping *mapping, const Json *value, const JsonStep *step) {
    if (value->kind == JSON_ARRAY)
        return map_array(mapping, value, step);
    if (value->kind == JSON_OBJECT)
        return map_object(mapping, value, step);
    if (value->kind != JSON_STRING && !(mapping->numbers && value->kind == JSON_NUMBER))
        return *value;
    const char *text = mapping->map(mapping->arena, value, step, mapping->context);
    if (!text)
        return *value;
    return (Json){ .kind = JSON_STRING, .count = (uint32_t)strlen(text), .as.text = text };
}

Json json_map_places(Arena *arena, const Json *value, JsonPlaceMap map, void *context) {
    Mapping mapping = { arena, map, context, false };
    return value ? map_value(&mapping, value, NULL) : json_null();
}

Json json_map_scalars(Arena *arena, const Json *value, JsonPlaceMap map, void *context) {
    Mapping mapping = { arena, map, context, true };
    return value ? map_value(&mapping, value, NULL) : json_null();
}

typedef struct {
    JsonTextMap map;
    void *context;
} TextMapping;

static const char *map_text(Arena *arena, const Json *text, const JsonStep *step, void *context) {
    (void)step;
    const TextMapping *mapping = context;
    return mapping->map(arena, text->as.text, text->count, mapping->context);
}

Json json_map_texts(Arena *arena, const Json *value, JsonTextMap map, void *context) {
    TextMapping mapping = { map, context };
    return json_map_places(arena, value, map_text, &mapping);
}

void json_put_pointer(Buf *out, const JsonStep *step) {
    AUTO(Arena) arena = { 0 };
    if (!step)
        return;
    json_put_pointer(out, step->up);
    if (step->key)
        buf_printf(out, "/%s", json_pointer_step(&arena, step->key));
    else
        buf_printf(out, "/%u", step->index);
}

const char *json_pointer_step(Arena *arena, const char *key) {
    AUTO(Buf) step = { 0 };
    for (const char *c = key; *c; c++) {
        if (*c == '~' || *c == '/')
            buf_puts(&step, *c == '~' ? "~0" : "~1");
        else
            buf_putc(&step, *c);
    }
    return arena_strdup(arena, buf_text(&step));
}
