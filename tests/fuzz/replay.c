/* Without libFuzzer: runs a harness once over each file of the folders it is given. */
#include <stdio.h>

#include "base/file.h"
#include "fuzz/fuzz.h"

static size_t replayed;

static bool replay(const char *path, uint64_t size, void *context, Error *err) {
    (void)size;
    AUTO(Buf) data = { 0 };
    if (!folder_read(context, path, 0, &data, NULL, err))
        return false;
    LLVMFuzzerTestOneInput((const uint8_t *)buf_text(&data), data.length);
    replayed++;
    return true;
}

int main(int count, char **paths) {
    for (int i = 1; i < count; i++) {
        AUTO(Folder) folder = { .fd = -1 };
        Error err = { 0 };
        if (!folder_open(&folder, paths[i], false, &err) ||
            !folder_walk(&folder, false, replay, &folder, &err)) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
    }
    printf("%zu inputs replayed\n", replayed);
    return replayed == 0;
}
