#include "model/canon.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers ---- */

/* A positive double as digits × 10^exponent; the digits are text without leading or trailing zeros. */
typedef struct {
    char digits[20];
    int count;
    int exponent;
} Decimal;

static void strip_zeros(Decimal *decimal) {
    while (decimal->count > 1 && decimal->digits[decimal->count - 1] == '0') {
        decimal->count--;
        decimal->exponent++;
    }
}

static void from_integer(Decimal *decimal, uint64_t integer, int exponent) {
    decimal->count = snprintf(decimal->digits, sizeof decimal->digits, "%llu", (unsigned long long)integer);
    decimal->exponent = exponent;
    strip_zeros(decimal);
}

/* Written without a decimal point, so that strtod reads the same in every locale. */
static double read_back(const Decimal *decimal) {
    char text[40];
    snprintf(text, sizeof text, "%.*se%d", decimal->count, decimal->digits, decimal->exponent);
    return strtod(text, NULL);
}

/* The `count` digits nearest to the number; the decimal point of the locale is left out. */
static void round_to(Decimal *decimal, double number, int count) {
    char text[64];
    snprintf(text, sizeof text, "%.*e", count - 1, number);
    decimal->count = 0;
    const char *at = text;
    for (; *at != 'e'; at++)
        if (*at >= '0' && *at <= '9')
            decimal->digits[decimal->count++] = *at;
    decimal->exponent = (int)strtol(at + 1, NULL, 10) - (count - 1);
}

/*
 * Most fractions in real data have few digits. While number × 10^k stays below 10^15 and 10^k is exact (k ≤
 * 22), the quotient n / 10^k is the double nearest to that decimal; and of all decimals of up to 15 digits at
 * most one reads back as a given double, so the first hit is the shortest.
 */
static bool try_short_fraction(Decimal *decimal, double number) {
    if (number < 1e-5)
        return false;
    double power = 10;
    for (int k = 1; k <= 15 && number * power < 1e15; k++, power *= 10) {
        double integer = nearbyint(number * power);
        if (integer / power == number) {
            from_integer(decimal, (uint64_t)integer, -k);
            return true;
        }
    }
    return false;
}

/*
 * Below a power of two doubles lie half as far apart as above, so that a decimal of the shortest length may
 * read back although it is not the one nearest to the number: 2^-44 is 5.684341886080802e-14, farther than
 * …801e-14, which is another double. The next decimal upwards is the only other candidate.
 */
static bool try_next_above(Decimal *decimal, double number) {
    Decimal next = *decimal;
    int i = next.count - 1;
    while (i >= 0 && next.digits[i] == '9')
        next.digits[i--] = '0';
    if (i < 0)
        return false;
    next.digits[i]++;
    if (read_back(&next) != number)
        return false;
    *decimal = next;
    return true;
}

/*
 * The shortest digits that read back as the same double, the nearest to it when there are several. Every
 * decimal of 15 digits survives in a normal double (DBL_DIG), so that 15 digits, stripped, are the shortest
 * whenever 15 suffice; denormals have fewer digits and are searched from one upwards. 17 always suffice.
 */
static void shortest(Decimal *decimal, double number) {
    bool normal = isnormal(number);
    if (normal && try_short_fraction(decimal, number))
        return;
    for (int count = normal ? 15 : 1; count <= 17; count++) {
        round_to(decimal, number, count);
        if (read_back(decimal) == number)
            break;
        int exponent;
        if (normal && frexp(number, &exponent) == 0.5 && try_next_above(decimal, number))
            break;
    }
    strip_zeros(decimal);
}

/* Number::toString of ECMAScript, steps 6 to 10: where the point goes, and when an exponent is written. */
static void print_decimal(char *out, const Decimal *decimal) {
    int k = decimal->count;
    int n = decimal->exponent + k; /* the point stands behind n digits */
    const char *digits = decimal->digits;
    if (k <= n && n <= 21) {
        memcpy(out, digits, (size_t)k);
        memset(out + k, '0', (size_t)(n - k));
        out[n] = '\0';
    } else if (0 < n && n <= 21) {
        sprintf(out, "%.*s.%.*s", n, digits, k - n, digits + n);
    } else if (-6 < n && n <= 0) {
        sprintf(out, "0.%.*s%.*s", -n, "00000", k, digits);
    } else if (k == 1) {
        sprintf(out, "%ce%+d", digits[0], n - 1);
    } else {
        sprintf(out, "%c.%.*se%+d", digits[0], k - 1, digits + 1, n - 1);
    }
}

void canon_number(char text[32], double number) {
    static const double LARGEST_EXACT = 9007199254740992; /* 2^53 */
    if (fabs(number) < LARGEST_EXACT && number == trunc(number)) {
        snprintf(text, 32, "%lld", (long long)number); /* -0 becomes 0, as RFC 8785 has it */
        return;
    }
    if (number < 0)
        *text++ = '-';
    Decimal decimal;
    shortest(&decimal, fabs(number));
    print_decimal(text, &decimal);
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
