/*
 * The pipelines behind the commands: each takes a Config and its options and reads like the diagram of the
 * design.
 *
 * They talk through log_say() and return results as values; the commands print them.
 */
#ifndef SCHEMA_SYNC_SYNC_SYNC_H
#define SCHEMA_SYNC_SYNC_SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "config/config.h"
#include "model/ancestry.h"
#include "model/digest.h"
#include "model/plan.h"
#include "model/plan_saved.h"
#include "repo/commit.h"
#include "repo/overview.h"
#include "repo/repo.h"

/* ---- export ---- */
typedef struct {
    const char *only;    /* NULL = all */
    bool check;          /* write nothing, compare */
    bool merge;          /* when they have: only what changed on the instance */
    bool commit;         /* commit the state folder afterwards, whole, whatever `only` says */
    const char *message; /* of that commit; NULL = made of what changed */
    /* Into an empty folder instead of the files, whatever the marker says: by this state records are
     * recognised and placeholders kept, and what must not be written in clear is withheld and told. NULL: no
     * backup. */
    State *backup_of;
    bool overwrite; /* also when the files have moved on since the instance last saw them */
} ExportOptions;

typedef struct {
    char hash[DIGEST_HEX];
    bool behind;             /* merged: the files have what the instance has not */
    size_t files;            /* in the state */
    size_t records;          /* schema and configuration */
    uint64_t rows;           /* of chosen collections */
    size_t written, removed; /* files; with `check` what would be */
    Buf changes;             /* with `check`: one line a file that differs, "A path", "M path" or "D path" */
    size_t requests;
    CommitResult commit;
    size_t secrets; /* ERR_REFUSED: so many would have been written in clear */
    Arena arena;
    const Withheld *withheld; /* of a backup: the secrets in whose place names stand */
    size_t withheld_count;
} ExportResult;

bool sync_export(const Config *config, const ExportOptions *options, ExportResult *result, Error *err);
void export_result_free(ExportResult *result);
AUTO_DEFINE(ExportResult, export_result_free);

/* ---- import and diff ---- */
typedef struct {
    const char *only;
    bool dry_run; /* plan and print, write nothing: diff is this */
    bool allow_delete;
    bool allow_version;
    bool again;          /* plan every section, whatever the marker says */
    bool allow_diverged; /* go on where history does not say that ours comes after the target's */
    bool newer_is_fine;  /* a target with a newer state is success */
    bool resume;         /* import although a rollback holds */
    double wait; /* seconds to wait for another importer's lock; < 0 = as long as the other one lives */
    /* Is shown the plan before anything is written, and may refuse it; NULL: nobody is asked. */
    bool (*approve)(const Plan *plan, void *context, Error *err);
    void *approve_context;
    bool backup;            /* save the target's state first, also where the configuration does not say so */
    const char *backup_dir; /* the same, into this folder; NULL: the configuration's */
    bool rollback_on_failure; /* and put it back when the import fails after it has begun to write */
    const SavedPlan *saved;   /* apply this plan or nothing; NULL: whatever is needed */
    bool row_digests;         /* of what is planned: for a plan to be saved */
    size_t rows_shown; /* how many rows of a kind and collection the plan keeps; 0: it only counts them */
} ImportOptions;

typedef struct {
    bool nothing_to_do;          /* the marker answered: Directus was not asked */
    bool followed;               /* another importer did it while we waited */
    bool kept;                   /* a newer state, or a rollback that holds: nothing was imported */
    char files_hash[DIGEST_HEX]; /* what `schema-sync hash` prints */
    char hash[DIGEST_HEX]; /* the marker's: files_hash together with the configuration that shapes the import
                            */
    Plan plan;
    const char *backup; /* the folder of the backup that was taken, NULL: none was */
    size_t requests;
    uint64_t rows_written;
} ImportResult;

bool sync_import(const Config *config, const ImportOptions *options, ImportResult *result, Error *err);
void import_result_free(ImportResult *result);
AUTO_DEFINE(ImportResult, import_result_free);

