/*
 * Where a state stands in history: the commits that changed it, from git, or from the file that `seal` wrote
 * for images without one.
 */
#ifndef SCHEMA_SYNC_REPO_LINEAGE_H
#define SCHEMA_SYNC_REPO_LINEAGE_H

#include "model/ancestry.h"
#include "repo/repo.h"

/* Beside the config: what lineage_text() gives, and a newline. */
#define LINEAGE_FILE "schema-sync.lineage"

/*
 * The commit of the source (HEAD's for the files as they stand) and all its ancestors, as far as they changed
 * the state folder: one look-up of a tree a commit. Merges count from their first parent, but the history of
 * both is followed. Empty without a repository, a commit or a sealed file; not complete in a shallow clone.
 * Where both are there, the sealed file must agree with git: ERR_FILES.
 */
bool repo_lineage(const StateSource *source, Arena *arena, Lineage *lineage, Error *err);

/* The same without the sealed file. */
bool lineage_of_git(const StateSource *source, Arena *arena, Lineage *lineage, Error *err);

/* Writes manifest and lineage beside the config, in place of those that stand. */
bool lineage_seal(const char *root, const Manifest *manifest, const Lineage *lineage, Error *err);

#endif
