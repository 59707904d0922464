#include <stdlib.h>

#include "unit/unit.h"

#include "base/json.h"
#include "base/str.h"
#include "model/canon.h"

/* ---- the validator ---- */

typedef struct {
    const char *text;
    unsigned strictness;
    const char *message;
    const char *hint;
} Fault;

static const Fault faults[] = {
    /* grammar */
    { "", 0, "line 1, column 1: there is no value: the text is empty", "{}" },
    { " \n ", 0, "line 2, column 2: there is no value", "{}" },
    { "[1, ", 0, "line 1, column 5 (/1): the text ends where a value must stand", "cut off" },
    { "{\"a\":1}}", 0, "line 1, column 8: '}' after the end of the value", "one text holds one value" },
    { "[1,\n2,]", 0, "line 2, column 2 (/1): a comma before ']'", "remove the comma" },
    { "{\"a\":1,}", 0, "line 1, column 7 (/a): a comma before '}'", "remove the comma" },
    { "[1 2]", 0, "line 1, column 4 (/0): ',' or ']' must follow the value, not '2'", "comma" },
    { "{\"a\":1", 0, "line 1, column 7 (/a): ',' or '}' must follow the value, not the end of the text",
      "cut off" },
    { "{\"a\" 1}", 0, "line 1, column 6 (/a): a colon must follow the key, not '1'", "put :" },
    { "{a:1}", 0, "line 1, column 2: a key in double quotes must stand here, not 'a'", "double quotes" },
    { "{", 0, "line 1, column 2: a key in double quotes must stand here, not the end of the text", "close" },
    { "{\"a\":1,,}", 0, "line 1, column 8 (/a): a key in double quotes must stand here, not ','",
      "double quotes" },
    { "[True]", 0, "line 1, column 2 (/0): an unknown word", "true, false and null" },
    { "[truth]", 0, "line 1, column 2 (/0): an unknown word", "true, false and null" },
    { "nul", 0, "line 1, column 1: an unknown word", "true, false and null" },
    { "['a']", 0, "line 1, column 2 (/0): a string in single quotes", "double quotes" },
    { "[#\n]", 0, "line 1, column 2 (/0): a comment that JSON does not know", "take it out" },
    { "[/**/]", 0, "a comment that JSON does not know", "take it out" },
    { "[*]", 0, "line 1, column 2 (/0): a value must stand here, not '*'", "" },
    { "[\x01]", 0, "a value must stand here, not byte 0x01", "" },
    { "[\x80]", 0, "line 1, column 2 (/0): invalid UTF-8 (byte 0x80)", "save the file as UTF-8" },
    { "\xEF\xBB\xBF{}", 0, "line 1, column 1: a byte order mark", "without a byte order mark" },
    /* numbers */
    { "[+1]", 0, "a number cannot begin with '+'", "a JSON number looks like" },
    { "[.5]", 0, "a number cannot begin with '.'", "a JSON number looks like" },
    { "[-]", 0, "line 1, column 3 (/0): a digit must follow '-', not ']'", "a JSON number looks like" },
    { "[012]", 0, "line 1, column 2 (/0): a number with a leading zero", "a JSON number looks like" },
    { "[-00]", 0, "a number with a leading zero", "a JSON number looks like" },
    { "[1.]", 0, "a digit must follow the decimal point, not ']'", "a JSON number looks like" },
    { "[1e]", 0, "a digit must follow the exponent's 'e', not ']'", "a JSON number looks like" },
    { "[1e+", 0, "a digit must follow the exponent's 'e', not the end of the text",
      "a JSON number looks like" },
    { "[9007199254740993]", JSON_EXACT_NUMBERS,
      "the integer 9007199254740993 would change: a double holds 9007199254740992", "as a string" },
    { "[-9223372036854775809]", JSON_EXACT_NUMBERS, "would change: a double holds -9223372036854775808",
      "as a string" },
    { "[1e309]", JSON_EXACT_NUMBERS, "the number 1e309 is too large for a double", "as a string" },
    { "[-1E+400]", JSON_NO_OVERFLOW, "the number -1E+400 is too large for a double", "as a string" },
    { "[1e-400]", JSON_EXACT_NUMBERS, "the number 1e-400 is too small for a double", "write 0" },
    /* strings */
    { "[\"abc", 0, "line 1, column 2 (/0): the string is not closed", "close" },
    { "[\"abc\n\"]", 0, "line 1, column 2 (/0): the string is not closed on its line", "\\n" },
    { "[\"a\tb\"]", 0, "line 1, column 4 (/0): the control character 0x09 in a string", "\\t" },
    { "[\"\\x41\"]", 0, "line 1, column 3 (/0): a backslash before 'x' in a string", "write a backslash as" },
    { "[\"\\", 0, "a backslash before the end of the text in a string", "write a backslash as" },
    { "[\"\\u12g4\"]", 0, "\\u needs four hex digits", "\\uXXXX" },
    { "[\"\\u12\"]", 0, "\\u needs four hex digits", "\\uXXXX" },
    { "[\"\xC3\"]", 0, "line 1, column 3 (/0): invalid UTF-8 (byte 0xc3)", "save the file as UTF-8" },
    { "[\"\xED\xA0\x80\"]", 0, "invalid UTF-8 (byte 0xed)", "save the file as UTF-8" },
    { "[\"a\\u0000\"]", JSON_NO_NUL, "line 1, column 4 (/0): \\u0000 in a string", "PostgreSQL" },
    { "{\"\\u0000\":1}", JSON_NO_NUL, "line 1, column 3: \\u0000 in a string", "PostgreSQL" },
    { "[\"\\uD800\"]", JSON_NO_LONE_SURROGATE, "line 1, column 3 (/0): \\ud800 is half of a surrogate pair",
      "both halves" },
    { "[\"\\uDC00\\uD800\"]", JSON_NO_LONE_SURROGATE, "column 3 (/0): \\udc00 is half of a surrogate pair",
      "both halves" },
    { "[\"\\uD83D\\u0041\"]", JSON_NO_LONE_SURROGATE, "\\ud83d is half of a surrogate pair", "both halves" },
    /* objects */
    { "{\"permissions\":[{},{},{},{\n\"fields\":1,\n\t\"fields\":2}]}", JSON_NO_DUPLICATES,
      "line 3, column 2 (/permissions/3/fields): duplicate key \"fields\"", "remove one of the two" },
    { "{\"ab\":1,\"a\\u0062\":2}", JSON_NO_DUPLICATES, "line 1, column 9 (/ab): duplicate key \"ab\"",
      "remove" },
    { "{\"\":1,\"\":2}", JSON_NO_DUPLICATES, "(/): duplicate key \"\"", "remove" },
    /* one key in two spellings */
    { "{\"\xC3\xA9\":1,\"\\u00E9\":2}", JSON_NO_DUPLICATES, "column 9 (/é): duplicate key \"é\"", "remove" },
    { "{\"\\u20ac\":1,\"\xE2\x82\xAC\":2}", JSON_NO_DUPLICATES, "(/€): duplicate key \"€\"", "remove" },
    { "{\"\\ud83d\\ude00\":1,\"\xF0\x9F\x98\x80\":2}", JSON_NO_DUPLICATES, "(/😀): duplicate key \"😀\"",
      "remove" },
    { "{\"\\n\\/\":1,\"\\u000a/\":2}", JSON_NO_DUPLICATES, "(/\\u000a~1): duplicate key \"\\u000a/\"",
      "remove" },
    { "{\"a\":{\"b\":1,\"b\":2},\"c\":1}", JSON_NO_DUPLICATES, "(/a/b): duplicate key \"b\"", "remove" },
    /* pointers */
    { "{\"a/b\":{\"c~d\":[0,x]}}", 0, "(/a~1b/c~0d/1): an unknown word", "" },
    { "{\"\\u001b[31m\":x}", 0, "(/\\u001b[31m): an unknown word", "" },
    /* conflicts */
    { "{\n<<<<<<< HEAD\n\"a\":1\n=======\n\"a\":2\n>>>>>>> theirs\n}", JSON_NO_CONFLICTS,
      "line 2, column 1: a git merge conflict was left in the file", "git checkout --ours" },
    { "{\"a\":1\n=======\n}", JSON_NO_CONFLICTS, "line 2, column 1 (/a): a git merge conflict",
      "finish the merge" },
    { "[1\n||||||| base\n]", JSON_NO_CONFLICTS, "line 2, column 1 (/0): a git merge conflict",
      "finish the merge" },
    { ">>>>>>> x", JSON_NO_CONFLICTS, "line 1, column 1: a git merge conflict", "finish the merge" },
    { "{\n<<<<<<<<< HEAD\n}", JSON_NO_CONFLICTS, "line 2, column 1: a git merge conflict",
      "finish the merge" },
    { "{\n<<<<<<< HEAD\n}", 0, "line 2, column 1: a key in double quotes must stand here, not '<'", "" },
    { "{\n<<<<<< six\n}", JSON_NO_CONFLICTS, "a key in double quotes must stand here, not '<'", "" },
    { "{\n<<<<<<<x\n}", JSON_NO_CONFLICTS, "a key in double quotes must stand here, not '<'", "" },
    /* comments */
    { "[1 /* open", JSON_COMMENTS, "line 1, column 4 (/0): the comment is not closed", "*/" },
    { "{ /*", JSON_COMMENTS, "line 1, column 3: the comment is not closed", "*/" },
    { "{\"a\" /*", JSON_COMMENTS, "line 1, column 6 (/a): the comment is not closed", "*/" },
    { "{\"a\": /*", JSON_COMMENTS, "line 1, column 7 (/a): the comment is not closed", "*/" },
    { "[1, /*", JSON_COMMENTS, "line 1, column 5 (/0): the comment is not closed", "*/" },
    { "1 /*", JSON_COMMENTS, "line 1, column 3: the comment is not closed", "*/" },
    { "/* *", JSON_COMMENTS, "line 1, column 1: the comment is not closed", "*/" },
    { "/*/", JSON_COMMENTS, "the comment is not closed", "*/" },
    { "[1 / 2]", JSON_COMMENTS, "a single '/'", "comments are //" },
    { "[,]", JSON_COMMENTS, "a value must stand here, not ','", "" },
};

