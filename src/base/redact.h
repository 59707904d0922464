/*
 * Redaction: values that must not be shown, and what is shown in their place.
 *
 * One register for the process, like the log's sink: who learns of a secret hides it, and all that prints
 * (log_say, errors, results, the marker's error column) asks here. It is guarded by a lock, since threads
 * talk too, and costs nothing as long as nothing is hidden.
 *
 * Within a text a value counts when it has at least REDACT_WITHIN bytes, as a whole text from REDACT_WHOLE
 * on: masking every "on" of a message would hide nothing and garble all. A value is found as it is and as
 * JSON writes it. Of a text that was cut within a value, the end that is left is masked too.
 */
#ifndef SCHEMA_SYNC_BASE_REDACT_H
#define SCHEMA_SYNC_BASE_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"

enum { REDACT_WHOLE = 4, REDACT_WITHIN = 6 };

/* From now on `shown` ("${TOKEN}") stands for `value`. Both are copied; of two names for a value the first
 * one counts. */
void redact_hide(const char *value, const char *shown);
/* Whether anything is hidden at all. */
bool redact_any(void);
/* Appends the text as it may be shown. */
void redact_append(Buf *out, const char *text, size_t length);
/* Message and hint, in place. */
void redact_error(Error *err);
/* The value with every string in it as it may be shown; shared where nothing is hidden. */
Json redact_json(Arena *arena, const Json *value);
/* Wipes and forgets everything. */
void redact_forget(void);

#endif
