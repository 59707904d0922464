#include "sync/compare.h"

#include <string.h>

#include "base/log.h"
#include "model/identity.h"
#include "model/layout.h"
#include "model/plan_summary.h"
#include "sync/common.h"

typedef struct {
    const Config *config;
    const CompareRequest *request;
    Comparison *out;
    Selection selection;
    Arena arena;
} Comparing;

/* ---- reading ---- */

static bool read_side(const StateSource *source, State *state, Error *err) {
    *state = (State){ .removed = { .kind = JSON_ARRAY } };
    return !source || state_read_from(source, state, err);
}

static bool select_parts(Comparing *comparing, Error *err) {
    Selection *selection = &comparing->selection;
    if (!scope_select(&comparing->config->scope, comparing->request->only, &comparing->arena, selection, err))
        return false;
    for (SectionId section = 0; !comparing->request->only && section < SECTION_COUNT; section++)
        selection->sections[section] = true; /* whatever is carried today */
    return true;
}

/* ---- records ---- */

/* Types of one file are in the state when that is; of the others no file just means no record. */
static bool is_carried(const State *state, TypeId type) {
    const char *file = catalog_row(type)->file;
    return !state->exists || !file || str_ends(file, "/") || manifest_find(&state->manifest, file);
}

static void note_other(Comparing *comparing, TypeId type, const char *what, const char *how) {
    comparing->out->others++;
    plan_note(&comparing->out->plan, NOTE_LEFT_ALONE, type, "%s %s", what, how);
}

/* Which types are compared: plan_build does those that both have read. */
static void align_types(Comparing *comparing) {
    State *before = &comparing->out->before, *after = &comparing->out->after;
    bool other_version =
        before->exists && after->exists && !str_equal(before->snapshot.directus, after->snapshot.directus);
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        bool was = is_carried(before, type), is = is_carried(after, type);
        /* each version indexes other fields of its own */
        bool compared = is && !(type == TYPE_SYSTEM_FIELDS && (other_version || !was));
        if (was && !is && before->snapshot.types[type].count && type != TYPE_SYSTEM_FIELDS)
            note_other(comparing, type, catalog_row(type)->name, "are no longer part of the state");
        before->snapshot.present[type] = after->snapshot.present[type] = compared;
    }
}

static void rename_before(Comparing *comparing) {
    Comparison *out = comparing->out;
    Error ignored = { 0 }; /* what cannot be a rename is a deletion and a creation */
    Renames pending = { 0 };
    if (!comparing->config->scope.renames.count || !comparing->selection.sections[SECTION_COLLECTIONS] ||
        !renames_pending(&comparing->config->scope.renames, &out->after.snapshot, &out->before.snapshot,
                         &out->plan.arena, &pending, &ignored))
        return;
    renames_apply(&pending, &out->before.snapshot);
    out->plan.renames = pending;
}

static bool compare_records(Comparing *comparing, Error *err) {
    Comparison *out = comparing->out;
    PlanOptions options = { .scope = &comparing->config->scope,
                            .sections = comparing->selection.sections,
                            .states = true };
    rename_before(comparing);
    align_types(comparing);
    return plan_build(&out->after.snapshot, &out->before.snapshot, &options, &out->plan, err);
}

/* ---- rows ---- */

static bool is_chosen(const Comparing *comparing, const char *collection) {
    const Scope *scope = &comparing->config->scope;
    for (size_t i = 0; i < scope->data_count; i++)
        if (strcmp(scope->data[i].collection, collection) == 0)
            return comparing->selection.data[i];
    return !comparing->request->only;
}

/* One collection's rows; `rule` says what identifies them. */
static bool compare_rows_by(Comparing *comparing, const DataRule *rule, const Snapshot *schema, Error *err) {
    static const bool selected[] = { true };
    Comparison *out = comparing->out;
    Config config = *comparing->config; /* nothing of it is freed */
    config.scope.data = rule;
    config.scope.data_count = 1;
    config.scope.overrides = config.scope.ignore = json_null();
    AUTO_DATA data = NULL;
    AUTO_IDMAP map = idmap_new();
    if (!data_open(&config, schema, selected, &data, err))
        return false;
    data_allow_unknown(data);
    data_rename(data, &out->plan.renames);
    data_filter(data, comparing->request->row_filter, comparing->request->row_context);
    return data_load_state(data, &out->after, false, err) && data_load_before(data, &out->before, err) &&
           data_compare(data, NULL, NULL, map, &out->plan, err);
}