static void test_faults(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const Fault *fault = &faults[i];
        Error err = { 0 };
        if (json_validate(fault->text, strlen(fault->text), fault->strictness, &err))
            fail_msg("accepted: %s", fault->text);
        assert_int_equal(err.kind, ERR_FILES);
        if (!strstr(err.message, fault->message) || !strstr(err.hint, fault->hint))
            fail_msg("%s\n  gives  %s (%s)\n  wanted %s (%s)", fault->text, err.message, err.hint,
                     fault->message, fault->hint);
    }
}

/* Each of these is refused by one flag of JSON_STATE and accepted without it. */
static void test_each_flag_alone(void **state) {
    (void)state;
    static const struct {
        const char *text;
        unsigned flag;
    } rows[] = {
        { "{\"a\":1,\"a\":1}", JSON_NO_DUPLICATES }, { "[\"\\u0000\"]", JSON_NO_NUL },
        { "[\"\\udfff\"]", JSON_NO_LONE_SURROGATE }, { "[9007199254740993]", JSON_EXACT_NUMBERS },
        { "[1e999]", JSON_EXACT_NUMBERS },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Error err = { 0 };
        size_t length = strlen(rows[i].text);
        assert_ok(json_validate(rows[i].text, length, JSON_STATE & ~rows[i].flag, &err));
        assert_false(json_validate(rows[i].text, length, rows[i].flag, &err));
        assert_false(json_validate(rows[i].text, length, JSON_STATE, &err));
    }
}

