#include "repo/commit.h"

#include <sys/wait.h>

#include "repo/committing.h"
#include "unit/repo/git.h"

/* libgit2 1.5 loses its matcher whenever a repository has extensions. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libpcre2\n";
}

static bool say(const char *parent, Buf *message, void *context, Error *err) {
    (void)parent;
    (void)err;
    buf_puts(message, context ? context : "state");
    return true;
}

/* A repository with a committer and a state that is not committed. */
static void begin(Project *project) {
    project_make(project);
    git(project, "init -q");
    git(project, "config user.name 'Zoë Tester'");
    git(project, "config user.email zoe@example.com");
    export_small(project);
}

static void made(const Project *project, CommitResult *result) {
    Error err = { 0 };
    assert_ok(repo_commit(project->path, "schema", say, NULL, result, &err));
}

static void commit_it(const Project *project) {
    AUTO(CommitResult) result = { 0 };
    made(project, &result);
    assert_true(result.made);
}

static void sound(const Project *project) {
    AUTO(Buf) said = { 0 };
    git_says(project, "fsck --strict", &said); /* fails when something is wrong */
}

static void refused(const Project *project, ErrorKind kind, const char *words, const char *hint) {
    Error err = { 0 };
    AUTO(CommitResult) result = { 0 };
    assert_fault(repo_commit(project->path, "schema", say, NULL, &result, &err), kind, words);
    if (!strstr(err.hint, hint))
        fail_msg("%s: the hint is %s", words, err.hint);
    assert_false(result.made);
}

/* Refused before the files are written, too. */
static void not_ready(const Project *project, ErrorKind kind, const char *words, const char *hint) {
    Error err = { 0 };
    assert_fault(repo_commit_check(project->path, "schema", &err), kind, words);
    refused(project, kind, words, hint);
}

static const char *role = "schema/roles/guest.json";

/* ---- what is committed ---- */

static void the_first_commit_of_a_repository(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(CommitResult) result = { 0 };
    char head[65];
    begin(&project);
    put_text(&project, "README.md", "not mine");
    put_text(&project, "schema/notes.txt", "not mine either");
    made(&project, &result);
    head_id(&project, "HEAD", head);
    assert_string_equal(result.id, head);
    assert_string_equal(buf_text(&result.branch), "main");
    assert_false(result.detached);
    assert_git_says(&project, "log --format='%an <%ae>, %cn <%ce>: %B'",
                    "Zoë Tester <zoe@example.com>, Zoë Tester <zoe@example.com>: state\n\n");
    assert_git_says(&project, "status --porcelain", "?? README.md\n?? schema/notes.txt\n");
    assert_git_says(&project, "reflog --format=%gs", "commit (initial): state\n");
    sound(&project);
    commit_result_free(&result);
    made(&project, &result); /* nothing to commit is success */
    assert_false(result.made);
    assert_string_equal(result.id, head);
    assert_git_says(&project, "rev-list --count HEAD", "1\n");
}

static void what_came_changed_and_went(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(CommitResult) result = { 0 };
    begin(&project);
    put_text(&project, "schema/notes.txt", "1");
    put_text(&project, "apps/deep/file", "1");
    commit_all(&project, "before");
    put_text(&project, role, "{}");
    put_text(&project, "schema/settings.json", "{\"project_name\":\"Q\"}\n");
    put_text(&project, "schema/notes.txt", "2");
    git(&project, "rm -q --cached schema/info.json"); /* the index's word does not count */
    assert_int_equal(unlink(project_path(&project, "schema/folders.json")), 0);
    made(&project, &result);
    assert_int_equal(result.files, 3);
    assert_git_says(&project, "diff-tree -r --name-status --no-commit-id HEAD",
                    "D\tschema/folders.json\nA\tschema/roles/guest.json\nM\tschema/settings.json\n");
    assert_git_says(&project, "status --porcelain", " M schema/notes.txt\n");
    assert_git_says(&project, "diff --name-only HEAD~1 HEAD -- apps", "");
    /* a whole folder goes, and comes again */
    git(&project, "checkout -q -- schema/notes.txt");
    git(&project, "rm -q -r --cached schema/flows");
    assert_int_equal(unlink(project_path(&project, "schema/flows/mail.json")), 0);
    commit_it(&project);
    assert_git_says(&project, "ls-tree --name-only HEAD schema/flows", "");
    assert_git_says(&project, "status --porcelain", "");
    sound(&project);
}

