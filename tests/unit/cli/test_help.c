/* What the tables print, against tests/golden/cli. */
#include "unit/cli/capture.h"
#include "unit/cli/fake_sync.h"

#include "cli/command.h"
#include "cli/help.h"
#include "unit/golden.h"

static void golden_line(const char *line, const char *name) {
    AUTO(Ran) ran = { 0 };
    run_line(&ran, line, NULL);
    if (!ran.done)
        fail_msg("%s: %s", line, ran.err.message);
    assert_string_equal(buf_text(&ran.talk), "");
    char path[80];
    snprintf(path, sizeof path, "cli/%s", name);
    compare_with_golden(path, buf_text(&ran.out));
}

static void help_is_golden(void **state) {
    (void)state;
    golden_line("help", "help.txt");
    for (const CommandRow *const *row = commands; *row; row++) {
        char line[64], name[64];
        if ((*row)->hidden)
            continue;
        snprintf(line, sizeof line, "help %s", (*row)->name);
        snprintf(name, sizeof name, "help-%s.txt", (*row)->name);
        golden_line(line, name);
    }
}

static void completions_are_golden(void **state) {
    (void)state;
    golden_line("completion bash", "completion.bash");
    golden_line("completion zsh", "completion.zsh");
    golden_line("completion fish", "completion.fish");
}

/* "help import", "import --help" and "--help import" are the same. */
static void help_has_three_ways(void **state) {
    (void)state;
    static const char *const lines[] = { "help import", "import --help", "--help import",
                                         "import -h --mode add", "completion --help" };
    AUTO(Ran) first = { 0 };
    AUTO(Ran) other = { 0 };
    run_line(&first, lines[0], NULL);
    for (size_t i = 1; i < 4; i++) {
        run_line(&other, lines[i], NULL);
        assert_true(other.done);
        assert_string_equal(buf_text(&other.out), buf_text(&first.out));
    }
    run_line(&other, lines[4], NULL); /* without the argument it needs */
    assert_true(other.done);
}

static void lines_fit_a_terminal(void **state) {
    (void)state;
    for (const CommandRow *const *row = commands; *row; row++) {
        AUTO(Buf) text = { 0 };
        help_command(*row, &text);
        help_overview(&text);
        for (const char *line = buf_text(&text); *line;) {
            size_t length = strcspn(line, "\n");
            size_t columns = 0;
            for (size_t i = 0; i < length; i++)
                columns += ((unsigned char)line[i] & 0xC0U) != 0x80U;
            if (columns > 80)
                fail_msg("%zu columns: %.*s", columns, (int)length, line);
            line += length + (line[length] != '\0');
        }
    }
}

/* troff must find no request and no escape in our texts but ours. */
static void man_page_is_safe(void **state) {
    (void)state;
    static const char *const requests[] = { ".TH ", ".SH ", ".SS ", ".B ", ".PP", ".TP", ".nf", ".fi" };
    AUTO(Ran) ran = { 0 };
    run_line(&ran, "man", NULL);
    assert_true(ran.done);
    for (const char *line = buf_text(&ran.out); *line;) {
        bool known = *line != '.' && *line != '\'';
        for (size_t i = 0; !known && i < sizeof requests / sizeof *requests; i++)
            known = strncmp(line, requests[i], strlen(requests[i])) == 0;
        size_t length = strcspn(line, "\n");
        if (!known)
            fail_msg("%.*s", (int)length, line);
        line += length + 1;
    }
    for (const char *at = strchr(buf_text(&ran.out), '\\'); at; at = strchr(at + 2, '\\'))
        if (!strchr("-e&", at[1]))
            fail_msg("%.20s", at);
    assert_non_null(strstr(buf_text(&ran.out), "\\-\\-allow\\-delete"));
}

static void readme_has_the_reference(void **state) {
    (void)state;
    static const char begin[] = "<!-- commands -->\n", end[] = "<!-- /commands -->";
    Error err = { 0 };
    AUTO(Buf) readme = { 0 };
    AUTO(Ran) ran = { 0 };
    assert_ok(file_read("README.md", 0, &readme, NULL, &err));
    run_line(&ran, "reference", NULL);
    assert_true(ran.done);
    const char *start = strstr(buf_text(&readme), begin);
    const char *stop = start ? strstr(start, end) : NULL;
    if (!start || !stop)
        fail_msg("README.md has no %s", start ? end : begin);
    start += sizeof begin - 1;
    size_t length = (size_t)(stop - start);
    if (length != ran.out.length || memcmp(start, ran.out.data, length) != 0)
        fail_msg(
            "README.md: what stands between the commands marks is not what `schema-sync reference` prints");
}

/* bash itself says what would be offered; one line a case: the words so far, then the offer. */
static void bash_completes(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        { "ex", "export" },
        { "import --m", "--mode --marker" },
        { "import --mode ''", "add merge mirror" },
        { "import --marker n", "none" },
        { "--env prod st", "status" },
        { "hash --check tests/CMakeL", "tests/CMakeLists.txt" },
        { "export --check --over", "--overwrite" },
        { "completion f", "fish" },
        { "help im", "import" },
        { "import --only ''", "" },
    };
    if (system("command -v bash >/dev/null 2>&1") != 0) {
        print_message("skipped: there is no bash\n");
        skip();
    }
    AUTO(Buf) script = { 0 };
    completion_script("bash", &script);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[] = "/tmp/schema-sync-completion-XXXXXX";
        char command[96], offer[512] = "";
        int fd = mkstemp(path);
        FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
        assert_non_null(file);
        fprintf(file,
                "%s\nCOMP_WORDS=(schema-sync %s)\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_schema_sync\n"
                "echo \"${COMPREPLY[*]}\"\n",
                buf_text(&script), cases[i][0]);
        assert_int_equal(fclose(file), 0);
        snprintf(command, sizeof command, "bash %s", path);
        FILE *pipe = popen(command, "r");
        assert_non_null(pipe);
        if (!fgets(offer, sizeof offer, pipe))
            offer[0] = '\0';
        pclose(pipe);
        unlink(path);
        offer[strcspn(offer, "\n")] = '\0';
        if (strcmp(offer, cases[i][1]) != 0)
            fail_msg("%s: \"%s\"", cases[i][0], offer);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_is_golden),      cmocka_unit_test(completions_are_golden),
        cmocka_unit_test(help_has_three_ways), cmocka_unit_test(lines_fit_a_terminal),
        cmocka_unit_test(man_page_is_safe),    cmocka_unit_test(readme_has_the_reference),
        cmocka_unit_test(bash_completes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
