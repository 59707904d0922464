/* What is left of a server's schema and of its diff. */
#include "directus/fields.h"
#include "directus/schema.h"
#include "model/canon.h"
#include "unit/directus/client.h"

static void what_no_project_means_is_left_out(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Snapshot) snapshot = { 0 };
    Json data =
        quoted(&snapshot.arena,
               "{'version':1,'directus':'11.17.4','vendor':'postgres',"
               "'collections':[{'collection':'posts','meta':{}},{'collection':'loose','meta':null}],"
               "'fields':[{'collection':'posts','field':'title','type':'string','meta':{}},"
               "{'collection':'posts','field':'raw','type':'string','meta':null},"
               "{'collection':'posts','field':'blob','type':'unknown','meta':{}},"
               "{'collection':'directus_settings','field':'schema_sync_hash','type':'text','meta':{}},"
               "{'collection':'posts','field':'schema_sync_hash','type':'text','meta':{}}],"
               "'systemFields':[{'collection':'directus_activity','field':'timestamp'}],"
               "'relations':[{'collection':'posts','field':'author','meta':{}},{'collection':'posts','field':"
               "'raw','meta':null}]}");
    assert_ok(schema_take(&snapshot, &data, &err));
    assert_string_equal(snapshot.directus, "11.17.4");
    assert_string_equal(snapshot.vendor, "postgres");
    assert_int_equal(snapshot.types[TYPE_COLLECTIONS].count, 1);
    assert_int_equal(snapshot.types[TYPE_FIELDS].count, 2);
    assert_string_equal(json_get_text(&snapshot.types[TYPE_FIELDS].items[1].json, "field"),
                        "schema_sync_hash");
    assert_int_equal(snapshot.types[TYPE_SYSTEM_FIELDS].count, 1);
    assert_int_equal(snapshot.types[TYPE_RELATIONS].count, 1);
    assert_true(snapshot.present[TYPE_COLLECTIONS] && snapshot.present[TYPE_RELATIONS]);
}

static void incomplete_schemas_are_refused(void **state) {
    (void)state;
    static const char *const texts[] = {
        "{}", "{'directus':'11.17.4','vendor':'postgres','collections':[],'fields':[],'systemFields':[]}"
    };
    for (size_t i = 0; i < 2; i++) {
        Error err;
        AUTO(Snapshot) snapshot = { 0 };
        Json data = quoted(&snapshot.arena, texts[i]);
        assert_fault(schema_take(&snapshot, &data, &err), ERR_REMOTE, "/schema/snapshot");
    }
}

static const char *default_read(Arena *arena, const char *vendor, Json value) {
    Error err = { 0 };
    AUTO(Snapshot) snapshot = { 0 };
    Json data =
        quoted(&snapshot.arena, "{'directus':'11.17.4','collections':[],'systemFields':[],'relations':[]}");
    Json field = quoted(&snapshot.arena, "{'collection':'a','field':'b','type':'string','meta':{}}");
    Json schema = json_with(&snapshot.arena, NULL, "default_value", value);
    field = json_with(&snapshot.arena, &field, "schema", schema);
    JsonArrayBuilder fields = json_array_builder(&snapshot.arena);
    json_array_add(&fields, field);
    data = json_with(&snapshot.arena, &data, "vendor", json_string(&snapshot.arena, vendor));
    data = json_with(&snapshot.arena, &data, "fields", json_array_done(&fields));
    assert_ok(schema_take(&snapshot, &data, &err));
    AUTO(Buf) text = { 0 };
    canon_compact(&text,
                  json_path(&snapshot.types[TYPE_FIELDS].items[0].json, "schema", "default_value", NULL));
    return arena_strdup(arena, text.data);
}