/* Stages of all kinds outside of the state folder. */
static void stage_a_bit_of_everything(const Project *project) {
    AUTO(Buf) info = { 0 };
    AUTO(Buf) blob = { 0 };
    const char *const names[] = { "plain", "staged", "both", "gone", "assumed", "skipped", "conflict" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put_text(project, names[i], "1");
    commit_all(project, "before");
    put_text(project, "staged", "2");
    put_text(project, "both", "2");
    git(project, "add staged both");
    put_text(project, "both", "3");
    git(project, "rm -q --cached gone");
    put_text(project, "intended", "1");
    git(project, "add --intent-to-add intended");
    git(project, "update-index --assume-unchanged assumed");
    git(project, "update-index --skip-worktree skipped");
    git_says(project, "rev-parse HEAD:plain", &blob);
    buf_printf(&info,
               "update-index --index-info <<'END'\n0 0000000000000000000000000000000000000000\tconflict\n"
               "100644 %.40s 1\tconflict\n100644 %.40s 2\tconflict\n100644 %.40s 3\tconflict\nEND\n:",
               buf_text(&blob), buf_text(&blob), buf_text(&blob));
    AUTO(Buf) said = { 0 };
    git_says(project, buf_text(&info), &said);
}

static const char *const views[] = {
    "ls-files --stage -- ':!schema'",      "ls-files -v -- ':!schema'",
    "diff --cached --raw -- ':!schema'",   "diff --raw -- ':!schema'",
    "status --porcelain=v2 -- ':!schema'",
};
enum { VIEWS = sizeof views / sizeof *views };

static void check_other_work(const char *format) {
    AUTO(Project) project;
    Buf before[VIEWS] = { 0 };
    begin(&project);
    stage_a_bit_of_everything(&project);
    put_text(&project, "schema/roles/guest.json", "{}");
    git(&project, "add --intent-to-add schema/roles/guest.json");
    put_text(&project, "schema/folders.json", "[1]\n");
    git(&project, "add schema/folders.json"); /* staged, and not what stands */
    put_text(&project, "schema/folders.json", "[]\n");
    git(&project, format);
    for (size_t i = 0; i < VIEWS; i++)
        git_says(&project, views[i], &before[i]);
    commit_it(&project);
    for (size_t i = 0; i < VIEWS; i++) {
        assert_git_says(&project, views[i], buf_text(&before[i]));
        buf_free(&before[i]);
    }
    assert_git_says(&project, "diff-tree -r --name-status --no-commit-id HEAD",
                    "A\tschema/roles/guest.json\n");
    assert_git_says(&project, "status --porcelain -- schema", "");
    sound(&project);
}

static void other_staged_work_stays_as_it_was(void **test) {
    (void)test;
    check_other_work("update-index --index-version 2");
    check_other_work("update-index --index-version 4 --force-untracked-cache");
}

/* An entry as old as the index may have changed since without its time telling. */
static void racily_clean_entries_are_not_forgotten(void **test) {
    (void)test;
    AUTO(Project) project;
    begin(&project);
    put_text(&project, "other", "1111");
    commit_all(&project, "before");
    put_text(&project, "other", "2222");
    git(&project, "add other");
    put_text(&project, "other", "3333");
    AUTO(Buf) command = { 0 };
    buf_printf(&command,
               "cd %s && touch -d '2020-01-01 00:00:00' other && git add other && printf 4444 >other && "
               "touch -d '2020-01-01 00:00:00' other .git/index",
               project.path);
    assert_int_equal(system(buf_text(&command)), 0);
    put_text(&project, role, "{}");
    commit_it(&project);
    assert_git_says(&project, "status --porcelain", "MM other\n");
}

static void attributes_and_modes_are_gits(void **test) {
    (void)test;
    AUTO(Project) project;
    begin(&project);
    put_text(&project, ".gitattributes", "*.sql text eol=crlf\n");
    put_text(&project, "schema/sql/pre/001_a.sql", "SELECT 1;\r\n");
    git(&project, "add .gitattributes");
    git(&project, "commit -q -m attributes");
    assert_int_equal(chmod(project_path(&project, "schema/settings.json"), 0755), 0);
    commit_it(&project);
    assert_git_says(&project, "cat-file -s HEAD:schema/sql/pre/001_a.sql", "10\n");
    git(&project, "update-index --chmod=+x schema/settings.json");
    git(&project, "commit -q -m mode");
    put_text(&project, "schema/settings.json", "{}\n");
    commit_it(&project);
    assert_git_says(&project, "ls-tree --format='%(objectmode)' HEAD schema/settings.json", "100755\n");
    assert_git_says(&project, "status --porcelain", "");
}

static void a_mark_that_was_committed_goes(void **test) {
    (void)test;
    AUTO(Project) project;
    begin(&project);
    put_text(&project, "schema/.incomplete", "");
    commit_all(&project, "a slip");
    refused(&project, ERR_FILES, "is incomplete", "export");
    assert_int_equal(unlink(project_path(&project, "schema/.incomplete")), 0);
    commit_it(&project);
    assert_git_says(&project, "diff-tree -r --name-status --no-commit-id HEAD", "D\tschema/.incomplete\n");
}

/* ---- where ---- */

static void a_detached_head(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(CommitResult) result = { 0 };
    begin(&project);
    commit_it(&project);
    git(&project, "checkout -q --detach");
    put_text(&project, role, "{}");
    made(&project, &result);
    assert_true(result.made && result.detached);
    assert_git_says(&project, "rev-list --count HEAD", "2\n");
    assert_git_says(&project, "rev-list --count main", "1\n");
    assert_git_says(&project, "log -g -1 --format=%gs HEAD", "commit: state\n");
}

static void worktrees_submodules_and_folders_below(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Project) place;
    AUTO(Buf) command = { 0 };
    AUTO(CommitResult) result = { 0 };
    begin(&project);
    commit_it(&project);
    project_make(&place);
    buf_printf(&command, "worktree add -q -b side '%s/a tree'", place.path);
    git(&project, buf_text(&command));
    Project tree = project_below(&place, "'a tree'"), real = project_below(&place, "a tree");
    put_text(&real, role, "{}");
    made(&real, &result);
    assert_true(result.made);
    assert_string_equal(buf_text(&result.branch), "side");
    assert_git_says(&tree, "status --porcelain", "");
    assert_git_says(&project, "status --porcelain", "");
    assert_git_says(&project, "rev-list --count side", "2\n");

    AUTO(Project) outer;
    project_make(&outer);
    git(&outer, "init -q");
    buf_clear(&command);
    buf_printf(&command, "submodule add -q %s mödul", project.path);
    git(&outer, buf_text(&command));
    git(&outer, "commit -q -m module");
    Project module = project_below(&outer, "mödul"), apps = project_below(&outer, "apps/the first");
    git(&module, "config user.name t");
    git(&module, "config user.email t@t.test");
    put_text(&module, role, "{}");
    commit_it(&module);
    assert_git_says(&module, "status --porcelain", "");
    assert_git_says(&outer, "status --porcelain", " M \"m\\303\\266dul\"\n");
    git(&outer, "config user.name t");
    git(&outer, "config user.email t@t.test");
    put_text(&outer, "apps/the first/schema-sync.json", "{}");
    export_small(&apps);
    commit_it(&apps);
    assert_git_says(&outer, "ls-tree --name-only HEAD:apps/'the first'", "schema\n");
    sound(&outer);
}

