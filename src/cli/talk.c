#include "cli/talk.h"

#include <stdio.h>
#include <sys/ioctl.h>

#include "base/log.h"
#include "model/show.h"

static Talk settings;
static bool line_stands; /* guarded by stderr's own lock: threads talk too */

static void clear_line(void) {
    if (line_stands)
        fputs("\r\033[K", stderr);
    line_stands = false;
}

/* Bytes of `text` that fill at most `width` columns, taking a character for a column. */
static int fitting(const char *text, unsigned width) {
    int length = 0;
    for (unsigned columns = 0; text[length]; length++) {
        columns += ((unsigned char)text[length] & 0xC0U) != 0x80U;
        if (columns > width)
            break;
    }
    return length;
}

static void show_progress(const char *message) {
    struct winsize size = { 0 };
    unsigned width = ioctl(fileno(stderr), TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1U : 79;
    clear_line();
    if (!*message)
        return;
    fprintf(stderr, "%.*s", fitting(message, width), message);
    line_stands = true;
}

static void sink(LogLevel level, const char *message, void *context) {
    (void)context;
    bool hidden = (level == LOG_TRACE && !settings.verbose) || (level == LOG_NOTE && settings.quiet) ||
                  (level == LOG_PROGRESS && (settings.quiet || !settings.terminal));
    if (hidden)
        return;
    AUTO(Buf) text = { 0 }; /* names from files and servers are in it: none of them may steer the terminal */
    show_message(&text, message);
    flockfile(stderr);
    if (level == LOG_PROGRESS) {
        show_progress(buf_text(&text));
    } else {
        clear_line();
        if (level == LOG_WARN)
            fputs(settings.color ? "\033[33mwarning:\033[0m " : "warning: ", stderr);
        fprintf(stderr, "%s\n", buf_text(&text));
    }
    fflush(stderr);
    funlockfile(stderr);
}

void talk_begin(const Talk *talk) {
    settings = *talk;
    log_set_sink(sink, NULL);
}

void talk_end(void) {
    flockfile(stderr);
    clear_line();
    fflush(stderr);
    funlockfile(stderr);
}
