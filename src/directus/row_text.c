#include "directus/row_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

typedef struct {
    const char *at, *end;
} Cursor;

static void skip_space(Cursor *cursor) {
    while (cursor->at < cursor->end && strchr(" \t\r\n", *cursor->at) && *cursor->at)
        cursor->at++;
}

static bool take_byte(Cursor *cursor, char byte) {
    skip_space(cursor);
    if (cursor->at == cursor->end || *cursor->at != byte)
        return false;
    cursor->at++;
    return true;
}

static bool skip_string(Cursor *cursor) {
    for (cursor->at++; cursor->at < cursor->end; cursor->at++) {
        if (*cursor->at == '"') {
            cursor->at++;
            return true;
        }
        if (*cursor->at == '\\' && cursor->at + 1 < cursor->end)
            cursor->at++;
    }
    return false;
}

/* One value of any kind, by its brackets; what is in between is not looked at. */
static bool skip_value(Cursor *cursor, RowText *value) {
    size_t depth = 0;
    skip_space(cursor);
    const char *start = cursor->at;
    while (cursor->at < cursor->end) {
        char byte = *cursor->at;
        if (depth == 0 && cursor->at > start && strchr(",:]} \t\r\n", byte))
            break;
        if (byte == '"') {
            if (!skip_string(cursor))
                return false;
            continue;
        }
        if (byte == '{' || byte == '[')
            depth++;
        else if (byte == '}' || byte == ']') {
            if (depth == 0)
                return false;
            depth--;
        }
        cursor->at++;
    }
    *value = (RowText){ start, (size_t)(cursor->at - start) };
    return depth == 0 && value->length > 0;
}

static bool split_rows(PageText *page, Cursor *cursor) {
    if (!take_byte(cursor, '['))
        return false;
    if (take_byte(cursor, ']'))
        return true;
    do {
        RowText row;
        if (!skip_value(cursor, &row))
            return false;
        ARRAY_PUSH(page->rows, page->count, page->capacity, row);
    } while (take_byte(cursor, ','));
    return take_byte(cursor, ']');
}

static bool read_meta(PageText *page, const RowText *meta) {
    AUTO(Arena) arena = { 0 };
    Error ignored;
    Json json;
    if (!json_parse(&arena, meta->text, meta->length, JSON_SYNTAX, &json, &ignored))
        return false;
    const Json *count = json_get(&json, "filter_count");
    if (json_is(count, JSON_NUMBER) && count->as.number >= 0)
        page->filter_count = (uint64_t)count->as.number;
    return true;
}

static bool split_member(PageText *page, Cursor *cursor) {
    RowText key, value;
    if (!skip_value(cursor, &key) || !take_byte(cursor, ':'))
        return false;
    if (key.length == 6 && memcmp(key.text, "\"data\"", 6) == 0)
        return split_rows(page, cursor);
    if (!skip_value(cursor, &value))
        return false;
    return key.length != 6 || memcmp(key.text, "\"meta\"", 6) != 0 || read_meta(page, &value);
}

bool page_split(PageText *page, const char *text, size_t length, Error *err) {
    Cursor cursor = { text, text + length };
    bool ok = take_byte(&cursor, '{');
    page->filter_count = UINT64_MAX;
    do
        ok = ok && split_member(page, &cursor);
    while (ok && take_byte(&cursor, ','));
    ok = ok && take_byte(&cursor, '}');
    skip_space(&cursor);
    if (ok && cursor.at == cursor.end)
        return true;
    return error_set(err, ERR_REMOTE, "the answer is not a page of rows (at byte %zu)",
                     (size_t)(cursor.at - text));
}

void page_free(PageText *page) {
    free(page->rows);
    *page = (PageText){ 0 };
}
