#include "sync/base.h"

#include <string.h>

#include "sync/common.h"

const char *marker_state_hash(Arena *arena, const Marker *marker) {
    Error ignored = { 0 };
    Json seen;
    if (!marker->sections ||
        !json_parse(arena, marker->sections, strlen(marker->sections), JSON_SYNTAX, &seen, &ignored))
        return "";
    const char *hash = json_get_text(&seen, SECTION_STATE);
    return hash ? hash : "";
}

bool base_find(const Config *config, const Marker *marker, Base *base, Error *err) {
    const char *hash = marker_state_hash(&base->arena, marker);
    char why[FIND_WHY];
    if (!*hash) {
        base->why = marker->installed ? "nothing was applied to the instance yet"
                                      : "there is no marker: no database is configured, or nothing was "
                                        "imported yet";
        return true;
    }
    if (!state_commit_find(config->root, config->state_dir, marker->commit, hash, &base->commit, why, err))
        return false;
    if (!base->commit) {
        base->why = arena_strdup(&base->arena, why);
        return true;
    }
    StateSource source = { config->root, config->state_dir, base->commit };
    base->source = state_commit_id(base->commit);
    return state_read_from(&source, &base->state, err);
}

void base_free(Base *base) {
    state_free(&base->state);
    state_commit_close(&base->commit);
    arena_free(&base->arena);
}
