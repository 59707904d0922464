/*
 * Placeholders: "${NAME}" in a file stands for a value that the environment has, and that no file may hold.
 *
 * NAME is [A-Z][A-Z0-9_]*. Anywhere in configuration a string that is a placeholder as a whole is one; at a
 * place that the configuration declares ("secrets") one may also stand within a text, "Bearer ${TOKEN}".
 * Everything else is text, however many ${…} it holds: flow scripts are full of them. A text that would be
 * read as a placeholder, and is none, is written with one '$' more: "$${NAME}" is "${NAME}", "$$${NAME}" is
 * "$${NAME}".
 *
 * Pure: values come from a look-up that the caller gives.
 */
#ifndef SCHEMA_SYNC_MODEL_PLACEHOLDER_H
#define SCHEMA_SYNC_MODEL_PLACEHOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Where values come from. look_up: NULL when the name is not set (or empty). each: the names whose values may
 * be found again in what an instance has, those to be preferred first. */
typedef struct {
    const char *(*look_up)(void *context, const char *name);
    void (*each)(void *context, void (*visit)(void *visitor, const char *name, const char *value),
                 void *visitor);
    void *context;
} ValueSource;

typedef enum {
    TEXT_PLAIN,   /* stands for itself */
    TEXT_ESCAPED, /* stands for a text with a '$' less somewhere */
    TEXT_FILLED,  /* holds a placeholder, and all of them have values */
    TEXT_MISSING, /* holds a placeholder without a value */
} TextKind;

/* What the text of a file stands for: appended to `out`, except of TEXT_PLAIN. Of TEXT_MISSING the names
 * without a value are appended to `missing` (when given), each ended by '\n'. `within`: the place is
 * declared. */
TextKind placeholder_fill(const char *text, size_t length, bool within, const ValueSource *source, Buf *out,
                          Buf *missing);
/* How the text is written so that it stands for itself. False, and nothing appended: as it is. */
bool placeholder_escape(const char *text, size_t length, bool within, Buf *out);
/* A name: [A-Z][A-Z0-9_]*. */
bool placeholder_is_name(const char *text, size_t length);
/* A whole text that is one placeholder. */
bool placeholder_is_whole(const char *text, size_t length);

#endif
