/*
 * The three-way merge: what two sides made of one state, by record and field.
 *
 * `base` is what both sides last agreed on. A record is the same one by its portable id, else by its natural
 * key; records whose key may repeat (grants, presets) are merged as a bag. A member that one side alone
 * changed is taken from it; inside meta, schema and options this goes on member by member, so that two people
 * may edit different options of one field. A member that both sides set to different values, and a record
 * that one side deleted and the other changed or still refers to, is a conflict. All three snapshots must be
 * in one id space and sorted.
 */
#ifndef SCHEMA_SYNC_MODEL_MERGE_H
#define SCHEMA_SYNC_MODEL_MERGE_H

#include "model/rows.h"
#include "model/snapshot.h"

/* What a side did to a record since the base. */
typedef enum { SIDE_SAME, SIDE_CREATED, SIDE_CHANGED, SIDE_DELETED } SideChange;
const char *side_change_name(SideChange change); /* "same", "created", … */

typedef struct {
    const char *pointer; /* "/meta/note"; "" is the whole record: deleted on one side, needed on the other */
    const Json *base, *ours, *theirs; /* NULL: nothing there */
} MergeConflict;

/* A record that a side changed. */
typedef struct {
    TypeId type;
    RecordNames names;
    const char *id; /* portable id, NULL where the type has none */
    SideChange ours, theirs;
    bool equal; /* both sides say the same now */
    MergeConflict *conflicts;
    size_t conflict_count, conflict_capacity;
} MergeEntry;

typedef struct {
    const Snapshot *base, *ours, *theirs;
    const bool *sections; /* SECTION_COUNT flags: of others, and of types that `theirs` did not read, ours is
                             taken; NULL = all */
    /* `theirs` is an instance of whatever version: a member it lacks is unchanged, and one that neither base
     * nor ours has is none of the state's. */
    bool instance;
} MergeSides;

typedef struct {
    Arena arena;
    Snapshot merged; /* at a conflict, what ours has; its values belong to the three and to the arena */
    MergeEntry *entries;
    size_t count, capacity;
    size_t conflicts;              /* entries that have some */
    size_t only_ours, only_theirs; /* entries of which merged is not what the other side says */
} Merge;

void merge_snapshots(const MergeSides *sides, Merge *merge);
void merge_free(Merge *merge);
AUTO_DEFINE(Merge, merge_free);

/*
 * One row, field by field; a side that lacks it is NULL. *result is NULL when it goes; at a conflict it has
 * what ours has. Conflicts are appended to `entry`, in the arena. Values are compared as the fields' types
 * see them, byte for byte with `shape` NULL.
 */
typedef struct {
    const Json *base, *ours, *theirs;
} RowSides;
void merge_row(Arena *arena, const RowShape *shape, const RowSides *sides, MergeEntry *entry,
               const Json **result);

/* `ours` and the records that only `base` has: what an instance's records are to be recognised by. Shares
 * everything with both. */
void merge_known(const Snapshot *base, const Snapshot *ours, Snapshot *known);

#endif
