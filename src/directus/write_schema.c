/* The schema, by the server's own diff and apply. */
#include <time.h>

#include "base/log.h"
#include "directus/schema.h"
#include "directus/session_part.h"
#include "directus/write.h"
#include "model/canon.h"

bool directus_schema_diff(Session *session, Arena *arena, const Json *desired, Json *diff, Error *err) {
    AUTO(Buf) body = { 0 };
    Json answer;
    size_t left;
    canon_compact(&body, desired);
    if (!session_post_file(session, arena, "/schema/diff", &body, &answer, err))
        return false;
    *diff = json_null();
    if (json_is_null(&answer))
        return true;
    Json kept = schema_filter(arena, &answer, &left);
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
 * The server goes on with an apply whose client is gone, in one transaction: it is all there or not at all.
 * It is never sent a second time; the diff tells when it is done. One that never arrived looks the same, so
 * the patience is that for network faults.
 */
static bool await_apply(Session *session, const Json *desired, const WriteGate *gate, Error *err) {
    const Error lost = *err;
    for (double end = now_seconds() + session_retry_seconds(session); now_seconds() < end;) {
        AUTO(Arena) arena = { 0 };
        Json diff;
        if ((gate && gate->check && !gate->check(gate->context, err)) ||
            !directus_schema_diff(session, &arena, desired, &diff, err))
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

bool directus_schema_apply(Session *session, const Json *diff, const Json *desired, const WriteGate *gate,
                           Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) body = { 0 };
    Json answer;
    if (gate && gate->check && !gate->check(gate->context, err))
        return false;
    canon_compact(&body, diff);
    if (session_post_file(session, &arena, "/schema/apply", &body, &answer, err))
        return true;
    return session_lost(session) && await_apply(session, desired, gate, err);
}
