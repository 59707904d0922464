/*
 * Errors: a value the caller owns, filled once where the fault is found.
 *
 * Every fallible function returns bool and takes `Error *err` last. On success *err is untouched; on failure
 * it holds the kind (which is the exit status), a message in lower case that says what failed, and a hint
 * that says what to do next. Callers on the way up may prefix context ("schema/flows/send.json: …"); nobody
 * but main() prints. An Error owns no memory: texts are cut at the array's end, on a UTF-8 boundary, never
 * overrun.
 */
#ifndef SCHEMA_SYNC_BASE_ERROR_H
#define SCHEMA_SYNC_BASE_ERROR_H

#include <stdbool.h>

/* The exit statuses of the program; 64 and up follow sysexits.h. */
typedef enum {
    ERR_NONE = 0,
    ERR_CONFLICT = 1,  /* not a fault: `merge-file` left a conflict in the file */
    ERR_DIFFERENT = 2, /* not a fault: `diff` and the --check options found differences */
    ERR_USAGE = 64,    /* the command line */
    ERR_FILES = 65,    /* the state files are wrong */
    ERR_REMOTE = 69,   /* the instance, the database or the way to them */
    ERR_INTERNAL = 70, /* a bug, or out of memory */
    ERR_IO = 74,       /* local input and output */
    ERR_LOCK = 75,     /* the lock was not obtained, or was lost */
    ERR_NEWER = 76,    /* target or files are newer, or have diverged */
    ERR_REFUSED = 77,  /* credentials, TLS, rights, data loss */
    ERR_CONFIG = 78,   /* configuration or repository */
} ErrorKind;

typedef struct {
    ErrorKind kind;
    char message[2048];
    char hint[1024];
} Error;

/* Sets kind and message and clears the hint. Returns false, so that `return error_set(…)` ends a function. */
__attribute__((format(printf, 3, 4))) bool error_set(Error *err, ErrorKind kind, const char *format, ...);

/* Sets the hint: what the reader should do now. Returns false. */
__attribute__((format(printf, 2, 3))) bool error_hint(Error *err, const char *format, ...);

/* Puts "context: " before the message. Returns false. */
__attribute__((format(printf, 2, 3))) bool error_context(Error *err, const char *format, ...);

/* A result on stdout has told it already: ERR_DIFFERENT, or a fault without a message. */
static inline bool error_is_told(const Error *err) {
    return err->kind == ERR_DIFFERENT || (err->kind != ERR_NONE && !err->message[0]);
}

/* error_set with ": " and strerror(errno) behind the message; kind ERR_IO. Returns false. */
__attribute__((format(printf, 2, 3))) bool error_errno(Error *err, const char *format, ...);

#endif
