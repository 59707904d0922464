#include "model/merge.h"

#include "unit/model/snapshots.h"

#define A "00000000-0000-4000-8000-00000000000a"
#define B "00000000-0000-4000-8000-00000000000b"
#define C "00000000-0000-4000-8000-00000000000c"

typedef struct {
    Snapshot base, ours, theirs;
    Merge merge;
} Three;

static void merge_of(Three *three, bool instance, const char *base, const char *ours, const char *theirs) {
    *three = (Three){ 0 };
    snapshot_of(&three->base, false, base);
    snapshot_of(&three->ours, false, ours);
    snapshot_of(&three->theirs, instance, theirs);
    MergeSides sides = { &three->base, &three->ours, &three->theirs, NULL, instance };
    merge_snapshots(&sides, &three->merge);
}

static void three_free(Three *three) {
    merge_free(&three->merge);
    snapshot_free(&three->base);
    snapshot_free(&three->ours);
    snapshot_free(&three->theirs);
}
AUTO_DEFINE(Three, three_free);

/* The merged snapshot is `expected`, without a conflict. */
static void gives(const char *base, const char *ours, const char *theirs, const char *expected) {
    AUTO(Three) three;
    AUTO(Snapshot) wanted = { 0 };
    merge_of(&three, false, base, ours, theirs);
    snapshot_of(&wanted, false, expected);
    assert_int_equal(three.merge.conflicts, 0);
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        const RecordList *list = &three.merge.merged.types[type];
        assert_int_equal(list->count, wanted.types[type].count);
        for (size_t i = 0; i < list->count; i++)
            assert_true(json_equal(&list->items[i].json, &wanted.types[type].items[i].json));
    }
}

static void conflicts(const char *base, const char *ours, const char *theirs, const char *pointer) {
    AUTO(Three) three;
    merge_of(&three, false, base, ours, theirs);
    assert_int_equal(three.merge.conflicts, 1);
    for (size_t i = 0; i < three.merge.count; i++)
        if (three.merge.entries[i].conflict_count) {
            assert_int_equal(three.merge.entries[i].conflict_count, 1);
            assert_string_equal(three.merge.entries[i].conflicts[0].pointer, pointer);
        }
}

static void one_side_alone_is_taken(void **test) {
    (void)test;
    const char *was = "{'roles':[{'id':'" A "','name':'a','icon':'x'}]}";
    const char *is = "{'roles':[{'id':'" A "','name':'a','icon':'y'},{'id':'" B "','name':'b','icon':'x'}]}";
    const char *none = "{'roles':[]}";
    gives(was, is, was, is);
    gives(was, was, is, is);
    gives(was, is, is, is);
    gives(was, none, was, none);
    gives(was, was, none, none);
    gives(was, none, none, none);
    gives(none, was, none, was);
    gives(none, none, is, is);
}

static void different_fields_are_both_taken(void **test) {
    (void)test;
    gives("{'roles':[{'id':'" A "','name':'a','icon':'x'}]}",
          "{'roles':[{'id':'" A "','name':'b','icon':'x'}]}",
          "{'roles':[{'id':'" A "','name':'a','icon':'y'}]}",
          "{'roles':[{'id':'" A "','name':'b','icon':'y'}]}");
    gives("{'roles':[{'id':'" A "','name':'a'}]}",
          "{'roles':[{'id':'" A "','name':'a'},{'id':'" B "','name':'b'}]}",
          "{'roles':[{'id':'" A "','name':'a'},{'id':'" C "','name':'c'}]}",
          "{'roles':[{'id':'" A "','name':'a'},{'id':'" B "','name':'b'},{'id':'" C "','name':'c'}]}");
    /* parts of an object that has parts */
    gives("{'collections':[{'collection':'p','meta':{'note':'n','options':{'a':1,'b':1}}}]}",
          "{'collections':[{'collection':'p','meta':{'note':'m','options':{'a':2,'b':1}}}]}",
          "{'collections':[{'collection':'p','meta':{'note':'n','options':{'a':1,'b':2},'icon':'i'}}]}",
          "{'collections':[{'collection':'p','meta':{'note':'m','options':{'a':2,'b':2},'icon':'i'}}]}");
}

static void one_field_set_twice_is_a_conflict(void **test) {
    (void)test;
    conflicts("{'roles':[{'id':'" A "','name':'a','icon':'x'}]}",
              "{'roles':[{'id':'" A "','name':'b','icon':'x'}]}",
              "{'roles':[{'id':'" A "','name':'c','icon':'y'}]}", "/name");
    conflicts("{'collections':[{'collection':'p','meta':{'note':'n'}}]}",
              "{'collections':[{'collection':'p','meta':{'note':'m'}}]}",
              "{'collections':[{'collection':'p','meta':{'note':'o'}}]}", "/meta/note");
    conflicts("{'collections':[]}", "{'collections':[{'collection':'p','meta':{'note':'m'}}]}",
              "{'collections':[{'collection':'p','meta':{'note':'o'}}]}", "/meta/note");
    /* a filter means something as a whole only */
    conflicts("{'permissions':[{'policy':'" A "','collection':'p','action':'read','permissions':{}}]}",
              "{'permissions':[{'policy':'" A "','collection':'p','action':'read','permissions':{'a':1}}]}",
              "{'permissions':[{'policy':'" A "','collection':'p','action':'read','permissions':{'b':1}}]}",
              "/permissions");
}

