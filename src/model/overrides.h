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

/* Only the first half: what an export is to leave must still fit them. */
bool overrides_check(const Scope *scope, Snapshot *files, Error *err);

/* An earlier state's records become what the environment was to be: overrides that do not fit are passed
 * over.
 */
void overrides_apply_fitting(const Scope *scope, Snapshot *files);

/* Something an export has to say of an override, for its notes. */
typedef void (*OverrideNote)(const char *place, const char *what, void *context);
typedef struct {
    const Snapshot *files[2]; /* whose own values are put back, without overrides; the second counts where the
                                 first has none; NULL where there are none */
    const Json *filled;       /* the overrides with their placeholders filled; NULL: they have none */
    OverrideNote note;
    void *context;
} OverrideUndo;
/*
 * Overridden places belong to the configuration: whatever the instance (aligned, in the state's ids, as the
 * files would write it) has there, the files' own value takes its place. Without a value of the files the
 * instance's stays, with a note. Returns at how many places the instance has another value than the
 * override's, each with a note.
 */
size_t overrides_undo(const Scope *scope, const OverrideUndo *from, Snapshot *instance);

/* "schema-sync.json: /environments/prod/overrides/directus_flows/Notify", with one step for each of the
 * texts, ended by NULL. */
const char *override_place(Arena *arena, const Scope *scope, const char *const *steps);
/* Whether a value may stand where `file` stands: null anywhere, else scalars of one kind. */
bool override_fits(const Json *file, const Json *value);
/* "a text", "a number", … */
const char *override_kind(const Json *value);

#endif
