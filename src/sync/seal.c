/* seal: what git knows of the state, written beside the config for images that carry no .git. */
#include <stdio.h>
#include <string.h>

#include "repo/lineage.h"
#include "sync/standing.h"
#include "sync/sync.h"

static bool check_sealable(const State *state, const Standing *standing, const Config *config, Error *err) {
    if (!state->exists) {
        error_set(err, ERR_FILES, "there is no state in %s/%s", config->root, config->state_dir);
        return error_hint(err, "run `schema-sync export` and commit it first");
    }
    if (standing->dirty) {
        error_set(err, ERR_CONFIG, "%s has changes that are not committed", config->state_dir);
        return error_hint(err, "commit them, then seal: a seal says which commit the files are of");
    }
    if (!standing->commit) {
        error_set(err, ERR_CONFIG, "no commit is known that has %s", config->state_dir);
        return error_hint(err, "run seal in a clone of the repository, after the state was committed; in a "
                               "shallow clone after `git fetch --unshallow`");
    }
    if (!standing->lineage.complete) {
        error_set(err, ERR_CONFIG, "this clone is shallow: the history of %s ends too early",
                  config->state_dir);
        return error_hint(err, "fetch the whole history: git fetch --unshallow (in CI: fetch-depth 0)");
    }
    return true;
}

bool sync_seal(const Config *config, SealResult *result, Error *err) {
    AUTO(State) state = { 0 };
    AUTO(Arena) arena = { 0 };
    Standing standing;
    StateSource source = { .root = config->root, .state_dir = config->state_dir };
    if (!lineage_unseal(config->root, err) || !state_read(config->root, config->state_dir, &state, err) ||
        !standing_of(&source, &arena, &standing, err) || !check_sealable(&state, &standing, config, err) ||
        !lineage_seal(config->root, &state.manifest, &standing.lineage, err))
        return false;
    result->commits = standing.lineage.count;
    memcpy(result->hash, state.hash, sizeof result->hash);
    snprintf(result->commit, sizeof result->commit, "%s", standing.commit);
    return true;
}
