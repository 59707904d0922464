/*
 * What a config file may hold: every key and every value is checked before anything of it is used.
 */
#ifndef SCHEMA_SYNC_CONFIG_CHECK_H
#define SCHEMA_SYNC_CONFIG_CHECK_H

#include <stdbool.h>

#include "base/error.h"
#include "base/json.h"

/* Checks one document. `file` is for messages: "schema-sync.json: /environments/prod/url: …". Faults:
 * ERR_CONFIG. */
bool config_check(const char *file, const Json *config, Error *err);

/* http or https, a host, perhaps a port and a path; no credentials, query or fragment. `place` is what
 * messages name
 * ("PROD_DIRECTUS_URL in .env"); a text that may hold credentials is not repeated. */
bool config_check_url(const char *place, const char *url, Error *err);
/* A PostgreSQL URI or keyword string; with `password` false one that holds a password is a fault. */
bool config_check_database(const char *place, const char *database, bool password, Error *err);
/* "schema": relative, not the root itself, no "." or ".." in it. */
bool config_check_dir(const char *place, const char *dir, Error *err);
/* "prod": a letter, then letters, digits, '-' and '_'. */
bool config_check_environment(const char *place, const char *name, Error *err);

#endif
