/* Connections: what is refused, in which words, and never with the password in them. */
#include "unit/postgres/fixture.h"

#include "postgres/health.h"

static void assert_refused(const char *text, ErrorKind kind, const char *part, const char *hint) {
    Error err = { 0 };
    Database *database = NULL;
    assert_fault(database_open(text, &database, &err), kind, part);
    assert_null(database);
    if (!strstr(err.hint, hint))
        fail_msg("%s: hint \"%s\", wanted \"%s\"", err.message, err.hint, hint);
    assert_null(strstr(err.message, "hunter2"));
    assert_null(strstr(err.hint, "hunter2"));
}

static void test_malformed(void **state) {
    (void)state;
    assert_refused(NULL, ERR_CONFIG, "no database URL", "DATABASE_URL");
    assert_refused("", ERR_CONFIG, "no database URL", "DATABASE_URL");
    assert_refused("mysql://u:hunter2@h/d", ERR_CONFIG, "not one of PostgreSQL", "DATABASE_URL");
    assert_refused("hunter2", ERR_CONFIG, "malformed", "DATABASE_URL");
    assert_refused("postgresql://u:hunter2%zz@h/d", ERR_CONFIG, "malformed (invalid percent-encoded token)",
                   "percent-encode");
    assert_refused("postgresql://u:p@hunter2@h/d", ERR_CONFIG, "'@' or '/'", "percent-encode");
    assert_refused("postgresql://u:hunter2/p@h/d", ERR_CONFIG, "'@' or '/'", "percent-encode");
    assert_refused("postgresql://u:12/hunter2@h/d", ERR_CONFIG, "'@' or '/'", "percent-encode");
    assert_refused("postgresql://u:hunter2", ERR_CONFIG, "the port is not a number", "DATABASE_URL");
    assert_refused("postgresql://u:p@h/d?hunter2=1", ERR_CONFIG, "malformed (invalid URI query parameter)",
                   "DATABASE_URL");
    assert_refused("host=h password='hunter2", ERR_CONFIG, "malformed", "DATABASE_URL");
    assert_refused("host=h password", ERR_CONFIG, "malformed", "DATABASE_URL");
    assert_refused("postgresql://u:hunter2@h:5432x/d", ERR_CONFIG, "the port is not a number",
                   "DATABASE_URL");
}

static void test_unreachable(void **state) {
    (void)state;
    assert_refused("postgresql://u:hunter2@127.0.0.1:1/d", ERR_REMOTE, "127.0.0.1:1/d",
                   "PostgreSQL runs there");
    assert_refused("postgresql://u:hunter2@no-such-host.invalid/d", ERR_REMOTE, "no-such-host.invalid:5432/d",
                   "check the host");
    assert_refused("host=/nowhere password=hunter2 dbname=d", ERR_REMOTE, "No such file", "socket");
    /* Two hosts: both are named. */
    assert_refused("postgresql://u:hunter2@127.0.0.1:1,127.0.0.1:2/d", ERR_REMOTE, "port 1 failed",
                   "PostgreSQL runs");
}

/* A server that accepts and says nothing. */
static void test_silent_server(void **state) {
    (void)state;
    wire_set(wire, WIRE_STALL);
    char text[256];
    snprintf(text, sizeof text, "%s connect_timeout=2 password=hunter2", conninfo(WIRE));
    double began = seconds();
    assert_refused(text, ERR_REMOTE, "timeout", "firewall");
    assert_true(seconds() - began < 30);
    wire_set(wire, WIRE_PASS);
}

static const char *as_user(const char *user, const char *password, const char *database) {
    static char text[256];
    snprintf(text, sizeof text, "host=%s port=5432 user=%s %s%s dbname=%s", cluster.folder, user,
             password ? "password=" : "", password ? password : "", database);
    return text;
}

