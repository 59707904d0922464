#include "model/rows.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/canon.h"
#include "model/moment.h"
#include "model/slug.h"

const RowField *row_field(const RowShape *shape, const char *name) {
    size_t low = 0, high = shape->field_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, shape->fields[middle].name);
        if (order == 0)
            return &shape->fields[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool is_user_reference(const RowField *field) {
    return field->kind == FIELD_REFERENCE && strcmp(field->target, "directus_users") == 0;
}

/* As PostgreSQL writes a uuid, which files may have in capitals: it is an id, and compared as a text. */
static Json uuid_lowered(Arena *arena, const RowField *field, const Json *value) {
    enum { UUID_LENGTH = 36 };
    if (!json_is(value, JSON_STRING) || value->count != UUID_LENGTH ||
        !value->as.text[strcspn(value->as.text, "ABCDEF")] || !str_equal(field->type, "uuid"))
        return *value;
    char *text = arena_strndup(arena, value->as.text, UUID_LENGTH);
    for (char *at = text; *at; at++)
        if (*at >= 'A' && *at <= 'F')
            *at = (char)(*at - 'A' + 'a');
    return (Json){ .kind = JSON_STRING, .count = UUID_LENGTH, .as.text = text };
}

Json row_carried(Arena *arena, const RowShape *shape, const Json *row) {
    JsonMember *members = arena_array(arena, shape->field_count, sizeof *members);
    uint32_t count = 0;
    size_t field = 0;
    /* both sides are sorted by name */
    for (uint32_t i = 0; i < row->count && field < shape->field_count; i++) {
        const JsonMember *member = &row->as.members[i];
        int order = -1;
        while (field < shape->field_count && (order = strcmp(shape->fields[field].name, member->key)) < 0)
            field++;
        if (order != 0)
            continue;
        const RowField *carried = &shape->fields[field];
        members[count].key = carried->name;
        members[count++].value =
            is_user_reference(carried) ? json_null() : uuid_lowered(arena, carried, &member->value);
    }
    return (Json){ .kind = JSON_OBJECT, .count = count, .as.members = members };
}

/* ---- keys ---- */

/* First byte of a part; the kinds of values order by it. */
enum { KEY_FALSE = 1, KEY_TRUE = 2, KEY_NEGATIVE = 3, KEY_ZERO = 4, KEY_POSITIVE = 5, KEY_TEXT = 6 };

/* A decimal number as 0.DIGITS × 10^exponent, digits without zeros at either end. */
typedef struct {
    bool negative;
    long exponent;
    const char *digits; /* may hold one '.', to be skipped */
    size_t length;
} Decimal;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Reads [-+]digits[.digits][e[-+]digits]: JSON numbers and the decimal strings of bigInteger and decimal
 * fields. */
static bool decimal_parse(const char *text, size_t length, Decimal *out) {
    const char *at = text, *end = text + length;
    *out = (Decimal){ .negative = at < end && *at == '-' };
    at += at < end && (*at == '-' || *at == '+');
    const char *start = at, *point = NULL;
    size_t digits = 0;
    for (; at < end && (is_digit(*at) || (*at == '.' && !point)); at++) {
        digits += *at != '.';
        point = *at == '.' ? at : point;
    }
    const char *stop = at;
    if (digits == 0)
        return false;
    if (at < end && (*at == 'e' || *at == 'E')) {
        size_t sign = end - at > 1 && (at[1] == '-' || at[1] == '+');
        if (end - at < (ptrdiff_t)sign + 2 || !is_digit(at[1 + sign]))
            return false;
        char *after;
        out->exponent = strtol(at + 1, &after, 10);
        at = after;
    }
    if (at != end || out->exponent > INT32_MAX / 4 || out->exponent < INT32_MIN / 4 || digits > INT32_MAX / 4)
        return false;
    out->exponent += (point ? point : stop) - start;
    for (; start < stop && (*start == '0' || *start == '.'); start++)
        out->exponent -= *start == '0';
    while (stop > start && (stop[-1] == '0' || stop[-1] == '.'))
        stop--;
    out->digits = start;
    out->length = (size_t)(stop - start);
    return true;
}

static void put_decimal(Buf *out, const Decimal *number) {
    if (number->length == 0) {
        buf_putc(out, KEY_ZERO);
        return;
    }
    /* a larger exponent is a larger number, then digits decide; for negative numbers all bytes are turned
     * round */
    unsigned char turn = number->negative ? 0xff : 0;
    uint32_t exponent = (uint32_t)(number->exponent + INT32_MAX);
    buf_putc(out, number->negative ? KEY_NEGATIVE : KEY_POSITIVE);
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_putc(out, (char)((exponent >> shift & 0xff) ^ turn));
    for (size_t i = 0; i < number->length; i++)
        if (number->digits[i] != '.')
            buf_putc(out, (char)((unsigned char)number->digits[i] ^ turn));
    buf_putc(out, (char)turn);
}

/* The decimal a scalar stands for in this field, if it does. */
static bool scalar_decimal(const RowField *field, const Json *value, char text[32], Decimal *out) {
    if (json_is(value, JSON_NUMBER)) {
        canon_number(text, value->as.number);
        return decimal_parse(text, strlen(text), out);
    }
    return field && field->numeric && json_is(value, JSON_STRING) &&
           decimal_parse(value->as.text, value->count, out);
}

static bool put_key_part(Buf *out, const RowField *field, const Json *value) {
    char text[32];
    Decimal number;
    if (scalar_decimal(field, value, text, &number)) {
        put_decimal(out, &number);
    } else if (json_is(value, JSON_STRING)) {
        buf_putc(out, KEY_TEXT);
        if (!field || !moment_put(field->type, value->as.text, out))
            buf_append(out, value->as.text, value->count);
        buf_putc(out, '\0'); /* texts hold no NUL, so that a shorter one stands before its continuations */
    } else if (json_is(value, JSON_FALSE) || json_is(value, JSON_TRUE)) {
        buf_putc(out, json_is_true(value) ? KEY_TRUE : KEY_FALSE);
    } else {
        return false;
    }
    return true;
}

bool row_key(const RowShape *shape, const char *const *key, const Json *row, Buf *out, Error *err) {
    for (size_t i = 0; key[i]; i++) {
        const Json *value = json_get(row, key[i]);
        if (json_is_null(value)) {
            error_set(err, ERR_FILES, "(/%s): a row of %s without a value in its key", key[i],
                      shape->collection);
            return error_hint(err, "give the row a value there, or choose another \"key\" for %s",
                              shape->collection);
        }
        if (!put_key_part(out, row_field(shape, key[i]), value)) {
            error_set(err, ERR_FILES, "(/%s): %s cannot be part of the key of %s", key[i],
                      json_is(value, JSON_ARRAY) ? "an array" : "an object", shape->collection);
            return error_hint(err, "choose another \"key\" for %s", shape->collection);
        }
    }
    return true;
}

static void put_values(Buf *out, const char *const *fields, const Json *row, const char *between) {
    for (size_t i = 0; fields[i]; i++) {
        const Json *value = json_get(row, fields[i]);
        if (i)
            buf_puts(out, between);
        if (json_is(value, JSON_STRING))
            buf_append(out, value->as.text, value->count);
        else
            canon_compact(out, value ? value : &JSON_NULL_VALUE);
    }
}

const char *row_label(Arena *arena, const char *const *key, const Json *row) {
    AUTO(Buf) text = { 0 };
    put_values(&text, key, row, ", ");
    return arena_strndup(arena, buf_text(&text), text.length);
}

const char *row_group(Arena *arena, const RowShape *shape, const Json *row) {
    const char *const *fields = shape->rule->group_by;
    if (!fields[0])
        return "";
    AUTO(Buf) name = { 0 };
    AUTO(Buf) key = { 0 };
    put_values(&name, fields, row, "-");
    for (size_t i = 0; fields[i]; i++) {
        const Json *value = json_get(row, fields[i]);
        canon_compact(&key, value ? value : &JSON_NULL_VALUE);
        buf_putc(&key, '\n');
    }
    return slug_make(arena, buf_text(&name), buf_text(&key));
}

/* Equal as the field's type sees it: 5, "5" and "5.00" are one decimal, and a moment has many notations. */
static bool same_value(const RowField *field, const Json *a, const Json *b) {
    if (json_equal(a, b))
        return true;
    if (json_text(a) && json_text(b) && moment_equal(field->type, json_text(a), json_text(b)))
        return true;
    if (!field->numeric || json_is_null(a) || json_is_null(b))
        return false;
    char a_text[32], b_text[32];
    Decimal x, y;
    if (!scalar_decimal(field, a, a_text, &x) || !scalar_decimal(field, b, b_text, &y))
        return false;
    AUTO(Buf) left = { 0 };
    AUTO(Buf) right = { 0 };
    put_decimal(&left, &x);
    put_decimal(&right, &y);
    return left.length == right.length && memcmp(left.data, right.data, left.length) == 0;
}

Json row_patch(Arena *arena, const RowShape *shape, const Json *before, const Json *after) {
    JsonObjectBuilder patch = json_object_builder(arena);
    for (uint32_t i = 0; i < after->count; i++) {
        const JsonMember *member = &after->as.members[i];
        const RowField *field = row_field(shape, member->key);
        const Json *old = json_get(before, member->key);
        if (field && !same_value(field, old ? old : &field->initial, &member->value))
            json_object_put(&patch, member->key, member->value);
    }
    return json_object_done(&patch);
}

Json row_former(Arena *arena, const RowShape *shape, const Json *before, const Json *patch) {
    JsonObjectBuilder former = json_object_builder(arena);
    for (uint32_t i = 0; i < patch->count; i++) {
        const char *name = patch->as.members[i].key;
        const Json *value = json_get(before, name);
        const RowField *field = row_field(shape, name);
        json_object_put(&former, name, value ? *value : field ? field->initial : json_null());
    }
    return json_object_done(&former);
}
