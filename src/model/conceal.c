#include "model/conceal.h"

#include <ctype.h>
#include <string.h>

#include "base/redact.h"
#include "base/str.h"
#include "model/canon.h"
#include "model/redacted.h"
#include "model/secret_scan.h"
#include "model/value_diff.h"

/* ---- names that say so ---- */

/* The name in lower case without what joins its words: "X-Api-Key" is "xapikey". */
static void fold(const char *name, char folded[64]) {
    size_t length = 0;
    for (; *name && length < 63; name++)
        if (isalnum((unsigned char)*name))
            folded[length++] = (char)tolower((unsigned char)*name);
    folded[length] = '\0';
}

static bool names_secret(const char *name) {
    static const char *const endings[] = { "password",    "passwd",       "passphrase", "secret",
                                           "token",       "apikey",       "accesskey",  "privatekey",
                                           "credentials", "authorization" };
    char folded[64];
    if (!name)
        return false;
    fold(name, folded);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (str_ends(folded, endings[i]))
            return true;
    return false;
}

/* ---- values ---- */

/* {"header": "X-Api-Key", "value": "…"}: the value goes by the name beside it. */
static const char *name_beside(const char *name, const Json *owner) {
    static const char *const beside[] = { "header", "name", "key" };
    const char *other = NULL;
    for (size_t i = 0; str_equal(name, "value") && !other && i < 3; i++)
        other = json_get_text(owner, beside[i]);
    return other ? other : name;
}

static Json conceal_text(Arena *arena, const char *name, const Json *owner, const Json *value) {
    const char *text = value->as.text;
    const char *called = name_beside(name, owner);
    bool secret = *text && names_secret(called) && !secret_is_reference(text, value->count);
    Json shown = redacted(arena, value, called);
    return secret && json_equal(&shown, value) ? json_string(arena, CONCEALED) : shown;
}

/* One that is hidden, from a place declared secret. */
static Json conceal_number(Arena *arena, const Json *value) {
    AUTO(Buf) text = { 0 };
    if (!redact_any())
        return *value;
    canon_compact(&text, value);
    Json as_text = json_string(arena, buf_text(&text)), shown = redact_json(arena, &as_text);
    return json_equal(&shown, &as_text) ? *value : shown;
}

static Json conceal_items(Arena *arena, const char *name, const Json *owner, const Json *value) {
    JsonArrayBuilder out = json_array_builder(arena);
    for (uint32_t i = 0; i < value->count; i++)
        json_array_add(&out, conceal(arena, name, owner, &value->as.items[i]));
    return json_array_done(&out);
}

static Json conceal_members(Arena *arena, const Json *value) {
    JsonObjectBuilder out = json_object_builder(arena);
    for (uint32_t i = 0; i < value->count; i++) {
        const JsonMember *member = &value->as.members[i];
        json_object_put(&out, member->key, conceal(arena, member->key, value, &member->value));
    }
    return json_object_done(&out);
}

Json conceal(Arena *arena, const char *name, const Json *owner, const Json *value) {
    if (value->kind == JSON_STRING)
        return conceal_text(arena, name, owner, value);
    if (value->kind == JSON_ARRAY)
        return conceal_items(arena, name, owner, value);
    if (value->kind == JSON_OBJECT)
        return conceal_members(arena, value);
    return value->kind == JSON_NUMBER ? conceal_number(arena, value) : *value;
}

/* ---- what stood where a placeholder's value comes ---- */

static bool holds_hidden(Arena *arena, const Json *value) {
    if (!value || !redact_any())
        return false;
    Json shown = redact_json(arena, value);
    return !json_equal(&shown, value);
}

static const char *note_text(Arena *arena, const char *text, size_t length, void *context) {
    JsonObjectBuilder *former = context;
    (void)arena;
    if (length)
        json_object_put(former, text, json_bool(true));
    return NULL;
}

static const char *conceal_noted(Arena *arena, const char *text, size_t length, void *context) {
    (void)arena;
    (void)length;
    return json_get(context, text) ? CONCEALED : NULL;
}

Json conceal_former(Arena *arena, const char *name, const Json *owner, const Json *before,
                    const Json *after) {
    if (!holds_hidden(arena, after))
        return conceal(arena, name, owner, before);
    ValueEdits edits = { 0 };
    value_diff(arena, "", "", name, before, after, &edits);
    JsonObjectBuilder former = json_object_builder(arena);
    for (size_t i = 0; i < edits.count; i++)
        if (edits.items[i].before && (!edits.items[i].after || holds_hidden(arena, edits.items[i].after)))
            json_map_texts(arena, edits.items[i].before, note_text, &former);
    Json texts = json_object_done(&former);
    Json rest = json_map_texts(arena, before, conceal_noted, &texts);
    return conceal(arena, name, owner, &rest);
}
