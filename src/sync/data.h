/*
 * Rows of chosen collections as streams: loading both sides, matching, comparing, applying. Memory is bounded
 * by the sorters' budget; what grows with the data are temporary files, and the pairs of rows whose ids
 * differ between state and target.
 *
 * Order of calls: data_open, then for an import data_load_state; then data_load_target (again after every
 * apply), data_compare, data_apply. An export loads the target and writes it with data_write.
 */
#ifndef SCHEMA_SYNC_SYNC_DATA_H
#define SCHEMA_SYNC_SYNC_DATA_H

#include "config/config.h"
#include "directus/read.h"
#include "directus/write.h"
#include "model/identity.h"
#include "model/plan.h"
#include "model/rows.h"
#include "model/secrets.h"
#include "repo/repo.h"

typedef struct Data Data;

/* `snapshot` gives the shapes; `selected` is parallel to config->scope.data. Collections that the selected
 * ones refer to are loaded too where ids differ between instances: what rows refer to could not be told
 * otherwise. They are neither planned nor written. */
bool data_open(const Config *config, const Snapshot *snapshot, const bool *selected, Data **out, Error *err);
void data_close(Data **handle);
static inline void data_auto_close(Data **data) {
    data_close(data);
}
#define AUTO_DATA __attribute__((cleanup(data_auto_close))) Data *

/* Names that the target's tables and fields still have, until they are renamed: rows are asked for by the old
 * ones and come in the new ones. Lives as long as `data`, or until it is set again. */
void data_rename(Data *data, const Renames *renames);

/* Before rows of states are loaded: only those that `wants` picks. */
typedef bool (*RowFilter)(const RowShape *shape, const Json *row, void *context);
void data_filter(Data *data, RowFilter wants, void *context);

/* Marks the sections whose records the rows refer to: they must be read, or ids could not be told. */
void data_sections(const Data *data, bool sections[SECTION_COUNT]);

/* The files' rows as this environment is to have them; unknown fields and repeated keys are ERR_FILES with
 * file and line, overrides without a row ERR_CONFIG. `keyed_only`: just what an export needs, as it is
 * written: collections with a natural key, to keep the files' ids, and those with overrides or ignored rows.
 */
bool data_load_state(Data *data, const State *state, bool keyed_only, Error *err);
/* An import that goes back: rows of `state` that the files lack are deleted as if removed.jsonl named them.
 * Not of a collection without a file: those do not carry it. After data_load_state; may be called for several
 * states. */
bool data_supersede(Data *data, const State *state, Error *err);
/* For an export, before data_load_target: rows are kept as they may be written; `old` has their placeholders.
 * Once more for another state's. */
bool data_keep_secrets(Data *data, const State *old, Keeper *keeper, Error *err);
/* Then, before data_write and unless data_three_way did it: what the files get is looked through where rules
 * or secrets ask for it. An override that fits none of their rows is ERR_CONFIG; *unmet counts overridden
 * values that the instance has otherwise. */
bool data_settle(Data *data, const IdMap *map, size_t *unmet, Error *err);
/* The instance's rows, and the pairs of ids that natural keys give. What `target` does not have yet is not
 * asked for: a new collection has no rows, a new field no values; a target without schema records is taken to
 * have everything. */
bool data_load_target(Data *data, Session *session, const Instance *instance, const Snapshot *target,
                      IdMap *map, Error *err);
/* In the place of data_load_target: the rows of an earlier state, renamed as data_rename says. data_compare
 * then tells what differs between the two; it asks and checks nothing else, and needs no session. */
bool data_load_before(Data *data, const State *before, Error *err);
/* Plans: counts, and the first rows of each kind, into plan->rows; the writes themselves stay in `data`.
 * Checks references against the files and the target. */
bool data_compare(Data *data, Session *session, const Json *removed, const IdMap *map, Plan *plan,
                  Error *err);
/* Gives plan->rows the digest of what data_compare found to be written and, with plan->rows_digested, to be
 * replaced. */
bool data_digests(Data *data, Plan *plan, Error *err);
/* Rows of other collections that the database deletes together with those that data_compare would delete (ON
 * DELETE CASCADE): into plan->losses. Asks nothing when no row is deleted. */
bool data_count_cascades(const Data *data, Session *session, const IdMap *map, Plan *plan, Error *err);
/* Writes what data_compare found: creates in order of reference, then updates and postponed links, then
 * deletes. */
bool data_apply(Data *data, Session *session, const Instance *instance, IdMap *map, const WriteGate *gate,
                Error *err);
/* Before data_load_state: rows as they are written, placeholders and all, and fields that the schema does not
 * have are passed over instead of refused. */
void data_allow_unknown(Data *data);
/*
 * Afterwards: rows of the files come as an import would write them after all, for a comparison of what this
 * environment is to have. Overrides that fit no row are refused only with `must_fit`. `unsettled`: see
 * environment_compare.
 */
void data_as_environment(Data *data, bool must_fit, bool unsettled);
/* The names that the files' rows still have, where they are those of an earlier state. Lives as `data`. */
void data_rename_files(Data *data, const Renames *former);

/* ---- three sides ---- */
enum { ROW_CONFLICTS = 20 };
typedef struct {
    const char *collection;
    uint64_t ours, theirs, both, conflicts; /* rows changed in the files, on the instance, on both alike or in
                                               different fields, on both differently */
} RowMerge;

typedef struct {
    Arena arena;
    RowMerge *rows; /* of the planned collections */
    size_t row_count;
    const char *conflicts[ROW_CONFLICTS]; /* the first ones, a line each */
    size_t shown;
    uint64_t from_ours; /* rows that the instance has otherwise than the merge */
} ThreeWay;

/*
 * Compares the files' rows and the instance's, both loaded in `data`, with those that `base` has loaded as
 * its files. NULL: what differs counts as the instance's change. `take`: the loaded rows become the merge of
 * both, which data_write writes.
 */
bool data_three_way(Data *data, const Data *base, const IdMap *map, bool take, ThreeWay *out, Error *err);

/* Writes the loaded rows into the state; *rows counts them. */
typedef struct {
    const State *state; /* what stands */
    Session *session;   /* asked whether a row is gone or only filtered out */
    JsonArrayBuilder
        *added; /* lines for removed.jsonl: rows of files that change and that are there no more */
    bool *back; /* parallel to state->removed: lines whose row is there (again), of collections whose files
                   change */
} RowRemovals;
/* `removals` may be NULL: then nothing of it is looked at. */
bool data_write(Data *data, const IdMap *map, StateWriter *writer, RowRemovals *removals, uint64_t *rows,
                Error *err);

#endif
