/*
 * The state folder and the git repository around it: state files to a Snapshot and back, and the commit they
 * belong to.
 *
 * Reading validates everything: JSON (strictly), names, known fields, duplicates, order is free (hand edits
 * are first-class). Every fault is ERR_FILES and names file and JSON pointer or line. Writing is
 * deterministic, touches no file that is equal already, and marks a torn write with `.incomplete` (created
 * first, removed last). Data files flow as streams.
 *
 * No list of the tool's files is kept (nothing derived is committed): a file is the tool's when its path has
 * the shape of one (layout_path), whoever wrote it. Those are read, hashed, and removed when the new state
 * does not have them; all others are never touched and not part of the state (one that looks like a slip,
 * *.json, *.jsonl or *.sql, is warned of). Symbolic links anywhere in the state folder are refused. `root`
 * must exist; `state_dir` is relative to it, and paths in results and messages are relative to the state
 * folder and to `root`.
 *
 * A state can be read from a commit as well: from git's object database, without a checkout, in a bare
 * repository too. Messages then name its files "HEAD~2:schema/roles/a.json"; each is in memory as a whole
 * while it is read.
 */
#ifndef SCHEMA_SYNC_REPO_REPO_H
#define SCHEMA_SYNC_REPO_REPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/digest.h"
#include "model/rows.h"
#include "model/scope.h"
#include "model/snapshot.h"

/* ---- where from ---- */
/* A state folder as a commit has it. */
typedef struct StateCommit StateCommit;

/*
 * `ref` is what git calls a revision: a branch, a tag, HEAD~2, a hash. ERR_CONFIG: no repository, no such
 * commit (with the nearest name), objects that cannot be read. A commit without the folder is opened: reading
 * it finds no state. On failure *out is NULL.
 */
bool state_commit_open(const char *root, const char *state_dir, const char *ref, StateCommit **out,
                       Error *err);
/* The same of a full hash, without looking for the last change: state_commit_id gives `ref`. */
bool state_commit_open_id(const char *root, const char *state_dir, const char *ref, StateCommit **out,
                          Error *err);
void state_commit_close(StateCommit **handle);
/* "HEAD~2:schema" */
const char *state_commit_shown(const StateCommit *commit);
/* The full id of the last commit, from this one back, that changed the state folder; "" when there is none or
 * a shallow clone does not tell. */
const char *state_commit_id(const StateCommit *commit);
/* The full id of the commit that was named, which need not be one that changed the folder. */
void state_commit_named(const StateCommit *commit, char id[65]);

/*
 * The commit whose state has this hash: `first`, which may be NULL or unknown here, then HEAD and what came
 * before it, newest first, a bounded number of different states. *out NULL, and true returned: there is none,
 * and `why` (a few words) says so.
 */
enum { FIND_WHY = 160 };
bool state_commit_find(const char *root, const char *state_dir, const char *first, const char *hash,
                       StateCommit **out, char why[FIND_WHY], Error *err);

/*
 * Two revisions as `git diff` understands them: "A..B", "A...B" (from where B left A), "A.." (to HEAD), and
 * "A", which is compared with the files as they stand (`to` is NULL). ERR_CONFIG: no repository, no commit in
 * common, a single one in a bare repository. What they name is looked up when it is opened.
 */
typedef struct {
    const char *from, *to;
} RevisionRange;
bool repo_range(const char *root, const char *text, Arena *arena, RevisionRange *range, Error *err);
/* "B" of "A..B": the one whose configuration serves in a bare repository. */
const char *revision_newest(Arena *arena, const char *text);

/* A file of the commit, where root is in a bare repository, which has no work tree to hold it; *found false
 * elsewhere, and when the commit has none. */
bool repo_bare_file(const char *root, const char *ref, const char *path, Buf *text, bool *found, Error *err);

/* The same of any repository, for a file that stands where root is: beside the state folder's first part. */
bool state_commit_beside(const StateCommit *commit, const char *state_dir, const char *name, Buf *text,
                         bool *found, Error *err);

