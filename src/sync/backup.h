/*
 * Backups of a target's state: what an export of it gives, in a folder of its own, taken before an import
 * writes.
 *
 *   DIR/<environment>/<UTC time>-<commit>/backup.json    what was saved, where and when
 *                                         schema/        a state folder as any other
 *
 * The folder is the owner's alone (0700), never within the state folder, and .gitignore keeps a DIR that was
 * made for it out of git. Of each environment a bounded number stays; only folders with a backup.json of this
 * tool are ever removed. Rows are those of the chosen collections; values of the environment's overrides
 * stand as the target has them. No secret is in it: the placeholders of the files are kept, other secrets get
 * a made-up one, ${NOT_IN_BACKUP_…}, or where none would be read the field is left out; each is told.
 */
#ifndef SCHEMA_SYNC_SYNC_BACKUP_H
#define SCHEMA_SYNC_SYNC_BACKUP_H

#include "config/config.h"
#include "postgres/marker.h"
#include "repo/repo.h"

#define BACKUP_STATE "schema" /* the state folder in it */

typedef struct {
    Arena arena;
    const char *path; /* the folder, absolute; NULL: none was taken */
    const Withheld *withheld;
    size_t withheld_count;
} Backup;

/* Saves the target as it is. `dir` NULL: the configuration's; a relative one begins in config->root. `files`:
 * the state that is to be imported, by which records are recognised where git does not have the one that
 * `marker` says is there. On a fault nothing of it stays. */
bool backup_take(const Config *config, const char *dir, const Marker *marker, const StateSource *files,
                 Backup *out, Error *err);
/* That the folder `path` is one, and what it calls itself, in the arena. ERR_CONFIG when it is none, or of
 * another environment. */
bool backup_check(const Config *config, const char *path, Arena *arena, const char **name, Error *err);
/* A configuration under which the backup is imported as it was taken: the caller's still owns it. */
Config backup_config(const Config *config, const Backup *backup, Arena *arena);
void backup_free(Backup *backup);
AUTO_DEFINE(Backup, backup_free);

#endif
