#include "repo/reading.h"

#include <errno.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "repo/state_commit.h"

enum { ATTEMPTS = 3 };

/* Every export that writes makes and removes a file in the state folder, which sets the folder's change time.
 */
static struct timespec changed_at(const Folder *folder) {
    struct stat status = { 0 };
    fstat(folder->fd, &status);
    return status.st_ctim;
}

static bool refuse_incomplete(const Folder *folder, Error *err) {
    if (!folder_exists(folder, STATE_MARK))
        return true;
    if (flock(folder->fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        error_set(err, ERR_LOCK, "an export is writing the state in %s", folder->path);
        return error_hint(err, "wait until it is done, then run the command again");
    }
    flock(folder->fd, LOCK_UN);
    error_set(err, ERR_FILES, "the state in %s is incomplete: an export was interrupted", folder->path);
    return error_hint(err, "run `schema-sync export` again: it writes what is missing and removes %s/%s",
                      folder->path, STATE_MARK);
}

/* *exists: info.json stands. Files of a state without it are a fault: nothing may be taken for empty by
 * mistake. */
static bool look(Reading *reading, bool *exists, Error *err) {
    const StateCommit *commit = reading->source.commit;
    if (!(commit ? state_commit_list(commit, &reading->files, exists, err)
                 : refuse_incomplete(&reading->folder, err) &&
                       state_files_list(&reading->folder, &reading->files, err)))
        return false;
    *exists = state_files_find(&reading->files, STATE_INFO) != NULL;
    for (size_t i = 0; !*exists && i < reading->files.count; i++) {
        PathKind kind = reading->files.items[i].info.kind;
        if (kind != PATH_RECORDS && kind != PATH_DATA)
            continue;
        error_set(err, ERR_FILES, "%s/%s is missing, although there is a %s", reading->shown, STATE_INFO,
                  reading->files.items[i].path);
        return error_hint(err, "restore it from git, or run `schema-sync export --overwrite`");
    }
    return true;
}

static bool attempt(Reading *reading, bool *exists, bool *disturbed, ReadOnce once, Error *err) {
    *disturbed = false;
    if (reading->source.commit)
        return look(reading, exists, err) && (!*exists || once(reading, err));
    if (!state_folder_open(reading->source.root, reading->source.state_dir, false, &reading->folder, exists,
                           err))
        return false;
    if (!*exists)
        return true;
    struct timespec before = changed_at(&reading->folder);
    bool done = look(reading, exists, err) && (!*exists || once(reading, err));
    struct timespec after = changed_at(&reading->folder);
    *disturbed = before.tv_sec != after.tv_sec || before.tv_nsec != after.tv_nsec;
    return done;
}

bool reading_run(Reading *reading, bool *exists, ReadOnce once, ReadForget forget, Error *err) {
    *exists = false;
    reading->folder.fd = -1;
    reading->shown = state_source_shown(&reading->source);
    for (int i = 0; i < ATTEMPTS; i++) {
        Error fault = { 0 };
        bool disturbed;
        bool done = attempt(reading, exists, &disturbed, once, &fault);
        if (done && !disturbed)
            return true;
        forget(reading->result);
        reading_close(reading);
        if (!disturbed) {
            *err = fault;
            return false;
        }
    }
    error_set(err, ERR_LOCK, "the state in %s kept changing while it was read", reading->shown);
    return error_hint(err, "wait until the export is done, then run the command again");
}

bool reading_input(const Reading *reading, const char *path, Input *input, Error *err) {
    if (reading->source.commit)
        return state_commit_input(reading->source.commit, path, input, err);
    *input = (Input){ .fd = folder_open_read(&reading->folder, path, err) };
    return input->fd >= 0;
}

bool reading_whole(const Reading *reading, const char *path, size_t limit, Buf *text, Error *err) {
    if (!reading->source.commit)
        return folder_read(&reading->folder, path, limit, text, NULL, err);
    Input input;
    if (!reading_input(reading, path, &input, err))
        return false;
    buf_clear(text);
    bool fits = input.length <= limit;
    if (fits)
        buf_append(text, input.text, input.length);
    else
        error_set(err, ERR_FILES, "%s/%s: the file is larger than %zu MiB", reading->shown, path,
                  limit / 1024 / 1024);
    input_close(&input);
    return fits;
}

bool reading_digest(const Reading *reading, const char *path, char hex[DIGEST_HEX], Error *err) {
    if (!reading->source.commit)
        return state_file_digest(&reading->folder, path, hex, err);
    Input input;
    if (!reading_input(reading, path, &input, err))
        return false;
    digest_of(input.text, input.length, hex);
    input_close(&input);
    return true;
}

const char *state_source_shown(const StateSource *source) {
    return source->commit ? state_commit_shown(source->commit) : source->state_dir;
}

void reading_close(Reading *reading) {
    folder_close(&reading->folder);
    state_files_free(&reading->files);
}

bool state_is_incomplete(const char *root, const char *state_dir) {
    AUTO(Folder) folder = { .fd = -1 };
    Error ignored = { 0 };
    bool exists;
    return state_folder_open(root, state_dir, false, &folder, &exists, &ignored) && exists &&
           folder_exists(&folder, STATE_MARK);
}
