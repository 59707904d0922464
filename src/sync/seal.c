/* seal: what git knows of the state, written beside the config for images that carry no .git. */
#include <stdio.h>
#include <string.h>

#include "repo/lineage.h"
#include "sync/sync.h"

static bool check_sealable(const State *state, const Lineage *lineage, bool dirty, const Config *config,
                           Error *err) {
    if (!state->exists) {
        error_set(err, ERR_FILES, "there is no state in %s/%s", config->root, config->state_dir);
        return error_hint(err, "run `schema-sync export` and commit it first");
    }
    if (dirty) {
        error_set(err, ERR_CONFIG, "%s has changes that are not committed", config->state_dir);
        return error_hint(err, "commit them, then seal: a seal says which commit the files are of");
    }
    if (!lineage->count) {
        error_set(err, ERR_CONFIG, "no commit is known that has %s", config->state_dir);
        return error_hint(err, "run seal in a clone of the repository, after the state was committed; in a "
                               "shallow clone after `git fetch --unshallow`");
    }
    if (!lineage->complete) {
        error_set(err, ERR_CONFIG, "this clone is shallow: the history of %s ends too early",
                  config->state_dir);
        return error_hint(err, "fetch the whole history: git fetch --unshallow (in CI: fetch-depth 0)");
    }
    return true;
}

bool sync_seal(const Config *config, SealResult *result, Error *err) {
    AUTO(State) state = { 0 };
    AUTO(Arena) arena = { 0 };
    Lineage lineage;
    RepoHead head;
    StateSource source = { .root = config->root, .state_dir = config->state_dir };
    /* What stands of another seal is neither believed nor, should this one fail, lost. */
    if (!repo_has_all_files(config->root, config->state_dir, err) ||
        !state_read_unsealed(config->root, config->state_dir, &state, err) ||
        !lineage_of_git(&source, &arena, &lineage, err) ||
        !repo_head(config->root, config->state_dir, &head, err) ||
        !check_sealable(&state, &lineage, head.dirty, config, err) ||
        !lineage_seal(config->root, &state.manifest, &lineage, err))
        return false;
    result->commits = lineage.count;
    memcpy(result->hash, state.hash, sizeof result->hash);
    snprintf(result->commit, sizeof result->commit, "%s", lineage.commits[0]);
    return true;
}
