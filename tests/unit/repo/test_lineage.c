/* Which commits a lineage names when the state folder was moved. */
#include "repo/lineage.h"
#include "unit/repo/git.h"

static void begin(Project *project) {
    project_make(project);
    git(project, "init -q");
    export_small(project);
    commit_all(project, "state");
}

/* "<subject> <subject> …", newest first. */
static void assert_lineage(const Project *project, const char *folder, const char *wanted) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) said = { 0 };
    Error err = { 0 };
    Lineage lineage;
    StateSource source = { project->path, folder, NULL };
    assert_ok(repo_lineage(&source, &arena, &lineage, &err));
    for (size_t i = 0; i < lineage.count; i++) {
        AUTO(Buf) subject = { 0 };
        git_says(project, arena_printf(&arena, "show -s --format=%%s %s", lineage.commits[i]), &subject);
        buf_printf(&said, "%s%.*s", i ? " " : "", (int)subject.length - 1, subject.data);
    }
    assert_string_equal(buf_text(&said), wanted);
    assert_true(lineage.complete);
}

static void a_folder_that_was_moved(void **test) {
    (void)test;
    AUTO(Project) project;
    begin(&project);
    put_text(&project, "schema/folders.json", "[1]\n");
    commit_all(&project, "changed");
    put_text(&project, "README.md", "beside");
    commit_all(&project, "beside");
    git(&project, "mv schema state");
    commit_all(&project, "moved");
    assert_lineage(&project, "state", "moved changed state");
    put_text(&project, "apps/cms/note.txt", "");
    git(&project, "mv state apps/cms/state");
    put_text(&project, "apps/cms/state/folders.json", "[2]\n");
    commit_all(&project, "again");
    assert_lineage(&project, "apps/cms/state", "again moved changed state");
}

static void projects_that_were_moved_together(void **test) {
    (void)test;
    AUTO(Project) project;
    begin(&project);
    git(&project, "mv schema one");
    commit_all(&project, "one");
    put_text(&project, "two/info.json", "{}\n");
    commit_all(&project, "two");
    put_text(&project, "two/info.json", "{ }\n");
    commit_all(&project, "of-two");
    put_text(&project, "apps/note.txt", "");
    git(&project, "mv one two apps");
    commit_all(&project, "both");
    assert_lineage(&project, "apps/one", "both one state");
    assert_lineage(&project, "apps/two", "both of-two two");
    /* which was which cannot be told */
    put_text(&project, "more/note.txt", "");
    git(&project, "mv apps/one apps/two more");
    put_text(&project, "more/one/folders.json", "[3]\n");
    put_text(&project, "more/two/folders.json", "[3]\n");
    commit_all(&project, "unclear");
    assert_lineage(&project, "more/one", "unclear");
}

static void a_folder_that_nothing_went_before(void **test) {
    (void)test;
    AUTO(Project) project;
    project_make(&project);
    git(&project, "init -q");
    put_text(&project, "other/info.json", "{}\n");
    commit_all(&project, "other");
    export_small(&project);
    commit_all(&project, "state");
    assert_lineage(&project, "schema", "state");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_that_was_moved),
        cmocka_unit_test(projects_that_were_moved_together),
        cmocka_unit_test(a_folder_that_nothing_went_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
