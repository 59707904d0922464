#include "postgres/health.h"

#include "base/str.h"
#include "postgres/statement.h"
#include "postgres/timer.h"

static bool read_rows(Database *database, const Statement *statement, Answer *answer, Error *err) {
    statement_read(database, statement, answer);
    if (answer->kind == ANSWER_ROWS)
        return true;
    *err = answer->error;
    return false;
}

bool database_has_extension(Database *database, const char *name, bool *found, Error *err) {
    const char *const values[] = { name };
    const Statement statement = { .sql = "SELECT 1 FROM pg_extension WHERE extname = $1",
                                  .count = 1,
                                  .values = values };
    AUTO(Answer) answer = { 0 };
    if (!read_rows(database, &statement, &answer, err))
        return false;
    *found = answer_rows(&answer) > 0;
    return true;
}

/*
 * Transactions of other sessions that have written, as pg_locks shows them to every role (pg_stat_activity
 * hides those of other roles). VACUUM's ShareUpdateExclusiveLock is no write.
 */
#define WRITERS                                                                                              \
    " FROM pg_locks WHERE locktype = 'relation' AND granted AND pid IS DISTINCT FROM pg_backend_pid()"       \
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"                       \
    " AND mode NOT IN ('AccessShareLock', 'RowShareLock', 'ShareUpdateExclusiveLock')"

/* One of the writers in `among`, "" when they are all gone. */
static bool find_writer(Database *database, const char *among, Buf *pid, Error *err) {
    const char *const values[] = { among };
    const Statement statement = { .sql = "SELECT coalesce(pid::text, 'prepared')" WRITERS
                                         " AND virtualtransaction = ANY ($1::text[]) LIMIT 1",
                                  .count = 1,
                                  .values = values };
    AUTO(Answer) answer = { 0 };
    if (!read_rows(database, &statement, &answer, err))
        return false;
    buf_clear(pid);
    if (answer_rows(&answer) > 0)
        buf_puts(pid, answer_text(&answer, 0, 0));
    return true;
}

bool database_settle(Database *database, double seconds, Error *err) {
    static const Statement open_now = { .sql =
                                            "SELECT array_agg(DISTINCT virtualtransaction)::text" WRITERS };
    const struct timespec pause = { .tv_nsec = 100 * NANOSECONDS_PER_MS };
    const int64_t deadline = timer_now(CLOCK_MONOTONIC) + timer_span(seconds);
    AUTO(Answer) writers = { 0 };
    if (!read_rows(database, &open_now, &writers, err))
        return false;
    if (!answer_text(&writers, 0, 0))
        return true;
    AUTO(Buf) pid = { 0 };
    while (timer_now(CLOCK_MONOTONIC) < deadline) {
        if (!find_writer(database, answer_text(&writers, 0, 0), &pid, err))
            return false;
        if (!pid.length)
            return true;
        nanosleep(&pause, NULL);
    }
    error_set(err, ERR_LOCK, "a write is still under way in %s (backend %s)", database_name(database),
              buf_text(&pid));
    return error_hint(err, "wait until it has ended, then run the import again");
}
