#include "sync/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t requested;

void interrupt_request(int signal_number) {
    requested = signal_number;
}

bool interrupt_check(Error *err) {
    if (!requested)
        return true;
    error_set(err, ERR_REMOTE, "interrupted by signal %d", (int)requested);
    return error_hint(err, "what was written is safe: run the command again to finish");
}
