#include "model/merge_text.h"

#include <stdlib.h>

#include "unit/model/quoted.h"

#define A "00000000-0000-4000-8000-00000000000a"
#define B "00000000-0000-4000-8000-00000000000b"
#define C "00000000-0000-4000-8000-00000000000c"

static const ConflictMarks marks = { "ours", "theirs", 7 };

static void put_quoted(Buf *out, const char *text) {
    buf_puts(out, text);
    for (char *at = out->data ? strchr(out->data, '\'') : NULL; at; at = strchr(at, '\''))
        *at = '"';
}

/* Whether it could be merged; single quotes stand for double ones, NULL is an empty base. */
static bool merge(const char *path, const char *base, const char *ours, const char *theirs, MergedText *out,
                  Error *err) {
    AUTO(Buf) b = { 0 }, o = { 0 }, t = { 0 };
    put_quoted(&b, base ? base : "");
    put_quoted(&o, ours);
    put_quoted(&t, theirs);
    MergeTexts texts = {
        path, { buf_text(&b), b.length }, { buf_text(&o), o.length }, { buf_text(&t), t.length }
    };
    *out = (MergedText){ 0 };
    return merge_text(&texts, &marks, out, err);
}

static void assert_same(const char *path, const char *wanted, const Buf *text) {
    AUTO(MergedText) canonical = { 0 };
    Error err = { 0 };
    assert_ok(merge(path, wanted, wanted, wanted, &canonical, &err));
    assert_string_equal(buf_text(text), buf_text(&canonical.text));
}

static void gives(const char *path, const char *base, const char *ours, const char *theirs,
                  const char *wanted) {
    Error err = { 0 };
    AUTO(MergedText) out, turned;
    assert_ok(merge(path, base, ours, theirs, &out, &err));
    assert_ok(merge(path, base, theirs, ours, &turned, &err));
    assert_int_equal(out.conflicts, 0);
    assert_same(path, wanted, &out.text);
    assert_string_equal(buf_text(&out.text), buf_text(&turned.text));
}

/* The text with one side of each conflict. */
static void resolve(const char *text, bool theirs, Buf *out) {
    bool inside = false, second = false;
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n") + 1;
        if (strncmp(line, "<<<<<<< ", 8) == 0)
            inside = true, second = false;
        else if (strncmp(line, "=======\n", 8) == 0)
            second = true;
        else if (strncmp(line, ">>>>>>> ", 8) == 0)
            inside = false;
        else if (!inside || second == theirs)
            buf_append(out, line, length);
    }
}

/* `count` conflicts; what each side would give, and a part of the text. */
static void contests(const char *path, const char *base, const char *ours, const char *theirs, size_t count,
                     const char *if_ours, const char *if_theirs, const char *part) {
    Error err = { 0 };
    AUTO(MergedText) out = { 0 };
    AUTO(Buf) first = { 0 }, second = { 0 }, quoted = { 0 };
    assert_ok(merge(path, base, ours, theirs, &out, &err));
    assert_int_equal(out.conflicts, count);
    resolve(buf_text(&out.text), false, &first);
    resolve(buf_text(&out.text), true, &second);
    assert_same(path, if_ours, &first);
    assert_same(path, if_theirs, &second);
    put_quoted(&quoted, part);
    if (!strstr(buf_text(&out.text), buf_text(&quoted)))
        fail_msg("%s\nhas no\n%s", buf_text(&out.text), buf_text(&quoted));
    assert_false(json_validate(buf_text(&out.text), out.text.length, JSON_STATE, &err));
    assert_non_null(strstr(err.message, "a git merge conflict was left in the file"));
}

#define ROLE                      "roles/a.json"
#define POLICY(grants)            "{'id':'" A "','name':'p','roles':[],'permissions':[" grants "]}"
#define GRANT(collection, fields) "{'collection':'" collection "','action':'read','fields':" fields "}"

