/*
 * What the files behind data.h share: the two sides of each collection as sorters, and walking them side by
 * side.
 */
#ifndef SCHEMA_SYNC_SYNC_DATA_PRIVATE_H
#define SCHEMA_SYNC_SYNC_DATA_PRIVATE_H

#include "base/sorter.h"
#include "model/row_rules.h"
#include "sync/data.h"

/* Where a file's row stands, in front of its text in the sorter. */
typedef struct {
    uint32_t path, line;
} RowOrigin;

/*
 * One collection. Sorters are keyed by the primary key in the state's ids, or by the rule's key where primary
 * keys are counters and mean nothing elsewhere; spools by their running number. Rows of `state` are in the
 * state's ids, rows of `target` in the instance's.
 */
typedef struct {
    const RowShape *shape;
    bool planned;   /* else its rows are only loaded for the ids that others refer to */
    RowRules rules; /* overrides, and what is ignored */
    const DataFiles *files;
    Sorter *state, *target;
    Sorter *superseded; /* keys that data_supersede has seen; NULL: none */
    Sorter *releases, *creates, *updates, *links, *deletes; /* in the order in which they are sent */
    Sorter *formers; /* what the updates replace, for a digest only; else NULL */
} DataSet;

typedef struct {
    const char **items;
    size_t count, capacity;
} TextList;

struct Data {
    Arena arena;
    const Config *config;
    const Snapshot *schema; /* what the shapes were made from */
    const Snapshot *target; /* as data_load_target was last given it */
    const State *state;     /* as data_load_state was given it */
    bool as_written; /* rows of the files stay as they are: an export undoes overrides, an import applies them
                      */
    const Renames *renames; /* as data_rename was given it, never NULL */
    const RowShape *shapes; /* of all chosen collections, loaded or not */
    size_t shape_count;
    DataSet *sets; /* in creation order */
    size_t count;
    bool lenient;                             /* see data_allow_unknown */
    bool as_environment, must_fit, unsettled; /* see data_as_environment */
    const Renames *former;                    /* as data_rename_files was given it, never NULL */
    RowFilter wants;                          /* see data_filter; NULL: all rows */
    void *wants_context;
    bool states;       /* both sides are states: see data_load_before */
    bool merged;       /* the target's rows are what data_three_way made of them, in the state's ids */
    size_t memory;     /* a sorter's share of the budget */
    Keeper *keeper;    /* of an export */
    TextList file_ids; /* directus_files ids the state's rows refer to, sorted and unique once loaded */
    bool *file_found;  /* parallel to file_ids */
};

bool data_keyed_by_rule(const DataSet *set);
bool data_wants(const Data *data, const DataSet *set, const Json *row);
/* The key a row has in its set's sorters; the row must be in the state's ids. */
bool data_set_key(const DataSet *set, const Json *row, Buf *out, Error *err);
/* "schema/data/posts.json: line 3", for messages. */
const char *data_place(Arena *arena, const Data *data, const DataSet *set, const RowOrigin *origin);
/* The other key of a row that has two, a natural one and its id; false where it has no value there: it can
 * only be known by the first. No two rows may have it. */
bool data_other_key(const DataSet *set, const Json *row, Buf *out);
bool data_primary_key(const RowShape *shape, const Json *row, Buf *out, Error *err);
bool data_is_file_reference(const RowField *field);
/* An id as text, numbers canonically (into `number`); NULL for null. */
const char *data_reference_text(const Json *value, char number[32]);
int data_text_order(const void *a, const void *b);
void data_drop_spools(DataSet *set);

/* Appends a row to a spool, which is made when there is none yet. */
bool data_spool(Sorter **sorter, size_t memory, const Json *row, Error *err);
/* data_load_target for one collection. */
bool data_load_target_set(Data *data, DataSet *set, Session *session, const Instance *instance,
                          const Snapshot *target, IdMap *map, Error *err);

/*
 * A row of the target's own may have the number that another row has in the files. In the state's ids it gets
 * one that neither side uses: else what refers to the one would be taken for a reference to the other, and a
 * deletion of the one would hit the other.
 */
bool data_tell_apart(const DataSet *set, size_t memory, IdMap *map, Error *err);

/* What the target is asked for while its names are the old ones, and a row of its answer in the new ones. */
RowShape data_shape_renamed(Arena *arena, const Renames *renames, const RowShape *shape);
Json data_row_renamed(Arena *arena, const Renames *renames, const RowShape *shape, const Json *row);

bool data_parse_state(Arena *arena, const SorterRecord *record, Json *row, Error *err);
bool data_parse_target(Arena *arena, const SorterRecord *record, Json *row, Error *err);

