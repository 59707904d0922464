/*
 * Parts of secret_scan.h: the table of known shapes, and telling a random string from words.
 */
#ifndef SCHEMA_SYNC_MODEL_SECRET_SHAPES_H
#define SCHEMA_SYNC_MODEL_SECRET_SHAPES_H

#include "model/secret_scan.h"

/* Classes of bytes, as bits. */
enum {
    BYTE_UPPER = 1,
    BYTE_LOWER = 2,
    BYTE_DIGIT = 4,
    BYTE_HEX = 8,     /* 0-9 a-f A-F */
    BYTE_JOINER = 16, /* - _ */
    BYTE_BASE64 = 32, /* + / = ~ */
    BYTE_DOT = 64,
    BYTE_WORD = BYTE_UPPER | BYTE_LOWER | BYTE_DIGIT | BYTE_JOINER,
    BYTE_ALNUM = BYTE_UPPER | BYTE_LOWER | BYTE_DIGIT,
};
extern const unsigned char byte_class[256];
static inline bool is_class(char byte, unsigned classes) {
    return (byte_class[(unsigned char)byte] & classes) != 0;
}

/* How many of the bytes from `at` on are of the classes. */
size_t class_run(const char *text, size_t length, size_t at, unsigned classes);

/* The token with a known beginning that starts at text[at]; what is before it is no letter or digit. */
bool shape_at(const char *text, size_t length, size_t at, SecretFinding *found);
/* A webhook's address whose "//" ends at `at`. */
bool webhook_at(const char *text, size_t length, size_t at, SecretFinding *found);

/* Whether these bytes look drawn by lot. Hexadecimal ones from 32 on, others from 20 on. */
bool looks_random(const char *text, size_t length);
/* "…EXAMPLE…", "xxxxxxxx", "0123456789": written to show a form. */
bool looks_like_example(const char *text, size_t length);

#endif
