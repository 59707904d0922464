#include "postgres/health.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "model/canon.h"
#include "postgres/connection.h"
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

/* ---- what a look tells ---- */

/* The server is on this machine: a socket, or the loopback. */
static bool is_local(const Database *database) {
    const char *host = PQhost(database->connection);
    return host && (*host == '/' || str_equal(host, "localhost") || str_starts(host, "127.") ||
                    str_equal(host, "::1"));
}

static double unix_seconds(void) {
    return (double)timer_now(CLOCK_REALTIME) / 1e9;
}

bool database_health(Database *database, Arena *arena, DatabaseHealth *health, Error *err) {
    /* The data folder is shown to who may read all settings only; asking for it otherwise is an error. */
    static const Statement statement = {
        .sql = "SELECT current_setting('server_version'), extract(epoch FROM clock_timestamp()),"
               " has_table_privilege(c.oid, 'UPDATE'), pg_has_role(c.relowner, 'USAGE'),"
               " pg_database_size(current_database()),"
               " CASE WHEN pg_has_role('pg_read_all_settings', 'USAGE')"
               " THEN current_setting('data_directory', true) END"
               " FROM pg_class c WHERE c.oid = 'directus_settings'::regclass",
    };
    AUTO(Answer) answer = { 0 };
    *health = (DatabaseHealth){ 0 };
    double before = unix_seconds();
    if (!read_rows(database, &statement, &answer, err))
        return false;
    double after = unix_seconds();
    if (answer_rows(&answer) == 0)
        return error_set(err, ERR_REMOTE, "%s has no table directus_settings", database_name(database));
    snprintf(health->version, sizeof health->version, "%s", answer_text(&answer, 0, 0));
    health->ahead = strtod(answer_text(&answer, 0, 1), NULL) - (before + after) / 2;
    health->ahead_precision = (after - before) / 2;
    health->may_update = *answer_text(&answer, 0, 2) == 't';
    health->may_install = *answer_text(&answer, 0, 3) == 't';
    health->size = strtoull(answer_text(&answer, 0, 4), NULL, 10);
    if (answer_text(&answer, 0, 5) && is_local(database))
        health->folder = arena_strdup(arena, answer_text(&answer, 0, 5));
    return true;
}

/* Directus's tables are all in one schema: the one where directus_collections is found. */
#define BESIDE_DIRECTUS                                                                                      \
    " c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace ="                                           \
    " (SELECT relnamespace FROM pg_class WHERE oid = 'directus_collections'::regclass)"

bool database_untracked(Database *database, Arena *arena, const Json *names, const char *const **found,
                        Error *err) {
    AUTO(Buf) text = { 0 };
    canon_compact(&text, names);
    const char *const values[] = { buf_text(&text) };
    const Statement statement = {
        .sql = "SELECT c.relname FROM json_array_elements($1::json) AS w(it)"
               " JOIN pg_class c ON c.relname = w.it #>> '{}' AND" BESIDE_DIRECTUS
               " WHERE json_typeof(w.it) = 'string'"
               " AND NOT EXISTS (SELECT 1 FROM directus_collections d WHERE d.collection = c.relname)"
               " UNION ALL"
               " SELECT c.relname || '.' || a.attname FROM json_array_elements($1::json) AS w(it)"
               " JOIN pg_class c ON c.relname = w.it ->> 0 AND" BESIDE_DIRECTUS
               " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = w.it ->> 1 AND a.attnum > 0"
               " AND NOT a.attisdropped WHERE json_typeof(w.it) = 'array'"
               " AND EXISTS (SELECT 1 FROM directus_collections d WHERE d.collection = c.relname)"
               " AND NOT EXISTS (SELECT 1 FROM directus_fields f WHERE f.collection = c.relname"
               " AND f.field = a.attname) ORDER BY 1",
        .count = 1,
        .values = values
    };
    AUTO(Answer) answer = { 0 };
    if (!read_rows(database, &statement, &answer, err))
        return false;
    int rows = answer_rows(&answer);
    const char **list = arena_array(arena, (size_t)rows + 1, sizeof *list);
    for (int i = 0; i < rows; i++)
        list[i] = arena_strdup(arena, answer_text(&answer, i, 0));
    *found = list;
    return true;
}

bool database_activity(Database *database, int64_t *newest, Error *err) {
    static const Statement statement = { .sql = "SELECT coalesce(max(id), 0) FROM directus_activity" };
    AUTO(Answer) answer = { 0 };
    if (!read_rows(database, &statement, &answer, err))
        return false;
    *newest = strtoll(answer_text(&answer, 0, 0), NULL, 10);
    return true;
}

/* ---- writes under way ---- */

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
