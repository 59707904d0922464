#include "cli/options.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/str.h"

/* ---- tables ---- */

static size_t row_count(const OptionRow *rows) {
    size_t count = 0;
    while (rows && rows[count].name)
        count++;
    return count;
}

static size_t row_find(const OptionRow *rows, const char *name) {
    size_t at = 0;
    while (rows && rows[at].name && strcmp(rows[at].name, name) != 0)
        at++;
    return at;
}

const CommandRow *command_find(const char *name) {
    for (const CommandRow *const *row = commands; *row; row++)
        if (strcmp((*row)->name, name) == 0)
            return *row;
    return NULL;
}

const char *option_text(const Invocation *invocation, const char *name) {
    return invocation->values[row_find(invocation->command->options, name)];
}

bool option_given(const Invocation *invocation, const char *name) {
    return option_text(invocation, name) != NULL;
}

const char *option_path(const Invocation *invocation, const char *name, Arena *arena) {
    const char *path = option_text(invocation, name);
    if (!path || path[0] == '/')
        return path;
    char *here = getcwd(NULL, 0);
    const char *whole = arena_printf(arena, "%s/%s", here ? here : ".", path);
    free(here);
    return whole;
}

double option_seconds(const Invocation *invocation, const char *name, double otherwise) {
    double seconds = otherwise;
    const char *text = option_text(invocation, name);
    if (text)
        config_seconds(text, &seconds);
    return seconds;
}

/* Digits, as many as surely fit, or "all". */
static bool parse_count(const char *text, size_t *count) {
    enum { DIGITS = 9 };
    *count = SIZE_MAX;
    if (strcmp(text, "all") == 0)
        return true;
    *count = strtoul(text, NULL, 10);
    size_t length = strlen(text);
    return length > 0 && length <= DIGITS && strspn(text, "0123456789") == length;
}

size_t option_count(const Invocation *invocation, const char *name, size_t otherwise) {
    size_t count = otherwise;
    const char *text = option_text(invocation, name);
    if (text)
        parse_count(text, &count);
    return count;
}

const char *global_text(const CommandLine *line, const char *name) {
    return line->global_values[row_find(global_options, name)];
}

/* ---- parsing ---- */

typedef struct {
    int argc;
    char *const *argv;
    int at;
    Arena *arena;
    CommandLine *line;
    const char **arguments;
    bool only_arguments; /* after "--" */
} Parse;

static bool unknown_option(const Parse *parse, const char *name, Error *err) {
    const OptionRow *own = parse->line->command ? parse->line->command->options : NULL;
    size_t count = 0;
    const char **names = arena_array(parse->arena, row_count(own) + row_count(global_options), sizeof *names);
    for (const OptionRow *row = own; row && row->name; row++)
        names[count++] = row->name;
    for (const OptionRow *row = global_options; row->name; row++)
        names[count++] = row->name;
    if (parse->line->command)
        error_set(err, ERR_USAGE, "%s has no option --%s", parse->line->command->name, name);
    else
        error_set(err, ERR_USAGE, "there is no option --%s before a command", name);
    const char *meant = nearest_name(name, names, count);
    if (meant)
        return error_hint(err, "did you mean --%s?", meant);
    if (!parse->line->command)
        return error_hint(err, "options of a command stand after it; `schema-sync help` lists both");
    return error_hint(err, "`schema-sync help %s` lists its options", parse->line->command->name);
}

static bool is_choice(const char *choices, const char *value) {
    size_t length = strlen(value);
    for (const char *at = choices; *at;) {
        size_t choice = strcspn(at, "|");
        if (choice == length && strncmp(at, value, length) == 0)
            return true;
        at += choice;
        at += *at == '|';
    }
    return false;
}

static bool check_value(const OptionRow *row, const char *value, Error *err) {
    double seconds;
    size_t count;
    if (row->kind == OPTION_CHOICE && !is_choice(row->value, value)) {
        error_set(err, ERR_USAGE, "--%s: there is no \"%s\"", row->name, value);
        return error_hint(err, "it takes one of %s", row->value);
    }
    if (row->kind == OPTION_SECONDS && !config_seconds(value, &seconds)) {
        error_set(err, ERR_USAGE, "--%s: \"%s\" is no length of time", row->name, value);
        return error_hint(err, "write seconds, or 90s, 2m, 1h");
    }
    if (row->kind == OPTION_COUNT && !parse_count(value, &count)) {
        error_set(err, ERR_USAGE, "--%s: \"%s\" is no count", row->name, value);
        return error_hint(err, "write a number, or all");
    }
    if ((row->kind == OPTION_TEXT || row->kind == OPTION_MAYBE) && !*value)
        return error_set(err, ERR_USAGE, "--%s: the value is empty", row->name);
    return true;
}

