#include "unit/repo/git.h"

/* libgit2 1.5 does not free what it matched the names of a repository's extensions with. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libpcre2";
}

/* Two commits: one row more in the second, and a role by another name in the work tree. */
static void make_history(Project *project) {
    Error err = { 0 };
    StateWriteOptions options = { 0 };
    project_make(project);
    git(project, "init -q");
    export_small(project);
    commit_all(project, "three rows");
    git(project, "tag v1.0.0");
    assert_ok(export_state(project, small_project, 4, &options, NULL, &err));
    commit_all(project, "four rows");
    put_text(project, "schema/roles/editor.json",
             "{\"id\":\"" ROLE "\",\"name\":\"changed\",\"parent\":null}\n");
}

static StateSource source_at(const Project *project, const char *ref) {
    Error err = { 0 };
    StateCommit *commit = NULL;
    assert_ok(state_commit_open(project->path, "schema", ref, &commit, &err));
    return (StateSource){ project->path, "schema", commit };
}

static void close_source(StateSource *source) {
    StateCommit *commit = (StateCommit *)(uintptr_t)source->commit;
    state_commit_close(&commit);
}

static bool count_row(const Json *row, const char *path, size_t line, void *context, Error *err) {
    (void)row;
    (void)path;
    (void)line;
    (void)err;
    ++*(size_t *)context;
    return true;
}

static size_t rows_at(const Project *project, const char *ref) {
    Error err = { 0 };
    AUTO(State) state = { 0 };
    StateSource source = source_at(project, ref);
    size_t count = 0;
    assert_ok(state_read_from(&source, &state, &err));
    assert_true(state.exists);
    assert_string_equal(json_get_text(&state.snapshot.types[TYPE_ROLES].items[1].json, "name"), "editor");
    assert_ok(state_rows_from(&state.source, &state.data[1], count_row, &count, &err));
    close_source(&source);
    return count;
}

static void a_commit_is_read_and_the_work_tree_is_not(void **test) {
    (void)test;
    AUTO(Project) project;
    make_history(&project);
    assert_int_equal(rows_at(&project, "HEAD"), 4);
    assert_int_equal(rows_at(&project, "main"), 4);
    assert_int_equal(rows_at(&project, "HEAD~1"), 3);
    assert_int_equal(rows_at(&project, "v1.0.0"), 3);
    char id[65];
    head_id(&project, "HEAD~1", id);
    assert_int_equal(rows_at(&project, id), 3);
    id[10] = '\0';
    assert_int_equal(rows_at(&project, id), 3);
}

static void a_commit_hashes_as_its_checkout_does(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Manifest) there = { 0 };
    AUTO(Manifest) here = { 0 };
    char hash[DIGEST_HEX], checked_out[DIGEST_HEX];
    Error err = { 0 };
    bool exists;
    make_history(&project);
    put_text(&project, "schema/sql/pre/001_a.sql", "SELECT 1;\n");
    put_text(&project, "schema/assets/" ROLE "/logo.png", "png");
    put_text(&project, "schema/assets/" ROLE "/empty", "");
    commit_all(&project, "more kinds");
    StateSource source = source_at(&project, "HEAD");
    assert_ok(state_hash_from(&source, &there, hash, &exists, &err));
    assert_true(exists);
    assert_ok(state_hash(project.path, "schema", &here, checked_out, &exists, &err));
    assert_string_equal(hash, checked_out);
    AUTO(State) state = { 0 };
    assert_ok(state_read_from(&source, &state, &err));
    assert_string_equal(state.hash, hash);
    close_source(&source);
}

static void the_commit_is_the_last_that_changed_the_folder(void **test) {
    (void)test;
    AUTO(Project) project;
    char changed[65];
    make_history(&project);
    head_id(&project, "HEAD", changed);
    git(&project, "checkout -q -- .");
    put_text(&project, "README.md", "1");
    commit_all(&project, "something else");
    StateSource source = source_at(&project, "HEAD");
    assert_string_equal(state_commit_id(source.commit), changed);
    assert_string_equal(state_source_shown(&source), "HEAD:schema");
    close_source(&source);
}

