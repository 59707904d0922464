#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/redact.h"
#include "base/version.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/talk.h"
#include "model/show.h"
#include "sync/sync.h"

/* ---- one command ---- */

const char *environment_text(char *const *environment, const char *name) {
    size_t length = strlen(name);
    for (; environment && *environment; environment++)
        if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
            return *environment + length + 1;
    return "";
}

/* https://no-color.org: any value but an empty one switches colours off. */
static bool color_wanted(const CommandLine *line, char *const *environment) {
    return !global_text(line, "no-color") && !*environment_text(environment, "NO_COLOR") &&
           strcmp(environment_text(environment, "TERM"), "dumb") != 0;
}

static void begin_talk(const CommandLine *line, char *const *environment) {
    Talk talk = {
        .quiet = global_text(line, "quiet") != NULL,
        .verbose = global_text(line, "verbose") != NULL,
        .terminal = isatty(STDERR_FILENO) && strcmp(environment_text(environment, "TERM"), "dumb") != 0,
    };
    talk.color = talk.terminal && color_wanted(line, environment);
    talk_begin(&talk);
}

static bool has_option(const CommandRow *row, const char *name) {
    for (const OptionRow *option = row->options; option && option->name; option++)
        if (strcmp(option->name, name) == 0)
            return true;
    return false;
}

static const char *ref_of(const Invocation *invocation) {
    return has_option(invocation->command, "ref") ? option_text(invocation, "ref") : NULL;
}

/* Options that stand for settings are put where all settings are. */
static void override_config(Invocation *invocation) {
    const CommandRow *row = invocation->command;
    Mode mode;
    const char *text = has_option(row, "mode") ? option_text(invocation, "mode") : NULL;
    if (text && mode_parse(text, &mode))
        config_force_mode(&invocation->config, mode);
    invocation->config.ref = ref_of(invocation);
    text = has_option(row, "marker") ? option_text(invocation, "marker") : NULL;
    if (text)
        invocation->config.marker = strcmp(text, "none") == 0 ? MARKER_NONE : MARKER_SQL;
}

static bool load(Invocation *invocation, Error *err) {
    unsigned needs = invocation->command->needs;
    ConfigRequest *request = &invocation->request;
    if (needs == 0)
        return true;
    bool found = false;
    AUTO(Arena) arena = { 0 };
    const CommandRow *row = invocation->command;
    const char *ref = row->revision ? row->revision(invocation, &arena) : NULL;
    ref = ref ? ref : ref_of(invocation);
    if (ref && !request->file && !sync_committed_config(ref, &invocation->committed, &found, err))
        return false;
    request->committed = found ? buf_text(&invocation->committed) : NULL;
    if (!config_load(request, &invocation->config, err))
        return false;
    override_config(invocation);
    if ((needs & NEED_INSTANCE) && !config_need_instance(&invocation->config, err))
        return false;
    return !(needs & NEED_DATABASE) || invocation->config.marker == MARKER_NONE ||
           config_need_database(&invocation->config, err);
}

static bool dispatch(const CommandLine *line, char *const *environment, Error *err) {
    const char *directory = global_text(line, "directory");
    if (directory && chdir(directory) != 0) {
        error_errno(err, "--directory %s", directory);
        err->kind = ERR_USAGE;
        return error_hint(err, "it takes a folder that exists");
    }
    Invocation invocation = {
        .command = line->command,
        .request = { .file = global_text(line, "config"),
                     .environment = global_text(line, "env"),
                     .environ = environment },
        .json = global_text(line, "json") != NULL,
        .quiet = global_text(line, "quiet") != NULL,
        .verbose = global_text(line, "verbose") != NULL,
        .yes = global_text(line, "yes") != NULL,
        .terminal = isatty(STDOUT_FILENO),
        .values = line->values,
        .arguments = line->arguments,
        .argument_count = line->argument_count,
    };
    invocation.color = invocation.terminal && color_wanted(line, environment);
    begin_talk(line, environment);
    bool done = load(&invocation, err) && line->command->run(&invocation, err);
    talk_end();
    config_free(&invocation.config);
    buf_free(&invocation.committed);
    return done;
}

static void print_help(const CommandLine *line) {
    AUTO(Buf) text = { 0 };
    if (line->command)
        help_command(line->command, &text);
    else
        help_overview(&text);
    report_put(&text);
}

/* A result that did not arrive is no result: a full disk must not look like success. A reader that has seen
 * enough is no fault, and the status stays the command's. */
static bool result_is_out(Error *err) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    int cause = errno;
    if (report_is_left())
        return true;
    errno = cause;
    return error_errno(err, "writing the result");
}

bool cli_run(int argc, char *const *argv, char *const *environment, Error *err) {
    AUTO(Arena) arena = { 0 };
    CommandLine line;
    bool done = options_parse(argc, argv, &arena, &line, err);
    if (done && global_text(&line, "version"))
        printf("schema-sync %s\n", SCHEMA_SYNC_VERSION);
    else if (done && global_text(&line, "help"))
        print_help(&line);
    else if (done)
        done = dispatch(&line, environment, err);
    return (done || error_is_told(err)) && !result_is_out(err) ? false : done;
}

/* ---- errors ---- */

bool cli_wants_json(int argc, char *const *argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "--format=json") == 0 ||
            (strcmp(argv[i - 1], "--format") == 0 && strcmp(argv[i], "json") == 0))
            return true;
    return false;
}

static const char *kind_name(ErrorKind kind) {
    switch (kind) {
    case ERR_DIFFERENT:
        return "different";
    case ERR_USAGE:
        return "usage";
    case ERR_FILES:
        return "files";
    case ERR_REMOTE:
        return "remote";
    case ERR_IO:
        return "io";
    case ERR_LOCK:
        return "lock";
    case ERR_NEWER:
        return "newer";
    case ERR_REFUSED:
        return "refused";
    case ERR_CONFIG:
        return "config";
    case ERR_NONE:
    case ERR_CONFLICT:
    case ERR_INTERNAL:
        break;
    }
    return "internal";
}

void cli_error(const Error *fault, bool json, Buf *out) {
    Error copy = *fault;
    const Error *err = &copy;
    redact_error(&copy);
    if (!json) {
        buf_puts(out, "schema-sync: ");
        show_message(out, err->message);
        if (err->hint[0]) {
            buf_puts(out, "\n  hint: ");
            show_message(out, err->hint);
        }
        buf_putc(out, '\n');
        return;
    }
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder inner = json_object_builder(&arena);
    report_put_count(&inner, "status", (uint64_t)err->kind);
    report_put_text(&inner, "kind", kind_name(err->kind));
    report_put_text(&inner, "message", err->message);
    report_put_text(&inner, "hint", err->hint[0] ? err->hint : NULL);
    JsonObjectBuilder object = json_object_builder(&arena);
    json_object_put(&object, "error", json_object_done(&inner));
    report_text(&object, out);
}
