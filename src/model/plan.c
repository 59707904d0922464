#include "model/plan.h"

#include <string.h>

#include "model/order.h"
#include "model/plan_along.h"
#include "model/plan_links.h"
#include "model/plan_names.h"
#include "model/plan_states.h"

/* ---- deciding ---- */

typedef struct {
    const Snapshot *files, *target;
    const PlanOptions *options;
    Plan *plan;
    Mode mode; /* of the section at hand */
    TypeId type;
    const CatalogRow *row;
    Change *deletes; /* gathered in type order, appended reversed: children first */
    size_t delete_count, delete_capacity;
    KeptRecord *kept_records;
    size_t kept_count, kept_capacity;
    size_t kept; /* records of this type that only the target has */
} Planner;

/* Any one of these on an administrator's policy could lock everybody out: an import never writes them there.
 */
static const char *const admin_fields[] = { "admin_access", "app_access", "ip_access", "enforce_tfa", NULL };

static bool names_admin_field(const char *field) {
    for (size_t i = 0; admin_fields[i]; i++)
        if (strcmp(admin_fields[i], field) == 0)
            return true;
    return false;
}

static bool is_admin_policy(TypeId type, const Json *json) {
    return type == TYPE_POLICIES && (json_get_bool(json, "admin_access", false) ||
                                     str_equal(json_get_text(json, "id"), ALIAS_ADMINISTRATOR));
}

static bool is_reserved(const char *id) {
    return id && id[0] == '$';
}

/* The file's members that the target holds differently. A member the target's record does not have at all is
 * unknown there: Directus would drop it without a word. */
static bool differing(Planner *planner, const Record *file, const Record *target, Json *patch, Error *err) {
    bool admin = is_admin_policy(planner->type, &file->json) || is_admin_policy(planner->type, &target->json);
    JsonObjectBuilder out = json_object_builder(&planner->plan->arena);
    for (uint32_t i = 0; i < file->json.count; i++) {
        const JsonMember *member = &file->json.as.members[i];
        const Json *there = json_get(&target->json, member->key);
        if (admin && names_admin_field(member->key)) {
            if (there &&
                !json_equal(there, &member->value)) /* the Administrator's own never stand in a snapshot */
                plan_note(planner->plan, NOTE_LEFT_ALONE, planner->type,
                          "%s of the administrator policy \"%s\" differs and is never written", member->key,
                          snapshot_label(planner->files, planner->type, file, &planner->plan->arena));
            continue;
        }
        if (!there && snapshot_has_field(planner->files, planner->row->collection, member->key))
            there = &JSON_NULL_VALUE; /* the schema's part of this import creates it */
        if (!there) {
            error_set(err, ERR_FILES, "%s: the target's %s have no field \"%s\"",
                      snapshot_place(planner->files, file, member->key, &planner->plan->arena),
                      planner->row->name, member->key);
            return error_hint(err, "remove the member, or import into a Directus that has the field");
        }
        if (!json_equal(there, &member->value))
            json_object_put(&out, member->key, member->value);
    }
    *patch = json_object_done(&out);
    return true;
}

static const Json *keep_json(Plan *plan, Json json) {
    Json *kept = arena_alloc(&plan->arena, sizeof *kept);
    *kept = json;
    return kept;
}

static bool plan_create(Planner *planner, const Record *file, Error *err) {
    if (is_reserved(file->id) && !planner->options->states) {
        error_set(err, ERR_REFUSED, "%s: the instance has no %s that can be recognised as \"%s\"",
                  snapshot_place(planner->files, file, NULL, &planner->plan->arena), planner->row->singular,
                  file->id);
        return error_hint(err,
                          "give exactly one %s with admin access the name \"Administrator\" on the instance",
                          planner->row->singular);
    }
    Change change = plan_change_of(planner->plan, CHANGE_CREATE, planner->type, planner->files, file);
    change.after = &file->json;
    plan_change(planner->plan, change);
    return true;
}

