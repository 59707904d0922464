#include "base/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { LONGEST = 63 };

static size_t least(size_t a, size_t b, size_t c) {
    size_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

static int letter(char c) {
    return tolower((unsigned char)c);
}

/* Optimal string alignment: insert, delete, replace, swap neighbours. Rows of the table in turn. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    size_t table[3][LONGEST + 1];
    for (size_t j = 0; j <= b_length; j++)
        table[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = table[i % 3];
        const size_t *last = table[(i - 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            bool same = letter(a[i - 1]) == letter(b[j - 1]);
            row[j] = least(last[j] + 1, row[j - 1] + 1, last[j - 1] + !same);
            bool swapped = i > 1 && j > 1 && letter(a[i - 1]) == letter(b[j - 2]) &&
                           letter(a[i - 2]) == letter(b[j - 1]);
            if (swapped && table[(i - 2) % 3][j - 2] + 1 < row[j])
                row[j] = table[(i - 2) % 3][j - 2] + 1;
        }
    }
    return table[a_length % 3][b_length];
}

const char *nearest_name(const char *name, const char *const *names, size_t count) {
    size_t length = strlen(name);
    if (length > LONGEST)
        return NULL;
    const char *nearest = NULL;
    size_t best = length / 3 + 2;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(names[i]);
        if (other > LONGEST)
            continue;
        size_t edits = distance(name, length, names[i], other);
        /* Of very short names only a slip of one letter can be told from another word. */
        if (edits < best && edits <= (other > 3 ? other / 3 : 1)) {
            best = edits;
            nearest = names[i];
        }
    }
    return nearest;
}
