#include "model/catalog.h"

#include <string.h>

#include "base/str.h"

#define FIELDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Field lists and references: GET /fields, GET /relations and the foreign keys of a Directus 11.17.4. */
static const CatalogRow rows[TYPE_COUNT] = {
    [TYPE_COLLECTIONS] = {
        .id = TYPE_COLLECTIONS,
        .name = "collections",
        .singular = "collection",
        .collection = "directus_collections",
        .section = SECTION_COLLECTIONS,
        .identity = IDENTITY_KEY,
        .key = { "collection" },
        .never = FIELDS("id"),
        .file = "collections/",
        .parent = TYPE_NONE,
    },
    [TYPE_FIELDS] = {
        .id = TYPE_FIELDS,
        .name = "fields",
        .singular = "field",
        .collection = "directus_fields",
        .section = SECTION_COLLECTIONS,
        .identity = IDENTITY_KEY,
        .key = { "collection", "field" },
        .never = FIELDS("id"),
        .parent = TYPE_COLLECTIONS,
        .parent_field = "collection",
        .member = "fields",
    },
    [TYPE_RELATIONS] = {
        .id = TYPE_RELATIONS,
        .name = "relations",
        .singular = "relation",
        .collection = "directus_relations",
        .section = SECTION_COLLECTIONS,
        .identity = IDENTITY_KEY,
        .key = { "collection", "field" },
        .never = FIELDS("id"),
        .parent = TYPE_COLLECTIONS,
        .parent_field = "collection",
        .member = "relations",
    },
    [TYPE_SYSTEM_FIELDS] = {
        .id = TYPE_SYSTEM_FIELDS,
        .name = "system_fields",
        .singular = "system field",
        .collection = "directus_fields", /* found by this name are TYPE_FIELDS: they stand first */
        .section = SECTION_COLLECTIONS,
        .identity = IDENTITY_KEY,
        .key = { "collection", "field" },
        .never = FIELDS("id"),
        .file = "system_fields.json",
        .parent = TYPE_NONE,
    },
    [TYPE_FOLDERS] = {
        .id = TYPE_FOLDERS,
        .name = "folders",
        .singular = "folder",
        .collection = "directus_folders",
        .endpoint = "/folders",
        .section = SECTION_FOLDERS,
        .identity = IDENTITY_ID,
        .key = { "parent", "name" },
        .references = { { "parent", TYPE_FOLDERS, true } },
        .never = FIELDS(NULL),
        .label = "name",
        .file = "folders.json",
        .parent = TYPE_NONE,
    },
    [TYPE_ROLES] = {
        .id = TYPE_ROLES,
        .name = "roles",
        .singular = "role",
        .collection = "directus_roles",
        .endpoint = "/roles",
        .section = SECTION_ACCESS,
        .identity = IDENTITY_ID,
        .key = { "name" },
        .references = { { "parent", TYPE_ROLES, true } },
        .never = FIELDS("children", "policies", "users"),
        .label = "name",
        .file = "roles/",
        .parent = TYPE_NONE,
    },
    [TYPE_POLICIES] = {
        .id = TYPE_POLICIES,
        .name = "policies",
        .singular = "policy",
        .collection = "directus_policies",
        .endpoint = "/policies",
        .section = SECTION_ACCESS,
        .identity = IDENTITY_ID,
        .key = { "name" },
        .never = FIELDS("permissions", "roles", "users"),
        .label = "name",
        .file = "policies/",
        .parent = TYPE_NONE,
    },
    [TYPE_ACCESS] = {
        .id = TYPE_ACCESS,
        .name = "access",
        .singular = "access",
        .collection = "directus_access",
        .endpoint = "/access",
        .section = SECTION_ACCESS,
        /* Its uuid is made anew on every instance and nothing refers to it. */
        .identity = IDENTITY_BAG,
        .key = { "role", "policy" },
        .references = { { "role", TYPE_ROLES, false }, { "policy", TYPE_POLICIES, false } },
        .never = FIELDS("id", "user"),
        .parent = TYPE_POLICIES,
        .parent_field = "policy",
        .member = "roles",
    },
    [TYPE_PERMISSIONS] = {
        .id = TYPE_PERMISSIONS,
        .name = "permissions",
        .singular = "permission",
        .collection = "directus_permissions",
        .endpoint = "/permissions",
        .section = SECTION_ACCESS,
        .identity = IDENTITY_BAG,
        .key = { "policy", "collection", "action" },
        .references = { { "policy", TYPE_POLICIES, false } },
        .never = FIELDS("id", "system"),
        .parent = TYPE_POLICIES,
        .parent_field = "policy",
        .member = "permissions",
    },
    [TYPE_SETTINGS] = {
        .id = TYPE_SETTINGS,
        .name = "settings",
        .singular = "settings",
        .collection = "directus_settings",
        .endpoint = "/settings",
        .section = SECTION_SETTINGS,
        .identity = IDENTITY_KEY,
        .references = { { "project_logo", TYPE_FILES, false },
                        { "public_foreground", TYPE_FILES, false },
                        { "public_background", TYPE_FILES, false },
                        { "public_favicon", TYPE_FILES, false },
                        { "storage_default_folder", TYPE_FOLDERS, false },
                        { "public_registration_role", TYPE_ROLES, false } },
        /* license_…: Directus 12. project_url and mapbox_key belong to one instance and its address. */
        .never = FIELDS("id", "project_id", "project_url", "project_owner", "project_usage", "project_status",
                        "org_name", "product_updates", "mapbox_key", "ai_openai_api_key",
                        "ai_anthropic_api_key", "ai_google_api_key", "ai_openai_compatible_api_key",
                        "ai_openai_compatible_headers", "license_key", "license_token"),
        .file = "settings.json",
        .parent = TYPE_NONE,
        .singleton = true,
    },
    [TYPE_TRANSLATIONS] = {
        .id = TYPE_TRANSLATIONS,
        .name = "translations",
        .singular = "translation",
        .collection = "directus_translations",
        .endpoint = "/translations",
        .section = SECTION_TRANSLATIONS,
        .identity = IDENTITY_ID,
        .key = { "key", "language" },
        .never = FIELDS(NULL),
        .file = "translations.json",
        .parent = TYPE_NONE,
    },
    [TYPE_PRESETS] = {
        .id = TYPE_PRESETS,
        .name = "presets",
        .singular = "preset",
        .collection = "directus_presets",
        .endpoint = "/presets",
        .section = SECTION_PRESETS,
        .identity = IDENTITY_BAG,
        .key = { "collection", "bookmark", "role" },
        .references = { { "role", TYPE_ROLES, false } },
        .never = FIELDS("id", "user"),
        .file = "presets.json",
        .parent = TYPE_NONE,
    },
    [TYPE_DASHBOARDS] = {
        .id = TYPE_DASHBOARDS,
        .name = "dashboards",
        .singular = "dashboard",
        .collection = "directus_dashboards",
        .endpoint = "/dashboards",
        .section = SECTION_DASHBOARDS,
        .identity = IDENTITY_ID,
        .key = { "name" },
        .never = FIELDS("panels", "user_created", "date_created"),
        .label = "name",
        .file = "dashboards/",
        .parent = TYPE_NONE,
    },
    [TYPE_PANELS] = {
        .id = TYPE_PANELS,
        .name = "panels",
        .singular = "panel",
        .collection = "directus_panels",
        .endpoint = "/panels",
        .section = SECTION_DASHBOARDS,
        .identity = IDENTITY_ID, /* no natural key: names repeat and may be empty */
        .references = { { "dashboard", TYPE_DASHBOARDS, false } },
        .never = FIELDS("user_created", "date_created"),
        .label = "name",
        .parent = TYPE_DASHBOARDS,
        .parent_field = "dashboard",
        .member = "panels",
    },
    [TYPE_FLOWS] = {
        .id = TYPE_FLOWS,
        .name = "flows",
        .singular = "flow",
        .collection = "directus_flows",
        .endpoint = "/flows",
        .section = SECTION_FLOWS,
        .identity = IDENTITY_ID,
        .key = { "name" },
        .references = { { "operation", TYPE_OPERATIONS, true },
                        { "folder", TYPE_FOLDERS, false } }, /* since Directus 12 */
        .never = FIELDS("operations", "user_created", "date_created"),
        .label = "name",
        .file = "flows/",
        .parent = TYPE_NONE,
    },
    [TYPE_OPERATIONS] = {
        .id = TYPE_OPERATIONS,
        .name = "operations",
        .singular = "operation",
        .collection = "directus_operations",
        .endpoint = "/operations",
        .section = SECTION_FLOWS,
        .identity = IDENTITY_ID,
        .key = { "flow", "key" },
        .references = { { "flow", TYPE_FLOWS, false },
                        { "resolve", TYPE_OPERATIONS, true },
                        { "reject", TYPE_OPERATIONS, true } },
        .never = FIELDS("user_created", "date_created"),
        .label = "name",
        .parent = TYPE_FLOWS,
        .parent_field = "flow",
        .member = "operations",
    },
};

