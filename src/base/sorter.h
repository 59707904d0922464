/*
 * Bounded external merge sort of keyed records: memory does not grow with the number of records.
 *
 * Records are (key, value) byte strings, ordered by key as memcmp does. Runs of at most `memory` bytes are
 * sorted in memory and spilled to unlinked temporary files in $TMPDIR (or /tmp); reading merges them. A
 * sorter that never spilled never touches the disk. Records with equal keys come out in the order they went
 * in.
 */
#ifndef SCHEMA_SYNC_BASE_SORTER_H
#define SCHEMA_SYNC_BASE_SORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct Sorter Sorter;

typedef struct {
    const char *key;
    size_t key_length;
    const char *value;
    size_t value_length;
} SorterRecord;

/* `memory` is the bound in bytes for buffered records, at least 64 KiB. */
Sorter *sorter_new(size_t memory);
bool sorter_add(Sorter *sorter, const void *key, size_t key_length, const void *value, size_t value_length,
                Error *err);
uint64_t sorter_count(const Sorter *sorter);
/* Ends adding. May be called again to read from the start. */
bool sorter_rewind(Sorter *sorter, Error *err);
/* The next record, valid until the next call; false with *end set when there is none, false with *err on a
 * fault. */
bool sorter_next(Sorter *sorter, SorterRecord *out, bool *end, Error *err);
void sorter_free(Sorter **sorter);

#endif
