#include "model/ignore.h"

#include "model/canon.h"
#include "model/record_key.h"
#include "snapshots.h"

#define ID(n) "00000000-0000-0000-0000-00000000000" n

static void rules_of(Arena *arena, Scope *scope, const char *rules) {
    Error err = { 0 };
    AUTO(Buf) text = { 0 };
    for (const char *c = rules; *c; c++)
        buf_putc(&text, *c == '\'' ? '"' : *c);
    assert_ok(json_parse(arena, text.data, text.length, JSON_STATE, &scope->ignore, &err));
}

/* {"roles": […], …} of one snapshot, empty types left out. */
static void assert_is(const Snapshot *snapshot, const char *expected) {
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder out = json_object_builder(&arena);
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        JsonArrayBuilder list = json_array_builder(&arena);
        for (size_t i = 0; i < snapshot->types[type].count; i++)
            json_array_add(&list, snapshot->types[type].items[i].json);
        if (list.count)
            json_object_put(&out, catalog_row(type)->name, json_array_done(&list));
    }
    Json all = json_object_done(&out);
    AUTO(Buf) text = { 0 };
    canon_compact(&text, &all);
    for (char *c = text.data; *c; c++)
        if (*c == '"')
            *c = '\'';
    assert_string_equal(buf_text(&text), expected);
}

static void adopt(const char *rules, const char *into_text, const char *from_text, const char *expected,
                  size_t differing) {
    AUTO(Arena) arena = { 0 };
    AUTO(Snapshot) into = { 0 }, from = { 0 };
    Scope scope = { 0 };
    Ignored ignored;
    rules_of(&arena, &scope, rules);
    snapshot_of(&into, false, into_text);
    snapshot_of(&from, true, from_text);
    ignore_adopt(&scope, &into, &from, &into, &ignored);
    assert_is(&into, expected);
    size_t sum = 0;
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        sum += ignored.counts[type];
    assert_int_equal(sum, differing);
}

/* A record that both have, one of each side alone, and one that no pattern names. */
static void records(void **state) {
    (void)state;
    adopt("[{'collection': 'directus_roles', 'key': 'A*'}]",
          "{'roles': [{'id': '" ID("1") "', 'name': 'A both', 'icon': 'mine'}, {'id': '" ID(
              "2") "', 'name': 'A mine'},"
                   " {'id': '" ID("3") "', 'name': 'B mine'}]}",
          "{'roles': [{'id': '" ID("1") "', 'name': 'A both', 'icon': 'theirs'}, {'id': '" ID(
              "4") "', 'name': 'A theirs'},"
                   " {'id': '" ID("5") "', 'name': 'B theirs'}]}",
          "{'roles':[{'icon':'theirs','id':'" ID("1") "','name':'A both'},{'id':'" ID(
              "3") "','name':'B mine'},{'id':'" ID("4") "','name':'A theirs'}]}",
          3);
}

/* By id, under the name of either side, and with the name that the files give what the key refers to. */
static void names(void **state) {
    (void)state;
    adopt("[{'collection': 'directus_roles', 'key': '" ID("1") "'}]",
          "{'roles': [{'id': '" ID("1") "', 'name': 'A'}]}",
          "{'roles': [{'id': '" ID("1") "', 'name': 'B'}]}", "{'roles':[{'id':'" ID("1") "','name':'B'}]}",
          1);
    adopt("[{'collection': 'directus_roles', 'key': 'B'}]", "{'roles': [{'id': '" ID("1") "', 'name': 'A'}]}",
          "{'roles': [{'id': '" ID("1") "', 'name': 'B'}]}", "{'roles':[{'id':'" ID("1") "','name':'B'}]}",
          1);
    adopt("[{'collection': 'directus_permissions', 'key': 'New/posts/*'}]",
          "{'policies': [{'id': '" ID("1") "', 'name': 'New'}], 'permissions': []}",
          "{'policies': [{'id': '" ID("1") "', 'name': 'Old'}],"
                                           " 'permissions': [{'policy': '" ID(
                                               "1") "', 'collection': 'posts', 'action': 'read'},"
                                                    "   {'policy': '" ID(
                                                        "1") "', 'collection': 'pages', 'action': 'read'}]}",
          "{'permissions':[{'action':'read','collection':'posts','policy':'" ID(
              "1") "'}],'policies':[{'id':'" ID("1") "','name':'New'}]}",
          1);
}

/* Records without ids: all of the pattern's are the other side's, repeated ones too. */
static void grants(void **state) {
    (void)state;
    adopt("[{'collection': 'directus_permissions', 'key': '*/posts/update'}]",
          "{'permissions': [{'policy': 'p', 'collection': 'posts', 'action': 'update', 'fields': ['a']},"
          " {'policy': 'p', 'collection': 'posts', 'action': 'read', 'fields': ['a']}]}",
          "{'permissions': [{'policy': 'p', 'collection': 'posts', 'action': 'update', 'fields': ['b'], "
          "'pk': '7'},"
          " {'policy': 'p', 'collection': 'posts', 'action': 'update', 'fields': ['c'], 'pk': '8'},"
          " {'policy': 'p', 'collection': 'posts', 'action': 'read', 'fields': ['d'], 'pk': '9'}]}",
          "{'permissions':[{'action':'read','collection':'posts','fields':['a'],'policy':'p'},"
          "{'action':'update','collection':'posts','fields':['b'],'policy':'p'},"
          "{'action':'update','collection':'posts','fields':['c'],'policy':'p'}]}",
          3);
}

