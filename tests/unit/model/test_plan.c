#include "model/plan.h"

#include "unit/model/snapshots.h"

typedef struct {
    Snapshot files, target;
    Scope scope;
    bool sections[SECTION_COUNT];
    PlanOptions options;
    Plan plan;
} Case;

static void begin(Case *it, Mode mode, const char *files, const char *target) {
    *it = (Case){ .scope = { .mode = mode } };
    snapshot_of(&it->files, false, files);
    snapshot_of(&it->target, true, target);
    for (SectionId section = 0; section < SECTION_COUNT; section++) {
        it->scope.section_modes[section] = mode;
        it->sections[section] = true;
    }
    it->options = (PlanOptions){ .scope = &it->scope, .sections = it->sections };
}

static void end(Case *it) {
    plan_free(&it->plan);
    snapshot_free(&it->files);
    snapshot_free(&it->target);
}

static bool build(Case *it, Error *err) {
    return plan_build(&it->files, &it->target, &it->options, &it->plan, err);
}

/* What is decided, in the order in which it is applied: a line a change with the members that differ. */
static void put_decided(const Plan *plan, Buf *out) {
    for (size_t i = 0; i < plan->change_count; i++) {
        const Change *change = &plan->changes[i];
        buf_printf(out, "%c %s %s", "+~-"[change->kind], catalog_row(change->type) -> singular,
                   change -> label);
        for (uint32_t m = 0; change->patch && m < change->patch->count; m++)
            buf_printf(out, "%s%s", m ? ", " : ": ", change->patch->as.members[m].key);
        buf_putc(out, '\n');
    }
    for (size_t i = 0; i < plan->note_count; i++)
        buf_printf(out, "= %s\n", plan->notes[i].text);
    plan_print_counts(plan, out);
}

static void assert_plan(Case *it, const char *expected) {
    AUTO(Buf) text = { 0 };
    put_decided(&it->plan, &text);
    assert_string_equal(buf_text(&text), expected);
}

static void check(Mode mode, const char *files, const char *target, const char *expected) {
    Case it;
    Error err = { 0 };
    begin(&it, mode, files, target);
    assert_ok(build(&it, &err));
    assert_plan(&it, expected);
    end(&it);
}

static void equal_sides_plan_nothing(void **state) {
    (void)state;
    const char *side = "{'roles':[{'id':'r','name':'Editor','icon':'x'}]}";
    check(MODE_MIRROR, side, side, "nothing to do\n");
}

static void modes_decide(void **state) {
    (void)state;
    const char *files = "{'roles':[{'id':'a','name':'New'},{'id':'b','name':'Changed','icon':'n'}]}";
    const char *target =
        "{'roles':[{'id':'b','name':'Changed','icon':'o'},{'id':'c','name':'Own','icon':'o'}]}";
    check(MODE_ADD, files, target,
          "+ role New\n= 1 role only on the target is left alone\n1 to create, 0 to update, 0 to delete\n");
    check(MODE_MERGE, files, target,
          "+ role New\n~ role Changed: icon\n= 1 role only on the target is left alone\n1 to create, 1 to "
          "update, 0 to delete\n");
    check(MODE_MIRROR, files, target,
          "+ role New\n~ role Changed: icon\n- role Own\n1 to create, 1 to update, 1 to delete\n");
}

static void removed_lines_delete_and_files_win(void **state) {
    (void)state;
    Case it;
    Error err = { 0 };
    AUTO(Arena) arena = { 0 };
    const char *text = "[[\"roles\",\"gone\",null],[\"roles\",\"kept\",null]]";
    Json removed;
    assert_ok(json_parse(&arena, text, strlen(text), JSON_STATE, &removed, &err));
    begin(&it, MODE_MERGE, "{'roles':[{'id':'kept','name':'Kept'}]}",
          "{'roles':[{'id':'gone','name':'Gone'},{'id':'kept','name':'Kept'}]}");
    it.options.removed = &removed;
    assert_ok(build(&it, &err));
    assert_plan(&it, "- role Gone\n0 to create, 0 to update, 1 to delete\n");
    end(&it);
}

