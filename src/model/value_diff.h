/*
 * Where two values differ: only the members and elements that do, down the tree.
 */
#ifndef SCHEMA_SYNC_MODEL_VALUE_DIFF_H
#define SCHEMA_SYNC_MODEL_VALUE_DIFF_H

#include "base/json.h"
#include "base/mem.h"

typedef struct {
    const char *pointer; /* RFC 6901: "/options/choices/2/text" */
    const char *path;    /* for people: options.choices[2].text */
    const char *key;     /* the last member's name on the way: "text" */
    /* NULL: not there on this side. Elements that go have their index in the old array, all others in the
     * new. */
    const Json *before, *after;
    const Json *owner; /* the object that `key` is a member of on the side that has it, NULL at the top */
} ValueEdit;

typedef struct {
    ValueEdit *items;
    size_t count, capacity;
} ValueEdits;

/*
 * Appends the differences of two values, which stand at `pointer` ("/options") and `path` ("options"). Arrays
 * are compared element by element, by a shortest edit script: one element more is one difference, wherever it
 * stands. Texts are not taken apart. Edits point into the two values.
 */
void value_diff(Arena *arena, const char *pointer, const char *path, const char *key, const Json *before,
                const Json *after, ValueEdits *edits);

#endif
