#include "repo/git_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

/* Ours and the child's ends of its three streams; -1 = closed. */
enum { STREAMS = 3, OURS = 0, THEIRS = 1 };
typedef struct {
    int ends[STREAMS][2];
    pid_t pid;
} Child;

static void close_end(int *end) {
    if (*end >= 0)
        close(*end);
    *end = -1;
}

static void close_ends(Child *child, int which) {
    for (size_t i = 0; i < STREAMS; i++)
        close_end(&child->ends[i][which]);
}

static bool open_streams(Child *child) {
    memset(child->ends, -1, sizeof child->ends);
    for (size_t i = 0; i < STREAMS; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0)
            return false;
        child->ends[i][i == STDIN_FILENO ? THEIRS : OURS] = ends[0];
        child->ends[i][i == STDIN_FILENO ? OURS : THEIRS] = ends[1];
    }
    return true;
}

/* `git --literal-pathspecs commit` and its like tell their hooks to read paths as they do; ours say it
 * themselves. */
static char **environment_of_git(Arena *arena) {
    static const char *const dropped[] = { "GIT_LITERAL_PATHSPECS=", "GIT_GLOB_PATHSPECS=",
                                           "GIT_NOGLOB_PATHSPECS=", "GIT_ICASE_PATHSPECS=" };
    size_t count = 0, kept = 0;
    while (environ[count])
        count++;
    char **out = arena_array(arena, count + 1, sizeof *out);
    for (size_t i = 0; i < count; i++) {
        bool drop = false;
        for (size_t k = 0; k < sizeof dropped / sizeof *dropped; k++)
            drop |= str_starts(environ[i], dropped[k]);
        if (!drop)
            out[kept++] = environ[i];
    }
    return out;
}

/* SIGPIPE is ignored here, and would be there. */
static int spawn(Child *child, char *const *argv, char *const *environment) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (int i = 0; i < STREAMS; i++)
        posix_spawn_file_actions_adddup2(&actions, child->ends[i][THEIRS], i);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawnp(&child->pid, argv[0], &actions, &attributes, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

static void take(int *end, Buf *text) {
    char block[4096];
    ssize_t length = read(*end, block, sizeof block);
    if (length > 0)
        buf_append(text, block, (size_t)length);
    else if (length == 0 || errno != EINTR)
        close_end(end);
}

static void give(int *end, const Buf *input, size_t *at) {
    ssize_t length = *at < input->length ? write(*end, input->data + *at, input->length - *at) : 0;
    if (length > 0)
        *at += (size_t)length;
    if (*at == input->length || (length < 0 && errno != EINTR))
        close_end(end);
}

/* Both directions at once, so that neither side waits for the other. */
static void converse(Child *child, const Buf *input, Buf *output, Buf *complaint) {
    size_t at = 0;
    Buf *texts[STREAMS] = { NULL, output, complaint };
    const Buf nothing = { 0 };
    input = input ? input : &nothing;
    if (!input->length)
        close_end(&child->ends[STDIN_FILENO][OURS]);
    while (child->ends[STDOUT_FILENO][OURS] >= 0 || child->ends[STDERR_FILENO][OURS] >= 0) {
        struct pollfd polled[STREAMS];
        for (int i = 0; i < STREAMS; i++)
            polled[i] =
                (struct pollfd){ .fd = child->ends[i][OURS], .events = i == STDIN_FILENO ? POLLOUT : POLLIN };
        if (poll(polled, STREAMS, -1) < 0 && errno != EINTR)
            break;
        for (int i = STDOUT_FILENO; i < STREAMS; i++)
            if (polled[i].fd >= 0 && polled[i].revents)
                take(&child->ends[i][OURS], texts[i]);
        if (polled[STDIN_FILENO].fd >= 0 && polled[STDIN_FILENO].revents)
            give(&child->ends[STDIN_FILENO][OURS], input, &at);
    }
}

static int wait_for(pid_t pid) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

/* The first line that says something, without git's "fatal: ". */
static bool complain(const char *const *arguments, const Buf *complaint, int status, Error *err) {
    const char *text = buf_text(complaint);
    if (str_starts(text, "fatal: ") || str_starts(text, "error: "))
        text += strlen("fatal: ");
    while (*arguments && **arguments == '-')
        arguments++;
    const char *command = *arguments ? *arguments : "";
    if (*text)
        error_set(err, ERR_CONFIG, "git %s: %.*s", command, (int)strcspn(text, "\n"), text);
    else
        error_set(err, ERR_CONFIG, "git %s ended with status %d", command,
                  WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return error_hint(err, "`git status` in the project's folder shows more");
}

bool git_program(const char *const *arguments, const Buf *input, Buf *output, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) complaint = { 0 };
    Child child;
    size_t count = 0;
    while (arguments[count])
        count++;
    char **argv = arena_array(&arena, count + 2, sizeof *argv);
    argv[0] = arena_strdup(&arena, "git");
    for (size_t i = 0; i < count; i++)
        argv[i + 1] = arena_strdup(&arena, arguments[i]);
    int failed = open_streams(&child) ? spawn(&child, argv, environment_of_git(&arena)) : errno;
    close_ends(&child, THEIRS);
    if (failed) {
        close_ends(&child, OURS);
        error_set(err, ERR_CONFIG, "git cannot be started: %s", strerror(failed));
        return error_hint(err, "hooks work beneath git: is it in PATH?");
    }
    converse(&child, input, output, &complaint);
    close_ends(&child, OURS);
    int status = wait_for(child.pid);
    return status == 0 || complain(arguments, &complaint, status, err);
}
