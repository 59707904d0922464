/* Where a repository stands, for people: branch, commit, versions, files that are not committed. */
#ifndef SCHEMA_SYNC_REPO_OVERVIEW_H
#define SCHEMA_SYNC_REPO_OVERVIEW_H

#include "repo/repo.h"

/* A tag of the form vMAJOR.MINOR.PATCH. */
typedef struct {
    const char *name;
    const char *commit; /* full id */
    const char
        *state;  /* the last commit before it that changed the state folder; NULL = none, or not looked at */
    long since;  /* commits that the source has and the tag has not; -1 = not looked at */
    long beyond; /* commits that the tag has and the source has not */
} VersionTag;

typedef struct {
    char kind; /* 'A', 'M', 'D' or 'U' (conflict) */
    const char *path;
} DirtyFile;

/* Texts in the arena that was given. */
typedef struct {
    bool found; /* the files are in a repository; all else is empty when not */
    bool bare, shallow;
    const char *branch;     /* "main", also of a branch without a commit; NULL: HEAD is detached */
    const char *commit;     /* HEAD's, or the one that the source names; NULL = none yet */
    const VersionTag *tags; /* the highest version first */
    size_t tag_count;
    const DirtyFile *dirty; /* by path; none with a commit for a source */
    size_t dirty_count;
} RepoOverview;

/* Of so many tags, the highest, it is said where they stand. */
enum { TAGS_LOOKED_AT = 10 };

/* On failure *overview holds what was known until then. */
bool repo_overview(const StateSource *source, Arena *arena, RepoOverview *overview, Error *err);

#endif
