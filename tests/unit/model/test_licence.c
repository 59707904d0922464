#include "unit/model/snapshots.h"

#include "model/licence.h"

static void assert_use(LicenceUse use, size_t used, size_t added) {
    assert_int_equal(use.used, used);
    assert_int_equal(use.added, added);
}

/* What the files leave out counts until it is deleted. */
static void collections_at_the_peak(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 };
    AUTO(Snapshot) target = { 0 };
    snapshot_of(&files, false,
                "{'collections':[{'collection':'a','schema':{}},{'collection':'b','schema':{}},"
                "{'collection':'folder','schema':null},{'collection':'idle','schema':{},'meta':{'status':"
                "'inactive'}},{'collection':'woken','schema':{},'meta':{'status':'active'}}]}");
    snapshot_of(&target, true,
                "{'collections':[{'collection':'a','schema':{},'meta':{'status':'active'}},"
                "{'collection':'gone','schema':{},'meta':{'status':'active'}},{'collection':'other',"
                "'meta':{}},{'collection':'woken','schema':{},'meta':{'status':'inactive'}}]}");
    assert_use(licence_collections(&files, &target), 2, 2);
    assert_use(licence_collections(&files, &files), 3, 0);
    AUTO(Snapshot) unread = { 0 };
    assert_use(licence_collections(&files, &unread), 0, 0);
}

static void flows_at_the_peak(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 };
    AUTO(Snapshot) target = { 0 };
    snapshot_of(&files, false,
                "{'flows':[{'id':'a','status':'active'},{'id':'b'},{'id':'c','status':'inactive'},"
                "{'id':'d','status':'active'}]}");
    snapshot_of(&target, true,
                "{'flows':[{'id':'a','status':'active'},{'id':'d','status':'inactive'},"
                "{'id':'x','status':'active'},{'id':'y','status':'active'}]}");
    assert_use(licence_flows(&files, &target), 3, 2);
}

static void custom_rules(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 };
    const Record *first;
    snapshot_of(&files, false,
                "{'permissions':[{'policy':'p','collection':'a','action':'read','fields':['*'],"
                "'permissions':{},'validation':null},"
                "{'policy':'p','collection':'b','action':'read','fields':['id'],'permissions':null},"
                "{'policy':'p','collection':'c','action':'read','fields':['*'],'permissions':{'_and':[]}},"
                "{'policy':'p','collection':'d','action':'update','fields':['*'],'validation':{'x':1}},"
                "{'policy':'p','collection':'e','action':'read','fields':null},"
                "{'policy':'p','collection':'directus_flows','action':'read','fields':['id']},"
                "{'policy':'p','collection':'directus_flows','action':'delete','fields':['id']}]}");
    assert_int_equal(licence_custom_rules(&files, &first), 5);
    assert_string_equal(json_get_text(&first->json, "collection"), "b");
}

/* A role's users come into the app with the first policy that lets them, its parents' too. */
static void seats_through_roles(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    AUTO(Snapshot) files = { 0 };
    AUTO(Snapshot) target = { 0 };
    static const char policies[] = "'policies':[{'id':'app','app_access':true},{'id':'none'}]";
    snapshot_of(&files, false,
                arena_printf(&arena,
                             "{%s,'roles':[{'id':'top'},{'id':'child','parent':'top'},{'id':'had'},"
                             "{'id':'new'},{'id':'api'}],'access':[{'id':'1','role':'top','policy':'app'},"
                             "{'id':'2','role':'had','policy':'app'},{'id':'3','role':'new','policy':'app'},"
                             "{'id':'4','role':'api','policy':'none'}]}",
                             policies));
    snapshot_of(
        &target, true,
        arena_printf(&arena,
                     "{%s,'roles':[{'id':'top','pk':'TOP'},{'id':'child','pk':'CHILD','parent':'top'},"
                     "{'id':'had'},{'id':'api'}],'access':[{'id':'2','role':'had','policy':'app'}]}",
                     policies));
    const char *const *roles = licence_new_seats(&files, &target, &arena);
    assert_string_equal(roles[0], "CHILD");
    assert_string_equal(roles[1], "TOP");
    assert_null(roles[2]);
}

static void limits_are_sums(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    Error err = { 0 };
    Json license;
    static const char text[] =
        "{\"entitlements\":{\"flows\":{\"limit\":5,\"overage\":null,\"addon\":2},\"seats\":{\"limit\":3,"
        "\"addon\":-1},\"collections\":{\"limit\":-1},\"rules\":{\"default\":false},"
        "\"more\":{\"default\":false,\"override\":true}}}";
    assert_ok(json_parse(&arena, text, strlen(text), JSON_SYNTAX, &license, &err));
    assert_int_equal(licence_limit(&license, "flows"), 7);
    assert_int_equal(licence_limit(&license, "seats"), -1);
    assert_int_equal(licence_limit(&license, "collections"), -1);
    assert_int_equal(licence_limit(&license, "unknown"), -1);
    assert_false(licence_feature(&license, "rules"));
    assert_true(licence_feature(&license, "more"));
    assert_true(licence_feature(&license, "unknown"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collections_at_the_peak),
        cmocka_unit_test(flows_at_the_peak),
        cmocka_unit_test(custom_rules),
        cmocka_unit_test(seats_through_roles),
        cmocka_unit_test(limits_are_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