static void test_credentials(void **state) {
    (void)state;
    unsetenv("PGPASSWORD");
    sql("CREATE ROLE app LOGIN PASSWORD '" CLUSTER_PASSWORD "'; CREATE ROLE closed NOLOGIN PASSWORD 'x'");
    assert_refused(as_user("app", "hunter2", "postgres"), ERR_REFUSED, "password authentication failed",
                   "DATABASE_URL");
    assert_refused(as_user("nobody", "hunter2", "postgres"), ERR_REFUSED, "password authentication failed",
                   "DATABASE_URL");
    assert_refused(as_user("app", NULL, "postgres"), ERR_REFUSED, "no password supplied", "DATABASE_URL");
    assert_refused(as_user("app", CLUSTER_PASSWORD, "missing"), ERR_REMOTE,
                   "database \"missing\" does not exist", "database name");
    assert_refused(as_user("postgres", "hunter2", "missing"), ERR_REMOTE, "does not exist", "database name");
    Error err = { 0 };
    AUTO_DATABASE database = NULL;
    /* What the server quotes is the password by chance. */
    assert_fault(database_open(as_user("postgres", "twin", "twin"), &database, &err), ERR_REMOTE,
                 "\"***\" does not exist");
    assert_ok(database_open(as_user("app", CLUSTER_PASSWORD, "postgres"), &database, &err));
    char name[128];
    snprintf(name, sizeof name, "%s:5432/postgres", cluster.folder);
    assert_string_equal(database_name(database), name);
}

static void test_replica(void **state) {
    (void)state;
    sql("CREATE DATABASE frozen");
    sql("ALTER DATABASE frozen SET default_transaction_read_only = on");
    assert_refused(cluster_conninfo(&cluster, "frozen", SERVER), ERR_REMOTE, "session is read-only",
                   "primary");
    sql("DROP DATABASE frozen");
}

static void test_session(void **state) {
    (void)state;
    AUTO_DATABASE database = open_database(SERVER);
    AUTO(Answer) answer = { 0 };
    const Statement look = {
        .sql = "SELECT current_setting('application_name'), current_setting('client_encoding')"
    };
    statement_read(database, &look, &answer);
    assert_int_equal(answer.kind, ANSWER_ROWS);
    assert_string_equal(answer_text(&answer, 0, 0), "schema-sync");
    assert_string_equal(answer_text(&answer, 0, 1), "UTF8");
}

/* What the program sets for itself gives way to what the user sets: no socket can be encrypted this way. */
static void test_encryption_is_the_users_choice(void **state) {
    (void)state;
    char text[512];
    snprintf(text, sizeof text, "%s gssencmode=require", conninfo(SERVER));
    assert_refused(text, ERR_REMOTE, "GSSAPI", "DATABASE_URL");
    setenv("PGGSSENCMODE", "require", 1);
    assert_refused(conninfo(SERVER), ERR_REMOTE, "GSSAPI", "DATABASE_URL");
    unsetenv("PGGSSENCMODE");
}

/* A pooler or firewall has closed the idle connection: the next statement finds out and goes on. */
static void test_revives(void **state) {
    (void)state;
    AUTO_DATABASE database = open_database(SERVER);
    AUTO(Answer) answer = { 0 };
    const Statement pid = { .sql = "SELECT pg_backend_pid()" };
    statement_read(database, &pid, &answer);
    assert_int_equal(answer.kind, ANSWER_ROWS);
    char end[128];
    snprintf(end, sizeof end, "SELECT pg_terminate_backend(%s, 5000)", answer_text(&answer, 0, 0));
    assert_sql(end, "t");
    statement_change(database, &pid, &answer);
    assert_int_equal(answer.kind, ANSWER_ROWS);
}

/* The timeouts of a change belong to its transaction, and leave nothing on the session. */
static void test_timeouts_are_local(void **state) {
    (void)state;
    AUTO_DATABASE database = open_database(SERVER);
    AUTO(Answer) answer = { 0 };
    const Statement look = {
        .sql = "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
    };
    statement_change(database, &look, &answer);
    assert_int_equal(answer.kind, ANSWER_ROWS);
    assert_string_equal(answer_text(&answer, 0, 0), "2s");
    assert_string_equal(answer_text(&answer, 0, 1), "5s");
    statement_read(database, &look, &answer);
    assert_string_equal(answer_text(&answer, 0, 0), "0");
    assert_string_equal(answer_text(&answer, 0, 1), "0");
}

