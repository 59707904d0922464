/* The marker on a real server: columns, claims, their ends, lost replies, races. */
#include <pthread.h>
#include <stdatomic.h>

#include "unit/postgres/fixture.h"

/* Everything of the row that a compare-and-set that lost must leave as it was. */
#define ROW "SELECT s::text || s.xmin::text FROM directus_settings s"

static Claim claim_by(const char *owner, const char *hash) {
    return (Claim){ .owner = owner,
                    .owner_info = "schema-sync on test",
                    .hash = hash,
                    .commit = "c1",
                    .lineage = "c1 c0",
                    .lease_seconds = 60 };
}

static ClaimOutcome try_claim(Database *database, Claim *claim, int64_t *epoch) {
    Error err = { 0 };
    AUTO(Marker) seen = { 0 };
    assert_ok(marker_read(database, &seen, &err));
    ClaimOutcome outcome;
    assert_ok(marker_claim(database, &seen, claim, &outcome, epoch, &err));
    return outcome;
}

static int64_t win(Claim *claim) {
    int64_t epoch = 0;
    assert_int_equal(try_claim(admin, claim, &epoch), CLAIM_WON);
    return epoch;
}

static void expire_lease(void) {
    sql("UPDATE directus_settings SET schema_sync_lease_until = now() - interval '1 second'");
}

static void commit(const Claim *claim, int64_t epoch) {
    Error err = { 0 };
    const Applied applied = {
        .hash = claim->hash, .sections = "a=1", .commit = claim->commit, .lineage = "c1 c0"
    };
    assert_ok(marker_commit(admin, claim, epoch, &applied, &err));
}

/* I6: clean means that owner, lease and target are null. */
static void assert_clean_and_free(void) {
    assert_sql("SELECT schema_sync_state || coalesce(schema_sync_owner, '')"
               " || coalesce(schema_sync_lease_until::text, '') || coalesce(schema_sync_target_hash, '')"
               " || coalesce(schema_sync_target_commit, '') || coalesce(schema_sync_target_lineage, '')"
               " FROM directus_settings",
               "clean");
}

/* ---- reading and installing ---- */

static void test_read_before_install(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Marker) marker = { 0 };
    assert_ok(marker_read(admin, &marker, &err));
    assert_false(marker.installed);
    assert_int_equal(marker.row_id, 1);
    assert_string_equal(marker.project_id, "0197a1c4-0000-7000-8000-000000000001");
    assert_null(marker.hash);
    /* Directus before 11.9. */
    sql("ALTER TABLE directus_settings DROP COLUMN project_id");
    assert_ok(marker_read(admin, &marker, &err));
    assert_null(marker.project_id);
}

/* Whatever the type Directus' own POST /fields gives a column, and times of any year. */
static void test_values(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Marker) marker = { 0 };
    sql("ALTER TABLE directus_settings ALTER schema_sync_hash TYPE varchar(255), ALTER schema_sync_attempts "
        "TYPE bigint;"
        "UPDATE directus_settings SET schema_sync_hash = 'h\u00e4', schema_sync_attempts = -3,"
        " schema_sync_epoch = 9007199254740993, schema_sync_state = NULL, schema_sync_worktree = true,"
        " schema_sync_applied_at = '1969-12-31 23:59:59.9999+00', schema_sync_lease_until = 'infinity'");
    assert_ok(marker_read(admin, &marker, &err));
    assert_true(marker.installed);
    assert_string_equal(marker.hash, "h\u00e4");
    assert_int_equal(marker.attempts, -3);
    assert_true(marker.epoch == 9007199254740993);
    assert_string_equal(marker.state, "clean");
    assert_true(marker.worktree);
    assert_string_equal(marker.applied_at, "1969-12-31T23:59:59.999Z");
    assert_string_equal(marker.lease_until, "infinity");
    assert_true(marker.lease_live);
    sql("UPDATE directus_settings SET schema_sync_lease_until = '-infinity', schema_sync_epoch = NULL");
    assert_ok(marker_read(admin, &marker, &err));
    assert_false(marker.lease_live);
    assert_int_equal(marker.epoch, 0);
    Claim claim = claim_by("me", "h1");
    assert_int_equal(win(&claim), 1);
}

static void test_no_directus(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Marker) marker = { 0 };
    sql("DROP TABLE directus_settings");
    assert_fault(marker_read(admin, &marker, &err), ERR_REMOTE, "no Directus in this database");
    assert_non_null(strstr(err.hint, "bootstrap"));
    assert_fault(marker_install(admin, &err), ERR_REMOTE, "no Directus in this database");
    sql("CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.directus_settings (id integer)");
    assert_fault(marker_read(admin, &marker, &err), ERR_REMOTE, "no Directus in this database");
    assert_non_null(strstr(err.hint, "SET search_path = elsewhere"));
    sql("DROP SCHEMA elsewhere CASCADE");
}

