#include "postgres/marker.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "postgres/marker_sql.h"
#include "postgres/statement.h"

/* ---- reading ---- */

/* The columns of the protocol, without their prefix; schema/marker.sql defines them. */
#define FOR_EACH_COLUMN(DO)                                                                                  \
    DO(state)                                                                                                \
    DO(hash)                                                                                                 \
    DO(sections)                                                                                             \
    DO(commit)                                                                                               \
    DO(worktree)                                                                                             \
    DO(lineage)                                                                                              \
    DO(applied_at)                                                                                           \
    DO(epoch)                                                                                                \
    DO(owner)                                                                                                \
    DO(owner_info)                                                                                           \
    DO(beat)                                                                                                 \
    DO(lease_until)                                                                                          \
    DO(target_hash)                                                                                          \
    DO(target_commit)                                                                                        \
    DO(target_lineage)                                                                                       \
    DO(attempts)                                                                                             \
    DO(held)                                                                                                 \
    DO(error)                                                                                                \
    DO(proto)

#define ENUMERATE(name)     COLUMN_##name,
#define SELECT_COLUMN(name) ", schema_sync_" #name "::text AS " #name
#define ABSENT_COLUMN(name) ", ''::text AS schema_sync_" #name
#define OUR_COLUMNS         FOR_EACH_COLUMN(SELECT_COLUMN)
#define ABSENT_COLUMNS      FOR_EACH_COLUMN(ABSENT_COLUMN)
#define ISO_UTC             " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

/* Columns of the answer; the last three are derived. */
enum {
    ROW_ID,
    PROJECT_ID,
    FOR_EACH_COLUMN(ENUMERATE) APPLIED_AT_UTC,
    LEASE_UNTIL_UTC,
    LEASE_LIVE,
    FIRST_COLUMN = PROJECT_ID + 1,
    END_OF_COLUMNS = APPLIED_AT_UTC,
};

/*
 * One round trip whether or not the columns are installed: a name that directus_settings does not have means
 * the outer row's, which is '' there, and no column of ours ever holds ''. project_id came with
 * Directus 11.9.
 */
static const char read_sql[] =
    "SELECT s.*, to_char(NULLIF(applied_at, '')::timestamptz" ISO_UTC
    ", to_char(NULLIF(lease_until, '')::timestamptz" ISO_UTC
    ", COALESCE(NULLIF(lease_until, '')::timestamptz > clock_timestamp(), false)"
    " FROM (SELECT NULL::text AS project_id" ABSENT_COLUMNS ") AS absent"
    " LEFT JOIN LATERAL (SELECT id::text AS row_id, project_id::text AS project" OUR_COLUMNS
    " FROM directus_settings ORDER BY id LIMIT 1) AS s ON true";

/* Directus may live in a schema that the role does not look into. */
static bool no_directus(Database *database, Error *err) {
    static const Statement where = {
        .sql = "SELECT string_agg(quote_ident(n.nspname), ', ' ORDER BY n.nspname) FROM pg_catalog.pg_class c"
               " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
               " WHERE c.relname = 'directus_settings' AND c.relkind IN ('r', 'p')",
    };
    error_set(err, ERR_REMOTE, "no Directus in this database (%s has no table directus_settings)",
              database_name(database));
    AUTO(Answer) answer = { 0 };
    statement_read(database, &where, &answer);
    const char *schemas = answer.kind == ANSWER_ROWS ? answer_text(&answer, 0, 0) : NULL;
    if (schemas)
        return error_hint(err, "it is in schema %s: ALTER ROLE … SET search_path = %s", schemas, schemas);
    return error_hint(
        err, "check the database name in DATABASE_URL; an empty database needs `directus bootstrap` first");
}

static int64_t number(const char *text) {
    return text ? strtoll(text, NULL, 10) : 0;
}

/* A nullable column as a copy, NULL for null. */
static const char *copy(Marker *marker, const Answer *answer, int column) {
    const char *text = answer_text(answer, 0, column);
    return text ? arena_strdup(&marker->arena, text) : NULL;
}

static bool columns_are_there(const Answer *answer) {
    if (!answer_text(answer, 0, ROW_ID))
        return false;
    for (int column = FIRST_COLUMN; column < END_OF_COLUMNS; column++) {
        const char *text = answer_text(answer, 0, column);
        if (text && !*text)
            return false;
    }
    return true;
}

