#include "directus/version_10.h"

#include <string.h>

/* What a policy has of its role, and what else it is made of. */
static const char *const guards[] = { "admin_access", "app_access", "enforce_tfa", "ip_access", NULL };
static const char *const faces[] = { "name", "icon", "description", NULL };

static void put_members(JsonObjectBuilder *out, const Json *object, const char *const *names) {
    for (; *names; names++) {
        const Json *value = json_get(object, *names);
        if (value)
            json_object_put(out, *names, *value);
    }
}

/* ---- reading ---- */

Json version_10_permission(Arena *arena, const Json *row) {
    static const char *const name[] = { "collection_name", NULL };
    const Json *collection = json_get(row, name[0]);
    Json rest = json_without(arena, row, name);
    return json_with(arena, &rest, "collection", collection ? *collection : json_null());
}

static void add_access(Snapshot *snapshot, Json role, const char *policy, const char *target_id) {
    JsonObjectBuilder row = json_object_builder(&snapshot->arena);
    json_object_put(&row, "role", role);
    json_object_put(&row, "policy", json_string(&snapshot->arena, policy));
    json_object_put(&row, "sort", json_number(1));
    snapshot_add(snapshot, TYPE_ACCESS, json_object_done(&row))->target_id = target_id;
}

static void add_policy_of(Snapshot *snapshot, const Json *role, const char *id) {
    JsonObjectBuilder policy = json_object_builder(&snapshot->arena);
    put_members(&policy, role, faces);
    put_members(&policy, role, guards);
    json_object_put(&policy, "id", json_string(&snapshot->arena, id));
    snapshot_add(snapshot, TYPE_POLICIES, json_object_done(&policy))->target_id = id;
    add_access(snapshot, json_string(&snapshot->arena, id), id, id);
}

/* As an installation of 11 makes it. */
static void add_public(Snapshot *snapshot) {
    Arena *arena = &snapshot->arena;
    JsonObjectBuilder policy = json_object_builder(arena);
    json_object_put(&policy, "id", json_string(arena, PUBLIC_POLICY_ID));
    json_object_put(&policy, "name", json_string(arena, "$t:public_label"));
    json_object_put(&policy, "icon", json_string(arena, "public"));
    json_object_put(&policy, "description", json_string(arena, "$t:public_description"));
    json_object_put(&policy, "ip_access", json_null());
    for (size_t i = 0; i < 3; i++)
        json_object_put(&policy, guards[i], json_bool(false));
    snapshot_add(snapshot, TYPE_POLICIES, json_object_done(&policy))->target_id = PUBLIC_POLICY_ID;
    add_access(snapshot, json_null(), PUBLIC_POLICY_ID, PUBLIC_POLICY_ID);
}

void version_10_take(Snapshot *snapshot) {
    static const char *const role[] = { "role", NULL };
    Arena *arena = &snapshot->arena;
    RecordList *roles = &snapshot->types[TYPE_ROLES], *permissions = &snapshot->types[TYPE_PERMISSIONS];
    if (!snapshot->present[TYPE_ROLES])
        return;
    snapshot->present[TYPE_POLICIES] = snapshot->present[TYPE_ACCESS] = true;
    for (size_t i = 0; i < roles->count; i++) {
        Json *json = &roles->items[i].json;
        add_policy_of(snapshot, json, roles->items[i].target_id);
        *json = json_without(arena, json, guards);
        *json = json_with(arena, json, "parent", json_null());
    }
    add_public(snapshot);
    for (size_t i = 0; i < permissions->count; i++) {
        Json *json = &permissions->items[i].json;
        const char *holder = json_get_text(json, "role");
        *json = json_with(arena, json, "policy", json_string(arena, holder ? holder : PUBLIC_POLICY_ID));
        *json = json_without(arena, json, role);
    }
}

bool version_10_makes(TypeId type, const char *member) {
    return type == TYPE_POLICIES || type == TYPE_ACCESS ||
           (type == TYPE_ROLES && strcmp(member, "parent") == 0) ||
           (type == TYPE_PERMISSIONS && strcmp(member, "policy") == 0);
}

/* ---- writing ---- */

typedef struct {
    Arena *arena;
    const Plan *plan;
    const IdMap *map;
    Plan out;
} Translation;

static const Json *kept(Translation *translation, Json json) {
    Json *copy = arena_alloc(translation->arena, sizeof *copy);
    *copy = json;
    return copy;
}

