/*
 * Numbers as text, the same in every locale: ECMAScript's Number::toString, which is RFC 8785 §3.2.2.3.
 */
#ifndef SCHEMA_SYNC_BASE_NUMBER_H
#define SCHEMA_SYNC_BASE_NUMBER_H

#include <stddef.h>

enum { NUMBER_TEXT = 32 }; /* 25 bytes and a NUL at most */

/* The shortest digits that read back as the same double; -0 is 0. Never called with NaN or infinity. */
void number_print(char text[NUMBER_TEXT], double number);
/* The double nearest to a text of JSON's number grammar; infinite when it overflows. */
double number_read(const char *text, size_t length);

#endif
