/* A plan as a comment on a pull request. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/plan_mermaid.h"
#include "model/plan_view.h"
#include "model/show.h"

/* Lines of one list, bytes of one name; the diagram's share of the whole; what is kept for the last words. */
enum { MOST_LINES = 25, LONGEST_NAME = 100, DIAGRAM_SHARE = 4, LAST_WORDS = 400 };

/* ---- users' text ---- */

/*
 * As inline code of which no character is Markdown's, a table's or HTML's: all but letters, digits and spaces
 * are character references. Within <code> GitHub links neither names (@) nor numbers (#).
 */
static void put_code(Buf *out, const char *text) {
    AUTO(Buf) shown = { 0 };
    show_clipped(&shown, text, LONGEST_NAME);
    buf_puts(out, "<code>");
    for (const char *at = buf_text(&shown); *at; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte >= 0x80 || isalnum(byte) || byte == ' ')
            buf_putc(out, *at);
        else
            buf_printf(out, "&#%u;", byte);
    }
    buf_puts(out, "</code>");
}

/* ---- what comes first ---- */

static void put_table_line(Buf *out, const char *name, const char *code, const uint64_t counts[3]) {
    buf_printf(out, "| %s", name);
    if (code)
        put_code(out, code);
    buf_printf(out, " | %" PRIu64 " | %" PRIu64 " | %" PRIu64 " |\n", counts[0], counts[1], counts[2]);
}

static void put_row_lines(const Plan *plan, Buf *out) {
    size_t lines = 0, more = 0;
    for (size_t i = 0; i < plan->row_count; i++) {
        const RowPlan *rows = &plan->rows[i];
        const uint64_t counts[] = { rows->created, rows->updated, rows->deleted };
        if (!counts[0] && !counts[1] && !counts[2])
            continue;
        if (lines++ < MOST_LINES)
            put_table_line(out, "rows of ", rows->collection, counts);
        else
            more++;
    }
    if (more)
        buf_printf(out, "| rows of %zu more collections | | | |\n", more);
}

static void put_summary(const Plan *plan, const PlanView *view, Buf *out) {
    buf_puts(out, plan->states ? "| | created | updated | deleted |\n" : "| | create | update | delete |\n");
    buf_puts(out, "| --- | ---: | ---: | ---: |\n");
    if (plan->renames.count)
        put_table_line(out, "names", NULL, (const uint64_t[]){ 0, plan->renames.count, 0 });
    for (size_t i = 0; i < view->count; i++) {
        const ViewSection *section = &view->sections[i];
        const uint64_t counts[] = { section->counts[0], section->counts[1], section->counts[2] };
        if (section->group_count)
            put_table_line(out, section->title, NULL, counts);
    }
    put_row_lines(plan, out);
    buf_putc(out, '\n');
}

static void put_losses(const Plan *plan, Buf *out) {
    if (!plan->loss_count)
        return;
    buf_puts(out, "> [!CAUTION]\n> Data would be lost; the import needs `--allow-delete`:\n");
    for (size_t i = 0; i < plan->loss_count && i < MOST_LINES; i++) {
        buf_puts(out, "> - ");
        put_code(out, plan->losses[i].text);
        buf_putc(out, '\n');
    }
    if (plan->loss_count > MOST_LINES)
        buf_printf(out, "> - and %zu more\n", plan->loss_count - MOST_LINES);
    buf_putc(out, '\n');
}

/* ---- details ---- */

typedef struct {
    char title[160];
    Buf text;
} Block;

/* The section's lines without its heading, and with their signs at the start, where `diff` colours them:
 * `indent` spaces are taken off. */
static void take_lines(Block *block, const Buf *printed, int indent) {
    const char *end = buf_text(printed) + printed->length;
    const char *at = memchr(buf_text(printed), '\n', printed->length);
    while (at && at + 1 < end) {
        const char *line = at + 1;
        at = memchr(line, '\n', (size_t)(end - line));
        for (int taken = 0; taken < indent && *line == ' '; taken++)
            line++;
        buf_append(&block->text, line, (size_t)((at ? at + 1 : end) - line));
    }
}

