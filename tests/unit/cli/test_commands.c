/* What commands ask the pipelines for, what they print, and with which status they end. */
#include "unit/cli/capture.h"
#include "unit/cli/fake_sync.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <unistd.h>

#include "base/log.h"

static char root[64];
static char start[512];

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk) {
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

/* Each test starts in an empty folder. */
static int set_up(void **state) {
    (void)state;
    fake = (Fake){ 0 };
    snprintf(root, sizeof root, "/tmp/schema-sync-commands-XXXXXX");
    return getcwd(start, sizeof start) && mkdtemp(root) ? chdir(root) : -1;
}

static int tear_down(void **state) {
    (void)state;
    return chdir(start) == 0 ? nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS) : -1;
}

static const char *const dev[] = { "DIRECTUS_URL=http://dev:8055", "DIRECTUS_TOKEN=geheim",
                                   "DATABASE_URL=postgres://u:geheim@h/d", NULL };
static const char *const prod[] = { "PROD_DIRECTUS_URL=http://prod", "PROD_DIRECTUS_TOKEN=geheim", NULL };

static void put(const char *name, const char *text) {
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void get(const char *name, Buf *text) {
    char chunk[4096];
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    buf_append(text, chunk, fread(chunk, 1, sizeof chunk, file));
    fclose(file);
}

static void assert_prints(const char *line, const char *const *environment, const char *expected) {
    AUTO(Ran) ran = { 0 };
    run_line(&ran, line, environment);
    if (!ran.done)
        fail_msg("%s: %s", line, ran.err.message);
    assert_string_equal(buf_text(&ran.out), expected);
}

static void assert_ends(const char *line, const char *const *environment, ErrorKind kind, const char *part) {
    AUTO(Ran) ran = { 0 };
    run_line(&ran, line, environment);
    if (ran.done || ran.err.kind != kind || !strstr(ran.err.message, part))
        fail_msg("%s: %d \"%s\"", line, (int)ran.err.kind, ran.err.message);
    assert_null(strstr(buf_text(&ran.talk), "geheim"));
}

#define HASH "1a2b3c4d5e6f70811a2b3c4d5e6f7081"

/* ---- export ---- */

static void fill_export(ExportResult *result) {
    memcpy(result->hash, HASH, sizeof result->hash);
    result->files = 40;
    result->records = 124;
    result->rows = 2000;
    result->written = 3;
    result->removed = 1;
    result->requests = 9;
    buf_puts(&result->changes, "A roles/a.json\nM flows/b.json\nM flows/c.json\nD roles/d.json\n");
}

static void fill_export_same(ExportResult *result) {
    memcpy(result->hash, HASH, sizeof result->hash);
    result->records = 1;
}

static void export_says_both_sides(void **state) {
    (void)state;
    fake.fill_export = fill_export;
    assert_prints("export --only flows,roles", dev,
                  "http://dev:8055 → schema/: 124 records, 2000 rows; 3 files written, 1 removed, hash " HASH
                  "\n");
    assert_string_equal(fake.only, "flows,roles");
    assert_false(fake.export_options.check || fake.export_options.overwrite);
    assert_prints(
        "--env prod export --overwrite", prod,
        "prod — http://prod → schema/: 124 records, 2000 rows; 3 files written, 1 removed, hash " HASH "\n");
    assert_true(fake.export_options.overwrite);
    fake.fill_export = fill_export_same;
    assert_prints("export", dev, "http://dev:8055 matches schema/ (1a2b3c4d…); nothing to write\n");
    assert_prints("export --check", dev, "http://dev:8055 matches schema/ (1a2b3c4d…); nothing to write\n");
}

static void export_check_ends_with_2(void **state) {
    (void)state;
    AUTO(Ran) ran = { 0 };
    fake.fill_export = fill_export;
    run_line(&ran, "export --check", dev);
    assert_false(ran.done);
    assert_int_equal(ran.err.kind, ERR_DIFFERENT);
    assert_true(fake.export_options.check);
    assert_string_equal(buf_text(&ran.out),
                        "A roles/a.json\nM flows/b.json\nM flows/c.json\nD roles/d.json\n"
                        "http://dev:8055 differs from schema/ (1a2b3c4d…): 3 files to write, 1 to remove\n");
}

static void export_as_json(void **state) {
    (void)state;
    fake.fill_export = fill_export;
    assert_prints(
        "--json --env prod export", prod,
        "{\n  \"check\": false,\n  \"dir\": \"schema\",\n  \"environment\": \"prod\",\n  \"files\": 40,\n"
        "  \"hash\": \"" HASH "\",\n  \"records\": 124,\n  \"removed\": 1,\n  \"requests\": 9,\n"
        "  \"rows\": 2000,\n  \"url\": \"http://prod\",\n  \"written\": 3\n}\n");
}

/* ---- import and diff ---- */

static void fill_nothing(ImportResult *result) {
    memcpy(result->files_hash, HASH, sizeof result->files_hash);
    result->nothing_to_do = true;
}

static void fill_followed(ImportResult *result) {
    memcpy(result->files_hash, HASH, sizeof result->files_hash);
    result->followed = true;
}

static void fill_plan(ImportResult *result) {
    Plan *plan = &result->plan;
    memcpy(result->files_hash, HASH, sizeof result->files_hash);
    Json *record = arena_alloc(&plan->arena, sizeof *record);
    JsonObjectBuilder object = json_object_builder(&plan->arena);
    json_object_put(&object, "name", json_string(&plan->arena, "Editor"));
    *record = json_object_done(&object);
    Change change = {
        .kind = CHANGE_CREATE, .type = TYPE_ROLES, .label = "Editor", .id = "1", .after = record
    };
    ARENA_PUSH(&plan->arena, plan->changes, plan->change_count, plan->change_capacity, change);
    RowPlan rows = { .collection = "posts", .created = 2000, .updated = 1, .unchanged = 5 };
    ARENA_PUSH(&plan->arena, plan->rows, plan->row_count, plan->row_capacity, rows);
    plan_note(plan, NOTE_LEFT_ALONE, TYPE_NONE, "something stays");
}

static void import_passes_its_options(void **state) {
    (void)state;
    put("schema-sync.json", "{\"environments\": {\"prod\": {\"allowDelete\": true}}}");
    fake.fill_import = fill_nothing;
    AUTO(Ran) ran = { 0 };
    run_line(&ran, "import", dev);
    assert_true(ran.done);
    assert_false(fake.import_options.dry_run || fake.import_options.allow_delete ||
                 fake.import_options.allow_version || fake.import_options.again);
    assert_true(fake.import_options.wait < 0);
    assert_int_equal(fake.mode, MODE_MERGE);
    assert_int_equal(fake.marker, MARKER_SQL);
    run_line(&ran,
             "import --mode mirror --only posts --dry-run --allow-delete --allow-version --again --wait 2m "
             "--marker none",
             dev);
    assert_true(ran.done);
    assert_true(fake.import_options.dry_run && fake.import_options.allow_delete &&
                fake.import_options.allow_version && fake.import_options.again);
    assert_true(fake.import_options.wait == 120);
    assert_string_equal(fake.only, "posts");
    assert_int_equal(fake.mode, MODE_MIRROR);
    assert_int_equal(fake.marker, MARKER_NONE);
    run_line(&ran, "--env prod import", prod);
    assert_true(ran.done && fake.import_options.allow_delete);
}

static void import_says_both_sides(void **state) {
    (void)state;
    fake.fill_import = fill_nothing;
    assert_prints("--env prod import", prod,
                  "prod — http://prod matches schema/ (1a2b3c4d…); nothing to do\n");
    fake.fill_import = fill_followed;
    assert_prints("--env prod import", prod,
                  "prod — http://prod matches schema/ (1a2b3c4d…); another importer brought it there\n");
    fake.fill_import = fill_plan;
    AUTO(Ran) ran = { 0 };
    run_line(&ran, "--env prod import", prod);
    assert_true(ran.done);
    assert_string_equal(buf_text(&ran.out),
                        "prod — http://prod ← schema/ (1a2b3c4d…): 1 created, 0 updated, 0 deleted; "
                        "rows: 2000 created, 1 updated, 0 deleted\n");
    assert_string_equal(buf_text(&ran.talk), "something stays\n");
    run_line(&ran, "-q --env prod import", prod);
    assert_string_equal(buf_text(&ran.talk), "");
}

static void dry_run_and_diff_print_the_plan(void **state) {
    (void)state;
    static const char verdict[] = "\nhttp://dev:8055 differs from schema/ (1a2b3c4d…)\n";
    AUTO(Ran) ran = { 0 };
    fake.fill_import = fill_plan;
    run_line(&ran, "import --dry-run", dev);
    assert_true(ran.done);
    assert_non_null(strstr(buf_text(&ran.out), "role \"Editor\""));
    assert_non_null(strstr(buf_text(&ran.out), verdict));
    assert_null(strchr(buf_text(&ran.out), '\033')); /* no terminal, no colours */
    run_line(&ran, "diff --only posts", dev);
    assert_false(ran.done);
    assert_int_equal(ran.err.kind, ERR_DIFFERENT);
    assert_true(fake.import_options.dry_run);
    assert_non_null(strstr(buf_text(&ran.out), verdict));
    fake.fill_import = fill_nothing;
    assert_prints("diff", dev, "http://dev:8055 matches schema/ (1a2b3c4d…); nothing to do\n");
    fake.fill_import = NULL; /* asked everything, and found nothing */
    assert_prints("diff --again", dev, "http://dev:8055 matches schema/; nothing to do\n");
}

static void plan_as_json(void **state) {
    (void)state;
    AUTO(Ran) ran = { 0 };
    AUTO(Arena) arena = { 0 };
    Json json;
    fake.fill_import = fill_plan;
    run_line(&ran, "--json import", dev);
    assert_true(ran.done);
    Error err = { 0 };
    assert_ok(json_parse(&arena, buf_text(&ran.out), ran.out.length, JSON_STATE, &json, &err));
    assert_true(json_get_bool(&json, "written", false));
    assert_false(json_get_bool(&json, "nothing_to_do", true));
    assert_true(json_is(json_get(&json, "plan"), JSON_OBJECT));
    assert_string_equal(buf_text(&ran.talk), "");
    run_line(&ran, "--json diff", dev);
    assert_int_equal(ran.err.kind, ERR_DIFFERENT);
    assert_ok(json_parse(&arena, buf_text(&ran.out), ran.out.length, JSON_STATE, &json, &err));
    assert_false(json_get_bool(&json, "written", true));
}

/* ---- on a terminal ---- */

typedef struct {
    int master, kept_in, kept_talk;
} Terminal;

/* stdin and stderr become a terminal on which `typed` has been typed. */
static void terminal_open(Terminal *terminal, const char *typed) {
    terminal->master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(terminal->master >= 0 && grantpt(terminal->master) == 0 && unlockpt(terminal->master) == 0);
    int slave = open(ptsname(terminal->master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0);
    fflush(stderr);
    terminal->kept_in = dup(STDIN_FILENO);
    terminal->kept_talk = dup(STDERR_FILENO);
    assert_true(dup2(slave, STDIN_FILENO) >= 0 && dup2(slave, STDERR_FILENO) >= 0);
    close(slave);
    assert_int_equal(write(terminal->master, typed, strlen(typed)), strlen(typed));
}

/* What stood on the screen, what was typed among it. */
static void terminal_close(Terminal *terminal, Buf *screen) {
    fflush(stderr);
    char chunk[4096];
    int flags = fcntl(terminal->master, F_GETFL);
    assert_int_equal(fcntl(terminal->master, F_SETFL, flags | O_NONBLOCK), 0);
    for (ssize_t got; (got = read(terminal->master, chunk, sizeof chunk)) > 0;)
        buf_append(screen, chunk, (size_t)got);
    assert_true(dup2(terminal->kept_in, STDIN_FILENO) >= 0 && dup2(terminal->kept_talk, STDERR_FILENO) >= 0);
    close(terminal->kept_in);
    close(terminal->kept_talk);
    close(terminal->master);
    clearerr(stdin);
}

static bool run_on_terminal(const char *line, const char *typed, Buf *screen, Error *err) {
    AUTO(Arena) arena = { 0 };
    char *argv[MOST_ARGUMENTS + 1];
    char *variables[] = { arena_strdup(&arena, prod[0]), arena_strdup(&arena, prod[1]), NULL };
    Terminal terminal;
    FILE *out = tmpfile();
    AUTO(Buf) printed = { 0 };
    int argc = split_line(line, &arena, argv);
    assert_non_null(out);
    int kept_out = redirect(stdout, out);
    terminal_open(&terminal, typed);
    bool done = cli_run(argc, argv, variables, err);
    terminal_close(&terminal, screen);
    restore(stdout, kept_out, out, &printed);
    return done;
}

static void a_protected_environment_asks_for_its_name(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Buf) screen = { 0 };
    put("schema-sync.json", "{\"environments\": {\"prod\": {\"protected\": true}}}");
    assert_ok(run_on_terminal("--env prod import", "prod\n", &screen, &err));
    assert_non_null(
        strstr(buf_text(&screen), "prod (http://prod) is protected. Type \"prod\" to import into it: "));
    assert_int_equal(fake.calls, 1);
    assert_fault(run_on_terminal("--env prod import", "yes\n", &screen, &err), ERR_REFUSED, "not confirmed");
    assert_fault(run_on_terminal("--env prod import", "\n", &screen, &err), ERR_REFUSED, "not confirmed");
    assert_int_equal(fake.calls, 1);
    buf_clear(&screen);
    assert_ok(run_on_terminal("--env prod import --yes", "", &screen, &err));
    assert_ok(run_on_terminal("--env prod import --dry-run", "", &screen, &err));
    assert_null(strstr(buf_text(&screen), "protected"));
    assert_int_equal(fake.calls, 3);
    assert_false(fake.import_options.allow_delete); /* --yes is no permission to delete */
    AUTO(Ran) ran = { 0 };
    run_line(&ran, "--env prod import", prod); /* nobody to ask */
    assert_true(ran.done);
    assert_int_equal(fake.calls, 4);
}

static void talk_while_working(ImportResult *result) {
    (void)result;
    log_say(LOG_PROGRESS, "reading 1 of 2");
    log_say(LOG_NOTE, "a note");
    log_say(LOG_PROGRESS, "reading 2 of 2");
    log_say(LOG_WARN, "a warning");
    log_say(LOG_TRACE, "a trace");
    log_say(LOG_PROGRESS, "writing");
}

static void fill_rollback(RollbackResult *result) {
    result->ref = "v1.0.0";
    result->from = result->holds = "0123456789abcdef0123";
    result->to = "fedcba";
    fill_plan(&result->import);
    result->import.backup = "/backups/staging/now";
    assert_true(!fake.import_options.approve ||
                fake.import_options.approve(&result->import.plan, fake.import_options.approve_context,
                                            &(Error){ 0 }));
}

static void rollback_tells_how_to_undo_it(void **state) {
    (void)state;
    fake.fill_rollback = fill_rollback;
    static const char *const staging[] = { "STAGING_DIRECTUS_URL=http://staging",
                                           "STAGING_DIRECTUS_TOKEN=geheim",
                                           "STAGING_DATABASE_URL=postgres://u:geheim@h/d", NULL };
    AUTO(Ran) ran = { 0 };
    run_line(&ran, "--env staging rollback --to v1.0.0", staging);
    assert_true(ran.done);
    assert_string_equal(fake.to, "v1.0.0");
    const char *out = buf_text(&ran.out), *verdict = strstr(out, "staging — http://staging ← v1.0.0:schema/");
    assert_non_null(verdict);
    assert_true(strstr(out, "role \"Editor\"") < verdict); /* the plan comes first */
    assert_non_null(strstr(verdict, "saved in /backups/staging/now\n"));
    assert_non_null(strstr(verdict, "it holds: commit 0123456789ab and"));
    assert_non_null(strstr(verdict, "undo it with: schema-sync --env staging rollback --resume\n"));
    run_line(&ran, "rollback --dry-run", dev);
    assert_true(ran.done);
    assert_true(fake.import_options.dry_run);
    assert_null(strstr(buf_text(&ran.out), "undo it with"));
    run_line(&ran, "--json rollback", dev);
    assert_non_null(strstr(buf_text(&ran.out), "\"undo\": \"schema-sync rollback --resume\""));
    assert_non_null(strstr(buf_text(&ran.out), "\"holds\": \"0123456789abcdef0123\""));
    run_line(&ran, "rollback --resume", dev);
    assert_true(fake.resume);
    run_line(&ran, "rollback --resume --to v1", dev);
    assert_int_equal(ran.err.kind, ERR_USAGE);
    run_line(&ran, "rollback", prod);
    assert_int_equal(ran.err.kind, ERR_CONFIG); /* it needs the database */
}

static void progress_is_for_terminals(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Buf) screen = { 0 };
    AUTO(Ran) ran = { 0 };
    fake.fill_import = talk_while_working;
    assert_ok(run_on_terminal("--env prod import", "", &screen, &err));
    assert_string_equal(buf_text(&screen), "reading 1 of 2\r\033[Ka note\r\nreading 2 of 2\r\033[K"
                                           "\033[33mwarning:\033[0m a warning\r\nwriting\r\033[K");
    buf_clear(&screen);
    assert_ok(run_on_terminal("--env prod import -q --no-color", "", &screen, &err));
    assert_string_equal(buf_text(&screen), "warning: a warning\r\n");
    run_line(&ran, "--env prod import", prod);
    assert_string_equal(buf_text(&ran.talk), "a note\nwarning: a warning\n");
    run_line(&ran, "--env prod import -qv", prod);
    assert_string_equal(buf_text(&ran.talk), "warning: a warning\na trace\n");
}

