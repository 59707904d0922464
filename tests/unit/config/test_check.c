#include "unit/unit.h"

#include "base/file.h"
#include "config/check.h"
#include "model/catalog.h"

static bool check(const char *text, Error *err) {
    AUTO(Arena) arena = { 0 };
    Json json;
    assert_true(json_parse(&arena, text, strlen(text), JSON_STATE | JSON_COMMENTS, &json, err));
    return config_check("c.json", &json, err);
}

static void accepts_the_whole_format(void **state) {
    (void)state;
    Error err = { 0 };
    assert_ok(
        check("{\"$schema\": \"x\", \"dir\": \"a/b/\", \"mode\": \"mirror\","
              " \"collections\": {\"posts\": true, \"tags\": false, \"directus_flows\": false,"
              "   \"directus_roles\": {\"mode\": \"add\"}, \"directus_collections\": true,"
              "   \"pages\": {\"key\": \"slug\", \"exclude\": [\"views\"], \"filter\": {\"a\": {\"_eq\": 1}},"
              "               \"groupBy\": [\"lang\", \"kind\"], \"mode\": \"mirror\"}},"
              " \"environments\": {\"prod-eu_1\": {\"url\": \"https://a.example:8055/cms/\","
              "   \"database\": \"postgresql://user@host/db\", \"protected\": true, \"allowDelete\": false,"
              "   \"collections\": {\"posts\": false}, \"ignore\": [{\"collection\": \"*\"}],"
              "   \"overrides\": {\"directus_settings\": {\"project_name\": \"x\"}, \"posts\": {\"a\": "
              "{\"b\": null}},"
              "     \"directus_flows\": {\"Notify\": {\"status\": \"inactive\"}}}}},"
              " \"renames\": [{\"collection\": \"a\", \"to\": \"b\"}, {\"collection\": \"a\", \"field\": "
              "\"x\", \"to\": \"y\"}],"
              " \"ignore\": [{\"collection\": \"directus_flo*\", \"key\": \"a\", \"field\": [\"b\"]}]}",
              &err));
    assert_ok(check("{}", &err));
}

