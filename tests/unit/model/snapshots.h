/* Snapshots written as JSON: { "roles": [ … ], "access": [ … ] }, members named as the catalog names the
 * types. */
#ifndef SCHEMA_SYNC_TESTS_SNAPSHOTS_H
#define SCHEMA_SYNC_TESTS_SNAPSHOTS_H

#include "model/snapshot.h"
#include "unit/model/quoted.h"

/* Single quotes stand for double ones. `instance`: records get their id (or "pk", which is taken out) as
 * target_id. */
static inline void snapshot_of(Snapshot *snapshot, bool instance, const char *text) {
    Json document = quoted_json(&snapshot->arena, text);
    for (uint32_t i = 0; i < document.count; i++) {
        const JsonMember *member = &document.as.members[i];
        TypeId type = catalog_find(member->key);
        assert_in_range(type, 0, TYPE_COUNT - 1);
        snapshot->present[type] = true;
        for (uint32_t r = 0; r < member->value.count; r++) {
            const Json *item = &member->value.as.items[r];
            const char *pk = json_get_text(item, "pk");
            const char *const taken_out[] = { "pk", NULL };
            Record *record = snapshot_add(snapshot, type, json_without(&snapshot->arena, item, taken_out));
            record->target_id = instance ? (pk ? pk : record->id) : NULL;
            record->origin = instance ? NULL : arena_printf(&snapshot->arena, "%s.json#/%u", member->key, r);
        }
    }
    snapshot_sort(snapshot);
}

#endif
