#include "sync/compare.h"

#include "unit/repo/git.h"

/* libgit2 1.5 does not free what it matched the names of a repository's extensions with. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libpcre2";
}

static Config config_of(const Project *project) {
    Config config = { .root = project->path, .state_dir = "schema" };
    config.scope.mode = MODE_MERGE;
    for (SectionId section = 0; section < SECTION_COUNT; section++) {
        config.scope.sections[section] = true;
        config.scope.section_modes[section] = MODE_MERGE;
    }
    return config;
}

/* `before`: a revision, NULL = the empty state; after: the files as they stand. */
static bool compare(const Project *project, const char *before, Comparison *out, Error *err) {
    Config config = config_of(project);
    StateCommit *commit = NULL;
    if (before && !state_commit_open(project->path, "schema", before, &commit, err))
        return false;
    StateSource old = { project->path, "schema", commit }, now = { project->path, "schema", NULL };
    CompareRequest request = { .before = before ? &old : NULL, .after = &now, .rows = true };
    bool done = compare_states(&config, &request, out, err);
    state_commit_close(&commit);
    return done;
}

static void assert_summary(const Comparison *comparison, const char *subject, const char *body) {
    AUTO(Buf) text = { 0 };
    comparison_summary(comparison, &text);
    assert_string_equal(buf_text(&text), subject);
    buf_clear(&text);
    comparison_body(comparison, 100, &text);
    assert_string_equal(buf_text(&text), body);
}

static const char *note_at(const Comparison *comparison, size_t index) {
    const Plan *plan = &comparison->plan;
    return plan->notes && index < plan->note_count ? plan->notes[index].text : "";
}

static void begin(Project *project) {
    project_make(project);
    git(project, "init -q");
    export_small(project);
    commit_all(project, "first");
}

static void the_same_state_has_no_difference(void **state) {
    (void)state;
    AUTO(Project) project = { 0 };
    AUTO(Comparison) out = { 0 };
    Error err = { 0 };
    begin(&project);
    assert_ok(compare(&project, "HEAD", &out, &err));
    assert_false(comparison_differs(&out));
    assert_summary(&out, "nothing changed", "");
}

static void everything_is_new_to_the_empty_state(void **state) {
    (void)state;
    AUTO(Project) project = { 0 };
    AUTO(Comparison) out = { 0 };
    Error err = { 0 };
    begin(&project);
    assert_ok(compare(&project, NULL, &out, &err));
    assert_true(comparison_differs(&out));
    assert_int_equal(plan_count(&out.plan, CHANGE_DELETE), 0);
    assert_int_equal(plan_count(&out.plan, CHANGE_UPDATE), 0);
    assert_summary(&out, "2 collections, 2 roles, 2 policies, settings, 1 flow, 3 rows of posts added",
                   "+ collection Tags\n"
                   "+ collection posts (1 field)\n"
                   "+ role \"Administrator\"\n"
                   "+ role \"editor\"\n"
                   "+ policy \"Public\"\n"
                   "+ policy \"editors\" (1 role, 1 permission)\n"
                   "+ settings\n"
                   "+ flow \"mail\" (1 operation)\n"
                   "+ rows of posts: 3 created\n");
}

static void what_differs_is_named_down_to_the_member(void **state) {
    (void)state;
    AUTO(Project) project = { 0 };
    AUTO(Comparison) out = { 0 };
    Error err = { 0 };
    begin(&project);
    put_text(
        &project, "schema/collections/posts.json",
        "{\"collection\":\"posts\",\"meta\":{\"group\":null,\"note\":\"${TEXT}\"},\"schema\":{\"name\":"
        "\"posts\"},\"fields\":[{\"field\":\"id\",\"type\":\"integer\",\"meta\":"
        "null,\"schema\":{\"is_primary_key\":true}},{\"field\":\"title\",\"type\":\"string\",\"meta\":null,"
        "\"schema\":{}}],\"relations\":[]}");
    put_text(&project, "schema/data/posts.json",
             "[{\"id\":1,\"title\":\"Title of the row with number 1\"},{\"id\":2,\"title\":\"changed\"},"
             "{\"id\":7,\"title\":\"new\"}]");
    put_text(&project, "schema/roles/editor.json",
             "{\"id\":\"" ROLE "\",\"name\":\"changed\",\"parent\":null}\n");
    git(&project, "rm -q schema/flows/mail.json");
    put_text(&project, "schema/sql/pre/001_index.sql", "select 1;\n");
    assert_ok(compare(&project, "HEAD", &out, &err));
    assert_summary(&out, "1 collection, 1 role, 3 rows of posts changed; 1 flow removed",
                   "~ collection posts: meta.note; + field title\n"
                   "~ role \"changed\": name\n"
                   "- flow \"mail\" (1 operation)\n"
                   "~ rows of posts: 1 created, 1 updated, 1 deleted\n");
    assert_int_equal(out.plan.loss_count, 0);
    assert_int_equal(out.others, 1);
    assert_int_equal(out.plan.note_count, 2);
    assert_string_equal(note_at(&out, 0), "sql/pre/001_index.sql is new");
    assert_string_equal(note_at(&out, 1), "1 of those that are gone is not named in removed.jsonl: an "
                                          "import leaves it on its target");
}