/* One way between the two id spaces: { map, idmap_to_state } or { map, idmap_to_target }. */
typedef struct {
    const IdMap *map;
    const char *(*look_up)(const IdMap *map, const char *space, const char *id);
} Direction;

/* A row, or part of one, with its own key and its references in the other id space. */
Json data_row_mapped(Arena *arena, const RowShape *shape, const Direction *direction, const Json *row);

/* The loaded set of that name, NULL when there is none. */
DataSet *data_set_named(const Data *data, const char *collection);
/* The key under which the row that is referred to stands in its set. */
bool data_reference_key(Arena *arena, const RowShape *target, const Json *value, Buf *key, Error *err);

/*
 * What rows to be written refer to: gathered while they are compared, looked up when all of them have been.
 * Zeroed is empty.
 */
typedef struct {
    Arena arena;
    struct Wanted *items; /* a collection each */
    size_t count, capacity;
} References;

/* `written`: the part of `row` that is sent. */
bool references_want(References *references, const Data *data, const DataSet *set, const RowOrigin *origin,
                     const Json *row, const Json *written, Error *err);
/* Each must be in the files or on the target; of collections that are not loaded the target is asked. */
bool references_check(const References *references, const Data *data, Session *session, const IdMap *map,
                      Error *err);
void references_free(References *references);
AUTO_DEFINE(References, references_free);

/* Values of UNIQUE columns that rows of one collection are to get, and that others have. Zeroed is empty. */
typedef struct {
    Sorter *wanted, *held;
} Unique;

/* `values`: a new row, or the part of a row that changes. */
bool unique_wanted(Unique *unique, size_t memory, const RowShape *shape, const Json *values, Error *err);
/* `row` of the instance, in the state's ids, gives up its values: those in `patch`, or all where it is NULL.
 */
bool unique_held(Unique *unique, size_t memory, const RowShape *shape, const Json *row, const Json *patch,
                 Error *err);
/* Spools a patch for each value that is held and wanted. */
bool unique_release(Unique *unique, size_t memory, const RowShape *shape, Sorter **releases, Error *err);
void unique_free(Unique *unique);
AUTO_DEFINE(Unique, unique_free);

/* Whether a line of removed.jsonl names this row (in the state's ids). */
bool data_line_names(const DataSet *set, const Json *line, const Json *row);

/* Walks the keys of superseded rows beside the target's, which come in order. Zeroed, it is at the begin. */
typedef struct {
    SorterRecord record;
    bool started, end;
} SupersededWalk;
bool superseded_has(SupersededWalk *walk, const DataSet *set, const SorterRecord *row, bool *has, Error *err);

/* No row of the files may refer to a row that is to be deleted. */
bool data_check_deleted(const Data *data, Error *err);
/* Whether the database keeps a row from going while this leads to it: SET NULL and CASCADE do not. */
bool data_holds_back(const Json *relation);
/* A row (in the state's ids) that is to go: its references within a circle of collections, which may lead to
 * rows that go before it, are null first. */
bool data_let_go(const Data *data, DataSet *set, Arena *arena, const Json *row, Error *err);

/* Rows that an export takes out of the files, and those that come back: what removed.jsonl is to say. */
typedef struct {
    Data *data;
    const DataSet *set;
    const IdMap *map;
    RowRemovals *removals;
    Sorter *old; /* rows of the files that are replaced, by key; NULL: none is */
    Arena scratch;
} Leaving;

/* From now on the files of the set that are replaced are read first. */
void leaving_watch(Leaving *leaving, StateWriter *writer);
/* Gives what was found to leaving->removals. */
bool leaving_settle(Leaving *leaving, Error *err);
void leaving_free(Leaving *leaving);
AUTO_DEFINE(Leaving, leaving_free);

/* As memcmp of the keys. */
int data_key_order(const SorterRecord *a, const SorterRecord *b);

/* The row the files are to have, of theirs and the instance's (in the state's ids; either may be NULL):
 * overrides are undone, what is ignored is as the files have it. False when they are to have none. */
bool data_row_for_files(Arena *arena, DataSet *set, const Json *file, const Json *there, Json *row);

/* For data_settle: `row` (NULL: nothing) is what the files get, of the instance's `there` (NULL: none). */
void data_settle_row(const Data *data, DataSet *set, Arena *arena, const Json *there, const Json *row);

/* Walking two sorters of equal keys side by side. Either may be NULL: an empty side. */
typedef struct {
    Sorter *left, *right;
    SorterRecord a, b;
    bool a_end, b_end, started;
    int order; /* < 0: only in left; 0: in both; > 0: only in right */
} Join;

bool join_begin(Join *join, Sorter *left, Sorter *right, Error *err);
/* *more is false at the end, and untouched when false is returned. */
bool join_next(Join *join, bool *more, Error *err);

#endif
