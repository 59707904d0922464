/*
 * The canonical text of a value: the same value always gives the same bytes.
 *
 * UTF-8; keys in code-point order (Json objects already are); numbers as RFC 8785 §3.2.2.3, that is
 * ECMAScript's Number::toString (shortest digits that read back as the same double); strings as RFC 8785
 * §3.2.2.2 (only ", \ and control characters are escaped, \b \t \n \f \r in short form, others \u00xx in
 * lower case). One difference to RFC 8785: keys are ordered by code point (bytes of UTF-8) and not by UTF-16
 * unit, as the files' readers would expect.
 */
#ifndef SCHEMA_SYNC_MODEL_CANON_H
#define SCHEMA_SYNC_MODEL_CANON_H

#include "base/json.h"
#include "base/str.h"

/* On one line, without spaces: {"a":1,"b":[true,null]} */
void canon_compact(Buf *out, const Json *value);
/* Indented by two spaces a level, ": " after keys, empty containers as {} and [], no newline at the end. */
void canon_pretty(Buf *out, const Json *value);
/* A number's text; at most 25 bytes and a NUL. Never called with NaN or infinity: JSON has none. */
void canon_number(char text[32], double number);

#endif
