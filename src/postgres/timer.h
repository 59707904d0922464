/* Clocks as nanoseconds in 64 bits; private to this folder. */
#ifndef SCHEMA_SYNC_POSTGRES_TIMER_H
#define SCHEMA_SYNC_POSTGRES_TIMER_H

#include <stdint.h>
#include <time.h>

static const int64_t NANOSECONDS_PER_SECOND = 1000000000;
static const int64_t NANOSECONDS_PER_MS = 1000000;

/* CLOCK_BOOTTIME goes on while the machine sleeps, as the database's clock does; CLOCK_MONOTONIC stops. */
static inline int64_t timer_now(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * NANOSECONDS_PER_SECOND + now.tv_nsec;
}

static inline int64_t timer_span(double seconds) {
    return (int64_t)(seconds * 1e9);
}

static inline struct timespec timer_after(clockid_t clock, double seconds) {
    int64_t end = timer_now(clock) + timer_span(seconds);
    return (struct timespec){ .tv_sec = end / NANOSECONDS_PER_SECOND,
                              .tv_nsec = end % NANOSECONDS_PER_SECOND };
}

#endif
