#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "unit/repo/state.h"

static const StateWriteOptions plain = { 0 };

/* Path, inode, change time and digest of everything beneath the project: equal texts mean that nothing was
 * touched. */
static bool describe(const char *path, uint64_t size, void *context, Error *err) {
    (void)err;
    void **arguments = context;
    struct stat status;
    AUTO(Buf) whole = { 0 };
    buf_printf(&whole, "%s/%s", (const char *)arguments[0], path);
    assert_int_equal(lstat(buf_text(&whole), &status), 0);
    buf_printf(arguments[1], "%s %zu %lu %ld.%09ld\n", path, (size_t)size, (unsigned long)status.st_ino,
               (long)status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
    return true;
}

static void tree_of(const Project *project, Buf *out) {
    AUTO(Folder) folder = { .fd = -1 };
    Error err = { 0 };
    char root[sizeof project->path];
    void *arguments[] = { root, out };
    memcpy(root, project->path, sizeof root);
    buf_clear(out);
    assert_ok(folder_open(&folder, project->path, false, &err));
    assert_ok(folder_walk(&folder, true, describe, arguments, &err));
}

static bool has_temporaries(const Project *project) {
    AUTO(Buf) tree = { 0 };
    tree_of(project, &tree);
    return strstr(buf_text(&tree), ".tmp ") != NULL;
}

static void nothing_new_touches_nothing(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(StateWriteResult) first = { 0 };
    AUTO(StateWriteResult) second = { 0 };
    AUTO(Buf) before = { 0 };
    AUTO(Buf) after = { 0 };
    Error err = { 0 };
    project_make(&project);
    assert_ok(export_state(&project, small_project, 2000, &plain, &first, &err));
    assert_int_equal(first.written, first.files + 1); /* and info.json */
    assert_int_equal(first.removed, 0);
    assert_false(has_file(&project, "schema/.incomplete"));
    assert_false(has_temporaries(&project));
    tree_of(&project, &before);
    assert_ok(export_state(&project, small_project, 2000, &plain, &second, &err));
    tree_of(&project, &after);
    assert_string_equal(buf_text(&before), buf_text(&after));
    assert_string_equal(first.hash, second.hash);
    assert_int_equal(second.written + second.removed, 0);
    assert_string_equal(buf_text(&second.changes), "");
}

static void only_what_changed_is_written(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(StateWriteResult) result = { 0 };
    Error err = { 0 };
    struct stat before, after;
    project_make(&project);
    assert_ok(export_state(&project, small_project, 3, &plain, NULL, &err));
    put_text(&project, "schema/roles/stale.json", "{}");
    put_text(&project, "schema/flows/mail.json", "{}\n");
    put_text(&project, "schema/notes.txt", "mine");
    put_text(&project, "schema/roles/README.md", "mine");
    assert_int_equal(unlink(project_path(&project, "schema/settings.json")), 0);
    assert_int_equal(stat(project_path(&project, "schema/roles/editor.json"), &before), 0);
    assert_ok(export_state(&project, small_project, 3, &plain, &result, &err));
    assert_string_equal(buf_text(&result.changes),
                        "M flows/mail.json\nD roles/stale.json\nA settings.json\n");
    assert_int_equal(result.written, 2);
    assert_int_equal(result.removed, 1);
    assert_int_equal(stat(project_path(&project, "schema/roles/editor.json"), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_true(has_file(&project, "schema/notes.txt"));
    assert_true(has_file(&project, "schema/roles/README.md"));
    assert_false(has_file(&project, "schema/roles/stale.json"));
}

static void checking_writes_nothing(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(StateWriteResult) none = { 0 };
    AUTO(StateWriteResult) some = { 0 };
    AUTO(StateWriteResult) real = { 0 };
    AUTO(Buf) before = { 0 };
    AUTO(Buf) after = { 0 };
    Error err = { 0 };
    StateWriteOptions check = { .check = true };
    project_make(&project);
    assert_ok(export_state(&project, small_project, 3, &check, &none, &err));
    assert_false(has_file(&project, "schema"));
    assert_ok(export_state(&project, small_project, 3, &plain, &real, &err));
    assert_string_equal(none.hash, real.hash);
    assert_string_equal(buf_text(&none.changes), buf_text(&real.changes));
    put_text(&project, "schema/roles/stale.json", "{}");
    put_text(&project, "schema/data/posts.json", "[]\n");
    put_text(&project, "schema/.incomplete", "");
    tree_of(&project, &before);
    assert_ok(export_state(&project, small_project, 3, &check, &some, &err));
    tree_of(&project, &after);
    assert_string_equal(buf_text(&before), buf_text(&after));
    assert_string_equal(buf_text(&some.changes), "D .incomplete\nM data/posts.json\nD roles/stale.json\n");
    assert_string_equal(some.hash, real.hash);
}

static void other_sections_stay(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(StateWriteResult) whole = { 0 };
    AUTO(StateWriteResult) part = { 0 };
    Error err = { 0 };
    bool sections[SECTION_COUNT] = { [SECTION_FLOWS] = true };
    StateWriteOptions only = { .sections = sections };
    project_make(&project);
    assert_ok(export_state(&project, small_project, 3, &plain, &whole, &err));
    put_text(&project, "schema/flows/stale.json", "{}");
    put_text(&project, "schema/roles/kept.json", "{}");
    assert_ok(export_state(&project, small_project, 3, &only, &part, &err));
    assert_string_equal(buf_text(&part.changes), "D flows/stale.json\n");
    assert_int_equal(part.files, whole.files + 1); /* the kept one is part of the state */
    assert_non_null(manifest_find(&part.manifest, "roles/kept.json"));
}

static void types_that_were_not_read_stay(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(StateWriteResult) result = { 0 };
    Error err = { 0 };
    project_make(&project);
    assert_ok(export_state(&project, small_project, 3, &plain, NULL, &err));
    assert_ok(export_state(&project, "{'flows':[],'operations':[]}", 3, &plain, &result, &err));
    assert_string_equal(buf_text(&result.changes), "D flows/mail.json\n");
    assert_false(has_file(&project, "schema/flows")); /* and the empty folder went with it */
    assert_true(has_file(&project, "schema/roles/editor.json"));
}

static bool put_row(StateWriter *writer, const char *group, const char *line, Error *err) {
    return state_writer_row(writer, group, line, strlen(line), err);
}

static void rows_go_into_files_of_their_groups(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Buf) text = { 0 };
    AUTO(StateWriteResult) result = { 0 };
    Error err = { 0 };
    StateWriter *writer = NULL;
    project_make(&project);
    put_text(&project, "schema/data/posts.json", "[]\n");
    put_text(&project, "schema/data/posts/gone.json", "[]\n");
    put_text(&project, "schema/data/kept.json", "[]\n");
    put_text(&project, "schema/data/kept/part.json", "[]\n");
    put_text(&project, "schema/data/kept2.json", "[]\n");
    assert_ok(state_writer_begin(project.path, "schema", &plain, &writer, &err));
    assert_ok(state_writer_rows_begin(writer, "posts", &err));
    assert_ok(put_row(writer, "draft", "{\"id\":3}", &err));
    assert_ok(put_row(writer, "live", "{\"id\":1}", &err));
    assert_ok(put_row(writer, "live", "{\"id\":2}", &err));
    assert_ok(state_writer_rows_end(writer, &err));
    assert_ok(state_writer_rows_begin(writer, "Empty", &err));
    assert_ok(state_writer_rows_end(writer, &err));
    state_writer_keep_rows(writer, "kept");
    assert_ok(state_writer_finish(writer, &result, &err));
    state_writer_abandon(&writer);
    get_text(&project, "schema/data/posts/live.json", &text);
    assert_string_equal(buf_text(&text), "[\n  {\"id\":1},\n  {\"id\":2}\n]\n");
    get_text(&project, "schema/data/posts/draft.json", &text);
    assert_string_equal(buf_text(&text), "[\n  {\"id\":3}\n]\n");
    assert_non_null(strstr(buf_text(&result.changes), "A data/empty-"));
    assert_non_null(strstr(buf_text(&result.changes),
                           "D data/kept2.json\nD data/posts.json\nA data/posts/draft.json\n"
                           "D data/posts/gone.json\nA data/posts/live.json\n"));
    assert_non_null(manifest_find(&result.manifest, "data/kept/part.json"));
    assert_true(has_file(&project, "schema/data/kept.json"));
    assert_false(has_file(&project, "schema/data/posts/gone.json"));
}

static void groups_must_not_come_twice(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(StateWriteResult) result = { 0 };
    Error err = { 0 };
    StateWriter *writer = NULL;
    project_make(&project);
    assert_ok(state_writer_begin(project.path, "schema", &plain, &writer, &err));
    assert_ok(state_writer_rows_begin(writer, "posts", &err));
    assert_fault(state_writer_rows_begin(writer, "pages", &err), ERR_INTERNAL, "begin before");
    assert_fault(state_writer_finish(writer, &result, &err), ERR_INTERNAL, "were not ended");
    assert_ok(put_row(writer, "a", "{}", &err));
    assert_ok(put_row(writer, "b", "{}", &err));
    assert_ok(put_row(writer, "a", "{}", &err));
    assert_ok(state_writer_rows_end(writer, &err));
    assert_fault(put_row(writer, "a", "{}", &err), ERR_INTERNAL, "without a collection");
    assert_fault(state_writer_finish(writer, &result, &err), ERR_INTERNAL,
                 "data/posts/a.json was written twice");
    state_writer_abandon(&writer);
}

/* Old and new files that part at, before and after the borders of blocks. */
static void files_that_differ_late_are_right(void **test) {
    (void)test;
    enum { BLOCK = 64 * 1024 };
    static const size_t sizes[] = { 0, 1, 3, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 17 };
    AUTO(Project) project;
    AUTO(Buf) wanted = { 0 };
    AUTO(Buf) got = { 0 };
    Error err = { 0 };
    project_make(&project);
    for (size_t old = 0; old < sizeof sizes / sizeof *sizes; old++) {
        for (size_t cut = 0; cut < sizeof sizes / sizeof *sizes; cut++) {
            StateWriter *writer = NULL;
            AUTO(StateWriteResult) result = { 0 };
            AUTO(Buf) row = { 0 };
            for (size_t i = 0; i < sizes[cut]; i++)
                buf_putc(&row, 'x');
            buf_clear(&wanted);
            buf_printf(&wanted, "[\n  %s\n]\n", buf_text(&row));
            AUTO(Buf) before = { 0 };
            buf_append(&before, wanted.data, sizes[old] < wanted.length ? sizes[old] : wanted.length);
            while (before.length < sizes[old])
                buf_putc(&before, 'y');
            put_bytes(&project, "schema/data/posts.json", buf_text(&before), before.length);
            assert_ok(state_writer_begin(project.path, "schema", &plain, &writer, &err));
            assert_ok(state_writer_rows_begin(writer, "posts", &err));
            assert_ok(put_row(writer, "", buf_text(&row), &err));
            assert_ok(state_writer_rows_end(writer, &err));
            assert_ok(state_writer_finish(writer, &result, &err));
            state_writer_abandon(&writer);
            get_text(&project, "schema/data/posts.json", &got);
            assert_int_equal(got.length, wanted.length);
            assert_memory_equal(got.data, wanted.data, got.length);
            assert_int_equal(
                result.written,
                before.length == wanted.length && !memcmp(before.data, wanted.data, got.length) ? 0 : 1);
        }
    }
}

static bool write_removed(const Project *project, const char *text, StateWriteResult *result, Error *err) {
    AUTO(Arena) arena = { 0 };
    StateWriter *writer = NULL;
    Json removed;
    bool done = json_parse(&arena, text, strlen(text), JSON_STATE, &removed, err) &&
                state_writer_begin(project->path, "schema", &plain, &writer, err) &&
                state_writer_removed(writer, &removed, err) && state_writer_finish(writer, result, err);
    state_writer_abandon(&writer);
    return done;
}

static void removals_are_sorted_and_said_once(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Buf) text = { 0 };
    AUTO(StateWriteResult) first = { 0 };
    AUTO(StateWriteResult) second = { 0 };
    Error err = { 0 };
    project_make(&project);
    assert_ok(write_removed(&project,
                            "[[\"roles\",\"b\",null],[\"fields\",null,\"posts.a\"],[\"roles\",\"b\",null],["
                            "\"roles\",\"a\",null]]",
                            &first, &err));
    get_text(&project, "schema/removed.jsonl", &text);
    assert_string_equal(buf_text(&text),
                        "[\"fields\",null,\"posts.a\"]\n[\"roles\",\"a\",null]\n[\"roles\",\"b\",null]\n");
    assert_ok(write_removed(&project, "[]", &second, &err));
    assert_string_equal(buf_text(&second.changes), "D removed.jsonl\n");
    assert_int_equal(second.files, 0);
}

static void two_writers_do_not_meet(void **test) {
    (void)test;
    AUTO(Project) project;
    Error err = { 0 };
    StateWriter *first = NULL, *second = NULL;
    project_make(&project);
    export_small(&project);
    assert_ok(state_writer_begin(project.path, "schema", &plain, &first, &err));
    assert_fault(state_writer_begin(project.path, "schema", &plain, &second, &err), ERR_LOCK,
                 "another schema-sync is working in schema");
    assert_null(second);
    state_writer_abandon(&first);
    assert_ok(state_writer_begin(project.path, "schema", &plain, &second, &err));
    state_writer_abandon(&second);
}

/* Both began when there was no folder: the second finds what the first wrote. */
static void two_first_exports_do_not_mix(void **test) {
    (void)test;
    AUTO(Project) project;
    Error err = { 0 };
    StateWriter *writer = NULL;
    project_make(&project);
    assert_ok(state_writer_begin(project.path, "schema", &plain, &writer, &err));
    export_small(&project);
    assert_ok(state_writer_rows_begin(writer, "other", &err));
    assert_fault(state_writer_rows_end(writer, &err), ERR_LOCK, "another schema-sync wrote schema meanwhile");
    state_writer_abandon(&writer);
    assert_false(has_file(&project, "schema/data/other.json"));
    assert_false(has_file(&project, "schema/.incomplete"));
}

/* Enough groups that a batch is renamed before the export stops. */
static void stop_after_batch(const Project *project, unsigned groups) {
    Error err = { 0 };
    StateWriter *writer = NULL;
    char group[16];
    assert_ok(state_writer_begin(project->path, "schema", &plain, &writer, &err));
    assert_ok(state_writer_rows_begin(writer, "posts", &err));
    for (unsigned i = 0; i < groups; i++) {
        snprintf(group, sizeof group, "g%04u", i);
        assert_ok(put_row(writer, group, "{}", &err));
    }
    state_writer_abandon(&writer);
}

static void a_stopped_export_leaves_the_mark(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(StateWriteResult) wanted = { 0 };
    AUTO(StateWriteResult) healed = { 0 };
    AUTO(State) state = { 0 };
    Error err = { 0 };
    project_make(&project);
    assert_ok(export_state(&project, small_project, 3, &plain, &wanted, &err));
    stop_after_batch(&project, 100);
    assert_true(has_file(&project, "schema/.incomplete"));
    assert_fault(state_read(project.path, "schema", &state, &err), ERR_FILES, "incomplete");
    put_text(&project, "schema/roles/.schema-sync-0123456789abcdef.tmp", "what a kill left behind");
    assert_ok(export_state(&project, small_project, 3, &plain, &healed, &err));
    assert_string_equal(healed.hash, wanted.hash);
    assert_false(has_file(&project, "schema/.incomplete"));
    assert_false(has_temporaries(&project));
}

static void an_old_mark_goes_although_nothing_differs(void **test) {
    (void)test;
    AUTO(Project) project;
    Error err = { 0 };
    AUTO(StateWriteResult) result = { 0 };
    project_make(&project);
    export_small(&project);
    put_text(&project, "schema/.incomplete", "");
    put_text(&project, "schema/.schema-sync-0123456789abcdef.tmp", "");
    assert_ok(export_state(&project, small_project, 3, &plain, &result, &err));
    assert_int_equal(result.written, 0);
    assert_false(has_file(&project, "schema/.incomplete"));
    assert_false(has_temporaries(&project));
}

static void stopping_before_the_first_rename_changes_nothing(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(StateWriteResult) before = { 0 };
    AUTO(State) state = { 0 };
    Error err = { 0 };
    project_make(&project);
    assert_ok(export_state(&project, small_project, 3, &plain, &before, &err));
    stop_after_batch(&project, 10);
    assert_false(has_file(&project, "schema/.incomplete"));
    assert_false(has_temporaries(&project));
    assert_ok(state_read(project.path, "schema", &state, &err));
    assert_string_equal(state.hash, before.hash);
}

/* After a failed export of 50 rows over one of 3: the old state, or a marked one; and the next export heals
 * it. */
static bool check_after_failure(const Project *project, const char *old_hash) {
    Error err = { 0 };
    AUTO(State) state = { 0 };
    bool whole = state_read(project->path, "schema", &state, &err);
    if (whole)
        assert_string_equal(state.hash, old_hash);
    else if (err.kind != ERR_FILES || !strstr(err.message, "incomplete"))
        fail_msg("%s", err.message);
    return whole;
}

static void a_file_too_large_for_the_limit_stops_the_export(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(StateWriteResult) before = { 0 };
    AUTO(StateWriteResult) after = { 0 };
    Error err = { 0 };
    struct rlimit old_limit, limit;
    project_make(&project);
    assert_ok(export_state(&project, small_project, 3, &plain, &before, &err));
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_limit);
    limit = (struct rlimit){ .rlim_cur = 100 * 1024, .rlim_max = old_limit.rlim_max };
    setrlimit(RLIMIT_FSIZE, &limit);
    bool done = export_state(&project, small_project, 5000, &plain, NULL, &err);
    setrlimit(RLIMIT_FSIZE, &old_limit);
    assert_false(done);
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.message, "File too large"));
    check_after_failure(&project, before.hash);
    assert_false(has_temporaries(&project));
    assert_ok(export_state(&project, small_project, 5000, &plain, &after, &err));
    assert_false(has_file(&project, "schema/.incomplete"));
}

