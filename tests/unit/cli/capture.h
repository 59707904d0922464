/*
 * Runs the command line as main does, and keeps what it prints.
 */
#ifndef SCHEMA_SYNC_TESTS_UNIT_CLI_CAPTURE_H
#define SCHEMA_SYNC_TESTS_UNIT_CLI_CAPTURE_H

#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/cli.h"
#include "unit/unit.h"

enum { MOST_ARGUMENTS = 16 };

typedef struct {
    bool done;
    Error err;
    Buf out, talk; /* stdout and stderr */
} Ran;

static void ran_free(Ran *ran) {
    buf_free(&ran->out);
    buf_free(&ran->talk);
}
AUTO_DEFINE(Ran, ran_free);

static int redirect(FILE *stream, FILE *target) {
    fflush(stream);
    int kept = dup(fileno(stream));
    assert_true(kept >= 0 && dup2(fileno(target), fileno(stream)) >= 0);
    return kept;
}

static void restore(FILE *stream, int kept, FILE *target, Buf *out) {
    fflush(stream);
    assert_true(dup2(kept, fileno(stream)) >= 0);
    close(kept);
    char chunk[4096];
    size_t got;
    rewind(target);
    while ((got = fread(chunk, 1, sizeof chunk, target)) > 0)
        buf_append(out, chunk, got);
    fclose(target);
}

/* The words of `line`, which is split at spaces, behind the program's name. */
static int split_line(const char *line, Arena *arena, char *argv[MOST_ARGUMENTS + 1]) {
    int argc = 0;
    argv[argc++] = arena_strdup(arena, "schema-sync");
    for (const char *at = line; *at;) {
        size_t length = strcspn(at, " ");
        assert_true(argc < MOST_ARGUMENTS);
        argv[argc++] = arena_strndup(arena, at, length);
        at += length;
        at += strspn(at, " ");
    }
    argv[argc] = NULL;
    return argc;
}

/* `environment` is a list ended by NULL. */
static void run_line(Ran *ran, const char *line, const char *const *environment) {
    AUTO(Arena) arena = { 0 };
    char *argv[MOST_ARGUMENTS + 1];
    char *variables[MOST_ARGUMENTS + 1] = { NULL };
    int argc = split_line(line, &arena, argv);
    for (size_t i = 0; environment && environment[i]; i++) {
        assert_true(i < MOST_ARGUMENTS);
        variables[i] = arena_strdup(&arena, environment[i]);
    }
    ran_free(ran);
    ran->err = (Error){ 0 };
    FILE *out = tmpfile();
    FILE *talk = tmpfile();
    assert_true(out && talk);
    int kept_out = redirect(stdout, out);
    int kept_talk = redirect(stderr, talk);
    ran->done = cli_run(argc, argv, variables, &ran->err);
    restore(stdout, kept_out, out, &ran->out);
    restore(stderr, kept_talk, talk, &ran->talk);
}

#endif
