/*
 * What a log is asked for: which files may hold it, and which changes of a plan are about it.
 */
#ifndef SCHEMA_SYNC_SYNC_LOG_KEYS_H
#define SCHEMA_SYNC_SYNC_LOG_KEYS_H

#include "model/layout.h"
#include "model/plan.h"
#include "sync/compare.h"
#include "sync/lookup.h"

typedef struct {
    RecordName name;
    const char *file; /* "collections/posts.json", "data/posts", "flows/": a path, or how paths begin */
    const char *id;   /* of the record, once a change has told it: it may have had another name before */
} LogKey;

typedef struct {
    Arena arena;
    LogKey *items;
    size_t count, capacity; /* count 0: everything */
    bool rows;              /* one names rows by their key: they must be compared to be found */
} LogKeys;

/* ERR_USAGE: one is no name. */
bool log_keys_parse(LogKeys *keys, const Scope *scope, const char *const *texts, size_t count, Error *err);
bool log_keys_want(const LogKeys *keys, const char *path, const PathInfo *info);
/* Where rows are named by their key, only those are compared. */
void log_keys_choose_rows(LogKeys *keys, CompareRequest *request);
/* Leaves in the plan of two states what the keys name, and learns their ids. */
void log_keys_filter(LogKeys *keys, Plan *plan);
void log_keys_free(LogKeys *keys);

/* Whether a plan made of changed files alone lacks something: names of records that others refer to, rows. */
bool log_needs_whole(const Plan *plan);

/* Leaves what another plan has, too: the same record changed, rows of the same collection. */
void log_keep_common(Plan *plan, const Plan *other);

#endif
