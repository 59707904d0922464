/* Plans as they are printed, in every format, against tests/golden/plan. */
#include "model/plan.h"

#include "base/redact.h"
#include "model/canon.h"
#include "unit/golden.h"
#include "unit/model/quoted.h"
#include "unit/model/snapshots.h"

typedef struct {
    Arena arena;
    Snapshot files, target;
    Plan plan;
} Case;

/* `diff`: the server's answer for the schema, or NULL. */
static void begin(Case *it, Mode mode, const char *files, const char *target, const char *diff) {
    Error err = { 0 };
    *it = (Case){ 0 };
    Scope scope = { .mode = mode };
    bool sections[SECTION_COUNT];
    snapshot_of(&it->files, false, files);
    snapshot_of(&it->target, true, target);
    for (SectionId section = 0; section < SECTION_COUNT; section++) {
        scope.section_modes[section] = mode;
        sections[section] = true;
    }
    PlanOptions options = { .scope = &scope, .sections = sections };
    if (diff) {
        Json answer = quoted_json(&it->arena, diff);
        assert_ok(plan_add_schema(&it->plan, &answer, mode, NULL, &err));
    }
    assert_ok(plan_build(&it->files, &it->target, &options, &it->plan, &err));
}

static void end(Case *it) {
    plan_free(&it->plan);
    snapshot_free(&it->files);
    snapshot_free(&it->target);
    arena_free(&it->arena);
}

static void compare(Case *it, const char *name) {
    char path[80];
    AUTO(Buf) text = { 0 };
    plan_print(&it->plan, false, &text);
    snprintf(path, sizeof path, "plan/%s.txt", name);
    compare_with_golden(path, buf_text(&text));
    Json json = plan_json(&it->arena, &it->plan);
    buf_clear(&text);
    canon_pretty(&text, &json);
    buf_putc(&text, '\n');
    snprintf(path, sizeof path, "plan/%s.json", name);
    compare_with_golden(path, buf_text(&text));
    buf_clear(&text);
    plan_markdown(&it->plan, "prod — http://prod differs from schema/ (1a2b3c4d…)", MARKDOWN_LIMIT, &text);
    snprintf(path, sizeof path, "plan/%s.md", name);
    compare_with_golden(path, buf_text(&text));
    end(it);
}

static void put_row(Plan *plan, RowPlan rows) {
    ARENA_PUSH(&plan->arena, plan->rows, plan->row_count, plan->row_capacity, rows);
}

static void a_new_project(void **state) {
    (void)state;
    Case it;
    begin(&it, MODE_MERGE,
          "{'roles':[{'id':'r','name':'Editor','parent':null}],"
          "'policies':[{'id':'p','name':'Write','admin_access':false}],"
          "'access':[{'role':'r','policy':'p'}],"
          "'permissions':[{'policy':'p','collection':'posts','action':'read'},"
          "{'policy':'p','collection':'posts','action':'update'}],"
          "'dashboards':[{'id':'d','name':'Numbers'}],'panels':[{'id':'n','dashboard':'d','name':'Sum'}],"
          "'flows':[{'id':'f','name':'Notify','operation':'o'}],"
          "'operations':[{'id':'o','flow':'f','key':'send','name':null}],"
          "'settings':[{'project_name':'Mine'}]}",
          "{'roles':[],'policies':[],'access':[],'permissions':[],'dashboards':[],'panels':[],'flows':[],"
          "'operations':[],'settings':[{'project_name':'Directus'}]}",
          "{'hash':'h','diff':{'collections':[{'collection':'posts','diff':[{'kind':'N','rhs':{'collection':"
          "'posts'}}]},{'collection':'authors','diff':[{'kind':'N','rhs':{'collection':'authors'}}]}],"
          "'fields':[{'collection':'posts','field':'id','diff':[{'kind':'N','rhs':{'collection':'posts','"
          "field':'id','type':'integer'}}]},{'collection':'posts','field':'author','diff':[{'kind':'N','rhs':"
          "{'collection':'posts','field':'author','type':'uuid'}}]},{'collection':'pages','field':'subtitle',"
          "'diff':[{'kind':'N','rhs':{'collection':'pages','field':'subtitle','type':'string'}}]}],"
          "'systemFields':[],"
          "'relations':[{'collection':'posts','field':'author','related_collection':'authors','diff':[{'kind'"
          ":'N','rhs':{'collection':'posts','field':'author','related_collection':'authors'}}]},"
          "{'collection':'pages','field':'hero','related_collection':'directus_files','diff':[{'kind':'N','"
          "rhs':{'collection':'pages','field':'hero','related_collection':'directus_files'}}]}]}}");
    put_row(&it.plan, (RowPlan){ .collection = "posts", .created = 12 });
    put_row(&it.plan, (RowPlan){ .collection = "authors", .unchanged = 3, .kept = 1 });
    compare(&it, "new");
}

