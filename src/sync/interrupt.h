/*
 * Stopping on request: while a claim is held, the first SIGINT or SIGTERM ends the import between two
 * requests, so that the lock is given back; a second one ends the process at once, and the lock expires.
 */
#ifndef SCHEMA_SYNC_SYNC_INTERRUPT_H
#define SCHEMA_SYNC_SYNC_INTERRUPT_H

#include "base/error.h"

/* From now on signals are noted, and those before are forgotten; interrupt_release() gives them their usual
 * meaning back. One that was ignored when the program began stays ignored. */
void interrupt_catch(void);
void interrupt_release(void);
/* ERR_REMOTE "interrupted" once a signal has come. */
bool interrupt_check(Error *err);

#endif
