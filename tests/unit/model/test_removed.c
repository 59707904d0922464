#include "model/removed.h"

#include "model/canon.h"
#include "unit/model/snapshots.h"

#define DESK  "'11111111-1111-4111-8111-111111111111'"
#define STAFF "'22222222-2222-4222-8222-222222222222'"
#define FLOW  "'33333333-3333-4333-8333-333333333333'"
#define STEP  "'44444444-4444-4444-8444-444444444444'"

typedef struct {
    Snapshot before, now;
    Arena arena;
    Json removed;
    bool sections[SECTION_COUNT];
} Case;

static Json parse(Arena *arena, const char *single_quoted) {
    AUTO(Buf) text = { 0 };
    Error err = { 0 };
    Json json;
    for (const char *c = single_quoted; *c; c++)
        buf_putc(&text, *c == '\'' ? '"' : *c);
    assert_ok(json_parse(arena, buf_text(&text), text.length, JSON_STATE, &json, &err));
    return json;
}

/* Compares the lines after an update with those expected. */
static void check(Case *it, const char *before, const char *now, const char *lines, const char *expected) {
    *it = (Case){ 0 };
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        it->sections[section] = true;
    if (before)
        snapshot_of(&it->before, false, before);
    snapshot_of(&it->now, true, now);
    it->removed = parse(&it->arena, lines);
    RemovedUpdate update = { .before = before ? &it->before : NULL,
                             .now = &it->now,
                             .sections = it->sections,
                             .removed = &it->removed };
    JsonArrayBuilder builder = json_array_builder(&it->arena);
    size_t added = 0;
    removed_update(&update, &builder, &added);
    Json result = json_array_done(&builder), wanted = parse(&it->arena, expected);
    AUTO(Buf) found_text = { 0 }, wanted_text = { 0 };
    canon_compact(&found_text, &result);
    canon_compact(&wanted_text, &wanted);
    assert_string_equal(buf_text(&found_text), buf_text(&wanted_text));
    arena_free(&it->arena);
    snapshot_free(&it->before);
    snapshot_free(&it->now);
}

static void by_id_and_not_by_name(void **state) {
    (void)state;
    Case it;
    const char *both = "{'roles':[{'id':" DESK ",'name':'Desk'},{'id':" STAFF ",'name':'Staff'}]}";
    const char *renamed = "{'roles':[{'id':" DESK ",'name':'Other'}]}";
    check(&it, both, renamed, "[]", "[['roles'," STAFF ",['Staff']]]");
    check(&it, both, both, "[]", "[]");
    check(&it, NULL, renamed, "[]", "[]");
}

static void lines_go_when_the_record_is_back(void **state) {
    (void)state;
    Case it;
    const char *one = "{'roles':[{'id':" DESK ",'name':'Desk'}],"
                      "'permissions':[{'policy':'$public','collection':'a','action':'read','fields':['x']}]}";
    const char *lines =
        "[['roles'," DESK ",null],['roles'," STAFF ",null],['data/posts',5,['a']],"
        "['permissions',null,['$public','a','read']],['permissions',null,['$public','b','read']],"
        "['somewhere',1,null]]";
    const char *left = "[['roles'," STAFF ",null],['data/posts',5,['a']],"
                       "['permissions',null,['$public','b','read']],['somewhere',1,null]]";
    check(&it, one, one, lines, left);
    check(&it, NULL, one, lines, left);
}

static void what_goes_along_has_no_line(void **state) {
    (void)state;
    Case it;
    const char *before = "{'collections':[{'collection':'a','meta':{}},{'collection':'b','meta':{}}],"
                         "'fields':[{'collection':'a','field':'id'},{'collection':'b','field':'a'},{'"
                         "collection':'b','field':'x'}],"
                         "'relations':[{'collection':'b','field':'a','related_collection':'a'}],"
                         "'roles':[{'id':" DESK ",'name':'Desk'}],"
                         "'policies':[{'id':'$public','name':'Public'}],"
                         "'access':[{'role':" DESK ",'policy':'$public'}],"
                         "'permissions':[{'policy':'$public','collection':'a','action':'read'}],"
                         "'presets':[{'collection':'b','bookmark':null,'role':" DESK "}],"
                         "'flows':[{'id':" FLOW ",'name':'F','operation':null}],"
                         "'operations':[{'id':" STEP ",'flow':" FLOW ",'key':'k'}]}";
    const char *now =
        "{'collections':[{'collection':'b','meta':{}}],"
        "'fields':[{'collection':'b','field':'x'}],'relations':[],'roles':[],"
        "'policies':[{'id':'$public','name':'Public'}],'access':[],'permissions':[],'presets':[],"
        "'flows':[],'operations':[]}";
    check(&it, before, now, "[]",
          "[['collections',null,['a']],['fields',null,['b','a']],['roles'," DESK ",['Desk']],"
          "['flows'," FLOW ",['F']]]");
}

