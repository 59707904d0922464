#include "model/scope.h"

#include <stdlib.h>
#include <string.h>

#include "model/canon.h"

static const char *const mode_names[] = {
    [MODE_ADD] = "add", [MODE_MERGE] = "merge", [MODE_MIRROR] = "mirror"
};

const char *mode_name(Mode mode) {
    return mode_names[mode];
}

bool mode_parse(const char *text, Mode *mode) {
    for (Mode candidate = MODE_ADD; candidate <= MODE_MIRROR; candidate++) {
        if (strcmp(mode_names[candidate], text) == 0) {
            *mode = candidate;
            return true;
        }
    }
    return false;
}

static int rule_compare(const void *collection, const void *rule) {
    return strcmp(collection, ((const DataRule *)rule)->collection);
}

const DataRule *scope_data(const Scope *scope, const char *collection) {
    if (scope->data_count == 0)
        return NULL;
    return bsearch(collection, scope->data, scope->data_count, sizeof *scope->data, rule_compare);
}

static int secret_compare(const void *collection, const void *rule) {
    return strcmp(collection, ((const SecretRule *)rule)->collection);
}

DataRule scope_plain_rule(const char *collection) {
    static const char *const none[] = { NULL };
    return (DataRule){ .collection = collection, .key = none, .exclude = none, .group_by = none };
}

const SecretRule *scope_secrets(const Scope *scope, const char *collection) {
    if (scope->secret_count == 0)
        return NULL;
    return bsearch(collection, scope->secrets, scope->secret_count, sizeof *scope->secrets, secret_compare);
}

/* ---- --only ---- */

static SectionId section_find(const char *name) {
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        if (strcmp(section_name(section), name) == 0)
            return section;
    TypeId type = catalog_find(name);
    return type < TYPE_COUNT ? catalog_row(type)->section : SECTION_COUNT;
}

static bool unknown_name(const Scope *scope, const char *name, Error *err) {
    AUTO(Buf) known = { 0 };
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        if (scope->sections[section])
            buf_printf(&known, "%s%s", known.length ? ", " : "", section_name(section));
    for (size_t i = 0; i < scope->data_count; i++)
        buf_printf(&known, "%s%s", known.length ? ", " : "", scope->data[i].collection);
    error_set(err, ERR_USAGE, "--only: nothing that is carried is called \"%s\"", name);
    return error_hint(err, "known are: %s", buf_text(&known));
}

/* "access", "permissions", "directus_flows", "posts", "data/posts" or "data" (all chosen collections). */
static bool select_one(const Scope *scope, const char *name, Selection *out, Error *err) {
    SectionId section = section_find(name);
    if (section < SECTION_COUNT) {
        out->sections[section] = true;
        if (scope->sections[section])
            return true;
        error_set(err, ERR_USAGE, "--only: \"%s\" is switched off in the configuration", name);
        return error_hint(err, "remove it from --only, or switch it on under \"collections\"");
    }
    if (strcmp(name, "data") == 0 && scope->data_count > 0) {
        memset(out->data, true, scope->data_count * sizeof *out->data);
        return true;
    }
    const DataRule *rule = scope_data(scope, str_starts(name, "data/") ? name + strlen("data/") : name);
    if (!rule)
        return unknown_name(scope, name, err);
    out->data[rule - scope->data] = true;
    return true;
}

bool scope_select(const Scope *scope, const char *only, Arena *arena, Selection *out, Error *err) {
    *out = (Selection){ .data = arena_array(arena, scope->data_count, sizeof *out->data) };
    if (!only || !*only) {
        out->all = true;
        memcpy(out->sections, scope->sections, sizeof out->sections);
        memset(out->data, true, scope->data_count * sizeof *out->data);
        return true;
    }
    bool any = false;
    for (const char *at = only; *at;) {
        at += strspn(at, ", \t");
        size_t length = strcspn(at, ", \t");
        if (length == 0)
            continue;
        any = true;
        if (!select_one(scope, arena_strndup(arena, at, length), out, err))
            return false;
        at += length;
    }
    return any || error_set(err, ERR_USAGE, "--only names nothing");
}

void scope_force_mode(Scope *scope, Mode mode, Arena *arena) {
    scope->mode = mode;
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        scope->section_modes[section] = mode;
    DataRule *rules = arena_array(arena, scope->data_count, sizeof *rules);
    for (size_t i = 0; i < scope->data_count; i++) {
        rules[i] = scope->data[i];
        rules[i].mode = mode;
    }
    scope->data = rules;
}

/* ---- the text that is hashed ---- */

static Json names_json(Arena *arena, const char *const *names) {
    JsonArrayBuilder array = json_array_builder(arena);
    for (; *names; names++)
        json_array_add(&array, json_string(arena, *names));
    return json_array_done(&array);
}

/* Without groupBy: it says where rows stand in the files, not what an import does with them. */
static Json rule_json(Arena *arena, const DataRule *rule) {
    JsonObjectBuilder object = json_object_builder(arena);
    json_object_put(&object, "key", names_json(arena, rule->key));
    json_object_put(&object, "exclude", names_json(arena, rule->exclude));
    json_object_put(&object, "filter", rule->filter ? *rule->filter : json_null());
    json_object_put(&object, "mode", json_string(arena, mode_name(rule->mode)));
    return json_object_done(&object);
}

/* At these places a placeholder may stand within a text. What is harmless concerns exports alone. */
static Json secrets_json(Arena *arena, const Scope *scope) {
    JsonObjectBuilder object = json_object_builder(arena);
    for (size_t i = 0; i < scope->secret_count; i++)
        if (scope->secrets[i].secrets[0])
            json_object_put(&object, scope->secrets[i].collection,
                            names_json(arena, scope->secrets[i].secrets));
    return json_object_done(&object);
}

static Json renames_json(Arena *arena, const Renames *renames) {
    JsonArrayBuilder list = json_array_builder(arena);
    for (size_t i = 0; i < renames->count; i++) {
        const char *const names[] = { renames->items[i].collection, renames->items[i].to,
                                      renames->items[i].field, NULL };
        json_array_add(&list, names_json(arena, names));
    }
    return json_array_done(&list);
}

void scope_text(const Scope *scope, Buf *out) {
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder sections = json_object_builder(&arena);
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        if (scope->sections[section])
            json_object_put(&sections, section_name(section),
                            json_string(&arena, mode_name(scope->section_modes[section])));
    JsonObjectBuilder data = json_object_builder(&arena);
    for (size_t i = 0; i < scope->data_count; i++)
        json_object_put(&data, scope->data[i].collection, rule_json(&arena, &scope->data[i]));
    JsonObjectBuilder all = json_object_builder(&arena);
    json_object_put(&all, "sections", json_object_done(&sections));
    json_object_put(&all, "data", json_object_done(&data));
    if (!json_is_null(&scope->overrides))
        json_object_put(&all, "overrides", scope->overrides);
    if (!json_is_null(&scope->ignore))
        json_object_put(&all, "ignore", scope->ignore);
    Json secrets = secrets_json(&arena, scope);
    if (secrets.count)
        json_object_put(&all, "secrets", secrets);
    if (scope->null_outside)
        json_object_put(&all, "outside", json_string(&arena, "null"));
    if (scope->renames.count)
        json_object_put(&all, "renames", renames_json(&arena, &scope->renames));
    Json text = json_object_done(&all);
    canon_compact(out, &text);
}