static void a_state_folder_in_another_repository(void **test) {
    (void)test;
    AUTO(Project) project;
    begin(&project);
    Project inner = project_below(&project, "schema");
    git(&inner, "init -q");
    not_ready(&project, ERR_CONFIG, "is a repository of its own", "schema-sync.json");
}

static void a_link_or_a_submodule_in_the_folders_place(void **test) {
    (void)test;
    AUTO(Project) project;
    begin(&project);
    git(&project, "update-index --add --cacheinfo 160000,0123456789012345678901234567890123456789,schema");
    git(&project, "commit -q -m module");
    not_ready(&project, ERR_CONFIG, "HEAD has schema as a submodule", "git rm --cached");
}

static void links_and_submodules_within_the_folder(void **test) {
    (void)test;
    AUTO(Project) project;
    begin(&project);
    commit_it(&project);
    assert_int_equal(symlink("settings.json", project_path(&project, "schema/roles/guest.json")), 0);
    commit_all(&project, "a link in the place of a file");
    assert_int_equal(unlink(project_path(&project, "schema/roles/guest.json")), 0);
    put_text(&project, role, "settings.json"); /* the bytes of the link */
    commit_it(&project);
    assert_git_says(&project, "diff-tree -r --no-commit-id --diff-filter=T --name-only HEAD",
                    "schema/roles/guest.json\n");
    assert_git_says(&project, "status --porcelain", "");
    git(&project,
        "update-index --add --cacheinfo 160000,0123456789012345678901234567890123456789,schema/sub");
    not_ready(&project, ERR_FILES, "sub in the state folder is a submodule", "git rm --cached");
    git(&project, "commit -q -m module");
    git(&project, "rm -q --cached schema/sub");
    refused(&project, ERR_FILES, "sub in the state folder is a submodule", "git rm --cached");
}

