#include "config/check.h"

#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "config/check_walk.h"
#include "model/catalog.h"
#include "model/place.h"
#include "model/scope.h"

enum { MOST_KEYS = 16 };

void pointer_enter(Walk *walk, const char *key) {
    buf_putc(&walk->pointer, '/');
    for (; *key; key++) {
        if (*key == '~')
            buf_puts(&walk->pointer, "~0");
        else if (*key == '/')
            buf_puts(&walk->pointer, "~1");
        else
            buf_putc(&walk->pointer, *key);
    }
}

void pointer_leave(Walk *walk, size_t length) {
    walk->pointer.length = length;
    walk->pointer.data[length] = '\0';
}

bool walk_fault(const Walk *walk, Error *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    AUTO(Arena) arena = { 0 };
    const char *what = arena_vprintf(&arena, format, args);
    va_end(args);
    const char *pointer = buf_text(&walk->pointer);
    return error_set(err, ERR_CONFIG, "%s: %s%s%s", walk->file, pointer, *pointer ? ": " : "", what);
}

/* "schema-sync.json: /dir", for the checks that environment variables share. */
static const char *place_of(const Walk *walk, Arena *arena) {
    return arena_printf(arena, "%s: %s", walk->file, buf_text(&walk->pointer));
}

/* ---- keys ---- */

/* Keys that belong to the format but to no feature of this version: silence about them would be a lie. */
static const char *const unsupported[] = { "notify", "cacheUrls" };
/* What people put into such files, and where it belongs. */
static const struct {
    const char *key, *variable;
} secrets[] = {
    { "token", "DIRECTUS_TOKEN" },         { "password", "DIRECTUS_PASSWORD" },
    { "email", "DIRECTUS_EMAIL" },         { "adminToken", "DIRECTUS_TOKEN" },
    { "accessToken", "DIRECTUS_TOKEN" },   { "secret", "DIRECTUS_TOKEN" },
    { "directusToken", "DIRECTUS_TOKEN" },
};

static void list_names(Buf *out, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s\"%s\"", i ? ", " : "", names[i]);
}

static bool unknown_key(const Walk *walk, const char *key, const char *const *names, size_t count,
                        Error *err) {
    for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++) {
        if (strcmp(unsupported[i], key) == 0) {
            walk_fault(walk, err, "\"%s\" is not supported by this version", key);
            return error_hint(err, "remove it; nothing of it would be done");
        }
    }
    if (strcmp(key, "overrides") == 0) {
        walk_fault(walk, err, "\"overrides\" belong to an environment");
        return error_hint(err, "move them to \"environments\", into the one that differs; what is the same "
                               "everywhere is changed in the files");
    }
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        if (strcmp(secrets[i].key, key) == 0) {
            walk_fault(walk, err, "\"%s\" does not belong into a file that is committed", key);
            return error_hint(err, "set %s in the environment or in .env (a named environment's as NAME_%s)",
                              secrets[i].variable, secrets[i].variable);
        }
    }
    walk_fault(walk, err, "unknown key \"%s\"", key);
    const char *meant = nearest_name(key, names, count);
    if (meant)
        return error_hint(err, "did you mean \"%s\"?", meant);
    AUTO(Buf) known = { 0 };
    list_names(&known, names, count);
    return error_hint(err, "known keys here: %s", buf_text(&known));
}

bool check_keys(Walk *walk, const Json *object, const Key *keys, Error *err) {
    const char *names[MOST_KEYS];
    size_t count = 0;
    for (; keys[count].name; count++)
        names[count] = keys[count].name;
    for (uint32_t i = 0; i < object->count; i++) {
        const JsonMember *member = &object->as.members[i];
        size_t known = 0;
        while (known < count && strcmp(names[known], member->key) != 0)
            known++;
        size_t length = walk->pointer.length;
        pointer_enter(walk, member->key);
        if (known == count)
            return unknown_key(walk, member->key, names, count, err);
        if (!keys[known].check(walk, &member->value, err))
            return false;
        pointer_leave(walk, length);
    }
    return true;
}

/* ---- values ---- */

bool check_text(Walk *walk, const Json *value, Error *err) {
    return json_is(value, JSON_STRING) || walk_fault(walk, err, "must be a string") ||
           error_hint(err, "put it into double quotes");
}

static bool check_bool(Walk *walk, const Json *value, Error *err) {
    return json_is(value, JSON_TRUE) || json_is(value, JSON_FALSE) ||
           walk_fault(walk, err, "must be true or false") || error_hint(err, "write it without quotes");
}

