#include "repo/row_scan.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum { READ_SIZE = 256 * 1024, LARGEST_ROW = 64 * 1024 * 1024, END = -1, FAULT = -2 };

typedef struct {
    Input *input;
    const char *shown;
    Digest *digest;
    Buf window;
    size_t at;           /* first byte of the window not consumed */
    size_t line, column; /* of that byte */
    size_t index;
    Error *err;
} Scan;

__attribute__((format(printf, 2, 3))) static bool frame_fault(Scan *scan, const char *format, ...) {
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return error_set(scan->err, ERR_FILES, "%s: line %zu, column %zu (/%zu): %s", scan->shown, scan->line,
                     scan->column, scan->index, what);
}

/* Moves the rest to the front and reads more behind it; *got 0 at the end of the file. */
static bool fill(Scan *scan, size_t *got) {
    memmove(scan->window.data, scan->window.data + scan->at, scan->window.length - scan->at);
    scan->window.length -= scan->at;
    scan->at = 0;
    buf_reserve(&scan->window, READ_SIZE);
    ssize_t count = input_read(scan->input, scan->window.data + scan->window.length, READ_SIZE);
    if (count < 0)
        return error_errno(scan->err, "%s: the file cannot be read", scan->shown);
    *got = (size_t)count;
    digest_update(scan->digest, scan->window.data + scan->window.length, *got);
    scan->window.length += *got;
    return true;
}

static void consume(Scan *scan, size_t count) {
    const char *from = scan->window.data + scan->at, *end = from + count, *newline;
    while (from < end && (newline = memchr(from, '\n', (size_t)(end - from)))) {
        scan->line++;
        scan->column = 1;
        from = newline + 1;
    }
    scan->column += (size_t)(end - from);
    scan->at += count;
}

/* The next byte that is no white space, not consumed; END or FAULT. */
static int next_byte(Scan *scan) {
    for (;;) {
        size_t from = scan->at;
        while (from < scan->window.length && strchr(" \t\r\n", scan->window.data[from]) &&
               scan->window.data[from])
            from++;
        consume(scan, from - scan->at);
        if (from < scan->window.length)
            return (unsigned char)scan->window.data[from];
        size_t got = 0;
        if (!fill(scan, &got))
            return FAULT;
        if (got == 0)
            return END;
    }
}

/* A line of "<<<<<<< ", "=======" or ">>>>>>> " between rows. */
static bool at_conflict(Scan *scan, int byte) {
    static const char marks[][8] = { "<<<<<<<", "=======", ">>>>>>>", "|||||||" };
    size_t got = 1;
    while (scan->window.length - scan->at < 7 && got)
        if (!fill(scan, &got))
            return false;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (byte == marks[i][0] && scan->column == 1 && scan->window.length - scan->at >= 7 &&
            memcmp(scan->window.data + scan->at, marks[i], 7) == 0)
            return true;
    return false;
}

/* What stands here is not what the frame needs. */
static bool unexpected(Scan *scan, int byte, const char *wanted) {
    if (byte == FAULT)
        return false;
    if (byte == END) {
        frame_fault(scan, "the file ends here, where %s was expected", wanted);
        return error_hint(scan->err, "the file is cut short: restore it, or run `schema-sync export` again");
    }
    if (at_conflict(scan, byte)) {
        frame_fault(scan, "a git merge conflict was left in the file");
        return error_hint(scan->err,
                          "finish the merge: keep the rows that are right, take out the lines <<<<<<<, "
                          "======= and >>>>>>>, then `git add` the file");
    }
    if (byte > ' ' && byte < 0x7f)
        frame_fault(scan, "found '%c' where %s was expected", byte, wanted);
    else
        frame_fault(scan, "found the byte 0x%02x where %s was expected", (unsigned)byte, wanted);
    return error_hint(scan->err, "a data file is one array of objects: [ {…}, {…} ]");
}

/* How deep brackets are open, and whether a string is. */
typedef struct {
    size_t depth;
    bool in_string;
} Nesting;

