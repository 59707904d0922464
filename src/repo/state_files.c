#include "repo/state_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_SIZE = 128 * 1024 };

bool state_folder_open(const char *root, const char *state_dir, bool create, Folder *folder, bool *exists,
                       Error *err) {
    AUTO(Folder) base = { .fd = -1 };
    Error fault = { 0 };
    if (!folder_open(&base, root, false, err))
        return false;
    *exists = folder_enter(&base, state_dir, create, folder, &fault);
    if (!*exists) {
        /* a link on the way, or a folder that may not be entered, is not "no folder" */
        if (fault.kind == ERR_IO && !create && !folder_exists(&base, state_dir))
            return true;
        *err = fault;
        return false;
    }
    free(folder->path);
    folder->path = mem_strdup(state_dir);
    return true;
}

static bool looks_like_ours(const char *path) {
    return str_ends(path, ".json") || str_ends(path, ".jsonl") || str_ends(path, ".sql");
}

void state_files_add(StateFiles *files, const char *path, uint64_t size) {
    PathInfo info = layout_path(path);
    if (info.kind == PATH_FOREIGN && looks_like_ours(path)) {
        const char *copy = arena_strdup(&files->arena, path);
        ARENA_PUSH(&files->arena, files->foreign, files->foreign_count, files->foreign_capacity, copy);
    }
    if (info.kind == PATH_FOREIGN || info.kind == PATH_MARK)
        return;
    StateFile file = { .path = arena_strdup(&files->arena, path), .info = info, .size = size };
    ARENA_PUSH(&files->arena, files->items, files->count, files->capacity, file);
}

static bool add_file(const char *path, uint64_t size, void *context, Error *err) {
    (void)err;
    state_files_add(context, path, size);
    return true;
}

bool state_files_list(const Folder *folder, StateFiles *files, Error *err) {
    return folder_walk(folder, false, add_file, files, err);
}

static int path_compare(const void *key, const void *item) {
    return strcmp(key, ((const StateFile *)item)->path);
}

const StateFile *state_files_find(const StateFiles *files, const char *path) {
    return files->count ? bsearch(path, files->items, files->count, sizeof *files->items, path_compare)
                        : NULL;
}

void state_files_free(StateFiles *files) {
    arena_free(&files->arena);
    *files = (StateFiles){ 0 };
}

bool state_is_hashed(PathKind kind) {
    return kind == PATH_RECORDS || kind == PATH_DATA || kind == PATH_REMOVED || kind == PATH_SQL ||
           kind == PATH_ASSET;
}

/* ---- digests ---- */

/* Opens the folder a path is in, unless it is open. */
static bool enter_parent(Digester *digester, const char *path, size_t length, Error *err) {
    Buf *last = &digester->parent_path;
    if (digester->parent.path && last->length == length && memcmp(buf_text(last), path, length) == 0)
        return true;
    buf_clear(last);
    buf_append(last, path, length);
    folder_close(&digester->parent);
    return folder_enter(digester->folder, buf_text(last), false, &digester->parent, err);
}

static int open_quickly(Digester *digester, const char *path, Error *err) {
    const char *slash = strrchr(path, '/');
    if (!enter_parent(digester, path, slash ? (size_t)(slash - path) : 0, err))
        return -1;
    int fd = openat(digester->parent.fd, slash ? slash + 1 : path,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        fd = folder_open_read(digester->folder, path, err); /* which says what is wrong */
    return fd;
}

/* Fills the block unless the file ends before; -1 on a fault. */
static ssize_t read_block(int fd, char *data) {
    size_t got = 0;
    while (got < READ_SIZE) {
        ssize_t count = read(fd, data + got, READ_SIZE - got);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        if (count == 0)
            break;
        got += (size_t)count;
    }
    return (ssize_t)got;
}

static bool digest_open(int fd, char *block, char hex[DIGEST_HEX]) {
    ssize_t got = read_block(fd, block);
    if (got < 0)
        return false;
    if (got < READ_SIZE) {
        digest_of(block, (size_t)got, hex);
        return true;
    }
    AUTO(Digest) digest = { 0 };
    digest_begin(&digest);
    while (got > 0) {
        digest_update(&digest, block, (size_t)got);
        got = read_block(fd, block);
    }
    digest_end(&digest, hex);
    return got == 0;
}

bool digester_file(Digester *digester, const char *path, char hex[DIGEST_HEX], Error *err) {
    int fd = open_quickly(digester, path, err);
    if (fd < 0)
        return false;
    buf_reserve(&digester->block, READ_SIZE);
    bool done = digest_open(fd, digester->block.data, hex) ||
                error_errno(err, "%s/%s: the file cannot be read", digester->folder->path, path);
    close(fd);
    return done;
}

void digester_free(Digester *digester) {
    folder_close(&digester->parent);
    buf_free(&digester->parent_path);
    buf_free(&digester->block);
}

bool state_file_digest(const Folder *folder, const char *path, char hex[DIGEST_HEX], Error *err) {
    AUTO(Digester) digester = { .folder = folder };
    return digester_file(&digester, path, hex, err);
}
