#include <string.h>

#include "cli/help.h"

/* Each option as the shells' own word lists want it: "--mode", and what may follow it. */

static void list_commands(Buf *out, const char *separator) {
    for (const CommandRow *const *row = commands; *row; row++)
        if (!(*row)->hidden)
            buf_printf(out, "%s%s", out->length ? separator : "", (*row)->name);
}

static void list_options(Buf *out, const OptionRow *rows) {
    for (; rows && rows->name; rows++)
        buf_printf(out, "%s--%s", out->length ? " " : "", rows->name);
}

static void put_choices(Buf *out, const char *choices) {
    for (; *choices; choices++)
        buf_putc(out, *choices == '|' ? ' ' : *choices);
}

/* Between single quotes a single quote is written '\''. */
static void put_quoted(Buf *out, const char *text) {
    for (; *text; text++) {
        if (*text == '\'')
            buf_puts(out, "'\\''");
        else
            buf_putc(out, *text);
    }
}

/* ---- bash ---- */

/* What may follow an option; `command` is a pattern, as two commands may mean different things by one name.
 */
static void bash_values(Buf *out, const char *command, const OptionRow *rows) {
    for (; rows && rows->name; rows++) {
        if (rows->kind == OPTION_FLAG || rows->kind == OPTION_MAYBE)
            continue;
        bool path = strcmp(rows->value, "FILE") == 0 || strcmp(rows->value, "DIR") == 0;
        buf_printf(out, "        %s' --%s') ", command, rows->name);
        if (rows->kind == OPTION_CHOICE) {
            buf_puts(out, "COMPREPLY=($(compgen -W '");
            put_choices(out, rows->value);
            buf_puts(out, "' -- \"$word\")); ");
        } else if (path) {
            buf_puts(out, "COMPREPLY=($(compgen -f -- \"$word\")); ");
        }
        buf_puts(out, "return ;;\n");
    }
}

static void bash_script(Buf *out) {
    AUTO(Buf) names = { 0 };
    AUTO(Buf) global = { 0 };
    list_commands(&names, "|");
    list_options(&global, global_options);
    buf_puts(out, "_schema_sync() {\n"
                  "    local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]} command= i\n"
                  "    for ((i = 1; i < COMP_CWORD; i++)); do\n");
    buf_printf(out, "        case ${COMP_WORDS[i]} in %s) command=${COMP_WORDS[i]}; break ;; esac\n",
               buf_text(&names));
    buf_puts(out, "    done\n    case \"$command $last\" in\n");
    bash_values(out, "*", global_options);
    for (const CommandRow *const *row = commands; *row; row++)
        if (!(*row)->hidden)
            bash_values(out, (*row)->name, (*row)->options);
    buf_printf(out, "    esac\n    local words='%s'\n    case $command in\n", buf_text(&global));
    for (const CommandRow *const *row = commands; *row; row++) {
        AUTO(Buf) own = { 0 };
        list_options(&own, (*row)->options);
        if (!(*row)->hidden && own.length)
            buf_printf(out, "        %s) words=\"%s $words\" ;;\n", (*row)->name, buf_text(&own));
    }
    AUTO(Buf) words = { 0 };
    list_commands(&words, " ");
    buf_puts(out, "        completion) words='bash zsh fish' ;;\n");
    buf_printf(out, "        ''|help) [[ $word == -* ]] || words='%s' ;;\n    esac\n", buf_text(&words));
    buf_puts(out, "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
                  "complete -F _schema_sync schema-sync\n");
}

/* ---- zsh ---- */

/* In _arguments a colon and brackets have a meaning of their own. */
static void put_zsh_help(Buf *out, const char *text) {
    for (; *text; text++) {
        if (*text == '[' || *text == ']' || *text == ':')
            buf_putc(out, '\\');
        if (*text == '\'')
            buf_puts(out, "'\\''");
        else
            buf_putc(out, *text);
    }
}

