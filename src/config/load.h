/*
 * One load of the configuration at work: what its steps share.
 */
#ifndef SCHEMA_SYNC_CONFIG_LOAD_H
#define SCHEMA_SYNC_CONFIG_LOAD_H

#include "config/config.h"
#include "config/variables.h"

#define CONFIG_NAME "schema-sync.json"

typedef struct {
    const ConfigRequest *request;
    Config *config; /* what is filled */
    Variables variables;
    Json json;        /* the file with SCHEMA_SYNC_CONFIG merged in; an empty object when there is none */
    const Json *own;  /* the object of the named environment, NULL when there is none */
    char prefix[128]; /* "PROD_", "" for the default environment */
} Load;

/* Which environment, and that it is known: sets config->environment, own and prefix. */
bool load_environment(Load *load, Error *err);
/* Its URL, credentials and database. */
bool load_target(Load *load, Error *err);

#endif
