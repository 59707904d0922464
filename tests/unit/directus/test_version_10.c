#include "directus/version_10.h"

#include "model/canon.h"
#include "unit/directus/client.h"
#include "unit/model/snapshots.h"

static const char *const instance_text =
    "{'roles':[{'id':'r1','name':'Desk','icon':'edit','description':null,'admin_access':false,'app_access':"
    "true,"
    "'enforce_tfa':true,'ip_access':['10.0.0.1']}],"
    "'permissions':[{'role':'r1','collection':'notes','action':'read'},"
    "{'role':null,'collection':'notes','action':'read'}]}";

static void assert_text(const Json *json, const char *expected) {
    AUTO(Buf) text = { 0 };
    canon_compact(&text, json);
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] == '"')
            text.data[i] = '\'';
    assert_string_equal(buf_text(&text), expected);
}

static void roles_are_read_as_policies(void **state) {
    (void)state;
    AUTO(Snapshot) snapshot = { 0 };
    snapshot_of(&snapshot, true, instance_text);
    version_10_take(&snapshot);
    snapshot_sort(&snapshot);
    assert_true(snapshot.present[TYPE_POLICIES] && snapshot.present[TYPE_ACCESS]);
    assert_text(&snapshot.types[TYPE_ROLES].items[0].json,
                "{'description':null,'icon':'edit','id':'r1','name':'Desk','parent':null}");
    const Record *policy = snapshot_find(&snapshot, TYPE_POLICIES, "r1");
    assert_text(&policy->json,
                "{'admin_access':false,'app_access':true,'description':null,'enforce_tfa':true,"
                "'icon':'edit','id':'r1','ip_access':['10.0.0.1'],'name':'Desk'}");
    assert_non_null(snapshot_find(&snapshot, TYPE_POLICIES, PUBLIC_POLICY_ID));
    assert_int_equal(snapshot.types[TYPE_ACCESS].count, 2);
    assert_text(&snapshot.types[TYPE_PERMISSIONS].items[0].json,
                "{'action':'read','collection':'notes','policy':'" PUBLIC_POLICY_ID "'}");
    assert_text(&snapshot.types[TYPE_PERMISSIONS].items[1].json,
                "{'action':'read','collection':'notes','policy':'r1'}");
}

static void without_roles_nothing_is_made(void **state) {
    (void)state;
    AUTO(Snapshot) snapshot = { 0 };
    snapshot_of(&snapshot, true, "{'folders':[]}");
    version_10_take(&snapshot);
    assert_false(snapshot.present[TYPE_POLICIES]);
}

static void merged_rows_come_apart(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    Json row = quoted(&arena, "{'id':7,'collection':7,'collection_name':'notes','action':'read'}");
    Json permission = version_10_permission(&arena, &row);
    assert_text(&permission, "{'action':'read','collection':'notes','id':7}");
}

typedef struct {
    Arena arena;
    Plan plan;
    IdMap *map;
} Writing;

static const Json *json_of(Writing *writing, const char *text) {
    Json *json = arena_alloc(&writing->arena, sizeof *json);
    *json = quoted(&writing->arena, text);
    return json;
}

static void begin(Writing *writing) {
    *writing = (Writing){ .map = idmap_new() };
    idmap_put(writing->map, "directus_roles", "there", "here");
}

static void end(Writing *writing) {
    idmap_free(&writing->map);
    plan_free(&writing->plan);
    arena_free(&writing->arena);
}

