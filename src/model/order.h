/*
 * Order: in which sequence records that refer to each other are written.
 */
#ifndef SCHEMA_SYNC_MODEL_ORDER_H
#define SCHEMA_SYNC_MODEL_ORDER_H

#include <stddef.h>

#include "model/snapshot.h"

/*
 * Positions of a type's records so that a record comes after the one its self-reference names (roles.parent,
 * folders.parent); the list's own order otherwise. Records of a cycle keep the list's order. `count` entries
 * in the arena; the list must be sorted by id.
 */
size_t *order_parents_first(Arena *arena, const RecordList *list, TypeId type);

#endif
