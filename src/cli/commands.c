#include "cli/command.h"

#include "base/nearest.h"

/* The table: a new command is one line here and one file beside it. In the order of help. */
#define COMMANDS(X)                                                                                          \
    X(init)                                                                                                  \
    X(install)                                                                                               \
    X(export)                                                                                                \
    X(import)                                                                                                \
    X(diff)                                                                                                  \
    X(rollback)                                                                                              \
    X(status)                                                                                                \
    X(doctor)                                                                                                \
    X(log)                                                                                                   \
    X(show)                                                                                                  \
    X(rm)                                                                                                    \
    X(hash)                                                                                                  \
    X(seal)                                                                                                  \
    X(hook)                                                                                                  \
    X(lock)                                                                                                  \
    X(merge_file)                                                                                            \
    X(completion)                                                                                            \
    X(help)                                                                                                  \
    X(man)                                                                                                   \
    X(reference)

#define DECLARE(name) extern const CommandRow command_##name;
COMMANDS(DECLARE)

#define ENTRY(name) &command_##name,
const CommandRow *const commands[] = { COMMANDS(ENTRY) NULL };

const OptionRow global_options[] = {
    { "directory", 'C', OPTION_TEXT, "DIR",
      "Work as if started in DIR: schema-sync.json is searched there and upwards." },
    { "config", 0, OPTION_TEXT, "FILE", "The config file, instead of the search." },
    { "env", 0, OPTION_TEXT, "NAME",
      "The named environment, for example prod: its settings in the config file, and variables that begin "
      "with PROD_." },
    { "json", 0, OPTION_FLAG, NULL, "One JSON document on stdout, also for errors." },
    { "no-color", 0, OPTION_FLAG, NULL, "No colours on a terminal." },
    { "quiet", 'q', OPTION_FLAG, NULL, "No notes and no progress on stderr; warnings and errors stay." },
    { "verbose", 'v', OPTION_FLAG, NULL, "Say on stderr what is asked and decided." },
    { "yes", 0, OPTION_FLAG, NULL,
      "Do not ask for the name of a protected environment. Never permits a deletion." },
    { "help", 'h', OPTION_FLAG, NULL, "Explain the command." },
    { "version", 0, OPTION_FLAG, NULL, "Print the version." },
    { 0 },
};

bool command_unknown(const char *name, Error *err) {
    const char *names[sizeof commands / sizeof *commands];
    size_t count = 0;
    for (const CommandRow *const *row = commands; *row; row++)
        if (!(*row)->hidden)
            names[count++] = (*row)->name;
    error_set(err, ERR_USAGE, "there is no command \"%s\"", name);
    const char *meant = nearest_name(name, names, count);
    return meant ? error_hint(err, "did you mean `schema-sync %s`?", meant)
                 : error_hint(err, "`schema-sync help` lists the commands");
}
