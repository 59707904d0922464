#include "model/show.h"

#include "unit/unit.h"

static void assert_shown(const char *text, const char *expected) {
    AUTO(Buf) out = { 0 };
    show_text(&out, text, strlen(text));
    assert_string_equal(buf_text(&out), expected);
}

/* Each of these has fooled a reader or a terminal. */
static void nothing_steers_the_terminal(void **state) {
    (void)state;
    assert_shown("plain ünï → 漢字", "plain ünï → 漢字");
    assert_shown("\033[2J\a\b\r\n\t\x7f", "\\u001b[2J\\u0007\\u0008\\r\\n\\t\\u007f");
    assert_shown("\xc2\x85\xc2\x9b"
                 "1m\u00ad",
                 "\\u0085\\u009b1m\\u00ad");
    assert_shown("a\u200bb\u200e\u200f\u2028\u2029", "a\\u200bb\\u200e\\u200f\\u2028\\u2029");
    assert_shown("\u202a\u202e\u2066\u2069\u061c", "\\u202a\\u202e\\u2066\\u2069\\u061c");
    assert_shown("\ufeff\ufff9\U000e0041", "\\ufeff\\ufff9\\u{e0041}");
    assert_shown("👩\u200d👧 می\u200cخواهم", "👩\u200d👧 می\u200cخواهم");
    assert_shown("\xff\xc3(", "\\xff\\xc3(");
}

static void assert_name(const char *name, const char *expected) {
    AUTO(Buf) out = { 0 };
    show_name(&out, name);
    assert_string_equal(buf_text(&out), expected);
}

static void names_are_bare_or_quoted(void **state) {
    (void)state;
    assert_name("posts.title", "posts.title");
    assert_name("$administrator", "$administrator");
    assert_name("", "\"\"");
    assert_name("two words", "\"two words\"");
    assert_name("a\"b\\", "\"a\\\"b\\\\\"");
    assert_name("x\033", "\"x\\u001b\"");
}

static void long_values_lose_their_middle(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) out = { 0 };
    Json value = json_string(&arena, "0123456789äääääääääääääääääääääääääääääääzyx");
    show_value(&out, &value, 30);
    assert_string_equal(buf_text(&out), "\"0123456789ääää…äääzyx\"");
    assert_true(str_is_utf8(buf_text(&out), out.length, NULL));
    buf_clear(&out);
    show_value(&out, NULL, 30);
    assert_string_equal(buf_text(&out), "null");
}

/* Whatever the length, what differs is seen. */
static void pairs_show_where_they_differ(void **state) {
    (void)state;
    for (size_t length = 1; length < 400; length += 7) {
        AUTO(Arena) arena = { 0 };
        AUTO(Buf) a = { 0 };
        AUTO(Buf) b = { 0 };
        char *text = arena_alloc(&arena, length + 1);
        memset(text, 'x', length);
        text[length / 2] = 'A';
        Json before = json_string(&arena, text);
        text = arena_strdup(&arena, text);
        text[length / 2] = 'B';
        Json after = json_string(&arena, text);
        show_pair(&a, &b, &before, &after, 60);
        assert_non_null(strchr(buf_text(&a), 'A'));
        assert_non_null(strchr(buf_text(&b), 'B'));
        assert_true(a.length < 90 && b.length < 90);
    }
}

static void documents_stay_json(void **state) {
    (void)state;
    AUTO(Buf) in = { 0 };
    AUTO(Buf) out = { 0 };
    buf_puts(&in, "{\n  \"a\": \"\xc2\x9b\u202e\U000e0041 ü\"\n}");
    show_json(&out, &in);
    assert_string_equal(buf_text(&out), "{\n  \"a\": \"\\u009b\\u202e\\udb40\\udc41 ü\"\n}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_steers_the_terminal),   cmocka_unit_test(names_are_bare_or_quoted),
        cmocka_unit_test(long_values_lose_their_middle), cmocka_unit_test(pairs_show_where_they_differ),
        cmocka_unit_test(documents_stay_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
