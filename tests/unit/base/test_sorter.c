#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "unit/unit.h"

#include "base/mem.h"
#include "base/sorter.h"
#include "base/str.h"

enum { SMALL = 64 * 1024 };

/* AddressSanitizer keeps freed memory for a while: not so much that the memory of a sorter cannot be
 * measured. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "quarantine_size_mb=1";
}

static uint64_t next_random(uint64_t *seed) {
    uint64_t x = *seed += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static void test_empty(void **state) {
    (void)state;
    Error err = { 0 };
    Sorter *sorter = sorter_new(0);
    SorterRecord record;
    bool end = false;
    assert_ok(sorter_rewind(sorter, &err));
    assert_false(sorter_next(sorter, &record, &end, &err));
    assert_true(end);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(sorter_count(sorter), 0);
    sorter_free(&sorter);
    assert_null(sorter);
    sorter_free(&sorter);
}

/* memcmp's order: shorter first, bytes unsigned, NUL a byte like any other. */
static void test_order(void **state) {
    (void)state;
    static const struct {
        const char *key;
        size_t length;
    } rows[] = { { "", 0 },          { "\0", 1 },       { "\0\0", 2 },
                 { "a", 1 },         { "a\0", 2 },      { "a\0\0\0\0\0\0\0\0", 9 },
                 { "aa", 2 },        { "abcdefgh", 8 }, { "abcdefgh\0", 9 },
                 { "abcdefghi", 9 }, { "abcdefgi", 8 }, { "b", 1 },
                 { "\x7F", 1 },      { "\x80", 1 },     { "\xFF", 1 },
                 { "\xFF\xFF", 2 } };
    enum { COUNT = sizeof rows / sizeof *rows };
    Error err = { 0 };
    Sorter *sorter = sorter_new(SMALL);
    for (size_t i = COUNT; i-- > 0;)
        assert_ok(sorter_add(sorter, rows[i].key, rows[i].length, "v", i % 2, &err));
    assert_int_equal(sorter_count(sorter), COUNT);
    for (int round = 0; round < 2; round++) {
        SorterRecord record;
        bool end;
        assert_ok(sorter_rewind(sorter, &err));
        for (size_t i = 0; i < COUNT; i++) {
            assert_ok(sorter_next(sorter, &record, &end, &err));
            assert_int_equal(record.key_length, rows[i].length);
            assert_memory_equal(record.key, rows[i].key, rows[i].length);
            assert_int_equal(record.value_length, i % 2);
        }
        assert_false(sorter_next(sorter, &record, &end, &err));
        assert_true(end);
        assert_false(sorter_next(sorter, &record, &end, &err)); /* and again */
        assert_true(end);
    }
    sorter_free(&sorter);
}

