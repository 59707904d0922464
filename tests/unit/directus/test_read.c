/* Complete reads, and what an incomplete one ends with. */
#include "directus/read.h"
#include "model/canon.h"
#include "unit/directus/client.h"
#include "unit/directus/fake_server.h"

static const Instance unlimited = { .directus = "11.17.4",
                                    .version = { .major = 11, .has_policies = true },
                                    .query_limit_max = -1 };

static const char *text_of(Arena *arena, const Json *json) {
    AUTO(Buf) text = { 0 };
    canon_compact(&text, json);
    return arena_strdup(arena, text.data);
}

static bool read_sections(Session *session, SectionId section, Snapshot *snapshot, Error *err) {
    bool sections[SECTION_COUNT] = { false };
    sections[section] = true;
    *err = (Error){ 0 };
    return directus_read(session, &unlimited, sections, snapshot, NULL, err);
}

static void access_is_four_requests(void **state) {
    (void)state;
    Error err;
    AUTO(Snapshot) snapshot = { 0 };
    FakeServer *server = FAKE(ANSWER("SEARCH", "/roles",
                                     "{\"meta\":{\"total_count\":1},\"data\":[{\"id\":\"r\",\"name\":\"R\","
                                     "\"users\":[\"u\"],\"children\":[]}]}"),
                              ANSWER("SEARCH", "/policies", "{\"meta\":{\"total_count\":0},\"data\":[]}"),
                              ANSWER("SEARCH", "/access",
                                     "{\"meta\":{\"filter_count\":1},\"data\":[{\"id\":\"a\",\"role\":\"r\","
                                     "\"user\":null,\"policy\":\"p\",\"sort\":1}]}"),
                              ANSWER("SEARCH", "/permissions",
                                     "{\"meta\":{\"total_count\":2},\"data\":[{\"id\":12,\"policy\":\"p\","
                                     "\"action\":\"read\"},{\"id\":3,\"policy\":\"p\",\"action\":\"create\"},"
                                     "{\"policy\":null,\"system\":true,\"action\":\"read\"}]}"));
    AUTO_SESSION session = open_session(server->url, true);
    assert_ok(read_sections(session, SECTION_ACCESS, &snapshot, &err));
    assert_int_equal(session_requests(session), 4);
    assert_string_equal(text_of(&snapshot.arena, &snapshot.types[TYPE_ROLES].items[0].json),
                        "{\"id\":\"r\",\"name\":\"R\"}");
    assert_string_equal(snapshot.types[TYPE_ROLES].items[0].target_id, "r");
    assert_string_equal(text_of(&snapshot.arena, &snapshot.types[TYPE_ACCESS].items[0].json),
                        "{\"policy\":\"p\",\"role\":\"r\",\"sort\":1}");
    assert_int_equal(snapshot.types[TYPE_PERMISSIONS].count, 2);
    assert_string_equal(snapshot.types[TYPE_PERMISSIONS].items[1].target_id, "12");
    assert_true(snapshot.present[TYPE_POLICIES]);
    assert_false(snapshot.present[TYPE_FOLDERS] || snapshot.present[TYPE_COLLECTIONS]);
    assert_string_equal(snapshot.directus, "11.17.4");
    for (int i = 0; i < server->seen_count; i++)
        if (strcmp(server->seen[i].path, "/access") == 0)
            assert_non_null(strstr(server->seen[i].body, "\"filter\":{\"user\":{\"_null\":true}}"));
    session_close(&session);
    fake_stop(server);
}

/* A preset may be a role's, and the Administrator's role is told by policies and access. */
static void references_bring_their_types(void **state) {
    (void)state;
    Error err;
    AUTO(Snapshot) snapshot = { 0 };
    FakeServer *server =
        FAKE(ANSWER("SEARCH", NULL, "{\"meta\":{\"total_count\":0,\"filter_count\":0},\"data\":[]}"));
    AUTO_SESSION session = open_session(server->url, true);
    assert_ok(read_sections(session, SECTION_PRESETS, &snapshot, &err));
    assert_true(snapshot.present[TYPE_PRESETS] && snapshot.present[TYPE_ROLES] &&
                snapshot.present[TYPE_POLICIES] && snapshot.present[TYPE_ACCESS]);
    assert_false(snapshot.present[TYPE_PERMISSIONS] || snapshot.present[TYPE_FLOWS]);
    assert_int_equal(session_requests(session), 4);
    session_close(&session);
    fake_stop(server);
}

