/* rollback: look at the marker, find both states in git, and import the older one as a move backwards. */
#include "sync/rollback.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "repo/lineage.h"
#include "sync/backup.h"
#include "sync/base.h"
#include "sync/common.h"
#include "sync/import.h"

enum { SHOWN = 12 }; /* digits of a commit in messages */

typedef struct {
    Config config; /* a copy: its ref is what is gone back to; the caller's own owns it */
    const RollbackOptions *options;
    RollbackResult *result;
    Arena arena;
    Holding holding;
    bool clean;            /* the marker is: nothing is half done */
    const char *base;      /* the commit that the target's order goes by */
    const char *base_text; /* its lineage as the marker keeps it */
    const char *applied;   /* the commit whose state was applied in full last */
    StateCommit *commit;   /* what is gone back to */
    Standing there;        /* of it */
    Superseded superseded;
} Rollback;

/* ---- what the marker says ---- */

static bool no_commit(const Rollback *rollback, Error *err) {
    error_set(err, ERR_CONFIG, "the marker of %s names no commit: what is there cannot be told from git",
              rollback->config.url);
    return error_hint(err,
                      "`schema-sync import --ref REV` brings the state of a commit; what that does not have "
                      "stays, and nothing holds it");
}

/* The marker is read again while the lock is waited for. */
static const char *noted(Rollback *rollback, const char *text) {
    return text ? arena_strdup(&rollback->arena, text) : NULL;
}

static bool read_marker(Rollback *rollback, Error *err) {
    const Marker *marker = &rollback->holding.seen;
    if (!config_need_database(&rollback->config, err) || !holding_look(&rollback->holding, true, err) ||
        (!rollback->options->import.dry_run &&
         !holding_await(&rollback->holding, rollback->options->import.wait, err)))
        return false;
    if (!marker->installed || !(marker->hash || marker->target_hash)) {
        error_set(err, ERR_CONFIG, "nothing was imported into %s yet: there is nothing to go back from",
                  rollback->config.url);
        return error_hint(err, "`schema-sync status` shows what its marker says");
    }
    rollback->clean = str_equal(marker->state, "clean") || !marker->target_commit;
    rollback->base = noted(rollback, rollback->clean ? marker->commit : marker->target_commit);
    rollback->base_text = noted(rollback, rollback->clean ? marker->lineage : marker->target_lineage);
    rollback->applied = noted(rollback, marker_applied_commit(&rollback->arena, marker));
    rollback->result->from = rollback->clean ? rollback->applied : rollback->base;
    return rollback->base || rollback->options->restore ? true : no_commit(rollback, err);
}

/* ---- what is gone back to ---- */

static bool no_previous(const Rollback *rollback, Error *err) {
    error_set(err, ERR_CONFIG, "what came before commit %.*s is not known here", SHOWN, rollback->applied);
    return error_hint(err, "name a commit (--to REV); if this clone is shallow, fetch its history first (git "
                           "fetch --unshallow, in CI: fetch-depth 0)");
}

static bool open_commit(Rollback *rollback, const char *ref, Error *err) {
    rollback->config.ref = arena_strdup(&rollback->result->arena, ref);
    return state_commit_open(rollback->config.root, rollback->config.state_dir, ref, &rollback->commit, err);
}

/* Of a commit where a shallow clone ends, git cannot tell whether it changed the state; the marker can. */
static const char *id_in_history(Rollback *rollback, const StateCommit *commit) {
    Lineage lineage = lineage_parse(&rollback->arena, rollback->base_text);
    char named[65];
    if (*state_commit_id(commit))
        return arena_strdup(&rollback->arena, state_commit_id(commit));
    state_commit_named(commit, named);
    return lineage_has(&lineage, named) ? arena_strdup(&rollback->arena, named) : NULL;
}

/* The next older state along first parents. */
static bool open_parent(Rollback *rollback, Error *err) {
    StateCommit *parent = NULL;
    Error unknown = { 0 };
    const char *ref = arena_printf(&rollback->arena, "%s~1", rollback->applied);
    if (!state_commit_open(rollback->config.root, rollback->config.state_dir, ref, &parent, &unknown))
        return no_previous(rollback, err);
    const char *id = id_in_history(rollback, parent);
    state_commit_close(&parent);
    return id ? open_commit(rollback, id, err) : no_previous(rollback, err);
}