static void a_new_role_has_its_access_at_once(void **state) {
    (void)state;
    Writing writing;
    begin(&writing);
    plan_change(&writing.plan, (Change){ .kind = CHANGE_CREATE,
                                         .type = TYPE_ROLES,
                                         .id = "n",
                                         .after = json_of(&writing, "{'id':'n','name':'N','parent':null}") });
    plan_change(&writing.plan,
                (Change){ .kind = CHANGE_CREATE,
                          .type = TYPE_POLICIES,
                          .id = "n",
                          .after = json_of(&writing, "{'id':'n','name':'N','enforce_tfa':true}") });
    plan_change(&writing.plan, (Change){ .kind = CHANGE_CREATE,
                                         .type = TYPE_ACCESS,
                                         .after = json_of(&writing, "{'role':'n','policy':'n'}") });
    Plan plan = version_10_plan(&writing.arena, &writing.plan, writing.map);
    assert_int_equal(plan.change_count, 1);
    assert_text(plan.changes[0].after, "{'admin_access':false,'app_access':false,'enforce_tfa':true,'id':'n',"
                                       "'ip_access':null,'name':'N'}");
    end(&writing);
}

static void a_role_and_its_policy_are_one_update(void **state) {
    (void)state;
    Writing writing;
    begin(&writing);
    plan_change(&writing.plan, (Change){ .kind = CHANGE_UPDATE,
                                         .type = TYPE_ROLES,
                                         .id = "here",
                                         .target_id = "there",
                                         .patch = json_of(&writing, "{'name':'N','parent':null}") });
    plan_change(&writing.plan,
                (Change){ .kind = CHANGE_UPDATE,
                          .type = TYPE_POLICIES,
                          .id = "here",
                          .target_id = "there",
                          .before = json_of(&writing, "{'admin_access':true}"),
                          .patch = json_of(&writing, "{'app_access':true,'name':'N','icon':'x'}") });
    Plan plan = version_10_plan(&writing.arena, &writing.plan, writing.map);
    assert_int_equal(plan.change_count, 1);
    assert_int_equal(plan.changes[0].type, TYPE_ROLES);
    assert_string_equal(plan.changes[0].target_id, "there");
    assert_text(plan.changes[0].patch, "{'app_access':true,'name':'N'}");
    assert_true(
        json_get_bool(plan.changes[0].before, "admin_access", false)); /* the writer's guard sees it */
    end(&writing);
}

static void what_a_role_cannot_say_is_not_sent(void **state) {
    (void)state;
    Writing writing;
    begin(&writing);
    plan_change(&writing.plan, (Change){ .kind = CHANGE_UPDATE,
                                         .type = TYPE_POLICIES,
                                         .id = "here",
                                         .patch = json_of(&writing, "{'icon':'x'}") });
    plan_change(&writing.plan, (Change){ .kind = CHANGE_DELETE, .type = TYPE_POLICIES, .id = "here" });
    plan_change(&writing.plan, (Change){ .kind = CHANGE_DELETE, .type = TYPE_ACCESS });
    Plan plan = version_10_plan(&writing.arena, &writing.plan, writing.map);
    assert_int_equal(plan.change_count, 0);
    end(&writing);
}

static void permissions_name_their_role(void **state) {
    (void)state;
    Writing writing;
    begin(&writing);
    static const char *const rows[][2] = {
        { "{'policy':'here','action':'read'}", "{'action':'read','role':'there'}" },
        { "{'policy':'$public','action':'read'}", "{'action':'read','role':null}" },
        { "{'policy':'new','action':'read'}", "{'action':'read','role':'new'}" },
    };
    for (size_t i = 0; i < 3; i++)
        plan_change(&writing.plan, (Change){ .kind = CHANGE_CREATE,
                                             .type = TYPE_PERMISSIONS,
                                             .after = json_of(&writing, rows[i][0]) });
    Plan plan = version_10_plan(&writing.arena, &writing.plan, writing.map);
    assert_int_equal(plan.change_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_text(plan.changes[i].after, rows[i][1]);
    end(&writing);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_are_read_as_policies),
        cmocka_unit_test(without_roles_nothing_is_made),
        cmocka_unit_test(merged_rows_come_apart),
        cmocka_unit_test(a_new_role_has_its_access_at_once),
        cmocka_unit_test(a_role_and_its_policy_are_one_update),
        cmocka_unit_test(what_a_role_cannot_say_is_not_sent),
        cmocka_unit_test(permissions_name_their_role),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
