#include "cli/drift_report.h"

#include <inttypes.h>

#include "cli/report.h"
#include "model/merge_print.h"
#include "model/show.h"

/* Who changed a record. */
typedef enum { BY_INSTANCE, BY_FILES, BY_BOTH, BY_BOTH_DIFFERENTLY, BY_COUNT } By;

static By by_of(const MergeEntry *entry) {
    if (entry->conflict_count)
        return BY_BOTH_DIFFERENTLY;
    if (entry->ours == SIDE_SAME)
        return BY_INSTANCE;
    return entry->theirs == SIDE_SAME ? BY_FILES : BY_BOTH;
}

static const char *const by_names[] = { "instance", "files", "both", "conflict" };
static const char *const by_titles[] = { "changed on the instance since the last import",
                                         "changed in the files since the last import", "changed on both",
                                         "changed on both, differently" };

static size_t count_by(const Merge *merge, By by) {
    size_t count = 0;
    for (size_t i = 0; i < merge->count; i++)
        count += by_of(&merge->entries[i]) == by;
    return count;
}

/* ---- text ---- */

static char sign_of(const MergeEntry *entry) {
    SideChange change = entry->theirs != SIDE_SAME ? entry->theirs : entry->ours;
    return change == SIDE_CREATED ? '+' : change == SIDE_DELETED ? '-' : '~';
}

static void put_records(const DriftResult *drift, By by, Buf *out) {
    const Merge *merge = &drift->merge;
    if (!count_by(merge, by))
        return;
    buf_printf(out, "%s\n", drift->base ? by_titles[by] : "different on the instance");
    for (size_t i = 0; i < merge->count; i++) {
        const MergeEntry *entry = &merge->entries[i];
        if (by_of(entry) != by)
            continue;
        buf_printf(out, "  %c ", sign_of(entry));
        merge_put_head(entry, out);
        buf_puts(out, by == BY_BOTH && entry->equal ? " (alike)\n" : "\n");
        merge_put_conflicts(entry, "      ", out);
    }
}

static void put_rows(const DriftResult *drift, Buf *out) {
    for (size_t i = 0; i < drift->rows.row_count; i++) {
        const RowMerge *rows = &drift->rows.rows[i];
        if (!(rows->theirs || rows->ours || rows->both || rows->conflicts))
            continue;
        buf_puts(out, "rows of ");
        show_name(out, rows->collection);
        buf_printf(out, ": %" PRIu64 " %s", rows->theirs,
                   drift->base ? "changed on the instance" : "different on the instance");
        if (drift->base)
            buf_printf(out, ", %" PRIu64 " in the files, %" PRIu64 " on both, %" PRIu64 " differently",
                       rows->ours, rows->both, rows->conflicts);
        buf_putc(out, '\n');
    }
    for (size_t i = 0; i < drift->rows.shown; i++)
        buf_printf(out, "  %s\n", drift->rows.conflicts[i]);
}

static void put_renames(const Renames *renames, Buf *out) {
    if (renames->count)
        buf_puts(out, "to be renamed by the next import\n");
    for (size_t i = 0; i < renames->count; i++) {
        buf_puts(out, "  > ");
        rename_put(&renames->items[i], out);
        buf_putc(out, '\n');
    }
}

static const char *verdict_of(const DriftResult *drift) {
    const Merge *merge = &drift->merge;
    bool alike = false;
    for (size_t i = 0; i < merge->count; i++)
        alike |= merge->entries[i].theirs != SIDE_SAME && merge->entries[i].equal;
    return drift->drifted ? "the instance was changed"
           : alike        ? "the instance was changed as the files were, not otherwise,"
                          : "the instance was not changed";
}

void drift_put_text(const DriftResult *drift, Buf *out) {
    put_renames(&drift->renames, out);
    for (By by = 0; by < BY_COUNT; by++)
        put_records(drift, by, out);
    put_rows(drift, out);
    buf_puts(out, "drift     ");
    if (drift->base)
        buf_printf(out, "%s since commit %.12s\n", verdict_of(drift), drift->base);
    else
        buf_printf(out, "the instance %s the files; who changed what is unknown: %s\n",
                   drift->drifted ? "differs from" : "matches", drift->why);
}

/* ---- JSON ---- */

static Json conflicts_json(Arena *arena, const MergeEntry *entry) {
    JsonArrayBuilder list = json_array_builder(arena);
    for (size_t i = 0; i < entry->conflict_count; i++) {
        const MergeConflict *conflict = &entry->conflicts[i];
        JsonObjectBuilder one = json_object_builder(arena);
        report_put_text(&one, "pointer", conflict->pointer);
        json_object_put(&one, "applied", merge_shown(arena, conflict, conflict->base));
        json_object_put(&one, "files", merge_shown(arena, conflict, conflict->ours));
        json_object_put(&one, "instance", merge_shown(arena, conflict, conflict->theirs));
        json_array_add(&list, json_object_done(&one));
    }
    return json_array_done(&list);
}

static Json record_json(Arena *arena, const MergeEntry *entry) {
    JsonObjectBuilder one = json_object_builder(arena);
    report_put_text(&one, "type", catalog_row(entry->type)->name);
    report_put_text(&one, "id", entry->id);
    report_put_text(&one, "label", entry->names.label);
    report_put_text(&one, "by", by_names[by_of(entry)]);
    report_put_text(&one, "files", side_change_name(entry->ours));
    report_put_text(&one, "instance", side_change_name(entry->theirs));
    json_object_put(&one, "conflicts", conflicts_json(arena, entry));
    return json_object_done(&one);
}

static Json rename_json(Arena *arena, const Rename *rename) {
    JsonObjectBuilder one = json_object_builder(arena);
    report_put_text(&one, "collection", rename->collection);
    report_put_text(&one, "field", rename->field);
    report_put_text(&one, "to", rename->to);
    return json_object_done(&one);
}

static Json rows_json(Arena *arena, const RowMerge *rows) {
    JsonObjectBuilder one = json_object_builder(arena);
    report_put_text(&one, "collection", rows->collection);
    report_put_count(&one, "instance", rows->theirs);
    report_put_count(&one, "files", rows->ours);
    report_put_count(&one, "both", rows->both);
    report_put_count(&one, "conflict", rows->conflicts);
    return json_object_done(&one);
}

Json drift_json(Arena *arena, const DriftResult *drift) {
    JsonObjectBuilder object = json_object_builder(arena);
    JsonArrayBuilder records = json_array_builder(arena), rows = json_array_builder(arena);
    JsonArrayBuilder renames = json_array_builder(arena);
    for (size_t i = 0; i < drift->renames.count; i++)
        json_array_add(&renames, rename_json(arena, &drift->renames.items[i]));
    for (size_t i = 0; i < drift->merge.count; i++)
        json_array_add(&records, record_json(arena, &drift->merge.entries[i]));
    for (size_t i = 0; i < drift->rows.row_count; i++)
        json_array_add(&rows, rows_json(arena, &drift->rows.rows[i]));
    json_object_put(&object, "drifted", json_bool(drift->drifted));
    report_put_text(&object, "base", drift->base);
    report_put_text(&object, "why_no_base", drift->why);
    json_object_put(&object, "renames", json_array_done(&renames));
    json_object_put(&object, "records", json_array_done(&records));
    json_object_put(&object, "rows", json_array_done(&rows));
    return json_object_done(&object);
}