static void records_and_members_are_merged(void **test) {
    (void)test;
    gives(ROLE, "{'id':'" A "','name':'a','icon':'x'}", "{'id':'" A "','name':'b','icon':'x'}",
          "{'id':'" A "','name':'a','icon':'y'}", "{'id':'" A "','name':'b','icon':'y'}");
    gives("policies/a.json", POLICY(GRANT("p", "['*']")), POLICY(GRANT("p", "['*']") "," GRANT("q", "['*']")),
          POLICY(GRANT("r", "['*']") "," GRANT("p", "['*']")),
          POLICY(GRANT("p", "['*']") "," GRANT("q", "['*']") "," GRANT("r", "['*']")));
    gives("settings.json", "{'project_name':'a','project_color':'b'}",
          "{'project_name':'c','project_color':'b'}", "{'project_name':'a','project_color':'d'}",
          "{'project_name':'c','project_color':'d'}");
    gives("folders.json", "[{'id':'" A "','name':'a','parent':null}]",
          "[{'id':'" A "','name':'a','parent':null},{'id':'" B "','name':'b','parent':'" A "'}]",
          "[{'id':'" C "','name':'c','parent':null},{'id':'" A "','name':'a','parent':null}]",
          "[{'id':'" A "','name':'a','parent':null},{'id':'" B "','name':'b','parent':'" A "'},{'id':'" C
          "','name':'c','parent':null}]");
    /* another order of members, another formatting: no change */
    gives(ROLE, "{'id':'" A "','name':'a','icon':'x'}", "{\n'icon':'x',\n\n'name':'a','id':'" A "'}",
          "{'id':'" A "','name':'b','icon':'x'}", "{'id':'" A "','name':'b','icon':'x'}");
    /* both added the same file, with the same record */
    gives(ROLE, NULL, "{'id':'" A "','name':'a'}", "{'id':'" A "','name':'a','icon':'x'}",
          "{'id':'" A "','name':'a','icon':'x'}");
}

static void only_what_is_contested_stands_twice(void **test) {
    (void)test;
    contests(ROLE, "{'id':'" A "','name':'a','icon':'x'}", "{'id':'" A "','name':'b','icon':'y'}",
             "{'id':'" A "','name':'a','icon':'z'}", 1, "{'id':'" A "','name':'b','icon':'y'}",
             "{'id':'" A "','name':'b','icon':'z'}",
             "{\n<<<<<<< ours\n  'icon': 'y',\n=======\n  'icon': 'z',\n>>>>>>> theirs\n  'id': '" A
             "',\n  'name': 'b'\n}\n");
    /* deleted here, changed there */
    contests("policies/a.json", POLICY(GRANT("p", "['a']") "," GRANT("q", "['a']")),
             POLICY(GRANT("q", "['a']")),
             POLICY(GRANT("p", "['b']") "," GRANT("q", "['a']") "," GRANT("r", "['a']")), 1,
             POLICY(GRANT("q", "['a']") "," GRANT("r", "['a']")),
             POLICY(GRANT("p", "['b']") "," GRANT("q", "['a']") "," GRANT("r", "['a']")), "'b'");
    /* grants of one key */
    contests("policies/a.json", POLICY(GRANT("p", "['a']") "," GRANT("p", "['b']")),
             POLICY(GRANT("p", "['a']") "," GRANT("p", "['c']")),
             POLICY(GRANT("p", "['d']") "," GRANT("p", "['b']")), 2,
             POLICY(GRANT("p", "['a']") "," GRANT("p", "['c']")),
             POLICY(GRANT("p", "['d']") "," GRANT("p", "['b']")), "'c'");
    contests("info.json", "{'directus':'1','format':1}", "{'directus':'2','format':1}",
             "{'directus':'3','format':1}", 1, "{'directus':'2','format':1}", "{'directus':'3','format':1}",
             "'3'");
    /* two records under one name */
    contests(ROLE, NULL, "{'id':'" A "','name':'a'}", "{'id':'" B "','name':'a'}", 1,
             "{'id':'" A "','name':'a'}", "{'id':'" B "','name':'a'}", "<<<<<<< ours\n{\n");
}

#define FLOW(operations)  "{'id':'" A "','name':'f','operation':null,'operations':[" operations "]}"
#define STEP(id, resolve) "{'id':'" id "','key':'k','resolve':" resolve ",'reject':null}"

