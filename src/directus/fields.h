/*
 * Which fields of the system's own records are carried. What Directus 11.17.4 has is a table here; anything
 * else in an answer is a custom field, or one of another version, and its own description decides.
 */
#ifndef SCHEMA_SYNC_DIRECTUS_FIELDS_H
#define SCHEMA_SYNC_DIRECTUS_FIELDS_H

#include <stdbool.h>

#include "base/json.h"
#include "directus/versions.h"
#include "model/catalog.h"

/* One of the fields every Directus 11 has, an alias or secret among them or not. */
bool field_is_built_in(TypeId type, const char *name);
/* One that is the instance's own and carried, as far as its version tells: no description needs to be read.
 */
bool field_is_known(const Version *version, TypeId type, const char *name);
/* One that every Directus of this version's kind has, from its first release on: none needs to be asked.
 * False for settings, which grow with every release. */
bool field_is_certain(const Version *version, TypeId type, const char *name);
/*
 * Whether a field with this description (an element of GET /fields or of a schema snapshot's "fields") is
 * carried in records: tracked, a column, readable in full (not conceal, hash or encrypt), and not stamped by
 * the server.
 */
bool field_is_carried(const Json *description);
/* Among descriptions of many collections; NULL when there is none. */
const Json *field_find(const Json *descriptions, const char *collection, const char *name);

#endif