static void configuration_that_cannot_be_read(void **test) {
    (void)test;
    AUTO(Project) project;
    begin(&project);
    Project home = project_below(&project, "home");
    put_text(&home, ".gitconfig/inside", ""); /* root may read whatever is a file */
    setenv("HOME", home.path, 1);
    not_ready(&project, ERR_CONFIG, "home/.gitconfig cannot be read", "rights");
    setenv("HOME", "/nonexistent", 1);
    git(&project, "config commit.gpgsign perhaps");
    not_ready(&project, ERR_CONFIG, "commit.gpgsign: failed to parse 'perhaps'", "git");
    assert_int_equal(unlink(project_path(&project, ".git/config")), 0);
    put_text(&project, ".git/config/inside", "");
    not_ready(&project, ERR_CONFIG, ".git/config cannot be read", "rights");
}

static void paths_of_all_kinds(void **test) {
    (void)test;
    static const char *const folders[] = { "with space", "ünïcode", "new\nline", "quo'te" };
    AUTO(Project) project;
    project_make(&project);
    for (size_t i = 0; i < 4; i++) {
        Error err = { 0 };
        AUTO(CommitResult) result = { 0 };
        AUTO(Buf) root = { 0 };
        AUTO(Buf) line = { 0 };
        Project below = project_below(&project, folders[i]);
        assert_int_equal(mkdir(below.path, 0777), 0);
        export_small(&below);
        if (chdir(below.path) != 0 || system("git init -q -b main . && git config user.name t && git config "
                                             "user.email t@t.test") != 0)
            fail_msg("git init in %s", below.path);
        assert_ok(repo_commit(below.path, "schema", say, NULL, &result, &err));
        assert_true(result.made);
        assert_int_equal(
            WEXITSTATUS(system("test -z \"$(git status --porcelain)\" && git fsck --strict 2>/dev/null")), 0);
        assert_int_equal(chdir("/"), 0);
    }
}

/* ---- what is refused ---- */

static void without_a_work_tree(void **test) {
    (void)test;
    AUTO(Project) project;
    project_make(&project);
    export_small(&project);
    not_ready(&project, ERR_CONFIG, "is in no git repository", "git init");
    git(&project, "init -q --bare it.git");
    Project bare = project_below(&project, "it.git");
    export_small(&bare);
    not_ready(&bare, ERR_CONFIG, "a bare repository has no work tree", "clone");
}

static void while_something_else_is_under_way(void **test) {
    (void)test;
    AUTO(Project) project;
    begin(&project);
    commit_it(&project);
    put_text(&project, role, "{}");
    static const struct {
        const char *file, *words, *hint;
    } cases[] = {
        { ".git/MERGE_HEAD", "a merge is under way", "merge --abort" },
        { ".git/CHERRY_PICK_HEAD", "a cherry-pick is under way", "--continue" },
        { ".git/REVERT_HEAD", "a revert is under way", "--continue" },
        { ".git/rebase-merge/interactive", "a rebase is under way", "rebase --continue" },
    };
    char head[65];
    head_id(&project, "HEAD", head);
    for (size_t i = 0; i < 4; i++) {
        put_text(&project, cases[i].file, head);
        not_ready(&project, ERR_CONFIG, cases[i].words, cases[i].hint);
        assert_int_equal(unlink(project_path(&project, cases[i].file)), 0);
        rmdir(project_path(&project, ".git/rebase-merge"));
    }
    setenv("GIT_INDEX_FILE", "index", 1);
    not_ready(&project, ERR_CONFIG, "while git is making one", "hook");
    unsetenv("GIT_INDEX_FILE");
    put_text(&project, ".git/index.lock", "");
    refused(&project, ERR_LOCK, "index.lock stands", "remove that file");
    assert_true(has_file(&project, ".git/index.lock"));
    assert_int_equal(unlink(project_path(&project, ".git/index.lock")), 0);
    put_text(&project, ".git/refs/heads/main.lock", "");
    refused(&project, ERR_LOCK, "HEAD cannot be locked", "remove the .lock file");
    assert_int_equal(unlink(project_path(&project, ".git/refs/heads/main.lock")), 0);
    assert_git_says(&project, "rev-parse HEAD", (strcat(head, "\n"), head));
    assert_git_says(&project, "status --porcelain", "?? schema/roles/guest.json\n");
    commit_it(&project);
}

