#include "sync/common.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/version.h"
#include "model/canon.h"
#include "sync/base.h"

bool instance_open(const Config *config, bool read_only, Session **session, Instance *instance, Error *err) {
    SessionOptions options = {
        .url = config->url,
        .token = &config->token,
        .email = &config->email,
        .password = &config->password,
        .credentials = config->credentials,
        .read_only = read_only,
        .timeout_seconds = config->timeout_seconds,
        .retry_seconds = config->retry_seconds,
        .record_path = config->record_path,
    };
    return config_need_instance(config, err) && session_open(&options, session, err) &&
           session_identify(*session, instance, err);
}

void marker_hash_of(const Config *config, const char *manifest_hash, char hash[DIGEST_HEX]) {
    AUTO(Buf) text = { 0 };
    buf_puts(&text, manifest_hash);
    buf_putc(&text, '\n');
    scope_text(&config->scope, &text);
    digest_of(text.data, text.length, hash);
}

static void put_hash(JsonObjectBuilder *out, Arena *arena, const char *name, const char hash[DIGEST_HEX]) {
    json_object_put(out, name, json_string(arena, hash));
}

static void scope_hash(const Config *config, char hash[DIGEST_HEX]) {
    AUTO(Buf) text = { 0 };
    scope_text(&config->scope, &text);
    digest_of(text.data, text.length, hash);
}

static bool parse_sections(const Marker *marker, Arena *arena, Json *sections) {
    Error ignored = { 0 };
    return marker->sections &&
           json_parse(arena, marker->sections, strlen(marker->sections), JSON_SYNTAX, sections, &ignored);
}

bool scope_is_applied(const Config *config, const Marker *marker) {
    AUTO(Arena) arena = { 0 };
    Json applied;
    char hash[DIGEST_HEX];
    scope_hash(config, hash);
    return parse_sections(marker, &arena, &applied) &&
           str_equal(json_get_text(&applied, SECTION_SCOPE), hash);
}

/* By collection, record and field; of what has one record only by collection and field. */
static void put_places(JsonArrayBuilder *out, const Json *part, const char *above, int depth) {
    enum { FIELD = 2, SHORT = 16 };
    char hash[DIGEST_HEX];
    for (uint32_t i = 0; i < part->count; i++) {
        const JsonMember *member = &part->as.members[i];
        const char *place =
            arena_printf(out->arena, "%s/%s", above, json_pointer_step(out->arena, member->key));
        if (depth < FIELD && json_is(&member->value, JSON_OBJECT)) {
            put_places(out, &member->value, place, depth + 1);
            continue;
        }
        digest_of(place, strlen(place), hash);
        hash[SHORT] = '\0';
        json_array_add(out, json_string(out->arena, hash));
    }
}

static Json places_of(Arena *arena, const Config *config) {
    JsonArrayBuilder places = json_array_builder(arena);
    if (!json_is_null(&config->scope.overrides))
        put_places(&places, &config->scope.overrides, "", 0);
    return json_array_done(&places);
}

bool overrides_stand(const Config *config, const Marker *marker) {
    AUTO(Arena) arena = { 0 };
    Json applied;
    if (!parse_sections(marker, &arena, &applied))
        return true;
    const Json *before = json_get(&applied, SECTION_PLACES);
    Json now = places_of(&arena, config);
    JsonObjectBuilder builder = json_object_builder(&arena);
    for (uint32_t i = 0; i < now.count; i++)
        json_object_put(&builder, json_text(&now.as.items[i]), json_bool(true));
    Json known = json_object_done(&builder);
    for (uint32_t i = 0; json_is(before, JSON_ARRAY) && i < before->count; i++) {
        const char *place = json_text(&before->as.items[i]);
        if (place && !json_get(&known, place))
            return false;
    }
    return true;
}

