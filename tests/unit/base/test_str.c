#include <stdlib.h>

#include "unit/unit.h"

#include "base/log.h"
#include "base/str.h"

static void test_buf(void **state) {
    (void)state;
    AUTO(Buf) buf = { 0 };
    assert_string_equal(buf_text(&buf), "");
    buf_clear(&buf);
    buf_append(&buf, NULL, 0);
    assert_string_equal(buf_text(&buf), "");
    for (int i = 0; i < 1000; i++) {
        buf_putc(&buf, 'a');
        buf_puts(&buf, "bc");
        buf_append(&buf, "\0", 1);
    }
    assert_int_equal(buf.length, 4000);
    for (size_t i = 0; i < 4000; i++)
        assert_int_equal(buf.data[i], "abc"[i % 4]);
    assert_int_equal(buf.data[4000], 0);
    buf_clear(&buf);
    assert_string_equal(buf_text(&buf), "");
    for (int width = 250; width < 260; width++) { /* around the size that is formatted once */
        buf_clear(&buf);
        buf_puts(&buf, "<");
        buf_printf(&buf, "%*d", width, 7);
        assert_int_equal(buf.length, width + 1);
        assert_int_equal(buf.data[width], '7');
        assert_int_equal(strlen(buf.data), width + 1);
    }
}

static void test_secret(void **state) {
    (void)state;
    AUTO(Secret) secret = { 0 };
    assert_false(secret_is_set(&secret));
    assert_string_equal(secret_reveal(&secret), "");
    char text[] = "token";
    secret_set(&secret, text);
    memset(text, 'x', 5);
    assert_true(secret_is_set(&secret));
    assert_string_equal(secret_reveal(&secret), "token");
    secret_set(&secret, "other");
    assert_string_equal(secret_reveal(&secret), "other");
    secret_set(&secret, "");
    assert_false(secret_is_set(&secret));
    secret_set(&secret, NULL);
    assert_false(secret_is_set(&secret));
}

static void test_helpers(void **state) {
    (void)state;
    assert_true(str_equal("a", "a") && str_equal(NULL, NULL));
    assert_false(str_equal("a", "b") || str_equal("a", NULL) || str_equal(NULL, "a"));
    assert_true(str_starts("abc", "ab") && str_starts("abc", ""));
    assert_false(str_starts("a", "ab"));
    assert_true(str_ends("abc", "bc") && str_ends("abc", ""));
    assert_false(str_ends("c", "bc") || str_ends("abc", "ab"));
}

static void test_uuid(void **state) {
    (void)state;
    static const char good[] = "0123abcd-4567-89ef-0123-456789abcdef";
    assert_true(str_is_uuid(good, 36));
    assert_false(str_is_uuid(good, 35));
    for (size_t i = 0; i < 36; i++) {
        for (const char *bad = "-gAF /:`{"; *bad; bad++) {
            char text[37];
            memcpy(text, good, sizeof text);
            if (text[i] == *bad)
                continue;
            text[i] = *bad;
            assert_false(str_is_uuid(text, 36));
        }
    }
}

/* Every code point encoded by hand is accepted; surrogates and what lies above U+10FFFF are not. */
static void test_utf8_code_points(void **state) {
    (void)state;
    for (unsigned point = 0; point < 0x120000; point++) {
        char text[5] = { 0 };
        size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        static const unsigned char firsts[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
        for (size_t i = size; i-- > 1;)
            text[i] = (char)(0x80 | (point >> (6 * (size - 1 - i)) & 0x3F));
        text[0] = (char)(firsts[size] | point >> (6 * (size - 1)));
        bool valid = point < 0x110000 && !(point >= 0xD800 && point < 0xE000);
        assert_int_equal(str_utf8_sequence(text, size), valid ? size : 0);
        assert_int_equal(str_utf8_sequence(text, size - 1), 0);
    }
}

static void test_utf8_faults(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t bad_at;
    } rows[] = {
        { "\x80", 0 },
        { "abcdefgh\xFF", 8 },
        { "a\xC0\x80", 1 },
        { "\xC1\xBF", 0 },
        { "ab\xE0\x9F\xBF", 2 },
        { "\xF0\x8F\xBF\xBF", 0 },
        { "\xF8\x88\x80\x80\x80", 0 },
        { "é\xC3", 2 },
        { "\xE2\x82", 0 },
        { "\xE2\x28\xA1", 0 },
        { "abcdefghijklmno\xE2\x82\x28", 15 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t bad_at = 99;
        assert_false(str_is_utf8(rows[i].text, strlen(rows[i].text), &bad_at));
        assert_int_equal(bad_at, rows[i].bad_at);
        assert_false(str_is_utf8(rows[i].text, strlen(rows[i].text), NULL));
    }
    assert_true(
        str_is_utf8("abcdefgh é € 😀 ijklmnopqrstuvwxyz", strlen("abcdefgh é € 😀 ijklmnopqrstuvwxyz"), NULL));
    assert_true(str_is_utf8("", 0, NULL));
}

static char said[8192];
static LogLevel said_level;

static void remember(LogLevel level, const char *message, void *context) {
    assert_ptr_equal(context, said);
    said_level = level;
    snprintf(said, sizeof said, "%s", message);
}

static void test_log(void **state) {
    (void)state;
    log_say(LOG_WARN, "dropped: there is no sink");
    log_set_sink(remember, said);
    log_say(LOG_NOTE, "%d rows", 5);
    assert_string_equal(said, "5 rows");
    assert_int_equal(said_level, LOG_NOTE);
    /* a name from a server does not steer the terminal */
    log_say(LOG_TRACE, "%s", "a\x1b[31m\nb\x7f é");
    assert_string_equal(said, "a [31m b  é");
    log_say(LOG_NOTE, "%*d", 6000, 1);
    assert_int_equal(strlen(said), 4095);
    log_set_sink(NULL, NULL);
    log_say(LOG_NOTE, "gone");
    assert_int_equal(strlen(said), 4095);
}

static void shell_words(void **state) {
    (void)state;
    static const char *const words[][2] = {
        { "/srv/cms-1/a_b.json", "/srv/cms-1/a_b.json" },
        { "", "''" },
        { "a b", "'a b'" },
        { "it's $HOME\n", "'it'\\''s $HOME\n'" },
    };
    AUTO(Arena) arena = { 0 };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_string_equal(str_shell_word(&arena, words[i][0]), words[i][1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shell_words),
        cmocka_unit_test(test_buf),
        cmocka_unit_test(test_secret),
        cmocka_unit_test(test_helpers),
        cmocka_unit_test(test_uuid),
        cmocka_unit_test(test_utf8_faults),
        cmocka_unit_test(test_utf8_code_points),
        cmocka_unit_test(test_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
