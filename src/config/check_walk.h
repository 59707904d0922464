/*
 * What the checks of the config file share: where in the document one is, and the parts they are made of.
 */
#ifndef SCHEMA_SYNC_CONFIG_CHECK_WALK_H
#define SCHEMA_SYNC_CONFIG_CHECK_WALK_H

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"

/* The pointer grows and shrinks with the walk. */
typedef struct {
    const char *file;
    Buf pointer; /* RFC 6901 */
} Walk;

typedef bool (*Check)(Walk *walk, const Json *value, Error *err);

typedef struct {
    const char *name;
    Check check;
} Key;

void pointer_enter(Walk *walk, const char *key);
/* Back to the length the pointer had. */
void pointer_leave(Walk *walk, size_t length);
/* ERR_CONFIG "file: /pointer: what". */
__attribute__((format(printf, 3, 4))) bool walk_fault(const Walk *walk, Error *err, const char *format, ...);

/* An object with no keys but these, each of them as its check says; `keys` ends with a zeroed one. */
bool check_keys(Walk *walk, const Json *object, const Key *keys, Error *err);
bool check_text(Walk *walk, const Json *value, Error *err);
/* A name, or an array of them. */
bool check_names(Walk *walk, const Json *value, Error *err);
/* directus_…: one that is carried. */
bool check_system_name(const Walk *walk, const char *name, Error *err);

/* "overrides" and "ignore": their form. What they name is looked for in the files (overrides.h, row_rules.h).
 */
bool check_overrides(Walk *walk, const Json *value, Error *err);
bool check_ignore(Walk *walk, const Json *value, Error *err);
bool check_outside(Walk *walk, const Json *value, Error *err);

#endif