static void test_accepted_in_state_files(void **state) {
    (void)state;
    static const char *const texts[] = {
        "null",
        "[-0,0,1.0,1e2,1E-2,9007199254740992,-9223372036854775808]",
        "[100000000000000000000,1180591620717411303424]", /* exact above 2^53 */
        "[123456789012345680000,123456789012345683968]",  /* as it is written, and exact */
        "[0.1,0.1000000000000000055511151231257827,5e-324,1.7976931348623157e308,0e-999]",
        "[\"\\ud83d\\ude00 \\\" \\\\ \\/ \\b\\f\\n\\r\\t \xF0\x9F\x98\x80 \x7F \xEF\xBF\xBF\"]",
        "{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":1}]}",
        " \t\r\n{} \t\r\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Error err = { 0 };
        assert_ok(json_validate(texts[i], strlen(texts[i]), JSON_STATE, &err));
    }
}

static void nested(Buf *out, size_t depth) {
    buf_clear(out);
    for (size_t i = 0; i < depth; i++)
        buf_puts(out, i % 2 ? "{\"a\":" : "[");
    buf_puts(out, "1");
    for (size_t i = depth; i-- > 0;)
        buf_puts(out, i % 2 ? "}" : "]");
}

static void test_depth(void **state) {
    (void)state;
    AUTO(Buf) text = { 0 };
    AUTO(Arena) arena = { 0 };
    Error err = { 0 };
    Json value;
    nested(&text, JSON_MAX_DEPTH);
    assert_ok(json_parse(&arena, text.data, text.length, JSON_STATE, &value, &err));
    nested(&text, JSON_MAX_DEPTH + 1);
    assert_fault(json_validate(text.data, text.length, JSON_SYNTAX, &err), ERR_FILES,
                 "nested deeper than 128 levels");
    assert_non_null(strstr(err.message, "(/0/a/0/a/0/a/…/0/a/0/a/0/a)")); /* a long pointer keeps both ends */
}

