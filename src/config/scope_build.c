#include "config/scope_build.h"

#include "base/str.h"

static Mode mode_of(const Json *value, Mode otherwise) {
    Mode mode = otherwise;
    const char *text = json_get_text(value, "mode");
    if (text)
        mode_parse(text, &mode);
    return mode;
}

/* A string or an array of strings, as a list ended by NULL. */
static const char *const *names_of(const Json *value, Arena *arena) {
    uint32_t count = json_is(value, JSON_ARRAY) ? value->count : json_text(value) ? 1 : 0;
    const char **names = arena_array(arena, (size_t)count + 1, sizeof *names);
    for (uint32_t i = 0; i < count; i++)
        names[i] = json_is(value, JSON_ARRAY) ? json_text(&value->as.items[i]) : json_text(value);
    return names;
}

/* directus_roles and directus_policies are one section: what is said of one must hold for all. */
static bool set_section(const char *file, const JsonMember *entry, const char *said_by[SECTION_COUNT],
                        Scope *scope, Error *err) {
    SectionId section = catalog_row(catalog_find(entry->key))->section;
    bool carried = !json_is(&entry->value, JSON_FALSE);
    Mode mode = mode_of(&entry->value, scope->mode);
    /* An object without a mode (it may declare secrets) says nothing about the section. */
    if (json_is(&entry->value, JSON_OBJECT) && !json_get(&entry->value, "mode"))
        return true;
    if (said_by[section] && (scope->sections[section] != carried || scope->section_modes[section] != mode)) {
        error_set(err, ERR_CONFIG, "%s: /collections: \"%s\" and \"%s\" belong together and disagree", file,
                  said_by[section], entry->key);
        return error_hint(
            err, "both are part of the section \"%s\", which is carried as a whole: give them the same value",
            section_name(section));
    }
    said_by[section] = entry->key;
    scope->sections[section] = carried;
    scope->section_modes[section] = mode;
    return true;
}

static DataRule rule_of(const JsonMember *entry, Mode mode, Arena *arena) {
    return (DataRule){
        .collection = entry->key,
        .key = names_of(json_get(&entry->value, "key"), arena),
        .exclude = names_of(json_get(&entry->value, "exclude"), arena),
        .group_by = names_of(json_get(&entry->value, "groupBy"), arena),
        .filter = json_get(&entry->value, "filter"),
        .mode = mode_of(&entry->value, mode),
    };
}

static SecretRule secret_rule_of(const JsonMember *entry, Arena *arena) {
    return (SecretRule){
        .collection = entry->key,
        .secrets = names_of(json_get(&entry->value, "secrets"), arena),
        .harmless = names_of(json_get(&entry->value, "harmless"), arena),
    };
}

static Mode without_mirror(Mode mode) {
    return mode == MODE_MIRROR ? MODE_MERGE : mode;
}

static void apply_flags(const ScopeFlags *flags, Scope *scope, DataRule *rules) {
    if (flags->data_only)
        scope->sections[SECTION_COLLECTIONS] = false;
    if (flags->safe || flags->merge)
        scope->section_modes[SECTION_COLLECTIONS] = without_mirror(scope->section_modes[SECTION_COLLECTIONS]);
    if (!flags->merge)
        return;
    scope->mode = without_mirror(scope->mode);
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        scope->section_modes[section] = without_mirror(scope->section_modes[section]);
    for (size_t i = 0; i < scope->data_count; i++)
        rules[i].mode = without_mirror(rules[i].mode);
}

static Renames renames_of(const Json *list, Arena *arena) {
    uint32_t count = list ? list->count : 0;
    Rename *renames = arena_array(arena, (size_t)count + 1, sizeof *renames);
    for (uint32_t i = 0; i < count; i++)
        renames[i] =
            (Rename){ json_get_text(&list->as.items[i], "collection"),
                      json_get_text(&list->as.items[i], "field"), json_get_text(&list->as.items[i], "to") };
    return (Renames){ renames, count };
}

bool scope_build(const char *file, const Json *config, const ScopeFlags *flags, Arena *arena, Scope *scope,
                 Error *err) {
    *scope = (Scope){ .mode = mode_of(config, MODE_MERGE) };
    for (SectionId section = 0; section < SECTION_COUNT; section++) {
        scope->sections[section] = true;
        scope->section_modes[section] = scope->mode;
    }
    const char *said_by[SECTION_COUNT] = { 0 };
    const Json *collections = json_get(config, "collections");
    size_t count = collections ? collections->count : 0;
    DataRule *rules = arena_array(arena, count, sizeof *rules);
    SecretRule *secrets = arena_array(arena, count, sizeof *secrets);
    /* Members of an object are sorted, so the rules are too. */
    for (size_t i = 0; i < count; i++) {
        const JsonMember *entry = &collections->as.members[i];
        if (json_get(&entry->value, "secrets") || json_get(&entry->value, "harmless"))
            secrets[scope->secret_count++] = secret_rule_of(entry, arena);
        if (str_starts(entry->key, "directus_")) {
            if (!set_section(file, entry, said_by, scope, err))
                return false;
        } else if (!json_is(&entry->value, JSON_FALSE)) {
            rules[scope->data_count++] = rule_of(entry, scope->mode, arena);
        }
    }
    scope->data = rules;
    scope->secrets = secrets;
    scope->renames = renames_of(json_get(config, "renames"), arena);
    apply_flags(flags, scope, rules);
    return true;
}

bool scope_check_overrides(const Scope *scope, bool data_only, Error *err) {
    for (uint32_t i = 0; i < scope->overrides.count; i++) {
        const char *collection = scope->overrides.as.members[i].key;
        TypeId type = str_starts(collection, "directus_") ? catalog_find(collection) : TYPE_NONE;
        bool carried = type < TYPE_COUNT ? scope->sections[catalog_row(type)->section] ||
                                               (data_only && catalog_is_schema(type))
                                         : scope_data(scope, collection) != NULL;
        if (carried)
            continue;
        AUTO(Arena) arena = { 0 };
        error_set(err, ERR_CONFIG, "%s/%s: %s is not carried", scope->overrides_place,
                  json_pointer_step(&arena, collection), collection);
        return error_hint(err, "choose it under \"collections\", or remove the override");
    }
    return true;
}
