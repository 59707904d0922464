/*
 * Talk on stderr: where log_say() goes while a command runs.
 */
#ifndef SCHEMA_SYNC_CLI_TALK_H
#define SCHEMA_SYNC_CLI_TALK_H

#include <stdbool.h>

typedef struct {
    bool quiet, verbose, color;
    bool terminal; /* stderr is one: progress is shown */
} Talk;

/* Sets the process's log sink. */
void talk_begin(const Talk *talk);
/* Takes a progress line that still stands off the terminal. */
void talk_end(void);

#endif
