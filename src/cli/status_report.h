/* What `status` prints: this side, and one target or a table of them. */
#ifndef SCHEMA_SYNC_CLI_STATUS_REPORT_H
#define SCHEMA_SYNC_CLI_STATUS_REPORT_H

#include "cli/report.h"
#include "sync/sync.h"

/* Lines "files …", "git …", "versions …", and the files that are not committed. */
void status_put_here(const Config *config, const StatusResult *status, Buf *out);
/* Lines "marker …", "order …", "lock …", and what else there is to say. */
void status_put_target(const StatusResult *status, const TargetStatus *target, Buf *out);
/* A line a target. */
void status_put_table(const StatusResult *status, Buf *out);

/* What the files are to a target: "equal", "changed" (on top of its commit), "ahead", "behind", "diverged",
 * "unknown", "none" when nothing was applied or nothing is known of it. */
const char *status_order(const TargetStatus *target);
Json status_git_json(Arena *arena, const StatusResult *status);
/* Adds "equal", "order" and "marker". */
void status_json_target(JsonObjectBuilder *object, const TargetStatus *target);

#endif