static bool check_folder(Walk *walk, const Json *value, Error *err) {
    return (json_text(value) && *json_text(value)) || walk_fault(walk, err, "must be a folder") ||
           error_hint(err,
                      "for example \"/var/backups/directus\"; a relative one begins beside the config file");
}

static bool check_kept(Walk *walk, const Json *value, Error *err) {
    double count = json_is(value, JSON_NUMBER) ? value->as.number : 0;
    return (count >= 1 && count <= 1000 && count == (double)(int)count) ||
           walk_fault(walk, err, "must be how many backups are kept, from 1 to 1000") ||
           error_hint(err, "10 are kept where nothing is said");
}

static bool check_backup(Walk *walk, const Json *value, Error *err) {
    static const Key keys[] = { { "dir", check_folder }, { "keep", check_kept }, { 0 } };
    if (json_is(value, JSON_TRUE) || json_is(value, JSON_FALSE))
        return true;
    if (json_is(value, JSON_OBJECT))
        return check_keys(walk, value, keys, err);
    if (json_text(value))
        return check_folder(walk, value, err);
    walk_fault(walk, err, "must be true, false, a folder or an object");
    return error_hint(err, "for example \"/var/backups/directus\" or {\"dir\": \"backups\", \"keep\": 5}");
}

static bool check_mode(Walk *walk, const Json *value, Error *err) {
    Mode mode;
    const char *text = json_text(value);
    if (text && mode_parse(text, &mode))
        return true;
    walk_fault(walk, err, "must be \"add\", \"merge\" or \"mirror\"");
    return error_hint(
        err,
        "add creates what is missing, merge also updates, mirror also deletes what the files do not have");
}

static bool check_dir(Walk *walk, const Json *value, Error *err) {
    AUTO(Arena) arena = { 0 };
    return check_text(walk, value, err) && config_check_dir(place_of(walk, &arena), json_text(value), err);
}

static bool check_url(Walk *walk, const Json *value, Error *err) {
    AUTO(Arena) arena = { 0 };
    return check_text(walk, value, err) && config_check_url(place_of(walk, &arena), json_text(value), err);
}

static bool check_database(Walk *walk, const Json *value, Error *err) {
    AUTO(Arena) arena = { 0 };
    return check_text(walk, value, err) &&
           config_check_database(place_of(walk, &arena), json_text(value), false, err);
}

static bool check_filter(Walk *walk, const Json *value, Error *err) {
    if (json_is(value, JSON_OBJECT))
        return true;
    walk_fault(walk, err, "must be an object");
    return error_hint(err, "a Directus filter, for example {\"status\": {\"_eq\": \"published\"}}");
}

/* A field name, or an array of them. */
bool check_names(Walk *walk, const Json *value, Error *err) {
    static const char example[] = "for example \"slug\" or [\"language\", \"name\"]";
    if (json_text(value) && *json_text(value))
        return true;
    if (!json_is(value, JSON_ARRAY))
        return walk_fault(walk, err, "must be a field name or an array of field names") ||
               error_hint(err, example);
    for (uint32_t i = 0; i < value->count; i++) {
        const char *name = json_text(&value->as.items[i]);
        if (!name || !*name)
            return walk_fault(walk, err, "item %u is no field name", i) || error_hint(err, example);
        for (uint32_t j = 0; j < i; j++)
            if (str_equal(name, json_text(&value->as.items[j])))
                return walk_fault(walk, err, "\"%s\" stands there twice", name) ||
                       error_hint(err, "name it once");
    }
    return true;
}

static bool check_path(Walk *walk, const Json *value, bool exact, Error *err) {
    const char *path = json_text(value), *wrong = path ? place_fault(path, exact) : NULL;
    if (path && !wrong)
        return true;
    if (!path)
        walk_fault(walk, err, "must be a path, or an array of paths");
    else
        walk_fault(walk, err, "\"%s\": %s", path, wrong);
    return error_hint(err, exact ? "a record and a path in it, as the export that was refused printed them"
                                 : "for example \"options/headers/*/value\", or with a record in front "
                                   "\"<id>:options/url\"");
}

static bool check_paths(Walk *walk, const Json *value, bool exact, Error *err) {
    if (!json_is(value, JSON_ARRAY))
        return check_path(walk, value, exact, err);
    for (uint32_t i = 0; i < value->count; i++)
        if (!check_path(walk, &value->as.items[i], exact, err))
            return false;
    return true;
}

static bool names_hold(const Json *names, const char *name) {
    if (str_equal(json_text(names), name))
        return true;
    for (uint32_t i = 0; json_is(names, JSON_ARRAY) && i < names->count; i++)
        if (str_equal(json_text(&names->as.items[i]), name))
            return true;
    return false;
}

