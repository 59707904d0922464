#include "model/rename.h"

#include "model/canon.h"
#include "unit/model/snapshots.h"

#define OLD                                                                                                  \
    "{'collections':[{'collection':'a','meta':{'sort_field':'x','collection':'a'},'schema':{'name':'a'}},"   \
    "{'collection':'c','meta':{'group':'a'}}],"                                                              \
    "'fields':[{'collection':'a','field':'id','meta':{},'schema':{'table':'a','name':'id',"                  \
    "'default_value':'nextval(\\u0027a_id_seq\\u0027::regclass)'}},"                                         \
    "{'collection':'a','field':'x','meta':{'field':'x'},'schema':{'table':'a','name':'x'}},"                 \
    "{'collection':'c','field':'a','schema':{'foreign_key_table':'a','foreign_key_column':'x'}}],"           \
    "'relations':[{'collection':'c','field':'a','related_collection':'a','meta':{'many_collection':'c',"     \
    "'many_field':'a','one_collection':'a','one_field':'x','one_allowed_collections':['a','c']},"            \
    "'schema':{'constraint_name':'c_a_foreign','table':'c','column':'a','foreign_key_table':'a',"            \
    "'foreign_key_column':'x'}},"                                                                            \
    "{'collection':'a','field':'x','related_collection':null,'meta':{},'schema':{'constraint_name':"         \
    "'a_x_foreign'}}],"                                                                                      \
    "'permissions':[{'policy':'$public','collection':'a','action':'read','fields':['id','x']}]}"
#define NEW                                                                                                  \
    "{'collections':[{'collection':'b','meta':{'sort_field':'y','collection':'b'},'schema':{'name':'b'}},"   \
    "{'collection':'c','meta':{'group':'b'}}],"                                                              \
    "'fields':[{'collection':'b','field':'id','meta':{},'schema':{'table':'b','name':'id',"                  \
    "'default_value':'nextval(\\u0027b_id_seq\\u0027::regclass)'}},"                                         \
    "{'collection':'b','field':'y','meta':{'field':'y'},'schema':{'table':'b','name':'y'}},"                 \
    "{'collection':'c','field':'a','schema':{'foreign_key_table':'b','foreign_key_column':'y'}}],"           \
    "'relations':[{'collection':'c','field':'a','related_collection':'b','meta':{'many_collection':'c',"     \
    "'many_field':'a','one_collection':'b','one_field':'y','one_allowed_collections':['b','c']},"            \
    "'schema':{'constraint_name':'c_a_foreign','table':'c','column':'a','foreign_key_table':'b',"            \
    "'foreign_key_column':'y'}},"                                                                            \
    "{'collection':'b','field':'y','related_collection':null,'meta':{},'schema':{'constraint_name':"         \
    "'b_y_foreign'}}],"                                                                                      \
    "'permissions':[{'policy':'$public','collection':'b','action':'read','fields':['id','y']}]}"

static const Rename both[] = { { "a", "x", "y" }, { "a", NULL, "b" } };
static const Renames declared = { both, 2 };

typedef struct {
    Snapshot files, target;
    Arena arena;
    Renames pending;
} Case;

static bool find(Case *it, const Renames *renames, const char *files, const char *target, Error *err) {
    *it = (Case){ 0 };
    snapshot_of(&it->files, false, files);
    snapshot_of(&it->target, true, target);
    return renames_pending(renames, &it->files, &it->target, &it->arena, &it->pending, err);
}

static void end(Case *it) {
    arena_free(&it->arena);
    snapshot_free(&it->files);
    snapshot_free(&it->target);
}

static void assert_same(const Snapshot *snapshot, const char *expected) {
    AUTO(Snapshot) wanted = { 0 };
    snapshot_of(&wanted, true, expected);
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        assert_int_equal(snapshot->types[type].count, wanted.types[type].count);
        for (size_t i = 0; i < wanted.types[type].count; i++) {
            AUTO(Buf) found_text = { 0 }, wanted_text = { 0 };
            canon_compact(&found_text, &snapshot->types[type].items[i].json);
            canon_compact(&wanted_text, &wanted.types[type].items[i].json);
            assert_string_equal(buf_text(&found_text), buf_text(&wanted_text));
        }
    }
}

