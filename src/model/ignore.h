/*
 * Ignored: what the files do not own, although its collection is carried.
 *
 *   [{"collection": "directus_permissions", "key": "Editors/posts/read"},
 *    {"collection": "directus_settings", "field": "project_color"}]
 *
 * Collection, key (record_key.h, or an id) and field (field_path.h) are patterns in which '*' stands for
 * anything; no key means every record, no field the record itself. With a record goes what belongs to it: a
 * policy's grants, a flow's operations, a collection's fields, a folder's subfolders.
 *
 * Both ways it is one rule: what is ignored is taken from the side that is written to. For an import the
 * files are made to say of it what the target has, for an export the instance is made to say what the old
 * files have; whoever compares or writes then finds no difference.
 */
#ifndef SCHEMA_SYNC_MODEL_IGNORE_H
#define SCHEMA_SYNC_MODEL_IGNORE_H

#include "model/scope.h"
#include "model/snapshot.h"

/* How many records of each type differed and were left alone. */
typedef struct {
    size_t counts[TYPE_COUNT];
} Ignored;

/*
 * Makes `into` say what `from` says of everything that is ignored; both are sorted and in the state's ids.
 * `names`: the files, whose names count where a record is called something else on the instance. What `into`
 * gets shares the memory of `from`; its own new lists live in its arena. Types that `into` does not have stay
 * so.
 */
void ignore_adopt(const Scope *scope, Snapshot *into, const Snapshot *from, const Snapshot *names,
                  Ignored *ignored);

/*
 * For an import, afterwards: what `wanted` (the files after ignore_adopt) refers to must be there. A record
 * of the files that is ignored, and that the target (`from`) does not have, is not created: ERR_FILES with
 * file and pointer, before Directus says it in its own words. Types that `from` did not read are not looked
 * at.
 */
bool ignore_check(const Snapshot *wanted, const Snapshot *files, const Snapshot *from, Error *err);

/*
 * For an export, afterwards: a reference of the instance's records to one that is ignored and not in the
 * files would lead nowhere there. It becomes what the old files (`from`) have at its place, else null.
 * Returns how many.
 */
size_t ignore_mend(const Scope *scope, Snapshot *into, const Snapshot *from);

/* Whether the definition of a field is ignored, by itself or with its collection. */
bool ignore_field(const Scope *scope, const char *collection, const char *field);
/* Whether a pattern of the configuration names this collection. */
bool ignore_names(const Json *rule, const char *collection);
/* The fields of a rule, ended by NULL; none: the whole record. In the arena. */
const char *const *ignore_fields(Arena *arena, const Json *rule);
/* The rule's pattern for keys: "*" when it has none. */
const char *ignore_key(const Json *rule);

#endif
