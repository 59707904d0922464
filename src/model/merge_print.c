#include "model/merge_print.h"

#include <string.h>

#include "model/conceal.h"
#include "model/plan_view.h"
#include "model/show.h"

enum { LONGEST_VALUE = 80 };

void merge_put_head(const MergeEntry *entry, Buf *out) {
    Change change = { .type = entry->type,
                      .label = entry->names.label,
                      .parent = entry->names.parent,
                      .parent_id = entry->names.parent_id,
                      .name = entry->names.name,
                      .id = entry->id };
    plan_view_head(&change, out);
}

Json merge_shown(Arena *arena, const MergeConflict *conflict, const Json *value) {
    const char *slash = strrchr(conflict->pointer, '/');
    return value ? conceal(arena, slash ? slash + 1 : NULL, NULL, value) : json_null();
}

static void put_side(const char *side, const MergeConflict *conflict, const Json *value, Buf *out) {
    AUTO(Arena) arena = { 0 };
    buf_printf(out, " %s ", side);
    if (!value) {
        buf_puts(out, "none");
        return;
    }
    if (!*conflict->pointer) { /* a whole record says nothing in a line */
        buf_puts(out, "there");
        return;
    }
    Json shown = merge_shown(&arena, conflict, value);
    show_value(out, &shown, LONGEST_VALUE);
}

void merge_put_conflict(const char *kind, const char *label, const MergeConflict *conflict, Buf *out) {
    if (kind) {
        show_name(out, kind);
        buf_putc(out, ' ');
        show_name(out, label);
        buf_puts(out, ": ");
    }
    if (*conflict->pointer) {
        show_text(out, conflict->pointer + 1, strlen(conflict->pointer + 1));
        buf_putc(out, ':');
    } else {
        buf_puts(out, "deleted on one side, changed on the other:");
    }
    put_side("was", conflict, conflict->base, out);
    buf_putc(out, ',');
    put_side("files", conflict, conflict->ours, out);
    buf_putc(out, ',');
    put_side("instance", conflict, conflict->theirs, out);
}

void merge_put_conflicts(const MergeEntry *entry, const char *indent, Buf *out) {
    for (size_t i = 0; i < entry->conflict_count; i++) {
        buf_puts(out, indent);
        merge_put_head(entry, out);
        buf_puts(out, ": ");
        merge_put_conflict(NULL, NULL, &entry->conflicts[i], out);
        buf_putc(out, '\n');
    }
}
