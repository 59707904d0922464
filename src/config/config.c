#include "config/config.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "config/check.h"
#include "config/load.h"
#include "config/scope_build.h"

enum { LARGEST_CONFIG = 16 * 1024 * 1024 };

static void load_free(Load *load) {
    variables_free(&load->variables);
}
AUTO_DEFINE(Load, load_free);

/* ---- the file ---- */

static bool absolute_folder(const char *path, Arena *arena, const char **out, Error *err) {
    char *real = realpath(path, NULL);
    if (!real) {
        error_errno(err, "%s", path);
        err->kind = ERR_CONFIG;
        return error_hint(err, "-C takes a folder that exists");
    }
    *out = arena_strdup(arena, real);
    free(real);
    return true;
}

/* The parent of an absolute path, "/" for those at the top. */
static char *parent_of(Arena *arena, const char *path) {
    size_t length = (size_t)(strrchr(path, '/') - path);
    return arena_strndup(arena, path, length ? length : 1);
}

static const char *beneath(Arena *arena, const char *folder, const char *name) {
    if (name[0] == '/')
        return name;
    return arena_printf(arena, "%s%s%s", folder, str_ends(folder, "/") ? "" : "/", name);
}

/* --config, or the first schema-sync.json from the folder upwards. Sets file and root. */
static bool find_file(Load *load, Error *err) {
    Config *config = load->config;
    const char *folder = "/";
    if (!absolute_folder(load->request->directory ? load->request->directory : ".", &config->arena, &folder,
                         err))
        return false;
    config->root = folder;
    if (load->request->file) {
        const char *path = beneath(&config->arena, folder, load->request->file);
        char *real = realpath(path, NULL);
        if (!real) {
            error_errno(err, "%s", path);
            err->kind = ERR_CONFIG;
            return error_hint(err, "--config takes a file that exists; `schema-sync init` writes one");
        }
        config->file = arena_strdup(&config->arena, real);
        free(real);
        config->root = parent_of(&config->arena, config->file);
        return true;
    }
    while (true) {
        const char *path = beneath(&config->arena, folder, CONFIG_NAME);
        if (access(path, F_OK) == 0) {
            config->file = path;
            config->root = folder;
            return true;
        }
        if (strcmp(folder, "/") == 0 ||
            (load->request->within_repository && access(beneath(&config->arena, folder, ".git"), F_OK) == 0))
            return true;
        folder = parent_of(&config->arena, folder);
    }
}

static bool parse_json(Load *load, const char *path, const char *text, size_t length, Json *json,
                       Error *err) {
    if (!json_parse(&load->config->arena, text, length, JSON_STATE | JSON_COMMENTS, json, err)) {
        err->kind = ERR_CONFIG;
        return error_context(err, "%s", path);
    }
    return config_check(path, json, err);
}

static bool read_json(Load *load, const char *path, Json *json, Error *err) {
    AUTO(Buf) text = { 0 };
    bool found = false;
    if (!file_read(path, LARGEST_CONFIG, &text, &found, err)) {
        err->kind = ERR_CONFIG;
        return false;
    }
    if (!found)
        return error_set(err, ERR_CONFIG, "%s: there is no such file", path) ||
               error_hint(err, "check the path: it starts in the folder of %s", CONFIG_NAME);
    return parse_json(load, path, buf_text(&text), text.length, json, err);
}

/* Objects by key, all else replaced. */
static Json merged(Arena *arena, const Json *base, const Json *over) {
    if (!json_is(base, JSON_OBJECT) || !json_is(over, JSON_OBJECT))
        return *over;
    JsonObjectBuilder object = json_object_builder(arena);
    json_object_put_all(&object, base);
    for (uint32_t i = 0; i < over->count; i++) {
        const JsonMember *member = &over->as.members[i];
        const Json *old = json_get(base, member->key);
        json_object_put(&object, member->key, old ? merged(arena, old, &member->value) : member->value);
    }
    return json_object_done(&object);
}

static bool refuse_script(const char *path, Error *err) {
    static const char *const endings[] = { ".js", ".mjs", ".cjs", ".ts" };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (!str_ends(path, endings[i]))
            continue;
        error_set(err, ERR_CONFIG, "SCHEMA_SYNC_CONFIG: %s is a program, not JSON", path);
        return error_hint(
            err,
            "write its syncCustomCollections as JSON: {\"collections\": {\"posts\": {\"key\": [\"slug\"], "
            "\"exclude\": [\"views\"], \"filter\": {…}, \"groupBy\": [\"lang\"]}}} (getKey becomes key, "
            "excludeFields exclude, query.filter filter), and name that file");
    }
    return true;
}