/* More keys than are compared one by one: the duplicate is found wherever it stands. */
static void test_many_keys(void **state) {
    (void)state;
    for (size_t twin = 0; twin < 300; twin += 37) {
        AUTO(Buf) text = { 0 };
        buf_putc(&text, '{');
        for (size_t i = 0; i < 300; i++)
            buf_printf(&text, "\"key%zu\":%zu,", i, i);
        size_t unique = text.length;
        buf_printf(&text, "\"key%zu\":0}", twin);
        Error err = { 0 };
        assert_fault(json_validate(text.data, text.length, JSON_STATE, &err), ERR_FILES,
                     "duplicate key \"key");
        char where[32];
        snprintf(where, sizeof where, "column %zu (/key%zu)", unique + 1, twin);
        assert_non_null(strstr(err.message, where));
        text.data[unique - 1] = '}';
        assert_ok(json_validate(text.data, unique, JSON_STATE, &err));
    }
}

/* Strings are scanned eight bytes at a time: what ends or breaks them is seen at every place and distance. */
static void test_string_scan(void **state) {
    (void)state;
    for (size_t length = 1; length < 40; length++) {
        for (size_t at = 0; at < length; at++) {
            for (unsigned byte = 1; byte < 256; byte++) {
                char text[64];
                text[0] = '"';
                memset(text + 1, 'x', length);
                text[length + 1] = '"';
                text[at + 1] = (char)byte;
                Error err = { 0 };
                bool plain = byte >= 0x20 && byte != '"' && byte != '\\' && byte < 0x80;
                assert_int_equal(json_validate(text, length + 2, JSON_SYNTAX, &err), plain);
            }
        }
    }
}

/* A key of any length and content leaves room for the fault itself. */
static void test_long_pointer(void **state) {
    (void)state;
    AUTO(Buf) text = { 0 };
    for (int i = 0; i < 100; i++) {
        buf_puts(&text, "{\"");
        for (int k = 0; k < 500; k++)
            buf_puts(&text, "é");
        buf_puts(&text, "\":");
    }
    buf_puts(&text, "x");
    Error err = { 0 };
    assert_fault(json_validate(text.data, text.length, 0, &err), ERR_FILES, ": an unknown word");
    assert_true(str_is_utf8(err.message, strlen(err.message), NULL));
}

/* ---- parsing ---- */

static Json parse(Arena *arena, const char *text, unsigned strictness) {
    Error err = { 0 };
    Json value;
    assert_ok(json_parse(arena, text, strlen(text), strictness, &value, &err));
    return value;
}

static void assert_canonical(const char *text, unsigned strictness, const char *wanted) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) out = { 0 };
    Json value = parse(&arena, text, strictness);
    canon_compact(&out, &value);
    assert_string_equal(buf_text(&out), wanted);
}

static void test_parse(void **state) {
    (void)state;
    assert_canonical("{\"b\":1,\"a\":[true,false,null,\"x\"],\"\":{}}", JSON_STATE,
                     "{\"\":{},\"a\":[true,false,null,\"x\"],\"b\":1}");
    assert_canonical("{\"a\":1,\"a\":2,\"b\":0,\"a\":3}", JSON_SYNTAX, "{\"a\":3,\"b\":0}");
    assert_canonical("\"\\u00e9\\ud83d\\ude00\\u0001\"", JSON_STATE, "\"é😀\\u0001\"");
    assert_canonical("[-0,-0.0,1.50,1e2]", JSON_STATE, "[0,0,1.5,100]");
}

