/*
 * Writing the state's files, so that equal ones stay untouched: new content is compared with what stands
 * while it comes in, and only from the first difference on is anything written, beside the file's place.
 * Changed files are brought to the disk in batches and then renamed; the folder is marked with `.incomplete`
 * before the first of them.
 */
#ifndef SCHEMA_SYNC_REPO_OUTPUT_H
#define SCHEMA_SYNC_REPO_OUTPUT_H

#include "repo/state_files.h"

/* So many files wait for the disk together; each holds two descriptors. */
enum { OUTPUT_BATCH = 64 };

typedef struct {
    char kind; /* 'A', 'M' or 'D' */
    const char *path;
} FileChange;

typedef struct {
    Arena arena;
    const char *root, *state_dir;
    bool check;         /* compare only */
    const char *origin; /* of StateWriteOptions; the caller's */
    /* Is told of each existing file that is about to be replaced, while it stands; NULL = nobody is. */
    bool (*replacing)(const char *path, void *context, Error *err);
    void *context;
    Folder folder;
    bool folder_exists;
    bool mark_stood; /* an earlier export was interrupted */
    bool marked;     /* our own mark stands */
    bool changed;    /* a file was renamed or removed */
    StateFiles existing;
    bool *seen; /* parallel to existing: the new state has it */
    bool *kept; /* parallel to existing: it stays although the new state was not given it; the caller's */
    Manifest manifest;
    FileChange *changes;
    size_t change_count, change_capacity;
    FileWriter batch[OUTPUT_BATCH];
    size_t batch_count;

    /* the file being written */
    const char *path;
    Digest digest;
    Buf pending;
    int old;          /* what stands, open for comparing; -1 when there is none */
    uint64_t matched; /* bytes equal so far */
    bool differs;
    FileWriter file;
} Output;

/* Opens, locks and lists the folder, if there is one. */
bool output_open(Output *output, const char *root, const char *state_dir, bool check, Error *err);
/* One file: begin, write, end. The path goes into the manifest when files of its kind do. */
bool output_begin(Output *output, const char *path, Error *err);
bool output_write(Output *output, const void *data, size_t length, Error *err);
bool output_end(Output *output, Error *err);
/* Keeps an existing file as it is. */
bool output_keep(Output *output, size_t existing, Error *err);
/* Removes an existing file. */
bool output_remove(Output *output, size_t existing, Error *err);
/* Brings everything to the disk, takes the mark away and sorts changes and manifest. */
bool output_finish(Output *output, Error *err);
/* Also without finish: then the mark stays if a file was changed. */
void output_close(Output *output);

#endif
