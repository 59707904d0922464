#include "postgres/health.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "postgres/statement.h"

static bool read_rows(Database *database, const Statement *statement, Answer *answer, Error *err) {
    statement_read(database, statement, answer);
    if (answer->kind == ANSWER_ROWS)
        return true;
    *err = answer->error;
    return false;
}

bool database_has_extension(Database *database, const char *name, bool *found, Error *err) {
    const char *const values[] = { name };
    const Statement statement = { "SELECT 1 FROM pg_extension WHERE extname = $1", 1, values };
    AUTO(Answer) answer = { 0 };
    if (!read_rows(database, &statement, &answer, err))
        return false;
    *found = answer_rows(&answer) > 0;
    return true;
}

/* The oldest writing transaction of this database that began before `limit` (empty: before now). */
static bool oldest_writer(Database *database, const char *limit, Buf *pid, Buf *now, Error *err) {
    const char *const values[] = { limit };
    const Statement statement = {
        "SELECT clock_timestamp()::text, (SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL"
        " AND xact_start < coalesce($1::timestamptz, clock_timestamp()) ORDER BY xact_start LIMIT 1)::text",
        1, values
    };
    AUTO(Answer) answer = { 0 };
    if (!read_rows(database, &statement, &answer, err))
        return false;
    buf_clear(pid);
    buf_puts(pid, answer_text(&answer, 0, 1) ? answer_text(&answer, 0, 1) : "");
    if (!now->length)
        buf_puts(now, answer_text(&answer, 0, 0));
    return true;
}

bool database_settle(Database *database, double seconds, Error *err) {
    AUTO(Buf) pid = { 0 }, began = { 0 };
    const struct timespec pause = { .tv_nsec = 200 * 1000 * 1000 };
    for (double waited = 0; waited <= seconds; waited += 0.2) {
        if (!oldest_writer(database, began.length ? buf_text(&began) : NULL, &pid, &began, err))
            return false;
        if (!pid.length)
            return true;
        nanosleep(&pause, NULL);
    }
    error_set(err, ERR_LOCK, "a write is still under way in %s (backend %s)", database_name(database),
              buf_text(&pid));
    return error_hint(err, "wait until it has ended, then run the import again");
}
