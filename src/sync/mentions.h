/*
 * Who names a record without a reference that says so: texts and rows that hold its id or its name.
 */
#ifndef SCHEMA_SYNC_SYNC_MENTIONS_H
#define SCHEMA_SYNC_SYNC_MENTIONS_H

#include "repo/repo.h"

/* Whether a text or a key anywhere in `value` holds `name` as a word. */
bool mentions(const Json *value, const char *name);

/* Rows of one collection that name a record, and where the first of them stands. */
typedef struct {
    const char *collection, *path;
    size_t rows, line;
} RowMentions;

/* Goes through the rows of all collections: those that hold the record's id; of a collection those of others
 * that may refer to any collection and refer to this one. */
typedef void (*RowMentionsEach)(const RowMentions *found, void *context);
bool mentions_in_rows(const State *state, TypeId type, const Record *record, RowMentionsEach each,
                      void *context, Error *err);

#endif