static void administrators_are_safe(void **state) {
    (void)state;
    check(MODE_MIRROR,
          "{'policies':[{'id':'$administrator','name':'Administrator','admin_access':true,'ip_access':null,'"
          "icon':'a'}]}",
          "{'policies':[{'id':'$administrator','name':'Administrator','admin_access':true,'ip_access':['10.0."
          "0.1'],'icon':'b'},"
          "{'id':'$public','name':'Public','admin_access':false,'ip_access':null,'icon':'p'}]}",
          "~ policy Administrator: icon\n"
          "= ip_access of the administrator policy \"Administrator\" differs and is never written\n"
          "= policy \"Public\" is not deleted: every instance needs it\n0 to create, 1 to update, 0 to "
          "delete\n");
}

static void a_policy_that_is_admin_there_is_never_demoted(void **state) {
    (void)state;
    check(MODE_MERGE, "{'policies':[{'id':'p','name':'P','admin_access':false,'enforce_tfa':true}]}",
          "{'policies':[{'id':'p','name':'P','admin_access':true,'enforce_tfa':false}]}",
          "= admin_access of the administrator policy \"P\" differs and is never written\n"
          "= enforce_tfa of the administrator policy \"P\" differs and is never written\nnothing to do\n");
}

static void a_missing_administrator_is_refused(void **state) {
    (void)state;
    Case it;
    Error err = { 0 };
    begin(&it, MODE_MERGE, "{'roles':[{'id':'$administrator','name':'Administrator'}]}",
          "{'roles':[{'id':'x','name':'A'}]}");
    assert_fault(build(&it, &err), ERR_REFUSED, "$administrator");
    end(&it);
}

static void the_caller_is_never_deleted(void **state) {
    (void)state;
    Case it;
    Error err = { 0 };
    static const char *const policies[] = { "p", NULL };
    begin(&it, MODE_MIRROR, "{'roles':[],'policies':[],'access':[]}",
          "{'roles':[{'id':'r','name':'Deploy','parent':'s'},{'id':'s','name':'Machines','parent':'s'}],"
          "'policies':[{'id':'p','name':'CI','admin_access':true}],"
          "'access':[{'pk':'1','role':'s','policy':'p'}]}");
    it.options.caller_state_role = "r";
    it.options.caller_policies = policies;
    assert_ok(build(&it, &err));
    assert_true(plan_is_empty(&it.plan));
    assert_int_equal(it.plan.note_count, 4);
    end(&it);
}

/* What stays must not hold on to what goes. */
static void links_to_deleted_records_are_let_go(void **state) {
    (void)state;
    Case it;
    Error err = { 0 };
    AUTO(Arena) arena = { 0 };
    const char *text = "[[\"folders\",\"gone\",null],[\"operations\",\"b\",null]]";
    Json removed;
    assert_ok(json_parse(&arena, text, strlen(text), JSON_STATE, &removed, &err));
    begin(&it, MODE_MERGE, "{'folders':[],'flows':[],'operations':[]}",
          "{'folders':[{'id':'gone','name':'Gone','parent':null},{'id':'own','name':'Own','parent':'gone'}],"
          "'flows':[{'id':'f','name':'Flow','operation':'a'}],"
          "'operations':[{'id':'a','flow':'f','key':'a','resolve':'b','reject':'c'},"
          "{'id':'b','flow':'f','key':'b','resolve':'c','reject':null},"
          "{'id':'c','flow':'f','key':'c','resolve':null,'reject':null}]}");
    it.options.removed = &removed;
    assert_ok(build(&it, &err));
    assert_plan(&it,
                "~ folder Own: parent\n~ operation Flow › a: resolve\n- operation Flow › b\n- folder Gone\n"
                "= 1 folder only on the target is left alone\n= 1 flow only on the target is left alone\n"
                "= 2 operations only on the target are left alone\n0 to create, 2 to update, 2 to delete\n");
    end(&it);
}

