/*
 * What an instance last saw: the state that its marker says was applied or exported, out of git. The base of
 * every three-way comparison.
 */
#ifndef SCHEMA_SYNC_SYNC_BASE_H
#define SCHEMA_SYNC_SYNC_BASE_H

#include "config/config.h"
#include "model/rename.h"
#include "postgres/marker.h"
#include "repo/repo.h"

typedef struct {
    Arena arena;
    StateCommit *commit;
    State state;        /* state.exists is false when there is no base */
    const char *why;    /* then: the reason, in a few words */
    const char *source; /* the commit's id */
} Base;

/* The commit whose state was applied or exported last, and is not the one that imports are ordered by when a
 * rollback holds; NULL when the marker names none. */
const char *marker_applied_commit(Arena *arena, const Marker *marker);
/* The one that was applied before that, as far as it was noted. */
const char *marker_previous_commit(Arena *arena, const Marker *marker);
/* The hash of the files that the instance saw last; "" when it never saw any. In the arena. */
const char *marker_state_hash(Arena *arena, const Marker *marker);
/* What the marker says and whose it is, in one word: no other instance's marker has the same, nor this one's
 * once something was applied or exported. "" when that cannot be told. */
void marker_identity(const Config *config, const Marker *marker, char hash[DIGEST_HEX]);
/* That there is none is no fault. `marker` may be a zeroed one. */
bool base_find(const Config *config, const Marker *marker, Base *base, Error *err);
/* Gives the base's records the names that declared renames have given them in the files since; *former are
 * those renames, in the arena. What cannot be a rename stays as it is. */
void base_rename(const Config *config, const Snapshot *files, Snapshot *base, Arena *arena, Renames *former);
void base_free(Base *base);
AUTO_DEFINE(Base, base_free);

#endif
