/*
 * A Snapshot: schema and configuration of one project in memory, from files or from an instance.
 *
 * Records of a type stand in canonical order (by identity). Every record is a JSON object holding only
 * carried fields; id is a member "id" where the type's ids are portable. Nested kinds (operations in flows,
 * permissions in policies) are flat here, with the reference to their parent put back.
 */
#ifndef SCHEMA_SYNC_MODEL_SNAPSHOT_H
#define SCHEMA_SYNC_MODEL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/catalog.h"

typedef struct {
    Json json; /* an object: the carried fields, in the snapshot's id space */
    const char
        *id; /* portable id as written in files ("…uuid…" or "$administrator"), NULL where there is none */
    const char
        *target_id;     /* primary key on the instance it was read from, as text; NULL when read from files */
    const char *origin; /* "roles/editor.json" or "roles/editor.json#/permissions/3"; NULL when read from an
                           instance */
} Record;

typedef struct {
    Record *items;
    size_t count, capacity;
} RecordList;

typedef struct {
    Arena arena;
    RecordList types[TYPE_COUNT];
    bool present[TYPE_COUNT]; /* was read (an empty list may also mean: not asked for) */
    const char *directus;     /* version, "11.17.4" */
    const char *vendor;       /* database vendor, "postgres" */
    bool unordered; /* lists of plain values in its schema were sorted by the instance: their order is unknown
                     */
    /* The role and the policies of the user who read it from an instance; NULL when read from files. */
    const char *reader_role;
    const char *const *reader_policies; /* NULL-terminated */
    const char *folder; /* where the files stand ("schema"), put before origins in messages; NULL for none */
} Snapshot;

/* Marks the type present. `json` is not copied: it lives as long as the snapshot, best in its arena. The
 * pointer is valid until the next record of the type is added. */
Record *snapshot_add(Snapshot *snapshot, TypeId type, Json json);
/* Sorts every type into canonical order: by id where ids are portable (a rename must not move a record), else
 * by natural key, then by content. */
void snapshot_sort(Snapshot *snapshot);
/* Order and equality by the type's natural key. */
int snapshot_key_compare(TypeId type, const Json *a, const Json *b);
/* The record of `snapshot` that another one's is: by portable id, else the first with its key; NULL when
 * there is none.
 */
Record *snapshot_same(const Snapshot *snapshot, TypeId type, const Record *record);
/* By portable id; NULL when there is none. Snapshot must be sorted. */
const Record *snapshot_find(const Snapshot *snapshot, TypeId type, const char *id);
/* Whether the schema has this field; any field of the collection with `field` NULL. */
bool snapshot_has_field(const Snapshot *snapshot, const char *collection, const char *field);
bool snapshot_has_collection(const Snapshot *snapshot, const char *collection);
/* What people call a record: "Editor", "posts.title", "posts read (Editors)", "Newsletter › send_mail". In
 * the arena. */
const char *snapshot_label(const Snapshot *snapshot, TypeId type, const Record *record, Arena *arena);
/* The label in parts: the record it stands in by its label and id (a schema kind's collection is both), and
 * its own name there. parent and parent_id are NULL for what stands alone. In the arena. */
typedef struct {
    const char *label, *parent, *parent_id, *name;
} RecordNames;
RecordNames snapshot_names(const Snapshot *snapshot, TypeId type, const Record *record, Arena *arena);
/* Where a member of a files' record stands, for messages: "schema/policies/a.json: (/permissions/3/fields)";
 * of the record itself with `member` NULL. In the arena. */
const char *snapshot_place(const Snapshot *snapshot, const Record *record, const char *member, Arena *arena);
/* The same of a value within it: `pointer` ("/meta/note") begins in the record. */
const char *snapshot_place_at(const Snapshot *snapshot, const Record *record, const char *pointer,
                              Arena *arena);
/* Where a value of an unordered instance's schema is that of `ordered` but for the order of lists, the latter
 * stands in its place. */
void snapshot_keep_order(Snapshot *instance, const Snapshot *ordered);
/* Whether two values are the same but for the order of lists of plain values. */
bool snapshot_same_unordered(const Json *a, const Json *b);
size_t snapshot_records(const Snapshot *snapshot);
void snapshot_free(Snapshot *snapshot);
AUTO_DEFINE(Snapshot, snapshot_free);

#endif
