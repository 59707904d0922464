/*
 * Values as they may be printed: all that shows a record's values (plans, saved plans, reports) shows them
 * so.
 */
#ifndef SCHEMA_SYNC_MODEL_REDACTED_H
#define SCHEMA_SYNC_MODEL_REDACTED_H

#include "base/json.h"

/*
 * Values that came from placeholders by their names ("${TOKEN}", see base/redact.h), and what looks like a
 * secret (secret_scan.h) by its kind: "(GitHub token)". `name` is what the value is called ("options"), NULL
 * when nothing is known. Shared with `value` where nothing is hidden. Values are redacted before they are cut
 * or taken apart.
 */
Json redacted(Arena *arena, const Json *value, const char *name);

#endif
