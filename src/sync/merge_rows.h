/*
 * The three-way merge of one data file, row by row: a row is the same one by the key its collection has, and
 * is merged field by field. Rows flow through sorters, so memory does not grow with the files.
 *
 * The result is canonical. At a conflict a row stands there in both versions, between the marks of
 * conflict.h; so do two rows of which one key is equal and the other is not (a counter that both sides gave,
 * a natural key that both sides added under ids of their own).
 */
#ifndef SCHEMA_SYNC_SYNC_MERGE_ROWS_H
#define SCHEMA_SYNC_SYNC_MERGE_ROWS_H

#include "base/file.h"
#include "model/conflict.h"
#include "model/rows.h"

typedef struct {
    const RowShape *shape;
    const char *base, *ours, *theirs; /* paths; an empty base: both sides added the file */
    const ConflictMarks *marks;
} RowFiles;

/* Writes the merge to `out`. `places` gets a line for each of the first conflicts. False with ERR_FILES where
 * a side is no valid data file or repeats a key. */
bool merge_rows(const RowFiles *files, FileWriter *out, size_t *conflicts, Buf *places, Error *err);

#endif
