#include <stdlib.h>

#include "unit/unit.h"

#include "base/str.h"
#include "model/slug.h"

static void assert_slug(const char *name, const char *wanted) {
    AUTO(Arena) arena = { 0 };
    assert_string_equal(slug_make(&arena, name, "k"), wanted);
}

/* 04c37d99 is how the digest of the key "k" begins. */
static void test_make(void **state) {
    (void)state;
    assert_slug("articles", "articles");
    assert_slug("a_b-c.d9", "a_b-c.d9");
    assert_slug("-_-", "-_-");
    assert_slug("Articles", "articles-04c37d99");
    assert_slug("Hello World!", "hello-world-04c37d99");
    assert_slug("a  &  b", "a-b-04c37d99");
    assert_slug("日本", "04c37d99");
    assert_slug("café", "caf-04c37d99");
    assert_slug("", "04c37d99");
    assert_slug(".", "04c37d99");
    assert_slug("..", "04c37d99");
    assert_slug("../../etc/passwd", "etc-passwd-04c37d99");
    assert_slug(".hidden", "hidden-04c37d99");
    assert_slug("a..b", "a-.b-04c37d99");
    assert_slug("dot.", "dot-04c37d99");
    assert_slug("a/b\\c:d\n\x1b[0m", "a-b-c-d-0m-04c37d99");
    assert_slug("con", "con-04c37d99");
    assert_slug("nul.txt", "nul-txt-04c37d99");
    assert_slug("com1", "com1-04c37d99");
    assert_slug("LPT9", "lpt9-04c37d99");
    assert_slug("com", "com");
    assert_slug("console", "console");
    assert_slug("com10", "com10");
}

static void test_length(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    char name[300];
    for (size_t length = 1; length < sizeof name; length++) {
        memset(name, 'n', length);
        name[length] = '\0';
        const char *slug = slug_make(&arena, name, "k");
        assert_int_equal(strlen(slug), length <= 64 ? length : 64 + 9);
        name[length - 1] = '.';
        assert_true(strlen(slug_make(&arena, name, "k")) <= 64 + 9);
    }
}

/* Nothing but what every file system holds, whatever the name's bytes. */
static void assert_safe(const char *slug) {
    size_t length = strlen(slug);
    assert_true(length > 0 && length <= 64 + 33);
    assert_true(slug[0] != '.' && slug[length - 1] != '.');
    assert_null(strstr(slug, ".."));
    for (const char *c = slug; *c; c++)
        assert_true((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || strchr("_-.", *c));
}

static void test_every_byte(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    for (unsigned first = 1; first < 256; first++) {
        for (unsigned second = 1; second < 256; second++) {
            const char name[] = { (char)first, (char)second, '\0' };
            const char padded[] = { 'a', (char)first, (char)second, 'b', '\0' };
            assert_safe(slug_make(&arena, name, "k"));
            assert_safe(slug_make(&arena, padded, "k"));
        }
    }
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void assert_distinct(const char **slugs, size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_safe(slugs[i]);
    qsort(slugs, count, sizeof *slugs, compare_texts);
    for (size_t i = 1; i < count; i++)
        assert_string_not_equal(slugs[i - 1], slugs[i]);
}

static void test_assign(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    static const char *const names[] = { "send", "Send", "SEND", "send", "other", "send-04c37d99", "x" };
    static const char *const keys[] = { "1", "k", "2", "3", "4", "5", "6" };
    const char *slugs[7];
    slug_assign(&arena, names, keys, 7, slugs);
    assert_string_equal(slugs[4], "other");
    assert_string_equal(slugs[6], "x");
    assert_true(str_starts(slugs[0], "send-") && str_starts(slugs[3], "send-")); /* both get their suffix */
    assert_string_equal(slugs[1], "send-04c37d99");
    assert_true(str_starts(slugs[5], "send-04c37d99-"));
    /* the same records in another order have the same names */
    const char *turned_names[7];
    const char *turned_keys[7];
    const char *turned[7];
    for (size_t i = 0; i < 7; i++) {
        turned_names[i] = names[6 - i];
        turned_keys[i] = keys[6 - i];
    }
    slug_assign(&arena, turned_names, turned_keys, 7, turned);
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(turned[6 - i], slugs[i]);
    assert_distinct(slugs, 7);
    slug_assign(&arena, names, keys, 0, slugs);
}

/* Names made to collide: case, lost characters, the cut, and slugs that others get as their suffix. */
static void test_assign_is_injective(void **state) {
    (void)state;
    enum { COUNT = 4000 };
    AUTO(Arena) arena = { 0 };
    const char **names = arena_array(&arena, COUNT, sizeof *names);
    const char **keys = arena_array(&arena, COUNT, sizeof *keys);
    const char **slugs = arena_array(&arena, COUNT, sizeof *slugs);
    static const char *const stems[] = { "a", "A", "a ", "á", "a!", "", "con", "Con", "a.b", "a..b" };
    for (size_t i = 0; i < COUNT; i++) {
        keys[i] = arena_printf(&arena, "%zu", i);
        names[i] = stems[i % 10];
        if (i % 7 == 0) /* the very name another record's slug has */
            names[i] = slug_make(&arena, stems[(i + 3) % 10], arena_printf(&arena, "%zu", (i + 3) % COUNT));
        if (i % 11 == 0)
            names[i] = arena_printf(&arena, "%070d%zu", 0, i);
    }
    slug_assign(&arena, names, keys, COUNT, slugs);
    assert_distinct(slugs, COUNT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_make),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_assign),
        cmocka_unit_test(test_assign_is_injective),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
