/* The compare-and-set statements on the marker: a claim and its ends. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "postgres/claim.h"
#include "postgres/marker.h"
#include "postgres/statement.h"
#include "postgres/timer.h"

typedef struct {
    char text[24];
} Number;

static Number number(int64_t value) {
    Number number;
    snprintf(number.text, sizeof number.text, "%" PRId64, value);
    return number;
}

static Number milliseconds(double seconds) {
    return number((int64_t)(seconds * 1000));
}

/* '' stands for "no such column" in marker_read; what is empty is stored as null. */
static const char *or_null(const char *text) {
    return text && *text ? text : NULL;
}

/* ---- one change of the row, whatever happens to the reply ---- */

/* What the row says about a change whose reply was lost. */
typedef enum { FATE_OPEN, FATE_DONE, FATE_LOST } Fate;

typedef struct {
    const char *sql;
    const char *const *values;
    int count;
    Fate (*fate)(const Marker *now, const void *context);
    const void *context;
} Change;

static void pause_ms(long ms) {
    nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

/*
 * Runs the statement until it is known whether its one row was changed: *changed. After a lost reply a
 * statement may still be at work on the old connection, so that from then on only the row itself is believed.
 */
static bool change_row(Database *database, const Change *change, bool *changed, Error *err) {
    enum { TRIES = 4 };
    const Statement statement = { .sql = change->sql, .count = change->count, .values = change->values };
    AUTO(Answer) answer = { 0 };
    AUTO(Marker) now = { 0 };
    bool doubt = false;
    for (int tries = 0; tries < TRIES; tries++) {
        if (tries > 0)
            pause_ms(50L << tries);
        statement_change(database, &statement, &answer);
        if (answer.kind == ANSWER_ROWS && (answer_rows(&answer) > 0 || !doubt)) {
            *changed = answer_rows(&answer) > 0;
            return true;
        }
        if (answer.kind == ANSWER_REFUSED && !answer_is_busy(&answer))
            break;
        doubt = doubt || answer.kind == ANSWER_LOST;
        if (!doubt)
            continue;
        if (!marker_read(database, &now, err))
            return error_context(err, "whether the database has taken the last change is unknown");
        Fate fate = change->fate(&now, change->context);
        if (fate != FATE_OPEN) {
            *changed = fate == FATE_DONE;
            return true;
        }
    }
    if (answer.kind == ANSWER_ROWS)
        return error_set(err, ERR_LOCK, "the marker in %s does not change, although it should",
                         database_name(database));
    *err = answer.error;
    return false;
}

/* What the changes below are about, for their statements' values and for the fate of a lost reply. */
typedef struct {
    const char *owner;
    int64_t epoch;
    const char *hash;   /* COMMIT and the record of an export */
    const Marker *seen; /* claim and the record of an export */
} Stake;

static bool still_ours(const Marker *now, const Stake *stake) {
    return now->epoch == stake->epoch && str_equal(now->owner, stake->owner);
}

static bool is_clean_at(const Marker *now, const char *hash) {
    return !now->owner && str_equal(now->state, "clean") && str_equal(now->hash, hash);
}

static bool lost_claim(const Database *database, Error *err) {
    error_set(err, ERR_LOCK, "the import lock in %s is no longer ours", database_name(database));
    return error_hint(
        err, "another importer has taken over, or the lock was released by hand: see `schema-sync status`");
}

/* ---- ACQUIRE, TAKEOVER, RENEW ---- */

static Fate fate_of_claim(const Marker *now, const void *context) {
    const Stake *stake = context;
    if (still_ours(now, stake))
        return FATE_DONE;
    bool unchanged = now->epoch == stake->seen->epoch && str_equal(now->hash, stake->seen->hash) &&
                     str_equal(now->owner, stake->seen->owner);
    return unchanged ? FATE_OPEN : FATE_LOST;
}

static const char claim_sql[] =
    "UPDATE directus_settings SET schema_sync_state = 'importing',"
    " schema_sync_epoch = COALESCE(schema_sync_epoch, 0) + 1, schema_sync_owner = $1::text,"
    " schema_sync_owner_info = $2::text, schema_sync_beat = 0, schema_sync_target_hash = $3::text,"
    " schema_sync_target_commit = $4::text, schema_sync_target_lineage = $5::text,"
    " schema_sync_attempts = CASE WHEN schema_sync_target_hash = $3::text"
    " THEN COALESCE(schema_sync_attempts, 0) + 1 ELSE 1 END,"
    " schema_sync_held = COALESCE($12::text, schema_sync_held),"
    " schema_sync_lease_until = clock_timestamp() + $6::bigint * interval '1 millisecond'"
    " WHERE id = $7::bigint AND COALESCE(schema_sync_epoch, 0) = $8::bigint"
    " AND schema_sync_hash IS NOT DISTINCT FROM $9::text"
    " AND (schema_sync_owner IS NULL OR (schema_sync_owner = $10::text AND COALESCE(schema_sync_beat, 0) = "
    "$11::bigint"
    " AND COALESCE(schema_sync_lease_until, '-infinity') < clock_timestamp()))"
    " RETURNING schema_sync_epoch";

bool marker_claim(Database *database, const Marker *seen, Claim *claim, ClaimOutcome *outcome, int64_t *epoch,
                  Error *err) {
    const Stake stake = { .owner = claim->owner, .epoch = seen->epoch + 1, .seen = seen };
    claim->claimed_at = timer_now(CLOCK_BOOTTIME);
    if (seen->owner && str_equal(seen->owner, claim->owner) && str_equal(seen->target_hash, claim->hash)) {
        /* An earlier claim of ours arrived after its reply was given up. The lease renews it before anything
         * is written. */
        claim->claimed_at = 0;
        *outcome = CLAIM_WON;
        *epoch = seen->epoch;
        return true;
    }
    Number lease = milliseconds(claim->lease_seconds);
    Number row = number(seen->row_id), old_epoch = number(seen->epoch), beat = number(seen->beat);
    const char *values[] = { claim->owner,
                             or_null(claim->owner_info),
                             claim->hash,
                             or_null(claim->commit),
                             or_null(claim->lineage),
                             lease.text,
                             row.text,
                             old_epoch.text,
                             seen->hash,
                             seen->owner,
                             beat.text,
                             or_null(claim->held) };
    const Change change = { .sql = claim_sql,
                            .values = values,
                            .count = sizeof values / sizeof values[0],
                            .fate = fate_of_claim,
                            .context = &stake };
    bool won;
    if (!change_row(database, &change, &won, err))
        return error_context(err, "cannot take the import lock");
    *outcome = won ? CLAIM_WON : CLAIM_LOST;
    if (won)
        *epoch = stake.epoch;
    return true;
}

bool marker_claimable(const Marker *seen, double lease_seconds, Watch *watch) {
    if (!seen->owner)
        return true;
    int64_t now = timer_now(CLOCK_MONOTONIC);
    if (watch->since == 0 || watch->epoch != seen->epoch || watch->beat != seen->beat) {
        *watch = (Watch){ .epoch = seen->epoch, .beat = seen->beat, .since = now };
        return false;
    }
    return !seen->lease_live && now - watch->since >= timer_span(lease_seconds);
}

bool claim_renew(Database *database, const char *owner, int64_t epoch, double lease_seconds, bool *ours,
                 Error *err) {
    Number lease = milliseconds(lease_seconds), our_epoch = number(epoch);
    const char *const values[] = { owner, our_epoch.text, lease.text };
    const Statement renew = {
        .sql = "UPDATE directus_settings SET schema_sync_beat = COALESCE(schema_sync_beat, 0) + 1,"
               " schema_sync_lease_until = clock_timestamp() + $3::bigint * interval '1 millisecond'"
               " WHERE schema_sync_owner = $1::text AND schema_sync_epoch = $2::bigint"
               " AND schema_sync_state = 'importing' RETURNING schema_sync_beat",
        .values = values,
        .count = 3,
    };
    AUTO(Answer) answer = { 0 };
    statement_change(database, &renew, &answer);
    if (answer.kind != ANSWER_ROWS) {
        *err = answer.error;
        return false;
    }
    *ours = answer_rows(&answer) > 0;
    return true;
}

/* ---- COMMIT, FAIL, RELEASE ---- */

static Fate fate_of_commit(const Marker *now, const void *context) {
    const Stake *stake = context;
    if (is_clean_at(now, stake->hash))
        return FATE_DONE;
    return still_ours(now, stake) ? FATE_OPEN : FATE_LOST;
}

bool marker_commit(Database *database, const Claim *claim, int64_t epoch, const Applied *applied,
                   Error *err) {
    static const char sql[] =
        "UPDATE directus_settings SET schema_sync_state = 'clean', schema_sync_hash = $4::text,"
        " schema_sync_sections = $5::text, schema_sync_commit = $6::text, schema_sync_worktree = $7::boolean,"
        " schema_sync_lineage = $8::text, schema_sync_applied_at = clock_timestamp(), schema_sync_owner = "
        "NULL,"
        " schema_sync_lease_until = NULL, schema_sync_target_hash = NULL,"
        " schema_sync_target_commit = NULL, schema_sync_target_lineage = NULL, schema_sync_error = NULL,"
        " schema_sync_held = $9::text, schema_sync_attempts = 0"
        " WHERE schema_sync_owner = $1::text AND schema_sync_epoch = $2::bigint AND schema_sync_state = "
        "'importing'"
        " AND schema_sync_target_hash = $3::text AND schema_sync_lease_until > clock_timestamp()"
        " RETURNING schema_sync_epoch";
    const Stake stake = { .owner = claim->owner, .epoch = epoch, .hash = applied->hash };
    Number our_epoch = number(epoch);
    const char *values[] = { claim->owner,
                             our_epoch.text,
                             claim->hash,
                             applied->hash,
                             or_null(applied->sections),
                             or_null(applied->commit),
                             applied->worktree ? "true" : "false",
                             or_null(applied->lineage),
                             or_null(applied->held) };
    const Change change = { .sql = sql,
                            .values = values,
                            .count = sizeof values / sizeof values[0],
                            .fate = fate_of_commit,
                            .context = &stake };
    bool ours;
    if (!change_row(database, &change, &ours, err))
        return error_context(err, "cannot record the import");
    return ours || lost_claim(database, err);
}

static Fate fate_of_end(const Marker *now, const void *context) {
    const Stake *stake = context;
    if (still_ours(now, stake))
        return FATE_OPEN;
    return now->epoch == stake->epoch && !now->owner ? FATE_DONE : FATE_LOST;
}

/* A message may quote bytes of a file; PostgreSQL takes valid UTF-8 only, and a failure must not go
 * unrecorded. */
static void clean_text(const char *text, size_t limit, Buf *clean) {
    size_t length = strlen(text);
    for (size_t at = 0; at < length && clean->length < limit;) {
        size_t sequence = str_utf8_sequence(text + at, length - at);
        if (sequence > 0)
            buf_append(clean, text + at, sequence);
        else
            buf_putc(clean, '?');
        at += sequence > 0 ? sequence : 1;
    }
}

bool marker_fail(Database *database, const Claim *claim, int64_t epoch, const char *error, Error *err) {
    enum { LONGEST = 2000 };
    AUTO(Buf) clean = { 0 };
    clean_text(error ? error : "", LONGEST, &clean);
    const Stake stake = { .owner = claim->owner, .epoch = epoch };
    Number our_epoch = number(epoch);
    const char *values[] = { claim->owner, our_epoch.text, or_null(buf_text(&clean)) };
    const Change change = {
        .sql = "UPDATE directus_settings SET schema_sync_state = 'failed', schema_sync_owner = NULL,"
               " schema_sync_lease_until = NULL, schema_sync_error = $3::text"
               " WHERE schema_sync_owner = $1::text AND schema_sync_epoch = $2::bigint"
               " AND schema_sync_state = 'importing' RETURNING schema_sync_epoch",
        .values = values,
        .count = 3,
        .fate = fate_of_end,
        .context = &stake,
    };
    bool ours;
    if (!change_row(database, &change, &ours, err))
        return error_context(err, "cannot record the failure");
    return ours || lost_claim(database, err);
}

bool marker_release(Database *database, const Claim *claim, int64_t epoch, const Marker *seen, Error *err) {
    static const char sql[] =
        "UPDATE directus_settings SET schema_sync_state = $3::text, schema_sync_owner = NULL,"
        " schema_sync_owner_info = $10::text, schema_sync_lease_until = NULL, schema_sync_target_hash = "
        "$4::text,"
        " schema_sync_target_commit = $5::text, schema_sync_target_lineage = $6::text,"
        " schema_sync_attempts = $7::integer, schema_sync_error = $8::text, schema_sync_held = $9::text"
        " WHERE schema_sync_owner = $1::text AND schema_sync_epoch = $2::bigint AND schema_sync_state = "
        "'importing'"
        " RETURNING schema_sync_epoch";
    /* Taken over from an importer that died: what it left is half done, and its target says how to finish it.
     */
    bool was_clean = str_equal(seen->state, "clean");
    bool was_dead = str_equal(seen->state, "importing");
    const Stake stake = { .owner = claim->owner, .epoch = epoch };
    Number our_epoch = number(epoch), attempts = number(was_clean ? 0 : seen->attempts);
    const char *values[] = { claim->owner,
                             our_epoch.text,
                             was_clean ? "clean" : "failed",
                             was_clean ? NULL : seen->target_hash,
                             was_clean ? NULL : seen->target_commit,
                             was_clean ? NULL : seen->target_lineage,
                             attempts.text,
                             was_dead ? "the importer ended without a word" : seen->error,
                             seen->held,
                             or_null(seen->owner_info) };
    const Change change = { .sql = sql,
                            .values = values,
                            .count = sizeof values / sizeof values[0],
                            .fate = fate_of_end,
                            .context = &stake };
    bool ours;
    if (!change_row(database, &change, &ours, err))
        return error_context(err, "cannot release the import lock");
    return ours || lost_claim(database, err);
}

/* ---- by hand, and after an export ---- */

static Fate fate_of_unlock(const Marker *now, const void *context) {
    return still_ours(now, context) ? FATE_OPEN : FATE_DONE;
}

static bool not_the_holder(const Marker *now, const char *owner, Error *err) {
    if (!now->owner)
        error_set(err, ERR_LOCK, "nobody holds the import lock");
    else
        error_set(err, ERR_LOCK, "the import lock is held by %s, not by %s", now->owner, owner);
    return error_hint(err, "see `schema-sync status`");
}

bool marker_unlock(Database *database, const char *owner, Error *err) {
    AUTO(Marker) now = { 0 };
    if (!marker_read(database, &now, err))
        return false;
    if (!now.owner || !str_equal(now.owner, owner))
        return not_the_holder(&now, owner, err);
    const Stake stake = { .owner = owner, .epoch = now.epoch };
    Number epoch = number(now.epoch);
    const char *values[] = { owner, epoch.text };
    const Change change = {
        .sql =
            "UPDATE directus_settings SET schema_sync_state = 'failed', schema_sync_owner = NULL,"
            " schema_sync_owner_info = NULL, schema_sync_lease_until = NULL,"
            " schema_sync_error = 'the lock was released by hand', schema_sync_epoch = schema_sync_epoch + 1"
            " WHERE schema_sync_owner = $1::text AND schema_sync_epoch = $2::bigint RETURNING "
            "schema_sync_epoch",
        .values = values,
        .count = 2,
        .fate = fate_of_unlock,
        .context = &stake,
    };
    bool freed;
    if (!change_row(database, &change, &freed, err))
        return error_context(err, "cannot free the import lock");
    if (freed)
        return true;
    return marker_read(database, &now, err) && not_the_holder(&now, owner, err);
}

static Fate fate_of_record(const Marker *now, const void *context) {
    const Stake *stake = context;
    if (now->epoch != stake->epoch || now->owner)
        return FATE_LOST;
    if (str_equal(now->hash, stake->seen->hash))
        return FATE_OPEN;
    return is_clean_at(now, stake->hash) ? FATE_DONE : FATE_LOST;
}

bool marker_saw(Database *database, const Marker *seen, const Applied *applied, bool *done, Error *err) {
    static const char sql[] =
        "UPDATE directus_settings SET schema_sync_state = 'clean', schema_sync_hash = $4::text,"
        " schema_sync_sections = $5::text, schema_sync_commit = $6::text, schema_sync_worktree = $7::boolean,"
        " schema_sync_lineage = $8::text, schema_sync_owner_info = $9::text, schema_sync_applied_at = "
        "clock_timestamp(),"
        " schema_sync_target_hash = NULL, schema_sync_target_commit = NULL, schema_sync_target_lineage = "
        "NULL,"
        " schema_sync_held = CASE WHEN schema_sync_state = 'failed' THEN NULL ELSE schema_sync_held END,"
        " schema_sync_error = NULL, schema_sync_attempts = 0"
        " WHERE id = $1::bigint AND COALESCE(schema_sync_epoch, 0) = $2::bigint"
        " AND schema_sync_hash IS NOT DISTINCT FROM $3::text AND schema_sync_owner IS NULL"
        " AND COALESCE(schema_sync_state, 'clean') IN ('clean', 'failed') RETURNING schema_sync_epoch";
    const Stake stake = { .epoch = seen->epoch, .hash = applied->hash, .seen = seen };
    Number row = number(seen->row_id), epoch = number(seen->epoch);
    const char *values[] = { row.text,
                             epoch.text,
                             seen->hash,
                             applied->hash,
                             or_null(applied->sections),
                             or_null(applied->commit),
                             applied->worktree ? "true" : "false",
                             or_null(applied->lineage),
                             or_null(applied->by) };
    const Change change = { .sql = sql,
                            .values = values,
                            .count = sizeof values / sizeof values[0],
                            .fate = fate_of_record,
                            .context = &stake };
    return change_row(database, &change, done, err) || error_context(err, "cannot record the export");
}