static bool open_previous(Rollback *rollback, Error *err) {
    if (!rollback->clean && rollback->applied)
        return open_commit(rollback, rollback->applied, err);
    Lineage lineage = lineage_parse(&rollback->arena, rollback->base_text);
    const char *before = marker_previous_commit(&rollback->arena, &rollback->holding.seen);
    Error unknown = { 0 };
    if (before && lineage_has(&lineage, before) && open_commit(rollback, before, &unknown))
        return true;
    return rollback->applied ? open_parent(rollback, err) : no_commit(rollback, err);
}

static bool find_target(Rollback *rollback, Error *err) {
    const char *to = rollback->options->to;
    if (!(to ? open_commit(rollback, to, err) : open_previous(rollback, err)))
        return false;
    StateSource source = { rollback->config.root, rollback->config.state_dir, rollback->commit };
    if (!standing_of(&source, &rollback->arena, &rollback->there, err))
        return false;
    const char **only = arena_array(&rollback->arena, 1, sizeof *only);
    *only = id_in_history(rollback, rollback->commit);
    if (!rollback->there.commit && *only) {
        rollback->there.lineage = (Lineage){ .commits = only, .count = 1 };
        rollback->there.commit = *only;
    }
    rollback->result->ref = rollback->config.ref;
    rollback->result->to = rollback->there.commit;
    return true;
}

/* ---- what it takes the place of ---- */

static bool not_in_git(const Rollback *rollback, const char *commit, Error *err) {
    error_set(err, ERR_CONFIG,
              "%s has the state of commit %.*s, which is not in this repository, or has it elsewhere",
              rollback->config.url, SHOWN, commit);
    return error_hint(err, "git fetch it: without it nobody can tell what only that state has; where the "
                           "state folder was moved since, `git revert` goes back");
}

/* What was applied last, as it was; with changes that were not committed at least as far as git has it. */
static bool supersede_applied(Rollback *rollback, Error *err) {
    AUTO(Base) base = { 0 };
    bool known = false;
    if (!base_find(&rollback->config, &rollback->holding.seen, &base, err))
        return false;
    if (base.state.exists)
        return superseded_add(&rollback->superseded, &rollback->config, base.source, &known, err);
    if (!rollback->applied)
        return true;
    if (!superseded_add(&rollback->superseded, &rollback->config, rollback->applied, &known, err))
        return false;
    if (!known)
        return not_in_git(rollback, rollback->applied, err);
    log_say(LOG_WARN, "%s was imported with changes that are in no commit: what only they brought stays",
            rollback->config.url);
    return true;
}

static bool find_superseded(Rollback *rollback, Error *err) {
    bool known = true;
    if (!supersede_applied(rollback, err))
        return false;
    if (rollback->clean)
        return true;
    if (!rollback->base)
        return true;
    /* Something is half done: a part of it may be there, and of an earlier rollback that did not end. */
    if (!superseded_add(&rollback->superseded, &rollback->config, rollback->base, &known, err))
        return false;
    if (!known)
        return not_in_git(rollback, rollback->base, err);
    return !rollback->applied ||
           superseded_add(&rollback->superseded, &rollback->config, rollback->applied, &known, err);
}

/* ---- may it? ---- */

static bool refuse_newer(const Rollback *rollback, Error *err) {
    const char *held = rollback->holding.seen.held, *ref = rollback->config.ref;
    if (rollback->clean && held && str_equal(rollback->there.commit, rollback->base)) {
        error_set(err, ERR_NEWER, "%s is what %s was rolled back from", ref, rollback->config.url);
        return error_hint(err, "`schema-sync rollback --resume` brings it again");
    }
    error_set(err, ERR_NEWER, "%s is no step backwards: %s has the state of commit %.*s", ref,
              rollback->config.url, SHOWN, rollback->base);
    return error_hint(err, "`schema-sync import --ref %s` moves forward", ref);
}

static bool refuse_diverged(const Rollback *rollback, Error *err) {
    error_set(err, ERR_NEWER, "%s is no ancestor of what %s has, commit %.*s", rollback->config.ref,
              rollback->config.url, SHOWN, rollback->base);
    return error_hint(err, "`schema-sync import --ref %s --allow-diverged` goes over to another branch",
                      rollback->config.ref);
}