/* What belongs to an ignored record goes with it; with a field pattern only the fields do. */
static void what_belongs_to_it(void **state) {
    (void)state;
    static const char mine[] =
        "{'policies': [{'id': '" ID("1") "', 'name': 'P', 'icon': 'a'}], 'roles': [],"
                                         " 'access': [], 'permissions': [{'policy': '" ID(
                                             "1") "', 'collection': 'x', 'action': 'read'}]}";
    static const char theirs[] = "{'policies': [{'id': '" ID(
        "1") "', 'name': 'P', 'icon': 'b'}],"
             " 'roles': [{'id': '" ID(
                 "2") "', 'name': 'R'}],"
                      " 'access': [{'role': '" ID("2") "', 'policy': '" ID(
                          "1") "', 'sort': 1, 'pk': 'u'}],"
                               " 'permissions': [{'policy': '" ID(
                                   "1") "', 'collection': 'y', 'action': 'read', 'pk': '1'}]}";
    adopt("[{'collection': 'directus_policies', 'key': 'P'}]", mine, theirs,
          "{'access':[{'policy':'" ID("1") "','role':'" ID(
              "2") "','sort':1}],"
                   "'permissions':[{'action':'read','collection':'y','policy':'" ID(
                       "1") "'}],"
                            "'policies':[{'icon':'b','id':'" ID("1") "','name':'P'}]}",
          4);
    adopt("[{'collection': 'directus_policies', 'key': 'P', 'field': '*'}]", mine, theirs,
          "{'permissions':[{'action':'read','collection':'x','policy':'" ID(
              "1") "'}],"
                   "'policies':[{'icon':'b','id':'" ID("1") "','name':'P'}]}",
          1);
    adopt("[{'collection': 'directus_folders', 'key': 'Own'}]", "{'folders': []}",
          "{'folders': [{'id': '" ID("1") "', 'name': 'Own', 'parent': null}, {'id': '" ID(
              "2") "', 'name': 'in', 'parent': '" ID("1") "'}, {'id': '" ID("3") "', 'name': 'Own too', "
                                                                                 "'parent': null}]}",
          "{'folders':[{'id':'" ID("1") "','name':'Own','parent':null},{'id':'" ID(
              "2") "','name':'in','parent':'" ID("1") "'}]}",
          2);
}

static void fields(void **state) {
    (void)state;
    adopt("[{'collection': 'directus_settings', 'field': ['project_*', 'deep.b', 'gone']}]",
          "{'settings': [{'project_name': 'a', 'project_color': 'c', 'deep': {'a': 1, 'b': 1}, 'other': 1}]}",
          "{'settings': [{'project_name': 'b', 'project_note': 'n', 'deep': {'a': 2, 'b': 2}, 'other': 2, "
          "'gone': 3}]}",
          "{'settings':[{'deep':{'a':1,'b':2},'gone':3,'other':1,'project_name':'b','project_note':'n'}]}",
          1);
    /* A new record goes without them; what makes it this record stays. */
    adopt("[{'collection': 'directus_roles', 'field': '*'}]",
          "{'roles': [{'id': '" ID("1") "', 'name': 'A', 'icon': 'x'}]}", "{'roles': []}",
          "{'roles':[{'id':'" ID("1") "','name':'A'}]}", 1);
}

/* A relation goes with its field and with both its collections. */
static void schema(void **state) {
    (void)state;
    adopt("[{'collection': 'directus_collections', 'key': 'log*'}, {'collection': 'directus_fields', 'key': "
          "'posts.own'}]",
          "{'collections': [{'collection': 'posts', 'meta': {}}], 'fields': [], 'relations': []}",
          "{'collections': [{'collection': 'logs', 'meta': {}}, {'collection': 'other', 'meta': {}}],"
          " 'fields': [{'collection': 'logs', 'field': 'id'}, {'collection': 'posts', 'field': 'own'},"
          "   {'collection': 'posts', 'field': 'more'}],"
          " 'relations': [{'collection': 'posts', 'field': 'own', 'related_collection': 'posts'},"
          "   {'collection': 'posts', 'field': 'log', 'related_collection': 'logs'},"
          "   {'collection': 'posts', 'field': 'more', 'related_collection': 'posts'}]}",
          "{'collections':[{'collection':'logs','meta':{}},{'collection':'posts','meta':{}}],"
          "'fields':[{'collection':'logs','field':'id'},{'collection':'posts','field':'own'}],"
          "'relations':[{'collection':'posts','field':'log','related_collection':'logs'},"
          "{'collection':'posts','field':'own','related_collection':'posts'}]}",
          5);
}

