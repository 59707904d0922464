/* import: repo_read → marker_claim → directus_read → plan_build → directus_apply → verify → marker_commit. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "directus/read.h"
#include "directus/write.h"
#include "model/desired.h"
#include "model/identity.h"
#include "sync/backup.h"
#include "sync/bridge.h"
#include "sync/checks.h"
#include "sync/claim.h"
#include "sync/common.h"
#include "sync/data.h"
#include "sync/environment.h"
#include "sync/import.h"
#include "sync/losses.h"
#include "sync/outside.h"
#include "sync/preflight.h"
#include "sync/put_back.h"
#include "sync/secrets.h"
#include "sync/sync.h"

/* A lost answer, or a server that normalises what it is given, may need another round; more would not
 * converge. */
enum { APPLY_ROUNDS = 4 };

/* Rows of a kind and collection that are shown when a target does not keep what is written to it. */
enum { ROWS_SHOWN_AGAIN = 2 };

typedef struct {
    const Config *config;
    const ImportOptions *options;
    const ImportErrand *errand;
    Arena arena;
    Selection selection;
    bool sections[SECTION_COUNT]; /* to be planned */
    bool *data_sections;          /* parallel to config->scope.data */
    StateCommit *commit;          /* with --ref */
    Standing standing;            /* of the state, in history */
    StateSource source;
    State state;
    Json removed;              /* what is deleted by name: the state's, and what is superseded */
    Holding holding;           /* database, marker, claim, lease */
    Placeholders placeholders; /* of the files */
    Session *session;
    Instance instance;
    bool proven; /* the database is the one behind the session */
    Snapshot target;
    Snapshot wanted; /* where something is ignored: the files, with the target's in its place */
    IdMap *map;
    Data *data;
    Outside outside; /* ids that lead out of the state */
    Bridge bridge;   /* from the files' version to the target's */
    Json desired;    /* the schema to diff against; null when the schema is not planned */
    Renames renames; /* declared ones that are still to be done */
    Backup backup;   /* of the target before the first write */
    size_t nulled;   /* references of settings to files that the target lacks */
} Import;

/* ---- what to plan ---- */

static bool section_differs(const Json *applied, const Json *wanted, const char *name) {
    return !str_equal(json_get_text(applied, name), json_get_text(wanted, name));
}

/* Sections whose hash the marker has are skipped, unless what stands on the target may be half of something
 * else. */
static void choose_sections(Import *import) {
    const Config *config = import->config;
    const Marker *marker = &import->holding.seen;
    Json applied = json_null();
    Error ignored = { 0 };
    bool known = marker->sections && str_equal(marker->state, "clean") && !import->options->again &&
                 !import->errand->superseded &&
                 json_parse(&import->arena, marker->sections, strlen(marker->sections), JSON_SYNTAX, &applied,
                            &ignored);
    Json wanted = sections_of(&import->arena, config, &import->state);
    bool all = !known || section_differs(&applied, &wanted, SECTION_REMOVED) ||
               section_differs(&applied, &wanted, SECTION_SCOPE);
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        import->sections[section] = import->selection.sections[section] &&
                                    (all || section_differs(&applied, &wanted, section_name(section)));
    import->data_sections = arena_array(&import->arena, config->scope.data_count + 1, sizeof(bool));
    for (size_t i = 0; i < config->scope.data_count; i++) {
        const char *name = arena_printf(&import->arena, "data/%s", config->scope.data[i].collection);
        import->data_sections[i] =
            import->selection.data[i] && (all || section_differs(&applied, &wanted, name));
    }
}

static bool any_data(const Import *import) {
    for (size_t i = 0; i < import->config->scope.data_count; i++)
        if (import->data_sections[i])
            return true;
    return false;
}

/* ---- preflight ---- */

/* What the target is to be. */
static const Snapshot *wanted_of(const Import *import) {
    return json_is_null(&import->config->scope.ignore) ? &import->state.snapshot : &import->wanted;
}

/* The checks of one moment (checks.h): a blocker ends the import before it has written anything. */
static bool preflight(Import *import, const Plan *plan, Moment moment, Error *err) {
    if (import->errand->within)
        return true;
    AUTO(Checkup)
    checkup = {
        .config = import->config,
        .state = &import->state,
        .files = moment >= MOMENT_READ ? wanted_of(import) : &import->state.snapshot,
        .database = import->holding.database,
        .marker = &import->holding.seen,
        .session = import->session,
        .instance = import->instance.directus ? &import->instance : NULL,
        .target = moment >= MOMENT_READ ? &import->target : NULL,
        .plan = plan,
        .allow_version = import->options->allow_version,
    };
    return checks_pass(&checkup, moment, err);
}

