#include "postgres/rename.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "postgres/connection.h"
#include "postgres/statement.h"

/* States of our own, in a class that PostgreSQL does not use. */
#define CLAIM_IS_LOST "SS001"
#define NAME_IS_TAKEN "SS002"

/* Of a large table of activity or revisions every row may have to be written. */
enum { PATIENCE = 600 };

/*
 * The names come in settings of the transaction, so that the programs are constant: nothing is put together
 * out of text but by format(%I).
 */
#define NAMES                                                                                                \
    " from_collection text := current_setting('schema_sync.collection');"                                    \
    " from_field text := current_setting('schema_sync.field'); to_name text := "                             \
    "current_setting('schema_sync.to');"                                                                     \
    " r record; home oid := (SELECT relnamespace FROM pg_class WHERE oid = "                                 \
    "'directus_collections'::regclass);"

/* One after the other: what is called after a table or column, by its kind. */
#define RENAME_OBJECTS(TABLE, BELONGS, NEW_NAME)                                                             \
    " FOR r IN SELECT conname AS name FROM pg_constraint WHERE conrelid = to_regclass(quote_ident(" TABLE    \
    ")) AND " BELONGS(                                                                                       \
        "conname") " LOOP"                                                                                   \
                   "  EXECUTE format('ALTER TABLE %I RENAME CONSTRAINT %I TO %I', " TABLE                    \
                   ", r.name, " NEW_NAME ");"                                                                \
                   " END LOOP;"                                                                              \
                   " FOR r IN SELECT c.relname AS name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE "       \
                   "'INDEX' END AS kind FROM pg_class c"                                                     \
                   "  WHERE " BELONGS(                                                                       \
                       "c.relname") " AND (c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = "      \
                                    "to_regclass(quote_ident(" TABLE ")))"                                   \
                                    "  OR (c.relkind = 'S' AND c.oid IN (SELECT objid FROM pg_depend WHERE " \
                                    "classid = 'pg_class'::regclass AND deptype IN ('a', 'i')"               \
                                    "  AND refclassid = 'pg_class'::regclass AND refobjid = "                \
                                    "to_regclass(quote_ident(" TABLE "))))) LOOP"                            \
                                    "  EXECUTE format('ALTER %s %I RENAME TO %I', r.kind, r.name, " NEW_NAME \
                                    ");"                                                                     \
                                    " END LOOP;"

#define AFTER_TABLE(NAME) "starts_with(" NAME ", from_collection || '_')"
#define TABLE_NAME_NEW    "to_name || substr(r.name, length(from_collection) + 1)"

/* posts_title_unique is called after posts.title, posts_title_long_unique is not. */
#define AFTER_COLUMN(NAME)                                                                                   \
    "starts_with(" NAME ", from_collection || '_' || from_field || '_') AND substr(" NAME                    \
    ", length(from_collection) + length(from_field) + 3) IN ('foreign', 'unique', 'index', 'seq', 'fkey', "  \
    "'key', 'idx', 'check')"
#define COLUMN_NAME_NEW                                                                                      \
    "from_collection || '_' || to_name || substr(r.name, length(from_collection) + length(from_field) + 2)"

