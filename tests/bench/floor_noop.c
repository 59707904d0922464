/*
 * The floor of a command that finds nothing to do: connect to DATABASE_URL, read one row of
 * directus_settings.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    const char *url = getenv("DATABASE_URL");
    PGconn *connection = PQconnectdb(url ? url : "");
    int status = 1;
    if (PQstatus(connection) == CONNECTION_OK) {
        PGresult *row = PQexec(connection, "SELECT id, project_name FROM directus_settings LIMIT 1");
        if (PQresultStatus(row) == PGRES_TUPLES_OK && PQntuples(row) == 1)
            status = 0;
        PQclear(row);
    }
    if (status)
        fprintf(stderr, "floor_noop: %s", PQerrorMessage(connection));
    PQfinish(connection);
    return status;
}