static void small_edits(void **state) {
    (void)state;
    Case it;
    begin(
        &it, MODE_MERGE,
        "{'roles':[{'id':'r','name':'Editor','icon':'edit','description':'Edits'}],"
        "'policies':[{'id':'p','name':'Write'}],"
        "'permissions':[{'policy':'p','collection':'posts','action':'update',"
        "'fields':['id','title','body','tags'],'permissions':{'_and':[{'status':{'_eq':'draft'}},{'a.b':1}]}}"
        "],"
        "'flows':[{'id':'f','name':'Notify','status':'active'}],"
        "'operations':[{'id':'o','flow':'f','key':'send','name':'send','options':{'url':'https://new','body':"
        "{'n':1}}},{'id':'q','flow':'f','key':'log','name':'Log it','position_x':2,'options':{'to':['a','b',"
        "'c']}}],'settings':[{'project_name':'Mine','project_color':null}],"
        "'presets':[{'collection':'posts','bookmark':'Drafts','role':'r','search':'x'}]}",
        "{'roles':[{'id':'r','pk':'other','name':'Editor','icon':'pen','description':null},"
        "{'id':'s','name':'Own'}],"
        "'policies':[{'id':'p','pk':'9','name':'Write'}],"
        "'permissions':[{'policy':'p','collection':'posts','action':'update','fields':['title','body'],"
        "'permissions':{'_and':[{'status':{'_eq':'new'}},{'a.b':2}]}}],"
        "'flows':[{'id':'f','name':'Notify','status':'active'}],"
        "'operations':[{'id':'o','flow':'f','key':'send','name':'send','options':{'url':'https://old','body':"
        "{'n':1}}},{'id':'q','flow':'f','key':'log','name':'Log it','position_x':1,'options':{'to':['b','d'],"
        "'cc':true}}],'settings':[{'project_name':'Directus','project_color':'#fff'}],"
        "'presets':[{'collection':'posts','bookmark':'Drafts','role':'r','search':null}]}",
        "{'hash':'h','diff':{'collections':[{'collection':'posts','diff':[{'kind':'E','path':['meta','note'],"
        "'lhs':null,'rhs':'Articles'}]}],'fields':[{'collection':'posts','field':'title','diff':[{'kind':'E',"
        "'path':['schema','max_length'],'lhs':255,'rhs':80},{'kind':'E','path':['schema','is_nullable'],"
        "'lhs':true,'rhs':false}]}],'systemFields':[],'relations':[]}}");
    plan_loss(&it.plan, &it.plan.changes[1], 7, "changed in type: field posts.title with 7 values");
    put_row(&it.plan,
            (RowPlan){ .collection = "posts", .created = 1, .updated = 9, .unchanged = 4, .kept = 2 });
    compare(&it, "edits");
}

static void deletions(void **state) {
    (void)state;
    Case it;
    begin(
        &it, MODE_MIRROR,
        "{'roles':[],'policies':[],'access':[],'permissions':[],'flows':[],'operations':[]}",
        "{'roles':[{'id':'r','name':'Gone'}],'policies':[{'id':'p','name':'Old'}],"
        "'access':[{'role':'r','policy':'p','pk':'1'}],"
        "'permissions':[{'policy':'p','collection':'posts','action':'read','pk':'1'}],"
        "'flows':[{'id':'f','name':'Flow'}],'operations':[{'id':'o','flow':'f','key':'k'}]}",
        "{'hash':'h','diff':{'collections':[{'collection':'posts','diff':[{'kind':'D','lhs':{'collection':"
        "'posts','schema':{}}}]}],'fields':[{'collection':'posts','field':'id','diff':[{'kind':'D','lhs':"
        "{'collection':'posts','field':'id','schema':{}}}]},{'collection':'pages','field':'old','diff':["
        "{'kind':'D','lhs':{'collection':'pages','field':'old','schema':{}}}]}],'systemFields':[],"
        "'relations':[{'collection':'posts','field':'author','diff':[{'kind':'D','lhs':{'collection':'posts',"
        "'field':'author','related_collection':'authors'}}]}]}}");
    plan_loss(&it.plan, &it.plan.changes[0], 12, "table posts would be dropped with 12 rows");
    plan_loss(&it.plan, &it.plan.changes[2], 3, "dropped: field pages.old with 3 values");
    for (size_t i = 0; i < it.plan.change_count; i++)
        if (it.plan.changes[i].type == TYPE_ROLES)
            plan_loss(&it.plan, &it.plan.changes[i], 2,
                      "role \"Gone\" would be deleted while 2 users hold it");
    put_row(&it.plan, (RowPlan){ .collection = "authors", .deleted = 2 });
    plan_loss_of_rows(&it.plan, "authors", 2, "2 rows of authors would be deleted");
    compare(&it, "deletions");
}

