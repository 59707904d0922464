/*
 * A plan's configuration on its way to the instance: what write.c and write_flows.c share.
 */
#ifndef SCHEMA_SYNC_DIRECTUS_APPLY_H
#define SCHEMA_SYNC_DIRECTUS_APPLY_H

#include "directus/pipeline.h"
#include "directus/write.h"

typedef struct {
    const Plan *plan;
    const IdMap *map;
    Arena arena; /* lives until everything is settled: labels point into it */
    Pipeline pipeline;
} Apply;

/* A list of records being gathered for one type; zeroed but for apply, row and kind. */
typedef struct {
    Apply *apply;
    const CatalogRow *row;
    ChangeKind kind;
    Buf body;
    const char **labels;
    size_t count;
} Gather;

/* Adds a record, sending what was gathered when the batch is full. */
bool gather_add(Gather *gather, const Json *record, const char *label, Error *err);
/* Sends what is left when `ok`, and frees; gives `ok` and the sending's outcome. */
bool gather_end(Gather *gather, bool ok, Error *err);

/* `patch` in the instance's ids, with the primary key of the record it changes. */
Json apply_patch(Apply *apply, const Change *change, const Json *patch);

/* Flows and operations: created without links, inactive; linked and set to their status when everything else
 * stands. */
bool apply_flows(Apply *apply, Error *err);

#endif
