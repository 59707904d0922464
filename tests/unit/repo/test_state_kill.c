/* An export killed before each of its system calls that change files. */
#include "unit/repo/kill.h"
#include "unit/repo/state.h"

static const StateWriteOptions plain = { 0 };

static const char *const old_project =
    "{'collections':[{'collection':'posts','meta':{},'schema':{}},{'collection':'Tags','meta':{}}],"
    "'roles':[{'id':'" ROLE "','name':'writer','parent':null}],'policies':[],'access':[],'permissions':[],"
    "'flows':[{'id':'" SECOND "','name':'old','operation':null}],'operations':[]}";

static void be_the_export(const void *context) {
    const Project *project = context;
    Error err = { 0 };
    AUTO(Snapshot) snapshot = { 0 };
    StateWriter *writer = NULL;
    AUTO(StateWriteResult) result = { 0 };
    snapshot_of(&snapshot, true, small_project);
    snapshot.directus = "11.17.4";
    snapshot.vendor = "postgres";
    kill_here();
    bool done = state_writer_begin(project->path, "schema", &plain, &writer, &err) &&
                state_writer_snapshot(writer, &snapshot, &err) && write_rows(writer, 50, &err) &&
                state_writer_finish(writer, &result, &err);
    _exit(done ? 0 : 1);
}

typedef struct {
    const Folder *folder;
    const Manifest *before, *after;
} Versions;

static bool is_whole(const char *path, uint64_t size, void *context, Error *err) {
    (void)size;
    const Versions *versions = context;
    const ManifestEntry *before = manifest_find(versions->before, path),
                        *after = manifest_find(versions->after, path);
    AUTO(Buf) text = { 0 };
    char hex[DIGEST_HEX];
    if (!folder_read(versions->folder, path, 0, &text, NULL, err))
        return false;
    digest_of(buf_text(&text), text.length, hex);
    if (strcmp(path, "info.json") != 0 && !(before && strcmp(before->hex, hex) == 0) &&
        !(after && strcmp(after->hex, hex) == 0))
        fail_msg("%s is neither the old nor the new file", path);
    return true;
}

/* Every file is whole, and the state is the old one, the new one, or marked. Returns which: 'o', 'n' or 'm'.
 */
static char check_state(const Project *project, const StateWriteResult *before,
                        const StateWriteResult *after) {
    Error err = { 0 };
    AUTO(State) state = { 0 };
    AUTO(Folder) folder = { .fd = -1 };
    Versions versions = { &folder, &before->manifest, &after->manifest };
    if (!has_file(project, "schema"))
        return 'o';
    assert_ok(folder_open(&folder, project_path(project, "schema"), false, &err));
    assert_ok(folder_walk(&folder, false, is_whole, &versions, &err));
    if (!state_read(project->path, "schema", &state, &err)) {
        assert_int_equal(err.kind, ERR_FILES);
        assert_non_null(strstr(err.message, "incomplete"));
        return 'm';
    }
    assert_false(has_file(project, "schema/.incomplete"));
    if (strcmp(state.hash, after->hash) == 0)
        return 'n';
    assert_string_equal(state.hash, before->hash);
    return 'o';
}

/* No mark and no temporary is left. */
static bool is_clean(const char *path, uint64_t size, void *context, Error *err) {
    (void)size;
    (void)context;
    return !strstr(path, ".incomplete") && !strstr(path, ".tmp")
               ? true
               : error_set(err, ERR_FILES, "%s is left", path);
}

static void check_healed(const Project *project, const StateWriteResult *after) {
    Error err = { 0 };
    AUTO(StateWriteResult) healed = { 0 };
    AUTO(Folder) folder = { .fd = -1 };
    assert_ok(export_state(project, small_project, 50, &plain, &healed, &err));
    assert_string_equal(healed.hash, after->hash);
    assert_ok(folder_open(&folder, project->path, false, &err));
    assert_ok(folder_walk(&folder, true, is_clean, NULL, &err));
}

static void kill_everywhere(bool over_old) {
    AUTO(StateWriteResult) before = { 0 };
    AUTO(StateWriteResult) after = { 0 };
    unsigned kinds[128] = { 0 };
    bool killed = true;
    Error err = { 0 };
    AUTO(Project) reference;
    project_make(&reference);
    assert_ok(export_state(&reference, small_project, 50, &plain, &after, &err));
    for (unsigned at = 1; killed; at++) {
        AUTO(Project) project;
        project_make(&project);
        if (over_old) {
            state_write_result_free(&before);
            assert_ok(export_state(&project, old_project, 3, &plain, &before, &err));
        }
        killed = kill_at(be_the_export, &project, at);
        kinds[(unsigned char)check_state(&project, &before, &after)]++;
        check_healed(&project, &after);
    }
    print_message("killed %u times: %u old, %u marked, %u new\n", kinds['o'] + kinds['m'] + kinds['n'] - 1,
                  kinds['o'], kinds['m'], kinds['n']);
    assert_true(kinds['o'] > 1 && kinds['m'] > 20 && kinds['n'] >= 1);
}

static void over_an_old_state(void **test) {
    (void)test;
    kill_everywhere(true);
}

static void into_an_empty_project(void **test) {
    (void)test;
    kill_everywhere(false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_an_old_state),
        cmocka_unit_test(into_an_empty_project),
    };
    if (!may_trace()) {
        puts("skipped: ptrace is not allowed here");
        return TEST_SKIPPED;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