static void conflicts_in_the_folder(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Buf) said = { 0 };
    begin(&project);
    commit_it(&project);
    git_says(
        &project,
        "update-index --index-info <<END\n0 0000000000000000000000000000000000000000\tschema/settings.json\n"
        "100644 $(git rev-parse HEAD:schema/settings.json) 2\tschema/settings.json\nEND\n:",
        &said);
    not_ready(&project, ERR_CONFIG, "schema/settings.json has a conflict", "git add");
}

static void whoever_cannot_be_named(void **test) {
    (void)test;
    AUTO(Project) project;
    begin(&project);
    git(&project, "config --unset user.name");
    not_ready(&project, ERR_CONFIG, "no name is known for the commit's author", "git config user.name");
    setenv("GIT_AUTHOR_NAME", "A", 1);
    not_ready(&project, ERR_CONFIG, "no name is known for the commit's committer", "GIT_COMMITTER_NAME");
    setenv("GIT_COMMITTER_NAME", "C", 1);
    setenv("GIT_AUTHOR_EMAIL", "a@example.com", 1);
    setenv("GIT_AUTHOR_DATE", "yesterday", 1);
    not_ready(&project, ERR_CONFIG, "GIT_AUTHOR_DATE: \"yesterday\" is not understood", "2024-05-31");
    static const struct {
        const char *text, *shown;
    } dates[] = {
        { "1700000000 +0130", "1700000000 2023-11-14T23:43:20+01:30\n" },
        { "@1700000000 -0800", "1700000000 2023-11-14T14:13:20-08:00\n" },
        { "2023-11-14T23:43:20+01:30", "1700000000 2023-11-14T23:43:20+01:30\n" },
        { "2023-11-14 22:13:20 Z", "1700000000 2023-11-14T22:13:20+00:00\n" },
    };
    for (size_t i = 0; i < 4; i++) {
        AUTO(Buf) text = { 0 };
        buf_printf(&text, "{\"a\":%zu}", i);
        put_text(&project, role, buf_text(&text));
        setenv("GIT_AUTHOR_DATE", dates[i].text, 1);
        commit_it(&project);
        assert_git_says(&project, "log -1 --format='%at %aI'", dates[i].shown);
    }
    assert_git_says(&project, "log -1 --format='%an %ae %cn %ce'", "A a@example.com C zoe@example.com\n");
    static const char *const names[] = { "GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL",
                                         "GIT_AUTHOR_DATE" };
    for (size_t i = 0; i < 4; i++)
        unsetenv(names[i]);
}

static void what_git_would_not_take(void **test) {
    (void)test;
    AUTO(Project) project;
    begin(&project);
    git(&project, "config commit.gpgsign true");
    not_ready(&project, ERR_CONFIG, "commits are to be signed", "git commit");
    git(&project, "config commit.gpgsign false");
    put_text(&project, ".gitignore", "schema/\n");
    not_ready(&project, ERR_CONFIG, "the state folder schema is ignored", "check-ignore");
    put_text(&project, ".gitignore", "data\n");
    refused(&project, ERR_CONFIG, "schema/data/posts.json is ignored", "check-ignore");
    put_text(&project, ".gitignore", "");
    put_text(&project, ".gitattributes", "schema/data/** filter=lfs diff=lfs merge=lfs -text\n");
    refused(&project, ERR_CONFIG, "has filter=lfs in .gitattributes", "!filter");
    put_text(&project, ".gitattributes", "schema/data/** filter=lfs\nschema/** !filter\n");
    commit_it(&project);
    put_text(&project, ".gitignore", "schema/\n"); /* what is tracked stays tracked */
    put_text(&project, "schema/settings.json", "{}\n");
    commit_it(&project);
}

