/*
 * What reading and writing a state share: its folder, its files, their digests.
 */
#ifndef SCHEMA_SYNC_REPO_STATE_FILES_H
#define SCHEMA_SYNC_REPO_STATE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "model/digest.h"
#include "model/layout.h"

#define STATE_MARK       ".incomplete"
#define STATE_UNRECORDED ".unrecorded"
#define STATE_INFO       "info.json"
#define STATE_SEALED     "schema-sync.manifest"

/* Of files that are read whole. */
enum { STATE_FILE_LIMIT = 64 * 1024 * 1024, STATE_FORMAT = 1 };

typedef struct {
    const char *path;
    PathInfo info;
    uint64_t size;
} StateFile;

typedef struct {
    Arena arena;
    StateFile *items; /* the tool's own, sorted by path */
    size_t count, capacity;
    const char **foreign; /* others that look like a slip */
    size_t foreign_count, foreign_capacity;
} StateFiles;

/* Opens root/state_dir, messages calling it `state_dir`. Without `create` a missing one is no error: *exists
 * tells. */
bool state_folder_open(const char *root, const char *state_dir, bool create, Folder *folder, bool *exists,
                       Error *err);
void state_files_add(StateFiles *files, const char *path, uint64_t size);
bool state_files_list(const Folder *folder, StateFiles *files, Error *err);
const StateFile *state_files_find(const StateFiles *files, const char *path);
void state_files_free(StateFiles *files);
AUTO_DEFINE(StateFiles, state_files_free);

/* What stands in `.unrecorded`: see state_is_unrecorded(). */
void unrecorded_text(Buf *text, const char *origin, const char hash[DIGEST_HEX]);

/* Whether files of this kind are in the manifest. */
bool state_is_hashed(PathKind kind);
/*
 * Digests of many files, in path order: the no-op path of every command. The folder of the last file stays
 * open, and a small file costs four system calls.
 */
typedef struct {
    const Folder *folder;
    Folder parent;
    Buf parent_path;
    Buf block;
} Digester;

bool digester_file(Digester *digester, const char *path, char hex[DIGEST_HEX], Error *err);
void digester_free(Digester *digester);
AUTO_DEFINE(Digester, digester_free);

/* The digest of one file's bytes. */
bool state_file_digest(const Folder *folder, const char *path, char hex[DIGEST_HEX], Error *err);

#endif
