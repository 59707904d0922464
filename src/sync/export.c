/* export: directus_read → repo_write. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "directus/read.h"
#include "model/by_role.h"
#include "model/identity.h"
#include "model/removed.h"
#include "sync/commit.h"
#include "sync/common.h"
#include "sync/data.h"
#include "sync/environment.h"
#include "sync/export_merge.h"
#include "sync/glance.h"
#include "sync/outside.h"
#include "sync/secrets.h"
#include "sync/sync.h"

enum { READ_ATTEMPTS = 3 };

typedef struct {
    const Config *config;
    const ExportOptions *options;
    Arena arena;
    Selection selection;
    State old;     /* what the files say now */
    Glance glance; /* database and marker */
    /* The hash of the files that the instance saw last; "" when it never saw any. */
    const char *seen;
    char origin[DIGEST_HEX]; /* of what is written: the instance and what its marker says */
    bool untold;             /* the marker could not be told of it */
    Session *session;
    Instance instance;
    Snapshot snapshot;
    IdMap *map;
    Data *data;
    ExportMerge merge;
    bool remade;               /* the files' policies give way to one a role: see by_role_keep */
    ValueSource source;        /* of placeholders' values */
    Placeholders placeholders; /* of the files */
    Keeper keeper;
    size_t unmet; /* places where the instance has another value than the override's */
} Export;

/* An export that was cut short before it could tell the marker has left word in the folder: those files are
 * this instance's. */
static void find_seen(Export *export) {
    const Config *config = export->config;
    const Marker *marker = &export->glance.marker;
    export->seen = marker_state_hash(&export->arena, marker);
    marker_identity(config, marker, export->origin);
    if (*export->origin && export->old.exists && strcmp(export->seen, export->old.hash) != 0 &&
        state_is_unrecorded(config->root, config->state_dir, export->origin, export->old.hash))
        export->seen = export->old.hash;
}

/* What a removed override left on the instance is nobody's change. */
static bool check_overrides(Export *export, Error *err) {
    if (overrides_stand(export->config, &export->glance.marker))
        return true;
    error_set(err, ERR_NEWER,
              "an override was taken out of the configuration since %s last saw it: what it put there would "
              "come into the files",
              export->config->url);
    return error_hint(err,
                      "run `schema-sync import` first, which takes it away there; with changes on the "
                      "instance that are to be kept put the override back, export, and take it out then; "
                      "or `schema-sync export --overwrite` to let this instance win");
}

/* An instance that has not seen the files' state would undo what others put there. */
static bool check_stale(Export *export, Error *err) {
    bool merge = export->options->merge;
    if (!export->old.exists || export->options->overwrite || (export->options->check && !merge))
        return true;
    const char *seen = export->seen;
    if (!check_overrides(export, err))
        return false;
    if (strcmp(seen, export->old.hash) == 0)
        return true;
    if (*seen && merge)
        return export_merge_begin(&export->merge, &export->glance.marker, err);
    if (*seen)
        error_set(err, ERR_NEWER, "the files in %s have moved on since %s last saw them",
                  export->config->state_dir, export->config->url);
    else
        error_set(err, ERR_NEWER, "%s has never seen the files in %s", export->config->url,
                  export->config->state_dir);
    return error_hint(
        err, "run `schema-sync import` first, so that nothing of theirs is undone, `schema-sync export "
             "--merge` to write only what changed on the instance, or `schema-sync export --overwrite` "
             "to let this instance win");
}

static bool look_at_marker(Export *export, Error *err) {
    const Marker *marker = &export->glance.marker;
    if (!glance_wait(&export->glance, err))
        return false;
    if (!export->glance.wanted)
        return !export->options->merge || config_need_database(export->config, err);
    if (str_equal(marker->state, "importing") && marker->lease_live) {
        error_set(err, ERR_LOCK, "an import is at work on %s (%s)", export->config->url, marker->owner_info);
        return error_hint(err, "wait for it to end: `schema-sync status` shows it");
    }
    find_seen(export);
    return check_stale(export, err);
}

