/* A project folder of its own for a test, and states written into it. */
#ifndef SCHEMA_SYNC_TESTS_STATE_H
#define SCHEMA_SYNC_TESTS_STATE_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "repo/repo.h"
#include "unit/model/snapshots.h"

#define ROLE   "00000000-0000-4000-8000-000000000001"
#define POLICY "00000000-0000-4000-8000-000000000002"
#define FLOW   "00000000-0000-4000-8000-000000000003"
#define FIRST  "00000000-0000-4000-8000-000000000004"
#define SECOND "00000000-0000-4000-8000-000000000005"

/* A small project with every kind of file. */
static const char *const small_project =
    "{'collections':[{'collection':'posts','meta':{'group':null},'schema':{'name':'posts'}},"
    "{'collection':'Tags','meta':{},'schema':{'name':'Tags'}}],"
    "'fields':[{'collection':'posts','field':'id','type':'integer','meta':null,'schema':{'is_primary_key':"
    "true}}],"
    "'relations':[],'system_fields':[],'folders':[],"
    "'roles':[{'id':'$administrator','name':'Administrator','parent':null},{'id':'" ROLE
    "','name':'editor','parent':null}],"
    "'policies':[{'id':'$public','name':'public'},{'id':'" POLICY "','name':'editors'}],"
    "'access':[{'policy':'" POLICY "','role':'" ROLE "','sort':1}],"
    "'permissions':[{'policy':'" POLICY "','collection':'posts','action':'read','fields':['*']}],"
    "'settings':[{'project_name':'P'}],'translations':[],'presets':[],'dashboards':[],'panels':[],"
    "'flows':[{'id':'" FLOW "','name':'mail','operation':'" FIRST "'}],"
    "'operations':[{'id':'" FIRST "','flow':'" FLOW "','key':'a','resolve':null,'reject':null}]}";

typedef struct {
    char path[128];
} Project;

/* In memory where there is such a place: thousands of fsyncs would wait for the disk. */
static inline void project_make(Project *project) {
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(project->path, sizeof project->path, "%s/schema-sync-test-XXXXXX", place);
    assert_non_null(mkdtemp(project->path));
}

/* A project in a folder of another one, which frees both. */
static inline Project project_below(const Project *project, const char *folder) {
    Project below;
    int length = snprintf(below.path, sizeof below.path, "%s/%s", project->path, folder);
    assert_in_range(length, 1, sizeof below.path - 1);
    return below;
}

static inline int project_remove_one(const char *path, const struct stat *status, int type,
                                     struct FTW *walk) {
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline void project_free(Project *project) {
    if (project->path[0])
        nftw(project->path, project_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    project->path[0] = '\0';
}
AUTO_DEFINE(Project, project_free);

/* "path below the project's folder" with the folders above made. Valid until the next call. */
static inline const char *project_path(const Project *project, const char *below) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", project->path, below);
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    return path;
}

static inline void put_bytes(const Project *project, const char *below, const char *text, size_t length) {
    FILE *file = fopen(project_path(project, below), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static inline void put_text(const Project *project, const char *below, const char *text) {
    put_bytes(project, below, text, strlen(text));
}

static inline void get_text(const Project *project, const char *below, Buf *text) {
    Error err = { 0 };
    assert_ok(file_read(project_path(project, below), 0, text, NULL, &err));
}

static inline bool has_file(const Project *project, const char *below) {
    return access(project_path(project, below), F_OK) == 0;
}

/* Rows of "posts" with ids 1 to `count`, then an empty "Tags". */
static inline bool write_rows(StateWriter *writer, unsigned count, Error *err) {
    char row[128];
    if (!state_writer_rows_begin(writer, "posts", err))
        return false;
    for (unsigned i = 1; i <= count; i++) {
        int length =
            snprintf(row, sizeof row, "{\"id\":%u,\"title\":\"Title of the row with number %u\"}", i, i);
        if (!state_writer_row(writer, "", row, (size_t)length, err))
            return false;
    }
    return state_writer_rows_end(writer, err) && state_writer_rows_begin(writer, "Tags", err) &&
           state_writer_rows_end(writer, err);
}

/* A whole export of a snapshot text with so many rows. `result` may be NULL. */
static inline bool export_state(const Project *project, const char *text, unsigned rows,
                                const StateWriteOptions *options, StateWriteResult *result, Error *err) {
    AUTO(Snapshot) snapshot = { 0 };
    AUTO(StateWriteResult) own = { 0 };
    StateWriter *writer = NULL;
    snapshot_of(&snapshot, true, text);
    snapshot.directus = "11.17.4";
    snapshot.vendor = "postgres";
    bool done = state_writer_begin(project->path, "schema", options, &writer, err) &&
                state_writer_snapshot(writer, &snapshot, err) && write_rows(writer, rows, err) &&
                state_writer_finish(writer, result ? result : &own, err);
    state_writer_abandon(&writer);
    return done;
}

static inline void export_small(const Project *project) {
    Error err = { 0 };
    StateWriteOptions options = { 0 };
    assert_ok(export_state(project, small_project, 3, &options, NULL, &err));
}

#endif
