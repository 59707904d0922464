#include <float.h>
#include <locale.h>
#include <stdlib.h>

#include "unit/unit.h"

#include "base/number.h"
#include "model/canon.h"

static double from_bits(uint64_t bits) {
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

typedef struct {
    uint64_t bits;
    const char *text;
} Sample;

/* RFC 8785 appendix B, and what else is an edge of the algorithm. */
static const Sample samples[] = {
    { 0x0000000000000000, "0" },
    { 0x8000000000000000, "0" },
    { 0x0000000000000001, "5e-324" },
    { 0x8000000000000001, "-5e-324" },
    { 0x7fefffffffffffff, "1.7976931348623157e+308" },
    { 0xffefffffffffffff, "-1.7976931348623157e+308" },
    { 0x4340000000000000, "9007199254740992" },
    { 0xc340000000000000, "-9007199254740992" },
    { 0x4430000000000000, "295147905179352830000" },
    { 0x44b52d02c7e14af5, "9.999999999999997e+22" },
    { 0x44b52d02c7e14af6, "1e+23" },
    { 0x44b52d02c7e14af7, "1.0000000000000001e+23" },
    { 0x444b1ae4d6e2ef4e, "999999999999999700000" },
    { 0x444b1ae4d6e2ef4f, "999999999999999900000" },
    { 0x444b1ae4d6e2ef50, "1e+21" },
    { 0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7" },
    { 0x3eb0c6f7a0b5ed8d, "0.000001" },
    { 0x41b3de4355555553, "333333333.3333332" },
    { 0x41b3de4355555554, "333333333.33333325" },
    { 0x41b3de4355555555, "333333333.3333333" },
    { 0x41b3de4355555556, "333333333.3333334" },
    { 0x41b3de4355555557, "333333333.33333343" },
    { 0xbecbf647612f3696, "-0.0000033333333333333333" },
    { 0x43143ff3c1cb0959, "1424953923781206.2" },
    /* 2^-44: the nearest 16 digits (…801e-14) are another double, the next ones are not */
    { 0x3d30000000000000, "5.684341886080802e-14" },
    { 0x0010000000000000, "2.2250738585072014e-308" }, /* smallest normal */
    { 0x000fffffffffffff, "2.225073858507201e-308" },  /* largest denormal */
    { 0x0000000000000002, "1e-323" },
    { 0x0000000000000003, "1.5e-323" },
    { 0x3fd3333333333334, "0.30000000000000004" },
    { 0x3fb999999999999a, "0.1" },
    { 0x3ff0000000000001, "1.0000000000000002" },
    { 0x433fffffffffffff, "9007199254740991" },
    { 0x4340000000000001, "9007199254740994" },
    { 0x3f1a36e2eb1c432d, "0.0001" },
    { 0x3e7ad7f29abcaf48, "1e-7" },
    { 0x4415af1d78b58c40, "100000000000000000000" },
};

static void test_numbers(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        char text[32];
        canon_number(text, from_bits(samples[i].bits));
        assert_string_equal(text, samples[i].text);
    }
}

/*
 * An oracle that shares no code with ours: Python's repr is the shortest text too. numbers.py prints "<bits
 * in hex> <text as ECMAScript writes it>" a line.
 */
static void test_numbers_against_python(void **state) {
    (void)state;
    const char *count = getenv("SCHEMA_SYNC_SOAK") ? "1000000" : "20000";
    AUTO(Buf) command = { 0 };
    buf_printf(&command, "python3 tests/unit/model/numbers.py %s", count);
    FILE *lines = popen(buf_text(&command), "r");
    assert_non_null(lines);
    char line[128];
    unsigned long checked = 0;
    for (; fgets(line, sizeof line, lines); checked++) {
        char *wanted = strchr(line, ' ');
        assert_non_null(wanted);
        wanted[strcspn(wanted, "\n")] = '\0';
        char text[32];
        canon_number(text, from_bits(strtoull(line, NULL, 16)));
        if (strcmp(text, wanted + 1) != 0)
            fail_msg("%s is printed as %s", line, text);
    }
    assert_int_equal(pclose(lines), 0);
    assert_true(checked > strtoul(count, NULL, 10));
}

static void test_number_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        { "0", 0 },         { "-12.5e3", -12500 },
        { "1E+2", 100 },    { "0.000001e6", 1 },
        { "1e-400", 0 },    { "123456789.125", 123456789.125 },
        { "1e308", 1e308 }, { "0e999999999999999999999", 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(number_read(rows[i].text, strlen(rows[i].text)) == rows[i].value);
    assert_true(number_read("1e99999999999999999999", 22) > DBL_MAX);
    assert_true(number_read("12345", 3) == 123);
}

/* A locale with a decimal comma, made for the occasion: none is sure to be installed. */
static bool set_comma_locale(const char *folder) {
    AUTO(Buf) command = { 0 };
    buf_printf(
        &command,
        "cd '%s' && printf 'LC_NUMERIC\\ndecimal_point \",\"\\nthousands_sep \".\"\\ngrouping 3\\n"
        "END LC_NUMERIC\\n' >source && localedef --no-archive -c -i source ./comma_XX >log 2>&1; test -e "
        "comma_XX/LC_NUMERIC",
        folder);
    if (system(buf_text(&command)) != 0)
        return false;
    setenv("LOCPATH", folder, 1);
    return setlocale(LC_NUMERIC, "comma_XX") && strcmp(localeconv()->decimal_point, ",") == 0;
}

static void test_locale(void **state) {
    (void)state;
    char folder[] = "/tmp/schema-sync-locale-XXXXXX";
    assert_non_null(mkdtemp(folder));
    bool set = set_comma_locale(folder);
    AUTO(Buf) clean = { 0 };
    buf_printf(&clean, "rm -rf '%s'", folder);
    assert_int_equal(system(buf_text(&clean)), 0);
    if (!set) {
        print_message("skipped: localedef cannot make a locale here\n");
        skip();
    }
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) out = { 0 };
    Json value;
    Error err = { 0 };
    static const char text[] =
        "[0.30000000000000004,1.5,5.684341886080802e-14,1.0000000000000000000000000000000000000000"
        "00000000000000000000000000000001e-7]";
    bool parsed = json_parse(&arena, text, sizeof text - 1, JSON_STATE, &value, &err);
    if (parsed)
        canon_compact(&out, &value);
    setlocale(LC_NUMERIC, "C");
    assert_true(parsed);
    assert_string_equal(buf_text(&out), "[0.30000000000000004,1.5,5.684341886080802e-14,1e-7]");
}