static void a_bare_clone_serves(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Project) place;
    AUTO(Buf) command = { 0 };
    make_history(&project);
    put_text(&project, "schema-sync.json", "{}\n");
    git(&project, "add schema-sync.json");
    git(&project, "commit -q -m config");
    project_make(&place);
    buf_printf(&command, "clone -q --bare file://%s copy", project.path);
    git(&place, buf_text(&command));
    Project bare = project_below(&place, "copy");
    assert_int_equal(rows_at(&bare, "v1.0.0"), 3);
    AUTO(Buf) text = { 0 };
    Error err = { 0 };
    bool found;
    assert_ok(repo_bare_file(bare.path, "main", "schema-sync.json", &text, &found, &err));
    assert_true(found);
    assert_string_equal(buf_text(&text), "{}\n");
    assert_ok(repo_bare_file(bare.path, "v1.0.0", "schema-sync.json", &text, &found, &err));
    assert_false(found);
    assert_ok(repo_bare_file(project.path, "main", "schema-sync.json", &text, &found, &err));
    assert_false(found); /* a work tree holds its own */
}

static void refuse(const Project *project, const char *ref, ErrorKind kind, const char *message,
                   const char *hint) {
    Error err = { 0 };
    StateCommit *commit = NULL;
    assert_fault(state_commit_open(project->path, "schema", ref, &commit, &err), kind, message);
    if (hint && !strstr(err.hint, hint))
        fail_msg("hint of %s: %s", ref, err.hint);
    assert_null(commit);
}

static void what_is_no_commit_is_refused(void **test) {
    (void)test;
    AUTO(Project) project;
    project_make(&project);
    refuse(&project, "HEAD", ERR_CONFIG, "is in no git repository", NULL);
    git(&project, "init -q");
    refuse(&project, "HEAD", ERR_CONFIG, "the branch has no commit yet", "commit the state first");
    export_small(&project);
    commit_all(&project, "state");
    git(&project, "tag v1.2.2");
    refuse(&project, "v1.2.3", ERR_CONFIG, "\"v1.2.3\" is no commit of this repository", "\"v1.2.2\"");
    refuse(&project, "HEAD~7", ERR_CONFIG, "\"HEAD~7\" is no commit", NULL);
    refuse(&project, "HEAD:schema", ERR_CONFIG, "\"HEAD:schema\" is no commit", NULL);
    refuse(&project, "a..b", ERR_CONFIG, "\"a..b\"", NULL);
    refuse(&project, "", ERR_CONFIG, "is no commit", NULL);
}

static void fault_of(const Project *project, const char *ref, ErrorKind kind, const char *message) {
    Error err = { 0 };
    AUTO(State) state = { 0 };
    StateSource source = source_at(project, ref);
    assert_fault(state_read_from(&source, &state, &err), kind, message);
    close_source(&source);
}

static void faults_name_the_commit(void **test) {
    (void)test;
    AUTO(Project) project;
    make_history(&project);
    commit_all(&project, "as it was");
    put_text(&project, "schema/roles/editor.json", "{");
    commit_all(&project, "broken");
    put_text(&project, "schema/roles/editor.json", "{\"id\":\"" ROLE "\",\"name\":\"e\",\"parent\":null}\n");
    put_text(&project, "schema/data/posts.json", "[\n{\"id\":1},\n{\"id\":}\n]\n");
    commit_all(&project, "a broken row");
    git(&project, "checkout -q HEAD~2 -- schema");
    put_text(&project, "schema/.incomplete", "");
    commit_all(&project, "torn");
    git(&project, "rm -q schema/.incomplete schema/info.json");
    git(&project, "commit -q -m headless");
    fault_of(&project, "HEAD~3", ERR_FILES, "HEAD~3:schema/roles/editor.json: line 1");
    fault_of(&project, "HEAD~2", ERR_FILES, "HEAD~2:schema/data/posts.json: line 3");
    fault_of(&project, "HEAD~1", ERR_FILES, "an interrupted export was committed");
    fault_of(&project, "HEAD", ERR_FILES, "HEAD:schema/info.json is missing");
}

