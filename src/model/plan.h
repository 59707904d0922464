/*
 * The plan: every write an import will do, decided by one pure function.
 *
 * plan_build() compares two snapshots in the same id space (see identity.h) and gives the changes in the
 * order in which they are applied, the notes on what is left alone, and the losses that need permission.
 * Printing, applying and verifying all read the same Plan, so that what is shown is what is done. Rows of
 * chosen collections are planned beside it as streams; only their counts stand here (RowPlan).
 */
#ifndef SCHEMA_SYNC_MODEL_PLAN_H
#define SCHEMA_SYNC_MODEL_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/catalog.h"
#include "model/scope.h"
#include "model/snapshot.h"

typedef enum { CHANGE_CREATE, CHANGE_UPDATE, CHANGE_DELETE } ChangeKind;

typedef struct {
    ChangeKind kind;
    TypeId type;
    const char *label; /* what people call it: "posts.title", "Editor", "posts read (Editors)" */
    const char *id;    /* the state's id of the record; NULL where the type has none */
    const char
        *target_id;     /* primary key on the target as text, NULL for creates, schema kinds and singletons */
    const Json *before; /* the target's record, NULL for creates */
    const Json *after;  /* the files' record, NULL for deletes */
    const Json *patch;  /* updates: only the members that differ, with their new values */
} Change;

/* What happens to the rows of one chosen collection. */
typedef struct {
    const char *collection;
    uint64_t created, updated, deleted, unchanged, kept; /* kept: on the target only, left alone */
} RowPlan;

/* Something the reader should know and that is not a write. */
typedef enum { NOTE_LEFT_ALONE, NOTE_REDUCED, NOTE_NULLED } PlanNoteKind;

typedef struct {
    PlanNoteKind kind;
    const char *text;
} PlanNote;

typedef struct {
    Arena arena;
    Change *changes;
    size_t change_count, change_capacity;
    RowPlan *rows;
    size_t row_count, row_capacity;
    PlanNote *notes;
    size_t note_count, note_capacity;
    const char **losses; /* "table posts with 12 rows": each needs --allow-delete */
    size_t loss_count, loss_capacity;
    Json schema_diff; /* the server's own {hash, diff} for the schema changes above; null when there are none
                       */
} Plan;

typedef struct {
    const Scope *scope;
    const bool *sections; /* SECTION_COUNT flags: which ones to plan */
    const Json *removed;  /* removed.jsonl: array of [type, id, key] */
    /* The role of the user that imports, in the state's ids: it and those above it are never deleted. */
    const char *caller_state_role;
    const char *const *caller_policies; /* NULL-terminated */
} PlanOptions;

/*
 * Plans configuration (everything with an endpoint). `target` must already be in the files' id space. The
 * snapshots must outlive the plan, unless plan_keep() is called: changes point into them.
 */
bool plan_build(const Snapshot *files, const Snapshot *target, const PlanOptions *options, Plan *plan,
                Error *err);

/*
 * Adds the schema's changes, from the server's answer to /schema/diff ({hash, diff}; null = equal), before
 * all others. A change of a collection, field or relation carries the paths that differ ("meta.note") in
 * before and patch. Deletions that `removed` does not name and `mode` does not ask for are ERR_INTERNAL: the
 * posted snapshot should not have allowed them.
 */
bool plan_add_schema(Plan *plan, const Json *diff, Mode mode, const Json *removed, Error *err);
/* Whether a schema change can destroy values: a dropped table or column, a type change that is no widening.
 */
bool schema_change_loses(const Change *change);

/* Appends a change; the result is valid until the next one. */
Change *plan_change(Plan *plan, Change change);
/* Whether removed.jsonl has a line for this record: by id for types with portable ids, else by key (an array
 * of values). */
bool removed_names(const Json *removed, TypeId type, const char *id, const Json *key);
__attribute__((format(printf, 3, 4))) void plan_note(Plan *plan, PlanNoteKind kind, const char *format, ...);
__attribute__((format(printf, 2, 3))) void plan_loss(Plan *plan, const char *format, ...);
bool plan_is_empty(const Plan *plan); /* no writes */
size_t plan_count(const Plan *plan, ChangeKind kind);

/* One line a change with the fields that change, then rows, notes and counts. `color` uses ANSI sequences. */
void plan_print(const Plan *plan, bool color, Buf *out);
/* The same as one JSON document. */
void plan_json(const Plan *plan, Buf *out);

/* Copies what the changes point to into the plan, which then outlives the snapshots. */
void plan_keep(Plan *plan);
void plan_free(Plan *plan);
AUTO_DEFINE(Plan, plan_free);

#endif
