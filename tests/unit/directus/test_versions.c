#include "directus/versions.h"

#include "unit/unit.h"

static void versions_tell_what_they_have(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int major, minor, patch;
        bool supported, policies, sorts, license, import;
    } cases[] = {
        { "10.12.9", 10, 12, 9, false, false, true, false, false },
        { "10.13.4", 10, 13, 4, true, false, true, false, false },
        { "11.0.0-rc.1", 11, 0, 0, true, true, true, false, false },
        { "11.17.4", 11, 17, 4, true, true, false, false, false },
        { "12.1.7", 12, 1, 7, true, true, false, true, false },
        { "12.4.0", 12, 4, 0, true, true, false, true, true },
        { "13", 13, 0, 0, true, true, false, true, true },
        { "next", 0, 0, 0, false, false, true, false, false },
        { NULL, 0, 0, 0, false, false, true, false, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Version version = version_parse(cases[i].text);
        assert_int_equal(version.major, cases[i].major);
        assert_int_equal(version.minor, cases[i].minor);
        assert_int_equal(version.patch, cases[i].patch);
        assert_int_equal(version_is_supported(&version), cases[i].supported);
        assert_int_equal(version.has_policies, cases[i].policies);
        assert_int_equal(version.sorts_arrays, cases[i].sorts);
        assert_int_equal(version.has_license, cases[i].license);
        assert_int_equal(version.has_utils_import, cases[i].import);
    }
}

static void the_first_part_that_differs(void **state) {
    (void)state;
    static const struct {
        const char *from, *to;
        Distance distance;
        bool older; /* `to` */
    } cases[] = {
        { "11.17.4", "11.17.4", DISTANCE_NONE, false },     { "11.17.4", "11.17.10", DISTANCE_PATCH, false },
        { "11.17.4", "11.17.3", DISTANCE_PATCH, true },     { "11.9.9", "11.10.0", DISTANCE_MINOR, false },
        { "11.10.0", "11.9.9", DISTANCE_MINOR, true },      { "11.17.4", "12.0.0", DISTANCE_MAJOR, false },
        { "12.0.0-rc.1", "11.17.4", DISTANCE_MAJOR, true }, { "12.0.0-rc.1", "12.0.0", DISTANCE_NONE, false },
        { "next", "11.17.4", DISTANCE_NONE, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Version from = version_parse(cases[i].from), to = version_parse(cases[i].to);
        assert_int_equal(version_distance(&from, &to), cases[i].distance);
        assert_int_equal(version_is_older(&to, &from), cases[i].older);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(versions_tell_what_they_have),
                                        cmocka_unit_test(the_first_part_that_differs) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
