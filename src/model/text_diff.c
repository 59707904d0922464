#include "model/text_diff.h"

#include <string.h>

/* ---- sequences ---- */

typedef struct {
    SequenceEqual equal;
    const void *context;
    size_t start;               /* equal elements taken off the front */
    ptrdiff_t a_count, b_count; /* of the middle */
} Middle;

static bool same(const Middle *middle, ptrdiff_t x, ptrdiff_t y) {
    return middle->equal(middle->context, middle->start + (size_t)x, middle->start + (size_t)y);
}

/* One element goes or comes: joined to the edit behind it, which was found before it. */
static void put_backwards(Arena *arena, SequenceEdits *edits, SequenceEdit edit) {
    SequenceEdit *last = edits->count ? &edits->items[edits->count - 1] : NULL;
    if (last && last->a_from == edit.a_to && last->b_from == edit.b_to) {
        last->a_from = edit.a_from;
        last->b_from = edit.b_from;
        return;
    }
    ARENA_PUSH(arena, edits->items, edits->count, edits->capacity, edit);
}

/* Where the furthest path on diagonal k came from: the diagonal above (an insertion) or below. */
static ptrdiff_t previous_diagonal(const ptrdiff_t *furthest, ptrdiff_t k, ptrdiff_t depth) {
    return k == -depth || (k != depth && furthest[k - 1] < furthest[k + 1]) ? k + 1 : k - 1;
}

/* `trails[d]` holds the furthest x of each diagonal before step d, its centre at index TEXT_DIFF_MOST. */
static void walk_back(Arena *arena, const Middle *middle, ptrdiff_t *const *trails, ptrdiff_t depth,
                      SequenceEdits *edits) {
    ptrdiff_t x = middle->a_count, y = middle->b_count;
    for (; depth > 0; depth--) {
        const ptrdiff_t *furthest = trails[depth] + TEXT_DIFF_MOST + 1;
        ptrdiff_t k = previous_diagonal(furthest, x - y, depth);
        ptrdiff_t from_x = furthest[k], from_y = from_x - k;
        while (x > from_x && y > from_y) {
            x--;
            y--;
        }
        size_t start = middle->start;
        put_backwards(arena, edits,
                      (SequenceEdit){ start + (size_t)from_x, start + (size_t)x, start + (size_t)from_y,
                                      start + (size_t)y });
        x = from_x;
        y = from_y;
    }
}

static void reverse(SequenceEdits *edits) {
    for (size_t i = 0, j = edits->count; i + 1 < j; i++) {
        SequenceEdit kept = edits->items[i];
        edits->items[i] = edits->items[--j];
        edits->items[j] = kept;
    }
}

/* False when more than TEXT_DIFF_MOST elements differ. */
static bool middle_diff(Arena *arena, const Middle *middle, SequenceEdits *edits) {
    enum { WIDTH = 2 * TEXT_DIFF_MOST + 3 };
    AUTO(Arena) scratch = { 0 };
    ptrdiff_t **trails = arena_array(&scratch, TEXT_DIFF_MOST + 1, sizeof *trails);
    ptrdiff_t *furthest = (ptrdiff_t *)arena_array(&scratch, WIDTH, sizeof *furthest) + TEXT_DIFF_MOST + 1;
    for (ptrdiff_t depth = 0; depth <= TEXT_DIFF_MOST; depth++) {
        trails[depth] = arena_array(&scratch, WIDTH, sizeof **trails);
        memcpy(trails[depth], furthest - TEXT_DIFF_MOST - 1, WIDTH * sizeof **trails);
        for (ptrdiff_t k = -depth; k <= depth; k += 2) {
            ptrdiff_t from = previous_diagonal(furthest, k, depth);
            ptrdiff_t x = depth == 0 ? 0 : from > k ? furthest[from] : furthest[from] + 1;
            while (x < middle->a_count && x - k < middle->b_count && x - k >= 0 && same(middle, x, x - k))
                x++;
            furthest[k] = x;
            if (x >= middle->a_count && x - k >= middle->b_count) {
                walk_back(arena, middle, trails, depth, edits);
                reverse(edits);
                return true;
            }
        }
    }
    return false;
}

