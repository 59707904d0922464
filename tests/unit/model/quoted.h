/* JSON in the text of a test: single quotes stand for double ones. */
#ifndef SCHEMA_SYNC_TESTS_QUOTED_H
#define SCHEMA_SYNC_TESTS_QUOTED_H

#include "base/json.h"
#include "unit/unit.h"

static inline Json quoted_json(Arena *arena, const char *text) {
    Error err = { 0 };
    Json value;
    char *quoted = arena_strdup(arena, text);
    for (char *at = strchr(quoted, '\''); at; at = strchr(at, '\''))
        *at = '"';
    assert_ok(json_parse(arena, quoted, strlen(quoted), JSON_STATE, &value, &err));
    return value;
}

#endif
