/*
 * Reading an instance: configuration and schema into a Snapshot, rows as a stream. Only successful, complete
 * reads count: every fault is an error, a count that does not add up is ERR_REMOTE with both numbers, and
 * "missing" is only what a successful read did not contain.
 */
#ifndef SCHEMA_SYNC_DIRECTUS_READ_H
#define SCHEMA_SYNC_DIRECTUS_READ_H

#include "directus/session.h"
#include "model/rows.h"
#include "model/scope.h"
#include "model/snapshot.h"

/*
 * Reads all types of the sections named (SECTION_COUNT flags), and the types those refer to (a preset needs
 * roles), in as few requests as possible. Records keep only carried fields (catalog never lists; fields whose
 * special is conceal, hash or encrypt; alias fields); Record.target_id is the primary key; ids are the
 * instance's (identity_align is the caller's). Left out: system permission rows, access rows with a user,
 * presets with a user, untracked collections and fields (meta null), our own marker columns, "unknown" typed
 * fields. `settings_row`, if given, gets the whole settings object as read (our columns and project_id among
 * it). Custom fields on system collections are carried as fields of the record they belong to.
 */
bool directus_read(Session *session, const Instance *instance, const bool *sections, Snapshot *snapshot,
                   Json *settings_row, Error *err);

/* Puts the lists of an unordered snapshot's schema into the order they have on the instance, with three
 * further reads; nothing to do for others. Their order is not what the server compares: for an export only.
 */
bool directus_read_order(Session *session, Snapshot *snapshot, Error *err);

/* The newest activity id, 0 when there is none: read before and after, a difference means that something
 * changed in between. */
bool directus_activity(Session *session, int64_t *newest, Error *err);

/* Rows of one collection in primary-key pages, `shape`'s fields only, the rule's filter applied. `sink` gets
 * each row (valid during the call). The number of rows is checked against the server's own count. */
typedef bool (*RowSink)(const Json *row, void *context, Error *err);
bool directus_read_rows(Session *session, const Instance *instance, const RowShape *shape, RowSink sink,
                        void *context, Error *err);

/*
 * Asks for the first rows of a collection now, so that the server works on them while the caller is busy with
 * another one: call it for the next shape, then directus_read_rows() for this one. What was asked for is
 * taken up by the directus_read_rows() with the same shape; a fault is reported there. At most two are ahead,
 * further calls do nothing.
 */
void directus_rows_ahead(Session *session, const Instance *instance, const RowShape *shape);

/*
 * Which of these ids exist in a collection: found[i]. For references out of the state. `key` and `type` are
 * the primary key's field and Directus type ("id", "uuid"); what is no value of that type exists nowhere.
 */
bool directus_exist(Session *session, const char *collection, const char *key, const char *type,
                    const char *const *ids, size_t count, bool *found, Error *err);

/* How many rows a collection has (losses), and how many users hold a role or policy. */
bool directus_count(Session *session, const char *collection, const char *filter_json, uint64_t *count,
                    Error *err);

/* GET /settings, all fields. */
bool directus_settings(Session *session, Arena *arena, Json *settings, Error *err);
/* POST /utils/cache/clear?system: raw SQL columns become visible to the API only after it. */
bool directus_clear_cache(Session *session, Error *err);

#endif
