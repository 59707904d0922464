#include "base/json_check.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "base/str.h"

/* cJSON before 1.7.18 copies a number into 64 bytes and takes what does not fit for the next token. */
enum { CJSON_NUMBER_MAX = 63 };

/* One open container: enough to say where we are, should a fault come. */
typedef struct {
    bool object;
    size_t index;    /* of the item, in an array */
    const char *key; /* the member's key between its quotes, NULL before the first */
    size_t key_length;
} Frame;

/* A key seen in an object that is still open. */
typedef struct {
    uint64_t hash;
    const char *at;
    size_t length;
} Key;

typedef struct {
    const char *start, *at, *end;
    unsigned strictness;
    size_t depth;
    Frame frames[JSON_MAX_DEPTH];
    Key *keys;
    size_t key_count, key_capacity;
    JsonSpans *spans;
    Error *err;
} Reader;

static bool read_value(Reader *reader);

/* ---- faults ---- */

static const char HINT_ESCAPE[] =
    "write a backslash as \\\\; escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX";
static const char HINT_UTF8[] = "save the file as UTF-8";
static const char HINT_WORD[] =
    "the bare words of JSON are true, false and null; text stands in double quotes";
static const char HINT_NUMBER[] = "a JSON number looks like 0, -12, 3.5 or 1e-6";

/* Appends the inside of a string as it may be shown: decoded, but never with a control character. */
static void show_text(Buf *out, const char *at, size_t length, bool pointer) {
    enum { LONGEST = 80 };
    const char *end = at + length;
    size_t limit = out->length + LONGEST;
    while (at < end) {
        char bytes[4];
        size_t size = json_unescape(&at, end, bytes);
        if (out->length + size > limit) {
            buf_puts(out, "…");
            return;
        }
        unsigned char first = (unsigned char)bytes[0];
        if (first < 0x20 || first == 0x7F)
            buf_printf(out, "\\u%04x", first);
        else if (pointer && first == '~')
            buf_puts(out, "~0");
        else if (pointer && first == '/')
            buf_puts(out, "~1");
        else
            buf_append(out, bytes, size);
    }
}

/* Where we are as an RFC 6901 pointer; a deep one loses its middle. */
static void show_pointer(const Reader *reader, Buf *out) {
    enum { ENDS = 6, SHOWN = 2 * ENDS };
    for (size_t i = 0; i < reader->depth; i++) {
        const Frame *frame = &reader->frames[i];
        if (reader->depth > SHOWN && i == ENDS) {
            buf_puts(out, "/…");
            i = reader->depth - ENDS - 1;
            continue;
        }
        if (!frame->object) {
            buf_printf(out, "/%zu", frame->index);
        } else if (frame->key) {
            buf_putc(out, '/');
            show_text(out, frame->key, frame->key_length, true);
        }
    }
}

/* A merge conflict's line starts with seven equal characters, or more within a conflict, then a space or the
 * line's end. */
static bool at_conflict(const Reader *reader, const char *at) {
    if (!(reader->strictness & JSON_NO_CONFLICTS) || at >= reader->end || !strchr("<=>|", *at))
        return false;
    while (at > reader->start && at[-1] != '\n')
        at--;
    const char *end = at;
    while (end < reader->end && *end == *at)
        end++;
    return memchr("<=>|", *at, 4) && end - at >= 7 && (end == reader->end || memchr(" \n\r", *end, 3));
}

