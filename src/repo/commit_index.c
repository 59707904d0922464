/*
 * The index is drafted in a file of its own and put in place under git's lock only when it is still the one
 * that the draft was made from: the lock stands for three system calls, so that a kill hardly ever leaves it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <git2/sys/repository.h>

#include "repo/committing.h"

enum { BLOCK = 64 * 1024 };

static void name_places(NewIndex *index, const Committing *committing) {
    char hex[DIGEST_HEX];
    git_buf place = { 0 };
    if (index->place.length)
        return;
    if (git_repository_item_path(&place, committing->repository.git, GIT_REPOSITORY_ITEM_INDEX) == 0)
        buf_puts(&index->place, place.ptr);
    git_buf_dispose(&place);
    /* one name a state folder, whose lock we hold: what a killed one left is overwritten */
    digest_of(buf_text(&committing->repository.path), committing->repository.path.length, hex);
    buf_printf(&index->lock, "%s.lock", buf_text(&index->place));
    buf_printf(&index->draft, "%s.schema-sync-%.8s", buf_text(&index->place), hex);
    buf_printf(&index->draft_lock, "%s.lock", buf_text(&index->draft));
}

/* ---- the draft ---- */

static bool copy_bytes(int from, int to) {
    AUTO(Buf) block = { 0 };
    buf_reserve(&block, BLOCK);
    ssize_t got;
    while ((got = read(from, block.data, BLOCK)) > 0)
        for (ssize_t put = 0; put < got;) {
            ssize_t count = write(to, block.data + put, (size_t)(got - put));
            if (count < 0)
                return false;
            put += count;
        }
    return got == 0;
}

