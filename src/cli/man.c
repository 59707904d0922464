#include <string.h>

#include "base/version.h"
#include "cli/help.h"

/* In troff a backslash begins an escape, a hyphen may become a typographic one, and '.' or ' at a line's
 * start a request. */
static void put_text(Buf *out, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        bool line_start = i == 0 || text[i - 1] == '\n';
        if (line_start && (text[i] == '.' || text[i] == '\''))
            buf_puts(out, "\\&");
        if (text[i] == '\\')
            buf_puts(out, "\\e");
        else if (text[i] == '-')
            buf_puts(out, "\\-");
        else if (text[i] == '`')
            continue;
        else
            buf_putc(out, text[i]);
    }
}

static void put_line(Buf *out, const char *text) {
    put_text(out, text, strlen(text));
    buf_putc(out, '\n');
}

static void put_description(Buf *out, const char *text) {
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t length = end ? (size_t)(end - text) : strlen(text);
        bool example = str_starts(text, "  ");
        buf_puts(out, example ? ".PP\n.nf\n" : ".PP\n");
        put_text(out, text, length);
        buf_puts(out, example ? "\n.fi\n" : "\n");
        text += length;
        text += strspn(text, "\n");
    }
}

static void put_term(Buf *out, const char *term, const char *help) {
    buf_puts(out, ".TP\n.B ");
    put_line(out, term);
    put_line(out, help);
}

static void put_options(Buf *out, const OptionRow *rows) {
    for (; rows && rows->name; rows++) {
        AUTO(Buf) term = { 0 };
        help_option(rows, &term);
        put_term(out, buf_text(&term), rows->help);
    }
}

static void put_rows(Buf *out, const HelpRow *rows) {
    for (; rows->name; rows++)
        put_term(out, rows->name, rows->help);
}

static void put_command(Buf *out, const CommandRow *row) {
    AUTO(Buf) usage = { 0 };
    help_usage(row, &usage);
    buf_puts(out, ".SS ");
    put_line(out, row->name);
    buf_puts(out, ".B schema\\-sync\n");
    put_line(out, buf_text(&usage));
    put_description(out, row->description);
    put_options(out, row->options);
}

void man_page(Buf *out) {
    buf_printf(out, ".TH SCHEMA\\-SYNC 1 \"\" \"schema\\-sync %s\" \"User Commands\"\n", SCHEMA_SYNC_VERSION);
    buf_puts(out, ".SH NAME\nschema\\-sync \\- git as the source of truth for a Directus project\n"
                  ".SH SYNOPSIS\n.B schema\\-sync\n[global options] COMMAND [options]\n"
                  ".SH COMMANDS\n");
    for (const CommandRow *const *row = commands; *row; row++)
        if (!(*row)->hidden)
            put_command(out, *row);
    buf_puts(out, ".SH GLOBAL OPTIONS\n");
    put_options(out, global_options);
    buf_puts(out, ".SH ENVIRONMENT\n");
    put_rows(out, help_variables);
    buf_puts(out, ".SH EXIT STATUS\n");
    put_rows(out, help_statuses);
}