/* ---- the smaller ones ---- */

static void fill_hash(HashResult *result) {
    memcpy(result->hash, HASH, sizeof result->hash);
    manifest_add(&result->manifest, "info.json", "00000000000000000000000000000001");
    manifest_add(&result->manifest, "roles/a.json", "00000000000000000000000000000002");
    manifest_finish(&result->manifest);
}

static void hash_prints_and_checks(void **state) {
    (void)state;
    static const char manifest[] = "00000000000000000000000000000001  info.json\n"
                                   "00000000000000000000000000000002  roles/a.json\n";
    fake.fill_hash = fill_hash;
    assert_prints("hash", NULL, HASH "\n");
    assert_prints("hash --manifest", NULL, manifest);
    put("same", manifest);
    assert_prints("hash --check same", NULL, "schema/ matches same (" HASH ")\n");
    put("other",
        "00000000000000000000000000000003  info.json\n00000000000000000000000000000004  roles/b.json");
    AUTO(Ran) ran = { 0 };
    run_line(&ran, "hash --check other", NULL);
    assert_int_equal(ran.err.kind, ERR_DIFFERENT);
    assert_string_equal(buf_text(&ran.out), "M info.json\nA roles/a.json\nD roles/b.json\n");
    run_line(&ran, "--json hash --check other", NULL);
    assert_int_equal(ran.err.kind, ERR_DIFFERENT);
    assert_non_null(strstr(buf_text(&ran.out), "\"D roles/b.json\""));
    assert_ends("hash --check none", NULL, ERR_IO, "none");
    static const char *const wrong[] = { "x", "\n", "0000000000000000000000000000000g  a\n",
                                         "00000000000000000000000000000001 a\n",
                                         "00000000000000000000000000000001  \n" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        put("wrong", wrong[i]);
        assert_ends("hash --check wrong", NULL, ERR_FILES, "wrong: line 1 is no line of a manifest");
    }
}

