/* Telling what was drawn by lot from what people and programs write. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "model/secret_shapes.h"

/*
 * Pairs of letters that are frequent in words (English ones and the names programs are made of), a bit each:
 * "th", "he", "in" … . In random letters one pair in four is among them, in words four in five.
 */
static const uint32_t common_pairs[26] = {
    ['a' - 'a'] = 0x12EB94E, ['b' - 'a'] = 0x1124911, ['c' - 'a'] = 0x01A4D91, ['d' - 'a'] = 0x0144111,
    ['e' - 'a'] = 0x1AEB97D, ['f' - 'a'] = 0x0024131, ['g' - 'a'] = 0x0024191, ['h' - 'a'] = 0x0084111,
    ['i' - 'a'] = 0x02E787D, ['j' - 'a'] = 0x0000000, ['k' - 'a'] = 0x0000010, ['l' - 'a'] = 0x11C4919,
    ['m' - 'a'] = 0x000C111, ['n' - 'a'] = 0x00C415D, ['o' - 'a'] = 0x07EF82C, ['p' - 'a'] = 0x00AC911,
    ['q' - 'a'] = 0x0100000, ['r' - 'a'] = 0x11C711D, ['s' - 'a'] = 0x01CC195, ['t' - 'a'] = 0x11E4191,
    ['u' - 'a'] = 0x00EB857, ['v' - 'a'] = 0x0000111, ['w' - 'a'] = 0x0004191, ['x' - 'a'] = 0x0000000,
    ['y' - 'a'] = 0x0000000, ['z' - 'a'] = 0x0000000,
};

static bool common_pair(int a, int b) {
    return common_pairs[a] >> b & 1;
}

/* What is counted of a token in one walk. */
typedef struct {
    size_t counts[256];
    size_t upper, lower, digits, others, distinct;
    size_t changes;         /* neighbours of different classes */
    size_t letters, common; /* pairs of letters, and those frequent in words */
    size_t steps;           /* neighbours that follow each other in the alphabet, or are the same */
    bool hex;
} Tally;

static int letter_of(char byte) {
    return byte >= 'a' && byte <= 'z' ? byte - 'a' : byte >= 'A' && byte <= 'Z' ? byte - 'A' : -1;
}

static void tally_of(const char *text, size_t length, Tally *tally) {
    enum { CLASSES = BYTE_UPPER | BYTE_LOWER | BYTE_DIGIT };
    *tally = (Tally){ .hex = true };
    for (size_t i = 0; i < length; i++) {
        unsigned class = byte_class[(unsigned char)text[i]];
        tally->distinct += tally->counts[(unsigned char)text[i]]++ == 0;
        tally->upper += (class & BYTE_UPPER) != 0;
        tally->lower += (class & BYTE_LOWER) != 0;
        tally->digits += (class & BYTE_DIGIT) != 0;
        tally->others += (class & CLASSES) == 0;
        tally->hex &= (class & BYTE_HEX) != 0;
        if (i == 0)
            continue;
        unsigned before = byte_class[(unsigned char)text[i - 1]];
        tally->changes += (class & CLASSES) != (before & CLASSES);
        tally->steps += text[i] - text[i - 1] == 1 || text[i] == text[i - 1];
        int a = letter_of(text[i - 1]), b = letter_of(text[i]);
        if (a >= 0 && b >= 0) {
            tally->letters++;
            tally->common += common_pair(a, b);
        }
    }
}

/* Bits a character, of the characters as they occur. */
static double entropy(const Tally *tally, size_t length) {
    double bits = 0;
    for (size_t i = 0; i < 256; i++)
        if (tally->counts[i])
            bits -= (double)tally->counts[i] * log2((double)tally->counts[i] / (double)length);
    return bits / (double)length;
}

bool looks_like_example(const char *text, size_t length) {
    static const char *const words[] = {
        "EXAMPLE", "example", "xxxxxx", "XXXXXX", "YOUR_", "your_", "your-"
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (memmem(text, length, words[i], strlen(words[i])))
            return true;
    Tally tally;
    tally_of(text, length, &tally);
    return length >= 8 && (tally.distinct <= 3 || tally.steps * 2 >= length);
}

static bool random_hex(const Tally *tally, size_t length) {
    bool one_case = !tally->upper || !tally->lower;
    return length >= 32 && one_case && tally->digits >= 4 && tally->upper + tally->lower >= 3 &&
           tally->distinct >= 9;
}

bool looks_random(const char *text, size_t length) {
    enum { SHORTEST = 20 };
    if (length < SHORTEST)
        return false;
    Tally tally;
    tally_of(text, length, &tally);
    if (tally.steps * 3 >= length)
        return false;
    if (tally.hex)
        return random_hex(&tally, length);
    if (tally.others * 6 > length || tally.digits * 10 > length * 7)
        return false;
    double wanted = 0.75 * log2((double)length);
    if (entropy(&tally, length) < (wanted < 4.0 ? wanted : 4.0) || tally.common * 20 > tally.letters * 12)
        return false;
    bool mixed = tally.upper && tally.lower;
    if (tally.digits == 0)
        return mixed && tally.changes * 3 > length && tally.common * 20 < tally.letters * 9;
    return tally.changes * 6 > length;
}
