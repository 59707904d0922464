/*
 * Content hashes: XXH3-128, printed as 32 lower-case hex digits in canonical (big-endian) form, which is what
 * `xxhsum -H2` prints.
 *
 * Digest is a running hash that can be fed while the same bytes are written: one pass. The manifest is the
 * list of a state's files, sorted by path, a line "<hex>  <path>\n" each: `xxhsum -c` checks it. The content
 * hash of a state is the digest of its manifest.
 */
#ifndef SCHEMA_SYNC_MODEL_DIGEST_H
#define SCHEMA_SYNC_MODEL_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/str.h"

enum { DIGEST_HEX = 33 }; /* 32 digits and the NUL */

typedef struct {
    struct XXH3_state_s *state; /* NULL when idle; made by digest_begin */
} Digest;

void digest_begin(Digest *digest);
void digest_update(Digest *digest, const void *data, size_t length);
void digest_end(Digest *digest, char hex[DIGEST_HEX]); /* frees the state */
void digest_abandon(Digest *digest);
AUTO_DEFINE(Digest, digest_abandon);

/* The digest of one piece. */
void digest_of(const void *data, size_t length, char hex[DIGEST_HEX]);
/* The first 8 hex digits of digest_of: the suffix of file names (collisions are looked for by the caller). */
void digest_short(const char *text, char hex[9]);

typedef struct {
    const char *path;
    char hex[DIGEST_HEX];
} ManifestEntry;

typedef struct {
    Arena arena;
    ManifestEntry *entries;
    size_t count, capacity;
} Manifest;

void manifest_add(Manifest *manifest, const char *path, const char hex[DIGEST_HEX]);
/* Sorts by path (bytes). */
void manifest_finish(Manifest *manifest);
const ManifestEntry *manifest_find(const Manifest *manifest, const char *path);
void manifest_text(const Manifest *manifest, Buf *out);
/* The content hash: digest of manifest_text. */
void manifest_hash(const Manifest *manifest, char hex[DIGEST_HEX]);
void manifest_free(Manifest *manifest);
AUTO_DEFINE(Manifest, manifest_free);

#endif