static const VersionTag tags[] = { { "v1.10.0", "1111111111111111", "1111111111111111", 0, 0 },
                                   { "v1.9.1", "0123456789abcdef0123", "0123456789abcdef0123", 3, 0 },
                                   { "v1.9.0", "2222", NULL, -1, -1 } };
static const DirtyFile dirty[] = { { 'M', "roles/a.json" }, { 'A', "roles/\033[31m.json" } };

static void fill_status(StatusResult *result) {
    memcpy(result->files_hash, HASH, sizeof result->files_hash);
    result->git = (RepoOverview){ .found = true,
                                  .branch = "main",
                                  .commit = "1111111111111111",
                                  .tags = tags,
                                  .tag_count = 3,
                                  .dirty = dirty,
                                  .dirty_count = 2 };
    targets[0] = (TargetStatus){
        .environment = "prod",
        .marker_known = true,
        .state = "importing",
        .marker_hash = "ffff",
        .commit = "0123456789abcdef0123",
        .applied = "0123456789abcdef0123",
        .applied_at = "2024-05-01T10:00:00Z",
        .owner = "web-1:12:5e0c",
        .owner_info = "schema-sync 0.1.0 on web-1, pid 12",
        .lease_until = "2024-05-01T10:01:00Z",
        .lease_live = true,
        .distance = { .apart = APART_AHEAD, .ahead = 3 },
    };
}

