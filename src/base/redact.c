#include "base/redact.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *value, *shown;
    size_t length;
} Hidden;

/* Longer values first: of two that begin alike the longer one must win. */
static struct {
    pthread_rwlock_t lock;
    Hidden *items;
    size_t count, capacity;
    bool starts[256]; /* bytes some value begins with */
} hidden = { .lock = PTHREAD_RWLOCK_INITIALIZER };

/* ---- the register ---- */

static bool is_hidden(const char *value, size_t length) {
    for (size_t i = 0; i < hidden.count; i++)
        if (hidden.items[i].length == length && memcmp(hidden.items[i].value, value, length) == 0)
            return true;
    return false;
}

static void hide(const char *value, size_t length, const char *shown) {
    if (length < REDACT_WHOLE || is_hidden(value, length))
        return;
    Hidden made = { .value = mem_strdup(value), .shown = mem_strdup(shown), .length = length };
    ARRAY_PUSH(hidden.items, hidden.count, hidden.capacity, made);
    size_t at = hidden.count - 1;
    for (; at > 0 && hidden.items[at - 1].length < length; at--)
        hidden.items[at] = hidden.items[at - 1];
    hidden.items[at] = made;
    hidden.starts[(unsigned char)value[0]] = true;
}

/* As a JSON text holds it: what servers repeat in their messages. */
static void put_escaped(Buf *out, const char *value) {
    static const char plain[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    for (; *value; value++) {
        const char *at = strchr(plain, *value);
        if (at) {
            buf_putc(out, '\\');
            buf_putc(out, letters[at - plain]);
        } else {
            buf_putc(out, *value);
        }
    }
}

void redact_hide(const char *value, const char *shown) {
    AUTO(Buf) escaped = { 0 };
    put_escaped(&escaped, value);
    pthread_rwlock_wrlock(&hidden.lock);
    hide(value, strlen(value), shown);
    hide(buf_text(&escaped), escaped.length, shown);
    pthread_rwlock_unlock(&hidden.lock);
    if (escaped.data)
        mem_wipe(escaped.data, escaped.length);
}

bool redact_any(void) {
    pthread_rwlock_rdlock(&hidden.lock);
    bool any = hidden.count > 0;
    pthread_rwlock_unlock(&hidden.lock);
    return any;
}

void redact_forget(void) {
    pthread_rwlock_wrlock(&hidden.lock);
    for (size_t i = 0; i < hidden.count; i++) {
        mem_wipe(hidden.items[i].value, hidden.items[i].length);
        free(hidden.items[i].value);
        free(hidden.items[i].shown);
    }
    free(hidden.items);
    hidden.items = NULL;
    hidden.count = hidden.capacity = 0;
    memset(hidden.starts, 0, sizeof hidden.starts);
    pthread_rwlock_unlock(&hidden.lock);
}

/* ---- showing ---- */

/* The value that begins at text[at], or whose beginning is all that is left of the text. */
static const Hidden *hidden_at(const char *text, size_t length, size_t at) {
    size_t left = length - at;
    if (!hidden.starts[(unsigned char)text[at]])
        return NULL;
    for (size_t i = 0; i < hidden.count; i++) {
        const Hidden *one = &hidden.items[i];
        size_t part = one->length < left ? one->length : left;
        size_t least = at == 0 && left == one->length ? REDACT_WHOLE : REDACT_WITHIN;
        if (part >= least && memcmp(text + at, one->value, part) == 0)
            return one;
    }
    return NULL;
}

void redact_append(Buf *out, const char *text, size_t length) {
    size_t copied = 0;
    pthread_rwlock_rdlock(&hidden.lock);
    for (size_t at = 0; hidden.count && at < length;) {
        const Hidden *one = hidden_at(text, length, at);
        if (!one) {
            at++;
            continue;
        }
        buf_append(out, text + copied, at - copied);
        buf_puts(out, one->shown);
        at += one->length < length - at ? one->length : length - at;
        copied = at;
    }
    pthread_rwlock_unlock(&hidden.lock);
    buf_append(out, text + copied, length - copied);
}

void redact_error(Error *err) {
    if (!redact_any())
        return;
    AUTO(Buf) message = { 0 }, hint = { 0 };
    redact_append(&message, err->message, strlen(err->message));
    redact_append(&hint, err->hint, strlen(err->hint));
    error_set(err, err->kind, "%s", buf_text(&message));
    error_hint(err, "%s", buf_text(&hint));
}

static const char *shown_text(Arena *arena, const char *text, size_t length, void *context) {
    (void)context;
    AUTO(Buf) out = { 0 };
    redact_append(&out, text, length);
    bool same = out.length == length && memcmp(out.data, text, length) == 0;
    return same ? NULL : arena_strndup(arena, buf_text(&out), out.length);
}

Json redact_json(Arena *arena, const Json *value) {
    return redact_any() ? json_map_texts(arena, value, shown_text, NULL) : value ? *value : json_null();
}
