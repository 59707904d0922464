/* A session with the fake server. */
#ifndef SCHEMA_SYNC_TESTS_CLIENT_H
#define SCHEMA_SYNC_TESTS_CLIENT_H

#include "directus/session.h"
#include "unit/unit.h"

static inline Session *open_session(const char *url, bool read_only) {
    Error err = { 0 };
    Session *session = NULL;
    AUTO(Secret) token = { 0 };
    secret_set(&token, "token-of-the-test");
    SessionOptions options = {
        .url = url, .token = &token, .read_only = read_only, .timeout_seconds = 5, .retry_seconds = 5
    };
    assert_ok(session_open(&options, &session, &err));
    return session;
}

/* JSON written with single quotes, so that tests stay readable. */
static inline Json quoted(Arena *arena, const char *text) {
    Error err = { 0 };
    Json json;
    char *copy = arena_strdup(arena, text);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    assert_ok(json_parse(arena, copy, strlen(copy), JSON_SYNTAX, &json, &err));
    return json;
}

#endif
