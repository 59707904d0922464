/*
 * The schema as Directus gives and takes it, freed of what no project can mean.
 */
#ifndef SCHEMA_SYNC_DIRECTUS_SCHEMA_H
#define SCHEMA_SYNC_DIRECTUS_SCHEMA_H

#include "base/error.h"
#include "base/json.h"
#include "model/snapshot.h"

/*
 * Takes the data of GET /schema/snapshot into the snapshot. Left out: untracked tables and columns (meta
 * null), our own marker columns, columns of type "unknown" (no other instance can make them).
 *
 * PostgreSQL writes a quote within a default as two, and Directus (11.17.4) reads it so and would write it
 * so: the default of a field would grow with every apply. The text is put right here, and schema_filter()
 * knows.
 */
bool schema_take(Snapshot *snapshot, const Json *data, Error *err);

/*
 * A snapshot of an older server tells lists of plain values sorted. GET /collections, /fields and /relations
 * (`answers`, in this order) show them as they are: the snapshot's are put in that order.
 */
void schema_put_in_order(Snapshot *snapshot, const Json answers[3]);

/*
 * An answer of POST /schema/diff without the entries that only come from what schema_take leaves out or puts
 * right. *left counts those that stay. The hash stays valid.
 */
Json schema_filter(Arena *arena, const Json *answer, size_t *left);

#endif
