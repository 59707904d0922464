#include "cli/attributes.h"

#include <ctype.h>
#include <string.h>

#include "repo/merge_driver.h"

static bool has_line(const char *text, const char *line) {
    size_t length = strlen(line);
    for (const char *at = text; *at;) {
        size_t here = strcspn(at, "\n");
        size_t trimmed = here > 0 && at[here - 1] == '\r' ? here - 1 : here;
        if (trimmed == length && strncmp(at, line, length) == 0)
            return true;
        at += here + (at[here] != '\0');
    }
    return false;
}

/* The folder as a pattern means it: gitignore(5). */
static void put_folder(Buf *out, const char *folder) {
    for (const char *at = folder; *at; at++) {
        if (strchr("*?[", *at) || (at == folder && (*at == '!' || *at == '#')))
            buf_putc(out, '\\');
        buf_putc(out, *at);
    }
}

/* Patterns end at white space, unless they are quoted as C texts are: gitattributes(5). */
static void put_pattern(Buf *out, const char *pattern) {
    bool plain = true;
    for (const char *at = pattern; *at; at++)
        plain &= *at != '"' && *at != ' ' && !iscntrl((unsigned char)*at);
    if (plain) {
        buf_puts(out, pattern);
        return;
    }
    buf_putc(out, '"');
    for (const char *at = pattern; *at; at++) {
        if (iscntrl((unsigned char)*at))
            buf_printf(out, "\\%03o", (unsigned)(unsigned char)*at);
        else
            buf_printf(out, strchr("\"\\", *at) ? "\\%c" : "%c", *at);
    }
    buf_putc(out, '"');
}

static const struct {
    const char *below, *attributes;
} rows[] = { { "**", "text eol=lf" },
             { "assets/**", "-text" },
             { "**/*.json", "merge=" MERGE_DRIVER },
             { "*.jsonl", "merge=" MERGE_DRIVER },
             { "assets/**", "!merge" } };

bool attributes_write(const Folder *root, const char *state_dir, bool *changed, Error *err) {
    AUTO(Buf) text = { 0 }, folder = { 0 };
    bool found;
    if (!folder_read(root, ".gitattributes", 0, &text, &found, err))
        return false;
    put_folder(&folder, state_dir);
    if (text.length && text.data[text.length - 1] != '\n')
        buf_putc(&text, '\n');
    *changed = false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        AUTO(Buf) pattern = { 0 }, line = { 0 };
        buf_printf(&pattern, "%s/%s", buf_text(&folder), rows[i].below);
        put_pattern(&line, buf_text(&pattern));
        buf_printf(&line, " %s", rows[i].attributes);
        if (has_line(buf_text(&text), buf_text(&line)))
            continue;
        buf_printf(&text, "%s\n", buf_text(&line));
        *changed = true;
    }
    AUTO(FileWriter) writer = { 0 };
    return !*changed ||
           (file_writer_begin(&writer, root, ".gitattributes", err) &&
            file_writer_write(&writer, text.data, text.length, err) && file_writer_commit(&writer, err));
}
