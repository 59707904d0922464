#include "base/str.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_free(Buf *buf) {
    free(buf->data);
    *buf = (Buf){ 0 };
}

void buf_clear(Buf *buf) {
    buf->length = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

void buf_reserve(Buf *buf, size_t extra) {
    size_t needed;
    if (__builtin_add_overflow(buf->length, extra, &needed) || __builtin_add_overflow(needed, 1, &needed))
        needed = SIZE_MAX; /* mem_realloc reports it */
    if (buf->data && needed <= buf->capacity)
        return;
    size_t larger = buf->capacity + buf->capacity / 2;
    buf->capacity = needed > larger ? needed : larger;
    if (buf->capacity < 64)
        buf->capacity = 64;
    buf->data = mem_realloc(buf->data, buf->capacity);
}

void buf_append(Buf *buf, const void *data, size_t length) {
    buf_reserve(buf, length);
    if (length > 0)
        memcpy(buf->data + buf->length, data, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
}

void buf_puts(Buf *buf, const char *text) {
    buf_append(buf, text, strlen(text));
}

void buf_putc(Buf *buf, char byte) {
    if (buf->length + 1 >= buf->capacity)
        buf_reserve(buf, 1);
    buf->data[buf->length++] = byte;
    buf->data[buf->length] = '\0';
}

void buf_printf(Buf *buf, const char *format, ...) {
    char small[256];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (length < 0)
        return;
    if ((size_t)length < sizeof small) {
        buf_append(buf, small, (size_t)length);
        return;
    }
    buf_reserve(buf, (size_t)length);
    va_start(args, format);
    vsnprintf(buf->data + buf->length, (size_t)length + 1, format, args);
    va_end(args);
    buf->length += (size_t)length;
}

const char *buf_text(const Buf *buf) {
    return buf->data ? buf->data : "";
}

void secret_set(Secret *secret, const char *text) {
    secret_free(secret);
    if (!text || !*text)
        return;
    secret->hidden = mem_strdup(text);
    secret->length = strlen(text);
}

bool secret_is_set(const Secret *secret) {
    return secret->length > 0;
}

const char *secret_reveal(const Secret *secret) {
    return secret->hidden ? secret->hidden : "";
}

void secret_free(Secret *secret) {
    if (secret->hidden)
        mem_wipe(secret->hidden, secret->length);
    free(secret->hidden);
    *secret = (Secret){ 0 };
}

bool str_equal(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool str_starts(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *text, const char *suffix) {
    size_t text_length = strlen(text);
    size_t suffix_length = strlen(suffix);
    return text_length >= suffix_length &&
           memcmp(text + text_length - suffix_length, suffix, suffix_length) == 0;
}

bool str_matches(const char *text, const char *pattern) {
    const char *star = NULL, *retry = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            retry = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) { /* the last star takes one byte more */
            pattern = star + 1;
            text = ++retry;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

const char *str_shell_word(Arena *arena, const char *text) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%,";
    AUTO(Buf) out = { 0 };
    if (*text && !text[strspn(text, plain)])
        return arena_strdup(arena, text);
    buf_putc(&out, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            buf_puts(&out, "'\\''");
        else
            buf_putc(&out, *text);
    }
    buf_putc(&out, '\'');
    return arena_strdup(arena, buf_text(&out));
}

bool str_is_uuid(const char *text, size_t length) {
    if (length != 36)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (dash ? text[i] != '-' : !hex)
            return false;
    }
    return true;
}

size_t str_utf8_sequence(const char *text, size_t length) {
    const unsigned char *byte = (const unsigned char *)text;
    if (length == 0)
        return 0;
    if (byte[0] < 0x80)
        return 1;
    /* RFC 3629 §4: only the second byte's range depends on the first one. */
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    size_t size;
    if (byte[0] >= 0xC2 && byte[0] <= 0xDF)
        size = 2;
    else if (byte[0] >= 0xE0 && byte[0] <= 0xEF)
        size = 3;
    else if (byte[0] >= 0xF0 && byte[0] <= 0xF4)
        size = 4;
    else
        return 0;
    if (byte[0] == 0xE0)
        low = 0xA0;
    else if (byte[0] == 0xED)
        high = 0x9F;
    else if (byte[0] == 0xF0)
        low = 0x90;
    else if (byte[0] == 0xF4)
        high = 0x8F;
    if (length < size || byte[1] < low || byte[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if (byte[i] < 0x80 || byte[i] > 0xBF)
            return 0;
    return size;
}

bool str_is_utf8(const char *text, size_t length, size_t *bad_at) {
    size_t at = 0;
    while (at < length) {
        uint64_t eight;
        if (length - at >= sizeof eight) {
            memcpy(&eight, text + at, sizeof eight);
            if (!(eight & UINT64_C(0x8080808080808080))) {
                at += sizeof eight;
                continue;
            }
        }
        size_t size = str_utf8_sequence(text + at, length - at);
        if (size == 0) {
            if (bad_at)
                *bad_at = at;
            return false;
        }
        at += size;
    }
    return true;
}
