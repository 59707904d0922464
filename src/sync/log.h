/*
 * log: the commits that changed the state, or some records of it, and what each of them changed.
 *
 * Only the files that a commit changed are read, and with keys only those that may hold what they name. Where
 * the details of a commit need more (rows, names of records that others refer to), its states are compared as
 * a whole.
 */
#ifndef SCHEMA_SYNC_SYNC_LOG_H
#define SCHEMA_SYNC_SYNC_LOG_H

#include "config/config.h"
#include "repo/history.h"
#include "sync/compare.h"

typedef struct {
    const char *const *keys; /* as lookup.h names records; what stands in a record counts as the record */
    size_t key_count;
    const char *range; /* "A..B"; NULL = all that config->ref, or HEAD, has */
    int64_t since;     /* seconds since 1970 */
    size_t most;       /* commits */
    bool details;      /* changes by their values; else only how many records of a kind */
    size_t rows_shown; /* of a kind and collection, with details */
} LogOptions;

typedef struct {
    const HistoryCommit *commit;
    bool merge;                   /* what it says is its own: no parent has it so */
    const Comparison *comparison; /* NULL: it cannot be told, and `unknown` says why */
    const char *unknown;
} LogEntry;

typedef struct {
    HistoryEnd end; /* where it ends although there is more */
    char id[65];    /* the last commit that is here */
    size_t count;
} LogEnd;

/* Calls `each` for one commit after the other; ERR_USAGE: a key is no name. */
typedef bool (*LogEach)(const LogEntry *entry, void *context, Error *err);
bool sync_log(const Config *config, const LogOptions *options, LogEach each, void *context, LogEnd *end,
              Error *err);

#endif
