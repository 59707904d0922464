#include "model/desired.h"

#include "model/canon.h"
#include "unit/model/snapshots.h"

static const char *const files_text =
    "{'collections':[{'collection':'posts','meta':{'note':'new'},'schema':{'name':'posts'}}],"
    "'fields':[{'collection':'posts','field':'id','type':'uuid','meta':{'sort':2},'schema':{'data_type':'"
    "uuid'}}]}";
static const char *const target_text =
    "{'collections':[{'collection':'own','meta':{'note':'x'},'schema':{'name':'own'}},"
    "{'collection':'posts','meta':{'note':'old','color':'red'},'schema':{'name':'posts'}}],"
    "'fields':[{'collection':'own','field':'id','type':'uuid','meta':null,'schema':{}},"
    "{'collection':'posts','field':'id','type':'uuid','meta':{'sort':1,'extra':true},'schema':{'data_type':'"
    "uuid'}}],"
    "'relations':[{'collection':'posts','field':'own','related_collection':'own','meta':{},'schema':null}]}";

typedef struct {
    Snapshot files, target;
    Arena arena;
    Json desired;
} Case;

static void make(Case *it, Mode mode, const char *removed_text) {
    Error err = { 0 };
    Json removed = json_null();
    *it = (Case){ 0 };
    snapshot_of(&it->files, false, files_text);
    snapshot_of(&it->target, true, target_text);
    it->files.directus = it->target.directus = "11.17.4";
    it->target.vendor = "postgres";
    if (removed_text)
        assert_ok(json_parse(&it->arena, removed_text, strlen(removed_text), JSON_STATE, &removed, &err));
    it->desired = schema_desired(&it->arena, &it->files, &it->target, mode, &removed);
}

static void end(Case *it) {
    arena_free(&it->arena);
    snapshot_free(&it->files);
    snapshot_free(&it->target);
}

static void assert_member(const Case *it, const char *member, const char *expected) {
    AUTO(Buf) text = { 0 };
    canon_compact(&text, json_get(&it->desired, member));
    assert_string_equal(buf_text(&text), expected);
}

static void merge_keeps_what_only_the_target_has(void **state) {
    (void)state;
    Case it;
    make(&it, MODE_MERGE, NULL);
    assert_member(&it, "collections",
                  "[{\"collection\":\"own\",\"meta\":{\"note\":\"x\"},\"schema\":{\"name\":\"own\"}},"
                  "{\"collection\":\"posts\",\"meta\":{\"color\":\"red\",\"note\":\"new\"},\"schema\":{"
                  "\"name\":\"posts\"}}]");
    assert_true(schema_differs(&it.desired, &it.target));
    end(&it);
}

static void add_changes_nothing_that_exists(void **state) {
    (void)state;
    Case it;
    make(&it, MODE_ADD, NULL);
    assert_false(schema_differs(&it.desired, &it.target));
    end(&it);
}

static void a_named_collection_goes_with_its_fields_and_relations(void **state) {
    (void)state;
    Case it;
    make(&it, MODE_MERGE, "[[\"collections\",null,[\"own\"]]]");
    assert_int_equal(json_get(&it.desired, "collections")->count, 1);
    assert_int_equal(json_get(&it.desired, "fields")->count, 1);
    assert_int_equal(json_get(&it.desired, "relations")->count, 0);
    end(&it);
}

static void a_name_in_the_files_wins_over_its_removal(void **state) {
    (void)state;
    Case it;
    make(&it, MODE_MERGE, "[[\"collections\",null,[\"posts\"]]]");
    assert_int_equal(json_get(&it.desired, "collections")->count, 2);
    end(&it);
}

static void mirror_leaves_the_untracked_alone(void **state) {
    (void)state;
    Case it;
    make(&it, MODE_MIRROR, NULL);
    assert_int_equal(json_get(&it.desired, "collections")->count, 1);
    assert_int_equal(json_get(&it.desired, "fields")->count, 2); /* own.id is not tracked: meta is null */
    end(&it);
}

/* Before 11.2 the snapshot sorts lists of plain values: what differs in nothing else is no difference. */
static void lists_of_unknown_order_are_the_targets(void **state) {
    (void)state;
    for (int unordered = 0; unordered < 2; unordered++) {
        AUTO(Snapshot) files = { 0 };
        AUTO(Snapshot) target = { 0 };
        AUTO(Arena) arena = { 0 };
        snapshot_of(&files, false,
                    "{'fields':[{'collection':'a','field':'b','meta':{'options':{'toolbar':['link','bold']},"
                    "'special':['y','x','z']}}]}");
        snapshot_of(&target, true,
                    "{'fields':[{'collection':'a','field':'b','meta':{'options':{'toolbar':['bold','link']},"
                    "'special':['x','y']}}]}");
        files.directus = target.directus = "10.13.4";
        target.vendor = "postgres";
        target.unordered = unordered;
        Json removed = json_null();
        Json desired = schema_desired(&arena, &files, &target, MODE_MERGE, &removed);
        AUTO(Buf) text = { 0 };
        canon_compact(&text, json_get(&json_get(&desired, "fields")->as.items[0], "meta"));
        assert_string_equal(
            buf_text(&text),
            unordered ? "{\"options\":{\"toolbar\":[\"bold\",\"link\"]},\"special\":[\"y\",\"x\",\"z\"]}"
                      : "{\"options\":{\"toolbar\":[\"link\",\"bold\"]},\"special\":[\"y\",\"x\",\"z\"]}");
        assert_null(json_get(&desired, "systemFields")); /* the target knows none */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_unknown_order_are_the_targets),
        cmocka_unit_test(merge_keeps_what_only_the_target_has),
        cmocka_unit_test(add_changes_nothing_that_exists),
        cmocka_unit_test(a_named_collection_goes_with_its_fields_and_relations),
        cmocka_unit_test(a_name_in_the_files_wins_over_its_removal),
        cmocka_unit_test(mirror_leaves_the_untracked_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