static void formats_that_cannot_be_written(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Project) other;
    begin(&project);
    put_text(&project, "other/file", "1");
    commit_it(&project);
    commit_all(&project, "all");
    put_text(&project, role, "{}");
    git(&project, "sparse-checkout set --cone --sparse-index schema");
    not_ready(&project, ERR_CONFIG, "the index cannot be read", "--no-sparse-index");
    git(&project, "sparse-checkout reapply --no-sparse-index");
    commit_it(&project); /* what is left out is elsewhere */
    git(&project, "sparse-checkout set other");
    not_ready(&project, ERR_CONFIG, "is left out of the work tree (sparse checkout)", "sparse-checkout add");
    git(&project, "sparse-checkout disable");
    git(&project, "update-index --split-index");
    not_ready(&project, ERR_CONFIG, "the index cannot be read", "--no-split-index");
    git(&project, "update-index --no-split-index");
    put_text(&project, ".git/index", "no index");
    not_ready(&project, ERR_CONFIG, "the index cannot be read", "git fsck");
    project_make(&other);
    git(&other, "init -q --object-format=sha256");
    export_small(&other);
    not_ready(&other, ERR_CONFIG, "the repository cannot be opened", "SHA-256");
    git(&other, "init -q broken");
    Project broken = project_below(&other, "broken");
    export_small(&broken);
    put_text(&broken, ".git/config", "[core\n");
    not_ready(&broken, ERR_CONFIG, "failed to parse config file", "git");
}

static void a_partial_clone_works_as_far_as_it_goes(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Project) place;
    AUTO(Buf) command = { 0 };
    begin(&project);
    put_text(&project, "elsewhere", "1");
    commit_all(&project, "all");
    git(&project, "config uploadpack.allowFilter true");
    project_make(&place);
    buf_printf(&command, "clone -q --filter=blob:none --no-checkout file://%s copy", project.path);
    git(&place, buf_text(&command));
    buf_clear(&command);
    buf_printf(&command, "clone -q --filter=tree:0 --no-checkout file://%s trees", project.path);
    git(&place, buf_text(&command));
    Project copy = project_below(&place, "copy"), trees = project_below(&place, "trees");
    export_small(&trees);
    refused(&trees, ERR_CONFIG, "git: ", "partial clone");
    git(&copy, "checkout -q main -- schema");
    git(&copy, "config user.name t");
    git(&copy, "config user.email t@t.test");
    put_text(&copy, role, "{}");
    commit_it(&copy);
    assert_git_says(&copy, "diff-tree -r --name-status --no-commit-id HEAD", "A\tschema/roles/guest.json\n");
}

static void the_repository_of_another_user(void **test) {
    (void)test;
    AUTO(Project) project;
    AUTO(Buf) command = { 0 };
    if (geteuid() != 0) {
        print_message("skipped: only root can give files to another user\n");
        skip();
    }
    begin(&project);
    buf_printf(&command, "chown -R 12345:12345 %s", project.path);
    assert_int_equal(system(buf_text(&command)), 0);
    not_ready(&project, ERR_REFUSED, "belongs to another user", "safe.directory");
    put_text(
        &project, ".git/config",
        "[safe]\n\tdirectory = *\n[user]\n\tname = t\n\temail = t@t.test\n"); /* it cannot say so itself */
    not_ready(&project, ERR_REFUSED, "belongs to another user", "safe.directory");
    Project home = project_below(&project, "home");
    AUTO(Buf) config = { 0 };
    buf_printf(&config, "[safe]\n\tdirectory = %s\n", project.path);
    put_text(&home, ".gitconfig", buf_text(&config));
    setenv("HOME", home.path, 1);
    commit_it(&project);
    setenv("HOME", "/nonexistent", 1);
    setenv("SUDO_UID", "12345", 1);
    put_text(&project, role, "{}");
    commit_it(&project);
    unsetenv("SUDO_UID");
}

/* ---- others at work ---- */

static bool move_head(const char *parent, Buf *message, void *context, Error *err) {
    (void)parent;
    (void)err;
    buf_puts(message, "mine");
    git(context, "commit -q --allow-empty -m theirs");
    return true;
}

static bool switch_branch(const char *parent, Buf *message, void *context, Error *err) {
    (void)parent;
    (void)err;
    buf_puts(message, "mine");
    git(context, "checkout -q -b other");
    return true;
}

static bool stage_more(const char *parent, Buf *message, void *context, Error *err) {
    (void)parent;
    (void)err;
    buf_puts(message, "mine\n\nwith a body  \n\n\n");
    put_text(context, "late", "1");
    git(context, "add late");
    return true;
}

