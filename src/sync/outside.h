/*
 * Ids at known places (id_places.h) that lead out of the state: to a record that the files do not have, to a
 * user, to an asset. They are named; config.scope.null_outside says whether they are kept or become null.
 */
#ifndef SCHEMA_SYNC_SYNC_OUTSIDE_H
#define SCHEMA_SYNC_SYNC_OUTSIDE_H

#include "config/config.h"
#include "directus/read.h"
#include "model/plan.h"

typedef struct {
    Arena arena;
    PlanNote *notes;
    size_t count, capacity;
    bool looked;
} Outside;

/*
 * import, once the target is read and aligned: what neither the files nor the target have. Users and assets
 * are asked for, where there are any. Where they are to be null they are so in `files` from now on.
 */
bool outside_look(Outside *outside, const Config *config, Session *session, Snapshot *files,
                  const Snapshot *target, const bool sections[SECTION_COUNT], Error *err);
void outside_note(const Outside *outside, Plan *plan);
/* export: what the state to be written does not have; said to the user. `old` gives the places' files. */
void outside_say(const Config *config, const bool sections[SECTION_COUNT], Snapshot *instance,
                 const Snapshot *old);
void outside_free(Outside *outside);
AUTO_DEFINE(Outside, outside_free);

#endif
