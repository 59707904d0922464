/*
 * Scope: what of a project is carried, and how an import treats what the files do not have.
 */
#ifndef SCHEMA_SYNC_MODEL_SCOPE_H
#define SCHEMA_SYNC_MODEL_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "model/catalog.h"
#include "model/rename.h"

typedef enum {
    MODE_ADD,   /* create what is missing */
    MODE_MERGE, /* create and update; delete only what removed.jsonl names */
    MODE_MIRROR /* delete all in scope that the files do not have */
} Mode;

/* A collection whose rows are carried. Lists are NULL-terminated, never NULL. */
typedef struct {
    const char *collection;
    const char *const *key;      /* fields of the natural key; empty = the primary key only */
    const char *const *exclude;  /* fields left alone both ways */
    const char *const *group_by; /* fields whose values split the rows into files */
    const Json *filter;          /* a Directus filter, NULL = all rows */
    Mode mode;
    const char
        *place; /* "schema-sync.json: /collections/posts", for messages; NULL: no configuration has it */
} DataRule;

/* Places in the records of one collection, Directus's or one's own, as place.h writes them. Lists are
 * NULL-terminated, never NULL. */
typedef struct {
    const char *collection;
    const char *const *secrets;  /* their texts stand in files as placeholders only */
    const char *const *harmless; /* what looks like a secret there is none */
} SecretRule;

typedef struct {
    Mode mode;                    /* the default of all sections */
    bool sections[SECTION_COUNT]; /* carried at all */
    Mode section_modes[SECTION_COUNT];
    const DataRule *data; /* sorted by collection */
    size_t data_count;
    bool past; /* for a state that may be older than the rules: what it does not have, they do not ask for */
    /* What is different in one environment: {collection: {key: {field: value}}}, see overrides.h; null =
     * none. */
    Json overrides;
    const char *overrides_place; /* "schema-sync.json: /environments/prod/overrides", for messages */
    /* What is left alone both ways: [{"collection", "key", "field"}], see ignore.h; null = nothing. */
    Json ignore;
    const SecretRule *secrets; /* sorted by collection */
    size_t secret_count;
    bool null_outside; /* ids that lead out of the state become null (outside.h); else they are kept */
    Renames renames;   /* as they are declared */
} Scope;

/* What --only narrows to: section names, type names, directus_ names or data collections, comma-separated.
 * NULL or "" is all. An unknown name is ERR_USAGE with the known ones. `selected_data` has scope->data_count
 * entries. */
typedef struct {
    bool sections[SECTION_COUNT];
    bool *data; /* in the arena, parallel to scope->data */
    bool all;
} Selection;
bool scope_select(const Scope *scope, const char *only, Arena *arena, Selection *out, Error *err);

/* Every section and collection in this mode; the rules are copied into the arena. */
void scope_force_mode(Scope *scope, Mode mode, Arena *arena);
const DataRule *scope_data(const Scope *scope, const char *collection);
/* What rows are known by when no rule chooses them: the primary key. */
DataRule scope_plain_rule(const char *collection);
/* NULL where nothing is declared. */
const SecretRule *scope_secrets(const Scope *scope, const char *collection);
const char *mode_name(Mode mode);
bool mode_parse(const char *text, Mode *mode);
/* The part of the configuration that changes what an import does, as canonical JSON text: hashed into the
 * marker. */
void scope_text(const Scope *scope, Buf *out);

#endif
