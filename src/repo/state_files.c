#include "repo/state_files.h"

#include <errno.h>
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

static bool add_file(const char *path, uint64_t size, void *context, Error *err) {
    (void)err;
    StateFiles *files = context;
    PathInfo info = layout_path(path);
    if (info.kind == PATH_FOREIGN && looks_like_ours(path)) {
        const char *copy = arena_strdup(&files->arena, path);
        ARENA_PUSH(&files->arena, files->foreign, files->foreign_count, files->foreign_capacity, copy);
    }
    if (info.kind == PATH_FOREIGN || info.kind == PATH_MARK)
        return true;
    StateFile file = { .path = arena_strdup(&files->arena, path), .info = info, .size = size };
    ARENA_PUSH(&files->arena, files->items, files->count, files->capacity, file);
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

bool state_file_digest(const Folder *folder, const char *path, char hex[DIGEST_HEX], Error *err) {
    int fd = folder_open_read(folder, path, err);
    if (fd < 0)
        return false;
    AUTO(Digest) digest = { 0 };
    AUTO(Buf) bytes = { 0 };
    buf_reserve(&bytes, READ_SIZE);
    digest_begin(&digest);
    ssize_t got;
    while ((got = read(fd, bytes.data, READ_SIZE)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            break;
        digest_update(&digest, bytes.data, (size_t)got);
    }
    bool done = got == 0 || error_errno(err, "%s/%s: the file cannot be read", folder->path, path);
    close(fd);
    if (done)
        digest_end(&digest, hex);
    return done;
}
