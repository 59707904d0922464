/* status --drift: read the files, what was applied and the instance; merge; count. */
#include "sync/drift.h"

#include <string.h>

#include "directus/read.h"
#include "model/by_role.h"
#include "model/identity.h"
#include "sync/base.h"
#include "sync/common.h"
#include "sync/environment.h"
#include "sync/preflight.h"
#include "sync/secrets.h"

typedef struct {
    const Config *config;
    DriftResult *result;
    Arena arena;
    StateCommit *commit;
    Base base;
    Session *session;
    Instance instance;
    Snapshot known; /* what the instance's records are recognised by */
    IdMap *map;
    ValueSource source;
    Placeholders placeholders; /* of the files */
    Keeper keeper;
    Data *now, *then;
} Drift;

static bool look_at_marker(Drift *drift, Error *err) {
    const Config *config = drift->config;
    AUTO_DATABASE database = NULL;
    AUTO(Marker) marker = { 0 };
    if (config->marker != MARKER_NONE && secret_is_set(&config->database) &&
        (!database_open(secret_reveal(&config->database), &database, err) ||
         !marker_read(database, &marker, err)))
        return false;
    if (str_equal(marker.state, "importing") && marker.lease_live) {
        error_set(err, ERR_LOCK, "an import is at work on %s (%s)", config->url, marker.owner_info);
        return error_hint(err, "wait for it to end: `schema-sync status` shows it");
    }
    return base_find(config, &marker, &drift->base, err);
}

static bool read_files(Drift *drift, Error *err) {
    StateSource source;
    DriftResult *result = drift->result;
    if (!source_open(drift->config, &drift->commit, &source, err) ||
        !state_read_from(&source, &result->files, err))
        return false;
    if (!result->files.exists)
        return source_empty(&source, err);
    return look_at_marker(drift, err);
}

/* What the files say by placeholders, the instance says by them too where it has their values. */
static void keep_secrets(Drift *drift) {
    DriftResult *result = drift->result;
    drift->source = secrets_source(drift->config);
    secrets_begin(drift->config, &result->files, &drift->source, &drift->keeper, &drift->placeholders);
    secrets_hide(&result->target, &drift->config->scope, &drift->placeholders);
    keeper_snapshot(&drift->keeper, &result->target, drift->config->scope.sections, &result->files.snapshot);
}

/* The instance in the state's ids, and as the files would say it. */
static bool read_target(Drift *drift, Error *err) {
    DriftResult *result = drift->result;
    bool sections[SECTION_COUNT];
    memcpy(sections, drift->config->scope.sections, sizeof sections);
    sections[SECTION_COLLECTIONS] = true; /* rows cannot be read without knowing their fields */
    if (drift->base.state.exists)
        merge_known(&drift->base.state.snapshot, &result->files.snapshot, &drift->known);
    const Snapshot *known = drift->base.state.exists ? &drift->known : &result->files.snapshot;
    drift->map = idmap_new();
    if (!directus_read(drift->session, &drift->instance, sections, &result->target, NULL, err))
        return false;
    identity_align(&result->target, known, drift->map);
    if (!drift->instance.version.has_policies)
        by_role_adopt(&result->target, known);
    snapshot_keep_order(&result->target, known);
    keep_secrets(drift);
    environment_undo(drift->config, &result->target, &result->files, NULL);
    size_t nulled = 0;
    return settle_files(drift->session, &result->files, &nulled, err) &&
           (!drift->base.state.exists || settle_files(drift->session, &drift->base.state, &nulled, err));
}

static bool open_rows(Drift *drift, const Snapshot *shapes, const State *state, Data **data, Error *err) {
    const Config *config = drift->config;
    bool *all = arena_array(&drift->arena, config->scope.data_count + 1, sizeof *all);
    for (size_t i = 0; i < config->scope.data_count; i++)
        all[i] = true;
    if (!data_open(config, shapes, all, data, err))
        return false;
    data_allow_unknown(*data);
    return data_load_state(*data, state, false, err);
}

static bool compare_rows(Drift *drift, Error *err) {
    DriftResult *result = drift->result;
    const Snapshot *files = &result->files.snapshot;
    const Snapshot *shapes = files->types[TYPE_FIELDS].count ? files : &result->target;
    if (!drift->config->scope.data_count)
        return true;
    if (!open_rows(drift, shapes, &result->files, &drift->now, err) ||
        (drift->base.state.exists && !open_rows(drift, shapes, &drift->base.state, &drift->then, err)))
        return false;
    return data_keep_secrets(drift->now, &result->files, &drift->keeper, err) &&
           data_load_target(drift->now, drift->session, &drift->instance, &result->target, drift->map, err) &&
           data_three_way(drift->now, drift->then, drift->map, false, &result->rows, err);
}

static void judge(DriftResult *result) {
    for (size_t i = 0; i < result->merge.count; i++) {
        const MergeEntry *entry = &result->merge.entries[i];
        result->drifted |= entry->theirs != SIDE_SAME && !entry->equal;
        result->moved |= entry->ours != SIDE_SAME;
    }
    for (size_t i = 0; i < result->rows.row_count; i++) {
        const RowMerge *rows = &result->rows.rows[i];
        result->drifted |= rows->theirs || rows->both || rows->conflicts;
        result->moved |= rows->ours || rows->both || rows->conflicts;
    }
}

static bool run(Drift *drift, Error *err) {
    DriftResult *result = drift->result;
    if (!read_files(drift, err) ||
        !instance_open(drift->config, true, &drift->session, &drift->instance, err) ||
        !read_target(drift, err))
        return false;
    bool based = drift->base.state.exists;
    result->base = based ? arena_strdup(&result->arena, drift->base.source) : NULL;
    result->why = based ? NULL : arena_strdup(&result->arena, drift->base.why);
    MergeSides sides = { .base = based ? &drift->base.state.snapshot : &result->files.snapshot,
                         .ours = &result->files.snapshot,
                         .theirs = &result->target,
                         .sections = drift->config->scope.sections,
                         .instance = true };
    merge_snapshots(&sides, &result->merge);
    if (!compare_rows(drift, err))
        return false;
    judge(result);
    return true;
}

bool sync_drift(const Config *config, DriftResult *result, Error *err) {
    Drift drift = { .config = config, .result = result };
    bool done = run(&drift, err);
    data_close(&drift.now);
    data_close(&drift.then);
    idmap_free(&drift.map);
    keeper_free(&drift.keeper);
    placeholders_free(&drift.placeholders);
    snapshot_free(&drift.known);
    session_close(&drift.session);
    result->applied = drift.base.state; /* the conflicts' values are in it */
    drift.base.state = (State){ 0 };
    base_free(&drift.base);
    state_commit_close(&drift.commit);
    arena_free(&drift.arena);
    return done;
}

void drift_result_free(DriftResult *result) {
    merge_free(&result->merge);
    arena_free(&result->rows.arena);
    state_free(&result->files);
    state_free(&result->applied);
    snapshot_free(&result->target);
    arena_free(&result->arena);
}
