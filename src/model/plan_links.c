#include "model/plan_links.h"

static bool is_unique(const Reference *reference) {
    return reference->deferred && reference->target == TYPE_OPERATIONS;
}

static bool is_deleted(const Change *deletes, size_t count, TypeId type, const char *id) {
    for (size_t i = 0; i < count; i++)
        if (deletes[i].type == type && str_equal(deletes[i].id, id))
            return true;
    return false;
}

static bool check_record(const Snapshot *files, TypeId type, const Record *record, const Change *deletes,
                         size_t delete_count, Error *err) {
    for (const Reference *reference = catalog_row(type)->references; reference->field; reference++) {
        const char *id = json_get_text(&record->json, reference->field);
        if (!id || reference->target >= TYPE_COUNT || snapshot_find(files, reference->target, id) ||
            !is_deleted(deletes, delete_count, reference->target, id))
            continue;
        const char *what = catalog_row(reference->target)->singular;
        AUTO(Arena) arena = { 0 };
        error_set(err, ERR_FILES, "%s: the files have no %s %s, and this import deletes it",
                  snapshot_place(files, record, reference->field, &arena), what, id);
        return error_hint(err, "bring the %s back into the files, or correct the reference", what);
    }
    return true;
}

bool plan_check_deleted(const Snapshot *files, const Change *deletes, size_t delete_count, Error *err) {
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        for (size_t i = 0; i < files->types[type].count; i++)
            if (!check_record(files, type, &files->types[type].items[i], deletes, delete_count, err))
                return false;
    return true;
}

/* Whether a record of the type is to get this link. */
static bool is_wanted(const Plan *plan, TypeId type, const char *field, const char *id) {
    for (size_t i = 0; i < plan->change_count; i++) {
        const Change *change = &plan->changes[i];
        if (change->type == type && change->kind != CHANGE_DELETE &&
            str_equal(json_get_text(change->patch ? change->patch : change->after, field), id))
            return true;
    }
    return false;
}

static const Json *kept_json(Plan *plan, Json json) {
    Json *kept = arena_alloc(&plan->arena, sizeof *kept);
    *kept = json;
    return kept;
}

static void release(Plan *plan, const Snapshot *target, const KeptRecord *kept, const Change *deletes,
                    size_t delete_count) {
    Arena *arena = &plan->arena;
    const Json *before = &kept->record->json;
    Json after = *before;
    JsonObjectBuilder nulls = json_object_builder(arena);
    for (const Reference *reference = catalog_row(kept->type)->references; reference->field; reference++) {
        const char *id = reference->deferred ? json_get_text(before, reference->field) : NULL;
        if (!id || !(is_deleted(deletes, delete_count, reference->target, id) ||
                     (is_unique(reference) && is_wanted(plan, kept->type, reference->field, id))))
            continue;
        json_object_put(&nulls, reference->field, json_null());
        after = json_with(arena, &after, reference->field, json_null());
    }
    Json patch = json_object_done(&nulls);
    if (patch.count == 0)
        return;
    Change change = plan_change_of(plan, CHANGE_UPDATE, kept->type, target, kept->record);
    change.target_id = kept->record->target_id;
    change.before = before;
    change.after = kept_json(plan, after);
    change.patch = kept_json(plan, patch);
    plan_change(plan, change);
}

void plan_release_links(Plan *plan, const Snapshot *target, const KeptRecord *kept, size_t kept_count,
                        const Change *deletes, size_t delete_count) {
    for (size_t i = 0; i < kept_count; i++)
        release(plan, target, &kept[i], deletes, delete_count);
}

static bool is_held(const RecordList *list, const char *field, const char *id) {
    for (size_t i = 0; i < list->count; i++)
        if (str_equal(json_get_text(&list->items[i].json, field), id))
            return true;
    return false;
}

void plan_leave_links_open(Plan *plan, const Snapshot *files, const Snapshot *target) {
    for (size_t i = 0; i < plan->change_count; i++) {
        Change *change = &plan->changes[i];
        if (change->kind != CHANGE_CREATE || catalog_is_schema(change->type))
            continue;
        for (const Reference *reference = catalog_row(change->type)->references; reference->field;
             reference++) {
            const char *id = is_unique(reference) ? json_get_text(change->after, reference->field) : NULL;
            if (!id || !is_held(&target->types[change->type], reference->field, id))
                continue;
            const Record *next = snapshot_find(files, reference->target, id);
            plan_note(plan, NOTE_LEFT_ALONE, change->type,
                      "%s of %s \"%s\" is left open: another %s of the target has %s", reference->field,
                      catalog_row(change->type)->singular, change->label, catalog_row(change->type)->singular,
                      next ? snapshot_label(files, reference->target, next, &plan->arena) : id);
            change->after =
                kept_json(plan, json_with(&plan->arena, change->after, reference->field, json_null()));
        }
    }
}
