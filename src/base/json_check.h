/*
 * The validator's other face, for json.c alone: besides the verdict it tells what cJSON must not see as it
 * stands.
 */
#ifndef SCHEMA_SYNC_BASE_JSON_CHECK_H
#define SCHEMA_SYNC_BASE_JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Comments and trailing commas are to be blanked; a long number is to be written shorter. */
typedef enum { JSON_SPAN_BLANK, JSON_SPAN_NUMBER } JsonSpanKind;

typedef struct {
    JsonSpanKind kind;
    size_t at, length;
} JsonSpan;

typedef struct {
    JsonSpan *items; /* in the order of the text; free() */
    size_t count, capacity;
} JsonSpans;

/* json_validate; on success `spans` (may be NULL, else zeroed by the caller) lists the spans. */
bool json_check(const char *text, size_t length, unsigned strictness, JsonSpans *spans, Error *err);

/*
 * Decodes one unit of an accepted string's inside: a byte, a whole UTF-8 sequence or an escape (surrogate
 * pairs together, a lone half as its three bytes). Writes 1 to 4 bytes to `out`, advances *at, returns how
 * many.
 */
size_t json_unescape(const char **at, const char *end, char out[4]);

#endif
