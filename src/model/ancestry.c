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
