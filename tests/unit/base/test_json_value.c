#include "unit/unit.h"

#include "base/json.h"
#include "base/str.h"
#include "model/canon.h"

static Json parse(Arena *arena, const char *text) {
    Json value;
    Error err = { 0 };
    assert_ok(json_parse(arena, text, strlen(text), JSON_STATE, &value, &err));
    return value;
}

static void assert_text(const Json *value, const char *wanted) {
    AUTO(Buf) out = { 0 };
    canon_compact(&out, value);
    assert_string_equal(buf_text(&out), wanted);
}

static void test_reading(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    Json record =
        parse(&arena, "{\"meta\":{\"group\":\"g\",\"hidden\":true,\"sort\":3},\"name\":\"n\",\"none\":null}");
    assert_string_equal(json_get_text(&record, "name"), "n");
    assert_null(json_get_text(&record, "none"));
    assert_null(json_get(&record, "absent"));
    assert_null(json_get(NULL, "absent"));
    assert_null(json_get(json_get(&record, "name"), "absent"));
    assert_string_equal(json_text(json_path(&record, "meta", "group", NULL)), "g");
    assert_null(json_path(&record, "name", "group", NULL));
    assert_ptr_equal(json_path(&record, NULL), &record);
    const Json *meta = json_get(&record, "meta");
    assert_true(json_get_bool(meta, "hidden", false));
    assert_true(json_get_bool(meta, "sort", true));
    assert_false(json_get_bool(meta, "absent", false));
    assert_true(json_is_null(json_get(&record, "none")));
    assert_true(json_is_null(NULL));
    assert_false(json_is_null(meta));
    assert_true(json_is_true(json_get(meta, "hidden")));
    assert_false(json_is_true(NULL));
    assert_true(json_is(meta, JSON_OBJECT));
    assert_false(json_is(NULL, JSON_NULL));
    assert_null(json_text(NULL));
}

/* Rows in ascending order: each compares below all that follow, and equal to itself. */
static void test_total_order(void **state) {
    (void)state;
    static const char *const rows[] = {
        "null",
        "false",
        "true",
        "-1e300",
        "-1",
        "0",
        "5e-324",
        "1",
        "\"\"",
        "\"A\"",
        "\"a\"",
        "\"aa\"",
        "\"b\"",
        "\"\xC3\xA9\"",
        "\"\xEF\xAC\xB3\"",
        "\"\xF0\x9F\x98\x80\"",
        "[]",
        "[null]",
        "[1]",
        "[1,0]",
        "[2]",
        "[\"a\"]",
        "{}",
        "{\"a\":1}",
        "{\"a\":1,\"b\":0}",
        "{\"a\":2}",
        "{\"b\":0}",
    };
    enum { COUNT = sizeof rows / sizeof *rows };
    AUTO(Arena) arena = { 0 };
    Json values[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        values[i] = parse(&arena, rows[i]);
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < COUNT; k++) {
            int order = json_compare(&values[i], &values[k]);
            int wanted = i < k ? -1 : i > k;
            if ((order > 0) - (order < 0) != wanted)
                fail_msg("%s against %s gives %d", rows[i], rows[k], order);
            assert_int_equal(json_equal(&values[i], &values[k]), i == k);
        }
    }
    Json zero = parse(&arena, "[0,1.0]");
    Json negative = parse(&arena, "[-0,1]");
    assert_true(json_equal(&zero, &negative));
    assert_true(json_equal(NULL, &values[0]));
    assert_int_equal(json_compare(NULL, NULL), 0);
}

