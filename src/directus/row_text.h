/*
 * A page of rows as text: where each row starts and ends, so that one row at a time is parsed. Only the
 * page's frame is checked here; the rows are validated when they are parsed.
 */
#ifndef SCHEMA_SYNC_DIRECTUS_ROW_TEXT_H
#define SCHEMA_SYNC_DIRECTUS_ROW_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

typedef struct {
    const char *text;
    size_t length;
} RowText;

typedef struct {
    RowText *rows;
    size_t count, capacity;
    size_t first;          /* rows before it are of the page before */
    uint64_t filter_count; /* of "meta"; UINT64_MAX when there is none */
} PageText;

/* Takes {"data":[…],"meta":{…}} apart; the rows point into `text`. */
bool page_split(PageText *page, const char *text, size_t length, Error *err);
void page_free(PageText *page);
AUTO_DEFINE(PageText, page_free);

#endif
