#include "model/moment.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"

typedef struct {
    bool date, time, zone;
    int64_t days;  /* since 1970-01-01 */
    int64_t micro; /* microseconds of the day, in UTC where there is a zone */
} Moment;

static const int64_t SECOND = 1000000, DAY = 86400 * SECOND;

/* `count` digits, moving *at behind them; -1 where there are fewer. */
static int take(const char **at, int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
        if ((*at)[i] < '0' || (*at)[i] > '9')
            return -1;
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += count;
    return value;
}

static bool take_sign(const char **at, char sign) {
    bool there = **at == sign;
    *at += there;
    return there;
}

/* Of the Gregorian calendar: years begin in March, so that a leap day is the last one. */
static int64_t days_of(int year, int month, int day) {
    year -= month <= 2;
    int64_t era = year / 400, in_era = year - era * 400;
    int in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static bool take_date(const char **at, Moment *out) {
    int year = take(at, 4), month, day;
    if (year < 1 || !take_sign(at, '-') || (month = take(at, 2)) < 1 || month > 12 || !take_sign(at, '-') ||
        (day = take(at, 2)) < 1 || day > 31)
        return false;
    out->date = true;
    out->days = days_of(year, month, day);
    return true;
}

/* HH:MM[:SS[.ffffff]] */
static bool take_time(const char **at, Moment *out) {
    int hours = take(at, 2), minutes, seconds = 0;
    if (hours < 0 || hours > 23 || !take_sign(at, ':') || (minutes = take(at, 2)) < 0 || minutes > 59)
        return false;
    if (take_sign(at, ':') && ((seconds = take(at, 2)) < 0 || seconds > 59))
        return false;
    int64_t unit = SECOND, micro = 0;
    if (take_sign(at, '.'))
        for (; **at >= '0' && **at <= '9' && unit > 1; ++*at)
            micro += (**at - '0') * (unit /= 10);
    out->time = true;
    out->micro = (((int64_t)hours * 60 + minutes) * 60 + seconds) * SECOND + micro;
    return true;
}

/* Z, +HH:MM, +HHMM or +HH; the time becomes that of UTC. */
static bool take_zone(const char **at, Moment *out) {
    out->zone = true;
    if (take_sign(at, 'Z'))
        return true;
    int sign = take_sign(at, '+') ? 1 : take_sign(at, '-') ? -1 : 0, hours, minutes = 0;
    if (!sign || (hours = take(at, 2)) < 0 || hours > 15)
        return false;
    if ((take_sign(at, ':') || **at) && ((minutes = take(at, 2)) < 0 || minutes > 59))
        return false;
    out->micro -= (int64_t)sign * (hours * 60 + minutes) * 60 * SECOND;
    return true;
}

static bool moment_of(const char *text, Moment *out) {
    const char *at = text;
    *out = (Moment){ 0 };
    bool time_alone = strlen(text) > 2 && text[2] == ':';
    if (!time_alone && !take_date(&at, out))
        return false;
    if (*at && ((!time_alone && !take_sign(&at, 'T') && !take_sign(&at, ' ')) || !take_time(&at, out)))
        return false;
    return !*at || (take_zone(&at, out) && !*at);
}

/* What Directus keeps and shows: of a date with a time the date, of a dateTime no fraction, of a timestamp
 * milliseconds (11.17.4, seen). */
static void keep_shown(const char *type, Moment *moment) {
    static const int64_t MILLI = 1000;
    if (str_equal(type, "date"))
        moment->micro = 0;
    else if (str_equal(type, "dateTime"))
        moment->micro -= moment->micro % SECOND;
    else if (str_equal(type, "timestamp"))
        moment->micro -= (moment->micro % MILLI + MILLI) % MILLI;
}

/* Of a field's type: a timestamp has a zone and the others none, a time has no date. Of a date, all that
 * stands behind a T is passed over. */
static bool typed_moment(const char *type, const char *text, Moment *out) {
    bool stamp = str_equal(type, "timestamp"), clock = str_equal(type, "time"),
         date = str_equal(type, "date");
    if (!(stamp || clock || date || str_equal(type, "dateTime")) || !moment_of(text, out) ||
        out->date == clock || (out->zone != stamp && !(date && strchr(text, 'T'))))
        return false;
    keep_shown(type, out);
    return true;
}

bool moment_equal(const char *type, const char *a, const char *b) {
    Moment x, y;
    return typed_moment(type, a, &x) && typed_moment(type, b, &y) &&
           x.days * DAY + x.micro == y.days * DAY + y.micro;
}

/* days_of backwards. */
static void put_date(Buf *out, int64_t days) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097, in_era = days - era * 146097;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100), month = (5 * in_year + 2) / 153;
    int64_t day = in_year - (153 * month + 2) / 5 + 1;
    month += month < 10 ? 3 : -9;
    buf_printf(out, "%04d-%02d-%02d", (int)(year + era * 400 + (month <= 2)), (int)month, (int)day);
}

bool moment_put(const char *type, const char *text, Buf *out) {
    Moment moment;
    if (!typed_moment(type, text, &moment))
        return false;
    int64_t days = moment.days, micro = moment.micro;
    if (micro < 0 || micro >= DAY) { /* a zone may lie a day away */
        days += micro < 0 ? -1 : 1;
        micro += micro < 0 ? DAY : -DAY;
    }
    int seconds = (int)(micro / SECOND), rest = (int)(micro % SECOND);
    if (moment.date)
        put_date(out, days);
    if (str_equal(type, "date"))
        return true;
    buf_printf(out, "%s%02d:%02d:%02d", moment.date ? "T" : "", seconds / 3600, seconds / 60 % 60,
               seconds % 60);
    if (rest % 1000)
        buf_printf(out, ".%06d", rest);
    else if (rest || moment.zone)
        buf_printf(out, ".%03d", rest / 1000);
    buf_puts(out, moment.zone ? "Z" : "");
    return true;
}
