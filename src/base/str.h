/*
 * Strings: a growing byte buffer, a secret that cannot be printed, and small helpers.
 *
 * Buf.data is always NUL-terminated once anything was appended; length does not count the NUL. A zeroed Buf
 * is empty and valid. Bytes may contain NUL.
 */
#ifndef SCHEMA_SYNC_BASE_STR_H
#define SCHEMA_SYNC_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

typedef struct {
    char *data;
    size_t length;
    size_t capacity;
} Buf;

void buf_free(Buf *buf);
void buf_clear(Buf *buf); /* keeps the storage */
void buf_reserve(Buf *buf, size_t extra);
void buf_append(Buf *buf, const void *data, size_t length);
void buf_puts(Buf *buf, const char *text);
void buf_putc(Buf *buf, char byte);
__attribute__((format(printf, 2, 3))) void buf_printf(Buf *buf, const char *format, ...);
/* The text, "" when empty; owned by the buffer. */
const char *buf_text(const Buf *buf);
AUTO_DEFINE(Buf, buf_free);

/*
 * A secret: its text is reached only through secret_reveal(), which greps well in review, and is wiped when
 * freed. There is no way to format one. A zeroed Secret is "not set".
 */
typedef struct {
    char *hidden;
    size_t length;
} Secret;

void secret_set(Secret *secret, const char *text); /* copies; NULL or "" unsets */
bool secret_is_set(const Secret *secret);
const char *secret_reveal(const Secret *secret); /* "" when not set; owned by the secret */
void secret_free(Secret *secret);
AUTO_DEFINE(Secret, secret_free);

bool str_equal(const char *a, const char *b); /* NULL equals only NULL */
bool str_starts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);
/* '*' in the pattern stands for any bytes, none too; all else for itself. */
bool str_matches(const char *text, const char *pattern);
/* The text as one word for a shell: in quotes unless all of it is plain. In the arena. */
const char *str_shell_word(Arena *arena, const char *text);
/* A canonical lower-case uuid (8-4-4-4-12 hex digits), exactly length 36. */
bool str_is_uuid(const char *text, size_t length);
/* Valid UTF-8 in the sense of RFC 3629: no surrogates, nothing overlong. *bad_at, if given, is the first bad
 * byte. */
bool str_is_utf8(const char *text, size_t length, size_t *bad_at);
/* The bytes (1 to 4) of the valid UTF-8 sequence at the start of `text`, 0 when there is none. */
size_t str_utf8_sequence(const char *text, size_t length);

#endif