/* ---- collections ---- */

/* A path of place.h, or an array of them. */
static bool check_places(Walk *walk, const Json *value, Error *err) {
    return check_paths(walk, value, false, err);
}

static bool check_exact_places(Walk *walk, const Json *value, Error *err) {
    return check_paths(walk, value, true, err);
}

static const Key section_keys[] = {
    { "mode", check_mode }, { "secrets", check_places }, { "harmless", check_exact_places }, { 0 }
};
static const Key data_keys[] = { { "key", check_names },
                                 { "exclude", check_names },
                                 { "filter", check_filter },
                                 { "groupBy", check_names },
                                 { "mode", check_mode },
                                 { "secrets", check_places },
                                 { "harmless", check_exact_places },
                                 { 0 } };

bool check_system_name(const Walk *walk, const char *name, Error *err) {
    TypeId type = catalog_find(name);
    if (type < TYPE_COUNT)
        return true;
    if (type == TYPE_USERS || type == TYPE_FILES) {
        walk_fault(walk, err, "%s are not carried", name + strlen("directus_"));
        return error_hint(err, type == TYPE_USERS
                                   ? "users belong to their instance; references to them become null"
                                   : "this version carries no files; remove the entry");
    }
    const char *names[TYPE_COUNT];
    for (TypeId known = 0; known < TYPE_COUNT; known++)
        names[known] = catalog_row(known)->collection;
    const char *meant = nearest_name(name, names, TYPE_COUNT);
    walk_fault(walk, err, "\"%s\" is no system collection that can be carried", name);
    return meant ? error_hint(err, "did you mean \"%s\"?", meant)
                 : error_hint(err, "names that begin with directus_ are Directus's own");
}

/* Only settings are one record, which needs no name. */
static bool check_harmless(Walk *walk, const char *collection, const Json *paths, Error *err) {
    TypeId type = catalog_find(collection);
    if (!paths || (type < TYPE_COUNT && catalog_row(type)->singleton))
        return true;
    const Json *items = json_is(paths, JSON_ARRAY) ? paths->as.items : paths;
    for (uint32_t i = 0; i < (json_is(paths, JSON_ARRAY) ? paths->count : 1); i++) {
        if (strchr(json_text(&items[i]), ':'))
            continue;
        pointer_enter(walk, "harmless");
        walk_fault(walk, err, "\"%s\" names no record", json_text(&items[i]));
        return error_hint(err, "put the record's key and a colon in front, for example \"1:%s\"",
                          json_text(&items[i]));
    }
    return true;
}

static bool check_collection(Walk *walk, const char *name, const Json *value, Error *err) {
    bool system = str_starts(name, "directus_");
    if (!*name)
        return walk_fault(walk, err, "a collection's name cannot be empty") ||
               error_hint(err, "name the collection, or remove the entry");
    if (system && !check_system_name(walk, name, err))
        return false;
    if (json_is(value, JSON_TRUE) || json_is(value, JSON_FALSE))
        return true;
    if (!json_is(value, JSON_OBJECT))
        return walk_fault(walk, err, "must be true, false or an object") ||
               error_hint(err, "write true, or for example %s",
                          system ? "{\"mode\": \"mirror\"}" : "{\"key\": \"slug\"}");
    if (!check_keys(walk, value, system ? section_keys : data_keys, err))
        return false;
    if (!check_harmless(walk, name, json_get(value, "harmless"), err))
        return false;
    const Json *exclude = json_get(value, "exclude");
    static const char *const needed[] = { "key", "groupBy" };
    for (size_t i = 0; exclude && i < sizeof needed / sizeof *needed; i++) {
        const Json *names = json_get(value, needed[i]);
        const Json one = names ? *names : json_null();
        const Json *items = json_is(&one, JSON_ARRAY) ? one.as.items : &one;
        for (uint32_t j = 0; j < (json_is(&one, JSON_ARRAY) ? one.count : 1); j++)
            if (json_text(&items[j]) && names_hold(exclude, json_text(&items[j])))
                return walk_fault(walk, err, "\"%s\" stands in \"%s\" and in \"exclude\"",
                                  json_text(&items[j]), needed[i]) ||
                       error_hint(err, "take it out of one of the two");
    }
    return true;
}

static bool check_collections(Walk *walk, const Json *value, Error *err) {
    if (!json_is(value, JSON_OBJECT)) {
        walk_fault(walk, err, "must be an object");
        return error_hint(err, "for example {\"posts\": true, \"pages\": {\"key\": \"slug\"}}");
    }
    for (uint32_t i = 0; i < value->count; i++) {
        size_t length = walk->pointer.length;
        pointer_enter(walk, value->as.members[i].key);
        if (!check_collection(walk, value->as.members[i].key, &value->as.members[i].value, err))
            return false;
        pointer_leave(walk, length);
    }
    return true;
}

