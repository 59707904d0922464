/* How far apart two versions of Directus are. */
#ifndef SCHEMA_SYNC_MODEL_DISTANCE_H
#define SCHEMA_SYNC_MODEL_DISTANCE_H

#include <stdbool.h>

typedef enum { DISTANCE_NONE, DISTANCE_PATCH, DISTANCE_MINOR, DISTANCE_MAJOR, DISTANCE_UNKNOWN } DistanceStep;

typedef struct {
    DistanceStep step; /* the first part that differs; UNKNOWN when one of the two is no version */
    bool older;        /* `to` is the older one */
} Distance;

/* "11.17.4" to "12.0.0-rc.1": what stands behind a '-' or '+' does not count. */
Distance distance_between(const char *from, const char *to);

#endif