/* Every refused key and value: where, and what the hint says. */
static void refuses_with_place_and_mend(void **state) {
    (void)state;
    static const struct {
        const char *text, *part, *hint; /* hint NULL = any */
    } cases[] = {
        { "[]", "c.json: must be an object", NULL },
        { "{\"colections\": {}}", "c.json: /colections: unknown key", "did you mean \"collections\"?" },
        { "{\"banana\": 1}", "/banana: unknown key", "\"collections\"" },
        { "{\"a/b~c\": 1}", "/a~1b~0c: unknown key", NULL },
        { "{\"url\": \"x\"}", "/url: unknown key", "known keys here" },
        { "{\"$schema\": 1}", "/$schema: must be a string", NULL },
        { "{\"dir\": 1}", "/dir: must be a string", NULL },
        { "{\"dir\": \"\"}", "/dir: is no folder beneath", NULL },
        { "{\"dir\": \"/abs\"}", "/dir: is no folder beneath", NULL },
        { "{\"dir\": \".\"}", "/dir: is no folder beneath", NULL },
        { "{\"dir\": \"a/../..\"}", "/dir: is no folder beneath", NULL },
        { "{\"dir\": \"a\\\\b\"}", "/dir: is no folder beneath", NULL },
        { "{\"mode\": \"sync\"}", "/mode: must be \"add\", \"merge\" or \"mirror\"", NULL },
        { "{\"mode\": true}", "/mode: must be", NULL },
        { "{\"token\": \"x\"}", "/token: \"token\" does not belong", "DIRECTUS_TOKEN" },
        { "{\"password\": \"x\"}", "/password:", "DIRECTUS_PASSWORD" },
        { "{\"overrides\": {}}", "c.json: /overrides: \"overrides\" belong to an environment",
          "environments" },
        { "{\"environments\": {\"a\": {\"overrides\": []}}}", "/environments/a/overrides: must be an object",
          NULL },
        { "{\"environments\": {\"a\": {\"overrides\": {\"directus_flow\": {}}}}}",
          "/environments/a/overrides/directus_flow: \"directus_flow\" is no system collection",
          "did you mean \"directus_flows\"?" },
        { "{\"environments\": {\"a\": {\"overrides\": {\"directus_users\": {}}}}}", "users are not carried",
          NULL },
        { "{\"environments\": {\"a\": {\"overrides\": {\"directus_flows\": {\"Notify\": 1}}}}}",
          "/overrides/directus_flows/Notify: must be an object", NULL },
        { "{\"environments\": {\"a\": {\"overrides\": {\"posts\": 1}}}}",
          "/overrides/posts: must be an object", NULL },
        { "{\"outside\": null}", "/outside: must be \"keep\" or \"null\"", "ids within values" },
        { "{\"ignore\": {}}", "/ignore: must be an array", "collection" },
        { "{\"ignore\": [1]}", "/ignore/0: must be an object", NULL },
        { "{\"ignore\": [{}]}", "/ignore/0: needs a \"collection\"", NULL },
        { "{\"ignore\": [{\"collection\": \"\"}]}", "/ignore/0/collection: must not be empty", NULL },
        { "{\"ignore\": [{\"collection\": 1}]}", "/ignore/0/collection: must be a string", NULL },
        { "{\"ignore\": [{\"collection\": \"directus_flow\"}]}",
          "/ignore/0/collection:", "did you mean \"directus_flows\"?" },
        { "{\"ignore\": [{\"collection\": \"a\"}, {\"collection\": \"a\", \"keys\": \"b\"}]}",
          "/ignore/1/keys: unknown key", "did you mean \"key\"?" },
        { "{\"ignore\": [{\"collection\": \"a\", \"key\": 1}]}", "/ignore/0/key: must be a string", NULL },
        { "{\"ignore\": [{\"collection\": \"a\", \"field\": {}}]}", "/ignore/0/field: must be a field name",
          NULL },
        { "{\"environments\": {\"a\": {\"ignore\": 1}}}", "/environments/a/ignore: must be an array", NULL },
        { "{\"renames\": {}}", "/renames: must be an array", "articles" },
        { "{\"renames\": [1]}", "/renames/0: must be an object", NULL },
        { "{\"renames\": [{\"collection\": \"a\"}]}", "/renames/0: needs \"collection\" and \"to\"", NULL },
        { "{\"renames\": [{\"collection\": \"a\", \"from\": \"b\"}]}", "/renames/0/from: unknown key", NULL },
        { "{\"renames\": [{\"collection\": \"a\", \"to\": \"directus_b\"}]}", "keep their names", NULL },
        { "{\"renames\": [{\"collection\": \"a\", \"field\": \"b\", \"to\": \"b\"}]}", "is the name it has",
          NULL },
        { "{\"renames\": [{\"collection\": \"a\", \"to\": \"b\"}, {\"collection\": \"a\", \"to\": \"c\"}]}",
          "/renames/1: the same is renamed by item 0", NULL },
        { "{\"collections\": []}", "/collections: must be an object", NULL },
        { "{\"collections\": {\"\": true}}", "cannot be empty", NULL },
        { "{\"collections\": {\"posts\": 1}}", "/collections/posts: must be true, false or an object", NULL },
        { "{\"collections\": {\"posts\": {\"keys\": 1}}}", "/collections/posts/keys: unknown key",
          "did you mean \"key\"?" },
        { "{\"collections\": {\"posts\": {\"key\": 1}}}", "/collections/posts/key: must be a field name",
          NULL },
        { "{\"collections\": {\"posts\": {\"key\": \"\"}}}", "/collections/posts/key: must be", NULL },
        { "{\"collections\": {\"posts\": {\"key\": [\"a\", 1]}}}", "item 1 is no field name", NULL },
        { "{\"collections\": {\"posts\": {\"key\": [\"a\", \"a\"]}}}", "\"a\" stands there twice", NULL },
        { "{\"collections\": {\"posts\": {\"filter\": []}}}", "/filter: must be an object", NULL },
        { "{\"collections\": {\"posts\": {\"mode\": \"x\"}}}", "/collections/posts/mode: must be", NULL },
        { "{\"collections\": {\"posts\": {\"secrets\": 1}}}", "/collections/posts/secrets: must be a path",
          "options/headers/*/value" },
        { "{\"collections\": {\"posts\": {\"secrets\": [\"a//b\"]}}}",
          "\"a//b\": a step of the path is empty", NULL },
        { "{\"collections\": {\"posts\": {\"secrets\": [\"a:b:c\"]}}}",
          "a second colon stands in it (in names, write ~2)", NULL },
        { "{\"collections\": {\"posts\": {\"harmless\": [\"1:a/*\"]}}}", "has to be exact", NULL },
        { "{\"collections\": {\"posts\": {\"harmless\": \"token\"}}}", "\"token\" names no record",
          "1:token" },
        { "{\"collections\": {\"posts\": {\"key\": \"a\", \"exclude\": [\"b\", \"a\"]}}}",
          "\"a\" stands in \"key\" and in \"exclude\"", NULL },
        { "{\"collections\": {\"posts\": {\"groupBy\": [\"b\", \"a\"], \"exclude\": \"a\"}}}",
          "\"a\" stands in \"groupBy\" and in \"exclude\"", NULL },
        { "{\"collections\": {\"directus_users\": true}}", "users are not carried", "become null" },
        { "{\"collections\": {\"directus_files\": true}}", "files are not carried", NULL },
        { "{\"collections\": {\"directus_role\": true}}", "no system collection",
          "did you mean \"directus_roles\"?" },
        { "{\"collections\": {\"directus_activity\": true}}", "no system collection", NULL },
        { "{\"collections\": {\"directus_roles\": {\"key\": \"name\"}}}", "/directus_roles/key: unknown key",
          "mode" },
        { "{\"collections\": {\"directus_roles\": 1}}", "must be true, false or an object", NULL },
        { "{\"environments\": []}", "/environments: must be an object", NULL },
        { "{\"environments\": {\"1a\": {}}}", "no name for an environment", NULL },
        { "{\"environments\": {\"a b\": {}}}", "no name for an environment", NULL },
        { "{\"environments\": {\"p\": true}}", "/environments/p: must be an object", NULL },
        { "{\"environments\": {\"p\": {\"uri\": \"x\"}}}", "/environments/p/uri: unknown key",
          "did you mean \"url\"?" },
        { "{\"environments\": {\"p\": {\"url\": 1}}}", "/environments/p/url: must be a string", NULL },
        { "{\"environments\": {\"p\": {\"url\": \"ftp://x\"}}}", "/environments/p/url: is no http://", NULL },
        { "{\"environments\": {\"p\": {\"protected\": \"yes\"}}}", "/protected: must be true or false",
          NULL },
        { "{\"environments\": {\"p\": {\"allowDelete\": 1}}}", "/allowDelete: must be true or false", NULL },
        { "{\"environments\": {\"p\": {\"token\": \"x\"}}}", "\"token\" does not belong",
          "NAME_DIRECTUS_TOKEN" },
        { "{\"environments\": {\"p\": {\"collections\": {\"a\": 1}}}}",
          "/environments/p/collections/a: must be", NULL },
        { "{\"environments\": {\"p\": {\"notify\": true}}}", "\"notify\" is not supported", NULL },
        { "{\"environments\": {\"p\": {\"backup\": 3}}}", "true, false, a folder or an object", NULL },
        { "{\"environments\": {\"p\": {\"backup\": \"\"}}}", "must be a folder", NULL },
        { "{\"environments\": {\"p\": {\"backup\": {\"keep\": 0}}}}", "from 1 to 1000", NULL },
        { "{\"environments\": {\"p\": {\"backup\": {\"folder\": \"x\"}}}}", "unknown key \"folder\"", NULL },
        { "{\"environments\": {\"p\": {\"notify\": []}}}", "\"notify\" is not supported", NULL },
        { "{\"environments\": {\"p\": {\"cacheUrls\": []}}}", "\"cacheUrls\" is not supported", NULL },
        { "{\"environments\": {\"p\": {\"database\": \"postgres://u:geheim@h/d\"}}}",
          "/database: holds a password", "NAME_DATABASE_URL" },
        { "{\"environments\": {\"p\": {\"database\": \"postgres://h/d?password=geheim\"}}}",
          "holds a password", NULL },
        { "{\"environments\": {\"p\": {\"database\": \"host=h password = geheim\"}}}", "holds a password",
          NULL },
        { "{\"environments\": {\"p\": {\"database\": \"mysql://u:geheim@h/d\"}}}",
          "is no PostgreSQL connection", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err = { 0 };
        assert_fault(check(cases[i].text, &err), ERR_CONFIG, cases[i].part);
        assert_ptr_equal(strstr(err.message, "c.json: "), err.message);
        assert_null(strstr(err.message, "geheim"));
        if (cases[i].hint && !strstr(err.hint, cases[i].hint))
            fail_msg("%s: hint \"%s\"", cases[i].text, err.hint);
    }
}

static void checks_urls(void **state) {
    (void)state;
    static const char *const right[] = { "http://localhost:8055",  "https://a.example",
                                         "https://a.example/cms/", "http://127.0.0.1:1",
                                         "http://[::1]:8055",      "http://[::1]" };
    static const char *const wrong[][2] = {
        { "", "no http" },
        { "a.example", "no http" },
        { "HTTP//x", "no http" },
        { "http://", "no host" },
        { "http:///x", "no host" },
        { "http://:80", "no host" },
        { "http://a:0", "port" },
        { "http://a:65536", "port" },
        { "http://a:8o55", "port" },
        { "http://a:", "port" },
        { "http://[]", "IPv6" },
        { "http://[::1", "IPv6" },
        { "http://[::1]x", "IPv6" },
        { "http://a b", "space" },
        { "http://a\n", "control" },
        { "http://admin:geheim@a", "credentials" },
        { "http://a?access_token=geheim", "query" },
        { "http://a/#x", "fragment" },
    };
    Error err = { 0 };
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_ok(config_check_url("URL", right[i], &err));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_fault(config_check_url("URL", wrong[i][0], &err), ERR_CONFIG, wrong[i][1]);
        assert_null(strstr(err.message, "geheim"));
    }
}

