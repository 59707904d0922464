/* A plan as people read it on a terminal. */
#include <inttypes.h>
#include <string.h>

#include "model/plan_view.h"
#include "model/show.h"
#include "model/text_diff.h"

/* A value on one line; what is shown of one record; lines of one text. */
enum {
    VALUE_LIMIT = 90,
    EDITS_SHOWN = 60,
    LINES_SHOWN = 60,
    TEXT_CONTEXT = 2,
    TEXT_LINE_LIMIT = 300,
    ADOPTIONS_SHOWN = 12
};

#define RED   "\033[31m"
#define GREEN "\033[32m"
#define AMBER "\033[33m"
#define CYAN  "\033[36m"
#define BOLD  "\033[1m"
#define DIM   "\033[2m"

typedef struct {
    const Plan *plan;
    bool color;
    Buf *out;
} Printer;

static const char *const tints[] = {
    [CHANGE_CREATE] = GREEN, [CHANGE_UPDATE] = AMBER, [CHANGE_DELETE] = RED
};
static const char signs[] = { [CHANGE_CREATE] = '+', [CHANGE_UPDATE] = '~', [CHANGE_DELETE] = '-' };

static void tint(const Printer *printer, const char *on) {
    if (printer->color)
        buf_puts(printer->out, on);
}

static void untint(const Printer *printer) {
    tint(printer, "\033[0m");
}

static void put_tinted(const Printer *printer, const char *on, const char *text) {
    tint(printer, on);
    buf_puts(printer->out, text);
    untint(printer);
}

/* ---- values ---- */

static bool is_long_text(const ValueEdit *edit) {
    return json_is(edit->before, JSON_STRING) && json_is(edit->after, JSON_STRING) &&
           (strchr(edit->before->as.text, '\n') || strchr(edit->after->as.text, '\n'));
}

/* `"old" → "new"`, or the one side there is with its sign. */
static void put_values(const Printer *printer, const ValueEdit *edit) {
    AUTO(Buf) before = { 0 };
    AUTO(Buf) after = { 0 };
    if (edit->before && edit->after)
        show_pair(&before, &after, edit->before, edit->after, VALUE_LIMIT);
    else
        show_value(edit->before ? &before : &after, edit->before ? edit->before : edit->after, VALUE_LIMIT);
    if (!edit->after)
        buf_puts(printer->out, "- ");
    if (edit->before)
        put_tinted(printer, RED, buf_text(&before));
    buf_puts(printer->out, edit->before && edit->after ? " → " : edit->after ? "+ " : "");
    if (edit->after)
        put_tinted(printer, GREEN, buf_text(&after));
}

static void put_diff_line(const Printer *printer, const DiffLine *line) {
    static const char *const line_tints[] = { ['+'] = GREEN, ['-'] = RED, ['@'] = CYAN };
    const char *on = line->sign == ' ' ? NULL : line_tints[(unsigned char)line->sign];
    AUTO(Buf) text = { 0 };
    buf_append(&text, line->text, line->length);
    buf_puts(printer->out, "        ");
    if (on)
        tint(printer, on);
    if (line->sign != '@')
        buf_putc(printer->out, line->sign);
    show_clipped(printer->out, buf_text(&text), TEXT_LINE_LIMIT);
    if (on)
        untint(printer);
    buf_putc(printer->out, '\n');
}

static void put_text_diff(const Printer *printer, const ValueEdit *edit) {
    AUTO(Arena) arena = { 0 };
    DiffLines lines = { 0 };
    text_diff(&arena, edit->before->as.text, edit->after->as.text, TEXT_CONTEXT, &lines);
    for (size_t i = 0; i < lines.count && i < LINES_SHOWN; i++)
        put_diff_line(printer, &lines.items[i]);
    if (lines.count > LINES_SHOWN)
        buf_printf(printer->out, "        … and %zu more lines\n", lines.count - LINES_SHOWN);
    if (lines.count == 0) /* both sides are concealed, or only what is concealed differs */
        buf_puts(printer->out, "        differs in what is concealed\n");
}