static void deleted_here_and_needed_there_is_a_conflict(void **test) {
    (void)test;
    conflicts("{'roles':[{'id':'" A "','name':'a'}]}", "{'roles':[]}",
              "{'roles':[{'id':'" A "','name':'b'}]}", "");
    conflicts("{'roles':[{'id':'" A "','name':'a'}]}", "{'roles':[{'id':'" A "','name':'b'}]}",
              "{'roles':[]}", "");
    /* a field of a collection that is gone, a role below one that is gone */
    conflicts("{'collections':[{'collection':'p'}],'fields':[]}", "{'collections':[],'fields':[]}",
              "{'collections':[{'collection':'p'}],'fields':[{'collection':'p','field':'f'}]}",
              "/collection");
    conflicts("{'roles':[{'id':'" A "','name':'a','parent':null}]}", "{'roles':[]}",
              "{'roles':[{'id':'" A "','name':'a','parent':null},{'id':'" B "','name':'b','parent':'" A
              "'}]}",
              "/parent");
}

#define GRANT(fields) "{'policy':'" A "','collection':'p','action':'read','fields':['" fields "']}"

static void grants_of_one_key_are_a_bag(void **test) {
    (void)test;
    const char *one = "{'permissions':[" GRANT("a") "]}",
               *two = "{'permissions':[" GRANT("a") "," GRANT("b") "]}";
    const char *other = "{'permissions':[" GRANT("a") "," GRANT("c") "]}";
    gives(one, two, one, two);
    gives(one, one, two, two);
    gives(two, one, two, one);
    gives(two, two, one, one);
    gives(one, two, two, two);
    gives(one, two, other, "{'permissions':[" GRANT("a") "," GRANT("b") "," GRANT("c") "]}");
    conflicts(two, one, "{'permissions':[" GRANT("a") "," GRANT("b") "," GRANT("c") "]}", "");
}

static void an_instance_may_know_less_and_more(void **test) {
    (void)test;
    AUTO(Three) three;
    const char *was = "{'roles':[{'id':'" A "','name':'a','icon':'x'}]}";
    merge_of(&three, true, was, was, "{'roles':[{'id':'" A "','name':'a','newer':1}]}");
    assert_int_equal(three.merge.count, 0);
    assert_true(json_equal(&three.merge.merged.types[TYPE_ROLES].items[0].json,
                           &three.ours.types[TYPE_ROLES].items[0].json));
}

/* Within meta and schema too; what both know is compared all the same. */
static void an_instance_may_have_other_members_in_meta(void **test) {
    (void)test;
    const char *was =
        "{'collections':[{'collection':'a','meta':{'note':'x','old':1},'schema':{'name':'a'}}]}";
    {
        AUTO(Three) three;
        merge_of(&three, true, was, was,
                 "{'collections':[{'collection':'a','meta':{'newer':1,'note':'x'},'schema':{'name':'a'}}]}");
        assert_int_equal(three.merge.count, 0);
    }
    AUTO(Three) three;
    merge_of(&three, true, was, was,
             "{'collections':[{'collection':'a','meta':{'newer':1,'note':'y'},'schema':{'name':'a'}}]}");
    assert_int_equal(three.merge.count, 1);
    assert_int_equal(three.merge.entries[0].theirs, SIDE_CHANGED);
    const Json *meta = json_get(&three.merge.merged.types[TYPE_COLLECTIONS].items[0].json, "meta");
    assert_string_equal(json_get_text(meta, "note"), "y");
    assert_null(json_get(meta, "newer"));
    assert_non_null(json_get(meta, "old"));
}

static void entries_say_who_did_what(void **test) {
    (void)test;
    AUTO(Three) three;
    merge_of(&three, true, "{'roles':[{'id':'" A "','name':'a'},{'id':'" B "','name':'b'}]}",
             "{'roles':[{'id':'" A "','name':'x'}]}",
             "{'roles':[{'id':'" A "','name':'x'},{'id':'" B "','name':'b'},{'id':'" C "','name':'c'}]}");
    const Merge *merge = &three.merge;
    assert_int_equal(merge->count, 3);
    assert_true(merge->entries[0].equal && merge->entries[0].ours == SIDE_CHANGED);
    assert_int_equal(merge->entries[1].ours, SIDE_DELETED);
    assert_int_equal(merge->entries[1].theirs, SIDE_SAME);
    assert_string_equal(merge->entries[1].names.label, "b");
    assert_int_equal(merge->entries[2].theirs, SIDE_CREATED);
    assert_int_equal(merge->only_ours, 1);
    assert_int_equal(merge->only_theirs, 1);
}

static void what_was_not_read_stays_ours(void **test) {
    (void)test;
    AUTO(Three) three;
    merge_of(&three, true, "{'roles':[]}", "{'roles':[{'id':'" A "','name':'a'}]}", "{'folders':[]}");
    assert_int_equal(three.merge.count, 0);
    assert_int_equal(three.merge.merged.types[TYPE_ROLES].count, 1);
    AUTO(Snapshot) known = { 0 };
    AUTO(Snapshot) base = { 0 };
    snapshot_of(&base, false, "{'roles':[{'id':'" A "','name':'old'},{'id':'" B "','name':'b'}]}");
    merge_known(&base, &three.ours, &known);
    assert_int_equal(known.types[TYPE_ROLES].count, 2);
    assert_string_equal(json_get_text(&known.types[TYPE_ROLES].items[0].json, "name"), "a");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_side_alone_is_taken),
        cmocka_unit_test(different_fields_are_both_taken),
        cmocka_unit_test(one_field_set_twice_is_a_conflict),
        cmocka_unit_test(deleted_here_and_needed_there_is_a_conflict),
        cmocka_unit_test(grants_of_one_key_are_a_bag),
        cmocka_unit_test(an_instance_may_know_less_and_more),
        cmocka_unit_test(an_instance_may_have_other_members_in_meta),
        cmocka_unit_test(entries_say_who_did_what),
        cmocka_unit_test(what_was_not_read_stays_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
