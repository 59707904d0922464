#include "postgres/marker.h"

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
#define OUR_COLUMN(name)    ", schema_sync_" #name
#define ABSENT_COLUMN(name) ", NULL::oid AS schema_sync_" #name
#define OUR_COLUMNS         FOR_EACH_COLUMN(OUR_COLUMN)
#define ABSENT_COLUMNS      FOR_EACH_COLUMN(ABSENT_COLUMN)

enum { ROW_ID, PROJECT_ID, FOR_EACH_COLUMN(ENUMERATE) CLOCK, FIRST_COLUMN = PROJECT_ID + 1 };

/*
 * One round trip whether or not the columns are installed: a name that directus_settings does not have means
 * the outer row's, which is of type oid, as no column of the protocol is. project_id came with Directus 11.9.
 * There is one row; to ask for the first of several costs a new connection's server a fifth more.
 */
#define READ_SQL(which)                                                                                      \
    "SELECT s.* FROM (SELECT NULL::oid AS project_id" ABSENT_COLUMNS ") AS absent,"                          \
    " LATERAL (SELECT id, project_id" OUR_COLUMNS ", clock_timestamp() FROM directus_settings" which         \
    ") AS s"

enum { TYPE_OID = 26 }; /* oid's own row in pg_type */

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

/* ---- values of a binary answer ---- */

static bool is_null(const Answer *answer, int column) {
    return answer_type(answer, column) == TYPE_OID || !answer_text(answer, 0, column);
}

/* An integer of any width, a boolean, or a time: microseconds since 2000-01-01 UTC. 0 for null. */
static int64_t number(const Answer *answer, int column) {
    if (is_null(answer, column))
        return 0;
    size_t length = answer_length(answer, 0, column);
    const char *bytes = answer_text(answer, 0, column);
    uint64_t value = length > 0 && bytes[0] < 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < length && i < sizeof value; i++)
        value = value << 8 | (unsigned char)bytes[i];
    return (int64_t)value;
}

static const char *text(Marker *marker, const Answer *answer, int column) {
    return is_null(answer, column) ? NULL : arena_strdup(&marker->arena, answer_text(answer, 0, column));
}

static const char *uuid(Marker *marker, const Answer *answer, int column) {
    enum { UUID_BYTES = 16 };
    if (is_null(answer, column) || answer_length(answer, 0, column) != UUID_BYTES)
        return text(marker, answer, column);
    const char *bytes = answer_text(answer, 0, column);
    AUTO(Buf) digits = { 0 };
    for (int i = 0; i < UUID_BYTES; i++)
        buf_printf(&digits, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                   (unsigned char)bytes[i]);
    return arena_strdup(&marker->arena, buf_text(&digits));
}

static const char *iso_time(Marker *marker, const Answer *answer, int column) {
    static const int64_t year_2000 = 946684800, million = 1000000;
    if (is_null(answer, column))
        return NULL;
    int64_t since_2000 = number(answer, column);
    if (since_2000 == INT64_MAX || since_2000 == INT64_MIN)
        return since_2000 > 0 ? "infinity" : "-infinity";
    int64_t fraction = (since_2000 % million + million) % million;
    time_t seconds = (since_2000 - fraction) / million + year_2000;
    struct tm utc;
    if (!gmtime_r(&seconds, &utc))
        return NULL;
    char day[64];
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &utc);
    return arena_printf(&marker->arena, "%s.%03dZ", day, (int)(fraction / 1000));
}

static bool columns_are_there(const Answer *answer) {
    for (int column = FIRST_COLUMN; column < CLOCK; column++)
        if (answer_type(answer, column) == TYPE_OID)
            return false;
    return true;
}

static void fill(Marker *marker, const Answer *answer) {
    marker->state = text(marker, answer, COLUMN_state);
    if (!marker->state)
        marker->state = "clean";
    marker->hash = text(marker, answer, COLUMN_hash);
    marker->sections = text(marker, answer, COLUMN_sections);
    marker->commit = text(marker, answer, COLUMN_commit);
    marker->lineage = text(marker, answer, COLUMN_lineage);
    marker->worktree = number(answer, COLUMN_worktree) != 0;
    marker->applied_at = iso_time(marker, answer, COLUMN_applied_at);
    marker->epoch = number(answer, COLUMN_epoch);
    marker->beat = number(answer, COLUMN_beat);
    marker->owner = text(marker, answer, COLUMN_owner);
    marker->owner_info = text(marker, answer, COLUMN_owner_info);
    marker->lease_until = iso_time(marker, answer, COLUMN_lease_until);
    marker->lease_live = marker->lease_until && number(answer, COLUMN_lease_until) > number(answer, CLOCK);
    marker->target_hash = text(marker, answer, COLUMN_target_hash);
    marker->target_commit = text(marker, answer, COLUMN_target_commit);
    marker->target_lineage = text(marker, answer, COLUMN_target_lineage);
    marker->attempts = number(answer, COLUMN_attempts);
    marker->held = text(marker, answer, COLUMN_held);
    marker->error = text(marker, answer, COLUMN_error);
}

bool marker_read(Database *database, Marker *marker, Error *err) {
    static const Statement read = { .sql = READ_SQL(""), .binary = true };
    static const Statement read_first = { .sql = READ_SQL(" ORDER BY id LIMIT 1"), .binary = true };
    marker_free(marker);
    AUTO(Answer) answer = { 0 };
    statement_read(database, &read, &answer);
    if (answer.kind == ANSWER_ROWS && answer_rows(&answer) > 1)
        statement_read(database, &read_first, &answer);
    if (answer.kind == ANSWER_REFUSED && str_equal(answer.sqlstate, "42P01"))
        return no_directus(database, err);
    if (answer.kind != ANSWER_ROWS) {
        *err = answer.error;
        return false;
    }
    if (answer_rows(&answer) == 0)
        return true;
    int64_t proto = number(&answer, COLUMN_proto);
    if (proto > MARKER_PROTO) {
        error_set(err, ERR_CONFIG,
                  "a newer schema-sync has written the marker in %s (protocol %lld, this one knows %d)",
                  database_name(database), (long long)proto, MARKER_PROTO);
        return error_hint(err, "use that version of schema-sync here too");
    }
    marker->row_id = number(&answer, ROW_ID);
    marker->project_id = uuid(marker, &answer, PROJECT_ID);
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
