/*
 * The three-way merge of one file of a state, by record and member instead of by line: for a merge driver.
 * Data files are not merged here: their rows flow (sync/merge_rows.h).
 *
 *   schema and configuration   records and members as merge.h says; what the file's nested records lost to
 *                              each other is a conflict, what stands in other files is not looked at
 *   info.json                  member by member
 *   removed.jsonl              as a set: what either side added is there, what either side took out is not
 *
 * The result is canonical. At a conflict it has both versions between marks (conflict.h), each of them as the
 * merge would be if that side won, so that only what is contested stands twice. Members in another order or
 * another formatting are no change.
 */
#ifndef SCHEMA_SYNC_MODEL_MERGE_TEXT_H
#define SCHEMA_SYNC_MODEL_MERGE_TEXT_H

#include "model/conflict.h"
#include "model/layout.h"
#include "model/merge.h"

typedef struct {
    const char *text;
    size_t length; /* of base 0: both sides added the file */
} MergeText;

typedef struct {
    const char *path; /* beneath the state folder */
    MergeText base, ours, theirs;
} MergeTexts;

typedef struct {
    Buf text;
    size_t conflicts; /* pairs of versions in it */
    Buf places;       /* a line for each conflict: "role "Editor": /icon" */
} MergedText;

/* False, and nothing given, where a side is no valid file of its kind: git's own merge can do better than
 * none. */
bool merge_text(const MergeTexts *texts, const ConflictMarks *marks, MergedText *out, Error *err);
void merged_text_free(MergedText *merged);
AUTO_DEFINE(MergedText, merged_text_free);

#endif