static void links_and_submodules_are_refused(void **test) {
    (void)test;
    AUTO(Project) project;
    make_history(&project);
    assert_int_equal(symlink("/etc/passwd", project_path(&project, "schema/roles/link.json")), 0);
    commit_all(&project, "a link");
    fault_of(&project, "HEAD", ERR_FILES, "HEAD:schema/roles/link.json is a symbolic link");
    git(&project, "rm -q schema/roles/link.json");
    char id[65];
    AUTO(Buf) command = { 0 };
    head_id(&project, "HEAD", id);
    buf_printf(&command, "update-index --add --cacheinfo 160000,%s,schema/flows/sub", id);
    git(&project, buf_text(&command));
    git(&project, "commit -q -m submodule");
    fault_of(&project, "HEAD", ERR_FILES, "HEAD:schema/flows/sub is a submodule");
    /* the folder itself */
    git(&project, "rm -q -r --cached schema");
    buf_clear(&command);
    buf_printf(&command, "update-index --add --cacheinfo 160000,%s,schema", id);
    git(&project, buf_text(&command));
    git(&project, "commit -q -m all");
    refuse(&project, "HEAD", ERR_FILES, "HEAD:schema is no folder", NULL);
}

static void a_commit_without_a_state_has_none(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(State) state = { 0 };
    Error err = { 0 };
    project_make(&project);
    git(&project, "init -q");
    put_text(&project, "README.md", "1");
    put_text(&project, "schema/README.md", "of something else");
    commit_all(&project, "no state");
    StateSource source = source_at(&project, "HEAD");
    assert_ok(state_read_from(&source, &state, &err));
    assert_false(state.exists);
    close_source(&source);
}

static void a_pointer_of_lfs_is_no_file(void **test) {
    (void)test;
    AUTO(Project) project;
    make_history(&project);
    put_text(&project, "schema/data/posts.json",
             "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
    commit_all(&project, "lfs");
    fault_of(&project, "HEAD", ERR_FILES, "HEAD:schema/data/posts.json is kept by git LFS");
}

static void a_corrupt_object_is_a_fault(void **test) {
    (void)test;
    AUTO(Project) project;
    char id[65], path[128];
    make_history(&project);
    head_id(&project, "HEAD:schema/data/posts.json", id);
    snprintf(path, sizeof path, ".git/objects/%.2s/%s", id, id + 2);
    assert_int_equal(chmod(project_path(&project, path), 0600), 0);
    put_text(&project, path, "this is no object");
    fault_of(&project, "HEAD", ERR_CONFIG, "HEAD:schema/data/posts.json");
}

static void a_partial_clone_says_what_to_fetch(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Project) place;
    AUTO(Buf) command = { 0 };
    Error err = { 0 };
    AUTO(State) state = { 0 };
    make_history(&project);
    git(&project, "config uploadpack.allowFilter true");
    project_make(&place);
    buf_printf(&command, "clone -q --filter=blob:none --no-checkout file://%s copy", project.path);
    git(&place, buf_text(&command));
    Project copy = project_below(&place, "copy");
    StateSource source = source_at(&copy, "HEAD");
    assert_fault(state_read_from(&source, &state, &err), ERR_CONFIG, "HEAD:schema/");
    assert_non_null(strstr(err.hint, "partial clone"));
    close_source(&source);
    git(&copy, "checkout -q main"); /* which fetches what HEAD needs */
    assert_int_equal(rows_at(&copy, "HEAD"), 4);
}

