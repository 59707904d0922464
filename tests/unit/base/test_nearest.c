#include "unit/unit.h"

#include "base/nearest.h"

static void finds_what_was_meant(void **state) {
    (void)state;
    static const char *const names[] = { "collections",  "environments", "dir",   "mode",
                                         "allow-delete", "import",       "export" };
    static const char *const cases[][2] = {
        { "colections", "collections" },
        { "Collections", "collections" },
        { "enviroments", "environments" },
        { "mdoe", "mode" },
        { "model", "mode" },
        { "dri", "dir" },
        { "impot", "import" },
        { "exprot", "export" },
        { "allow-deletes", "allow-delete" },
        { "banana", NULL },
        { "x", NULL },
        { "", NULL },
        { "pull", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *found = nearest_name(cases[i][0], names, sizeof names / sizeof *names);
        if (cases[i][1] ? !found || strcmp(found, cases[i][1]) != 0 : found != NULL)
            fail_msg("%s: %s", cases[i][0], found ? found : "(none)");
    }
}

static void takes_names_of_any_length(void **state) {
    (void)state;
    static const char *const names[] = { "a-name-that-is-exactly-sixty-three-letters-long-for-this-test-xx" };
    char longer[200];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_null(nearest_name(longer, names, 1));
    assert_null(nearest_name("a", (const char *const[]){ longer }, 1));
    assert_null(nearest_name("a", NULL, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_meant),
        cmocka_unit_test(takes_names_of_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
