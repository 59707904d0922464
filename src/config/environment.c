#include <ctype.h>
#include <string.h>

#include "base/nearest.h"
#include "config/check.h"
#include "config/load.h"

static const char *const named_variables[] = { "DIRECTUS_URL", "DIRECTUS_TOKEN", "DIRECTUS_EMAIL",
                                               "DIRECTUS_PASSWORD", "DATABASE_URL" };

static Setting named(const Load *load, const char *name) {
    char full[192];
    if (!*load->prefix)
        return (Setting){ 0 };
    size_t length = strlen(load->prefix);
    memcpy(full, load->prefix, length);
    memcpy(full + length, name, strlen(name) + 1);
    return variables_get(&load->variables, full, &load->config->arena);
}

static Setting from_file(const Load *load, const char *key) {
    Arena *arena = &load->config->arena;
    const char *text = json_get_text(load->own, key);
    if (!text)
        return (Setting){ 0 };
    return (Setting){ text, arena_printf(arena, "%s: /environments/%s/%s",
                                         load->config->file ? load->config->file : "SCHEMA_SYNC_CONFIG",
                                         load->config->environment, key) };
}

static Setting plain(const Load *load, const char *name) {
    return variables_get(&load->variables, name, &load->config->arena);
}

/* As a letter of the variables' names. */
static char variable_letter(char letter) {
    return letter == '-' ? '_' : (char)toupper((unsigned char)letter);
}

static bool has_variables(const Load *load) {
    bool known = false;
    for (size_t i = 0; !known && i < sizeof named_variables / sizeof *named_variables; i++)
        known = named(load, named_variables[i]).text != NULL;
    return known;
}

/* The environment of the file that has the variables of this name, "prod" for "PROD": without what the file
 * says of it nothing would be protected, overridden or ignored. */
static const char *twin_of(const Load *load, const char *name) {
    for (const char *const *twin = load->config->named; *twin; twin++) {
        size_t at = 0;
        while (name[at] && variable_letter(name[at]) == variable_letter((*twin)[at]))
            at++;
        if (!name[at] && !(*twin)[at])
            return *twin;
    }
    return NULL;
}

/* A mistyped name must not end up at the instance the plain variables mean. */
static bool unknown_environment(const Load *load, Error *err) {
    const char *name = load->config->environment, *twin = twin_of(load, name);
    size_t count = 0;
    while (load->config->named[count])
        count++;
    error_set(err, ERR_CONFIG, "environment \"%s\" is not known", name);
    const char *meant = twin ? twin : nearest_name(name, load->config->named, count);
    if (meant)
        return error_hint(err, "did you mean \"%s\"?", meant);
    return error_hint(err, "set %sDIRECTUS_URL, or add it under \"environments\" in %s", load->prefix,
                      CONFIG_NAME);
}

static void list_named(Load *load) {
    const Json *environments = json_get(&load->json, "environments");
    uint32_t count = environments ? environments->count : 0;
    const char **names = arena_array(&load->config->arena, count + 1, sizeof *names);
    for (uint32_t i = 0; i < count; i++)
        names[i] = environments->as.members[i].key;
    load->config->named = names;
}

bool load_environment(Load *load, Error *err) {
    Config *config = load->config;
    list_named(load);
    Setting chosen = { load->request->environment, "--env" };
    if (!chosen.text)
        chosen = plain(load, "SCHEMA_SYNC_ENV");
    config->environment = chosen.text ? arena_strdup(&config->arena, chosen.text) : "";
    if (!*config->environment)
        return true;
    if (!config_check_environment(chosen.place, config->environment, err))
        return false;
    size_t length = strlen(config->environment);
    if (length + 2 > sizeof load->prefix)
        return error_set(err, ERR_CONFIG, "%s: the name is longer than %zu letters", chosen.place,
                         sizeof load->prefix - 2);
    for (size_t i = 0; i < length; i++)
        load->prefix[i] = variable_letter(config->environment[i]);
    load->prefix[length] = '_';
    load->own = json_get(json_get(&load->json, "environments"), config->environment);
    bool known = load->own || (has_variables(load) && !twin_of(load, config->environment));
    return known || unknown_environment(load, err);
}

/* ---- where to ---- */

