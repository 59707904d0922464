/*
 * What of a value may be shown. Everything that prints a plan's values, whatever the format, gets them here.
 */
#ifndef SCHEMA_SYNC_MODEL_CONCEAL_H
#define SCHEMA_SYNC_MODEL_CONCEAL_H

#include "base/json.h"

/* Stands for a value of which only its name says that it is a secret. */
#define CONCEALED "(concealed)"

/*
 * The value with its secrets hidden as redacted.h does it, and more cautiously: a plan can do without a value
 * that a file needs, so what stands under a name such as "password" is not shown however it looks. `name` is
 * the member it belongs to and `owner` the object that member stands in (a header's value goes by the
 * header's name); both may be NULL.
 */
Json conceal(Arena *arena, const char *name, const Json *owner, const Json *value);
/*
 * What `before` may show of a value that becomes `after`. Where the new text holds a value that came from a
 * placeholder, the old one was probably a secret too, however harmless it looks: it is CONCEALED, and so is
 * what goes without a successor in such a value. The rest is as conceal() shows it.
 */
Json conceal_former(Arena *arena, const char *name, const Json *owner, const Json *before, const Json *after);

#endif
