#include "repo/row_scan.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/json.h"
#include "base/str.h"
#include "unit/repo/heap.h"
#include "unit/unit.h"

static int file_of(const char *text, size_t length) {
    int fd = memfd_create("rows", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), (ssize_t)length);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

typedef struct {
    Buf seen; /* "line:column:text|" */
    size_t count;
} Seen;

static bool see(const RowText *row, void *context, Error *err) {
    Seen *seen = context;
    if (!json_validate(row->text, row->length, JSON_STATE, err)) {
        row_fault(row, err);
        return error_context(err, "f");
    }
    assert_int_equal(row->index, seen->count++);
    buf_printf(&seen->seen, "%zu:%zu:", row->line, row->column);
    buf_append(&seen->seen, row->text, row->length);
    buf_putc(&seen->seen, '|');
    return true;
}

static bool scan(const char *text, size_t length, Seen *seen, char hex[DIGEST_HEX], Error *err) {
    int fd = file_of(text, length);
    bool done = row_scan(&(Input){ .fd = fd }, "f", hex, see, seen, err);
    close(fd);
    return done;
}

static void any_formatting_is_read(void **state) {
    (void)state;
    static const struct {
        const char *text, *seen;
    } cases[] = {
        { "[]\n", "" },
        { " \t\r\n[ \n ] \n", "" },
        { "[\n  {\"a\":1},\n  {\"a\":2}\n]\n", "2:3:{\"a\":1}|3:3:{\"a\":2}|" },
        { "[{},{}]", "1:2:{}|1:5:{}|" },
        { "[{\"a\":\n[1,{\"b\":\"]}\\\"[\"}]\n}\n,\n{\"c\":\"\\\\\"}]",
          "1:2:{\"a\":\n[1,{\"b\":\"]}\\\"[\"}]\n}|5:1:{\"c\":\"\\\\\"}|" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Seen seen = { 0 };
        Error err = { 0 };
        char hex[DIGEST_HEX], wanted[DIGEST_HEX];
        assert_ok(scan(cases[i].text, strlen(cases[i].text), &seen, hex, &err));
        assert_string_equal(buf_text(&seen.seen), cases[i].seen);
        digest_of(cases[i].text, strlen(cases[i].text), wanted);
        assert_string_equal(hex, wanted);
        buf_free(&seen.seen);
    }
}

static void faults_name_line_and_row(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "", "f: line 1, column 1 (/0): the file ends here, where an array of rows was expected" },
        { "\n\n", "f: line 3, column 1 (/0): the file ends here" },
        { "{\"a\":1}", "f: line 1, column 1 (/0): found '{' where an array of rows was expected" },
        { "\xEF\xBB\xBF[]",
          "f: line 1, column 1 (/0): found the byte 0xef where an array of rows was expected" },
        { "[5]", "f: line 1, column 2 (/0): found '5' where a row or ']' was expected" },
        { "[{}\n,null]", "f: line 2, column 2 (/1): found 'n' where a row was expected" },
        { "[{},\n]", "f: line 2, column 1 (/1): a comma before ']'" },
        { "[{}\n{}]", "f: line 2, column 1 (/1): found '{' where ',' or ']' was expected" },
        { "[{}", "f: line 1, column 4 (/1): the file ends here, where ',' or ']' was expected" },
        { "[{}]\n]", "f: line 2, column 1 (/1): found ']' where the end of the file was expected" },
        { "[{}]{}", "(/1): found '{' where the end of the file was expected" },
        { "[\n{\"a\":[1,2}", "f: line 2, column 1 (/0): the file ends inside the row that begins here" },
        { "[\n{\"a\":\"b", "f: line 2, column 1 (/0): the file ends inside the row" },
        { "[\n{}\n<<<<<<< HEAD\n,{}\n=======\n,{\"a\":1}\n>>>>>>> x\n]",
          "f: line 3, column 1 (/1): a git merge conflict was left" },
        { "[{\"a\":1},\n{\"a\":\n<<<<<<< HEAD\n1}]",
          "f: line 3, column 1 (/1/a): a git merge conflict was left" },
        { "[{},\n {\"a\":1,\"a\":2}]", "f: line 2, column 9 (/1/a): duplicate key \"a\"" },
        { "[{},\n{\"b\":{\"c\":[1,\n9007199254740993]}}]",
          "f: line 3, column 1 (/1/b/c/1): the integer 9007199254740993" },
        { "[{\"a\":\"\\ud800\"}]", "f: line 1, column 8 (/0/a): " },
        { "[{\"a\":]}]", "f: line 1, column 7 (/0/a): " },
        { "[{\"a\":01}]", "f: line 1, column 7 (/0/a): a number with a leading zero" },
        { "[{\"a\" 1}]", "(/0/a): a colon must follow the key" },
        { "[{a:1}]", "f: line 1, column 3 (/0): a key in double quotes" },
        { "[{\"a\":\"\xff\"}]", "f: line 1, column 8 (/0/a): invalid UTF-8 (byte 0xff)" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Seen seen = { 0 };
        Error err = { 0 };
        char hex[DIGEST_HEX];
        assert_fault(scan(cases[i].text, strlen(cases[i].text), &seen, hex, &err), ERR_FILES,
                     cases[i].message);
        buf_free(&seen.seen);
    }
}

