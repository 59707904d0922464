/*
 * What the git hooks do. Each is quiet where a repository, a commit or a checkout has nothing to do with
 * schema-sync, and never changes a file that somebody has changed by hand.
 */
#ifndef SCHEMA_SYNC_SYNC_HOOK_H
#define SCHEMA_SYNC_SYNC_HOOK_H

#include "config/config.h"
#include "repo/staging.h"

/* ---- pre-commit ---- */
typedef struct {
    bool concerned;      /* the commit is made in the work tree that the configuration stands in */
    bool exported;       /* what the instance has is in the files */
    const char *skipped; /* why not, in a few words */
    char reason[2048];   /* the fault behind it, "" when there is none */
    bool checked;        /* the commit changes the state, and what it will have was validated */
    StagingPaths staged; /* by the hook */
} HookCommit;

/*
 * Exports from the instance of the configuration when it answers within a second, stages what that changed,
 * and checks what is staged: files, references, flows, secrets. False stops the commit.
 *
 * Nothing is exported in a commit of chosen files (`git commit FILE`), in the middle of a merge or rebase,
 * without a marker that says whether the instance has seen these files, from a protected environment, and
 * where the export refuses: then the commit goes on, but for secrets, configuration and disk. Files that
 * differed from the index before the export are not staged.
 */
bool sync_hook_commit(const Config *config, HookCommit *result, Error *err);
void hook_commit_free(HookCommit *result);
AUTO_DEFINE(HookCommit, hook_commit_free);

/* ---- post-merge, post-checkout ---- */
typedef struct {
    const char *from, *to; /* commits; "0000…" or NULL for none */
    bool work_tree; /* what came in is not committed yet (git merge --squash): the files as they stand */
} HookArrival;

typedef struct {
    bool concerned; /* the state folder differs between the two */
    Buf summary;    /* "2 collections, 1 flow changed" */
    Error fault;    /* of the state that came in, or of the import; its kind is ERR_NONE when there is none */
    bool offered;   /* there is an instance to import into */
    bool imported;
} HookArrived;

/*
 * Checks the state that came in, says what changed, and names the import for the instance of the
 * configuration, or with autoImport runs it. Faults of the state and of the import are in the result: what
 * git did is done. In the middle of a rebase or a bisection nothing is said.
 */
bool sync_hook_arrival(const Config *config, const HookArrival *arrival, HookArrived *result, Error *err);
void hook_arrived_free(HookArrived *result);
AUTO_DEFINE(HookArrived, hook_arrived_free);

#endif