static void test_install(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Marker) marker = { 0 };
    assert_ok(marker_install(admin, &err));
    assert_ok(marker_read(admin, &marker, &err));
    assert_true(marker.installed);
    assert_string_equal(marker.state, "clean");
    assert_int_equal(marker.epoch, 0);
    assert_null(marker.owner);
    assert_false(marker.lease_live);
    /* Again, while a reader of the table is in a transaction that an ALTER TABLE would wait for. */
    AUTO_DATABASE reader = open_database(SERVER);
    AUTO(Answer) answer = { 0 };
    statement_script(reader, "BEGIN; SELECT * FROM directus_settings", &answer);
    assert_ok(marker_install(admin, &err));
}

/* Each column counts: without any one of them the marker is not installed, and install puts it back. */
static void test_every_column_is_looked_at(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Marker) marker = { 0 };
    assert_sql("SELECT count(*) FROM pg_attribute WHERE attrelid = 'directus_settings'::regclass"
               " AND attname LIKE 'schema\\_sync\\_%' AND NOT attisdropped",
               "19");
    AUTO(Answer) names = { 0 };
    statement_script(admin,
                     "SELECT attname FROM pg_attribute WHERE attrelid = 'directus_settings'::regclass"
                     " AND attname LIKE 'schema\\_sync\\_%' AND NOT attisdropped",
                     &names);
    for (int i = 0; i < answer_rows(&names); i++) {
        char drop[256];
        snprintf(drop, sizeof drop, "ALTER TABLE directus_settings DROP COLUMN %s",
                 answer_text(&names, i, 0));
        sql(drop);
        assert_ok(marker_read(admin, &marker, &err));
        if (marker.installed)
            fail_msg("installed without %s", answer_text(&names, i, 0));
        assert_ok(marker_install(admin, &err));
        assert_ok(marker_read(admin, &marker, &err));
        assert_true(marker.installed);
    }
}

static void test_install_makes_the_row(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Marker) marker = { 0 };
    sql("DELETE FROM directus_settings");
    assert_ok(marker_read(admin, &marker, &err));
    assert_false(marker.installed);
    assert_ok(marker_install(admin, &err));
    assert_ok(marker_read(admin, &marker, &err));
    assert_true(marker.installed);
    assert_true(marker.row_id > 0);
}

/* Directus reads the row with the least id, wherever it lies in the table. */
static void test_first_of_several_rows(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Marker) marker = { 0 };
    sql("UPDATE directus_settings SET id = 7, schema_sync_hash = 'seventh';"
        "INSERT INTO directus_settings (id, schema_sync_hash) VALUES (9, 'ninth'), (3, 'third')");
    assert_ok(marker_read(admin, &marker, &err));
    assert_int_equal(marker.row_id, 3);
    assert_string_equal(marker.hash, "third");
}

static void *install_once(void *context) {
    Error err = { 0 };
    Database *database = NULL;
    *(bool *)context = database_open(conninfo(SERVER), &database, &err) && marker_install(database, &err);
    if (!*(bool *)context)
        fprintf(stderr, "%s\n", err.message);
    database_close(&database);
    return NULL;
}

static void test_install_at_once(void **state) {
    (void)state;
    enum { MANY = 8 };
    sql("DELETE FROM directus_settings");
    pthread_t threads[MANY];
    bool worked[MANY] = { 0 };
    for (int i = 0; i < MANY; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, install_once, &worked[i]), 0);
    for (int i = 0; i < MANY; i++) {
        pthread_join(threads[i], NULL);
        assert_true(worked[i]);
    }
    assert_sql("SELECT count(*) FROM directus_settings", "1");
}

static void test_install_without_rights(void **state) {
    (void)state;
    Error err = { 0 };
    sql("CREATE ROLE reader LOGIN PASSWORD '" CLUSTER_PASSWORD
        "'; GRANT SELECT, UPDATE ON directus_settings TO reader");
    char text[256];
    snprintf(text, sizeof text, "host=%s user=reader password=%s dbname=postgres", cluster.folder,
             CLUSTER_PASSWORD);
    AUTO_DATABASE database = NULL;
    assert_ok(database_open(text, &database, &err));
    assert_fault(marker_install(database, &err), ERR_REFUSED, "may not add the marker columns");
    assert_non_null(strstr(err.hint, "install --print-sql"));
    /* With the columns there, rights to the row are enough. */
    assert_ok(marker_install(admin, &err));
    assert_ok(marker_install(database, &err));
    sql("REVOKE UPDATE ON directus_settings FROM reader");
    AUTO(Marker) seen = { 0 };
    assert_ok(marker_read(database, &seen, &err));
    Claim claim = claim_by("reader", "h1");
    ClaimOutcome outcome;
    int64_t epoch;
    assert_fault(marker_claim(database, &seen, &claim, &outcome, &epoch, &err), ERR_REFUSED,
                 "permission denied");
    assert_non_null(strstr(err.hint, "GRANT SELECT, UPDATE ON directus_settings TO \"reader\""));
    sql("REVOKE ALL ON directus_settings FROM reader; DROP ROLE reader");
}

