/* A plan as people read it on a terminal. */
#include <inttypes.h>
#include <string.h>

#include "model/plan_printer.h"
#include "model/show.h"

enum { ADOPTIONS_SHOWN = 12, EDIT_INDENT = 6 };

/* ---- changes ---- */

static void put_losses(const Printer *printer, const Change *change) {
    for (size_t i = 0; i < printer->plan->loss_count; i++)
        if (printer->plan->losses[i].change == change - printer->plan->changes)
            print_loss(printer, &printer->plan->losses[i], EDIT_INDENT);
}

/* What a new field or relation is, in a word. */
static void put_nature(const Printer *printer, const Change *change) {
    const char *type = change->type == TYPE_FIELDS ? json_get_text(change->after, "type") : NULL;
    const char *related =
        change->type == TYPE_RELATIONS ? json_get_text(change->after, "related_collection") : NULL;
    if (change->kind != CHANGE_CREATE || (!type && !related))
        return;
    buf_puts(printer->out, type ? " (" : " → ");
    show_name(printer->out, type ? type : related);
    buf_puts(printer->out, type ? ")" : "");
}

static void put_edits(const Printer *printer, const Change *change) {
    AUTO(Arena) arena = { 0 };
    ValueEdits edits = { 0 };
    plan_view_edits(&arena, change, &edits);
    print_edits(printer, change, &edits, EDIT_INDENT);
}

static void put_change(const Printer *printer, const Change *change, const AlongCount *along) {
    buf_puts(printer->out, "  ");
    print_sign(printer, change->kind);
    plan_view_head(change, printer->out);
    print_untint(printer);
    put_nature(printer, change);
    if (along && along->count) {
        buf_puts(printer->out, " (");
        plan_view_along(change->type, along, printer->out);
        buf_putc(printer->out, ')');
    }
    if (change->patch && change->patch->count)
        put_edits(printer, change);
    else
        buf_putc(printer->out, '\n');
    put_losses(printer, change);
}

/* New records of one type within one that is there: from so many on they share a line. */
enum { MANY = 6 };

static size_t count_new(const ViewGroup *group, TypeId type) {
    size_t count = 0;
    for (size_t i = 0; i < group->part_count; i++)
        count += group->parts[i]->kind == CHANGE_CREATE && group->parts[i]->type == type;
    return count;
}

/* `+ 12 fields in posts: body, intro, slug, … and 9 more` */
static void put_new(const Printer *printer, const ViewGroup *group, const Change *first, size_t count) {
    enum { LINE = 90 };
    AUTO(Buf) names = { 0 };
    size_t shown = 0;
    for (size_t i = 0; i < group->part_count && names.length < LINE; i++) {
        const Change *part = group->parts[i];
        if (part->kind != CHANGE_CREATE || part->type != first->type)
            continue;
        buf_puts(&names, shown++ ? ", " : ": ");
        plan_view_own_name(part, &names);
    }
    buf_puts(printer->out, "  ");
    print_sign(printer, CHANGE_CREATE);
    plan_view_heads(first, count, printer->out);
    print_untint(printer);
    buf_puts(printer->out, buf_text(&names));
    if (shown < count)
        buf_printf(printer->out, ", … and %zu more", count - shown);
    buf_putc(printer->out, '\n');
}

/* Parts stand by type: those that share a line stand where the first of them does. */
static void put_group(const Printer *printer, const ViewGroup *group) {
    bool rolled_up[TYPE_COUNT] = { false };
    if (group->own)
        put_change(printer, group->own, group->along);
    for (size_t i = 0; i < group->part_count; i++) {
        const Change *part = group->parts[i];
        size_t count = part->kind == CHANGE_CREATE ? count_new(group, part->type) : 0;
        if (count < MANY)
            put_change(printer, part, part->along);
        else if (!rolled_up[part->type])
            put_new(printer, group, part, count);
        rolled_up[part->type] |= count >= MANY;
    }
}

