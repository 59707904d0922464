#include "model/by_role.h"

#include "model/canon.h"
#include "model/identity.h"
#include "unit/model/snapshots.h"

/* Two levels of roles, a policy both of them have, one with a range of addresses, one that nobody holds. */
static const char *const policies_text =
    "{'roles':[{'id':'a','name':'Staff','parent':null},{'id':'b','name':'Desk','icon':'edit','parent':'a'}],"
    "'policies':[{'id':'$public','name':'$t:public_label'},"
    "{'id':'p','name':'Sign in','app_access':true,'ip_access':null},"
    "{'id':'q','name':'Office','enforce_tfa':true,'ip_access':['10.0.0.0/8']},"
    "{'id':'r','name':'Idle','admin_access':true},"
    "{'id':'s','name':'Visitors','app_access':true}],"
    "'access':[{'role':null,'policy':'$public','sort':1},{'role':null,'policy':'s','sort':2},"
    "{'role':'a','policy':'p','sort':1},{'role':'b','policy':'q','sort':1},{'role':'b','policy':'p','sort':1}"
    "],"
    "'permissions':[{'policy':'p','collection':'notes','action':'read'},"
    "{'policy':'q','collection':'notes','action':'delete'},"
    "{'policy':'s','collection':'notes','action':'read'},"
    "{'policy':'$public','collection':'notes','action':'read'}]}";

static const char *const by_role_text =
    "{'roles':[{'id':'a','name':'Staff','parent':null},{'id':'b','name':'Desk','icon':'edit','parent':null}],"
    "'policies':[{'id':'$public','name':'$t:public_label'},"
    "{'id':'a','name':'Staff','admin_access':false,'app_access':true,'enforce_tfa':false,'ip_access':null},"
    "{'id':'b','name':'Desk','icon':'edit','admin_access':false,'app_access':true,'enforce_tfa':false,"
    "'ip_access':null}],"
    "'access':[{'role':null,'policy':'$public','sort':1},{'role':'a','policy':'a','sort':1},"
    "{'role':'b','policy':'b','sort':1}],"
    "'permissions':[{'policy':'$public','collection':'notes','action':'read'},"
    "{'policy':'a','collection':'notes','action':'read'},"
    "{'policy':'b','collection':'notes','action':'read'}]}";

static void text_of(const Snapshot *snapshot, Buf *out) {
    static const TypeId types[] = { TYPE_ROLES, TYPE_POLICIES, TYPE_ACCESS, TYPE_PERMISSIONS };
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < snapshot->types[types[i]].count; j++) {
            canon_compact(out, &snapshot->types[types[i]].items[j].json);
            buf_putc(out, '\n');
        }
}

static void assert_same(const Snapshot *snapshot, const Snapshot *expected) {
    AUTO(Buf) text = { 0 };
    AUTO(Buf) wanted = { 0 };
    text_of(snapshot, &text);
    text_of(expected, &wanted);
    assert_string_equal(buf_text(&text), buf_text(&wanted));
}

static void assert_lost(const Losses *losses, const char *text) {
    for (size_t i = 0; i < losses->count; i++)
        if (strstr(losses->items[i], text))
            return;
    fail_msg("no loss says: %s", text);
}

static void policies_become_part_of_their_roles(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 };
    AUTO(Snapshot) expected = { 0 };
    Losses losses = { 0 };
    snapshot_of(&files, false, policies_text);
    snapshot_of(&expected, false, by_role_text);
    by_role_reduce(&files, &losses);
    assert_same(&files, &expected);
    assert_int_equal(losses.count, 5);
    assert_lost(&losses, "\"Office\" holds from certain addresses only, the rest of role \"Desk\" does not");
    assert_lost(&losses, "\"Visitors\" gives everybody admin or app access");
    assert_lost(&losses, "\"Idle\" is held by no role");
    assert_lost(&losses, "3 policies become part");
    assert_lost(&losses, "1 role has no parent");
}

static void what_is_by_role_stays(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 };
    AUTO(Snapshot) expected = { 0 };
    Losses losses = { 0 };
    snapshot_of(&files, false, by_role_text);
    snapshot_of(&expected, false, by_role_text);
    by_role_reduce(&files, &losses);
    assert_same(&files, &expected);
    assert_int_equal(losses.count, 0);
}