/* ---- reading and planning ---- */

static bool files_have_schema(const Import *import) {
    const bool *carried = import->errand->carried;
    const Scope *scope = &import->config->scope;
    /* A state from before there were collections has one, which is empty. */
    bool empty =
        scope->past && scope->sections[SECTION_COLLECTIONS] && (!carried || carried[SECTION_COLLECTIONS]);
    return empty || import->state.snapshot.types[TYPE_FIELDS].count > 0;
}

/* `shapes`: rows need a schema to be understood. Once is enough. */
static bool open_data(Import *import, const Snapshot *shapes, Error *err) {
    if (!any_data(import) || import->data)
        return true;
    if (!data_open(import->config, shapes, import->data_sections, &import->data, err) ||
        !data_load_state(import->data, &import->state, false, err))
        return false;
    const Superseded *superseded = import->errand->superseded;
    for (size_t i = 0; superseded && i < superseded->count; i++)
        if (!data_supersede(import->data, &superseded->states[i], err))
            return false;
    return true;
}

static bool read_target(Import *import, Error *err) {
    bool sections[SECTION_COUNT];
    memcpy(sections, import->sections, sizeof sections);
    if (any_data(import) && !files_have_schema(import))
        sections[SECTION_COLLECTIONS] = true;
    identity_mentions(&import->state.snapshot, sections);
    if (import->data)
        data_sections(import->data, sections);
    snapshot_free(&import->target);
    idmap_free(&import->map);
    import->map = idmap_new();
    /* The first read brings the proof along; nothing is written before. */
    bool prove = import->holding.database && !import->proven;
    Json settings;
    if (!directus_read(import->session, &import->instance, sections, &import->target,
                       prove ? &settings : NULL, err) ||
        (prove && !holding_prove(&import->holding, import->session, &settings, err)))
        return false;
    import->proven = true;
    identity_align(&import->target, &import->state.snapshot, import->map);
    secrets_hide(&import->target, &import->config->scope, &import->placeholders);
    if (!import->instance.version.has_policies)
        by_role_adopt(&import->target, &import->state.snapshot);
    return true;
}

static bool cross_versions(Import *import, Error *err) {
    return bridge_cross(&import->bridge, import->session, import->options, &import->state.snapshot,
                        &import->target, import->sections, err);
}

static void leave_alone(Import *import, Plan *plan) {
    if (!json_is_null(&import->config->scope.ignore))
        environment_leave_alone(import->config, &import->state.snapshot, &import->target, &import->wanted,
                                plan);
}

static const Renames *declared_renames(const Import *import) {
    return import->errand->renames ? import->errand->renames : &import->config->scope.renames;
}

/* Until they are done, the target is looked at as if they were. */
static bool plan_renames(Import *import, Plan *plan, Error *err) {
    const Renames *declared = declared_renames(import);
    import->renames = (Renames){ 0 };
    if (!declared->count)
        return true;
    if (import->sections[SECTION_COLLECTIONS] &&
        !renames_pending(declared, &import->state.snapshot, &import->target, &import->arena, &import->renames,
                         err))
        return false;
    renames_apply(&import->renames, &import->target);
    if (import->data)
        data_rename(import->data, &import->renames);
    if (!import->renames.count)
        return true;
    Rename *kept = arena_array(&plan->arena, import->renames.count, sizeof *kept);
    memcpy(kept, import->renames.items, import->renames.count * sizeof *kept);
    plan->renames = (Renames){ kept, import->renames.count };
    if (!import->holding.database)
        plan_note(plan, NOTE_LEFT_ALONE, TYPE_COLLECTIONS,
                  "renaming needs the target's database (DATABASE_URL)");
    return true;
}

/* The wanted schema goes to the server in its own ids, and the server says what it would change. */
static bool plan_schema(Import *import, Plan *plan, Error *err) {
    if (!import->sections[SECTION_COLLECTIONS])
        return true;
    Mode mode = import->config->scope.section_modes[SECTION_COLLECTIONS];
    Json wanted = schema_desired(&plan->arena, wanted_of(import), &import->target, mode, &import->removed);
    if (!schema_differs(&wanted, &import->target))
        return true;
    Json diff;
    Json in_old_names = renames_schema_back(&plan->arena, &import->renames, &wanted);
    import->desired = identity_texts_to_target(&plan->arena, &in_old_names, import->map);
    if (!directus_schema_diff(import->session, &plan->arena, &import->desired, &diff, err))
        return false;
    diff = renames_diff(&plan->arena, &import->renames, &diff);
    if (!plan_add_schema(plan, &diff, mode, &import->removed, err))
        return false;
    plan_schema_values(plan, &wanted, &import->target);
    return true;
}

