#include <sys/file.h>

#include "base/log.h"
#include "unit/repo/heap.h"
#include "unit/repo/state.h"

static bool read_and_free(const Project *project, Error *err) {
    AUTO(State) state = { 0 };
    return state_read(project->path, "schema", &state, err);
}

static bool hash_and_free(const Project *project, Error *err) {
    AUTO(Manifest) manifest = { 0 };
    char hash[DIGEST_HEX];
    bool exists;
    return state_hash(project->path, "schema", &manifest, hash, &exists, err);
}

static void what_was_written_is_read(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(StateWriteResult) result = { 0 };
    AUTO(Snapshot) wanted = { 0 };
    Error err = { 0 };
    StateWriteOptions options = { 0 };
    project_make(&project);
    assert_ok(export_state(&project, small_project, 3, &options, &result, &err));
    AUTO(State) state = { 0 };
    assert_ok(state_read(project.path, "schema", &state, &err));
    assert_true(state.exists);
    assert_string_equal(state.hash, result.hash);
    assert_string_equal(state.snapshot.directus, "11.17.4");
    assert_string_equal(state.snapshot.vendor, "postgres");
    assert_int_equal(state.manifest.count, result.files);
    snapshot_of(&wanted, false, small_project);
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        assert_int_equal(state.snapshot.types[type].count, wanted.types[type].count);
        for (size_t i = 0; i < wanted.types[type].count; i++)
            assert_true(
                json_equal(&state.snapshot.types[type].items[i].json, &wanted.types[type].items[i].json));
    }
    assert_int_equal(state.data_count, 2);
    assert_string_equal(state.data[0].collection, "Tags");
    assert_string_equal(state.data[1].collection, "posts");
    assert_string_equal(state.data[1].paths[0], "data/posts.json");
    assert_null(state.data[1].paths[1]);
}

static void the_fast_hash_is_the_same(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(State) state = { 0 };
    AUTO(Manifest) manifest = { 0 };
    AUTO(Buf) fast = { 0 };
    AUTO(Buf) full = { 0 };
    Error err = { 0 };
    char hash[DIGEST_HEX];
    bool exists;
    project_make(&project);
    export_small(&project);
    put_text(&project, "schema/sql/pre/001_a.sql", "SELECT 1;\n");
    put_text(&project, "schema/assets/" ROLE "/logo.png", "png");
    put_text(&project, "schema/removed.jsonl", "[\"roles\",\"" SECOND "\",null]\n");
    put_text(&project, "schema/README.md", "not ours");
    put_text(&project, "schema/.gitkeep", "");
    assert_ok(state_read(project.path, "schema", &state, &err));
    assert_ok(state_hash(project.path, "schema", &manifest, hash, &exists, &err));
    assert_true(exists);
    assert_string_equal(hash, state.hash);
    manifest_text(&manifest, &fast);
    manifest_text(&state.manifest, &full);
    assert_string_equal(buf_text(&fast), buf_text(&full));
    assert_non_null(manifest_find(&manifest, "sql/pre/001_a.sql"));
    assert_non_null(manifest_find(&manifest, "assets/" ROLE "/logo.png"));
    assert_non_null(manifest_find(&manifest, "removed.jsonl"));
    assert_null(manifest_find(&manifest, "README.md"));
    assert_null(manifest_find(&manifest, "info.json"));
    assert_int_equal(state.removed.count, 1);
}

static void no_state_is_no_fault(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(State) state = { 0 };
    AUTO(Manifest) manifest = { 0 };
    Error err = { 0 };
    char hash[DIGEST_HEX] = "x";
    bool exists = true;
    project_make(&project);
    assert_ok(state_read(project.path, "schema", &state, &err));
    assert_false(state.exists);
    assert_string_equal(state.hash, "");
    assert_int_equal(state.removed.count, 0);
    assert_ok(state_hash(project.path, "some/where", &manifest, hash, &exists, &err));
    assert_false(exists);
    assert_string_equal(hash, "");
    put_text(&project, "schema/sql/pre/001_a.sql", "SELECT 1;\n"); /* migrations may come first */
    assert_ok(state_read(project.path, "schema", &state, &err));
    assert_false(state.exists);
    assert_fault(state_read("/nonexistent/project", "schema", &state, &err), ERR_FILES, "does not exist");
}

