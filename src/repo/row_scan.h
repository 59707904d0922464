/*
 * Rows of a data file, one after the other: an array of objects in any JSON formatting, read in pieces, so
 * that memory is bounded by the largest row. The frame (brackets and commas) is checked here, each row's text
 * by whoever gets it.
 */
#ifndef SCHEMA_SYNC_REPO_ROW_SCAN_H
#define SCHEMA_SYNC_REPO_ROW_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/digest.h"
#include "repo/input.h"

typedef struct {
    const char *text; /* valid during the call */
    size_t length;
    size_t index;        /* in the array, from 0 */
    size_t line, column; /* of its first byte, from 1 */
} RowText;

typedef bool (*RowTextEach)(const RowText *row, void *context, Error *err);

/* Scans the file to its end; `shown` names it in messages; `hex` gets the digest of its bytes. */
bool row_scan(Input *input, const char *shown, char hex[DIGEST_HEX], RowTextEach each, void *context,
              Error *err);

/* Turns a fault of json_validate or json_parse on the row's text into one of the file: its line, the row's
 * index. Returns false. */
bool row_fault(const RowText *row, Error *err);

#endif
