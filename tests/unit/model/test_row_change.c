/* Rows of a plan one by one: what is kept, what is concealed, and how they are printed. */
#include "model/row_change.h"

#include "base/redact.h"
#include "model/canon.h"
#include "model/conceal.h"
#include "unit/golden.h"
#include "unit/model/quoted.h"
#include "unit/model/snapshots.h"

static const char *const none[] = { NULL };
static const char *const slug[] = { "language", "slug", NULL };
static const char *const declared[] = { "token", "hooks/*/key", NULL };

static const char *const schema =
    "{'collections':[{'collection':'pages','meta':{},'schema':{}},{'collection':'about','meta':{'singleton':"
    "true},'schema':{}}],'fields':["
    "{'collection':'pages','field':'id','type':'integer','meta':{},'schema':{'is_primary_key':true}},"
    "{'collection':'pages','field':'body','type':'text','meta':{},'schema':{}},"
    "{'collection':'pages','field':'hooks','type':'json','meta':{},'schema':{}},"
    "{'collection':'pages','field':'language','type':'string','meta':{},'schema':{}},"
    "{'collection':'pages','field':'parent','type':'uuid','meta':{},'schema':{}},"
    "{'collection':'pages','field':'slug','type':'string','meta':{},'schema':{}},"
    "{'collection':'pages','field':'status','type':'string','meta':{},'schema':{'default_value':'draft'}},"
    "{'collection':'pages','field':'title','type':'string','meta':{},'schema':{}},"
    "{'collection':'pages','field':'token','type':'string','meta':{},'schema':{}},"
    "{'collection':'pages','field':'views','type':'integer','meta':{},'schema':{}},"
    "{'collection':'about','field':'id','type':'integer','meta':{},'schema':{'is_primary_key':true}},"
    "{'collection':'about','field':'text','type':'string','meta':{},'schema':{}}]}";

typedef struct {
    Arena arena;
    Snapshot snapshot;
    Scope scope;
    RowShape *shapes; /* about, pages */
    size_t count;
    Plan plan;
    RowPlan rows;
} Case;

static void begin(Case *it, const char *const *key) {
    static DataRule rules[] = { { .collection = "about", .key = none, .exclude = none, .group_by = none },
                                { .collection = "pages", .exclude = none, .group_by = none } };
    static const SecretRule secrets = { "pages", declared, none };
    Error err = { 0 };
    rules[1].key = key;
    *it = (Case){ .scope = { .data = rules, .data_count = 2, .secrets = &secrets, .secret_count = 1 },
                  .plan = { .rows_shown = ROWS_SHOWN } };
    snapshot_of(&it->snapshot, true, schema);
    assert_ok(row_shapes(&it->snapshot, &it->scope, &it->arena, &it->shapes, &it->count, &err));
}

static const RowShape *shape_of(const Case *it, const char *collection) {
    for (size_t i = 0; i < it->count; i++)
        if (strcmp(it->shapes[i].collection, collection) == 0)
            return &it->shapes[i];
    fail();
    return NULL;
}

/* One row as a comparison tells it; NULL for the side that has none. */
static void tell(Case *it, const char *collection, const char *before, const char *after) {
    const RowShape *shape = shape_of(it, collection);
    Json old = before ? quoted_json(&it->arena, before) : json_null();
    Json new = after ? quoted_json(&it->arena, after) : json_null();
    if (before && after)
        new = row_patch(&it->arena, shape, &old, &new);
    row_change(&it->plan, &it->rows, shape, &it->scope,
               !before  ? CHANGE_CREATE
               : !after ? CHANGE_DELETE
                        : CHANGE_UPDATE,
               before ? &old : NULL, after ? &new : NULL);
}

static void collection_ends(Case *it, const char *collection) {
    it->rows.collection = collection;
    ARENA_PUSH(&it->plan.arena, it->plan.rows, it->plan.row_count, it->plan.row_capacity, it->rows);
    it->rows = (RowPlan){ 0 };
}

static void end(Case *it) {
    plan_free(&it->plan);
    snapshot_free(&it->snapshot);
    arena_free(&it->arena);
}

static const char *printed(Case *it) {
    AUTO(Buf) text = { 0 };
    plan_print(&it->plan, false, &text);
    Json json = plan_json(&it->arena, &it->plan);
    canon_pretty(&text, &json);
    plan_markdown(&it->plan, "title", MARKDOWN_LIMIT, &text);
    return arena_strdup(&it->arena, buf_text(&text));
}

static void rows_are_shown_like_records(void **state) {
    (void)state;
    Case it;
    begin(&it, none);
    tell(&it, "about", "{'id':1,'text':'Us'}", "{'id':1,'text':'We'}");
    collection_ends(&it, "about");
    tell(&it, "pages", NULL,
         "{'id':1,'body':'<p>A long story that goes on and on and on and on and on and on</p>','hooks':['x'],"
         "'language':'en','parent':'0d7f4a0c-6bd5-4b4c-9c5e-0a4c6c1b2d3e','slug':'about','status':'draft',"
         "'title':'About us','token':null,'views':5}");
    tell(&it, "pages", NULL, "{'id':2}");
    tell(&it, "pages", "{'id':3,'title':'One','views':'5.0'}", "{'id':3,'title':'Two','views':5}");
    tell(&it, "pages", "{'id':4,'body':'a\\nb\\nc','hooks':{'a':[1,2],'b':1},'language':'en'}",
         "{'id':4,'body':'a\\nB\\nc','hooks':{'a':[1,2,3],'b':1},'language':'de','status':'published'}");
    tell(&it, "pages", "{'id':6,'title':'About us','views':1}", "{'id':6,'title':'About us','views':2}");
    tell(&it, "pages", "{'id':7,'title':'2024-01-01','views':1}", "{'id':7,'title':'2024-01-01','views':2}");
    tell(&it, "pages", "{'id':5,'title':'\\u001b[31mGone','slug':'gone'}", NULL);
    it.rows.unchanged = 7;
    plan_loss_of_rows(&it.plan, "pages", 1, "1 row of pages would be deleted");
    collection_ends(&it, "pages");
    AUTO(Buf) text = { 0 };
    plan_print(&it.plan, false, &text);
    compare_with_golden("plan/rows.txt", buf_text(&text));
    buf_clear(&text);
    Json json = plan_json(&it.arena, &it.plan);
    canon_pretty(&text, &json);
    buf_putc(&text, '\n');
    compare_with_golden("plan/rows.json", buf_text(&text));
    buf_clear(&text);
    plan_markdown(&it.plan, "prod differs from schema/", MARKDOWN_LIMIT, &text);
    compare_with_golden("plan/rows.md", buf_text(&text));
    end(&it);
}

