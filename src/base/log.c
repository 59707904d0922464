#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/redact.h"

static LogSink current_sink;
static void *current_context;
static atomic_bool hushed;

void log_set_sink(LogSink sink, void *context) {
    current_sink = sink;
    current_context = context;
}

void log_hush(bool on) {
    hushed = on;
}

void log_say(LogLevel level, const char *format, ...) {
    if (!current_sink || (level == LOG_NOTE && hushed))
        return;
    char message[4096];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (length < 0)
        return;
    size_t shown = (size_t)length < sizeof message ? (size_t)length : sizeof message - 1;
    AUTO(Buf) text = { 0 };
    redact_append(&text, message, shown);
    /* Names come from servers and files: none of them may steer the terminal. */
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7F)
            text.data[i] = ' ';
    current_sink(level, buf_text(&text), current_context);
}