static bool read_files(Load *load, Error *err) {
    Config *config = load->config;
    JsonObjectBuilder empty = json_object_builder(&config->arena);
    load->json = json_object_done(&empty);
    const char *committed = load->request->committed;
    if (config->file && !read_json(load, config->file, &load->json, err))
        return false;
    if (!config->file && committed &&
        !parse_json(load, "the commit's " CONFIG_NAME, committed, strlen(committed), &load->json, err))
        return false;
    Setting extra = variables_get(&load->variables, "SCHEMA_SYNC_CONFIG", &config->arena);
    if (!extra.text)
        return true;
    if (!refuse_script(extra.text, err))
        return false;
    Json over = json_null();
    if (!read_json(load, beneath(&config->arena, config->root, extra.text), &over, err))
        return error_context(err, "SCHEMA_SYNC_CONFIG");
    load->json = merged(&config->arena, &load->json, &over);
    return true;
}

/* ---- what ---- */

static bool resolve_times(Load *load, Error *err) {
    Config *config = load->config;
    const struct {
        const char *name;
        double *seconds, otherwise;
        bool zero; /* allowed */
    } times[] = { { "SCHEMA_SYNC_LEASE", &config->lease_seconds, 60, false },
                  { "SCHEMA_SYNC_TIMEOUT", &config->timeout_seconds, 600, false },
                  { "SCHEMA_SYNC_RETRY", &config->retry_seconds, 60, true },
                  { "SCHEMA_SYNC_PROBE", &config->probe_seconds, 1, false } };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        Setting setting = variables_get(&load->variables, times[i].name, &config->arena);
        *times[i].seconds = times[i].otherwise;
        if (!setting.text)
            continue;
        if (!config_seconds(setting.text, times[i].seconds) || (*times[i].seconds <= 0 && !times[i].zero)) {
            error_set(err, ERR_CONFIG, "%s: \"%s\" is no length of time", setting.place, setting.text);
            return error_hint(err, "write seconds, or 90s, 2m, 1h");
        }
    }
    return true;
}

/* Overrides and what is ignored, of the chosen environment. */
static bool resolve_ownership(Load *load, const char *file, Error *err) {
    Config *config = load->config;
    Scope *scope = &config->scope;
    const Json *overrides = json_get(load->own, "overrides");
    const Json *lists[] = { json_get(&load->json, "ignore"), json_get(load->own, "ignore") };
    JsonArrayBuilder ignore = json_array_builder(&config->arena);
    for (size_t list = 0; list < 2; list++)
        for (uint32_t i = 0; lists[list] && i < lists[list]->count; i++)
            json_array_add(&ignore, lists[list]->as.items[i]);
    if (ignore.count)
        scope->ignore = json_array_done(&ignore);
    if (overrides && overrides->count)
        scope->overrides = *overrides;
    const char *outside = json_get_text(load->own, "outside");
    scope->null_outside = str_equal(outside ? outside : json_get_text(&load->json, "outside"), "null");
    scope->overrides_place =
        arena_printf(&config->arena, "%s: /environments/%s/overrides", file, config->environment);
    return scope_check_overrides(scope, config->data_only, err);
}

/* Where the file chooses each collection; where both do, the environment's words only add to the others. */
static void place_rules(const Load *load, const char *file) {
    Config *config = load->config;
    const Json *everywhere = json_get(&load->json, "collections");
    DataRule *rules = arena_array(&config->arena, config->scope.data_count + 1, sizeof *rules);
    for (size_t i = 0; i < config->scope.data_count; i++) {
        rules[i] = config->scope.data[i];
        const char *step = json_pointer_step(&config->arena, rules[i].collection);
        const Json *chosen = json_get(everywhere, rules[i].collection);
        rules[i].place = chosen && !json_is(chosen, JSON_FALSE)
                             ? arena_printf(&config->arena, "%s: /collections/%s", file, step)
                             : arena_printf(&config->arena, "%s: /environments/%s/collections/%s", file,
                                            config->environment, step);
    }
    config->scope.data = rules;
}