/* A state that cannot be read does not stop --overwrite: it is about to be replaced. */
static bool read_old(Export *export, Error *err) {
    Error fault = { 0 };
    if (export->options->backup_of) {
        export->old = *export->options->backup_of;
        return true;
    }
    if (state_read(export->config->root, export->config->state_dir, &export->old, &fault))
        return true;
    if (export->options->overwrite || state_is_incomplete(export->config->root, export->config->state_dir)) {
        log_say(LOG_NOTE, "the old files are not taken into account: %s", fault.message);
        state_free(&export->old);
        return true;
    }
    *err = fault;
    return false;
}

/* What an older Directus cannot tell, and the files do: which policies a role's access is made of. */
static void keep_what_the_version_lacks(Export *export) {
    const Version *version = &export->instance.version;
    if (!version->has_policies && export->old.exists)
        by_role_keep(&export->snapshot, &export->old.snapshot, &export->remade);
    if (export->remade)
        log_say(LOG_NOTE,
                "the files' policies no longer say what the roles of this Directus %s may: each "
                "role gets a policy of its own",
                export->instance.directus);
}

/* For each reading anew. */
static void keep_secrets_begin(Export *export) {
    placeholders_free(&export->placeholders);
    keeper_free(&export->keeper);
    export->source = secrets_source(export->config);
    secrets_begin(export->config, export->merge.active ? &export->merge.base.state : &export->old,
                  &export->source, &export->keeper, &export->placeholders);
    if (export->merge.active)
        secrets_note(&export->old, &export->keeper);
    export->keeper.withholds = export->options->backup_of != NULL;
}

static bool keep_row_secrets(Export *export, Error *err) {
    return (!export->merge.active ||
            data_keep_secrets(export->data, &export->merge.base.state, &export->keeper, err)) &&
           data_keep_secrets(export->data, &export->old, &export->keeper, err);
}

/* What the files are to say of the instance's records: as they write them first, since what is put back from
 * the files is written so already. */
static void settle_records(Export *export) {
    const State *seen = export->merge.active ? &export->merge.base.state : &export->old;
    keeper_snapshot(&export->keeper, &export->snapshot, export->selection.sections, &seen->snapshot);
    export->unmet = export->merge.active
                        ? export_merge_undo(&export->merge, &export->snapshot)
                        : environment_undo(export->config, &export->snapshot, &export->old, NULL);
    outside_say(export->config, export->selection.sections, &export->snapshot,
                export->old.exists ? &export->old.snapshot : NULL);
    size_t reduced = identity_reduce(&export->snapshot);
    if (reduced)
        log_say(LOG_NOTE, "%zu grant%s stand%s more than once in every detail: written once", reduced,
                reduced == 1 ? "" : "s", reduced == 1 ? "s" : "");
}

/* Merged rows are understood by the merged schema. */
static bool open_rows(Export *export, Error *err) {
    if (export->merge.active) {
        settle_records(export);
        export_merge_records(&export->merge, &export->snapshot);
        return export_merge_open_rows(&export->merge, &export->data, err);
    }
    return data_open(export->config, &export->snapshot, export->selection.data, &export->data, err) &&
           data_load_state(export->data, &export->old, true, err);
}

static bool read_once(Export *export, bool *stable, Error *err) {
    int64_t before = 0, after = 0;
    bool sections[SECTION_COUNT];
    /* All of them, although --only may write few: ids of any may stand in what is written. */
    memcpy(sections, export->config->scope.sections, sizeof sections);
    sections[SECTION_COLLECTIONS] = true; /* rows cannot be read without knowing their fields */
    snapshot_free(&export->snapshot);
    idmap_free(&export->map);
    data_close(&export->data);
    export->map = idmap_new();
    if (!directus_activity(export->session, &before, err) ||
        !directus_read(export->session, &export->instance, sections, &export->snapshot, NULL, err) ||
        !directus_read_order(export->session, &export->snapshot, err))
        return false;
    identity_align(&export->snapshot,
                   export->merge.active ? &export->merge.known
                   : export->old.exists ? &export->old.snapshot
                                        : NULL,
                   export->map);
    if (export->merge.active && !export_merge_rename(&export->merge, &export->snapshot, err))
        return false;
    keep_secrets_begin(export);
    keep_what_the_version_lacks(export);
    if (!open_rows(export, err) || !keep_row_secrets(export, err) ||
        !data_load_target(export->data, export->session, &export->instance, &export->snapshot, export->map,
                          err) ||
        !directus_activity(export->session, &after, err))
        return false;
    *stable = before == after;
    return true;
}

