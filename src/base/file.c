#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_path.h"

/* How much is read at once of a file whose size is not known. */
enum { CHUNK = 64 * 1024 };

/* ---- folders ---- */

static bool make_parents(const char *path, Error *err) {
    AUTO(Buf) part = { 0 };
    for (const char *at = path; *at;) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        buf_clear(&part);
        buf_append(&part, path, (size_t)(at - path));
        if (mkdir(buf_text(&part), 0777) != 0 && errno != EEXIST)
            return file_fault(err, NULL, buf_text(&part), "the folder cannot be created");
    }
    return true;
}

bool folder_open(Folder *folder, const char *path, bool create, Error *err) {
    if (create && !make_parents(path, err))
        return false;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        error_set(err, ERR_FILES, "the folder %s does not exist", path);
        return error_hint(err, "check the path; `schema-sync export` creates the state folder");
    }
    if (fd < 0)
        return file_fault(err, NULL, path, "the folder cannot be opened");
    *folder = (Folder){ .fd = fd, .path = mem_strdup(path) };
    return true;
}

void folder_close(Folder *folder) {
    /* A zeroed Folder is closed too, although 0 is a descriptor: an open one has a path. */
    if (folder->path && folder->fd >= 0)
        close(folder->fd);
    free(folder->path);
    *folder = (Folder){ .fd = -1 };
}

bool folder_enter(const Folder *folder, const char *path, bool create, Folder *out, Error *err) {
    int fd = path_descend(folder, path, create, err);
    if (fd < 0)
        return false;
    AUTO(Buf) whole = { 0 };
    buf_printf(&whole, "%s%s%s", folder->path, *path ? "/" : "", path);
    *out = (Folder){ .fd = fd, .path = mem_strdup(buf_text(&whole)) };
    return true;
}

bool folder_lock(const Folder *folder, Error *err) {
    if (flock(folder->fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (errno != EWOULDBLOCK)
        return file_fault(err, folder, "", "the folder cannot be locked");
    error_set(err, ERR_LOCK, "another schema-sync is working in %s", folder->path);
    return error_hint(err, "wait until it is done, then run the command again");
}

/* ---- walking ---- */

enum { DEEPEST = 32 };

typedef struct {
    char *name;
    bool is_folder;
    uint64_t size;
} Entry;

typedef struct {
    Entry *items;
    size_t count, capacity;
} Entries;

static void entries_free(Entries *entries) {
    for (size_t i = 0; i < entries->count; i++)
        free(entries->items[i].name);
    free(entries->items);
    *entries = (Entries){ 0 };
}
AUTO_DEFINE(Entries, entries_free);

typedef struct {
    const Folder *folder;
    FolderFilter filter;
    FolderEach each;
    void *context;
    Buf path;
    int depth;
} Walk;

/* A folder sorts as its paths will: with '/' behind its name ("a-b" comes before "a/b"). */
static int compare_entries(const void *a, const void *b) {
    const Entry *left = a;
    const Entry *right = b;
    size_t i = 0;
    while (left->name[i] && left->name[i] == right->name[i])
        i++;
    int left_byte = left->name[i] ? (unsigned char)left->name[i] : left->is_folder ? '/' : 0;
    int right_byte = right->name[i] ? (unsigned char)right->name[i] : right->is_folder ? '/' : 0;
    return left_byte - right_byte;
}

static bool add_entry(Walk *walk, int fd, const char *name, Entries *entries, Error *err) {
    struct stat status;
    if (fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT)
            return true; /* removed since the folder was read */
        error_errno(err, "%s/%s%s: it cannot be looked at", walk->folder->path, buf_text(&walk->path), name);
        return false;
    }
    if (!walk->filter(name, status.st_mode))
        return true;
    AUTO(Buf) path = { 0 };
    buf_printf(&path, "%s%s", buf_text(&walk->path), name);
    if (S_ISLNK(status.st_mode))
        return file_link_fault(err, walk->folder, buf_text(&path));
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
        error_set(err, ERR_FILES, "%s/%s is neither a file nor a folder", walk->folder->path,
                  buf_text(&path));
        return error_hint(err, "remove it");
    }
    Entry entry = { .name = mem_strdup(name),
                    .is_folder = S_ISDIR(status.st_mode),
                    .size = (uint64_t)status.st_size };
    ARRAY_PUSH(entries->items, entries->count, entries->capacity, entry);
    return true;
}

static bool list_entries(Walk *walk, int fd, Entries *entries, Error *err) {
    int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = own >= 0 ? fdopendir(own) : NULL;
    if (!dir) {
        file_fault(err, walk->folder, buf_text(&walk->path), "the folder cannot be read");
        if (own >= 0)
            close(own);
        return false;
    }
    bool done = true;
    while (done) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            if (errno)
                done = file_fault(err, walk->folder, buf_text(&walk->path), "the folder cannot be read");
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            done = add_entry(walk, fd, entry->d_name, entries, err);
    }
    closedir(dir);
    if (entries->count > 1)
        qsort(entries->items, entries->count, sizeof *entries->items, compare_entries);
    return done;
}

static bool walk_folder(Walk *walk, int fd, Error *err);

static bool walk_entry(Walk *walk, int fd, const Entry *entry, Error *err) {
    size_t length = walk->path.length;
    buf_puts(&walk->path, entry->name);
    bool done;
    if (!entry->is_folder) {
        done = walk->each(walk->path.data, entry->size, walk->context, err);
    } else if (walk->depth == DEEPEST) {
        error_set(err, ERR_FILES, "%s/%s: folders are nested deeper than %d", walk->folder->path,
                  walk->path.data, DEEPEST);
        done = error_hint(err, "move it out: the tool never nests folders so");
    } else {
        int child = path_enter(walk->folder, fd, entry->name, walk->path.data, false, err);
        buf_putc(&walk->path, '/');
        done = child >= 0 && walk_folder(walk, child, err);
        if (child >= 0)
            close(child);
    }
    walk->path.length = length;
    walk->path.data[length] = '\0';
    return done;
}