static void unknown_fields_are_asked_about_once(void **state) {
    (void)state;
    Error err;
    AUTO(Snapshot) snapshot = { 0 };
    FakeServer *server = FAKE(
        ANSWER("SEARCH", "/folders",
               "{\"meta\":{\"total_count\":2},\"data\":[{\"id\":\"a\",\"name\":\"A\",\"parent\":null,"
               "\"color\":\"red\",\"pin\":\"**********\",\"files\":[\"x\"]},"
               "{\"id\":\"b\",\"name\":\"B\",\"parent\":\"a\",\"color\":null,\"pin\":null,\"files\":[]}]}"),
        ANSWER("GET", "/fields/directus_folders?",
               "{\"data\":[{\"collection\":\"directus_folders\",\"field\":\"color\",\"type\":\"string\","
               "\"meta\":{\"special\":null}},"
               "{\"collection\":\"directus_folders\",\"field\":\"pin\",\"type\":\"string\",\"meta\":{"
               "\"special\":[\"conceal\"]}},"
               "{\"collection\":\"directus_folders\",\"field\":\"files\",\"type\":\"alias\",\"meta\":{"
               "\"special\":[\"o2m\"]}}]}"));
    AUTO_SESSION session = open_session(server->url, true);
    assert_ok(read_sections(session, SECTION_FOLDERS, &snapshot, &err));
    assert_int_equal(session_requests(session), 2);
    assert_string_equal(text_of(&snapshot.arena, &snapshot.types[TYPE_FOLDERS].items[0].json),
                        "{\"color\":\"red\",\"id\":\"a\",\"name\":\"A\",\"parent\":null}");
    session_close(&session);
    fake_stop(server);
}

static void the_schema_answers_about_custom_fields(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Snapshot) snapshot = { 0 };
    Json row;
    bool sections[SECTION_COUNT] = { [SECTION_COLLECTIONS] = true };
    FakeServer *server =
        FAKE(ANSWER("GET", "/schema/snapshot?filter=",
                    "{\"data\":{\"directus\":\"11.17.5\",\"vendor\":\"postgres\",\"collections\":[],"
                    "\"systemFields\":[],\"relations\":[],\"fields\":["
                    "{\"collection\":\"directus_settings\",\"field\":\"brand\",\"type\":\"string\",\"meta\":{"
                    "\"special\":null}},"
                    "{\"collection\":\"directus_settings\",\"field\":\"smtp\",\"type\":\"string\",\"meta\":{"
                    "\"special\":[\"conceal\"]}}]}}"),
             ANSWER("GET", "/settings?filter=",
                    "{\"data\":{\"id\":1,\"project_name\":\"N\",\"project_id\":\"x\",\"brand\":\"b\","
                    "\"smtp\":\"**********\",\"schema_sync_owner\":\"me\","
                    "\"ai_new_api_key\":\"k\"}}"),
             ANSWER("SEARCH", NULL, "{\"meta\":{\"total_count\":0,\"filter_count\":0},\"data\":[]}"));
    AUTO_SESSION session = open_session(server->url, true);
    sections[SECTION_SETTINGS] = true;
    assert_ok(directus_read(session, &unlimited, sections, &snapshot, &row, &err));
    assert_string_equal(text_of(&snapshot.arena, &snapshot.types[TYPE_SETTINGS].items[0].json),
                        "{\"brand\":\"b\",\"project_name\":\"N\"}");
    assert_string_equal(json_get_text(&row, "schema_sync_owner"), "me");
    assert_int_equal(fake_count(server, "GET", "/fields"), 0);
    assert_string_equal(snapshot.directus, "11.17.5");
    session_close(&session);
    fake_stop(server);
}

