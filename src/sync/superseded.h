/*
 * What an import that goes back takes the place of: the states that may stand on the target, from git or from
 * where else they are known. What only they have, the older files cannot name in their removed.jsonl; it is
 * deleted as if they did (in mode merge; add deletes nothing, mirror everything anyway). What no state ever
 * owned stays.
 */
#ifndef SCHEMA_SYNC_SYNC_SUPERSEDED_H
#define SCHEMA_SYNC_SYNC_SUPERSEDED_H

#include "config/config.h"
#include "model/plan.h"
#include "repo/repo.h"

/* What was applied last, what was being applied, and what an earlier rollback was about to. */
enum { SUPERSEDED_MOST = 3 };

typedef struct {
    StateCommit *commits[SUPERSEDED_MOST];
    State states[SUPERSEDED_MOST];
    size_t count;
} Superseded;

/* The state of a commit by its full id. *known false, and true returned: this repository does not have it, or
 * the commit has no state. */
bool superseded_add(Superseded *superseded, const Config *config, const char *id, bool *known, Error *err);
/* Of any source, which must outlive it. */
bool superseded_add_source(Superseded *superseded, const StateSource *source, Error *err);
/* The lines of state->removed and those for what `state` lacks and does not have under another name, of the
 * sections that it carries; in the arena. */
Json superseded_lines(const Superseded *superseded, const bool *sections, const Renames *renames,
                      const State *state, Arena *arena);
/* Tables and fields that come back do so without what was in them. */
void superseded_note(const Config *config, Plan *plan);
void superseded_free(Superseded *superseded);
AUTO_DEFINE(Superseded, superseded_free);

#endif