static void test_newer_protocol(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Marker) marker = { 0 };
    sql("UPDATE directus_settings SET schema_sync_proto = 2");
    assert_fault(marker_read(admin, &marker, &err), ERR_CONFIG, "a newer schema-sync");
    assert_fault(marker_install(admin, &err), ERR_CONFIG, "a newer schema-sync");
}

/* What people run by hand is the file itself. */
static void test_print_sql(void **state) {
    (void)state;
    FILE *file = fopen("schema/marker.sql", "r");
    assert_non_null(file);
    AUTO(Buf) text = { 0 };
    for (int byte; (byte = fgetc(file)) != EOF;)
        buf_putc(&text, (char)byte);
    fclose(file);
    assert_string_equal(marker_install_sql(), buf_text(&text));
}

/* ---- a claim and its ends ---- */

static void test_claim_and_commit(void **state) {
    (void)state;
    Error err = { 0 };
    Claim claim = claim_by("me", "h1");
    int64_t epoch = win(&claim);
    assert_int_equal(epoch, 1);
    assert_true(claim.claimed_at > 0);
    AUTO(Marker) marker = { 0 };
    assert_ok(marker_read(admin, &marker, &err));
    assert_string_equal(marker.state, "importing");
    assert_string_equal(marker.owner, "me");
    assert_string_equal(marker.owner_info, "schema-sync on test");
    assert_string_equal(marker.target_hash, "h1");
    assert_string_equal(marker.target_commit, "c1");
    assert_string_equal(marker.target_lineage, "c1 c0");
    assert_int_equal(marker.attempts, 1);
    assert_true(marker.lease_live);
    assert_int_equal(strlen(marker.lease_until), strlen("2026-01-01T00:00:00.000Z"));
    assert_sql("SELECT schema_sync_lease_until BETWEEN now() + interval '30 s' AND now() + interval '60 s'"
               " FROM directus_settings",
               "t");
    const Applied applied = {
        .hash = "h1", .sections = "{\"a\":\"1\"}", .commit = "c1", .worktree = true, .lineage = ""
    };
    assert_ok(marker_commit(admin, &claim, epoch, &applied, &err));
    assert_ok(marker_read(admin, &marker, &err));
    assert_string_equal(marker.hash, "h1");
    assert_string_equal(marker.sections, "{\"a\":\"1\"}");
    assert_string_equal(marker.commit, "c1");
    assert_true(marker.worktree);
    assert_null(marker.lineage);
    assert_sql(
        "SELECT to_char(schema_sync_applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
        " FROM directus_settings",
        marker.applied_at);
    assert_true(marker.installed);
    assert_int_equal(marker.epoch, 1);
    assert_clean_and_free();
    /* I4: once. */
    assert_fault(marker_commit(admin, &claim, epoch, &applied, &err), ERR_LOCK, "no longer ours");
}

static void test_claim_of_what_changed(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Marker) seen = { 0 };
    assert_ok(marker_read(admin, &seen, &err));
    Claim first = claim_by("first", "h1"), second = claim_by("second", "h2");
    int64_t epoch = win(&first);
    char before[4096];
    snprintf(before, sizeof before, "%s", sql(ROW));
    ClaimOutcome outcome;
    assert_ok(marker_claim(admin, &seen, &second, &outcome, &epoch, &err));
    assert_int_equal(outcome, CLAIM_LOST);
    assert_sql(ROW, before);
    /* Also when it was claimed and is free again, at the same hash or at another. */
    assert_ok(marker_release(admin, &first, epoch, &seen, &err));
    assert_ok(marker_claim(admin, &seen, &second, &outcome, &epoch, &err));
    assert_int_equal(outcome, CLAIM_LOST);
    assert_ok(marker_read(admin, &seen, &err));
    commit(&first, win(&first));
    assert_ok(marker_claim(admin, &seen, &second, &outcome, &epoch, &err));
    assert_int_equal(outcome, CLAIM_LOST);
}

typedef struct {
    pthread_barrier_t *gate;
    int round, number;
    bool won;
    int64_t epoch;
} Racer;