/* The only difference stands behind the record's name; several, or a text of many lines, stand below it. */
static void put_edits(const Printer *printer, const Change *change) {
    AUTO(Arena) arena = { 0 };
    ValueEdits edits = { 0 };
    plan_view_edits(&arena, change, &edits);
    if (edits.count == 1 && !is_long_text(&edits.items[0])) {
        buf_printf(printer->out, " › %s: ", edits.items[0].path);
        put_values(printer, &edits.items[0]);
        buf_putc(printer->out, '\n');
        return;
    }
    buf_putc(printer->out, '\n');
    for (size_t i = 0; i < edits.count && i < EDITS_SHOWN; i++) {
        buf_printf(printer->out, "      %s:", edits.items[i].path);
        buf_putc(printer->out, is_long_text(&edits.items[i]) ? '\n' : ' ');
        if (is_long_text(&edits.items[i])) {
            put_text_diff(printer, &edits.items[i]);
            continue;
        }
        put_values(printer, &edits.items[i]);
        buf_putc(printer->out, '\n');
    }
    if (edits.count > EDITS_SHOWN)
        buf_printf(printer->out, "      … and %zu more\n", edits.count - EDITS_SHOWN);
}

/* ---- changes ---- */

static void put_loss(const Printer *printer, const PlanLoss *loss) {
    buf_puts(printer->out, "      ");
    tint(printer, RED);
    buf_puts(printer->out, "! ");
    show_text(printer->out, loss->text, strlen(loss->text));
    untint(printer);
    buf_putc(printer->out, '\n');
}