static bool plan_configuration(Import *import, Plan *plan, Error *err) {
    const char *role = import->instance.role_id;
    const char *state_role = role ? idmap_to_state(import->map, "directus_roles", role) : NULL;
    PlanOptions options = {
        .scope = &import->config->scope,
        .sections = import->sections,
        .removed = &import->removed,
        .caller_state_role = state_role ? state_role : role,
        .caller_policies = import->instance.policy_ids,
    };
    return plan_build(wanted_of(import), &import->target, &options, plan, err);
}

static bool plan_rows(Import *import, Plan *plan, Error *err) {
    return !import->data ||
           (data_load_target(import->data, import->session, &import->instance, &import->target, import->map,
                             err) &&
            data_compare(import->data, import->session, &import->removed, import->map, plan, err) &&
            data_count_cascades(import->data, import->session, import->map, plan, err));
}

static bool build_plan(Import *import, Plan *plan, Error *err) {
    /* The files' schema says what else is to be read; where they have none, the target's serves. */
    if ((files_have_schema(import) && !open_data(import, &import->state.snapshot, err)) ||
        !read_target(import, err) || !plan_renames(import, plan, err) || !cross_versions(import, err) ||
        !outside_look(&import->outside, import->config, import->session, &import->state.snapshot,
                      &import->target, import->sections, err))
        return false;
    leave_alone(import, plan);
    if (!preflight(import, NULL, MOMENT_READ, err) || !open_data(import, &import->target, err) ||
        !plan_schema(import, plan, err) || !plan_configuration(import, plan, err) ||
        !preflight(import, plan, MOMENT_PLANNED, err) || !plan_rows(import, plan, err) ||
        !count_losses(import->session, &import->target, plan, err))
        return false;
    bridge_note(&import->bridge, plan);
    outside_note(&import->outside, plan);
    if (import->errand->superseded)
        superseded_note(import->config, plan);
    if (import->nulled)
        plan_note(plan, NOTE_NULLED, TYPE_SETTINGS,
                  "%zu setting%s refer to files the target does not have: null there", import->nulled,
                  import->nulled == 1 ? "" : "s");
    return true;
}

/* ---- applying ---- */

static bool touches_access(const Plan *plan) {
    for (size_t i = 0; i < plan->change_count; i++)
        if (catalog_row(plan->changes[i].type)->section == SECTION_ACCESS)
            return true;
    return false;
}

/* Schema, then configuration, then rows; flows and deletes come last, so that nothing fires on what is being
 * written and nothing goes before its successor stands. */
static bool apply(Import *import, const Plan *plan, Error *err) {
    WriteGate gate = { holding_check, &import->holding };
    bool flows_stand;
    if (plan->renames.count) /* alone: the next round plans the rest on what is there then */
        return holding_rename(&import->holding, import->session, &plan->renames, err);
    if (!json_is_null(&plan->schema_diff) &&
        !directus_schema_apply(import->session, &plan->schema_diff, &import->desired, &gate, err))
        return false;
    if (!directus_apply(import->session, plan, import->map, &gate, &flows_stand, err) ||
        (import->data &&
         !data_apply(import->data, import->session, &import->instance, import->map, &gate, err)) ||
        !directus_apply_last(import->session, plan, import->map, &gate, flows_stand, err))
        return false;
    return !touches_access(plan) || session_identify_user(import->session, &import->instance, err);
}

/* A write without an answer may still be under way: wait until it has happened or not, then let the next
 * round look. */
static bool await_lost(Import *import, Error *err) {
    log_say(LOG_NOTE, "an answer was lost (%s): reading again", err->message);
    *err = (Error){ 0 };
    session_lost_reset(import->session);
    return holding_settle(&import->holding, err);
}

/* What else the first plan is to say, and whether it is the one that was agreed on; later ones finish that
 * one. */
static bool agreed(Import *import, Plan *plan, int round, Error *err) {
    const ImportOptions *options = import->options;
    const SavedPlan *saved = options->saved;
    if (round > 0)
        return !saved || saved_plan_covers(saved, plan, err);
    if (import->data && plan->rows_digested && !data_digests(import->data, plan, err))
        return false;
    return !saved || saved_plan_matches(saved, plan, err);
}

static bool approve(const Import *import, const Plan *plan, Error *err) {
    const ImportOptions *options = import->options;
    return !options->approve || options->approve(plan, options->approve_context, err);
}

