#include "repo/loose_guard.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <git2/sys/odb_backend.h>
#include <zlib.h>

#include "base/mem.h"
#include "base/str.h"

enum { HEX = 40, FAN = 2, BLOCK = 16384 };
static const int BEFORE_ALL = 1000; /* libgit2's own have 1 and 2; the highest is asked first */

typedef struct {
    git_odb_backend backend;
    int objects; /* the folder */
} Guard;

/* ---- one file ---- */

/* The next block through zlib; its status. */
static int feed(z_stream *stream, unsigned char *block, size_t length) {
    unsigned char out[BLOCK];
    int status;
    stream->next_in = block;
    stream->avail_in = (unsigned)length;
    do {
        stream->next_out = out;
        stream->avail_out = sizeof out;
        status = inflate(stream, Z_NO_FLUSH);
    } while (status == Z_OK && (stream->avail_in || !stream->avail_out));
    return status == Z_BUF_ERROR ? Z_OK : status;
}

/* Only that more should come is a fault here; whatever else is wrong with it libgit2 finds. */
static bool ends_too_early(int file) {
    unsigned char block[BLOCK];
    z_stream stream = { 0 };
    int status = inflateInit(&stream);
    ssize_t length = 0;
    while (status == Z_OK && (length = read(file, block, sizeof block)) > 0)
        status = feed(&stream, block, (size_t)length);
    inflateEnd(&stream);
    return status == Z_OK && length == 0;
}

/* `name` is the object's file beneath the folder: "ab/cdef…". */
static int look_at(const Guard *guard, const char *name) {
    int file = openat(guard->objects, name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return GIT_ENOTFOUND;
    bool cut = ends_too_early(file);
    close(file);
    if (!cut)
        return GIT_ENOTFOUND; /* the next one reads it */
    AUTO(Buf) text = { 0 };
    buf_printf(&text, "the object in .git/objects/%s is damaged: the file ends too early", name);
    git_error_set_str(GIT_ERROR_ODB, buf_text(&text));
    return GIT_ERROR;
}

/* ---- what libgit2 asks ---- */

static int guard_read(void **data, size_t *length, git_object_t *type, git_odb_backend *backend,
                      const git_oid *id) {
    char hex[HEX + 1], name[HEX + 2];
    (void)data, (void)length, (void)type;
    git_oid_tostr(hex, sizeof hex, id);
    snprintf(name, sizeof name, "%.*s/%s", FAN, hex, hex + FAN);
    return look_at((const Guard *)backend, name);
}

/* Whatever may be meant by the first digits. */
static int guard_read_prefix(git_oid *found, void **data, size_t *length, git_object_t *type,
                             git_odb_backend *backend, const git_oid *id, size_t digits) {
    const Guard *guard = (const Guard *)backend;
    char hex[HEX + 1], name[FAN + 1 + sizeof((struct dirent *)0)->d_name];
    (void)found, (void)data, (void)length, (void)type;
    git_oid_tostr(hex, sizeof hex, id);
    snprintf(name, sizeof name, "%.*s", FAN, hex);
    int fan = openat(guard->objects, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = GIT_ENOTFOUND;
    DIR *folder = fan < 0 ? NULL : fdopendir(fan);
    const struct dirent *entry;
    while (folder && result == GIT_ENOTFOUND && (entry = readdir(folder))) {
        if (digits < FAN || strncmp(entry->d_name, hex + FAN, digits - FAN) != 0 || entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%.*s/%s", FAN, hex, entry->d_name);
        result = look_at(guard, name);
    }
    if (folder)
        closedir(folder);
    return result;
}

static void guard_free(git_odb_backend *backend) {
    Guard *guard = (Guard *)backend;
    if (guard->objects >= 0)
        close(guard->objects);
    free(guard);
}

bool loose_guard_add(git_repository *git) {
    AUTO(Buf) path = { 0 };
    git_odb *odb = NULL;
    buf_printf(&path, "%sobjects", git_repository_commondir(git));
    if (git_repository_odb(&odb, git) != 0)
        return false;
    Guard *guard = mem_alloc(sizeof *guard);
    *guard = (Guard){ .objects = open(buf_text(&path), O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
    bool added = git_odb_init_backend(&guard->backend, GIT_ODB_BACKEND_VERSION) == 0;
    guard->backend.read = guard_read;
    guard->backend.read_prefix = guard_read_prefix;
    guard->backend.free = guard_free;
    added = added && git_odb_add_backend(odb, &guard->backend, BEFORE_ALL) == 0;
    if (!added)
        guard_free(&guard->backend);
    git_odb_free(odb);
    return added;
}
