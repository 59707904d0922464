/*
 * What the merge driver does: one file of a state, merged by record and field, or, where that is not to be
 * had, by line as git does it.
 */
#ifndef SCHEMA_SYNC_SYNC_MERGE_FILE_H
#define SCHEMA_SYNC_SYNC_MERGE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/conflict.h"

typedef struct {
    const char *base, *ours, *theirs; /* files; an empty base: both sides added it */
    /* What it is called in the repository, from the working directory; the rest of the state, for what the
     * rows of a data file are known by, is looked for there. */
    const char *path;
    ConflictMarks marks;
} MergeFileOptions;

typedef struct {
    bool by_line;     /* git's merge was taken */
    Error why;        /* it was; without a message: the file holds none of the state's records */
    size_t conflicts; /* by line: 1 if there are any */
    Buf places;       /* a line for each of them, as far as they are told */
} MergeFileResult;

/* The result replaces `ours`, as a whole or not at all. */
bool sync_merge_file(const MergeFileOptions *options, MergeFileResult *result, Error *err);
void merge_file_result_free(MergeFileResult *result);
AUTO_DEFINE(MergeFileResult, merge_file_result_free);

#endif
