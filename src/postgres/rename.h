/*
 * Renaming collections and fields with all that stands in them: the table or column, what PostgreSQL calls
 * after it, and the rows of Directus's own tables that name it.
 */
#ifndef SCHEMA_SYNC_POSTGRES_RENAME_H
#define SCHEMA_SYNC_POSTGRES_RENAME_H

#include "model/rename.h"
#include "postgres/marker.h"

/*
 * All of them in one transaction, collections first. It commits only while the claim is still ours (ERR_LOCK
 * otherwise), and waits at most some seconds for a table that others use (ERR_LOCK). ERR_REFUSED when
 * something in the database has one of the new names already. When the answer is lost (ERR_REMOTE), it
 * happened whole or not at all. Directus's system cache must be cleared after it.
 */
bool database_rename(Database *database, const Claim *claim, int64_t epoch, const Renames *renames,
                     Error *err);

#endif
