#include "sync/standing.h"

#include <string.h>

#include "base/log.h"
#include "repo/lineage.h"

bool standing_of(const StateSource *source, Arena *arena, Standing *standing, Error *err) {
    RepoHead head = { 0 };
    *standing = (Standing){ 0 };
    if (!repo_lineage(source, arena, &standing->lineage, err) ||
        (!source->commit && !repo_head(source->root, source->state_dir, &head, err)))
        return false;
    standing->dirty = head.dirty;
    if (!standing->lineage.count)
        return true;
    AUTO(Buf) text = { 0 };
    lineage_text(&standing->lineage, &text);
    standing->commit = standing->lineage.commits[0];
    standing->text = arena_strdup(arena, buf_text(&text));
    return true;
}

enum { SHOWN = 12 }; /* digits of a commit in messages */

static bool refuse_older(const Standing *ours, const Config *config, const char *base, Error *err) {
    error_set(err, ERR_NEWER, "%s has a newer state, of commit %.*s: ours is %.*s", config->url, SHOWN, base,
              SHOWN, ours->commit);
    return error_hint(
        err,
        "update the files (git pull); to go back on purpose: `schema-sync rollback --to %.*s`, or a `git "
        "revert` of the newer commits, which is newer still",
        SHOWN, ours->commit);
}

static bool refuse_diverged(const Standing *ours, const Config *config, const char *base, Error *err) {
    error_set(err, ERR_NEWER, "%s has the state of commit %.*s, which is no ancestor of ours (%.*s)",
              config->url, SHOWN, base, SHOWN, ours->commit);
    return error_hint(err, "merge the branch it came from, or import with --allow-diverged: what that branch "
                           "brought and ours does not have is overwritten");
}

static bool refuse_unknown(const Config *config, const char *base, Error *err) {
    error_set(err, ERR_CONFIG,
              "%s has the state of commit %.*s, and the history here does not tell whether "
              "ours comes after it",
              config->url, SHOWN, base);
    return error_hint(
        err, "in a clone fetch the whole history (git fetch --unshallow); for an image without .git "
             "run `schema-sync seal` in such a clone and ship schema-sync.lineage beside the config");
}

static bool is_still_there(const Standing *ours, const Config *config, const Marker *marker, Error *err) {
    if (marker->epoch == ours->epoch && str_equal(marker->hash, ours->hash))
        return true;
    error_set(err, ERR_LOCK, "%s was changed by another import meanwhile", config->url);
    return error_hint(err, "look at it (`schema-sync status`) and decide again; nothing was written");
}

/* What was rolled back stays so while a fix from another branch has begun, and not come to its end. A
 * rollback that has not is told by what it was to supersede. */
static bool fix_is_under_way(const Standing *ours, const Marker *marker) {
    AUTO(Arena) arena = { 0 };
    if (!marker->held)
        return false;
    Lineage superseded = lineage_parse(&arena, marker->lineage);
    Lineage target = { .commits = (const char *const *)&marker->target_commit, .count = 1 };
    return ancestry_order(&ours->lineage, marker->commit, &superseded, true) == ORDER_HELD &&
           ancestry_order(&target, marker->commit, &superseded, true) != ORDER_HELD;
}

bool standing_allows(const Standing *ours, const Config *config, const Marker *marker,
                     const ImportOptions *options, bool *go, Error *err) {
    AUTO(Arena) arena = { 0 };
    bool clean = str_equal(marker->state, "clean") || !marker->target_commit;
    const char *base = clean ? marker->commit : marker->target_commit;
    Lineage lineage = lineage_parse(&arena, clean ? marker->lineage : marker->target_lineage);
    bool held = marker->held && str_equal(marker->state, "clean") && !options->resume;
    bool waits = !clean && !options->resume && fix_is_under_way(ours, marker);
    *go = true;
    if (ours->held)
        return is_still_there(ours, config, marker, err);
    Order order = ancestry_order(&ours->lineage, base, &lineage, held);
    if (waits && (order == ORDER_DIVERGED || order == ORDER_UNKNOWN))
        order = ORDER_HELD;
    switch (order) {
    case ORDER_FORWARD:
        return true;
    case ORDER_HELD:
        log_say(LOG_NOTE,
                "%s was rolled back, which holds (%s): nothing is imported until a newer commit "
                "arrives, or with --resume",
                config->url, marker->held);
        *go = false;
        return true;
    case ORDER_OLDER:
        if (!options->newer_is_fine)
            return refuse_older(ours, config, base, err);
        log_say(LOG_NOTE, "%s has a newer state, of commit %.*s: nothing is imported", config->url, SHOWN,
                base);
        *go = false;
        return true;
    case ORDER_DIVERGED:
        if (!options->allow_diverged && config->protected_environment)
            return refuse_diverged(ours, config, base, err);
        log_say(LOG_WARN, "%s had the state of commit %.*s, which is no ancestor of ours (%.*s)", config->url,
                SHOWN, base, SHOWN, ours->commit);
        return true;
    case ORDER_UNKNOWN:
        break;
    }
    if (options->allow_diverged)
        return true;
    return refuse_unknown(config, base, err);
}