static void deep_nesting_is_refused(void **state) {
    (void)state;
    AUTO(Buf) text = { 0 };
    Seen seen = { 0 };
    Error err = { 0 };
    char hex[DIGEST_HEX];
    buf_puts(&text, "[{\"a\":");
    for (int i = 0; i < 200000; i++)
        buf_putc(&text, '[');
    for (int i = 0; i < 200000; i++)
        buf_putc(&text, ']');
    buf_puts(&text, "}]");
    assert_fault(scan(text.data, text.length, &seen, hex, &err), ERR_FILES, "nest");
    buf_free(&seen.seen);
}

/* Rows of every length around the size of a read, so that brackets, quotes and escapes fall on every border.
 */
static void rows_across_reads_are_whole(void **state) {
    (void)state;
    enum { READ_SIZE = 256 * 1024 };
    for (size_t extra = 0; extra < 48; extra++) {
        AUTO(Buf) text = { 0 };
        Seen seen = { 0 };
        Error err = { 0 };
        char hex[DIGEST_HEX];
        buf_puts(&text, "[\n  {\"a\":\"");
        while (text.length < READ_SIZE - 40 + extra)
            buf_putc(&text, 'x');
        buf_puts(&text, "\\\"\\\\ ]},[{\"},\n  {\"b\":\"\\\\\"}\n]\n");
        assert_ok(scan(text.data, text.length, &seen, hex, &err));
        assert_int_equal(seen.count, 2);
        assert_true(str_ends(buf_text(&seen.seen), "|3:3:{\"b\":\"\\\\\"}|"));
        buf_free(&seen.seen);
    }
}

typedef struct {
    size_t rows, heap;
} Counted;

static bool count_row(const RowText *row, void *context, Error *err) {
    (void)err;
    Counted *counted = context;
    size_t now = heap_in_use();
    counted->rows += row->length > 0;
    counted->heap = now > counted->heap ? now : counted->heap;
    return true;
}

static void memory_does_not_grow_with_the_file(void **state) {
    (void)state;
    enum { ROWS = 200000 };
    int fd = memfd_create("rows", MFD_CLOEXEC);
    FILE *file = fdopen(dup(fd), "w");
    char hex[DIGEST_HEX];
    Counted counted = { 0 };
    Error err = { 0 };
    assert_non_null(file);
    for (int i = 0; i < ROWS; i++)
        fprintf(file, "%s  {\"id\":%d,\"text\":\"%0100d\"}", i ? ",\n" : "[\n", i, i);
    fputs("\n]\n", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    size_t before = heap_in_use();
    assert_ok(row_scan(&(Input){ .fd = fd }, "f", hex, count_row, &counted, &err));
    close(fd);
    assert_int_equal(counted.rows, ROWS);
    assert_true(counted.heap - before < 1024 * 1024); /* of 25 MB */
}

static bool stop(const RowText *row, void *context, Error *err) {
    (void)context;
    return row->index < 1 || error_set(err, ERR_REFUSED, "enough");
}

static void the_caller_may_stop(void **state) {
    (void)state;
    Error err = { 0 };
    char hex[DIGEST_HEX];
    int fd = file_of("[{},{},{}]", 10);
    assert_fault(row_scan(&(Input){ .fd = fd }, "f", hex, stop, NULL, &err), ERR_REFUSED, "enough");
    close(fd);
    assert_fault(row_scan(&(Input){ .fd = -1 }, "f", hex, stop, NULL, &err), ERR_IO,
                 "f: the file cannot be read");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_formatting_is_read),
        cmocka_unit_test(faults_name_line_and_row),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(rows_across_reads_are_whole),
        cmocka_unit_test(memory_does_not_grow_with_the_file),
        cmocka_unit_test(the_caller_may_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
