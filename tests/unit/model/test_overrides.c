#include "model/overrides.h"

#include <stdlib.h>

#include "model/canon.h"
#include "model/field_path.h"
#include "snapshots.h"

typedef struct {
    Arena arena;
    Scope scope;
    Snapshot files, instance;
    size_t notes;
} Case;

static int set_up(void **state) {
    *state = calloc(1, sizeof(Case));
    return *state ? 0 : -1;
}

static int tear_down(void **state) {
    Case *at = *state;
    snapshot_free(&at->files);
    snapshot_free(&at->instance);
    arena_free(&at->arena);
    free(at);
    return 0;
}

static const char files_text[] =
    "{'flows': [{'id': '00000000-0000-0000-0000-000000000001', 'name': 'Notify', 'status': 'active',"
    "            'options': {'url': 'http://dev', 'list': [1, {'a.b': 2}], 'none': null}},"
    "           {'id': '00000000-0000-0000-0000-000000000002', 'name': 'Twice', 'status': 'active'},"
    "           {'id': '00000000-0000-0000-0000-000000000003', 'name': 'Twice', 'status': 'active'}],"
    " 'operations': [{'id': '00000000-0000-0000-0000-00000000000a', 'key': 'send', 'name': 'Send',"
    "                 'flow': '00000000-0000-0000-0000-000000000001', 'options': {'to': 'dev'}}],"
    " 'policies': [{'id': '$administrator', 'name': 'Administrator', 'icon': 'a', 'ip_access': null},"
    "              {'id': '00000000-0000-0000-0000-00000000000b', 'name': 'Editors', 'ip_access': null,"
    "               'admin_access': false}],"
    " 'permissions': [{'policy': '00000000-0000-0000-0000-00000000000b', 'collection': 'posts', 'action': "
    "'read',"
    "                  'fields': ['*']}],"
    " 'fields': [{'collection': 'posts', 'field': 'title', 'type': 'string', 'meta': {'note': 'dev', "
    "'field': 'title'}},"
    "            {'collection': 'directus_roles', 'field': 'pin', 'type': 'string', 'meta': {'special': "
    "['conceal']}}],"
    " 'roles': [{'id': '00000000-0000-0000-0000-00000000000c', 'name': 'Editor', 'pin': null}],"
    " 'settings': [{'project_name': 'Dev', 'project_color': '#fff'}]}";

static void scope_of(Case *at, const char *overrides) {
    Error err = { 0 };
    AUTO(Buf) text = { 0 };
    for (const char *c = overrides; *c; c++)
        buf_putc(&text, *c == '\'' ? '"' : *c);
    assert_ok(json_parse(&at->arena, text.data, text.length, JSON_STATE, &at->scope.overrides, &err));
    at->scope.overrides_place = "c.json: /environments/prod/overrides";
}

static const Json *value_at(const Snapshot *snapshot, TypeId type, size_t index, const char *path) {
    static Arena arena;
    arena_reset(&arena);
    return field_path_get(&snapshot->types[type].items[index].json, field_path(&arena, path));
}

static void assert_value(const Snapshot *snapshot, TypeId type, size_t index, const char *path,
                         const char *expected) {
    AUTO(Buf) text = { 0 };
    const Json *value = value_at(snapshot, type, index, path);
    assert_non_null(value);
    canon_compact(&text, value);
    assert_string_equal(buf_text(&text), expected);
}

static size_t undo(Case *at, Snapshot *instance, const Snapshot *seen, const Snapshot *newer,
                   OverrideNote note) {
    OverrideUndo from = { .files = { seen, newer }, .note = note, .context = &at->notes };
    return overrides_undo(&at->scope, &from, instance);
}

static void count_note(const char *place, const char *what, void *context) {
    (void)what;
    assert_non_null(strstr(place, "c.json: /environments/prod/overrides/"));
    ++*(size_t *)context;
}

static void set_text(Snapshot *snapshot, TypeId type, size_t index, const char *field, const char *text) {
    Json *json = &snapshot->types[type].items[index].json;
    *json = json_with(&snapshot->arena, json, field, json_string(&snapshot->arena, text));
}

