/*
 * The command line, read against the option tables.
 *
 * Long options are --name, --name=value or --name value; letters may be bundled (-qv). Names are given in
 * full: an abbreviation would change its meaning with the next version. Global options may stand before or
 * after the command; "--" ends the options. Of an option given twice the last one counts. Faults: ERR_USAGE,
 * with the nearest name as hint.
 */
#ifndef SCHEMA_SYNC_CLI_OPTIONS_H
#define SCHEMA_SYNC_CLI_OPTIONS_H

#include "base/mem.h"
#include "cli/command.h"

typedef struct {
    const CommandRow *command;  /* NULL with help or version only */
    const char **global_values; /* parallel to global_options */
    const char **values;        /* parallel to command->options */
    const char *const *arguments;
    size_t argument_count;
} CommandLine;

bool options_parse(int argc, char *const *argv, Arena *arena, CommandLine *line, Error *err);
/* The value of a global option, NULL when it was not given. */
const char *global_text(const CommandLine *line, const char *name);

#endif
