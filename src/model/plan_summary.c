#include "model/plan_summary.h"

#include <inttypes.h>
#include <string.h>

#include "model/plan_view.h"
#include "model/show.h"

static const char signs[] = { [CHANGE_CREATE] = '+', [CHANGE_UPDATE] = '~', [CHANGE_DELETE] = '-' };

static ChangeKind kind_of(const ViewGroup *group) {
    return group->own ? group->own->kind : CHANGE_UPDATE;
}

static uint64_t rows_in(const RowPlan *rows) {
    return rows->created + rows->updated + rows->deleted;
}

static bool differ(const RowPlan *rows) {
    return rows_in(rows) || rows->uncounted;
}

static ChangeKind kind_of_rows(const RowPlan *rows) {
    uint64_t all = rows_in(rows);
    return rows->uncounted        ? rows->files
           : rows->created == all ? CHANGE_CREATE
           : rows->deleted == all ? CHANGE_DELETE
                                  : CHANGE_UPDATE;
}

/* ---- one line ---- */

static void put_count(Buf *out, bool first, size_t count, const CatalogRow *row) {
    const char *name = count == 1 || row->singleton ? row->singular : row->name;
    buf_puts(out, first ? "" : ", ");
    if (!row->singleton)
        buf_printf(out, "%zu ", count);
    for (; *name; name++)
        buf_putc(out, *name == '_' ? ' ' : *name);
}

static bool put_row_counts(const Plan *plan, ChangeKind kind, bool first, Buf *out) {
    const RowPlan *only = NULL;
    uint64_t count = 0;
    size_t collections = 0;
    bool counted = true;
    for (size_t i = 0; i < plan->row_count; i++) {
        const RowPlan *rows = &plan->rows[i];
        if (!differ(rows) || kind_of_rows(rows) != kind)
            continue;
        only = rows;
        count += rows_in(rows);
        counted &= !rows->uncounted;
        collections++;
    }
    if (!only)
        return false;
    buf_puts(out, first ? "" : ", ");
    if (counted)
        buf_printf(out, "%" PRIu64 " ", count);
    buf_printf(out, "row%s of ", counted && count == 1 ? "" : "s");
    if (collections == 1)
        show_name(out, only->collection);
    else
        buf_printf(out, "%zu collections", collections);
    return true;
}

/* "2 collections, 1 flow" of one kind of change; false when there is none. */
static bool put_kind(const Plan *plan, const PlanView *view, ChangeKind kind, Buf *out) {
    bool any = false;
    for (size_t i = 0; i < view->count; i++) {
        const ViewSection *section = &view->sections[i];
        size_t count = 0;
        for (size_t g = 0; g < section->group_count; g++)
            count += kind_of(&section->groups[g]) == kind;
        if (!count)
            continue;
        put_count(out, !any, count, catalog_row(section->type));
        any = true;
    }
    return put_row_counts(plan, kind, !any, out) || any;
}

/* "1 collection, 2 fields renamed" */
static bool put_renames(const Plan *plan, Buf *out) {
    size_t fields = 0;
    for (size_t i = 0; i < plan->renames.count; i++)
        fields += plan->renames.items[i].field != NULL;
    size_t collections = plan->renames.count - fields;
    if (collections)
        put_count(out, true, collections, catalog_row(TYPE_COLLECTIONS));
    if (fields)
        put_count(out, !collections, fields, catalog_row(TYPE_FIELDS));
    if (plan->renames.count)
        buf_puts(out, " renamed");
    return plan->renames.count > 0;
}

void plan_summary(const Plan *plan, Buf *out) {
    static const char *const verbs[] = { "added", "changed", "removed" };
    AUTO(Arena) arena = { 0 };
    PlanView view;
    plan_view(&arena, plan, &view);
    bool any = put_renames(plan, out);
    for (ChangeKind kind = CHANGE_CREATE; kind <= CHANGE_DELETE; kind++) {
        AUTO(Buf) text = { 0 };
        if (!put_kind(plan, &view, kind, &text))
            continue;
        buf_printf(out, "%s%s %s", any ? "; " : "", buf_text(&text), verbs[kind]);
        any = true;
    }
}