static void applies_and_undoes(void **state) {
    Case *at = *state;
    Error err = { 0 };
    snapshot_of(&at->files, false, files_text);
    snapshot_of(&at->instance, true, files_text);
    scope_of(at, "{'directus_settings': {'project_name': 'Prod', 'project_color': null},"
                 " 'directus_flows': {'Notify': {'status': 'inactive', 'options.url': 'http://prod',"
                 "     '/options/list/1/a.b': 3, 'options.none': 'some'},"
                 "   '00000000-0000-0000-0000-000000000003': {'status': 'inactive'}},"
                 " 'directus_operations': {'Notify/send': {'options.to': 'prod'}},"
                 " 'directus_policies': {'Editors': {'ip_access': ['10.0.0.1']}},"
                 " 'directus_permissions': {'Editors/posts/read': {'fields': ['title']}},"
                 " 'directus_fields': {'posts.title': {'meta.note': 'prod'}}, 'posts': {'a': {'b': 1}}}");
    assert_ok(overrides_apply(&at->scope, &at->files, &err));
    assert_value(&at->files, TYPE_SETTINGS, 0, "project_name", "\"Prod\"");
    assert_value(&at->files, TYPE_SETTINGS, 0, "project_color", "null");
    assert_value(&at->files, TYPE_FLOWS, 0, "status", "\"inactive\"");
    assert_value(&at->files, TYPE_FLOWS, 0, "options",
                 "{\"list\":[1,{\"a.b\":3}],\"none\":\"some\",\"url\":\"http://prod\"}");
    assert_value(&at->files, TYPE_FLOWS, 1, "status", "\"active\"");
    assert_value(&at->files, TYPE_FLOWS, 2, "status", "\"inactive\"");
    assert_value(&at->files, TYPE_OPERATIONS, 0, "options", "{\"to\":\"prod\"}");
    assert_value(&at->files, TYPE_PERMISSIONS, 0, "fields", "[\"title\"]");
    assert_value(&at->files, TYPE_FIELDS, 1, "meta.note", "\"prod\"");
    /* The instance that was imported into gives the files back as they were; what somebody changed there
     * since comes through, except at overridden places. */
    Snapshot old = { 0 };
    snapshot_of(&old, false, files_text);
    set_text(&at->files, TYPE_FLOWS, 1, "status", "x");
    set_text(&at->files, TYPE_FLOWS, 2, "status", "other");
    assert_int_equal(undo(at, &at->files, &old, NULL, count_note), 1);
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        for (size_t i = 0; i < old.types[type].count; i++)
            if (type != TYPE_FLOWS || i != 1)
                assert_true(json_equal(&old.types[type].items[i].json, &at->files.types[type].items[i].json));
    assert_value(&at->files, TYPE_FLOWS, 1, "status", "\"x\"");
    assert_int_equal(at->notes, 1);
    assert_int_equal(undo(at, &at->files, &old, NULL, count_note), 11); /* nothing was imported */
    snapshot_free(&old);
}

/* A merge puts back what the instance last saw; of a record that is newer, what the files have. */
static void undoes_to_what_was_seen(void **state) {
    Case *at = *state;
    Snapshot seen = { 0 };
    snapshot_of(&at->files, false, files_text);
    snapshot_of(&at->instance, true, files_text);
    snapshot_of(&seen, false,
                "{'flows': [{'id': '00000000-0000-0000-0000-000000000001', 'name': 'Notify', "
                "'status': 'seen'}]}");
    scope_of(at, "{'directus_flows': {'Notify': {'status': 'prod', 'options.url': 'u'}},"
                 " 'directus_settings': {'project_name': 'Prod'}}");
    set_text(&at->instance, TYPE_FLOWS, 0, "status", "prod");
    set_text(&at->instance, TYPE_SETTINGS, 0, "project_name", "Prod");
    assert_int_equal(undo(at, &at->instance, &seen, &at->files, count_note), 1);
    assert_value(&at->instance, TYPE_FLOWS, 0, "status", "\"seen\"");
    assert_value(&at->instance, TYPE_FLOWS, 0, "options.url", "\"http://dev\"");
    assert_value(&at->instance, TYPE_SETTINGS, 0, "project_name", "\"Dev\"");
    snapshot_free(&seen);
}

/* "${URL}" in the configuration: the instance has its value, or what an export made of it. */
static void placeholders_are_met_in_both_forms(void **state) {
    Case *at = *state;
    snapshot_of(&at->files, false, files_text);
    snapshot_of(&at->instance, true, files_text);
    scope_of(at, "{'directus_flows': {'Notify': {'status': '${ONE}', 'options.url': '${TWO}'}}}");
    Json filled = quoted_json(&at->arena, "{'directus_flows': {'Notify': {'status': 'value', 'options.url': "
                                          "'other'}}}");
    OverrideUndo from = {
        .files = { &at->files }, .filled = &filled, .note = count_note, .context = &at->notes
    };
    set_text(&at->instance, TYPE_FLOWS, 0, "status", "value");
    assert_int_equal(overrides_undo(&at->scope, &from, &at->instance), 1);
    set_text(&at->instance, TYPE_FLOWS, 0, "status", "${ONE}");
    assert_int_equal(overrides_undo(&at->scope, &from, &at->instance), 1);
    assert_value(&at->instance, TYPE_FLOWS, 0, "status", "\"active\"");
}

