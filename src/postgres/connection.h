/*
 * What the files of this folder share about a connection; nothing outside includes it.
 *
 * A Database reconnects by itself: every statement group is one implicit transaction and leaves nothing
 * behind on the session, so that the next one may run on a new connection. libpq's words pass through
 * database_scrub() before they reach an Error.
 */
#ifndef SCHEMA_SYNC_POSTGRES_CONNECTION_H
#define SCHEMA_SYNC_POSTGRES_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include <libpq-fe.h>

#include "base/error.h"
#include "base/str.h"
#include "postgres/database.h"

struct Database {
    PGconn *connection;
    char *name;
    char *user;
    Secret password, key_password; /* to find them in libpq's messages */
    double patience;               /* seconds to wait for an answer */
    bool broken;                   /* an answer is overdue: the connection must not be used again */
};

/* Opens a new connection when the last one is gone. */
bool database_revive(Database *database, Error *err);
/* One line of what libpq or the server said, without secrets. */
void database_scrub(const Database *database, const char *text, Buf *line);

#endif