static const char *const section_names[SECTION_COUNT] = {
    [SECTION_COLLECTIONS] = "collections",
    [SECTION_FOLDERS] = "folders",
    [SECTION_ACCESS] = "access",
    [SECTION_SETTINGS] = "settings",
    [SECTION_TRANSLATIONS] = "translations",
    [SECTION_PRESETS] = "presets",
    [SECTION_DASHBOARDS] = "dashboards",
    [SECTION_FLOWS] = "flows",
};

const CatalogRow *catalog_row(TypeId type) {
    return &rows[type];
}

TypeId catalog_find(const char *name) {
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        if (str_equal(rows[type].name, name) || str_equal(rows[type].collection, name))
            return type;
    if (str_equal(name, "directus_users"))
        return TYPE_USERS;
    return str_equal(name, "directus_files") ? TYPE_FILES : TYPE_NONE;
}

const Reference *catalog_reference(TypeId type, const char *field) {
    for (const Reference *reference = rows[type].references; reference->field; reference++)
        if (strcmp(reference->field, field) == 0)
            return reference;
    return NULL;
}

bool catalog_is_schema(TypeId type) {
    return rows[type].endpoint == NULL;
}

/* Keys of AI services to come: each version of Directus brought new ones. */
static bool is_service_secret(const char *field) {
    return str_starts(field, "ai_") && (str_ends(field, "_api_key") || str_ends(field, "headers"));
}

bool catalog_never_carried(TypeId type, const char *field) {
    for (const char *const *never = rows[type].never; *never; never++)
        if (strcmp(*never, field) == 0)
            return true;
    return type == TYPE_SETTINGS && (str_starts(field, MARKER_PREFIX) || is_service_secret(field));
}

const char *section_name(SectionId section) {
    return section_names[section];
}
