/*
 * The catalog: one row for each kind of record a Directus project is made of. Adding a collection type is
 * adding a row.
 *
 * Facts come from Directus 11.17.4 (api/src/services and the migrations' foreign keys) and were seen on a
 * live server. Schema kinds (collections, fields, relations, system fields) travel through
 * /schema/snapshot|diff|apply and have no endpoint of their own here; every other kind is read and written as
 * items of its endpoint.
 */
#ifndef SCHEMA_SYNC_MODEL_CATALOG_H
#define SCHEMA_SYNC_MODEL_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

/* In the order in which they are created: what is referred to stands first (FLOWS and OPERATIONS refer to
 * each other and are last, so that nothing fires while an import writes). */
typedef enum {
    TYPE_COLLECTIONS,
    TYPE_FIELDS,
    TYPE_RELATIONS,
    TYPE_SYSTEM_FIELDS,
    TYPE_FOLDERS,
    TYPE_ROLES,
    TYPE_POLICIES,
    TYPE_ACCESS,
    TYPE_PERMISSIONS,
    TYPE_SETTINGS,
    TYPE_TRANSLATIONS,
    TYPE_PRESETS,
    TYPE_DASHBOARDS,
    TYPE_PANELS,
    TYPE_FLOWS,
    TYPE_OPERATIONS,
    TYPE_COUNT,
    /* only as the target of a reference: */
    TYPE_USERS = TYPE_COUNT,
    TYPE_FILES,
    TYPE_NONE
} TypeId;

/* Parts of the state with a hash of their own in the marker; an import reads and plans only those that
 * differ. Each data collection is a further section, "data/<collection>". */
typedef enum {
    SECTION_COLLECTIONS, /* collections, fields, relations, system fields */
    SECTION_FOLDERS,
    SECTION_ACCESS, /* roles, policies, access, permissions */
    SECTION_SETTINGS,
    SECTION_TRANSLATIONS,
    SECTION_PRESETS,
    SECTION_DASHBOARDS,
    SECTION_FLOWS,
    SECTION_COUNT
} SectionId;

typedef enum {
    IDENTITY_KEY, /* no portable id: the natural key is the whole identity (schema kinds, settings) */
    IDENTITY_ID,  /* a portable uuid, else the natural key */
    IDENTITY_BAG, /* no portable id, the key may repeat: records pair by content, then by canonical order */
} IdentityKind;

typedef struct {
    const char *field;
    TypeId target;
    bool deferred; /* may be part of a cycle: written as null first, then set */
} Reference;

enum { CATALOG_KEYS = 4, CATALOG_REFERENCES = 7 };

typedef struct {
    TypeId id;
    const char *name;       /* "permissions": in plans, --only and messages */
    const char *singular;   /* "permission" */
    const char *collection; /* "directus_permissions" */
    const char *endpoint;   /* "/permissions"; NULL for schema kinds */
    SectionId section;
    IdentityKind identity;
    const char *key[CATALOG_KEYS];            /* natural key, NULL-terminated when shorter */
    Reference references[CATALOG_REFERENCES]; /* ended by field NULL: one fewer than the array holds */
    const char *const *never; /* fields never carried: aliases, instance-specific, secrets; NULL-terminated */
    const char *label;        /* the field shown to people, NULL = the key */
    const char *file; /* "roles/" (a file a record), "folders.json" (a file a type), or NULL: nested below */
    TypeId parent;    /* nested in this type's files (TYPE_NONE: in its own) */
    const char *parent_field; /* the reference to the parent: left out of the file, put back on reading */
    const char *member;       /* the array's name in the parent's file: "permissions" */
    bool singleton;
} CatalogRow;

/* The row of a type below TYPE_COUNT. */
const CatalogRow *catalog_row(TypeId type);
/* By "permissions" or "directus_permissions"; TYPE_NONE when there is none (TYPE_USERS and TYPE_FILES by
 * collection). */
TypeId catalog_find(const char *name);
/* The reference of `type` in `field`, or NULL. */
const Reference *catalog_reference(TypeId type, const char *field);
bool catalog_is_schema(TypeId type);
bool catalog_never_carried(TypeId type, const char *field);
const char *section_name(SectionId section); /* "access" */

/* Reserved names for records every instance has under ids of its own. */
#define ALIAS_ADMINISTRATOR "$administrator"
#define ALIAS_PUBLIC        "$public"
/* The public policy has this id on every instance (Directus migration 20240806A). */
#define PUBLIC_POLICY_ID "abf8a154-5b1c-4a46-ac9c-7300570f4f17"
/* Columns of ours in directus_settings start so; they are in no state. */
#define MARKER_PREFIX "schema_sync_"

#endif
