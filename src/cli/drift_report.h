/* What `status --drift` prints. */
#ifndef SCHEMA_SYNC_CLI_DRIFT_REPORT_H
#define SCHEMA_SYNC_CLI_DRIFT_REPORT_H

#include "base/json.h"
#include "sync/drift.h"

void drift_put_text(const DriftResult *drift, Buf *out);
/* The member "drift" of the document. */
Json drift_json(Arena *arena, const DriftResult *drift);

#endif
