#include "model/identity.h"

#include "unit/model/snapshots.h"

#define ADMIN_ROLE   "00000000-0000-4000-8000-00000000000a"
#define ADMIN_POLICY "00000000-0000-4000-8000-00000000000b"

static const char *const base =
    "{'roles':[{'id':'" ADMIN_ROLE "','name':'Administrator','parent':null}],"
    "'policies':[{'id':'" ADMIN_POLICY "','name':'Administrator','admin_access':true},"
    "{'id':'" PUBLIC_POLICY_ID "','name':'$t:public_label','admin_access':false}],"
    "'access':[{'pk':'x','role':'" ADMIN_ROLE "','policy':'" ADMIN_POLICY "','sort':null}]}";

static const char *text_at(const Snapshot *snapshot, TypeId type, size_t index, const char *field) {
    assert_true(index < snapshot->types[type].count);
    const char *text = json_get_text(&snapshot->types[type].items[index].json, field);
    return text ? text : "(null)";
}

static void reserved_names_are_given(void **state) {
    (void)state;
    AUTO(Snapshot) instance = { 0 };
    AUTO_IDMAP map = idmap_new();
    snapshot_of(&instance, true, base);
    identity_align(&instance, NULL, map);
    assert_string_equal(text_at(&instance, TYPE_ROLES, 0, "id"), "$administrator");
    assert_string_equal(instance.types[TYPE_ROLES].items[0].target_id, ADMIN_ROLE);
    assert_string_equal(text_at(&instance, TYPE_POLICIES, 0, "id"), "$administrator");
    assert_string_equal(text_at(&instance, TYPE_POLICIES, 1, "id"), "$public");
    assert_string_equal(text_at(&instance, TYPE_ACCESS, 0, "role"), "$administrator");
    assert_string_equal(text_at(&instance, TYPE_ACCESS, 0, "policy"), "$administrator");
}

static void two_administrators_are_no_guess(void **state) {
    (void)state;
    AUTO(Snapshot) instance = { 0 };
    AUTO_IDMAP map = idmap_new();
    snapshot_of(
        &instance, true,
        "{'roles':[{'id':'r1','name':'Root'},{'id':'r2','name':'Boss'}],"
        "'policies':[{'id':'p1','name':'A','admin_access':true},{'id':'p2','name':'B','admin_access':true}],"
        "'access':[{'role':'r1','policy':'p1'},{'role':'r2','policy':'p2'}]}");
    identity_align(&instance, NULL, map);
    assert_string_equal(text_at(&instance, TYPE_ROLES, 0, "id"), "r1");
    assert_string_equal(text_at(&instance, TYPE_POLICIES, 1, "id"), "p2");
}

/* A project template may bring an "Administrator" of its own along: the reader's is the instance's. */
static void of_two_so_called_the_readers_is_meant(void **state) {
    (void)state;
    AUTO(Snapshot) instance = { 0 };
    AUTO_IDMAP map = idmap_new();
    static const char *const policies[] = { "p0", "p2", NULL };
    snapshot_of(&instance, true,
                "{'roles':[{'id':'r1','name':'Administrator'},{'id':'r2','name':'Administrator'}],"
                "'policies':[{'id':'p1','name':'Administrator','admin_access':true},"
                "{'id':'p2','name':'Administrator','admin_access':true}],"
                "'access':[{'role':'r1','policy':'p1'},{'role':'r2','policy':'p2'}]}");
    instance.reader_role = "r2";
    instance.reader_policies = policies;
    identity_align(&instance, NULL, map);
    assert_string_equal(idmap_to_state(map, "directus_policies", "p2"), "$administrator");
    assert_string_equal(idmap_to_state(map, "directus_roles", "r2"), "$administrator");
    assert_null(idmap_to_state(map, "directus_policies", "p1"));
    assert_null(idmap_to_state(map, "directus_roles", "r1"));
}

static void another_admin_policy_is_not_the_administrator(void **state) {
    (void)state;
    AUTO(Snapshot) instance = { 0 };
    AUTO_IDMAP map = idmap_new();
    snapshot_of(
        &instance, true,
        "{'roles':[{'id':'r1','name':'Administrator'},{'id':'r2','name':'Deploy'}],"
        "'policies':[{'id':'p1','name':'Administrator','admin_access':true},{'id':'p2','name':'CI','admin_"
        "access':true}],"
        "'access':[{'role':'r1','policy':'p1'},{'role':'r2','policy':'p2'},{'role':'r2','policy':'p1'}]}");
    identity_align(&instance, NULL, map);
    assert_string_equal(idmap_to_state(map, "directus_policies", "p1"), "$administrator");
    assert_null(idmap_to_state(map, "directus_policies", "p2"));
    assert_string_equal(idmap_to_state(map, "directus_roles", "r1"), "$administrator");
    assert_null(idmap_to_state(map, "directus_roles", "r2"));
}