typedef struct {
    const char *root, *state_dir;
    const StateCommit *commit; /* NULL: the files as they stand */
} StateSource;

/* "schema" or "HEAD~2:schema" */
const char *state_source_shown(const StateSource *source);

/* ---- reading ---- */
typedef struct {
    const char *collection;
    const char *const *paths;   /* its files beneath the state folder, NULL-terminated, sorted */
    const char *const *digests; /* of the paths: state_rows refuses other content; NULL = not checked */
} DataFiles;

typedef struct {
    Arena arena;
    StateSource source; /* as it was read from; its texts and commit are the caller's */
    bool exists;        /* there is a state at all (info.json) */
    Snapshot snapshot;
    Manifest manifest;
    char hash[DIGEST_HEX]; /* of the manifest */
    /* of the manifest's lines of the section; "" when it has none */
    char section_hashes[SECTION_COUNT][DIGEST_HEX];
    const DataFiles *data; /* sorted by collection */
    size_t data_count;
    Json removed; /* removed.jsonl: array of [type, id, key]; empty array when there is none */
} State;

/*
 * Reads and checks the whole state; data files are read once to hash and validate them (rows are not kept).
 * No state folder, or one without info.json and without files of a state, is no fault: `exists` is false and
 * all else empty. Where `schema-sync.manifest` stands in `root` (`seal` wrote it: lines of manifest_text),
 * every file must be as it says. A state that an export changes meanwhile is read again; ERR_LOCK when one is
 * at work.
 */
bool state_read_from(const StateSource *source, State *state, Error *err);
bool state_read(const char *root, const char *state_dir, State *state, Error *err);
/* The same for who seals it anew: a manifest that stands is not looked at. */
bool state_read_unsealed(const char *root, const char *state_dir, State *state, Error *err);
/* Only hashes: the fast path before the marker is asked. Does not parse. `.incomplete` and a mismatching
 * sealed manifest are refused here too. */
bool state_hash_from(const StateSource *source, Manifest *manifest, char hash[DIGEST_HEX], bool *exists,
                     Error *err);
bool state_hash(const char *root, const char *state_dir, Manifest *manifest, char hash[DIGEST_HEX],
                bool *exists, Error *err);
/* Its files of rows, NULL when it has none. */
const DataFiles *state_data_files(const State *state, const char *collection);
/* The digest of the manifest's lines of one data collection; "" when it has none. */
void state_data_hash(const State *state, const char *collection, char hash[DIGEST_HEX]);
/* Whether an export was interrupted (or is at work): `.incomplete` stands. */
bool state_is_incomplete(const char *root, const char *state_dir);
/* Streams the rows of one collection (all its files) through `sink`, in file order. `line` is the file's line
 * for messages; the row is valid during the call. A file is an array of objects in any JSON formatting;
 * memory is bounded by the largest row. */
typedef bool (*StateRow)(const Json *row, const char *path, size_t line, void *context, Error *err);
bool state_rows_from(const StateSource *source, const DataFiles *files, StateRow sink, void *context,
                     Error *err);
bool state_rows(const char *root, const char *state_dir, const DataFiles *files, StateRow sink, void *context,
                Error *err);
void state_free(State *state);
AUTO_DEFINE(State, state_free);

/* ---- writing ---- */
typedef struct StateWriter StateWriter;

typedef struct {
    bool check;           /* write nothing, only compare */
    const bool *sections; /* SECTION_COUNT flags: files of other sections stay as they are; NULL = all */
    /* Who writes, in one word: when files change, it stands with their hash in `.unrecorded` before they are
     * all there, and until state_recorded(); NULL = it need not be known. */
    const char *origin;
} StateWriteOptions;

typedef struct {
    size_t files, written, removed;
    Buf changes; /* a line a file that differs: "A path", "M path", "D path" */
    char hash[DIGEST_HEX];
    Manifest manifest;
} StateWriteResult;

/* Takes the folder's lock (when there is no folder yet, with the first file); creates nothing before the
 * first difference. On failure *out is NULL. */
