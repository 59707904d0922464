#include "unit/unit.h"

#include "cli/options.h"
#include "unit/cli/fake_sync.h"

enum { MOST_WORDS = 12 };

typedef struct {
    const char *words[MOST_WORDS]; /* after the program's name */
} Words;

#define WORDS(...) ((Words){ { __VA_ARGS__ } })

static bool parse(const Words *words, Arena *arena, CommandLine *line, Error *err) {
    char **argv = arena_array(arena, MOST_WORDS + 2, sizeof *argv);
    int argc = 1;
    argv[0] = arena_strdup(arena, "schema-sync");
    for (size_t i = 0; i < MOST_WORDS && words->words[i]; i++)
        argv[argc++] = arena_strdup(arena, words->words[i]);
    return options_parse(argc, argv, arena, line, err);
}

/* "export only=flows check -env=prod (a b)": what was understood; global options with a dash. */
static const char *understood(const CommandLine *line, Arena *arena) {
    AUTO(Buf) text = { 0 };
    buf_puts(&text, line->command ? line->command->name : "none");
    for (size_t i = 0; line->command && line->command->options && line->command->options[i].name; i++)
        if (line->values[i])
            buf_printf(&text, " %s%s%s", line->command->options[i].name, *line->values[i] ? "=" : "",
                       line->values[i]);
    for (size_t i = 0; global_options[i].name; i++)
        if (line->global_values[i])
            buf_printf(&text, " -%s%s%s", global_options[i].name, *line->global_values[i] ? "=" : "",
                       line->global_values[i]);
    for (size_t i = 0; i < line->argument_count; i++)
        buf_printf(&text, " (%s)", line->arguments[i]);
    return arena_strdup(arena, buf_text(&text));
}