static void plan_changed_state(Planner *planner, const Record *after, const Record *before) {
    Change change = plan_change_of(planner->plan, CHANGE_UPDATE, planner->type, planner->files, after);
    if (plan_states_patch(planner->plan, planner->type, &before->json, &after->json, &change))
        plan_change(planner->plan, change);
}

static bool plan_update(Planner *planner, const Record *file, const Record *target, Error *err) {
    if (planner->options->states) {
        plan_changed_state(planner, file, target);
        return true;
    }
    if (planner->mode == MODE_ADD)
        return true;
    Json patch = json_null();
    if (!differing(planner, file, target, &patch, err))
        return false;
    if (patch.count == 0)
        return true;
    Change change = plan_change_of(planner->plan, CHANGE_UPDATE, planner->type, planner->files, file);
    change.target_id = target->target_id;
    change.before = &target->json;
    change.after = &file->json;
    change.patch = keep_json(planner->plan, patch);
    plan_change(planner->plan, change);
    return true;
}

/* The role of whoever imports, or one above it: a role has what its parents have. */
static bool is_caller_role(const Planner *planner, const char *id) {
    enum { DEEPEST = 64 }; /* parents may form a circle */
    const char *role = planner->options->caller_state_role;
    for (int depth = 0; id && role && depth < DEEPEST; depth++) {
        if (strcmp(role, id) == 0)
            return true;
        const Record *record = snapshot_find(planner->target, TYPE_ROLES, role);
        role = record ? json_get_text(&record->json, "parent") : NULL;
    }
    return false;
}

static bool is_caller(const Planner *planner, const Record *target) {
    const PlanOptions *options = planner->options;
    if (planner->type == TYPE_ROLES)
        return is_caller_role(planner, target->id);
    if (planner->type == TYPE_POLICIES)
        for (size_t i = 0; options->caller_policies && options->caller_policies[i]; i++)
            if (str_equal(options->caller_policies[i], target->target_id))
                return true;
    if (planner->type == TYPE_ACCESS && options->caller_state_role) {
        if (!is_caller_role(planner, json_get_text(&target->json, "role")))
            return false;
        const Record *policy =
            snapshot_find(planner->target, TYPE_POLICIES, json_get_text(&target->json, "policy"));
        return policy && is_admin_policy(TYPE_POLICIES, &policy->json);
    }
    return false;
}

/* A parent's delete takes its children along: naming them too would be a second, failing delete. */
static bool dies_with_parent(const Planner *planner, TypeId type, const Json *record) {
    for (size_t i = 0; i < planner->delete_count; i++) {
        const Change *other = &planner->deletes[i];
        const CatalogRow *row = catalog_row(type);
        if (row->parent == other->type && row->parent_field &&
            str_equal(json_get_text(record, row->parent_field), other->id ? other->id : other->label))
            return true;
        if ((type == TYPE_ACCESS || type == TYPE_PRESETS) && other->type == TYPE_ROLES &&
            str_equal(json_get_text(record, "role"), other->id))
            return true;
    }
    return false;
}

static void plan_only_on_target(Planner *planner, const Record *target, bool reduced) {
    bool states = planner->options->states;
    bool doomed = reduced || states || (planner->mode == MODE_MIRROR) ||
                  (planner->mode == MODE_MERGE &&
                   removed_names_record(planner->options->removed, planner->type, &target->json));
    if (!doomed || planner->row->singleton) {
        if (dies_with_parent(planner, planner->type, &target->json))
            return;
        KeptRecord kept = { planner->type, target };
        ARENA_PUSH(&planner->plan->arena, planner->kept_records, planner->kept_count, planner->kept_capacity,
                   kept);
        planner->kept++;
        return;
    }
    Change change = plan_change_of(planner->plan, CHANGE_DELETE, planner->type, planner->target, target);
    if (!states && (is_reserved(target->id) || is_caller(planner, target))) {
        plan_note(planner->plan, NOTE_LEFT_ALONE, planner->type, "%s \"%s\" is not deleted: %s",
                  planner->row->singular, change.label,
                  is_reserved(target->id) ? "every instance needs it" : "this import runs with it");
        return;
    }
    if (reduced && !states)
        plan_note(planner->plan, NOTE_REDUCED, planner->type,
                  "%s \"%s\" stands more than once in every detail: one is kept", planner->row->singular,
                  change.label);
    change.target_id = target->target_id;
    change.before = &target->json;
    ARENA_PUSH(&planner->plan->arena, planner->deletes, planner->delete_count, planner->delete_capacity,
               change);
}

