/*
 * What the tables say, as text for people: --help, the man page, the README's command reference, shell
 * completions.
 */
#ifndef SCHEMA_SYNC_CLI_HELP_H
#define SCHEMA_SYNC_CLI_HELP_H

#include "base/str.h"
#include "cli/command.h"

/* All commands, global options, settings and exit statuses. */
void help_overview(Buf *out);
void help_command(const CommandRow *row, Buf *out);

/* "export [--only LIST] [--check]": how a command is called, without global options. */
void help_usage(const CommandRow *row, Buf *out);
/* "--only LIST", "-q, --quiet": an option as help lists it. */
void help_option(const OptionRow *row, Buf *out);

/* schema-sync(1) in the man macros of troff. */
void man_page(Buf *out);
/* The commands as Markdown, for README.md between its <!-- commands --> marks. */
void reference_markdown(Buf *out);
/* A completion script for "bash", "zsh" or "fish". */
void completion_script(const char *shell, Buf *out);

/* The variables and exit statuses that overview and man page list; ended by name NULL. */
typedef struct {
    const char *name, *help;
} HelpRow;
extern const HelpRow help_variables[];
extern const HelpRow help_statuses[];

#endif
