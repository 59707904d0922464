/* The form of "overrides", "ignore" and "outside". */
#include <string.h>

#include "config/check_walk.h"
#include "model/catalog.h"

static bool must_be_object(Walk *walk, const Json *value, const char *example, Error *err) {
    return json_is(value, JSON_OBJECT) || walk_fault(walk, err, "must be an object") ||
           error_hint(err, "for example %s", example);
}

/* {"Notify": {"status": "inactive"}}; of settings and of a singleton's one row the fields alone. */
static bool check_records(Walk *walk, const char *collection, const Json *value, Error *err) {
    static const char example[] = "{\"Notify\": {\"status\": \"inactive\"}}";
    TypeId type = catalog_find(collection);
    bool system = str_starts(collection, "directus_");
    if (system && !check_system_name(walk, collection, err))
        return false;
    if (!must_be_object(walk, value, example, err))
        return false;
    for (uint32_t i = 0; system && !catalog_row(type)->singleton && i < value->count; i++) {
        size_t length = walk->pointer.length;
        pointer_enter(walk, value->as.members[i].key);
        if (!must_be_object(walk, &value->as.members[i].value, "{\"status\": \"inactive\"}", err))
            return false;
        pointer_leave(walk, length);
    }
    return true;
}

bool check_overrides(Walk *walk, const Json *value, Error *err) {
    if (!must_be_object(walk, value, "{\"directus_settings\": {\"project_name\": \"Production\"}}", err))
        return false;
    for (uint32_t i = 0; i < value->count; i++) {
        size_t length = walk->pointer.length;
        pointer_enter(walk, value->as.members[i].key);
        if (!check_records(walk, value->as.members[i].key, &value->as.members[i].value, err))
            return false;
        pointer_leave(walk, length);
    }
    return true;
}

/* Patterns may name any collection; one without '*' that is Directus's own must be one that is carried. */
static bool check_collection_pattern(Walk *walk, const Json *value, Error *err) {
    const char *name = json_text(value);
    if (!check_text(walk, value, err))
        return false;
    if (!*name)
        return walk_fault(walk, err, "must not be empty") ||
               error_hint(err, "name a collection, or write \"*\"");
    return !str_starts(name, "directus_") || strchr(name, '*') || check_system_name(walk, name, err);
}

static const Key ignore_keys[] = {
    { "collection", check_collection_pattern }, { "key", check_text }, { "field", check_names }, { 0 }
};

bool check_ignore(Walk *walk, const Json *value, Error *err) {
    static const char example[] =
        "[{\"collection\": \"directus_permissions\", \"key\": \"Editors/posts/*\"}]";
    if (!json_is(value, JSON_ARRAY))
        return walk_fault(walk, err, "must be an array") || error_hint(err, "for example %s", example);
    for (uint32_t i = 0; i < value->count; i++) {
        const Json *rule = &value->as.items[i];
        size_t length = walk->pointer.length;
        buf_printf(&walk->pointer, "/%u", i);
        if (!json_is(rule, JSON_OBJECT))
            return walk_fault(walk, err, "must be an object") || error_hint(err, "for example %s", example);
        if (!check_keys(walk, rule, ignore_keys, err))
            return false;
        if (!json_get(rule, "collection"))
            return walk_fault(walk, err, "needs a \"collection\"") ||
                   error_hint(err, "for example %s", example);
        pointer_leave(walk, length);
    }
    return true;
}

bool check_outside(Walk *walk, const Json *value, Error *err) {
    if (str_equal(json_text(value), "keep") || str_equal(json_text(value), "null"))
        return true;
    walk_fault(walk, err, "must be \"keep\" or \"null\"");
    return error_hint(err, "what becomes of ids within values that lead to nothing in the state");
}
