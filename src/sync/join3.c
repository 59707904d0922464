#include "sync/join3.h"

#include "sync/data_private.h"

bool join3_begin(Join3 *join, Error *err) {
    for (size_t i = 0; i < SIDES; i++) {
        join->here[i] = true; /* to be advanced */
        join->end[i] = !join->sorters[i];
        if (join->sorters[i] && !sorter_rewind(join->sorters[i], err))
            return false;
    }
    return true;
}

bool join3_next(Join3 *join, bool *more, Error *err) {
    const SorterRecord *first = NULL;
    for (size_t i = 0; i < SIDES; i++) {
        if (join->here[i] && !join->end[i] &&
            !sorter_next(join->sorters[i], &join->records[i], &join->end[i], err) && !join->end[i])
            return false;
        join->here[i] = false;
        if (!join->end[i] && (!first || data_key_order(&join->records[i], first) < 0))
            first = &join->records[i];
    }
    for (size_t i = 0; first && i < SIDES; i++)
        join->here[i] = !join->end[i] && data_key_order(&join->records[i], first) == 0;
    *more = first != NULL;
    return true;
}