/* An error in the pipeline undoes all of it and leaves a connection that works. */
static void test_refused_statement(void **state) {
    (void)state;
    AUTO_DATABASE database = open_database(SERVER);
    AUTO(Answer) answer = { 0 };
    sql("CREATE TABLE once (n integer)");
    const Statement bad = {
        .sql = "WITH new AS (INSERT INTO once VALUES (1) RETURNING n) SELECT 1 / (n - 1) FROM new"
    };
    statement_change(database, &bad, &answer);
    assert_int_equal(answer.kind, ANSWER_REFUSED);
    assert_string_equal(answer.sqlstate, "22012");
    const Statement count = { .sql = "SELECT count(*) FROM once" };
    statement_change(database, &count, &answer);
    assert_int_equal(answer.kind, ANSWER_ROWS);
    assert_string_equal(answer_text(&answer, 0, 0), "0");
    sql("DROP TABLE once");
}

/* The rows of a change come before its commit: they count only when the commit was heard of. */
static void test_failed_commit(void **state) {
    (void)state;
    AUTO_DATABASE database = open_database(SERVER);
    AUTO(Answer) answer = { 0 };
    sql("CREATE TABLE late (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO late VALUES (1)");
    const Statement twice = { .sql = "INSERT INTO late VALUES (1) RETURNING n" };
    statement_change(database, &twice, &answer);
    assert_int_equal(answer.kind, ANSWER_REFUSED);
    assert_string_equal(answer.sqlstate, "23505");
    assert_sql("SELECT count(*) FROM late", "1");
    const Statement fine = { .sql = "INSERT INTO late VALUES (2) RETURNING n" };
    statement_change(database, &fine, &answer);
    assert_int_equal(answer.kind, ANSWER_ROWS);
    sql("DROP TABLE late");
}

static void test_overdue_answer(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO_DATABASE database = NULL;
    assert_ok(database_open_hastily(conninfo(SERVER), 0.3, &database, &err));
    AUTO(Answer) answer = { 0 };
    const Statement slow = { .sql = "SELECT pg_sleep(60)" };
    double began = seconds();
    statement_change(database, &slow, &answer);
    assert_int_equal(answer.kind, ANSWER_LOST);
    assert_true(seconds() - began > 0.9 && seconds() - began < 30);
    const Statement quick = { .sql = "SELECT 1" };
    statement_change(database, &quick, &answer);
    assert_int_equal(answer.kind, ANSWER_ROWS);
}

static void test_extension(void **state) {
    (void)state;
    Error err = { 0 };
    bool found = false;
    assert_ok(database_has_extension(admin, "plpgsql", &found, &err));
    assert_true(found);
    assert_ok(database_has_extension(admin, "postgis", &found, &err));
    assert_false(found);
}

/* Seen by a role that may not look into other roles' sessions. */
static void test_settle(void **state) {
    (void)state;
    Error err = { 0 };
    sql("CREATE ROLE plain LOGIN PASSWORD '" CLUSTER_PASSWORD "'; CREATE TABLE written (n integer)");
    AUTO_DATABASE plain = NULL;
    assert_ok(database_open(as_user("plain", CLUSTER_PASSWORD, "postgres"), &plain, &err));
    AUTO_DATABASE writer = open_database(SERVER);
    AUTO(Answer) answer = { 0 };
    statement_script(writer, "BEGIN; SELECT * FROM written", &answer);
    assert_ok(database_settle(plain, 1, &err));
    statement_script(writer, "INSERT INTO written VALUES (1) RETURNING pg_backend_pid()", &answer);
    double began = seconds();
    assert_fault(database_settle(plain, 0.3, &err), ERR_LOCK, "a write is still under way");
    assert_true(seconds() - began < 30);
    assert_non_null(strstr(err.message, answer_text(&answer, 0, 0)));
    statement_script(writer, "COMMIT", &answer);
    assert_ok(database_settle(plain, 1, &err));
    sql("DROP TABLE written; DROP ROLE plain");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_unreachable),
        cmocka_unit_test(test_silent_server),
        cmocka_unit_test(test_credentials),
        cmocka_unit_test(test_replica),
        cmocka_unit_test(test_session),
        cmocka_unit_test(test_encryption_is_the_users_choice),
        cmocka_unit_test(test_revives),
        cmocka_unit_test(test_timeouts_are_local),
        cmocka_unit_test(test_refused_statement),
        cmocka_unit_test(test_failed_commit),
        cmocka_unit_test(test_overdue_answer),
        cmocka_unit_test(test_extension),
        cmocka_unit_test(test_settle),
    };
    int skipped = start_cluster();
    if (skipped)
        return skipped;
    int failed = cmocka_run_group_tests(tests, fresh_table, NULL);
    stop_cluster();
    return failed;
}