static void *race(void *context) {
    Racer *racer = context;
    Error err = { 0 };
    Database *database = NULL;
    char owner[32];
    snprintf(owner, sizeof owner, "racer-%d-%d", racer->round, racer->number);
    Claim claim = claim_by(owner, "h1");
    Marker seen = { 0 };
    ClaimOutcome outcome = CLAIM_LOST;
    bool fine = database_open(conninfo(SERVER), &database, &err) && marker_read(database, &seen, &err);
    pthread_barrier_wait(racer->gate);
    fine = fine && marker_claim(database, &seen, &claim, &outcome, &racer->epoch, &err);
    if (!fine)
        fprintf(stderr, "%s\n", err.message);
    racer->won = fine && outcome == CLAIM_WON;
    marker_free(&seen);
    database_close(&database);
    return NULL;
}

static void run_race(int64_t wanted_epoch) {
    enum { MANY = 16 };
    pthread_barrier_t gate;
    pthread_barrier_init(&gate, NULL, MANY);
    pthread_t threads[MANY];
    Racer racers[MANY] = { 0 };
    for (int i = 0; i < MANY; i++) {
        racers[i] = (Racer){ .gate = &gate, .round = (int)wanted_epoch, .number = i };
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    int winners = 0;
    for (int i = 0; i < MANY; i++) {
        pthread_join(threads[i], NULL);
        char owner[32];
        snprintf(owner, sizeof owner, "racer-%d-%d", (int)wanted_epoch, i);
        if (racers[i].won) {
            winners++;
            assert_int_equal(racers[i].epoch, wanted_epoch);
            assert_sql("SELECT schema_sync_owner FROM directus_settings", owner);
        }
    }
    pthread_barrier_destroy(&gate);
    assert_int_equal(winners, 1);
    char epoch[24];
    snprintf(epoch, sizeof epoch, "%lld", (long long)wanted_epoch);
    assert_sql("SELECT schema_sync_epoch FROM directus_settings", epoch);
}

/* Sixteen at once, of a free lock and of one whose owner is dead: exactly one wins each time. */
static void test_race(void **state) {
    (void)state;
    for (int64_t round = 1; round <= 6; round++) {
        run_race(round);
        if (round % 2)
            expire_lease();
        else
            sql("UPDATE directus_settings SET schema_sync_owner = NULL, schema_sync_state = 'failed'");
    }
}

static void test_takeover(void **state) {
    (void)state;
    Error err = { 0 };
    Claim dead = claim_by("dead", "h1"), heir = claim_by("heir", "h1");
    int64_t epoch = win(&dead), heirs_epoch = 0;
    assert_int_equal(try_claim(admin, &heir, &heirs_epoch), CLAIM_LOST);
    expire_lease();
    /* It was seen expired, but the owner has renewed since. */
    AUTO(Marker) seen = { 0 };
    assert_ok(marker_read(admin, &seen, &err));
    assert_false(seen.lease_live);
    bool ours = false;
    assert_ok(claim_renew(admin, "dead", epoch, 60, &ours, &err));
    assert_true(ours);
    expire_lease();
    ClaimOutcome outcome;
    assert_ok(marker_claim(admin, &seen, &heir, &outcome, &heirs_epoch, &err));
    assert_int_equal(outcome, CLAIM_LOST);
    assert_int_equal(try_claim(admin, &heir, &heirs_epoch), CLAIM_WON);
    assert_int_equal(heirs_epoch, epoch + 1);
    assert_sql("SELECT schema_sync_attempts FROM directus_settings", "2");
    /* Whatever the dead one still says, the row stays as it is. */
    char before[4096];
    snprintf(before, sizeof before, "%s", sql(ROW));
    assert_ok(claim_renew(admin, "dead", epoch, 60, &ours, &err));
    assert_false(ours);
    const Applied applied = { .hash = "h1" };
    assert_fault(marker_commit(admin, &dead, epoch, &applied, &err), ERR_LOCK, "no longer ours");
    assert_fault(marker_fail(admin, &dead, epoch, "x", &err), ERR_LOCK, "no longer ours");
    assert_fault(marker_release(admin, &dead, epoch, &seen, &err), ERR_LOCK, "no longer ours");
    assert_sql(ROW, before);
    commit(&heir, heirs_epoch);
}

/* The database's word is not enough: the waiter has seen the owner silent for a whole lease itself. */
static void test_watch(void **state) {
    (void)state;
    const double lease = 60;
    const int64_t almost = (int64_t)50 * 1000000000, whole = (int64_t)60 * 1000000000;
    Watch watch = { 0 };
    Marker seen = { .epoch = 1, .beat = 4 };
    assert_true(marker_claimable(&seen, lease, &watch));
    seen.owner = "other";
    assert_false(marker_claimable(&seen, lease, &watch));
    watch.since -= almost;
    assert_false(marker_claimable(&seen, lease, &watch));
    seen.beat++;
    watch.since -= whole;
    assert_false(marker_claimable(&seen, lease, &watch));
    watch.since -= almost;
    assert_false(marker_claimable(&seen, lease, &watch));
    seen.epoch++;
    watch.since -= whole;
    assert_false(marker_claimable(&seen, lease, &watch));
    watch.since -= whole;
    seen.lease_live = true;
    assert_false(marker_claimable(&seen, lease, &watch));
    seen.lease_live = false;
    assert_true(marker_claimable(&seen, lease, &watch));
}

static void test_commit_after_expiry(void **state) {
    (void)state;
    Error err = { 0 };
    Claim claim = claim_by("me", "h1");
    int64_t epoch = win(&claim);
    expire_lease();
    const Applied applied = { .hash = "h1" };
    assert_fault(marker_commit(admin, &claim, epoch, &applied, &err), ERR_LOCK, "no longer ours");
    /* Nobody took over: a renewal brings it back. */
    bool ours = false;
    assert_ok(claim_renew(admin, "me", epoch, 60, &ours, &err));
    assert_true(ours);
    assert_ok(marker_commit(admin, &claim, epoch, &applied, &err));
}

static void test_fail_and_try_again(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Marker) marker = { 0 };
    Claim claim = claim_by("me", "h1");
    assert_ok(marker_fail(admin, &claim, win(&claim), "POST /roles: 500 \xff\xfe here", &err));
    assert_ok(marker_read(admin, &marker, &err));
    assert_string_equal(marker.state, "failed");
    assert_string_equal(marker.error, "POST /roles: 500 ?? here");
    assert_string_equal(marker.target_hash, "h1");
    assert_string_equal(marker.target_commit, "c1");
    assert_null(marker.owner);
    assert_null(marker.lease_until);
    Claim again = claim_by("again", "h1"), other = claim_by("other", "h2");
    int64_t epoch = win(&again);
    assert_sql("SELECT schema_sync_attempts FROM directus_settings", "2");
    assert_ok(marker_fail(admin, &again, epoch, "", &err));
    win(&other);
    assert_sql("SELECT schema_sync_attempts FROM directus_settings", "1");
}

