/* The schema, by the server's own diff and apply. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "directus/session_part.h"
#include "directus/write.h"
#include "model/canon.h"

static bool is_marker_column(const Json *entry) {
    const char *field = json_get_text(entry, "field");
    return field && str_starts(field, MARKER_PREFIX) &&
           str_equal(json_get_text(entry, "collection"), catalog_row(TYPE_SETTINGS)->collection);
}

/* The whole of what a deletion would take away, NULL for any other kind of entry. */
static const Json *deleted(const Json *entry) {
    const Json *edits = json_get(entry, "diff");
    if (!json_is(edits, JSON_ARRAY) || edits->count != 1)
        return NULL;
    const Json *edit = &edits->as.items[0];
    bool whole = str_equal(json_get_text(edit, "kind"), "D") && !json_get(edit, "path");
    return whole ? json_get(edit, "lhs") : NULL;
}

/*
 * Entries that no state can mean: our own columns, and the deletion of what directus_read leaves out (untracked tables and columns,
 * columns of type "unknown"), which is missing in the wanted schema for that reason alone.
 */
static bool is_meant(const Json *entry) {
    const Json *gone = deleted(entry);
    if (is_marker_column(entry))
        return false;
    return !gone || (json_is(json_get(gone, "meta"), JSON_OBJECT) && !str_equal(json_get_text(gone, "type"), "unknown"));
}

static bool is_system_field_entry(const char *part) {
    return strcmp(part, "systemFields") == 0;
}

static Json filtered(Arena *arena, const Json *answer, size_t *left) {
    static const char *const parts[] = { "collections", "fields", "systemFields", "relations" };
    const Json *diff = json_get(answer, "diff");
    JsonObjectBuilder kept = json_object_builder(arena);
    *left = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const Json *entries = json_get(diff, parts[i]);
        JsonArrayBuilder list = json_array_builder(arena);
        for (uint32_t j = 0; json_is(entries, JSON_ARRAY) && j < entries->count; j++) {
            if (!is_system_field_entry(parts[i]) && !is_meant(&entries->as.items[j]))
                continue;
            json_array_add(&list, entries->as.items[j]);
            (*left)++;
        }
        json_object_put(&kept, parts[i], json_array_done(&list));
    }
    return json_with(arena, answer, "diff", json_object_done(&kept));
}

bool directus_schema_diff(Session *session, Arena *arena, const Json *desired, bool force, Json *diff, Error *err) {
    AUTO(Buf) body = { 0 };
    Json answer;
    size_t left;
    canon_compact(&body, desired);
    if (!session_post_file(session, arena, force ? "/schema/diff?force" : "/schema/diff", &body, &answer, err))
        return false;
    *diff = json_null();
    if (json_is_null(&answer))
        return true;
    Json kept = filtered(arena, &answer, &left);
    if (!json_get_text(&kept, "hash"))
        return error_set(err, ERR_REMOTE, "POST /schema/diff: the answer has no hash");
    if (left > 0)
        *diff = kept;
    return true;
}

static double now_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/*
 * The server goes on with an apply whose client is gone, in one transaction: it is all there or not at all. It is never sent a
 * second time; the diff tells when it is done.
 */
static bool await_apply(Session *session, const Json *desired, bool force, const WriteGate *gate, Error *err) {
    const Error lost = *err;
    double patience = session_retry_seconds(session) > 30 ? session_retry_seconds(session) : 30;
    for (double end = now_seconds() + patience; now_seconds() < end;) {
        AUTO(Arena) arena = { 0 };
        Json diff;
        if ((gate && gate->check && !gate->check(gate->context, err)) ||
            !directus_schema_diff(session, &arena, desired, force, &diff, err))
            return false;
        if (json_is_null(&diff)) {
            session_lost_reset(session);
            return true;
        }
        log_say(LOG_NOTE, "the schema's answer was lost; waiting for the instance to finish");
        nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
    }
    *err = lost;
    return false;
}

bool directus_schema_apply(Session *session, const Json *diff, const Json *desired, bool force, const WriteGate *gate, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) body = { 0 };
    Json answer;
    if (gate && gate->check && !gate->check(gate->context, err))
        return false;
    canon_compact(&body, diff);
    if (session_post_file(session, &arena, "/schema/apply", &body, &answer, err))
        return true;
    return session_lost(session) && await_apply(session, desired, force, gate, err);
}
