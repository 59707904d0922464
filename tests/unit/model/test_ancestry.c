/* Order by ancestry: every answer, and a random history in which the answers must agree with reachability. */
#include <string.h>

#include "unit/unit.h"

#include "model/ancestry.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccc"
#define D "dddddddddddddddddddddddddddddddddddddddd"

static void answers(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    const struct {
        const char *ours, *base;
        bool held;
        Order order;
    } cases[] = {
        { C " " B " " A, "", false, ORDER_FORWARD },
        { "", "", false, ORDER_FORWARD },
        { C " " B " " A, A, false, ORDER_FORWARD },
        { C " " B " " A, C " " B " " A, false, ORDER_FORWARD },
        { A, C " " B " " A, false, ORDER_OLDER },
        { D " " A, C " " B " " A, false, ORDER_DIVERGED },
        { D " " A, C " " B " +", false, ORDER_DIVERGED },
        { D " +", C " " B " " A, false, ORDER_UNKNOWN },
        { "", C " " B " " A, false, ORDER_UNKNOWN },
        { "+", C, false, ORDER_UNKNOWN },
        { A " +", C " " B " " A, false, ORDER_OLDER },
        { C " +", B " " A, false, ORDER_UNKNOWN },
        { C " " B " " A, C " " B " " A, true, ORDER_HELD },
        { B " " A, C " " B " " A, true, ORDER_HELD },
        { D " " C " " B " " A, C " " B " " A, true, ORDER_FORWARD },
        { D " " A, C " " B " " A, true, ORDER_DIVERGED },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Lineage ours = lineage_parse(&arena, cases[i].ours), base = lineage_parse(&arena, cases[i].base);
        const char *commit = base.count ? base.commits[0] : NULL;
        print_message("case %zu\n", i);
        assert_int_equal(ancestry_order(&ours, commit, &base, cases[i].held), cases[i].order);
    }
}

static void a_base_whose_lineage_is_not_known(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    Lineage none = { 0 };
    Lineage ours = lineage_parse(&arena, C " " B);
    assert_int_equal(ancestry_order(&ours, B, &none, false), ORDER_FORWARD);
    assert_int_equal(ancestry_order(&ours, A, &none, false), ORDER_DIVERGED);
}

static void what_a_rollback_says(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) plain = { 0 };
    AUTO(Buf) tagged = { 0 };
    held_text(A, A, &plain);
    held_text(B, "v1.2.1", &tagged);
    assert_string_equal(buf_text(&plain), "rolled back to " A);
    assert_string_equal(buf_text(&tagged), "rolled back to " B " (v1.2.1)");
    assert_string_equal(held_commit(&arena, buf_text(&plain)), A);
    assert_string_equal(held_commit(&arena, buf_text(&tagged)), B);
    const char *const none[] = { "", "rolled back to first", "rolled back to ", A,
                                 "rolled back to aaaa (" A ")" };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_null(held_commit(&arena, none[i]));
    assert_null(held_commit(&arena, NULL));
}

static void texts(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    const char *const good[] = { A, A " " B, A " " B " +", "+" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        AUTO(Buf) text = { 0 };
        Lineage lineage = lineage_parse(&arena, good[i]);
        lineage_text(&lineage, &text);
        assert_string_equal(buf_text(&text), good[i]);
    }
    const char *const bad[] = { "x", A "  " B,
                                A " "
                                  "b",
                                A "," B, NULL };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Lineage lineage = lineage_parse(&arena, bad[i]);
        assert_int_equal(lineage.count, 0);
        assert_false(lineage.complete);
    }
}

static void long_ones_are_cut(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) text = { 0 };
    enum { MANY = LINEAGE_MOST + 1 };
    const char **commits = arena_array(&arena, MANY, sizeof *commits);
    for (size_t i = 0; i < MANY; i++)
        commits[i] = arena_printf(&arena, "%040zx", i);
    Lineage whole = { commits, MANY, true };
    lineage_text(&whole, &text);
    Lineage cut = lineage_parse(&arena, buf_text(&text));
    assert_int_equal(cut.count, LINEAGE_MOST);
    assert_false(cut.complete);
    assert_string_equal(cut.commits[LINEAGE_MOST - 1], commits[LINEAGE_MOST - 1]);
}

/* ---- a random history ---- */

enum { COMMITS = 40, HISTORIES = 50 };