/* "@7" stands for an id. */
static const char *with_ids(Arena *arena, const char *text) {
    AUTO(Buf) out = { 0 };
    for (; *text; text++)
        if (*text == '@')
            buf_printf(&out, "00000000-0000-4000-8000-00000000000%c", *++text);
        else
            buf_putc(&out, *text);
    return arena_strdup(arena, buf_text(&out));
}

/* References go by names: of their type, or of whatever record has an id within a value; by ids where names
 * say nothing. */
static void references(void **state) {
    (void)state;
    Case it;
    AUTO(Arena) arena = { 0 };
    static const char *const files =
        "{'roles':[{'id':'@1','name':'Editor','parent':'@2'},{'id':'@2','name':'Staff','parent':null},"
        "{'id':'@3','name':'New \\u001b[31mname','parent':'@1'}],"
        "'folders':[{'id':'@4','name':'Same','parent':null},{'id':'@5','name':'Same','parent':null},"
        "{'id':'@6','name':'In','parent':'@5'}],"
        "'settings':[{'public_registration_role':'@3','project_logo':'@1'}],"
        "'flows':[{'id':'@7','name':'Notify','operation':'o','options':{'flow':'@8','list':['@1','@9'],"
        "'text':'in @1'}},{'id':'@8','name':'Other','operation':null,'options':null}],"
        "'operations':[{'id':'o','flow':'@7','key':'send','name':null,'resolve':'p','reject':null},"
        "{'id':'p','flow':'@7','key':'log','name':'Log it','resolve':null,'reject':null}]}";
    static const char *const target =
        "{'roles':[{'id':'@1','name':'Editor','parent':null},{'id':'@2','name':'Staff','parent':null},"
        "{'id':'@3','name':'Old name','parent':'@2'}],"
        "'folders':[{'id':'@4','name':'Same','parent':null},{'id':'@5','name':'Same','parent':null},"
        "{'id':'@6','name':'In','parent':'@4'}],"
        "'settings':[{'public_registration_role':'@1','project_logo':null}],"
        "'flows':[{'id':'@7','name':'Notify','operation':'p','options':{'flow':'@7','list':['@2','@9'],"
        "'text':'in @2'}},{'id':'@8','name':'Other','operation':null,'options':null}],"
        "'operations':[{'id':'o','flow':'@7','key':'send','name':null,'resolve':null,'reject':'p'},"
        "{'id':'p','flow':'@7','key':'log','name':'Log it','resolve':null,'reject':null}]}";
    begin(&it, MODE_MIRROR, with_ids(&arena, files), with_ids(&arena, target), NULL);
    plan_keep(&it.plan);
    snapshot_free(&it.files); /* names live in the plan */
    snapshot_free(&it.target);
    compare(&it, "references");
}

/* Many new records within one that is there share a line; each stands in JSON. */
static void rolled_up(void **state) {
    (void)state;
    Case it;
    AUTO(Buf) files = { 0 };
    AUTO(Buf) diff = { 0 };
    buf_puts(&files, "{'policies':[{'id':'p','name':'Write'},{'id':'q','name':'Read'}],'permissions':[");
    for (int i = 0; i < 40; i++)
        buf_printf(&files, "%s{'policy':'%s','collection':'c%02d','action':'read','fields':['*']}",
                   i ? "," : "", i < 35 ? "p" : "q", i);
    buf_puts(&files, "],'flows':[{'id':'f','name':'Notify','status':'active'}],'operations':[");
    for (int i = 0; i < 6; i++)
        buf_printf(&files, "%s{'id':'o%d','flow':'f','key':'k%d','name':%s}", i ? "," : "", i, i,
                   i ? "null" : "'First step'");
    buf_puts(&files, "]}");
    buf_puts(&diff, "{'hash':'h','diff':{'collections':[],'systemFields':[],'relations':[],'fields':[");
    for (int i = 0; i < 12; i++)
        buf_printf(&diff,
                   "%s{'collection':'posts','field':'f%d','diff':[{'kind':'N','rhs':{'collection':'posts','"
                   "field':'f%d','type':'string'}}]}",
                   i ? "," : "", i, i);
    buf_puts(&diff, ",{'collection':'posts','field':'f30','diff':[{'kind':'E','path':['meta','note'],'lhs':"
                    "null,'rhs':'x'}]}]}}");
    begin(&it, MODE_MERGE, buf_text(&files),
          "{'policies':[{'id':'p','name':'Write'},{'id':'q','name':'Read'}],'permissions':[{'policy':'p',"
          "'collection':'c07','action':'read','fields':[]}],'flows':[{'id':'f','name':'Notify','status':'"
          "inactive'}],"
          "'operations':[]}",
          buf_text(&diff));
    assert_int_equal(plan_count(&it.plan, CHANGE_CREATE), 39 + 6 + 12);
    compare(&it, "rolled_up");
}

