#include <sys/wait.h>

#include "unit/repo/git.h"

static RepoHead head_of(const Project *project, const char *state_dir) {
    Error err = { 0 };
    RepoHead head;
    assert_ok(repo_head(project->path, state_dir, &head, &err));
    return head;
}

static void without_a_repository_nothing_is_found(void **test) {
    (void)test;
    AUTO(Project) project;
    project_make(&project);
    export_small(&project);
    RepoHead head = head_of(&project, "schema");
    assert_false(head.found);
    assert_string_equal(head.commit, "");
}

static bool is_tracked(const Project *project, const char *path) {
    Error err = { 0 };
    bool tracked = true;
    assert_ok(repo_tracks(project->path, path, &tracked, &err));
    return tracked;
}

static void what_must_not_be_committed_is_seen(void **test) {
    (void)test;
    AUTO(Project) project;
    project_make(&project);
    put_text(&project, ".env", "A=b\n");
    assert_false(is_tracked(&project, ".env")); /* no repository */
    git(&project, "init -q");
    assert_false(is_tracked(&project, ".env"));
    git(&project, "add .env");
    assert_true(is_tracked(&project, ".env"));
    assert_false(is_tracked(&project, ".env.directus"));
    git(&project, "rm -q --cached .env");
    assert_false(is_tracked(&project, ".env"));
}

static void a_repository_without_commits(void **test) {
    (void)test;
    AUTO(Project) project;
    project_make(&project);
    git(&project, "init -q");
    RepoHead head = head_of(&project, "schema");
    assert_true(head.found && !head.dirty && !head.shallow);
    assert_string_equal(head.commit, "");
    export_small(&project);
    head = head_of(&project, "schema");
    assert_true(head.dirty);
}

static void the_last_commit_that_changed_the_folder(void **test) {
    (void)test;
    AUTO(Project) project;
    char state_commit[65], other[65];
    project_make(&project);
    git(&project, "init -q");
    put_text(&project, "README.md", "1");
    commit_all(&project, "before there was a state");
    assert_string_equal(head_of(&project, "schema").commit, "");
    export_small(&project);
    commit_all(&project, "state");
    head_id(&project, "HEAD", state_commit);
    for (int i = 2; i < 5; i++) {
        char text[2] = { (char)('0' + i), '\0' };
        put_text(&project, "README.md", text);
        commit_all(&project, "something else");
    }
    git(&project, "commit -q --allow-empty -m nothing");
    head_id(&project, "HEAD", other);
    assert_string_not_equal(state_commit, other);
    RepoHead head = head_of(&project, "schema");
    assert_string_equal(head.commit, state_commit);
    assert_false(head.dirty);
    git(&project, "rm -q -r schema");
    git(&project, "commit -q -m gone");
    head_id(&project, "HEAD", other);
    assert_string_equal(head_of(&project, "schema").commit, other);
}

static void merges_are_seen_from_their_first_parent(void **test) {
    (void)test;
    AUTO(Project) project;
    char merge[65];
    project_make(&project);
    git(&project, "init -q");
    export_small(&project);
    commit_all(&project, "state");
    git(&project, "checkout -q -b side");
    put_text(&project, "schema/roles/guest.json", "{}");
    commit_all(&project, "side");
    git(&project, "checkout -q main");
    put_text(&project, "README.md", "1");
    commit_all(&project, "main");
    git(&project, "merge -q --no-ff -m merge side");
    head_id(&project, "HEAD", merge);
    put_text(&project, "README.md", "2");
    commit_all(&project, "later");
    assert_string_equal(head_of(&project, "schema").commit, merge);
}

static void dirt_is_what_differs_in_the_folder(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Buf) role = { 0 };
    project_make(&project);
    git(&project, "init -q");
    export_small(&project);
    commit_all(&project, "state");
    put_text(&project, "README.md", "untracked, elsewhere");
    put_text(&project, "schema/notes.txt", "untracked, not ours");
    put_text(&project, "schema/.incomplete", "");
    put_text(&project, "schema2/roles/a.json", "{}");
    assert_false(head_of(&project, "schema").dirty);
    put_text(&project, "schema/roles/guest.json", "{}");
    assert_true(head_of(&project, "schema").dirty);
    git(&project, "add schema/roles/guest.json"); /* staged is not committed */
    assert_true(head_of(&project, "schema").dirty);
    git(&project, "commit -q -m guest");
    assert_false(head_of(&project, "schema").dirty);
    get_text(&project, "schema/roles/guest.json", &role);
    put_text(&project, "schema/roles/guest.json", "{\"a\":1}");
    assert_true(head_of(&project, "schema").dirty);
    put_text(&project, "schema/roles/guest.json", buf_text(&role));
    assert_false(head_of(&project, "schema").dirty);
    assert_int_equal(unlink(project_path(&project, "schema/roles/guest.json")), 0);
    assert_true(head_of(&project, "schema").dirty);
}

static void a_project_below_the_repository(void **test) {
    (void)test;
    AUTO(Project) project;
    char commit[65];
    project_make(&project);
    Project below = project_below(&project, "apps");
    git(&project, "init -q");
    put_text(&project, "apps/schema-sync.json", "{}");
    export_small(&below);
    put_text(&project, "schema/roles/a.json", "{}"); /* another project's */
    commit_all(&project, "state");
    head_id(&project, "HEAD", commit);
    put_text(&project, "schema/roles/a.json", "{\"a\":1}");
    commit_all(&project, "the other project");
    RepoHead head = head_of(&below, "schema");
    assert_true(head.found && !head.dirty);
    assert_string_equal(head.commit, commit);
}

static void a_shallow_clone_says_so(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Project) clone;
    AUTO(Buf) command = { 0 };
    project_make(&project);
    project_make(&clone);
    git(&project, "init -q");
    export_small(&project);
    commit_all(&project, "state");
    put_text(&project, "README.md", "1");
    commit_all(&project, "later");
    buf_printf(&command, "clone -q --depth 1 file://%s copy", project.path);
    git(&clone, buf_text(&command));
    Project copy = project_below(&clone, "copy");
    RepoHead head = head_of(&copy, "schema");
    assert_true(head.found && head.shallow && !head.dirty);
    assert_string_equal(head.commit, "");
}

static void a_broken_repository_is_a_fault(void **test) {
    (void)test;
    AUTO(Project) project;
    Error err = { 0 };
    RepoHead head;
    project_make(&project);
    git(&project, "init -q");
    export_small(&project);
    commit_all(&project, "state");
    put_text(&project, ".git/refs/heads/main", "0123456789012345678901234567890123456789\n");
    assert_fault(repo_head(project.path, "schema", &head, &err), ERR_CONFIG, "git: ");
    assert_true(err.hint[0] != '\0');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_repository_nothing_is_found),
        cmocka_unit_test(what_must_not_be_committed_is_seen),
        cmocka_unit_test(a_repository_without_commits),
        cmocka_unit_test(the_last_commit_that_changed_the_folder),
        cmocka_unit_test(merges_are_seen_from_their_first_parent),
        cmocka_unit_test(dirt_is_what_differs_in_the_folder),
        cmocka_unit_test(a_project_below_the_repository),
        cmocka_unit_test(a_shallow_clone_says_so),
        cmocka_unit_test(a_broken_repository_is_a_fault),
    };
    if (system("git --version >/dev/null 2>&1") != 0) {
        puts("skipped: git is not installed");
        return TEST_SKIPPED;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