static bool back_up(Import *import, ImportResult *result, Error *err) {
    const ImportOptions *options = import->options;
    if (import->errand->within ||
        !(import->config->backup || options->backup || options->backup_dir || options->rollback_on_failure))
        return true;
    if (!backup_take(import->config, options->backup_dir, &import->holding.seen, &import->source,
                     &import->backup, err))
        return false;
    result->backup = arena_strdup(&result->plan.arena, import->backup.path);
    return true;
}

/* Plans and applies until the plan is empty: the last round is the verification. */
static bool converge(Import *import, ImportResult *result, Error *err) {
    for (int round = 0; round <= APPLY_ROUNDS; round++) {
        AUTO(Plan) again = { 0 };
        Plan *plan = round == 0 ? &result->plan : &again;
        plan->rows_shown = round == 0 ? import->options->rows_shown : ROWS_SHOWN_AGAIN;
        plan->rows_digested = round == 0 && (import->options->saved || import->options->row_digests);
        bool planned = build_plan(import, plan, err) && agreed(import, plan, round, err);
        if (round == 0)
            plan_keep(plan); /* the next round reads the target anew, and the caller prints this one */
        if (!planned)
            return round ? error_context(err, "verifying what was written") : false;
        if (import->options->dry_run || plan_is_empty(plan))
            return true;
        if (!refuse_losses(import->config, import->options, plan, err) ||
            (round == 0 && !(approve(import, plan, err) && back_up(import, result, err))))
            return false;
        if (round == APPLY_ROUNDS) {
            AUTO(Buf) text = { 0 };
            plan->adoption_count = plan->note_count = 0; /* of no help here */
            plan_print(plan, false, &text);
            error_set(err, ERR_REMOTE, "%s does not keep what is written to it; what still differs:\n%.1500s",
                      import->config->url, buf_text(&text));
            return error_hint(
                err,
                "what it has stands before each arrow: where it only keeps the value in another form, "
                "write it so in the files; else a flow, a hook or an extension on the target changes it");
        }
        if (round)
            log_say(LOG_TRACE, "round %d: %zu changes left", round + 1, plan->change_count);
        if (!apply(import, plan, err) && (!session_lost(import->session) || !await_lost(import, err)))
            return false;
    }
    return true;
}

/* ---- the whole ---- */

static bool prepare(Import *import, Error *err) {
    bool read_only = import->options->dry_run;
    if (!instance_open(import->config, read_only, &import->session, &import->instance, err))
        return false;
    bridge_access(&import->bridge, &import->state.snapshot, &import->instance, import->sections);
    return holding_show(&import->holding, import->session, err) &&
           settle_files(import->session, &import->state, &import->nulled, err);
}

static bool commit(Import *import, Error *err) {
    if (import->options->dry_run || import->errand->within)
        return true;
    if (!import->selection.all)
        return holding_release(&import->holding, err);
    Applied applied =
        applied_of(&import->arena, import->config, &import->state, &import->standing, &import->holding.seen);
    return holding_commit(&import->holding, &applied, err);
}

/* Equal and clean: one row was read, and that was all. */
static bool up_to_date(const Import *import, const char *hash) {
    const Marker *marker = &import->holding.seen;
    return import->selection.all && !import->options->again && !import->errand->holding &&
           str_equal(marker->state, "clean") && str_equal(marker->hash, hash);
}

/* Equal, and yet there is a rollback to end: a revert of what was rolled back often gives the same files. */
static bool ends_hold(Import *import) {
    const Marker *marker = &import->holding.seen;
    Standing ours;
    Error ignored = { 0 };
    if (!marker->held || import->options->dry_run ||
        !standing_of(&import->source, &import->arena, &ours, &ignored) || ours.dirty)
        return false;
    Lineage superseded = lineage_parse(&import->arena, marker->lineage);
    return ancestry_order(&ours.lineage, marker->commit, &superseded, true) == ORDER_FORWARD;
}

/* What nobody can find again is not brought to a protected environment. */
static bool refuse_uncommitted(const Import *import, Error *err) {
    if (!import->config->protected_environment || !import->standing.dirty)
        return true;
    error_set(err, ERR_CONFIG, "%s has changes that are not committed, and \"%s\" is protected",
              import->config->state_dir, import->config->environment);
    return error_hint(err, "commit them first, or import a commit with --ref");
}

static bool find_standing(Import *import, Error *err) {
    if (!import->errand->standing)
        return standing_of(&import->source, &import->arena, &import->standing, err) &&
               refuse_uncommitted(import, err);
    import->standing = *import->errand->standing;
    return true;
}

/* A commit has them all, and so has a backup. */
static bool check_whole(const Import *import, Error *err) {
    return import->source.commit || import->errand->within ||
           repo_has_all_files(import->config->root, import->config->state_dir, err);
}