static void a_head_that_moves_is_left_where_it_went(void **test) {
    (void)test;
    AUTO(Project) project;
    Error err = { 0 };
    AUTO(CommitResult) result = { 0 };
    begin(&project);
    commit_it(&project);
    put_text(&project, role, "{}");
    assert_fault(repo_commit(project.path, "schema", move_head, &project, &result, &err), ERR_LOCK,
                 "HEAD moved");
    assert_git_says(&project, "log -1 --format=%s", "theirs\n");
    assert_git_says(&project, "status --porcelain", "?? schema/roles/guest.json\n");
    assert_fault(repo_commit(project.path, "schema", switch_branch, &project, &result, &err), ERR_LOCK,
                 "HEAD moved");
    assert_git_says(&project, "rev-list --count main other", "2\n");
    err = (Error){ 0 };
    assert_ok(repo_commit(project.path, "schema", stage_more, &project, &result, &err));
    assert_string_equal(buf_text(&result.subject), "mine");
    assert_git_says(&project, "log -1 --format=%B", "mine\n\nwith a body\n\n");
    assert_git_says(&project, "status --porcelain", "A  late\n");
    assert_false(has_file(&project, ".git/index.lock"));
    assert_git_says(&project, "ls-files --others --exclude-standard", "");
    AUTO(Buf) left = { 0 };
    git_says(&project, "rev-parse --git-dir; ls .git | grep schema-sync; :", &left);
    assert_null(strstr(buf_text(&left), "schema-sync"));
}

/* What somebody stages while the draft is made is not lost: the draft is made again. */
static void an_index_that_changes_meanwhile_is_seen(void **test) {
    (void)test;
    AUTO(Project) project;
    Error err = { 0 };
    AUTO(Committing) committing = { .folder.fd = -1 };
    AUTO(NewIndex) index = { 0 };
    git_oid tree;
    bool same;
    begin(&project);
    commit_it(&project);
    put_text(&project, role, "{}");
    assert_ok(commit_open(&committing, project.path, "schema", &err));
    assert_ok(commit_tree(&committing, &tree, &err));
    assert_ok(new_index_draft(&index, &committing, &err));
    put_text(&project, "late", "1");
    git(&project, "add late");
    assert_ok(new_index_lock(&index, &same, &err));
    assert_false(same);
    new_index_free(&index);
    assert_ok(new_index_draft(&index, &committing, &err));
    assert_ok(new_index_lock(&index, &same, &err));
    assert_true(same);
    assert_fault(new_index_lock(&index, &same, &err), ERR_LOCK, "index.lock stands");
    err = (Error){ 0 };
    assert_ok(new_index_publish(&index, &err));
    assert_git_says(&project, "status --porcelain", "A  late\nA  schema/roles/guest.json\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_commit_of_a_repository),
        cmocka_unit_test(what_came_changed_and_went),
        cmocka_unit_test(other_staged_work_stays_as_it_was),
        cmocka_unit_test(racily_clean_entries_are_not_forgotten),
        cmocka_unit_test(attributes_and_modes_are_gits),
        cmocka_unit_test(a_mark_that_was_committed_goes),
        cmocka_unit_test(a_detached_head),
        cmocka_unit_test(worktrees_submodules_and_folders_below),
        cmocka_unit_test(a_state_folder_in_another_repository),
        cmocka_unit_test(a_link_or_a_submodule_in_the_folders_place),
        cmocka_unit_test(links_and_submodules_within_the_folder),
        cmocka_unit_test(configuration_that_cannot_be_read),
        cmocka_unit_test(paths_of_all_kinds),
        cmocka_unit_test(without_a_work_tree),
        cmocka_unit_test(while_something_else_is_under_way),
        cmocka_unit_test(conflicts_in_the_folder),
        cmocka_unit_test(whoever_cannot_be_named),
        cmocka_unit_test(what_git_would_not_take),
        cmocka_unit_test(formats_that_cannot_be_written),
        cmocka_unit_test(a_partial_clone_works_as_far_as_it_goes),
        cmocka_unit_test(the_repository_of_another_user),
        cmocka_unit_test(an_index_that_changes_meanwhile_is_seen),
        cmocka_unit_test(a_head_that_moves_is_left_where_it_went),
    };
    if (system("git --version >/dev/null 2>&1") != 0) {
        puts("skipped: git is not installed");
        return TEST_SKIPPED;
    }
    setenv("HOME", "/nonexistent", 1);
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
