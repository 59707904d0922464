/* A merge for people: heads of records, and conflicts with the values of all sides, secrets concealed. */
#ifndef SCHEMA_SYNC_MODEL_MERGE_PRINT_H
#define SCHEMA_SYNC_MODEL_MERGE_PRINT_H

#include "model/merge.h"

/* `flow "Notify" › operation send` */
void merge_put_head(const MergeEntry *entry, Buf *out);
/* `posts 5: title: was "a", files "b", instance "c"`; what is nowhere is left out. */
void merge_put_conflict(const char *kind, const char *label, const MergeConflict *conflict, Buf *out);
/* The same of a record of configuration, a line for each of its conflicts. */
void merge_put_conflicts(const MergeEntry *entry, const char *indent, Buf *out);
/* A side's value as it may be shown; null where there is none. */
Json merge_shown(Arena *arena, const MergeConflict *conflict, const Json *value);

#endif