static bool read_instance(Export *export, Error *err) {
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        bool stable = false;
        if (!read_once(export, &stable, err))
            return false;
        if (stable)
            return true;
        log_say(LOG_NOTE, "%s changed while it was read: reading again", export->config->url);
    }
    error_set(err, ERR_REMOTE, "%s kept changing while it was read", export->config->url);
    return error_hint(err, "export when nobody edits, or narrow it with --only");
}

/* Only an instance that has seen exactly the files that stand can tell what went from what it never had. */
static bool knows_old(Export *export) {
    return export->merge.active ||
           (export->old.exists && export->glance.wanted && str_equal(export->glance.marker.state, "clean") &&
            strcmp(export->seen, export->old.hash) == 0);
}

static const Snapshot *outcome(const Export *export) {
    return export->merge.active ? &export->merge.merge.merged : &export->snapshot;
}

static bool write_removed(Export *export, StateWriter *writer, const RowRemovals *rows, Error *err) {
    const Json *old = &export->old.removed;
    bool known = knows_old(export);
    AUTO(Arena) arena = { 0 };
    JsonArrayBuilder stay = json_array_builder(&arena), lines = json_array_builder(&arena),
                     unsaid = json_array_builder(&arena);
    for (uint32_t i = 0; i < old->count; i++)
        if (!rows->back[i])
            json_array_add(&stay, old->as.items[i]);
    Json removed = json_array_done(&stay);
    bool sections[SECTION_COUNT];
    memcpy(sections, export->selection.sections, sizeof sections);
    if (export->remade) /* nobody deleted what another form of the same access replaces */
        sections[SECTION_ACCESS] = false;
    Snapshot now = *outcome(export);
    if (!str_equal(export->old.snapshot.directus, now.directus)) /* each version indexes fields of its own */
        now.present[TYPE_SYSTEM_FIELDS] = false;
    RemovedUpdate update = {
        .before = &export->old.snapshot,
        .now = &now,
        .sections = sections,
        .removed = &removed,
        .renames = &export->config->scope.renames,
    };
    size_t added = 0;
    if (!known) {
        removed_update(&update, &unsaid, &added);
        update.before = NULL;
    }
    if (added)
        log_say(
            LOG_NOTE,
            "%zu record%s of the files %s not on the instance: whether they were deleted there is unknown "
            "without a marker that knows these files, so removed.jsonl does not name them",
            added, added == 1 ? "" : "s", added == 1 ? "is" : "are");
    removed_update(&update, &lines, NULL);
    Json gone_rows = json_array_done(rows->added);
    for (uint32_t i = 0; i < gone_rows.count; i++)
        json_array_add(&lines, gone_rows.as.items[i]);
    removed = json_array_done(&lines);
    return state_writer_removed(writer, &removed, err);
}

static bool write_all(Export *export, StateWriter *writer, uint64_t *row_count, Error *err) {
    AUTO(Arena) arena = { 0 };
    JsonArrayBuilder added = json_array_builder(&arena);
    RowRemovals rows = { .state = &export->old,
                         .session = export->session,
                         .added = &added,
                         .back = arena_array(&arena, export->old.removed.count + 1, sizeof(bool)) };
    if (!state_writer_snapshot(writer, outcome(export), err) ||
        !data_write(export->data, export->map, writer, knows_old(export) ? &rows : NULL, row_count, err))
        return false;
    for (size_t i = 0; i < export->config->scope.data_count; i++)
        if (!export->selection.data[i])
            state_writer_keep_rows(writer, export->config->scope.data[i].collection);
    return !export->old.exists || export->options->backup_of || write_removed(export, writer, &rows, err);
}

