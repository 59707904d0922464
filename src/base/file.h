/*
 * Files beneath one folder, never through a link, written whole or not at all.
 *
 * A Folder is an open directory handle; every path given with it is relative, uses '/', and is resolved
 * component by component with O_NOFOLLOW, so that neither "..", an absolute path nor a symbolic link can
 * leave it (a fault is ERR_FILES and names the path). Errors of the file system are ERR_IO with the system's
 * own words.
 */
#ifndef SCHEMA_SYNC_BASE_FILE_H
#define SCHEMA_SYNC_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

typedef struct {
    int fd;     /* -1 when closed */
    char *path; /* for messages */
} Folder;

/* Opens, or creates (0777 less umask, parents too) with `create`. A missing folder without it: ERR_FILES. */
bool folder_open(Folder *folder, const char *path, bool create, Error *err);
void folder_close(Folder *folder);
AUTO_DEFINE(Folder, folder_close);
/* Opens a folder beneath. With `create`, missing ones on the way are made. */
bool folder_enter(const Folder *folder, const char *path, bool create, Folder *out, Error *err);

/* Takes the folder's advisory lock (flock, exclusive, not waiting); held until the Folder is closed. Another
 * holder is ERR_LOCK. */
bool folder_lock(const Folder *folder, Error *err);

/* Calls `each` for every regular file beneath, sorted by path (bytes), names of "." at their start skipped
 * unless `hidden`. A symbolic link, device or other special file: ERR_FILES naming it. `each` returning false
 * ends the walk. */
typedef bool (*FolderEach)(const char *path, uint64_t size, void *context, Error *err);
bool folder_walk(const Folder *folder, bool hidden, FolderEach each, void *context, Error *err);

bool folder_exists(const Folder *folder, const char *path);
/* Reads a whole file into buf (cleared first). *found false, and true returned, when there is none; found may
 * be NULL: then a missing file is ERR_IO. Larger than `limit` bytes (0 = no limit): ERR_FILES. */
bool folder_read(const Folder *folder, const char *path, size_t limit, Buf *buf, bool *found, Error *err);
/* An open file descriptor for reading (O_CLOEXEC), -1 and an error otherwise. */
int folder_open_read(const Folder *folder, const char *path, Error *err);
/* Reads a whole file by an ordinary path (config, .env, ca files): links are followed. */
bool file_read(const char *path, size_t limit, Buf *buf, bool *found, Error *err);

/*
 * Writing a file: begin makes a temporary beside the place (O_EXCL, 0666 less umask), write appends, commit
 * fsyncs and renames it over the place, abandon removes it. A zeroed FileWriter is idle; AUTO abandons an
 * uncommitted one.
 */
typedef struct {
    Folder parent;
    char *temp;
    char *name;
    int fd;
    bool synced;
    Buf pending; /* gathered small writes */
} FileWriter;

bool file_writer_begin(FileWriter *writer, const Folder *folder, const char *path, Error *err);
/* Only the owner may read and write it (0600), whatever the umask says. After begin, before the first write.
 */
bool file_writer_private(FileWriter *writer, Error *err);
/* Whoever may read it may run it. After begin. */
bool file_writer_executable(FileWriter *writer, Error *err);
bool file_writer_write(FileWriter *writer, const void *data, size_t length, Error *err);
/* For many files at once: flush each (hands the bytes to the system and lets it begin to write them out),
 * sync each (waits for the disk: most find their work done), then commit each, which only renames what is
 * synced. */
bool file_writer_flush(FileWriter *writer, Error *err);
bool file_writer_sync(FileWriter *writer, Error *err);
bool file_writer_commit(FileWriter *writer, Error *err);
void file_writer_abandon(FileWriter *writer);
AUTO_DEFINE(FileWriter, file_writer_abandon);

/* Removes a file, and folders above it that became empty (never `folder` itself). A missing file is no error.
 */
bool folder_remove(const Folder *folder, const char *path, Error *err);
/* fsync of the folder `path` beneath ("" = itself). */
bool folder_sync(const Folder *folder, const char *path, Error *err);

/* Removes the temporaries that a killed writer left beneath; only for the holder of the folder's lock. */
bool folder_sweep(const Folder *folder, Error *err);

#endif
