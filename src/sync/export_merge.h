/*
 * export --merge: what changed on the instance since it last saw the files, put into files that have moved on
 * meanwhile. The base is the state it last saw, out of git.
 */
#ifndef SCHEMA_SYNC_SYNC_EXPORT_MERGE_H
#define SCHEMA_SYNC_SYNC_EXPORT_MERGE_H

#include "model/merge.h"
#include "sync/base.h"
#include "sync/data.h"

typedef struct {
    const Config *config;
    const State *files;
    const Selection *selection;
    bool active;
    Base base;
    Snapshot known; /* what the instance's records are recognised by */
    Merge merge;
    Data *then; /* the base's rows */
    ThreeWay rows;
    Arena arena;
    Renames former, pending; /* names that the base, and that the instance had or have still */
} ExportMerge;

/* Finds the base; ERR_NEWER when there is none. The other members must be set. */
bool export_merge_begin(ExportMerge *merge, const Marker *marker, Error *err);
/* The instance's records, aligned, get the names that the files have. */
bool export_merge_rename(ExportMerge *merge, Snapshot *instance, Error *err);
/* The records: `instance` is aligned and as the files would say it. Once more after a disturbed read. */
void export_merge_records(ExportMerge *merge, const Snapshot *instance);
/* Opens the files' rows and the base's. */
bool export_merge_open_rows(ExportMerge *merge, Data **data, Error *err);
/* When the instance's rows are loaded too: `data` holds the merged ones. ERR_NEWER names every conflict. */
bool export_merge_rows(ExportMerge *merge, Data *data, const IdMap *map, Error *err);
/* Takes the place of environment_undo: what is the files' own is as the instance last saw it. */
size_t export_merge_undo(const ExportMerge *merge, Snapshot *instance);
/* The files have something that the instance has not. */
bool export_merge_leads(const ExportMerge *merge);
void export_merge_end(ExportMerge *merge);

#endif
