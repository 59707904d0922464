#include "sync/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t noted;

static void note(int signal_number) {
    noted = signal_number;
}

/* A shell starts what runs in its background like that, and it stays so. */
static bool is_ignored(int number) {
    struct sigaction now;
    return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

void interrupt_catch(void) {
    noted = 0;
    /* Without SA_RESTART: a wait between two looks at the lock ends at once. */
    struct sigaction action = { .sa_handler = note, .sa_flags = (int)SA_RESETHAND };
    sigemptyset(&action.sa_mask);
    if (!is_ignored(SIGINT))
        sigaction(SIGINT, &action, NULL);
    if (!is_ignored(SIGTERM))
        sigaction(SIGTERM, &action, NULL);
}

void interrupt_release(void) {
    if (!is_ignored(SIGINT))
        signal(SIGINT, SIG_DFL);
    if (!is_ignored(SIGTERM))
        signal(SIGTERM, SIG_DFL);
}

bool interrupt_check(Error *err) {
    if (!noted)
        return true;
    error_set(err, ERR_REMOTE, "interrupted by signal %d", (int)noted);
    return error_hint(err, "what was written is safe: run the import again to finish");
}
