/*
 * What of a value may be shown. Everything that prints a plan's values, whatever the format, gets them here.
 */
#ifndef SCHEMA_SYNC_MODEL_CONCEAL_H
#define SCHEMA_SYNC_MODEL_CONCEAL_H

#include "base/json.h"

/* Stands where a secret would. */
#define CONCEALED "(concealed)"

/*
 * The value with each text that is a secret, or looks like one, as CONCEALED; shared where there is none.
 * `name` is the member it belongs to and `owner` the object that member stands in (a header's value belongs
 * to the header's name); both may be NULL.
 */
Json conceal(Arena *arena, const char *name, const Json *owner, const Json *value);

#endif
