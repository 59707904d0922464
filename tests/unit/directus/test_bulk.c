/* What goes in one transaction to a Directus 12, what follows it, and what its answers mean. */
#include "directus/fields.h"
#include "directus/session_part.h"
#include "unit/directus/writing.h"

static Session *open_twelve(FakeServer *server) {
    Session *session = open_session(server->url, false);
    Version version = version_parse("12.4.0");
    session_note_version(session, &version);
    return session;
}

/* "POST /utils/import" with its multipart body cut to what lies between [ and ]. */
static const char *bulk_sent(Arena *arena, FakeServer *server) {
    const char *text = sent(arena, server), *import = strstr(text, "/utils/import ");
    const char *begin = import ? strstr(import, "[{'collection'") : NULL;
    const char *end = begin ? strstr(begin, "]}]") : NULL;
    return end ? arena_strndup(arena, begin, (size_t)(end - begin) + 3) : "nothing";
}

/* The requests with nothing of the multipart ones but method and path. */
static const char *behind_bulk(Arena *arena, FakeServer *server) {
    AUTO(Buf) text = { 0 };
    for (int i = 0; i < server->seen_count; i++) {
        const Seen *seen = &server->seen[i];
        if (str_starts(seen->path, "/utils/import"))
            continue;
        buf_printf(&text, "%s %.*s ", seen->method, (int)strcspn(seen->path, "?"), seen->path);
        for (const char *at = seen->body ? seen->body : ""; *at; at++)
            buf_putc(&text, *at == '"' ? '\'' : *at);
        buf_putc(&text, '\n');
    }
    return arena_strdup(arena, buf_text(&text));
}

static void records_go_at_once_and_grants_behind_them(void **state) {
    (void)state;
    Error err = { 0 };
    Writing writing = new_writing();
    add(&writing, CHANGE_CREATE, TYPE_ROLES, "r", NULL, "{'id':'r','name':'R','parent':'q'}", NULL);
    add(&writing, CHANGE_UPDATE, TYPE_POLICIES, "p", "{'app_access':false,'icon':'a'}",
        "{'app_access':true,'icon':'b'}", "{'app_access':true,'icon':'b'}");
    add(&writing, CHANGE_CREATE, TYPE_ACCESS, NULL, NULL, "{'role':'r','policy':'p'}", NULL);
    add(&writing, CHANGE_UPDATE, TYPE_PERMISSIONS, "12", "{'presets':{}}", "{'presets':null,'fields':['*']}",
        "{'presets':null}");
    FakeServer *server =
        FAKE(ANSWER("POST", "/utils/import",
                    "{\"data\":{\"collections\":{\"directus_roles\":{\"new\":[\"r\"],\"existing\":[]},"
                    "\"directus_policies\":{\"new\":[],\"existing\":[\"p\"]},"
                    "\"directus_permissions\":{\"new\":[],\"existing\":[12]}}}}"),
             ANSWER(NULL, NULL, many()));
    Session *session = open_twelve(server);
    assert_ok(apply_whole(session, &writing, NULL, &err));
    assert_string_equal(
        bulk_sent(&writing.arena, server),
        "[{'collection':'directus_roles','items':[{'id':'r','name':'R'}]},"
        "{'collection':'directus_policies','items':[{'icon':'b','id':'p'}]},"
        "{'collection':'directus_permissions','items':[{'fields':['*'],'id':12,'presets':null}]}]");
    const char *behind = behind_bulk(&writing.arena, server);
    assert_non_null(strstr(behind, "POST /access [{'policy':'p','role':'r'}]"));
    assert_non_null(strstr(behind, "PATCH /roles [{'id':'r','parent':'q'}]"));
    assert_non_null(strstr(behind, "PATCH /policies [{'app_access':true,'id':'p'}]"));
    assert_int_equal(server->seen_count, 4);
    session_close(&session);
    fake_stop(server);
    free_writing(&writing);
}

static void new_flows_are_linked_but_do_not_run_yet(void **state) {
    (void)state;
    Error err = { 0 };
    Writing writing = new_writing();
    add(&writing, CHANGE_CREATE, TYPE_FLOWS, "f", NULL, "{'id':'f','operation':'o1','status':'active'}",
        NULL);
    add(&writing, CHANGE_CREATE, TYPE_OPERATIONS, "o1", NULL,
        "{'id':'o1','flow':'f','resolve':'o1','reject':'o3'}", NULL);
    /* gives o3 away */
    add(&writing, CHANGE_UPDATE, TYPE_OPERATIONS, "o7", "{'reject':'o3'}", "{'reject':null}",
        "{'reject':null}");
    FakeServer *server =
        FAKE(ANSWER("POST", "/utils/import",
                    "{\"data\":{\"collections\":{\"directus_flows\":{\"new\":[\"f\"],\"existing\":[]},"
                    "\"directus_operations\":{\"new\":[\"o1\"],\"existing\":[]}}}}"),
             ANSWER(NULL, NULL, many()));
    Session *session = open_twelve(server);
    assert_ok(apply_whole(session, &writing, NULL, &err));
    assert_string_equal(
        bulk_sent(&writing.arena, server),
        "[{'collection':'directus_flows','items':[{'id':'f','operation':'o1','status':'inactive'}]},"
        "{'collection':'directus_operations','items':[{'flow':'f','id':'o1','reject':null,'resolve':'o1'}]}"
        "]");
    assert_string_equal(behind_bulk(&writing.arena, server),
                        "PATCH /operations [{'id':'o7','reject':null}]\n"
                        "PATCH /operations [{'id':'o1','reject':'o3'},{'id':'o7','reject':null}]\n"
                        "PATCH /flows [{'id':'f','status':'active'}]\n");
    session_close(&session);
    fake_stop(server);
    free_writing(&writing);
}