static void clamped_lists_are_paged(void **state) {
    (void)state;
    Error err;
    AUTO(Snapshot) snapshot = { 0 };
    FakeServer *server = FAKE({ .path = "/folders",
                                .status = 200,
                                .times = 1,
                                .body = "{\"meta\":{\"total_count\":3},\"data\":[{\"id\":\"a\",\"name\":"
                                        "\"A\"},{\"id\":\"b\",\"name\":\"B\"}]}" },
                              ANSWER("SEARCH", "/folders", "{\"data\":[{\"id\":\"c\",\"name\":\"C\"}]}"));
    AUTO_SESSION session = open_session(server->url, true);
    assert_ok(read_sections(session, SECTION_FOLDERS, &snapshot, &err));
    assert_int_equal(snapshot.types[TYPE_FOLDERS].count, 3);
    assert_non_null(strstr(server->seen[1].body, "\"offset\":2"));
    session_close(&session);
    fake_stop(server);
}

static void a_short_list_is_an_error(void **state) {
    (void)state;
    Error err;
    AUTO(Snapshot) snapshot = { 0 };
    FakeServer *server =
        FAKE({ .path = "/permissions",
               .status = 200,
               .times = 1,
               .body = "{\"meta\":{\"total_count\":5},\"data\":[{\"id\":1},{\"id\":2}]}" },
             { .path = "/permissions", .status = 200, .times = 1, .body = "{\"data\":[{\"system\":true}]}" },
             ANSWER("SEARCH", "/permissions",
                    "{\"meta\":{\"total_count\":5},\"data\":[{\"id\":1},{\"id\":2},{\"system\":true}]}"),
             ANSWER("SEARCH", NULL, "{\"meta\":{\"total_count\":0,\"filter_count\":0},\"data\":[]}"));
    AUTO_SESSION session = open_session(server->url, true);
    assert_fault(read_sections(session, SECTION_ACCESS, &snapshot, &err), ERR_REMOTE,
                 "read 2 of 5 permissions");
    session_close(&session);
    fake_stop(server);
}

/* A record that was deleted between page and count is no shortfall. */
static void a_list_that_changes_is_counted_again(void **state) {
    (void)state;
    Error err;
    AUTO(Snapshot) snapshot = { 0 };
    FakeServer *server = FAKE(
        { .status = 200, .times = 1, .body = "{\"meta\":{\"total_count\":2},\"data\":[{\"id\":\"a\"}]}" },
        { .status = 200, .times = 1, .body = "{\"data\":[]}" },
        ANSWER("SEARCH", "/folders", "{\"meta\":{\"total_count\":1},\"data\":[{\"id\":\"a\"}]}"));
    AUTO_SESSION session = open_session(server->url, true);
    assert_ok(read_sections(session, SECTION_FOLDERS, &snapshot, &err));
    assert_int_equal(snapshot.types[TYPE_FOLDERS].count, 1);
    session_close(&session);
    fake_stop(server);
}

static void a_list_without_a_count_is_an_error(void **state) {
    (void)state;
    Error err;
    AUTO(Snapshot) snapshot = { 0 };
    FakeServer *server = FAKE(ANSWER("SEARCH", "/folders", "{\"data\":[]}"));
    AUTO_SESSION session = open_session(server->url, true);
    assert_fault(read_sections(session, SECTION_FOLDERS, &snapshot, &err), ERR_REMOTE, "no count");
    session_close(&session);
    fake_stop(server);
}

/* ---- rows ---- */

typedef struct {
    Buf text;
    int fail_at;
} Rows;

static bool take_row(const Json *row, void *context, Error *err) {
    Rows *rows = context;
    if (rows->fail_at && --rows->fail_at == 0)
        return error_set(err, ERR_IO, "the sink is full");
    canon_compact(&rows->text, row);
    buf_putc(&rows->text, '\n');
    return true;
}

static const RowField fields[] = { { .name = "id" }, { .name = "na\"me" } };
static const char *const no_names[] = { NULL };

static RowShape shape_of(bool number, const DataRule *rule) {
    return (RowShape){ .collection = "posts ä",
                       .rule = rule,
                       .primary_key = "id",
                       .key_is_number = number,
                       .fields = fields,
                       .field_count = 2,
                       .key = no_names };
}