/* Takes the lock, unless history says that the target is to stay as it is. */
static bool claim(Import *import, ImportResult *result, Error *err) {
    ClaimEnd end;
    if (!check_whole(import, err))
        return false;
    if (import->options->dry_run || import->errand->within)
        return true;
    if (!find_standing(import, err) ||
        !holding_claim(&import->holding, result->hash, &import->standing, import->options, &end, err))
        return false;
    result->followed = end == CLAIM_FOLLOWED;
    result->kept = end == CLAIM_KEPT;
    return true;
}

static bool read_state(Import *import, Error *err) {
    if (!state_read_from(&import->source, &import->state, err))
        return false;
    const Superseded *superseded = import->errand->superseded;
    import->removed = import->state.removed;
    if (superseded)
        import->removed = superseded_lines(
            superseded, import->errand->carried ? import->errand->carried : import->config->scope.sections,
            declared_renames(import), &import->state, &import->arena);
    return true;
}

static bool run(Import *import, ImportResult *result, Error *err) {
    const Config *config = import->config;
    char manifest_hash[DIGEST_HEX];
    AUTO(Manifest) manifest = { 0 };
    bool exists = false;
    if (!scope_select(&config->scope, import->options->only, &import->arena, &import->selection, err))
        return false;
    if (!import->errand->holding)
        holding_begin(config, &import->holding);
    if (!source_open(config, &import->commit, &import->source, err) ||
        !state_hash_from(&import->source, &manifest, manifest_hash, &exists, err))
        return false;
    if (!exists)
        return source_empty(&import->source, err);
    memcpy(result->files_hash, manifest_hash, sizeof result->files_hash);
    marker_hash_of(config, manifest_hash, result->hash);
    const SavedPlan *saved = import->options->saved;
    if (saved && !saved_plan_fits(saved, config->environment, config->url, manifest_hash, result->hash, err))
        return false;
    if (!import->errand->holding && !holding_look(&import->holding, import->options->dry_run, err))
        return false;
    if (up_to_date(import, result->hash) && !ends_hold(import)) {
        result->nothing_to_do = true;
        return true;
    }
    if (!read_state(import, err) || !environment_apply(config, &import->state.snapshot, err) ||
        !secrets_fill(config, &import->selection, &import->state, &import->placeholders, err) ||
        !preflight(import, NULL, MOMENT_FILES, err) || !config_need_instance(config, err))
        return false;
    if (!claim(import, result, err))
        return false;
    if (result->followed || result->kept)
        return true;
    choose_sections(import);
    return prepare(import, err) && converge(import, result, err) && commit(import, err);
}

static void import_close(Import *import, ImportResult *result) {
    if (import->session)
        result->requests = session_requests(import->session);
    for (size_t i = 0; i < result->plan.row_count; i++)
        result->rows_written +=
            result->plan.rows[i].created + result->plan.rows[i].updated + result->plan.rows[i].deleted;
    data_close(&import->data);
    idmap_free(&import->map);
    outside_free(&import->outside);
    snapshot_free(&import->wanted);
    placeholders_free(&import->placeholders);
    snapshot_free(&import->target);
    session_close(&import->session);
}

/* Whose claim came to its end does not know whether the marker took the new state, or who holds the lock by
 * now: it writes nothing any more. */
static bool may_put_back(const Import *import) {
    const Holding *holding = &import->holding;
    if (!import->options->rollback_on_failure || !import->backup.path || !holding->wrote)
        return false;
    if (holding->lease || !holding->held)
        return true;
    log_say(LOG_WARN, "what the import had written stays: without its lock nothing is put back from %s",
            import->backup.path);
    return false;
}

bool sync_import(const Config *config, const ImportOptions *options, ImportResult *result, Error *err) {
    static const ImportErrand none;
    return import_run(config, options, &none, result, err);
}

bool import_run(const Config *config, const ImportOptions *options, const ImportErrand *errand,
                ImportResult *result, Error *err) {
    Import import = { .config = config, .options = options, .errand = errand };
    if (errand->holding)
        import.holding = *errand->holding;
    bool done = run(&import, result, err);
    import_close(&import, result);
    if (!done && may_put_back(&import))
        put_back(config, &import.backup, &import.source, &import.holding, err);
    backup_free(&import.backup);
    if (errand->holding)
        *errand->holding = import.holding;
    else
        holding_end(&import.holding, done ? NULL : err);
    state_free(&import.state);
    state_commit_close(&import.commit);
    arena_free(&import.arena);
    return done;
}

void import_result_free(ImportResult *result) {
    plan_free(&result->plan);
}