typedef struct {
    bool reaches[COMMITS][COMMITS]; /* [a][b]: b is a or an ancestor of a */
    const char *names[COMMITS];
} History;

static unsigned next_random(unsigned *seed) {
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

/* One parent or two, from among those before. */
static void make_history(Arena *arena, History *history, unsigned *seed) {
    memset(history->reaches, 0, sizeof history->reaches);
    for (unsigned i = 0; i < COMMITS; i++) {
        history->names[i] = arena_printf(arena, "%040x", i);
        history->reaches[i][i] = true;
        for (unsigned parents = i ? 1 + next_random(seed) % 2 : 0; parents; parents--) {
            unsigned parent = next_random(seed) % i;
            for (unsigned j = 0; j < COMMITS; j++)
                history->reaches[i][j] |= history->reaches[parent][j];
        }
    }
}

static Lineage lineage_of(Arena *arena, const History *history, unsigned commit) {
    const char **commits = arena_array(arena, COMMITS, sizeof *commits);
    size_t count = 0;
    for (unsigned i = commit + 1; i-- > 0;)
        if (history->reaches[commit][i])
            commits[count++] = history->names[i];
    return (Lineage){ commits, count, true };
}

static void agrees_with_reachability(void **state) {
    (void)state;
    unsigned seed = 7;
    for (int round = 0; round < HISTORIES; round++) {
        AUTO(Arena) arena = { 0 };
        History history;
        make_history(&arena, &history, &seed);
        for (unsigned a = 0; a < COMMITS; a++)
            for (unsigned b = 0; b < COMMITS; b++) {
                Lineage ours = lineage_of(&arena, &history, a), base = lineage_of(&arena, &history, b);
                Order expected = history.reaches[a][b]   ? ORDER_FORWARD
                                 : history.reaches[b][a] ? ORDER_OLDER
                                                         : ORDER_DIVERGED;
                assert_int_equal(ancestry_order(&ours, history.names[b], &base, false), expected);
            }
    }
}

static void distances(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    const struct {
        const char *ours, *base;
        Apart apart;
        size_t ahead, behind;
        bool at_least;
    } cases[] = {
        { C " " B " " A, C " " B " " A, APART_NOT, 0, 0, false },
        { C " " B " " A, A, APART_AHEAD, 2, 0, false },
        { C " " B " " A, A " +", APART_AHEAD, 2, 0, false },
        { A, C " " B " " A, APART_BEHIND, 0, 2, false },
        { A " +", C " " B " " A " +", APART_BEHIND, 0, 2, false },
        { D " " A, C " " B " " A, APART_DIVERGED, 1, 2, false },
        /* a merge: what came with the other branch counts, too, wherever it stands in the list */
        { D " " B " " C " " A, B " " A, APART_AHEAD, 2, 0, false },
        /* what they share may be older than what the marker keeps */
        { D " " A, C " " B " +", APART_DIVERGED, 2, 2, true },
        { D " +", C " " B " " A, APART_UNKNOWN, 0, 0, false },
        { "", C, APART_UNKNOWN, 0, 0, false },
        { C, "", APART_UNKNOWN, 0, 0, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Lineage ours = lineage_parse(&arena, cases[i].ours), base = lineage_parse(&arena, cases[i].base);
        AncestryDistance distance = ancestry_distance(&ours, base.count ? base.commits[0] : NULL, &base);
        if (distance.apart != cases[i].apart || distance.ahead != cases[i].ahead ||
            distance.behind != cases[i].behind || distance.at_least != cases[i].at_least)
            fail_msg("case %zu: %s, %zu ahead, %zu behind, %d", i, apart_name(distance.apart), distance.ahead,
                     distance.behind, distance.at_least);
    }
    /* the marker of an image without lineage names its commit alone */
    Lineage ours = lineage_parse(&arena, C " " B " " A), none = { 0 };
    AncestryDistance distance = ancestry_distance(&ours, A, &none);
    assert_int_equal(distance.apart, APART_AHEAD);
    assert_int_equal(distance.ahead, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances),
        cmocka_unit_test(answers),
        cmocka_unit_test(a_base_whose_lineage_is_not_known),
        cmocka_unit_test(what_a_rollback_says),
        cmocka_unit_test(texts),
        cmocka_unit_test(long_ones_are_cut),
        cmocka_unit_test(agrees_with_reachability),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