static void long_texts(void **state) {
    (void)state;
    Case it;
    AUTO(Buf) files = { 0 };
    AUTO(Buf) target = { 0 };
    static const char *const start =
        "{'flows':[{'id':'f','name':'Script'}],'operations':[{'id':'o','flow':'f','key':'run','name':'run',"
        "'options':{'code':'";
    buf_puts(&files, start);
    buf_puts(&target, start);
    for (int i = 1; i <= 60; i++) {
        buf_printf(&files, i == 30 ? "  return %d; // new\\n" : "line %d\\n", i);
        if (i != 58)
            buf_printf(&target, i == 30 ? "  return %d;\\n" : "line %d\\n", i);
    }
    buf_puts(&files, "','query':'");
    buf_puts(&target, "','query':'");
    for (int i = 0; i < 60; i++) {
        buf_printf(&files, i == 40 ? "changed here, " : "part %d, ", i);
        buf_printf(&target, "part %d, ", i);
    }
    buf_puts(&files, "'}}]}");
    buf_puts(&target, "'}}]}");
    begin(&it, MODE_MERGE, buf_text(&files), buf_text(&target), NULL);
    compare(&it, "long");
}

/* Bidirectional controls, escapes of a terminal, quotes and the marks of Markdown and HTML, in names and
 * values. */
static void hostile_texts(void **state) {
    (void)state;
    Case it;
    begin(
        &it, MODE_MERGE,
        "{'roles':[{'id':'r','name':'\\u001b[31mred\\u0007 \\u202edlog','icon':'ünï → 漢字 "
        "👩‍👩‍👧'},"
        "{'id':'s','name':'</details> | `x` ``` @all #1 <img src=x>'}],"
        "'flows':[{'id':'f','name':'a \\\"b\\\" \\\\ c','options':{'we\\u001b ird':'\\u009b2J\\u2028 "
        "```\\n```'}}]}",
        "{'roles':[{'id':'r','name':'plain','icon':null}],"
        "'flows':[{'id':'f','name':'a','options':{'we\\u001b ird':null}}],'settings':[{'project_name':'x'}]}",
        NULL);
    compare(&it, "hostile");
}

static void secrets(void **state) {
    (void)state;
    Case it;
    begin(&it, MODE_MERGE,
          "{'flows':[{'id':'f','name':'Call'},{'id':'g','name':'New'}],'operations':[{'id':'o','flow':'f','"
          "key':"
          "'call','name':'call','options':{'url':'https://me:hunter2@host/x','headers':[{'header':"
          "'Authorization','value':'Bearer new-secret-1'},{'header':'X-Api-Key','value':'new-secret-2'}],"
          "'token':'{{$env.TOKEN}}'}},{'id':'q','flow':'g','key':'k','name':'k','options':{'password':"
          "'new-secret-3'}}]}",
          "{'flows':[{'id':'f','name':'Call'}],'operations':[{'id':'o','flow':'f','key':'call','name':'call',"
          "'options':{'url':'https://me:hunter1@host/x','headers':[{'header':'Authorization','value':"
          "'Bearer old-secret-1'},{'header':'X-Api-Key','value':'old-secret-2'}],'token':'old-secret-3'}}]}",
          NULL);
    AUTO(Buf) text = { 0 };
    plan_print(&it.plan, true, &text);
    Json json = plan_json(&it.arena, &it.plan);
    canon_pretty(&text, &json);
    assert_null(strstr(buf_text(&text), "-secret-"));
    assert_null(strstr(buf_text(&text), "hunter"));
    compare(&it, "secrets");
}

