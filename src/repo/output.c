#include "repo/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

static const char MARK_TEXT[] = "An export was interrupted, or is at work: run `schema-sync export` again.\n";

/* ---- the folder ---- */

static bool open_folder(Output *output, bool create, Error *err) {
    if (!state_folder_open(output->root, output->state_dir, create, &output->folder, &output->folder_exists,
                           err))
        return false;
    if (!output->folder_exists)
        return true;
    if (!folder_lock(&output->folder, err) || !state_files_list(&output->folder, &output->existing, err))
        return false;
    output->mark_stood = folder_exists(&output->folder, STATE_MARK);
    output->seen = arena_array(&output->arena, output->existing.count, sizeof *output->seen);
    output->kept = arena_array(&output->arena, output->existing.count, sizeof *output->kept);
    return true;
}

bool output_open(Output *output, const char *root, const char *state_dir, bool check, Error *err) {
    *output = (Output){ .check = check, .folder.fd = -1, .old = -1 };
    output->root = arena_strdup(&output->arena, root);
    output->state_dir = arena_strdup(&output->arena, state_dir);
    return open_folder(output, false, err);
}

/* fsync of a folder and of those above it, up to the state folder; what is gone by now needs none. */
static bool sync_upwards(const Output *output, const char *path, Error *err) {
    AUTO(Buf) folder = { 0 };
    buf_puts(&folder, path);
    for (char *slash; (slash = strrchr(folder.data, '/'));) {
        *slash = '\0';
        if (folder_exists(&output->folder, folder.data) && !folder_sync(&output->folder, folder.data, err))
            return false;
    }
    return true;
}

/* The state folder itself may be new: its name must be on the disk too. */
static bool sync_root(const Output *output, Error *err) {
    AUTO(Folder) root = { .fd = -1 };
    AUTO(Buf) above = { 0 };
    if (!folder_open(&root, output->root, false, err))
        return false;
    buf_puts(&above, output->state_dir);
    for (char *slash; (slash = strrchr(above.data, '/'));) {
        *slash = '\0';
        if (!folder_sync(&root, above.data, err))
            return false;
    }
    return folder_sync(&root, "", err);
}

static bool make_folder(Output *output, Error *err) {
    if (!open_folder(output, true, err))
        return false;
    if (output->existing.count || output->mark_stood) {
        error_set(err, ERR_LOCK, "another schema-sync wrote %s meanwhile", output->state_dir);
        return error_hint(err, "run the command again");
    }
    return sync_root(output, err);
}

/* Before the first change: the mark, on the disk. */
static bool mark(Output *output, Error *err) {
    if (output->marked)
        return true;
    if (!output->folder_exists && !make_folder(output, err))
        return false;
    AUTO(FileWriter) writer = { .parent.fd = -1, .fd = -1 };
    output->marked = true;
    return folder_sweep(&output->folder, err) &&
           file_writer_begin(&writer, &output->folder, STATE_MARK, err) &&
           file_writer_write(&writer, MARK_TEXT, sizeof MARK_TEXT - 1, err) &&
           file_writer_commit(&writer, err) && folder_sync(&output->folder, "", err);
}

static bool unmark(Output *output, Error *err) {
    return folder_remove(&output->folder, STATE_MARK, err) && folder_sync(&output->folder, "", err);
}

/* Also on the disk before the files count as whole. */
static bool note_origin(Output *output, Error *err) {
    AUTO(FileWriter) writer = { .parent.fd = -1, .fd = -1 };
    AUTO(Buf) text = { 0 };
    char hash[DIGEST_HEX];
    if (!output->origin || (!output->changed && !output->mark_stood))
        return true;
    manifest_hash(&output->manifest, hash);
    unrecorded_text(&text, output->origin, hash);
    return file_writer_begin(&writer, &output->folder, STATE_UNRECORDED, err) &&
           file_writer_write(&writer, text.data, text.length, err) && file_writer_commit(&writer, err);
}

/* ---- changes ---- */

static void add_change(Output *output, char kind, const char *path) {
    FileChange change = { kind, arena_strdup(&output->arena, path) };
    ARENA_PUSH(&output->arena, output->changes, output->change_count, output->change_capacity, change);
}

