/*
 * Writing to an instance: what the plan says, in few large requests, and nothing else.
 */
#ifndef SCHEMA_SYNC_DIRECTUS_WRITE_H
#define SCHEMA_SYNC_DIRECTUS_WRITE_H

#include "directus/session.h"
#include "model/identity.h"
#include "model/plan.h"
#include "model/rows.h"

/* Asked before every write; false stops (the lease was lost). */
typedef struct {
    bool (*check)(void *context, Error *err);
    void *context;
} WriteGate;

/*
 * The server's own diff to `desired` (a snapshot in Directus's form), as multipart. *diff becomes {hash,
 * diff}, or null when equal. Never forced: schema_desired() names the target's own version and vendor.
 */
bool directus_schema_diff(Session *session, Arena *arena, const Json *desired, Json *diff, Error *err);
/* Applies a diff; its hash guards it. When the answer is lost, waits and diffs again: equal means done. */
bool directus_schema_apply(Session *session, const Json *diff, const Json *desired, const WriteGate *gate,
                           Error *err);

/*
 * Applies the plan's configuration changes in two halves, between which rows are written: flows go live and
 * deletes happen when all else stands. Without rows the second follows at once.
 *
 * The first half: creates and updates in the plan's order, parents first, links that may be part of a cycle
 * null first and then set. Where the instance has it (Directus 12.2) and it takes more than one request,
 * records go in one transaction; new flows are among them, inactive, and *flows_stand tells the second half.
 * Otherwise in batches of up to 500 records and 900 KB.
 *
 * The second half: UNIQUE links (operations.resolve, reject, flows.operation) nulled before they move, flows
 * created inactive and set to their status at the very end, deletes last and children first.
 */
bool directus_apply(Session *session, const Plan *plan, const IdMap *map, const WriteGate *gate,
                    bool *flows_stand, Error *err);
bool directus_apply_last(Session *session, const Plan *plan, const IdMap *map, const WriteGate *gate,
                         bool flows_stand, Error *err);

/* Rows of one collection, gathered into batches of 250–1000 rows and at most 900 KB. Rows are in the
 * instance's ids. */
typedef struct RowWriter RowWriter;
typedef enum { ROWS_CREATE, ROWS_UPDATE, ROWS_DELETE } RowWrite;
RowWriter *row_writer_new(Session *session, const RowShape *shape, RowWrite kind, const WriteGate *gate);
/* For creates and updates the row or patch with its primary key; for deletes only the key is used. A
 * text in a json field is sent as JSON, in quotes of its own. A singleton is PATCHed. */
bool row_writer_add(RowWriter *writer, const Json *row, Error *err);
bool row_writer_flush(RowWriter *writer, Error *err);
uint64_t row_writer_count(const RowWriter *writer);
void row_writer_free(RowWriter **slot);

#endif
