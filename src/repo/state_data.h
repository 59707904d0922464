/* Data files: which collection each belongs to. */
#ifndef SCHEMA_SYNC_REPO_STATE_DATA_H
#define SCHEMA_SYNC_REPO_STATE_DATA_H

#include "repo/reading.h"

/* Fills State.data; manifest and snapshot must be finished. A file of an unknown collection is ERR_FILES. */
bool state_data_find(const Reading *reading, Error *err);

#endif
