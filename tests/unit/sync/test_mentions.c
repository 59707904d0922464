/* Who names a record: in values, and in rows. */
#include "sync/mentions.h"

#include "unit/repo/state.h"

static void words(void **state) {
    (void)state;
    static const struct {
        const char *json;
        bool wanted;
    } cases[] = {
        { "\"posts\"", true },
        { "\"see posts.title\"", true },
        { "[1,{\"a\":[\"{{posts}}\"]}]", true },
        { "{\"posts\":null}", true },
        { "\"my_posts\"", false },
        { "\"posts2 blogposts\"", false },
        { "\"postsé\"", false },
        { "17", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(Arena) arena = { 0 };
        Error err = { 0 };
        Json value;
        assert_ok(json_parse(&arena, cases[i].json, strlen(cases[i].json), JSON_STATE, &value, &err));
        if (mentions(&value, "posts") != cases[i].wanted)
            fail_msg("%s", cases[i].json);
    }
}

static void note(const RowMentions *found, void *context) {
    buf_printf(context, "%zu of %s, %s:%zu\n", found->rows, found->collection, found->path, found->line);
}

static void assert_rows(const State *state, TypeId type, const char *label, const char *wanted) {
    Error err = { 0 };
    AUTO(Buf) said = { 0 };
    AUTO(Arena) arena = { 0 };
    const RecordList *list = &state->snapshot.types[type];
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(snapshot_label(&state->snapshot, type, &list->items[i], &arena), label) == 0)
            assert_ok(mentions_in_rows(state, type, &list->items[i], note, &said, &err));
    assert_string_equal(buf_text(&said), wanted);
}

static void rows(void **state) {
    (void)state;
    AUTO(Project) project;
    AUTO(State) read = { 0 };
    Error err = { 0 };
    project_make(&project);
    export_small(&project);
    put_text(&project, "schema/collections/parts.json",
             "{\"collection\":\"parts\",\"meta\":{},\"schema\":{\"name\":\"parts\"},\"fields\":["
             "{\"field\":\"id\",\"type\":\"integer\",\"meta\":null,\"schema\":{\"is_primary_key\":true}},"
             "{\"field\":\"item\",\"type\":\"string\",\"meta\":null,\"schema\":{}},"
             "{\"field\":\"kind\",\"type\":\"string\",\"meta\":null,\"schema\":{}}],\"relations\":["
             "{\"field\":\"item\",\"related_collection\":null,\"meta\":{\"one_collection_field\":\"kind\","
             "\"one_allowed_collections\":[\"posts\"]}}]}");
    put_text(&project, "schema/data/parts.json",
             "[{\"id\":1,\"item\":\"5\",\"kind\":\"other\"},\n{\"id\":2,\"item\":\"1\",\"kind\":\"posts\"},\n"
             "{\"id\":3,\"item\":\"2\",\"kind\":\"posts\"},\n{\"id\":4,\"item\":\"see " ROLE
             "\",\"kind\":null}]");
    assert_ok(state_read(project.path, "schema", &read, &err));
    assert_rows(&read, TYPE_COLLECTIONS, "posts", "2 of parts, data/parts.json:2\n");
    assert_rows(&read, TYPE_COLLECTIONS, "parts", "");
    assert_rows(&read, TYPE_ROLES, "editor", "1 of parts, data/parts.json:4\n");
    assert_rows(&read, TYPE_FLOWS, "mail", "");
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(words), cmocka_unit_test(rows) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
