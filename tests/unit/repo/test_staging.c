#include "repo/git_program.h"
#include "repo/staging.h"
#include "unit/repo/git.h"

/* libgit2 1.5 does not free what it matched the names of a repository's extensions with. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libpcre2";
}

static const char *const beside[] = { "schema-sync.json", NULL };
static char start[512];

/* A commit of a project in a folder with a name of its own; the working directory is the repository's top. */
static Project begin(Project *top, const char *folder) {
    project_make(top);
    git(top, "init -q");
    put_text(top, "notes.txt", "1");
    put_text(top, project_path(top, folder) + strlen(top->path) + 1, "");
    assert_int_equal(remove(project_path(top, folder)), 0);
    assert_int_equal(mkdir(project_path(top, folder), 0777), 0);
    Project project = project_below(top, folder);
    export_small(&project);
    put_text(&project, "schema-sync.json", "{}");
    commit_all(top, "first");
    assert_non_null(getcwd(start, sizeof start));
    assert_int_equal(chdir(top->path), 0);
    return project;
}

static void end(void) {
    assert_int_equal(chdir(start), 0);
}

static void assert_paths(const StagingPaths *paths, const char *expected) {
    AUTO(Buf) text = { 0 };
    for (size_t i = 0; i < paths->count; i++)
        buf_printf(&text, "%s\n", paths->items[i]);
    assert_string_equal(buf_text(&text), expected);
}

static void status_tells_the_commit_from_what_is_left_out(void **state) {
    (void)state;
    AUTO(Project) top;
    Error err = { 0 };
    Project project = begin(&top, "the \xc3\xbc [cms] *");
    AUTO_STAGING staging = NULL;
    assert_true(staging_open(project.path, "schema", &staging));
    put_text(&project, "schema/roles/editor.json", "{}");
    put_text(&project, "schema/foreign.txt", "not ours");
    put_text(&top, "notes.txt", "2");
    git(&top, "add -A");
    put_text(&project, "schema/roles/editor.json", "{ }");
    put_text(&project, "schema/roles/new.json", "{}");
    put_text(&project, "schema/roles/notes.md", "not ours");
    put_text(&project, "schema-sync.json", "{ }");
    AUTO(StagingStatus) status = { 0 };
    assert_ok(staging_status(staging, beside, &status, &err));
    assert_paths(&status.staged, "the \xc3\xbc [cms] */schema/foreign.txt\n"
                                 "the \xc3\xbc [cms] */schema/roles/editor.json\n");
    assert_paths(&status.unstaged, "the \xc3\xbc [cms] */schema/roles/editor.json\n"
                                   "the \xc3\xbc [cms] */schema/roles/new.json\n");
    assert_true(staging_changes(staging, &status, ""));
    assert_true(staging_changes(staging, &status, "schema/roles/editor.json"));
    assert_false(staging_changes(staging, &status, "schema-sync.json"));
    end();
}

static void what_is_staged_is_read(void **state) {
    (void)state;
    AUTO(Project) top;
    Error err = { 0 };
    Project project = begin(&top, "cms");
    AUTO_STAGING staging = NULL;
    AUTO(StagingPaths) paths = { 0 };
    assert_true(staging_open(project.path, "schema", &staging));
    put_text(&project, "schema/roles/editor.json",
             "{\"id\":\"" ROLE "\",\"name\":\"staged\",\"parent\":null}\n");
    put_text(&project, "schema-sync.json", "{ }");
    assert_int_equal(unlink(project_path(&project, "schema/flows/mail.json")), 0);
    staging_paths_add(&paths, "cms/schema/roles/editor.json");
    staging_paths_add(&paths, "cms/schema/flows/mail.json");
    assert_ok(staging_add(staging, &paths, &err));
    put_text(&project, "schema/roles/editor.json", "{");
    assert_ok(staging_look(staging, &err));

    AUTO(Buf) text = { 0 };
    bool found;
    assert_ok(staging_file(staging, "schema-sync.json", &text, &found, &err));
    assert_true(found);
    assert_string_equal(buf_text(&text), "{}");
    assert_ok(staging_file(staging, ".env", &text, &found, &err));
    assert_false(found);
    StateCommit *commit = NULL;
    assert_ok(staging_state(staging, &commit, &err));
    StateSource source = { project.path, "schema", commit };
    AUTO(State) read = { 0 };
    assert_ok(state_read_from(&source, &read, &err));
    assert_string_equal(json_get_text(&read.snapshot.types[TYPE_ROLES].items[1].json, "name"), "staged");
    assert_int_equal(read.snapshot.types[TYPE_FLOWS].count, 0);
    state_commit_close(&commit);
    end();
}

static void other_places_are_no_ones(void **state) {
    (void)state;
    AUTO(Project) top;
    Project project = begin(&top, "cms");
    AUTO(Project) elsewhere;
    Staging *staging;
    project_make(&elsewhere);
    assert_false(
        staging_open(elsewhere.path, "schema", &staging)); /* a project that is not in this repository */
    assert_null(staging);
    assert_int_equal(chdir(elsewhere.path), 0);
    assert_false(staging_open(project.path, "schema", &staging)); /* and none that a hook is run in */
    assert_null(staging);
    end();
}

static void kinds_of_commits(void **state) {
    (void)state;
    AUTO(Project) top;
    Project project = begin(&top, "cms");
    AUTO_STAGING staging = NULL;
    assert_true(staging_open(project.path, "schema", &staging));
    const struct {
        const char *index;
        bool chosen;
    } cases[] = { { ".git/index", false },
                  { ".git/index.lock", false },
                  { "/x/.git/next-index-7.lock", true },
                  { "next-index-7.lock", true } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(setenv("GIT_INDEX_FILE", cases[i].index, 1), 0);
        assert_int_equal(staging_is_chosen(staging), cases[i].chosen);
    }
    unsetenv("GIT_INDEX_FILE");
    assert_false(staging_is_chosen(staging));
    assert_false(staging_is_in_between(staging));
    put_text(&top, ".git/CHERRY_PICK_HEAD", "");
    assert_true(staging_is_in_between(staging));
    end();
}

static void gits_own_words(void **state) {
    (void)state;
    static const char *const wrong[] = { "--no-optional-locks", "rev-parse", "--verify", "nowhere^{tree}",
                                         NULL };
    static const char *const echo[] = { "hash-object", "--stdin", NULL };
    AUTO(Buf) out = { 0 };
    AUTO(Buf) input = { 0 };
    Error err = { 0 };
    assert_fault(git_program(wrong, NULL, &out, &err), ERR_CONFIG, "git rev-parse: Needed a single revision");
    for (size_t i = 0; i < 300000; i++) /* more than a pipe holds */
        buf_putc(&input, 'x');
    assert_ok(git_program(echo, &input, &out, &err));
    assert_int_equal(strlen(buf_text(&out)), 41);
    assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
    assert_fault(git_program(echo, &input, &out, &err), ERR_CONFIG, "git cannot be started");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_tells_the_commit_from_what_is_left_out),
        cmocka_unit_test(what_is_staged_is_read),
        cmocka_unit_test(other_places_are_no_ones),
        cmocka_unit_test(kinds_of_commits),
        cmocka_unit_test(gits_own_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
