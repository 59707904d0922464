/*
 * Layout: which file a record stands in, and what that file's text is. Pure: (path, bytes) in and out.
 *
 *   collections/<name>.json         {"collection":…, "meta":…, "schema":…, "fields":[…], "relations":[…]};
 *                                   of a collection of the system only "collection", "fields", "relations"
 *   roles/ policies/ flows/ dashboards/
 *                                   one record a file, nested kinds as arrays (catalog: parent, member)
 *   folders.json presets.json translations.json system_fields.json    an array
 *   settings.json                   an object
 *
 * Files are canon_pretty and end in a newline. Nested arrays and arrays of records are in canonical record
 * order; a nested record leaves out its reference to the parent. Records without a portable id have no "id".
 */
#ifndef SCHEMA_SYNC_MODEL_LAYOUT_H
#define SCHEMA_SYNC_MODEL_LAYOUT_H

#include "base/error.h"
#include "model/digest.h"
#include "model/snapshot.h"

/*
 * Calls `each` for every file of the section's records, in path order within a type; the snapshot is sorted.
 * `text` is valid during the call. Only types that are present are written; one with an array file and no
 * records gives "[]", so that "none" and "not carried" differ. A record whose parent is not in the snapshot
 * is ERR_REMOTE: an instance cannot have it.
 */
typedef bool (*LayoutEach)(const char *path, const char *text, size_t length, void *context, Error *err);
bool layout_write(const Snapshot *snapshot, SectionId section, LayoutEach each, void *context, Error *err);

/* Where a record of an instance's snapshot will stand, as Record.origin says it of the files':
 * "roles/editor.json", "policies/a.json#/permissions/3". In the arena; for messages, it makes the whole
 * section's list. */
const char *layout_origin(const Snapshot *snapshot, TypeId type, const Record *record, Arena *arena);

/* What a path beneath the state folder is. */
typedef enum {
    PATH_FOREIGN, /* not ours: left alone */
    PATH_INFO,    /* info.json */
    PATH_RECORDS, /* schema and configuration */
    PATH_DATA,    /* data/… */
    PATH_REMOVED, /* removed.jsonl */
    PATH_SQL,     /* sql/{pre,post,down}/… : part of the content hash */
    PATH_ASSET,   /* assets/… : part of the content hash */
    PATH_MARK     /* .incomplete, .unrecorded: of an export at work or cut short; never committed */
} PathKind;
typedef struct {
    PathKind kind;
    TypeId type;       /* PATH_RECORDS */
    SectionId section; /* PATH_RECORDS */
} PathInfo;
PathInfo layout_path(const char *path);

/*
 * Takes the records of one file (already parsed, JSON_STATE, in the snapshot's arena) into the snapshot;
 * checks shape, required members (the id where ids are portable, every part of the natural key), and that no
 * member is unknown where the set is fixed: in the schema kinds. Elsewhere any member but the never-carried
 * ones is let through here; the target's own fields decide later. Marks the types of the path's section
 * present. Faults: "path: (/pointer): …".
 */
bool layout_read(Snapshot *snapshot, const char *path, const Json *json, Error *err);
/* Refuses two records with one id or one key, naming both places; the snapshot is sorted. */
bool layout_check_unique(const Snapshot *snapshot, Error *err);
/*
 * After all files: sorts, refuses two records with one id or one key (naming both places), and references to
 * a record that the files do not have, where its section is present. References to users and files lead out
 * of the state, and every instance has the reserved records: not checked. Refuses trees that run in circles
 * too (circles.h).
 */
bool layout_finish(Snapshot *snapshot, Error *err);

#endif
