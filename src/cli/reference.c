#include <string.h>

#include "cli/help.h"

/* In a table cell a bar would end the cell. */
static void put_cell(Buf *out, const char *text) {
    for (; *text; text++) {
        if (*text == '|')
            buf_putc(out, '\\');
        buf_putc(out, *text);
    }
}

static void put_description(Buf *out, const char *text) {
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t length = end ? (size_t)(end - text) : strlen(text);
        bool example = str_starts(text, "  ");
        if (example)
            buf_puts(out, "```sh\n");
        for (size_t i = 0; i < length; i++) {
            bool line_start = i == 0 || text[i - 1] == '\n';
            if (example && line_start)
                i += 2;
            buf_putc(out, text[i]);
        }
        buf_puts(out, example ? "\n```\n" : "\n");
        text += length;
        text += strspn(text, "\n");
        if (*text)
            buf_putc(out, '\n');
    }
}

static void put_options(Buf *out, const OptionRow *rows) {
    buf_puts(out, "\n| option | |\n| --- | --- |\n");
    for (; rows->name; rows++) {
        AUTO(Buf) term = { 0 };
        help_option(rows, &term);
        buf_puts(out, "| `");
        put_cell(out, buf_text(&term));
        buf_puts(out, "` | ");
        put_cell(out, rows->help);
        buf_puts(out, " |\n");
    }
}

static void put_command(Buf *out, const CommandRow *row) {
    AUTO(Buf) usage = { 0 };
    help_usage(row, &usage);
    buf_printf(out, "### %s\n\n`schema-sync %s`\n\n", row->name, buf_text(&usage));
    put_description(out, row->description);
    if (row->options && row->options->name)
        put_options(out, row->options);
    buf_putc(out, '\n');
}

void reference_markdown(Buf *out) {
    for (const CommandRow *const *row = commands; *row; row++)
        if (!(*row)->hidden)
            put_command(out, *row);
    buf_puts(out, "### Global options\n");
    put_options(out, global_options);
}
