#include "model/licence.h"

#include <string.h>

#include "base/str.h"

/* ---- what counts ---- */

static bool collection_counts(const Json *collection) {
    const char *status = json_get_text(json_get(collection, "meta"), "status"); /* 12 and newer */
    return json_is(json_get(collection, "schema"), JSON_OBJECT) && (!status || strcmp(status, "active") == 0);
}

static bool flow_counts(const Json *flow) {
    const char *status = json_get_text(flow, "status");
    return !status || strcmp(status, "active") == 0;
}

static size_t count(const RecordList *list, bool (*counts)(const Json *record)) {
    size_t found = 0;
    for (size_t i = 0; i < list->count; i++)
        found += counts(&list->items[i].json);
    return found;
}

static const Json *find_collection(const Snapshot *snapshot, const char *name) {
    const RecordList *list = &snapshot->types[TYPE_COLLECTIONS];
    for (size_t i = 0; i < list->count; i++)
        if (str_equal(json_get_text(&list->items[i].json, "collection"), name))
            return &list->items[i].json;
    return NULL;
}

LicenceUse licence_collections(const Snapshot *files, const Snapshot *target) {
    const RecordList *list = &files->types[TYPE_COLLECTIONS];
    LicenceUse use = { .used = count(&target->types[TYPE_COLLECTIONS], collection_counts) };
    for (size_t i = 0; target->present[TYPE_COLLECTIONS] && i < list->count; i++) {
        const Json *ours = &list->items[i].json;
        const Json *theirs = find_collection(target, json_get_text(ours, "collection"));
        use.added += collection_counts(ours) && !(theirs && collection_counts(theirs));
    }
    return use;
}

LicenceUse licence_flows(const Snapshot *files, const Snapshot *target) {
    const RecordList *list = &files->types[TYPE_FLOWS];
    LicenceUse use = { .used = count(&target->types[TYPE_FLOWS], flow_counts) };
    for (size_t i = 0; target->present[TYPE_FLOWS] && i < list->count; i++) {
        const Record *theirs = snapshot_find(target, TYPE_FLOWS, list->items[i].id);
        use.added += flow_counts(&list->items[i].json) && !(theirs && flow_counts(&theirs->json));
    }
    return use;
}

/* ---- custom rules ---- */

/* Rules the app itself proposes are not counted (appRecommendedPermissions of 12.4.0): collection and action.
 */
static bool is_recommended(const Json *permission) {
    static const char *const pairs[][2] = {
        { "directus_files", "update" }, { "directus_files", "delete" },  { "directus_folders", "delete" },
        { "directus_users", "update" }, { "directus_shares", "read" },   { "directus_shares", "update" },
        { "directus_flows", "read" },   { "directus_shares", "delete" },
    };
    if (!json_is_null(json_get(permission, "validation")) || !json_is_null(json_get(permission, "presets")))
        return false;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (str_equal(json_get_text(permission, "collection"), pairs[i][0]) &&
            str_equal(json_get_text(permission, "action"), pairs[i][1]))
            return true;
    return false;
}

static bool is_filled(const Json *permission, const char *member) {
    const Json *value = json_get(permission, member);
    return json_is(value, JSON_OBJECT) && value->count > 0;
}

static bool has_custom_rule(const Json *permission) {
    const Json *fields = json_get(permission, "fields");
    bool all_fields = false;
    for (uint32_t i = 0; json_is(fields, JSON_ARRAY) && i < fields->count; i++)
        all_fields |= str_equal(json_text(&fields->as.items[i]), "*");
    bool custom = !all_fields || is_filled(permission, "permissions") ||
                  is_filled(permission, "validation") || is_filled(permission, "presets");
    return custom && !is_recommended(permission);
}

size_t licence_custom_rules(const Snapshot *files, const Record **first) {
    const RecordList *list = &files->types[TYPE_PERMISSIONS];
    size_t found = 0;
    *first = NULL;
    for (size_t i = 0; i < list->count; i++)
        if (has_custom_rule(&list->items[i].json) && found++ == 0)
            *first = &list->items[i];
    return found;
}

/* ---- seats ---- */

static bool opens_the_app(const Snapshot *snapshot, const char *policy_id) {
    const Record *policy = snapshot_find(snapshot, TYPE_POLICIES, policy_id);
    return policy && (json_get_bool(&policy->json, "app_access", false) ||
                      json_get_bool(&policy->json, "admin_access", false));
}

static bool role_holds_access(const Snapshot *snapshot, const char *role_id) {
    const RecordList *grants = &snapshot->types[TYPE_ACCESS];
    for (size_t i = 0; i < grants->count; i++)
        if (str_equal(json_get_text(&grants->items[i].json, "role"), role_id) &&
            opens_the_app(snapshot, json_get_text(&grants->items[i].json, "policy")))
            return true;
    return false;
}

/* Of the role or one above it. */
static bool role_has_access(const Snapshot *snapshot, const char *role_id) {
    enum { HIGHEST = 64 }; /* a circle of roles ends here */
    for (int level = 0; role_id && level < HIGHEST; level++) {
        if (role_holds_access(snapshot, role_id))
            return true;
        const Record *role = snapshot_find(snapshot, TYPE_ROLES, role_id);
        role_id = role ? json_get_text(&role->json, "parent") : NULL;
    }
    return false;
}

const char *const *licence_new_seats(const Snapshot *files, const Snapshot *target, Arena *arena) {
    const RecordList *roles = &files->types[TYPE_ROLES];
    const char **ids = arena_array(arena, roles->count + 1, sizeof *ids);
    size_t found = 0;
    for (size_t i = 0; i < roles->count; i++) {
        const Record *theirs = snapshot_find(target, TYPE_ROLES, roles->items[i].id);
        if (theirs && theirs->target_id && role_has_access(files, roles->items[i].id) &&
            !role_has_access(target, roles->items[i].id))
            ids[found++] = theirs->target_id;
    }
    return ids;
}

/* ---- what the licence says ---- */

long licence_limit(const Json *license, const char *name) {
    static const char *const parts[] = { "limit", "overage", "addon" };
    const Json *entitlement = json_path(license, "entitlements", name, NULL);
    double sum = 0;
    if (!json_is(json_get(entitlement, "limit"), JSON_NUMBER))
        return -1;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const Json *part = json_get(entitlement, parts[i]);
        if (json_is(part, JSON_NUMBER) && part->as.number < 0)
            return -1;
        sum += json_is(part, JSON_NUMBER) ? part->as.number : 0;
    }
    return (long)sum;
}

bool licence_feature(const Json *license, const char *name) {
    const Json *entitlement = json_path(license, "entitlements", name, NULL);
    const Json *override = json_get(entitlement, "override");
    return json_is_null(override) ? json_get_bool(entitlement, "default", true) : json_is_true(override);
}
