#include "model/by_role.h"

#include <stdarg.h>
#include <string.h>

#include "base/str.h"
#include "model/identity.h"

enum { DEEPEST = 64 }; /* parents may form a circle */

/* Roles first: the others make up what they may. */
static const TypeId access_types[] = { TYPE_ROLES, TYPE_POLICIES, TYPE_ACCESS, TYPE_PERMISSIONS };
enum { ACCESS_TYPES = sizeof access_types / sizeof *access_types };

static const char *const flags[] = { "admin_access", "app_access", "enforce_tfa" };

void losses_add(Losses *losses, Arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(arena, format, args);
    va_end(args);
    ARENA_PUSH(arena, losses->items, losses->count, losses->capacity, text);
}

/* ---- who holds what ---- */

typedef struct {
    Snapshot *files;
    Arena *arena;
    RecordList out[TYPE_COUNT];
    Losses *losses;
    bool *held; /* parallel to the files' policies */
} ByRole;

/* Policies of one role (NULL: the public), its parents' included. */
typedef struct {
    const Record **items;
    size_t count, capacity;
} Held;

static void hold(ByRole *by_role, Held *held, const Record *policy) {
    by_role->held[policy - by_role->files->types[TYPE_POLICIES].items] = true;
    for (size_t i = 0; i < held->count; i++)
        if (held->items[i] == policy)
            return;
    ARENA_PUSH(by_role->arena, held->items, held->count, held->capacity, policy);
}

static void hold_granted(ByRole *by_role, Held *held, const char *role) {
    const RecordList *access = &by_role->files->types[TYPE_ACCESS];
    for (size_t i = 0; i < access->count; i++) {
        const Json *row = &access->items[i].json;
        const char *id = json_get_text(row, "policy");
        const Record *policy = id ? snapshot_find(by_role->files, TYPE_POLICIES, id) : NULL;
        if (policy && str_equal(json_get_text(row, "role"), role))
            hold(by_role, held, policy);
    }
}

static Held held_by(ByRole *by_role, const char *role) {
    Held held = { 0 };
    if (!role)
        hold_granted(by_role, &held, NULL);
    for (int depth = 0; role && depth < DEEPEST; depth++) {
        hold_granted(by_role, &held, role);
        const Record *record = snapshot_find(by_role->files, TYPE_ROLES, role);
        role = record ? json_get_text(&record->json, "parent") : NULL;
    }
    return held;
}

static const char *name_of(const Record *record) {
    const char *name = json_get_text(&record->json, "name");
    return name ? name : record->id;
}

/* A role has one address range: policies without one go first, else those that share the first one's. */
static void leave_one_range(ByRole *by_role, Held *held, const char *role) {
    const Json *range = held->count ? json_get(&held->items[0]->json, "ip_access") : NULL;
    for (size_t i = 0; i < held->count; i++)
        if (json_is_null(json_get(&held->items[i]->json, "ip_access")))
            range = NULL;
    size_t kept = 0;
    for (size_t i = 0; i < held->count; i++) {
        const Json *own = json_get(&held->items[i]->json, "ip_access");
        if (json_compare(own, range) == 0)
            held->items[kept++] = held->items[i];
        else
            losses_add(by_role->losses, by_role->arena,
                       "policy \"%s\" holds from certain addresses only, the rest of %s does not: left out "
                       "there",
                       name_of(held->items[i]), role);
    }
    held->count = kept;
}

/* ---- the form ---- */

static Record *add(ByRole *by_role, TypeId type, Json json, const Record *from) {
    RecordList *list = &by_role->out[type];
    Record record = { .json = json, .origin = from->origin };
    ARENA_PUSH(by_role->arena, list->items, list->count, list->capacity, record);
    return &list->items[list->count - 1];
}

static bool is_administrator(const Record *policy) {
    return str_equal(policy->id, ALIAS_ADMINISTRATOR);
}

/* The Administrator's own policy holds no flags in a state; it has admin and app access everywhere. */
static bool has_flag(const Record *policy, size_t flag) {
    return (is_administrator(policy) && flag < 2) || json_get_bool(&policy->json, flags[flag], false);
}