static void natural_keys_adopt_with_parents_first(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 }, instance = { 0 };
    AUTO_IDMAP map = idmap_new();
    snapshot_of(
        &files, false,
        "{'folders':[{'id':'f1','name':'Media','parent':null},{'id':'f2','name':'Logos','parent':'f1'},"
        "{'id':'f3','name':'Logos','parent':null}]}");
    snapshot_of(
        &instance, true,
        "{'folders':[{'id':'i1','name':'Media','parent':null},{'id':'i2','name':'Logos','parent':'i1'},"
        "{'id':'f3','name':'Old','parent':null}]}");
    identity_align(&instance, &files, map);
    assert_string_equal(idmap_to_target(map, "directus_folders", "f1"), "i1");
    assert_string_equal(idmap_to_target(map, "directus_folders", "f2"), "i2");
    assert_null(idmap_to_target(map, "directus_folders", "f3")); /* equal ids win over names */
    assert_string_equal(snapshot_find(&instance, TYPE_FOLDERS, "f2")->target_id, "i2");
    assert_string_equal(json_get_text(&snapshot_find(&instance, TYPE_FOLDERS, "f2")->json, "parent"), "f1");
}

static void ambiguous_names_do_not_match(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 }, instance = { 0 };
    AUTO_IDMAP map = idmap_new();
    snapshot_of(&files, false, "{'roles':[{'id':'a','name':'Editor'}]}");
    snapshot_of(&instance, true, "{'roles':[{'id':'x','name':'Editor'},{'id':'y','name':'Editor'}]}");
    identity_align(&instance, &files, map);
    assert_null(idmap_to_target(map, "directus_roles", "a"));
}

#define STATE_ROLE  "11111111-1111-4111-8111-111111111111"
#define TARGET_ROLE "22222222-2222-4222-8222-222222222222"

static void embedded_ids_follow_both_ways(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 }, instance = { 0 };
    AUTO(Arena) arena = { 0 };
    AUTO_IDMAP map = idmap_new();
    snapshot_of(&files, false, "{'roles':[{'id':'" STATE_ROLE "','name':'Editor'}]}");
    snapshot_of(&instance, true, base);
    snapshot_of(&instance, true,
                "{'roles':[{'id':'" TARGET_ROLE "','name':'Editor'}],"
                "'flows':[{'id':'f','name':'F','options':{'admin':'" ADMIN_ROLE "','policy':'" ADMIN_POLICY
                "',"
                "'url':'/users?role=" TARGET_ROLE "&x=1','free':'$t:name'}}]}");
    identity_align(&instance, &files, map);
    const Json *flow = &instance.types[TYPE_FLOWS].items[0].json;
    const Json *options = json_get(flow, "options");
    assert_string_equal(json_get_text(options, "admin"), "$administrator");
    assert_string_equal(json_get_text(options, "policy"), "$administrator_policy");
    assert_string_equal(json_get_text(options, "url"), "/users?role=" STATE_ROLE "&x=1");
    assert_string_equal(json_get_text(options, "free"), "$t:name");
    Json back = identity_to_target(&arena, TYPE_FLOWS, flow, map);
    options = json_get(&back, "options");
    assert_string_equal(json_get_text(options, "admin"), ADMIN_ROLE);
    assert_string_equal(json_get_text(options, "policy"), ADMIN_POLICY);
    assert_string_equal(json_get_text(options, "url"), "/users?role=" TARGET_ROLE "&x=1");
}

static void equal_grants_are_written_once(void **state) {
    (void)state;
    AUTO(Snapshot) instance = { 0 };
    snapshot_of(&instance, true,
                "{'permissions':[{'pk':'1','policy':'p','collection':'a','action':'read','fields':['*']},"
                "{'pk':'2','policy':'p','collection':'a','action':'read','fields':['*']},"
                "{'pk':'3','policy':'p','collection':'a','action':'read','fields':['id']}]}");
    assert_int_equal(identity_reduce(&instance), 1);
    assert_int_equal(instance.types[TYPE_PERMISSIONS].count, 2);
}

static void the_map_holds_many_pairs(void **state) {
    (void)state;
    AUTO_IDMAP map = idmap_new();
    char target[32], wanted[32];
    for (int i = 0; i < 5000; i++) {
        snprintf(target, sizeof target, "t%d", i);
        snprintf(wanted, sizeof wanted, "s%d", i);
        idmap_put(map, i % 2 ? "odd" : "even", target, wanted);
    }
    idmap_put(map, "even", "same", "same");
    assert_int_equal(idmap_count(map), 5000);
    assert_string_equal(idmap_to_state(map, "odd", "t4999"), "s4999");
    assert_null(idmap_to_state(map, "even", "t4999"));
    assert_string_equal(identity_reference(map, "even", "s10"), "t10");
    assert_string_equal(identity_reference(map, "even", "unknown"), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reserved_names_are_given),
        cmocka_unit_test(two_administrators_are_no_guess),
        cmocka_unit_test(of_two_so_called_the_readers_is_meant),
        cmocka_unit_test(another_admin_policy_is_not_the_administrator),
        cmocka_unit_test(natural_keys_adopt_with_parents_first),
        cmocka_unit_test(ambiguous_names_do_not_match),
        cmocka_unit_test(embedded_ids_follow_both_ways),
        cmocka_unit_test(equal_grants_are_written_once),
        cmocka_unit_test(the_map_holds_many_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
