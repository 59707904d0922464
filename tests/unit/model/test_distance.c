#include "unit/unit.h"

#include "model/distance.h"

static void the_first_part_that_differs(void **state) {
    (void)state;
    static const struct {
        const char *from, *to;
        Distance distance;
    } cases[] = {
        { "11.17.4", "11.17.4", { DISTANCE_NONE, false } },
        { "11.17.4", "11.17.10", { DISTANCE_PATCH, false } },
        { "11.17.4", "11.17.3", { DISTANCE_PATCH, true } },
        { "11.9.9", "11.10.0", { DISTANCE_MINOR, false } },
        { "11.10.0", "11.9.9", { DISTANCE_MINOR, true } },
        { "11.17.4", "12.0.0", { DISTANCE_MAJOR, false } },
        { "12.0.0-rc.1", "11.17.4", { DISTANCE_MAJOR, true } },
        { "12.0.0-rc.1", "12.0.0", { DISTANCE_NONE, false } },
        { "11.17", "11.17.4", { DISTANCE_UNKNOWN, false } },
        { "v11.17.4", "11.17.4", { DISTANCE_UNKNOWN, false } },
        { NULL, "11.17.4", { DISTANCE_UNKNOWN, false } },
        { "11.17.4", "", { DISTANCE_UNKNOWN, false } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Distance found = distance_between(cases[i].from, cases[i].to);
        if (found.step != cases[i].distance.step || found.older != cases[i].distance.older)
            fail_msg("%s to %s: %d %d", cases[i].from, cases[i].to, found.step, found.older);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_first_part_that_differs) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