/* Leaves room for so many files and pages more than there are. */
static void limit_disk(const Project *project, unsigned files, unsigned pages) {
    char options[64];
    struct statvfs now;
    assert_int_equal(statvfs(project->path, &now), 0);
    snprintf(options, sizeof options, "size=%lu,nr_inodes=%lu",
             (now.f_blocks - now.f_bfree + pages) * now.f_frsize, now.f_files - now.f_ffree + files);
    assert_int_equal(mount("none", project->path, NULL, MS_REMOUNT, options), 0);
}

/* An export onto a disk with this little room: it fails cleanly or succeeds, and with room enough it
 * converges. */
static bool fill_disk(const Project *project, unsigned files, unsigned pages) {
    static const char *const changed =
        "{'roles':[{'id':'" ROLE
        "','name':'writer','parent':null}],'policies':[],'access':[],'permissions':[],"
        "'flows':[],'operations':[],'translations':[{'id':'" FIRST
        "','key':'a','language':'b','value':'c'}]}";
    Error err = { 0 };
    AUTO(StateWriteResult) before = { 0 };
    AUTO(StateWriteResult) after = { 0 };
    AUTO(State) state = { 0 };
    assert_ok(export_state(project, small_project, 3, &plain, &before, &err));
    limit_disk(project, files, pages);
    bool done = export_state(project, changed, 300, &plain, NULL, &err);
    if (!done) {
        assert_int_equal(err.kind, ERR_IO);
        assert_non_null(strstr(err.message, "No space left on device"));
        assert_non_null(strstr(err.hint, "make room"));
        check_after_failure(project, before.hash);
        assert_false(has_temporaries(project));
    }
    limit_disk(project, 500, 500);
    assert_ok(export_state(project, changed, 300, &plain, &after, &err));
    assert_ok(state_read(project->path, "schema", &state, &err));
    assert_string_equal(state.hash, after.hash);
    return done;
}