__attribute__((format(printf, 4, 5))) static bool fault(Reader *reader, const char *at, const char *hint,
                                                        const char *format, ...) {
    size_t line = 1;
    const char *line_start = reader->start;
    for (const char *c = reader->start; c < at; c++) {
        if (*c == '\n') {
            line++;
            line_start = c + 1;
        }
    }
    AUTO(Buf) pointer = { 0 };
    show_pointer(reader, &pointer);
    char what[512];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    bool conflict = at_conflict(reader, at);
    error_set(reader->err, ERR_FILES, "line %zu, column %zu%s%s%s: %s", line, (size_t)(at - line_start) + 1,
              pointer.length ? " (" : "", buf_text(&pointer), pointer.length ? ")" : "",
              conflict ? "a git merge conflict was left in the file" : what);
    if (conflict)
        return error_hint(reader->err,
                          "finish the merge: edit the file and take out the lines <<<<<<<, ======= and "
                          ">>>>>>>, or choose one side with `git checkout --ours` or `--theirs`; then "
                          "`git add` it");
    return hint ? error_hint(reader->err, "%s", hint) : false;
}

/* "found …" for messages: the character at `at`, or the text's end. */
static const char *found(const Reader *reader, const char *at, char text[32]) {
    if (at >= reader->end)
        return "the end of the text";
    size_t size = str_utf8_sequence(at, (size_t)(reader->end - at));
    unsigned char first = (unsigned char)*at;
    if (size == 0 || first < 0x20 || first == 0x7F)
        snprintf(text, 32, "byte 0x%02x", first);
    else
        snprintf(text, 32, "'%.*s'", (int)size, at);
    return text;
}

/* ---- strings ---- */

