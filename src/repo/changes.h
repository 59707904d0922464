/* What differs in the state folder between HEAD, the index and the work tree. */
#ifndef SCHEMA_SYNC_REPO_CHANGES_H
#define SCHEMA_SYNC_REPO_CHANGES_H

#include "repo/repository.h"

/* `kind` is 'A', 'M', 'D', or 'U' for a conflict; `path` is beneath the state folder. False ends it. */
typedef bool (*ChangeEach)(char kind, const char *path, void *context);
/* Untracked files count when they have the shape of ours, tracked ones always. The repository is not bare. */
bool changes_each(const Repository *repository, ChangeEach each, void *context, Error *err);

#endif
