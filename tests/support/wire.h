/*
 * A wire to a PostgreSQL server that loses things: a socket beside the server's own, that passes bytes on
 * until it is told to do something else with the next message of a client.
 */
#ifndef SCHEMA_SYNC_TESTS_WIRE_H
#define SCHEMA_SYNC_TESTS_WIRE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

typedef enum {
    WIRE_PASS,
    WIRE_CUT_REQUEST, /* once: the next message is thrown away and the connection closed */
    WIRE_CUT_REPLY, /* once: the next message is answered, the answer thrown away and the connection closed */
    WIRE_STALL,     /* nothing is passed on, nothing is closed */
} WireMode;

typedef struct Wire Wire;

/* Listens as `port` in `folder` and passes on to port 5432 there. */
Wire *wire_start(const char *folder, int port);
void wire_set(Wire *wire, WireMode mode);
/* The same after some more messages have passed. */
void wire_set_after(Wire *wire, WireMode mode, int messages);
/* Connections that were accepted so far. */
int wire_connections(const Wire *wire);
void wire_stop(Wire *wire);

#endif
