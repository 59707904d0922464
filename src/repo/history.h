/*
 * The commits that changed the state folder, newest first.
 *
 * Of every commit one tree is looked at. Merges are simplified as `git log -- FOLDER` does it: where one side
 * has the folder as it is, only that side is followed; else all are, and the merge counts itself. The order
 * is that of commit times, children before parents. git itself is not needed.
 */
#ifndef SCHEMA_SYNC_REPO_HISTORY_H
#define SCHEMA_SYNC_REPO_HISTORY_H

#include <stdint.h>

#include "model/layout.h"
#include "repo/repo.h"

typedef struct History History;

typedef struct {
    const char *from;    /* a revision; NULL = HEAD */
    const char *without; /* this one and all that came before it are left out; NULL = none */
    int64_t since;       /* seconds since 1970: commits before are left out */
} HistoryRequest;

typedef struct {
    char id[65];
    const char *author, *email, *subject; /* valid until the next commit */
    int64_t time;                         /* when it was written, seconds since 1970 */
    int offset;                           /* of the author's clock, minutes */
    size_t parents;                       /* that are here to compare with */
} HistoryCommit;

/* ERR_CONFIG: no repository, no such revision. On failure *out is NULL. */
bool history_begin(const char *root, const char *state_dir, const HistoryRequest *request, History **out,
                   Error *err);
/* *more false: there are no more. */
bool history_next(History *history, HistoryCommit *commit, bool *more, Error *err);
/* The full id of a parent of the commit at hand, valid until the next call; "" where it has none. */
const char *history_parent(History *history, size_t parent);

/* A file of the state that is not as the parent has it. A side that lacks it has a text of NULL. */
typedef struct {
    const char *path; /* beneath the state folder */
    PathInfo info;
    const char *before, *after;
    size_t before_length, after_length;
    char before_id[65], after_id[65]; /* of the content; "" where there is none */
} HistoryFile;

typedef struct {
    bool (*wants)(const char *path, const PathInfo *info, void *context); /* its texts are read then */
    bool (*visit)(const HistoryFile *file, void *context, Error *err);
    void *context;
} HistoryVisitor;

/*
 * The state's files that differ between the commit at hand and that parent, in path order; of a merge those
 * that no parent has so. ERR_CONFIG: a partial clone lacks them, or the repository is damaged.
 */
bool history_files(History *history, size_t parent, const HistoryVisitor *visitor, Error *err);
/* One file of the commit at hand, or with `before` of that parent; *found false when there is none. */
bool history_text(History *history, bool before, size_t parent, const char *path, Buf *text, bool *found,
                  Error *err);

/* Where history ends before its beginning: the commit whose parents are not here. */
typedef enum { HISTORY_WHOLE, HISTORY_SHALLOW, HISTORY_PARTIAL } HistoryEnd;
HistoryEnd history_end(const History *history, char id[65]);
void history_close(History **handle);

#endif
