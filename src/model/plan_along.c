#include "model/plan_along.h"

/* The public policy's id is the same on every instance: no match was needed. */
static bool is_adopted(const Record *target) {
    return target->target_id && !str_equal(target->id, target->target_id) &&
           !str_equal(target->id, ALIAS_PUBLIC);
}

static const char *key_names(Arena *arena, const CatalogRow *row) {
    AUTO(Buf) names = { 0 };
    for (size_t i = 0; i < CATALOG_KEYS && row->key[i]; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", row->key[i]);
    return arena_strdup(arena, buf_text(&names));
}

void plan_adoptions(Plan *plan, TypeId type, const Snapshot *files, const Snapshot *target) {
    const CatalogRow *row = catalog_row(type);
    const char *matched_by = NULL;
    for (size_t i = 0; row->identity == IDENTITY_ID && i < target->types[type].count; i++) {
        const Record *there = &target->types[type].items[i];
        const Record *file = is_adopted(there) ? snapshot_find(files, type, there->id) : NULL;
        if (!file)
            continue;
        if (!matched_by)
            matched_by = key_names(&plan->arena, row);
        PlanAdoption adoption = {
            .type = type,
            .label = snapshot_label(files, type, file, &plan->arena),
            .id = arena_strdup(&plan->arena, there->id),
            .target_id = arena_strdup(&plan->arena, there->target_id),
            .matched_by = matched_by,
        };
        ARENA_PUSH(&plan->arena, plan->adoptions, plan->adoption_count, plan->adoption_capacity, adoption);
    }
}

/* The field of `type` whose records go when what they refer to by it is deleted; NULL: they stay. */
static const char *cascading_field(TypeId type, TypeId deleted) {
    const CatalogRow *row = catalog_row(type);
    if (row->parent == deleted)
        return row->parent_field;
    return deleted == TYPE_ROLES && (type == TYPE_ACCESS || type == TYPE_PRESETS) ? "role" : NULL;
}

static size_t count_along(const Snapshot *target, TypeId type, const Change *change) {
    const char *field = cascading_field(type, change->type);
    size_t count = 0;
    for (size_t i = 0; field && i < target->types[type].count; i++)
        count += str_equal(json_get_text(&target->types[type].items[i].json, field), change->id);
    return count;
}

void plan_count_along(Plan *plan, const Snapshot *target) {
    for (size_t i = 0; i < plan->change_count; i++) {
        Change *change = &plan->changes[i];
        if (change->kind != CHANGE_DELETE || !change->id || catalog_is_schema(change->type))
            continue;
        AlongCount *along = arena_array(&plan->arena, TYPE_COUNT + 1, sizeof *along);
        size_t used = 0;
        for (TypeId type = 0; type < TYPE_COUNT; type++) {
            along[used] = (AlongCount){ type, count_along(target, type, change) };
            used += along[used].count > 0;
        }
        along[used] = (AlongCount){ .type = TYPE_NONE };
        change->along = used ? along : NULL;
    }
}