static void sections_have_hashes_of_their_own(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(State) before = { 0 };
    AUTO(State) after = { 0 };
    AUTO(State) rows = { 0 };
    Error err = { 0 };
    StateWriteOptions options = { 0 };
    char posts[DIGEST_HEX], other[DIGEST_HEX];
    project_make(&project);
    export_small(&project);
    assert_ok(state_read(project.path, "schema", &before, &err));
    put_text(&project, "schema/roles/guest.json",
             "{\"id\":\"" SECOND "\",\"name\":\"Guest\",\"parent\":null}");
    assert_ok(state_read(project.path, "schema", &after, &err));
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        assert_int_equal(strcmp(before.section_hashes[section], after.section_hashes[section]) != 0,
                         section == SECTION_ACCESS);
    assert_string_equal(before.section_hashes[SECTION_DASHBOARDS], "");
    assert_string_not_equal(before.hash, after.hash);
    state_data_hash(&after, "posts", posts);
    assert_int_equal(strlen(posts), 32);
    state_data_hash(&after, "nothing", other);
    assert_string_equal(other, "");
    assert_ok(export_state(&project, small_project, 4, &options, NULL, &err));
    assert_ok(state_read(project.path, "schema", &rows, &err));
    state_data_hash(&rows, "posts", other);
    assert_string_not_equal(posts, other);
    assert_string_equal(rows.section_hashes[SECTION_ACCESS], before.section_hashes[SECTION_ACCESS]);
}

