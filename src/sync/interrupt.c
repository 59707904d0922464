#include "sync/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t noted;

static void note(int signal_number) {
    noted = signal_number;
}

void interrupt_catch(void) {
    noted = 0;
    /* Without SA_RESTART: a wait between two looks at the lock ends at once. */
    struct sigaction action = { .sa_handler = note, .sa_flags = (int)SA_RESETHAND };
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void interrupt_release(void) {
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

bool interrupt_check(Error *err) {
    if (!noted)
        return true;
    error_set(err, ERR_REMOTE, "interrupted by signal %d", (int)noted);
    return error_hint(err, "what was written is safe: run the import again to finish");
}