/* Whether all of the files is known to the instance: it wrote all of them, or what it left as it was it had
 * seen before. */
static bool knows_all(Export *export) {
    return export->selection.all || !export->old.exists || strcmp(export->seen, export->old.hash) == 0;
}

/* Whether the marker is to say that the instance has seen these files. */
static bool will_record(Export *export) {
    return export->glance.database && !export->options->check && knows_all(export) &&
           !(export->merge.active && export_merge_leads(&export->merge));
}

static bool write_files(Export *export, ExportResult *result, Error *err) {
    StateWriteOptions options = { .check = export->options->check,
                                  .sections = export->selection.sections,
                                  .origin = will_record(export) && *export->origin ? export->origin : NULL };
    StateWriter *writer = NULL;
    StateWriteResult written = { 0 };
    bool done = state_writer_begin(export->config->root, export->config->state_dir, &options, &writer, err) &&
                write_all(export, writer, &result->rows, err) && state_writer_finish(writer, &written, err);
    state_writer_abandon(&writer);
    if (done) {
        memcpy(result->hash, written.hash, sizeof result->hash);
        result->files = written.files;
        result->written = written.written;
        result->removed = written.removed;
        buf_append(&result->changes, buf_text(&written.changes), written.changes.length);
    }
    state_write_result_free(&written);
    return done;
}

static bool has_seen(Export *export, const char *manifest_hash) {
    char hash[DIGEST_HEX];
    marker_hash_of(export->config, manifest_hash, hash);
    return str_equal(export->glance.marker.state, "clean") && str_equal(export->glance.marker.hash, hash) &&
           strcmp(export->seen, manifest_hash) == 0;
}

static bool record(Export *export, const Applied *applied, Error *err) {
    bool done = false;
    if (!marker_saw(export->glance.database, &export->glance.marker, applied, &done, err))
        return false;
    export->untold = !done;
    if (!done)
        log_say(LOG_NOTE,
                "an import came in between, or has died without giving back its lock: the marker on %s does "
                "not know of this export",
                export->config->url);
    return true;
}

/* A merge with more in it than the instance has: the marker stays, but for overrides that are not met. */
static bool record_behind(Export *export, Error *err) {
    if (!export->unmet)
        return true;
    Applied unsettled = unsettled_of(&export->arena, &export->glance.marker);
    return record(export, &unsettled, err);
}

/* The instance has now seen this state: an export after a colleague's will be refused, one after ours will
 * not. Where it lacks what an override says, the next import has still to bring it. */
static bool record_seen(Export *export, const ExportResult *result, Error *err) {
    if (!export->glance.database || export->options->check || !knows_all(export))
        return true;
    if (export->merge.active && export_merge_leads(&export->merge))
        return record_behind(export, err);
    if (!export->merge.active && !export->unmet && has_seen(export, result->hash) && !result->commit.made)
        return true;
    AUTO(State) state = { 0 };
    Standing standing;
    if (!state_read(export->config->root, export->config->state_dir, &state, err) ||
        !standing_of(&state.source, &export->arena, &standing, err))
        return false;
    const Marker *marker = &export->glance.marker;
    Applied applied = export->unmet ? seen_of(&export->arena, export->config, &state, &standing, marker)
                                    : applied_of(&export->arena, export->config, &state, &standing, marker);
    if (marker->held && str_equal(marker->state, "clean")) { /* what was rolled back stays so */
        applied.commit = marker->commit;
        applied.lineage = marker->lineage;
    }
    applied.by = arena_printf(&export->arena, "%s, export", this_process(&export->arena));
    if (!export->glance.marker.installed) {
        marker_free(&export->glance.marker);
        if (!marker_install(export->glance.database, err) ||
            !marker_read(export->glance.database, &export->glance.marker, err))
            return false;
    }
    return record(export, &applied, err);
}

