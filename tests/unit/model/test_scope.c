#include "unit/unit.h"

#include "model/scope.h"

static const char *const none[] = { NULL };
static const char *const slug[] = { "slug", NULL };
static const char *const views[] = { "views", "likes", NULL };

static DataRule rules[] = {
    { .collection = "pages", .key = slug, .exclude = views, .group_by = none, .mode = MODE_MIRROR },
    { .collection = "posts", .key = none, .exclude = none, .group_by = slug, .mode = MODE_MERGE },
    { .collection = "roles", .key = none, .exclude = none, .group_by = none, .mode = MODE_ADD },
};

static Scope full_scope(void) {
    Scope scope = { .mode = MODE_MERGE, .data = rules, .data_count = 3 };
    for (SectionId section = 0; section < SECTION_COUNT; section++) {
        scope.sections[section] = true;
        scope.section_modes[section] = MODE_MERGE;
    }
    scope.section_modes[SECTION_FLOWS] = MODE_MIRROR;
    scope.sections[SECTION_PRESETS] = false;
    return scope;
}

/* "access flows | posts": what is selected. */
static const char *selected(const Scope *scope, const char *only, Arena *arena) {
    Error err = { 0 };
    Selection selection;
    AUTO(Buf) text = { 0 };
    assert_ok(scope_select(scope, only, arena, &selection, &err));
    assert_int_equal(selection.all, only == NULL || !*only);
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        if (selection.sections[section])
            buf_printf(&text, "%s ", section_name(section));
    buf_puts(&text, "|");
    for (size_t i = 0; i < scope->data_count; i++)
        if (selection.data[i])
            buf_printf(&text, " %s", scope->data[i].collection);
    return arena_strdup(arena, buf_text(&text));
}

static void only_selects(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        { NULL, "collections folders access settings translations dashboards flows | pages posts roles" },
        { "", "collections folders access settings translations dashboards flows | pages posts roles" },
        { "flows", "flows |" },
        { "operations", "flows |" },
        { "directus_policies,permissions", "access |" },
        { "roles", "access |" }, /* the type, not the collection of that name */
        { "data/roles", "| roles" },
        { "posts", "| posts" },
        { " posts , flows,", "flows | posts" },
        { "data", "| pages posts roles" },
    };
    Scope scope = full_scope();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(Arena) arena = { 0 };
        assert_string_equal(selected(&scope, cases[i][0], &arena), cases[i][1]);
    }
}

static void only_refuses_what_is_not_there(void **state) {
    (void)state;
    Scope scope = full_scope();
    AUTO(Arena) arena = { 0 };
    Selection selection;
    Error err = { 0 };
    assert_fault(scope_select(&scope, "flows,post", &arena, &selection, &err), ERR_USAGE, "\"post\"");
    assert_non_null(strstr(err.hint, "access"));
    assert_non_null(strstr(err.hint, "posts"));
    assert_null(strstr(err.hint, "presets"));
    assert_fault(scope_select(&scope, "data/post", &arena, &selection, &err), ERR_USAGE, "data/post");
    assert_fault(scope_select(&scope, "presets", &arena, &selection, &err), ERR_USAGE, "switched off");
    assert_fault(scope_select(&scope, " , ", &arena, &selection, &err), ERR_USAGE, "names nothing");
    scope.data_count = 0;
    assert_fault(scope_select(&scope, "data", &arena, &selection, &err), ERR_USAGE, "\"data\"");
}

static void finds_rules(void **state) {
    (void)state;
    Scope scope = full_scope();
    assert_ptr_equal(scope_data(&scope, "posts"), &rules[1]);
    assert_null(scope_data(&scope, "post"));
    scope = (Scope){ 0 };
    assert_null(scope_data(&scope, "posts"));
}

static void modes_have_names(void **state) {
    (void)state;
    for (Mode mode = MODE_ADD; mode <= MODE_MIRROR; mode++) {
        Mode back = MODE_ADD;
        assert_true(mode_parse(mode_name(mode), &back));
        assert_int_equal(back, mode);
    }
    Mode untouched = MODE_MIRROR;
    assert_false(mode_parse("Merge", &untouched));
    assert_false(mode_parse("", &untouched));
    assert_int_equal(untouched, MODE_MIRROR);
}

static void text_is_canonical(void **state) {
    (void)state;
    AUTO(Buf) text = { 0 };
    Scope scope = full_scope();
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        scope.sections[section] = section == SECTION_FLOWS || section == SECTION_ACCESS;
    scope.data_count = 2;
    scope_text(&scope, &text);
    assert_string_equal(
        buf_text(&text),
        "{\"data\":{\"pages\":{\"exclude\":[\"views\",\"likes\"],\"filter\":null,\"key\":[\"slug\"],"
        "\"mode\":\"mirror\"},\"posts\":{\"exclude\":[],\"filter\":null,\"key\":[],\"mode\":\"merge\"}},"
        "\"sections\":{\"access\":\"merge\",\"flows\":\"mirror\"}}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_selects),      cmocka_unit_test(only_refuses_what_is_not_there),
        cmocka_unit_test(finds_rules),       cmocka_unit_test(modes_have_names),
        cmocka_unit_test(text_is_canonical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
