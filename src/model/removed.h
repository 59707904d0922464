/*
 * removed.jsonl: what was deleted on purpose, one [type, id, key] a line.
 *
 * `type` is the catalog's name of a record's type, or "data/<collection>" for a row (the bare name is
 * understood where no type is called so). A record is named by its id where ids are portable, else by its
 * key, an array of the natural key's values; the other one of the two is for people. Where grants may repeat
 * a key and only some of them went, the third is the whole record as an object, and only an equal one is
 * meant.
 */
#ifndef SCHEMA_SYNC_MODEL_REMOVED_H
#define SCHEMA_SYNC_MODEL_REMOVED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "model/catalog.h"
#include "model/rename.h"
#include "model/snapshot.h"

/*
 * A line of three that can name nothing is ERR_FILES with what is wrong: a type that is written otherwise
 * ("flow", "directus_flows"), no id where records are known by it, no key or not all of it where they are
 * known by that. Any other name may be a collection that is gone by now; one of `files` may have a name like
 * a type's.
 */
bool removed_check(const Json *line, const Snapshot *files, Error *err);
/* The natural key's values of a record. */
Json removed_key(Arena *arena, TypeId type, const Json *record);
/* The line that names a record. */
Json removed_line(Arena *arena, TypeId type, const Json *record);
/* The line that means this record only, where others have its key. */
Json removed_line_whole(Arena *arena, TypeId type, const Json *record);
/* Whether there is a line for this record: by id for types with portable ids, else by key. */
bool removed_names(const Json *removed, TypeId type, const char *id, const Json *key);
/* The same, and lines that hold a whole record. */
bool removed_names_record(const Json *removed, TypeId type, const Json *record);
/* Whether a line is about rows of this collection. */
bool removed_is_of_rows(const Json *line, const char *collection);

typedef struct {
    const Snapshot
        *before;         /* what stood when instance and files last agreed; NULL: unknown, nothing is added */
    const Snapshot *now; /* what stands; both in the same id space and sorted */
    const bool *sections;   /* SECTION_COUNT flags: the others are not looked at */
    const Json *removed;    /* the lines so far */
    const Renames *renames; /* declared ones: what has another name since is not gone; or NULL */
} RemovedUpdate;

/*
 * The lines as they are to be: those whose record is there (again) go, and each record of `before` that `now`
 * lacks gets one. What goes with a record that goes (its fields, its operations, what a collection's or
 * role's end takes along) gets none of its own. Lines about rows stay. *added, if given, counts.
 */
void removed_update(const RemovedUpdate *update, JsonArrayBuilder *lines, size_t *added);

#endif
