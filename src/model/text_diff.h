/*
 * What stays, goes and comes between two sequences, and between the lines of two texts.
 *
 * The shortest edit script by Myers's greedy algorithm ("An O(ND) Difference Algorithm", 1986), after equal
 * ends are taken off. Its cost grows with the square of the differences, so from TEXT_DIFF_MOST on the rest
 * is taken as replaced in one piece.
 */
#ifndef SCHEMA_SYNC_MODEL_TEXT_DIFF_H
#define SCHEMA_SYNC_MODEL_TEXT_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

enum { TEXT_DIFF_MOST = 400 };

/* a[a_from, a_to) becomes b[b_from, b_to); one of the two may be empty. */
typedef struct {
    size_t a_from, a_to, b_from, b_to;
} SequenceEdit;

typedef struct {
    SequenceEdit *items;
    size_t count, capacity;
} SequenceEdits;

typedef bool (*SequenceEqual)(const void *context, size_t a, size_t b);
/* Edits in order, none touching the next. Everything lives in the arena. */
void sequence_diff(Arena *arena, size_t a_count, size_t b_count, SequenceEqual equal, const void *context,
                   SequenceEdits *edits);

typedef struct {
    char sign;        /* ' ' both, '-' before, '+' after, '@' a piece begins: the text is "@@ -3,5 +3,6 @@" */
    const char *text; /* without the newline, not ended by NUL where it is a part of the input */
    size_t length;
} DiffLine;

typedef struct {
    DiffLine *items;
    size_t count, capacity;
} DiffLines;

/* A unified diff with `context` equal lines around what differs. A text that ends in a newline has an empty
 * last line, so that its absence shows. */
void text_diff(Arena *arena, const char *before, const char *after, size_t context, DiffLines *lines);

#endif
