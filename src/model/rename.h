/*
 * Declared renames: which collection or field of a target is which of the files under a new name, so that its
 * rows survive. Pure: what is to be renamed, and how records read in the old names look in the new ones; SQL
 * does it (postgres/rename.h).
 */
#ifndef SCHEMA_SYNC_MODEL_RENAME_H
#define SCHEMA_SYNC_MODEL_RENAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "model/snapshot.h"

/* `field` NULL: the collection itself gets the name `to`; else a field of it, by the collection's new name.
 */
typedef struct {
    const char *collection, *field, *to;
} Rename;

/* Collections first; each name of the old ones once. */
typedef struct {
    const Rename *items;
    size_t count;
} Renames;

/*
 * Of those declared the ones that are still to be done: the files have the new name and not the old one, the
 * target the old one. Several in a row (a → b, b → c) count as one. ERR_CONFIG where the files have both
 * names, ERR_REFUSED where the target has both. In the arena.
 */
bool renames_pending(const Renames *declared, const Snapshot *files, const Snapshot *target, Arena *arena,
                     Renames *pending, Error *err);

/* Whether a collection (or field) that went was given another name, which `now` has. */
bool renames_explain(const Renames *declared, const Snapshot *now, const char *collection, const char *field);

/* The same ones backwards; texts are not copied. In the arena. */
Renames renames_reversed(const Renames *declared, Arena *arena);

/* "collection notes renamed to records" */
void rename_put(const Rename *rename, Buf *out);

/* The other name; the same text when it has none. Collections by their new names where a field is asked for.
 */
const char *renames_new_collection(const Renames *renames, const char *old_name);
const char *renames_old_collection(const Renames *renames, const char *new_name);
const char *renames_new_field(const Renames *renames, const char *collection, const char *old_name);
const char *renames_old_field(const Renames *renames, const char *collection, const char *new_name);

/* A target's records in the new names, sorted again. */
void renames_apply(const Renames *renames, Snapshot *target);
/* A schema (see desired.h) back in the old names, as the server still knows it, and the server's answer to it
 * in the new ones. */
Json renames_schema_back(Arena *arena, const Renames *renames, const Json *schema);
Json renames_diff(Arena *arena, const Renames *renames, const Json *diff);

#endif
