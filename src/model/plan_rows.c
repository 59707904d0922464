/* The rows of a plan as people read them on a terminal. */
#include <inttypes.h>
#include <string.h>

#include "model/conceal.h"
#include "model/plan_printer.h"
#include "model/row_change.h"
#include "model/show.h"

enum { ROW_INDENT = 4 };

/* ---- a row on one line ---- */

/* What the row is called by, then other words, then the rest. */
enum { RANKS = 3 };

static int rank_of(const JsonMember *member, const JsonMember *called) {
    return member == called ? 0 : row_is_word(&member->value) ? 1 : 2;
}

static bool says_anything(const Json *value) {
    bool container = json_is(value, JSON_OBJECT) || json_is(value, JSON_ARRAY);
    return !json_is_null(value) && !container && !(json_is(value, JSON_STRING) && !value->count);
}

/* ` "About us"`, behind the key. */
static void put_called(const Printer *printer, const RowChange *row) {
    enum { LONGEST = 40 };
    AUTO(Arena) arena = { 0 };
    for (uint32_t i = 0; i < row->called.count; i++) {
        const JsonMember *member = &row->called.as.members[i];
        Json shown = conceal(&arena, member->key, NULL, &member->value);
        buf_putc(printer->out, ' ');
        show_value(printer->out, &shown, LONGEST);
    }
}

/* `: title "Hello", status "draft", views 5, …`: of the fields beside the key as many as a line holds. Rows
 * may hold whole articles: these and nested values come last or not at all. */
static void put_view(const Printer *printer, const Json *key, const Json *row) {
    enum { LINE = 100, LONGEST = 40 };
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) view = { 0 };
    bool more = false;
    const JsonMember *called = row_called(row);
    for (int rank = 0; rank < RANKS; rank++)
        for (uint32_t i = 0; i < row->count; i++) {
            const JsonMember *member = &row->as.members[i];
            if (rank_of(member, called) != rank || json_get(key, member->key) || json_is_null(&member->value))
                continue;
            if (!says_anything(&member->value) || view.length > LINE) {
                more = true;
                continue;
            }
            Json shown = conceal(&arena, member->key, row, &member->value);
            buf_puts(&view, view.length ? ", " : ": ");
            show_name(&view, member->key);
            buf_putc(&view, ' ');
            show_value(&view, &shown, LONGEST);
        }
    buf_puts(printer->out, buf_text(&view));
    buf_puts(printer->out, view.length && more ? ", …\n" : "\n");
}

/* ---- the rows of one kind ---- */

static void put_row(const Printer *printer, ChangeKind kind, const RowChange *row) {
    AUTO(Arena) arena = { 0 };
    ValueEdits edits = { 0 };
    buf_printf(printer->out, "%*s", ROW_INDENT, "");
    print_sign(printer, kind);
    buf_puts(printer->out, row->label);
    print_untint(printer);
    if (kind == CHANGE_UPDATE) {
        put_called(printer, row);
        plan_view_row_edits(&arena, row, &edits);
        print_edits(printer, NULL, &edits, ROW_INDENT + 4);
    } else {
        put_view(printer, &row->key, kind == CHANGE_CREATE ? &row->after : &row->before);
    }
}

static void put_rows_of_kind(const Printer *printer, const RowPlan *rows, ChangeKind kind, uint64_t count) {
    const RowChanges *kept = &rows->changes[kind];
    for (size_t i = 0; i < kept->count; i++)
        put_row(printer, kind, &kept->items[i]);
    if (!kept->count || count <= kept->count)
        return;
    buf_printf(printer->out, "%*s… and ", ROW_INDENT, "");
    show_count(printer->out, count - kept->count);
    buf_printf(printer->out, " more %s\n", plan_view_verb(printer->plan, kind));
}

/* ---- the rows of one collection ---- */

/* "3 to create, 1 to delete" */
static void put_row_counts(const Printer *printer, const RowPlan *rows) {
    const uint64_t counts[] = { rows->created, rows->updated, rows->deleted };
    bool any = false;
    for (size_t i = 0; i < 3; i++) {
        if (!counts[i])
            continue;
        buf_printf(printer->out, "%s%" PRIu64 " %s", any ? ", " : "", counts[i],
                   plan_view_verb(printer->plan, (ChangeKind)i));
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
    buf_puts(printer->out, "  ");
    print_sign(printer, rows->uncounted ? rows->files
                        : rows->deleted ? CHANGE_DELETE
                        : rows->updated ? CHANGE_UPDATE
                                        : CHANGE_CREATE);
    buf_puts(printer->out, "rows of ");
    show_name(printer->out, rows->collection);
    print_untint(printer);
    buf_puts(printer->out, rows->uncounted ? "" : ": ");
    put_row_counts(printer, rows);
    put_rows_beside(rows, printer->out);
    buf_putc(printer->out, '\n');
    for (size_t i = 0; i < printer->plan->loss_count; i++)
        if (str_equal(printer->plan->losses[i].collection, rows->collection))
            print_loss(printer, &printer->plan->losses[i], ROW_INDENT);
    put_rows_of_kind(printer, rows, CHANGE_CREATE, rows->created);
    put_rows_of_kind(printer, rows, CHANGE_UPDATE, rows->updated);
    put_rows_of_kind(printer, rows, CHANGE_DELETE, rows->deleted);
}

void plan_print_rows(const Plan *plan, bool color, Buf *out) {
    Printer printer = { plan, color, out };
    bool any = false;
    for (size_t i = 0; i < plan->row_count; i++) {
        const RowPlan *rows = &plan->rows[i];
        if (!rows->created && !rows->updated && !rows->deleted && !rows->uncounted)
            continue;
        if (!any)
            print_tinted(&printer, BOLD, "rows");
        buf_puts(out, any ? "" : "\n");
        any = true;
        put_rows(&printer, rows);
    }
}
