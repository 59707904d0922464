/*
 * The dispatcher: reads the command line, loads what the command needs, runs it.
 */
#ifndef SCHEMA_SYNC_CLI_CLI_H
#define SCHEMA_SYNC_CLI_CLI_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

/* Runs one command to its end. Results are on stdout; the error is the caller's to print (cli_error). */
bool cli_run(int argc, char *const *argv, char *const *environment, Error *err);

/* Whether the command line asks for JSON; works on wrong ones too. */
bool cli_wants_json(int argc, char *const *argv);
/* The error as the user reads it: "schema-sync: message" and "  hint: …", or one JSON document. */
void cli_error(const Error *fault, bool json, Buf *out);

#endif