static void zsh_options(Buf *out, const OptionRow *rows, const char *indent) {
    for (; rows && rows->name; rows++) {
        buf_printf(out, " \\\n%s'--%s%s[", indent, rows->name,
                   rows->kind == OPTION_FLAG    ? ""
                   : rows->kind == OPTION_MAYBE ? "=-"
                                                : "=");
        put_zsh_help(out, rows->help);
        buf_putc(out, ']');
        if (rows->kind == OPTION_CHOICE) {
            buf_printf(out, ":%s:(", rows->name);
            put_choices(out, rows->value);
            buf_putc(out, ')');
        } else if (rows->kind == OPTION_MAYBE) {
            buf_printf(out, "::%s:", rows->value);
        } else if (rows->kind != OPTION_FLAG) {
            bool file = strcmp(rows->value, "FILE") == 0;
            bool folder = strcmp(rows->value, "DIR") == 0;
            buf_printf(out, ":%s:%s", rows->value, file ? "_files" : folder ? "_files -/" : "");
        }
        buf_putc(out, '\'');
    }
}

static void zsh_script(Buf *out) {
    buf_puts(out, "#compdef schema-sync\n"
                  "_schema_sync() {\n"
                  "    local state line\n"
                  "    local -a names=(\n");
    for (const CommandRow *const *row = commands; *row; row++) {
        if ((*row)->hidden)
            continue;
        buf_printf(out, "        '%s:", (*row)->name);
        put_zsh_help(out, (*row)->summary);
        buf_puts(out, "'\n");
    }
    buf_puts(out, "    )\n    _arguments -C");
    zsh_options(out, global_options, "        ");
    buf_puts(out, " \\\n        '1: :->command' '*:: :->rest'\n"
                  "    case $state in\n"
                  "        command) _describe command names ;;\n"
                  "        rest) case $line[1] in\n");
    for (const CommandRow *const *row = commands; *row; row++) {
        if ((*row)->hidden || !(*row)->options || !(*row)->options->name)
            continue;
        buf_printf(out, "            %s) _arguments", (*row)->name);
        zsh_options(out, (*row)->options, "                ");
        zsh_options(out, global_options, "                ");
        buf_puts(out, " ;;\n");
    }
    buf_puts(out, "            help) _describe command names ;;\n"
                  "            completion) _values shell bash zsh fish ;;\n"
                  "        esac ;;\n"
                  "    esac\n"
                  "}\n"
                  "if [ \"$funcstack[1]\" = _schema_sync ]; then\n"
                  "    _schema_sync \"$@\"\n"
                  "else\n"
                  "    compdef _schema_sync schema-sync\n"
                  "fi\n");
}

/* ---- fish ---- */

static void fish_options(Buf *out, const OptionRow *rows, const char *condition) {
    for (; rows && rows->name; rows++) {
        buf_printf(out, "complete -c schema-sync%s -l %s", condition, rows->name);
        if (rows->letter)
            buf_printf(out, " -s %c", rows->letter);
        if (rows->kind == OPTION_CHOICE) {
            buf_puts(out, " -x -a '");
            put_choices(out, rows->value);
            buf_putc(out, '\'');
        } else if (rows->kind != OPTION_FLAG && rows->kind != OPTION_MAYBE) {
            bool path = strcmp(rows->value, "FILE") == 0 || strcmp(rows->value, "DIR") == 0;
            buf_puts(out, path ? " -r -F" : " -x");
        }
        buf_puts(out, " -d '");
        put_quoted(out, rows->help);
        buf_puts(out, "'\n");
    }
}

static void fish_script(Buf *out) {
    buf_puts(out, "complete -c schema-sync -f\n");
    fish_options(out, global_options, "");
    for (const CommandRow *const *row = commands; *row; row++) {
        if ((*row)->hidden)
            continue;
        buf_printf(out, "complete -c schema-sync -n __fish_use_subcommand -a %s -d '", (*row)->name);
        put_quoted(out, (*row)->summary);
        buf_puts(out, "'\n");
        AUTO(Buf) condition = { 0 };
        buf_printf(&condition, " -n '__fish_seen_subcommand_from %s'", (*row)->name);
        fish_options(out, (*row)->options, buf_text(&condition));
    }
    AUTO(Buf) names = { 0 };
    list_commands(&names, " ");
    buf_printf(out, "complete -c schema-sync -n '__fish_seen_subcommand_from help' -a '%s'\n",
               buf_text(&names));
    buf_puts(out, "complete -c schema-sync -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n");
}

void completion_script(const char *shell, Buf *out) {
    if (strcmp(shell, "bash") == 0)
        bash_script(out);
    else if (strcmp(shell, "zsh") == 0)
        zsh_script(out);
    else
        fish_script(out);
}