static void references_to_deleted_records_are_faults(void **state) {
    (void)state;
    Case it;
    Error err = { 0 };
    begin(&it, MODE_MIRROR, "{'roles':[],'settings':[{'public_registration_role':'r'}]}",
          "{'roles':[{'id':'r','name':'R'}],'settings':[{'public_registration_role':'r'}]}");
    it.sections[SECTION_SETTINGS] = false; /* it did not change: it is wrong all the same */
    assert_fault(build(&it, &err), ERR_FILES, "/public_registration_role): the files have no role r");
    end(&it);
}

/* Somebody put an operation between two of the files: its UNIQUE link is let go before theirs is set back. */
static void unique_links_are_let_go(void **state) {
    (void)state;
    const char *files = "{'flows':[{'id':'f','name':'Flow','operation':'a'}],"
                        "'operations':[{'id':'a','flow':'f','key':'a','resolve':'b','reject':null},"
                        "{'id':'b','flow':'f','key':'b','resolve':null,'reject':null}]}";
    const char *between = "{'flows':[{'id':'f','name':'Flow','operation':'a'}],"
                          "'operations':[{'id':'a','flow':'f','key':'a','resolve':'x','reject':null},"
                          "{'id':'b','flow':'f','key':'b','resolve':null,'reject':null},"
                          "{'id':'x','flow':'f','key':'x','resolve':'b','reject':null}]}";
    check(MODE_MERGE, files, between,
          "~ operation Flow › a: resolve\n~ operation Flow › x: resolve\n"
          "= 1 operation only on the target is left alone\n0 to create, 2 to update, 0 to delete\n");
    Case it;
    Error err = { 0 };
    begin(&it, MODE_ADD, between, files);
    assert_ok(build(&it, &err));
    assert_int_equal(it.plan.change_count, 1);
    assert_true(json_is_null(json_get(it.plan.changes[0].after, "resolve")));
    assert_plan(
        &it,
        "+ operation Flow › x\n= resolve of operation \"Flow › x\" is left open: another operation of the "
        "target has Flow › b\n1 to create, 0 to update, 0 to delete\n");
    end(&it);
}

#define PERMISSION(pk, fields)                                                                               \
    "{'pk':'" pk "','policy':'p','collection':'c','action':'read','fields':['" fields "']}"

static void permissions_are_a_multiset(void **state) {
    (void)state;
    const char *policies = "'policies':[{'id':'p','name':'P'}],";
    AUTO(Buf) files = { 0 }, target = { 0 };
    buf_printf(&files, "{%s'permissions':[%s,%s]}", policies, PERMISSION("1", "a"), PERMISSION("2", "b"));
    buf_printf(&target, "{%s'permissions':[%s,%s]}", policies, PERMISSION("8", "b"), PERMISSION("9", "a"));
    check(MODE_MIRROR, buf_text(&files), buf_text(&target), "nothing to do\n");
    buf_clear(&target);
    buf_printf(&target, "{%s'permissions':[%s,%s,%s]}", policies, PERMISSION("7", "b"), PERMISSION("8", "b"),
               PERMISSION("9", "a"));
    check(MODE_MERGE, buf_text(&files), buf_text(&target),
          "- permission c read (P)\n= permission \"c read (P)\" stands more than once in every detail: one "
          "is kept\n"
          "0 to create, 0 to update, 1 to delete\n");
    buf_clear(&target);
    buf_printf(&target, "{%s'permissions':[%s,%s]}", policies, PERMISSION("8", "x"), PERMISSION("9", "a"));
    check(MODE_MERGE, buf_text(&files), buf_text(&target),
          "~ permission c read (P): fields\n0 to create, 1 to update, 0 to delete\n");
    buf_clear(&files);
    buf_printf(&files, "{%s'permissions':[%s]}", policies, PERMISSION("1", "a"));
    check(MODE_MERGE, buf_text(&files), buf_text(&target),
          "= 1 permission only on the target is left alone\nnothing to do\n");
}

static void parents_come_first_and_children_go_first(void **state) {
    (void)state;
    check(MODE_MIRROR,
          "{'roles':[{'id':'a','name':'Child','parent':'z'},{'id':'z','name':'Parent','parent':null}],"
          "'flows':[],'operations':[]}",
          "{'roles':[],'flows':[{'id':'f','name':'Flow'}],'operations':[{'id':'o','flow':'f','key':'k'}]}",
          "+ role Parent\n+ role Child\n- flow Flow\n2 to create, 0 to update, 1 to delete\n");
}

