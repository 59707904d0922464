/*
 * Stopping on request: SIGINT and SIGTERM end an import between two requests, so that the lock is given back.
 */
#ifndef SCHEMA_SYNC_SYNC_INTERRUPT_H
#define SCHEMA_SYNC_SYNC_INTERRUPT_H

#include "base/error.h"

/* Async-signal-safe: what a signal handler calls. */
void interrupt_request(int signal_number);
/* ERR_REMOTE "interrupted" once a stop was asked for. */
bool interrupt_check(Error *err);

#endif
