#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_path.h"

/* Small writes are gathered up to this. */
enum { CHUNK = 64 * 1024 };

/* A leading dot: walks and git's eyes skip what a kill left behind, until folder_sweep. */
static const char TEMP_START[] = ".schema-sync-";
static const char TEMP_END[] = ".tmp";

static bool open_temp(FileWriter *writer, Error *err) {
    for (int tries = 0; tries < 100; tries++) {
        uint64_t random;
        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return file_fault(err, &writer->parent, writer->name, "no random name for a temporary file");
        char name[64];
        snprintf(name, sizeof name, "%s%016" PRIx64 "%s", TEMP_START, random, TEMP_END);
        writer->fd =
            openat(writer->parent.fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (writer->fd >= 0) {
            writer->temp = mem_strdup(name);
            return true;
        }
        if (errno != EEXIST)
            break;
    }
    return file_fault(err, &writer->parent, writer->name, "the file cannot be created");
}

bool file_writer_begin(FileWriter *writer, const Folder *folder, const char *path, Error *err) {
    file_writer_abandon(writer);
    if (!path_check(folder, path, err))
        return false;
    AUTO(Buf) parent = { 0 };
    const char *name = path_split(path, &parent);
    if (!folder_enter(folder, buf_text(&parent), true, &writer->parent, err))
        return false;
    writer->name = mem_strdup(name);
    if (open_temp(writer, err))
        return true;
    file_writer_abandon(writer);
    return false;
}

bool file_writer_private(FileWriter *writer, Error *err) {
    return fchmod(writer->fd, 0600) == 0 ||
           file_fault(err, &writer->parent, writer->name, "the file cannot be made private");
}

bool file_writer_executable(FileWriter *writer, Error *err) {
    struct stat status;
    return (fstat(writer->fd, &status) == 0 &&
            fchmod(writer->fd, (status.st_mode & 0777) | ((status.st_mode & 0444) >> 2)) == 0) ||
           file_fault(err, &writer->parent, writer->name, "the file cannot be made executable");
}

static bool write_out(FileWriter *writer, const char *data, size_t length, Error *err) {
    while (length > 0) {
        ssize_t written = write(writer->fd, data, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return file_fault(err, &writer->parent, writer->name, "the file cannot be written");
        data += written;
        length -= (size_t)written;
    }
    return true;
}

static bool write_pending(FileWriter *writer, Error *err) {
    bool done = write_out(writer, buf_text(&writer->pending), writer->pending.length, err);
    buf_clear(&writer->pending);
    return done;
}

bool file_writer_write(FileWriter *writer, const void *data, size_t length, Error *err) {
    if (writer->pending.length + length > CHUNK && !write_pending(writer, err))
        return false;
    writer->synced = false;
    if (length > CHUNK)
        return write_out(writer, data, length, err);
    buf_append(&writer->pending, data, length);
    return true;
}

bool file_writer_flush(FileWriter *writer, Error *err) {
    if (!write_pending(writer, err))
        return false;
    /* Only a start: what it cannot do, or fails at, fsync does and reports. */
    sync_file_range(writer->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    return true;
}

bool file_writer_sync(FileWriter *writer, Error *err) {
    if (!write_pending(writer, err))
        return false;
    /* A failed fsync is never tried again: the kernel forgets the pages it could not write. */
    if (!writer->synced && fsync(writer->fd) != 0)
        return file_fault(err, &writer->parent, writer->name, "the file cannot be brought to the disk");
    writer->synced = true;
    return true;
}

bool file_writer_commit(FileWriter *writer, Error *err) {
    bool done = file_writer_sync(writer, err);
    if (done && renameat(writer->parent.fd, writer->temp, writer->parent.fd, writer->name) != 0)
        done = file_fault(err, &writer->parent, writer->name, "the file cannot be put in its place");
    if (done) {
        free(writer->temp); /* nothing is left to remove */
        writer->temp = NULL;
    }
    file_writer_abandon(writer);
    return done;
}

void file_writer_abandon(FileWriter *writer) {
    if (writer->name && writer->fd >= 0)
        close(writer->fd);
    if (writer->temp)
        unlinkat(writer->parent.fd, writer->temp, 0);
    free(writer->temp);
    free(writer->name);
    buf_free(&writer->pending);
    folder_close(&writer->parent);
    *writer = (FileWriter){ .parent.fd = -1, .fd = -1 };
}

/* Removes one name beneath; *gone when it is not there any more. A full folder stays: *gone false, no error.
 */
static bool remove_one(const Folder *folder, const char *path, int flags, bool *gone, Error *err) {
    Error fault = { 0 };
    AUTO(Buf) above = { 0 };
    const char *name = path_split(path, &above);
    int parent = path_descend(folder, buf_text(&above), false, &fault);
    if (parent < 0) {
        *gone = errno == ENOENT;
        if (!*gone)
            *err = fault;
        return *gone;
    }
    *gone = unlinkat(parent, name, flags) == 0 || errno == ENOENT;
    bool full = flags == AT_REMOVEDIR && (errno == ENOTEMPTY || errno == EEXIST || errno == EBUSY);
    bool done = *gone || full || file_fault(err, folder, path, "it cannot be removed");
    close(parent);
    return done;
}

bool folder_remove(const Folder *folder, const char *path, Error *err) {
    bool gone;
    if (!path_check(folder, path, err) || !remove_one(folder, path, 0, &gone, err))
        return false;
    AUTO(Buf) above = { 0 };
    buf_puts(&above, path);
    for (char *slash; gone && (slash = strrchr(above.data, '/'));) {
        *slash = '\0';
        if (!remove_one(folder, above.data, AT_REMOVEDIR, &gone, err))
            return false;
    }
    return true;
}

bool folder_sync(const Folder *folder, const char *path, Error *err) {
    int fd = path_descend(folder, path, false, err);
    if (fd < 0)
        return false;
    bool done = fsync(fd) == 0;
    if (!done)
        file_fault(err, folder, path, "the folder cannot be brought to the disk");
    close(fd);
    return done;
}

/* Our temporaries, and the folders they may lie in: what else is there is none of a sweep's business. */
static bool is_swept(const char *name, mode_t mode) {
    if (S_ISDIR(mode))
        return name[0] != '.';
    size_t length = sizeof TEMP_START - 1 + 16 + sizeof TEMP_END - 1;
    return S_ISREG(mode) && strlen(name) == length && str_starts(name, TEMP_START) &&
           str_ends(name, TEMP_END);
}

static bool sweep_one(const char *path, uint64_t size, void *context, Error *err) {
    (void)size;
    return folder_remove(context, path, err);
}

bool folder_sweep(const Folder *folder, Error *err) {
    Folder own = *folder;
    return folder_walk_filtered(folder, is_swept, sweep_one, &own, err);
}
