/*
 * Which parts of the app the files ask for that Directus itself does not bring: a custom interface of a field
 * needs its extension on every instance.
 */
#ifndef SCHEMA_SYNC_MODEL_EXTENSIONS_H
#define SCHEMA_SYNC_MODEL_EXTENSIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/snapshot.h"

typedef enum {
    EXTENSION_INTERFACE, /* fields, and fields inside their options (a list's) */
    EXTENSION_DISPLAY,
    EXTENSION_LAYOUT,    /* presets */
    EXTENSION_PANEL,     /* panels of dashboards */
    EXTENSION_OPERATION, /* operations of flows */
    EXTENSION_MODULE,    /* the module bar of the settings */
} ExtensionKind;

typedef struct {
    ExtensionKind kind;
    const char *id;
    TypeId type;          /* of the records that use it */
    const Record *record; /* the first that uses it */
    const char *member;   /* the record's member it stands in */
    size_t count;         /* how many records use it */
} ExtensionUse;

typedef struct {
    ExtensionUse *items;
    size_t count, capacity;
} ExtensionUses;

/*
 * Those that a Directus of this major version does not bring itself, each once, in the order they are met. In
 * the arena. What Directus brings is a table, read from the app bundles of 10.13.4, 11.17.4 and 12.4.0; a
 * newer one may bring more.
 */
ExtensionUses extensions_used(const Snapshot *snapshot, int major, Arena *arena);
const ExtensionUse *extensions_find(const ExtensionUses *uses, ExtensionKind kind, const char *id);
const char *extension_kind_name(ExtensionKind kind); /* "interface" */
bool extension_is_built_in(ExtensionKind kind, const char *id, int major);

#endif
