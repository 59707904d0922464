#include <errno.h>
#include <stdlib.h>

#include "unit/unit.h"

#include "base/str.h"

static void test_set_and_hint(void **state) {
    (void)state;
    Error err = { 0 };
    error_hint(&err, "an old hint");
    assert_false(error_set(&err, ERR_FILES, "%s is %d", "it", 7));
    assert_int_equal(err.kind, ERR_FILES);
    assert_string_equal(err.message, "it is 7");
    assert_string_equal(err.hint, "");
    assert_false(error_hint(&err, "do %s", "that"));
    assert_string_equal(err.hint, "do that");
    assert_false(error_context(&err, "file %s", "a.json"));
    assert_string_equal(err.message, "file a.json: it is 7");
    assert_string_equal(err.hint, "do that");
    assert_int_equal(err.kind, ERR_FILES);
}

static void test_arguments_may_point_into_the_error(void **state) {
    (void)state;
    Error err = { 0 };
    error_set(&err, ERR_IO, "inner");
    error_set(&err, ERR_CONFIG, "outer (%s)", err.message);
    assert_string_equal(err.message, "outer (inner)");
    error_hint(&err, "see %s", err.message);
    assert_string_equal(err.hint, "see outer (inner)");
    error_context(&err, "%s", err.message);
    assert_string_equal(err.message, "outer (inner): outer (inner)");
}

static void test_errno(void **state) {
    (void)state;
    Error err = { 0 };
    errno = ENOSPC;
    assert_false(error_errno(&err, "%s: cannot write", "x"));
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(err.kind, ERR_IO);
    assert_string_equal(err.message, "x: cannot write: No space left on device");
}

/* Cut at the array's end, at every alignment of a three-byte character, never through one. */
static void test_cut_between_characters(void **state) {
    (void)state;
    for (size_t shift = 0; shift < 6; shift++) {
        AUTO(Buf) text = { 0 };
        for (size_t i = 0; i < shift; i++)
            buf_putc(&text, 'x');
        while (text.length < 3000)
            buf_puts(&text, "€");
        Error err = { 0 };
        error_set(&err, ERR_IO, "%s", text.data);
        error_hint(&err, "%s", text.data);
        size_t message = strlen(err.message);
        size_t hint = strlen(err.hint);
        assert_true(message > sizeof err.message - 4 && hint > sizeof err.hint - 4);
        assert_true(str_is_utf8(err.message, message, NULL) && str_is_utf8(err.hint, hint, NULL));
        error_context(&err, "%s", text.data);
        assert_true(str_is_utf8(err.message, strlen(err.message), NULL));
        error_context(&err, "short");
        assert_true(strncmp(err.message, "short: ", 7) == 0);
        assert_true(str_is_utf8(err.message, strlen(err.message), NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_and_hint),
        cmocka_unit_test(test_arguments_may_point_into_the_error),
        cmocka_unit_test(test_errno),
        cmocka_unit_test(test_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