static void every_place_gets_the_new_name(void **state) {
    (void)state;
    Case it;
    Error err = { 0 };
    assert_ok(find(&it, &declared, NEW, OLD, &err));
    assert_int_equal(it.pending.count, 2);
    assert_null(it.pending.items[0].field);
    assert_string_equal(it.pending.items[1].collection, "b");
    renames_apply(&it.pending, &it.target);
    assert_same(&it.target, NEW);
    end(&it);
}

static void what_is_done_is_not_done_again(void **state) {
    (void)state;
    Case it;
    Error err = { 0 };
    assert_ok(find(&it, &declared, NEW, NEW, &err));
    assert_int_equal(it.pending.count, 0);
    end(&it);
    /* not yet in the files */
    assert_ok(find(&it, &declared, OLD, OLD, &err));
    assert_int_equal(it.pending.count, 0);
    end(&it);
    assert_ok(find(&it, &declared, NEW, "{'collections':[],'fields':[]}", &err));
    assert_int_equal(it.pending.count, 0);
    end(&it);
}

static void two_names_at_once_are_refused(void **state) {
    (void)state;
    Case it;
    Error err = { 0 };
    const char *two = "{'collections':[{'collection':'a'},{'collection':'b'}],'fields':[]}";
    const char *one = "{'collections':[{'collection':'b'}],'fields':[]}";
    assert_false(find(&it, &declared, one, two, &err));
    assert_int_equal(err.kind, ERR_REFUSED);
    end(&it);
    err = (Error){ 0 };
    assert_false(find(&it, &declared, two, "{'collections':[{'collection':'a'}],'fields':[]}", &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    end(&it);
}

static void several_in_a_row_are_one(void **state) {
    (void)state;
    Case it;
    Error err = { 0 };
    static const Rename chain[] = {
        { "a", NULL, "b" }, { "b", NULL, "c" }, { "a", "x", "y" }, { "b", "y", "z" }
    };
    const Renames renames = { chain, 4 };
    const char *last = "{'collections':[{'collection':'c'}],'fields':[{'collection':'c','field':'z'}]}";
    assert_ok(find(&it, &renames, last, "{'collections':[{'collection':'a'}],'fields':[]}", &err));
    assert_int_equal(it.pending.count, 1);
    assert_string_equal(it.pending.items[0].to, "c");
    end(&it);
    assert_ok(find(&it, &renames, last,
                   "{'collections':[{'collection':'b'}],'fields':[{'collection':'b','field':'y'}]}", &err));
    assert_int_equal(it.pending.count, 2);
    assert_string_equal(it.pending.items[0].collection, "b");
    assert_string_equal(it.pending.items[1].collection, "c");
    assert_string_equal(it.pending.items[1].field, "y");
    end(&it);
}

static void explained_names(void **state) {
    (void)state;
    AUTO(Snapshot) now = { 0 };
    snapshot_of(&now, true, NEW);
    assert_true(renames_explain(&declared, &now, "a", NULL));
    assert_true(renames_explain(&declared, &now, "a", "x"));
    assert_false(renames_explain(&declared, &now, "a", "gone"));
    assert_false(renames_explain(&declared, &now, "c", "gone"));
}

/* b.y, which was a.x, is to be that again: renamed back, each in the other's names. */
static void reversed(void **state) {
    (void)state;
    static const Rename forward[] = { { "a", NULL, "b" }, { "b", "x", "y" }, { "c", "u", "v" } };
    static const Renames all = { forward, 3 };
    Case it;
    Error err = { 0 };
    AUTO(Arena) arena = { 0 };
    Renames back = renames_reversed(&all, &arena);
    assert_int_equal(back.count, 3);
    assert_string_equal(back.items[0].collection, "c");
    assert_string_equal(back.items[0].field, "v");
    assert_string_equal(back.items[0].to, "u");
    assert_ok(find(&it, &back, OLD, NEW, &err));
    assert_int_equal(it.pending.count, 2);
    renames_apply(&it.pending, &it.target);
    assert_same(&it.target, OLD);
    end(&it);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_place_gets_the_new_name),  cmocka_unit_test(reversed),
        cmocka_unit_test(what_is_done_is_not_done_again), cmocka_unit_test(two_names_at_once_are_refused),
        cmocka_unit_test(several_in_a_row_are_one),       cmocka_unit_test(explained_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