static void rows_are_paged_by_a_number(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Arena) arena = { 0 };
    Json filter = quoted(&arena, "{'kind':{'_eq':'a'}}");
    DataRule rule = { .filter = &filter };
    RowShape shape = shape_of(true, &rule);
    Rows rows = { 0 };
    FakeServer *server = FAKE(
        { .status = 200,
          .times = 1,
          .body = "{\"data\":[{\"id\":1},{\"id\":\"9007199254740993\"}],\"meta\":{\"filter_count\":3}}" },
        ANSWER("SEARCH", "/items/posts%20%C3%A4", "{\"data\":[{\"id\":\"9007199254740994\"}]}"));
    AUTO_SESSION session = open_session(server->url, true);
    assert_ok(directus_read_rows(session, &unlimited, &shape, take_row, &rows, &err));
    assert_string_equal(rows.text.data,
                        "{\"id\":1}\n{\"id\":\"9007199254740993\"}\n{\"id\":\"9007199254740994\"}\n");
    assert_string_equal(server->seen[0].body,
                        "{\"query\":{\"fields\":[\"id\",\"na\\\"me\"],\"limit\":500,\"sort\":[\"id\"],"
                        "\"filter\":{\"_and\":[{\"kind\":{\"_eq\":\"a\"}}]},\"meta\":\"filter_count\"}}");
    assert_string_equal(
        server->seen[1].body,
        "{\"query\":{\"fields\":[\"id\",\"na\\\"me\"],\"limit\":5000,\"sort\":[\"id\"],"
        "\"filter\":{\"_and\":[{\"kind\":{\"_eq\":\"a\"}},{\"id\":{\"_gt\":\"9007199254740993\"}}]}}}");
    assert_int_equal(server->seen_count, 2);
    buf_free(&rows.text);
    session_close(&session);
    fake_stop(server);
}

static void other_keys_are_paged_by_offset(void **state) {
    (void)state;
    Error err = { 0 };
    RowShape shape = shape_of(false, NULL);
    Rows rows = { 0 };
    FakeServer *server =
        FAKE({ .status = 200,
               .times = 1,
               .body = "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"meta\":{\"filter_count\":3}}" },
             ANSWER("SEARCH", NULL, "{\"data\":[{\"id\":\"b\"},{\"id\":\"c\"}]}"));
    AUTO_SESSION session = open_session(server->url, true);
    assert_ok(directus_read_rows(session, &unlimited, &shape, take_row, &rows, &err));
    assert_string_equal(rows.text.data, "{\"id\":\"a\"}\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n");
    assert_non_null(strstr(server->seen[1].body, "\"offset\":1}"));
    buf_free(&rows.text);
    session_close(&session);
    fake_stop(server);
}

static void rows_that_move_are_noticed(void **state) {
    (void)state;
    static const char *const second[] = { "{\"data\":[{\"id\":\"c\"}]}", "{\"data\":[]}" };
    for (size_t i = 0; i < 2; i++) {
        Error err;
        RowShape shape = shape_of(false, NULL);
        Rows rows = { 0 };
        FakeServer *server =
            FAKE({ .status = 200,
                   .times = 1,
                   .body = "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"meta\":{\"filter_count\":3}}" },
                 ANSWER("SEARCH", NULL, second[i]));
        AUTO_SESSION session = open_session(server->url, true);
        assert_fault(directus_read_rows(session, &unlimited, &shape, take_row, &rows, &err), ERR_REMOTE,
                     "came or went");
        buf_free(&rows.text);
        session_close(&session);
        fake_stop(server);
    }
}

static void a_count_that_does_not_add_up_is_counted_again(void **state) {
    (void)state;
    static const struct {
        const char *count;
        bool ok;
    } cases[] = { { "{\"data\":[{\"count\":2}]}", true }, { "{\"data\":[{\"count\":\"4\"}]}", false } };
    for (size_t i = 0; i < 2; i++) {
        Error err = { 0 };
        RowShape shape = shape_of(true, NULL);
        Rows rows = { 0 };
        FakeServer *server = FAKE(
            { .status = 200,
              .times = 1,
              .body = "{\"data\":[{\"id\":1},{\"id\":2}],\"meta\":{\"filter_count\":3}}" },
            { .status = 200, .times = 1, .body = "{\"data\":[]}" }, ANSWER("SEARCH", NULL, cases[i].count));
        AUTO_SESSION session = open_session(server->url, true);
        assert_int_equal(directus_read_rows(session, &unlimited, &shape, take_row, &rows, &err), cases[i].ok);
        if (!cases[i].ok)
            assert_non_null(strstr(err.message, "2 of 4 rows"));
        assert_non_null(strstr(server->seen[2].body, "\"aggregate\":{\"count\":[\"*\"]}"));
        buf_free(&rows.text);
        session_close(&session);
        fake_stop(server);
    }
}

