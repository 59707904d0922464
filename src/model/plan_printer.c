/* Values that differ, as people read them on a terminal. */
#include "model/plan_printer.h"

#include <string.h>

#include "model/plan_names.h"
#include "model/show.h"
#include "model/text_diff.h"

/* A value on one line; what is shown of one record; lines of one text. */
enum { VALUE_LIMIT = 90, EDITS_SHOWN = 60, LINES_SHOWN = 60, TEXT_CONTEXT = 2, TEXT_LINE_LIMIT = 300 };

static const char *const tints[] = {
    [CHANGE_CREATE] = GREEN, [CHANGE_UPDATE] = AMBER, [CHANGE_DELETE] = RED
};
static const char signs[] = { [CHANGE_CREATE] = '+', [CHANGE_UPDATE] = '~', [CHANGE_DELETE] = '-' };

void print_tint(const Printer *printer, const char *on) {
    if (printer->color)
        buf_puts(printer->out, on);
}

void print_untint(const Printer *printer) {
    print_tint(printer, "\033[0m");
}

void print_tinted(const Printer *printer, const char *on, const char *text) {
    print_tint(printer, on);
    buf_puts(printer->out, text);
    print_untint(printer);
}

void print_sign(const Printer *printer, ChangeKind kind) {
    print_tint(printer, tints[kind]);
    buf_printf(printer->out, "%c ", signs[kind]);
}

/* ---- values ---- */

static bool is_long_text(const ValueEdit *edit) {
    return json_is(edit->before, JSON_STRING) && json_is(edit->after, JSON_STRING) &&
           (strchr(edit->before->as.text, '\n') || strchr(edit->after->as.text, '\n'));
}

/* `"old" → "new"`, or the one side there is with its sign; ids of records by their names. */
static void put_values(const Printer *printer, const Change *change, const ValueEdit *edit) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) before = { 0 };
    AUTO(Buf) after = { 0 };
    EditNames names = change ? plan_edit_names(&arena, change, edit) : (EditNames){ 0 };
    if (edit->before && edit->after)
        show_pair(&before, &after, edit->before, edit->after, VALUE_LIMIT);
    else
        show_value(edit->before ? &before : &after, edit->before ? edit->before : edit->after, VALUE_LIMIT);
    if (!edit->after)
        buf_puts(printer->out, "- ");
    if (edit->before)
        print_tinted(printer, RED, names.before ? names.before : buf_text(&before));
    buf_puts(printer->out, edit->before && edit->after ? " → " : edit->after ? "+ " : "");
    if (edit->after)
        print_tinted(printer, GREEN, names.after ? names.after : buf_text(&after));
}

static void put_diff_line(const Printer *printer, const DiffLine *line, int indent) {
    static const char *const line_tints[] = { ['+'] = GREEN, ['-'] = RED, ['@'] = CYAN };
    const char *on = line->sign == ' ' ? NULL : line_tints[(unsigned char)line->sign];
    AUTO(Buf) text = { 0 };
    buf_append(&text, line->text, line->length);
    buf_printf(printer->out, "%*s", indent, "");
    if (on)
        print_tint(printer, on);
    if (line->sign != '@')
        buf_putc(printer->out, line->sign);
    show_clipped(printer->out, buf_text(&text), TEXT_LINE_LIMIT);
    if (on)
        print_untint(printer);
    buf_putc(printer->out, '\n');
}

static void put_text_diff(const Printer *printer, const ValueEdit *edit, int indent) {
    AUTO(Arena) arena = { 0 };
    DiffLines lines = { 0 };
    text_diff(&arena, edit->before->as.text, edit->after->as.text, TEXT_CONTEXT, &lines);
    for (size_t i = 0; i < lines.count && i < LINES_SHOWN; i++)
        put_diff_line(printer, &lines.items[i], indent);
    if (lines.count > LINES_SHOWN)
        buf_printf(printer->out, "%*s… and %zu more lines\n", indent, "", lines.count - LINES_SHOWN);
    if (lines.count == 0) /* both sides are concealed, or only what is concealed differs */
        buf_printf(printer->out, "%*sdiffers in what is concealed\n", indent, "");
}

void print_edits(const Printer *printer, const Change *change, const ValueEdits *edits, int indent) {
    if (edits->count == 1 && !is_long_text(&edits->items[0])) {
        buf_printf(printer->out, " › %s: ", edits->items[0].path);
        put_values(printer, change, &edits->items[0]);
        buf_putc(printer->out, '\n');
        return;
    }
    buf_putc(printer->out, '\n');
    for (size_t i = 0; i < edits->count && i < EDITS_SHOWN; i++) {
        bool long_text = is_long_text(&edits->items[i]);
        buf_printf(printer->out, "%*s%s:%s", indent, "", edits->items[i].path, long_text ? "\n" : " ");
        if (long_text) {
            put_text_diff(printer, &edits->items[i], indent + 2);
            continue;
        }
        put_values(printer, change, &edits->items[i]);
        buf_putc(printer->out, '\n');
    }
    if (edits->count > EDITS_SHOWN)
        buf_printf(printer->out, "%*s… and %zu more\n", indent, "", edits->count - EDITS_SHOWN);
}

void print_loss(const Printer *printer, const PlanLoss *loss, int indent) {
    buf_printf(printer->out, "%*s", indent, "");
    print_tint(printer, RED);
    buf_puts(printer->out, "! ");
    show_text(printer->out, loss->text, strlen(loss->text));
    print_untint(printer);
    buf_putc(printer->out, '\n');
}