/* Each breaks a whole state in one place. */
static void broken_files_are_named(void **test) {
    (void)test;
    static const struct {
        const char *path, *text, *message;
        ErrorKind kind;
    } cases[] = {
        { "roles/x.json", "{\"id\":\"" SECOND "\",", "schema/roles/x.json: line 1, column 46", ERR_FILES },
        { "roles/x.json", "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> b\n",
          "schema/roles/x.json: line 1, column 1: a git merge conflict", ERR_FILES },
        { "roles/x.json", "{\"name\":\"a\",\"name\":\"b\"}",
          "schema/roles/x.json: line 1, column 13 (/name): duplicate key", ERR_FILES },
        { "roles/x.json", "{\"name\":\"\xff\"}",
          "schema/roles/x.json: line 1, column 10 (/name): invalid UTF-8", ERR_FILES },
        { "roles/x.json", "{\"name\":\"\\ud800\"}", "schema/roles/x.json: line 1, column 10 (/name)",
          ERR_FILES },
        { "roles/x.json", "{\"name\":9007199254740993}",
          "schema/roles/x.json: line 1, column 9 (/name): the integer", ERR_FILES },
        { "roles/x.json", "", "schema/roles/x.json: line 1, column 1: there is no value", ERR_FILES },
        { "roles/x.json", "{\"id\":\"" ROLE "\",\"name\":\"X\",\"parent\":null}",
          "schema/roles/editor.json and schema/roles/x.json: two roles with the id \"" ROLE "\"", ERR_FILES },
        { "roles/x.json",
          "{\"id\":\"" SECOND "\",\"name\":\"X\",\"parent\":\"00000000-0000-4000-8000-0000000000ff\"}",
          "schema/roles/x.json: (/parent): the files have no role", ERR_FILES },
        { "collections/x.json", "{\"collection\":\"x\",\"meta\":{},\"colour\":1}",
          "schema/collections/x.json: (/colour)", ERR_FILES },
        { "info.json", "{\"format\":2}", "schema: the state was written by a newer schema-sync (format 2",
          ERR_FILES },
        { "info.json", "{}", "schema/info.json: (/format): must be the number of the format", ERR_FILES },
        { "info.json", "{\"directus\":12,\"format\":1,\"vendor\":\"postgres\"}",
          "schema/info.json: (/directus): must be the version", ERR_FILES },
        { "info.json", "{\"directus\":\"new\",\"format\":1,\"vendor\":\"postgres\"}",
          "schema/info.json: (/directus): must be the version", ERR_FILES },
        { "info.json", "{\"directus\":\"11.17.4\",\"format\":1}",
          "schema/info.json: (/vendor): must be the kind of database", ERR_FILES },
        { "info.json", "[", "schema/info.json: line 1, column 2", ERR_FILES },
        { "removed.jsonl", "\n[\"roles\",\"a\",null]\n{\"a\":1}\n",
          "schema/removed.jsonl: line 3: an entry is", ERR_FILES },
        { "removed.jsonl", "[\"roles\",null]\n", "schema/removed.jsonl: line 1: an entry is", ERR_FILES },
        { "removed.jsonl", "[5,null,null]\n", "schema/removed.jsonl: line 1: an entry is", ERR_FILES },
        { "removed.jsonl", "[\"roles\",\"a\",null]\n[\"roles\",x]",
          "schema/removed.jsonl: line 2, column 10 (/1/1)", ERR_FILES },
        { "removed.jsonl", "\n[\"flow\",null,[\"x\"]]\n",
          "schema/removed.jsonl: line 2: \"flow\" is no kind of record", ERR_FILES },
        { "data/posts.json", "[\n{\"id\":1},\n{\"id\":01}\n]",
          "schema/data/posts.json: line 3, column 7 (/1/id): a number with", ERR_FILES },
        { "data/posts.json", "{}", "schema/data/posts.json: line 1, column 1 (/0): found '{'", ERR_FILES },
        { "data/ghost.json", "[]", "schema/data/ghost.json: the files have no collection \"ghost\"",
          ERR_FILES },
        { "data/ghost/a.json", "[]", "schema/data/ghost/a.json: the files have no collection \"ghost\"",
          ERR_FILES },
        { ".incomplete", "", "the state in schema is incomplete: an export was interrupted", ERR_FILES },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(Project) project;
        AUTO(Buf) path = { 0 };
        Error err = { 0 };
        project_make(&project);
        export_small(&project);
        buf_printf(&path, "schema/%s", cases[i].path);
        put_text(&project, buf_text(&path), cases[i].text);
        assert_fault(read_and_free(&project, &err), cases[i].kind, cases[i].message);
        assert_true(err.hint[0] != '\0');
    }
}

static void a_missing_info_is_not_an_empty_state(void **test) {
    (void)test;
    AUTO(Project) project;
    Error err = { 0 };
    project_make(&project);
    export_small(&project);
    assert_int_equal(unlink(project_path(&project, "schema/info.json")), 0);
    assert_fault(read_and_free(&project, &err), ERR_FILES,
                 "schema/info.json is missing, although there is a collections/");
    assert_fault(hash_and_free(&project, &err), ERR_FILES, "schema/info.json is missing");
}

static void an_export_at_work_is_told_from_a_torn_one(void **test) {
    (void)test;
    AUTO(Project) project;
    Error err = { 0 };
    project_make(&project);
    export_small(&project);
    put_text(&project, "schema/.incomplete", "");
    assert_true(state_is_incomplete(project.path, "schema"));
    assert_fault(hash_and_free(&project, &err), ERR_FILES, "incomplete");
    AUTO(Folder) holder = { .fd = -1 };
    assert_ok(folder_open(&holder, project_path(&project, "schema"), false, &err));
    assert_ok(folder_lock(&holder, &err));
    assert_fault(hash_and_free(&project, &err), ERR_LOCK, "an export is writing the state in schema");
    assert_fault(read_and_free(&project, &err), ERR_LOCK, "an export is writing the state in schema");
    folder_close(&holder);
    assert_int_equal(unlink(project_path(&project, "schema/.incomplete")), 0);
    assert_ok(read_and_free(&project, &err));
    assert_false(state_is_incomplete(project.path, "schema"));
}