void sequence_diff(Arena *arena, size_t a_count, size_t b_count, SequenceEqual equal, const void *context,
                   SequenceEdits *edits) {
    size_t start = 0;
    while (start < a_count && start < b_count && equal(context, start, start))
        start++;
    while (a_count > start && b_count > start && equal(context, a_count - 1, b_count - 1)) {
        a_count--;
        b_count--;
    }
    if (a_count == start && b_count == start)
        return;
    Middle middle = { equal, context, start, (ptrdiff_t)(a_count - start), (ptrdiff_t)(b_count - start) };
    if (a_count > start && b_count > start && middle_diff(arena, &middle, edits))
        return;
    SequenceEdit whole = { start, a_count, start, b_count };
    ARENA_PUSH(arena, edits->items, edits->count, edits->capacity, whole);
}

/* ---- lines ---- */

typedef struct {
    const char *text;
    size_t length;
} Line;

typedef struct {
    Line *items;
    size_t count, capacity;
} Lines;

static Lines split(Arena *arena, const char *text) {
    Lines lines = { 0 };
    for (;;) {
        size_t length = strcspn(text, "\n");
        ARENA_PUSH(arena, lines.items, lines.count, lines.capacity, ((Line){ text, length }));
        if (!text[length])
            return lines;
        text += length + 1;
    }
}

typedef struct {
    Lines a, b;
} Texts;

static bool equal_lines(const void *context, size_t a, size_t b) {
    const Texts *texts = context;
    const Line *left = &texts->a.items[a], *right = &texts->b.items[b];
    return left->length == right->length && memcmp(left->text, right->text, left->length) == 0;
}

static void put_lines(Arena *arena, DiffLines *out, char sign, const Lines *from, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++)
        ARENA_PUSH(arena, out->items, out->count, out->capacity,
                   ((DiffLine){ sign, from->items[i].text, from->items[i].length }));
}

/* How many edits from `first` on stand so close that their context meets. */
static size_t piece_end(const SequenceEdits *edits, size_t first, size_t context) {
    size_t end = first + 1;
    while (end < edits->count && edits->items[end].a_from - edits->items[end - 1].a_to <= 2 * context)
        end++;
    return end;
}

static void put_piece(Arena *arena, const Texts *texts, const SequenceEdit *edits, size_t count,
                      size_t context, DiffLines *out) {
    const SequenceEdit *first = &edits[0], *last = &edits[count - 1];
    size_t before = first->a_from < context ? first->a_from : context;
    size_t left = texts->a.count - last->a_to, after = left < context ? left : context;
    const char *head = arena_printf(arena, "@@ -%zu,%zu +%zu,%zu @@", first->a_from - before + 1,
                                    last->a_to + after - (first->a_from - before), first->b_from - before + 1,
                                    last->b_to + after - (first->b_from - before));
    ARENA_PUSH(arena, out->items, out->count, out->capacity, ((DiffLine){ '@', head, strlen(head) }));
    size_t at = first->a_from - before;
    for (size_t i = 0; i < count; i++) {
        put_lines(arena, out, ' ', &texts->a, at, edits[i].a_from);
        put_lines(arena, out, '-', &texts->a, edits[i].a_from, edits[i].a_to);
        put_lines(arena, out, '+', &texts->b, edits[i].b_from, edits[i].b_to);
        at = edits[i].a_to;
    }
    put_lines(arena, out, ' ', &texts->a, at, at + after);
}

void text_diff(Arena *arena, const char *before, const char *after, size_t context, DiffLines *lines) {
    Texts texts = { split(arena, before), split(arena, after) };
    SequenceEdits edits = { 0 };
    sequence_diff(arena, texts.a.count, texts.b.count, equal_lines, &texts, &edits);
    for (size_t i = 0; i < edits.count;) {
        size_t end = piece_end(&edits, i, context);
        put_piece(arena, &texts, edits.items + i, end - i, context, lines);
        i = end;
    }
}
