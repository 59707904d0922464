#include "model/redacted.h"

#include <string.h>

#include "base/redact.h"
#include "model/place.h"
#include "model/secret_scan.h"

static const char *shown(Arena *arena, const Json *text, const JsonStep *step, void *context) {
    enum { MOST = 64 }; /* secrets in one text; more, and nothing of it is shown */
    const char *name = place_name(step);
    AUTO(Buf) out = { 0 };
    SecretFinding found;
    redact_append(&out, text->as.text, text->count);
    size_t count = 0;
    while (secret_scan(buf_text(&out), out.length, name ? name : context, &found) && count++ < MOST) {
        AUTO(Buf) next = { 0 };
        buf_append(&next, out.data, found.at);
        buf_printf(&next, "(%s)", found.kind);
        buf_append(&next, out.data + found.at + found.length, out.length - found.at - found.length);
        buf_clear(&out);
        buf_append(&out, next.data, next.length);
    }
    if (count > MOST)
        return "(secrets)";
    bool same = out.length == text->count && memcmp(buf_text(&out), text->as.text, out.length) == 0;
    return same ? NULL : arena_strndup(arena, out.data, out.length);
}

Json redacted(Arena *arena, const Json *value, const char *name) {
    AUTO(Buf) copy = { 0 };
    buf_puts(&copy, name ? name : "");
    return json_map_places(arena, value, shown, copy.data);
}
