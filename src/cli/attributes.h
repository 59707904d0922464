/*
 * .gitattributes: line ends of state files must survive every checkout, or their digests would depend on the
 * machine; records and rows are merged by our own driver (repo/merge_driver.h). SQL files and assets are left
 * to git.
 */
#ifndef SCHEMA_SYNC_CLI_ATTRIBUTES_H
#define SCHEMA_SYNC_CLI_ATTRIBUTES_H

#include "base/file.h"

/* Adds what is missing for the state folder to the file in `root`; all else in it stays. */
bool attributes_write(const Folder *root, const char *state_dir, bool *changed, Error *err);

#endif