static void release_from(const char *what, const char *wanted) {
    Error err = { 0 };
    AUTO(Marker) seen = { 0 };
    assert_ok(marker_read(admin, &seen, &err));
    Claim claim = claim_by("brief", "h9");
    ClaimOutcome outcome;
    int64_t epoch;
    assert_ok(marker_claim(admin, &seen, &claim, &outcome, &epoch, &err));
    assert_int_equal(outcome, CLAIM_WON);
    assert_ok(marker_release(admin, &claim, epoch, &seen, &err));
    const char *row =
        sql("SELECT concat_ws(' ', schema_sync_state, schema_sync_owner, schema_sync_lease_until,"
            " schema_sync_target_hash, schema_sync_target_commit, schema_sync_target_lineage,"
            " schema_sync_attempts, schema_sync_error) FROM directus_settings");
    if (strcmp(row, wanted) != 0)
        fail_msg("released from %s: \"%s\"", what, row);
}

static void test_release(void **state) {
    (void)state;
    Error err = { 0 };
    release_from("clean", "clean 0");
    assert_clean_and_free();
    Claim claim = claim_by("me", "h1");
    assert_ok(marker_fail(admin, &claim, win(&claim), "broken", &err));
    release_from("failed", "failed h1 c1 c1 c0 1 broken");
    win(&claim);
    expire_lease();
    release_from("a dead importer", "failed h1 c1 c1 c0 2 the importer ended without a word");
}

/* A rollback says at its begin what it will hold against; what stood there comes back when nothing was
 * written, and stays while another import tries. */
static void test_held(void **state) {
    (void)state;
    static const char HELD[] = "SELECT COALESCE(schema_sync_held, 'none') FROM directus_settings";
    Error err = { 0 };
    AUTO(Marker) seen = { 0 };
    int64_t epoch;
    ClaimOutcome outcome;
    assert_ok(marker_read(admin, &seen, &err));
    Claim back = claim_by("back", "h0"), other = claim_by("other", "h1");
    back.held = "rolled back";
    assert_ok(marker_claim(admin, &seen, &back, &outcome, &epoch, &err));
    assert_int_equal(outcome, CLAIM_WON);
    assert_sql(HELD, "rolled back");
    assert_ok(marker_release(admin, &back, epoch, &seen, &err));
    assert_sql(HELD, "none");
    assert_ok(marker_fail(admin, &back, win(&back), "broken", &err));
    assert_sql(HELD, "rolled back");
    assert_ok(marker_fail(admin, &other, win(&other), "broken", &err));
    assert_sql(HELD, "rolled back");
    commit(&other, win(&other));
    assert_sql(HELD, "none");
}

