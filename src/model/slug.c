#include "model/slug.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/digest.h"

enum { LONGEST = 64, SHORT_SUFFIX = 8 };

static bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* Names Windows gives to devices, with any extension: con, con.txt, com1. */
static bool is_reserved(const char *slug) {
    static const char *const names[] = { "con", "prn", "aux", "nul" };
    size_t length = strcspn(slug, ".");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (length == 3 && memcmp(slug, names[i], 3) == 0)
            return true;
    return length == 4 && (memcmp(slug, "com", 3) == 0 || memcmp(slug, "lpt", 3) == 0) && slug[3] >= '0' &&
           slug[3] <= '9';
}

/* The readable part: what of the name every file system can hold. At most LONGEST bytes. */
static void fold(Buf *slug, const char *name) {
    for (const char *c = name; *c && slug->length < LONGEST; c++) {
        char last = slug->length ? slug->data[slug->length - 1] : '\0';
        char folded = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
        if (is_plain(folded))
            buf_putc(slug, folded);
        else if (folded == '.' && is_plain(last) && c[1] && c[1] != '.')
            buf_putc(slug, '.');
        else if (last && last != '-')
            buf_putc(slug, '-');
    }
}

static void trim(Buf *slug) {
    while (slug->length > 0 && strchr("-.", slug->data[slug->length - 1]))
        slug->length--;
}

/* The slug with the first `suffix` hex digits of the key's digest behind it, or without when 0. */
static const char *slug_with(Arena *arena, const char *name, const char *key, size_t suffix) {
    AUTO(Buf) slug = { 0 };
    fold(&slug, name);
    bool lost = strcmp(buf_text(&slug), name) != 0;
    bool reserved = is_reserved(buf_text(&slug));
    if ((lost || reserved || slug.length == 0) && suffix < SHORT_SUFFIX)
        suffix = SHORT_SUFFIX;
    if (lost)
        trim(&slug);
    /* Windows looks at what stands before the first dot. */
    char *dot = reserved && slug.data ? memchr(slug.data, '.', slug.length) : NULL;
    if (dot)
        *dot = '-';
    if (suffix > 0) {
        char hex[DIGEST_HEX];
        digest_of(key, strlen(key), hex);
        if (slug.length > 0)
            buf_putc(&slug, '-');
        buf_append(&slug, hex, suffix);
    }
    return arena_strndup(arena, buf_text(&slug), slug.length);
}

const char *slug_make(Arena *arena, const char *name, const char *key) {
    return slug_with(arena, name, key, 0);
}

const char *slug_stem(Arena *arena, const char *name) {
    AUTO(Buf) slug = { 0 };
    fold(&slug, name);
    trim(&slug);
    return arena_strndup(arena, buf_text(&slug), slug.length);
}

typedef struct {
    const char *slug;
    size_t index;
    size_t suffix;
} Candidate;

static int compare_candidates(const void *a, const void *b) {
    const Candidate *left = a;
    const Candidate *right = b;
    return strcmp(left->slug, right->slug);
}

static bool same_slug(const Candidate *a, const Candidate *b) {
    return strcmp(a->slug, b->slug) == 0;
}

/* Sorts, and gives each of those that collide a longer suffix. False when none did. */
static bool lengthen_collisions(Arena *arena, Candidate *candidates, size_t count, const char *const *names,
                                const char *const *keys) {
    bool collided = false;
    qsort(candidates, count, sizeof *candidates, compare_candidates);
    for (size_t start = 0, end; start < count; start = end) {
        for (end = start + 1; end < count && same_slug(&candidates[start], &candidates[end]);)
            end++;
        for (size_t i = start; end - start > 1 && i < end; i++) {
            Candidate *candidate = &candidates[i];
            if (candidate->suffix + SHORT_SUFFIX >= DIGEST_HEX)
                continue;
            candidate->suffix += SHORT_SUFFIX;
            candidate->slug =
                slug_with(arena, names[candidate->index], keys[candidate->index], candidate->suffix);
            collided = true;
        }
    }
    return collided;
}

void slug_assign(Arena *arena, const char *const *names, const char *const *keys, size_t count,
                 const char **out) {
    Candidate *candidates = arena_array(arena, count, sizeof *candidates);
    for (size_t i = 0; i < count; i++)
        candidates[i] = (Candidate){ .slug = slug_make(arena, names[i], keys[i]), .index = i };
    while (count > 1 && lengthen_collisions(arena, candidates, count, names, keys)) {
    }
    for (size_t i = 0; i < count; i++)
        out[candidates[i].index] = candidates[i].slug;
}