static int hex_value(char digit) {
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

/* The value of four hex digits, -1 when they are not. */
static long hex4(const char *at, const char *end) {
    if (end - at < 4)
        return -1;
    long value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(at[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static bool is_high(long unit) {
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(long unit) {
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* The low half that follows a high one at `at` ("\udc00"), -1 when none does. */
static long low_half(const char *at, const char *end) {
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    long unit = hex4(at + 2, end);
    return is_low(unit) ? unit : -1;
}

static size_t encode_utf8(long point, char out[4]) {
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xC0 | (point >> 6));
        out[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xE0 | (point >> 12));
        out[1] = (char)(0x80 | ((point >> 6) & 0x3F));
        out[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | (point >> 18));
    out[1] = (char)(0x80 | ((point >> 12) & 0x3F));
    out[2] = (char)(0x80 | ((point >> 6) & 0x3F));
    out[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

size_t json_unescape(const char **at, const char *end, char out[4]) {
    static const char letters[] = "bfnrt";
    static const char values[] = "\b\f\n\r\t";
    const char *c = *at;
    if (*c != '\\') {
        size_t size = str_utf8_sequence(c, (size_t)(end - c));
        size = size ? size : 1;
        memcpy(out, c, size);
        *at = c + size;
        return size;
    }
    if (c[1] != 'u') {
        const char *letter = strchr(letters, c[1]);
        out[0] = letter ? values[letter - letters] : c[1];
        *at = c + 2;
        return 1;
    }
    long point = hex4(c + 2, end);
    *at = c + 6;
    long low = is_high(point) ? low_half(*at, end) : -1;
    if (low >= 0) {
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        *at += 6;
    }
    return encode_utf8(point, out);
}

static bool read_unicode_escape(Reader *reader) {
    const char *at = reader->at;
    long unit = hex4(at + 2, reader->end);
    if (unit < 0)
        return fault(reader, at, HINT_ESCAPE, "\\u needs four hex digits");
    if (unit == 0 && (reader->strictness & JSON_NO_NUL))
        return fault(reader, at, "take \\u0000 out of the text: PostgreSQL cannot store it",
                     "\\u0000 in a string");
    reader->at += 6;
    if (is_high(unit) && low_half(reader->at, reader->end) >= 0) {
        reader->at += 6;
        return true;
    }
    if ((is_high(unit) || is_low(unit)) && (reader->strictness & JSON_NO_LONE_SURROGATE))
        return fault(reader, at, "write the character itself, or both halves of its pair (\\ud83d\\ude00)",
                     "\\u%04lx is half of a surrogate pair, not a character", (unsigned long)unit);
    return true;
}

static bool read_escape(Reader *reader) {
    const char *at = reader->at;
    if (reader->end - at >= 2 && at[1] == 'u')
        return read_unicode_escape(reader);
    if (reader->end - at < 2 || !memchr("\"\\/bfnrt", at[1], 8)) {
        char text[32];
        return fault(reader, at, HINT_ESCAPE, "a backslash before %s in a string",
                     found(reader, at + 1, text));
    }
    reader->at += 2;
    return true;
}

/* True when none of eight bytes ends or interrupts a plain ASCII run: not ", not \, not below 0x20, not above
 * 0x7f. */
static bool eight_plain(const char *at) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t tops = UINT64_C(0x8080808080808080);
    uint64_t eight;
    memcpy(&eight, at, sizeof eight);
    uint64_t quote = eight ^ (ones * '"');
    uint64_t slash = eight ^ (ones * '\\');
    uint64_t hit =
        eight | ((eight - ones * 0x20) & ~eight) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash);
    return !(hit & tops);
}

/* At the opening quote. The inside is returned undecoded. */
static bool read_string(Reader *reader, const char **inside, size_t *length) {
    const char *open = reader->at++;
    *inside = reader->at;
    while (reader->at < reader->end) {
        if (reader->end - reader->at >= 8 && eight_plain(reader->at)) {
            reader->at += 8;
            continue;
        }
        unsigned char byte = (unsigned char)*reader->at;
        if (byte == '"') {
            *length = (size_t)(reader->at - *inside);
            reader->at++;
            return true;
        }
        if (byte == '\\') {
            if (!read_escape(reader))
                return false;
        } else if (byte == '\n' || byte == '\r') {
            return fault(reader, open,
                         "close the string with \" on its own line; a line break is written \\n",
                         "the string is not closed on its line");
        } else if (byte < 0x20) {
            return fault(reader, reader->at, "write control characters as \\t, \\n or \\uXXXX",
                         "the control character 0x%02x in a string", byte);
        } else {
            size_t size = str_utf8_sequence(reader->at, (size_t)(reader->end - reader->at));
            if (size == 0)
                return fault(reader, reader->at, HINT_UTF8, "invalid UTF-8 (byte 0x%02x)", byte);
            reader->at += size;
        }
    }
    return fault(reader, open, "close the string with \"", "the string is not closed");
}

/* ---- blanks ---- */

static void add_span(Reader *reader, JsonSpanKind kind, const char *at, size_t length) {
    JsonSpans *spans = reader->spans;
    if (spans)
        ARRAY_PUSH(spans->items, spans->count, spans->capacity,
                   ((JsonSpan){ .kind = kind, .at = (size_t)(at - reader->start), .length = length }));
}

static bool skip_comment(Reader *reader) {
    const char *open = reader->at;
    size_t left = (size_t)(reader->end - open);
    const char *end;
    if (left >= 2 && open[1] == '/') {
        end = memchr(open, '\n', left);
        end = end ? end : reader->end;
    } else if (left >= 2 && open[1] == '*') {
        end = left >= 4 ? memmem(open + 2, left - 2, "*/", 2) : NULL;
        if (!end)
            return fault(reader, open, "close the comment with */", "the comment is not closed");
        end += 2;
    } else {
        return fault(reader, open, "comments are // to the line's end or /* … */", "a single '/'");
    }
    reader->at = end;
    add_span(reader, JSON_SPAN_BLANK, open, (size_t)(end - open));
    return true;
}

static bool skip_blanks(Reader *reader) {
    for (;;) {
        while (reader->at < reader->end &&
               (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\r' || *reader->at == '\t'))
            reader->at++;
        if (reader->at >= reader->end || *reader->at != '/' || !(reader->strictness & JSON_COMMENTS))
            return true;
        if (!skip_comment(reader))
            return false;
    }
}

/* ---- numbers ---- */

/*
 * An integer stays as it is when the double has exactly its digits, or is written with them again: the writer
 * pads the shortest digits of a large number with zeros (1.2345678901234568e20 is 123456789012345680000).
 */
static bool integer_stays(const char *text, size_t length, double value) {
    char digits[400]; /* a double's integer has at most 309 digits */
    int size = snprintf(digits, sizeof digits, "%.0f", value);
    if ((size_t)size == length && memcmp(digits, text, length) == 0)
        return true;
    number_print(digits, value);
    return strlen(digits) == length && memcmp(digits, text, length) == 0;
}

static bool is_zero(const char *text, size_t length) {
    for (size_t i = 0; i < length && text[i] != 'e' && text[i] != 'E'; i++)
        if (text[i] >= '1' && text[i] <= '9')
            return false;
    return true;
}

/* Below this length no number over- or underflows without an exponent, and no integer below 10^15 changes. */
enum { SAFE_INTEGER = 15, SAFE_FRACTION = 300 };

static bool check_number_value(Reader *reader, const char *text, size_t length, bool integer) {
    if (integer ? length <= SAFE_INTEGER
                : length <= SAFE_FRACTION && !memchr(text, 'e', length) && !memchr(text, 'E', length))
        return true;
    int shown = length > 40 ? 40 : (int)length;
    const char *more = length > 40 ? "…" : "";
    double value = number_read(text, length);
    if (isinf(value))
        return fault(reader, text, "write it as a string, if it must be kept",
                     "the number %.*s%s is too large for a double", shown, text, more);
    if (!(reader->strictness & JSON_EXACT_NUMBERS))
        return true;
    if (integer && !integer_stays(text, length, value))
        return fault(reader, text,
                     "write it as a string (Directus does so for bigInteger and decimal), or as the "
                     "nearest number a double holds",
                     "the integer %.*s%s would change: a double holds %.0f", shown, text, more, value);
    if (fabs(value) < DBL_TRUE_MIN && !is_zero(text, length))
        return fault(reader, text, "write 0, or the number as a string",
                     "the number %.*s%s is too small for a double and would become 0", shown, text, more);
    return true;
}

static size_t skip_digits(Reader *reader) {
    const char *from = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
        reader->at++;
    return (size_t)(reader->at - from);
}

static bool read_number(Reader *reader) {
    const char *text = reader->at;
    char other[32];
    if (*reader->at == '-')
        reader->at++;
    const char *whole = reader->at;
    size_t digits = skip_digits(reader);
    if (digits == 0)
        return fault(reader, reader->at, HINT_NUMBER, "a digit must follow '-', not %s",
                     found(reader, reader->at, other));
    if (digits > 1 && *whole == '0')
        return fault(reader, text, HINT_NUMBER, "a number with a leading zero");
    bool integer = true;
    if (reader->at < reader->end && *reader->at == '.') {
        integer = false;
        reader->at++;
        if (skip_digits(reader) == 0)
            return fault(reader, reader->at, HINT_NUMBER, "a digit must follow the decimal point, not %s",
                         found(reader, reader->at, other));
    }
    if (reader->at < reader->end && (*reader->at == 'e' || *reader->at == 'E')) {
        integer = false;
        reader->at++;
        if (reader->at < reader->end && (*reader->at == '+' || *reader->at == '-'))
            reader->at++;
        if (skip_digits(reader) == 0)
            return fault(reader, reader->at, HINT_NUMBER, "a digit must follow the exponent's 'e', not %s",
                         found(reader, reader->at, other));
    }
    size_t length = (size_t)(reader->at - text);
    if (length > CJSON_NUMBER_MAX)
        add_span(reader, JSON_SPAN_NUMBER, text, length);
    if (reader->strictness & (JSON_EXACT_NUMBERS | JSON_NO_OVERFLOW))
        return check_number_value(reader, text, length, integer);
    return true;
}

/* ---- containers ---- */

static uint64_t key_hash(const char *at, size_t length) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    const char *end = at + length;
    while (at < end) {
        char bytes[4];
        size_t size = 1;
        if (*at == '\\')
            size = json_unescape(&at, end, bytes);
        else
            bytes[0] = *at++;
        for (size_t i = 0; i < size; i++)
            hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static bool keys_equal(const Key *a, const Key *b) {
    const char *left = a->at;
    const char *right = b->at;
    const char *left_end = left + a->length;
    const char *right_end = right + b->length;
    while (left < left_end && right < right_end) {
        char left_bytes[4];
        char right_bytes[4];
        size_t left_size = json_unescape(&left, left_end, left_bytes);
        size_t right_size = json_unescape(&right, right_end, right_bytes);
        if (left_size != right_size || memcmp(left_bytes, right_bytes, left_size) != 0)
            return false;
    }
    return left == left_end && right == right_end;
}

static int compare_keys(const void *a, const void *b) {
    const Key *left = a;
    const Key *right = b;
    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return left->at < right->at ? -1 : left->at > right->at;
}

/* Looks through the object's keys, which begin at `first`, and forgets them. */
static bool check_duplicates(Reader *reader, size_t first) {
    Key *keys = reader->keys + first;
    size_t count = reader->key_count - first;
    reader->key_count = first;
    if (count > 1)
        qsort(keys, count, sizeof *keys, compare_keys);
    for (size_t i = 1; i < count; i++) {
        if (keys[i].hash != keys[i - 1].hash || !keys_equal(&keys[i], &keys[i - 1]))
            continue;
        Frame *frame = &reader->frames[reader->depth - 1];
        frame->key = keys[i].at;
        frame->key_length = keys[i].length;
        AUTO(Buf) key = { 0 };
        show_text(&key, keys[i].at, keys[i].length, false);
        return fault(reader, keys[i].at - 1, "remove one of the two", "duplicate key \"%s\"", buf_text(&key));
    }
    return true;
}

static bool read_key(Reader *reader, Frame *frame) {
    char other[32];
    if (reader->at >= reader->end || *reader->at != '"') {
        const char *hint = "write the key in double quotes";
        if (reader->at >= reader->end)
            hint = "close the object with }";
        return fault(reader, reader->at, hint, "a key in double quotes must stand here, not %s",
                     found(reader, reader->at, other));
    }
    const char *inside = NULL;
    size_t length = 0;
    if (!read_string(reader, &inside, &length))
        return false;
    frame->key = inside;
    frame->key_length = length;
    if (reader->strictness & JSON_NO_DUPLICATES)
        ARRAY_PUSH(reader->keys, reader->key_count, reader->key_capacity,
                   ((Key){ .hash = key_hash(inside, length), .at = inside, .length = length }));
    if (!skip_blanks(reader))
        return false;
    if (reader->at >= reader->end || *reader->at != ':')
        return fault(reader, reader->at, "put : between key and value", "a colon must follow the key, not %s",
                     found(reader, reader->at, other));
    reader->at++;
    return skip_blanks(reader);
}

/*
 * After an item: *more when another follows, else the closing character was taken.
 */
static bool read_separator(Reader *reader, char close, bool *more) {
    if (!skip_blanks(reader))
        return false;
    char other[32];
    if (reader->at < reader->end && *reader->at == close) {
        reader->at++;
        *more = false;
        return true;
    }
    if (reader->at >= reader->end || *reader->at != ',')
        return fault(reader, reader->at,
                     reader->at < reader->end ? "is a comma missing before it?" : "is the end cut off?",
                     "',' or '%c' must follow the value, not %s", close, found(reader, reader->at, other));
    const char *comma = reader->at++;
    if (!skip_blanks(reader))
        return false;
    *more = true;
    if (reader->at >= reader->end || *reader->at != close)
        return true;
    if (!(reader->strictness & JSON_COMMENTS))
        return fault(reader, comma, "remove the comma", "a comma before '%c'", close);
    add_span(reader, JSON_SPAN_BLANK, comma, 1);
    reader->at++;
    *more = false;
    return true;
}

static bool read_container(Reader *reader, bool object) {
    char close = object ? '}' : ']';
    if (reader->depth == JSON_MAX_DEPTH)
        return fault(reader, reader->at, "flatten the value", "nested deeper than %d levels", JSON_MAX_DEPTH);
    reader->at++;
    if (!skip_blanks(reader))
        return false;
    if (reader->at < reader->end && *reader->at == close) {
        reader->at++;
        return true;
    }
    Frame *frame = &reader->frames[reader->depth++];
    *frame = (Frame){ .object = object };
    size_t first_key = reader->key_count;
    for (bool more = true; more; frame->index++) {
        if (object && !read_key(reader, frame))
            return false;
        if (!read_value(reader) || !read_separator(reader, close, &more))
            return false;
    }
    if (object && (reader->strictness & JSON_NO_DUPLICATES) && !check_duplicates(reader, first_key))
        return false;
    reader->depth--;
    return true;
}

/* ---- values ---- */

static bool read_word(Reader *reader, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
        return fault(reader, reader->at, HINT_WORD, "an unknown word");
    reader->at += length;
    return true;
}

/* A value cannot begin here: the likeliest reason. */
static bool no_value(Reader *reader) {
    const char *at = reader->at;
    char other[32];
    if (at >= reader->end)
        return reader->depth == 0
                   ? fault(reader, at, "an empty object is {}", "there is no value: the text is empty")
                   : fault(reader, at, "is the end cut off?", "the text ends where a value must stand");
    if (*at == '\'')
        return fault(reader, at, "JSON strings stand in double quotes", "a string in single quotes");
    if (*at == '+' || *at == '.')
        return fault(reader, at, HINT_NUMBER, "a number cannot begin with '%c'", *at);
    if (*at == '/' || *at == '#')
        return fault(reader, at,
                     "take it out; only the config may have comments, and they begin with // or /*",
                     "a comment that JSON does not know");
    if ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z'))
        return fault(reader, at, HINT_WORD, "an unknown word");
    if ((unsigned char)*at >= 0x80 && str_utf8_sequence(at, (size_t)(reader->end - at)) == 0)
        return fault(reader, at, HINT_UTF8, "invalid UTF-8 (byte 0x%02x)", (unsigned char)*at);
    return fault(reader, at, NULL, "a value must stand here, not %s", found(reader, at, other));
}

static bool read_value(Reader *reader) {
    const char *inside;
    size_t length;
    if (reader->at >= reader->end)
        return no_value(reader);
    switch (*reader->at) {
    case '"':
        return read_string(reader, &inside, &length);
    case '{':
        return read_container(reader, true);
    case '[':
        return read_container(reader, false);
    case 't':
        return read_word(reader, "true");
    case 'f':
        return read_word(reader, "false");
    case 'n':
        return read_word(reader, "null");
    default:
        if (*reader->at == '-' || (*reader->at >= '0' && *reader->at <= '9'))
            return read_number(reader);
        return no_value(reader);
    }
}

static bool read_text(Reader *reader) {
    size_t length = (size_t)(reader->end - reader->at);
    if (length > UINT32_MAX)
        return fault(reader, reader->at, "split it", "the text is larger than 4 GiB");
    if (length >= 3 && memcmp(reader->at, "\xEF\xBB\xBF", 3) == 0)
        return fault(reader, reader->at, "save the file as UTF-8 without a byte order mark",
                     "a byte order mark");
    if (!skip_blanks(reader) || !read_value(reader) || !skip_blanks(reader))
        return false;
    char other[32];
    if (reader->at < reader->end)
        return fault(reader, reader->at, "one text holds one value; remove what follows it",
                     "%s after the end of the value", found(reader, reader->at, other));
    return true;
}

bool json_check(const char *text, size_t length, unsigned strictness, JsonSpans *spans, Error *err) {
    Reader reader = {
        .start = text, .at = text, .end = text + length, .strictness = strictness, .spans = spans, .err = err
    };
    bool valid = read_text(&reader);
    free(reader.keys);
    return valid;
}

bool json_validate(const char *text, size_t length, unsigned strictness, Error *err) {
    return json_check(text, length, strictness, NULL, err);
}
