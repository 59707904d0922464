#include "model/ancestry.h"

#include <string.h>

static const char MORE[] = "+";

bool lineage_has(const Lineage *lineage, const char *commit) {
    for (size_t i = 0; i < lineage->count; i++)
        if (strcmp(lineage->commits[i], commit) == 0)
            return true;
    return false;
}

void lineage_text(const Lineage *lineage, Buf *out) {
    size_t count = lineage->count < LINEAGE_MOST ? lineage->count : LINEAGE_MOST;
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s%s", i ? " " : "", lineage->commits[i]);
    if (count < lineage->count || !lineage->complete)
        buf_printf(out, "%s%s", count ? " " : "", MORE);
}

/* SHA-1 or SHA-256 in hex. */
static bool is_commit(const char *text, size_t length) {
    return (length == 40 || length == 64) && strspn(text, "0123456789abcdef") >= length;
}

Lineage lineage_parse(Arena *arena, const char *text) {
    const char **commits = NULL;
    size_t count = 0, capacity = 0;
    bool complete = true;
    while (text && *text) {
        size_t length = strcspn(text, " ");
        if (is_commit(text, length))
            ARENA_PUSH(arena, commits, count, capacity, arena_strndup(arena, text, length));
        else if (length == strlen(MORE) && strncmp(text, MORE, length) == 0)
            complete = false;
        else
            return (Lineage){ 0 };
        text += length + (text[length] == ' ');
    }
    return (Lineage){ .commits = commits, .count = count, .complete = complete && count > 0 };
}

static const char HELD[] = "rolled back to ";

void held_text(const char *commit, const char *asked, Buf *out) {
    buf_printf(out, "%s%s", HELD, commit);
    if (asked && strcmp(asked, commit) != 0)
        buf_printf(out, " (%s)", asked);
}

const char *held_commit(Arena *arena, const char *held) {
    if (!held || !str_starts(held, HELD))
        return NULL;
    const char *commit = held + strlen(HELD);
    size_t length = strcspn(commit, " ");
    return is_commit(commit, length) ? arena_strndup(arena, commit, length) : NULL;
}

Order ancestry_order(const Lineage *ours, const char *base_commit, const Lineage *base, bool held) {
    if (!base_commit || !*base_commit)
        return ORDER_FORWARD;
    if (!ours->count)
        return ORDER_UNKNOWN;
    const char *commit = ours->commits[0];
    bool within_base = strcmp(commit, base_commit) == 0 || lineage_has(base, commit);
    if (held && within_base)
        return ORDER_HELD;
    if (lineage_has(ours, base_commit))
        return ORDER_FORWARD;
    if (within_base)
        return ORDER_OLDER;
    /* A whole history of ours without the base says that the base is no ancestor; a part of it says nothing.
     */
    return ours->complete ? ORDER_DIVERGED : ORDER_UNKNOWN;
}

/* ---- distances ---- */

const char *apart_name(Apart apart) {
    static const char *const names[] = { "unknown", "same", "ahead", "behind", "diverged" };
    return names[apart];
}

/* Those of the first that the second does not have. Where the second is cut off, older ones of the first may
 * be what was cut: counting ends at the last commit they share. */
static size_t count_without(const Lineage *first, const Lineage *second, bool *at_least) {
    size_t count = 0, shared = 0;
    bool any = false;
    for (size_t i = 0; i < first->count; i++) {
        if (!lineage_has(second, first->commits[i])) {
            count++;
            continue;
        }
        shared = count;
        any = true;
    }
    *at_least |= !first->complete && !any;
    return second->complete || !any ? count : shared;
}

AncestryDistance ancestry_distance(const Lineage *ours, const char *base_commit, const Lineage *base) {
    AncestryDistance distance = { .apart = APART_UNKNOWN };
    if (!base_commit || !*base_commit || !ours->count)
        return distance;
    /* the marker may keep a commit without its lineage */
    const Lineage alone = { .commits = &base_commit, .count = 1 };
    const Lineage *theirs = base->count ? base : &alone;
    switch (ancestry_order(ours, base_commit, base, false)) {
    case ORDER_FORWARD:
        distance.apart = strcmp(ours->commits[0], base_commit) == 0 ? APART_NOT : APART_AHEAD;
        break;
    case ORDER_OLDER:
        distance.apart = APART_BEHIND;
        break;
    case ORDER_DIVERGED:
        distance.apart = APART_DIVERGED;
        break;
    case ORDER_HELD:
    case ORDER_UNKNOWN:
        return distance;
    }
    if (distance.apart == APART_AHEAD || distance.apart == APART_DIVERGED)
        distance.ahead = count_without(ours, theirs, &distance.at_least);
    if (distance.apart == APART_BEHIND || distance.apart == APART_DIVERGED)
        distance.behind = count_without(theirs, ours, &distance.at_least);
    return distance;
}