/* What is lost with a field stands in the line of the table that goes with it. */
static void put_rolled_up_losses(const Printer *printer, const ViewGroup *group) {
    for (size_t i = 0; group->own && i < printer->plan->loss_count; i++) {
        const PlanLoss *loss = &printer->plan->losses[i];
        const Change *change = loss->change >= 0 ? &printer->plan->changes[loss->change] : group->own;
        bool listed = change == group->own || !str_equal(change->parent_id, group->id) ||
                      plan_view_top(change->type) != group->own->type;
        for (size_t p = 0; p < group->part_count; p++)
            listed |= group->parts[p] == change;
        if (!listed)
            print_loss(printer, loss, EDIT_INDENT);
    }
}

static void put_section(const Printer *printer, const ViewSection *section) {
    print_tinted(printer, BOLD, section->title);
    buf_putc(printer->out, '\n');
    for (size_t i = 0; i < section->group_count; i++) {
        put_group(printer, &section->groups[i]);
        put_rolled_up_losses(printer, &section->groups[i]);
    }
    for (size_t i = 0; i < section->adoption_count && i < ADOPTIONS_SHOWN; i++) {
        const PlanAdoption *adoption = section->adoptions[i];
        buf_printf(printer->out, "  = %s ", catalog_row(adoption->type)->singular);
        show_quoted(printer->out, adoption->label);
        buf_printf(printer->out, " matched by %s\n", adoption->matched_by);
    }
    if (section->adoption_count > ADOPTIONS_SHOWN)
        buf_printf(printer->out, "  = … and %zu more matched so\n",
                   section->adoption_count - ADOPTIONS_SHOWN);
    for (size_t i = 0; i < section->note_count; i++) {
        buf_puts(printer->out, "  = ");
        show_text(printer->out, section->notes[i]->text, strlen(section->notes[i]->text));
        buf_putc(printer->out, '\n');
    }
}

/* ---- the whole ---- */

void plan_print_section(const Plan *plan, const ViewSection *section, bool color, Buf *out) {
    Printer printer = { plan, color, out };
    put_section(&printer, section);
}

void plan_print_renames(const Plan *plan, bool color, Buf *out) {
    Printer printer = { plan, color, out };
    for (size_t i = 0; i < plan->renames.count; i++) {
        print_tint(&printer, CYAN);
        buf_puts(out, "> ");
        rename_put(&plan->renames.items[i], out);
        print_untint(&printer);
        buf_putc(out, '\n');
    }
}

static void put_counts(const Plan *plan, const uint64_t counts[3], Buf *out) {
    for (ChangeKind kind = CHANGE_CREATE; kind <= CHANGE_DELETE; kind++)
        buf_printf(out, "%s%" PRIu64 " %s", kind ? ", " : "", counts[kind], plan_view_verb(plan, kind));
}

void plan_print_counts(const Plan *plan, Buf *out) {
    uint64_t records[3], rows[3];
    for (ChangeKind kind = CHANGE_CREATE; kind <= CHANGE_DELETE; kind++) {
        records[kind] = plan_count(plan, kind);
        rows[kind] = plan_count_rows(plan, kind);
    }
    if (plan_is_empty(plan)) {
        buf_puts(out, plan->states ? "no differences\n" : "nothing to do\n");
        return;
    }
    put_counts(plan, records, out);
    if (plan->renames.count)
        buf_printf(out, ", %zu %s", plan->renames.count, plan->states ? "renamed" : "to rename");
    if (rows[0] || rows[1] || rows[2]) {
        buf_puts(out, "; rows: ");
        put_counts(plan, rows, out);
    }
    buf_putc(out, '\n');
}

void plan_print(const Plan *plan, bool color, Buf *out) {
    AUTO(Arena) arena = { 0 };
    PlanView view;
    plan_view(&arena, plan, &view);
    plan_print_renames(plan, color, out);
    for (size_t i = 0; i < view.count; i++)
        plan_print_section(plan, &view.sections[i], color, out);
    plan_print_rows(plan, color, out);
    plan_print_counts(plan, out);
}
