#include "model/distance.h"

#include <stddef.h>
#include <stdlib.h>

enum { PARTS = 3 };

static bool parse(const char *text, long parts[PARTS]) {
    for (int i = 0; i < PARTS; i++) {
        char *end = NULL;
        if (!text || *text < '0' || *text > '9')
            return false;
        parts[i] = strtol(text, &end, 10);
        text = *end == '.' ? end + 1 : NULL;
    }
    return true;
}

Distance distance_between(const char *from, const char *to) {
    static const DistanceStep steps[PARTS] = { DISTANCE_MAJOR, DISTANCE_MINOR, DISTANCE_PATCH };
    long ours[PARTS], theirs[PARTS];
    if (!parse(from, ours) || !parse(to, theirs))
        return (Distance){ .step = DISTANCE_UNKNOWN };
    for (int i = 0; i < PARTS; i++)
        if (ours[i] != theirs[i])
            return (Distance){ .step = steps[i], .older = theirs[i] < ours[i] };
    return (Distance){ .step = DISTANCE_NONE };
}