static void fill_status_equal(StatusResult *result) {
    memcpy(result->files_hash, HASH, sizeof result->files_hash);
    result->git_fault = "git: no";
    result->git_mend = "mend it";
    targets[0] = (TargetStatus){ .environment = "",
                                 .marker_known = true,
                                 .equal = true,
                                 .state = "clean",
                                 .marker_hash = "ffff",
                                 .owner_info = "somebody" };
}

static void fill_status_of_all(StatusResult *result) {
    fill_status_equal(result);
    fill_status(result);
    targets[1] = (TargetStatus){ .environment = "", .fault = "nobody answers" };
    targets[2] =
        (TargetStatus){ .environment = "a-long-one",
                        .marker_known = true,
                        .state = "clean",
                        .marker_hash = "f",
                        .held = "x",
                        .distance = { .apart = APART_DIVERGED, .ahead = 1, .behind = 2, .at_least = true } };
    result->target_count = 3;
}

static void status_at_a_glance(void **state) {
    (void)state;
    targets[0] = (TargetStatus){ .environment = "" };
    assert_prints("status", NULL,
                  "instance  not configured\nfiles     schema/\ngit       no repository\n"
                  "marker    unknown: no database is configured, or the columns are not installed\n"
                  "verdict   schema/ holds no state yet: export first\n");
    fake.fill_status = fill_status;
    assert_prints(
        "--env prod status", prod,
        "instance  prod — http://prod\nfiles     schema/ at " HASH "\n"
        "git       main at 111111111111 (v1.10.0), 2 files not committed\n"
        "            M roles/a.json\n            A roles/\\u001b[31m.json\n"
        "versions  v1.10.0 here; v1.9.1 3 commits ago; v1.9.0\n"
        "marker    importing at other files, commit 0123456789ab (v1.9.1), 2024-05-01T10:00:00Z\n"
        "order     the files are 3 commits ahead\n"
        "lock      held by web-1:12:5e0c (schema-sync 0.1.0 on web-1, pid 12), lease until "
        "2024-05-01T10:01:00Z\n"
        "verdict   these files were not applied; `schema-sync diff` shows what an import would do\n");
    assert_prints(
        "lock", dev,
        "held by web-1:12:5e0c\n  schema-sync 0.1.0 on web-1, pid 12\n  lease until 2024-05-01T10:01:00Z\n");
    fake.fill_status = fill_status_equal;
    assert_prints("status", NULL,
                  "instance  not configured\nfiles     schema/ at " HASH "\n"
                  "git       git: no\n            mend it\n"
                  "marker    clean at these files by somebody\norder     the files are equal\n"
                  "lock      free\nverdict   these files were applied; nothing to import\n");
    assert_prints("lock", dev, "free\n");
    AUTO(Ran) ran = { 0 };
    run_line(&ran, "--json status", NULL);
    assert_true(ran.done);
    assert_non_null(strstr(buf_text(&ran.out), "\"equal\": true"));
    assert_non_null(strstr(buf_text(&ran.out), "\"error\": \"git: no\""));
}