static void note_uncounted(Comparison *out, const char *collection) {
    bool was = state_data_files(&out->before, renames_old_collection(&out->plan.renames, collection));
    bool is = state_data_files(&out->after, collection);
    RowPlan rows = { .collection = arena_strdup(&out->plan.arena, collection),
                     .uncounted = true,
                     .files = was && is ? CHANGE_UPDATE
                              : is      ? CHANGE_CREATE
                                        : CHANGE_DELETE };
    ARENA_PUSH(&out->plan.arena, out->plan.rows, out->plan.row_count, out->plan.row_capacity, rows);
}

/* By the key that the configuration gives them; an older state may not fit it. */
static bool compare_collection(Comparing *comparing, const char *collection, Error *err) {
    const Comparison *out = comparing->out;
    const DataRule *chosen = scope_data(&comparing->config->scope, collection);
    const DataRule plain = scope_plain_rule(collection);
    const Snapshot *schema = snapshot_has_field(&out->after.snapshot, collection, NULL) ? &out->after.snapshot
                             : snapshot_has_field(&out->before.snapshot, collection, NULL)
                                 ? &out->before.snapshot
                                 : NULL;
    if (!comparing->request->rows) {
        note_uncounted(comparing->out, collection);
        return true;
    }
    if (!schema) {
        note_other(comparing, TYPE_NONE, arena_printf(&comparing->arena, "rows of %s", collection),
                   "differ, and no schema says what identifies them");
        return true;
    }
    DataRule rule = chosen ? *chosen : plain;
    rule.mode = MODE_MIRROR;
    if (compare_rows_by(comparing, &rule, schema, err))
        return true;
    if (!chosen || err->kind != ERR_FILES)
        return false;
    Error again = { 0 };
    rule = plain;
    rule.mode = MODE_MIRROR;
    return compare_rows_by(comparing, &rule, schema, &again) && ((*err = (Error){ 0 }), true);
}

static bool files_differ(const Comparing *comparing, const char *collection) {
    char before[DIGEST_HEX], after[DIGEST_HEX];
    const Comparison *out = comparing->out;
    state_data_hash(&out->before, renames_old_collection(&out->plan.renames, collection), before);
    state_data_hash(&out->after, collection, after);
    return strcmp(before, after) != 0;
}

static bool compare_if_differs(Comparing *comparing, const char *collection, Error *err) {
    return !is_chosen(comparing, collection) || !files_differ(comparing, collection) ||
           compare_collection(comparing, collection, err);
}

static bool compare_rows(Comparing *comparing, Error *err) {
    const State *before = &comparing->out->before, *after = &comparing->out->after;
    for (size_t i = 0; i < after->data_count; i++)
        if (!compare_if_differs(comparing, after->data[i].collection, err))
            return false;
    for (size_t i = 0; i < before->data_count; i++) {
        const char *collection =
            renames_new_collection(&comparing->out->plan.renames, before->data[i].collection);
        if (!state_data_files(after, collection) && !compare_if_differs(comparing, collection, err))
            return false;
    }
    return true;
}

/* ---- what else is to be said ---- */

static bool is_other(const ManifestEntry *entry) {
    PathKind kind = layout_path(entry->path).kind;
    return kind == PATH_SQL || kind == PATH_ASSET;
}

/* Both manifests are sorted by path. */
static void note_files(Comparing *comparing) {
    const Manifest *a = &comparing->out->before.manifest, *b = &comparing->out->after.manifest;
    for (size_t i = 0, j = 0; i < a->count || j < b->count;) {
        int order = i == a->count ? 1 : j == b->count ? -1 : strcmp(a->entries[i].path, b->entries[j].path);
        const ManifestEntry *entry = order <= 0 ? &a->entries[i] : &b->entries[j];
        bool same = order == 0 && strcmp(entry->hex, b->entries[j].hex) == 0;
        if (!same && is_other(entry))
            note_other(comparing, TYPE_NONE, entry->path,
                       order < 0   ? "is gone"
                       : order > 0 ? "is new"
                                   : "differs");
        i += order <= 0;
        j += order >= 0;
    }
}

static void note_origin(Comparison *out) {
    const char *was = out->before.snapshot.directus, *is = out->after.snapshot.directus;
    if (out->before.exists && out->after.exists && !str_equal(was, is))
        plan_note(&out->plan, NOTE_LEFT_ALONE, TYPE_NONE, "the state comes from Directus %s, before from %s",
                  is, was);
}

