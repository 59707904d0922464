#include "postgres/statement.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>

#include "postgres/connection.h"
#include "postgres/timer.h"

void answer_free(Answer *answer) {
    PQclear(answer->result);
    *answer = (Answer){ 0 };
}

int answer_rows(const Answer *answer) {
    return PQntuples(answer->result);
}

const char *answer_text(const Answer *answer, int row, int column) {
    return PQgetisnull(answer->result, row, column) ? NULL : PQgetvalue(answer->result, row, column);
}

size_t answer_length(const Answer *answer, int row, int column) {
    return (size_t)PQgetlength(answer->result, row, column);
}

unsigned answer_type(const Answer *answer, int column) {
    return PQftype(answer->result, column);
}

bool answer_is_busy(const Answer *answer) {
    static const char *const states[] = {
        "55P03", /* lock_not_available */
        "57014", /* query_canceled: statement_timeout */
        "40001", /* serialization_failure: the role's default isolation is stricter than READ COMMITTED */
        "40P01", /* deadlock_detected */
    };
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (answer->kind == ANSWER_REFUSED && str_equal(answer->sqlstate, states[i]))
            return true;
    return false;
}

/* ---- answers ---- */

static void answer_lost(Database *database, Answer *answer, const char *why) {
    AUTO(Buf) line = { 0 };
    database_scrub(database, why, &line);
    database->broken = true;
    PQclear(answer->result);
    answer->result = NULL;
    answer->kind = ANSWER_LOST;
    error_set(&answer->error, ERR_REMOTE, "the connection to the database %s broke: %s", database->name,
              line.length ? buf_text(&line) : "no answer");
    error_hint(&answer->error, "check the network between here and the database, and run again");
}

static void explain(const Database *database, const char *sqlstate, const char *words, Error *err) {
    if (str_equal(sqlstate, "42501")) {
        error_set(err, ERR_REFUSED, "the database %s refuses: %s", database->name, words);
        error_hint(err, "GRANT SELECT, UPDATE ON directus_settings TO \"%s\"", database->user);
    } else if (str_equal(sqlstate, "25006")) {
        error_set(err, ERR_REMOTE, "the database %s is read-only", database->name);
        error_hint(err, "point DATABASE_URL at the primary");
    } else if (str_equal(sqlstate, "42703")) {
        error_set(err, ERR_CONFIG, "the marker columns are not in the database %s: %s", database->name,
                  words);
        error_hint(err, "run `schema-sync install`");
    } else if (str_equal(sqlstate, "55P03") || str_equal(sqlstate, "57014")) {
        error_set(err, ERR_LOCK, "directus_settings in the database %s is locked by another transaction",
                  database->name);
        error_hint(
            err,
            "end it (SELECT pid, query FROM pg_stat_activity WHERE state <> 'idle') or wait, and run again");
    } else {
        error_set(err, ERR_REMOTE, "the database %s says: %s (SQLSTATE %s)", database->name, words, sqlstate);
    }
}

static void answer_refused(Database *database, Answer *answer, const PGresult *result) {
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!sqlstate || !words) {
        answer_lost(database, answer, PQerrorMessage(database->connection));
        return;
    }
    AUTO(Buf) line = { 0 };
    database_scrub(database, words, &line);
    answer->kind = ANSWER_REFUSED;
    strncpy(answer->sqlstate, sqlstate, sizeof answer->sqlstate - 1);
    explain(database, answer->sqlstate, buf_text(&line), &answer->error);
}

/* ---- sending and waiting ---- */

static bool wait_for_input(Database *database, int64_t deadline) {
    while (PQisBusy(database->connection)) {
        int64_t left = (deadline - timer_now(CLOCK_MONOTONIC) + NANOSECONDS_PER_MS - 1) / NANOSECONDS_PER_MS;
        if (left <= 0)
            return false;
        struct pollfd wait = { .fd = PQsocket(database->connection), .events = POLLIN };
        int ready = poll(&wait, 1, left > INT32_MAX ? INT32_MAX : (int)left);
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready > 0 && !PQconsumeInput(database->connection))
            return false;
    }
    return true;
}

/* Takes results until `end`: the Sync of a pipeline, or the end of a simple query. The last one with rows is
 * kept. */
static void collect(Database *database, bool pipeline, Answer *answer) {
    int64_t deadline = timer_now(CLOCK_MONOTONIC) + timer_span(database->patience);
    for (;;) {
        if (!wait_for_input(database, deadline)) {
            answer_lost(database, answer, PQerrorMessage(database->connection));
            return;
        }
        PGresult *result = PQgetResult(database->connection);
        ExecStatusType status = PQresultStatus(result);
        bool end = pipeline ? status == PGRES_PIPELINE_SYNC : !result;
        if (result && (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) &&
            answer->kind == ANSWER_ROWS) {
            PQclear(answer->result);
            answer->result = result;
            continue;
        }
        if (status == PGRES_FATAL_ERROR && result && answer->kind == ANSWER_ROWS)
            answer_refused(database, answer, result);
        PQclear(result);
        if (PQstatus(database->connection) != CONNECTION_OK && answer->kind != ANSWER_LOST)
            answer_lost(database, answer, PQerrorMessage(database->connection));
        if (end || answer->kind == ANSWER_LOST)
            return;
    }
}

static bool ready(Database *database, Answer *answer) {
    answer_free(answer);
    if (database_revive(database, &answer->error))
        return true;
    answer->kind = ANSWER_LOST;
    return false;
}

static bool send_statement(Database *database, const Statement *statement) {
    return PQsendQueryParams(database->connection, statement->sql, statement->count, NULL, statement->values,
                             NULL, NULL, statement->binary) == 1;
}

void statement_read(Database *database, const Statement *statement, Answer *answer) {
    for (int attempt = 0; attempt < 2; attempt++) {
        if (!ready(database, answer))
            return;
        if (send_statement(database, statement))
            collect(database, false, answer);
        else
            answer_lost(database, answer, PQerrorMessage(database->connection));
        if (answer->kind != ANSWER_LOST)
            return;
    }
}

void statement_change(Database *database, const Statement *statement, Answer *answer) {
    static const Statement lock_timeout = { .sql = "SELECT set_config('lock_timeout', '2000', true)" };
    static const Statement statement_timeout = { .sql =
                                                     "SELECT set_config('statement_timeout', '5000', true)" };
    if (!ready(database, answer))
        return;
    if (!PQenterPipelineMode(database->connection) || !send_statement(database, &lock_timeout) ||
        !send_statement(database, &statement_timeout) || !send_statement(database, statement) ||
        !PQpipelineSync(database->connection)) {
        answer_lost(database, answer, PQerrorMessage(database->connection));
        return;
    }
    collect(database, true, answer);
    if (answer->kind != ANSWER_LOST && !PQexitPipelineMode(database->connection))
        database->broken = true;
}

void statement_script(Database *database, const char *sql, Answer *answer) {
    if (!ready(database, answer))
        return;
    if (!PQsendQuery(database->connection, sql)) {
        answer_lost(database, answer, PQerrorMessage(database->connection));
        return;
    }
    collect(database, false, answer);
    if (answer->kind != ANSWER_REFUSED || PQtransactionStatus(database->connection) == PQTRANS_IDLE)
        return;
    AUTO(Answer) end = { 0 };
    if (PQsendQuery(database->connection, "ROLLBACK"))
        collect(database, false, &end);
    database->broken = database->broken || end.kind != ANSWER_ROWS;
}
