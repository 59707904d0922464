/* Checks of the target's database. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "directus/inquiry.h"
#include "directus/read.h"
#include "sync/checks.h"
#include "sync/claim.h"

bool check_database(Checkup *checkup, Error *err) {
    if (checkup->database_fault) {
        *err = *checkup->database_fault;
        return false;
    }
    if (!checkup->database) {
        Error missing = { 0 };
        config_need_database(checkup->config, &missing);
        return check_warn(checkup, missing.hint,
                          "no database is configured: marker, lock, PostGIS and tables in the way cannot be "
                          "told, and an import needs --marker none");
    }
    if (!database_health(checkup->database, &checkup->arena, &checkup->health, err))
        return false;
    return check_ok(checkup, "PostgreSQL %s at %s, %.1f MB", checkup->health.version,
                    database_name(checkup->database), (double)checkup->health.size / 1e6);
}

bool check_marker(Checkup *checkup, Error *err) {
    const Marker *marker = checkup->marker;
    const DatabaseHealth *health = &checkup->health;
    if (!marker->installed && !health->may_install) {
        error_set(err, ERR_REFUSED, "the user of %s may not add the marker columns to directus_settings",
                  database_name(checkup->database));
        return error_hint(err, "let the owner of the table run: schema-sync install --print-sql | psql …");
    }
    if (!health->may_update) {
        error_set(err, ERR_REFUSED, "the user of %s may not write directus_settings, where the marker is",
                  database_name(checkup->database));
        return error_hint(err, "GRANT UPDATE ON directus_settings TO the user of DATABASE_URL");
    }
    if (!marker->installed)
        return check_ok(checkup, "not installed yet: the first import adds its columns");
    if (str_equal(marker->state, "failed"))
        return check_warn(checkup, "run the import again: it goes on from what stands there",
                          "the last import failed: %s", marker->error ? marker->error : "no reason is known");
    if (!marker->hash)
        return check_ok(checkup, "installed, nothing was applied yet");
    return check_ok(checkup, "installed, applied %s%s%.12s", marker->applied_at ? marker->applied_at : "once",
                    marker->commit ? " from commit " : "", marker->commit ? marker->commit : "");
}

bool check_lock(Checkup *checkup, Error *err) {
    (void)err;
    const Marker *marker = checkup->marker;
    const char *who = marker->owner_info ? marker->owner_info : marker->owner;
    if (!marker->owner)
        return check_ok(checkup, "free");
    if (marker->lease_live)
        return check_warn(checkup, "wait for it; an import would wait, too",
                          "an import is at work: %s, until %s", who, marker->lease_until);
    return check_warn(checkup, "nothing to do: the next import takes it over",
                      "held by an import that seems dead: %s", who);
}

/* Read by SQL before and after it is read through the API: activity of other clients in between is no proof
 * against them. */
static bool same_activity(Checkup *checkup, bool *same, Error *err) {
    int64_t before = 0, seen = 0, after = 0;
    Error ignored = { 0 };
    *same = true;
    if (!database_activity(checkup->database, &before, &ignored))
        return true; /* no right to: project ids must do */
    if (!directus_activity(checkup->session, &seen, err) ||
        !database_activity(checkup->database, &after, err))
        return false;
    *same = before <= seen && seen <= after;
    return true;
}

bool check_pair(Checkup *checkup, Error *err) {
    AUTO(Arena) arena = { 0 };
    Json settings;
    bool same = true;
    if (!directus_settings(checkup->session, &arena, &settings, err))
        return false;
    const char *project = json_get_text(&settings, "project_id");
    if (project && checkup->marker->project_id && strcmp(project, checkup->marker->project_id) != 0)
        return foreign_database(checkup->database, checkup->config, "their project ids differ", err);
    if (!same_activity(checkup, &same, err))
        return false;
    if (!same)
        return foreign_database(checkup->database, checkup->config,
                                "their newest activities differ (is one a copy of the other?)", err);
    return check_ok(checkup, "the database is the one behind the address: %s%s",
                    project ? "same project id, " : "", "same newest activity");
}

bool check_database_space(Checkup *checkup, Error *err) {
    (void)err;
    if (checkup->health.folder && check_local_space(checkup, checkup->health.folder))
        return true;
    return check_ok(checkup, "the database server's free space cannot be seen from here");
}

/* ---- what the files ask for ---- */

