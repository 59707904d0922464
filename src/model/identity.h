/*
 * Identity: which record of an instance is which record of the state.
 *
 * A state has its own id space: uuids as they were where the record was made, "$administrator" and "$public"
 * for the records every instance has. An IdMap holds the pairs in which instance and state differ; a pair's
 * space is the Directus collection ("directus_roles", "posts"). Reading an instance turns it into the state's
 * space (identity_align), so that everything that compares sees equal things as equal; writing turns what is
 * sent back into the instance's space (identity_to_target). Both walk typed references and, inside every
 * other value (filters, preset queries, flow and panel options), uuids that the map knows.
 */
#ifndef SCHEMA_SYNC_MODEL_IDENTITY_H
#define SCHEMA_SYNC_MODEL_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "base/mem.h"
#include "model/snapshot.h"

typedef struct IdMap IdMap;

IdMap *idmap_new(void);
void idmap_free(IdMap **map);
static inline void idmap_auto_free(IdMap **map) {
    idmap_free(map);
}
#define AUTO_IDMAP __attribute__((cleanup(idmap_auto_free))) IdMap *
/* Texts are copied. Equal ids need no pair and are ignored. */
void idmap_put(IdMap *map, const char *space, const char *target_id, const char *state_id);
/* The other side's id, or NULL when the map has no pair (it is the same, or unknown). */
const char *idmap_to_state(const IdMap *map, const char *space, const char *target_id);
const char *idmap_to_target(const IdMap *map, const char *space, const char *state_id);
size_t idmap_count(const IdMap *map);

/*
 * Aligns a snapshot read from an instance with the state: finds its Administrator role and policy and the
 * public policy, matches records by id and, where the files have an id the instance lacks, by natural key
 * (unique on both sides, references translated first), then rewrites the snapshot into the state's ids, nulls
 * references to users, and sorts it. Record.target_id keeps the instance's own id. `files` may be NULL or
 * empty (a first export): then only the reserved names are given. Pairs go into `map`.
 */
void identity_align(Snapshot *instance, const Snapshot *files, IdMap *map);

/*
 * Marks the sections whose records' ids stand inside values (filters, options, conditions) of the files'
 * records of the sections that are marked already: to be read along, since idmaps can only know what was
 * read. Typed references are not looked at.
 */
void identity_mentions(const Snapshot *files, bool sections[SECTION_COUNT]);

/*
 * What an export writes of an aligned snapshot: grants that repeat an equal one (permissions, access) stand
 * once. The database has no constraint against them, and they mean the same. Returns how many were left out.
 */
size_t identity_reduce(Snapshot *snapshot);

/* A record or patch of `type` in the instance's ids, ready to send. */
Json identity_to_target(Arena *arena, TypeId type, const Json *json, const IdMap *map);
/* The same for a value without typed references (the schema): ids embedded in it. */
Json identity_texts_to_target(Arena *arena, const Json *value, const IdMap *map);
/* One reference's value: state id to instance id and back; other texts as they are. */
const char *identity_reference(const IdMap *map, const char *space, const char *state_id);

#endif