static bool resolve_scope(Load *load, Error *err) {
    Config *config = load->config;
    ScopeFlags flags = { 0 };
    bool split = true;
    if (!variables_flag(&load->variables, "SCHEMA_SYNC_MERGE", false, &flags.merge, err) ||
        !variables_flag(&load->variables, "SCHEMA_SYNC_SAFE", false, &flags.safe, err) ||
        !variables_flag(&load->variables, "SCHEMA_SYNC_DATA_ONLY", false, &flags.data_only, err) ||
        !variables_flag(&load->variables, "SCHEMA_SYNC_SPLIT", true, &split, err))
        return false;
    if (!split)
        log_say(LOG_NOTE, "SCHEMA_SYNC_SPLIT=false has no effect: the schema is always a file a collection");
    config->data_only = flags.data_only;
    const Json *own_collections = json_get(load->own, "collections");
    Json collections = json_null();
    const Json *base = json_get(&load->json, "collections");
    if (base)
        collections = own_collections ? merged(&config->arena, base, own_collections) : *base;
    else if (own_collections)
        collections = *own_collections;
    Json whole = json_with(&config->arena, &load->json, "collections", collections);
    if (json_is_null(&collections))
        whole = load->json;
    if (json_get_text(load->own, "mode"))
        whole = json_with(&config->arena, &whole, "mode", *json_get(load->own, "mode"));
    const char *label = config->file ? config->file : "SCHEMA_SYNC_CONFIG";
    /* Files that are right one by one may contradict each other when merged. */
    if (!config_check(label, &whole, err) ||
        !scope_build(label, &whole, &flags, &config->arena, &config->scope, err))
        return false;
    place_rules(load, label);
    return resolve_ownership(load, label, err);
}

static void resolve_folder(Load *load) {
    Config *config = load->config;
    const char *dir = json_get_text(&load->json, "dir");
    size_t length = dir ? strlen(dir) : 0;
    while (length > 0 && dir[length - 1] == '/')
        length--;
    config->state_dir = dir ? arena_strndup(&config->arena, dir, length) : "schema";
}

static void resolve_backup(Load *load) {
    enum { KEPT = 10 };
    Config *config = load->config;
    const Json *backup = json_get(load->own, "backup");
    const Json *keep = json_get(backup, "keep");
    const char *dir = json_text(backup) ? json_text(backup) : json_get_text(backup, "dir");
    config->backup = backup && !json_is(backup, JSON_FALSE);
    config->backup_dir = dir ? dir : "schema-sync-backups";
    config->backup_keep = keep ? (size_t)keep->as.number : KEPT;
}

bool config_load(const ConfigRequest *request, Config *config, Error *err) {
    AUTO(Load) load = { .request = request, .config = config };
    config->marker = MARKER_SQL;
    if (!find_file(&load, err) || !variables_load(&load.variables, request->environ, config->root, err) ||
        !read_files(&load, err) || !load_environment(&load, err))
        return false;
    resolve_folder(&load);
    Setting record = variables_get(&load.variables, "SCHEMA_SYNC_RECORD", &config->arena);
    config->record_path = record.text ? arena_strdup(&config->arena, record.text) : NULL;
    config->protected_environment = json_get_bool(load.own, "protected", false);
    config->allow_delete = json_get_bool(load.own, "allowDelete", false);
    resolve_backup(&load);
    config->auto_import =
        !config->protected_environment &&
        json_get_bool(load.own, "autoImport", json_get_bool(&load.json, "autoImport", false));
    if (!load_target(&load, err) || !resolve_times(&load, err) || !resolve_scope(&load, err))
        return false;
    config->variables = load.variables;
    load.variables = (Variables){ 0 };
    return true;
}

/* ---- small ones ---- */

bool config_seconds(const char *text, double *seconds) {
    if (!isdigit((unsigned char)*text))
        return false;
    char *end;
    double value = strtod(text, &end);
    double unit = *end == 'm' ? 60 : *end == 'h' ? 3600 : 1;
    if (*end == 's' || *end == 'm' || *end == 'h')
        end++;
    bool plain_number = strspn(text, "0123456789.") + 1 >= (size_t)(end - text);
    if (*end || !plain_number || !isfinite(value))
        return false;
    *seconds = value * unit;
    return true;
}

void config_force_mode(Config *config, Mode mode) {
    scope_force_mode(&config->scope, mode, &config->arena);
}

void config_free(Config *config) {
    secret_free(&config->token);
    secret_free(&config->email);
    secret_free(&config->password);
    secret_free(&config->database);
    variables_free(&config->variables);
    arena_free(&config->arena);
    *config = (Config){ 0 };
}