static void status_of_all_environments(void **state) {
    (void)state;
    fake.fill_status = fill_status_of_all;
    AUTO(Ran) ran = { 0 };
    run_line(&ran, "status --all", dev);
    assert_true(ran.done);
    const char *table = strstr(buf_text(&ran.out), "\n\nenvironment");
    assert_non_null(table);
    assert_string_equal(
        table,
        "\n\nenvironment  marker  files                                                    commit           "
        "      applied               by\n"
        "prod         locked  3 commits ahead                                          0123456789ab (v1.9.1) "
        " "
        "2024-05-01T10:00:00Z  schema-sync 0.1.0 on web-1, pid 12\n"
        "(default)    nobody answers\n"
        "a-long-one   held    diverged, at least 1 commit ahead and at least 2 behind\n");
    assert_ends("status --all --drift", dev, ERR_USAGE, "--drift");
    assert_ends("--env prod status --all", prod, ERR_USAGE, "--env");
    assert_ends("status --all", NULL, ERR_CONFIG, "no environment is configured");
}

static Finding findings[] = {
    { "instance", FINDING_OK, ERR_NONE, "Directus 11.17.4", NULL },
    { "cache", FINDING_WARNING, ERR_NONE, "answers are\nkept", "set it" },
    { "postgis", FINDING_BLOCKER, ERR_REFUSED, "no PostGIS", "create it" },
};

