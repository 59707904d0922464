/*
 * Settings by name: the process environment, then .env, then .env.directus. An empty value counts as not set,
 * as Compose files pass variables that nobody gave.
 */
#ifndef SCHEMA_SYNC_CONFIG_VARIABLES_H
#define SCHEMA_SYNC_CONFIG_VARIABLES_H

#include "config/dotenv.h"

typedef struct {
    char *const *environ; /* borrowed; NULL = empty */
    char *paths[2];       /* of the two files, for messages */
    Dotenv files[2];
} Variables;

/* A value and where it stands: "DIRECTUS_URL", "DIRECTUS_URL in /srv/app/.env", "schema-sync.json:
 * /environments/prod/url". */
typedef struct {
    const char *text;  /* NULL = not set */
    const char *place; /* in the arena that was given */
} Setting;

/* Reads the files of `folder`. */
bool variables_load(Variables *variables, char *const *environ, const char *folder, Error *err);
Setting variables_get(const Variables *variables, const char *name, Arena *arena);
/* Every name with its value, empty ones too: of .env, of .env.directus, then of the process environment. */
void variables_each(const Variables *variables,
                    void (*visit)(void *visitor, const char *name, const char *value), void *visitor);
/* true, 1, yes, on; false, 0, no, off; not set is `otherwise`. Anything else: ERR_CONFIG. */
bool variables_flag(const Variables *variables, const char *name, bool otherwise, bool *value, Error *err);
void variables_free(Variables *variables);
AUTO_DEFINE(Variables, variables_free);

#endif