static void links_are_refused(void **test) {
    (void)test;
    static const struct {
        const char *target, *link, *message;
    } cases[] = {
        { "/etc/passwd", "schema/roles/x.json", "schema/roles/x.json is a symbolic link" },
        { "/etc", "schema/flows", "schema/flows is a symbolic link" },
        { "posts.json", "schema/data/again.json", "schema/data/again.json is a symbolic link" },
        { "nowhere", "schema/notes.txt", "schema/notes.txt is a symbolic link" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(Project) project;
        Error err = { 0 };
        StateWriteOptions options = { 0 };
        project_make(&project);
        assert_ok(export_state(
            &project,
            "{'roles':[],'collections':[{'collection':'posts','meta':{}},{'collection':'Tags','meta':{}}]}",
            1, &options, NULL, &err));
        assert_int_equal(symlink(cases[i].target, project_path(&project, cases[i].link)), 0);
        assert_fault(read_and_free(&project, &err), ERR_FILES, cases[i].message);
        assert_fault(hash_and_free(&project, &err), ERR_FILES, cases[i].message);
        assert_fault(export_state(&project, small_project, 1, &options, NULL, &err), ERR_FILES,
                     cases[i].message);
    }
}

static void the_state_folder_stays_in_the_project(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Project) elsewhere;
    AUTO(State) state = { 0 };
    Error err = { 0 };
    project_make(&project);
    project_make(&elsewhere);
    export_small(&elsewhere);
    assert_fault(state_read(project.path, "../x", &state, &err), ERR_FILES, "does not stay in");
    assert_fault(state_read(project.path, "/etc", &state, &err), ERR_FILES, "does not stay in");
    assert_fault(state_read(project.path, "a/../../x", &state, &err), ERR_FILES, "does not stay in");
    AUTO(Buf) target = { 0 };
    buf_printf(&target, "%s/schema", elsewhere.path);
    assert_int_equal(symlink(buf_text(&target), project_path(&project, "schema")), 0);
    assert_fault(read_and_free(&project, &err), ERR_FILES, "is a symbolic link");
    assert_int_equal(symlink(elsewhere.path, project_path(&project, "up")), 0);
    assert_fault(state_read(project.path, "up/schema", &state, &err), ERR_FILES, "is a symbolic link");
}

static void special_files_are_refused(void **test) {
    (void)test;
    AUTO(Project) project;
    Error err = { 0 };
    project_make(&project);
    export_small(&project);
    assert_int_equal(mkfifo(project_path(&project, "schema/roles/pipe.json"), 0600), 0);
    assert_fault(read_and_free(&project, &err), ERR_FILES, "is neither a file nor a folder");
}

static void a_sealed_manifest_must_match(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(StateWriteResult) result = { 0 };
    AUTO(Buf) sealed = { 0 };
    AUTO(Buf) role = { 0 };
    Error err = { 0 };
    StateWriteOptions options = { 0 };
    project_make(&project);
    assert_ok(export_state(&project, small_project, 3, &options, &result, &err));
    manifest_text(&result.manifest, &sealed);
    put_text(&project, "schema-sync.manifest", buf_text(&sealed));
    assert_ok(read_and_free(&project, &err));
    assert_ok(hash_and_free(&project, &err));

    get_text(&project, "schema/roles/editor.json", &role);
    put_text(&project, "schema/roles/editor.json",
             "{\"id\":\"" ROLE "\",\"name\":\"editor\",\"parent\":null}");
    assert_fault(read_and_free(&project, &err), ERR_FILES,
                 "schema/roles/editor.json differs from the sealed manifest");
    assert_fault(hash_and_free(&project, &err), ERR_FILES,
                 "schema/roles/editor.json differs from the sealed manifest");
    assert_int_equal(unlink(project_path(&project, "schema/roles/editor.json")), 0);
    assert_fault(hash_and_free(&project, &err), ERR_FILES,
                 "schema/roles/editor.json is missing, which the sealed manifest has");
    put_text(&project, "schema/roles/editor.json", buf_text(&role));
    put_text(&project, "schema/sql/pre/1.sql", "");
    assert_fault(hash_and_free(&project, &err), ERR_FILES,
                 "schema/sql/pre/1.sql is not in the sealed manifest");
    assert_int_equal(unlink(project_path(&project, "schema/sql/pre/1.sql")), 0);
    assert_ok(hash_and_free(&project, &err));
    buf_puts(&sealed, "0123  x\n");
    put_text(&project, "schema-sync.manifest", buf_text(&sealed));
    assert_fault(hash_and_free(&project, &err), ERR_FILES, "is no line of a manifest");
}

