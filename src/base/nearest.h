/*
 * "did you mean …": the known name that a mistyped one is most likely to be.
 */
#ifndef SCHEMA_SYNC_BASE_NEAREST_H
#define SCHEMA_SYNC_BASE_NEAREST_H

#include <stddef.h>

/* The nearest of `count` names by edit distance (a swap of neighbours is one edit, case counts for nothing),
 * or NULL when none is near enough to be meant: more than a third of the letters differ. */
const char *nearest_name(const char *name, const char *const *names, size_t count);

#endif