static void keys_of_a_rule_name_the_row(void **state) {
    (void)state;
    Case it;
    begin(&it, slug);
    tell(&it, "pages", NULL, "{'id':1,'language':'en','slug':'about us','title':'x'}");
    tell(&it, "pages", NULL, "{'id':2,'language':'en'}");
    assert_string_equal(it.rows.changes[CHANGE_CREATE].items[0].label, "en \"about us\"");
    assert_string_equal(it.rows.changes[CHANGE_CREATE].items[1].label, "2");
    AUTO(Buf) key = { 0 };
    canon_compact(&key, &it.rows.changes[CHANGE_CREATE].items[0].key);
    assert_string_equal(buf_text(&key), "{\"language\":\"en\",\"slug\":\"about us\"}");
    end(&it);
}

/* However many rows there are, only so many are kept; all of them are counted. */
static void as_many_as_are_shown(void **state) {
    (void)state;
    static const size_t limits[] = { 0, 1, 3, SIZE_MAX };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        Case it;
        begin(&it, none);
        it.plan.rows_shown = limits[i];
        for (int row = 0; row < 1240; row++)
            tell(&it, "pages", NULL, arena_printf(&it.arena, "{'id':%d,'title':'t%d'}", row, row));
        assert_int_equal(it.rows.created, 1240);
        assert_int_equal(it.rows.changes[CHANGE_CREATE].count, limits[i] < 1240 ? limits[i] : 1240);
        assert_int_equal(it.rows.changes[CHANGE_UPDATE].count, 0);
        collection_ends(&it, "pages");
        const char *text = printed(&it);
        assert_int_equal(strstr(text, "… and 1,239 more to create\n") != NULL, limits[i] == 1);
        assert_int_equal(strstr(text, "more to create\n") != NULL, limits[i] == 1 || limits[i] == 3);
        assert_int_equal(strstr(text, "+ 0: title \"t0\"\n") != NULL, limits[i] > 0);
        assert_int_equal(strstr(text, "t1239") != NULL, limits[i] == SIZE_MAX);
        end(&it);
    }
}

/* Declared places, names that say so and unmistakable shapes; placeholders go by their names. */
static void secrets_stay_concealed(void **state) {
    (void)state;
    Case it;
    begin(&it, none);
    redact_hide("value-of-the-token", "${TOKEN}");
    tell(&it, "pages", NULL,
         "{'id':1,'token':'value-of-the-token','hooks':{'a':{'key':'plain-secret-1','url':'u'},"
         "'password':'plain-secret-2'},'title':'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'}");
    tell(&it, "pages", "{'id':2,'token':'plain-secret-3'}", "{'id':2,'token':'value-of-the-token'}");
    tell(&it, "pages", "{'id':3,'token':'plain-secret-4','title':'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'}",
         "{'id':3,'token':'plain-secret-5','title':'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'}");
    tell(&it, "pages", "{'id':4,'hooks':{'a':{'key':'value-of-the-token','n':1}}}",
         "{'id':4,'hooks':{'a':{'key':'value-of-the-token','n':2}}}");
    tell(&it, "pages", "{'id':5,'hooks':{'a':{'key':'${OLD_TOKEN}'}}}",
         "{'id':5,'hooks':{'a':{'key':'a ${NEW_TOKEN}'}}}");
    tell(&it, "pages", "{'id':6,'token':'plain-secret-6 value-of-the-token'}", NULL);
    collection_ends(&it, "pages");
    const char *text = printed(&it);
    assert_null(strstr(text, "plain-secret"));
    assert_null(strstr(text, "value-of-the-token"));
    assert_null(strstr(text, "ghp_wWPw"));
    static const char *const said[] = {
        "+ 1: title \"(GitHub token)\", token \"${TOKEN}\", …\n",
        "~ 2 › token: \"(concealed)\" → \"${TOKEN}\"\n",
        "~ 3 \"(GitHub token)\" › token: \"(concealed)\" → \"(concealed)\"\n",
        "~ 4 › hooks.a.n: 1 → 2\n",
        "~ 5 › hooks.a.key: \"${OLD_TOKEN}\" → \"a ${NEW_TOKEN}\"\n",
        "- 6: token \"(concealed)\"\n",
    };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (!strstr(text, said[i]))
            fail_msg("%s is not in:\n%s", said[i], text);
    redact_forget();
    end(&it);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_shown_like_records),
        cmocka_unit_test(keys_of_a_rule_name_the_row),
        cmocka_unit_test(as_many_as_are_shown),
        cmocka_unit_test(secrets_stay_concealed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
