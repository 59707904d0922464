/*
 * Where git looks for a repository's hooks, who keeps them, and a script put there beside what stands.
 */
#ifndef SCHEMA_SYNC_REPO_HOOKS_DIR_H
#define SCHEMA_SYNC_REPO_HOOKS_DIR_H

#include <stdbool.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

typedef enum {
    HOOKS_FREE,       /* git's own folder, or one within the work tree that nobody versions */
    HOOKS_VERSIONED,  /* core.hooksPath: a folder that is committed */
    HOOKS_ELSEWHERE,  /* core.hooksPath: outside, shared with other repositories */
    HOOKS_HUSKY,      /* https://typicode.github.io/husky: .husky/ */
    HOOKS_PRE_COMMIT, /* https://pre-commit.com: .pre-commit-config.yaml */
} HooksKeeper;

typedef struct {
    Arena arena;
    HooksKeeper keeper;
    const char *path; /* git's folder; of husky the one with people's own scripts; of pre-commit its config */
    const char *project; /* `root` from the top of the work tree: "cms"; "." for the top itself */
} HooksDir;

/* Linked work trees and submodules share or have a folder as git says. ERR_CONFIG: no repository, or a bare
 * one. */
bool hooks_dir_find(const char *root, HooksDir *out, Error *err);
void hooks_dir_free(HooksDir *dir);
AUTO_DEFINE(HooksDir, hooks_dir_free);

/* What a hook of another that gives way is called from then on: "pre-commit" and this. */
#define HOOKS_BEFORE ".before-schema-sync"

/* Reads a script; *found false when there is none, or what stands there is no plain file. */
bool hooks_dir_read(const HooksDir *dir, const char *name, Buf *text, bool *found, Error *err);
/*
 * Puts an executable script there. What stands there and is not `replace`able moves beside it; ERR_CONFIG
 * when something stands in that place already. Nothing is ever overwritten but with `replace`.
 */
bool hooks_dir_write(const HooksDir *dir, const char *name, const Buf *text, bool replace, Error *err);

#endif
