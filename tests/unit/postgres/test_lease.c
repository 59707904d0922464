/* The lease: renewed in time, silent when lost, never trusted when stale. */
#include "unit/postgres/fixture.h"

static Claim claim;
static int64_t epoch;

static void take(const char *owner, double lease_seconds) {
    Error err = { 0 };
    AUTO(Marker) seen = { 0 };
    ClaimOutcome outcome;
    claim = (Claim){ .owner = owner, .hash = "h1", .lease_seconds = lease_seconds };
    assert_ok(marker_read(admin, &seen, &err));
    assert_ok(marker_claim(admin, &seen, &claim, &outcome, &epoch, &err));
    assert_int_equal(outcome, CLAIM_WON);
}

static void take_over(void) {
    sql("UPDATE directus_settings SET schema_sync_owner = 'heir', schema_sync_epoch = schema_sync_epoch + 1,"
        " schema_sync_lease_until = now() + interval '60 s'");
}

static Lease *start(void) {
    Error err = { 0 };
    Lease *lease = NULL;
    assert_ok(lease_start(conninfo(WIRE), &claim, epoch, &lease, &err));
    return lease;
}

static long beats(void) {
    return strtol(sql("SELECT schema_sync_beat FROM directus_settings"), NULL, 10);
}

/* The patience of these tests is there for one that hangs: a busy machine is no fault of the lease's. */
static const double PATIENCE = 60;

static void await_beats(long wanted) {
    for (double began = seconds(); beats() < wanted; sleep_ms(10))
        assert_true(seconds() - began < PATIENCE);
}

/* Until the thread has noticed, the last renewal may still count. */
static void await_loss(Lease *lease) {
    Error err = { 0 };
    for (double began = seconds(); lease_check(lease, &err); sleep_ms(10))
        assert_true(seconds() - began < PATIENCE);
    assert_int_equal(err.kind, ERR_LOCK);
    assert_non_null(strstr(err.message, "was lost"));
}

/* Every sixth of a lease, and no more often; always live while it runs. */
static void test_renews(void **state) {
    (void)state;
    Error err = { 0 };
    enum { BEATS = 5 };
    take("me", 3);
    double began = seconds();
    Lease *lease = start();
    for (long wanted = 1; wanted <= BEATS; wanted++) {
        await_beats(wanted);
        assert_ok(lease_check(lease, &err));
        assert_sql("SELECT schema_sync_lease_until > clock_timestamp() FROM directus_settings", "t");
    }
    assert_true(seconds() - began > BEATS * 0.5 * 0.9);
    lease_stop(&lease);
    assert_null(lease);
    long stopped = beats();
    sleep_ms(300);
    assert_int_equal(beats(), stopped);
    const Applied applied = { .hash = "h1" };
    assert_ok(marker_commit(admin, &claim, epoch, &applied, &err));
}

/* A short import opens no second connection. */
static void test_lazy(void **state) {
    (void)state;
    Error err = { 0 };
    take("me", 60);
    int before = wire_connections(wire);
    Lease *lease = start();
    for (int i = 0; i < 1000; i++)
        assert_ok(lease_check(lease, &err));
    sleep_ms(100);
    lease_stop(&lease);
    assert_int_equal(wire_connections(wire), before);
    lease_stop(&lease);
}

static void test_taken_over(void **state) {
    (void)state;
    Error err = { 0 };
    take("me", 0.6);
    Lease *lease = start();
    assert_ok(lease_check(lease, &err));
    take_over();
    await_loss(lease);
    long counted = beats();
    sleep_ms(300);
    assert_fault(lease_check(lease, &err), ERR_LOCK, "was lost");
    assert_int_equal(beats(), counted);
    lease_stop(&lease);
}

