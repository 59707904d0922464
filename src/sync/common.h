/*
 * What the pipelines share: opening the instance, the state's hash with the configuration that shapes it,
 * hashes by section.
 */
#ifndef SCHEMA_SYNC_SYNC_COMMON_H
#define SCHEMA_SYNC_SYNC_COMMON_H

#include "config/config.h"
#include "directus/session.h"
#include "postgres/marker.h"
#include "repo/repo.h"
#include "sync/standing.h"

/* Opens and identifies. `read_only` as in session.h. */
bool instance_open(const Config *config, bool read_only, Session **session, Instance *instance, Error *err);

/* schema_sync_hash: the manifest's hash together with the configuration that decides what an import makes of
 * it. */
void marker_hash_of(const Config *config, const char *manifest_hash, char hash[DIGEST_HEX]);
/*
 * schema_sync_sections: {"access": "<hex>", …, "data/posts": "<hex>", "removed": "<hex>", "scope": "<hex>",
 * "state": "<hex>"}. "scope" is the configuration; "state" is the files' own hash, which does not change with
 * the configuration as the marker's does. "overrides", where there are any, has a hash for each place that is
 * overridden. "previous", which sections_of() leaves out, is the commit whose
 * state was applied before this one.
 */
#define SECTION_REMOVED  "removed"
#define SECTION_SCOPE    "scope"
#define SECTION_STATE    "state"
#define SECTION_PREVIOUS "previous"
#define SECTION_PLACES   "overrides"
Json sections_of(Arena *arena, const Config *config, const State *state);
/* Whether all places that were overridden when the marker's state was applied still are. */
bool overrides_stand(const Config *config, const Marker *marker);
/* Whether the configuration is the one under which the marker's state was applied. */
bool scope_is_applied(const Config *config, const Marker *marker);
/* The files as they stand, or with config->ref as that commit has them: then *commit is to be closed after
 * all that was read from it. */
bool source_open(const Config *config, StateCommit **commit, StateSource *source, Error *err);
/* ERR_FILES: there is no state; returns false. */
bool source_empty(const StateSource *source, Error *err);
/* For people: "schema-sync 0.1.0 on web-1, pid 12". */
const char *this_process(Arena *arena);
/* What the marker keeps of a state that was applied or seen, after what it says now (`marker`). Texts live in
 * `arena`, with `standing` and with the marker. */
Applied applied_of(Arena *arena, const Config *config, const State *state, const Standing *standing,
                   const Marker *marker);
/* Of a state that was seen, on an instance that is not all that the configuration makes of it: an import is
 * still to be done, and takes nothing for granted. */
Applied seen_of(Arena *arena, const Config *config, const State *state, const Standing *standing,
                const Marker *marker);
/* The same of what a marker says already. */
Applied unsettled_of(Arena *arena, const Marker *marker);

#endif