/* A file that was taken away by hand deletes nothing anywhere. */
static void note_unnamed(Comparing *comparing) {
    Comparison *out = comparing->out;
    size_t count = 0;
    for (size_t i = 0; i < out->plan.change_count; i++) {
        const Change *change = &out->plan.changes[i];
        count += change->kind == CHANGE_DELETE && change->type != TYPE_RELATIONS &&
                 comparing->config->scope.section_modes[catalog_row(change->type)->section] == MODE_MERGE &&
                 !removed_names_record(&out->after.removed, change->type, change->before);
    }
    if (count && out->after.exists)
        plan_note(
            &out->plan, NOTE_LEFT_ALONE, TYPE_NONE,
            "%zu of those that are gone %s not named in removed.jsonl: an import leaves %s on its target",
            count, count == 1 ? "is" : "are", count == 1 ? "it" : "them");
}

/* ---- the whole ---- */

bool compare_loaded(const Config *config, const CompareRequest *request, Comparison *out, Error *err) {
    Comparing comparing = { .config = config, .request = request, .out = out };
    out->plan.states = true;
    out->plan.rows_shown = request->rows_shown;
    bool done =
        select_parts(&comparing, err) && compare_records(&comparing, err) && compare_rows(&comparing, err);
    if (done) {
        note_files(&comparing);
        note_unnamed(&comparing);
        note_origin(out);
    }
    arena_free(&comparing.arena);
    return done;
}

static bool is_same(const Comparison *comparison) {
    const State *before = &comparison->before, *after = &comparison->after;
    return before->exists == after->exists && strcmp(before->hash, after->hash) == 0 &&
           str_equal(before->snapshot.directus, after->snapshot.directus);
}

bool compare_states(const Config *config, const CompareRequest *request, Comparison *out, Error *err) {
    *out = (Comparison){ .plan.states = true };
    return read_side(request->before, &out->before, err) && read_side(request->after, &out->after, err) &&
           ((!request->only && is_same(out)) || compare_loaded(config, request, out, err));
}

bool comparison_differs(const Comparison *comparison) {
    return comparison->others || !plan_is_empty(&comparison->plan);
}

void comparison_summary(const Comparison *comparison, Buf *out) {
    if (!plan_is_empty(&comparison->plan))
        plan_summary(&comparison->plan, out);
    else if (comparison->others)
        buf_printf(out, "%zu other file%s changed", comparison->others, comparison->others == 1 ? "" : "s");
    else
        buf_puts(out, "nothing changed");
}

void comparison_body(const Comparison *comparison, size_t most, Buf *out) {
    plan_summary_body(&comparison->plan, most, out);
}

void comparison_free(Comparison *comparison) {
    plan_free(&comparison->plan);
    state_free(&comparison->before);
    state_free(&comparison->after);
}

/* ---- by revisions ---- */

static bool open_side(const Config *config, const char *revision, StateCommit **commit, StateSource *source,
                      Error *err) {
    if (revision && !state_commit_open(config->root, config->state_dir, revision, commit, err))
        return false;
    *source = (StateSource){ config->root, config->state_dir, *commit };
    return true;
}

/* One side without a state is the time before there was one, and may be a slip. */
static bool check_existence(const StateSource sources[2], const Comparison *comparison, Error *err) {
    bool before = comparison->before.exists, after = comparison->after.exists;
    if (!before && !after)
        return source_empty(&sources[1], err);
    if (!before || !after)
        log_say(LOG_NOTE, "there is no state at %s: all of the other one's is %s",
                state_source_shown(&sources[before ? 1 : 0]), before ? "gone" : "new");
    return true;
}

bool compare_revisions(const Config *config, const char *range, const char *only, size_t rows_shown,
                       RevisionComparison *out, Error *err) {
    RevisionRange revisions;
    StateSource sources[2];
    *out = (RevisionComparison){ 0 };
    if (!repo_range(config->root, range, &out->arena, &revisions, err) ||
        !open_side(config, revisions.from, &out->commits[0], &sources[0], err) ||
        !open_side(config, revisions.to, &out->commits[1], &sources[1], err))
        return false;
    out->from = arena_strdup(&out->arena, state_source_shown(&sources[0]));
    out->to = arena_strdup(&out->arena, state_source_shown(&sources[1]));
    CompareRequest request = { &sources[0], &sources[1], only, .rows = true, .rows_shown = rows_shown };
    return compare_states(config, &request, &out->comparison, err) &&
           check_existence(sources, &out->comparison, err);
}

void revision_comparison_free(RevisionComparison *comparison) {
    comparison_free(&comparison->comparison);
    state_commit_close(&comparison->commits[0]);
    state_commit_close(&comparison->commits[1]);
    arena_free(&comparison->arena);
}