static void put_losses(const Printer *printer, const Change *change) {
    for (size_t i = 0; i < printer->plan->loss_count; i++)
        if (printer->plan->losses[i].change == change - printer->plan->changes)
            put_loss(printer, &printer->plan->losses[i]);
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

static void put_change(const Printer *printer, const Change *change, const AlongCount *along) {
    buf_puts(printer->out, "  ");
    tint(printer, tints[change->kind]);
    buf_putc(printer->out, signs[change->kind]);
    buf_putc(printer->out, ' ');
    plan_view_head(change, printer->out);
    untint(printer);
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

static void put_group(const Printer *printer, const ViewGroup *group) {
    if (group->own)
        put_change(printer, group->own, group->along);
    for (size_t i = 0; i < group->part_count; i++)
        put_change(printer, group->parts[i], group->parts[i]->along);
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
            put_loss(printer, loss);
    }
}

static void put_section(const Printer *printer, const ViewSection *section) {
    put_tinted(printer, BOLD, section->title);
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

/* ---- rows ---- */

static void put_examples(const Printer *printer, const RowPlan *rows, ChangeKind kind, uint64_t count) {
    enum { LINE = 90 }; /* one example always, more as far as they fit */
    const char *const *examples = rows->examples[kind];
    if (!examples[0])
        return;
    size_t shown = 0, length = 0;
    buf_puts(printer->out, "      ");
    tint(printer, tints[kind]);
    buf_printf(printer->out, "%c ", signs[kind]);
    for (; shown < ROW_EXAMPLES && examples[shown] && (!shown || length + strlen(examples[shown]) < LINE);
         shown++) {
        buf_puts(printer->out, shown ? ", " : "");
        show_text(printer->out, examples[shown], strlen(examples[shown]));
        length += strlen(examples[shown]) + 2;
    }
    if (count > shown)
        buf_printf(printer->out, ", … %" PRIu64 " more", count - shown);
    untint(printer);
    buf_putc(printer->out, '\n');
}

/* "to create", or of two states "created" */
static const char *verb(const Plan *plan, ChangeKind kind) {
    static const char *const wanted[] = { "to create", "to update", "to delete" };
    static const char *const happened[] = { "created", "updated", "deleted" };
    return plan->states ? happened[kind] : wanted[kind];
}

/* "3 to create, 1 to delete" */
static void put_row_counts(const Printer *printer, const RowPlan *rows) {
    const uint64_t counts[] = { rows->created, rows->updated, rows->deleted };
    bool any = false;
    for (size_t i = 0; i < 3; i++) {
        if (!counts[i])
            continue;
        buf_printf(printer->out, "%s%" PRIu64 " %s", any ? ", " : "", counts[i],
                   verb(printer->plan, (ChangeKind)i));
        any = true;
    }
}

/* "(118 unchanged, 2 only on the target left alone)" */
static void put_rows_beside(const RowPlan *rows, Buf *out) {
    if (!rows->unchanged && !rows->kept)
        return;
    buf_puts(out, " (");
    if (rows->unchanged)
        buf_printf(out, "%" PRIu64 " unchanged%s", rows->unchanged, rows->kept ? ", " : "");
    if (rows->kept)
        buf_printf(out, "%" PRIu64 " only on the target left alone", rows->kept);
    buf_putc(out, ')');
}

static void put_rows(const Printer *printer, const RowPlan *rows) {
    ChangeKind kind = rows->deleted ? CHANGE_DELETE : rows->updated ? CHANGE_UPDATE : CHANGE_CREATE;
    buf_puts(printer->out, "  ");
    tint(printer, tints[kind]);
    buf_printf(printer->out, "%c rows of ", signs[kind]);
    show_name(printer->out, rows->collection);
    untint(printer);
    buf_puts(printer->out, ": ");
    put_row_counts(printer, rows);
    put_rows_beside(rows, printer->out);
    buf_putc(printer->out, '\n');
    put_examples(printer, rows, CHANGE_CREATE, rows->created);
    put_examples(printer, rows, CHANGE_UPDATE, rows->updated);
    put_examples(printer, rows, CHANGE_DELETE, rows->deleted);
    for (size_t i = 0; i < printer->plan->loss_count; i++)
        if (str_equal(printer->plan->losses[i].collection, rows->collection))
            put_loss(printer, &printer->plan->losses[i]);
}

static void put_all_rows(const Printer *printer) {
    bool any = false;
    for (size_t i = 0; i < printer->plan->row_count; i++) {
        const RowPlan *rows = &printer->plan->rows[i];
        if (!rows->created && !rows->updated && !rows->deleted)
            continue;
        if (!any)
            put_tinted(printer, BOLD, "rows");
        buf_puts(printer->out, any ? "" : "\n");
        any = true;
        put_rows(printer, rows);
    }
}

/* ---- the whole ---- */

void plan_print_section(const Plan *plan, const ViewSection *section, bool color, Buf *out) {
    Printer printer = { plan, color, out };
    put_section(&printer, section);
}

void plan_print_rows(const Plan *plan, bool color, Buf *out) {
    Printer printer = { plan, color, out };
    put_all_rows(&printer);
}

void plan_print_renames(const Plan *plan, bool color, Buf *out) {
    Printer printer = { plan, color, out };
    for (size_t i = 0; i < plan->renames.count; i++) {
        const Rename *rename = &plan->renames.items[i];
        tint(&printer, CYAN);
        if (rename->field)
            buf_printf(out, "> field %s.%s renamed to %s", rename->collection, rename->field, rename->to);
        else
            buf_printf(out, "> collection %s renamed to %s", rename->collection, rename->to);
        untint(&printer);
        buf_putc(out, '\n');
    }
}

static void put_counts(const Plan *plan, const uint64_t counts[3], Buf *out) {
    for (ChangeKind kind = CHANGE_CREATE; kind <= CHANGE_DELETE; kind++)
        buf_printf(out, "%s%" PRIu64 " %s", kind ? ", " : "", counts[kind], verb(plan, kind));
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