static const char collection_program[] =
    "DO $$ DECLARE" NAMES " BEGIN"
    " IF to_regclass(quote_ident(to_name)) IS NOT NULL OR EXISTS (SELECT FROM directus_collections WHERE "
    "collection = to_name) THEN"
    "  RAISE EXCEPTION USING ERRCODE = '" NAME_IS_TAKEN "', MESSAGE = to_name || ' is there already'; END IF;"
    /* a folder of collections has no table */
    " IF to_regclass(quote_ident(from_collection)) IS NOT NULL THEN"
    "  EXECUTE format('ALTER TABLE %I RENAME TO %I', from_collection, to_name);" RENAME_OBJECTS(
        "to_name", AFTER_TABLE,
        TABLE_NAME_NEW) " END IF;"
                        /* rows of many-to-any junctions say which collection they mean */
                        " FOR r IN SELECT CASE many_collection WHEN from_collection THEN to_name ELSE "
                        "many_collection END AS name, one_collection_field AS field"
                        "  FROM directus_relations WHERE one_collection_field IS NOT NULL"
                        "  AND from_collection = ANY (string_to_array(one_allowed_collections, ',')) LOOP"
                        "  EXECUTE format('UPDATE %1$I SET %2$I = $1 WHERE %2$I = $2', r.name, r.field) "
                        "USING to_name, from_collection;"
                        " END LOOP;"
                        " UPDATE directus_relations SET"
                        "  many_collection = CASE many_collection WHEN from_collection THEN to_name ELSE "
                        "many_collection END,"
                        "  one_collection = CASE one_collection WHEN from_collection THEN to_name ELSE "
                        "one_collection END,"
                        "  one_allowed_collections = "
                        "array_to_string(array_replace(string_to_array(one_allowed_collections, ','), "
                        "from_collection, to_name), ',')"
                        "  WHERE from_collection IN (many_collection, one_collection) OR from_collection = "
                        "ANY (string_to_array(one_allowed_collections, ','));"
                        /* Foreign keys lead to the row: the new one stands before the old one goes. */
                        " INSERT INTO directus_collections SELECT (jsonb_populate_record(c, "
                        "jsonb_build_object('collection', to_name))).*"
                        "  FROM directus_collections c WHERE collection = from_collection;"
                        " UPDATE directus_collections SET \"group\" = to_name WHERE \"group\" = "
                        "from_collection;"
                        " FOR r IN SELECT c.relname AS name, a.attname AS field FROM pg_class c JOIN "
                        "pg_attribute a ON a.attrelid = c.oid"
                        "  WHERE c.relnamespace = home AND c.relkind IN ('r', 'p') AND "
                        "starts_with(c.relname, 'directus_')"
                        "  AND a.attname IN ('collection', 'mcp_prompts_collection') AND NOT a.attisdropped "
                        "AND c.oid <> 'directus_collections'::regclass LOOP"
                        "  EXECUTE format('UPDATE %1$I SET %2$I = $1 WHERE %2$I = $2', r.name, r.field) "
                        "USING to_name, from_collection;"
                        " END LOOP;"
                        " DELETE FROM directus_collections WHERE collection = from_collection;"
                        " END $$;\n";

#define REPLACED(COLUMN, TEST)                                                                               \
    " " COLUMN " = CASE WHEN " COLUMN " = from_field AND " TEST " THEN to_name ELSE " COLUMN " END"

