/*
 * A reading of the state that no export disturbs: tried again when the folder changed meanwhile. What a
 * commit has is read the same way and does not change.
 */
#ifndef SCHEMA_SYNC_REPO_READING_H
#define SCHEMA_SYNC_REPO_READING_H

#include "repo/input.h"
#include "repo/repo.h"
#include "repo/state_files.h"

typedef struct {
    StateSource source;
    const char *shown; /* the folder, for messages */
    Folder folder;     /* closed where a commit is read */
    StateFiles files;
    void *result;  /* what is read into */
    bool unsealed; /* a sealed manifest that stands is not looked at */
} Reading;

typedef bool (*ReadOnce)(Reading *reading, Error *err);
typedef void (*ReadForget)(void *result);

/*
 * Opens and lists the folder and calls `once`; *exists false (and no call) when there is no state. Refuses an
 * incomplete one. `forget` empties the result after a fault and before another try; folder and files are left
 * for the caller to close.
 */
bool reading_run(Reading *reading, bool *exists, ReadOnce once, ReadForget forget, Error *err);
/* One of its files. */
bool reading_input(const Reading *reading, const char *path, Input *input, Error *err);
/* The whole of it, at most `limit` bytes. */
bool reading_whole(const Reading *reading, const char *path, size_t limit, Buf *text, Error *err);
bool reading_digest(const Reading *reading, const char *path, char hex[DIGEST_HEX], Error *err);
void reading_close(Reading *reading);
AUTO_DEFINE(Reading, reading_close);

#endif