/* ---- a line a record ---- */

/* A word of what is in a record; more would make a line nobody reads. */
enum { PARTS_SHOWN = 8, MEMBERS_SHOWN = 6 };

static void put_members(const Change *change, Buf *out) {
    uint32_t count = change->patch ? change->patch->count : 0;
    for (uint32_t i = 0; i < count && i < MEMBERS_SHOWN; i++) {
        const char *key = change->patch->as.members[i].key;
        buf_puts(out, i ? ", " : "");
        show_text(out, key, strlen(key));
    }
    if (count > MEMBERS_SHOWN)
        buf_printf(out, ", … %" PRIu32 " more", count - MEMBERS_SHOWN);
}

static void put_part(const Change *part, Buf *out) {
    buf_printf(out, "%c %s ", signs[part->kind], catalog_row(part->type)->singular);
    show_name(out, part->name ? part->name : part->label);
    if (!part->patch || !part->patch->count)
        return;
    buf_puts(out, " (");
    put_members(part, out);
    buf_putc(out, ')');
}

static void put_group_head(const ViewSection *section, const ViewGroup *group, Buf *out) {
    if (group->own) {
        plan_view_head(group->own, out);
    } else {
        buf_printf(out, "%s ", catalog_row(section->type)->singular);
        if (catalog_is_schema(section->type))
            show_name(out, group->label);
        else
            show_quoted(out, group->label);
    }
    if (group->along[0].count) {
        buf_puts(out, " (");
        plan_view_along(section->type, group->along, out);
        buf_putc(out, ')');
    }
}

static void put_group(const ViewSection *section, const ViewGroup *group, Buf *out) {
    bool members = group->own && group->own->patch && group->own->patch->count;
    buf_printf(out, "%c ", signs[kind_of(group)]);
    put_group_head(section, group, out);
    if (members) {
        buf_puts(out, ": ");
        put_members(group->own, out);
    }
    for (size_t i = 0; i < group->part_count && i < PARTS_SHOWN; i++) {
        buf_puts(out, i || members ? "; " : ": ");
        put_part(group->parts[i], out);
    }
    if (group->part_count > PARTS_SHOWN)
        buf_printf(out, "; … %zu more", group->part_count - PARTS_SHOWN);
    buf_putc(out, '\n');
}

static void put_rows(const RowPlan *rows, Buf *out) {
    static const char *const words[] = { "created", "updated", "deleted" };
    const uint64_t counts[] = { rows->created, rows->updated, rows->deleted };
    const char *between = ": ";
    buf_printf(out, "%c rows of ", signs[kind_of_rows(rows)]);
    show_name(out, rows->collection);
    for (size_t i = 0; i < 3; i++) {
        if (!counts[i])
            continue;
        buf_printf(out, "%s%" PRIu64 " %s", between, counts[i], words[i]);
        between = ", ";
    }
    buf_putc(out, '\n');
}

void plan_summary_body(const Plan *plan, size_t most, Buf *out) {
    AUTO(Arena) arena = { 0 };
    PlanView view;
    size_t lines = 0;
    plan_view(&arena, plan, &view);
    plan_print_renames(plan, false, out);
    for (size_t i = 0; i < view.count; i++)
        for (size_t g = 0; g < view.sections[i].group_count; g++)
            if (lines++ < most)
                put_group(&view.sections[i], &view.sections[i].groups[g], out);
    for (size_t i = 0; i < plan->row_count; i++)
        if (differ(&plan->rows[i]) && lines++ < most)
            put_rows(&plan->rows[i], out);
    if (lines > most)
        buf_printf(out, "… and %zu more\n", lines - most);
}