Json sections_of(Arena *arena, const Config *config, const State *state) {
    JsonObjectBuilder out = json_object_builder(arena);
    char hash[DIGEST_HEX];
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        if (config->scope.sections[section])
            put_hash(&out, arena, section_name(section), state->section_hashes[section]);
    for (size_t i = 0; i < config->scope.data_count; i++) {
        const char *collection = config->scope.data[i].collection;
        state_data_hash(state, collection, hash);
        put_hash(&out, arena, arena_printf(arena, "data/%s", collection), hash);
    }
    AUTO(Buf) text = { 0 };
    canon_compact(&text, &state->removed);
    digest_of(text.data, text.length, hash);
    put_hash(&out, arena, SECTION_REMOVED, hash);
    scope_hash(config, hash);
    put_hash(&out, arena, SECTION_SCOPE, hash);
    Json places = places_of(arena, config);
    if (places.count)
        json_object_put(&out, SECTION_PLACES, places);
    put_hash(&out, arena, SECTION_STATE, state->hash);
    return json_object_done(&out);
}

bool source_open(const Config *config, StateCommit **commit, StateSource *source, Error *err) {
    *commit = NULL;
    if (config->ref && !state_commit_open(config->root, config->state_dir, config->ref, commit, err))
        return false;
    *source = (StateSource){ config->root, config->state_dir, *commit };
    return true;
}

bool source_empty(const StateSource *source, Error *err) {
    if (source->commit) {
        error_set(err, ERR_FILES, "there is no state at %s", state_source_shown(source));
        return error_hint(err,
                          "`git log -- %s` lists the commits that changed it; one from before the folder was "
                          "moved is read in a work tree of its own (git worktree add)",
                          source->state_dir);
    }
    error_set(err, ERR_FILES, "there is no state in %s/%s", source->root, source->state_dir);
    return error_hint(err,
                      "run `schema-sync export` against the instance you develop on; in a bare repository "
                      "name a commit with --ref");
}

const char *this_process(Arena *arena) {
    char host[256] = "";
    if (gethostname(host, sizeof host - 1) != 0)
        snprintf(host, sizeof host, "unknown");
    return arena_printf(arena, "schema-sync %s on %s, pid %ld", SCHEMA_SYNC_VERSION, host, (long)getpid());
}

/* What a rollback goes back to when it is not told. Going back itself is no step of that kind. */
static const char *previous_of(Arena *arena, const Standing *standing, const Marker *marker) {
    if (standing->held)
        return NULL;
    const char *applied = marker_applied_commit(arena, marker);
    return str_equal(applied, standing->commit) ? marker_previous_commit(arena, marker) : applied;
}

static const char *sections_text(Arena *arena, Json sections, const Standing *standing,
                                 const Marker *marker) {
    AUTO(Buf) text = { 0 };
    const char *previous = previous_of(arena, standing, marker);
    if (previous)
        sections = json_with(arena, &sections, SECTION_PREVIOUS, json_string(arena, previous));
    canon_compact(&text, &sections);
    return arena_strdup(arena, buf_text(&text));
}

Applied applied_of(Arena *arena, const Config *config, const State *state, const Standing *standing,
                   const Marker *marker) {
    char hash[DIGEST_HEX];
    marker_hash_of(config, state->hash, hash);
    return (Applied){
        .hash = arena_strdup(arena, hash),
        .sections = sections_text(arena, sections_of(arena, config, state), standing, marker),
        .commit = standing->commit,
        .lineage = standing->text,
        .held = standing->held,
        .worktree = standing->dirty,
    };
}

/* A hash without a configuration is never the one that an import looks for, nor are sections without. */
static void unsettle(Arena *arena, Applied *applied) {
    static const char *const without[] = { SECTION_SCOPE, NULL };
    Error ignored = { 0 };
    Json sections;
    AUTO(Buf) text = { 0 };
    if (!json_parse(arena, applied->sections, strlen(applied->sections), JSON_SYNTAX, &sections, &ignored))
        return;
    sections = json_without(arena, &sections, without);
    canon_compact(&text, &sections);
    applied->sections = arena_strdup(arena, buf_text(&text));
    applied->hash = json_get_text(&sections, SECTION_STATE);
}

Applied seen_of(Arena *arena, const Config *config, const State *state, const Standing *standing,
                const Marker *marker) {
    Applied seen = applied_of(arena, config, state, standing, marker);
    unsettle(arena, &seen);
    return seen;
}

Applied unsettled_of(Arena *arena, const Marker *marker) {
    Applied seen = { .hash = marker->hash,
                     .sections = marker->sections,
                     .commit = marker->commit,
                     .lineage = marker->lineage,
                     .held = marker->held,
                     .worktree = marker->worktree };
    if (seen.sections)
        unsettle(arena, &seen);
    return seen;
}
