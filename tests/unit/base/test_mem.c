#include <stdalign.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/unit.h"

#include "base/mem.h"

static void test_arena_memory(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    unsigned char *pieces[2000];
    size_t sizes[2000];
    for (size_t i = 0; i < 2000; i++) {
        sizes[i] = i % 97 * (i % 31) + (i % 500 == 0 ? 300000 : 0);
        pieces[i] = arena_alloc(&arena, sizes[i]);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(pieces[i][k], 0);
        memset(pieces[i], (int)(i & 0xFF), sizes[i]);
    }
    for (size_t i = 0; i < 2000; i++) /* none was handed out twice */
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(pieces[i][k], i & 0xFF);
    assert_true(arena.total > 4 * 300000);
    arena_free(&arena);
    assert_int_equal(arena.total, 0);
    assert_null(arena.head);
}

/* A reset arena hands out zeroed memory from the block it kept, and grows no further. */
static void test_arena_reset(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    arena_reset(&arena);
    size_t settled = 0;
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 100; i++) {
            unsigned char *piece = arena_alloc(&arena, 100);
            for (int k = 0; k < 100; k++)
                assert_int_equal(piece[k], 0);
            memset(piece, 0xFF, 100);
        }
        arena_reset(&arena);
        if (round == 10)
            settled = arena.total;
    }
    assert_int_equal(arena.total, settled);
}

static void test_arena_text(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    assert_string_equal(arena_strdup(&arena, "abc"), "abc");
    assert_string_equal(arena_strndup(&arena, "abcdef", 4), "abcd");
    assert_string_equal(arena_printf(&arena, "%d-%s", 5, "x"), "5-x");
    assert_string_equal(arena_printf(&arena, "%s", ""), "");
    for (int width = 250; width < 260; width++) { /* around the size that is formatted once */
        char *text = arena_printf(&arena, "%*d", width, 1);
        assert_int_equal(strlen(text), width);
        assert_int_equal(text[width - 1], '1');
    }
}

static void test_vectors(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    int *items = NULL;
    size_t count = 0;
    size_t capacity = 0;
    int *in_arena = NULL;
    size_t arena_count = 0;
    size_t arena_capacity = 0;
    for (int i = 0; i < 1000; i++) {
        ARRAY_PUSH(items, count, capacity, i);
        ARENA_PUSH(&arena, in_arena, arena_count, arena_capacity, i);
    }
    assert_int_equal(count, 1000);
    assert_int_equal(arena_count, 1000);
    for (int i = 0; i < 1000; i++)
        assert_true(items[i] == i && in_arena[i] == i);
    free(items);
}

static void test_wipe(void **state) {
    (void)state;
    char secret[16] = "secret";
    mem_wipe(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++)
        assert_int_equal(secret[i], 0);
    mem_wipe(NULL, 0);
}

/* An impossible size ends the process with status 70 and one line. */
static void exhaust(void (*how)(void)) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        how();
        _exit(0);
    }
    close(ends[1]);
    char line[128] = "";
    ssize_t got = read(ends[0], line, sizeof line - 1);
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(got > 0);
    assert_string_equal(line, "schema-sync: out of memory\n");
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), ERR_INTERNAL);
}

static void exhaust_product(void) {
    Arena arena = { 0 };
    arena_array(&arena, SIZE_MAX / 2, 4);
}

static void exhaust_size(void) {
    Arena arena = { 0 };
    arena_alloc(&arena, SIZE_MAX - 3);
}

static void test_exhausted(void **state) {
    (void)state;
    exhaust(exhaust_product);
    exhaust(exhaust_size);
    exhaust(mem_exhausted);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_memory), cmocka_unit_test(test_arena_reset),
        cmocka_unit_test(test_arena_text),   cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_wipe),         cmocka_unit_test(test_exhausted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
