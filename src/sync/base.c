#include "sync/base.h"

#include <inttypes.h>
#include <string.h>

#include "model/ancestry.h"
#include "sync/common.h"

static const char *noted(Arena *arena, const Marker *marker, const char *name) {
    Error ignored = { 0 };
    Json seen;
    if (!marker->sections ||
        !json_parse(arena, marker->sections, strlen(marker->sections), JSON_SYNTAX, &seen, &ignored))
        return NULL;
    return json_get_text(&seen, name);
}

const char *marker_state_hash(Arena *arena, const Marker *marker) {
    const char *hash = noted(arena, marker, SECTION_STATE);
    return hash ? hash : "";
}

void marker_identity(const Config *config, const Marker *marker, char hash[DIGEST_HEX]) {
    AUTO(Buf) text = { 0 };
    const char *parts[] = { config->url, marker->project_id, marker->applied_at, marker->hash,
                            marker->sections };
    hash[0] = '\0';
    if (!marker->project_id && !marker->applied_at)
        return;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        buf_printf(&text, "%s\n", parts[i] ? parts[i] : "");
    buf_printf(&text, "%" PRId64 "\n", marker->epoch);
    digest_of(text.data, text.length, hash);
}

const char *marker_previous_commit(Arena *arena, const Marker *marker) {
    return noted(arena, marker, SECTION_PREVIOUS);
}

const char *marker_applied_commit(Arena *arena, const Marker *marker) {
    const char *held = held_commit(arena, marker->held);
    return held ? held : marker->commit;
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
    if (!state_commit_find(config->root, config->state_dir, marker_applied_commit(&base->arena, marker), hash,
                           &base->commit, why, err))
        return false;
    if (!base->commit) {
        base->why = arena_strdup(&base->arena, why);
        return true;
    }
    StateSource source = { config->root, config->state_dir, base->commit };
    base->source = state_commit_id(base->commit);
    return state_read_from(&source, &base->state, err);
}

void base_rename(const Config *config, const Snapshot *files, Snapshot *base, Arena *arena, Renames *former) {
    Error ignored = { 0 };
    *former = (Renames){ 0 };
    if (!renames_pending(&config->scope.renames, files, base, arena, former, &ignored))
        *former = (Renames){ 0 };
    renames_apply(former, base);
}

void base_free(Base *base) {
    state_free(&base->state);
    state_commit_close(&base->commit);
    arena_free(&base->arena);
}