static void limits_of_the_instance_are_kept(void **state) {
    (void)state;
    Error err = { 0 };
    RowShape shape = shape_of(true, NULL);
    Rows rows = { 0 };
    Instance limited = unlimited;
    limited.query_limit_max = 40;
    FakeServer *server = FAKE(ANSWER("SEARCH", NULL, "{\"data\":[],\"meta\":{\"filter_count\":0}}"));
    AUTO_SESSION session = open_session(server->url, true);
    assert_ok(directus_read_rows(session, &limited, &shape, take_row, &rows, &err));
    assert_non_null(strstr(server->seen[0].body, "\"limit\":40,"));
    assert_int_equal(server->seen_count, 1);
    session_close(&session);
    fake_stop(server);
}

static void what_a_file_cannot_hold_is_refused(void **state) {
    (void)state;
    static const char *const values[] = { "\"\\u0000\"", "\"\\ud800\"", "{\"a\":1,\"a\":2}" };
    for (size_t i = 0; i < 3; i++) {
        Error err;
        RowShape shape = shape_of(true, NULL);
        Rows rows = { 0 };
        AUTO(Buf) body = { 0 };
        buf_printf(&body, "{\"data\":[{\"id\":1,\"x\":%s}],\"meta\":{\"filter_count\":1}}", values[i]);
        FakeServer *server = FAKE(ANSWER("SEARCH", NULL, body.data));
        AUTO_SESSION session = open_session(server->url, true);
        assert_fault(directus_read_rows(session, &unlimited, &shape, take_row, &rows, &err), ERR_REMOTE,
                     "posts ä");
        assert_non_null(strstr(err.message, "/x"));
        session_close(&session);
        fake_stop(server);
    }
}

static void a_sink_can_stop(void **state) {
    (void)state;
    Error err;
    RowShape shape = shape_of(true, NULL);
    Rows rows = { .fail_at = 2 };
    FakeServer *server = FAKE({ .status = 200,
                                .times = 1,
                                .body = "{\"data\":[{\"id\":1},{\"id\":2}],\"meta\":{\"filter_count\":9}}" },
                              { .kind = REPLY_STALL });
    AUTO_SESSION session = open_session(server->url, true);
    assert_fault(directus_read_rows(session, &unlimited, &shape, take_row, &rows, &err), ERR_IO,
                 "the sink is full");
    buf_free(&rows.text);
    session_close(&session);
    fake_stop(server);
}

static void an_empty_singleton_has_no_row(void **state) {
    (void)state;
    static const struct {
        const char *body, *rows;
    } cases[] = { { "{\"data\":{\"id\":null,\"name\":\"default\"}}", "" },
                  { "{\"data\":{\"id\":1}}", "{\"id\":1}\n" } };
    for (size_t i = 0; i < 2; i++) {
        Error err = { 0 };
        RowShape shape = shape_of(true, NULL);
        Rows rows = { 0 };
        shape.singleton = true;
        FakeServer *server = FAKE(ANSWER("SEARCH", NULL, cases[i].body));
        AUTO_SESSION session = open_session(server->url, true);
        assert_ok(directus_read_rows(session, &unlimited, &shape, take_row, &rows, &err));
        assert_string_equal(buf_text(&rows.text), cases[i].rows);
        buf_free(&rows.text);
        session_close(&session);
        fake_stop(server);
    }
}

