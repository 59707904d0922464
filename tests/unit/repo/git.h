/* Repositories made by git itself, for tests. */
#ifndef SCHEMA_SYNC_TESTS_GIT_H
#define SCHEMA_SYNC_TESTS_GIT_H

#include "unit/repo/state.h"

/* Runs git in the project; the test's own identity and no configuration of the machine. */
static inline void git(const Project *project, const char *command) {
    AUTO(Buf) line = { 0 };
    buf_printf(&line,
               "cd %s && GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null git -c user.name=t -c "
               "user.email=t@t.test "
               "-c init.defaultBranch=main -c commit.gpgsign=false -c protocol.file.allow=always %s "
               ">/dev/null 2>&1",
               project->path, command);
    if (system(buf_text(&line)) != 0)
        fail_msg("git %s", command);
}

static inline void head_id(const Project *project, const char *revision, char id[65]) {
    AUTO(Buf) line = { 0 };
    buf_printf(&line, "git -C %s rev-parse %s", project->path, revision);
    FILE *output = popen(buf_text(&line), "r");
    assert_non_null(output);
    assert_non_null(fgets(id, 65, output));
    assert_int_equal(pclose(output), 0);
    id[strcspn(id, "\n")] = '\0';
}

/* What git prints. */
static inline void git_says(const Project *project, const char *command, Buf *out) {
    AUTO(Buf) line = { 0 };
    char block[4096];
    buf_printf(&line, "cd %s && GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null git %s 2>&1",
               project->path, command);
    buf_clear(out);
    FILE *output = popen(buf_text(&line), "r");
    assert_non_null(output);
    for (size_t got; (got = fread(block, 1, sizeof block, output)) > 0;)
        buf_append(out, block, got);
    if (pclose(output) != 0)
        fail_msg("git %s: %s", command, buf_text(out));
}

static inline void assert_git_says(const Project *project, const char *command, const char *wanted) {
    AUTO(Buf) said = { 0 };
    git_says(project, command, &said);
    assert_string_equal(buf_text(&said), wanted);
}

static inline void commit_all(const Project *project, const char *message) {
    AUTO(Buf) command = { 0 };
    git(project, "add -A");
    buf_printf(&command, "commit -q -m '%s'", message);
    git(project, buf_text(&command));
}

#endif
