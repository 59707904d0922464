/*
 * A plan's configuration on its way to the instance: what write.c, write_bulk.c and write_flows.c share.
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
    bool flows_stand; /* the plan's new flows and operations were made already, with links to each other */
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

/* Fails when the change would write what an import never writes (an administrators' policy's guards). */
bool apply_check(const Change *change, Error *err);

/* Creates and updates of one type, after what it refers to. */
bool apply_type(Apply *apply, TypeId type, Error *err);

/*
 * The plan's records by POST /utils/import, in one transaction (see write_bulk.c); `flows_stand` is set.
 * *done false without an error: nothing was sent, or the instance refused this way of sending, and batches
 * are to do it.
 */
bool apply_bulk(Apply *apply, bool *done, Error *err);

/* Whether a link of a new flow or operation leads to a new operation: nobody else can have it. */
bool apply_is_new_link(const Apply *apply, const Change *change, const char *field);

/* Flows and operations: created without links, inactive; linked and set to their status when everything else
 * stands. */
bool apply_flows(Apply *apply, Error *err);

#endif
