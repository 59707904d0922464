#include "base/json.h"

#include <cJSON.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

#include "base/json_check.h"
#include "base/json_value.h"
#include "base/number.h"

_Static_assert((int)JSON_MAX_DEPTH < CJSON_NESTING_LIMIT, "cJSON must accept what the validator does");

/*
 * cJSON asks malloc for every node, key and text. Its tree lives only until it is copied, so all of it comes
 * from one scratch arena a parse, whose first bytes are on the stack: most texts are one row.
 */
typedef struct {
    alignas(max_align_t) char first[16384];
    size_t used;
    Arena rest;
} Scratch;

static thread_local Scratch *scratch;

static void *scratch_alloc(size_t size) {
    size_t rounded = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    if (rounded <= sizeof scratch->first - scratch->used) {
        void *memory = scratch->first + scratch->used;
        scratch->used += rounded;
        return memory;
    }
    return arena_alloc(&scratch->rest, size);
}

static void scratch_keep(void *memory) {
    (void)memory;
}

static void install_scratch(void) {
    cJSON_InitHooks(&(cJSON_Hooks){ .malloc_fn = scratch_alloc, .free_fn = scratch_keep });
}

/* ---- copying cJSON's tree ---- */

static Json copy_value(Arena *arena, const cJSON *item, const Json *sibling);

static uint32_t count_items(const cJSON *container) {
    uint32_t count = 0;
    for (const cJSON *item = container->child; item; item = item->next)
        count++;
    return count;
}

/* Rows of one page have the same keys: where the sibling has the key at the same place, its text is shared.
 */
static void keep_keys(Arena *arena, JsonMember *members, uint32_t count, const Json *sibling) {
    for (uint32_t i = 0; i < count; i++) {
        if (sibling && i < sibling->count && strcmp(sibling->as.members[i].key, members[i].key) == 0)
            members[i].key = sibling->as.members[i].key;
        else
            members[i].key = arena_strdup(arena, members[i].key);
    }
}

static Json copy_object(Arena *arena, const cJSON *object, const Json *sibling) {
    uint32_t count = count_items(object);
    if (sibling && sibling->kind != JSON_OBJECT)
        sibling = NULL;
    JsonMember *members = arena_array(arena, count, sizeof *members);
    uint32_t used = 0;
    for (const cJSON *item = object->child; item; item = item->next, used++) {
        const Json *like = cJSON_IsObject(item) ? json_get(sibling, item->string) : NULL;
        members[used] = (JsonMember){ .key = item->string, .value = copy_value(arena, item, like) };
    }
    count = json_sort_members(members, count);
    keep_keys(arena, members, count, sibling);
    return (Json){ .kind = JSON_OBJECT, .count = count, .as.members = members };
}

static Json copy_array(Arena *arena, const cJSON *array) {
    uint32_t count = count_items(array);
    Json *items = arena_array(arena, count, sizeof *items);
    uint32_t used = 0;
    for (const cJSON *item = array->child; item; item = item->next, used++)
        items[used] = copy_value(arena, item, used > 0 ? &items[used - 1] : NULL);
    return (Json){ .kind = JSON_ARRAY, .count = count, .as.items = items };
}

static Json copy_value(Arena *arena, const cJSON *item, const Json *sibling) {
    switch (item->type & 0xFF) {
    case cJSON_False:
        return json_bool(false);
    case cJSON_True:
        return json_bool(true);
    case cJSON_Number:
        return json_number(item->valuedouble);
    case cJSON_String:
        return json_string(arena, item->valuestring);
    case cJSON_Array:
        return copy_array(arena, item);
    case cJSON_Object:
        return copy_object(arena, item, sibling);
    default:
        return json_null();
    }
}

/* ---- parsing ---- */

/* The text as cJSON can take it: the spans of the validator blanked, or written shorter and padded. */
static char *mend_spans(Arena *arena, const char *text, size_t length, const JsonSpans *spans) {
    char *mended = arena_strndup(arena, text, length);
    for (size_t i = 0; i < spans->count; i++) {
        const JsonSpan *span = &spans->items[i];
        char *at = mended + span->at;
        char number[32] = "";
        if (span->kind == JSON_SPAN_NUMBER)
            number_print(number, number_read(at, span->length));
        memset(at, ' ', span->length);
        memcpy(at, number, strlen(number));
    }
    return mended;
}

static bool parse_accepted(Arena *arena, const char *text, size_t length, Json *out, Error *err) {
    static once_flag once = ONCE_FLAG_INIT;
    call_once(&once, install_scratch);
    Scratch here;
    here.used = 0;
    here.rest = (Arena){ 0 };
    scratch = &here;
    const cJSON *tree = cJSON_ParseWithLength(text, length);
    if (tree)
        *out = copy_value(arena, tree, NULL);
    scratch = NULL;
    arena_free(&here.rest);
    if (!tree)
        return error_set(err, ERR_INTERNAL, "cJSON refused a text that the validator had accepted");
    return true;
}

bool json_parse(Arena *arena, const char *text, size_t length, unsigned strictness, Json *out, Error *err) {
    JsonSpans spans = { 0 };
    strictness |= JSON_NO_NUL | JSON_NO_LONE_SURROGATE | JSON_NO_OVERFLOW;
    bool done = json_check(text, length, strictness, &spans, err);
    if (done && spans.count > 0) {
        AUTO(Arena) mended = { 0 };
        done = parse_accepted(arena, mend_spans(&mended, text, length, &spans), length, out, err);
    } else if (done) {
        done = parse_accepted(arena, text, length, out, err);
    }
    free(spans.items);
    return done;
}
