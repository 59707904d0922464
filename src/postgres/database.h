/*
 * One connection to the target's PostgreSQL. Every SQL statement of the program lives in this folder, behind
 * its meaning.
 *
 * Works through pgbouncer in transaction mode: no SET, LISTEN, named prepared statements or startup options;
 * every statement group is one libpq pipeline and one implicit transaction, with lock_timeout and
 * statement_timeout set locally. A primary is required (target_session_attrs=read-write) for whatever writes.
 */
#ifndef SCHEMA_SYNC_POSTGRES_DATABASE_H
#define SCHEMA_SYNC_POSTGRES_DATABASE_H

#include "base/error.h"
#include "base/mem.h"

typedef struct Database Database;

/* `conninfo` is a libpq URI or keyword string. The password never appears in an error. Faults: ERR_REMOTE
 * when the server cannot be reached, ERR_REFUSED when it refuses the credentials, ERR_CONFIG for a malformed
 * string. */
bool database_open(const char *conninfo, Database **out, Error *err);
/* "host:port/name" for messages, without user or password. */
const char *database_name(const Database *database);
void database_close(Database **database);
static inline void database_auto_close(Database **database) {
    database_close(database);
}
#define AUTO_DATABASE __attribute__((cleanup(database_auto_close))) Database *

#endif