bool state_writer_begin(const char *root, const char *state_dir, const StateWriteOptions *options,
                        StateWriter **out, Error *err);
/* Schema and configuration: the snapshot, sorted, in the state's ids. Files of types that are not present
 * stay. */
bool state_writer_snapshot(StateWriter *writer, const Snapshot *snapshot, Error *err);
/* Rows of one collection, which must come in key order; begin, rows, end. With group_by the rows come sorted
 * by group first: `group` is the file name's stem ("" = data/<collection>.json), every change of it begins
 * the next file. `line` is the row's canonical compact text without newline. */
bool state_writer_rows_begin(StateWriter *writer, const char *collection, Error *err);
bool state_writer_row(StateWriter *writer, const char *group, const char *line, size_t length, Error *err);
bool state_writer_rows_end(StateWriter *writer, Error *err);
/* From rows_begin to rows_end `each` is told of every file of the collection that is about to be replaced or
 * removed, while it still stands: its rows can be read. NULL = nobody is. */
typedef bool (*StateReplacing)(const char *path, void *context, Error *err);
void state_writer_watch(StateWriter *writer, StateReplacing each, void *context);
/* Keeps the files of a data collection that was not read (--only). */
void state_writer_keep_rows(StateWriter *writer, const char *collection);
/* removed.jsonl, sorted and without repetition; an empty array removes the file. Without this call it stays.
 */
bool state_writer_removed(StateWriter *writer, const Json *removed, Error *err);
/* For a change of single files: from now on every file stays that state_writer_file() does not name. */
void state_writer_keep_all(StateWriter *writer);
/* A file of the state with this text; it goes with `text` NULL. */
bool state_writer_file(StateWriter *writer, const char *path, const char *text, size_t length, Error *err);
/* Unlinks the tool's files that the new state does not have, syncs, removes `.incomplete`. */
bool state_writer_finish(StateWriter *writer, StateWriteResult *result, Error *err);
/* Leaves `.incomplete` if any file was changed; without finish. NULL may be passed in. */
void state_writer_abandon(StateWriter **handle);
/* Whether the files of this hash were written by `origin`, and nobody has called state_recorded() since: who
 * was killed between writing and recording is recognised. */
bool state_is_unrecorded(const char *root, const char *state_dir, const char *origin,
                         const char hash[DIGEST_HEX]);
/* What was written is known elsewhere now. */
bool state_recorded(const char *root, const char *state_dir, Error *err);
void state_write_result_free(StateWriteResult *result);
AUTO_DEFINE(StateWriteResult, state_write_result_free);

/* ---- git ---- */
typedef struct {
    bool found;      /* the folder is in a git repository */
    char commit[65]; /* the last commit that changed the state folder, "" when there is none */
    bool shallow;    /* history ends (a shallow clone) before that commit could be told: commit is "" */
    bool dirty; /* the state folder differs from HEAD (or holds untracked files of ours, or stands in a bare
                   repository) */
} RepoHead;
/* Never fails for want of a repository. Ownership checks are off: the tool only reads. Merges are looked at
 * from their first parent: the merge that brought a change is the commit that changed the folder. */
bool repo_head(const char *root, const char *state_dir, RepoHead *head, Error *err);
/* ERR_CONFIG in a bare repository, where nothing is to be written. Outside of git everything goes. */
bool repo_has_work_tree(const char *root, Error *err);
/* ERR_CONFIG where a sparse checkout left files of the state out: what is there is not the state then. */
bool repo_has_all_files(const char *root, const char *state_dir, Error *err);
/* From one commit to another. */
typedef struct {
    bool found;      /* both are commits of the repository the folder is in */
    bool in_between; /* a rebase or a bisection is on its way, and this is one of its steps */
    bool differs;    /* their state folders do */
} RepoStep;
bool repo_step(const char *root, const char *state_dir, const char *from, const char *to, RepoStep *step,
               Error *err);
/* Whether git has the file `path` beneath `root` in its index: what must not be committed. */
bool repo_tracks(const char *root, const char *path, bool *tracked, Error *err);

#endif