static void unknown_members_and_references_are_faults(void **state) {
    (void)state;
    Case it;
    Error err = { 0 };
    begin(&it, MODE_MERGE, "{'roles':[{'id':'r','name':'R','colour':'red'}]}",
          "{'roles':[{'id':'r','name':'R'}]}");
    assert_fault(build(&it, &err), ERR_FILES,
                 "roles.json: (/0/colour): the target's roles have no field \"colour\"");
    end(&it);
    begin(&it, MODE_MERGE, "{'roles':[{'id':'r','name':'R','parent':'nobody'}]}", "{'roles':[]}");
    assert_fault(build(&it, &err), ERR_FILES, "there is no role nobody");
    end(&it);
}

static void a_field_the_import_creates_is_known(void **state) {
    (void)state;
    check(MODE_MERGE,
          "{'fields':[{'collection':'directus_roles','field':'team','type':'string'}],'roles':[{'id':'r','"
          "name':'R','team':'x'}]}",
          "{'roles':[{'id':'r','name':'R'}]}", "~ role R: team\n0 to create, 1 to update, 0 to delete\n");
}

static const char *const schema_diff =
    "{\"hash\":\"h\",\"diff\":{\"collections\":[{\"collection\":\"posts\",\"diff\":[{\"kind\":\"N\",\"rhs\":{"
    "\"collection\":\"posts\"}}]}],"
    "\"fields\":[{\"collection\":\"posts\",\"field\":\"id\",\"diff\":[{\"kind\":\"N\",\"rhs\":{"
    "\"collection\":\"posts\",\"field\":\"id\"}}]},"
    "{\"collection\":\"pages\",\"field\":\"body\",\"diff\":[{\"kind\":\"E\",\"path\":[\"meta\",\"note\"],"
    "\"lhs\":null,\"rhs\":\"x\"},"
    "{\"kind\":\"A\",\"path\":[\"meta\",\"special\"],\"index\":0,\"item\":{\"kind\":\"N\",\"rhs\":\"cast-"
    "json\"}}]}],"
    "\"systemFields\":[],\"relations\":[]}}";

static void the_schema_is_the_servers_diff(void **state) {
    (void)state;
    AUTO(Plan) plan = { 0 };
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) text = { 0 };
    Error err = { 0 };
    Json diff;
    assert_ok(json_parse(&arena, schema_diff, strlen(schema_diff), JSON_STATE, &diff, &err));
    assert_ok(plan_add_schema(&plan, &diff, MODE_MERGE, NULL, &err));
    plan_keep(&plan);
    put_decided(&plan, &text);
    assert_string_equal(buf_text(&text),
                        "+ collection posts\n+ field posts.id\n~ field pages.body: meta.note, meta.special\n"
                        "2 to create, 1 to update, 0 to delete\n");
}

static void a_deletion_nobody_named_is_a_bug(void **state) {
    (void)state;
    AUTO(Plan) plan = { 0 };
    AUTO(Arena) arena = { 0 };
    Error err = { 0 };
    Json diff, removed;
    const char *text =
        "{\"hash\":\"h\",\"diff\":{\"fields\":[{\"collection\":\"a\",\"field\":\"b\","
        "\"diff\":[{\"kind\":\"D\",\"lhs\":{\"collection\":\"a\",\"field\":\"b\",\"schema\":{}}}]}]}}";
    const char *lines = "[[\"fields\",null,[\"a\",\"b\"]]]";
    assert_ok(json_parse(&arena, text, strlen(text), JSON_STATE, &diff, &err));
    assert_ok(json_parse(&arena, lines, strlen(lines), JSON_STATE, &removed, &err));
    assert_fault(plan_add_schema(&plan, &diff, MODE_MERGE, NULL, &err), ERR_INTERNAL, "a.b");
    assert_ok(plan_add_schema(&plan, &diff, MODE_MERGE, &removed, &err));
    assert_true(schema_change_loses(&plan.changes[plan.change_count - 1]));
}

