/* Walking three sorters side by side, by key. */
#ifndef SCHEMA_SYNC_SYNC_JOIN3_H
#define SCHEMA_SYNC_SYNC_JOIN3_H

#include "base/sorter.h"

enum { BASE, OURS, THEIRS, SIDES };

typedef struct {
    Sorter *sorters[SIDES]; /* NULL: an empty side */
    SorterRecord records[SIDES];
    bool end[SIDES], here[SIDES]; /* here: the side has the key the walk stands at */
} Join3;

bool join3_begin(Join3 *join, Error *err);
/* *more is false at the end. */
bool join3_next(Join3 *join, bool *more, Error *err);

#endif
