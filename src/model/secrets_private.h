/*
 * What the files behind secrets.h share.
 */
#ifndef SCHEMA_SYNC_MODEL_SECRETS_PRIVATE_H
#define SCHEMA_SYNC_MODEL_SECRETS_PRIVATE_H

#include "model/secrets.h"

/* Whether the place is one whose texts are declared secrets. `rule` may be NULL. */
bool secrets_declared(const SecretRule *rule, const char *record, const JsonStep *step);
/* A number at such a place, as text: in the arena; NULL when it is too short to be one (base/redact.h). */
const char *secret_number(Arena *arena, const Json *number);
/* The placeholder that the files have at this place, NULL when they have none. */
const Placeholder *placeholder_at(Placeholders *placeholders, const char *collection, const char *record,
                                  const char *path);
/* Whether the files have any in the collection's records. */
bool placeholders_hold(const Placeholders *placeholders, const char *collection);

#endif
