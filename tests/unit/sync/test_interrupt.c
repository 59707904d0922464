/* What a signal does between interrupt_catch() and interrupt_release(), and what stays as it was. */
#include <signal.h>

#include "sync/interrupt.h"
#include "unit/unit.h"

static void (*handler_of(int number))(int) {
    struct sigaction now;
    assert_int_equal(0, sigaction(number, NULL, &now));
    return now.sa_handler;
}

static void a_signal_is_noted_once(void **state) {
    (void)state;
    Error err = { 0 };
    interrupt_catch();
    assert_true(interrupt_check(&err));
    raise(SIGTERM);
    assert_false(interrupt_check(&err));
    assert_int_equal(ERR_REMOTE, err.kind);
    assert_true(handler_of(SIGTERM) == SIG_DFL); /* the next one ends the process */
    interrupt_catch();                           /* for what comes after */
    assert_true(interrupt_check(&err));
    interrupt_release();
    assert_true(handler_of(SIGTERM) == SIG_DFL);
    assert_true(handler_of(SIGINT) == SIG_DFL);
}

/* A shell starts its background jobs with SIGINT ignored: an interrupt is meant for somebody else. */
static void what_is_ignored_stays_ignored(void **state) {
    (void)state;
    Error err = { 0 };
    signal(SIGINT, SIG_IGN);
    interrupt_catch();
    raise(SIGINT);
    assert_true(interrupt_check(&err));
    interrupt_release();
    assert_true(handler_of(SIGINT) == SIG_IGN);
    signal(SIGINT, SIG_DFL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_is_noted_once),
        cmocka_unit_test(what_is_ignored_stays_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
