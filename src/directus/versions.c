#include "directus/versions.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_at_least(const Version *version, int major, int minor) {
    return version->major > major || (version->major == major && version->minor >= minor);
}

Version version_parse(const char *text) {
    Version version = { 0 };
    int *const parts[] = { &version.major, &version.minor, &version.patch };
    for (size_t i = 0; text && i < sizeof parts / sizeof *parts; i++) {
        char *end;
        *parts[i] = (int)strtol(text, &end, 10);
        if (end == text || *end != '.')
            break;
        text = end + 1;
    }
    version.has_policies = is_at_least(&version, 11, 0);
    version.sorts_arrays = !is_at_least(&version, 11, 2);
    version.has_license = is_at_least(&version, 12, 0);
    version.has_utils_import = is_at_least(&version, 12, 2);
    version.has_flow_folders = is_at_least(&version, 12, 4);
    return version;
}

bool version_is_supported(const Version *version) {
    return is_at_least(version, 10, 13);
}
