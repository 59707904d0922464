#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Copies what fits; a character that would be cut in two is left out. */
static void put(char *target, size_t size, const char *text) {
    size_t length = strlen(text);
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xC0U) == 0x80U)
            length--;
    }
    memcpy(target, text, length);
    target[length] = '\0';
}

/*
 * Every setter formats into a scratch buffer first: the arguments may point into the error itself. The
 * scratch is larger than the target, so that put() sees whether the text was cut and where its last character
 * starts.
 */
enum { SCRATCH = sizeof((Error *)0)->message + 8 };

bool error_set(Error *err, ErrorKind kind, const char *format, ...) {
    char text[SCRATCH];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err->kind = kind;
    put(err->message, sizeof err->message, text);
    err->hint[0] = '\0';
    return false;
}

bool error_hint(Error *err, const char *format, ...) {
    char text[SCRATCH];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put(err->hint, sizeof err->hint, text);
    return false;
}

bool error_context(Error *err, const char *format, ...) {
    char text[2 * SCRATCH];
    va_list args;
    va_start(args, format);
    vsnprintf(text, SCRATCH, format, args);
    va_end(args);
    size_t length = strlen(text);
    snprintf(text + length, sizeof text - length, ": %s", err->message);
    put(err->message, sizeof err->message, text);
    return false;
}

bool error_errno(Error *err, const char *format, ...) {
    int number = errno;
    char text[2 * SCRATCH];
    va_list args;
    va_start(args, format);
    vsnprintf(text, SCRATCH, format, args);
    va_end(args);
    size_t length = strlen(text);
    char reason[128];
    snprintf(text + length, sizeof text - length, ": %s", strerror_r(number, reason, sizeof reason));
    err->kind = ERR_IO;
    put(err->message, sizeof err->message, text);
    err->hint[0] = '\0';
    errno = number;
    return false;
}
