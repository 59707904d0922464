#include "model/plan_saved.h"

#include "unit/unit.h"

typedef struct {
    Plan plan;
    SavedPlan saved;
    Buf text;
} Case;

static Json record(Arena *arena, const char *name, const char *icon) {
    JsonObjectBuilder object = json_object_builder(arena);
    json_object_put(&object, "name", json_string(arena, name));
    json_object_put(&object, "icon", json_string(arena, icon));
    return json_object_done(&object);
}

static void put_role(Plan *plan, const char *id, const char *name, const char *icon) {
    Json *json = arena_alloc(&plan->arena, sizeof *json);
    *json = record(&plan->arena, name, icon);
    plan_change(plan, (Change){ .kind = CHANGE_CREATE,
                                .type = TYPE_ROLES,
                                .label = arena_strdup(&plan->arena, name),
                                .id = arena_strdup(&plan->arena, id),
                                .after = json });
}

static void put_rows(Plan *plan, uint64_t created, uint64_t unchanged, const char *digest) {
    RowPlan rows = { .collection = "posts", .created = created, .unchanged = unchanged };
    snprintf(rows.digest, sizeof rows.digest, "%s", digest);
    ARENA_PUSH(&plan->arena, plan->rows, plan->row_count, plan->row_capacity, rows);
}

/* Saved, and read again. */
static void begin(Case *it) {
    Error err = { 0 };
    *it = (Case){ 0 };
    put_role(&it->plan, "1", "A", "a");
    put_role(&it->plan, "2", "B", "b");
    put_rows(&it->plan, 3, 10, "0123");
    AUTO(SavedPlan)
    saved = { .environment = "prod",
              .url = "http://prod",
              .files_hash = "f1le5",
              .hash = "h45h",
              .mode = "mirror",
              .ref = "v1",
              .again = true };
    saved_plan_take(&saved, &it->plan);
    saved_plan_text(&saved, &it->text);
    assert_ok(saved_plan_parse(&it->saved, "my.plan", buf_text(&it->text), it->text.length, &err));
}

static void end(Case *it) {
    plan_free(&it->plan);
    saved_plan_free(&it->saved);
    buf_free(&it->text);
}

static void a_plan_comes_back_as_it_was(void **state) {
    (void)state;
    Case it;
    Error err = { 0 };
    begin(&it);
    assert_string_equal(it.saved.mode, "mirror");
    assert_null(it.saved.only);
    assert_string_equal(it.saved.ref, "v1");
    assert_true(it.saved.again && !it.saved.allow_version);
    assert_ok(saved_plan_fits(&it.saved, "prod", "http://prod", "f1le5", "h45h", &err));
    assert_ok(saved_plan_matches(&it.saved, &it.plan, &err));
    assert_ok(saved_plan_covers(&it.saved, &it.plan, &err));
    end(&it);
}

static void what_moved_on_is_named(void **state) {
    (void)state;
    Case it;
    Error err = { 0 };
    begin(&it);
    assert_fault(saved_plan_fits(&it.saved, "prod", "http://other", "f1le5", "h45h", &err), ERR_NEWER,
                 "made for prod — http://prod, and this import goes to prod — http://other");
    assert_fault(saved_plan_fits(&it.saved, "", "http://prod", "f1le5", "h45h", &err), ERR_NEWER, "made for");
    assert_fault(saved_plan_fits(&it.saved, "prod", "http://prod", "x", "x", &err), ERR_NEWER, "files");
    assert_fault(saved_plan_fits(&it.saved, "prod", "http://prod", "f1le5", "x", &err), ERR_NEWER,
                 "configuration");
    end(&it);
}

static void assert_difference(Case *it, Plan *plan, const char *part) {
    Error err = { 0 };
    assert_fault(saved_plan_matches(&it->saved, plan, &err), ERR_NEWER, part);
    plan_free(plan);
}

static void another_plan_is_another(void **state) {
    (void)state;
    Case it;
    Plan plan = { 0 };
    Error err = { 0 };
    begin(&it);
    put_role(&plan, "2", "B", "b"); /* the order is nobody's business, nor what is left alone */
    put_role(&plan, "1", "A", "a");
    put_rows(&plan, 3, 11, "0123");
    plan_note(&plan, NOTE_LEFT_ALONE, TYPE_ROLES, "1 role is left alone");
    assert_ok(saved_plan_matches(&it.saved, &plan, &err));
    plan_free(&plan);
    put_role(&plan, "1", "A", "a");
    put_rows(&plan, 3, 10, "0123");
    assert_difference(&it, &plan, "(1 difference): not needed any more: create role \"B\"");
    put_role(&plan, "1", "A", "other");
    put_role(&plan, "2", "B", "b");
    put_role(&plan, "3", "C", "c");
    put_rows(&plan, 3, 10, "0123");
    assert_difference(&it, &plan, "different now: create role \"A\"; not in the plan: create role \"C\"");
    put_role(&plan, "1", "A", "a");
    put_role(&plan, "2", "B", "b");
    put_rows(&plan, 3, 10, "0124");
    assert_difference(&it, &plan, "different now: rows of posts");
    end(&it);
}

static void what_is_left_must_be_in_the_plan(void **state) {
    (void)state;
    Case it;
    Plan plan = { 0 };
    Error err = { 0 };
    begin(&it);
    put_role(&plan, "2", "B", "half done");
    assert_ok(saved_plan_covers(&it.saved, &plan, &err));
    put_rows(&plan, 2, 11, "");
    assert_ok(saved_plan_covers(&it.saved, &plan, &err));
    put_rows(&plan, 4, 11, "");
    assert_fault(saved_plan_covers(&it.saved, &plan, &err), ERR_NEWER, "not in the plan: rows of posts");
    plan.row_count--;
    put_role(&plan, "9", "B", "b");
    assert_fault(saved_plan_covers(&it.saved, &plan, &err), ERR_NEWER, "by somebody else");
    plan_free(&plan);
    end(&it);
}

static void assert_not_read(const char *text, size_t length, const char *part) {
    AUTO(SavedPlan) saved = { 0 };
    Error err = { 0 };
    assert_fault(saved_plan_parse(&saved, "my.plan", text, length, &err), ERR_FILES, part);
    assert_non_null(strstr(err.message, "my.plan"));
    assert_non_null(strstr(err.hint, "diff --out"));
}

/* Whatever byte is changed, the plan is not taken; unless the JSON still means the same. */
static void an_edited_file_is_refused(void **state) {
    (void)state;
    Case it;
    begin(&it);
    assert_not_read("", 0, "no plan");
    assert_not_read("{}", 2, "(/format)");
    assert_not_read("{\"format\":\"schema-sync plan\",\"version\":2}", 41, "(/version)");
    for (size_t i = 0; i < it.text.length; i++) {
        char byte = it.text.data[i];
        if (byte == ' ' || byte == '\n')
            continue;
        it.text.data[i] = byte == '1' ? '2' : '1';
        assert_not_read(it.text.data, it.text.length, "");
        it.text.data[i] = byte;
    }
    end(&it);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_comes_back_as_it_was), cmocka_unit_test(what_moved_on_is_named),
        cmocka_unit_test(another_plan_is_another),     cmocka_unit_test(what_is_left_must_be_in_the_plan),
        cmocka_unit_test(an_edited_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
