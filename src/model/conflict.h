/*
 * Conflicts as git writes them: both texts between lines that no JSON has, so that whoever reads the file
 * refuses it, and every editor knows how to settle it.
 *
 *   <<<<<<< ours
 *     "icon": "anchor",
 *   =======
 *     "icon": "bolt",
 *   >>>>>>> theirs
 */
#ifndef SCHEMA_SYNC_MODEL_CONFLICT_H
#define SCHEMA_SYNC_MODEL_CONFLICT_H

#include <stddef.h>

#include "base/str.h"

typedef struct {
    const char *ours, *theirs; /* what git calls the sides */
    size_t size;               /* of the marks: 7, more within a conflict */
} ConflictMarks;

/* Two versions of one text: what they share once, else both. Choosing one side everywhere gives that
 * version. Returns how many conflicts it took. */
size_t conflict_put(const char *ours, const char *theirs, const ConflictMarks *marks, Buf *out);
/* Both versions as one conflict. */
void conflict_put_whole(const char *ours, const char *theirs, const ConflictMarks *marks, Buf *out);
/* The line of a mark: '<', '=' or '>'; `label` may be NULL. */
void conflict_put_mark(Buf *out, char byte, size_t size, const char *label);

#endif