static void test_builders(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder object = json_object_builder(&arena);
    Json empty = json_object_done(&object);
    assert_text(&empty, "{}");
    char key[] = "z";
    json_object_put(&object, key, json_number(1));
    key[0] = 'x'; /* the key was copied */
    json_object_put(&object, "a", json_string(&arena, "text"));
    json_object_put(&object, "m", json_bool(true));
    json_object_put(&object, "a", json_null());
    json_object_put(&object, "s", json_string_n(&arena, "cut here", 3));
    json_object_put(&object, "n", json_string(&arena, NULL));
    Json value = json_object_done(&object);
    assert_text(&value, "{\"a\":null,\"m\":true,\"n\":null,\"s\":\"cut\",\"z\":1}");

    JsonArrayBuilder array = json_array_builder(&arena);
    Json none = json_array_done(&array);
    assert_text(&none, "[]");
    for (int i = 0; i < 20; i++)
        json_array_add(&array, json_number(i));
    json_array_add(&array, value);
    Json items = json_array_done(&array);
    assert_int_equal(items.count, 21);
    assert_true(json_equal(&items.as.items[20], &value));
}

static void test_put_all(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    Json base = parse(&arena, "{\"a\":1,\"b\":2}");
    Json other = parse(&arena, "{\"b\":3,\"c\":4}");
    JsonObjectBuilder object = json_object_builder(&arena);
    json_object_put_all(&object, &base);
    json_object_put_all(&object, &other);
    json_object_put_all(&object, NULL);
    Json merged = json_object_done(&object);
    assert_text(&merged, "{\"a\":1,\"b\":3,\"c\":4}");
    assert_text(&base, "{\"a\":1,\"b\":2}");
}

static void test_with_and_without(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    Json base = parse(&arena, "{\"a\":1,\"c\":{\"d\":2}}");
    Json more = json_with(&arena, &base, "b", json_bool(false));
    Json changed = json_with(&arena, &base, "c", json_null());
    assert_text(&more, "{\"a\":1,\"b\":false,\"c\":{\"d\":2}}");
    assert_text(&changed, "{\"a\":1,\"c\":null}");
    Json less = json_without(&arena, &more, (const char *const[]){ "a", "c", "absent", NULL });
    assert_text(&less, "{\"b\":false}");
    Json fresh = json_with(&arena, NULL, "a", json_number(1));
    assert_text(&fresh, "{\"a\":1}");
    assert_text(&base, "{\"a\":1,\"c\":{\"d\":2}}");
}

static void test_copy_outlives_its_source(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    Arena source = { 0 };
    static const char text[] = "{\"a\":[1,\"x\",{\"b\":[]}],\"c\":null}";
    Json value = parse(&source, text);
    Json copy = json_copy(&arena, &value);
    arena_free(&source);
    assert_text(&copy, text);
}

static const char *rename_old(Arena *arena, const char *text, size_t length, void *context) {
    int *seen = context;
    (*seen)++;
    return length == 3 && strcmp(text, "old") == 0 ? arena_strdup(arena, "newer") : NULL;
}

static void test_map_texts(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    int seen = 0;
    Json value = parse(
        &arena, "{\"a\":[\"old\",\"x\"],\"b\":{\"c\":\"y\"},\"d\":{\"e\":[{\"f\":\"old\"}]},\"old\":1}");
    Json mapped = json_map_texts(&arena, &value, rename_old, &seen);
    assert_text(&mapped,
                "{\"a\":[\"newer\",\"x\"],\"b\":{\"c\":\"y\"},\"d\":{\"e\":[{\"f\":\"newer\"}]},\"old\":1}");
    assert_text(&value,
                "{\"a\":[\"old\",\"x\"],\"b\":{\"c\":\"y\"},\"d\":{\"e\":[{\"f\":\"old\"}]},\"old\":1}");
    assert_int_equal(seen, 4);
    /* what was not touched is shared */
    assert_ptr_equal(json_get(&mapped, "b")->as.members, json_get(&value, "b")->as.members);
    Json same = json_map_texts(&arena, json_get(&value, "b"), rename_old, &seen);
    assert_ptr_equal(same.as.members, json_get(&value, "b")->as.members);
    Json null = json_map_texts(&arena, NULL, rename_old, &seen);
    assert_true(json_is_null(&null));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading),          cmocka_unit_test(test_total_order),
        cmocka_unit_test(test_builders),         cmocka_unit_test(test_put_all),
        cmocka_unit_test(test_with_and_without), cmocka_unit_test(test_copy_outlives_its_source),
        cmocka_unit_test(test_map_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