static void formats_that_cannot_be_read_are_named(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Project) table;
    AUTO(Project) sparse;
    RepoHead head;
    Error err = { 0 };
    project_make(&project);
    git(&project, "init -q --object-format=sha256");
    refuse(&project, "HEAD", ERR_CONFIG, "the repository cannot be opened", "SHA-256");
    make_history(&table);
    git(&table, "config core.repositoryformatversion 1");
    git(&table, "config extensions.refStorage reftable");
    refuse(&table, "HEAD", ERR_CONFIG, "the repository cannot be opened", "git refs migrate");
    make_history(&sparse);
    put_text(&sparse, "other/deep/file", "1");
    commit_all(&sparse, "more");
    git(&sparse, "sparse-checkout set --cone --sparse-index schema");
    assert_int_equal(rows_at(&sparse, "v1.0.0"), 3); /* commits need no index */
    assert_fault(repo_head(sparse.path, "schema", &head, &err), ERR_CONFIG,
                 "the work tree cannot be compared");
    assert_non_null(strstr(err.hint, "--no-sparse-index"));
    git(&sparse, "sparse-checkout reapply --no-sparse-index");
    err = (Error){ 0 };
    assert_ok(repo_head(sparse.path, "schema", &head, &err));
    assert_false(head.dirty);
}

static void a_state_is_found_by_its_hash(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Manifest) manifest = { 0 };
    StateCommit *found = NULL;
    Error err = { 0 };
    char hash[DIGEST_HEX], first[65], second[65], why[FIND_WHY];
    bool exists;
    make_history(&project);
    head_id(&project, "HEAD~1", first);
    head_id(&project, "HEAD", second);
    StateSource source = source_at(&project, "HEAD~1");
    assert_ok(state_hash_from(&source, &manifest, hash, &exists, &err));
    close_source(&source);
    put_text(&project, "README.md", "1");
    git(&project, "add README.md");
    git(&project, "commit -q -m later");
    /* as the marker says; with another commit, or none that is here: by looking back */
    const char *const said[] = { first, second, "0123456789012345678901234567890123456789", NULL };
    for (size_t i = 0; i < 4; i++) {
        assert_ok(state_commit_find(project.path, "schema", said[i], hash, &found, why, &err));
        assert_non_null(found);
        assert_string_equal(state_commit_id(found), first);
        state_commit_close(&found);
    }
    hash[0] = hash[0] == '0' ? '1' : '0';
    assert_ok(state_commit_find(project.path, "schema", first, hash, &found, why, &err));
    assert_null(found);
    assert_non_null(strstr(why, "no commit has the state"));
    assert_ok(state_commit_find("/tmp", "schema", NULL, hash, &found, why, &err));
    assert_null(found);
    assert_non_null(strstr(why, "in no git repository"));
}

/* Usual in containers; git itself refuses it. */
static void a_repository_of_another_user_is_read(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Buf) command = { 0 };
    if (geteuid() != 0) {
        print_message("skipped: only root can give files to another user\n");
        skip();
    }
    make_history(&project);
    buf_printf(&command, "chown -R 12345:12345 %s", project.path);
    assert_int_equal(system(buf_text(&command)), 0);
    assert_int_equal(rows_at(&project, "v1.0.0"), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commit_is_read_and_the_work_tree_is_not),
        cmocka_unit_test(a_commit_hashes_as_its_checkout_does),
        cmocka_unit_test(the_commit_is_the_last_that_changed_the_folder),
        cmocka_unit_test(a_bare_clone_serves),
        cmocka_unit_test(what_is_no_commit_is_refused),
        cmocka_unit_test(faults_name_the_commit),
        cmocka_unit_test(links_and_submodules_are_refused),
        cmocka_unit_test(a_commit_without_a_state_has_none),
        cmocka_unit_test(a_pointer_of_lfs_is_no_file),
        cmocka_unit_test(a_corrupt_object_is_a_fault),
        cmocka_unit_test(a_partial_clone_says_what_to_fetch),
        cmocka_unit_test(formats_that_cannot_be_read_are_named),
        cmocka_unit_test(a_state_is_found_by_its_hash),
        cmocka_unit_test(a_repository_of_another_user_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