static void fill_doctor(DoctorResult *result) {
    *result = (DoctorResult){ .findings = findings, .count = 2, .warnings = 1, .requests = 3 };
}

static void fill_doctor_blocked(DoctorResult *result) {
    *result = (DoctorResult){
        .findings = findings, .count = 3, .warnings = 1, .blockers = 1, .worst = ERR_REFUSED
    };
}

/* A blocker's status is the command's, and nothing is said a second time. */
static void doctor_ends_as_its_first_blocker(void **state) {
    (void)state;
    AUTO(Ran) blocked = { 0 };
    AUTO(Ran) json = { 0 };
    fake.fill_doctor = fill_doctor;
    assert_prints("--env prod doctor", prod,
                  "ok       instance    Directus 11.17.4\n"
                  "warning  cache       answers are kept\n"
                  "                     → set it\n"
                  "prod — http://prod: nothing stands in the way of an import, 1 warning\n");
    assert_false(fake.allow_version);
    fake.fill_doctor = fill_doctor_blocked;
    run_line(&blocked, "doctor --allow-version", dev);
    assert_false(blocked.done);
    assert_int_equal(blocked.err.kind, ERR_REFUSED);
    assert_true(error_is_told(&blocked.err));
    assert_true(fake.allow_version);
    assert_non_null(strstr(buf_text(&blocked.out), "blocker  postgis     no PostGIS\n"));
    assert_non_null(strstr(buf_text(&blocked.out), "http://dev:8055: 1 blocker, 1 warning\n"));
    run_line(&json, "--json doctor", dev);
    assert_non_null(strstr(buf_text(&json.out), "\"level\": \"blocker\""));
    assert_non_null(strstr(buf_text(&json.out), "\"status\": 77"));
}