/* With the index's own time: by it libgit2 tells which entries must be compared by content. */
static bool copy_index(NewIndex *index, Error *err) {
    int from = open(buf_text(&index->place), O_RDONLY | O_CLOEXEC);
    index->stood = from >= 0;
    if (from < 0 && errno == ENOENT)
        return true;
    if (from < 0)
        return error_errno(err, "%s: the index cannot be read", buf_text(&index->place));
    bool done = fstat(from, &index->status) == 0;
    int to = done ? open(buf_text(&index->draft), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
    const struct timespec times[2] = { index->status.st_atim, index->status.st_mtim };
    done = to >= 0 && copy_bytes(from, to) && fchmod(to, index->status.st_mode & 0777) == 0 &&
           futimens(to, times) == 0;
    if (!done)
        error_errno(err, "%s: the index cannot be copied", buf_text(&index->draft));
    close(from);
    if (to >= 0 && close(to) != 0 && done)
        done = error_errno(err, "%s: the index cannot be copied", buf_text(&index->draft));
    return done;
}

static uint32_t low(int64_t value) {
    return (uint32_t)((uint64_t)value & UINT32_MAX);
}

static git_index_entry entry_of(const NewFile *file, const git_index_entry *old) {
    const struct stat *status = &file->status;
    return (git_index_entry){
        .path = file->path,
        .id = file->id,
        .mode = file->mode,
        .flags = old ? (uint16_t)(old->flags & GIT_INDEX_ENTRY_VALID) : 0,
        .ctime = { .seconds = (int32_t)status->st_ctim.tv_sec,
                   .nanoseconds = (uint32_t)status->st_ctim.tv_nsec },
        .mtime = { .seconds = (int32_t)status->st_mtim.tv_sec,
                   .nanoseconds = (uint32_t)status->st_mtim.tv_nsec },
        .dev = low((int64_t)status->st_dev),
        .ino = low((int64_t)status->st_ino),
        .uid = status->st_uid,
        .gid = status->st_gid,
        .file_size = low(status->st_size),
    };
}

static bool stands(const Committing *committing, const char *path) {
    size_t from = 0, to = committing->file_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(path, committing->files[middle].path);
        if (order == 0)
            return true;
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return false;
}

static bool edit(git_index *git, const Committing *committing, Error *err) {
    for (size_t i = git_index_entrycount(git); i-- > 0;) {
        const git_index_entry *entry = git_index_get_byindex(git, i);
        const char *below = commit_below(committing, entry->path);
        if (!below || layout_path(below).kind == PATH_FOREIGN || stands(committing, entry->path))
            continue;
        AUTO(Buf) path = { 0 };
        buf_puts(&path, entry->path);
        if (git_index_remove(git, buf_text(&path), 0) != 0)
            return repository_fault(err, buf_text(&path));
    }
    for (size_t i = 0; i < committing->file_count; i++) {
        const NewFile *file = &committing->files[i];
        const git_index_entry *old = git_index_get_bypath(git, file->path, 0);
        bool same = old && old->mode == file->mode && git_oid_equal(&old->id, &file->id) &&
                    !(old->flags_extended & GIT_INDEX_ENTRY_INTENT_TO_ADD);
        git_index_entry entry = entry_of(file, old);
        if (!same && git_index_add(git, &entry) != 0)
            return repository_fault(err, file->path);
    }
    return true;
}

bool new_index_draft(NewIndex *index, const Committing *committing, Error *err) {
    git_index *git = NULL;
    name_places(index, committing);
    unlink(buf_text(&index->draft));
    unlink(buf_text(&index->draft_lock));
    if (!copy_index(index, err))
        return false;
    if (git_index_open(&git, buf_text(&index->draft)) != 0)
        return repository_index_fault(err, "the index cannot be read");
    /* so that racily clean entries can be looked at in the work tree */
    git_repository_set_index(committing->repository.git, git);
    bool done = commit_index_fits(committing, git, err) && edit(git, committing, err);
    int written = done ? git_index_write(git) : 0;
    if (written != 0)
        done = commit_fault(err, written, "the index cannot be written");
    git_repository_set_index(committing->repository.git, NULL);
    git_index_free(git);
    return done;
}

/* ---- putting it in place ---- */

static bool is_same(const NewIndex *index) {
    struct stat now;
    if (stat(buf_text(&index->place), &now) != 0)
        return errno == ENOENT && !index->stood;
    const struct stat *then = &index->status;
    return index->stood && now.st_ino == then->st_ino && now.st_dev == then->st_dev &&
           now.st_size == then->st_size && now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == then->st_mtim.tv_nsec && now.st_ctim.tv_sec == then->st_ctim.tv_sec &&
           now.st_ctim.tv_nsec == then->st_ctim.tv_nsec;
}

bool new_index_lock(NewIndex *index, bool *same, Error *err) {
    int fd = open(buf_text(&index->lock), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno == EEXIST) {
        error_set(err, ERR_LOCK, "git: %s stands: another git is at work here, or was killed",
                  buf_text(&index->lock));
        return error_hint(err,
                          "run the command again when it is done; if no git is at work, remove that file");
    }
    if (fd < 0)
        return error_errno(err, "%s: git's index cannot be locked", buf_text(&index->lock));
    close(fd);
    index->locked = true;
    *same = is_same(index);
    return true;
}

bool new_index_publish(NewIndex *index, Error *err) {
    bool done = rename(buf_text(&index->draft), buf_text(&index->lock)) == 0 &&
                rename(buf_text(&index->lock), buf_text(&index->place)) == 0;
    if (!done)
        return error_errno(err, "%s: the index cannot be written", buf_text(&index->place));
    index->locked = false;
    return true;
}

void new_index_free(NewIndex *index) {
    if (index->locked)
        unlink(buf_text(&index->lock));
    if (index->draft.length) {
        unlink(buf_text(&index->draft));
        unlink(buf_text(&index->draft_lock));
    }
    buf_free(&index->place);
    buf_free(&index->lock);
    buf_free(&index->draft);
    buf_free(&index->draft_lock);
    *index = (NewIndex){ 0 };
}