static void understands(void **state) {
    (void)state;
    static const struct {
        Words words;
        const char *expected;
    } cases[] = {
        { { { "export" } }, "export" },
        { { { "export", "--only", "flows", "--check" } }, "export only=flows check" },
        { { { "export", "--only=flows,posts" } }, "export only=flows,posts" },
        { { { "export", "--only=a", "--only=b" } }, "export only=b" },
        { { { "export", "--only=--check" } }, "export only=--check" },
        { { { "export", "--only", "-" } }, "export only=-" },
        { { { "export", "--commit", "--check" } }, "export check commit" },
        { { { "export", "--commit=a word" } }, "export commit=a word" },
        { { { "--env", "prod", "import", "--dry-run" } }, "import dry-run -env=prod" },
        { { { "import", "--env=prod", "--mode", "mirror", "--wait", "2m" } },
          "import mode=mirror wait=2m -env=prod" },
        { { { "import", "--marker=none" } }, "import marker=none" },
        { { { "-qv", "status" } }, "status -quiet -verbose" },
        { { { "status", "-C", "/x", "-q" } }, "status -directory=/x -quiet" },
        { { { "status", "-qC/x" } }, "status -directory=/x -quiet" },
        { { { "--json", "--yes", "--no-color", "hash", "--manifest" } },
          "hash manifest -json -no-color -yes" },
        { { { "completion", "bash" } }, "completion (bash)" },
        { { { "completion", "--", "-q" } }, "completion (-q)" },
        { { { "help" } }, "help" },
        { { { "help", "import" } }, "help (import)" },
        { { { "--help" } }, "none -help" },
        { { { "-h", "import" } }, "import -help" },
        { { { "completion", "--help" } }, "completion -help" },
        { { { "--version" } }, "none -version" },
        { { { "man" } }, "man" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(Arena) arena = { 0 };
        Error err = { 0 };
        CommandLine line;
        assert_ok(parse(&cases[i].words, &arena, &line, &err));
        assert_string_equal(understood(&line, &arena), cases[i].expected);
    }
}

static void refuses(void **state) {
    (void)state;
    static const struct {
        Words words;
        const char *part, *hint; /* hint NULL = any */
    } cases[] = {
        { { { NULL } }, "no command was given", "schema-sync help" },
        { { { "-q" } }, "no command was given", NULL },
        { { { "exprot" } }, "there is no command \"exprot\"", "did you mean `schema-sync export`?" },
        { { { "banana" } }, "there is no command \"banana\"", "schema-sync help" },
        { { { "exp" } }, "there is no command", NULL },
        { { { "" } }, "there is no command", NULL },
        { { { "export", "--chek" } }, "export has no option --chek", "did you mean --check?" },
        { { { "export", "--che" } }, "export has no option --che", NULL }, /* no abbreviations */
        { { { "export", "--force" } }, "export has no option --force", "schema-sync help export" },
        { { { "export", "--jsn" } }, "export has no option --jsn", "did you mean --json?" },
        { { { "--check", "export" } }, "no option --check before a command", NULL },
        { { { "export", "--token=geheim" } }, "no option --token", NULL },
        { { { "export", "-x" } }, "no option -x", NULL },
        { { { "export", "-qx" } }, "no option -x", NULL },
        { { { "export", "--check=1" } }, "--check takes no value", NULL },
        { { { "export", "--only" } }, "--only needs a value", "--only LIST" },
        { { { "export", "--only", "--check" } }, "--check looks like an option", "--only=--check" },
        { { { "export", "--only=" } }, "--only: the value is empty", NULL },
        { { { "export", "--commit=" } }, "--commit: the value is empty", NULL },
        { { { "export", "--commit", "a word" } }, "export does not take", NULL },
        { { { "export", "-C" } }, "--directory needs a value", NULL },
        { { { "import", "--mode", "sync" } }, "--mode: there is no \"sync\"", "add|merge|mirror" },
        { { { "import", "--mode", "add|merge" } }, "--mode: there is no", NULL },
        { { { "import", "--mode=" } }, "--mode: there is no \"\"", NULL },
        { { { "import", "--mode", "merg" } }, "--mode: there is no", NULL },
        { { { "import", "--wait", "soon" } }, "no length of time", "90s" },
        { { { "import", "--wait", "-1" } }, "looks like an option", NULL },
        { { { "export", "flows" } }, "export does not take \"flows\"", "usage: schema-sync export" },
        { { { "completion" } }, "completion needs SHELL", NULL },
        { { { "completion", "bash", "zsh" } }, "completion does not take \"zsh\"", NULL },
        { { { "help", "import", "export" } }, "help does not take \"export\"", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(Arena) arena = { 0 };
        Error err = { 0 };
        CommandLine line;
        assert_fault(parse(&cases[i].words, &arena, &line, &err), ERR_USAGE, cases[i].part);
        assert_null(strstr(err.message, "geheim"));
        if (cases[i].hint && !strstr(err.hint, cases[i].hint))
            fail_msg("%s: hint \"%s\"", cases[i].part, err.hint);
    }
}

/* Help, completions and parser all read the tables: each row must be whole, and each name belong to one row
 * only. */
static void tables_are_whole(void **state) {
    (void)state;
    for (const CommandRow *const *row = commands; *row; row++) {
        assert_ptr_equal(command_find((*row)->name), *row);
        assert_non_null((*row)->summary);
        assert_non_null((*row)->description);
        assert_non_null((*row)->arguments);
        assert_non_null((*row)->run);
        for (const OptionRow *option = (*row)->options; option && option->name; option++) {
            assert_int_equal(option->value == NULL, option->kind == OPTION_FLAG);
            assert_non_null(option->help);
            for (const OptionRow *global = global_options; global->name; global++)
                assert_string_not_equal(option->name, global->name);
            for (const OptionRow *other = (*row)->options; other < option; other++)
                assert_string_not_equal(option->name, other->name);
        }
    }
}

static void reads_values_by_name(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    Error err = { 0 };
    CommandLine line;
    Words words = WORDS("import", "--only=a", "--wait=1.5", "--again");
    assert_ok(parse(&words, &arena, &line, &err));
    Invocation invocation = { .command = line.command, .values = line.values };
    assert_string_equal(option_text(&invocation, "only"), "a");
    assert_true(option_given(&invocation, "again"));
    assert_false(option_given(&invocation, "dry-run"));
    assert_null(option_text(&invocation, "mode"));
    assert_true(option_seconds(&invocation, "wait", -1) == 1.5);
    words = WORDS("import");
    assert_ok(parse(&words, &arena, &line, &err));
    invocation.values = line.values;
    assert_true(option_seconds(&invocation, "wait", -1) == -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(understands),
        cmocka_unit_test(refuses),
        cmocka_unit_test(tables_are_whole),
        cmocka_unit_test(reads_values_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