static const char field_program[] =
    "DO $$ DECLARE" NAMES " BEGIN"
    " IF EXISTS (SELECT FROM directus_fields WHERE collection = from_collection AND field = to_name) "
    "OR EXISTS (SELECT FROM pg_attribute"
    "  WHERE attrelid = to_regclass(quote_ident(from_collection)) AND attname = to_name AND NOT "
    "attisdropped) THEN"
    "  RAISE EXCEPTION USING ERRCODE = '" NAME_IS_TAKEN
    "', MESSAGE = from_collection || '.' || to_name || ' is there already'; END IF;"
    /* an alias has no column */
    " IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(from_collection)) "
    "AND attname = from_field AND NOT attisdropped) THEN"
    "  EXECUTE format('ALTER TABLE %I RENAME COLUMN %I TO %I', from_collection, from_field, "
    "to_name);" RENAME_OBJECTS(
        "from_collection", AFTER_COLUMN, COLUMN_NAME_NEW) " END IF;"
                                                          " UPDATE directus_fields SET" REPLACED(
                                                              "field", "true") "," REPLACED("\"group\"",
                                                                                            "true") "  WHERE "
                                                                                                    "collecti"
                                                                                                    "on = "
                                                                                                    "from_"
                                                                                                    "collecti"
                                                                                                    "on AND "
                                                                                                    "from_"
                                                                                                    "field "
                                                                                                    "IN "
                                                                                                    "(field, "
                                                                                                    "\"group"
                                                                                                    "\");"
                                                                                                    " UPDATE "
                                                                                                    "directus"
                                                                                                    "_relatio"
                                                                                                    "ns "
                                                                                                    "SE"
                                                                                                    "T" REPLACED("many_field", "many_"
                                                                                                                               "collect"
                                                                                                                               "ion = "
                                                                                                                               "from_"
                                                                                                                               "collect"
                                                                                                                               "ion") "," REPLACED("junction_field", "many_collection = from_collection") "," REPLACED("one_collection_field", "many_collection = from_collection") "," REPLACED("sort_field", "many_collection = from_collection") "," REPLACED("one_"
                                                                                                                                                                                                                                                                                                                                                                 "field",
                                                                                                                                                                                                                                                                                                                                                                 "one_"
                                                                                                                                                                                                                                                                                                                                                                 "collectio"
                                                                                                                                                                                                                                                                                                                                                                 "n = "
                                                                                                                                                                                                                                                                                                                                                                 "from_"
                                                                                                                                                                                                                                                                                                                                                                 "collectio"
                                                                                                                                                                                                                                                                                                                                                                 "n") "  "
                                                                                                                                                                                                                                                                                                                                                                      "WHER"
                                                                                                                                                                                                                                                                                                                                                                      "E "
                                                                                                                                                                                                                                                                                                                                                                      "from"
                                                                                                                                                                                                                                                                                                                                                                      "_col"
                                                                                                                                                                                                                                                                                                                                                                      "lect"
                                                                                                                                                                                                                                                                                                                                                                      "ion "
                                                                                                                                                                                                                                                                                                                                                                      "IN "
                                                                                                                                                                                                                                                                                                                                                                      "(man"
                                                                                                                                                                                                                                                                                                                                                                      "y_"
                                                                                                                                                                                                                                                                                                                                                                      "coll"
                                                                                                                                                                                                                                                                                                                                                                      "ecti"
                                                                                                                                                                                                                                                                                                                                                                      "on, "
                                                                                                                                                                                                                                                                                                                                                                      "one_"
                                                                                                                                                                                                                                                                                                                                                                      "coll"
                                                                                                                                                                                                                                                                                                                                                                      "ecti"
                                                                                                                                                                                                                                                                                                                                                                      "on);"
                                                                                                                                                                                                                                                                                                                                                                      " UPD"
                                                                                                                                                                                                                                                                                                                                                                      "ATE "
                                                                                                                                                                                                                                                                                                                                                                      "dire"
                                                                                                                                                                                                                                                                                                                                                                      "ctus"
                                                                                                                                                                                                                                                                                                                                                                      "_col"
                                                                                                                                                                                                                                                                                                                                                                      "lect"
                                                                                                                                                                                                                                                                                                                                                                      "ions"
                                                                                                                                                                                                                                                                                                                                                                      " SE"
                                                                                                                                                                                                                                                                                                                                                                      "T" REPLACED("sort_field", "true") "," REPLACED("archive_field", "true") "  WHERE collection = from_collection;"
                                                                                                                                                                                                                                                                                                                                                                                                                                               " UPDATE directus_permissions SET fields = array_to_string(array_replace(string_to_array(fields, ','), from_field, to_name), ',')"
                                                                                                                                                                                                                                                                                                                                                                                                                                               "  WHERE collection = from_collection AND from_field = ANY (string_to_array(fields, ','));"
                                                                                                                                                                                                                                                                                                                                                                                                                                               /* drafts */
                                                                                                                                                                                                                                                                                                                                                                                                                                               " IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('directus_versions') AND attname = 'delta' AND NOT attisdropped) THEN"
                                                                                                                                                                                                                                                                                                                                                                                                                                               "  EXECUTE 'UPDATE directus_versions SET delta = ((delta::jsonb - $1) || jsonb_build_object($2, delta::jsonb -> $1))::json"
                                                                                                                                                                                                                                                                                                                                                                                                                                               "   WHERE collection = $3 AND jsonb_exists(delta::jsonb, $1)' USING from_field, to_name, from_collection;"
                                                                                                                                                                                                                                                                                                                                                                                                                                               " END IF;"
                                                                                                                                                                                                                                                                                                                                                                                                                                               " END $$;\n";