/* Types with portable ids: both lists are sorted by id. */
static bool plan_by_id(Planner *planner, const RecordList *files, const RecordList *target, Error *err) {
    size_t *order = order_parents_first(&planner->plan->arena, files, planner->type);
    for (size_t i = 0; i < files->count; i++) {
        const Record *file = &files->items[order[i]];
        const Record *there = snapshot_find(planner->target, planner->type, file->id);
        if (!(there ? plan_update(planner, file, there, err) : plan_create(planner, file, err)))
            return false;
    }
    for (size_t i = 0; i < target->count; i++)
        if (!snapshot_find(planner->files, planner->type, target->items[i].id))
            plan_only_on_target(planner, &target->items[i], false);
    return true;
}

/* Records of one key in both lists: [from, to) each. */
typedef struct {
    const Record *items;
    size_t count;
} Group;

static bool same_content(const Json *file, const Json *target) {
    for (uint32_t i = 0; i < file->count; i++)
        if (!json_equal(&file->as.members[i].value, json_get(target, file->as.members[i].key)))
            return false;
    return true;
}

/* Equal rows pair first; a target row equal to one that is paired already is a duplicate and is reduced; what
 * is left pairs in canonical order. */
static bool plan_group(Planner *planner, Group files, Group target, Error *err) {
    Arena *arena = &planner->plan->arena;
    bool *file_used = arena_array(arena, files.count + 1, sizeof *file_used);
    bool *target_used = arena_array(arena, target.count + 1, sizeof *target_used);
    for (size_t i = 0; i < files.count; i++)
        for (size_t j = 0; j < target.count && !file_used[i]; j++)
            if (!target_used[j] && same_content(&files.items[i].json, &target.items[j].json))
                file_used[i] = target_used[j] = true;
    for (size_t j = 0; j < target.count && files.count; j++)
        for (size_t k = 0; k < target.count && !target_used[j]; k++)
            if (target_used[k] && k != j && json_equal(&target.items[k].json, &target.items[j].json)) {
                target_used[j] = true;
                if (planner->mode != MODE_ADD)
                    plan_only_on_target(planner, &target.items[j], true);
            }
    size_t j = 0;
    for (size_t i = 0; i < files.count; i++) {
        if (file_used[i])
            continue;
        while (j < target.count && target_used[j])
            j++;
        if (j < target.count)
            target_used[j] = true;
        if (!(j < target.count ? plan_update(planner, &files.items[i], &target.items[j], err)
                               : plan_create(planner, &files.items[i], err)))
            return false;
    }
    for (j = 0; j < target.count; j++)
        if (!target_used[j])
            plan_only_on_target(planner, &target.items[j], false);
    return true;
}

static Group take_group(const CatalogRow *row, const RecordList *list, size_t *at, const Record *like) {
    Group group = { list->items + *at, 0 };
    while (*at < list->count && snapshot_key_compare(row->id, &list->items[*at].json, &like->json) == 0) {
        group.count++;
        (*at)++;
    }
    return group;
}

