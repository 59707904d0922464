/*
 * Configuration: what one run works with, from flags, environment, .env files and schema-sync.json.
 *
 * Precedence, highest first: command-line flags (the caller applies them through ConfigRequest), the process
 * environment, `.env` then `.env.directus` beside the config file, `schema-sync.json`, defaults. For a named
 * environment NAME (upper-cased, '-' as '_') NAME_DIRECTUS_URL, NAME_DIRECTUS_TOKEN, NAME_DIRECTUS_EMAIL,
 * NAME_DIRECTUS_PASSWORD and NAME_DATABASE_URL stand before the plain ones; once --env names an environment,
 * the plain ones are used for a value only when nothing names it for that environment, neither a NAME_
 * variable nor the file. Inside a Directus container its own DB_HOST, DB_PORT, DB_DATABASE, DB_USER,
 * DB_PASSWORD (DB_CLIENT pg only), PORT and ADMIN_TOKEN serve where nothing else is set.
 *
 * SCHEMA_SYNC_CONFIG names a further JSON config merged over the file: objects by key, all else replaced. A
 * `.js` one is ERR_CONFIG with how to convert it. Secrets are read from the environment and .env files only:
 * a token, password or a database URL with a password in schema-sync.json is ERR_CONFIG naming the place.
 *
 * Every fault names the file and the JSON pointer, or the variable, and what is allowed there; unknown keys
 * are faults with the nearest known key as hint.
 */
#ifndef SCHEMA_SYNC_CONFIG_CONFIG_H
#define SCHEMA_SYNC_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/variables.h"
#include "model/scope.h"

typedef enum { MARKER_SQL, MARKER_HTTP, MARKER_NONE } MarkerKind;

/* A secret that no file may hold, by the name that stands in its place. */
typedef struct {
    const char *name, *value;
} Withheld;

typedef struct {
    Arena arena;
    const char *root;         /* folder of schema-sync.json, absolute; state paths are relative to it */
    const char *file;         /* the config file's path, NULL when there was none */
    const char *state_dir;    /* "schema", relative to root, never leaving it */
    const char *ref;          /* --ref: the commit whose state is meant; NULL = the files as they stand */
    const char *environment;  /* its name, "" for the default one */
    const char *const *named; /* environments of the config file, NULL-terminated */
    const char *url; /* the instance, without trailing slash, without credentials; NULL when not set */
    Secret token, email, password;
    const char *credentials; /* where they stand: "PROD_DIRECTUS_TOKEN in .env"; NULL without */
    Secret database;         /* libpq URI or keywords; secret because it may hold a password */
    MarkerKind marker;
    bool protected_environment;
    bool allow_delete;
    bool backup;            /* an import saves the state of the target before it writes */
    const char *backup_dir; /* absolute, or relative to root */
    size_t backup_keep;     /* how many of an environment */
    bool auto_import;       /* the git hooks import what came in; false in a protected environment */
    Scope scope;            /* mode and collections */
    double lease_seconds;   /* 60; SCHEMA_SYNC_LEASE */
    double timeout_seconds; /* for one HTTP answer, 600; SCHEMA_SYNC_TIMEOUT */
    double retry_seconds;   /* how long pressure and network faults are retried, 60; SCHEMA_SYNC_RETRY */
    double probe_seconds;   /* how long a commit waits for a sign of the instance, 1; SCHEMA_SYNC_PROBE */
    const char
        *record_path;    /* SCHEMA_SYNC_RECORD: where the benchmark wants requests recorded, NULL = nowhere */
    bool data_only;      /* SCHEMA_SYNC_DATA_ONLY */
    Variables variables; /* for placeholders */
    const Withheld *withheld; /* values of a backup, which count before those; not the configuration's */
    size_t withheld_count;
} Config;

typedef struct {
    const char *directory;   /* -C, NULL = the working directory; the config is searched here and upwards */
    const char *file;        /* --config, NULL = search for schema-sync.json */
    const char *ref;         /* --ref: the commit whose state is meant; NULL = the files as they stand */
    const char *environment; /* --env, NULL = SCHEMA_SYNC_ENV, then "" */
    const char *committed;   /* text of the config file in the commit that --ref names, where there is no work
                                tree to hold one: serves when no file is found; NULL = none */
    bool within_repository;  /* the search for the config ends at the top of a git work tree */
    char *const *environ;    /* the process environment, passed in so that tests need no setenv */
} ConfigRequest;

/* Finds, reads, merges and checks. A missing schema-sync.json is no fault: defaults then rule, root is
 * `directory`. */
bool config_load(const ConfigRequest *request, Config *config, Error *err);
/* "needs an instance" and "needs a database" checks with hints that name the variables for this environment.
 */
bool config_need_instance(const Config *config, Error *err);
bool config_need_database(const Config *config, Error *err);
/* --mode: every section and collection in this mode, whatever the files say of them. */
void config_force_mode(Config *config, Mode mode);
/* The environments there are, NULL-terminated, in the arena: those of the file, then those that the variables
 * <NAME>_DIRECTUS_URL and <NAME>_DATABASE_URL make, both of them. "" for the default one is not among them.
 */
const char *const *config_environments(const Config *config, Arena *arena);
/* "90", "1.5", "30s", "2m", "1h" → seconds; false when it is no such text or negative. */
/* What "${NAME}" stands for: of a named environment PROD_NAME, else NAME. NULL when neither is set; an empty
 * value counts as not set. */
const char *config_value(const Config *config, const char *name);
/* The names of values that may be found again in what an instance has: those of .env first, of a named
 * environment without its prefix. Left out are what reaches the target (DIRECTUS_TOKEN …) and values shorter
 * than 8 bytes. */
void config_each_value(const Config *config,
                       void (*visit)(void *visitor, const char *name, const char *value), void *visitor);
bool config_seconds(const char *text, double *seconds);
void config_free(Config *config);
AUTO_DEFINE(Config, config_free);

#endif
