/*
 * Runs a program and writes "<seconds> <peak memory in KiB> <wait status>" to a file.
 *
 *     bench_stopwatch RESULT PROGRAM [ARGUMENT…]
 *
 * A small program does this and not the Python around it, because a child's peak memory starts with that of
 * the process it came from (Linux keeps the larger of the two across exec), and because Python takes
 * milliseconds to start a child.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: %s RESULT PROGRAM [ARGUMENT…]\n", argv[0]);
        return 64;
    }
    struct rusage usage = { 0 };
    int status = 0;
    pid_t child;
    double begun = now_seconds();
    int fault = posix_spawn(&child, argv[2], NULL, NULL, argv + 2, environ);
    if (fault) {
        fprintf(stderr, "stopwatch: %s: %s\n", argv[2], strerror(fault));
        return 70;
    }
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR)
            return 70;
    double took = now_seconds() - begun;
    FILE *result = fopen(argv[1], "w");
    if (!result) {
        perror(argv[1]);
        return 74;
    }
    fprintf(result, "%.9f %ld %d\n", took, usage.ru_maxrss, status);
    return fclose(result) == 0 ? 0 : 74;
}
