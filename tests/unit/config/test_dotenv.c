#include "unit/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "config/dotenv.h"

static char path[] = "/tmp/schema-sync-dotenv-XXXXXX";

static bool read_bytes(const char *text, size_t length, Dotenv *dotenv, Error *err) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    return dotenv_read(path, dotenv, err);
}

static bool read_text(const char *text, Dotenv *dotenv, Error *err) {
    return read_bytes(text, strlen(text), dotenv, err);
}

static void reads_values(void **state) {
    (void)state;
    static const struct {
        const char *text, *value; /* of A; NULL = not there */
    } cases[] = {
        { "A=1", "1" },
        { "A=1\n", "1" },
        { "A = 1 \r\n", "1" },
        { "export A=1", "1" },
        { "export\tA=1", "1" },
        { "  A=1", "1" },
        { "\xEF\xBB\xBF"
          "A=1",
          "1" },
        { "A=", "" },
        { "A=\nB=2", "" },
        { "A=1\nA=2", "2" },
        { "# A=1", NULL },
        { "\n\n  # nothing\n\nA=1 # a comment", "1" },
        { "A=1#2", "1#2" },
        { "A=#2", "" },
        { "A=a b", "a b" },
        { "A=a=b", "a=b" },
        { "A='a b' # c", "a b" },
        { "A='$HOME $(id) `id` \\n'", "$HOME $(id) `id` \\n" },
        { "A=$(id)", "$(id)" },
        { "A=\"a\\nb\\t\\\"c\\\\ \\$d \\x\"", "a\nb\t\"c\\ $d \\x" },
        { "A=`it's \"so\"`", "it's \"so\"" },
        { "A=\"one\ntwo\"\nB=1", "one\ntwo" },
        { "A=\"\"", "" },
        { "A.b-c=1\nA=2", "2" },
        { "B=1", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err = { 0 };
        AUTO(Dotenv) dotenv = { 0 };
        assert_ok(read_text(cases[i].text, &dotenv, &err));
        const char *value = dotenv_get(&dotenv, "A");
        if (!cases[i].value)
            assert_null(value);
        else if (!value || strcmp(value, cases[i].value) != 0)
            fail_msg("%s: \"%s\"", cases[i].text, value ? value : "(none)");
    }
}

static void names_file_and_line(void **state) {
    (void)state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        { "A=1\nB\n", "line 2: this is not NAME=value" },
        { "A=1\n\n=2", "line 3: this is not NAME=value" },
        { "1A=1", "line 1: this is not NAME=value" },
        { "A B=1", "line 1: this is not NAME=value" },
        { "A", "line 1: this is not NAME=value" },
        { "export A", "line 1: this is not NAME=value" },
        { "A=1\nB=\"two\nthree", "line 2: a quote is opened and never closed" },
        { "A='x\\'", NULL }, /* no escapes in single quotes */
        { "A='x' y", "line 1: there is more text after the closing quote" },
        { "A=\"x\ny\" z", "line 2: there is more text after the closing quote" },
        { "A=\"two\nlines\"\nB", "line 3: this is not NAME=value" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err = { 0 };
        AUTO(Dotenv) dotenv = { 0 };
        if (!cases[i].part) {
            assert_ok(read_text(cases[i].text, &dotenv, &err));
            continue;
        }
        assert_fault(read_text(cases[i].text, &dotenv, &err), ERR_CONFIG, cases[i].part);
        assert_ptr_equal(strstr(err.message, path), err.message);
    }
}

static void never_repeats_a_value(void **state) {
    (void)state;
    static const char *const cases[] = { "TOKEN='geheim' x", "TOKEN='geheim", "TOKEN geheim", "geheim" };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err = { 0 };
        AUTO(Dotenv) dotenv = { 0 };
        assert_false(read_text(cases[i], &dotenv, &err));
        assert_null(strstr(err.message, "geheim"));
        assert_null(strstr(err.hint, "geheim"));
    }
}

static void refuses_what_is_no_text(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Dotenv) dotenv = { 0 };
    assert_fault(read_bytes("A=1\0B", 5, &dotenv, &err), ERR_CONFIG, "NUL");
}

static void a_missing_file_is_empty(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Dotenv) dotenv = { 0 };
    assert_ok(dotenv_read("/nonexistent/.env", &dotenv, &err));
    assert_null(dotenv_get(&dotenv, "A"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_values),
        cmocka_unit_test(names_file_and_line),
        cmocka_unit_test(never_repeats_a_value),
        cmocka_unit_test(refuses_what_is_no_text),
        cmocka_unit_test(a_missing_file_is_empty),
    };
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    close(fd);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
