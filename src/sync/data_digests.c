/* A digest of all rows that are to be written, and of what they replace. */
#include <string.h>

#include "sync/data_private.h"

static RowPlan *rows_of(Plan *plan, const DataSet *set) {
    for (size_t i = 0; i < plan->row_count; i++)
        if (strcmp(plan->rows[i].collection, set->shape->collection) == 0)
            return &plan->rows[i];
    return NULL;
}

/* Lengths stand before texts: no two lists of rows give the same bytes. */
static bool digest_spool(Digest *digest, Sorter *spool, Error *err) {
    uint64_t count = spool ? sorter_count(spool) : 0;
    SorterRecord record;
    bool end = false;
    digest_update(digest, &count, sizeof count);
    if (!spool)
        return true;
    if (!sorter_rewind(spool, err))
        return false;
    while (sorter_next(spool, &record, &end, err)) {
        uint64_t length = record.value_length;
        digest_update(digest, &length, sizeof length);
        digest_update(digest, record.value, record.value_length);
    }
    return end;
}

bool data_digests(Data *data, Plan *plan, Error *err) {
    for (size_t i = 0; i < data->count; i++) {
        DataSet *set = &data->sets[i];
        RowPlan *rows = set->planned ? rows_of(plan, set) : NULL;
        Sorter *const spools[] = { set->releases, set->creates, set->updates,
                                   set->links,    set->deletes, set->formers };
        if (!rows)
            continue;
        AUTO(Digest) digest = { 0 };
        digest_begin(&digest);
        for (size_t s = 0; s < sizeof spools / sizeof *spools; s++)
            if (!digest_spool(&digest, spools[s], err))
                return false;
        digest_end(&digest, rows->digest);
    }
    return true;
}
