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

Distance version_distance(const Version *from, const Version *to) {
    if (from->major == 0 || to->major == 0)
        return DISTANCE_NONE;
    if (from->major != to->major)
        return DISTANCE_MAJOR;
    if (from->minor != to->minor)
        return DISTANCE_MINOR;
    return from->patch == to->patch ? DISTANCE_NONE : DISTANCE_PATCH;
}

bool version_is_older(const Version *version, const Version *than) {
    if (version->major != than->major || version->minor != than->minor)
        return !is_at_least(version, than->major, than->minor);
    return version->patch < than->patch;
}
