/* The plan as a container: what it is made of, kept and freed. */
#include <stdarg.h>

#include "model/plan.h"

void plan_note(Plan *plan, PlanNoteKind kind, TypeId type, const char *format, ...) {
    va_list args;
    va_start(args, format);
    PlanNote note = { kind, type, arena_vprintf(&plan->arena, format, args) };
    va_end(args);
    ARENA_PUSH(&plan->arena, plan->notes, plan->note_count, plan->note_capacity, note);
}

void plan_loss(Plan *plan, const Change *change, uint64_t count, const char *format, ...) {
    va_list args;
    va_start(args, format);
    PlanLoss loss = { .change = change - plan->changes,
                      .count = count,
                      .text = arena_vprintf(&plan->arena, format, args) };
    va_end(args);
    ARENA_PUSH(&plan->arena, plan->losses, plan->loss_count, plan->loss_capacity, loss);
}

void plan_loss_of_rows(Plan *plan, const char *collection, uint64_t count, const char *format, ...) {
    va_list args;
    va_start(args, format);
    PlanLoss loss = { .change = LOSS_OF_ROWS,
                      .collection = arena_strdup(&plan->arena, collection),
                      .count = count,
                      .text = arena_vprintf(&plan->arena, format, args) };
    va_end(args);
    ARENA_PUSH(&plan->arena, plan->losses, plan->loss_count, plan->loss_capacity, loss);
}

Change plan_change_of(Plan *plan, ChangeKind kind, TypeId type, const Snapshot *names, const Record *record) {
    RecordNames called = snapshot_names(names, type, record, &plan->arena);
    return (Change){
        .kind = kind,
        .type = type,
        .label = called.label,
        .parent = called.parent,
        .parent_id = called.parent_id,
        .name = called.name,
        .id = record->id,
    };
}

Change *plan_change(Plan *plan, Change change) {
    ARENA_PUSH(&plan->arena, plan->changes, plan->change_count, plan->change_capacity, change);
    return &plan->changes[plan->change_count - 1];
}

bool plan_is_empty(const Plan *plan) {
    for (size_t i = 0; i < plan->row_count; i++)
        if (plan->rows[i].created || plan->rows[i].updated || plan->rows[i].deleted ||
            plan->rows[i].uncounted)
            return false;
    return plan->change_count == 0 && plan->renames.count == 0;
}

size_t plan_count(const Plan *plan, ChangeKind kind) {
    size_t count = 0;
    for (size_t i = 0; i < plan->change_count; i++)
        count += plan->changes[i].kind == kind;
    return count;
}

uint64_t plan_count_rows(const Plan *plan, ChangeKind kind) {
    uint64_t count = 0;
    for (size_t i = 0; i < plan->row_count; i++) {
        const RowPlan *rows = &plan->rows[i];
        count += kind == CHANGE_CREATE   ? rows->created
                 : kind == CHANGE_UPDATE ? rows->updated
                                         : rows->deleted;
    }
    return count;
}

static const Json *kept_json(Plan *plan, const Json *json) {
    if (!json)
        return NULL;
    Json *copy = arena_alloc(&plan->arena, sizeof *copy);
    *copy = json_copy(&plan->arena, json);
    return copy;
}

static const char *kept_text(Plan *plan, const char *text) {
    return text ? arena_strdup(&plan->arena, text) : NULL;
}

void plan_keep(Plan *plan) {
    for (size_t i = 0; i < plan->change_count; i++) {
        Change *change = &plan->changes[i];
        change->parent_id = kept_text(plan, change->parent_id);
        change->id = kept_text(plan, change->id);
        change->target_id = kept_text(plan, change->target_id);
        change->before = kept_json(plan, change->before);
        change->after = kept_json(plan, change->after);
        change->patch = kept_json(plan, change->patch);
    }
}

void plan_free(Plan *plan) {
    arena_free(&plan->arena);
    *plan = (Plan){ 0 };
}
