#include "model/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

static void print_hex(XXH128_hash_t hash, char hex[DIGEST_HEX]) {
    XXH128_canonical_t canonical; /* big-endian on every machine */
    XXH128_canonicalFromHash(&canonical, hash);
    for (size_t i = 0; i < sizeof canonical.digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", canonical.digest[i]);
}

void digest_begin(Digest *digest) {
    digest_abandon(digest);
    digest->state = XXH3_createState();
    if (!digest->state)
        mem_exhausted();
    XXH3_128bits_reset(digest->state);
}

void digest_update(Digest *digest, const void *data, size_t length) {
    if (length > 0)
        XXH3_128bits_update(digest->state, data, length);
}

void digest_end(Digest *digest, char hex[DIGEST_HEX]) {
    print_hex(XXH3_128bits_digest(digest->state), hex);
    digest_abandon(digest);
}

void digest_abandon(Digest *digest) {
    if (!digest->state)
        return;
    XXH3_freeState(digest->state);
    digest->state = NULL;
}

void digest_of(const void *data, size_t length, char hex[DIGEST_HEX]) {
    print_hex(XXH3_128bits(data, length), hex);
}

void digest_short(const char *text, char hex[9]) {
    char whole[DIGEST_HEX];
    digest_of(text, strlen(text), whole);
    memcpy(hex, whole, 8);
    hex[8] = '\0';
}

void manifest_add(Manifest *manifest, const char *path, const char hex[DIGEST_HEX]) {
    ManifestEntry entry = { .path = arena_strdup(&manifest->arena, path) };
    memcpy(entry.hex, hex, DIGEST_HEX);
    ARENA_PUSH(&manifest->arena, manifest->entries, manifest->count, manifest->capacity, entry);
}

static int compare_entries(const void *a, const void *b) {
    const ManifestEntry *left = a;
    const ManifestEntry *right = b;
    return strcmp(left->path, right->path);
}

void manifest_finish(Manifest *manifest) {
    if (manifest->count > 1)
        qsort(manifest->entries, manifest->count, sizeof *manifest->entries, compare_entries);
}

const ManifestEntry *manifest_find(const Manifest *manifest, const char *path) {
    ManifestEntry wanted = { .path = path };
    if (manifest->count == 0)
        return NULL;
    return bsearch(&wanted, manifest->entries, manifest->count, sizeof wanted, compare_entries);
}

void manifest_text(const Manifest *manifest, Buf *out) {
    for (size_t i = 0; i < manifest->count; i++) {
        buf_puts(out, manifest->entries[i].hex);
        buf_puts(out, "  ");
        buf_puts(out, manifest->entries[i].path);
        buf_putc(out, '\n');
    }
}

void manifest_hash(const Manifest *manifest, char hex[DIGEST_HEX]) {
    AUTO(Buf) text = { 0 };
    manifest_text(manifest, &text);
    digest_of(buf_text(&text), text.length, hex);
}

void manifest_free(Manifest *manifest) {
    arena_free(&manifest->arena);
    *manifest = (Manifest){ 0 };
}
