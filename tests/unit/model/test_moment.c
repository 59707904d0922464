/* Notations of one moment, and what only looks like it. */
#include "model/moment.h"

#include "unit/unit.h"

static void notations(void **state) {
    (void)state;
    static const char *const same[][3] = {
        { "timestamp", "2024-05-01T08:00:00.000Z", "2024-05-01T10:00:00+02:00" },
        { "timestamp", "2024-05-01T08:00:00.000Z", "2024-05-01T08:00:00Z" },
        { "timestamp", "2024-03-01T00:30:00.500Z", "2024-02-29 19:30:00.5-0500" },
        { "timestamp", "1969-12-31T23:59:59.999Z", "1970-01-01T00:59:59.999+01" },
        { "timestamp", "2101-03-01T00:00:00.000Z", "2101-02-28T22:00:00-02:00" },
        { "dateTime", "2024-05-01T10:00:00", "2024-05-01 10:00" },
        { "dateTime", "2024-05-01T00:00:00", "2024-05-01" },
        { "dateTime", "2024-05-01T10:00:00", "2024-05-01T10:00:00.999999" },
        { "timestamp", "2024-05-01T08:00:00.123Z", "2024-05-01T10:00:00.1239+02:00" },
        { "timestamp", "2024-05-01T08:00:00.999Z", "2024-05-01T08:00:00.999999Z" },
        { "date", "2024-05-01", "2024-05-01T23:30:00+05:00" },
        { "date", "2024-05-01", "2024-05-01T23:59:59Z" },
        { "date", "2024-05-01", "2024-05-01 10:00" },
        { "time", "10:00:00", "10:00" },
        { "time", "12:34:56.1", "12:34:56.100000" },
    };
    static const char *const others[][3] = {
        { "timestamp", "2024-05-01T08:00:00.000Z", "2024-05-01T08:00:00.001Z" },
        { "timestamp", "2024-05-01T08:00:00.000Z", "2024-05-01T08:00:00" }, /* the server's zone */
        { "timestamp", "2024-05-01T08:00:00.000Z", "2024-05-01T08:00:00Z " },
        { "timestamp", "2024-05-01T08:00:00.000Z", "2024-05-01T08:00:00+" },
        { "timestamp", "2024-05-01T08:00:00.000Z", "" },
        { "timestamp", "2024-05-01T08:00:00.000Z", "2024-05-01T08:60:00Z" },
        { "dateTime", "2024-05-01T10:00:00", "2024-05-01T10:00:00Z" },
        { "dateTime", "10:00:00", "10:00" },
        { "time", "10:00:00", "10:00:01" },
        { "time", "10:00:00", "10" },
        { "string", "10:00:00", "10:00" },
        { "date", "2024-05-01", "2024-05-02T00:00:00" },
        { "date", "2024-05-01", "2024-05-01 23:30:00Z" }, /* the server's zone */
        { "date", "2024-05-01", "10:00" },
        { "dateTime", "2024-05-01T10:00:00", "2024-05-01T10:00:01.5" },
        { "timestamp", "2024-05-01T08:00:00.123Z", "2024-05-01T08:00:00.124Z" },
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (!moment_equal(same[i][0], same[i][1], same[i][2]) ||
            !moment_equal(same[i][0], same[i][2], same[i][1]))
            fail_msg("%s: %s and %s differ", same[i][0], same[i][1], same[i][2]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (moment_equal(others[i][0], others[i][1], others[i][2]) ||
            moment_equal(others[i][0], others[i][2], others[i][1]))
            fail_msg("%s: %s and %s are the same", others[i][0], others[i][1], others[i][2]);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        AUTO(Buf) left = { 0 }, right = { 0 };
        assert_true(moment_put(same[i][0], same[i][1], &left) && moment_put(same[i][0], same[i][2], &right));
        assert_string_equal(buf_text(&left), buf_text(&right));
    }
}

/* Directus's own notation stays as it is: rows keep their order. */
static void own_notation(void **state) {
    (void)state;
    static const char *const own[][2] = {
        { "timestamp", "2024-02-29T23:59:59.000Z" },
        { "timestamp", "1899-12-31T00:00:00.007Z" },
        { "timestamp", "2000-03-01T12:00:00.000Z" },
        { "date", "1969-12-31" },
        { "dateTime", "1969-12-31T23:59:59" },
        { "dateTime", "0001-01-01T00:00:00" },
        { "time", "00:00:00" },
        { "time", "23:59:59.123456" },
    };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        AUTO(Buf) text = { 0 };
        assert_true(moment_put(own[i][0], own[i][1], &text));
        assert_string_equal(buf_text(&text), own[i][1]);
    }
    AUTO(Buf) none = { 0 };
    assert_false(moment_put("string", "10:00", &none));
    assert_false(moment_put(NULL, "10:00", &none));
    assert_false(moment_put("timestamp", "2024-05-01T10:00:00", &none));
    assert_int_equal(none.length, 0);
    AUTO(Buf) day_before = { 0 };
    assert_true(moment_put("timestamp", "2024-03-01T01:00:00+02:00", &day_before));
    assert_string_equal(buf_text(&day_before), "2024-02-29T23:00:00.000Z");
}

int main(void) {
    static const struct CMUnitTest tests[] = { cmocka_unit_test(notations), cmocka_unit_test(own_notation) };
    return cmocka_run_group_tests_name("model/moment", tests, NULL, NULL);
}
