/*
 * JSON in memory: strict to read, cheap to compare, immutable once shared.
 *
 * Reading is three steps: json_validate() goes over the bytes and refuses what is not RFC 8259 (and, for
 * state files, what cJSON would silently change), cJSON parses the accepted text, and the result is copied
 * into an arena as Json values: objects are sorted by key (bytes of UTF-8, which is code-point order) and
 * arrays are contiguous, so that look-ups are binary searches and equality is one walk. cJSON's own printer
 * and linked lists are never used: it rounds numbers to 15–17 digits by trial, ends strings at \u0000 and
 * keeps duplicate keys.
 *
 * A Json is 16 bytes and passed by pointer; text, items and members belong to the arena it was made in.
 * Objects and arrays are built with the json_object_… and json_array_… functions and not changed after they
 * were handed on.
 */
#ifndef SCHEMA_SYNC_BASE_JSON_H
#define SCHEMA_SYNC_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

typedef enum { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } JsonKind;

typedef struct Json Json;
typedef struct JsonMember JsonMember;

struct Json {
    JsonKind kind;
    uint32_t count; /* bytes of a string (without the NUL), items of an array, members of an object */
    union {
        double number;
        const char *text; /* NUL-terminated, holds no NUL */
        const Json *items;
        const JsonMember *members; /* sorted by key, keys unique */
    } as;
};

struct JsonMember {
    const char *key;
    Json value;
};

/* How strict json_validate is, beyond RFC 8259 and its UTF-8. */
typedef enum {
    JSON_SYNTAX = 0,            /* the grammar, valid UTF-8, nesting up to JSON_MAX_DEPTH, nothing else */
    JSON_NO_DUPLICATES = 1,     /* a key twice in one object */
    JSON_NO_NUL = 2,            /* \u0000 in a string or key: PostgreSQL text cannot hold it */
    JSON_NO_LONE_SURROGATE = 4, /* \ud800 without its other half: not a character */
    JSON_EXACT_NUMBERS = 8,     /* numbers a double would change, see below */
    JSON_NO_CONFLICTS = 16,     /* lines of a git merge conflict get a message of their own */
    JSON_STATE = 31,            /* all of it: what state files are held to */
    JSON_COMMENTS = 32,         /* accept comments and trailing commas (config files) */
    JSON_NO_OVERFLOW = 64,      /* a number that overflows a double */
} JsonStrictness;

enum { JSON_MAX_DEPTH = 128 };

/*
 * JSON_EXACT_NUMBERS refuses an integer (no fraction, no exponent) that a double would change, a number that
 * overflows a double, and one that is not 0 and would become 0. Comments are // to the line's end and those
 * of C.
 */

/*
 * Checks `length` bytes at `text`. A fault is ERR_FILES with "line L, column C (/json/pointer): what" as
 * message and the mend as hint; the caller prefixes the file name. Line and column count from 1, the column
 * in bytes; the pointer is RFC 6901, left out at the root, and cut in its middle when long.
 */
bool json_validate(const char *text, size_t length, unsigned strictness, Error *err);

/*
 * json_validate, cJSON, copy. *out lives in the arena; text is not kept. Whatever the strictness, what a Json
 * cannot hold is refused: NUL, lone surrogates, numbers that overflow. Of duplicate keys, where allowed, the
 * last one counts.
 */
bool json_parse(Arena *arena, const char *text, size_t length, unsigned strictness, Json *out, Error *err);

/* ---- reading ---- */
extern const Json JSON_NULL_VALUE;
/* The member's value, or NULL when there is none or `object` is no object (or NULL). */
const Json *json_get(const Json *object, const char *key);
/* json_get along keys, ended by NULL: json_path(record, "meta", "group", NULL). */
const Json *json_path(const Json *object, ...) __attribute__((sentinel));
/* The text of a string member, else NULL. */
const char *json_get_text(const Json *object, const char *key);
bool json_get_bool(const Json *object, const char *key, bool otherwise);
/* The text of a string value, else NULL; NULL may be passed in. */
const char *json_text(const Json *value);
bool json_is_null(const Json *value); /* true for NULL too */
bool json_is_true(const Json *value);
static inline bool json_is(const Json *value, JsonKind kind) {
    return value && value->kind == kind;
}

/* Total order: null < false < true < numbers < strings < arrays < objects; within a kind by value, strings
 * and keys by code point. 0 is equality. NULL counts as null. */
int json_compare(const Json *a, const Json *b);
bool json_equal(const Json *a, const Json *b);

/* ---- building ---- */
Json json_null(void);
Json json_bool(bool value);
Json json_number(double value);
Json json_string(Arena *arena, const char *text); /* copies; NULL gives null */
Json json_string_n(Arena *arena, const char *text, size_t length);

/* A builder grows in its arena; finish gives the value (an object is sorted, the last of equal keys wins). */
typedef struct {
    Arena *arena;
    JsonMember *members;
    size_t count, capacity;
} JsonObjectBuilder;

typedef struct {
    Arena *arena;
    Json *items;
    size_t count, capacity;
} JsonArrayBuilder;

JsonObjectBuilder json_object_builder(Arena *arena);
void json_object_put(JsonObjectBuilder *builder, const char *key, Json value); /* key is copied */
void json_object_put_all(JsonObjectBuilder *builder, const Json *object);
Json json_object_done(JsonObjectBuilder *builder);
JsonArrayBuilder json_array_builder(Arena *arena);
void json_array_add(JsonArrayBuilder *builder, Json value);
Json json_array_done(JsonArrayBuilder *builder);

/* A shallow copy with one member set, or without the named ones; sharing the rest. */
Json json_with(Arena *arena, const Json *object, const char *key, Json value);
Json json_without(Arena *arena, const Json *object, const char *const *keys); /* ended by NULL */
/* A deep copy into another arena. */
Json json_copy(Arena *arena, const Json *value);

/*
 * Rebuilds `value` with every string passed through `map` (object keys are not). `map` returns the text to
 * put in its place (in the arena), or NULL to keep it. Values without a mapped string are shared, not copied.
 */
typedef const char *(*JsonTextMap)(Arena *arena, const char *text, size_t length, void *context);
Json json_map_texts(Arena *arena, const Json *value, JsonTextMap map, void *context);

/* The way from the root to a value: its last step, and through `up` those before it. NULL is the root itself.
 */
typedef struct JsonStep {
    const struct JsonStep *up;
    const Json *container; /* the object or array that was stepped into */
    const char *key;       /* of the member; NULL in an array */
    uint32_t index;
} JsonStep;

/* The same with the place of each string; steps are valid during the call. */
typedef const char *(*JsonPlaceMap)(Arena *arena, const Json *text, const JsonStep *step, void *context);
Json json_map_places(Arena *arena, const Json *value, JsonPlaceMap map, void *context);
/* The same with numbers too, which become what `map` returns for them: a string. */
Json json_map_scalars(Arena *arena, const Json *value, JsonPlaceMap map, void *context);

/* The pointer (RFC 6901) that a step stands for, "" at the root. */
void json_put_pointer(Buf *out, const JsonStep *step);

/* A key as a step of a JSON pointer (RFC 6901): "~" is ~0, "/" is ~1. */
const char *json_pointer_step(Arena *arena, const char *key);

#endif
