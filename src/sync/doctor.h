/*
 * doctor: every check of checks.h at once, on the files and the instance of one environment.
 */
#ifndef SCHEMA_SYNC_SYNC_DOCTOR_H
#define SCHEMA_SYNC_SYNC_DOCTOR_H

#include <stddef.h>

#include "base/error.h"
#include "base/mem.h"
#include "config/config.h"

typedef enum { FINDING_OK, FINDING_WARNING, FINDING_BLOCKER } FindingLevel;

typedef struct {
    const char *check; /* the row's name: "postgis" */
    FindingLevel level;
    ErrorKind kind;   /* of a blocker: what an import would end with */
    const char *text; /* one line */
    const char *mend; /* what to do; NULL where nothing is to be done */
} Finding;

typedef struct {
    Arena arena;
    Finding *findings; /* in the order of the table */
    size_t count;
    ErrorKind worst; /* of the first blocker, ERR_NONE without one */
    size_t warnings, blockers, requests;
} DoctorResult;

/* Looks, and writes nothing. What is found, blockers among it, is the result; it never fails. */
void sync_doctor(const Config *config, bool allow_version, DoctorResult *result);
void doctor_result_free(DoctorResult *result);
AUTO_DEFINE(DoctorResult, doctor_result_free);

#endif
