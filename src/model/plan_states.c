#include "model/plan_states.h"

typedef struct {
    Arena *arena;
    JsonObjectBuilder before, patch;
} Members;

static const Json *kept(Arena *arena, Json json) {
    Json *copy = arena_alloc(arena, sizeof *copy);
    *copy = json;
    return copy;
}

static void put_pair(Members *members, const char *path, const Json *before, const Json *after) {
    json_object_put(&members->before, path, before ? *before : json_null());
    json_object_put(&members->patch, path, after ? *after : json_null());
}

static bool is_part(const char *member) {
    return str_equal(member, "meta") || str_equal(member, "schema");
}

static void compare_members(Members *members, const char *above, bool parts, const Json *before,
                            const Json *after);

static void compare_member(Members *members, const char *above, bool parts, const char *name,
                           const Json *before, const Json *after) {
    if (json_equal(before, after)) /* NULL counts as null */
        return;
    const char *path = *above ? arena_printf(members->arena, "%s.%s", above, name) : name;
    if (parts && is_part(name) && json_is(before, JSON_OBJECT) && json_is(after, JSON_OBJECT))
        compare_members(members, path, false, before, after);
    else
        put_pair(members, path, before, after);
}

static void compare_members(Members *members, const char *above, bool parts, const Json *before,
                            const Json *after) {
    for (uint32_t i = 0; i < after->count; i++) {
        const JsonMember *member = &after->as.members[i];
        compare_member(members, above, parts, member->key, json_get(before, member->key), &member->value);
    }
    for (uint32_t i = 0; i < before->count; i++) {
        const JsonMember *member = &before->as.members[i];
        if (!json_get(after, member->key))
            compare_member(members, above, parts, member->key, &member->value, NULL);
    }
}

bool plan_states_patch(Plan *plan, TypeId type, const Json *before, const Json *after, Change *change) {
    bool schema = catalog_is_schema(type);
    Arena *arena = &plan->arena;
    Members members = { arena, json_object_builder(arena), json_object_builder(arena) };
    compare_members(&members, "", schema, before, after);
    if (!members.patch.count)
        return false;
    change->after = after;
    change->before = schema ? kept(arena, json_object_done(&members.before)) : before;
    change->patch = kept(arena, json_object_done(&members.patch));
    return true;
}