static void fill(Marker *marker, const Answer *answer) {
    marker->state = copy(marker, answer, COLUMN_state);
    if (!marker->state)
        marker->state = "clean";
    marker->hash = copy(marker, answer, COLUMN_hash);
    marker->sections = copy(marker, answer, COLUMN_sections);
    marker->commit = copy(marker, answer, COLUMN_commit);
    marker->lineage = copy(marker, answer, COLUMN_lineage);
    marker->worktree = str_equal(answer_text(answer, 0, COLUMN_worktree), "true");
    marker->applied_at = copy(marker, answer, APPLIED_AT_UTC);
    marker->epoch = number(answer_text(answer, 0, COLUMN_epoch));
    marker->beat = number(answer_text(answer, 0, COLUMN_beat));
    marker->owner = copy(marker, answer, COLUMN_owner);
    marker->owner_info = copy(marker, answer, COLUMN_owner_info);
    marker->lease_until = copy(marker, answer, LEASE_UNTIL_UTC);
    marker->lease_live = str_equal(answer_text(answer, 0, LEASE_LIVE), "t");
    marker->target_hash = copy(marker, answer, COLUMN_target_hash);
    marker->target_commit = copy(marker, answer, COLUMN_target_commit);
    marker->target_lineage = copy(marker, answer, COLUMN_target_lineage);
    marker->attempts = number(answer_text(answer, 0, COLUMN_attempts));
    marker->held = copy(marker, answer, COLUMN_held);
    marker->error = copy(marker, answer, COLUMN_error);
}

bool marker_read(Database *database, Marker *marker, Error *err) {
    static const Statement read = { .sql = read_sql };
    marker_free(marker);
    AUTO(Answer) answer = { 0 };
    statement_read(database, &read, &answer);
    if (answer.kind == ANSWER_REFUSED && str_equal(answer.sqlstate, "42P01"))
        return no_directus(database, err);
    if (answer.kind != ANSWER_ROWS) {
        *err = answer.error;
        return false;
    }
    int64_t proto = number(answer_text(&answer, 0, COLUMN_proto));
    if (proto > MARKER_PROTO) {
        error_set(err, ERR_CONFIG,
                  "a newer schema-sync has written the marker in %s (protocol %lld, this one knows %d)",
                  database_name(database), (long long)proto, MARKER_PROTO);
        return error_hint(err, "use that version of schema-sync here too");
    }
    marker->row_id = number(answer_text(&answer, 0, ROW_ID));
    marker->project_id = copy(marker, &answer, PROJECT_ID);
    marker->installed = columns_are_there(&answer);
    if (marker->installed)
        fill(marker, &answer);
    return true;
}

void marker_free(Marker *marker) {
    arena_free(&marker->arena);
    *marker = (Marker){ 0 };
}

/* ---- installing ---- */

const char *marker_install_sql(void) {
    return marker_sql;
}

static bool install_error(Database *database, const Answer *answer, Error *err) {
    *err = answer->error;
    if (answer->kind == ANSWER_REFUSED && str_equal(answer->sqlstate, "42501")) {
        error_set(err, ERR_REFUSED, "the user of %s may not add the marker columns to directus_settings",
                  database_name(database));
        return error_hint(err, "let the owner of the table run: schema-sync install --print-sql | psql …");
    }
    return error_context(err, "cannot add the marker columns");
}

bool marker_install(Database *database, Error *err) {
    enum { TRIES = 3 };
    AUTO(Marker) marker = { 0 };
    /* ALTER TABLE takes an exclusive lock even when it has nothing to do: look first. */
    if (!marker_read(database, &marker, err))
        return false;
    AUTO(Answer) answer = { 0 };
    for (int tries = 0; !marker.installed; tries++) {
        statement_script(database, marker_sql, &answer);
        if (answer.kind == ANSWER_REFUSED && (!answer_is_busy(&answer) || tries + 1 == TRIES))
            return install_error(database, &answer, err);
        if (answer.kind == ANSWER_LOST && tries + 1 == TRIES)
            return install_error(database, &answer, err);
        if (!marker_read(database, &marker, err))
            return false;
        if (answer.kind == ANSWER_ROWS && !marker.installed)
            return error_set(err, ERR_INTERNAL,
                             "the marker columns are not there after they were added to %s",
                             database_name(database));
    }
    return true;
}