/* Types without portable ids: both lists are sorted by key, then content. */
static bool plan_by_key(Planner *planner, const RecordList *files, const RecordList *target, Error *err) {
    size_t i = 0, j = 0;
    while (i < files->count || j < target->count) {
        const Record *file = i < files->count ? &files->items[i] : NULL;
        const Record *there = j < target->count ? &target->items[j] : NULL;
        const Record *first =
            !there || (file && snapshot_key_compare(planner->type, &file->json, &there->json) <= 0) ? file
                                                                                                    : there;
        Group left = take_group(planner->row, files, &i, first);
        Group right = take_group(planner->row, target, &j, first);
        if (!plan_group(planner, left, right, err))
            return false;
    }
    return true;
}

/* A typed reference must point to a record of the files or of the target. */
static bool check_references(const Planner *planner, Error *err) {
    const RecordList *files = &planner->files->types[planner->type];
    for (size_t i = 0; i < files->count; i++) {
        for (const Reference *reference = planner->row->references; reference->field; reference++) {
            const char *id = json_get_text(&files->items[i].json, reference->field);
            if (!id || reference->target >= TYPE_COUNT || !planner->target->present[reference->target] ||
                snapshot_find(planner->files, reference->target, id) ||
                snapshot_find(planner->target, reference->target, id))
                continue;
            error_set(
                err, ERR_FILES, "%s: there is no %s %s, neither in the files nor on the target",
                snapshot_place(planner->files, &files->items[i], reference->field, &planner->plan->arena),
                catalog_row(reference->target)->singular, id);
            return error_hint(err, "add the %s to the files, or correct the reference",
                              catalog_row(reference->target)->singular);
        }
    }
    return true;
}

static bool plan_type(Planner *planner, TypeId type, Error *err) {
    planner->type = type;
    planner->row = catalog_row(type);
    planner->mode = planner->options->scope->section_modes[planner->row->section];
    planner->kept = 0;
    const RecordList *files = &planner->files->types[type], *target = &planner->target->types[type];
    if (!planner->options->states && !check_references(planner, err)) /* a state was checked as it was read */
        return false;
    if (!(planner->row->identity == IDENTITY_ID ? plan_by_id(planner, files, target, err)
                                                : plan_by_key(planner, files, target, err)))
        return false;
    plan_adoptions(planner->plan, type, planner->files, planner->target);
    if (planner->kept && !planner->row->singleton)
        plan_note(planner->plan, NOTE_LEFT_ALONE, planner->type, "%zu %s only on the target %s left alone",
                  planner->kept, planner->kept == 1 ? planner->row->singular : planner->row->name,
                  planner->kept == 1 ? "is" : "are");
    return true;
}

/* How links between records are written and released: an instance's business. */
static bool plan_links(const Planner *planner, Error *err) {
    if (!plan_check_deleted(planner->files, planner->deletes, planner->delete_count, err))
        return false;
    if (planner->options->scope->section_modes[SECTION_FLOWS] == MODE_ADD)
        plan_leave_links_open(planner->plan, planner->files, planner->target);
    plan_release_links(planner->plan, planner->target, planner->kept_records, planner->kept_count,
                       planner->deletes, planner->delete_count);
    return true;
}

bool plan_build(const Snapshot *files, const Snapshot *target, const PlanOptions *options, Plan *plan,
                Error *err) {
    Planner planner = { .files = files, .target = target, .options = options, .plan = plan };
    plan->states = options->states;
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        if ((options->states || !catalog_is_schema(type)) && options->sections[catalog_row(type)->section] &&
            target->present[type] && !plan_type(&planner, type, err))
            return false;
    if (!options->states && !plan_links(&planner, err))
        return false;
    for (size_t i = planner.delete_count; i-- > 0;)
        if (!dies_with_parent(&planner, planner.deletes[i].type, planner.deletes[i].before))
            plan_change(plan, planner.deletes[i]);
    plan_count_along(plan, target);
    plan_names(plan, files, target);
    return true;
}