static void lock_is_released_by_its_owners_name(void **state) {
    (void)state;
    assert_prints("lock --release --owner web-1:12:5e0c", dev,
                  "the lock of web-1:12:5e0c is free; the next import completes what it left\n");
    assert_string_equal(fake.owner, "web-1:12:5e0c");
    assert_int_equal(fake.calls, 1);
    assert_ends("lock --release", dev, ERR_USAGE, "--release needs --owner");
    assert_ends("lock --owner x", dev, ERR_USAGE, "--owner goes with --release");
    assert_ends("lock", NULL, ERR_CONFIG, "no database");
    assert_int_equal(fake.calls, 1);
}

static void install_prints_or_does(void **state) {
    (void)state;
    assert_prints("install --print-sql", NULL, "ALTER TABLE;\n");
    assert_prints("install", dev, "http://dev:8055: the marker columns are in place\n");
    assert_int_equal(fake.calls, 2);
    assert_ends("install", NULL, ERR_CONFIG, "no database");
    assert_int_equal(fake.calls, 2);
}

static void init_prepares_and_keeps(void **state) {
    (void)state;
    AUTO(Ran) ran = { 0 };
    put(".gitattributes", "*.png binary");
    run_line(&ran, "init", NULL);
    assert_true(ran.done);
    assert_non_null(
        strstr(buf_text(&ran.out), "written  schema-sync.json\nwritten  schema/\nwritten  .gitattributes\n"));
    AUTO(Buf) attributes = { 0 };
    get(".gitattributes", &attributes);
    assert_string_equal(buf_text(&attributes),
                        "*.png binary\nschema/** text eol=lf\nschema/assets/** -text\n"
                        "schema/**/*.json merge=schema-sync\nschema/*.jsonl merge=schema-sync\n"
                        "schema/assets/** !merge\n");
    assert_int_equal(access("schema", F_OK), 0);
    AUTO(Buf) written = { 0 };
    AUTO(Buf) original = { 0 };
    get("schema-sync.json", &written);
    assert_int_equal(chdir(start), 0);
    get("schema/schema-sync.default.json", &original);
    assert_int_equal(chdir(root), 0);
    assert_string_equal(buf_text(&written), buf_text(&original));
    /* What it wrote is a configuration that loads, and a second run changes nothing. */
    run_line(&ran, "init", NULL);
    assert_true(ran.done);
    assert_null(strstr(buf_text(&ran.out), "written"));
    assert_non_null(strstr(buf_text(&ran.out), "kept     schema/\n"));
    buf_clear(&attributes);
    get(".gitattributes", &attributes);
    assert_string_equal(buf_text(&attributes),
                        "*.png binary\nschema/** text eol=lf\nschema/assets/** -text\n"
                        "schema/**/*.json merge=schema-sync\nschema/*.jsonl merge=schema-sync\n"
                        "schema/assets/** !merge\n");
}

static void init_uses_the_configured_folder(void **state) {
    (void)state;
    AUTO(Ran) ran = { 0 };
    put("schema-sync.json", "{\"dir\": \"a/state\"}");
    run_line(&ran, "--json init", NULL);
    assert_true(ran.done);
    assert_int_equal(access("a/state", F_OK), 0);
    assert_non_null(strstr(buf_text(&ran.out), "\"a/state/\""));
    AUTO(Buf) attributes = { 0 };
    get(".gitattributes", &attributes);
    assert_string_equal(buf_text(&attributes),
                        "a/state/** text eol=lf\na/state/assets/** -text\n"
                        "a/state/**/*.json merge=schema-sync\na/state/*.jsonl merge=schema-sync\n"
                        "a/state/assets/** !merge\n");
}

/* ---- the dispatcher ---- */

static void needs_are_checked_before_the_work(void **state) {
    (void)state;
    static const char *const no_token[] = { "DIRECTUS_URL=http://dev", NULL };
    assert_ends("export", NULL, ERR_CONFIG, "no Directus instance");
    assert_ends("export", no_token, ERR_CONFIG, "no credentials");
    assert_ends("--env prod import", dev, ERR_CONFIG, "\"prod\" is not known");
    assert_ends("-C none status", NULL, ERR_USAGE, "none");
    put("bad.json", "{\"mode\": 1}");
    assert_ends("--config bad.json status", NULL, ERR_CONFIG, "bad.json: /mode");
    assert_int_equal(fake.calls, 0);
}

