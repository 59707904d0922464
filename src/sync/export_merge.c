#include "sync/export_merge.h"

#include "model/merge_print.h"
#include "sync/environment.h"

bool export_merge_begin(ExportMerge *merge, const Marker *marker, Error *err) {
    if (!base_find(merge->config, marker, &merge->base, err))
        return false;
    if (!merge->base.state.exists) {
        error_set(err, ERR_NEWER, "the state that %s last saw is needed to merge, and cannot be had: %s",
                  merge->config->url, merge->base.why);
        return error_hint(err,
                          "commit what is exported and imported, and fetch the full history; or `schema-sync "
                          "import` first, or `schema-sync export --overwrite` to let this instance win");
    }
    base_rename(merge->config, &merge->files->snapshot, &merge->base.state.snapshot, &merge->arena,
                &merge->former);
    merge_known(&merge->base.state.snapshot, &merge->files->snapshot, &merge->known);
    merge->active = true;
    return true;
}

bool export_merge_rename(ExportMerge *merge, Snapshot *instance, Error *err) {
    if (!renames_pending(&merge->config->scope.renames, &merge->files->snapshot, instance, &merge->arena,
                         &merge->pending, err))
        return false;
    renames_apply(&merge->pending, instance);
    return true;
}

size_t export_merge_undo(const ExportMerge *merge, Snapshot *instance) {
    return environment_undo(merge->config, instance, &merge->base.state, merge->files);
}

void export_merge_records(ExportMerge *merge, const Snapshot *instance) {
    merge_free(&merge->merge);
    const Snapshot *files = &merge->files->snapshot;
    Snapshot theirs = *instance;
    bool other_version = !str_equal(files->directus, instance->directus);
    if (other_version) /* it indexes other fields of its own, and lacks members or has more */
        theirs.present[TYPE_SYSTEM_FIELDS] = false;
    MergeSides sides = { .base = &merge->base.state.snapshot,
                         .ours = files,
                         .theirs = &theirs,
                         .sections = merge->selection->sections,
                         .instance = other_version };
    merge_snapshots(&sides, &merge->merge);
    if (other_version) /* what the files say of their version still holds */
        merge->merge.merged.directus = files->directus;
}

static bool open_rows(const ExportMerge *merge, const State *state, const Renames *former, Data **data,
                      Error *err) {
    if (!data_open(merge->config, &merge->merge.merged, merge->selection->data, data, err))
        return false;
    data_allow_unknown(*data);
    if (former)
        data_rename_files(*data, former);
    return data_load_state(*data, state, false, err);
}

bool export_merge_open_rows(ExportMerge *merge, Data **data, Error *err) {
    data_close(&merge->then);
    if (!open_rows(merge, merge->files, NULL, data, err) ||
        !open_rows(merge, &merge->base.state, &merge->former, &merge->then, err))
        return false;
    data_rename(*data, &merge->pending);
    return true;
}

static bool refuse_conflicts(const ExportMerge *merge, size_t count, Error *err) {
    AUTO(Buf) list = { 0 };
    for (size_t i = 0; i < merge->merge.count; i++)
        merge_put_conflicts(&merge->merge.entries[i], "; ", &list);
    for (size_t i = 0; i < merge->rows.shown; i++)
        buf_printf(&list, "; %s", merge->rows.conflicts[i]);
    error_set(err, ERR_NEWER, "%zu record%s changed both on %s and in the files%s", count,
              count == 1 ? " was" : "s were", merge->config->url, buf_text(&list));
    return error_hint(
        err, "nothing was written; settle it on one side: set the instance to what the files say (or "
             "`schema-sync import`), or the files to what the instance says, and merge again");
}

bool export_merge_rows(ExportMerge *merge, Data *data, const IdMap *map, Error *err) {
    if (!data_three_way(data, merge->then, map, true, &merge->rows, err))
        return false;
    size_t count = merge->merge.conflicts;
    for (size_t i = 0; i < merge->rows.row_count; i++)
        count += (size_t)merge->rows.rows[i].conflicts;
    return count == 0 || refuse_conflicts(merge, count, err);
}

bool export_merge_leads(const ExportMerge *merge) {
    return merge->merge.only_ours > 0 || merge->rows.from_ours > 0 || merge->pending.count > 0;
}

void export_merge_end(ExportMerge *merge) {
    data_close(&merge->then);
    arena_free(&merge->rows.arena);
    merge_free(&merge->merge);
    snapshot_free(&merge->known);
    arena_free(&merge->arena);
    base_free(&merge->base);
}
