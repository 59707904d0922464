/* Paths beneath a Folder and their faults: shared by file.c and file_write.c alone. */
#ifndef SCHEMA_SYNC_BASE_FILE_PATH_H
#define SCHEMA_SYNC_BASE_FILE_PATH_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/str.h"

/* "<folder>/<path>: <what>: <errno's words>", with the mend for what users can mend. folder may be NULL. */
bool file_fault(Error *err, const Folder *folder, const char *path, const char *what);
bool file_link_fault(Error *err, const Folder *folder, const char *path);

/* Refuses what could lead out of the folder, before the file system is asked. */
bool path_check(const Folder *folder, const char *path, Error *err);
bool path_is_link(int parent, const char *name);
/* Splits at the last '/': the parent's path into `parent`, the name is returned. */
const char *path_split(const char *path, Buf *parent);

/* Opens the folder `name` in `parent` without following a link; makes it first with `create`. `path` is
 * shown. */
int path_enter(const Folder *folder, int parent, const char *name, const char *path, bool create, Error *err);
/* Opens the folder `path` beneath ("" is itself), part by part. -1 with *err, and errno as openat left it. */
int path_descend(const Folder *folder, const char *path, bool create, Error *err);

/* folder_walk over what the filter lets through; the rest is passed over, links too. */
typedef bool (*FolderFilter)(const char *name, mode_t mode);
bool folder_walk_filtered(const Folder *folder, FolderFilter filter, FolderEach each, void *context,
                          Error *err);

#endif
