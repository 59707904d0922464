/*
 * Any bytes: the validator and the parser agree, and what parses, canon prints, and that parses back to the
 * same value and prints the same again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "fuzz/fuzz.h"
#include "model/canon.h"

static void require(bool holds) {
    if (!holds)
        abort();
}

static void round_trip(Arena *arena, const Json *value, unsigned strictness,
                       void (*print)(Buf *, const Json *)) {
    AUTO(Buf) first = { 0 };
    AUTO(Buf) second = { 0 };
    Error err = { 0 };
    Json again;
    print(&first, value);
    require(json_parse(arena, buf_text(&first), first.length, strictness, &again, &err));
    require(json_equal(value, &again));
    print(&second, &again);
    require(first.length == second.length && memcmp(first.data, second.data, first.length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const unsigned levels[] = { JSON_SYNTAX, JSON_STATE, JSON_SYNTAX | JSON_COMMENTS };
    const char *text = (const char *)data;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        AUTO(Arena) arena = { 0 };
        Error err = { 0 };
        Json value;
        bool valid = json_validate(text, size, levels[i], &err);
        bool parsed = json_parse(&arena, text, size, levels[i], &value, &err);
        require(valid || !parsed);
        require(parsed || err.kind == ERR_FILES);
        require(parsed || str_is_utf8(err.message, strlen(err.message), NULL));
        if (!parsed)
            continue;
        require(levels[i] != JSON_STATE || valid);
        round_trip(&arena, &value, JSON_STATE, canon_compact);
        round_trip(&arena, &value, JSON_STATE, canon_pretty);
    }
    return 0;
}
