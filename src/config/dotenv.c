#include "config/dotenv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum { LARGEST = 1024 * 1024 };

typedef struct {
    char *at, *end;
    size_t line;
} Scan;

static bool fault(size_t line, const char *what, Error *err) {
    return error_set(err, ERR_CONFIG, "line %zu: %s", line, what);
}

static bool is_name(char c) {
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-';
}

static void skip_blanks(Scan *scan) {
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\r'))
        scan->at++;
}

static void skip_line(Scan *scan) {
    while (scan->at < scan->end && *scan->at != '\n')
        scan->at++;
}

static char unescaped(char c) {
    switch (c) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case '"':
    case '\\':
    case '$':
        return c;
    default:
        return 0;
    }
}

/* What a value becomes is never longer than how it was written: it is put in its own place. */
static bool quoted_value(Scan *scan, const char **value, Error *err) {
    size_t first_line = scan->line;
    char quote = *scan->at++;
    char *out = scan->at;
    *value = out;
    for (; scan->at < scan->end && *scan->at != quote; scan->at++) {
        scan->line += *scan->at == '\n';
        char plain =
            quote == '"' && *scan->at == '\\' && scan->at + 1 < scan->end ? unescaped(scan->at[1]) : 0;
        if (plain)
            scan->at++;
        *out++ = plain ? plain : *scan->at;
    }
    if (scan->at == scan->end) {
        fault(first_line, "a quote is opened and never closed", err);
        return error_hint(err, "close it, or put the value into single quotes if it contains one");
    }
    *out = '\0';
    scan->at++;
    skip_blanks(scan);
    if (scan->at < scan->end && *scan->at != '\n' && *scan->at != '#') {
        fault(scan->line, "there is more text after the closing quote", err);
        return error_hint(err, "a value with quotes in it goes into the other kind of quotes");
    }
    skip_line(scan);
    return true;
}

static void bare_value(Scan *scan, const char **value) {
    char *start = scan->at;
    char *stop = start;
    for (; scan->at < scan->end && *scan->at != '\n'; scan->at++) {
        bool blank = *scan->at == ' ' || *scan->at == '\t' || *scan->at == '\r';
        if (*scan->at == '#' && (scan->at == start || scan->at[-1] == ' ' || scan->at[-1] == '\t'))
            break;
        if (!blank)
            stop = scan->at + 1;
    }
    skip_line(scan);
    *value = start;
    /* The line's end is read again by the caller, so it is stepped over before it is overwritten. */
    if (scan->at < scan->end) {
        scan->at++;
        scan->line++;
    }
    *stop = '\0';
}

static bool scan_entry(Scan *scan, Dotenv *dotenv, Error *err) {
    if (scan->end - scan->at > 7 && strncmp(scan->at, "export", 6) == 0 &&
        isblank((unsigned char)scan->at[6])) {
        scan->at += 7;
        skip_blanks(scan);
    }
    char *name = scan->at;
    while (scan->at < scan->end && is_name(*scan->at))
        scan->at++;
    char *name_end = scan->at;
    skip_blanks(scan);
    if (name == name_end || isdigit((unsigned char)*name) || scan->at == scan->end || *scan->at != '=') {
        fault(scan->line, "this is not NAME=value", err);
        return error_hint(err, "begin comments with #, and put values of several lines into quotes");
    }
    scan->at++;
    *name_end = '\0';
    skip_blanks(scan);
    DotenvEntry entry = { .name = name, .value = "" };
    if (scan->at < scan->end && strchr("'\"`", *scan->at)) {
        if (!quoted_value(scan, &entry.value, err))
            return false;
    } else {
        bare_value(scan, &entry.value);
    }
    ARRAY_PUSH(dotenv->entries, dotenv->count, dotenv->capacity, entry);
    return true;
}

static bool parse(Dotenv *dotenv, Error *err) {
    Scan scan = { .at = dotenv->text.data, .line = 1 };
    scan.end = scan.at + dotenv->text.length;
    if (memchr(scan.at, '\0', dotenv->text.length))
        return fault(1, "the file holds a NUL byte: it is no text", err);
    if (dotenv->text.length >= 3 && memcmp(scan.at, "\xEF\xBB\xBF", 3) == 0)
        scan.at += 3;
    while (scan.at < scan.end) {
        skip_blanks(&scan);
        if (scan.at == scan.end)
            break;
        if (*scan.at == '\n') {
            scan.line++;
            scan.at++;
        } else if (*scan.at == '#') {
            skip_line(&scan);
        } else if (!scan_entry(&scan, dotenv, err)) {
            return false;
        }
    }
    return true;
}

bool dotenv_read(const char *path, Dotenv *dotenv, Error *err) {
    bool found = false;
    if (!file_read(path, LARGEST, &dotenv->text, &found, err))
        return false;
    if (!found || dotenv->text.length == 0)
        return true;
    return parse(dotenv, err) || error_context(err, "%s", path);
}

const char *dotenv_get(const Dotenv *dotenv, const char *name) {
    for (size_t i = dotenv->count; i > 0; i--)
        if (strcmp(dotenv->entries[i - 1].name, name) == 0)
            return dotenv->entries[i - 1].value;
    return NULL;
}

void dotenv_free(Dotenv *dotenv) {
    if (dotenv->text.data)
        mem_wipe(dotenv->text.data, dotenv->text.capacity);
    buf_free(&dotenv->text);
    free(dotenv->entries);
    *dotenv = (Dotenv){ 0 };
}
