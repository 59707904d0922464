/*
 * What a Directus can do, by its version: the one place that knows.
 *
 * What an answer itself shows (the schema's systemFields, a record's members) is asked of the answer and is
 * not here.
 */
#ifndef SCHEMA_SYNC_DIRECTUS_VERSIONS_H
#define SCHEMA_SYNC_DIRECTUS_VERSIONS_H

#include <stdbool.h>

typedef struct {
    int major, minor, patch;
    bool has_policies; /* 11: policies and access. Before, a role carries what it may do, and permissions name
                          the role (null = the public); see version_10.h */
    bool sorts_arrays; /* before 11.2: lists of plain values in the schema's snapshot stand sorted, whatever
                          their order is (directus/directus#23598) */
    bool has_license;  /* 12: GET /license; without one, limits and hidden permissions */
    bool has_utils_import; /* 12.2: POST /utils/import takes several collections, in one transaction */
    bool has_flow_folders; /* 12.4: the newest fields of its own that fields.c knows */
} Version;

/* "11.17.4", "12.0.0-rc.1"; a text that is no version is 0.0.0, which is not supported. */
Version version_parse(const char *text);
/* 10.13 or newer. */
bool version_is_supported(const Version *version);
/* The first part in which two versions differ; NONE too when one of them is no version. */
typedef enum { DISTANCE_NONE, DISTANCE_PATCH, DISTANCE_MINOR, DISTANCE_MAJOR } Distance;
Distance version_distance(const Version *from, const Version *to);
bool version_is_older(const Version *version, const Version *than);
/* For messages: "10.13". */
#define VERSION_OLDEST "10.13"

#endif
