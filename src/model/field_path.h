/*
 * A place within a record: "status", "meta.note", "options.choices.0.text", or a JSON pointer
 * ("/options/a.b") where a key holds a dot. Numbers step into arrays.
 */
#ifndef SCHEMA_SYNC_MODEL_FIELD_PATH_H
#define SCHEMA_SYNC_MODEL_FIELD_PATH_H

#include <stdbool.h>

#include "base/json.h"
#include "base/mem.h"

/* Steps ended by NULL, in the arena. */
const char *const *field_path(Arena *arena, const char *text);
/* What stands there, or NULL when nothing does. */
const Json *field_path_get(const Json *value, const char *const *steps);
/* A copy with `leaf` there; the place must exist, its last step aside, which may be a member to come. */
Json field_path_with(Arena *arena, const Json *value, const char *const *steps, Json leaf);
/* A copy with null there, or without the item where it is one of an array. The place must exist. */
Json field_path_without(Arena *arena, const Json *value, const char *const *steps);
/*
 * A copy of `into` in which every place that the steps match ('*' in a step is a wildcard) is as it is in
 * `from`, which may be NULL: a member that `from` lacks goes, one that only `from` has comes.
 */
Json field_path_adopt(Arena *arena, const Json *into, const Json *from, const char *const *steps);

#endif
