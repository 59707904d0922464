/*
 * How people name what is in a state: rm, show and log understand the same.
 *
 *   flow/Notify  role/<id>        a record by its kind, and its id, name or key
 *   posts.title  posts            a field; a collection
 *   settings                      what there is one of
 *   data/posts/hello  posts/hello  a row by its primary key, or the key the configuration gives it
 *   data/posts  flows/            all rows of a collection, all of a kind (log only)
 */
#ifndef SCHEMA_SYNC_SYNC_LOOKUP_H
#define SCHEMA_SYNC_SYNC_LOOKUP_H

#include "config/config.h"
#include "model/rows.h"
#include "repo/repo.h"

typedef struct {
    const char *text;             /* as it was given */
    TypeId type;                  /* TYPE_NONE: rows */
    const char *name;             /* of the record; NULL: all of the type */
    const char *collection, *row; /* of rows; row NULL: all of them */
} RecordName;

/* ERR_USAGE: no such kind; one of `scope`'s chosen collections serves for rows ("posts/hello"), NULL = none.
 * Texts are in the arena. */
bool record_name_parse(Arena *arena, const Scope *scope, const char *text, RecordName *name, Error *err);
bool record_is_called(const Snapshot *snapshot, TypeId type, const Record *record, const char *name,
                      Arena *scratch);

/* The one record that is meant. ERR_USAGE when it is none or several. */
bool lookup_record(const State *state, const RecordName *name, Arena *arena, const Record **record,
                   Error *err);
/* `flow "Notify"` */
const char *lookup_shown(const Snapshot *snapshot, TypeId type, const Record *record, Arena *arena);

/* The records that stand in one file of a state, but for those that `left_out` marks (parallel to the types'
 * records; NULL = none). They share everything with the snapshot. */
void lookup_file(const Snapshot *snapshot, const char *path, bool *const left_out[TYPE_COUNT],
                 Snapshot *part);
/* The text of that file, as it is written. */
bool lookup_file_text(const Snapshot *part, const char *path, Buf *text, Error *err);

/* The shapes of all chosen collections, and that of the rows that are meant. ERR_USAGE: the rows of the
 * collection are not chosen. */
typedef struct {
    RowShape *shapes;
    size_t count;
    const RowShape *shape;
} RowLookup;
bool lookup_rows(const State *state, const Config *config, const RecordName *name, Arena *arena,
                 RowLookup *out, Error *err);
bool row_is_called(const RowShape *shape, const Json *row, const char *name, Arena *scratch);

#endif
