/*
 * Talk: what goes to stderr while a command works. Libraries say; the command line decides what is shown.
 *
 * Messages are one line without newline. Nothing secret may be passed in: callers pass names, counts and URLs
 * that have been stripped of credentials. What is hidden (base/redact.h) is masked nevertheless.
 */
#ifndef SCHEMA_SYNC_BASE_LOG_H
#define SCHEMA_SYNC_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    LOG_WARN,     /* the user should know: always shown, also with -q */
    LOG_NOTE,     /* what was done: shown unless -q */
    LOG_TRACE,    /* requests, statements, decisions: shown with -v */
    LOG_PROGRESS, /* a line that replaces the last one, on a terminal only; "" ends it */
} LogLevel;

typedef void (*LogSink)(LogLevel level, const char *message, void *context);

/* One sink for the process, set once by main before any thread starts; without one everything is dropped. */
void log_set_sink(LogSink sink, void *context);
/* While it is on, notes are dropped: where a pipeline runs as a part of something else, that nobody started
 * for it. */
void log_hush(bool on);
__attribute__((format(printf, 2, 3))) void log_say(LogLevel level, const char *format, ...);

#endif
