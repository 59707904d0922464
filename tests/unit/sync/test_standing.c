/* May an import go ahead: what a rollback holds against, and what ends it. */
#include "sync/standing.h"

#include "unit/unit.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" /* rolled back to */
#define S "5555555555555555555555555555555555555555" /* superseded, after A */
#define F "ffffffffffffffffffffffffffffffffffffffff" /* a fix after S */
#define D "dddddddddddddddddddddddddddddddddddddddd" /* a fix on a branch from A */

typedef enum { GOES, STAYS, NEWER } Answer;

static Answer ask(const char *ours, const Marker *marker, const ImportOptions *options, bool protects) {
    AUTO(Arena) arena = { 0 };
    Error err = { 0 };
    Config config = { .url = "http://cms", .protected_environment = protects };
    Standing standing = { .lineage = lineage_parse(&arena, ours) };
    bool go = false;
    standing.commit = standing.lineage.commits[0];
    if (standing_allows(&standing, &config, marker, options, &go, &err))
        return go ? GOES : STAYS;
    assert_int_equal(err.kind, ERR_NEWER);
    return NEWER;
}

/* `target`: what was begun after the rollback from S, and is not finished. */
static Marker failed(const char *target, const char *lineage) {
    return (Marker){ .state = "failed",
                     .hash = "h",
                     .commit = S,
                     .lineage = S " " A,
                     .held = "rolled back to " A,
                     .target_commit = target,
                     .target_lineage = lineage };
}

static void a_rollback_holds(void **state) {
    (void)state;
    const ImportOptions plain = { 0 }, resume = { .resume = true };
    const Marker marker = { .state = "clean", .commit = S, .lineage = S " " A, .held = "rolled back to " A };
    assert_int_equal(ask(S " " A, &marker, &plain, false), STAYS);
    assert_int_equal(ask(A, &marker, &plain, false), STAYS);
    assert_int_equal(ask(S " " A, &marker, &resume, false), GOES);
    assert_int_equal(ask(F " " S " " A, &marker, &plain, false), GOES);
}

/* Until the fix stands, a restart of what was rolled back must not bring it again. */
static void a_fix_that_failed_does_not_let_the_superseded_back(void **state) {
    (void)state;
    const ImportOptions plain = { 0 }, resume = { .resume = true };
    const Marker branch = failed(D, D " " A);
    assert_int_equal(ask(S " " A, &branch, &plain, false), STAYS);
    assert_int_equal(ask(S " " A, &branch, &plain, true), STAYS);
    assert_int_equal(ask(D " " A, &branch, &plain, false), GOES);
    assert_int_equal(ask(F " " S " " A, &branch, &plain, true),
                     NEWER); /* diverged, and no part of what is held */
    assert_int_equal(ask(S " " A, &branch, &resume, false), GOES);
    const Marker next = failed(F, F " " S " " A);
    assert_int_equal(ask(S " " A, &next, &plain, false), NEWER);
    assert_int_equal(ask(F " " S " " A, &next, &plain, false), GOES);
}

/* A rollback that did not come to its end holds nothing: what it was to supersede may come again. */
static void a_rollback_that_failed_holds_nothing(void **state) {
    (void)state;
    const ImportOptions plain = { 0 };
    const Marker marker = failed(S, S " " A);
    assert_int_equal(ask(S " " A, &marker, &plain, false), GOES);
    assert_int_equal(ask(A, &marker, &plain, false), NEWER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rollback_holds),
        cmocka_unit_test(a_fix_that_failed_does_not_let_the_superseded_back),
        cmocka_unit_test(a_rollback_that_failed_holds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
