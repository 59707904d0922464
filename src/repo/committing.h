/* What the parts of a commit share; see commit.h. */
#ifndef SCHEMA_SYNC_REPO_COMMITTING_H
#define SCHEMA_SYNC_REPO_COMMITTING_H

#include <sys/stat.h>

#include "repo/repository.h"
#include "repo/state_files.h"

/* A file of the new state. */
typedef struct {
    const char *path; /* in the repository */
    git_oid id;
    uint32_t mode;
    struct stat status; /* from before it was read */
} NewFile;

typedef struct {
    Arena arena;
    const char *root, *state_dir;
    Repository repository;
    const char *head;   /* what HEAD names: "refs/heads/main"; NULL: it is detached */
    const char *branch; /* the reference to move: a name may stand for another; NULL: HEAD itself */
    git_commit *parent; /* NULL: the branch has no commit yet */
    git_tree *top;      /* the parent's; NULL */
    Folder folder;      /* the state folder, locked */
    NewFile *files;     /* by path */
    size_t file_count, file_capacity;
    size_t changed; /* files that the parent has otherwise, or not, or that are gone */
} Committing;

/* "git: the commit cannot be written: libgit2's own words", ERR_IO; ERR_LOCK where another git holds a lock.
 * Returns false. */
bool commit_fault(Error *err, int code, const char *what);
/* The path in the repository of a file of the state. */
const char *commit_path(Committing *committing, const char *below);
/* What stands beneath the state folder at a path of the repository; NULL for a path elsewhere. */
const char *commit_below(const Committing *committing, const char *path);

/* ---- commit_ready.c ---- */
/* Opens the repository and refuses what commit.h says. */
bool commit_open(Committing *committing, const char *root, const char *state_dir, Error *err);
void commit_close(Committing *committing);
AUTO_DEFINE(Committing, commit_close);
/* ERR_FILES: a link or a submodule that would stay in the folder, which no import would then read. */
bool commit_entry_fits(const git_index_entry *entry, const char *below, Error *err);
/* Refuses an index with conflicts in the folder, or that leaves the folder out of the work tree. */
bool commit_index_fits(const Committing *committing, git_index *index, Error *err);

/* ---- commit_owner.c ---- */
/* What one user writes into another's repository its owner may not be able to change any more: ERR_REFUSED
 * as git refuses it, unless a safe.directory names it. libgit2's own check (1.5) fails without one. */
bool commit_owner_fits(git_repository *git, Error *err);

/* ---- commit_author.c ---- */
typedef struct {
    git_signature *author, *committer;
} Authors;
/* As git finds them: GIT_AUTHOR_NAME, author.name, user.name …; ERR_CONFIG when nobody is named. */
bool commit_authors(git_repository *git, Authors *authors, Error *err);
void authors_free(Authors *authors);
AUTO_DEFINE(Authors, authors_free);

/* ---- commit_tree.c ---- */
/* Stores the files that stand and the trees above them; *tree is the new commit's. */
bool commit_tree(Committing *committing, git_oid *tree, Error *err);

/* ---- commit_index.c ---- */
/* The index as it is to be, in a file beside it. */
typedef struct {
    Buf place, lock, draft, draft_lock;
    bool stood;         /* there is an index */
    struct stat status; /* as the draft was made from it */
    bool locked;
} NewIndex;
/* Drafts it; may be called again. */
bool new_index_draft(NewIndex *index, const Committing *committing, Error *err);
/* Takes git's lock; *same: the index is still the one that the draft was made from. */
bool new_index_lock(NewIndex *index, bool *same, Error *err);
/* Puts the draft in place and gives the lock back. */
bool new_index_publish(NewIndex *index, Error *err);
/* Removes what was not published. */
void new_index_free(NewIndex *index);
AUTO_DEFINE(NewIndex, new_index_free);

#endif
