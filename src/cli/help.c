#include "cli/help.h"

#include <string.h>

enum { WIDTH = 80, OPTION_COLUMN = 26 };

const HelpRow help_variables[] = {
    { "DIRECTUS_URL",
      "The instance. PROD_DIRECTUS_URL and so on are those of --env prod and stand before the plain ones." },
    { "DIRECTUS_TOKEN", "A static token of an administrator; or DIRECTUS_EMAIL and DIRECTUS_PASSWORD." },
    { "DATABASE_URL",
      "The instance's PostgreSQL, for the marker and the lock: postgresql://user:password@host:5432/name." },
    { "DB_HOST, PORT, ADMIN_TOKEN …",
      "Directus's own variables, used in its container (DB_CLIENT is set) where nothing else says." },
    { "SCHEMA_SYNC_ENV", "The named environment, as --env." },
    { "SCHEMA_SYNC_CONFIG", "A further JSON config, merged over the file." },
    { "SCHEMA_SYNC_MERGE", "true: mode mirror becomes merge everywhere." },
    { "SCHEMA_SYNC_SAFE", "true: mode mirror becomes merge for the schema. false changes nothing." },
    { "SCHEMA_SYNC_DATA_ONLY", "true: the schema is neither exported nor imported." },
    { "SCHEMA_SYNC_LEASE", "How long the importer's lock lives without a sign of life, default 60s." },
    { "SCHEMA_SYNC_TIMEOUT", "How long one answer of the instance may take, default 10m." },
    { "SCHEMA_SYNC_RETRY",
      "How long an instance under pressure, or a network that fails, is asked again, default 60s." },
    { "SCHEMA_SYNC_PROBE", "How long a commit waits for a sign of life of the instance, default 1s." },
    { "SCHEMA_SYNC_SKIP", "1: git's hooks do nothing." },
    { "NO_COLOR", "No colours, as --no-color." },
    { 0 },
};

const HelpRow help_statuses[] = {
    { "0", "Done, or nothing to do." },
    { "1", "A conflict is left in the file (merge-file)." },
    { "2", "There are differences (diff, status --drift, export --check, hash --check)." },
    { "64", "The command line is wrong." },
    { "65", "The state files are wrong." },
    { "69", "The instance, the database or the network does not answer as it should." },
    { "70", "A fault of schema-sync itself, or no memory." },
    { "74", "Local files cannot be read or written." },
    { "75", "Another importer holds the lock, or the lock was lost." },
    { "76", "The target or the files are newer, or have diverged." },
    { "77", "Refused: credentials, rights, a secret in clear, or data would be lost." },
    { "78", "The configuration or the repository does not serve, or a placeholder has no value." },
    { 0 },
};

/* ---- wrapping ---- */

static size_t letters(const char *text, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xC0U) != 0x80U;
    return count;
}

static void spaces(Buf *out, size_t count) {
    while (count-- > 0)
        buf_putc(out, ' ');
}

/* A word, or a whole "[--mode MODE]": usage lines break between options only. */
static size_t word_length(const char *text) {
    if (*text == '[')
        return strcspn(text, "]\n") + (strchr(text, ']') != NULL);
    return strcspn(text, " \n");
}

/* Words from `column` on, in lines that begin at `indent`; ends with a newline. */
static void put_wrapped(Buf *out, const char *text, size_t length, size_t indent, size_t column) {
    bool first = true;
    for (size_t at = 0; at < length;) {
        size_t space = strspn(text + at, " \n");
        at += space;
        if (at >= length)
            break;
        size_t word = word_length(text + at);
        size_t width = letters(text + at, word);
        if (!first && column + 1 + width > WIDTH) {
            buf_putc(out, '\n');
            spaces(out, indent);
            column = indent;
            first = true;
        }
        if (!first) {
            buf_putc(out, ' ');
            column++;
        }
        buf_append(out, text + at, word);
        column += width;
        at += word;
        first = false;
    }
    buf_putc(out, '\n');
}

