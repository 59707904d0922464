#include "cli/command.h"
#include "cli/help.h"
#include "cli/report.h"

static bool run_help(const Invocation *invocation, Error *err) {
    AUTO(Buf) text = { 0 };
    if (invocation->argument_count == 0) {
        help_overview(&text);
    } else {
        const CommandRow *row = command_find(invocation->arguments[0]);
        if (!row)
            return command_unknown(invocation->arguments[0], err);
        help_command(row, &text);
    }
    report_put(&text);
    return true;
}

const CommandRow command_help = {
    .name = "help",
    .summary = "all commands, or one explained",
    .description =
        "Without a command: the commands, global options, environment variables and exit statuses.",
    .arguments = "[COMMAND]",
    .run = run_help,
};

static bool run_man(const Invocation *invocation, Error *err) {
    (void)invocation;
    (void)err;
    AUTO(Buf) text = { 0 };
    man_page(&text);
    report_put(&text);
    return true;
}

const CommandRow command_man = {
    .name = "man",
    .summary = "the man page",
    .description = "Prints schema-sync(1) in troff.",
    .arguments = "",
    .hidden = true,
    .run = run_man,
};

static bool run_reference(const Invocation *invocation, Error *err) {
    (void)invocation;
    (void)err;
    AUTO(Buf) text = { 0 };
    reference_markdown(&text);
    report_put(&text);
    return true;
}

const CommandRow command_reference = {
    .name = "reference",
    .summary = "the README's command reference",
    .description = "Prints the command reference in Markdown.",
    .arguments = "",
    .hidden = true,
    .run = run_reference,
};
