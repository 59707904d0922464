/*
 * What a configuration calls a record: the text of its natural key.
 *
 *   flows, roles, policies, dashboards   the name: "Notify"
 *   operations, panels                   the parent's, then the key or the name: "Notify/send"
 *   folders                              the path: "Images/Logos"
 *   permissions                          "Editors/posts/read"
 *   access                               role and policy: "Editor/Editors"
 *   presets                              collection, bookmark, role: "posts/Drafts/Editor"
 *   translations                         "greeting/en-US"
 *   collections, fields, relations       "posts", "posts.title"
 *   settings                             ""
 *
 * A part that is null is written null ("null/$public": a policy held by everyone). What a key refers to
 * stands there by its name or by its id, the reserved records by their reserved name; a record with a
 * portable id is called by that too.
 */
#ifndef SCHEMA_SYNC_MODEL_RECORD_KEY_H
#define SCHEMA_SYNC_MODEL_RECORD_KEY_H

#include "model/snapshot.h"

/* `names`: whose records the names are taken from, before `own` (the snapshot the record is in); NULL for
 * none. The text lives in the arena. */
const char *record_key(Arena *arena, const Snapshot *own, const Snapshot *names, TypeId type,
                       const Record *record);
/* The same with the ids of what the key refers to. */
const char *record_key_by_ids(Arena *arena, TypeId type, const Record *record);

#endif
