#include "model/value_diff.h"

#include "model/canon.h"
#include "unit/model/quoted.h"

/* A line an edit: pointer, path, old and new value; "-" where there is none. */
static void check(const char *before, const char *after, const char *expected) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) text = { 0 };
    Json a = quoted_json(&arena, before), b = quoted_json(&arena, after);
    ValueEdits edits = { 0 };
    value_diff(&arena, "/o", "o", "o", &a, &b, &edits);
    for (size_t i = 0; i < edits.count; i++) {
        const ValueEdit *edit = &edits.items[i];
        buf_printf(&text, "%s%s %s ", i ? "; " : "", edit->pointer, edit->path);
        if (edit->before)
            canon_compact(&text, edit->before);
        buf_puts(&text, edit->before ? " " : "- ");
        if (edit->after)
            canon_compact(&text, edit->after);
        else
            buf_putc(&text, '-');
    }
    if (strcmp(buf_text(&text), expected) != 0)
        fail_msg("%s → %s:\n%s\nwanted\n%s", before, after, buf_text(&text), expected);
}

static void only_what_differs(void **state) {
    (void)state;
    check("1", "1", "");
    check("{'a':{'b':1,'c':2}}", "{'a':{'b':1,'c':3}}", "/o/a/c o.a.c 2 3");
    check("{'a':1}", "{'b':1}", "/o/a o.a 1 -; /o/b o.b - 1");
    check("{'a/b':1,'c.d':2,'~':3}", "{'a/b':2,'c.d':3,'~':4}",
          "/o/a~1b o[\"a/b\"] 1 2; /o/c.d o[\"c.d\"] 2 3; /o/~0 o[\"~\"] 3 4");
    check("{'a':null}", "{}", "/o o {\"a\":null} {}");
    check("{'a':[1]}", "{'a':{'0':1}}", "/o/a o.a [1] {\"0\":1}");
}

static void elements_keep_their_neighbours(void **state) {
    (void)state;
    check("[1,2,3]", "[0,1,2,3]", "/o/0 o[0] - 0");
    check("[1,2,3]", "[1,3]", "/o/1 o[1] 2 -");
    check("[{'t':'a','v':1},{'t':'b','v':2}]", "[{'t':'n','v':0},{'t':'a','v':1},{'t':'b','v':3}]",
          "/o/0 o[0] - {\"t\":\"n\",\"v\":0}; /o/2/v o[2].v 2 3");
    check("[[1,2],[3]]", "[[1,2],[3,4]]", "/o/1/1 o[1][1] - 4");
    check("['a','b']", "['b','a']", "/o/0 o[0] \"a\" -; /o/1 o[1] - \"a\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_differs),
        cmocka_unit_test(elements_keep_their_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
