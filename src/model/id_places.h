/*
 * The places known to hold ids that no reference declares: filters, options, payloads, addresses of assets.
 *
 * Rewriting ids needs no table (identity.h finds whatever the state itself defines, wherever it stands). This
 * one says which kind of record an id is meant to be, so that one that leads out of the state can be told.
 * Facts from Directus 11.17.4: app/src/interfaces and app/src/panels (options), api/src/operations.
 */
#ifndef SCHEMA_SYNC_MODEL_ID_PLACES_H
#define SCHEMA_SYNC_MODEL_ID_PLACES_H

#include "model/snapshot.h"

/* One id at a known place. */
typedef struct {
    TypeId type; /* the record it stands in */
    const Record *record;
    const char *const *steps; /* where, ended by NULL: "options", "recipient", "0" */
    TypeId target;            /* what it is meant to be: a type, TYPE_USERS or TYPE_FILES */
    const char *id;           /* a uuid */
    bool whole;               /* the text is the id and nothing else */
} IdPlace;

typedef void (*IdPlaceEach)(const IdPlace *place, void *context);

/* Every id in the records of the sections that are marked. What a filter's field refers to is told by the
 * snapshot's relations and by Directus's own; it must be sorted. */
void id_places(const Snapshot *snapshot, const bool sections[SECTION_COUNT], IdPlaceEach each, void *context);

#endif
