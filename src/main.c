/* argv → command → exit status. The only place that prints an error. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/cli.h"

/*
 * Tokens and passwords are in memory: no core dump is written. 1 and not 0: for a core that is piped to a
 * program the kernel takes only 1 as "none" (core(5), fs/coredump.c).
 */
static void forbid_core_dumps(void) {
    struct rlimit limit = { .rlim_cur = 1, .rlim_max = 1 };
    setrlimit(RLIMIT_CORE, &limit);
}

int main(int argc, char **argv) {
    Error err = { 0 };
    mem_tune();
    forbid_core_dumps();
    /* A reader of stdout or stderr that goes away must not end an import in the middle of its work. */
    signal(SIGPIPE, SIG_IGN);
    if (cli_run(argc, argv, environ, &err))
        return 0;
    if (!error_is_told(&err)) {
        bool json = cli_wants_json(argc, argv);
        AUTO(Buf) text = { 0 };
        cli_error(&err, json, &text);
        fputs(buf_text(&text), json ? stdout : stderr);
        if (fflush(stdout) != 0 && json && errno != EPIPE)
            fputs(buf_text(&text), stderr); /* nowhere else to say it */
    }
    return err.kind == ERR_NONE ? ERR_INTERNAL : (int)err.kind;
}
