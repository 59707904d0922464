/* git's own three-way merge, by line, of three texts. */
#ifndef SCHEMA_SYNC_REPO_MERGE_LINES_H
#define SCHEMA_SYNC_REPO_MERGE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

typedef struct {
    const char *text;
    size_t length;
} LinesSide;

typedef struct {
    LinesSide base, ours, theirs;
    const char *ours_label, *theirs_label;
    size_t mark_size;
} LinesMerge;

/* *clean: without a conflict; else the result has its marks. */
bool merge_lines(const LinesMerge *merge, Buf *out, bool *clean, Error *err);

#endif
