/*
 * A first look at the marker while something else goes on: connecting to a database takes longer than hashing
 * the files, and about as long as the first requests to an instance.
 */
#ifndef SCHEMA_SYNC_SYNC_GLANCE_H
#define SCHEMA_SYNC_SYNC_GLANCE_H

#include <pthread.h>

#include "config/config.h"
#include "postgres/marker.h"

/* A zeroed one is idle. Between begin and wait nothing of it may be touched. */
typedef struct {
    const Config *config;
    Database *database;
    Marker marker;
    Error fault;
    pthread_t thread;
    bool running, wanted;
} Glance;

/* Begins; with no marker or no database configured there is nothing to look at, and that is no fault. */
void glance_begin(Glance *glance, const Config *config);
/* Waits for the answer; database and marker are the caller's from then on. *err when the look failed. */
bool glance_wait(Glance *glance, Error *err);
/* Waits, closes and frees. */
void glance_end(Glance *glance);

#endif
