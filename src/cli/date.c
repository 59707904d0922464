#include "cli/date.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- writing ---- */

void date_put(int64_t time, int offset, bool full, Buf *out) {
    time_t there = (time_t)(time + (int64_t)offset * 60);
    struct tm parts;
    char text[64];
    int minutes = abs(offset);
    if (!gmtime_r(&there, &parts) ||
        !strftime(text, sizeof text, full ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d", &parts))
        return;
    buf_puts(out, text);
    if (full)
        buf_printf(out, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

/* ---- reading ---- */

static bool parse_absolute(const char *text, int64_t *out) {
    static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S",
                                         "%Y-%m-%d %H:%M:%S" };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm parts = { .tm_isdst = -1 };
        const char *end = strptime(text, forms[i], &parts);
        if (!end || *end)
            continue;
        *out = (int64_t)mktime(&parts);
        return true;
    }
    return false;
}

/* By the calendar: a month ago is the same day of the month before. */
static bool take_back(struct tm *parts, const char *unit, size_t length, int count) {
    static const char *const units[] = { "second", "minute", "hour", "day", "week", "month", "year" };
    int *const members[] = { &parts->tm_sec,  &parts->tm_min, &parts->tm_hour, &parts->tm_mday,
                             &parts->tm_mday, &parts->tm_mon, &parts->tm_year };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t own = strlen(units[i]);
        if (strncmp(unit, units[i], own) != 0 || (length != own && !(length == own + 1 && unit[own] == 's')))
            continue;
        *members[i] -= i == 4 ? 7 * count : count;
        return true;
    }
    return false;
}

static const char *skip_gap(const char *text) {
    return text + strspn(text, " .-");
}

bool date_parse(const char *text, int64_t now, int64_t *out) {
    enum { MOST = 100 * 1000 };
    time_t then = (time_t)now;
    struct tm parts;
    if (parse_absolute(text, out))
        return true;
    if (strcmp(text, "yesterday") == 0)
        text = "1 day ago";
    char *rest;
    long count = strtol(text, &rest, 10);
    if (rest == text || count < 0 || count > MOST || !localtime_r(&then, &parts))
        return false;
    const char *unit = skip_gap(rest);
    size_t length = strspn(unit, "abcdefghijklmnopqrstuvwxyz");
    const char *ago = skip_gap(unit + length);
    if (!take_back(&parts, unit, length, (int)count) || (*ago && strcmp(ago, "ago") != 0))
        return false;
    parts.tm_isdst = -1;
    *out = (int64_t)mktime(&parts);
    return true;
}
