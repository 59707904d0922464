/*
 * Stands in for the pipelines: what a command prints and returns is tested without a server. Each function
 * gives what the test put into `fake`, and keeps what it was asked.
 */
#ifndef SCHEMA_SYNC_TESTS_UNIT_CLI_FAKE_SYNC_H
#define SCHEMA_SYNC_TESTS_UNIT_CLI_FAKE_SYNC_H

#include <string.h>

#include "sync/doctor.h"
#include "sync/drift.h"
#include "sync/rollback.h"
#include "sync/sync.h"

typedef struct {
    Error error; /* kind set: the next call fails with it */
    unsigned calls;
    char environment[64]; /* of the Config that was handed in */
    char url[128];
    Mode mode;
    MarkerKind marker;
    ExportOptions export_options;
    ImportOptions import_options;
    bool resume;
    char to[64];
    char only[128], owner[64];
    void (*fill_export)(ExportResult *result);
    void (*fill_import)(ImportResult *result);
    void (*fill_rollback)(RollbackResult *result);
    void (*fill_hash)(HashResult *result);
    void (*fill_status)(StatusResult *result);
    void (*fill_doctor)(DoctorResult *result);
    bool allow_version;
} Fake;

static Fake fake;

static void fake_text(char *out, size_t size, const char *text) {
    snprintf(out, size, "%s", text ? text : "");
}

static bool fake_call(const Config *config, Error *err) {
    fake.calls++;
    fake_text(fake.environment, sizeof fake.environment, config->environment);
    fake_text(fake.url, sizeof fake.url, config->url);
    fake.mode = config->scope.section_modes[SECTION_FLOWS];
    fake.marker = config->marker;
    if (fake.error.kind == ERR_NONE)
        return true;
    *err = fake.error;
    return false;
}

bool sync_export(const Config *config, const ExportOptions *options, ExportResult *result, Error *err) {
    fake.export_options = *options;
    fake_text(fake.only, sizeof fake.only, options->only);
    if (!fake_call(config, err))
        return false;
    if (fake.fill_export)
        fake.fill_export(result);
    return true;
}

void export_result_free(ExportResult *result) {
    buf_free(&result->changes);
}

bool sync_import(const Config *config, const ImportOptions *options, ImportResult *result, Error *err) {
    fake.import_options = *options;
    fake_text(fake.only, sizeof fake.only, options->only);
    if (!fake_call(config, err))
        return false;
    if (fake.fill_import)
        fake.fill_import(result);
    return true;
}

void import_result_free(ImportResult *result) {
    plan_free(&result->plan);
}

bool sync_install(const Config *config, bool print_sql, Buf *sql, Error *err) {
    if (print_sql)
        buf_puts(sql, "ALTER TABLE;\n");
    return fake_call(config, err);
}

bool sync_hash(const Config *config, HashResult *result, Error *err) {
    if (!fake_call(config, err))
        return false;
    if (fake.fill_hash)
        fake.fill_hash(result);
    return true;
}

void hash_result_free(HashResult *result) {
    manifest_free(&result->manifest);
}

/* fill_status() may give it more, and other ones. */
static TargetStatus targets[3];

bool sync_status(const Config *config, StatusResult *result, Error *err) {
    if (!fake_call(config, err))
        return false;
    result->targets = targets;
    result->target_count = 1;
    if (fake.fill_status)
        fake.fill_status(result);
    return true;
}

bool sync_lock_status(const Config *config, StatusResult *result, Error *err) {
    return sync_status(config, result, err);
}

bool sync_status_all(const Config *config, const StatusTarget *asked, size_t count, StatusResult *result,
                     Error *err) {
    (void)asked;
    (void)count;
    return sync_status(config, result, err);
}

void status_result_free(StatusResult *result) {
    arena_free(&result->arena);
}

bool sync_drift(const Config *config, DriftResult *result, Error *err) {
    (void)result;
    return fake_call(config, err);
}

void drift_result_free(DriftResult *result) {
    (void)result;
}

bool sync_committed_config(const char *ref, Buf *text, bool *found, Error *err) {
    (void)ref;
    (void)text;
    (void)err;
    *found = false;
    return true;
}

void sync_doctor(const Config *config, bool allow_version, DoctorResult *result) {
    Error ignored = { 0 };
    fake_call(config, &ignored);
    fake.allow_version = allow_version;
    if (fake.fill_doctor)
        fake.fill_doctor(result);
}

void doctor_result_free(DoctorResult *result) {
    arena_free(&result->arena);
}

bool sync_lock_release(const Config *config, const char *owner, Error *err) {
    fake_text(fake.owner, sizeof fake.owner, owner);
    return fake_call(config, err);
}

bool sync_rollback(const Config *config, const RollbackOptions *options, RollbackResult *result, Error *err) {
    fake.import_options = options->import;
    fake.resume = options->resume;
    fake_text(fake.to, sizeof fake.to, options->to);
    if (!fake_call(config, err))
        return false;
    if (fake.fill_rollback)
        fake.fill_rollback(result);
    return true;
}

void rollback_result_free(RollbackResult *result) {
    import_result_free(&result->import);
    arena_free(&result->arena);
}

#endif