static void add_policy_of(ByRole *by_role, const Record *role, const Held *held) {
    JsonObjectBuilder policy = json_object_builder(by_role->arena);
    static const char *const faces[] = { "id", "name", "icon", "description" };
    for (size_t i = 0; i < sizeof faces / sizeof *faces; i++) {
        const Json *value = json_get(&role->json, faces[i]);
        if (value)
            json_object_put(&policy, faces[i], *value);
    }
    for (size_t flag = 0; !is_administrator(role) && flag < sizeof flags / sizeof *flags; flag++) {
        bool set = false;
        for (size_t i = 0; i < held->count; i++)
            set |= has_flag(held->items[i], flag);
        json_object_put(&policy, flags[flag], json_bool(set));
    }
    if (!is_administrator(role)) {
        const Json *range = held->count ? json_get(&held->items[0]->json, "ip_access") : NULL;
        json_object_put(&policy, "ip_access", range ? *range : json_null());
    }
    add(by_role, TYPE_POLICIES, json_object_done(&policy), role)->id = role->id;
}

static void add_access(ByRole *by_role, Json role, const char *policy, const Record *from) {
    JsonObjectBuilder row = json_object_builder(by_role->arena);
    json_object_put(&row, "role", role);
    json_object_put(&row, "policy", json_string(by_role->arena, policy));
    json_object_put(&row, "sort", json_number(1));
    add(by_role, TYPE_ACCESS, json_object_done(&row), from);
}

static void add_permissions(ByRole *by_role, const Held *held, const char *policy) {
    const RecordList *permissions = &by_role->files->types[TYPE_PERMISSIONS];
    for (size_t i = 0; i < permissions->count; i++) {
        const Record *permission = &permissions->items[i];
        for (size_t j = 0; j < held->count; j++)
            if (str_equal(json_get_text(&permission->json, "policy"), held->items[j]->id))
                add(by_role, TYPE_PERMISSIONS,
                    json_with(by_role->arena, &permission->json, "policy",
                              json_string(by_role->arena, policy)),
                    permission);
    }
}

static void take_role(ByRole *by_role, const Record *role) {
    Held held = held_by(by_role, role->id);
    leave_one_range(by_role, &held, arena_printf(by_role->arena, "role \"%s\"", name_of(role)));
    add(by_role, TYPE_ROLES, json_with(by_role->arena, &role->json, "parent", json_null()), role)->id =
        role->id;
    add_policy_of(by_role, role, &held);
    add_access(by_role, json_string(by_role->arena, role->id), role->id, role);
    add_permissions(by_role, &held, role->id);
}

static void take_public(ByRole *by_role) {
    const Record *policy = snapshot_find(by_role->files, TYPE_POLICIES, ALIAS_PUBLIC);
    if (!policy)
        return;
    Held held = held_by(by_role, NULL);
    leave_one_range(by_role, &held, "what everybody may");
    for (size_t i = 0; i < held.count; i++)
        if (has_flag(held.items[i], 0) || has_flag(held.items[i], 1))
            losses_add(by_role->losses, by_role->arena,
                       "policy \"%s\" gives everybody admin or app access: left out", name_of(held.items[i]));
    add(by_role, TYPE_POLICIES, policy->json, policy)->id = policy->id;
    add_access(by_role, json_null(), ALIAS_PUBLIC, policy);
    add_permissions(by_role, &held, ALIAS_PUBLIC);
}

static void report(ByRole *by_role) {
    const RecordList *roles = &by_role->files->types[TYPE_ROLES];
    const RecordList *policies = &by_role->files->types[TYPE_POLICIES];
    size_t parents = 0, dissolved = 0;
    for (size_t i = 0; i < roles->count; i++)
        parents += json_get_text(&roles->items[i].json, "parent") != NULL;
    for (size_t i = 0; i < policies->count; i++) {
        const Record *policy = &policies->items[i];
        if (!by_role->held[i])
            losses_add(by_role->losses, by_role->arena, "policy \"%s\" is held by no role: left out",
                       name_of(policy));
        else
            dissolved += policy->id[0] != '$' && !snapshot_find(by_role->files, TYPE_ROLES, policy->id);
    }
    if (dissolved)
        losses_add(by_role->losses, by_role->arena, "%zu polic%s become%s part of the roles that hold %s",
                   dissolved, dissolved == 1 ? "y" : "ies", dissolved == 1 ? "s" : "",
                   dissolved == 1 ? "it" : "them");
    if (parents)
        losses_add(by_role->losses, by_role->arena,
                   "%zu role%s no parent any more and get%s what it gave as %s own", parents,
                   parents == 1 ? " has" : "s have", parents == 1 ? "s" : "", parents == 1 ? "its" : "their");
}