/* An export may not write references to what stays out of the files. */
static void mends(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    AUTO(Snapshot) into = { 0 }, from = { 0 };
    Scope scope = { 0 };
    rules_of(&arena, &scope, "[{'collection': 'directus_roles', 'key': 'Own'}]");
    snapshot_of(&into, true,
                "{'roles': [{'id': '" ID("1") "', 'name': 'A', 'parent': '" ID(
                    "9") "'},"
                         " {'id': '" ID("2") "', 'name': 'B', 'parent': '" ID("9") "'}, {'id': '" ID(
                             "3") "', 'name': 'C', 'parent': '" ID("1") "'}]}");
    snapshot_of(&from, false, "{'roles': [{'id': '" ID("2") "', 'name': 'B', 'parent': '" ID("1") "'}]}");
    assert_int_equal(ignore_mend(&scope, &into, &from), 2);
    assert_is(&into, "{'roles':[{'id':'" ID("1") "','name':'A','parent':null},{'id':'" ID(
                         "2") "','name':'B','parent':'" ID("1") "'},{'id':'" ID("3") "','name':'C','parent':"
                                                                                     "'" ID("1") "'}]}");
}

/* A group on the instance that the files know nothing of. */
static void mends_groups(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    AUTO(Snapshot) into = { 0 }, from = { 0 };
    Scope scope = { 0 };
    rules_of(&arena, &scope, "[{'collection': 'directus_collections', 'key': 'own'}]");
    snapshot_of(&into, true,
                "{'collections': [{'collection': 'a', 'meta': {'group': 'own'}}, {'collection': 'b', 'meta': "
                "{'group': 'own'}}, {'collection': 'desk', 'meta': {'group': null}}, {'collection': 'c', "
                "'meta': {'group': 'desk'}}, {'collection': 'bare', 'meta': null}]}");
    snapshot_of(&from, false, "{'collections': [{'collection': 'a', 'meta': {'group': 'desk'}}]}");
    assert_int_equal(ignore_mend(&scope, &into, &from), 2);
    assert_is(&into, "{'collections':[{'collection':'a','meta':{'group':'desk'}},{'collection':'b','meta':{"
                     "'group':null}},{'collection':'bare','meta':null},{'collection':'c','meta':{'group':"
                     "'desk'}},{'collection':'desk','meta':{'group':null}}]}");
}

static void assert_checked(const char *rules, const char *files_text, const char *target_text,
                           const char *message, const char *hint) {
    AUTO(Arena) arena = { 0 };
    AUTO(Snapshot) files = { 0 }, wanted = { 0 }, target = { 0 };
    Scope scope = { 0 };
    Ignored ignored;
    Error err = { 0 };
    rules_of(&arena, &scope, rules);
    snapshot_of(&files, false, files_text);
    snapshot_of(&wanted, false, files_text);
    snapshot_of(&target, true, target_text);
    ignore_adopt(&scope, &wanted, &target, &files, &ignored);
    assert_int_equal(ignore_check(&wanted, &files, &target, &err), message == NULL);
    if (!message)
        return;
    assert_int_equal(err.kind, ERR_FILES);
    assert_string_equal(err.message, message);
    assert_non_null(strstr(err.hint, hint));
}

static void what_is_needed_must_be_there(void **state) {
    (void)state;
    const char *groups = "{'collections': [{'collection': 'a', 'meta': {'group': 'desk'}}, {'collection': "
                         "'desk', 'meta': {'group': null}}]}";
    const char *desk = "[{'collection': 'directus_collections', 'key': 'desk'}]";
    assert_checked(desk, groups, "{'collections': []}",
                   "collections.json: (/0/meta/group): the configuration ignores the collection \"desk\", "
                   "and the target has none",
                   "\"overrides\": {\"directus_collections\": {\"a\": {\"meta.group\": null}}}");
    assert_checked(desk, groups, "{'collections': [{'collection': 'desk', 'meta': {'group': null}}]}", NULL,
                   NULL);
    assert_checked("[]", groups, "{'collections': []}", NULL, NULL);
    const char *parents = "{'roles': [{'id': '" ID("1") "', 'name': 'A', 'parent': '" ID(
        "2") "'}, {'id': '" ID("2") "', 'name': 'Own', 'parent': null}]}";
    const char *own = "[{'collection': 'directus_roles', 'key': 'Own'}]";
    assert_checked(own, parents, "{'roles': []}",
                   "roles.json: (/0/parent): the configuration ignores the role \"Own\", and the target has "
                   "none",
                   "{\"A\": {\"parent\": null}}");
    assert_checked(own, parents, "{'roles': [{'id': '" ID("2") "', 'name': 'Own', 'parent': null}]}", NULL,
                   NULL);
    assert_checked(own, parents, "{'settings': []}", NULL, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records),
        cmocka_unit_test(names),
        cmocka_unit_test(grants),
        cmocka_unit_test(what_belongs_to_it),
        cmocka_unit_test(fields),
        cmocka_unit_test(schema),
        cmocka_unit_test(mends),
        cmocka_unit_test(mends_groups),
        cmocka_unit_test(what_is_needed_must_be_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