static int open_files(void) {
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static void add_numbered(Sorter *sorter, uint64_t count, uint64_t keys, size_t padding, Error *err) {
    uint64_t seed = count + keys;
    char value[20000];
    memset(value, '.', sizeof value);
    for (uint64_t i = 0; i < count; i++) {
        char key[32];
        int key_length =
            snprintf(key, sizeof key, "key %llu", (unsigned long long)(next_random(&seed) % keys));
        memcpy(value, &i, sizeof i);
        if (!sorter_add(sorter, key, (size_t)key_length, value, sizeof i + next_random(&seed) % (padding + 1),
                        err))
            fail_msg("%s", err->message);
    }
}

/* Ordered by key; records of one key in the order they went in; none lost. */
static void check_numbered(Sorter *sorter, uint64_t count, Error *err) {
    AUTO(Buf) last_key = { 0 };
    uint64_t last_number = 0;
    uint64_t seen = 0;
    SorterRecord record;
    bool end = false;
    bool *numbers = calloc(count, sizeof *numbers);
    while (sorter_next(sorter, &record, &end, err)) {
        uint64_t number;
        assert_true(record.value_length >= sizeof number);
        memcpy(&number, record.value, sizeof number);
        assert_true(number < count && !numbers[number]);
        numbers[number] = true;
        size_t shorter = record.key_length < last_key.length ? record.key_length : last_key.length;
        int order = seen ? memcmp(last_key.data, record.key, shorter) : -1;
        if (order == 0 && last_key.length == record.key_length)
            assert_true(number > last_number);
        else
            assert_true(order < 0 || (order == 0 && last_key.length < record.key_length));
        for (size_t i = sizeof number; i < record.value_length; i++)
            assert_int_equal(record.value[i], '.');
        buf_clear(&last_key);
        buf_append(&last_key, record.key, record.key_length);
        last_number = number;
        seen++;
    }
    assert_true(end);
    assert_int_equal(err->kind, ERR_NONE);
    assert_int_equal(seen, count);
    free(numbers);
}

static void sort_numbered(size_t memory, uint64_t count, uint64_t keys, size_t padding, bool spills) {
    Error err = { 0 };
    int files = open_files();
    Sorter *sorter = sorter_new(memory);
    add_numbered(sorter, count, keys, padding, &err);
    for (int round = 0; round < 3; round++) {
        assert_ok(sorter_rewind(sorter, &err));
        assert_int_equal(open_files(), files + spills);
        if (round == 1) { /* not read to its end */
            SorterRecord record;
            bool end;
            assert_ok(sorter_next(sorter, &record, &end, &err));
            continue;
        }
        check_numbered(sorter, count, &err);
    }
    assert_int_equal(sorter_count(sorter), count);
    sorter_free(&sorter);
    assert_int_equal(open_files(), files);
}

static void test_in_memory(void **state) {
    (void)state;
    sort_numbered(1 << 20, 5000, 700, 40, false);
}

static void test_spilled_once(void **state) {
    (void)state;
    sort_numbered(1 << 20, 40000, 5000, 100, true);
}

/* Sixty runs through four buffers: several passes. */
static void test_spilled_in_passes(void **state) {
    (void)state;
    sort_numbered(SMALL, 40000, 300, 100, true);
    sort_numbered(SMALL, 300, 300, 19000, true); /* records larger than the read-ahead */
}

static void test_record_larger_than_the_memory(void **state) {
    (void)state;
    Error err = { 0 };
    Sorter *sorter = sorter_new(SMALL);
    char *large = mem_alloc(3 * SMALL);
    for (int i = 0; i < 5; i++) {
        memset(large, '0' + i, 3 * SMALL);
        char key = (char)('e' - i);
        assert_ok(sorter_add(sorter, &key, 1, large, 3 * SMALL, &err));
    }
    assert_ok(sorter_rewind(sorter, &err));
    for (int i = 0; i < 5; i++) {
        SorterRecord record;
        bool end;
        assert_ok(sorter_next(sorter, &record, &end, &err));
        assert_int_equal(record.key[0], 'a' + i);
        assert_int_equal(record.value_length, 3 * SMALL);
        assert_int_equal(record.value[0], '4' - i);
        assert_int_equal(record.value[3 * SMALL - 1], '4' - i);
    }
    free(large);
    sorter_free(&sorter);
}

static long peak_memory_kib(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/*
 * Some 24 MB, which are four hundred runs, go through 64 KiB: neither they nor the runs' buffers may all be
 * in memory. Runs as the first test, since a peak is never taken back.
 */
static void test_memory_is_bounded(void **state) {
    (void)state;
    Error err = { 0 };
    Sorter *sorter = sorter_new(SMALL);
    char value[1000];
    memset(value, 'v', sizeof value);
    uint64_t seed = 5;
    long before = peak_memory_kib();
    for (int i = 0; i < 24000; i++) {
        uint64_t key = next_random(&seed);
        assert_ok(sorter_add(sorter, &key, sizeof key, value, sizeof value, &err));
    }
    assert_ok(sorter_rewind(sorter, &err));
    SorterRecord record;
    bool end;
    uint64_t seen = 0;
    while (sorter_next(sorter, &record, &end, &err))
        seen++;
    assert_true(end);
    assert_int_equal(seen, 24000);
    sorter_free(&sorter);
    long grown = peak_memory_kib() - before;
    if (grown > 10 * 1024) /* of which a sanitizer takes the half */
        fail_msg("grew by %ld KiB", grown);
}

static void test_misuse(void **state) {
    (void)state;
    Error err = { 0 };
    Sorter *sorter = sorter_new(SMALL);
    SorterRecord record;
    bool end = true;
    assert_fault(sorter_next(sorter, &record, &end, &err), ERR_INTERNAL, "before it was rewound");
    assert_false(end);
    err = (Error){ 0 };
    assert_ok(sorter_rewind(sorter, &err));
    assert_fault(sorter_add(sorter, "a", 1, "b", 1, &err), ERR_INTERNAL, "is being read");
    sorter_free(&sorter);
}

/* Adds until a run has to be spilled. */
static bool add_until_spilled(Sorter *sorter, Error *err) {
    char value[1000] = "";
    for (int i = 0; i < 1000; i++)
        if (!sorter_add(sorter, &i, sizeof i, value, sizeof value, err))
            return false;
    return true;
}

static void test_no_place_for_runs(void **state) {
    (void)state;
    const char *old = getenv("TMPDIR");
    AUTO(Buf) kept = { 0 };
    buf_puts(&kept, old ? old : "/tmp");
    setenv("TMPDIR", "/nonexistent", 1);
    Sorter *sorter = sorter_new(SMALL);
    Error err;
    assert_fault(add_until_spilled(sorter, &err), ERR_IO, "a temporary file cannot be made in /nonexistent");
    assert_non_null(strstr(err.hint, "TMPDIR"));
    sorter_free(&sorter);
    setenv("TMPDIR", kept.data, 1);
}

/* A file that may not grow stands for a full disk: the fault says so, and nothing is lost silently. */
static void test_disk_full(void **state) {
    (void)state;
    struct rlimit old;
    getrlimit(RLIMIT_FSIZE, &old);
    struct rlimit tight = { .rlim_cur = 100000, .rlim_max = old.rlim_max };
    setrlimit(RLIMIT_FSIZE, &tight);
    Sorter *sorter = sorter_new(SMALL);
    Error err;
    assert_fault(add_until_spilled(sorter, &err), ERR_IO, "the temporary file cannot be written");
    setrlimit(RLIMIT_FSIZE, &old);
    assert_non_null(strstr(err.hint, "make room"));
    sorter_free(&sorter);
}

int main(void) {
    signal(SIGXFSZ, SIG_IGN); /* write() reports it */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_bounded),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_in_memory),
        cmocka_unit_test(test_spilled_once),
        cmocka_unit_test(test_spilled_in_passes),
        cmocka_unit_test(test_record_larger_than_the_memory),
        cmocka_unit_test(test_misuse),
        cmocka_unit_test(test_no_place_for_runs),
        cmocka_unit_test(test_disk_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