static void test_unlock(void **state) {
    (void)state;
    Error err = { 0 };
    assert_fault(marker_unlock(admin, "me", &err), ERR_LOCK, "nobody holds");
    Claim claim = claim_by("me", "h1");
    int64_t epoch = win(&claim);
    assert_fault(marker_unlock(admin, "other", &err), ERR_LOCK, "held by me, not by other");
    assert_ok(marker_unlock(admin, "me", &err));
    AUTO(Marker) marker = { 0 };
    assert_ok(marker_read(admin, &marker, &err));
    assert_string_equal(marker.state, "failed");
    assert_int_equal(marker.epoch, epoch + 1);
    assert_null(marker.owner);
    assert_string_equal(marker.target_hash, "h1");
    const Applied applied = { .hash = "h1" };
    assert_fault(marker_commit(admin, &claim, epoch, &applied, &err), ERR_LOCK, "no longer ours");
}

static void test_saw(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Marker) seen = { 0 };
    assert_ok(marker_read(admin, &seen, &err));
    const Applied applied = { .hash = "h5", .sections = "s5", .commit = "c5", .lineage = "c5 c4" };
    bool done = false;
    assert_ok(marker_saw(admin, &seen, &applied, &done, &err));
    assert_true(done);
    assert_clean_and_free();
    assert_sql("SELECT schema_sync_hash || schema_sync_sections || schema_sync_commit FROM directus_settings",
               "h5s5c5");
    /* Against what was seen before: too late. */
    assert_ok(marker_saw(admin, &seen, &applied, &done, &err));
    assert_false(done);
    assert_ok(marker_read(admin, &seen, &err));
    Claim claim = claim_by("me", "h6");
    int64_t epoch = win(&claim);
    assert_ok(marker_saw(admin, &seen, &applied, &done, &err));
    assert_false(done);
    assert_ok(marker_read(admin, &seen, &err));
    assert_ok(marker_saw(admin, &seen, &applied, &done, &err));
    assert_false(done);
    assert_ok(marker_fail(admin, &claim, epoch, "broken", &err));
    assert_ok(marker_read(admin, &seen, &err));
    assert_ok(marker_saw(admin, &seen, &applied, &done, &err));
    assert_true(done);
    assert_clean_and_free();
}

/* ---- trouble ---- */

/* A row that another transaction holds: no endless wait. */
static void test_locked_row(void **state) {
    (void)state;
    Error err = { 0 };
    Claim claim = claim_by("me", "h1");
    int64_t epoch = win(&claim);
    AUTO_DATABASE other = open_database(SERVER);
    AUTO(Answer) answer = { 0 };
    statement_script(other, "BEGIN; UPDATE directus_settings SET project_name = 'x'", &answer);
    double began = seconds();
    bool ours = false;
    assert_fault(claim_renew(admin, "me", epoch, 60, &ours, &err), ERR_LOCK, "locked by another transaction");
    assert_true(seconds() - began > 1.9 && seconds() - began < 30);
    statement_script(other, "COMMIT", &answer);
    assert_ok(claim_renew(admin, "me", epoch, 60, &ours, &err));
    assert_true(ours);
}

/*
 * Each change of the row, with its request lost or its reply lost: as if nothing had happened, and exactly
 * once. A request that never arrived is sent again, a reply that never came is looked up.
 */
static void lose(WireMode mode) {
    Error err = { 0 };
    fresh_table(NULL);
    assert_ok(marker_install(admin, &err));
    AUTO_DATABASE database = open_database(WIRE);
    AUTO(Marker) seen = { 0 };
    Claim claim = claim_by("me", "h1");
    const Applied applied = { .hash = "h1" }, exported = { .hash = "h2" };
    ClaimOutcome outcome;
    int64_t epoch = 0;
    bool done = false;

    assert_ok(marker_read(database, &seen, &err));
    wire_set(wire, mode);
    assert_ok(marker_claim(database, &seen, &claim, &outcome, &epoch, &err));
    assert_int_equal(outcome, CLAIM_WON);
    assert_int_equal(epoch, 1);
    wire_set(wire, mode);
    assert_ok(marker_release(database, &claim, epoch, &seen, &err));
    assert_clean_and_free();

    epoch = win(&claim);
    wire_set(wire, mode);
    assert_ok(marker_fail(database, &claim, epoch, "broken", &err));
    assert_sql("SELECT schema_sync_state || schema_sync_error FROM directus_settings", "failedbroken");

    epoch = win(&claim);
    wire_set(wire, mode);
    assert_ok(marker_commit(database, &claim, epoch, &applied, &err));
    assert_clean_and_free();

    assert_ok(marker_read(database, &seen, &err));
    wire_set(wire, mode);
    assert_ok(marker_saw(database, &seen, &exported, &done, &err));
    assert_true(done);
    assert_sql("SELECT schema_sync_hash FROM directus_settings", "h2");

    win(&claim);
    wire_set_after(wire, mode, 1); /* it reads the row first */
    assert_ok(marker_unlock(database, "me", &err));
    win(&claim);
    assert_sql("SELECT schema_sync_epoch FROM directus_settings", "6");
}

