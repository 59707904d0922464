#include "model/show.h"

#include <inttypes.h>
#include <string.h>

#include "model/canon.h"

/* ---- characters ---- */

typedef struct {
    uint32_t from, to;
} Range;

/* Unicode's Cc, Cf but the two joiners, Zl and Zp. */
static const Range hidden[] = {
    { 0x00, 0x1F },     { 0x7F, 0x9F },     { 0xAD, 0xAD },     { 0x600, 0x605 },   { 0x61C, 0x61C },
    { 0x6DD, 0x6DD },   { 0x70F, 0x70F },   { 0x180E, 0x180E }, { 0x200B, 0x200B }, { 0x200E, 0x200F },
    { 0x2028, 0x202E }, { 0x2060, 0x206F }, { 0xFEFF, 0xFEFF }, { 0xFFF9, 0xFFFB }, { 0xE0000, 0xE007F },
};

static bool is_hidden(uint32_t point) {
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (point >= hidden[i].from && point <= hidden[i].to)
            return true;
    return false;
}

static uint32_t decode(const char *text, size_t bytes) {
    const unsigned char *at = (const unsigned char *)text;
    static const unsigned char first_bits[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
    uint32_t point = at[0] & first_bits[bytes];
    for (size_t i = 1; i < bytes; i++)
        point = point << 6 | (at[i] & 0x3FU);
    return point;
}

static void put_hidden(Buf *out, uint32_t point) {
    static const char *const short_forms[] = { ['\t'] = "\\t", ['\n'] = "\\n", ['\r'] = "\\r" };
    if (point < sizeof short_forms / sizeof *short_forms && short_forms[point])
        buf_puts(out, short_forms[point]);
    else if (point > 0xFFFF)
        buf_printf(out, "\\u{%x}", (unsigned)point);
    else
        buf_printf(out, "\\u%04x", (unsigned)point);
}

void show_text(Buf *out, const char *text, size_t length) {
    for (size_t at = 0; at < length;) {
        size_t bytes = str_utf8_sequence(text + at, length - at);
        uint32_t point = bytes ? decode(text + at, bytes) : 0;
        if (!bytes)
            buf_printf(out, "\\x%02x", (unsigned char)text[at]);
        else if (is_hidden(point))
            put_hidden(out, point);
        else
            buf_append(out, text + at, bytes);
        at += bytes ? bytes : 1;
    }
}

void show_message(Buf *out, const char *text) {
    while (*text) {
        size_t plain = strcspn(text, "\n\r\t");
        show_text(out, text, plain);
        text += plain;
        if (*text)
            buf_putc(out, ' ');
        text += *text != '\0';
    }
}

static size_t boundary(const char *text, size_t at) {
    while (at > 0 && ((unsigned char)text[at] & 0xC0U) == 0x80U)
        at--;
    return at;
}

void show_clipped(Buf *out, const char *text, size_t limit) {
    size_t length = strlen(text), shown = length > limit ? boundary(text, limit) : length;
    show_text(out, text, shown);
    if (shown < length)
        buf_puts(out, "…");
}

void show_count(Buf *out, uint64_t count) {
    if (count >= 1000)
        show_count(out, count / 1000);
    buf_printf(out, count >= 1000 ? ",%03" PRIu64 : "%" PRIu64, count % 1000);
}

void show_quoted(Buf *out, const char *text) {
    AUTO(Arena) arena = { 0 };
    Json value = json_string(&arena, text);
    show_value(out, &value, SIZE_MAX);
}

static bool is_word(const char *name) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-:/$*";
    return *name && strspn(name, plain) == strlen(name);
}

void show_name(Buf *out, const char *name) {
    if (is_word(name))
        buf_puts(out, name);
    else
        show_quoted(out, name);
}

/* ---- values ---- */

/* [from, to) of a text, its middle left out when it is longer than the limit. */
static void put_elided(Buf *out, const char *text, size_t from, size_t to, size_t limit) {
    if (to - from <= limit) {
        show_text(out, text + from, to - from);
        return;
    }
    size_t head = boundary(text, from + limit * 2 / 3), tail = boundary(text, to - limit / 3);
    show_text(out, text + from, head - from);
    buf_puts(out, "…");
    show_text(out, text + tail, to - tail);
}

void show_value(Buf *out, const Json *value, size_t limit) {
    AUTO(Buf) text = { 0 };
    Json null = json_null();
    canon_compact(&text, value ? value : &null);
    put_elided(out, text.data, 0, text.length, limit);
}

enum { SHOWN_IN_COMMON = 24 };

static void put_window(Buf *out, const Buf *text, size_t common_start, size_t common_end, size_t limit) {
    size_t from = common_start > SHOWN_IN_COMMON ? boundary(text->data, common_start - SHOWN_IN_COMMON) : 0;
    size_t to = common_end > SHOWN_IN_COMMON
                    ? boundary(text->data, text->length - common_end + SHOWN_IN_COMMON)
                    : text->length;
    bool text_value = text->data[0] == '"';
    if (from)
        buf_puts(out, text_value ? "\"…" : "…");
    put_elided(out, text->data, from, to, limit);
    if (to < text->length)
        buf_puts(out, text_value ? "…\"" : "…");
}

void show_pair(Buf *before_out, Buf *after_out, const Json *before, const Json *after, size_t limit) {
    AUTO(Buf) left = { 0 };
    AUTO(Buf) right = { 0 };
    canon_compact(&left, before);
    canon_compact(&right, after);
    size_t shorter = left.length < right.length ? left.length : right.length, start = 0, end = 0;
    if (before->kind == after->kind && (left.length > limit || right.length > limit)) {
        while (start < shorter && left.data[start] == right.data[start])
            start++;
        while (end < shorter - start &&
               left.data[left.length - 1 - end] == right.data[right.length - 1 - end])
            end++;
    }
    put_window(before_out, &left, start, end, limit);
    put_window(after_out, &right, start, end, limit);
}

void show_json(Buf *out, const Buf *document) {
    const char *text = buf_text(document);
    for (size_t at = 0; at < document->length;) {
        size_t bytes = str_utf8_sequence(text + at, document->length - at);
        uint32_t point = bytes > 1 ? decode(text + at, bytes) : (unsigned char)text[at];
        bytes += bytes == 0;
        if (point < 0x7F || !is_hidden(point))
            buf_append(out, text + at, bytes);
        else if (point > 0xFFFF)
            buf_printf(out, "\\u%04x\\u%04x", (unsigned)(0xD800 + ((point - 0x10000) >> 10)),
                       (unsigned)(0xDC00 + ((point - 0x10000) & 0x3FF)));
        else
            buf_printf(out, "\\u%04x", (unsigned)point);
        at += bytes;
    }
}
