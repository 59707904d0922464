#include "base/file_path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_fault(Error *err, const Folder *folder, const char *path, const char *what) {
    int number = errno;
    if (folder && *path)
        error_errno(err, "%s/%s: %s", folder->path, path, what);
    else
        error_errno(err, "%s: %s", folder ? folder->path : path, what);
    switch (number) {
    case ENOSPC:
    case EDQUOT:
        return error_hint(err, "make room on that file system, then run the command again");
    case EACCES:
    case EPERM:
        return error_hint(err, "run as a user who may use it, or change its owner or mode");
    case EROFS:
        return error_hint(err, "the file system is read-only: use a folder on another one");
    case EISDIR:
        return error_hint(err, "a folder stands where a file is wanted: check the path, or move it away");
    case EMFILE:
    case ENFILE:
        return error_hint(err, "raise the limit of open files (ulimit -n)");
    default:
        return false;
    }
}

bool file_link_fault(Error *err, const Folder *folder, const char *path) {
    error_set(err, ERR_FILES, "%s/%s is a symbolic link", folder->path, path);
    return error_hint(err, "put the file itself in its place: links are never followed here");
}

bool path_check(const Folder *folder, const char *path, Error *err) {
    for (const char *part = path; part;) {
        size_t length = strcspn(part, "/");
        bool dots = (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.');
        if (length == 0 || dots) {
            error_set(err, ERR_FILES, "the path \"%s\" does not stay in %s", path, folder->path);
            return error_hint(err, "use a relative path without \".\", \"..\" and empty parts");
        }
        part = part[length] ? part + length + 1 : NULL;
    }
    return true;
}

bool path_is_link(int parent, const char *name) {
    struct stat status;
    return fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
}

int path_enter(const Folder *folder, int parent, const char *name, const char *path, bool create,
               Error *err) {
    if (create && mkdirat(parent, name, 0777) != 0 && errno != EEXIST) {
        file_fault(err, folder, path, "the folder cannot be created");
        return -1;
    }
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0)
        return fd;
    int reason = errno;
    if (path_is_link(parent, name)) {
        file_link_fault(err, folder, path);
    } else {
        errno = reason;
        file_fault(err, folder, path, "the folder cannot be opened");
    }
    errno = reason;
    return -1;
}

int path_descend(const Folder *folder, const char *path, bool create, Error *err) {
    if (*path && !path_check(folder, path, err)) {
        errno = EINVAL;
        return -1;
    }
    int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        file_fault(err, folder, path, "the folder cannot be opened");
    AUTO(Buf) name = { 0 };
    for (const char *at = path; fd >= 0 && *at;) {
        size_t length = strcspn(at, "/");
        buf_clear(&name);
        buf_append(&name, at, length);
        int child = path_enter(folder, fd, buf_text(&name), path, create, err);
        int reason = errno;
        close(fd);
        errno = reason;
        fd = child;
        at += length + (at[length] == '/');
    }
    return fd;
}

const char *path_split(const char *path, Buf *parent) {
    const char *slash = strrchr(path, '/');
    buf_clear(parent);
    buf_append(parent, path, slash ? (size_t)(slash - path) : 0);
    return slash ? slash + 1 : path;
}