/* Of a column that was bounded by nothing, a bound may cut what is in it. */
static void a_first_bound_loses(void **state) {
    (void)state;
    static const struct {
        const char *edit;
        bool loses;
    } cases[] = {
        { "'path':['schema','max_length'],'lhs':null,'rhs':50", true },
        { "'path':['schema','max_length'],'lhs':-5,'rhs':50", true },
        { "'path':['schema','max_length'],'lhs':255,'rhs':50", true },
        { "'path':['schema','max_length'],'lhs':50,'rhs':255", false },
        { "'path':['schema','max_length'],'lhs':50,'rhs':null", false },
        { "'path':['schema','numeric_scale'],'lhs':null,'rhs':2", true },
        { "'path':['schema','numeric_precision'],'lhs':10,'rhs':null", false },
        { "'path':['meta','sort'],'lhs':null,'rhs':1", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(Plan) plan = { 0 };
        AUTO(Arena) arena = { 0 };
        Error err = { 0 };
        const char *text = arena_printf(
            &arena,
            "{'hash':'h','diff':{'fields':[{'collection':'a','field':'b','diff':[{'kind':'E',%s}]}]}}",
            cases[i].edit);
        Json diff = quoted_json(&arena, text);
        assert_ok(plan_add_schema(&plan, &diff, MODE_MERGE, NULL, &err));
        assert_int_equal(plan.change_count, 1);
        assert_int_equal(schema_change_loses(&plan.changes[0]), cases[i].loses);
    }
}

/* Directus would ask PostgreSQL for a varchar(-5), and say 500. */
static void a_length_nobody_can_make_is_a_fault(void **state) {
    (void)state;
    static const struct {
        const char *edit;
        bool fits;
    } cases[] = {
        { "'kind':'N','rhs':{'collection':'a','field':'b','schema':{'max_length':-5}}", false },
        { "'kind':'N','rhs':{'collection':'a','field':'b','schema':{'max_length':null}}", true },
        { "'kind':'E','path':['schema','max_length'],'lhs':50,'rhs':-5", false },
        { "'kind':'D','lhs':{'collection':'a','field':'b','schema':{'max_length':-5}}", true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(Plan) plan = { 0 };
        AUTO(Arena) arena = { 0 };
        Error err = { 0 };
        const char *text = arena_printf(
            &arena, "{'hash':'h','diff':{'fields':[{'collection':'a','field':'b','diff':[{%s}]}]}}",
            cases[i].edit);
        Json diff = quoted_json(&arena, text);
        if (cases[i].fits)
            assert_ok(plan_add_schema(&plan, &diff, MODE_MIRROR, NULL, &err));
        else
            assert_fault(plan_add_schema(&plan, &diff, MODE_MIRROR, NULL, &err), ERR_FILES,
                         "field a.b: (/schema/max_length)");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_sides_plan_nothing),
        cmocka_unit_test(modes_decide),
        cmocka_unit_test(removed_lines_delete_and_files_win),
        cmocka_unit_test(administrators_are_safe),
        cmocka_unit_test(a_policy_that_is_admin_there_is_never_demoted),
        cmocka_unit_test(a_missing_administrator_is_refused),
        cmocka_unit_test(the_caller_is_never_deleted),
        cmocka_unit_test(links_to_deleted_records_are_let_go),
        cmocka_unit_test(references_to_deleted_records_are_faults),
        cmocka_unit_test(unique_links_are_let_go),
        cmocka_unit_test(permissions_are_a_multiset),
        cmocka_unit_test(parents_come_first_and_children_go_first),
        cmocka_unit_test(unknown_members_and_references_are_faults),
        cmocka_unit_test(a_field_the_import_creates_is_known),
        cmocka_unit_test(the_schema_is_the_servers_diff),
        cmocka_unit_test(a_deletion_nobody_named_is_a_bug),
        cmocka_unit_test(a_first_bound_loses),
        cmocka_unit_test(a_length_nobody_can_make_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