/* DB_CLIENT is the one variable no Directus starts without: where it stands, its neighbours are Directus's
 * too. */
static bool in_container(const Load *load) {
    return plain(load, "DB_CLIENT").text != NULL;
}

static bool resolve_url(Load *load, Error *err) {
    Config *config = load->config;
    Setting url = named(load, "DIRECTUS_URL");
    if (!url.text)
        url = from_file(load, "url");
    if (!url.text)
        url = plain(load, "DIRECTUS_URL");
    if (!url.text && in_container(load)) {
        Setting port = plain(load, "PORT");
        url.text = arena_printf(&config->arena, "http://127.0.0.1:%s", port.text ? port.text : "8055");
        url.place = port.text ? port.place : "PORT";
    }
    if (!url.text)
        return true;
    if (!config_check_url(url.place, url.text, err))
        return false;
    size_t length = strlen(url.text);
    while (url.text[length - 1] == '/')
        length--;
    config->url = arena_strndup(&config->arena, url.text, length);
    return true;
}

/* Credentials are taken from one source as a whole: a plain token must not be sent to an instance that has a
 * login of its own. */
static void resolve_credentials(Load *load) {
    Config *config = load->config;
    Setting token = named(load, "DIRECTUS_TOKEN");
    Setting email = named(load, "DIRECTUS_EMAIL");
    Setting password = named(load, "DIRECTUS_PASSWORD");
    if (!token.text && !email.text && !password.text) {
        token = plain(load, "DIRECTUS_TOKEN");
        email = plain(load, "DIRECTUS_EMAIL");
        password = plain(load, "DIRECTUS_PASSWORD");
    }
    if (!token.text && !email.text && !password.text && in_container(load))
        token = plain(load, "ADMIN_TOKEN");
    secret_set(&config->token, token.text);
    secret_set(&config->email, email.text);
    secret_set(&config->password, password.text);
    if (token.text)
        config->credentials = token.place;
    else if (email.text && password.text)
        config->credentials = arena_printf(&config->arena, "%s and %s", email.place, password.place);
}

/* libpq's keyword form: every value quoted, ' and \ escaped. */
static void put_keyword(Buf *out, const char *keyword, const char *value) {
    buf_printf(out, "%s%s='", out->length ? " " : "", keyword);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            buf_putc(out, '\\');
        buf_putc(out, *value);
    }
    buf_putc(out, '\'');
}

static void container_database(Load *load) {
    static const char *const keywords[][2] = { { "host", "DB_HOST" },
                                               { "port", "DB_PORT" },
                                               { "dbname", "DB_DATABASE" },
                                               { "user", "DB_USER" },
                                               { "password", "DB_PASSWORD" } };
    Setting client = plain(load, "DB_CLIENT");
    if (!client.text || (strcmp(client.text, "pg") != 0 && strcmp(client.text, "postgres") != 0))
        return;
    AUTO(Buf) text = { 0 };
    Setting whole = plain(load, "DB_CONNECTION_STRING");
    if (whole.text)
        buf_puts(&text, whole.text);
    for (size_t i = 0; !whole.text && i < sizeof keywords / sizeof *keywords; i++) {
        Setting value = plain(load, keywords[i][1]);
        if (value.text)
            put_keyword(&text, keywords[i][0], value.text);
    }
    secret_set(&load->config->database, buf_text(&text));
    if (text.data)
        mem_wipe(text.data, text.length);
}

static bool resolve_database(Load *load, Error *err) {
    Setting database = named(load, "DATABASE_URL");
    if (!database.text)
        database = from_file(load, "database");
    if (!database.text)
        database = plain(load, "DATABASE_URL");
    if (!database.text) {
        container_database(load);
        return true;
    }
    secret_set(&load->config->database, database.text);
    return config_check_database(database.place, database.text, true, err);
}

bool load_target(Load *load, Error *err) {
    resolve_credentials(load);
    return resolve_url(load, err) && resolve_database(load, err);
}

/* ---- needs ---- */

static const char *variable_name(const Config *config, char name[192], const char *variable) {
    size_t length = strlen(config->environment);
    size_t at = 0;
    for (; at < length && at < 120; at++)
        name[at] = variable_letter(config->environment[at]);
    if (at > 0)
        name[at++] = '_';
    memcpy(name + at, variable, strlen(variable) + 1);
    return name;
}

