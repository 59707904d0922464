#include "repo/overview.h"
#include "unit/repo/git.h"

static RepoOverview overview_of(const Project *project, const StateCommit *commit, Arena *arena) {
    Error err = { 0 };
    StateSource source = { project->path, "schema", commit };
    RepoOverview overview;
    assert_ok(repo_overview(&source, arena, &overview, &err));
    return overview;
}

static void begin(Project *project) {
    project_make(project);
    git(project, "init -q");
    export_small(project);
}

static void commit_text(const Project *project, const char *path, const char *text) {
    put_text(project, path, text);
    commit_all(project, path);
}

static void without_a_repository_or_a_commit(void **test) {
    (void)test;
    AUTO(Arena) arena = { 0 };
    AUTO(Project) project;
    project_make(&project);
    assert_false(overview_of(&project, NULL, &arena).found);
    git(&project, "init -q");
    RepoOverview overview = overview_of(&project, NULL, &arena);
    assert_true(overview.found && !overview.bare && !overview.commit && !overview.dirty_count);
    assert_string_equal(overview.branch, "main");
}

static void the_files_that_are_not_committed(void **test) {
    (void)test;
    AUTO(Arena) arena = { 0 };
    AUTO(Project) project;
    AUTO(Buf) said = { 0 };
    begin(&project);
    put_text(&project, "schema/roles/old.json", "{}");
    commit_all(&project, "state");
    put_text(&project, "schema/notes.txt", "not ours");
    put_text(&project, "README.md", "not here");
    put_text(&project, "schema/roles/guest.json", "{}");
    put_text(&project, "schema/settings.json", "{}\n");
    put_text(&project, "schema/folders.json", "[1]\n");
    git(&project, "add schema/folders.json");
    git(&project, "rm -q schema/roles/old.json");
    git(&project, "checkout -q --detach");
    RepoOverview overview = overview_of(&project, NULL, &arena);
    for (size_t i = 0; i < overview.dirty_count; i++)
        buf_printf(&said, "%c %s\n", overview.dirty[i].kind, overview.dirty[i].path);
    assert_string_equal(buf_text(&said),
                        "M folders.json\nA roles/guest.json\nD roles/old.json\nM settings.json\n");
    assert_null(overview.branch);
}

static void the_versions(void **test) {
    (void)test;
    AUTO(Arena) arena = { 0 };
    AUTO(Project) project;
    AUTO(Buf) said = { 0 };
    Error err = { 0 };
    char first[65], id[65];
    begin(&project);
    commit_all(&project, "state");
    head_id(&project, "HEAD", first);
    git(&project, "tag v1.9.0");
    commit_text(&project, "README.md", "1");
    git(&project, "tag -a -m annotated v1.10.0");
    static const char *const others[] = { "v1.2", "v1.2.3-rc1", "v01.2.3", "1.2.3", "v1.2.3.4", "vx.1.1" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        AUTO(Buf) command = { 0 };
        buf_printf(&command, "tag %s", others[i]);
        git(&project, buf_text(&command));
    }
    git(&project, "tag v3.0.0 HEAD^{tree}");
    git(&project, "checkout -q -b side");
    commit_text(&project, "schema/roles/guest.json", "{}");
    git(&project, "tag v2.0.0");
    git(&project, "checkout -q main");
    commit_text(&project, "README.md", "2");
    head_id(&project, "HEAD", id);
    RepoOverview overview = overview_of(&project, NULL, &arena);
    assert_string_equal(overview.commit, id);
    for (size_t i = 0; i < overview.tag_count; i++) {
        const VersionTag *tag = &overview.tags[i];
        buf_printf(&said, "%s %ld %ld %s\n", tag->name, tag->since, tag->beyond,
                   strcmp(tag->state, first) == 0 ? "first" : "other");
    }
    assert_string_equal(buf_text(&said), "v2.0.0 1 1 other\nv1.10.0 1 0 first\nv1.9.0 2 0 first\n");
    StateCommit *commit;
    assert_ok(state_commit_open(project.path, "schema", "v2.0.0", &commit, &err));
    put_text(&project, "schema/settings.json", "{}\n");
    overview = overview_of(&project, commit, &arena);
    head_id(&project, "v2.0.0", id);
    assert_string_equal(overview.commit, id);
    assert_int_equal(overview.tags[0].since, 0);
    assert_int_equal(overview.dirty_count, 0);
    state_commit_close(&commit);
}

static void what_cannot_be_read(void **test) {
    (void)test;
    AUTO(Arena) arena = { 0 };
    AUTO(Project) project;
    Error err = { 0 };
    begin(&project);
    commit_all(&project, "state");
    git(&project, "tag v1.0.0");
    put_text(&project, ".git/index", "no index");
    StateSource source = { project.path, "schema", NULL };
    RepoOverview overview;
    assert_fault(repo_overview(&source, &arena, &overview, &err), ERR_CONFIG,
                 "the work tree cannot be compared");
    assert_string_equal(overview.branch, "main"); /* what is known is told */
    assert_int_equal(overview.tag_count, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_repository_or_a_commit),
        cmocka_unit_test(the_files_that_are_not_committed),
        cmocka_unit_test(the_versions),
        cmocka_unit_test(what_cannot_be_read),
    };
    if (system("git --version >/dev/null 2>&1") != 0) {
        puts("skipped: git is not installed");
        return TEST_SKIPPED;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
