/*
 * Writes under way: up to two batches at once, each with what a message about it needs.
 *
 * A batch is one request with many records. Two at once are up to half as fast again as one after the other
 * (the server waits for its database most of the time); more gain nothing. Batches that build on each other
 * are told apart by their tags: pipeline_settle() waits for those that have to be done first.
 */
#ifndef SCHEMA_SYNC_DIRECTUS_PIPELINE_H
#define SCHEMA_SYNC_DIRECTUS_PIPELINE_H

#include <stddef.h>
#include <stdint.h>

#include "directus/session_part.h"
#include "directus/write.h"

enum { PIPELINE_FLIGHTS = 2 };
/* MAX_PAYLOAD_SIZE is 1 MB by default. */
enum { BATCH_BYTES = 900 * 1000 };

typedef struct {
    const char *method, *path; /* without a query; fields and limit are added */
    const char *key;           /* the primary key's name */
    const char *what;          /* "creating %zu permissions" without the count: "creating", and */
    const char *of;            /* "permissions" */
    unsigned tag;              /* below 64 */
    size_t records;            /* in the body; 0 = one object, no list */
    const char *const *labels; /* of the records, for messages; NULL = their primary keys. Lives until the
                                  batch is settled. */
} Batch;

typedef struct {
    Exchange exchange;
    Batch batch;
    Buf path;
    Buf stamps; /* a list of {key, …} sent by PATCH once the batch is acknowledged; keys of null are filled in
                   from the answer */
    bool busy;
} Flight;

typedef struct {
    Session *session;
    const WriteGate *gate;
    Flight flights[PIPELINE_FLIGHTS];
} Pipeline;

/*
 * Asks the gate and sends; waits first when two are under way. `body` is taken over (left empty), as is
 * `stamps` (may be NULL). Errors are of this batch or of an earlier one, and name it.
 */
bool pipeline_send(Pipeline *pipeline, const Batch *batch, Buf *body, Buf *stamps, Error *err);
/* Waits for the batches whose tag is in the mask (1 << tag). */
bool pipeline_settle(Pipeline *pipeline, uint64_t tags, Error *err);
#define PIPELINE_ALL UINT64_MAX
/*
 * Names the record that a refusal of this exchange is about, and the batch: "creating 250 rows of posts, the
 * one with slug "a": POST /items/posts: …". `sent` is the text of the list that was sent, empty for none.
 */
void batch_explain(const Batch *batch, const Buf *sent, const Exchange *exchange, Error *err);
/* Waits for what is still under way, whatever comes of it. */
void pipeline_free(Pipeline *pipeline);
AUTO_DEFINE(Pipeline, pipeline_free);

#endif