/* One side deleted an operation, the other one leads to it now. */
static void what_is_still_needed_is_contested(void **test) {
    (void)test;
    const char *base = FLOW(STEP(B, "null") "," STEP(C, "null")), *without = FLOW(STEP(B, "null"));
    const char *leads = FLOW(STEP(B, "'" C "'") "," STEP(C, "null"));
    contests("flows/a.json", base, without, leads, 1, FLOW(STEP(B, "'" C "'")), leads, "'id': '" C "'");
    contests("flows/a.json", base, leads, without, 1, leads, FLOW(STEP(B, "'" C "'")), "'id': '" C "'");
}

#define TABLE(name, fields)                                                                                  \
    "{'collection':'" name "','meta':{'collection':'" name "','note':null},'schema':{'name':'" name          \
    "'},'fields':[" fields "],'relations':[]}"
#define COLUMN(table, name, note)                                                                            \
    "{'field':'" name "','type':'string','meta':{'collection':'" table "','field':'" name "','note':" note   \
    "},'schema':{'name':'" name "','table':'" table "'}}"

static void a_renamed_collection_is_followed(void **test) {
    (void)test;
    const char *base = TABLE("a", COLUMN("a", "x", "null")), *renamed = TABLE("b", COLUMN("b", "x", "null"));
    gives("collections/b.json", base, renamed,
          TABLE("a", COLUMN("a", "x", "'n'") "," COLUMN("a", "y", "null")),
          TABLE("b", COLUMN("b", "x", "'n'") "," COLUMN("b", "y", "null")));
    gives(
        "collections/directus_users.json",
        "{'collection':'directus_users','fields':[" COLUMN("directus_users", "x", "null") "],'relations':[]}",
        "{'collection':'directus_users','fields':[],'relations':[]}",
        "{'collection':'directus_users','fields':[" COLUMN("directus_users", "x", "null") "],'relations':[]}",
        "{'collection':'directus_users','fields':[],'relations':[]}");
}

static void removed_is_a_set(void **test) {
    (void)test;
    Error err = { 0 };
    AUTO(MergedText) out = { 0 };
    assert_ok(merge("removed.jsonl", "['roles','" A "',['a']]\n['roles','" B "',['b']]\n",
                    "['flows','" C "',['x']]\n['roles','" B "',['b']]\n",
                    "['roles','" A "',['a']]\n['roles','" B "',['b']]\n['roles','" C "',['c']]\n['roles','" C
                    "',['c']]",
                    &out, &err));
    AUTO(Buf) wanted = { 0 };
    put_quoted(&wanted, "['flows','" C "',['x']]\n['roles','" B "',['b']]\n['roles','" C "',['c']]\n");
    assert_string_equal(buf_text(&out.text), buf_text(&wanted));
    assert_int_equal(out.conflicts, 0);
}

static void what_is_no_state_is_not_merged(void **test) {
    (void)test;
    Error err = { 0 };
    AUTO(MergedText) out = { 0 };
    const char *good = "{'id':'" A "','name':'a'}";
    assert_fault(merge(ROLE, good, "{", good, &out, &err), ERR_FILES, "our side");
    assert_fault(merge(ROLE, "{'id':1}", good, good, &out, &err), ERR_FILES, "the common base");
    assert_fault(merge(ROLE, good, good, "<<<<<<< a\n", &out, &err), ERR_FILES, "conflict");
    assert_fault(merge(ROLE, good, "", good, &out, &err), ERR_FILES, "our side");
    assert_fault(merge("removed.jsonl", "", "{}", "", &out, &err), ERR_FILES, "our side");
    assert_fault(merge("sql/pre/1.sql", "", "", "", &out, &err), ERR_FILES, "no records");
    assert_fault(merge("folders.json", "[]",
                       "[{'id':'" A "','name':'a','parent':null},{'id':'" A "','name':'b','parent':null}]",
                       "[]", &out, &err),
                 ERR_FILES, "two folders");
}

/* ---- any edits ---- */

enum { SLOTS = 8, ROUNDS = 400 };
/* 0: not there, else its value. The last two are grants of one key. */
typedef struct {
    unsigned slots[SLOTS];
} Picture;

static unsigned random_to(unsigned *seed, unsigned limit) {
    *seed = *seed * 1103515245u + 12345u;
    return *seed / 65536u % limit;
}

