/* The bytes of one file, from the file system or out of git's object database. */
#ifndef SCHEMA_SYNC_REPO_INPUT_H
#define SCHEMA_SYNC_REPO_INPUT_H

#include <stddef.h>
#include <sys/types.h>

typedef struct {
    int fd;           /* -1 where the bytes are in memory */
    void *blob;       /* what holds them (git_blob), freed by input_close; NULL for a file */
    const char *text; /* of the blob */
    size_t length, at;
} Input;

/* The next bytes: at most `size`, 0 at the end, -1 (errno is set) on a fault. */
ssize_t input_read(Input *input, void *data, size_t size);
void input_close(Input *input);

#endif
