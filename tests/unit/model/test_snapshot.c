#include "model/snapshot.h"

#include "model/canon.h"
#include "unit/model/snapshots.h"

static const char *label(const Snapshot *snapshot, TypeId type, size_t index, Arena *arena) {
    assert_true(index < snapshot->types[type].count);
    return snapshot_label(snapshot, type, &snapshot->types[type].items[index], arena);
}

static void ids_order_records_that_have_one(void **state) {
    (void)state;
    AUTO(Snapshot) snapshot = { 0 };
    snapshot_of(&snapshot, false,
                "{'policies':[{'id':'b','name':'A'},{'id':'$public','name':'Z'},{'id':'a','name':'B'},"
                "{'id':'$administrator','name':'Y'}]}");
    const Record *items = snapshot.types[TYPE_POLICIES].items;
    assert_string_equal(items[0].id, "$administrator");
    assert_string_equal(items[1].id, "$public");
    assert_string_equal(items[2].id, "a");
    assert_string_equal(items[3].id, "b");
    assert_ptr_equal(snapshot_find(&snapshot, TYPE_POLICIES, "a"), &items[2]);
    assert_null(snapshot_find(&snapshot, TYPE_POLICIES, "c"));
    assert_null(snapshot_find(&snapshot, TYPE_POLICIES, NULL));
    assert_null(snapshot_find(&snapshot, TYPE_USERS, "a"));
    assert_null(snapshot_find(&snapshot, TYPE_ROLES, "a"));
}

static void keys_order_the_others_then_content(void **state) {
    (void)state;
    AUTO(Snapshot) snapshot = { 0 };
    snapshot_of(&snapshot, false,
                "{'fields':[{'collection':'b','field':'a'},{'collection':'a','field':'z'},{'collection':'a','"
                "field':'b'}],"
                "'permissions':[{'policy':'p','collection':'posts','action':'read','fields':['b']},"
                "{'policy':'p','collection':'posts','action':'read','fields':['a']},"
                "{'policy':'p','collection':'posts','action':'create','fields':['z']},"
                "{'policy':'a','collection':'zoo','action':'read','fields':['z']}]}");
    const Record *fields = snapshot.types[TYPE_FIELDS].items;
    assert_string_equal(json_get_text(&fields[0].json, "field"), "b");
    assert_string_equal(json_get_text(&fields[1].json, "field"), "z");
    assert_string_equal(json_get_text(&fields[2].json, "collection"), "b");
    const Record *permissions = snapshot.types[TYPE_PERMISSIONS].items;
    assert_string_equal(json_get_text(&permissions[0].json, "collection"), "zoo");
    assert_string_equal(json_get_text(&permissions[1].json, "action"), "create");
    assert_string_equal(json_get(&permissions[2].json, "fields")->as.items[0].as.text, "a");
    assert_string_equal(json_get(&permissions[3].json, "fields")->as.items[0].as.text, "b");
    assert_int_equal(snapshot_records(&snapshot), 7);
}

static void equal_records_of_an_instance_stand_by_number(void **state) {
    (void)state;
    AUTO(Snapshot) snapshot = { 0 };
    snapshot_of(&snapshot, true,
                "{'permissions':[{'pk':'10','policy':'p','collection':'c','action':'read'},"
                "{'pk':'9','policy':'p','collection':'c','action':'read'}]}");
    assert_string_equal(snapshot.types[TYPE_PERMISSIONS].items[0].target_id, "9");
}