static size_t longest_ticks(const char *text) {
    size_t longest = 0, run = 0;
    for (; *text; text++) {
        run = *text == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* The longest beginning of whole lines within `room`; how many lines are left out. */
static size_t cut_at_line(const char *text, size_t length, size_t room, size_t *left_out) {
    *left_out = 0;
    if (length <= room)
        return length;
    while (room > 0 && text[room - 1] != '\n')
        room--;
    for (size_t i = room; i < length; i++)
        *left_out += text[i] == '\n';
    return room;
}

/* A fence is longer than any run of its own sign within. */
static void put_fence(Buf *out, const Block *block) {
    size_t ticks = longest_ticks(buf_text(&block->text)) + 1;
    for (size_t i = 0; i < ticks || i < 3; i++)
        buf_putc(out, '`');
}

/* Within `room` bytes; returns how many lines are left out. */
static size_t put_block(const Block *block, size_t room, Buf *out) {
    AUTO(Buf) fence = { 0 };
    size_t left_out;
    put_fence(&fence, block);
    size_t frame = strlen(block->title) + 2 * fence.length + 100;
    size_t shown =
        cut_at_line(buf_text(&block->text), block->text.length, room > frame ? room - frame : 0, &left_out);
    buf_printf(out, "<details><summary>%s</summary>\n\n%sdiff\n%.*s", block->title, buf_text(&fence),
               (int)shown, buf_text(&block->text));
    if (left_out)
        buf_printf(out, "… and %zu more lines\n", left_out);
    buf_printf(out, "%s\n\n</details>\n\n", buf_text(&fence));
    return left_out;
}

/* "flows: 2 to create, 1 to delete", of two states "flows: 2 created, 1 deleted" */
static void put_title(const Plan *plan, Block *block, const char *title, const uint64_t counts[3]) {
    AUTO(Buf) text = { 0 };
    for (size_t i = 0; i < 3; i++)
        if (counts[i])
            buf_printf(&text, "%s%" PRIu64 " %s", text.length ? ", " : "", counts[i],
                       plan_view_verb(plan, (ChangeKind)i));
    if (!text.length && !plan->states)
        buf_puts(&text, "nothing to write");
    snprintf(block->title, sizeof block->title, "%s%s%s", title, text.length ? ": " : "", buf_text(&text));
}

static void section_block(const Plan *plan, const ViewSection *section, Block *block) {
    AUTO(Buf) printed = { 0 };
    put_title(plan, block, section->title,
              (const uint64_t[]){ section->counts[0], section->counts[1], section->counts[2] });
    plan_print_section(plan, section, false, &printed);
    take_lines(block, &printed, 2);
}

static void rows_block(const Plan *plan, Block *block) {
    AUTO(Buf) printed = { 0 };
    put_title(plan, block, "rows",
              (const uint64_t[]){ plan_count_rows(plan, CHANGE_CREATE), plan_count_rows(plan, CHANGE_UPDATE),
                                  plan_count_rows(plan, CHANGE_DELETE) });
    plan_print_rows(plan, false, &printed);
    take_lines(block, &printed, 4);
}

static void renames_block(const Plan *plan, Block *block) {
    snprintf(block->title, sizeof block->title, "names: %zu %s", plan->renames.count,
             plan->states ? "renamed" : "to rename");
    plan_print_renames(plan, false, &block->text);
}

/* Each block may use its share of what is left; what a short one does not need is the others'. */
static void put_details(const Plan *plan, const PlanView *view, size_t limit, Buf *out) {
    Block blocks[TYPE_COUNT + 3] = { 0 };
    size_t count = 0, left_out = 0;
    if (plan->renames.count)
        renames_block(plan, &blocks[count++]);
    for (size_t i = 0; i < view->count; i++)
        section_block(plan, &view->sections[i], &blocks[count++]);
    rows_block(plan, &blocks[count]);
    count += blocks[count].text.length > 0;
    for (size_t i = 0; i < count; i++) {
        size_t room = limit > out->length + LAST_WORDS ? limit - out->length - LAST_WORDS : 0;
        left_out += put_block(&blocks[i], room / (count - i), out);
    }
    for (size_t i = 0; i < TYPE_COUNT + 3; i++)
        buf_free(&blocks[i].text);
    if (left_out)
        buf_printf(
            out,
            "**%zu lines are left out to stay within the size of a comment:** `schema-sync diff` shows "
            "all of them.\n",
            left_out);
}

void plan_markdown(const Plan *plan, const char *title, size_t limit, Buf *out) {
    AUTO(Arena) arena = { 0 };
    PlanView view;
    plan_view(&arena, plan, &view);
    buf_puts(out, plan->states ? "### schema-sync\n\n" : "### schema-sync plan\n\n");
    put_code(out, title);
    buf_puts(out, "\n\n");
    if (plan_is_empty(plan))
        return;
    put_summary(plan, &view, out);
    put_losses(plan, out);
    plan_mermaid(plan, limit / DIAGRAM_SHARE, out);
    put_details(plan, &view, limit, out);
}
