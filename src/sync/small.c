/* The commands that only look, or touch nothing but the marker. */
#include <string.h>

#include "model/canon.h"
#include "sync/common.h"
#include "sync/sync.h"

bool sync_committed_config(const char *ref, Buf *text, bool *found, Error *err) {
    return repo_bare_file(".", ref, "schema-sync.json", text, found, err);
}

bool sync_install(const Config *config, bool print_sql, Buf *sql, Error *err) {
    if (print_sql) {
        buf_puts(sql, marker_install_sql());
        return true;
    }
    AUTO_DATABASE database = NULL;
    return config_need_database(config, err) &&
           database_open(secret_reveal(&config->database), &database, err) && marker_install(database, err);
}

static bool hash_source(const StateSource *source, HashResult *result, Error *err) {
    AUTO(State) state = { 0 };
    if (!state_read_from(source, &state, err))
        return false;
    if (!state.exists)
        return source_empty(source, err);
    for (size_t i = 0; i < state.manifest.count; i++)
        manifest_add(&result->manifest, state.manifest.entries[i].path, state.manifest.entries[i].hex);
    manifest_finish(&result->manifest);
    memcpy(result->hash, state.hash, sizeof result->hash);
    return true;
}

bool sync_hash(const Config *config, HashResult *result, Error *err) {
    StateCommit *commit;
    StateSource source;
    bool done = source_open(config, &commit, &source, err) && hash_source(&source, result, err);
    state_commit_close(&commit);
    return done;
}

void hash_result_free(HashResult *result) {
    manifest_free(&result->manifest);
}

bool sync_lock_release(const Config *config, const char *owner, Error *err) {
    AUTO_DATABASE database = NULL;
    return config_need_database(config, err) &&
           database_open(secret_reveal(&config->database), &database, err) &&
           marker_unlock(database, owner, err);
}