/* `attached` is what stood in the same word ("--name=value", "-Cvalue"), NULL when nothing did. */
static bool take_option(Parse *parse, const OptionRow *row, const char **value, const char *attached,
                        Error *err) {
    if (row->kind == OPTION_FLAG) {
        *value = "";
        return !attached || error_set(err, ERR_USAGE, "--%s takes no value", row->name) ||
               error_hint(err, "write --%s alone, or leave it out", row->name);
    }
    if (!attached && row->kind == OPTION_MAYBE) {
        *value = "";
        return true;
    }
    if (!attached) {
        const char *next = parse->at < parse->argc ? parse->argv[parse->at] : NULL;
        if (!next) {
            error_set(err, ERR_USAGE, "--%s needs a value", row->name);
            return error_hint(err, "--%s %s", row->name, row->value);
        }
        if (next[0] == '-' && next[1]) {
            error_set(err, ERR_USAGE, "--%s needs a value, and %s looks like an option", row->name, next);
            return error_hint(err, "write --%s=%s if that is meant", row->name, next);
        }
        attached = next;
        parse->at++;
    }
    *value = attached;
    return check_value(row, attached, err);
}

static bool parse_long(Parse *parse, const char *word, Error *err) {
    CommandLine *line = parse->line;
    size_t length = strcspn(word, "=");
    const char *name = arena_strndup(parse->arena, word, length);
    const char *attached = word[length] ? word + length + 1 : NULL;
    const OptionRow *own = line->command ? line->command->options : NULL;
    size_t at = row_find(own, name);
    if (own && own[at].name)
        return take_option(parse, &own[at], &line->values[at], attached, err);
    at = row_find(global_options, name);
    if (global_options[at].name)
        return take_option(parse, &global_options[at], &line->global_values[at], attached, err);
    return unknown_option(parse, name, err);
}

static const OptionRow *letter_find(const OptionRow *rows, char letter) {
    for (; rows && rows->name; rows++)
        if (rows->letter == letter)
            return rows;
    return NULL;
}

static bool parse_letters(Parse *parse, const char *letters, Error *err) {
    CommandLine *line = parse->line;
    for (; *letters; letters++) {
        const OptionRow *own = line->command ? line->command->options : NULL;
        const OptionRow *row = letter_find(own, *letters);
        const char **values = line->values;
        if (!row) {
            row = letter_find(global_options, *letters);
            own = global_options;
            values = line->global_values;
        }
        if (!row) {
            error_set(err, ERR_USAGE, "there is no option -%c", *letters);
            return error_hint(err, "`schema-sync help` lists them; long options begin with two dashes");
        }
        bool flag = row->kind == OPTION_FLAG;
        const char *attached = !flag && letters[1] ? letters + 1 : NULL;
        if (!take_option(parse, row, &values[row - own], attached, err))
            return false;
        if (!flag)
            return true;
    }
    return true;
}

static bool take_word(Parse *parse, const char *word, Error *err) {
    CommandLine *line = parse->line;
    if (line->command) {
        parse->arguments[line->argument_count++] = word;
        return true;
    }
    line->command = command_find(word);
    if (!line->command)
        return command_unknown(word, err);
    line->values = arena_array(parse->arena, row_count(line->command->options) + 1, sizeof *line->values);
    return true;
}

/* "SHELL" wants one argument, "[COMMAND]" takes one, "[KEY…]" any number. */
static bool check_arguments(const CommandLine *line, Error *err) {
    size_t most = 0;
    size_t least = 0;
    for (const char *at = line->command->arguments; *at;) {
        size_t length = strcspn(at, " ");
        most++;
        least += *at != '[';
        at += length;
        if (str_ends(line->command->arguments, "…]") && !*at)
            most = SIZE_MAX;
        at += strspn(at, " ");
    }
    if (line->argument_count > most) {
        error_set(err, ERR_USAGE, "%s does not take \"%s\"", line->command->name, line->arguments[most]);
        return error_hint(err, "usage: schema-sync %s [options]%s%s", line->command->name, most ? " " : "",
                          line->command->arguments);
    }
    if (line->argument_count < least) {
        error_set(err, ERR_USAGE, "%s needs %s", line->command->name, line->command->arguments);
        return error_hint(err, "`schema-sync help %s` explains it", line->command->name);
    }
    return true;
}

bool options_parse(int argc, char *const *argv, Arena *arena, CommandLine *line, Error *err) {
    *line = (CommandLine){ .global_values = arena_array(arena, row_count(global_options) + 1,
                                                        sizeof *line->global_values) };
    Parse parse = { .argc = argc, .argv = argv, .at = 1, .arena = arena, .line = line };
    parse.arguments = arena_array(arena, (size_t)argc + 1, sizeof *parse.arguments);
    line->arguments = parse.arguments;
    while (parse.at < argc) {
        const char *word = argv[parse.at++];
        bool option = !parse.only_arguments && word[0] == '-' && word[1];
        if (option && strcmp(word, "--") == 0)
            parse.only_arguments = true;
        else if (!(option ? word[1] == '-' ? parse_long(&parse, word + 2, err)
                                           : parse_letters(&parse, word + 1, err)
                          : take_word(&parse, word, err)))
            return false;
    }
    bool informs = global_text(line, "help") || global_text(line, "version");
    if (line->command)
        return informs || check_arguments(line, err);
    if (informs)
        return true;
    error_set(err, ERR_USAGE, "no command was given");
    return error_hint(err, "`schema-sync help` lists them");
}