static void quotes_in_defaults_are_halved_on_postgres(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    static const struct {
        const char *vendor, *value, *read;
    } cases[] = { { "postgres", "it''s", "\"it's\"" },  { "postgres", "''''", "\"''\"" },
                  { "postgres", "it's", "\"it's\"" },   { "postgres", "a''b'c", "\"a''b'c\"" },
                  { "postgres", "plain", "\"plain\"" }, { "mysql", "it''s", "\"it''s\"" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(default_read(&arena, cases[i].vendor, json_string(&arena, cases[i].value)),
                            cases[i].read);
    assert_string_equal(
        default_read(&arena, "postgres", json_with(&arena, NULL, "k", json_string(&arena, "it''s"))),
        "{\"k\":\"it's\"}");
    assert_string_equal(default_read(&arena, "postgres", json_number(5)), "5");
    assert_string_equal(default_read(&arena, "postgres", json_null()), "null");
}

static void the_diff_keeps_what_is_meant(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    size_t left;
    Json answer = quoted(
        &arena,
        "{'hash':'h','diff':{'collections':[{'collection':'loose','diff':[{'kind':'D','lhs':{'meta':null}}]},"
        "{'collection':'posts','diff':[{'kind':'D','lhs':{'meta':{}}}]}],"
        "'fields':[{'collection':'posts','field':'blob','diff':[{'kind':'D','lhs':{'type':'unknown','meta':{}"
        "}}]},"
        "{'collection':'posts','field':'note','diff':[{'kind':'D','path':['meta','note'],'lhs':'x'}]},"
        "{'collection':'directus_settings','field':'schema_sync_hash','diff':[{'kind':'N','rhs':{'meta':{}}}]"
        "},"
        "{'collection':'posts','field':'new','diff':[{'kind':'N','rhs':{'type':'string','meta':{}}}]}],"
        "'systemFields':[{'collection':'directus_x','field':'y','diff':[{'kind':'E','path':['schema'],'lhs':"
        "1,'rhs':2}]}],"
        "'relations':[{'collection':'posts','field':'raw','diff':[{'kind':'D','lhs':{'meta':null}}]}]}}");
    Json kept = schema_filter(&arena, &answer, &left);
    AUTO(Buf) text = { 0 };
    canon_compact(&text, &kept);
    assert_int_equal(left, 4);
    assert_string_equal(json_get_text(&kept, "hash"), "h");
    assert_non_null(strstr(text.data, "\"posts\",\"diff\":[{\"kind\":\"D\",\"lhs\":{\"meta\":{}}}]"));
    assert_null(strstr(text.data, "blob"));
    assert_null(strstr(text.data, "schema_sync"));
    assert_null(strstr(text.data, "loose"));
    assert_null(strstr(text.data, "raw"));
    assert_non_null(strstr(text.data, "\"note\""));
    assert_non_null(strstr(text.data, "\"new\""));
    assert_non_null(strstr(text.data, "directus_x"));
}

static void a_doubled_default_is_no_difference(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    static const struct {
        const char *others; /* further edits of the same field */
        const char *theirs, *ours;
        size_t entries, edits;
    } cases[] = {
        { "", "it''s", "it's", 0, 0 },
        { "", "it''s", "it''s!", 1, 1 },
        { ",{'kind':'E','path':['meta','note'],'lhs':1,'rhs':2}", "it''s", "it's", 1, 1 },
        /* the column is altered, and with it its default written */
        { ",{'kind':'E','path':['schema','max_length'],'lhs':1,'rhs':2}", "it''s", "it's", 1, 2 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t left;
        Json edit = quoted(&arena, "{'kind':'E','path':['schema','default_value']}");
        edit = json_with(&arena, &edit, "lhs", json_string(&arena, cases[i].theirs));
        edit = json_with(&arena, &edit, "rhs", json_string(&arena, cases[i].ours));
        Json others = quoted(&arena, arena_printf(&arena, "[null%s]", cases[i].others));
        JsonArrayBuilder edits = json_array_builder(&arena), fields = json_array_builder(&arena);
        json_array_add(&edits, edit);
        for (uint32_t j = 1; j < others.count; j++)
            json_array_add(&edits, others.as.items[j]);
        Json entry = quoted(&arena, "{'collection':'a','field':'b'}");
        json_array_add(&fields, json_with(&arena, &entry, "diff", json_array_done(&edits)));
        Json diff = json_with(&arena, NULL, "fields", json_array_done(&fields));
        Json answer = json_with(&arena, NULL, "diff", diff);
        Json kept = schema_filter(&arena, &answer, &left);
        const Json *entries = json_path(&kept, "diff", "fields", NULL);
        assert_int_equal(left, cases[i].entries);
        assert_int_equal(entries->count, cases[i].entries);
        if (entries->count)
            assert_int_equal(json_get(&entries->as.items[0], "diff")->count, cases[i].edits);
    }
}

static void descriptions_decide_about_fields(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    static const struct {
        const char *description;
        bool carried;
    } cases[] = {
        { "{'type':'string','meta':{'special':null}}", true },
        { "{'type':'json','meta':{'special':['cast-json']}}", true },
        { "{'type':'string','meta':{'special':['conceal']}}", false },
        { "{'type':'hash','meta':{'special':['hash','conceal']}}", false },
        { "{'type':'string','meta':{'special':['encrypt']}}", false },
        { "{'type':'uuid','meta':{'special':['user-created']}}", false },
        { "{'type':'alias','meta':{'special':['o2m']}}", false },
        { "{'type':'unknown','meta':{}}", false },
        { "{'type':'string','meta':null}", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Json description = quoted(&arena, cases[i].description);
        assert_int_equal(field_is_carried(&description), cases[i].carried);
    }
    assert_true(field_is_built_in(TYPE_ROLES, "icon"));
    assert_true(field_is_built_in(TYPE_SETTINGS, "collaborative_editing_enabled"));
    assert_true(field_is_built_in(TYPE_PANELS, "id"));
    assert_false(field_is_built_in(TYPE_ROLES, "ico"));
    assert_false(field_is_built_in(TYPE_ROLES, "con"));
    assert_false(field_is_built_in(TYPE_ROLES, "users"));
    assert_false(field_is_built_in(TYPE_SETTINGS, "ai_openai_api_key"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_project_means_is_left_out),
        cmocka_unit_test(incomplete_schemas_are_refused),
        cmocka_unit_test(quotes_in_defaults_are_halved_on_postgres),
        cmocka_unit_test(the_diff_keeps_what_is_meant),
        cmocka_unit_test(a_doubled_default_is_no_difference),
        cmocka_unit_test(descriptions_decide_about_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