void by_role_reduce(Snapshot *files, Losses *losses) {
    ByRole by_role = { .files = files, .arena = &files->arena, .losses = losses };
    if (!files->present[TYPE_ROLES])
        return;
    by_role.held = arena_array(by_role.arena, files->types[TYPE_POLICIES].count + 1, sizeof(bool));
    for (size_t i = 0; i < files->types[TYPE_ROLES].count; i++)
        take_role(&by_role, &files->types[TYPE_ROLES].items[i]);
    take_public(&by_role);
    report(&by_role);
    for (size_t i = 0; i < ACCESS_TYPES; i++)
        files->types[access_types[i]] = by_role.out[access_types[i]];
    snapshot_sort(files);
    identity_reduce(files);
}

/* ---- the instance's side ---- */

void by_role_adopt(Snapshot *instance, const Snapshot *files) {
    static const char *const faces[] = { "name", "icon", "description" };
    RecordList *policies = &instance->types[TYPE_POLICIES];
    for (size_t i = 0; i < policies->count; i++) {
        const Record *policy = snapshot_find(files, TYPE_POLICIES, policies->items[i].id);
        for (size_t j = 0; policy && j < sizeof faces / sizeof *faces; j++) {
            const Json *value = json_get(&policy->json, faces[j]);
            if (value)
                policies->items[i].json =
                    json_with(&instance->arena, &policies->items[i].json, faces[j], *value);
        }
    }
}

static bool same_records(const RecordList *a, const RecordList *b) {
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!json_equal(&a->items[i].json, &b->items[i].json))
            return false;
    return true;
}

/* A copy of the files' access that can be brought into the form. */
static void copy_access(Snapshot *copy, const Snapshot *files) {
    for (size_t i = 0; i < ACCESS_TYPES; i++) {
        const RecordList *list = &files->types[access_types[i]];
        copy->present[access_types[i]] = true;
        for (size_t j = 0; j < list->count; j++)
            *snapshot_add(copy, access_types[i], list->items[j].json) = list->items[j];
    }
}

static void take_over(Snapshot *instance, const Snapshot *files, TypeId type) {
    const RecordList *own = &files->types[type];
    instance->types[type] = (RecordList){ 0 };
    for (size_t i = 0; i < own->count; i++)
        snapshot_add(instance, type, json_copy(&instance->arena, &own->items[i].json));
}

static void take_parents_over(Snapshot *instance, const Snapshot *files) {
    RecordList *roles = &instance->types[TYPE_ROLES];
    for (size_t i = 0; i < roles->count; i++) {
        const Record *own = snapshot_find(files, TYPE_ROLES, roles->items[i].id);
        const char *parent = own ? json_get_text(&own->json, "parent") : NULL;
        if (parent)
            roles->items[i].json = json_with(&instance->arena, &roles->items[i].json, "parent",
                                             json_string(&instance->arena, parent));
    }
}

void by_role_keep(Snapshot *instance, const Snapshot *files, bool *lost) {
    AUTO(Snapshot) form = { 0 };
    Losses losses = { 0 };
    *lost = false;
    if (!files->present[TYPE_ROLES] || !instance->present[TYPE_ROLES])
        return;
    copy_access(&form, files);
    by_role_reduce(&form, &losses);
    by_role_adopt(instance, &form);
    identity_reduce(instance);
    for (size_t i = 1; i < ACCESS_TYPES; i++)
        if (!same_records(&form.types[access_types[i]], &instance->types[access_types[i]])) {
            *lost = losses.count > 0;
            return;
        }
    for (size_t i = 1; i < ACCESS_TYPES; i++)
        take_over(instance, files, access_types[i]);
    take_parents_over(instance, files);
    snapshot_sort(instance);
}
