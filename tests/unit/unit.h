/* cmocka with what it needs before it, and checks of fallible functions. */
#ifndef SCHEMA_SYNC_TESTS_UNIT_H
#define SCHEMA_SYNC_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

/* What ctest shows as skipped; print the reason first. */
enum { TEST_SKIPPED = 77 };

/* Runs a fallible call, which gets `err`; shows the error when it fails. */
#define assert_ok(call)                                                                                      \
    do {                                                                                                     \
        if (!(call))                                                                                         \
            fail_msg("%s: %s", #call, err.message);                                                          \
    } while (0)

/* Runs a fallible call that must fail with this kind and with `part` in its message. */
#define assert_fault(call, wanted_kind, part)                                                                \
    do {                                                                                                     \
        err = (Error){ 0 };                                                                                  \
        assert_false(call);                                                                                  \
        if (err.kind != (wanted_kind) || !strstr(err.message, part))                                         \
            fail_msg("%s: kind %d, \"%s\", wanted kind %d and \"%s\"", #call, (int)err.kind, err.message,    \
                     (int)(wanted_kind), part);                                                              \
    } while (0)

#endif
