#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static LogSink current_sink;
static void *current_context;

void log_set_sink(LogSink sink, void *context) {
    current_sink = sink;
    current_context = context;
}

void log_say(LogLevel level, const char *format, ...) {
    if (!current_sink)
        return;
    char message[4096];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (length < 0)
        return;
    /* Names come from servers and files: none of them may steer the terminal. */
    for (char *at = message; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F)
            *at = ' ';
    current_sink(level, message, current_context);
}
