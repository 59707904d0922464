#include "model/text_diff.h"

#include "base/str.h"
#include "unit/unit.h"

static bool equal_bytes(const void *context, size_t a, size_t b) {
    const char *const *texts = context;
    return texts[0][a] == texts[1][b];
}

/* Each letter is an element; the edits as "a_from-a_to:b_from-b_to". */
static void check(const char *a, const char *b, const char *expected) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) text = { 0 };
    const char *texts[] = { a, b };
    SequenceEdits edits = { 0 };
    sequence_diff(&arena, strlen(a), strlen(b), equal_bytes, texts, &edits);
    for (size_t i = 0; i < edits.count; i++) {
        const SequenceEdit *edit = &edits.items[i];
        buf_printf(&text, "%s%zu-%zu:%zu-%zu", i ? " " : "", edit->a_from, edit->a_to, edit->b_from,
                   edit->b_to);
    }
    if (strcmp(buf_text(&text), expected) != 0)
        fail_msg("%s → %s: %s, wanted %s", a, b, buf_text(&text), expected);
}

static void edits_are_few(void **state) {
    (void)state;
    check("", "", "");
    check("abc", "abc", "");
    check("", "abc", "0-0:0-3");
    check("abc", "", "0-3:0-0");
    check("abc", "xabc", "0-0:0-1");
    check("abc", "abcx", "3-3:3-4");
    check("abc", "axc", "1-2:1-2");
    check("abcdef", "bcdxef", "0-1:0-0 4-4:3-4");
    check("aaaa", "aa", "2-4:2-2");
    check("abcabba", "cbabac", "0-2:0-0 3-3:1-2 5-6:4-4 7-7:5-6");
}

/* Every edit script turns the one into the other, whatever the texts; letters few enough to collide. */
static void edits_are_right(void **state) {
    (void)state;
    uint32_t random = 1;
    for (int round = 0; round < 3000; round++) {
        char texts[2][40];
        for (size_t t = 0; t < 2; t++) {
            random = random * 1664525 + 1013904223;
            size_t length = random >> 16 & 31;
            for (size_t i = 0; i < length; i++) {
                random = random * 1664525 + 1013904223;
                texts[t][i] = (char)('a' + (random >> 16 & 3));
            }
            texts[t][length] = '\0';
        }
        AUTO(Arena) arena = { 0 };
        AUTO(Buf) made = { 0 };
        const char *both[] = { texts[0], texts[1] };
        SequenceEdits edits = { 0 };
        sequence_diff(&arena, strlen(texts[0]), strlen(texts[1]), equal_bytes, both, &edits);
        size_t at = 0;
        for (size_t i = 0; i < edits.count; i++) {
            const SequenceEdit *edit = &edits.items[i];
            assert_true(i == 0 || edit->a_from > edits.items[i - 1].a_to ||
                        edit->b_from > edits.items[i - 1].b_to);
            buf_append(&made, texts[0] + at, edit->a_from - at);
            buf_append(&made, texts[1] + edit->b_from, edit->b_to - edit->b_from);
            at = edit->a_to;
        }
        buf_puts(&made, texts[0] + at);
        assert_string_equal(buf_text(&made), texts[1]);
    }
}

/* Two texts without anything in common cost no square of their lengths. */
static void strangers_are_replaced_whole(void **state) {
    (void)state;
    enum { LENGTH = 200000 };
    AUTO(Arena) arena = { 0 };
    char *a = arena_alloc(&arena, LENGTH + 1), *b = arena_alloc(&arena, LENGTH + 1);
    memset(a, 'a', LENGTH);
    memset(b, 'b', LENGTH);
    const char *texts[] = { a, b };
    SequenceEdits edits = { 0 };
    sequence_diff(&arena, LENGTH, LENGTH, equal_bytes, texts, &edits);
    assert_int_equal(edits.count, 1);
    assert_int_equal(edits.items[0].a_to, LENGTH);
    assert_int_equal(edits.items[0].b_to, LENGTH);
}

static void assert_lines(const char *before, const char *after, size_t context, const char *expected) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) text = { 0 };
    DiffLines lines = { 0 };
    text_diff(&arena, before, after, context, &lines);
    for (size_t i = 0; i < lines.count; i++) {
        if (lines.items[i].sign != '@')
            buf_putc(&text, lines.items[i].sign);
        buf_append(&text, lines.items[i].text, lines.items[i].length);
        buf_putc(&text, '\n');
    }
    assert_string_equal(buf_text(&text), expected);
}

/* As diff -U prints them. */
static void lines_with_context(void **state) {
    (void)state;
    assert_lines("same", "same", 2, "");
    assert_lines("a\nb\nc\nd\ne", "a\nb\nX\nd\ne", 1, "@@ -2,3 +2,3 @@\n b\n-c\n+X\n d\n");
    assert_lines("1\n2\n3\n4\n5\n6\n7", "1\nx\n3\n4\n5\ny\n7", 1,
                 "@@ -1,3 +1,3 @@\n 1\n-2\n+x\n 3\n@@ -5,3 +5,3 @@\n 5\n-6\n+y\n 7\n");
    assert_lines("1\n2\n3\n4\n5\n6\n7", "1\nx\n3\n4\n5\ny\n7", 2,
                 "@@ -1,7 +1,7 @@\n 1\n-2\n+x\n 3\n 4\n 5\n-6\n+y\n 7\n");
    assert_lines("a", "a\n", 1, "@@ -1,1 +1,2 @@\n a\n+\n");
    assert_lines("", "a\nb", 0, "@@ -1,1 +1,2 @@\n-\n+a\n+b\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_few),
        cmocka_unit_test(edits_are_right),
        cmocka_unit_test(strangers_are_replaced_whole),
        cmocka_unit_test(lines_with_context),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