static const Record *geometry_field(const Snapshot *snapshot) {
    const RecordList *fields = &snapshot->types[TYPE_FIELDS];
    for (size_t i = 0; i < fields->count; i++) {
        const char *type = json_get_text(&fields->items[i].json, "type");
        if (type && str_starts(type, "geometry"))
            return &fields->items[i];
    }
    return NULL;
}

bool check_postgis(Checkup *checkup, Error *err) {
    AUTO(Arena) arena = { 0 };
    const Snapshot *files = checkup->files;
    const Record *field = geometry_field(files);
    bool found = true;
    if (!field)
        return check_ok(checkup, "not needed: the files have no geometry");
    if (!checkup->database && checkup->thorough)
        return check_warn(checkup, "make sure that PostGIS is installed there",
                          "%s: a geometry field needs PostGIS; without the database nobody can tell",
                          snapshot_place(files, field, "type", &arena));
    if (!checkup->database)
        return true;
    if (!database_has_extension(checkup->database, "postgis", &found, err))
        return false;
    if (found)
        return check_ok(checkup, "installed");
    error_set(err, ERR_REFUSED, "%s: a geometry field needs PostGIS, which %s does not have",
              snapshot_place(files, field, "type", &arena), database_name(checkup->database));
    return error_hint(err, "run CREATE EXTENSION postgis in that database as its owner, then import again");
}

/* ---- untracked tables ---- */

static bool target_has(const Snapshot *target, TypeId type, const Json *record) {
    const RecordList *list = &target->types[type];
    const char *collection = json_get_text(record, "collection");
    if (type == TYPE_FIELDS)
        return snapshot_has_field(target, collection, json_get_text(record, "field"));
    for (size_t i = 0; i < list->count; i++)
        if (str_equal(json_get_text(&list->items[i].json, "collection"), collection))
            return true;
    return false;
}

static Json collection_name(Arena *arena, const Json *record) {
    return json_string(arena, json_get_text(record, "collection"));
}

/* Tables and columns an import would create: [collection, …, [collection, field], …]. */
static Json to_be_created(const Checkup *checkup, Arena *arena) {
    JsonArrayBuilder names = json_array_builder(arena);
    const Snapshot *files = checkup->files;
    for (size_t i = 0; i < files->types[TYPE_COLLECTIONS].count; i++) {
        const Json *collection = &files->types[TYPE_COLLECTIONS].items[i].json;
        if (json_is(json_get(collection, "schema"), JSON_OBJECT) &&
            !target_has(checkup->target, TYPE_COLLECTIONS, collection))
            json_array_add(&names, collection_name(arena, collection));
    }
    for (size_t i = 0; i < files->types[TYPE_FIELDS].count; i++) {
        const Json *field = &files->types[TYPE_FIELDS].items[i].json;
        if (!json_is(json_get(field, "schema"), JSON_OBJECT) ||
            !target_has(checkup->target, TYPE_COLLECTIONS, field) ||
            target_has(checkup->target, TYPE_FIELDS, field))
            continue;
        JsonArrayBuilder pair = json_array_builder(arena);
        json_array_add(&pair, collection_name(arena, field));
        json_array_add(&pair, json_string(arena, json_get_text(field, "field")));
        json_array_add(&names, json_array_done(&pair));
    }
    return json_array_done(&names);
}

bool check_untracked(Checkup *checkup, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) list = { 0 };
    const char *const *found = NULL;
    if (!checkup->target->present[TYPE_COLLECTIONS])
        return true;
    Json names = to_be_created(checkup, &arena);
    if (names.count == 0)
        return check_ok(checkup, "no table is to be created");
    if (!(checkup->database ? database_untracked(checkup->database, &arena, &names, &found, err)
                            : directus_untracked(checkup->session, &arena, &names, &found, err)))
        return false;
    size_t count = 0;
    for (; found[count]; count++)
        buf_printf(&list, "%s%s", count ? ", " : "", found[count]);
    if (count == 0)
        return check_ok(checkup, "nothing stands in the way of what is to be created");
    error_set(err, ERR_REFUSED, "in the database, but not in Directus, %s: %s",
              count == 1 ? "stands what the files would create" : "stand what the files would create",
              buf_text(&list));
    return error_hint(
        err, "take it into Directus there (Settings → Data Model, open it and save), or rename or drop "
             "it by SQL; then import again");
}
