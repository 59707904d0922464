/* The thread that keeps a claim alive, and the question before each write. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/str.h"
#include "postgres/claim.h"
#include "postgres/marker.h"
#include "postgres/statement.h"
#include "postgres/timer.h"

struct Lease {
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows the blank line */
    pthread_cond_t changed;
    Secret conninfo;
    char *owner;
    int64_t epoch;
    double seconds;
    Database *database; /* the thread's own */

    int64_t
        renewed_at; /* CLOCK_BOOTTIME at which the last successful renewal, or the claim, began; 0 = never */
    unsigned asked, answered; /* renewals that lease_check wants at once, and those that were tried since */
    bool stop;
    bool lost;
    Error trouble; /* why the last renewal did not work */
};

static bool renew(Lease *lease, bool *ours, Error *err) {
    if (!lease->database &&
        !database_open_hastily(secret_reveal(&lease->conninfo), lease->seconds / 6, &lease->database, err))
        return false;
    /* The first try may meet a connection that died while nobody looked. */
    bool answered = false;
    for (int tries = 0; !answered && tries < 2; tries++)
        answered = claim_renew(lease->database, lease->owner, lease->epoch, lease->seconds, ours, err);
    return answered;
}

/* Waits until it is time for a renewal; false when there is none to come. */
static bool wait_for_turn(Lease *lease, double seconds) {
    const struct timespec until = timer_after(CLOCK_MONOTONIC, seconds);
    while (!lease->stop && lease->asked == lease->answered)
        if (pthread_cond_timedwait(&lease->changed, &lease->mutex, &until) != 0)
            break;
    return !lease->stop;
}

static void *keep_alive(void *context) {
    Lease *lease = context;
    double pause = lease->seconds / 6;
    pthread_mutex_lock(&lease->mutex);
    while (!lease->lost && wait_for_turn(lease, pause)) {
        unsigned asked = lease->asked;
        pthread_mutex_unlock(&lease->mutex);
        Error err = { 0 };
        int64_t began = timer_now(CLOCK_BOOTTIME);
        bool ours = false;
        bool answered = renew(lease, &ours, &err);
        pthread_mutex_lock(&lease->mutex);
        if (answered && ours)
            lease->renewed_at = began;
        lease->lost = answered && !ours;
        lease->trouble = err;
        lease->answered = asked;
        pause = answered ? lease->seconds / 6 : lease->seconds / 30;
        if (!answered)
            log_say(LOG_TRACE, "the import lock was not renewed: %s", err.message);
        pthread_cond_broadcast(&lease->changed);
    }
    pthread_mutex_unlock(&lease->mutex);
    database_close(&lease->database);
    return NULL;
}

/* Interrupts are for the main thread. */
static int start_thread(Lease *lease) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&lease->thread, NULL, keep_alive, lease);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

static void lease_free(Lease *lease) {
    pthread_cond_destroy(&lease->changed);
    pthread_mutex_destroy(&lease->mutex);
    secret_free(&lease->conninfo);
    free(lease->owner);
    free(lease);
}

bool lease_start(const char *conninfo, const Claim *claim, int64_t epoch, Lease **out, Error *err) {
    Lease *lease = mem_alloc(sizeof *lease);
    *lease = (Lease){ .epoch = epoch, .seconds = claim->lease_seconds, .renewed_at = claim->claimed_at };
    secret_set(&lease->conninfo, conninfo);
    lease->owner = mem_strdup(claim->owner);
    pthread_mutex_init(&lease->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&lease->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    int failed = start_thread(lease);
    if (failed) {
        lease_free(lease);
        errno = failed;
        error_errno(err, "cannot start the thread of the import lock");
        err->kind = ERR_INTERNAL;
        return false;
    }
    *out = lease;
    return true;
}

static bool is_fresh(const Lease *lease) {
    return lease->renewed_at != 0 &&
           timer_now(CLOCK_BOOTTIME) - lease->renewed_at <= timer_span(lease->seconds * 2 / 3);
}

/* Asks for a renewal at once and waits for its end, or for a third of a lease: the thread may be in a connect
 * that hangs. */
static void renew_now(Lease *lease) {
    unsigned ticket = ++lease->asked;
    double third = lease->seconds / 3;
    const struct timespec until = timer_after(CLOCK_MONOTONIC, third < 1 ? 1 : third);
    pthread_cond_broadcast(&lease->changed);
    while (!lease->lost && (int)(lease->answered - ticket) < 0)
        if (pthread_cond_timedwait(&lease->changed, &lease->mutex, &until) != 0)
            return;
}

bool lease_check(Lease *lease, Error *err) {
    pthread_mutex_lock(&lease->mutex);
    if (!lease->lost && !is_fresh(lease))
        renew_now(lease);
    bool lost = lease->lost, fresh = is_fresh(lease);
    Error trouble = lease->trouble;
    pthread_mutex_unlock(&lease->mutex);
    if (!lost && fresh)
        return true;
    if (lost) {
        error_set(err, ERR_LOCK,
                  "the import lock was lost: another importer took over, or it was released by hand");
        return error_hint(err, "run the import again; it goes on from what is there");
    }
    error_set(err, ERR_LOCK, "the import lock could not be renewed in time: %s",
              trouble.kind ? trouble.message : "the database was too slow");
    return error_hint(
        err, "check the way to the database, and run the import again; it goes on from what is there");
}

void lease_stop(Lease **lease) {
    if (!*lease)
        return;
    pthread_mutex_lock(&(*lease)->mutex);
    (*lease)->stop = true;
    pthread_cond_broadcast(&(*lease)->changed);
    pthread_mutex_unlock(&(*lease)->mutex);
    pthread_join((*lease)->thread, NULL);
    lease_free(*lease);
    *lease = NULL;
}
