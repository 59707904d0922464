/*
 * Dates and times in the notations that Directus takes: it gives each of them back in one of its own.
 */
#ifndef SCHEMA_SYNC_MODEL_MOMENT_H
#define SCHEMA_SYNC_MODEL_MOMENT_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Whether two texts are the same moment for a field of Directus's type `type` (timestamp, dateTime, date or
 * time; false for any other): "2024-05-01T10:00:00+02:00" and "2024-05-01T08:00:00.000Z" are one timestamp,
 * "10:00" and "10:00:00" one time. What Directus does not show does not count: the time of a date, a fraction
 * of a dateTime, microseconds of a timestamp. What Directus would read by the server's time zone is equal to
 * nothing.
 */
bool moment_equal(const char *type, const char *a, const char *b);
/* Appends the moment in Directus's own notation, the same for equal ones; false, and nothing appended, for
 * what is none of this type. */
bool moment_put(const char *type, const char *text, Buf *out);

#endif
