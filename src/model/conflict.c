#include "model/conflict.h"

#include <ctype.h>
#include <string.h>

#include "model/text_diff.h"

/* Lines with their newlines. */
typedef struct {
    const char **starts; /* one more than lines */
    size_t count, capacity;
} Lines;

static Lines split(Arena *arena, const char *text) {
    Lines lines = { 0 };
    for (const char *at = text; *at; at += strcspn(at, "\n") + 1) {
        ARENA_PUSH(arena, lines.starts, lines.count, lines.capacity, at);
        if (!at[strcspn(at, "\n")])
            break;
    }
    size_t count = lines.count;
    ARENA_PUSH(arena, lines.starts, lines.count, lines.capacity, text + strlen(text));
    lines.count = count;
    return lines;
}

typedef struct {
    Lines ours, theirs;
} Versions;

static size_t line_length(const Lines *lines, size_t at) {
    return (size_t)(lines->starts[at + 1] - lines->starts[at]);
}

static bool equal_lines(const void *context, size_t a, size_t b) {
    const Versions *versions = context;
    size_t length = line_length(&versions->ours, a);
    return length == line_length(&versions->theirs, b) &&
           memcmp(versions->ours.starts[a], versions->theirs.starts[b], length) == 0;
}

static void put_lines(Buf *out, const Lines *lines, size_t from, size_t to) {
    const char *start = lines->starts[from], *end = lines->starts[to];
    buf_append(out, start, (size_t)(end - start));
    if (end > start && end[-1] != '\n')
        buf_putc(out, '\n');
}

void conflict_put_mark(Buf *out, char byte, size_t size, const char *label) {
    for (size_t i = 0; i < size; i++)
        buf_putc(out, byte);
    if (label)
        buf_printf(out, " %s", label);
    buf_putc(out, '\n');
}

static bool says_nothing(const Lines *lines, size_t from, size_t to) {
    for (const char *at = lines->starts[from]; at < lines->starts[to]; at++)
        if (isalnum((unsigned char)*at))
            return false;
    return true;
}

/* Two conflicts with nothing but brackets between them are one for whoever has to read them. */
static size_t join_close(const Lines *ours, SequenceEdit *edits, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        SequenceEdit *last = kept ? &edits[kept - 1] : NULL;
        if (last && says_nothing(ours, last->a_to, edits[i].a_from)) {
            last->a_to = edits[i].a_to;
            last->b_to = edits[i].b_to;
        } else {
            edits[kept++] = edits[i];
        }
    }
    return kept;
}

size_t conflict_put(const char *ours, const char *theirs, const ConflictMarks *marks, Buf *out) {
    AUTO(Arena) arena = { 0 };
    Versions versions = { split(&arena, ours), split(&arena, theirs) };
    SequenceEdits edits = { 0 };
    sequence_diff(&arena, versions.ours.count, versions.theirs.count, equal_lines, &versions, &edits);
    size_t count = join_close(&versions.ours, edits.items, edits.count), at = 0;
    for (size_t i = 0; i < count; i++) {
        const SequenceEdit *edit = &edits.items[i];
        put_lines(out, &versions.ours, at, edit->a_from);
        conflict_put_mark(out, '<', marks->size, marks->ours);
        put_lines(out, &versions.ours, edit->a_from, edit->a_to);
        conflict_put_mark(out, '=', marks->size, NULL);
        put_lines(out, &versions.theirs, edit->b_from, edit->b_to);
        conflict_put_mark(out, '>', marks->size, marks->theirs);
        at = edit->a_to;
    }
    put_lines(out, &versions.ours, at, versions.ours.count);
    return count;
}

void conflict_put_whole(const char *ours, const char *theirs, const ConflictMarks *marks, Buf *out) {
    conflict_put_mark(out, '<', marks->size, marks->ours);
    buf_puts(out, ours);
    conflict_put_mark(out, '=', marks->size, NULL);
    buf_puts(out, theirs);
    conflict_put_mark(out, '>', marks->size, marks->theirs);
}
