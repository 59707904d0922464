/* `.unrecorded`: whose files these are, for as long as the marker does not say so. */
#include <string.h>

#include "repo/repo.h"
#include "repo/state_files.h"

enum { LIMIT = 4096 };

void unrecorded_text(Buf *text, const char *origin, const char hash[DIGEST_HEX]) {
    buf_printf(text,
               "An export was interrupted after it wrote these files: run `schema-sync export` again.\n"
               "%s %s\n",
               origin, hash);
}

bool state_is_unrecorded(const char *root, const char *state_dir, const char *origin,
                         const char hash[DIGEST_HEX]) {
    AUTO(Folder) folder = { .fd = -1 };
    AUTO(Buf) text = { 0 }, expected = { 0 };
    Error ignored = { 0 };
    bool exists, found;
    unrecorded_text(&expected, origin, hash);
    return state_folder_open(root, state_dir, false, &folder, &exists, &ignored) && exists &&
           folder_read(&folder, STATE_UNRECORDED, LIMIT, &text, &found, &ignored) && found &&
           strcmp(buf_text(&text), buf_text(&expected)) == 0;
}

bool state_recorded(const char *root, const char *state_dir, Error *err) {
    AUTO(Folder) folder = { .fd = -1 };
    bool exists;
    return state_folder_open(root, state_dir, false, &folder, &exists, err) &&
           (!exists || folder_remove(&folder, STATE_UNRECORDED, err));
}
