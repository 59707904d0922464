/*
 * A plan that was saved: what `diff --out` writes and `import --plan` applies.
 *
 * The file is never carried out. An import makes its plan anew, from the files and the target as they are
 * now, and compares: only when it would do exactly what the file says does it begin. So an edited file can
 * stop an import, and never steer one. The file is a JSON document (schema/plan.schema.json) sealed with the
 * digest of the rest of it, to tell an edit from a target that moved on. It holds no secret: the plan
 * conceals them, and of rows it has digests. What is concealed is therefore not compared.
 */
#ifndef SCHEMA_SYNC_MODEL_PLAN_SAVED_H
#define SCHEMA_SYNC_MODEL_PLAN_SAVED_H

#include "model/plan.h"

typedef struct {
    Arena arena;
    const char *environment, *url; /* where it was made; "" and NULL when there is none */
    const char *files_hash;        /* of the state */
    const char *hash;              /* the state's together with the configuration that shapes the import */
    const char *mode, *only, *ref; /* as given on the command line, or NULL */
    bool again, allow_version;
    Json plan; /* as plan_json gives it */
    Json rows; /* {"posts": digest of what is written} */
} SavedPlan;

/* Takes a plan into `saved`, whose other members the caller sets. Row digests must have been made. */
void saved_plan_take(SavedPlan *saved, const Plan *plan);
/* The file's text. */
void saved_plan_text(const SavedPlan *saved, Buf *out);
/* Reads a file's text; `name` is for messages. Anything but an untouched file of this version is ERR_FILES.
 */
bool saved_plan_parse(SavedPlan *saved, const char *name, const char *text, size_t length, Error *err);

/* ERR_NEWER naming the environment, the files or the configuration, when one of them is another one now. */
bool saved_plan_fits(const SavedPlan *saved, const char *environment, const char *url, const char *files_hash,
                     const char *hash, Error *err);
/* ERR_NEWER naming what differs, unless the plan made now is the one that was saved. */
bool saved_plan_matches(const SavedPlan *saved, const Plan *plan, Error *err);
/* For what is left to be done after a first round: nothing but records that the saved plan writes. */
bool saved_plan_covers(const SavedPlan *saved, const Plan *plan, Error *err);

void saved_plan_free(SavedPlan *saved);
AUTO_DEFINE(SavedPlan, saved_plan_free);

#endif
