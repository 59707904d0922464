/* doctor: opens what an import opens, only to look, and runs every check on it. */
#include "sync/doctor.h"

#include <string.h>
#include <time.h>

#include "directus/read.h"
#include "model/identity.h"
#include "sync/checks.h"
#include "sync/common.h"
#include "sync/environment.h"
#include "sync/secrets.h"

typedef struct {
    const Config *config;
    State state;
    Database *database;
    Marker marker;
    Session *session;
    Instance instance;
    Snapshot target, wanted;
    Plan plan; /* only for its notes */
    IdMap *map;
    Bridge bridge;
    Error files_fault, database_fault, instance_fault, target_fault, version_fault;
    Checkup checkup;
} Doctor;

static double now_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* As an import of everything would. */
static bool fill_placeholders(Doctor *doctor) {
    AUTO(Arena) arena = { 0 };
    AUTO(Placeholders) placeholders = { 0 };
    Selection all;
    Error *fault = &doctor->files_fault;
    return scope_select(&doctor->config->scope, NULL, &arena, &all, fault) &&
           secrets_fill(doctor->config, &all, &doctor->state, &placeholders, fault);
}

static void open_files(Doctor *doctor) {
    const Config *config = doctor->config;
    if (state_read(config->root, config->state_dir, &doctor->state, &doctor->files_fault) &&
        environment_apply(config, &doctor->state.snapshot, &doctor->files_fault) &&
        fill_placeholders(doctor)) {
        doctor->checkup.state = &doctor->state;
        doctor->checkup.files = &doctor->state.snapshot;
    } else {
        doctor->checkup.files_fault = &doctor->files_fault;
    }
}

static void open_database(Doctor *doctor) {
    if (!secret_is_set(&doctor->config->database))
        return;
    if (database_open(secret_reveal(&doctor->config->database), &doctor->database, &doctor->database_fault) &&
        marker_read(doctor->database, &doctor->marker, &doctor->database_fault)) {
        doctor->checkup.database = doctor->database;
        doctor->checkup.marker = &doctor->marker;
    } else {
        doctor->checkup.database_fault = &doctor->database_fault;
    }
}

/* Without an address or credentials nothing is opened: check_config says what is missing. */
static void open_instance(Doctor *doctor) {
    Checkup *checkup = &doctor->checkup;
    Error missing = { 0 };
    if (!config_need_instance(doctor->config, &missing))
        return;
    double began = now_seconds();
    if (!instance_open(doctor->config, true, &doctor->session, &doctor->instance, &doctor->instance_fault))
        checkup->instance_fault = &doctor->instance_fault;
    checkup->answered_in = now_seconds() - began;
    checkup->session = doctor->session;
    if (doctor->instance.directus)
        checkup->instance = &doctor->instance;
}

/* Only to compare the files with, which become what the target's version can hold, as for an import. */
static void read_target(Doctor *doctor, bool allow_version) {
    Checkup *checkup = &doctor->checkup;
    Snapshot *files = &doctor->state.snapshot;
    const bool *sections = doctor->config->scope.sections;
    ImportOptions options = { .allow_version = allow_version };
    if (!checkup->instance || checkup->instance_fault || !checkup_has_files(checkup))
        return;
    bridge_access(&doctor->bridge, files, &doctor->instance, sections);
    doctor->map = idmap_new();
    if (!directus_read(doctor->session, &doctor->instance, sections, &doctor->target, NULL,
                       &doctor->target_fault)) {
        checkup->target_fault = &doctor->target_fault;
        return;
    }
    identity_align(&doctor->target, files, doctor->map);
    checkup->target = &doctor->target;
    checkup->bridge = &doctor->bridge;
    if (!bridge_cross(&doctor->bridge, doctor->session, &options, files, &doctor->target, sections,
                      &doctor->version_fault))
        checkup->version_fault = &doctor->version_fault;
    if (json_is_null(&doctor->config->scope.ignore))
        return;
    environment_leave_alone(doctor->config, files, &doctor->target, &doctor->wanted, &doctor->plan);
    checkup->files = &doctor->wanted;
}

static const char *copy(Arena *arena, const char *text) {
    return text ? arena_strdup(arena, text) : NULL;
}

static void take_findings(const Checkup *checkup, DoctorResult *result) {
    result->findings = arena_array(&result->arena, checkup->count + 1, sizeof *result->findings);
    result->count = checkup->count;
    for (size_t i = 0; i < checkup->count; i++) {
        Finding *finding = &result->findings[i];
        *finding = checkup->findings[i];
        finding->text = copy(&result->arena, finding->text);
        finding->mend = copy(&result->arena, finding->mend);
        result->warnings += finding->level == FINDING_WARNING;
        if (finding->level == FINDING_BLOCKER && result->blockers++ == 0)
            result->worst = finding->kind;
    }
}

void sync_doctor(const Config *config, bool allow_version, DoctorResult *result) {
    Doctor doctor = { .config = config };
    Checkup *checkup = &doctor.checkup;
    *checkup = (Checkup){ .config = config, .allow_version = allow_version, .thorough = true };
    open_files(&doctor);
    open_database(&doctor);
    open_instance(&doctor);
    read_target(&doctor, allow_version);
    checks_run(checkup);
    take_findings(checkup, result);
    if (doctor.session)
        result->requests = session_requests(doctor.session);
    checkup_free(checkup);
    idmap_free(&doctor.map);
    plan_free(&doctor.plan);
    snapshot_free(&doctor.wanted);
    snapshot_free(&doctor.target);
    session_close(&doctor.session);
    marker_free(&doctor.marker);
    database_close(&doctor.database);
    state_free(&doctor.state);
}

void doctor_result_free(DoctorResult *result) {
    arena_free(&result->arena);
}
