/* Points in time as people write them on a command line. */
#ifndef SCHEMA_SYNC_CLI_DATE_H
#define SCHEMA_SYNC_CLI_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * "2026-05-01", "2026-05-01T10:30", "yesterday", "2 weeks ago", "3.days", in local time; `now` and *out are
 * seconds since 1970. False when it is none of these.
 */
bool date_parse(const char *text, int64_t now, int64_t *out);
/* "2026-05-01" at a clock that is `offset` minutes ahead of UTC; with `full` "2026-05-01T10:30:00+02:00". */
void date_put(int64_t time, int offset, bool full, Buf *out);

#endif