typedef struct {
    Buf text;
    size_t rows;
} Rows;

static bool keep_row(const Json *row, const char *path, size_t line, void *context, Error *err) {
    (void)err;
    Rows *rows = context;
    rows->rows++;
    buf_printf(&rows->text, "%s:%zu:%g ", path, line, json_get(row, "id")->as.number);
    return true;
}

static void rows_stream_out_of_all_files(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(State) state = { 0 };
    Rows rows = { 0 };
    Error err = { 0 };
    project_make(&project);
    export_small(&project);
    put_text(&project, "schema/data/posts/drafts.json", "[ {\"id\":7}\n,{\"id\":\n8} ]");
    assert_ok(state_read(project.path, "schema", &state, &err));
    assert_int_equal(state.data_count, 2);
    assert_ok(state_rows(project.path, "schema", &state.data[1], keep_row, &rows, &err));
    assert_string_equal(buf_text(&rows.text), "data/posts.json:2:1 data/posts.json:3:2 data/posts.json:4:3 "
                                              "data/posts/drafts.json:1:7 data/posts/drafts.json:2:8 ");
    buf_free(&rows.text);
}

static void rows_that_changed_after_the_check_are_refused(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(State) state = { 0 };
    Rows rows = { 0 };
    Error err = { 0 };
    project_make(&project);
    export_small(&project);
    assert_ok(state_read(project.path, "schema", &state, &err));
    put_text(&project, "schema/data/posts.json", "[{\"id\":1}]");
    assert_fault(state_rows(project.path, "schema", &state.data[1], keep_row, &rows, &err), ERR_FILES,
                 "schema/data/posts.json changed after it was checked");
    DataFiles unchecked = { .collection = "posts", .paths = state.data[1].paths };
    assert_ok(state_rows(project.path, "schema", &unchecked, keep_row, &rows, &err));
    put_text(&project, "schema/data/posts.json", "[{\"id\":1},\n{\"id\":}]");
    assert_fault(state_rows(project.path, "schema", &unchecked, keep_row, &rows, &err), ERR_FILES,
                 "schema/data/posts.json: line 2, column 7 (/1/id)");
    assert_int_equal(unlink(project_path(&project, "schema/data/posts.json")), 0);
    assert_fault(state_rows(project.path, "schema", &unchecked, keep_row, &rows, &err), ERR_IO,
                 "data/posts.json");
    buf_free(&rows.text);
}

typedef struct {
    size_t rows, heap;
} Counted;

static void note_heap(Counted *counted) {
    size_t now = heap_in_use();
    counted->heap = now > counted->heap ? now : counted->heap;
}

static bool count_row(const Json *row, const char *path, size_t line, void *context, Error *err) {
    (void)path;
    (void)line;
    (void)err;
    Counted *counted = context;
    counted->rows += json_is(row, JSON_OBJECT);
    note_heap(counted);
    return true;
}