static void put_change(Translation *translation, Change change) {
    Plan *out = &translation->out;
    ARENA_PUSH(translation->arena, out->changes, out->change_count, out->change_capacity, change);
}

/* The create or update of the policy of a role. */
static const Change *change_of(const Plan *plan, TypeId type, ChangeKind kind, const char *id) {
    for (size_t i = 0; i < plan->change_count; i++) {
        const Change *change = &plan->changes[i];
        if (change->type == type && change->kind == kind && str_equal(change->id, id))
            return change;
    }
    return NULL;
}

/* A role that is made gets its access at once; without a word Directus 10 would open the app to it. */
static Json new_role(Translation *translation, const Change *change) {
    static const char *const parent[] = { "parent", NULL };
    JsonObjectBuilder record = json_object_builder(translation->arena);
    const Change *policy = change_of(translation->plan, TYPE_POLICIES, CHANGE_CREATE, change->id);
    json_object_put(&record, "ip_access", json_null());
    for (size_t i = 0; i < 3; i++)
        json_object_put(&record, guards[i], json_bool(false));
    if (policy)
        put_members(&record, policy->after, guards);
    Json own = json_without(translation->arena, change->after, parent);
    json_object_put_all(&record, &own);
    return json_object_done(&record);
}

/* An update of a role and one of its policy are one: no record stands in a batch twice. `base` is either. */
static void update_role(Translation *translation, const Change *base, const Change *role,
                        const Change *policy) {
    JsonObjectBuilder patch = json_object_builder(translation->arena);
    static const char *const parent[] = { "parent", NULL };
    Change change = *base;
    if (role) {
        Json own = json_without(translation->arena, role->patch, parent);
        json_object_put_all(&patch, &own);
    }
    if (policy) {
        put_members(&patch, policy->kind == CHANGE_CREATE ? policy->after : policy->patch, guards);
        change.before = policy->before; /* shows whether it is an administrator's */
    }
    change.type = TYPE_ROLES;
    change.kind = CHANGE_UPDATE;
    change.target_id = identity_reference(translation->map, catalog_row(TYPE_ROLES)->collection, change.id);
    change.patch = kept(translation, json_object_done(&patch));
    if (change.patch->count)
        put_change(translation, change);
}

static void translate_role(Translation *translation, const Change *change) {
    Change role = *change;
    if (change->kind == CHANGE_UPDATE) {
        update_role(translation, change, change,
                    change_of(translation->plan, TYPE_POLICIES, CHANGE_UPDATE, change->id));
        return;
    }
    if (change->kind == CHANGE_CREATE)
        role.after = kept(translation, new_role(translation, change));
    put_change(translation, role);
}

/* A policy goes with its role, is made with it, or changes with it; else it is an update of its role. */
static void translate_policy(Translation *translation, const Change *change) {
    if (change->kind != CHANGE_DELETE && !change_of(translation->plan, TYPE_ROLES, change->kind, change->id))
        update_role(translation, change, NULL, change);
}

static Json role_in_place_of_policy(Translation *translation, const Json *json) {
    static const char *const policy[] = { "policy", NULL };
    const char *holder = json_get_text(json, "policy");
    if (!holder)
        return *json;
    Json rest = json_without(translation->arena, json, policy);
    if (strcmp(holder, ALIAS_PUBLIC) == 0)
        return json_with(translation->arena, &rest, "role", json_null());
    const char *role = identity_reference(translation->map, catalog_row(TYPE_ROLES)->collection, holder);
    return json_with(translation->arena, &rest, "role", json_string(translation->arena, role));
}

static void translate_permission(Translation *translation, const Change *change) {
    Change permission = *change;
    if (change->after)
        permission.after = kept(translation, role_in_place_of_policy(translation, change->after));
    if (change->patch)
        permission.patch = kept(translation, role_in_place_of_policy(translation, change->patch));
    put_change(translation, permission);
}

Plan version_10_plan(Arena *arena, const Plan *plan, const IdMap *map) {
    Translation translation = { .arena = arena, .plan = plan, .map = map };
    for (size_t i = 0; i < plan->change_count; i++) {
        const Change *change = &plan->changes[i];
        switch (change->type) {
        case TYPE_ROLES:
            translate_role(&translation, change);
            break;
        case TYPE_POLICIES:
            translate_policy(&translation, change);
            break;
        case TYPE_ACCESS:
            break;
        case TYPE_PERMISSIONS:
            translate_permission(&translation, change);
            break;
        default:
            put_change(&translation, *change);
        }
    }
    return translation.out;
}
