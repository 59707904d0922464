/*
 * Places of values in records, in words that survive an insertion:
 * "options/headers/header=Authorization/value".
 *
 * Steps are separated by '/'. A member is its name, an item of an array what tells it from its neighbours
 * (one of header, name, key, field, id, when it is a short text and no other item's) or else its number. In
 * names, '~' is ~0, '/' is ~1, ':' is ~2. In front may stand the record and a colon,
 * "posts.title:meta/options/url": its id where ids are portable, else its natural key joined by dots (schema)
 * or commas. A pattern may have '*' for any one step, means every record when it names none, and may give an
 * item by number or by any member of it.
 */
#ifndef SCHEMA_SYNC_MODEL_PLACE_H
#define SCHEMA_SYNC_MODEL_PLACE_H

#include "base/json.h"
#include "base/str.h"
#include "model/snapshot.h"

/* The place of a value within its record. */
void place_put(Buf *out, const JsonStep *step);
/* The record's part, escaped; nothing for singletons. */
void place_put_record(Buf *out, TypeId type, const Record *record);
/* One name, escaped. */
void place_put_name(Buf *out, const char *name);

/* Whether the pattern means this value of that record (its escaped part), or, unless `exact`, something it is
 * in. */
bool place_matches(const char *pattern, const char *record, const JsonStep *step, bool exact);
/* What is wrong with a pattern, NULL when nothing is. An exact one has no '*'. */
const char *place_fault(const char *pattern, bool exact);

/* What a value is called: its member's name; of {"header": "X-Key", "value": …} "X-Key"; of an item its
 * array's. */
const char *place_name(const JsonStep *step);
/* The value of another version of the record at the same place, NULL when it has none. */
const Json *place_value(const Json *record, const JsonStep *step);

#endif