static Json parse(Arena *arena, const char *text) {
    Json value;
    Error err = { 0 };
    assert_ok(json_parse(arena, text, strlen(text), JSON_STATE, &value, &err));
    return value;
}

static void test_strings(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) out = { 0 };
    /* RFC 8785 §3.2.2.2, its own example first */
    Json value = parse(&arena, "[\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/"
                               "\",\"\\b\\t\\n\\f\\r\\u0001\\u001f\\u007f\"]");
    canon_compact(&out, &value);
    assert_string_equal(out.data,
                        "[\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\",\"\\b\\t\\n\\f\\r\\u0001\\u001f\x7F\"]");
}

static void test_keys_by_code_point(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) out = { 0 };
    /* U+FB33 comes before U+1F600 by code point, after it by UTF-16 unit */
    Json value = parse(
        &arena, "{\"\xF0\x9F\x98\x80\":1,\"\xEF\xAC\xB3\":2,\"b\":3,\"a\":4,\"B\":5,\"\":6,\"\xC3\xB6\":7}");
    canon_compact(&out, &value);
    assert_string_equal(
        out.data,
        "{\"\":6,\"B\":5,\"a\":4,\"b\":3,\"\xC3\xB6\":7,\"\xEF\xAC\xB3\":2,\"\xF0\x9F\x98\x80\":1}");
}

static void test_pretty(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) out = { 0 };
    Json value = parse(&arena, "{\"b\":[],\"a\":{},\"c\":[1,{\"d\":[true]}],\"e\":null}");
    canon_pretty(&out, &value);
    assert_string_equal(out.data, "{\n"
                                  "  \"a\": {},\n"
                                  "  \"b\": [],\n"
                                  "  \"c\": [\n"
                                  "    1,\n"
                                  "    {\n"
                                  "      \"d\": [\n"
                                  "        true\n"
                                  "      ]\n"
                                  "    }\n"
                                  "  ],\n"
                                  "  \"e\": null\n"
                                  "}");
    Json again = parse(&arena, out.data);
    assert_true(json_equal(&value, &again));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),     cmocka_unit_test(test_numbers_against_python),
        cmocka_unit_test(test_number_read), cmocka_unit_test(test_locale),
        cmocka_unit_test(test_strings),     cmocka_unit_test(test_keys_by_code_point),
        cmocka_unit_test(test_pretty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
