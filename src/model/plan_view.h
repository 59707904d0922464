/*
 * A plan as people look at it: by kind of record, what belongs to one record together, and what comes or goes
 * with a record counted in its line instead of listed. Text and Markdown are printed from this.
 */
#ifndef SCHEMA_SYNC_MODEL_PLAN_VIEW_H
#define SCHEMA_SYNC_MODEL_PLAN_VIEW_H

#include "model/plan.h"
#include "model/value_diff.h"

/* One record with what stands in it: a flow and its operations, a collection and its fields. */
typedef struct {
    const char *label; /* "Notify" */
    const char *id;
    const Change *own; /* NULL: only what stands in it changes */
    const Change **parts;
    size_t part_count;
    AlongCount along[TYPE_COUNT + 1]; /* what comes or goes with it, ended by a count of 0 */
} ViewGroup;

/* All of one kind: "flows". */
typedef struct {
    TypeId type;
    const char *title;
    ViewGroup *groups; /* by label */
    size_t group_count, group_capacity;
    size_t counts[CHANGE_DELETE + 1]; /* changes, those that are only counted among them */
    const PlanAdoption **adoptions;
    size_t adoption_count, adoption_capacity;
    const PlanNote **notes;
    size_t note_count, note_capacity;
} ViewSection;

typedef struct {
    ViewSection sections[TYPE_COUNT + 1]; /* the last one: notes about no type */
    size_t count;
} PlanView;

/* Everything lives in the arena, or in the plan. */
void plan_view(Arena *arena, const Plan *plan, PlanView *view);

/* The kind of record in whose section the type stands: flows for operations. */
TypeId plan_view_top(TypeId type);
/* "to create", or of two states "created" */
const char *plan_view_verb(const Plan *plan, ChangeKind kind);
/* "22 fields, 4 relations" of a record of type `of`; nothing is appended when there is none. */
void plan_view_along(TypeId of, const AlongCount *along, Buf *out);
/* Where the two sides of an update differ, as it may be shown (see conceal.h). */
void plan_view_edits(Arena *arena, const Change *change, ValueEdits *edits);
void plan_view_row_edits(Arena *arena, const RowChange *row, ValueEdits *edits);
/* `flow "Notify" › operation send`, `field posts.title`, `settings`. */
void plan_view_head(const Change *change, Buf *out);
/* The same of several that stand in one record: `12 fields in posts`, `7 operations in flow "Notify"`; and
 * one of them within it: `title`. */
void plan_view_heads(const Change *change, size_t count, Buf *out);
void plan_view_own_name(const Change *change, Buf *out);

/* Parts of plan_print: one section, and the rows with their heading. */
void plan_print_section(const Plan *plan, const ViewSection *section, bool color, Buf *out);
void plan_print_rows(const Plan *plan, bool color, Buf *out);

#endif
