/*
 * A command is one file (cmd_<name>.c, which defines `command_<name>`) and one line in the table
 * (commands.c). Parser, usage, --help, shell completions, the man page and the README's command reference are
 * all made from these rows.
 */
#ifndef SCHEMA_SYNC_CLI_COMMAND_H
#define SCHEMA_SYNC_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "config/config.h"

typedef enum {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_CHOICE,
    OPTION_SECONDS,
    OPTION_COUNT,
    OPTION_MAYBE, /* --name alone, or --name=value in one word */
} OptionKind;

/* One option. Values land in Invocation at the row's index. */
typedef struct {
    const char *name; /* "allow-delete" */
    char letter;      /* 'q', or 0 */
    OptionKind kind;
    const char *value; /* what help calls the value: "LIST"; NULL for flags; for choices "add|merge|mirror" */
    const char *help;  /* one or two sentences */
} OptionRow;

/* What the dispatcher sees to before it runs a command. */
typedef enum {
    NEED_CONFIG = 1,   /* loads the configuration */
    NEED_INSTANCE = 2, /* refuses without a URL and credentials */
    NEED_DATABASE = 4, /* refuses without a database, unless --marker none */
} CommandNeeds;

typedef struct Invocation Invocation;

typedef struct {
    const char *name;
    const char *summary;     /* one line for the list of commands */
    const char *description; /* paragraphs for --help and the man page: teaches; lines that begin with two
                                spaces are examples and stand as they are */
    const char *arguments; /* positional ones as usage shows them: "SHELL", "[COMMAND]", "[KEY…]" (any number,
                              the last one), "" when there are none */
    const OptionRow *options; /* ended by name NULL; NULL = none */
    unsigned needs;
    bool hidden; /* in no list */
    /* The commit whose configuration serves where there is no work tree to hold one (a bare repository): NULL
     * = the one that the option --ref names, if the command has it. Returns NULL for none; texts are in the
     * arena. */
    const char *(*revision)(const Invocation *invocation, Arena *arena);
    /* Does the work and prints the result on stdout. Returns false with *err; main prints it unless it is
     * error_is_told(): the printed result says it. */
    bool (*run)(const Invocation *invocation, Error *err);
} CommandRow;

struct Invocation {
    const CommandRow *command;
    Config config; /* loaded when the command needs it */
    ConfigRequest
        request;   /* what it is loaded from, for a command that does so itself, or for another environment */
    Buf committed; /* of the request */
    bool json, color, quiet, verbose, yes;
    bool terminal;       /* stdout is one */
    const char **values; /* parallel to command->options: NULL = not given, "" = given without a value */
    const char *const *arguments;
    size_t argument_count;
};

extern const CommandRow *const commands[]; /* in the order of help; ended by NULL */
extern const OptionRow global_options[];   /* ended by name NULL */

/* NULL when there is none. */
const CommandRow *command_find(const char *name);
/* ERR_USAGE, with the command that was probably meant. Returns false. */
bool command_unknown(const char *name, Error *err);

/* The value of an option of the running command, NULL when it was not given. The name must be in its table.
 */
const char *option_text(const Invocation *invocation, const char *name);
bool option_given(const Invocation *invocation, const char *name);
/* The same of a path, made absolute: it begins where the user stands, not where the configuration was found.
 */
const char *option_path(const Invocation *invocation, const char *name, Arena *arena);
/* A variable of the process environment; "" when it is not set. */
const char *environment_text(char *const *environment, const char *name);
/* Seconds of an OPTION_SECONDS value ("90", "1.5", "2m"), `otherwise` when not given. */
double option_seconds(const Invocation *invocation, const char *name, double otherwise);
/* The number of an OPTION_COUNT value ("20"), SIZE_MAX for "all", `otherwise` when not given. */
size_t option_count(const Invocation *invocation, const char *name, size_t otherwise);

#endif
