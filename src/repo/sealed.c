#include "repo/sealed.h"

#include <string.h>

#include "base/file.h"
#include "repo/state_files.h"

/* "<32 hex digits>  <path>", as manifest_text writes them. */
static bool parse_line(const char *line, size_t length, Manifest *out) {
    enum { HEX = DIGEST_HEX - 1 };
    char hex[DIGEST_HEX] = "";
    if (length < HEX + 3 || strspn(line, "0123456789abcdef") != HEX || memcmp(line + HEX, "  ", 2) != 0)
        return false;
    memcpy(hex, line, HEX);
    AUTO(Buf) path = { 0 };
    buf_append(&path, line + HEX + 2, length - HEX - 2);
    manifest_add(out, buf_text(&path), hex);
    return true;
}

static bool parse_sealed(const Buf *text, Manifest *out, Error *err) {
    size_t number = 1;
    for (const char *line = buf_text(text); *line; number++) {
        size_t length = strcspn(line, "\n");
        if (!parse_line(line, length, out)) {
            error_set(err, ERR_FILES, "%s: line %zu is no line of a manifest", STATE_SEALED, number);
            return error_hint(err, "run `schema-sync seal` again where the state was sealed");
        }
        line += length + (line[length] == '\n');
    }
    manifest_finish(out);
    return true;
}

static bool mismatch(const char *state_dir, const char *path, const char *what, Error *err) {
    error_set(err, ERR_FILES, "%s/%s %s (%s)", state_dir, path, what, STATE_SEALED);
    return error_hint(
        err,
        "bring back the files that were sealed; if they changed on purpose, commit them and run `schema-sync "
        "seal` again, or remove %s and schema-sync.lineage here: they are for what carries no .git",
        STATE_SEALED);
}

bool sealed_check(const char *root, const char *state_dir, const Manifest *manifest, Error *err) {
    AUTO(Folder) folder = { .fd = -1 };
    AUTO(Buf) text = { 0 };
    AUTO(Manifest) sealed = { 0 };
    bool found;
    if (!folder_open(&folder, root, false, err) ||
        !folder_read(&folder, STATE_SEALED, STATE_FILE_LIMIT, &text, &found, err))
        return false;
    if (!found)
        return true;
    if (!parse_sealed(&text, &sealed, err))
        return false;
    for (size_t i = 0, j = 0; i < sealed.count || j < manifest->count;) {
        const ManifestEntry *was = i < sealed.count ? &sealed.entries[i] : NULL;
        const ManifestEntry *is = j < manifest->count ? &manifest->entries[j] : NULL;
        int order = !was ? 1 : !is ? -1 : strcmp(was->path, is->path);
        if (was && order < 0)
            return mismatch(state_dir, was->path, "is missing, which the sealed manifest has", err);
        if (is && order > 0)
            return mismatch(state_dir, is->path, "is not in the sealed manifest", err);
        if (was && is && strcmp(was->hex, is->hex) != 0)
            return mismatch(state_dir, is->path, "differs from the sealed manifest", err);
        i++;
        j++;
    }
    return true;
}
