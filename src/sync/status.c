/* status: files, git and markers side by side. */
#include <string.h>

#include "repo/lineage.h"
#include "sync/base.h"
#include "sync/common.h"
#include "sync/glance.h"
#include "sync/sync.h"

/* ---- one marker ---- */

static const char *copy(StatusResult *result, const char *text) {
    return text ? arena_strdup(&result->arena, text) : NULL;
}

static void tell_marker(const Config *config, const Marker *marker, StatusResult *result,
                        TargetStatus *target) {
    target->marker_known = marker->installed;
    target->state = copy(result, marker->state);
    target->marker_hash = copy(result, marker->hash);
    target->commit = copy(result, marker->commit);
    target->applied_at = copy(result, marker->applied_at);
    target->owner = copy(result, marker->owner);
    target->owner_info = copy(result, marker->owner_info);
    target->lease_until = copy(result, marker->lease_until);
    target->error = copy(result, marker->error);
    target->held = copy(result, marker->held);
    target->applied = marker_applied_commit(&result->arena, marker);
    if (target->applied)
        target->applied = copy(result, target->applied);
    target->worktree = marker->worktree;
    target->lease_live = marker->lease_live;
    char hash[DIGEST_HEX];
    marker_hash_of(config, result->files_hash, hash);
    target->equal =
        result->files_hash[0] && str_equal(marker->state, "clean") && str_equal(marker->hash, hash);
}

/* While a rollback holds, the marker's lineage is that of what was rolled back: what is there stands in it.
 */
static Lineage lineage_before(const Lineage *lineage, const char *commit) {
    size_t from = 0;
    while (from < lineage->count && strcmp(lineage->commits[from], commit) != 0)
        from++;
    return (Lineage){ lineage->commits + from, lineage->count - from, lineage->complete };
}

static void tell_distance(const Marker *marker, const Lineage *ours, TargetStatus *target) {
    AUTO(Arena) arena = { 0 };
    Lineage theirs = lineage_parse(&arena, marker->lineage);
    if (!target->applied)
        return;
    if (theirs.count)
        theirs = lineage_before(&theirs, target->applied);
    target->distance = ancestry_distance(ours, target->applied, &theirs);
}

/* ---- this side ---- */

static bool look_at_files(const StateSource *source, StatusResult *result, Error *err) {
    AUTO(Manifest) manifest = { 0 };
    char hash[DIGEST_HEX];
    bool exists = false;
    if (!state_hash_from(source, &manifest, hash, &exists, err))
        return false;
    if (exists)
        memcpy(result->files_hash, hash, sizeof hash);
    return true;
}

/* A repository that cannot be read does not hide what the markers say. */
static void look_at_git(const StateSource *source, StatusResult *result, Lineage *lineage) {
    Error fault = { 0 };
    if (repo_overview(source, &result->arena, &result->git, &fault) &&
        repo_lineage(source, &result->arena, lineage, &fault)) {
        result->state_commit = lineage->count ? lineage->commits[0] : NULL;
        return;
    }
    *lineage = (Lineage){ 0 };
    result->git_fault = copy(result, fault.message);
    result->git_mend = copy(result, fault.hint[0] ? fault.hint : NULL);
}

static bool look_here(const Config *config, StatusResult *result, Lineage *lineage, Error *err) {
    StateCommit *commit;
    StateSource source;
    bool done = source_open(config, &commit, &source, err) && look_at_files(&source, result, err);
    if (done)
        look_at_git(&source, result, lineage);
    state_commit_close(&commit);
    return done;
}

/* ---- all of them ---- */

enum { CONNECTIONS = 2 };

typedef struct {
    const StatusTarget *targets;
    Glance *glances;
    StatusResult *result;
    const Lineage *lineage;
} Round;

static void begin_target(Round *round, size_t i) {
    const StatusTarget *target = &round->targets[i];
    TargetStatus *status = &round->result->targets[i];
    status->environment = copy(round->result, target->environment);
    if (target->config) {
        status->url = copy(round->result, target->config->url);
        glance_begin(&round->glances[i], target->config);
    } else {
        status->fault = copy(round->result, target->fault->message);
        status->mend = copy(round->result, target->fault->hint[0] ? target->fault->hint : NULL);
    }
}

static bool end_target(Round *round, size_t i, Error *err) {
    const StatusTarget *target = &round->targets[i];
    if (!target->config)
        return true;
    Glance *glance = &round->glances[i];
    bool done = glance_wait(glance, err);
    if (done) {
        tell_marker(target->config, &glance->marker, round->result, &round->result->targets[i]);
        tell_distance(&glance->marker, round->lineage, &round->result->targets[i]);
    }
    glance_end(glance);
    return done;
}

static void tell_fault(Round *round, size_t i, const Error *fault) {
    round->result->targets[i].fault = copy(round->result, fault->message);
    round->result->targets[i].mend = copy(round->result, fault->hint[0] ? fault->hint : NULL);
}

bool sync_status_all(const Config *config, const StatusTarget *targets, size_t count, StatusResult *result,
                     Error *err) {
    Lineage lineage = { 0 };
    if (!look_here(config, result, &lineage, err))
        return false;
    result->targets = arena_array(&result->arena, count, sizeof *result->targets);
    result->target_count = count;
    Round round = { targets, arena_array(&result->arena, count, sizeof *round.glances), result, &lineage };
    for (size_t i = 0; i < count + CONNECTIONS; i++) {
        Error fault = { 0 };
        if (i >= CONNECTIONS && !end_target(&round, i - CONNECTIONS, &fault))
            tell_fault(&round, i - CONNECTIONS, &fault);
        if (i < count)
            begin_target(&round, i);
    }
    return true;
}

static bool look_at_one(const Config *config, const Lineage *lineage, StatusResult *result, Error *err) {
    StatusTarget target = { .environment = config->environment, .config = config };
    result->targets = arena_array(&result->arena, 1, sizeof *result->targets);
    result->target_count = 1;
    Round round = { &target, arena_array(&result->arena, 1, sizeof *round.glances), result, lineage };
    begin_target(&round, 0);
    return end_target(&round, 0, err);
}

bool sync_status(const Config *config, StatusResult *result, Error *err) {
    Lineage lineage = { 0 };
    return look_here(config, result, &lineage, err) && look_at_one(config, &lineage, result, err);
}

bool sync_lock_status(const Config *config, StatusResult *result, Error *err) {
    Lineage none = { 0 };
    return look_at_one(config, &none, result, err);
}

void status_result_free(StatusResult *result) {
    arena_free(&result->arena);
}
