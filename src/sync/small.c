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

static const char *copy(StatusResult *result, const char *text) {
    return text ? arena_strdup(&result->arena, text) : NULL;
}

static bool status_marker(const Config *config, StatusResult *result, Error *err) {
    AUTO_DATABASE database = NULL;
    AUTO(Marker) marker = { 0 };
    if (!database_open(secret_reveal(&config->database), &database, err) ||
        !marker_read(database, &marker, err))
        return false;
    result->marker_known = marker.installed;
    result->state = copy(result, marker.state);
    result->marker_hash = copy(result, marker.hash);
    result->commit = copy(result, marker.commit);
    result->applied_at = copy(result, marker.applied_at);
    result->owner = copy(result, marker.owner);
    result->owner_info = copy(result, marker.owner_info);
    result->lease_until = copy(result, marker.lease_until);
    result->error = copy(result, marker.error);
    result->lease_live = marker.lease_live;
    char hash[DIGEST_HEX];
    marker_hash_of(config, result->files_hash, hash);
    result->equal = result->files_hash[0] && str_equal(marker.state, "clean") && str_equal(marker.hash, hash);
    return true;
}

static bool status_files(const Config *config, StatusResult *result, Error *err) {
    AUTO(Manifest) manifest = { 0 };
    char hash[DIGEST_HEX];
    bool exists = false;
    StateCommit *commit;
    StateSource source;
    bool done =
        source_open(config, &commit, &source, err) && state_hash_from(&source, &manifest, hash, &exists, err);
    state_commit_close(&commit);
    if (exists)
        memcpy(result->files_hash, hash, sizeof hash);
    return done;
}

bool sync_status(const Config *config, StatusResult *result, Error *err) {
    if (!status_files(config, result, err))
        return false;
    result->environment = copy(result, config->environment);
    result->url = copy(result, config->url);
    return config->marker == MARKER_NONE || !secret_is_set(&config->database) ||
           status_marker(config, result, err);
}

void status_result_free(StatusResult *result) {
    arena_free(&result->arena);
}

bool sync_lock_release(const Config *config, const char *owner, Error *err) {
    AUTO_DATABASE database = NULL;
    return config_need_database(config, err) &&
           database_open(secret_reveal(&config->database), &database, err) &&
           marker_unlock(database, owner, err);
}
