/* A commit killed before each of its system calls that change files. */
#include "repo/commit.h"
#include "unit/repo/git.h"
#include "unit/repo/kill.h"

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libpcre2"; /* see test_commit.c */
}

static bool say(const char *parent, Buf *message, void *context, Error *err) {
    (void)parent;
    (void)context;
    (void)err;
    buf_puts(message, "new");
    return true;
}

static void be_the_commit(const void *context) {
    const Project *project = context;
    Error err = { 0 };
    CommitResult result = { 0 };
    kill_here();
    _exit(repo_commit(project->path, "schema", say, NULL, &result, &err) && result.made ? 0 : 1);
}

static void put_work(const Project *project) {
    put_text(project, "schema/roles/guest.json", "{}");
    put_text(project, "schema/settings.json", "{}\n");
    assert_int_equal(unlink(project_path(project, "schema/folders.json")), 0);
}

static const char other_work[] = "other\nstaged\nM\tstaged\n";

/* 'o' or 'n', the commit that HEAD has; 'i': the old one, with the new state staged. */
static char look(const Project *project, bool *locked) {
    static const struct {
        char kind;
        const char *subject, *status;
    } kinds[] = {
        { 'n', "new\n", "" },
        { 'i', "old\n", "D  schema/folders.json\nA  schema/roles/guest.json\nM  schema/settings.json\n" },
        { 'o', "old\n", " D schema/folders.json\n M schema/settings.json\n?? schema/roles/guest.json\n" },
    };
    AUTO(Buf) said = { 0 };
    AUTO(Buf) wanted = { 0 };
    *locked = has_file(project, ".git/index.lock") || has_file(project, ".git/HEAD.lock") ||
              has_file(project, ".git/refs/heads/main.lock");
    git_says(project,
             "fsck --strict --no-dangling && git ls-files --error-unmatch other staged && git diff --cached "
             "--name-status -- other staged && git log -1 --format=%s && git status --porcelain -- schema",
             &said);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        buf_clear(&wanted);
        buf_printf(&wanted, "%s%s%s", other_work, kinds[i].subject, kinds[i].status);
        if (strcmp(buf_text(&said), buf_text(&wanted)) == 0)
            return kinds[i].kind;
    }
    fail_msg("%s", buf_text(&said));
    return 0;
}

/* What was killed is done by the next run, once a lock that was left is taken away, as its message says. */
static void check_healed(const Project *project, bool locked) {
    Error err = { 0 };
    AUTO(CommitResult) result = { 0 };
    AUTO(Buf) said = { 0 };
    static const char *const locks[] = { ".git/index.lock", ".git/HEAD.lock", ".git/refs/heads/main.lock" };
    bool done = repo_commit(project->path, "schema", say, NULL, &result, &err);
    if (!done) {
        assert_true(locked && err.kind == ERR_LOCK);
        for (size_t i = 0; i < 3; i++)
            unlink(project_path(project, locks[i]));
        err = (Error){ 0 };
        assert_ok(repo_commit(project->path, "schema", say, NULL, &result, &err));
    }
    git_says(project,
             "rev-list --count HEAD && git status --porcelain; ls .git | grep schema-sync; :", &said);
    assert_string_equal(buf_text(&said), "2\nM  staged\n");
}

static void killed_everywhere(void **test) {
    (void)test;
    unsigned kinds[128] = { 0 }, locked_count = 0;
    bool killed = true;
    AUTO(Project) model;
    AUTO(Buf) command = { 0 };
    project_make(&model);
    git(&model, "init -q work");
    Project work = project_below(&model, "work");
    git(&work, "config user.name t");
    git(&work, "config user.email t@t.test");
    export_small(&work);
    put_text(&work, "other", "1");
    put_text(&work, "staged", "1");
    commit_all(&work, "old");
    put_text(&work, "staged", "2");
    git(&work, "add staged");
    put_work(&work);
    for (unsigned at = 1; killed; at++) {
        Project copy = project_below(&model, "copy");
        bool locked;
        buf_clear(&command);
        buf_printf(&command, "rm -rf %s && cp -a %s %s", copy.path, work.path, copy.path);
        assert_int_equal(system(buf_text(&command)), 0);
        git(&copy, "update-index -q --refresh; :"); /* other inodes */
        killed = kill_at(be_the_commit, &copy, at);
        kinds[(unsigned char)look(&copy, &locked)]++;
        locked_count += locked;
        check_healed(&copy, locked);
    }
    print_message(
        "killed %u times: HEAD old %u, old with the new state staged %u, new %u; a lock left %u times\n",
        kinds['o'] + kinds['i'] + kinds['n'] - 1, kinds['o'], kinds['i'], kinds['n'], locked_count);
    assert_true(kinds['o'] > 20 && kinds['i'] >= 1 && kinds['n'] >= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(killed_everywhere) };
    if (system("git --version >/dev/null 2>&1") != 0) {
        puts("skipped: git is not installed");
        return TEST_SKIPPED;
    }
    if (!may_trace()) {
        puts("skipped: ptrace is not allowed here");
        return TEST_SKIPPED;
    }
    setenv("HOME", "/nonexistent", 1);
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