static bool walk_folder(Walk *walk, int fd, Error *err) {
    AUTO(Entries) entries = { 0 };
    if (!list_entries(walk, fd, &entries, err))
        return false;
    walk->depth++;
    bool done = true;
    for (size_t i = 0; done && i < entries.count; i++)
        done = walk_entry(walk, fd, &entries.items[i], err);
    walk->depth--;
    return done;
}

bool folder_walk_filtered(const Folder *folder, FolderFilter filter, FolderEach each, void *context,
                          Error *err) {
    Walk walk = { .folder = folder, .filter = filter, .each = each, .context = context };
    bool done = walk_folder(&walk, folder->fd, err);
    buf_free(&walk.path);
    return done;
}

static bool is_any(const char *name, mode_t mode) {
    (void)name, (void)mode;
    return true;
}

static bool is_shown(const char *name, mode_t mode) {
    (void)mode;
    return name[0] != '.';
}

bool folder_walk(const Folder *folder, bool hidden, FolderEach each, void *context, Error *err) {
    return folder_walk_filtered(folder, hidden ? is_any : is_shown, each, context, err);
}

/* ---- reading ---- */

/* Opens a regular file beneath. -1 with *err; *missing tells "there is none" from every other fault. */
static int open_file(const Folder *folder, const char *path, bool *missing, struct stat *status, Error *err) {
    *missing = false;
    if (!path_check(folder, path, err))
        return -1;
    AUTO(Buf) parent_path = { 0 };
    const char *name = path_split(path, &parent_path);
    int parent = path_descend(folder, buf_text(&parent_path), false, err);
    if (parent < 0) {
        *missing = errno == ENOENT;
        return -1;
    }
    /* O_NONBLOCK: a fifo in the file's place must not stop us before it is recognised. */
    int fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    int reason = errno;
    bool link = fd < 0 && path_is_link(parent, name);
    close(parent);
    errno = reason;
    if (link) {
        file_link_fault(err, folder, path);
    } else if (fd < 0) {
        *missing = reason == ENOENT;
        file_fault(err, folder, path, "the file cannot be opened");
    } else if (fstat(fd, status) != 0 || !S_ISREG(status->st_mode)) {
        close(fd);
        fd = -1;
        error_set(err, ERR_FILES, "%s/%s is not a regular file", folder->path, path);
    }
    return fd;
}

bool folder_exists(const Folder *folder, const char *path) {
    AUTO(Buf) parent_path = { 0 };
    Error ignored = { 0 };
    if (!path_check(folder, path, &ignored))
        return false;
    const char *name = path_split(path, &parent_path);
    int parent = path_descend(folder, buf_text(&parent_path), false, &ignored);
    if (parent < 0)
        return false;
    struct stat status;
    bool exists = fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    close(parent);
    return exists;
}

/* Reads to the end. `expected` is the size to make room for, `limit` 0 is none. */
static bool read_all(int fd, const char *shown, size_t expected, size_t limit, Buf *buf, Error *err) {
    buf_clear(buf);
    for (;;) {
        size_t room = buf->length <= expected ? expected - buf->length + 1 : CHUNK;
        buf_reserve(buf, room);
        ssize_t got = read(fd, buf->data + buf->length, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return file_fault(err, NULL, shown, "the file cannot be read");
        buf->length += (size_t)got;
        buf->data[buf->length] = '\0';
        if (limit > 0 && buf->length > limit) {
            error_set(err, ERR_FILES, "%s is larger than %zu bytes", shown, limit);
            return error_hint(err, "split the file, or remove what does not belong there");
        }
        if (got == 0)
            return true;
    }
}

static size_t room_for(const struct stat *status, size_t limit) {
    size_t size = status->st_size > 0 ? (size_t)status->st_size : 0;
    return limit > 0 && size > limit ? limit : size;
}

bool folder_read(const Folder *folder, const char *path, size_t limit, Buf *buf, bool *found, Error *err) {
    bool missing;
    struct stat status;
    Error fault = { 0 };
    int fd = open_file(folder, path, &missing, &status, &fault);
    if (found)
        *found = fd >= 0;
    if (fd < 0) {
        buf_clear(buf);
        if (found && missing)
            return true;
        *err = fault;
        return false;
    }
    AUTO(Buf) shown = { 0 };
    buf_printf(&shown, "%s/%s", folder->path, path);
    bool done = read_all(fd, buf_text(&shown), room_for(&status, limit), limit, buf, err);
    close(fd);
    return done;
}

int folder_open_read(const Folder *folder, const char *path, Error *err) {
    bool missing;
    struct stat status;
    return open_file(folder, path, &missing, &status, err);
}

bool file_read(const char *path, size_t limit, Buf *buf, bool *found, Error *err) {
    buf_clear(buf);
    int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    if (found)
        *found = fd >= 0;
    if (fd < 0) {
        if (found && errno == ENOENT)
            return true;
        return file_fault(err, NULL, path, "the file cannot be opened");
    }
    struct stat status = { 0 };
    fstat(fd, &status); /* only a guess at the size */
    bool done = read_all(fd, path, room_for(&status, limit), limit, buf, err);
    close(fd);
    return done;
}