static void export_close(Export *export) {
    data_close(&export->data);
    export_merge_end(&export->merge);
    keeper_free(&export->keeper);
    placeholders_free(&export->placeholders);
    idmap_free(&export->map);
    snapshot_free(&export->snapshot);
    session_close(&export->session);
    glance_end(&export->glance);
    if (!export->options->backup_of) /* else it is the caller's */
        state_free(&export->old);
    arena_free(&export->arena);
}

/* Nothing of the instance's records is read before the marker has said that it may be. */
static bool open_sides(Export *export, Error *err) {
    glance_begin(&export->glance, export->config);
    return read_old(export, err) &&
           instance_open(export->config, true, &export->session, &export->instance, err) &&
           look_at_marker(export, err);
}

/* The marker says it now. */
static bool forget_origin(const Export *export, Error *err) {
    return !*export->origin || export->untold || export->options->check ||
           state_recorded(export->config->root, export->config->state_dir, err);
}

/* What was exported is on the instance whether or not it could be committed. */
static bool commit_and_record(Export *export, ExportResult *result, Error *err) {
    Error fault = { 0 };
    bool committed = !export->options->commit ||
                     commit_state(export->config, export->options->message, &result->commit, &fault);
    if (!record_seen(export, result, err) || !forget_origin(export, err))
        return false;
    if (!committed)
        *err = fault;
    return committed;
}

/* What a backup does not hold. The values are only for who puts it back at once. */
static void tell_withheld(const Export *export, ExportResult *result) {
    const Keeper *keeper = &export->keeper;
    Withheld *withheld = arena_array(&result->arena, keeper->clear_count + 1, sizeof *withheld);
    for (size_t i = 0; i < keeper->clear_count; i++) {
        const ClearSecret *clear = &keeper->clear[i];
        log_say(LOG_WARN, "the backup does not hold the secret of %s %s (%s)%s%s", clear->collection,
                clear->record, clear->pointer, clear->withheld ? ": to put it back, set " : "",
                clear->withheld ? clear->withheld : "");
        if (clear->withheld)
            withheld[result->withheld_count++] = (Withheld){ arena_strdup(&result->arena, clear->withheld),
                                                             arena_strdup(&result->arena, clear->value) };
    }
    result->withheld = withheld;
}

static bool run(Export *export, ExportResult *result, Error *err) {
    const Config *config = export->config;
    const ExportOptions *options = export->options;
    if ((options->commit && !repo_commit_check(config->root, config->state_dir, err)) ||
        (!options->check && !options->backup_of && !repo_has_work_tree(config->root, err)))
        return false;
    if (!scope_select(&export->config->scope, export->options->only, &export->arena, &export->selection,
                      err) ||
        !config_need_instance(export->config, err) || !open_sides(export, err) || !read_instance(export, err))
        return false;
    if (!export->merge.active)
        settle_records(export);
    if (!secrets_check_paths(export->config, &export->snapshot, err) ||
        (export->merge.active && !export_merge_rows(&export->merge, export->data, export->map, err)) ||
        !environment_check(export->config, outcome(export), &export->old, err) ||
        !data_settle(export->data, export->map, &export->unmet, err))
        return false;
    if (export->options->backup_of) {
        tell_withheld(export, result);
    } else if (!secrets_refuse(&export->keeper, export->config, outcome(export), err)) {
        result->secrets = export->keeper.clear_count;
        return false;
    }
    result->behind = export->merge.active && export_merge_leads(&export->merge);
    if (!write_files(export, result, err) || !commit_and_record(export, result, err))
        return false;
    result->records = snapshot_records(outcome(export));
    result->requests = session_requests(export->session);
    return true;
}

bool sync_export(const Config *config, const ExportOptions *options, ExportResult *result, Error *err) {
    Export export = { .config = config, .options = options, .seen = "" };
    export.merge = (ExportMerge){ .config = config, .files = &export.old, .selection = &export.selection };
    bool done = run(&export, result, err);
    export_close(&export);
    return done;
}

void export_result_free(ExportResult *result) {
    buf_free(&result->changes);
    arena_free(&result->arena);
    commit_result_free(&result->commit);
}
