#include "unit/unit.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "config/config.h"

/* Every test has a folder of its own with a project in it; `place` makes paths there. */
typedef struct {
    char root[64];
    char path[256];
} Project;

static const char *place(Project *project, const char *name) {
    snprintf(project->path, sizeof project->path, "%s%s%s", project->root, *name ? "/" : "", name);
    return project->path;
}

static void put(Project *project, const char *name, const char *text) {
    FILE *file = fopen(place(project, name), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state) {
    Project *project = calloc(1, sizeof *project);
    if (!project)
        return -1;
    snprintf(project->root, sizeof project->root, "/tmp/schema-sync-config-XXXXXX");
    if (!mkdtemp(project->root))
        return -1;
    *state = project;
    return 0;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk) {
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int tear_down(void **state) {
    Project *project = *state;
    int failed = nftw(project->root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(project);
    return failed;
}

static const char *const no_variables[] = { NULL };

typedef const char *const *Environ;

static bool load_at(Project *project, const char *folder, const char *file, const char *environment,
                    Environ variables, Config *config, Error *err) {
    char directory[256];
    snprintf(directory, sizeof directory, "%s", place(project, folder));
    /* The request takes what main has: pointers to strings that nobody writes to. */
    char *environ_copy[16] = { NULL };
    size_t count = 0;
    for (; variables[count]; count++) {
        assert_in_range(count, 0, 14);
        environ_copy[count] = strdup(variables[count]);
    }
    ConfigRequest request = {
        .directory = directory, .file = file, .environment = environment, .environ = environ_copy
    };
    config_free(config);
    bool loaded = config_load(&request, config, err);
    for (size_t i = 0; i < count; i++)
        free(environ_copy[i]);
    return loaded;
}

static bool load(Project *project, const char *environment, Environ variables, Config *config, Error *err) {
    return load_at(project, "", NULL, environment, variables, config, err);
}

#define VARIABLES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void defaults_rule_without_a_file(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    assert_ok(load(project, NULL, no_variables, &config, &err));
    assert_string_equal(config.root, project->root);
    assert_null(config.file);
    assert_string_equal(config.state_dir, "schema");
    assert_string_equal(config.environment, "");
    assert_null(config.url);
    assert_false(secret_is_set(&config.token));
    assert_false(secret_is_set(&config.database));
    assert_int_equal(config.marker, MARKER_SQL);
    assert_false(config.protected_environment || config.allow_delete || config.data_only);
    assert_true(config.lease_seconds == 60 && config.timeout_seconds == 600 && config.retry_seconds == 60 &&
                config.probe_seconds == 1);
    assert_null(config.record_path);
    assert_int_equal(config.scope.mode, MODE_MERGE);
    assert_int_equal(config.scope.data_count, 0);
    for (SectionId section = 0; section < SECTION_COUNT; section++) {
        assert_true(config.scope.sections[section]);
        assert_int_equal(config.scope.section_modes[section], MODE_MERGE);
    }
}

static void finds_the_file_upwards(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    put(project, "schema-sync.json", "{\"dir\": \"state/\"}");
    put(project, "other.json", "{\"dir\": \"other\"}");
    assert_int_equal(mkdir(place(project, "a"), 0777) | mkdir(place(project, "a/b"), 0777), 0);
    assert_ok(load_at(project, "a/b", NULL, NULL, no_variables, &config, &err));
    assert_string_equal(config.root, project->root);
    assert_string_equal(config.file, place(project, "schema-sync.json"));
    assert_string_equal(config.state_dir, "state");
    assert_ok(load_at(project, "a/b", "../../other.json", NULL, no_variables, &config, &err));
    assert_string_equal(config.root, project->root);
    assert_string_equal(config.state_dir, "other");
    assert_fault(load_at(project, "a", "none.json", NULL, no_variables, &config, &err), ERR_CONFIG,
                 "none.json");
    assert_fault(load_at(project, "c", NULL, NULL, no_variables, &config, &err), ERR_CONFIG, "/c");
}

/* Each line: where the URL stands, from the lowest place to the highest; every step must win over all before
 * it. */
static void the_url_of_the_default_environment(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    put(project, "schema-sync.json", "{\"environments\": {\"prod\": {\"url\": \"http://file\"}}}");
    assert_ok(load(project, NULL, VARIABLES("PROD_DIRECTUS_URL=http://named"), &config, &err));
    assert_null(config.url);
    assert_ok(load(project, NULL, VARIABLES("DB_CLIENT=pg", "PORT=81"), &config, &err));
    assert_string_equal(config.url, "http://127.0.0.1:81");
    assert_ok(load(project, NULL, VARIABLES("DB_CLIENT=sqlite3"), &config, &err));
    assert_string_equal(config.url, "http://127.0.0.1:8055");
    assert_ok(load(project, NULL, VARIABLES("PORT=81"), &config, &err));
    assert_null(config.url);
    put(project, ".env.directus", "DIRECTUS_URL=http://env-directus\n");
    assert_ok(load(project, NULL, VARIABLES("DB_CLIENT=pg", "PORT=81"), &config, &err));
    assert_string_equal(config.url, "http://env-directus");
    put(project, ".env", "DIRECTUS_URL=\"http://env//\"\n");
    assert_ok(load(project, NULL, no_variables, &config, &err));
    assert_string_equal(config.url, "http://env");
    assert_ok(load(project, NULL, VARIABLES("DIRECTUS_URL="), &config, &err)); /* empty is not set */
    assert_string_equal(config.url, "http://env");
    assert_ok(load(project, NULL, VARIABLES("DIRECTUS_URL=http://process/"), &config, &err));
    assert_string_equal(config.url, "http://process");
}

static void the_url_of_a_named_environment(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    Environ low = VARIABLES("DB_CLIENT=pg", "PORT=81");
    Environ plain = VARIABLES("DB_CLIENT=pg", "PORT=81", "DIRECTUS_URL=http://plain");
    Environ named = VARIABLES("DIRECTUS_URL=http://plain", "PROD_EU_DIRECTUS_URL=http://named");
    put(project, "schema-sync.json", "{\"environments\": {\"prod-eu\": {}}}");
    assert_ok(load(project, "prod-eu", low, &config, &err));
    assert_string_equal(config.url, "http://127.0.0.1:81");
    assert_ok(load(project, "prod-eu", plain, &config, &err));
    assert_string_equal(config.url, "http://plain");
    put(project, "schema-sync.json", "{\"environments\": {\"prod-eu\": {\"url\": \"http://file\"}}}");
    assert_ok(load(project, "prod-eu", plain, &config, &err));
    assert_string_equal(config.url, "http://file");
    assert_string_equal(config.environment, "prod-eu");
    put(project, ".env.directus", "PROD_EU_DIRECTUS_URL=http://named-env-directus");
    assert_ok(load(project, "prod-eu", plain, &config, &err));
    assert_string_equal(config.url, "http://named-env-directus");
    put(project, ".env", "PROD_EU_DIRECTUS_URL=http://named-env");
    assert_ok(load(project, "prod-eu", plain, &config, &err));
    assert_string_equal(config.url, "http://named-env");
    assert_ok(load(project, "prod-eu", named, &config, &err));
    assert_string_equal(config.url, "http://named");
    assert_ok(load(project, NULL, VARIABLES("SCHEMA_SYNC_ENV=prod-eu"), &config, &err));
    assert_string_equal(config.environment, "prod-eu");
    assert_ok(load(project, "prod-eu", VARIABLES("SCHEMA_SYNC_ENV=none"), &config, &err));
    assert_string_equal(config.environment, "prod-eu");
}

static void credentials_come_from_one_source(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    assert_ok(load(project, NULL, VARIABLES("DB_CLIENT=pg", "ADMIN_TOKEN=admin"), &config, &err));
    assert_string_equal(secret_reveal(&config.token), "admin");
    assert_ok(load(project, NULL, VARIABLES("ADMIN_TOKEN=admin"), &config, &err));
    assert_false(secret_is_set(&config.token));
    assert_ok(load(project, NULL, VARIABLES("DB_CLIENT=pg", "ADMIN_TOKEN=admin", "DIRECTUS_TOKEN=plain"),
                   &config, &err));
    assert_string_equal(secret_reveal(&config.token), "plain");
    assert_ok(load(project, NULL,
                   VARIABLES("DB_CLIENT=pg", "ADMIN_TOKEN=admin", "DIRECTUS_EMAIL=e", "DIRECTUS_PASSWORD=p"),
                   &config, &err));
    assert_false(secret_is_set(&config.token));
    assert_string_equal(secret_reveal(&config.email), "e");
    assert_string_equal(secret_reveal(&config.password), "p");
    /* The login of the named environment is not mixed with the plain token. */
    assert_ok(load(project, "x",
                   VARIABLES("DIRECTUS_TOKEN=plain", "X_DIRECTUS_EMAIL=e", "X_DIRECTUS_PASSWORD=p"), &config,
                   &err));
    assert_false(secret_is_set(&config.token));
    assert_string_equal(secret_reveal(&config.email), "e");
    assert_ok(
        load(project, "x", VARIABLES("DIRECTUS_TOKEN=plain", "X_DIRECTUS_URL=http://x"), &config, &err));
    assert_string_equal(secret_reveal(&config.token), "plain");
    assert_ok(load(project, "x", VARIABLES("DIRECTUS_TOKEN=plain", "X_DIRECTUS_TOKEN=own"), &config, &err));
    assert_string_equal(secret_reveal(&config.token), "own");
}

static void the_database(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    put(project, "schema-sync.json",
        "{\"environments\": {\"prod\": {\"database\": \"postgres://file/d\"}, \"dev\": {}}}");
    Environ container = VARIABLES("DB_CLIENT=pg", "DB_HOST=db", "DB_PORT=5432", "DB_DATABASE=directus",
                                  "DB_USER=o'b\\r", "DB_PASSWORD=a b");
    assert_ok(load(project, NULL, container, &config, &err));
    assert_string_equal(secret_reveal(&config.database),
                        "host='db' port='5432' dbname='directus' user='o\\'b\\\\r' password='a b'");
    assert_ok(load(project, NULL, VARIABLES("DB_CLIENT=mysql", "DB_HOST=db"), &config, &err));
    assert_false(secret_is_set(&config.database));
    assert_ok(load(project, NULL,
                   VARIABLES("DB_CLIENT=pg", "DB_HOST=x", "DB_CONNECTION_STRING=postgres://s/d"), &config,
                   &err));
    assert_string_equal(secret_reveal(&config.database), "postgres://s/d");
    assert_ok(load(project, "dev",
                   VARIABLES("DB_CLIENT=pg", "DB_HOST=x", "DATABASE_URL=postgres://p:geheim@plain/d"),
                   &config, &err));
    assert_string_equal(secret_reveal(&config.database), "postgres://p:geheim@plain/d");
    assert_ok(load(project, "prod", VARIABLES("DATABASE_URL=postgres://plain/d"), &config, &err));
    assert_string_equal(secret_reveal(&config.database), "postgres://file/d");
    assert_ok(load(project, "prod", VARIABLES("PROD_DATABASE_URL=postgres://named/d"), &config, &err));
    assert_string_equal(secret_reveal(&config.database), "postgres://named/d");
    assert_fault(load(project, NULL, VARIABLES("DATABASE_URL=mysql://u:geheim@h/d"), &config, &err),
                 ERR_CONFIG, "DATABASE_URL");
    assert_null(strstr(err.message, "geheim"));
}

static void environment_settings(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    put(project, "schema-sync.json",
        "{\"collections\": {\"posts\": true, \"tags\": {\"key\": \"name\", \"exclude\": \"a\"}},"
        " \"environments\": {\"prod\": {\"protected\": true, \"allowDelete\": true,"
        "   \"collections\": {\"posts\": false, \"tags\": {\"exclude\": \"b\"}, \"directus_flows\": "
        "false}}}}");
    assert_ok(load(project, "prod", no_variables, &config, &err));
    assert_true(config.protected_environment && config.allow_delete);
    assert_false(config.scope.sections[SECTION_FLOWS]);
    assert_int_equal(config.scope.data_count, 1);
    const DataRule *tags = scope_data(&config.scope, "tags");
    assert_string_equal(tags->key[0], "name");
    assert_string_equal(tags->exclude[0], "b");
    assert_ok(load(project, NULL, no_variables, &config, &err));
    assert_false(config.protected_environment || config.allow_delete);
    assert_int_equal(config.scope.data_count, 2);
    assert_true(config.scope.sections[SECTION_FLOWS]);
}

static void imports_by_hooks(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    put(project, "schema-sync.json",
        "{\"autoImport\": true, \"environments\": {\"prod\": {\"protected\": true, \"autoImport\": true},"
        " \"dev\": {}, \"quiet\": {\"autoImport\": false}}}");
    const struct {
        const char *environment;
        bool imports;
    } cases[] = { { NULL, true }, { "dev", true }, { "quiet", false }, { "prod", false } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_ok(load(project, cases[i].environment, no_variables, &config, &err));
        assert_int_equal(config.auto_import, cases[i].imports);
    }
    put(project, "schema-sync.json", "{\"autoImport\": \"yes\"}");
    assert_fault(load(project, NULL, no_variables, &config, &err), ERR_CONFIG,
                 "/autoImport: must be true or false");
}

/* A hook of a repository without a config must not take that of a folder around it. */
static void the_search_ends_at_a_repository(void **state) {
    Project *project = *state;
    Error err = { 0 };
    put(project, "schema-sync.json", "{}");
    const char *const folders[] = { "inner", "inner/.git", "inner/below" };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        assert_int_equal(mkdir(place(project, folders[i]), 0777), 0);
    for (int within = 0; within < 2; within++) {
        AUTO(Config) config = { 0 };
        char *none[] = { NULL };
        char directory[256];
        snprintf(directory, sizeof directory, "%s", place(project, "inner/below"));
        ConfigRequest request = { .directory = directory, .within_repository = within, .environ = none };
        assert_ok(config_load(&request, &config, &err));
        assert_int_equal(config.file == NULL, within);
        snprintf(directory, sizeof directory, "%s", project->root);
        config_free(&config);
        assert_ok(config_load(&request, &config, &err));
        assert_non_null(config.file);
    }
}

static void the_environments_there_are(void **state) {
    Project *project = *state;
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) said = { 0 };
    Error err = { 0 };
    put(project, "schema-sync.json",
        "{\"environments\": {\"prod\": {}, \"Test_Two\": {\"url\": \"http://file\"}}}");
    put(project, ".env",
        "STAGING_DIRECTUS_URL=http://s\nSTAGING_DATABASE_URL=postgres://s/d\nNEXT_PUBLIC_DIRECTUS_URL=http://"
        "n\n"
        "PROD_DIRECTUS_URL=http://p\nPROD_DATABASE_URL=postgres://p/d\nDATABASE_URL=postgres://x/d\n"
        "DIRECTUS_URL=http://x\nTEST_TWO_DIRECTUS_URL=http://t\nTEST_TWO_DATABASE_URL=postgres://t/d\n");
    static char one[] = "US_EAST_DIRECTUS_URL=http://u", two[] = "US_EAST_DATABASE_URL=postgres://u/d";
    char *const environ_now[] = { one, two, NULL };
    AUTO(Config) config = { 0 };
    ConfigRequest request = { .directory = place(project, ""), .environ = environ_now };
    assert_ok(config_load(&request, &config, &err));
    for (const char *const *name = config_environments(&config, &arena); *name; name++)
        buf_printf(&said, "%s ", *name);
    assert_string_equal(buf_text(&said), "Test_Two prod staging us-east ");
}

/* The most particular one counts: of the collection in the environment, of the collection, of the
 * environment, of all. */
static void modes_of_an_environment(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    put(project, "schema-sync.json",
        "{\"mode\": \"mirror\", \"collections\": {\"a\": {\"mode\": \"merge\"}, \"b\": {\"mode\": "
        "\"merge\"}, \"c\": true},"
        " \"environments\": {\"prod\": {\"mode\": \"add\", \"collections\": {\"b\": {\"mode\": "
        "\"mirror\"}}}}}");
    assert_ok(load(project, "prod", no_variables, &config, &err));
    const Scope *scope = &config.scope;
    assert_int_equal(scope->mode, MODE_ADD);
    assert_int_equal(scope->section_modes[SECTION_FLOWS], MODE_ADD);
    assert_int_equal(scope_data(scope, "a")->mode, MODE_MERGE);
    assert_int_equal(scope_data(scope, "b")->mode, MODE_MIRROR);
    assert_int_equal(scope_data(scope, "c")->mode, MODE_ADD);
    assert_ok(load(project, NULL, no_variables, &config, &err));
    assert_int_equal(config.scope.section_modes[SECTION_FLOWS], MODE_MIRROR);
}

static void unknown_environments(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    put(project, "schema-sync.json", "{\"environments\": {\"prod\": {}, \"staging\": {}}}");
    Environ plain = VARIABLES("DIRECTUS_URL=http://plain");
    assert_fault(load(project, "prdo", plain, &config, &err), ERR_CONFIG, "\"prdo\" is not known");
    assert_non_null(strstr(err.hint, "prod"));
    assert_fault(load(project, "test", plain, &config, &err), ERR_CONFIG, "\"test\" is not known");
    assert_non_null(strstr(err.hint, "TEST_DIRECTUS_URL"));
    /* the variables are prod's, and so are protection, overrides and mode */
    Environ own = VARIABLES("PROD_DIRECTUS_URL=http://prod");
    assert_fault(load(project, "PROD", own, &config, &err), ERR_CONFIG, "\"PROD\" is not known");
    assert_string_equal(err.hint, "did you mean \"prod\"?");
    assert_ok(load(project, "prod", own, &config, &err));
    assert_fault(load(project, "a b", plain, &config, &err), ERR_CONFIG, "--env");
    assert_fault(load(project, NULL, VARIABLES("SCHEMA_SYNC_ENV=1"), &config, &err), ERR_CONFIG,
                 "SCHEMA_SYNC_ENV");
    char name[200];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_fault(load(project, name, plain, &config, &err), ERR_CONFIG, "longer than");
}

static void places_of_an_environments_rules(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    put(project, "schema-sync.json",
        "{\"collections\": {\"a/b\": true, \"c\": false}, \"environments\": {\"prod\": {\"collections\": "
        "{\"a/b\": {\"mode\": \"add\"}, \"c\": true, \"d\": true}}}}");
    assert_ok(load(project, "prod", no_variables, &config, &err));
    const char *const places[] = { "/schema-sync.json: /collections/a~1b",
                                   "/schema-sync.json: /environments/prod/collections/c",
                                   "/schema-sync.json: /environments/prod/collections/d" };
    assert_int_equal(config.scope.data_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(str_ends(config.scope.data[i].place, places[i]));
}

static void the_scope(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    put(project, "schema-sync.json",
        "{\"mode\": \"mirror\", \"collections\": {"
        "\"directus_roles\": {\"mode\": \"add\"}, \"directus_access\": {\"mode\": \"add\"}, "
        "\"directus_presets\": false,"
        "\"zebra\": true, \"apple\": {\"key\": [\"a\", \"b\"], \"groupBy\": \"g\", \"filter\": {\"x\": "
        "{\"_eq\": 1}},"
        " \"mode\": \"add\"}, \"gone\": false}}");
    assert_ok(load(project, NULL, no_variables, &config, &err));
    const Scope *scope = &config.scope;
    assert_int_equal(scope->section_modes[SECTION_ACCESS], MODE_ADD);
    assert_int_equal(scope->section_modes[SECTION_FLOWS], MODE_MIRROR);
    assert_false(scope->sections[SECTION_PRESETS]);
    assert_int_equal(scope->data_count, 2);
    assert_string_equal(scope->data[0].collection, "apple");
    assert_string_equal(scope->data[1].collection, "zebra");
    assert_string_equal(scope->data[0].key[1], "b");
    assert_null(scope->data[0].key[2]);
    assert_string_equal(scope->data[0].group_by[0], "g");
    assert_null(scope->data[0].exclude[0]);
    assert_non_null(json_get(scope->data[0].filter, "x"));
    assert_int_equal(scope->data[0].mode, MODE_ADD);
    assert_int_equal(scope->data[1].mode, MODE_MIRROR);
    assert_null(scope->data[1].key[0]);
    assert_null(scope->data[1].filter);
    assert_true(str_ends(scope->data[1].place, "/schema-sync.json: /collections/zebra"));
    config_force_mode(&config, MODE_MERGE);
    assert_int_equal(config.scope.section_modes[SECTION_ACCESS], MODE_MERGE);
    assert_int_equal(config.scope.data[0].mode, MODE_MERGE);
    put(project, "schema-sync.json",
        "{\"collections\": {\"directus_roles\": false, \"directus_policies\": {\"mode\": \"add\"}}}");
    assert_fault(load(project, NULL, no_variables, &config, &err), ERR_CONFIG, "directus_roles");
    assert_non_null(strstr(err.hint, "\"access\""));
}

static void switches_of_the_extension(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    put(project, "schema-sync.json",
        "{\"mode\": \"mirror\", \"collections\": {\"posts\": true, \"tags\": {\"mode\": \"add\"}}}");
    assert_ok(load(project, NULL, VARIABLES("SCHEMA_SYNC_MERGE=true"), &config, &err));
    assert_int_equal(config.scope.section_modes[SECTION_COLLECTIONS], MODE_MERGE);
    assert_int_equal(config.scope.section_modes[SECTION_FLOWS], MODE_MERGE);
    assert_int_equal(scope_data(&config.scope, "posts")->mode, MODE_MERGE);
    assert_int_equal(scope_data(&config.scope, "tags")->mode, MODE_ADD);
    assert_ok(load(project, NULL, VARIABLES("SCHEMA_SYNC_SAFE=1"), &config, &err));
    assert_int_equal(config.scope.section_modes[SECTION_COLLECTIONS], MODE_MERGE);
    assert_int_equal(config.scope.section_modes[SECTION_FLOWS], MODE_MIRROR);
    assert_ok(
        load(project, NULL, VARIABLES("SCHEMA_SYNC_MERGE=false", "SCHEMA_SYNC_SAFE=no"), &config, &err));
    assert_int_equal(config.scope.section_modes[SECTION_COLLECTIONS], MODE_MIRROR);
    put(project, "schema-sync.json", "{}");
    assert_ok(
        load(project, NULL, VARIABLES("SCHEMA_SYNC_MERGE=false", "SCHEMA_SYNC_SAFE=false"), &config, &err));
    assert_int_equal(config.scope.section_modes[SECTION_COLLECTIONS],
                     MODE_MERGE); /* false never enables deletion */
    assert_false(config.allow_delete);
    assert_ok(load(project, NULL, VARIABLES("SCHEMA_SYNC_DATA_ONLY=TRUE"), &config, &err));
    assert_true(config.data_only);
    assert_false(config.scope.sections[SECTION_COLLECTIONS]);
    assert_true(config.scope.sections[SECTION_ACCESS]);
    put(project, ".env", "SCHEMA_SYNC_SAFE=maybe");
    assert_fault(load(project, NULL, no_variables, &config, &err), ERR_CONFIG, "SCHEMA_SYNC_SAFE in ");
}

static size_t notes;
static void count_notes(LogLevel level, const char *message, void *context) {
    (void)context;
    notes += level == LOG_NOTE && strstr(message, "SCHEMA_SYNC_SPLIT") != NULL;
}

static void split_is_noted(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    log_set_sink(count_notes, NULL);
    notes = 0;
    assert_ok(load(project, NULL, VARIABLES("SCHEMA_SYNC_SPLIT=true"), &config, &err));
    assert_int_equal(notes, 0);
    assert_ok(load(project, NULL, VARIABLES("SCHEMA_SYNC_SPLIT=false"), &config, &err));
    assert_int_equal(notes, 1);
    log_set_sink(NULL, NULL);
}

static void a_further_config_is_merged(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    put(project, "schema-sync.json",
        "{\"dir\": \"one\", \"mode\": \"add\", \"collections\": {\"posts\": {\"key\": \"slug\", \"exclude\": "
        "[\"a\", \"b\"]},"
        " \"tags\": true}}");
    put(project, "more.json",
        "{\"dir\": \"two\", \"collections\": {\"posts\": {\"exclude\": [\"c\"]}, \"test_data\": true}}");
    assert_ok(load(project, NULL, VARIABLES("SCHEMA_SYNC_CONFIG=more.json"), &config, &err));
    assert_string_equal(config.state_dir, "two");
    assert_int_equal(config.scope.mode, MODE_ADD);
    assert_int_equal(config.scope.data_count, 3);
    const DataRule *posts = scope_data(&config.scope, "posts");
    assert_string_equal(posts->key[0], "slug");
    assert_string_equal(posts->exclude[0], "c");
    assert_null(posts->exclude[1]);
    put(project, "more.json", "{\"collections\": {\"posts\": {\"exclude\": \"slug\"}}}");
    assert_fault(load(project, NULL, VARIABLES("SCHEMA_SYNC_CONFIG=more.json"), &config, &err), ERR_CONFIG,
                 "\"slug\" stands in \"key\" and in \"exclude\"");
    assert_fault(load(project, NULL, VARIABLES("SCHEMA_SYNC_CONFIG=none.json"), &config, &err), ERR_CONFIG,
                 "none.json: there is no such file");
    assert_fault(load(project, NULL, VARIABLES("SCHEMA_SYNC_CONFIG=config.js"), &config, &err), ERR_CONFIG,
                 "not JSON");
    assert_non_null(strstr(err.hint, "syncCustomCollections"));
    put(project, "more.json", "{\"mode\": \"x\"}");
    assert_fault(load(project, NULL, VARIABLES("SCHEMA_SYNC_CONFIG=more.json"), &config, &err), ERR_CONFIG,
                 "more.json: /mode");
}

static void faults_of_the_file(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    put(project, "schema-sync.json", "// a comment\n{\"dir\": \"a\", /* another */ }");
    assert_ok(load(project, NULL, no_variables, &config, &err));
    assert_string_equal(config.state_dir, "a");
    put(project, "schema-sync.json", "{\n  \"dir\": \"a\"\n  \"mode\": \"add\"}");
    assert_fault(load(project, NULL, no_variables, &config, &err), ERR_CONFIG, "schema-sync.json: line 3");
    put(project, "schema-sync.json", "{\"dir\": \"a\", \"dir\": \"b\"}");
    assert_fault(load(project, NULL, no_variables, &config, &err), ERR_CONFIG, "/dir");
    assert_int_equal(unlink(place(project, "schema-sync.json")), 0);
    put(project, ".env", "A=1\nwrong\n");
    assert_fault(load(project, NULL, no_variables, &config, &err), ERR_CONFIG, ".env: line 2");
}

static void faults_of_variables(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    assert_fault(load(project, NULL, VARIABLES("DIRECTUS_URL=http://u:geheim@h"), &config, &err), ERR_CONFIG,
                 "DIRECTUS_URL: holds credentials");
    assert_null(strstr(err.message, "geheim"));
    assert_fault(load(project, NULL, VARIABLES("DB_CLIENT=pg", "PORT=x"), &config, &err), ERR_CONFIG, "PORT");
    assert_fault(load(project, NULL, VARIABLES("SCHEMA_SYNC_LEASE=0"), &config, &err), ERR_CONFIG,
                 "SCHEMA_SYNC_LEASE");
    assert_fault(load(project, NULL, VARIABLES("SCHEMA_SYNC_TIMEOUT=soon"), &config, &err), ERR_CONFIG,
                 "soon");
    assert_ok(load(project, NULL,
                   VARIABLES("SCHEMA_SYNC_LEASE=1.5", "SCHEMA_SYNC_TIMEOUT=2m", "SCHEMA_SYNC_RETRY=0",
                             "SCHEMA_SYNC_PROBE=0.5", "SCHEMA_SYNC_RECORD=/tmp/x"),
                   &config, &err));
    assert_true(config.lease_seconds == 1.5 && config.timeout_seconds == 120 && config.retry_seconds == 0 &&
                config.probe_seconds == 0.5);
    assert_string_equal(config.record_path, "/tmp/x");
}

static void needs_name_the_variables(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    assert_ok(load(project, NULL, no_variables, &config, &err));
    assert_fault(config_need_instance(&config, &err), ERR_CONFIG, "no Directus instance");
    assert_non_null(strstr(err.hint, "set DIRECTUS_URL"));
    assert_fault(config_need_database(&config, &err), ERR_CONFIG, "no database");
    assert_non_null(strstr(err.hint, "set DATABASE_URL"));
    assert_ok(load(project, "prod-eu", VARIABLES("PROD_EU_DIRECTUS_URL=http://x"), &config, &err));
    assert_fault(config_need_instance(&config, &err), ERR_CONFIG, "no credentials for http://x");
    assert_non_null(strstr(err.hint, "PROD_EU_DIRECTUS_TOKEN"));
    assert_ok(load(project, NULL, VARIABLES("DIRECTUS_URL=http://x", "DIRECTUS_EMAIL=e"), &config, &err));
    assert_fault(config_need_instance(&config, &err), ERR_CONFIG, "incomplete");
    assert_ok(load(project, NULL,
                   VARIABLES("DIRECTUS_URL=http://x", "DIRECTUS_EMAIL=e", "DIRECTUS_PASSWORD=p",
                             "DATABASE_URL=postgres:///d"),
                   &config, &err));
    assert_ok(config_need_instance(&config, &err));
    assert_ok(config_need_database(&config, &err));
}

static void visit_value(void *visitor, const char *name, const char *value) {
    buf_printf(visitor, "%s=%s\n", name, value);
}

/* The environment's own name first, an empty value is none, and what reaches the target is no placeholder's.
 */
static void values_of_placeholders(void **state) {
    Project *project = *state;
    Error err = { 0 };
    AUTO(Config) config = { 0 };
    char lines[][40] = { "PROD_HOOK=the-hook-of-prod",       "HOOK=the-plain-hook", "EMPTY=",
                         "PROD_DIRECTUS_TOKEN=a-long-token", "SHORT=short",         "lower=case-letters",
                         "BOTH=of-the-environment" };
    char *environ[] = { lines[0], lines[1], lines[2], lines[3], lines[4], lines[5], lines[6], NULL };
    put(project, ".env",
        "BOTH=of-the-file\nEMPTY=of-the-file\nFILE=of-the-file-too\nPROD_DIRECTUS_URL=http://prod\n");
    ConfigRequest request = { .directory = place(project, ""), .environ = environ, .environment = "prod" };
    assert_ok(config_load(&request, &config, &err));
    assert_string_equal(config_value(&config, "HOOK"), "the-hook-of-prod");
    assert_string_equal(config_value(&config, "BOTH"), "of-the-environment");
    assert_string_equal(config_value(&config, "EMPTY"), "of-the-file");
    assert_null(config_value(&config, "NOT_SET"));
    AUTO(Buf) seen = { 0 };
    config_each_value(&config, visit_value, &seen);
    assert_string_equal(buf_text(&seen), "EMPTY=of-the-file\nFILE=of-the-file-too\nHOOK=the-hook-of-prod\n"
                                         "BOTH=of-the-environment\n");
    config_free(&config);
    request.environment = NULL;
    assert_ok(config_load(&request, &config, &err));
    assert_string_equal(config_value(&config, "HOOK"), "the-plain-hook");
}

static void reads_lengths_of_time(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double seconds; /* < 0: refused */
    } cases[] = { { "0", 0 },     { "90", 90 }, { "1.5", 1.5 }, { "30s", 30 },  { "2m", 120 },
                  { "1h", 3600 }, { "", -1 },   { "-1", -1 },   { "+1", -1 },   { " 1", -1 },
                  { "1 ", -1 },   { "1d", -1 }, { "1ms", -1 },  { "0x10", -1 }, { "1e3", -1 },
                  { "inf", -1 },  { ".5", -1 }, { "nan", -1 },  { "5x", -1 },   { "1.5.2", -1 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double seconds = -2;
        bool right = config_seconds(cases[i].text, &seconds);
        if (right != (cases[i].seconds >= 0) || (right && seconds != cases[i].seconds))
            fail_msg("\"%s\": %d, %g", cases[i].text, right, seconds);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(defaults_rule_without_a_file),
        TEST(finds_the_file_upwards),
        TEST(the_url_of_the_default_environment),
        TEST(the_url_of_a_named_environment),
        TEST(credentials_come_from_one_source),
        TEST(the_database),
        TEST(the_environments_there_are),
        TEST(environment_settings),
        TEST(imports_by_hooks),
        TEST(the_search_ends_at_a_repository),
        TEST(modes_of_an_environment),
        TEST(unknown_environments),
        TEST(the_scope),
        TEST(places_of_an_environments_rules),
        TEST(switches_of_the_extension),
        TEST(split_is_noted),
        TEST(a_further_config_is_merged),
        TEST(faults_of_the_file),
        TEST(faults_of_variables),
        TEST(needs_name_the_variables),
        TEST(values_of_placeholders),
        cmocka_unit_test(reads_lengths_of_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