static void render(const Picture *picture, Buf *out) {
    bool first = true;
    buf_clear(out);
    buf_puts(out, "{'id':'" A "','name':'p','roles':[],'permissions':[");
    for (unsigned i = 0; i < SLOTS; i++) {
        if (!picture->slots[i])
            continue;
        unsigned key = i == SLOTS - 1 ? i - 1 : i;
        buf_printf(out, "%s{'collection':'c%u','action':'read','fields':['%u-%u']}", first ? "" : ",", key,
                   key == i ? 0 : 1, picture->slots[i]);
        first = false;
    }
    buf_puts(out, "]}");
}

static Picture random_picture(unsigned *seed) {
    Picture picture;
    for (size_t i = 0; i < SLOTS; i++)
        picture.slots[i] = random_to(seed, 3);
    return picture;
}

static Picture edited(const Picture *picture, unsigned *seed) {
    Picture edits = *picture;
    for (size_t i = 0; i < SLOTS; i++)
        if (random_to(seed, 4) == 0)
            edits.slots[i] = random_to(seed, 3);
    return edits;
}

static void merge_pictures(const Picture pictures[3], MergedText *out) {
    Error err = { 0 };
    AUTO(Buf) base = { 0 }, ours = { 0 }, theirs = { 0 };
    render(&pictures[0], &base);
    render(&pictures[1], &ours);
    render(&pictures[2], &theirs);
    assert_ok(merge("policies/a.json", buf_text(&base), buf_text(&ours), buf_text(&theirs), out, &err));
}

static void assert_merges(const Picture *base, const Picture *ours, const Picture *theirs,
                          const Picture *wanted) {
    AUTO(MergedText) out = { 0 };
    AUTO(Buf) text = { 0 };
    merge_pictures((const Picture[]){ *base, *ours, *theirs }, &out);
    render(wanted, &text);
    assert_int_equal(out.conflicts, 0);
    assert_same("policies/a.json", buf_text(&text), &out.text);
}

/* Each side edits slots of its own; the two grants of one key belong together. */
static void edits_of_different_records_are_both_there(void **test) {
    (void)test;
    unsigned seed = 7;
    for (int round = 0; round < ROUNDS; round++) {
        Picture base = random_picture(&seed), edits = random_picture(&seed);
        Picture ours = base, theirs = base;
        for (size_t i = 0; i < SLOTS; i++) {
            Picture *side = (i < SLOTS - 2 ? i : (size_t)SLOTS) % 2 ? &ours : &theirs;
            side->slots[i] = edits.slots[i];
        }
        assert_merges(&base, &ours, &theirs, &edits);
        assert_merges(&base, &theirs, &ours, &edits);
        assert_merges(&base, &edits, &base, &edits);
        assert_merges(&base, &base, &edits, &edits);
        assert_merges(&base, &edits, &edits, &edits);
    }
}

/* Whoever is called ours: the same merge, and the same two versions of what is contested. */
static void sides_are_equal(void **test) {
    (void)test;
    unsigned seed = 11, contested = 0;
    for (int round = 0; round < ROUNDS; round++) {
        Picture base = random_picture(&seed), ours = edited(&base, &seed), theirs = edited(&base, &seed);
        AUTO(MergedText) out = { 0 }, turned = { 0 };
        AUTO(Buf) one = { 0 }, other = { 0 };
        merge_pictures((const Picture[]){ base, ours, theirs }, &out);
        merge_pictures((const Picture[]){ base, theirs, ours }, &turned);
        assert_int_equal(out.conflicts > 0, turned.conflicts > 0);
        contested += out.conflicts > 0;
        for (int side = 0; side < 2; side++) {
            buf_clear(&one);
            buf_clear(&other);
            resolve(buf_text(&out.text), side == 0, &one);
            resolve(buf_text(&turned.text), side == 1, &other);
            assert_string_equal(buf_text(&one), buf_text(&other));
            assert_same("policies/a.json", buf_text(&one), &one);
        }
    }
    assert_in_range(contested, ROUNDS / 10, ROUNDS - ROUNDS / 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_and_members_are_merged),
        cmocka_unit_test(only_what_is_contested_stands_twice),
        cmocka_unit_test(what_is_still_needed_is_contested),
        cmocka_unit_test(a_renamed_collection_is_followed),
        cmocka_unit_test(removed_is_a_set),
        cmocka_unit_test(what_is_no_state_is_not_merged),
        cmocka_unit_test(edits_of_different_records_are_both_there),
        cmocka_unit_test(sides_are_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