static void test_lost_request(void **state) {
    (void)state;
    lose(WIRE_CUT_REQUEST);
}

static void test_lost_reply(void **state) {
    (void)state;
    lose(WIRE_CUT_REPLY);
}

/* The reply of a claim was lost for so long that the caller gave up and reads again: it finds itself. */
static void test_own_claim_is_found_again(void **state) {
    (void)state;
    Claim claim = claim_by("me", "h1");
    int64_t first = win(&claim), second = 0;
    assert_int_equal(try_claim(admin, &claim, &second), CLAIM_WON);
    assert_int_equal(second, first);
    assert_int_equal(claim.claimed_at, 0);
    assert_sql("SELECT schema_sync_attempts FROM directus_settings", "1");
}

/* Lost while somebody else took over: never taken for a success. */
static void test_lost_reply_of_a_loser(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO_DATABASE database = open_database(WIRE);
    Claim dead = claim_by("dead", "h1"), heir = claim_by("heir", "h2");
    int64_t epoch = win(&dead);
    expire_lease();
    win(&heir);
    const Applied applied = { .hash = "h1" };
    wire_set(wire, WIRE_CUT_REPLY);
    assert_fault(marker_commit(database, &dead, epoch, &applied, &err), ERR_LOCK, "no longer ours");
    wire_set(wire, WIRE_CUT_REPLY);
    assert_fault(marker_fail(database, &dead, epoch, "x", &err), ERR_LOCK, "no longer ours");
    assert_sql("SELECT schema_sync_owner FROM directus_settings", "heir");
}

/* ---- random schedules ---- */

enum { ACTORS = 4, STEPS = 24 };

typedef struct {
    char owner[32];
    Claim claim;
    Marker seen;
    int64_t epoch; /* > 0: believes to hold the claim */
} Actor;

typedef struct {
    Actor actors[ACTORS];
    int64_t epoch; /* the highest seen so far */
    char owner_of[ACTORS * STEPS + 2][32];
    bool committed[ACTORS * STEPS + 2];
} World;

static unsigned dice;

static unsigned roll(unsigned sides) {
    dice = dice * 1103515245U + 12345U;
    return (dice >> 16) % sides;
}

static void assert_holds(const Actor *actor) {
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%s %lld", actor->owner, (long long)actor->epoch);
    assert_sql("SELECT schema_sync_owner || ' ' || schema_sync_epoch FROM directus_settings", wanted);
}

/* Runs one step of one actor; true when it says that it has changed the row. */
static bool step(World *world, Actor *actor) {
    static const char *const hashes[] = { "h1", "h2", "h3" };
    Error err = { 0 };
    const Applied applied = { .hash = actor->claim.hash, .commit = "c" };
    bool done = false;
    ClaimOutcome outcome;
    switch (roll(9)) {
    case 0: /* a look at the row, perhaps long before it is used */
        assert_ok(marker_read(admin, &actor->seen, &err));
        return false;
    case 1:
    case 2:
        actor->claim.hash = hashes[roll(3)];
        if (!actor->seen.row_id || actor->epoch)
            return false;
        assert_ok(marker_claim(admin, &actor->seen, &actor->claim, &outcome, &actor->epoch, &err));
        if (outcome == CLAIM_LOST)
            actor->epoch = 0;
        else if (actor->claim.claimed_at > 0)
            assert_holds(actor);
        else
            return false; /* its own claim of before: nothing was written */
        return outcome == CLAIM_WON;
    case 3:
        assert_ok(claim_renew(admin, actor->owner, actor->epoch, 60, &done, &err));
        return done;
    case 4:
        done = actor->epoch && marker_commit(admin, &actor->claim, actor->epoch, &applied, &err);
        if (done) {
            assert_false(world->committed[actor->epoch]); /* I4 */
            world->committed[actor->epoch] = true;
        }
        break;
    case 5:
        done = actor->epoch && marker_fail(admin, &actor->claim, actor->epoch, "x", &err);
        break;
    case 6:
        if (!actor->epoch || !actor->seen.row_id)
            return false;
        done = marker_release(admin, &actor->claim, actor->epoch, &actor->seen, &err);
        break;
    case 7:
        if (actor->seen.row_id)
            assert_ok(marker_saw(admin, &actor->seen, &applied, &done, &err));
        return done;
    default: /* time passes, or the actor dies and comes back under another name */
        sql("UPDATE directus_settings SET schema_sync_lease_until = schema_sync_lease_until - interval '100 "
            "s'");
        return true;
    }
    actor->epoch = done ? 0 : actor->epoch;
    return done;
}

