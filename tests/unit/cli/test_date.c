#include "cli/date.h"

#include <stdlib.h>
#include <time.h>

#include "unit/unit.h"

/* 2026-03-31T12:00:00Z */
static const int64_t now = 1774958400;

static void assert_date(const char *text, const char *expected) {
    int64_t time;
    AUTO(Buf) shown = { 0 };
    if (!date_parse(text, now, &time))
        fail_msg("%s is no date", text);
    date_put(time, 0, true, &shown);
    assert_string_equal(buf_text(&shown), expected);
}

static void dates_are_read_as_people_write_them(void **state) {
    (void)state;
    assert_date("2026-01-02", "2026-01-02T00:00:00+00:00");
    assert_date("2026-01-02T03:04", "2026-01-02T03:04:00+00:00");
    assert_date("2026-01-02 03:04:05", "2026-01-02T03:04:05+00:00");
    assert_date("yesterday", "2026-03-30T12:00:00+00:00");
    assert_date("90 minutes ago", "2026-03-31T10:30:00+00:00");
    assert_date("2 weeks ago", "2026-03-17T12:00:00+00:00");
    assert_date("2.weeks", "2026-03-17T12:00:00+00:00");
    assert_date("1 month ago", "2026-03-03T12:00:00+00:00"); /* there is no 31st of February */
    assert_date("1-year-ago", "2025-03-31T12:00:00+00:00");
}

static void what_is_no_date(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",           "soon",         "2026",        "2026-13-01",          "3",
        "3 fort ago", "3 days hence", "-1 days ago", "99999999999 days ago"
    };
    int64_t time;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (date_parse(texts[i], now, &time))
            fail_msg("\"%s\" is taken for a date", texts[i]);
}

static void dates_are_shown_by_the_authors_clock(void **state) {
    (void)state;
    AUTO(Buf) text = { 0 };
    date_put(now, -150, true, &text);
    buf_putc(&text, ' ');
    date_put(now, 13 * 60, false, &text);
    assert_string_equal(buf_text(&text), "2026-03-31T09:30:00-02:30 2026-04-01");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_read_as_people_write_them),
        cmocka_unit_test(what_is_no_date),
        cmocka_unit_test(dates_are_shown_by_the_authors_clock),
    };
    setenv("TZ", "UTC", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