static void one_range_of_addresses_is_kept(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 };
    Losses losses = { 0 };
    snapshot_of(&files, false,
                "{'roles':[{'id':'a','name':'A','parent':'b'},{'id':'b','name':'B','parent':'a'}],"
                "'policies':[{'id':'p','name':'P','ip_access':['10.0.0.1'],'enforce_tfa':true}],"
                "'access':[{'role':'a','policy':'p'}],'permissions':[]}");
    by_role_reduce(&files, &losses); /* parents in a circle: both have it */
    const Record *policy = snapshot_find(&files, TYPE_POLICIES, "b");
    assert_non_null(policy);
    assert_true(json_get_bool(&policy->json, "enforce_tfa", false));
    assert_string_equal(json_text(&json_get(&policy->json, "ip_access")->as.items[0]), "10.0.0.1");
}

static void administrators_keep_their_guards_out_of_it(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 };
    Losses losses = { 0 };
    snapshot_of(&files, false,
                "{'roles':[{'id':'$administrator','name':'Administrator'},{'id':'a','name':'Deputies'}],"
                "'policies':[{'id':'$administrator','name':'Administrator'}],"
                "'access':[{'role':'$administrator','policy':'$administrator'},"
                "{'role':'a','policy':'$administrator'}],'permissions':[]}");
    by_role_reduce(&files, &losses);
    const Record *own = snapshot_find(&files, TYPE_POLICIES, ALIAS_ADMINISTRATOR);
    const Record *deputies = snapshot_find(&files, TYPE_POLICIES, "a");
    assert_null(json_get(&own->json, "admin_access"));
    assert_true(json_get_bool(&deputies->json, "admin_access", false));
    assert_true(json_get_bool(&deputies->json, "app_access", false));
}

static void an_export_keeps_the_files_policies(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 };
    AUTO(Snapshot) instance = { 0 };
    AUTO(Snapshot) again = { 0 };
    snapshot_of(&files, false, policies_text);
    snapshot_of(&again, false, policies_text);
    snapshot_of(&instance, true, by_role_text);
    bool lost = true;
    by_role_keep(&instance, &files, &lost);
    assert_false(lost);
    assert_same(&instance, &files);
    snapshot_free(&instance);
    snapshot_of(&instance, true, by_role_text);
    Record *role = &instance.types[TYPE_ROLES].items[1];
    role->json = json_with(&instance.arena, &role->json, "name", json_string(&instance.arena, "Counter"));
    by_role_keep(&instance, &files, &lost); /* a role's name is no matter of its policies */
    assert_false(lost);
    assert_int_equal(instance.types[TYPE_POLICIES].count, files.types[TYPE_POLICIES].count);
    assert_string_equal(json_get_text(&instance.types[TYPE_ROLES].items[1].json, "name"), "Counter");
    assert_string_equal(json_get_text(&instance.types[TYPE_ROLES].items[1].json, "parent"), "a");
    assert_same(&files, &again); /* nothing was done to the files */
}

static void an_export_tells_what_changed(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 };
    AUTO(Snapshot) instance = { 0 };
    AUTO(Snapshot) expected = { 0 };
    snapshot_of(&files, false, policies_text);
    snapshot_of(&instance, true, by_role_text);
    snapshot_of(&expected, true, by_role_text);
    Record *permission = &instance.types[TYPE_PERMISSIONS].items[2];
    permission->json =
        json_with(&instance.arena, &permission->json, "action", json_string(&instance.arena, "share"));
    bool lost = false;
    by_role_keep(&instance, &files, &lost);
    assert_true(lost);
    assert_int_equal(instance.types[TYPE_POLICIES].count, expected.types[TYPE_POLICIES].count);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policies_become_part_of_their_roles),
        cmocka_unit_test(what_is_by_role_stays),
        cmocka_unit_test(one_range_of_addresses_is_kept),
        cmocka_unit_test(administrators_keep_their_guards_out_of_it),
        cmocka_unit_test(an_export_keeps_the_files_policies),
        cmocka_unit_test(an_export_tells_what_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
