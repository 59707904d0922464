/*
 * The plan: every write an import will do, decided by one pure function.
 *
 * plan_build() compares two snapshots in the same id space (see identity.h) and gives the changes in the
 * order in which they are applied, the notes on what is left alone, and the losses that need permission.
 * Printing, applying and verifying all read the same Plan, so that what is shown is what is done. Rows of
 * chosen collections are planned beside it as streams; their counts and the first of them stand here
 * (RowPlan).
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
#include "model/digest.h"
#include "model/removed.h"
#include "model/scope.h"
#include "model/snapshot.h"

typedef enum { CHANGE_CREATE, CHANGE_UPDATE, CHANGE_DELETE } ChangeKind;

/* How many records of a type go together with another one. */
typedef struct {
    TypeId type;
    size_t count;
} AlongCount;

/* What people call a record that another one refers to. */
typedef struct {
    TypeId type;
    const char *id, *name;
} PlanName;

typedef struct {
    ChangeKind kind;
    TypeId type;
    const char *label; /* what people call it: "posts.title", "Editor", "posts read (Editors)" */
    /* The same in parts, where the record stands in another one (catalog: parent): what people call that one
     * ("posts"), its id (a collection's name), and this one within it ("title"). NULL where it stands alone.
     */
    const char *parent, *parent_id, *name;
    const char *id; /* the state's id of the record; NULL where the type has none */
    const char
        *target_id;     /* primary key on the target as text, NULL for creates, schema kinds and singletons */
    const Json *before; /* the target's record, NULL for creates */
    const Json *after;  /* the files' record, NULL for deletes */
    const Json *patch;  /* updates: only the members that differ, with their new values */
    const AlongCount
        *along; /* deletes: records of other types that go with it, ended by a count of 0; or NULL */
    const PlanName *names; /* of the records it refers to (see plan_names.h) */
    size_t name_count;
} Change;

/* One row that is written (see row_change.h). Values are in the state's ids; print them through conceal.h. */
typedef struct {
    const char *label; /* its key for people, ready to print: "en about"; of a singleton its collection */
    Json key;          /* {"language": "en", "slug": "about"}; empty of a singleton */
    Json before;       /* deleted: the row; changed: the former values of what differs; created: null */
    Json after;        /* created: the row; changed: the new values of what differs; deleted: null */
    Json called;       /* changed: {"title": "About us"}, a title that stays; {} where there is none */
} RowChange;

typedef struct {
    RowChange *items;
    size_t count, capacity;
} RowChanges;

/* What happens to the rows of one chosen collection. */
typedef struct {
    const char *collection;
    uint64_t created, updated, deleted, unchanged, kept; /* kept: on the target only, left alone */
    bool uncounted;                        /* of states: the files differ, and the rows were not compared */
    ChangeKind files;                      /* uncounted: they are new, others than before, or gone */
    RowChanges changes[CHANGE_DELETE + 1]; /* the first ones of each kind, plan->rows_shown at most */
    char digest[DIGEST_HEX];               /* of all that is to be written, where it was asked for, else "" */
} RowPlan;

/* Something the reader should know and that is not a write. */
typedef enum { NOTE_LEFT_ALONE, NOTE_REDUCED, NOTE_NULLED } PlanNoteKind;

typedef struct {
    PlanNoteKind kind;
    TypeId type; /* what it is about; TYPE_NONE: rows, or everything */
    const char *text;
} PlanNote;

/* A record of the target that has another id there and is taken for one of the files. */
typedef struct {
    TypeId type;
    const char *label, *id, *target_id;
    const char *matched_by; /* "name", "flow, key" */
} PlanAdoption;

/* What needs --allow-delete. */
enum { LOSS_OF_ROWS = -1 };
typedef struct {
    ptrdiff_t change;       /* index of the change that causes it, or LOSS_OF_ROWS */
    const char *collection; /* LOSS_OF_ROWS: whose rows */
    uint64_t count;         /* of rows, values or users */
    const char *text;       /* "table posts would be dropped with 12 rows" */
} PlanLoss;

