#include "directus/row_text.h"
#include "unit/unit.h"

#include <stdlib.h>

static void rows_are_found(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(PageText) page = { 0 };
    static const char text[] = " {\"data\" : [ {\"a\":\"x]},\\\"{\"} , [1,[2]], \"\\\\\" ,12 , null "
                               "],\n\"meta\":{\"filter_count\":7}} ";
    static const char *const rows[] = { "{\"a\":\"x]},\\\"{\"}", "[1,[2]]", "\"\\\\\"", "12", "null" };
    assert_ok(page_split(&page, text, sizeof text - 1, &err));
    assert_int_equal(page.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(page.rows[i].length, strlen(rows[i]));
        assert_memory_equal(page.rows[i].text, rows[i], strlen(rows[i]));
    }
    assert_int_equal(page.filter_count, 7);
}

static void an_empty_page_has_no_rows(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(PageText) page = { 0 };
    static const char text[] = "{\"meta\":{\"total_count\":0},\"data\":[]}";
    assert_ok(page_split(&page, text, sizeof text - 1, &err));
    assert_int_equal(page.count, 0);
    assert_true(page.filter_count == UINT64_MAX);
}

/* Every text shorter than a page, and some that are no pages, end in an error and read nothing beyond their
 * end. */
static void broken_pages_are_refused(void **state) {
    (void)state;
    static const char whole[] = "{\"data\":[{\"a\":\"\\\"\"},[1]],\"meta\":{\"filter_count\":2}}";
    static const char *const wrong[] = { "[]",
                                         "{\"data\":{}}x",
                                         "{\"data\":[1 2]}",
                                         "{\"data\":[1,]}",
                                         "{\"data\":[]}}",
                                         "{\"data\"}",
                                         "{\"meta\":{\"filter_count\":}}",
                                         "{\"data\":[}]}" };
    Error err;
    for (size_t length = 0; length < sizeof whole - 1; length++) {
        AUTO(PageText) page = { 0 };
        char *exact = malloc(length + 1); /* one byte more than nothing: the sanitizer sees the end */
        memcpy(exact, whole, length);
        assert_fault(page_split(&page, exact, length, &err), ERR_REMOTE, "not a page");
        free(exact);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        AUTO(PageText) page = { 0 };
        assert_fault(page_split(&page, wrong[i], strlen(wrong[i]), &err), ERR_REMOTE, "not a page");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_found),
        cmocka_unit_test(an_empty_page_has_no_rows),
        cmocka_unit_test(broken_pages_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