/* What came from a placeholder goes by its name; what it replaces is not shown either. */
static void placeholders(void **state) {
    (void)state;
    Case it;
    redact_hide("quiet-harbour", "${WORD}");
    begin(&it, MODE_MERGE,
          "{'flows':[{'id':'f','name':'Call','description':'see quiet-harbour "
          "there'}],'operations':[{'id':'o','flow':'f',"
          "'key':'call','name':'call','options':{'url':'https://new','headers':[{'header':'X-Word','value':"
          "'quiet-harbour'}],'body':'a quiet-harbour b'}}]}",
          "{'flows':[{'id':'f','name':'Call','description':'see former-one "
          "there'}],'operations':[{'id':'o','flow':'f',"
          "'key':'call','name':'call','options':{'url':'https://old','headers':[{'header':'X-Word','value':"
          "'former-two'},{'header':'X-More','value':'former-three'}],'body':{'x':'former-four'}}}]}",
          NULL);
    AUTO(Buf) text = { 0 };
    plan_print(&it.plan, true, &text);
    Json json = plan_json(&it.arena, &it.plan);
    canon_pretty(&text, &json);
    assert_null(strstr(buf_text(&text), "former-"));
    assert_null(strstr(buf_text(&text), "harbour"));
    compare(&it, "placeholders");
    redact_forget();
}

/* Colours are all that a terminal gets more. */
static void colours_change_no_word(void **state) {
    (void)state;
    Case it;
    begin(&it, MODE_MIRROR,
          "{'roles':[{'id':'r','name':'Editor','icon':'a','text':'1\\n2'},{'id':'n','name':'New'}]}",
          "{'roles':[{'id':'r','name':'Editor','icon':'b','text':'1\\n3'},{'id':'o','name':'Old'}]}", NULL);
    AUTO(Buf) plain = { 0 };
    AUTO(Buf) color = { 0 };
    AUTO(Buf) stripped = { 0 };
    plan_print(&it.plan, false, &plain);
    plan_print(&it.plan, true, &color);
    assert_null(strchr(buf_text(&plain), '\033'));
    assert_non_null(strstr(buf_text(&color), "\033[32m+ role \"New\"\033[0m"));
    bool on = false;
    for (const char *at = buf_text(&color); *at; at++) {
        if (*at == '\033') {
            on = strncmp(at, "\033[0m", 4) != 0;
            at += strcspn(at, "m");
            continue;
        }
        assert_false(on && *at == '\n'); /* no colour runs over a line's end */
        buf_putc(&stripped, *at);
    }
    assert_string_equal(buf_text(&stripped), buf_text(&plain));
    end(&it);
}

/* Whatever stands in a plan, the comment stays within GitHub's limit and says what is missing. */
static void a_large_plan_is_cut(void **state) {
    (void)state;
    for (size_t wide = 0; wide < 2; wide++) {
        Plan plan = { 0 };
        AUTO(Buf) text = { 0 };
        char name[300];
        memset(name, wide ? '`' : 'x', sizeof name - 1);
        name[sizeof name - 1] = '\0';
        for (int i = 0; i < 800; i++) {
            const char *label = arena_printf(&plan.arena, "%d%s", i, name);
            plan_change(&plan, (Change){ .kind = CHANGE_DELETE,
                                         .type = i % 2 ? TYPE_FLOWS : TYPE_COLLECTIONS,
                                         .label = label,
                                         .before = &JSON_NULL_VALUE });
            plan_loss(&plan, &plan.changes[i], 1, "%s", label);
            put_row(&plan, (RowPlan){ .collection = label, .created = 1 });
        }
        plan_markdown(&plan, name, MARKDOWN_LIMIT, &text);
        assert_in_range(text.length, MARKDOWN_LIMIT / 2, MARKDOWN_LIMIT);
        assert_non_null(strstr(buf_text(&text), "lines are left out"));
        assert_non_null(strstr(buf_text(&text), "and 775 more"));
        assert_non_null(strstr(buf_text(&text), "too many to draw"));
        plan_free(&plan);
    }
}

/* Declared renames are told in every format, also where nothing else is to be done. */
static void renamed(void **state) {
    (void)state;
    Case it;
    static Rename renames[] = { { .collection = "articles", .to = "posts" },
                                { .collection = "posts", .field = "te`xt", .to = "body" } };
    begin(&it, MODE_MERGE, "{'roles':[]}", "{'roles':[]}", NULL);
    it.plan.renames = (Renames){ .items = renames, .count = 2 };
    compare(&it, "renamed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_project),       cmocka_unit_test(small_edits),
        cmocka_unit_test(deletions),           cmocka_unit_test(long_texts),
        cmocka_unit_test(hostile_texts),       cmocka_unit_test(secrets),
        cmocka_unit_test(a_large_plan_is_cut), cmocka_unit_test(colours_change_no_word),
        cmocka_unit_test(placeholders),        cmocka_unit_test(references),
        cmocka_unit_test(rolled_up),           cmocka_unit_test(renamed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
