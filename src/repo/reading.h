/*
 * A reading of the state that no export disturbs: tried again when the folder changed meanwhile.
 */
#ifndef SCHEMA_SYNC_REPO_READING_H
#define SCHEMA_SYNC_REPO_READING_H

#include "repo/state_files.h"

typedef struct {
    const char *root, *state_dir;
    Folder folder;
    StateFiles files;
    void *result; /* what is read into */
} Reading;

typedef bool (*ReadOnce)(Reading *reading, Error *err);
typedef void (*ReadForget)(void *result);

/*
 * Opens and lists the folder and calls `once`; *exists false (and no call) when there is no state. Refuses an
 * incomplete one. `forget` empties the result after a fault and before another try; folder and files are left
 * for the caller to close.
 */
bool reading_run(Reading *reading, bool *exists, ReadOnce once, ReadForget forget, Error *err);
void reading_close(Reading *reading);
AUTO_DEFINE(Reading, reading_close);

#endif
