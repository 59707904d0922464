/* status --drift: read the files, what was applied and the instance; make of each what this environment is to
 * have; merge; count. */
#include "sync/drift.h"

#include <string.h>

#include "directus/read.h"
#include "model/by_role.h"
#include "model/identity.h"
#include "model/overrides.h"
#include "sync/base.h"
#include "sync/bridge.h"
#include "sync/common.h"
#include "sync/environment.h"
#include "sync/outside.h"
#include "sync/preflight.h"
#include "sync/secrets.h"

typedef struct {
    const Config *config;
    DriftResult *result;
    Arena arena;
    StateCommit *commit;
    Base base;
    bool unsettled; /* the configuration is not the one that was applied */
    Renames former; /* of the base */
    Session *session;
    Instance instance;
    Snapshot known; /* what the instance's records are recognised by */
    IdMap *map;
    Placeholders placeholders; /* of the base and the files */
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
    if (!base_find(config, &marker, &drift->base, err))
        return false;
    drift->unsettled = drift->base.state.exists && !scope_is_applied(config, &marker);
    return true;
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

/* The base, where there is one. */
static State *seen(Drift *drift) {
    return drift->base.state.exists ? &drift->base.state : NULL;
}

/* The files and the base as an import would write them here. */
static bool prepare_files(Drift *drift, Error *err) {
    const Config *config = drift->config;
    State *files = &drift->result->files, *base = seen(drift);
    if (base) {
        base_rename(config, &files->snapshot, &base->snapshot, &drift->arena, &drift->former);
        overrides_apply_fitting(&config->scope, &base->snapshot);
        if (!secrets_fill_known(config, base, &drift->placeholders, err))
            return false;
    }
    buf_clear(&drift->placeholders.missing); /* what only the base wants nobody needs to set */
    if (!environment_apply(config, &files->snapshot, err) ||
        !secrets_fill_known(config, files, &drift->placeholders, err))
        return false;
    secrets_say_missing(&drift->placeholders);
    return true;
}

/* As this instance's version can hold them; and what its records are recognised by. */
static const Snapshot *known_of(Drift *drift) {
    Snapshot *files = &drift->result->files.snapshot;
    State *base = seen(drift);
    Bridge ignored = { 0 }; /* an import names what is lost */
    bridge_access(&ignored, files, &drift->instance, drift->config->scope.sections);
    if (!base)
        return files;
    bridge_access(&ignored, &base->snapshot, &drift->instance, drift->config->scope.sections);
    merge_known(&base->snapshot, files, &drift->known);
    return &drift->known;
}

/* The instance in the state's ids and names. */
static bool read_target(Drift *drift, Error *err) {
    DriftResult *result = drift->result;
    const Config *config = drift->config;
    bool sections[SECTION_COUNT];
    memcpy(sections, config->scope.sections, sizeof sections);
    sections[SECTION_COLLECTIONS] = true; /* rows cannot be read without knowing their fields */
    const Snapshot *known = known_of(drift);
    drift->map = idmap_new();
    if (!directus_read(drift->session, &drift->instance, sections, &result->target, NULL, err))
        return false;
    identity_align(&result->target, known, drift->map);
    if (!renames_pending(&config->scope.renames, &result->files.snapshot, &result->target, &result->arena,
                         &result->renames, err))
        return false;
    renames_apply(&result->renames, &result->target);
    if (!drift->instance.version.has_policies)
        by_role_adopt(&result->target, known);
    snapshot_keep_order(&result->target, known);
    secrets_hide(&result->target, &config->scope, &drift->placeholders);
    placeholders_assume(&drift->placeholders, &result->target);
    return true;
}

/* Ids that lead nowhere are null there, where the configuration says so. */
static bool null_outside(Drift *drift, Snapshot *side, Error *err) {
    const Config *config = drift->config;
    AUTO(Outside) outside = { 0 };
    return !config->scope.null_outside || outside_look(&outside, config, drift->session, side,
                                                       &drift->result->target, config->scope.sections, err);
}

/* What is left alone here, and what the target cannot have. */
static bool settle_sides(Drift *drift, Error *err) {
    DriftResult *result = drift->result;
    State *base = seen(drift);
    size_t nulled = 0;
    /* another version indexes other fields of its own, and an import leaves them alone */
    if (!str_equal(result->files.snapshot.directus, result->target.directus))
        result->target.present[TYPE_SYSTEM_FIELDS] = false;
    environment_compare(drift->config, base ? &base->snapshot : NULL, &result->files.snapshot,
                        &result->target, drift->unsettled);
    return null_outside(drift, &result->files.snapshot, err) &&
           settle_files(drift->session, &result->files, &nulled, err) &&
           (!base ||
            (null_outside(drift, &base->snapshot, err) && settle_files(drift->session, base, &nulled, err)));
}

static bool open_rows(Drift *drift, const Snapshot *shapes, const State *state, bool base, Data **data,
                      Error *err) {
    const Config *config = drift->config;
    bool *all = arena_array(&drift->arena, config->scope.data_count + 1, sizeof *all);
    for (size_t i = 0; i < config->scope.data_count; i++)
        all[i] = true;
    if (!data_open(config, shapes, all, data, err))
        return false;
    data_allow_unknown(*data);
    data_as_environment(*data, !base, drift->unsettled);
    if (base)
        data_rename_files(*data, &drift->former);
    return data_load_state(*data, state, false, err);
}

static bool compare_rows(Drift *drift, Error *err) {
    DriftResult *result = drift->result;
    const Snapshot *files = &result->files.snapshot;
    const Snapshot *shapes = files->types[TYPE_FIELDS].count ? files : &result->target;
    if (!drift->config->scope.data_count)
        return true;
    if (!open_rows(drift, shapes, &result->files, false, &drift->now, err) ||
        (seen(drift) && !open_rows(drift, shapes, seen(drift), true, &drift->then, err)))
        return false;
    data_rename(drift->now, &result->renames);
    return data_load_target(drift->now, drift->session, &drift->instance, &result->target, drift->map, err) &&
           data_three_way(drift->now, drift->then, drift->map, false, &result->rows, err);
}

static void judge(DriftResult *result) {
    result->moved = result->renames.count > 0;
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
    if (!read_files(drift, err) || !prepare_files(drift, err) ||
        !instance_open(drift->config, true, &drift->session, &drift->instance, err) ||
        !read_target(drift, err) || !settle_sides(drift, err))
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
