#include "base/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

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
        uint64_t integer = (uint64_t)(number * power + 0.5);
        if ((double)integer / power == number) {
            from_integer(decimal, integer, -k);
            return true;
        }
    }
    return false;
}

static bool is_power_of_two(double number) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return !(bits & ((UINT64_C(1) << 52) - 1)); /* an IEEE 754 significand of 1 */
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
        if (normal && is_power_of_two(number) && try_next_above(decimal, number))
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

void number_print(char text[NUMBER_TEXT], double number) {
    static const double LARGEST_EXACT = 9007199254740992; /* 2^53 */
    if (fabs(number) < LARGEST_EXACT && number == (double)(int64_t)number) {
        snprintf(text, NUMBER_TEXT, "%lld", (long long)number); /* -0 becomes 0, as RFC 8785 has it */
        return;
    }
    if (number < 0)
        *text++ = '-';
    Decimal decimal;
    shortest(&decimal, fabs(number));
    print_decimal(text, &decimal);
}

double number_read(const char *text, size_t length) {
    /* Without its point ("12.5e3" as "125e2") strtod reads the same in every locale. */
    char small[128];
    char *plain = length + 32 <= sizeof small ? small : mem_alloc(length + 32);
    size_t used = 0;
    long long exponent = 0;
    bool fraction = false;
    size_t i = 0;
    for (; i < length && text[i] != 'e' && text[i] != 'E'; i++) {
        if (text[i] == '.') {
            fraction = true;
            continue;
        }
        plain[used++] = text[i];
        exponent -= fraction;
    }
    if (i < length) {
        bool negative = text[++i] == '-';
        i += text[i] == '-' || text[i] == '+';
        long long given = 0;
        for (; i < length && given < 1000000000000; i++)
            given = given * 10 + (text[i] - '0');
        exponent += negative ? -given : given;
    }
    snprintf(plain + used, 32, "e%lld", exponent);
    double value = strtod(plain, NULL);
    if (plain != small)
        free(plain);
    return value;
}