/* Last, so that the row is locked for a moment only: the lease is renewed on another connection meanwhile. */
static const char claim_program[] = "DO $$ BEGIN PERFORM FROM directus_settings WHERE schema_sync_owner = "
                                    "current_setting('schema_sync.owner')"
                                    " AND schema_sync_epoch = current_setting('schema_sync.epoch')::bigint "
                                    "AND schema_sync_state = 'importing'"
                                    " AND schema_sync_lease_until > clock_timestamp() FOR UPDATE;"
                                    " IF NOT FOUND THEN RAISE EXCEPTION USING ERRCODE = '" CLAIM_IS_LOST
                                    "', MESSAGE = 'the claim is lost'; END IF;"
                                    " END $$;\n";

static bool put_setting(Database *database, Buf *script, const char *name, const char *value, Error *err) {
    char *literal = PQescapeLiteral(database->connection, value, strlen(value));
    if (!literal)
        return error_set(err, ERR_CONFIG, "renames: \"%s\" is no valid name", value);
    buf_printf(script, "SELECT set_config('schema_sync.%s', %s, true);\n", name, literal);
    PQfreemem(literal);
    return true;
}

static bool put_rename(Database *database, Buf *script, const Rename *rename, Error *err) {
    if (!put_setting(database, script, "collection", rename->collection, err) ||
        !put_setting(database, script, "field", rename->field ? rename->field : "", err) ||
        !put_setting(database, script, "to", rename->to, err))
        return false;
    buf_puts(script, rename->field ? field_program : collection_program);
    return true;
}

static bool failed(Database *database, const Answer *answer, Error *err) {
    *err = answer->error;
    if (answer->kind == ANSWER_LOST)
        return error_context(err, "whether the renames happened is unknown");
    if (str_equal(answer->sqlstate, CLAIM_IS_LOST)) {
        error_set(err, ERR_LOCK, "the import lock in %s is no longer ours", database_name(database));
        return error_hint(err, "nothing was renamed; run the import again");
    }
    if (str_equal(answer->sqlstate, NAME_IS_TAKEN) || str_equal(answer->sqlstate, "42P07")) {
        error_set(err, ERR_REFUSED, "renames: something has the new name already: %s", answer->error.message);
        return error_hint(err, "nothing was renamed; a table that Directus does not show may stand there");
    }
    if (str_equal(answer->sqlstate, "42501"))
        return error_hint(err,
                          "only the owner of a table may rename it: use Directus's own user in DATABASE_URL");
    if (answer_is_busy(answer)) {
        error_set(err, ERR_LOCK, "the tables to be renamed in %s are in use", database_name(database));
        return error_hint(err,
                          "nothing was renamed; run the import again when no long transaction is at work");
    }
    return error_context(err, "nothing was renamed");
}

bool database_rename(Database *database, const Claim *claim, int64_t epoch, const Renames *renames,
                     Error *err) {
    AUTO(Buf) script = { 0 };
    AUTO(Answer) answer = { 0 };
    char number[24];
    snprintf(number, sizeof number, "%" PRId64, epoch);
    if (!database_revive(database, err))
        return false;
    buf_puts(&script, "BEGIN;\nSET LOCAL lock_timeout = '5s';\nSET LOCAL statement_timeout = '600s';\n");
    for (size_t i = 0; i < renames->count; i++)
        if (!put_rename(database, &script, &renames->items[i], err))
            return false;
    if (!put_setting(database, &script, "owner", claim->owner, err) ||
        !put_setting(database, &script, "epoch", number, err))
        return false;
    buf_puts(&script, claim_program);
    buf_puts(&script, "COMMIT;\n");
    double patience = database->patience;
    database->patience = PATIENCE;
    statement_script(database, buf_text(&script), &answer);
    database->patience = patience;
    return answer.kind == ANSWER_ROWS || failed(database, &answer, err);
}