static void check_invariants(World *world) {
    Error err = { 0 };
    AUTO(Marker) now = { 0 };
    assert_ok(marker_read(admin, &now, &err));
    assert_true(now.epoch >= world->epoch); /* I5 */
    world->epoch = now.epoch;
    if (now.owner) {
        char *owner = world->owner_of[now.epoch];
        assert_string_equal(now.state, "importing");
        if (*owner)
            assert_string_equal(owner, now.owner); /* I5: one owner an epoch */
        snprintf(owner, sizeof world->owner_of[0], "%s", now.owner);
    } else {
        assert_null(now.lease_until);
        assert_string_not_equal(now.state, "importing");
    }
    if (strcmp(now.state, "clean") == 0) {
        assert_null(now.owner); /* I6 */
        assert_null(now.target_hash);
        assert_null(now.target_commit);
        assert_null(now.target_lineage);
    } else {
        assert_non_null(now.target_hash);
    }
}

static void run_schedule(unsigned seed) {
    static World world;
    char before[8192];
    memset(&world, 0, sizeof world);
    dice = seed;
    sql("UPDATE directus_settings SET schema_sync_state = 'clean', schema_sync_epoch = 0, schema_sync_owner "
        "= NULL,"
        " schema_sync_target_hash = NULL, schema_sync_target_commit = NULL, schema_sync_target_lineage = "
        "NULL,"
        " schema_sync_lease_until = NULL, schema_sync_hash = NULL");
    for (int i = 0; i < ACTORS; i++) {
        snprintf(world.actors[i].owner, sizeof world.actors[i].owner, "actor-%d", i);
        world.actors[i].claim = claim_by(world.actors[i].owner, "h1");
    }
    for (int i = 0; i < STEPS; i++) {
        snprintf(before, sizeof before, "%s", sql(ROW));
        bool changed = step(&world, &world.actors[roll(ACTORS)]);
        if (!changed)
            assert_sql(ROW, before); /* I7 */
        check_invariants(&world);
    }
    for (int i = 0; i < ACTORS; i++)
        marker_free(&world.actors[i].seen);
}

/* SCHEMA_SYNC_SCHEDULES asks for more than a quick run. */
static void test_random_schedules(void **state) {
    (void)state;
    const char *wanted = getenv("SCHEMA_SYNC_SCHEDULES");
    unsigned count = wanted ? (unsigned)strtoul(wanted, NULL, 10) : 40;
    for (unsigned seed = 1; seed <= count; seed++)
        run_schedule(seed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_read_before_install, fresh_table),
        cmocka_unit_test_setup(test_values, installed_table),
        cmocka_unit_test_setup(test_no_directus, fresh_table),
        cmocka_unit_test_setup(test_install, fresh_table),
        cmocka_unit_test_setup(test_every_column_is_looked_at, installed_table),
        cmocka_unit_test_setup(test_install_makes_the_row, fresh_table),
        cmocka_unit_test_setup(test_install_at_once, fresh_table),
        cmocka_unit_test_setup(test_install_without_rights, fresh_table),
        cmocka_unit_test_setup(test_newer_protocol, installed_table),
        cmocka_unit_test_setup(test_first_of_several_rows, installed_table),
        cmocka_unit_test(test_print_sql),
        cmocka_unit_test_setup(test_claim_and_commit, installed_table),
        cmocka_unit_test_setup(test_claim_of_what_changed, installed_table),
        cmocka_unit_test_setup(test_race, installed_table),
        cmocka_unit_test_setup(test_takeover, installed_table),
        cmocka_unit_test(test_watch),
        cmocka_unit_test_setup(test_commit_after_expiry, installed_table),
        cmocka_unit_test_setup(test_fail_and_try_again, installed_table),
        cmocka_unit_test_setup(test_release, installed_table),
        cmocka_unit_test_setup(test_held, installed_table),
        cmocka_unit_test_setup(test_unlock, installed_table),
        cmocka_unit_test_setup(test_saw, installed_table),
        cmocka_unit_test_setup(test_locked_row, installed_table),
        cmocka_unit_test_setup(test_lost_request, installed_table),
        cmocka_unit_test_setup(test_lost_reply, installed_table),
        cmocka_unit_test_setup(test_own_claim_is_found_again, installed_table),
        cmocka_unit_test_setup(test_lost_reply_of_a_loser, installed_table),
        cmocka_unit_test_setup(test_random_schedules, installed_table),
    };
    int skipped = start_cluster();
    if (skipped)
        return skipped;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stop_cluster();
    return failed;
}
