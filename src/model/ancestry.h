/*
 * Order by ancestry: may this commit's state replace the one that the target has? Decided by git history
 * alone, never by clocks.
 *
 * All commits here are normalised: the last commit, from some commit backwards along first parents, that
 * changed the state folder. A lineage is such a commit and all its normalised ancestors, newest first.
 */
#ifndef SCHEMA_SYNC_MODEL_ANCESTRY_H
#define SCHEMA_SYNC_MODEL_ANCESTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "base/str.h"

/* What is kept of a lineage where there is no git: in the marker and in a sealed file. */
enum { LINEAGE_MOST = 512 };

typedef struct {
    const char *const *commits; /* full ids in hex; the first is the commit itself */
    size_t count;               /* 0: unknown, or nothing was ever committed */
    bool complete;              /* no ancestor is missing */
} Lineage;

bool lineage_has(const Lineage *lineage, const char *commit);
/* "<id> <id> …", at most LINEAGE_MOST of them; "+" at the end says that there are more. */
void lineage_text(const Lineage *lineage, Buf *out);
/* Texts in `arena`. What is no such text gives an empty, incomplete lineage. */
Lineage lineage_parse(Arena *arena, const char *text);

/*
 * What a rollback says of itself in the marker: "rolled back to <id>", and in brackets what the commit was
 * asked for by, where that is not its id. held_commit gives the id back, NULL when there is none in it.
 */
void held_text(const char *commit, const char *asked, Buf *out);
const char *held_commit(Arena *arena, const char *held);

typedef enum {
    ORDER_FORWARD,  /* ours is the base itself or comes after it; or there is no base */
    ORDER_OLDER,    /* the target has a later state */
    ORDER_DIVERGED, /* neither comes after the other */
    ORDER_HELD,     /* a rollback holds: ours is what was rolled back, or came before it */
    ORDER_UNKNOWN   /* history is missing: neither can be said */
} Order;

/*
 * `base`: the target's lineage, empty when it names no commit. `base_commit` is its first commit, also where
 * the lineage itself is not known (NULL or "" = none). `held`: a rollback set the target back and holds.
 */
Order ancestry_order(const Lineage *ours, const char *base_commit, const Lineage *base, bool held);

/* How far two states are apart, in commits that changed the folder. */
typedef enum {
    APART_UNKNOWN, /* history is missing, or one of the two has no commit */
    APART_NOT,     /* the same commit */
    APART_AHEAD,   /* ours comes after the base */
    APART_BEHIND,
    APART_DIVERGED
} Apart;

typedef struct {
    Apart apart;
    size_t ahead;  /* commits that ours has and the base has not */
    size_t behind; /* the other way round */
    bool at_least; /* what is known of the history ends before all of them could be counted */
} AncestryDistance;

const char *apart_name(Apart apart); /* "unknown", "same", "ahead", "behind", "diverged" */
AncestryDistance ancestry_distance(const Lineage *ours, const char *base_commit, const Lineage *base);

#endif
