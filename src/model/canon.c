#include "model/canon.h"

#include <stdint.h>
#include <string.h>

#include "base/number.h"

void canon_number(char text[32], double number) {
    number_print(text, number);
}

/* ---- strings ---- */

static void put_escape(Buf *out, unsigned char byte) {
    static const char letters[] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r' };
    if (byte == '"' || byte == '\\')
        buf_append(out, (const char[]){ '\\', (char)byte }, 2);
    else if (byte < sizeof letters && letters[byte])
        buf_append(out, (const char[]){ '\\', letters[byte] }, 2);
    else
        buf_printf(out, "\\u%04x", byte);
}

static void put_string(Buf *out, const char *text, size_t length) {
    const char *end = text + length;
    buf_reserve(out, length + 2);
    buf_putc(out, '"');
    while (text < end) {
        const char *plain = text;
        while (text < end && (unsigned char)*text >= 0x20 && *text != '"' && *text != '\\')
            text++;
        buf_append(out, plain, (size_t)(text - plain));
        if (text < end)
            put_escape(out, (unsigned char)*text++);
    }
    buf_putc(out, '"');
}

/* ---- values ---- */

enum { ONE_LINE = -1 };

static void put_value(Buf *out, const Json *value, int level);

/* A new line at the given level, or nothing on one line. */
static void put_break(Buf *out, int level) {
    if (level == ONE_LINE)
        return;
    buf_putc(out, '\n');
    for (int i = 0; i < level; i++)
        buf_append(out, "  ", 2);
}

static void put_array(Buf *out, const Json *array, int level) {
    int inner = level == ONE_LINE ? ONE_LINE : level + 1;
    buf_putc(out, '[');
    for (uint32_t i = 0; i < array->count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        put_break(out, inner);
        put_value(out, &array->as.items[i], inner);
    }
    if (array->count > 0)
        put_break(out, level);
    buf_putc(out, ']');
}

static void put_object(Buf *out, const Json *object, int level) {
    int inner = level == ONE_LINE ? ONE_LINE : level + 1;
    buf_putc(out, '{');
    for (uint32_t i = 0; i < object->count; i++) {
        const JsonMember *member = &object->as.members[i];
        if (i > 0)
            buf_putc(out, ',');
        put_break(out, inner);
        put_string(out, member->key, strlen(member->key));
        buf_puts(out, level == ONE_LINE ? ":" : ": ");
        put_value(out, &member->value, inner);
    }
    if (object->count > 0)
        put_break(out, level);
    buf_putc(out, '}');
}

static void put_value(Buf *out, const Json *value, int level) {
    char number[32];
    switch (value->kind) {
    case JSON_NULL:
        buf_append(out, "null", 4);
        break;
    case JSON_FALSE:
        buf_append(out, "false", 5);
        break;
    case JSON_TRUE:
        buf_append(out, "true", 4);
        break;
    case JSON_NUMBER:
        canon_number(number, value->as.number);
        buf_puts(out, number);
        break;
    case JSON_STRING:
        put_string(out, value->as.text, value->count);
        break;
    case JSON_ARRAY:
        put_array(out, value, level);
        break;
    case JSON_OBJECT:
        put_object(out, value, level);
        break;
    }
}

void canon_compact(Buf *out, const Json *value) {
    put_value(out, value, ONE_LINE);
}

void canon_pretty(Buf *out, const Json *value) {
    put_value(out, value, 0);
}