static void an_earlier_state_takes_what_fits(void **state) {
    Case *at = *state;
    snapshot_of(&at->files, false, files_text);
    scope_of(at, "{'directus_flows': {'Notify': {'status': 'prod', 'stat': 'x'}, 'Newer': {'status': 'x'}},"
                 " 'directus_settings': {'project_name': 5, 'project_color': '#000'}}");
    overrides_apply_fitting(&at->scope, &at->files);
    assert_value(&at->files, TYPE_FLOWS, 0, "status", "\"prod\"");
    assert_value(&at->files, TYPE_SETTINGS, 0, "project_name", "\"Dev\"");
    assert_value(&at->files, TYPE_SETTINGS, 0, "project_color", "\"#000\"");
}

/* A first export has no old files: the value is left as it is, and that is said. */
static void without_files_the_value_stays(void **state) {
    Case *at = *state;
    snapshot_of(&at->instance, true, files_text);
    scope_of(
        at,
        "{'directus_settings': {'project_name': 'Dev'}, 'directus_flows': {'Notify': {'status': 'other'}}}");
    assert_int_equal(undo(at, &at->instance, NULL, NULL, count_note), 1);
    assert_value(&at->instance, TYPE_SETTINGS, 0, "project_name", "\"Dev\"");
    assert_value(&at->instance, TYPE_FLOWS, 0, "status", "\"active\"");
    assert_int_equal(at->notes, 2);
}

static void refuses_what_fits_nothing(void **state) {
    Case *at = *state;
    static const struct {
        const char *overrides, *message;
    } cases[] = {
        { "{'directus_flows': {'Notfy': {'status': 'a'}}}",
          "c.json: /environments/prod/overrides/directus_flows/Notfy/status: the files have no flow "
          "\"Notfy\"" },
        { "{'directus_flows': {'Twice': {'status': 'a'}}}", "2 flows are called \"Twice\"" },
        { "{'directus_flows': {'Notify': {'stat': 'a'}}}",
          "/Notify/stat: the flow \"Notify\" has no field \"stat\"" },
        { "{'directus_flows': {'Notify': {'options.uri': 'a'}}}", "has no field \"options.uri\"" },
        { "{'directus_flows': {'Notify': {'options.list.2': 1}}}", "has no field" },
        { "{'directus_flows': {'Notify': {'status': 5}}}", "must be a text or null" },
        { "{'directus_flows': {'Notify': {'options': []}}}", "must be an object or null" },
        { "{'directus_flows': {'Notify': {'name': 'a'}}}", "what identifies a record" },
        { "{'directus_flows': {'Notify': {'id': 'a'}}}", "what identifies a record" },
        { "{'directus_flows': {'Notify': {'user_created': null}}}", "never carried" },
        { "{'directus_settings': {'project_nam': 'a'}}",
          "/overrides/directus_settings/project_nam: the settings \"\" has no field" },
        { "{'directus_settings': {'license_key': 'a'}}", "never carried" },
        { "{'directus_settings': {'ai_new_api_key': 'a'}}", "never carried" },
        { "{'directus_roles': {'Editor': {'pin': 'a'}}}", "never carried" },
        { "{'directus_policies': {'$administrator': {'ip_access': ['1.1.1.1']}}}",
          "guards the administrators" },
        { "{'directus_policies': {'Editors': {'admin_access': true}}}", "guards the administrators" },
        { "{'directus_fields': {'posts.title': {'meta.field': 'a'}}}", "what identifies a record" },
        { "{'directus_fields': {'posts.title': {'/meta/field': 'a'}}}", "what identifies a record" },
        { "{'directus_fields': {'posts.titel': {'meta.note': 'a'}}}",
          "the files have no field \"posts.titel\"" },
        { "{'directus_operations': {'Notify/send': {'flow': 'a'}}}", "what identifies a record" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err = { 0 };
        Snapshot files = { 0 };
        snapshot_of(&files, false, files_text);
        scope_of(at, cases[i].overrides);
        assert_false(overrides_apply(&at->scope, &files, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        if (!strstr(err.message, cases[i].message))
            fail_msg("%s", err.message);
        assert_true(*err.hint);
        snapshot_free(&files);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(applies_and_undoes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(undoes_to_what_was_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(placeholders_are_met_in_both_forms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_earlier_state_takes_what_fits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_files_the_value_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_fits_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
