/*
 * What commands print: verdict lines that name both sides, and JSON documents.
 */
#ifndef SCHEMA_SYNC_CLI_REPORT_H
#define SCHEMA_SYNC_CLI_REPORT_H

#include "base/json.h"
#include "base/str.h"
#include "cli/command.h"

/* "prod — https://cms.example.com", without the name for the default environment, without the URL when none
 * is set. */
void report_instance(const Config *config, Buf *out);
/* "schema/" */
void report_files(const Config *config, Buf *out);
/* "1a2b3c4d…" */
void report_hash(const char *hash, Buf *out);
/* "1 file", "3 files" */
void report_count(uint64_t count, const char *singular, const char *plural, Buf *out);

/* Opens a document with the members all of them have: environment and url. */
JsonObjectBuilder report_begin(const Config *config, Arena *arena);
void report_put_text(JsonObjectBuilder *object, const char *key, const char *text); /* NULL gives null */
void report_put_count(JsonObjectBuilder *object, const char *key, uint64_t count);
/* Pretty canonical JSON and a newline. */
void report_text(JsonObjectBuilder *object, Buf *out);
/* The same on stdout. */
void report_print(JsonObjectBuilder *object);
/* Text on stdout; whether it arrived is asked once, at the end (cli_run). */
void report_put(const Buf *text);
/* What was put did not arrive because its reader went away (head, a pager that was left). Asks the
 * descriptor: errno may be that of anything since. */
bool report_is_left(void);

#endif