/* Another version of Directus has other members, and lacks kinds of records. */
static void versions_may_differ(void **state) {
    (void)state;
    AUTO(Project) project = { 0 };
    AUTO(Comparison) out = { 0 };
    Error err = { 0 };
    begin(&project);
    put_text(&project, "schema/info.json",
             "{\"directus\":\"12.4.0\",\"format\":1,\"vendor\":\"postgres\"}\n");
    put_text(&project, "schema/roles/editor.json",
             "{\"id\":\"" ROLE "\",\"name\":\"editor\",\"parent\":null,\"color\":null}\n");
    git(&project, "rm -q schema/presets.json schema/system_fields.json");
    assert_ok(compare(&project, "HEAD", &out, &err));
    assert_false(comparison_differs(&out));
    assert_int_equal(out.plan.note_count, 1);
    assert_string_equal(note_at(&out, 0), "the state comes from Directus 12.4.0, before from 11.17.4");
}

static void a_newer_format_is_refused(void **state) {
    (void)state;
    AUTO(Project) project = { 0 };
    AUTO(Comparison) out = { 0 };
    Error err = { 0 };
    begin(&project);
    put_text(&project, "schema/info.json",
             "{\"directus\":\"12.4.0\",\"format\":2,\"vendor\":\"postgres\"}\n");
    assert_false(compare(&project, "HEAD", &out, &err));
    assert_int_equal(err.kind, ERR_FILES);
}

static void a_renamed_collection_is_no_other_one(void **state) {
    (void)state;
    AUTO(Project) project = { 0 };
    AUTO(Comparison) out = { 0 };
    Error err = { 0 };
    begin(&project);
    git(&project, "mv schema/collections/posts.json schema/collections/articles.json");
    git(&project, "mv schema/data/posts.json schema/data/articles.json");
    put_text(&project, "schema/collections/articles.json",
             "{\"collection\":\"articles\",\"meta\":{\"group\":null},\"schema\":{\"name\":\"articles\"},"
             "\"fields\":[{\"field\":\"id\",\"type\":\"integer\",\"meta\":null,"
             "\"schema\":{\"is_primary_key\":true}}],\"relations\":[]}");
    AUTO(Buf) policy = { 0 };
    get_text(&project, "schema/policies/editors.json", &policy);
    char *at = strstr(policy.data, "\"posts\"");
    assert_non_null(at);
    AUTO(Buf) renamed = { 0 };
    buf_append(&renamed, policy.data, (size_t)(at - policy.data));
    buf_printf(&renamed, "\"articles\"%s", at + strlen("\"posts\""));
    put_text(&project, "schema/policies/editors.json", buf_text(&renamed));
    static const Rename declared[] = { { "posts", NULL, "articles" } };
    Config config = config_of(&project);
    config.scope.renames = (Renames){ declared, 1 };
    StateCommit *commit = NULL;
    assert_ok(state_commit_open(project.path, "schema", "HEAD", &commit, &err));
    StateSource old = { project.path, "schema", commit }, now = { project.path, "schema", NULL };
    CompareRequest request = { .before = &old, .after = &now, .rows = true };
    assert_ok(compare_states(&config, &request, &out, &err));
    state_commit_close(&commit);
    assert_int_equal(out.plan.change_count, 0);
    assert_int_equal(out.plan.renames.count, 1);
    assert_summary(&out, "1 collection renamed", "> collection posts renamed to articles\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_state_has_no_difference),
        cmocka_unit_test(everything_is_new_to_the_empty_state),
        cmocka_unit_test(what_differs_is_named_down_to_the_member),
        cmocka_unit_test(versions_may_differ),
        cmocka_unit_test(a_newer_format_is_refused),
        cmocka_unit_test(a_renamed_collection_is_no_other_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