static void checks_databases(void **state) {
    (void)state;
    static const char *const right[] = { "postgresql://u:p@h:5432/d", "postgres:///d", "host=/run dbname=d",
                                         "service=prod", "postgresql://h/d?sslmode=require" };
    Error err = { 0 };
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_ok(config_check_database("X", right[i], true, &err));
    assert_ok(config_check_database("X", "host=h dbname=no_password passfile=/x", false, &err));
    assert_ok(config_check_database("X", "postgresql://u@h:5432/d", false, &err));
    assert_fault(config_check_database("X", "h", true, &err), ERR_CONFIG, "no PostgreSQL");
    assert_fault(config_check_database("X", "postgresql://u:@h/d", false, &err), ERR_CONFIG, "password");
    assert_fault(config_check_database("X", "postgresql://h/d?sslkey=/k&sslpassword=geheim", false, &err),
                 ERR_CONFIG, "password");
    assert_fault(config_check_database("X", "host=h sslpassword=geheim", false, &err), ERR_CONFIG,
                 "password");
}

/* The keys editors offer are the keys that are accepted: each is known, and the hint lists no more than
 * these. */
static void assert_same_keys(const Json *schema, const char *before, const char *after) {
    const Json *properties = json_get(schema, "properties");
    assert_true(json_is(properties, JSON_OBJECT));
    Error err = { 0 };
    char text[512];
    for (uint32_t i = 0; i < properties->count; i++) {
        snprintf(text, sizeof text, "%s{\"%s\": null}%s", before, properties->as.members[i].key, after);
        err = (Error){ 0 };
        if (!check(text, &err) && strstr(err.message, "unknown key"))
            fail_msg("config.schema.json offers %s, which is refused", properties->as.members[i].key);
    }
    snprintf(text, sizeof text, "%s{\"no such key\": null}%s", before, after);
    assert_false(check(text, &err));
    uint32_t listed = 1;
    for (const char *at = strchr(err.hint, ','); at; at = strchr(at + 1, ','))
        listed++;
    if (listed != properties->count)
        fail_msg("config.schema.json has %u of: %s", properties->count, err.hint);
}