/* ---- environments ---- */

static const Key environment_keys[] = {
    { "url", check_url },
    { "database", check_database },
    { "protected", check_bool },
    { "allowDelete", check_bool },
    { "autoImport", check_bool },
    { "backup", check_backup },
    { "collections", check_collections },
    { "mode", check_mode },
    { "overrides", check_overrides },
    { "ignore", check_ignore },
    { "outside", check_outside },
    { 0 },
};

static bool check_environments(Walk *walk, const Json *value, Error *err) {
    if (!json_is(value, JSON_OBJECT)) {
        walk_fault(walk, err, "must be an object");
        return error_hint(err, "for example {\"prod\": {\"url\": \"https://cms.example.com\"}}");
    }
    for (uint32_t i = 0; i < value->count; i++) {
        const JsonMember *member = &value->as.members[i];
        AUTO(Arena) arena = { 0 };
        size_t length = walk->pointer.length;
        pointer_enter(walk, member->key);
        if (!config_check_environment(place_of(walk, &arena), member->key, err))
            return false;
        if (!json_is(&member->value, JSON_OBJECT))
            return walk_fault(walk, err, "must be an object") ||
                   error_hint(err, "for example {\"url\": \"https://cms.example.com\"}");
        if (!check_keys(walk, &member->value, environment_keys, err))
            return false;
        pointer_leave(walk, length);
    }
    return true;
}

/* ---- renames ---- */

static const Key rename_keys[] = {
    { "collection", check_text }, { "field", check_text }, { "to", check_text }, { 0 }
};

static bool check_rename(Walk *walk, const Json *list, uint32_t at, Error *err) {
    static const char example[] =
        "for example {\"collection\": \"posts\", \"field\": \"text\", \"to\": \"body\"}";
    const Json *value = &list->as.items[at];
    if (!json_is(value, JSON_OBJECT))
        return walk_fault(walk, err, "must be an object") || error_hint(err, example);
    if (!check_keys(walk, value, rename_keys, err))
        return false;
    const char *collection = json_get_text(value, "collection"), *to = json_get_text(value, "to");
    const char *field = json_get_text(value, "field");
    if (!collection || !*collection || !to || !*to || (field && !*field))
        return walk_fault(walk, err, "needs \"collection\" and \"to\"") || error_hint(err, example);
    if (!field && (str_starts(collection, "directus_") || str_starts(to, "directus_")))
        return walk_fault(walk, err, "collections of Directus's own keep their names") ||
               error_hint(err, "remove the entry");
    if (strcmp(field ? field : collection, to) == 0)
        return walk_fault(walk, err, "\"%s\" is the name it has", to) || error_hint(err, "remove the entry");
    for (uint32_t i = 0; i < at; i++)
        if (str_equal(json_get_text(&list->as.items[i], "collection"), collection) &&
            str_equal(json_get_text(&list->as.items[i], "field"), field))
            return walk_fault(walk, err, "the same is renamed by item %u", i) ||
                   error_hint(err, "remove one of the two");
    return true;
}

static bool check_renames(Walk *walk, const Json *value, Error *err) {
    if (!json_is(value, JSON_ARRAY)) {
        walk_fault(walk, err, "must be an array");
        return error_hint(err, "for example [{\"collection\": \"articles\", \"to\": \"posts\"}]");
    }
    for (uint32_t i = 0; i < value->count; i++) {
        size_t length = walk->pointer.length;
        buf_printf(&walk->pointer, "/%u", i);
        if (!check_rename(walk, value, i, err))
            return false;
        pointer_leave(walk, length);
    }
    return true;
}

static const Key top_keys[] = {
    { "$schema", check_text },
    { "dir", check_dir },
    { "mode", check_mode },
    { "autoImport", check_bool },
    { "collections", check_collections },
    { "environments", check_environments },
    { "ignore", check_ignore },
    { "outside", check_outside },
    { "renames", check_renames },
    { 0 },
};

bool config_check(const char *file, const Json *config, Error *err) {
    Walk walk = { .file = file };
    bool right = json_is(config, JSON_OBJECT) ? check_keys(&walk, config, top_keys, err)
                                              : walk_fault(&walk, err, "must be an object: { … }") ||
                                                    error_hint(err, "{} is the smallest one");
    buf_free(&walk.pointer);
    return right;
}