/* ---- rm ---- */
typedef struct {
    Arena arena;
    const char *what;   /* "flow \"Notify\"" */
    Json line;          /* of removed.jsonl */
    const char **along; /* records that go with it, because they stand in it or belong to it alone */
    size_t along_count, along_capacity;
    const char **mentions; /* what names it and stays as it is */
    size_t mention_count, mention_capacity;
    size_t written, removed; /* files */
    char hash[DIGEST_HEX];   /* of the state then; "" with dry_run */
} RemoveResult;

/* Takes one record, field, collection or row out of the files and names it in removed.jsonl. `what`:
 * "flow/Notify", "posts.title", "posts", "data/posts/<key>"; by id, name or key. ERR_USAGE when it means
 * nothing or several; ERR_REFUSED when others would then refer to nothing. No instance is asked. */
bool sync_remove(const Config *config, const char *what, bool dry_run, RemoveResult *result, Error *err);
void remove_result_free(RemoveResult *result);
AUTO_DEFINE(RemoveResult, remove_result_free);

/* ---- smaller ones ---- */
/* The config file that a commit has, where the working directory is in a bare repository: else *found is
 * false. */
bool sync_committed_config(const char *ref, Buf *text, bool *found, Error *err);
/* Adds the marker columns; `print_sql` only gives the SQL into *sql. */
bool sync_install(const Config *config, bool print_sql, Buf *sql, Error *err);

typedef struct {
    Manifest manifest;
    char hash[DIGEST_HEX];
} HashResult;
/* Reads and validates the files. */
bool sync_hash(const Config *config, HashResult *result, Error *err);
void hash_result_free(HashResult *result);
AUTO_DEFINE(HashResult, hash_result_free);

typedef struct {
    char hash[DIGEST_HEX]; /* of the files */
    char commit[65];
    size_t commits; /* of the lineage */
} SealResult;
/* Writes schema-sync.manifest and schema-sync.lineage beside the config. ERR_CONFIG: the state is not
 * committed as it stands, or git does not have its whole history. */
bool sync_seal(const Config *config, SealResult *result, Error *err);

/* What the marker on one target says. Texts are NULL where there is nothing to say. */
typedef struct {
    const char *environment, *url;
    const char *fault, *mend; /* why it cannot be told: no answer, a wrong configuration */
    bool marker_known;        /* false: no database configured, or no columns yet */
    const char *state;        /* clean, importing, failed */
    const char *marker_hash, *commit, *applied_at, *owner, *owner_info, *lease_until, *error, *held;
    const char *applied; /* the commit whose state is there: not `commit` while a rollback holds */
    bool worktree;       /* the commit had changes on top that were not committed */
    bool lease_live;
    bool equal;                /* these files were applied */
    AncestryDistance distance; /* of the files' commit from the marker's */
} TargetStatus;

typedef struct {
    Arena arena;
    char files_hash[DIGEST_HEX]; /* "" when there is no state yet */
    RepoOverview git;
    const char *git_fault, *git_mend; /* why not all of `git` is known */
    const char *state_commit;         /* the last one that changed the state; NULL = none known */
    TargetStatus *targets;
    size_t target_count;
} StatusResult;
/* One target; ERR_REMOTE when its database does not answer. */
bool sync_status(const Config *config, StatusResult *result, Error *err);

/* Of one environment; `config` NULL: it has a fault. */
typedef struct {
    const char *environment;
    const Config *config;
    const Error *fault;
} StatusTarget;
/* Several, at most two of which are connected to at a time. One that does not answer is no fault. `config`
 * says where the files are. */
bool sync_status_all(const Config *config, const StatusTarget *targets, size_t count, StatusResult *result,
                     Error *err);
/* Only the marker: who holds the lock. targets[0]. */
bool sync_lock_status(const Config *config, StatusResult *result, Error *err);
void status_result_free(StatusResult *result);
AUTO_DEFINE(StatusResult, status_result_free);

/* Frees a lock that its owner cannot free any more; `owner` must be the one status shows. */
bool sync_lock_release(const Config *config, const char *owner, Error *err);

#endif