typedef struct {
    Arena arena;
    bool states; /* it says how two states differ, not what is to be written */
    /* To be set before rows are compared: how many of a kind and collection are kept, and whether a digest of
     * all of them is wanted. */
    size_t rows_shown;
    bool rows_digested;
    Change *changes;
    size_t change_count, change_capacity;
    RowPlan *rows;
    size_t row_count, row_capacity;
    PlanNote *notes;
    size_t note_count, note_capacity;
    PlanAdoption *adoptions;
    size_t adoption_count, adoption_capacity;
    PlanLoss *losses;
    size_t loss_count, loss_capacity;
    Renames renames;  /* done before all changes, which are planned as if these were done */
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
    /* Both sides are states of files, and the schema is compared with the rest: every difference is a change
     * (see plan_states.h). Only `sections` is looked at besides. */
    bool states;
} PlanOptions;

/*
 * Plans configuration (everything with an endpoint; of states the schema, too). `target` must already be in
 * the files' id space. The snapshots must outlive the plan, unless plan_keep() is called: changes point into
 * them.
 */
bool plan_build(const Snapshot *files, const Snapshot *target, const PlanOptions *options, Plan *plan,
                Error *err);

/*
 * Adds the schema's changes, from the server's answer to /schema/diff ({hash, diff}; null = equal), before
 * all others. A change of a collection, field or relation carries the paths that differ ("meta.note") in
 * before and patch. A column Directus cannot make is ERR_FILES. Deletions that `removed` does not name and
 * `mode` does not ask for are ERR_INTERNAL: the posted snapshot should not have allowed them.
 */
bool plan_add_schema(Plan *plan, const Json *diff, Mode mode, const Json *removed, Error *err);
/*
 * Gives the updates of the schema the whole values of both sides: "meta.options" from → to, in the state's
 * ids, instead of the server's single edits in the target's. `desired` is what schema_desired() gave.
 */
void plan_schema_values(Plan *plan, const Json *desired, const Snapshot *target);
/* Whether a schema change can destroy values: a dropped table or column, a type change that is no widening.
 */
bool schema_change_loses(const Change *change);

/* A change of a record with its names and ids, which `names` (the snapshot it stands in) gives. */
Change plan_change_of(Plan *plan, ChangeKind kind, TypeId type, const Snapshot *names, const Record *record);
/* Appends a change; the result is valid until the next one. */
Change *plan_change(Plan *plan, Change change);
__attribute__((format(printf, 4, 5))) void plan_note(Plan *plan, PlanNoteKind kind, TypeId type,
                                                     const char *format, ...);
/* `change` is one of plan->changes. */
__attribute__((format(printf, 4, 5))) void plan_loss(Plan *plan, const Change *change, uint64_t count,
                                                     const char *format, ...);
__attribute__((format(printf, 4, 5))) void plan_loss_of_rows(Plan *plan, const char *collection,
                                                             uint64_t count, const char *format, ...);
bool plan_is_empty(const Plan *plan);                        /* no writes */
size_t plan_count(const Plan *plan, ChangeKind kind);        /* of records, without rows */
uint64_t plan_count_rows(const Plan *plan, ChangeKind kind); /* of all collections together */

/* Section by section what is new, changed and deleted, then rows, then counts. `color` uses ANSI sequences.
 */
void plan_print(const Plan *plan, bool color, Buf *out);
/* A line a rename, "> collection a renamed to b"; plan_print begins with them. */
void plan_print_renames(const Plan *plan, bool color, Buf *out);
/* "3 to create, 1 to update, 0 to delete; rows: …", or "nothing to do"; and a newline. */
void plan_print_counts(const Plan *plan, Buf *out);
/*
 * The same as Markdown for a pull request: a table of counts, losses, a diagram of the collections and
 * relations that change, and the sections folded up. `title` says which sides differ. Of a plan that would
 * exceed `limit` bytes the longest sections are cut, and how many lines are missing is said.
 */
enum { MARKDOWN_LIMIT = 65536 }; /* GitHub's limit for the body of a comment, there in characters */
void plan_markdown(const Plan *plan, const char *title, size_t limit, Buf *out);
/* The same as a JSON value, described by "plan" in schema/plan.schema.json. No secret is in it. */
Json plan_json(Arena *arena, const Plan *plan);

/* Copies what the changes point to into the plan, which then outlives the snapshots. */
void plan_keep(Plan *plan);
void plan_free(Plan *plan);
AUTO_DEFINE(Plan, plan_free);

#endif
