/*
 * Overrides: values of configuration and schema that differ in one environment.
 *
 *   {"directus_settings": {"project_name": "Prod"},
 *    "directus_flows": {"Notify": {"status": "inactive"}},
 *    "directus_fields": {"posts.title": {"meta.note": "…"}}}
 *
 * by collection, then by the record's key (record_key.h) or id, then by field (field_path.h). An import puts
 * them into what the files say before it compares; an export takes them out of what the instance says before
 * it writes, so that files never flip. Rows have row_rules.h for the same. Whatever a configuration may not
 * touch is refused here: what identifies a record, what is never carried, what guards an administrator.
 */
#ifndef SCHEMA_SYNC_MODEL_OVERRIDES_H
#define SCHEMA_SYNC_MODEL_OVERRIDES_H

#include "model/scope.h"
#include "model/snapshot.h"

/* `files` become what the environment is to be. Everything is checked before anything is changed: an override
 * that fits no record or no field is ERR_CONFIG with the config's file and pointer. The snapshot must be
 * sorted. */
bool overrides_apply(const Scope *scope, Snapshot *files, Error *err);

/* Something an export could not undo, for its notes. */
typedef void (*OverrideNote)(const char *place, const char *what, void *context);
/*
 * Where the instance (aligned, in the state's ids) has what an override says, the files' own value takes its
 * place: `files` as they were read, without overrides; NULL where there are none. Without a value of the
 * files the instance's stays, with a note.
 */
void overrides_undo(const Scope *scope, Snapshot *instance, const Snapshot *files, OverrideNote note,
                    void *context);

/* "schema-sync.json: /environments/prod/overrides/directus_flows/Notify", with one step for each of the
 * texts, ended by NULL. */
const char *override_place(Arena *arena, const Scope *scope, const char *const *steps);
/* Whether a value may stand where `file` stands: null anywhere, else scalars of one kind. */
bool override_fits(const Json *file, const Json *value);
/* "a text", "a number", … */
const char *override_kind(const Json *value);

#endif