/* Paused between winning the claim and starting the lease: nothing is written on the old claim's word. */
static void test_paused_after_claim(void **state) {
    (void)state;
    Error err = { 0 };
    take("me", 60);
    claim.claimed_at -= (int64_t)41 * 1000000000;
    Lease *lease = start();
    assert_ok(lease_check(lease, &err));
    assert_int_equal(beats(), 1);
    assert_ok(lease_check(lease, &err));
    assert_int_equal(beats(), 1);
    lease_stop(&lease);
    /* Less than 40 s ago is fine without asking. */
    claim.claimed_at += (int64_t)11 * 1000000000;
    lease = start();
    assert_ok(lease_check(lease, &err));
    assert_int_equal(beats(), 1);
    lease_stop(&lease);
    take_over();
    claim.claimed_at = 0;
    lease = start();
    assert_fault(lease_check(lease, &err), ERR_LOCK, "was lost");
    lease_stop(&lease);
}

/* The way to the database is gone: writing stops by two thirds of a lease, and goes on when it is back. */
static void test_silence(void **state) {
    (void)state;
    Error err = { 0 };
    take("me", 1.8);
    Lease *lease = start();
    await_beats(1);
    assert_ok(lease_check(lease, &err));
    wire_set(wire, WIRE_STALL);
    double began = seconds();
    for (double asked = began; lease_check(lease, &err); asked = seconds()) {
        assert_true(asked - began < 1.2 + 0.1); /* the wire's thread may look up to 10 ms later */
        sleep_ms(20);
    }
    assert_int_equal(err.kind, ERR_LOCK);
    assert_non_null(strstr(err.message, "could not be renewed in time"));
    wire_set(wire, WIRE_PASS);
    for (began = seconds(); !lease_check(lease, &err); sleep_ms(20))
        assert_true(seconds() - began < PATIENCE);
    assert_sql("SELECT schema_sync_lease_until > clock_timestamp() FROM directus_settings", "t");
    lease_stop(&lease);
}

/* The lease's connection is cut again and again: it opens a new one. */
static void test_cut(void **state) {
    (void)state;
    Error err = { 0 };
    take("me", 3);
    Lease *lease = start();
    for (int i = 0; i < 4; i++) {
        long before = beats();
        wire_set(wire, i % 2 ? WIRE_CUT_REPLY : WIRE_CUT_REQUEST);
        await_beats(before + 1);
        assert_ok(lease_check(lease, &err));
    }
    lease_stop(&lease);
}

/* The database was restarted or the row is gone: no connection, or nothing that is ours. */
static void test_no_database(void **state) {
    (void)state;
    Error err = { 0 };
    take("me", 0.3);
    Lease *lease = NULL;
    assert_ok(lease_start("postgresql://u:hunter2@127.0.0.1:1/d", &claim, epoch, &lease, &err));
    sleep_ms(400);
    assert_fault(lease_check(lease, &err), ERR_LOCK, "could not be renewed in time");
    assert_non_null(strstr(err.message, "127.0.0.1:1/d"));
    assert_null(strstr(err.message, "hunter2"));
    lease_stop(&lease);
    claim.lease_seconds = 3;
    lease = start();
    sql("DELETE FROM directus_settings");
    await_loss(lease);
    lease_stop(&lease);
}

/* Four writers ask at once while the lease is stale. */
static void *ask(void *context) {
    Error err = { 0 };
    for (int i = 0; i < 200; i++)
        if (!lease_check(context, &err))
            return (void *)1;
    return NULL;
}

static void test_many_ask(void **state) {
    (void)state;
    take("me", 3);
    claim.claimed_at = 0;
    Lease *lease = start();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, lease), 0);
    for (int i = 0; i < 4; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        assert_null(result);
    }
    lease_stop(&lease);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_renews, installed_table),
        cmocka_unit_test_setup(test_lazy, installed_table),
        cmocka_unit_test_setup(test_taken_over, installed_table),
        cmocka_unit_test_setup(test_paused_after_claim, installed_table),
        cmocka_unit_test_setup(test_silence, installed_table),
        cmocka_unit_test_setup(test_cut, installed_table),
        cmocka_unit_test_setup(test_no_database, installed_table),
        cmocka_unit_test_setup(test_many_ask, installed_table),
    };
    int skipped = start_cluster();
    if (skipped)
        return skipped;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stop_cluster();
    return failed;
}