/* All writes were begun before the first is waited for. */
static bool commit_batch(Output *output, Error *err) {
    bool done = true;
    for (size_t i = 0; i < output->batch_count && done; i++)
        done = file_writer_sync(&output->batch[i], err);
    for (size_t i = 0; i < output->batch_count; i++) {
        output->changed |= done;
        done = done && file_writer_commit(&output->batch[i], err);
        file_writer_abandon(&output->batch[i]);
    }
    output->batch_count = 0;
    return done;
}

/* ---- one file ---- */

bool output_begin(Output *output, const char *path, Error *err) {
    const StateFile *existing = state_files_find(&output->existing, path);
    output->path = arena_strdup(&output->arena, path);
    output->matched = 0;
    output->differs = false;
    output->file = (FileWriter){ .parent.fd = -1, .fd = -1 };
    buf_clear(&output->pending);
    digest_begin(&output->digest);
    if (!existing)
        return true;
    output->seen[existing - output->existing.items] = true;
    output->old = folder_open_read(&output->folder, path, err);
    return output->old >= 0;
}

/* Reads `length` bytes unless the file ends before; -1 on a fault. */
static ssize_t read_fully(int fd, char *data, size_t length, uint64_t offset) {
    size_t got = 0;
    while (got < length) {
        ssize_t count = pread(fd, data + got, length - got, (off_t)(offset + got));
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

static bool read_fault(const Output *output, Error *err) {
    return error_errno(err, "%s/%s: the file cannot be read", output->state_dir, output->path);
}

/* From here on the new file is written; its beginning is what the old one has. */
static bool diverge(Output *output, Error *err) {
    output->differs = true;
    if (output->check)
        return true;
    if (!mark(output, err) || !file_writer_begin(&output->file, &output->folder, output->path, err))
        return false;
    AUTO(Buf) block = { 0 };
    buf_reserve(&block, BLOCK);
    for (uint64_t at = 0; at < output->matched;) {
        size_t length = output->matched - at < BLOCK ? (size_t)(output->matched - at) : BLOCK;
        ssize_t got = read_fully(output->old, block.data, length, at);
        if (got != (ssize_t)length)
            return got < 0 ? read_fault(output, err)
                           : error_set(err, ERR_IO, "%s/%s changed while it was compared", output->state_dir,
                                       output->path);
        if (!file_writer_write(&output->file, block.data, length, err))
            return false;
        at += length;
    }
    return true;
}

/* Whether the old file goes on with these bytes. */
static bool still_equal(Output *output, const Buf *bytes, bool *equal, Error *err) {
    *equal = false;
    if (output->old < 0)
        return true;
    AUTO(Buf) old = { 0 };
    buf_reserve(&old, bytes->length);
    ssize_t got = read_fully(output->old, old.data, bytes->length, output->matched);
    if (got < 0)
        return read_fault(output, err);
    *equal = (size_t)got == bytes->length && memcmp(old.data, bytes->data, bytes->length) == 0;
    return true;
}

static bool flush(Output *output, Error *err) {
    bool equal = false;
    const Buf *bytes = &output->pending;
    if (bytes->length == 0)
        return true;
    if (!output->differs) {
        if (!still_equal(output, bytes, &equal, err) || (!equal && !diverge(output, err)))
            return false;
        output->matched += equal ? bytes->length : 0;
    }
    if (output->differs && !output->check &&
        !file_writer_write(&output->file, bytes->data, bytes->length, err))
        return false;
    buf_clear(&output->pending);
    return true;
}

bool output_write(Output *output, const void *data, size_t length, Error *err) {
    digest_update(&output->digest, data, length);
    buf_append(&output->pending, data, length);
    return output->pending.length < BLOCK || flush(output, err);
}

/* The old file may go on behind the new one's end, and an empty new file has had nothing to compare. */
static bool compare_end(Output *output, Error *err) {
    char more;
    if (output->differs)
        return true;
    if (output->old < 0)
        return diverge(output, err);
    ssize_t got = read_fully(output->old, &more, 1, output->matched);
    return got < 0 ? read_fault(output, err) : got == 0 || diverge(output, err);
}

bool output_end(Output *output, Error *err) {
    char hex[DIGEST_HEX];
    bool stood = output->old >= 0;
    if (!flush(output, err) || !compare_end(output, err))
        return false;
    if (stood)
        close(output->old);
    output->old = -1;
    digest_end(&output->digest, hex);
    if (state_is_hashed(layout_path(output->path).kind))
        manifest_add(&output->manifest, output->path, hex);
    if (!output->differs)
        return true;
    add_change(output, stood ? 'M' : 'A', output->path);
    if (stood && output->replacing && !output->replacing(output->path, output->context, err))
        return false;
    if (output->check)
        return true;
    if (!file_writer_flush(&output->file, err))
        return false;
    output->batch[output->batch_count++] = output->file;
    output->file = (FileWriter){ .parent.fd = -1, .fd = -1 };
    return output->batch_count < OUTPUT_BATCH || commit_batch(output, err);
}

bool output_keep(Output *output, size_t existing, Error *err) {
    const StateFile *file = &output->existing.items[existing];
    char hex[DIGEST_HEX];
    output->seen[existing] = true;
    if (!state_is_hashed(file->info.kind))
        return true;
    if (!state_file_digest(&output->folder, file->path, hex, err))
        return false;
    manifest_add(&output->manifest, file->path, hex);
    return true;
}

bool output_remove(Output *output, size_t existing, Error *err) {
    const char *path = output->existing.items[existing].path;
    add_change(output, 'D', path);
    if (output->check)
        return true;
    /* what is new stands before what is old goes */
    if (!mark(output, err) || !commit_batch(output, err))
        return false;
    output->changed = true;
    return folder_remove(&output->folder, path, err);
}

/* ---- the end ---- */

static int change_compare(const void *a, const void *b) {
    return strcmp(((const FileChange *)a)->path, ((const FileChange *)b)->path);
}

/* Sorted changes of one folder stand together: it is synced once. */
static bool sync_folders(Output *output, Error *err) {
    const char *last = NULL;
    for (size_t i = 0; i < output->change_count; i++) {
        const char *path = output->changes[i].path, *slash = strrchr(path, '/');
        size_t length = slash ? (size_t)(slash - path) : 0;
        bool same = last && strncmp(last, path, length) == 0 && last[length] == '/' &&
                    !strchr(last + length + 1, '/');
        if (!slash || same)
            continue;
        if (!sync_upwards(output, path, err))
            return false;
        last = path;
    }
    return folder_sync(&output->folder, "", err);
}

static bool check_paths(const Output *output, Error *err) {
    for (size_t i = 1; i < output->manifest.count; i++)
        if (strcmp(output->manifest.entries[i - 1].path, output->manifest.entries[i].path) == 0)
            return error_set(err, ERR_INTERNAL, "%s/%s was written twice", output->state_dir,
                             output->manifest.entries[i].path);
    return true;
}

bool output_finish(Output *output, Error *err) {
    manifest_finish(&output->manifest);
    if (!check_paths(output, err))
        return false;
    if (output->change_count)
        qsort(output->changes, output->change_count, sizeof *output->changes, change_compare);
    if (output->check)
        return true;
    if (!commit_batch(output, err) || (output->change_count && !sync_folders(output, err)))
        return false;
    if (output->mark_stood && !output->marked && !folder_sweep(&output->folder, err))
        return false;
    if (!note_origin(output, err))
        return false;
    if ((output->marked || output->mark_stood) && !unmark(output, err))
        return false;
    output->marked = false;
    return true;
}

void output_close(Output *output) {
    Error ignored = { 0 };
    if (output->old >= 0)
        close(output->old);
    file_writer_abandon(&output->file);
    for (size_t i = 0; i < output->batch_count; i++)
        file_writer_abandon(&output->batch[i]);
    /* the old state stands whole: nothing needs a mark */
    if (output->marked && !output->changed && !output->mark_stood)
        unmark(output, &ignored);
    digest_abandon(&output->digest);
    buf_free(&output->pending);
    folder_close(&output->folder);
    state_files_free(&output->existing);
    manifest_free(&output->manifest);
    arena_free(&output->arena);
    *output = (Output){ .folder.fd = -1, .old = -1 };
}
