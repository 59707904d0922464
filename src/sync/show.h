/* show: one record or row of a state, as it stands in the files or in a commit. */
#ifndef SCHEMA_SYNC_SYNC_SHOW_H
#define SCHEMA_SYNC_SYNC_SHOW_H

#include "config/config.h"
#include "repo/repo.h"

typedef struct {
    Arena arena;
    const char *from; /* "v1.2.2:schema" */
    const char *kind; /* "flow"; of a row "data/posts" */
    const char *id;   /* in the files; NULL where there is none */
    const char *label;
    const char *file; /* beneath the state folder */
    Json record;      /* with what stands in it: a flow's operations, a collection's fields */
    State state;      /* what it points into */
    StateCommit *commit;
} ShowResult;

/* `object` is "REV:posts.title" or "posts.title" (lookup.h); with config->ref it is a name alone. */
bool sync_show(const Config *config, const char *object, ShowResult *result, Error *err);
/* REV of it, NULL when it has none. */
const char *show_revision(Arena *arena, const char *object, const char **name);
void show_result_free(ShowResult *result);
AUTO_DEFINE(ShowResult, show_result_free);

#endif
