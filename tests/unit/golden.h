/*
 * What is printed, against a file beneath tests/golden. After a change that is meant:
 *   SCHEMA_SYNC_GOLDEN=write ./unit_…, from the project's root; and read the difference in git.
 */
#ifndef SCHEMA_SYNC_TESTS_GOLDEN_H
#define SCHEMA_SYNC_TESTS_GOLDEN_H

#include <stdlib.h>

#include "base/file.h"
#include "unit/unit.h"

/* `name` is beneath tests/golden: "cli/help.txt". */
static inline void compare_with_golden(const char *name, const char *text) {
    char path[128];
    snprintf(path, sizeof path, "tests/golden/%s", name);
    const char *wish = getenv("SCHEMA_SYNC_GOLDEN");
    if (wish && strcmp(wish, "write") == 0) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
        print_message("%s written\n", path);
        return;
    }
    Error err = { 0 };
    AUTO(Buf) golden = { 0 };
    assert_ok(file_read(path, 0, &golden, NULL, &err));
    if (strcmp(buf_text(&golden), text) != 0)
        fail_msg("%s differs from what is printed now:\n%s", path, text);
}

#endif