/* Paragraphs are wrapped, examples (lines that begin with two spaces) stand as they are. */
static void put_description(Buf *out, const char *text) {
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t length = end ? (size_t)(end - text) : strlen(text);
        if (str_starts(text, "  ")) {
            buf_append(out, text, length);
            buf_putc(out, '\n');
        } else {
            put_wrapped(out, text, length, 0, 0);
        }
        text += length;
        text += strspn(text, "\n");
        if (*text)
            buf_putc(out, '\n');
    }
}

/* A term and what it means, in two columns; a term that is too wide gets a line of its own. */
static void put_term(Buf *out, const char *term, const char *help) {
    size_t start = out->length;
    buf_printf(out, "  %s", term);
    size_t width = letters(out->data + start, out->length - start);
    if (width + 2 > OPTION_COLUMN) {
        buf_putc(out, '\n');
        width = 0;
    }
    spaces(out, OPTION_COLUMN - width);
    put_wrapped(out, help, strlen(help), OPTION_COLUMN, OPTION_COLUMN);
}

static void put_rows(Buf *out, const HelpRow *rows) {
    for (; rows->name; rows++)
        put_term(out, rows->name, rows->help);
}

/* ---- options ---- */

void help_option(const OptionRow *row, Buf *out) {
    if (row->letter)
        buf_printf(out, "-%c, ", row->letter);
    buf_printf(out, "--%s", row->name);
    if (row->kind == OPTION_MAYBE)
        buf_printf(out, "[=%s]", row->value);
    else if (row->kind != OPTION_FLAG)
        buf_printf(out, " %s", row->value);
}

static void put_options(Buf *out, const OptionRow *rows) {
    for (; rows && rows->name; rows++) {
        AUTO(Buf) term = { 0 };
        help_option(rows, &term);
        put_term(out, buf_text(&term), rows->help);
    }
}

void help_usage(const CommandRow *row, Buf *out) {
    buf_puts(out, row->name);
    for (const OptionRow *option = row->options; option && option->name; option++)
        buf_printf(out,
                   option->kind == OPTION_FLAG    ? " [--%s]"
                   : option->kind == OPTION_MAYBE ? " [--%s[=%s]]"
                                                  : " [--%s %s]",
                   option->name, option->value);
    if (*row->arguments)
        buf_printf(out, " %s", row->arguments);
}

/* ---- pages ---- */

void help_overview(Buf *out) {
    buf_puts(out, "schema-sync — git as the source of truth for a Directus project\n\n"
                  "Usage: schema-sync [global options] COMMAND [options]\n\n"
                  "Commands\n");
    for (const CommandRow *const *row = commands; *row; row++)
        if (!(*row)->hidden)
            put_term(out, (*row)->name, (*row)->summary);
    buf_puts(out, "\nGlobal options\n");
    put_options(out, global_options);
    buf_puts(out, "\nEnvironment variables, also read from .env and .env.directus beside the config\n");
    put_rows(out, help_variables);
    buf_puts(out, "\nExit statuses\n");
    put_rows(out, help_statuses);
    buf_puts(out, "\n`schema-sync help COMMAND` explains one command.\n");
}

void help_command(const CommandRow *row, Buf *out) {
    buf_printf(out, "schema-sync %s — %s\n\nUsage: schema-sync [global options] ", row->name, row->summary);
    AUTO(Buf) usage = { 0 };
    help_usage(row, &usage);
    static const char before[] = "Usage: schema-sync [global options] ";
    put_wrapped(out, buf_text(&usage), usage.length, 4, sizeof before - 1);
    buf_putc(out, '\n');
    put_description(out, row->description);
    if (row->options && row->options->name) {
        buf_puts(out, "\nOptions\n");
        put_options(out, row->options);
    }
    AUTO(Buf) global = { 0 };
    for (const OptionRow *option = global_options; option->name; option++)
        buf_printf(&global, "--%s%s ", option->name, option[1].name ? "," : ":");
    buf_puts(&global, "`schema-sync help` explains them, the environment variables and the exit statuses.");
    buf_puts(out, "\nGlobal options\n  ");
    put_wrapped(out, buf_text(&global), global.length, 2, 2);
}
