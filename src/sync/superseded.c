#include "sync/superseded.h"

#include <string.h>

#include "model/removed.h"

bool superseded_add(Superseded *superseded, const Config *config, const char *id, bool *known, Error *err) {
    Error unknown = { 0 };
    *known = true;
    for (size_t i = 0; i < superseded->count; i++)
        if (superseded->commits[i] && strcmp(state_commit_id(superseded->commits[i]), id) == 0)
            return true;
    StateCommit **commit = &superseded->commits[superseded->count];
    State *state = &superseded->states[superseded->count];
    if (!state_commit_open(config->root, config->state_dir, id, commit, &unknown)) {
        *known = false;
        return true;
    }
    StateSource source = { config->root, config->state_dir, *commit };
    superseded->count++;
    *known = state_read_from(&source, state, err) && state->exists;
    return *known || err->kind == ERR_NONE;
}

bool superseded_add_source(Superseded *superseded, const StateSource *source, Error *err) {
    return state_read_from(source, &superseded->states[superseded->count++], err);
}

Json superseded_lines(const Superseded *superseded, const bool *sections, const Renames *renames,
                      const State *state, Arena *arena) {
    Json removed = state->removed;
    for (size_t i = 0; i < superseded->count; i++) {
        const Snapshot *before = &superseded->states[i].snapshot;
        Snapshot now = state->snapshot;
        for (TypeId type = 0; type < TYPE_COUNT; type++) /* without a record a section may have no file */
            now.present[type] |= sections[catalog_row(type)->section];
        if (!str_equal(before->directus, now.directus)) /* each version indexes fields of its own */
            now.present[TYPE_SYSTEM_FIELDS] = false;
        RemovedUpdate update = {
            .before = before, .now = &now, .sections = sections, .removed = &removed, .renames = renames
        };
        JsonArrayBuilder lines = json_array_builder(arena);
        removed_update(&update, &lines, NULL);
        removed = json_array_done(&lines);
    }
    return removed;
}

static bool in_new_table(const Plan *plan, const Change *field) {
    for (size_t i = 0; i < plan->change_count; i++)
        if (plan->changes[i].kind == CHANGE_CREATE && plan->changes[i].type == TYPE_COLLECTIONS &&
            str_equal(plan->changes[i].label, field->parent_id))
            return true;
    return false;
}

void superseded_note(const Config *config, Plan *plan) {
    for (size_t i = 0; i < plan->change_count; i++) {
        const Change *change = &plan->changes[i];
        if (change->kind != CHANGE_CREATE || json_is_null(json_get(change->after, "schema")))
            continue;
        if (change->type == TYPE_COLLECTIONS && !scope_data(&config->scope, change->label))
            plan_note(plan, NOTE_LEFT_ALONE, TYPE_COLLECTIONS,
                      "%s comes back empty: the rows it had before it was deleted are lost", change->label);
        if (change->type == TYPE_FIELDS && !in_new_table(plan, change))
            plan_note(plan, NOTE_LEFT_ALONE, TYPE_FIELDS,
                      "%s comes back without the values it had before it was deleted", change->label);
    }
}

void superseded_free(Superseded *superseded) {
    for (size_t i = 0; i < superseded->count; i++) {
        state_free(&superseded->states[i]);
        state_commit_close(&superseded->commits[i]);
    }
    *superseded = (Superseded){ 0 };
}
