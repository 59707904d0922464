/*
 * Running one statement; private to this folder and its tests.
 *
 * An answer is ROWS only after the server has said that the transaction is committed: in a pipeline the rows
 * of an UPDATE come before its commit. REFUSED: the server said no, and nothing happened. LOST: the answer,
 * or its end, did not come, and whether the statement happened is unknown until the row is read again.
 */
#ifndef SCHEMA_SYNC_POSTGRES_STATEMENT_H
#define SCHEMA_SYNC_POSTGRES_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/mem.h"
#include "postgres/database.h"

typedef enum { ANSWER_ROWS, ANSWER_REFUSED, ANSWER_LOST } AnswerKind;

typedef struct {
    AnswerKind kind;
    struct pg_result *result;
    char sqlstate[6]; /* REFUSED */
    Error error;      /* REFUSED and LOST */
} Answer;

void answer_free(Answer *answer);
AUTO_DEFINE(Answer, answer_free);
int answer_rows(const Answer *answer);
/* NULL when the value is null; owned by the answer. The bytes of a binary answer are in network order. */
const char *answer_text(const Answer *answer, int row, int column);
size_t answer_length(const Answer *answer, int row, int column);
/* The column's type as in pg_type.oid; those of built-in types never change. */
unsigned answer_type(const Answer *answer, int column);
/* Another try may succeed: the row or table was locked for too long, or a concurrent change won. */
bool answer_is_busy(const Answer *answer);

typedef struct {
    const char *sql;
    int count;
    const char *const *values; /* $1 …, as text; NULL is null */
    bool binary;               /* the answer in PostgreSQL's binary forms: spares the server to format it */
} Statement;

/* A SELECT, as cheap as it can be: one statement, and one more try on a new connection if the old one had
 * died. */
void statement_read(Database *database, const Statement *statement, Answer *answer);
/* A pipeline of set_config('lock_timeout' 2 s), set_config('statement_timeout' 5 s), the statement and one
 * Sync: one implicit transaction, which works through pgbouncer in transaction mode. */
void statement_change(Database *database, const Statement *statement, Answer *answer);
/* Several statements in the simple protocol, BEGIN and COMMIT among them; a failed transaction is rolled
 * back. */
void statement_script(Database *database, const char *sql, Answer *answer);

/* database_open for who cannot wait: at most `seconds` (2 to 10) for a connection, and (1 to 10, otherwise
 * 10) for an answer. */
bool database_open_hastily(const char *conninfo, double seconds, Database **out, Error *err);

#endif
