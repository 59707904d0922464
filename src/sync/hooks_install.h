/* `init --hooks`: the scripts of hooks/ in git's place for them, or what to add where another program keeps
 * it. */
#ifndef SCHEMA_SYNC_SYNC_HOOKS_INSTALL_H
#define SCHEMA_SYNC_SYNC_HOOKS_INSTALL_H

#include "config/config.h"

typedef struct {
    const char *path; /* of a hook */
    bool written;     /* false: it stands already */
} HookFile;

enum { HOOK_FILES = 3 };

typedef struct {
    Arena arena;
    HookFile files[HOOK_FILES];
    size_t count;
    const char *advice; /* lines for people, NULL when there is nothing left to do */
} HooksInstalled;

/* Run again it changes nothing; from another project of the same repository it adds that one. */
bool sync_hooks_install(const Config *config, HooksInstalled *result, Error *err);
void hooks_installed_free(HooksInstalled *result);
AUTO_DEFINE(HooksInstalled, hooks_installed_free);

#endif