static bool refuse_unknown(const Rollback *rollback, Error *err) {
    error_set(err, ERR_CONFIG,
              "the history here does not tell whether %s comes before commit %.*s, which %s has",
              rollback->config.ref, SHOWN, rollback->base, rollback->config.url);
    return error_hint(err, "fetch the whole history (git fetch --unshallow; in CI: fetch-depth 0)");
}

/* What the marker keeps has an end, and a full clone knows what lies beyond it. */
static bool base_lineage(Rollback *rollback, Lineage *lineage, Error *err) {
    *lineage = lineage_parse(&rollback->arena, rollback->base_text);
    for (size_t i = 0; !lineage->complete && i < rollback->superseded.count; i++) {
        StateSource source = { rollback->config.root, rollback->config.state_dir,
                               rollback->superseded.commits[i] };
        if (strcmp(state_commit_id(source.commit), rollback->base) == 0)
            return repo_lineage(&source, &rollback->arena, lineage, err);
    }
    return true;
}

static bool is_backwards(Rollback *rollback, Error *err) {
    Lineage base;
    if (!base_lineage(rollback, &base, err))
        return false;
    /* What was applied in full before an import failed, whatever branch that came from. */
    if (!rollback->clean && rollback->applied && str_equal(rollback->there.commit, rollback->applied))
        return true;
    switch (ancestry_order(&rollback->there.lineage, rollback->base, &base, false)) {
    case ORDER_OLDER:
        return true;
    case ORDER_FORWARD:
        return refuse_newer(rollback, err);
    case ORDER_DIVERGED:
        return refuse_diverged(rollback, err);
    case ORDER_HELD:
    case ORDER_UNKNOWN:
        break;
    }
    return refuse_unknown(rollback, err);
}

/* ---- what the older state tells of ---- */

static void look_at(const Json *collections, const bool *today, bool carried[SECTION_COUNT]) {
    /* nobody has checked an older commit's configuration */
    for (uint32_t i = 0; json_is(collections, JSON_OBJECT) && i < collections->count; i++) {
        const JsonMember *entry = &collections->as.members[i];
        TypeId type = str_starts(entry->key, "directus_") ? catalog_find(entry->key) : TYPE_NONE;
        SectionId section = type < TYPE_COUNT ? catalog_row(type)->section : SECTION_COUNT;
        if (section < SECTION_COUNT)
            carried[section] = today[section] && !json_is(&entry->value, JSON_FALSE);
    }
}

/* A section that the older state did not carry says nothing by having no record: then nothing of it goes. */
static void find_carried(const Rollback *rollback, bool carried[SECTION_COUNT]) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) text = { 0 };
    Error ignored = { 0 };
    Json config;
    bool found = false;
    const char *file = rollback->config.file ? strrchr(rollback->config.file, '/') + 1 : "schema-sync.json";
    memcpy(carried, rollback->config.scope.sections, SECTION_COUNT * sizeof *carried);
    if (!state_commit_beside(rollback->commit, rollback->config.state_dir, file, &text, &found, &ignored) ||
        !found ||
        !json_parse(&arena, buf_text(&text), text.length, JSON_STATE | JSON_COMMENTS, &config, &ignored))
        return;
    const Json *own = json_get(json_get(&config, "environments"), rollback->config.environment);
    look_at(json_get(&config, "collections"), rollback->config.scope.sections, carried);
    look_at(json_get(own, "collections"), rollback->config.scope.sections, carried);
}

/* ---- the whole ---- */

/* Whether the target has that very state, and *nothing is to be done. */
static bool has_it(Rollback *rollback, bool *nothing, Error *err) {
    AUTO(Manifest) manifest = { 0 };
    char *hash = rollback->result->import.files_hash;
    StateSource source = { rollback->config.root, rollback->config.state_dir, rollback->commit };
    bool exists = false;
    if (!state_hash_from(&source, &manifest, hash, &exists, err))
        return false;
    if (!exists)
        return source_empty(&source, err);
    const Marker *marker = &rollback->holding.seen;
    *nothing =
        str_equal(marker->state, "clean") && strcmp(marker_state_hash(&rollback->arena, marker), hash) == 0;
    return true;
}