/* Writes (or, when they stand, compares) so many rows and nothing else. */
static void write_many(const Project *project, unsigned rows, Counted *counted) {
    Error err = { 0 };
    StateWriteOptions options = { 0 };
    AUTO(StateWriteResult) result = { 0 };
    StateWriter *writer = NULL;
    char row[128];
    assert_ok(state_writer_begin(project->path, "schema", &options, &writer, &err));
    assert_ok(state_writer_rows_begin(writer, "posts", &err));
    for (unsigned i = 1; i <= rows; i++) {
        int length = snprintf(row, sizeof row, "{\"id\":%u,\"title\":\"%0100u\"}", i, i);
        assert_ok(state_writer_row(writer, "", row, (size_t)length, &err));
        note_heap(counted);
    }
    assert_ok(state_writer_rows_end(writer, &err));
    assert_ok(state_writer_finish(writer, &result, &err));
    state_writer_abandon(&writer);
}

static void a_large_file_needs_little_memory(void **test) {
    (void)test;
    enum { ROWS = 100000, BOUND = 2 * 1024 * 1024 }; /* of 12 MB */
    AUTO(Project) project;
    AUTO(State) state = { 0 };
    Error err = { 0 };
    Counted counted = { 0 };
    project_make(&project);
    export_small(&project);
    size_t before = heap_in_use();
    write_many(&project, ROWS, &counted);
    write_many(&project, ROWS, &counted);
    assert_true(counted.heap - before < BOUND);
    assert_ok(state_read(project.path, "schema", &state, &err));
    before = heap_in_use();
    counted.heap = 0;
    assert_int_equal(state.data_count, 1);
    assert_ok(state_rows(project.path, "schema", &state.data[0], count_row, &counted, &err));
    assert_int_equal(counted.rows, ROWS);
    assert_true(counted.heap - before < BOUND);
}

static void warn(LogLevel level, const char *message, void *context) {
    if (level == LOG_WARN)
        buf_printf(context, "%s\n", message);
}

static void slips_are_warned_of(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Buf) warnings = { 0 };
    Error err = { 0 };
    project_make(&project);
    export_small(&project);
    put_text(&project, "schema/role/x.json", "{}");
    put_text(&project, "schema/notes.md", "");
    log_set_sink(warn, &warnings);
    assert_ok(read_and_free(&project, &err));
    log_set_sink(NULL, NULL);
    assert_string_equal(buf_text(&warnings),
                        "schema/role/x.json is not part of the state: no file of the tool has such a path\n");
}

static void rows_without_a_schema_go_by_file_name(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(State) state = { 0 };
    Error err = { 0 };
    project_make(&project);
    put_text(&project, "schema/info.json", "{\"directus\":\"11.17.4\",\"format\":1,\"vendor\":\"postgres\"}");
    put_text(&project, "schema/data/posts.json", "[]");
    assert_ok(state_read(project.path, "schema", &state, &err));
    assert_int_equal(state.data_count, 1);
    assert_string_equal(state.data[0].collection, "posts");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(the_fast_hash_is_the_same),
        cmocka_unit_test(no_state_is_no_fault),
        cmocka_unit_test(sections_have_hashes_of_their_own),
        cmocka_unit_test(broken_files_are_named),
        cmocka_unit_test(a_missing_info_is_not_an_empty_state),
        cmocka_unit_test(an_export_at_work_is_told_from_a_torn_one),
        cmocka_unit_test(links_are_refused),
        cmocka_unit_test(the_state_folder_stays_in_the_project),
        cmocka_unit_test(special_files_are_refused),
        cmocka_unit_test(a_sealed_manifest_must_match),
        cmocka_unit_test(rows_stream_out_of_all_files),
        cmocka_unit_test(rows_that_changed_after_the_check_are_refused),
        cmocka_unit_test(a_large_file_needs_little_memory),
        cmocka_unit_test(slips_are_warned_of),
        cmocka_unit_test(rows_without_a_schema_go_by_file_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