/* The server works on the next collections while the first one is being read. */
static void rows_can_be_asked_for_ahead(void **state) {
    (void)state;
    Error err = { 0 };
    RowShape shapes[] = { shape_of(true, NULL), shape_of(true, NULL), shape_of(false, NULL),
                          shape_of(true, NULL) };
    Rows rows = { 0 };
    shapes[0].collection = "a";
    shapes[1].collection = "b";
    shapes[2].collection = "c";
    shapes[2].singleton = true;
    shapes[3].collection = "d";
    FakeServer *server =
        FAKE({ .path = "/items/c", .status = 200, .body = "{\"data\":{\"id\":3}}", .delay = 50 },
             { .path = "/items/d", .kind = REPLY_STALL },
             { .path = "/items/b",
               .status = 200,
               .times = 1,
               .delay = 50,
               .body = "{\"data\":[{\"id\":1}],\"meta\":{\"filter_count\":2}}" },
             { .path = "/items/b", .status = 200, .body = "{\"data\":[{\"id\":2}]}" },
             { .status = 200,
               .body = "{\"data\":[{\"id\":0}],\"meta\":{\"filter_count\":1}}",
               .until = "/items/b" });
    AUTO_SESSION session = open_session(server->url, true);
    for (size_t i = 0; i < 3; i++) {
        directus_rows_ahead(session, &unlimited, &shapes[i]);
        directus_rows_ahead(session, &unlimited, &shapes[i + 1]);
        directus_rows_ahead(session, &unlimited, &shapes[0]); /* no place is left for a third */
        assert_ok(directus_read_rows(session, &unlimited, &shapes[i], take_row, &rows, &err));
    }
    assert_string_equal(rows.text.data, "{\"id\":0}\n{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n");
    assert_int_equal(fake_count(server, NULL, "/items/a"), 1);
    assert_int_equal(fake_count(server, NULL, "/items/b"), 2);
    assert_int_equal(fake_count(server, NULL, "/items/c"), 1);
    assert_int_equal(fake_find(server, "SEARCH", "/items/b")->answered, 0);
    buf_free(&rows.text);
    session_close(&session); /* "d" is still under way */
    fake_stop(server);
}

/* ---- questions ---- */

static void ids_are_looked_up(void **state) {
    (void)state;
    Error err = { 0 };
    static const char *const ids[] = { "0dbe7616-88a7-566e-892a-ce9752df5b70", "no uuid",
                                       "1dbe7616-88a7-566e-892a-ce9752df5b70" };
    bool found[3] = { false, true, true };
    FakeServer *server =
        FAKE(ANSWER("SEARCH", "/files", "{\"data\":[{\"id\":\"0dbe7616-88a7-566e-892a-ce9752df5b70\"}]}"));
    AUTO_SESSION session = open_session(server->url, true);
    assert_ok(directus_exist(session, "directus_files", "id", "uuid", ids, 3, found, &err));
    assert_true(found[0] && !found[1] && !found[2]);
    assert_null(strstr(server->seen[0].body, "no uuid"));
    assert_ok(directus_exist(session, "directus_files", "id", "uuid", ids + 1, 1, found, &err));
    assert_int_equal(server->seen_count, 1);
    session_close(&session);
    fake_stop(server);
}

static void the_newest_activity_is_no_login(void **state) {
    (void)state;
    Error err = { 0 };
    int64_t newest = -1;
    FakeServer *server = FAKE({ .status = 200, .times = 1, .body = "{\"data\":[{\"id\":4711}]}" },
                              ANSWER("SEARCH", NULL, "{\"data\":[]}"));
    AUTO_SESSION session = open_session(server->url, true);
    assert_ok(directus_activity(session, &newest, &err));
    assert_int_equal(newest, 4711);
    assert_non_null(strstr(server->seen[0].body, "\"_neq\":\"login\""));
    assert_ok(directus_activity(session, &newest, &err));
    assert_int_equal(newest, 0);
    session_close(&session);
    fake_stop(server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(access_is_four_requests),
        cmocka_unit_test(references_bring_their_types),
        cmocka_unit_test(unknown_fields_are_asked_about_once),
        cmocka_unit_test(the_schema_answers_about_custom_fields),
        cmocka_unit_test(clamped_lists_are_paged),
        cmocka_unit_test(a_short_list_is_an_error),
        cmocka_unit_test(a_list_that_changes_is_counted_again),
        cmocka_unit_test(a_list_without_a_count_is_an_error),
        cmocka_unit_test(rows_are_paged_by_a_number),
        cmocka_unit_test(other_keys_are_paged_by_offset),
        cmocka_unit_test(rows_that_move_are_noticed),
        cmocka_unit_test(a_count_that_does_not_add_up_is_counted_again),
        cmocka_unit_test(limits_of_the_instance_are_kept),
        cmocka_unit_test(what_a_file_cannot_hold_is_refused),
        cmocka_unit_test(a_sink_can_stop),
        cmocka_unit_test(an_empty_singleton_has_no_row),
        cmocka_unit_test(rows_can_be_asked_for_ahead),
        cmocka_unit_test(ids_are_looked_up),
        cmocka_unit_test(the_newest_activity_is_no_login),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