static void the_schema_has_the_same_keys(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) text = { 0 };
    Json schema;
    assert_ok(file_read("schema/config.schema.json", 0, &text, NULL, &err));
    assert_ok(json_parse(&arena, buf_text(&text), text.length, JSON_STATE, &schema, &err));
    assert_same_keys(&schema, "", "");
    assert_same_keys(json_path(&schema, "properties", "environments", "additionalProperties", NULL),
                     "{\"environments\": {\"p\": ", "}}");
    const Json *rows = json_path(&schema, "definitions", "rows", "oneOf", NULL);
    const Json *section = json_path(&schema, "definitions", "section", "oneOf", NULL);
    assert_true(json_is(rows, JSON_ARRAY) && rows->count == 2 && json_is(section, JSON_ARRAY) &&
                section->count == 2);
    assert_same_keys(&rows->as.items[1], "{\"collections\": {\"posts\": ", "}}");
    assert_same_keys(&section->as.items[1], "{\"collections\": {\"directus_roles\": ", "}}");
    const Json *names = json_path(&schema, "definitions", "collections", "properties", NULL);
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        assert_non_null(json_get(names, catalog_row(type)->collection));
    for (uint32_t i = 0; i < names->count; i++)
        assert_true(catalog_find(names->as.members[i].key) < TYPE_COUNT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_the_whole_format),
        cmocka_unit_test(refuses_with_place_and_mend),
        cmocka_unit_test(checks_urls),
        cmocka_unit_test(checks_databases),
        cmocka_unit_test(the_schema_has_the_same_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