static void errors_pass_through(void **state) {
    (void)state;
    AUTO(Ran) ran = { 0 };
    error_set(&fake.error, ERR_REMOTE, "no answer");
    static const char *const lines[] = { "export", "import", "diff", "install", "hash", "status", "lock" };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        run_line(&ran, lines[i], dev);
        assert_false(ran.done);
        assert_int_equal(ran.err.kind, ERR_REMOTE);
        assert_string_equal(buf_text(&ran.out), "");
    }
}

static void a_full_disk_is_no_success(void **state) {
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    if (!full) {
        print_message("skipped: there is no /dev/full\n");
        skip();
    }
    char program[] = "schema-sync", word[] = "--version";
    char *argv[] = { program, word, NULL };
    Error err = { 0 };
    int kept = redirect(stdout, full);
    bool done = cli_run(2, argv, NULL, &err);
    assert_true(dup2(kept, fileno(stdout)) >= 0);
    close(kept);
    fclose(full);
    clearerr(stdout);
    assert_false(done);
    assert_int_equal(err.kind, ERR_IO);
}

/* `schema-sync help | head -1` */
static void a_reader_that_left_is_no_fault(void **state) {
    (void)state;
    int ends[2];
    char program[] = "schema-sync", word[] = "help";
    char *argv[] = { program, word, NULL };
    Error err = { 0 };
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    FILE *left = fdopen(ends[1], "w");
    assert_non_null(left);
    int kept = redirect(stdout, left);
    bool done = cli_run(2, argv, NULL, &err);
    bool failed = ferror(stdout) != 0;
    assert_true(dup2(kept, fileno(stdout)) >= 0);
    close(kept);
    fclose(left);
    clearerr(stdout);
    assert_true(failed); /* else nothing was tried */
    assert_true(done);
    assert_int_equal(err.kind, ERR_NONE);
}

static void version_is_one_line(void **state) {
    (void)state;
    AUTO(Ran) ran = { 0 };
    run_line(&ran, "--version", NULL);
    assert_true(ran.done);
    assert_true(str_starts(buf_text(&ran.out), "schema-sync "));
    assert_ptr_equal(strchr(ran.out.data, '\n'), ran.out.data + ran.out.length - 1);
}

static void errors_as_text_and_json(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Buf) text = { 0 };
    error_set(&err, ERR_REFUSED, "no\x1b[31m \"way\"");
    cli_error(&err, false, &text);
    assert_string_equal(buf_text(&text), "schema-sync: no\\u001b[31m \"way\"\n");
    error_hint(&err, "go\nhome");
    buf_clear(&text);
    cli_error(&err, false, &text);
    assert_string_equal(buf_text(&text), "schema-sync: no\\u001b[31m \"way\"\n  hint: go home\n");
    buf_clear(&text);
    cli_error(&err, true, &text);
    assert_string_equal(buf_text(&text),
                        "{\n  \"error\": {\n    \"hint\": \"go\\nhome\",\n    \"kind\": \"refused\",\n"
                        "    \"message\": \"no\\u001b[31m \\\"way\\\"\",\n    \"status\": 77\n  }\n}\n");
}

static void json_is_found_on_wrong_lines(void **state) {
    (void)state;
    char program[] = "schema-sync", json[] = "--json", wrong[] = "--wrong", dashes[] = "--";
    assert_true(cli_wants_json(3, (char *[]){ program, wrong, json, NULL }));
    assert_false(cli_wants_json(3, (char *[]){ program, dashes, json, NULL }));
    assert_false(cli_wants_json(1, (char *[]){ program, NULL }));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(export_says_both_sides),
        TEST(export_check_ends_with_2),
        TEST(export_as_json),
        TEST(import_passes_its_options),
        TEST(import_says_both_sides),
        TEST(dry_run_and_diff_print_the_plan),
        TEST(plan_as_json),
        TEST(a_protected_environment_asks_for_its_name),
        TEST(rollback_tells_how_to_undo_it),
        TEST(progress_is_for_terminals),
        TEST(hash_prints_and_checks),
        TEST(status_at_a_glance),
        TEST(status_of_all_environments),
        TEST(doctor_ends_as_its_first_blocker),
        TEST(lock_is_released_by_its_owners_name),
        TEST(install_prints_or_does),
        TEST(init_prepares_and_keeps),
        TEST(init_uses_the_configured_folder),
        TEST(needs_are_checked_before_the_work),
        TEST(errors_pass_through),
        TEST(a_full_disk_is_no_success),
        TEST(a_reader_that_left_is_no_fault),
        TEST(version_is_one_line),
        TEST(errors_as_text_and_json),
        TEST(json_is_found_on_wrong_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
