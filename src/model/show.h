/*
 * Values and names of users as text for people: on one line, of bounded length, and unable to steer a
 * terminal or to pretend to be something else.
 *
 * Control characters, and those that are invisible or turn the direction of text (UAX #9 and #31:
 * bidirectional controls, zero-width space, soft hyphen, line and paragraph separators, tags), stand as
 * \u202e. The joiners of emoji and of Persian (U+200C, U+200D) stay.
 */
#ifndef SCHEMA_SYNC_MODEL_SHOW_H
#define SCHEMA_SYNC_MODEL_SHOW_H

#include <stdint.h>

#include "base/json.h"
#include "base/str.h"

/* Valid UTF-8 in; bytes that are none come out as \xff. */
void show_text(Buf *out, const char *text, size_t length);
/* The same for a message of several lines or with tabs: those become spaces. */
void show_message(Buf *out, const char *text);
/* The same, cut behind about `limit` bytes with "…". */
void show_clipped(Buf *out, const char *text, size_t limit);
/* 1234567 as "1,234,567". */
void show_count(Buf *out, uint64_t count);
/* In quotes when it is more than one word of letters, digits and _ . - : / $ and *. */
void show_name(Buf *out, const char *name);
/* In quotes, always. */
void show_quoted(Buf *out, const char *text);
/* Compact JSON of at most about `limit` bytes: what is longer loses its middle to "…". */
void show_value(Buf *out, const Json *value, size_t limit);
/* Two values that differ; where they are long, what they have in common at both ends is left out. */
void show_pair(Buf *before_out, Buf *after_out, const Json *before, const Json *after, size_t limit);
/* A JSON document with the same characters escaped as JSON does it: it still means the same. */
void show_json(Buf *out, const Buf *document);

#endif
