#include "model/plan_names.h"

#include <string.h>

#include "model/show.h"

/* ---- noting ---- */

typedef struct {
    Plan *plan;
    const Snapshot *first, *second; /* where a name is looked for */
    PlanName *names;                /* of the change at hand */
    size_t count, capacity;
} Naming;

static bool is_noted(const Naming *naming, TypeId type, const char *id) {
    for (size_t i = 0; i < naming->count; i++)
        if (naming->names[i].type == type && strcmp(naming->names[i].id, id) == 0)
            return true;
    return false;
}

static bool note(Naming *naming, TypeId type, const char *id) {
    Arena *arena = &naming->plan->arena;
    const Snapshot *snapshot = naming->first;
    const Record *record = snapshot_find(snapshot, type, id);
    if (!record) {
        snapshot = naming->second;
        record = snapshot_find(snapshot, type, id);
    }
    if (!record || is_noted(naming, type, id))
        return record != NULL;
    const char *name = snapshot_names(snapshot, type, record, arena).name;
    PlanName made = { type, arena_strdup(arena, id), name };
    ARENA_PUSH(arena, naming->names, naming->count, naming->capacity, made);
    return true;
}

/* An id in a filter or an option may be any record's. */
static const char *note_text(Arena *arena, const char *text, size_t length, void *context) {
    Naming *naming = context;
    (void)arena;
    for (TypeId type = 0; str_is_uuid(text, length) && type < TYPE_COUNT; type++)
        if (catalog_row(type)->identity == IDENTITY_ID && note(naming, type, text))
            break;
    return NULL;
}

static void note_member(Naming *naming, TypeId type, const char *member, const Json *value) {
    AUTO(Arena) scratch = { 0 };
    const Reference *reference = catalog_reference(type, member);
    if (!value)
        return;
    if (!reference)
        json_map_texts(&scratch, value, note_text, naming);
    else if (json_text(value) && reference->target < TYPE_COUNT)
        note(naming, reference->target, json_text(value));
}

static void note_references(Naming *naming, TypeId type, const Json *record) {
    const CatalogRow *row = catalog_row(type);
    for (const Reference *reference = row->references; reference->field; reference++)
        if (!str_equal(reference->field, row->parent_field))
            note_member(naming, type, reference->field, json_get(record, reference->field));
}

static void note_sides(Naming *naming, const Change *change, const Snapshot *files, const Snapshot *target) {
    naming->first = target;
    naming->second = files;
    if (change->kind == CHANGE_DELETE)
        note_references(naming, change->type, change->before);
    for (uint32_t i = 0; change->patch && i < change->patch->count; i++) {
        const char *member = change->patch->as.members[i].key;
        note_member(naming, change->type, member, json_get(change->before, member));
    }
    naming->first = files;
    naming->second = target;
    if (change->kind == CHANGE_CREATE)
        note_references(naming, change->type, change->after);
    for (uint32_t i = 0; change->patch && i < change->patch->count; i++)
        note_member(naming, change->type, change->patch->as.members[i].key,
                    &change->patch->as.members[i].value);
}

void plan_names(Plan *plan, const Snapshot *files, const Snapshot *target) {
    for (size_t i = 0; i < plan->change_count; i++) {
        Naming naming = { .plan = plan };
        note_sides(&naming, &plan->changes[i], files, target);
        plan->changes[i].names = naming.names;
        plan->changes[i].name_count = naming.count;
    }
}

/* ---- showing ---- */

static const PlanName *name_of(const Change *change, const Json *value, TypeId type) {
    const char *id = json_text(value);
    for (size_t i = 0; id && i < change->name_count; i++)
        if (strcmp(change->names[i].id, id) == 0 && (type == TYPE_NONE || change->names[i].type == type))
            return &change->names[i];
    return NULL;
}

static const char *shown(Arena *arena, const Change *change, const Json *value, TypeId type) {
    const PlanName *name = name_of(change, value, type);
    AUTO(Buf) text = { 0 };
    if (!name)
        return NULL;
    if (type == TYPE_NONE)
        buf_printf(&text, "%s ", catalog_row(name->type)->singular);
    show_quoted(&text, name->name);
    return arena_strdup(arena, buf_text(&text));
}

EditNames plan_edit_names(Arena *arena, const Change *change, const ValueEdit *edit) {
    const Reference *reference = edit->owner ? NULL : catalog_reference(change->type, edit->key);
    TypeId type = reference ? reference->target : TYPE_NONE;
    EditNames names = { shown(arena, change, edit->before, type), shown(arena, change, edit->after, type) };
    if (str_equal(names.before, names.after))
        names.before = names.after = NULL;
    return names;
}