static void a_repeated_grant_is_named_whole(void **state) {
    (void)state;
    Case it;
    const char *two = "{'permissions':[{'policy':'$public','collection':'a','action':'read','fields':['x']},"
                      "{'policy':'$public','collection':'a','action':'read','fields':['y']}]}";
    const char *one =
        "{'permissions':[{'policy':'$public','collection':'a','action':'read','fields':['y']}]}";
    const char *line =
        "[['permissions',null,{'action':'read','collection':'a','fields':['x'],'policy':'$public'}]]";
    check(&it, two, one, "[]", line);
    check(&it, one, one, line, line);
    check(&it, two, one, line, line);
    check(&it, one, two, line, "[]");
    check(&it, two, "{'permissions':[]}", "[]", "[['permissions',null,['$public','a','read']]]");
}

static void what_was_not_read_is_left_alone(void **state) {
    (void)state;
    Case it;
    check(&it, "{'roles':[{'id':" DESK ",'name':'Desk'}]}", "{'flows':[]}", "[['roles'," STAFF ",null]]",
          "[['roles'," STAFF ",null]]");
    check(&it, "{'roles':[{'id':'$administrator','name':'A'}]}", "{'roles':[]}", "[]", "[]");
}

static void names_of_lines(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    Json lines = parse(&arena, "[['data/roles',1,[1]],['roles'," DESK
                               ",null],['posts',1,null],['collections',null,['x']]]");
    assert_true(removed_is_of_rows(&lines.as.items[0], "roles"));
    assert_false(removed_is_of_rows(&lines.as.items[1], "roles"));
    assert_true(removed_is_of_rows(&lines.as.items[2], "posts"));
    Json record = parse(&arena, "{'id':" DESK ",'name':'Desk'}"),
         other = parse(&arena, "{'id':" STAFF ",'name':'Desk'}");
    assert_true(removed_names_record(&lines, TYPE_ROLES, &record));
    assert_false(removed_names_record(&lines, TYPE_ROLES, &other));
    Json collection = parse(&arena, "{'collection':'x'}");
    assert_true(removed_names_record(&lines, TYPE_COLLECTIONS, &collection));
}

/* What can name nothing is told; what may be a collection that is gone stays. */
static void lines_that_name_nothing(void **state) {
    (void)state;
    const struct {
        const char *line, *says, *mend; /* says NULL: it stands */
    } cases[] = {
        { "['flow',null,['x']]", "'flow' is no kind", "did you mean 'flows'? Rows of a collection flow" },
        { "['Flows'," DESK ",null]", "'Flows' is no kind", "'flows'" },
        { "['policy'," DESK ",null]", "'policy' is no kind", "'policies'" },
        { "['rolse'," DESK ",null]", "'rolse' is no kind", "'roles'" },
        { "['directus_flows'," DESK ",null]", "'directus_flows' is no kind", "did you mean 'flows'?" },
        { "['directus_users'," DESK ",null]", "is no kind", "remove the line" },
        { "['',null,null]", "is no kind", "remove the line" },
        { "['flows',null,['Small']]", "flows are named by their id", "['flows', '<id>', null]" },
        { "['flows','',null]", "flows are named by their id", "remove" },
        { "['collections','notes',null]", "by their key", "['collections', null, ['<collection>']]" },
        { "['fields',null,['notes']]", "by their key", "['<collection>', '<field>']" },
        { "['settings',null,[]]", "settings are never deleted", "remove the line" },
        { "['data/',1,null]", "without a collection", "data/<collection>" },
        { "['data/gone',null,null]", "without an id", "data/gone" },
        { "['role',null,null]", "without an id", "data/role" }, /* there is such a collection */
        { "['role',1,null]", NULL, NULL },
        { "['flows'," DESK ",null]", NULL, NULL },
        { "['flows',null,{'name':'x'}]", NULL, NULL },
        { "['presets',null,['a',null,null]]", NULL, NULL },
        { "['data/gone',null,['de']]", NULL, NULL },
        { "['pages',1,[1]]", NULL, NULL },
        { "['notes',1,[1]]", NULL, NULL },
        { "['x',1,[1]]", NULL, NULL },
    };
    AUTO(Snapshot) files = { 0 };
    snapshot_of(&files, false, "{'collections':[{'collection':'role'}]}");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(Arena) arena = { 0 };
        Error err = { 0 };
        Json line = parse(&arena, cases[i].line);
        bool stands = removed_check(&line, &files, &err);
        assert_true(stands == !cases[i].says);
        for (char *c = err.message; *c; c++)
            *c = *c == '"' ? '\'' : *c;
        for (char *c = err.hint; *c; c++)
            *c = *c == '"' ? '\'' : *c;
        if (stands)
            continue;
        assert_int_equal(err.kind, ERR_FILES);
        assert_non_null(strstr(err.message, cases[i].says));
        assert_non_null(strstr(err.hint, cases[i].mend));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_id_and_not_by_name),           cmocka_unit_test(lines_go_when_the_record_is_back),
        cmocka_unit_test(what_goes_along_has_no_line),     cmocka_unit_test(a_repeated_grant_is_named_whole),
        cmocka_unit_test(what_was_not_read_is_left_alone), cmocka_unit_test(names_of_lines),
        cmocka_unit_test(lines_that_name_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
