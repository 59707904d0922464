/*
 * How one state became another, offline: two commits, a commit and the files as they stand, a state and none.
 *
 * Records are compared as plan_build does it, the schema among them, rows by their key as streams. No
 * instance is asked: a record that only the earlier state has is a deletion whatever the mode, placeholders
 * are texts like any other, and overrides and `ignore` of an environment say nothing here. Directus versions
 * may differ (a member that one side lacks counts as null); a state of a newer format is ERR_FILES.
 */
#ifndef SCHEMA_SYNC_SYNC_COMPARE_H
#define SCHEMA_SYNC_SYNC_COMPARE_H

#include "config/config.h"
#include "model/plan.h"
#include "repo/repo.h"
#include "sync/data.h"

typedef struct {
    State before, after;
    Plan plan; /* points into both states; plan.states is set, and nothing in it is a loss */
    /* Files of the state that are neither records nor rows and differ (SQL, assets), and parts that cannot be
     * compared; the plan's notes name them. */
    size_t others;
} Comparison;

/*
 * `before` and `after` are opened by the caller; NULL, or one without a state, is the empty state. `config`
 * gives the rows' keys and the declared renames. `only` as in scope_select, NULL = all. With `rows` false the
 * files of rows are not read: the plan only says of which collections they differ (RowPlan.uncounted).
 */
typedef struct {
    const StateSource *before, *after;
    const char *only;
    bool rows;
    size_t rows_shown;    /* how many rows of a kind and collection the plan keeps (row_change.h) */
    RowFilter row_filter; /* which rows are compared at all; NULL = all */
    void *row_context;
} CompareRequest;
bool compare_states(const Config *config, const CompareRequest *request, Comparison *out, Error *err);
/* The same of states that the caller has put into a zeroed `out`, as far as their files differ (with the
 * schema of rows that do): request->before and after are not looked at. */
bool compare_loaded(const Config *config, const CompareRequest *request, Comparison *out, Error *err);
bool comparison_differs(const Comparison *comparison);
/* One line without newline, fit for a commit's subject: "2 collections, 1 flow changed"; "nothing changed".
 */
void comparison_summary(const Comparison *comparison, Buf *out);
/* A line a record that differs, at most `most` of them (plan_summary.h). */
void comparison_body(const Comparison *comparison, size_t most, Buf *out);
void comparison_free(Comparison *comparison);
AUTO_DEFINE(Comparison, comparison_free);

/* ---- by revisions ---- */
typedef struct {
    Arena arena;
    const char *from, *to; /* as messages call them: "v1.2.2:schema", "schema" for the files as they stand */
    StateCommit *commits[2];
    Comparison comparison;
} RevisionComparison;

/* What `range` (repo_range) names. ERR_FILES where neither side has a state. */
bool compare_revisions(const Config *config, const char *range, const char *only, size_t rows_shown,
                       RevisionComparison *out, Error *err);
void revision_comparison_free(RevisionComparison *comparison);
AUTO_DEFINE(RevisionComparison, revision_comparison_free);

#endif
