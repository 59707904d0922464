/*
 * File names for records: lower-case ASCII slugs that are safe on every file system.
 *
 * A slug keeps a-z, 0-9, '_', '-' and single inner '.', folds A-Z, turns every other run into one '-', and is
 * cut at 64 bytes. Whenever it lost something (it differs from the name), is empty, or is a name Windows
 * reserves (con, aux, nul, com1 …, with any extension), "-<8 hex of the key>" follows, so that names stay
 * distinct on file systems that fold case.
 */
#ifndef SCHEMA_SYNC_MODEL_SLUG_H
#define SCHEMA_SYNC_MODEL_SLUG_H

#include "base/mem.h"

/* The slug of `name`; `key` is what the suffix is taken from (the record's id). */
const char *slug_make(Arena *arena, const char *name, const char *key);

/* What is left of the name in its slug, without any suffix; "" when nothing is. */
const char *slug_stem(Arena *arena, const char *name);

/*
 * Slugs for all records of one folder. names, keys and out have `count` entries; keys are distinct. Of names
 * that would collide, those without a suffix get it and those with one get a longer one, until all differ.
 * The order of the records makes no difference.
 */
void slug_assign(Arena *arena, const char *const *names, const char *const *keys, size_t count,
                 const char **out);

#endif
