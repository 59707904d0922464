#include "sync/plan_file.h"

#include <string.h>

#include "base/file.h"

static bool write_private(const char *path, const Buf *text, Error *err) {
    AUTO(Folder) folder = { .fd = -1 };
    AUTO(FileWriter) writer = { .fd = -1 };
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    AUTO(Buf) above = { 0 };
    buf_append(&above, path, slash ? (size_t)(slash - path) : 0);
    if (slash == path)
        buf_putc(&above, '/');
    return folder_open(&folder, slash ? buf_text(&above) : ".", false, err) &&
           file_writer_begin(&writer, &folder, name, err) && file_writer_private(&writer, err) &&
           file_writer_write(&writer, buf_text(text), text->length, err) &&
           file_writer_commit(&writer, err) && folder_sync(&folder, "", err);
}

bool plan_file_write(const char *path, const Config *config, const char *mode, const ImportOptions *options,
                     const ImportResult *result, Error *err) {
    AUTO(SavedPlan)
    saved = {
        .environment = config->environment,
        .url = config->url,
        .files_hash = result->files_hash,
        .hash = result->hash,
        .mode = mode,
        .only = options->only,
        .ref = config->ref,
        .again = options->again,
        .allow_version = options->allow_version,
    };
    AUTO(Buf) text = { 0 };
    saved_plan_take(&saved, &result->plan);
    saved_plan_text(&saved, &text);
    if (write_private(path, &text, err))
        return true;
    err->kind = ERR_IO; /* a folder that is not there is no fault of the state files */
    return error_context(err, "--out %s", path);
}

bool plan_file_read(const char *path, SavedPlan *saved, Error *err) {
    enum { MOST = 256 << 20 };
    AUTO(Buf) text = { 0 };
    bool found = false;
    if (!file_read(path, MOST, &text, &found, err))
        return error_context(err, "--plan");
    if (!found) {
        error_set(err, ERR_FILES, "--plan: there is no file %s", path);
        return error_hint(err, "`schema-sync diff --out %s` makes one", path);
    }
    return saved_plan_parse(saved, path, buf_text(&text), text.length, err);
}
