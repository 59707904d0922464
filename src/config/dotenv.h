/*
 * .env files: NAME=value a line, as dotenv and Docker Compose read them.
 *
 * An optional "export " before the name; # begins a comment at a line's start and after a space. Values are
 * bare (trimmed), in '…' or `…` (as they stand) or in "…" (with \n \r \t \" \\ \$); quoted ones may go over
 * several lines. Nothing is expanded or run: $NAME and $(command) are text. Of two lines with one name the
 * later one counts.
 *
 * The text may hold secrets: it is wiped when freed, and no error repeats a value.
 */
#ifndef SCHEMA_SYNC_CONFIG_DOTENV_H
#define SCHEMA_SYNC_CONFIG_DOTENV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

typedef struct {
    const char *name, *value; /* both in `text` */
} DotenvEntry;

typedef struct {
    Buf text; /* cut up in place */
    DotenvEntry *entries;
    size_t count, capacity;
} Dotenv;

/* Reads `path`; a missing file is empty. Faults: ERR_CONFIG with "path: line N: what", ERR_IO. */
bool dotenv_read(const char *path, Dotenv *dotenv, Error *err);
/* NULL when the name does not stand there. */
const char *dotenv_get(const Dotenv *dotenv, const char *name);
void dotenv_free(Dotenv *dotenv);
AUTO_DEFINE(Dotenv, dotenv_free);

#endif