static void labels_are_what_people_say(void **state) {
    (void)state;
    AUTO(Snapshot) snapshot = { 0 };
    AUTO(Arena) arena = { 0 };
    snapshot_of(&snapshot, false,
                "{'collections':[{'collection':'posts'}],'fields':[{'collection':'posts','field':'title'}],"
                "'relations':[{'collection':'posts','field':'author'}],"
                "'roles':[{'id':'r1','name':'Editor'}],'policies':[{'id':'$public','name':'Public'},{'id':'"
                "p1','name':'Editors'}],"
                "'permissions':[{'policy':'p1','collection':'posts','action':'read'},{'policy':'gone','"
                "collection':'a','action':'b'}],"
                "'access':[{'role':null,'policy':'$public'},{'role':'r1','policy':'p1'}],'settings':[{'"
                "project_name':'X'}],"
                "'translations':[{'id':'t','key':'hello','language':'de-DE'}],"
                "'presets':[{'collection':'posts','bookmark':'Drafts','role':'r1'},{'collection':'tags','"
                "bookmark':null,'role':null}],"
                "'dashboards':[{'id':'d','name':'Sales'}],'panels':[{'id':'x','name':'','dashboard':'d'}],"
                "'flows':[{'id':'f','name':'Newsletter'}],"
                "'operations':[{'id':'o','key':'send_mail','name':null,'flow':'f'},{'id':'q','key':'k','name'"
                ":'Log','flow':'f'}]}");
    assert_string_equal(label(&snapshot, TYPE_COLLECTIONS, 0, &arena), "posts");
    assert_string_equal(label(&snapshot, TYPE_FIELDS, 0, &arena), "posts.title");
    assert_string_equal(label(&snapshot, TYPE_RELATIONS, 0, &arena), "posts.author");
    assert_string_equal(label(&snapshot, TYPE_ROLES, 0, &arena), "Editor");
    assert_string_equal(label(&snapshot, TYPE_PERMISSIONS, 0, &arena), "a b (gone)");
    assert_string_equal(label(&snapshot, TYPE_PERMISSIONS, 1, &arena), "posts read (Editors)");
    assert_string_equal(label(&snapshot, TYPE_ACCESS, 0, &arena), "everyone (Public)");
    assert_string_equal(label(&snapshot, TYPE_ACCESS, 1, &arena), "Editor (Editors)");
    assert_string_equal(label(&snapshot, TYPE_SETTINGS, 0, &arena), "settings");
    assert_string_equal(label(&snapshot, TYPE_TRANSLATIONS, 0, &arena), "hello de-DE");
    assert_string_equal(label(&snapshot, TYPE_PRESETS, 0, &arena), "posts Drafts (Editor)");
    assert_string_equal(label(&snapshot, TYPE_PRESETS, 1, &arena), "tags (everyone)");
    assert_string_equal(label(&snapshot, TYPE_PANELS, 0, &arena), "Sales › x");
    assert_string_equal(label(&snapshot, TYPE_OPERATIONS, 0, &arena), "Newsletter › send_mail");
    assert_string_equal(label(&snapshot, TYPE_OPERATIONS, 1, &arena), "Newsletter › Log");
}

static void places_name_file_and_pointer(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    Snapshot snapshot = { .folder = "schema" };
    const Record whole = { .origin = "roles/a.json" }, part = { .origin = "policies/b.json#/permissions/3" };
    assert_string_equal(snapshot_place(&snapshot, &whole, NULL, &arena), "schema/roles/a.json");
    assert_string_equal(snapshot_place(&snapshot, &whole, "a/b~c", &arena),
                        "schema/roles/a.json: (/a~1b~0c)");
    assert_string_equal(snapshot_place(&snapshot, &part, NULL, &arena),
                        "schema/policies/b.json: (/permissions/3)");
    snapshot.folder = NULL;
    assert_string_equal(snapshot_place(&snapshot, &part, "fields", &arena),
                        "policies/b.json: (/permissions/3/fields)");
}

static void lists_are_put_into_the_order_of_others(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 };
    AUTO(Snapshot) instance = { 0 };
    snapshot_of(&files, false,
                "{'fields':[{'collection':'a','field':'b','meta':{'note':'old','list':['b','a',{'x':[2,1]}],"
                "'special':['y','x']}},{'collection':'a','field':'c','meta':{'special':['q','p']}}]}");
    snapshot_of(&instance, true,
                "{'fields':[{'collection':'a','field':'b','meta':{'note':'new','list':['a','b',{'x':[1,2]}],"
                "'special':['x','y']}},{'collection':'a','field':'c','meta':{'special':['p','r']}}]}");
    snapshot_keep_order(&instance, &files);
    const Json *special = json_path(&instance.types[TYPE_FIELDS].items[0].json, "meta", "special", NULL);
    assert_string_equal(json_text(&special->as.items[0]), "x"); /* its order is known: nothing is kept */
    instance.unordered = true;
    snapshot_keep_order(&instance, &files);
    AUTO(Buf) text = { 0 };
    canon_compact(&text, json_get(&instance.types[TYPE_FIELDS].items[0].json, "meta"));
    canon_compact(&text, json_get(&instance.types[TYPE_FIELDS].items[1].json, "meta"));
    assert_string_equal(buf_text(&text),
                        "{\"list\":[\"a\",\"b\",{\"x\":[1,2]}],\"note\":\"new\",\"special\":["
                        "\"y\",\"x\"]}{\"special\":[\"p\",\"r\"]}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_put_into_the_order_of_others),
        cmocka_unit_test(ids_order_records_that_have_one),
        cmocka_unit_test(keys_order_the_others_then_content),
        cmocka_unit_test(equal_records_of_an_instance_stand_by_number),
        cmocka_unit_test(labels_are_what_people_say),
        cmocka_unit_test(places_name_file_and_pointer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
