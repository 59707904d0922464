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
        { "date", "2024-05-01", "2024-05-01T00:00:00" },
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (!moment_equal(same[i][0], same[i][1], same[i][2]) ||
            !moment_equal(same[i][0], same[i][2], same[i][1]))
            fail_msg("%s: %s and %s differ", same[i][0], same[i][1], same[i][2]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (moment_equal(others[i][0], others[i][1], others[i][2]) ||
            moment_equal(others[i][0], others[i][2], others[i][1]))
            fail_msg("%s: %s and %s are the same", others[i][0], others[i][1], others[i][2]);
}

int main(void) {
    static const struct CMUnitTest tests[] = { cmocka_unit_test(notations) };
    return cmocka_run_group_tests_name("model/moment", tests, NULL, NULL);
}