/* `config` is where the older state is read, `carried` what it tells of, `held` what the marker is to say. */
static bool go_back(Rollback *rollback, const Config *config, const bool *carried, const char *held,
                    Error *err) {
    const Marker *marker = &rollback->holding.seen;
    Standing standing = { .commit = rollback->base,
                          .text = rollback->base_text,
                          .held = arena_strdup(&rollback->arena, held),
                          .hash = noted(rollback, marker->hash),
                          .epoch = marker->epoch };
    Renames renames = renames_reversed(&rollback->config.scope.renames, &rollback->arena);
    ImportErrand errand = { .holding = &rollback->holding,
                            .renames = &renames,
                            .carried = carried,
                            .standing = &standing,
                            .superseded = &rollback->superseded };
    if (rollback->base)
        rollback->result->holds = arena_strdup(&rollback->result->arena, rollback->base);
    Config own = *config;
    own.scope.past = true;
    return import_run(&own, &rollback->options->import, &errand, &rollback->result->import, err);
}

static bool run(Rollback *rollback, Error *err) {
    bool nothing = false;
    holding_begin(&rollback->config, &rollback->holding);
    if (!read_marker(rollback, err) || !find_target(rollback, err) || !has_it(rollback, &nothing, err))
        return false;
    if (nothing) {
        rollback->result->import.nothing_to_do = true;
        return true;
    }
    AUTO(Buf) held = { 0 };
    bool carried[SECTION_COUNT];
    if (!find_superseded(rollback, err) || !is_backwards(rollback, err))
        return false;
    held_text(rollback->there.commit, rollback->options->to, &held);
    find_carried(rollback, carried);
    return go_back(rollback, &rollback->config, carried, buf_text(&held), err);
}

/* A backup is no commit: whatever it is of, what the target has now comes after it. */
static bool restore(Rollback *rollback, Error *err) {
    Backup backup = { 0 };
    const char *name, *path = rollback->options->restore;
    char *real = realpath(path, NULL);
    backup.path = arena_strdup(&rollback->arena, real ? real : path);
    free(real);
    holding_begin(&rollback->config, &rollback->holding);
    if (!backup_check(&rollback->config, backup.path, &rollback->arena, &name, err) ||
        !read_marker(rollback, err) || !find_superseded(rollback, err))
        return false;
    rollback->result->ref = name;
    Config own = backup_config(&rollback->config, &backup, &rollback->arena);
    return go_back(rollback, &own, rollback->config.scope.sections,
                   arena_printf(&rollback->arena, "rolled back to the backup %s", name), err);
}

/* What was rolled back is imported as any other commit; that it was held is no matter any more. */
static bool resume(Rollback *rollback, Error *err) {
    ImportOptions options = rollback->options->import;
    options.resume = true;
    holding_begin(&rollback->config, &rollback->holding);
    if (!read_marker(rollback, err))
        return false;
    rollback->result->ref = rollback->result->to = rollback->base;
    if (!rollback->holding.seen.held) {
        rollback->result->import.nothing_to_do = true;
        log_say(LOG_NOTE, "no rollback holds on %s", rollback->config.url);
        return true;
    }
    if (!open_commit(rollback, rollback->base, err))
        return not_in_git(rollback, rollback->base, err);
    holding_end(&rollback->holding, NULL);
    rollback->holding = (Holding){ .config = &rollback->config };
    return sync_import(&rollback->config, &options, &rollback->result->import, err);
}

static const char *kept(RollbackResult *result, const char *text) {
    return text ? arena_strdup(&result->arena, text) : NULL;
}

bool sync_rollback(const Config *config, const RollbackOptions *options, RollbackResult *result, Error *err) {
    RollbackOptions always = *options;
    always.import.backup = true;
    Rollback rollback = { .config = *config, .options = &always, .result = result };
    if (config->backup_dir[0] != '/') /* a backup that is put back is no place for another one */
        rollback.config.backup_dir = arena_printf(&rollback.arena, "%s/%s", config->root, config->backup_dir);
    bool done = options->restore  ? restore(&rollback, err)
                : options->resume ? resume(&rollback, err)
                                  : run(&rollback, err);
    result->ref = kept(result, result->ref);
    result->from = kept(result, result->from);
    result->to = kept(result, result->to);
    holding_end(&rollback.holding, done ? NULL : err);
    superseded_free(&rollback.superseded);
    state_commit_close(&rollback.commit);
    arena_free(&rollback.arena);
    return done;
}

void rollback_result_free(RollbackResult *result) {
    import_result_free(&result->import);
    arena_free(&result->arena);
}