/* Goes on until the row is closed or the bytes end; returns how many belong to the row. */
static size_t follow(Nesting *nesting, const char *text, size_t length, bool *closed) {
    size_t i = 0;
    while (i < length && !*closed) {
        char c = text[i++];
        if (nesting->in_string) {
            if (c == '\\')
                i++; /* whatever is escaped; may lie beyond what was read: the caller goes on there */
            else
                nesting->in_string = c != '"';
        } else if (c == '"') {
            nesting->in_string = true;
        } else if (c == '{' || c == '[') {
            nesting->depth++;
        } else if (c == '}' || c == ']') {
            *closed = --nesting->depth == 0;
        }
    }
    return i;
}

/* The row that begins here: its text is in the window, from `at` on. */
static bool take_row(Scan *scan, size_t *length) {
    Nesting nesting = { 0 };
    bool closed = false;
    for (*length = 0; !closed;) {
        size_t there = scan->window.length - scan->at;
        if (*length < there)
            *length += follow(&nesting, scan->window.data + scan->at + *length, there - *length, &closed);
        if (closed)
            return true;
        if (*length > LARGEST_ROW)
            return frame_fault(scan, "the row is larger than %d MiB", LARGEST_ROW / 1024 / 1024) ||
                   error_hint(scan->err, "take the row's large values out, or exclude their field");
        size_t got = 0;
        if (!fill(scan, &got))
            return false;
        if (got == 0) {
            frame_fault(scan, "the file ends inside the row that begins here");
            return error_hint(scan->err, "a bracket or a quote is missing, or the file is cut short");
        }
    }
    return true;
}

static bool scan_rows(Scan *scan, RowTextEach each, void *context) {
    int byte = next_byte(scan);
    if (byte != '[')
        return unexpected(scan, byte, "an array of rows");
    consume(scan, 1);
    byte = next_byte(scan);
    while (byte != ']') {
        size_t length;
        if (byte != '{')
            return unexpected(scan, byte, scan->index ? "a row" : "a row or ']'");
        if (!take_row(scan, &length))
            return false;
        RowText row = { .text = scan->window.data + scan->at,
                        .length = length,
                        .index = scan->index,
                        .line = scan->line,
                        .column = scan->column };
        if (!each(&row, context, scan->err))
            return false;
        consume(scan, length);
        scan->index++;
        byte = next_byte(scan);
        if (byte == ']')
            break;
        if (byte != ',')
            return unexpected(scan, byte, "',' or ']'");
        consume(scan, 1);
        byte = next_byte(scan);
        if (byte == ']')
            return frame_fault(scan, "a comma before ']'") || error_hint(scan->err, "remove the comma");
    }
    consume(scan, 1);
    byte = next_byte(scan);
    return byte == END || unexpected(scan, byte, "the end of the file");
}

bool row_scan(Input *input, const char *shown, char hex[DIGEST_HEX], RowTextEach each, void *context,
              Error *err) {
    AUTO(Digest) digest = { 0 };
    Scan scan = { .input = input, .shown = shown, .digest = &digest, .line = 1, .column = 1, .err = err };
    digest_begin(&digest);
    buf_reserve(&scan.window, READ_SIZE);
    bool done = scan_rows(&scan, each, context);
    buf_free(&scan.window);
    if (done)
        digest_end(&digest, hex);
    return done;
}

bool row_fault(const RowText *row, Error *err) {
    size_t line, column;
    int rest = 0;
    /* our own json_validate() wrote it */
    if (sscanf(err->message, "line %zu, column %zu%n", &line, &column, &rest) != 2) /* NOLINT(cert-err34-c) */
        return error_context(err, "line %zu", row->line);
    const char *behind = err->message + rest;
    bool pointer = str_starts(behind, " (/");
    char what[sizeof err->message];
    snprintf(what, sizeof what, "%s", pointer ? behind + 2 : behind);
    size_t file_column = line == 1 ? column + row->column - 1 : column;
    Error adjusted = *err;
    error_set(&adjusted, err->kind, "line %zu, column %zu (/%zu%s%s", line + row->line - 1, file_column,
              row->index, pointer ? "" : ")", what);
    if (err->hint[0])
        error_hint(&adjusted, "%s", err->hint);
    *err = adjusted;
    return false;
}