bool config_need_instance(const Config *config, Error *err) {
    char url[192], token[192], email[192], password[192];
    variable_name(config, url, "DIRECTUS_URL");
    variable_name(config, token, "DIRECTUS_TOKEN");
    variable_name(config, email, "DIRECTUS_EMAIL");
    variable_name(config, password, "DIRECTUS_PASSWORD");
    if (!config->url) {
        error_set(err, ERR_CONFIG, "no Directus instance is configured");
        if (*config->environment)
            return error_hint(err,
                              "set %s in the environment or in .env, or \"url\" under /environments/%s in %s",
                              url, config->environment, CONFIG_NAME);
        return error_hint(
            err, "set %s in the environment or in .env, or choose a named environment with --env", url);
    }
    bool login = secret_is_set(&config->email) && secret_is_set(&config->password);
    if (secret_is_set(&config->token) || login)
        return true;
    if (secret_is_set(&config->email) || secret_is_set(&config->password)) {
        error_set(err, ERR_CONFIG, "the login for %s is incomplete", config->url);
        return error_hint(err, "set both %s and %s, or %s", email, password, token);
    }
    error_set(err, ERR_CONFIG, "no credentials for %s are configured", config->url);
    return error_hint(
        err, "set %s to an administrator's static token, or %s and %s, in the environment or in .env", token,
        email, password);
}

bool config_need_database(const Config *config, Error *err) {
    if (secret_is_set(&config->database))
        return true;
    char name[192];
    variable_name(config, name, "DATABASE_URL");
    error_set(err, ERR_CONFIG, "no database is configured for the marker and the lock");
    return error_hint(
        err,
        "set %s (postgresql://user:password@host:5432/name) in the environment or in .env; an import goes "
        "on without both with --marker none",
        name);
}

/* ---- all there are ---- */

typedef struct {
    const Config *config;
    Arena *arena;
    const char **names;
    size_t count, capacity;
} Listing;

static void add_name(Listing *listing, const char *name) {
    for (size_t i = 0; i < listing->count; i++)
        if (strcmp(listing->names[i], name) == 0)
            return;
    ARENA_PUSH(listing->arena, listing->names, listing->count, listing->capacity, name);
}

static bool is_set(const Config *config, const char *prefix, const char *name) {
    AUTO(Arena) arena = { 0 };
    return variables_get(&config->variables, arena_printf(&arena, "%s%s", prefix, name), &arena).text != NULL;
}

/* A web project has an address of Directus under many names; with a database beside it, it is a target. */
static void take_variable(void *visitor, const char *name, const char *value) {
    static const char url[] = "_DIRECTUS_URL";
    Listing *listing = visitor;
    if (!*value || !str_ends(name, url))
        return;
    char *prefix = arena_strndup(listing->arena, name, strlen(name) - strlen(url) + 1);
    if (!is_set(listing->config, prefix, "DATABASE_URL"))
        return;
    for (char *at = prefix; *at; at++)
        *at = *at == '_' ? '-' : (char)tolower((unsigned char)*at);
    prefix[strlen(prefix) - 1] = '\0';
    for (size_t i = 0; i < listing->count; i++) { /* the file may write it with capitals or '_' */
        char spelt[192];
        const char *known = listing->names[i];
        size_t length = strlen(known);
        for (size_t at = 0; at <= length && at < sizeof spelt; at++)
            spelt[at] = known[at] == '_' ? '-' : (char)tolower((unsigned char)known[at]);
        if (length < sizeof spelt && strcmp(spelt, prefix) == 0)
            return;
    }
    Error ignored = { 0 };
    if (config_check_environment(name, prefix, &ignored))
        add_name(listing, prefix);
}

const char *const *config_environments(const Config *config, Arena *arena) {
    Listing listing = { .config = config, .arena = arena };
    for (const char *const *name = config->named; name && *name; name++)
        add_name(&listing, *name);
    variables_each(&config->variables, take_variable, &listing);
    ARENA_PUSH(arena, listing.names, listing.count, listing.capacity, NULL);
    return listing.names;
}
