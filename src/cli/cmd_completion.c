#include <string.h>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/report.h"

static bool run(const Invocation *invocation, Error *err) {
    const char *shell = invocation->arguments[0];
    if (strcmp(shell, "bash") != 0 && strcmp(shell, "zsh") != 0 && strcmp(shell, "fish") != 0) {
        error_set(err, ERR_USAGE, "there is no completion for \"%s\"", shell);
        return error_hint(err, "the shells are bash, zsh and fish");
    }
    AUTO(Buf) script = { 0 };
    completion_script(shell, &script);
    report_put(&script);
    return true;
}

const CommandRow command_completion = {
    .name = "completion",
    .summary = "script for bash, zsh or fish",
    .description = "Prints a script that completes commands and options.\n\n"
                   "  source <(schema-sync completion bash)\n"
                   "  source <(schema-sync completion zsh)\n"
                   "  schema-sync completion fish | source",
    .arguments = "SHELL",
    .run = run,
};