/* cJSON reads 63 bytes of a number: longer ones must not be cut. */
static void test_parse_long_numbers(void **state) {
    (void)state;
    assert_canonical(
        "[0.10000000000000000000000000000000000000000000000000000000000000000000000000000000000001,7]",
        JSON_STATE, "[0.1,7]");
    assert_canonical(
        "{\"a\":-12345.6789000000000000000000000000000000000000000000000000000000000000000000e-0000000003}",
        JSON_STATE, "{\"a\":-12.3456789}");
    assert_canonical("[100000000000000000000000000000000000000000000000000000000000000000000000000e-74]",
                     JSON_STATE, "[1]");
    assert_canonical("[0.00000000000000000000000000000000000000000000000000000000000000000000000000001]",
                     JSON_STATE, "[1e-77]");
}

static void test_parse_comments(void **state) {
    (void)state;
    assert_canonical(
        "// first\n{ /* a */ \"a\": [1, 2, /* \" */ ], // \"b\": 1,\n \"c\": \"// no /* comment\",\n}// end",
        JSON_COMMENTS, "{\"a\":[1,2],\"c\":\"// no /* comment\"}");
    assert_canonical("/* multi\nline **/ 1 /**/", JSON_COMMENTS, "1");
}

/* Whatever the strictness, nothing is cut or turned into something else on the way in. */
static void test_parse_refuses_what_json_cannot_hold(void **state) {
    (void)state;
    static const char *const texts[] = { "[\"a\\u0000b\"]", "[\"\\ud800\"]", "[1e999]", "{\"a\\u0000\":1}" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        AUTO(Arena) arena = { 0 };
        Json value;
        Error err = { 0 };
        assert_false(json_parse(&arena, texts[i], strlen(texts[i]), JSON_SYNTAX, &value, &err));
        assert_int_equal(err.kind, ERR_FILES);
    }
}

/* The text needs no NUL behind it, and none is read: the copy ends where the buffer does. */
static void test_parse_reads_no_further(void **state) {
    (void)state;
    static const char text[] = "{\"a\":[1,2.5,\"x\"]}";
    for (size_t length = 0; length < sizeof text; length++) {
        AUTO(Arena) arena = { 0 };
        char *exact = mem_alloc(length);
        memcpy(exact, text, length);
        Json value;
        Error err = { 0 };
        bool whole = length == sizeof text - 1;
        assert_int_equal(json_parse(&arena, exact, length, JSON_STATE, &value, &err), whole);
        free(exact);
    }
}

static void test_parse_large_object(void **state) {
    (void)state;
    AUTO(Buf) text = { 0 };
    AUTO(Arena) arena = { 0 };
    buf_putc(&text, '[');
    for (int row = 0; row < 3; row++) {
        buf_puts(&text, row ? ",{" : "{");
        for (int i = 0; i < 500; i++)
            buf_printf(&text, "%s\"k%d\":%d", i ? "," : "", i * 7919 % 500, i);
        buf_putc(&text, '}');
    }
    buf_putc(&text, ']');
    Json rows = parse(&arena, text.data, JSON_STATE);
    for (uint32_t row = 0; row < 3; row++) {
        const Json *object = &rows.as.items[row];
        assert_int_equal(object->count, 500);
        for (int i = 0; i < 500; i++) {
            char key[16];
            snprintf(key, sizeof key, "k%d", i * 7919 % 500);
            assert_true(json_get(object, key)->as.number == (double)i);
        }
        assert_ptr_equal(object->as.members[9].key, rows.as.items[0].as.members[9].key); /* keys are shared */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_each_flag_alone),
        cmocka_unit_test(test_accepted_in_state_files),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_string_scan),
        cmocka_unit_test(test_long_pointer),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_long_numbers),
        cmocka_unit_test(test_parse_comments),
        cmocka_unit_test(test_parse_refuses_what_json_cannot_hold),
        cmocka_unit_test(test_parse_reads_no_further),
        cmocka_unit_test(test_parse_large_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