static void add_two_kinds(Writing *writing) {
    add(writing, CHANGE_CREATE, TYPE_FOLDERS, "a", NULL, "{'id':'a','name':'A','parent':null}", NULL);
    add(writing, CHANGE_CREATE, TYPE_DASHBOARDS, "d", NULL, "{'id':'d','name':'D'}", NULL);
}

/* An update that found nothing makes a record, a create that found one changes it: neither was meant. */
static void what_was_not_meant_is_told(void **state) {
    (void)state;
    Error err = { 0 };
    Writing writing = new_writing();
    add_two_kinds(&writing);
    FakeServer *server =
        FAKE(ANSWER("POST", "/utils/import",
                    "{\"data\":{\"collections\":{\"directus_folders\":{\"new\":[],\"existing\":[\"a\"]},"
                    "\"directus_dashboards\":{\"new\":[\"d\"],\"existing\":[]}}}}"));
    Session *session = open_twelve(server);
    assert_fault(apply_whole(session, &writing, NULL, &err), ERR_REMOTE,
                 "1 new and 0 changed folders were sent, 0 and 1 written");
    session_close(&session);
    fake_stop(server);
    free_writing(&writing);
}

static void a_refusal_names_the_record(void **state) {
    (void)state;
    Error err = { 0 };
    Writing writing = new_writing();
    add_two_kinds(&writing);
    FakeServer *server =
        FAKE({ .status = 400,
               .body = "{\"errors\":[{\"message\":\"Value is too long.\",\"extensions\":{\"code\":"
                       "\"VALUE_TOO_LONG\",\"collection\":\"directus_dashboards\",\"field\":"
                       "\"name\",\"value\":\"D\"}}]}" });
    Session *session = open_twelve(server);
    assert_fault(apply_whole(session, &writing, NULL, &err), ERR_REMOTE,
                 "writing the configuration in one transaction: writing 1 dashboard: it is about <d>");
    assert_int_equal(server->seen_count, 1);
    session_close(&session);
    fake_stop(server);
    free_writing(&writing);
}

static void batches_do_what_is_too_much_at_once(void **state) {
    (void)state;
    Error err = { 0 };
    Writing writing = new_writing();
    add_two_kinds(&writing);
    FakeServer *server =
        FAKE({ .path = "/utils/import",
               .status = 400,
               .body = "{\"errors\":[{\"message\":\"Exceeded max batch mutation limit of 1\","
                       "\"extensions\":{\"code\":\"INVALID_PAYLOAD\"}}]}" },
             ANSWER(NULL, NULL, many()));
    Session *session = open_twelve(server);
    assert_ok(apply_whole(session, &writing, NULL, &err));
    const char *text = behind_bulk(&writing.arena, server);
    assert_non_null(strstr(text, "POST /folders"));
    assert_non_null(strstr(text, "POST /dashboards"));
    assert_int_equal(server->seen_count, 3);
    session_close(&session);
    fake_stop(server);
    free_writing(&writing);
}

static void one_kind_goes_as_a_batch(void **state) {
    (void)state;
    Error err = { 0 };
    Writing writing = new_writing();
    add(&writing, CHANGE_CREATE, TYPE_DASHBOARDS, "d", NULL, "{'id':'d','name':'D'}", NULL);
    FakeServer *server = obedient();
    Session *session = open_twelve(server);
    assert_ok(apply_whole(session, &writing, NULL, &err));
    assert_string_equal(sent(&writing.arena, server), "POST /dashboards [{'id':'d','name':'D'}]\n");
    session_close(&session);
    fake_stop(server);
    free_writing(&writing);
}

static void versions_know_their_own_fields(void **state) {
    (void)state;
    Version ten = version_parse("10.13.4"), eleven = version_parse("11.0.0"),
            twelve = version_parse("12.4.0");
    assert_true(field_is_certain(&eleven, TYPE_FLOWS, "options"));
    assert_false(field_is_certain(&eleven, TYPE_FLOWS, "folder"));
    assert_true(field_is_certain(&twelve, TYPE_FLOWS, "folder"));
    assert_false(field_is_certain(&ten, TYPE_FLOWS, "options"));
    assert_false(field_is_certain(&twelve, TYPE_ROLES, "ip_access")); /* until 10 */
    assert_false(field_is_certain(&twelve, TYPE_SETTINGS, "project_name"));
    assert_true(field_is_known(&twelve, TYPE_SETTINGS, "default_save_action"));
    assert_false(field_is_known(&eleven, TYPE_SETTINGS, "default_save_action"));
    assert_false(field_is_known(&twelve, TYPE_ROLES, "nickname"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_go_at_once_and_grants_behind_them),
        cmocka_unit_test(new_flows_are_linked_but_do_not_run_yet),
        cmocka_unit_test(what_was_not_meant_is_told),
        cmocka_unit_test(a_refusal_names_the_record),
        cmocka_unit_test(batches_do_what_is_too_much_at_once),
        cmocka_unit_test(one_kind_goes_as_a_batch),
        cmocka_unit_test(versions_know_their_own_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
