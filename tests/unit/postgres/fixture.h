/* A cluster with a directus_settings table, and short words for what the tests of the marker do to it. */
#ifndef SCHEMA_SYNC_TESTS_POSTGRES_FIXTURE_H
#define SCHEMA_SYNC_TESTS_POSTGRES_FIXTURE_H

#include "unit/unit.h"

#include <stdlib.h>
#include <time.h>

#include "base/str.h"
#include "postgres/claim.h"
#include "postgres/marker.h"
#include "postgres/statement.h"
#include "support/cluster.h"
#include "support/wire.h"

enum { SERVER = 5432, WIRE = 5433 };

static Cluster cluster;
static Wire *wire;
static Database *admin; /* past the wire */

static const char *conninfo(int port) {
    return cluster_conninfo(&cluster, "postgres", port);
}

static Database *open_database(int port) {
    Error err = { 0 };
    Database *database = NULL;
    assert_ok(database_open(conninfo(port), &database, &err));
    return database;
}

/* The first value of what the statements give, "" for null or nothing. */
__attribute__((unused)) static const char *sql(const char *statements) {
    static char value[8192];
    AUTO(Answer) answer = { 0 };
    statement_script(admin, statements, &answer);
    if (answer.kind != ANSWER_ROWS)
        fail_msg("%s: %s", statements, answer.error.message);
    const char *text = answer_rows(&answer) > 0 ? answer_text(&answer, 0, 0) : NULL;
    snprintf(value, sizeof value, "%s", text ? text : "");
    return value;
}

__attribute__((unused)) static void assert_sql(const char *statements, const char *wanted) {
    assert_string_equal(sql(statements), wanted);
}

__attribute__((unused)) static void sleep_ms(long ms) {
    nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

__attribute__((unused)) static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int start_cluster(void) {
    if (!cluster_start(&cluster))
        return TEST_SKIPPED;
    wire = wire_start(cluster.folder, WIRE);
    admin = open_database(SERVER);
    return 0;
}

static void stop_cluster(void) {
    database_close(&admin);
    wire_stop(wire);
    cluster_stop(&cluster);
}

/* A table as Directus makes it, as far as the marker sees it. */
static int fresh_table(void **state) {
    (void)state;
    wire_set(wire, WIRE_PASS);
    sql("DROP TABLE IF EXISTS directus_settings;"
        "CREATE TABLE directus_settings (id serial PRIMARY KEY, project_name varchar(100) NOT NULL DEFAULT "
        "'Directus',"
        " project_url varchar(255), project_id uuid);"
        "INSERT INTO directus_settings (project_id) VALUES ('0197a1c4-0000-7000-8000-000000000001')");
    return 0;
}

__attribute__((unused)) static int installed_table(void **state) {
    fresh_table(state);
    Error err = { 0 };
    assert_ok(marker_install(admin, &err));
    return 0;
}

#endif