static void a_full_disk_loses_nothing(void **test) {
    (void)test;
    AUTO(Project) project;
    unsigned failures = 0;
    enum { STEPS = 10 };
    /* mounts that nobody else sees, and that end with this process */
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
        puts("skipped: a file system of its own needs root");
        skip();
    }
    project_make(&project);
    for (unsigned step = 0; step < 2 * STEPS; step++) {
        assert_int_equal(mount("none", project.path, "tmpfs", 0, "size=4m,nr_inodes=500"), 0);
        bool done = step < STEPS ? fill_disk(&project, step, 100) : fill_disk(&project, 100, step - STEPS);
        failures += !done;
        assert_int_equal(umount(project.path), 0);
    }
    /* both ran out at first, and both had enough in the end */
    assert_in_range(failures, 4, 2 * STEPS - 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_new_touches_nothing),
        cmocka_unit_test(only_what_changed_is_written),
        cmocka_unit_test(checking_writes_nothing),
        cmocka_unit_test(other_sections_stay),
        cmocka_unit_test(types_that_were_not_read_stay),
        cmocka_unit_test(rows_go_into_files_of_their_groups),
        cmocka_unit_test(groups_must_not_come_twice),
        cmocka_unit_test(files_that_differ_late_are_right),
        cmocka_unit_test(removals_are_sorted_and_said_once),
        cmocka_unit_test(two_writers_do_not_meet),
        cmocka_unit_test(two_first_exports_do_not_mix),
        cmocka_unit_test(a_stopped_export_leaves_the_mark),
        cmocka_unit_test(an_old_mark_goes_although_nothing_differs),
        cmocka_unit_test(stopping_before_the_first_rename_changes_nothing),
        cmocka_unit_test(a_file_too_large_for_the_limit_stops_the_export),
        cmocka_unit_test(a_full_disk_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
