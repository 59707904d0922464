#include "sync/outside.h"

#include <string.h>

#include "base/log.h"
#include "model/field_path.h"
#include "model/id_places.h"

enum { MOST_NOTES = 20 };

typedef struct {
    TypeId type;
    const Record *record;
    const char *const *steps;
    TypeId target;
    const char *id;
    bool whole, there;
} Lead;

typedef struct {
    const Snapshot *inside, *beyond; /* `beyond`: the target, NULL for an export */
    Arena arena;
    Lead *items;
    size_t count, capacity;
} Leads;

static const char *const *kept_steps(Arena *arena, const char *const *steps) {
    size_t count = 0;
    while (steps[count])
        count++;
    const char **kept = arena_array(arena, count + 1, sizeof *kept);
    for (size_t i = 0; i < count; i++)
        kept[i] = arena_strdup(arena, steps[i]);
    return kept;
}

static void note_lead(const IdPlace *place, void *context) {
    Leads *leads = context;
    bool record = place->target < TYPE_COUNT;
    if (record &&
        (!leads->inside->present[place->target] || snapshot_find(leads->inside, place->target, place->id)))
        return;
    if (record && leads->beyond &&
        (!leads->beyond->present[place->target] || snapshot_find(leads->beyond, place->target, place->id)))
        return;
    Lead lead = { .type = place->type,
                  .record = place->record,
                  .steps = kept_steps(&leads->arena, place->steps),
                  .target = place->target,
                  .id = arena_strdup(&leads->arena, place->id),
                  .whole = place->whole };
    ARENA_PUSH(&leads->arena, leads->items, leads->count, leads->capacity, lead);
}

/* Users and assets: which of them does the target have? */
static bool ask(Leads *leads, Session *session, TypeId target, Error *err) {
    const char **ids = arena_array(&leads->arena, leads->count + 1, sizeof *ids);
    bool *found = arena_array(&leads->arena, leads->count + 1, sizeof *found);
    size_t count = 0;
    for (size_t i = 0; i < leads->count; i++)
        if (leads->items[i].target == target)
            ids[count++] = leads->items[i].id;
    if (count && !directus_exist(session, target == TYPE_USERS ? "directus_users" : "directus_files", "id",
                                 "uuid", ids, count, found, err))
        return false;
    for (size_t i = 0, k = 0; i < leads->count; i++)
        if (leads->items[i].target == target)
            leads->items[i].there = found[k++];
    return true;
}

static const char *pointer_of(Arena *arena, const Lead *lead) {
    AUTO(Buf) pointer = { 0 };
    for (const char *const *step = lead->steps; *step; step++)
        buf_printf(&pointer, "/%s", json_pointer_step(arena, *step));
    return arena_strdup(arena, buf_text(&pointer));
}

static const char *singular(TypeId target) {
    return target == TYPE_USERS ? "user" : target == TYPE_FILES ? "asset" : catalog_row(target)->singular;
}

/* Last first: an item that goes does not move those still to come. */
static void set_null(Snapshot *snapshot, const Leads *leads) {
    for (size_t i = leads->count; i-- > 0;) {
        const Lead *lead = &leads->items[i];
        Record *record = &snapshot->types[lead->type].items[lead->record - snapshot->types[lead->type].items];
        if (lead->whole && !lead->there)
            record->json = field_path_without(&snapshot->arena, &record->json, lead->steps);
    }
}

static const char *fate(const Config *config, const Lead *lead) {
    return config->scope.null_outside && lead->whole ? "null" : "kept";
}

bool outside_look(Outside *outside, const Config *config, Session *session, Snapshot *files,
                  const Snapshot *target, const bool sections[SECTION_COUNT], Error *err) {
    if (outside->looked)
        return true;
    outside->looked = true;
    Leads leads = { .inside = files, .beyond = target };
    id_places(files, sections, note_lead, &leads);
    bool done = ask(&leads, session, TYPE_USERS, err) && ask(&leads, session, TYPE_FILES, err);
    for (size_t i = 0; done && i < leads.count; i++) {
        const Lead *lead = &leads.items[i];
        if (lead->there)
            continue;
        const char *text =
            arena_printf(&outside->arena, "%s: %s %s is neither in the files nor on the target: %s",
                         snapshot_place_at(files, lead->record, pointer_of(&leads.arena, lead), &leads.arena),
                         singular(lead->target), lead->id, fate(config, lead));
        bool kept = strcmp(fate(config, lead), "kept") == 0;
        PlanNote note = { kept ? NOTE_LEFT_ALONE : NOTE_NULLED, lead->type, text };
        ARENA_PUSH(&outside->arena, outside->notes, outside->count, outside->capacity, note);
    }
    if (done && config->scope.null_outside)
        set_null(files, &leads);
    arena_free(&leads.arena);
    return done;
}

void outside_note(const Outside *outside, Plan *plan) {
    for (size_t i = 0; i < outside->count && i < MOST_NOTES; i++)
        plan_note(plan, outside->notes[i].kind, outside->notes[i].type, "%s", outside->notes[i].text);
    if (outside->count > MOST_NOTES)
        plan_note(plan, NOTE_LEFT_ALONE, TYPE_NONE, "%zu more ids lead out of the state",
                  outside->count - MOST_NOTES);
}

void outside_say(const Config *config, const bool sections[SECTION_COUNT], Snapshot *instance,
                 const Snapshot *old) {
    Leads leads = { .inside = instance };
    id_places(instance, sections, note_lead, &leads);
    for (size_t i = 0; i < leads.count && i < MOST_NOTES; i++) {
        const Lead *lead = &leads.items[i];
        const Record *file = old ? snapshot_same(old, lead->type, lead->record) : NULL;
        const char *place =
            file ? snapshot_place_at(old, file, pointer_of(&leads.arena, lead), &leads.arena)
                 : arena_printf(&leads.arena, "%s \"%s\": (%s)", catalog_row(lead->type)->singular,
                                snapshot_label(instance, lead->type, lead->record, &leads.arena),
                                pointer_of(&leads.arena, lead));
        log_say(LOG_NOTE, "%s: %s %s is not in the state: %s", place, singular(lead->target), lead->id,
                fate(config, lead));
    }
    if (leads.count > MOST_NOTES)
        log_say(LOG_NOTE, "%zu more ids lead out of the state", leads.count - MOST_NOTES);
    if (config->scope.null_outside)
        set_null(instance, &leads);
    arena_free(&leads.arena);
}

void outside_free(Outside *outside) {
    arena_free(&outside->arena);
}
