/* What is sent for a plan and for rows, in which order, and what a refusal says. */
#include "directus/session_part.h"
#include "unit/directus/writing.h"

static void records_come_before_those_that_refer_to_them(void **state) {
    (void)state;
    Error err = { 0 };
    Writing writing = new_writing();
    idmap_put(writing.map, "directus_roles", "target-admin", "$administrator");
    add(&writing, CHANGE_CREATE, TYPE_ROLES, "r1", NULL, "{'id':'r1','name':'A','parent':'$administrator'}",
        NULL);
    add(&writing, CHANGE_UPDATE, TYPE_ROLES, "r2", "{'name':'x'}", "{'id':'r2','name':'B','parent':'r1'}",
        "{'parent':'r1'}");
    add(&writing, CHANGE_CREATE, TYPE_POLICIES, "p", NULL, "{'id':'p','name':'P'}", NULL);
    add(&writing, CHANGE_CREATE, TYPE_ACCESS, NULL, NULL, "{'role':'r1','policy':'p'}", NULL);
    add(&writing, CHANGE_UPDATE, TYPE_PERMISSIONS, "12", "{'fields':null}", "{'policy':'p','fields':['*']}",
        "{'fields':['*']}");
    add(&writing, CHANGE_DELETE, TYPE_PERMISSIONS, "7", "{}", NULL, NULL);
    add(&writing, CHANGE_DELETE, TYPE_PERMISSIONS, "8", "{}", NULL, NULL);
    add(&writing, CHANGE_DELETE, TYPE_ROLES, "r9", "{}", NULL, NULL);
    FakeServer *server = obedient();
    AUTO_SESSION session = open_session(server->url, false);
    assert_ok(apply_whole(session, &writing, NULL, &err));
    const char *text = sent(&writing.arena, server);
    const char *const order[] = { "POST /roles [{'id':'r1','name':'A','parent':'target-admin'}]",
                                  "PATCH /roles [{'id':'r2','parent':'r1'}]",
                                  "POST /access [{'policy':'p','role':'r1'}]", "DELETE /permissions [7,8]",
                                  "DELETE /roles ['r9']" };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        text = strstr(text, order[i]);
        assert_non_null(text);
    }
    assert_non_null(strstr(sent(&writing.arena, server), "PATCH /permissions [{'fields':['*'],'id':12}]"));
    assert_int_equal(server->seen_count, 7);
    session_close(&session);
    fake_stop(server);
    free_writing(&writing);
}

/* Two batches are under way at once, but none before the answers to what it refers to. */
static void batches_wait_for_what_they_refer_to(void **state) {
    (void)state;
    Error err = { 0 };
    Writing writing = new_writing();
    add(&writing, CHANGE_CREATE, TYPE_ROLES, "r1", NULL, "{'id':'r1','name':'A','parent':null}", NULL);
    add(&writing, CHANGE_UPDATE, TYPE_ROLES, "r2", "{}", "{'id':'r2','parent':'r1'}", "{'parent':'r1'}");
    add(&writing, CHANGE_CREATE, TYPE_POLICIES, "p", NULL, "{'id':'p','name':'P'}", NULL);
    add(&writing, CHANGE_CREATE, TYPE_ACCESS, NULL, NULL, "{'role':'r1','policy':'p'}", NULL);
    add(&writing, CHANGE_CREATE, TYPE_PERMISSIONS, NULL, NULL, "{'policy':'p'}", NULL);
    add(&writing, CHANGE_CREATE, TYPE_FLOWS, "f", NULL, "{'id':'f','operation':null,'status':'active'}",
        NULL);
    FakeServer *server =
        FAKE({ .path = "/roles", .method = "PATCH", .status = 200, .body = many(), .until = "/policies" },
             { .status = 200, .body = many(), .delay = 50 });
    AUTO_SESSION session = open_session(server->url, false);
    assert_ok(apply_whole(session, &writing, NULL, &err));
    static const struct {
        const char *method, *path;
        int least, most; /* answers that were given before */
    } cases[] = { { "POST", "/roles", 0, 0 },       { "PATCH", "/roles", 1, 1 },
                  { "POST", "/policies", 1, 1 },    { "POST", "/access", 3, 4 },
                  { "POST", "/permissions", 3, 4 }, { "POST", "/flows", 4, 5 },
                  { "PATCH", "/flows", 6, 6 } };
    assert_int_equal(server->seen_count, 7);
    for (size_t i = 0; i < 7; i++) {
        const Seen *seen = fake_find(server, cases[i].method, cases[i].path);
        assert_non_null(seen);
        assert_in_range(seen->answered, cases[i].least, cases[i].most);
    }
    session_close(&session);
    fake_stop(server);
    free_writing(&writing);
}

static void settings_are_one_object(void **state) {
    (void)state;
    Error err = { 0 };
    Writing writing = new_writing();
    add(&writing, CHANGE_UPDATE, TYPE_SETTINGS, NULL, "{'project_name':'a'}", "{'project_name':'b'}",
        "{'project_name':'b'}");
    FakeServer *server = FAKE(ANSWER("PATCH", "/settings?fields=id", "{\"data\":{\"id\":1}}"));
    AUTO_SESSION session = open_session(server->url, false);
    assert_ok(apply_whole(session, &writing, NULL, &err));
    assert_string_equal(sent(&writing.arena, server), "PATCH /settings {'project_name':'b'}\n");
    session_close(&session);
    fake_stop(server);
    free_writing(&writing);
}

/* A circle of parents: the first one is made without, and gets its parent when the other stands. */
static void forward_references_are_set_later(void **state) {
    (void)state;
    Error err = { 0 };
    Writing writing = new_writing();
    add(&writing, CHANGE_CREATE, TYPE_FOLDERS, "a", NULL, "{'id':'a','name':'A','parent':'b'}", NULL);
    add(&writing, CHANGE_CREATE, TYPE_FOLDERS, "b", NULL, "{'id':'b','name':'B','parent':'a'}", NULL);
    FakeServer *server = obedient();
    AUTO_SESSION session = open_session(server->url, false);
    assert_ok(apply_whole(session, &writing, NULL, &err));
    assert_string_equal(
        sent(&writing.arena, server),
        "POST /folders [{'id':'a','name':'A','parent':null},{'id':'b','name':'B','parent':'a'}]\n"
        "PATCH /folders [{'id':'a','parent':'b'}]\n");
    session_close(&session);
    fake_stop(server);
    free_writing(&writing);
}

/* A folder whose parent is in the batch before it, which has to be there first; and the other way round when
 * both go. */
static void a_tree_of_more_than_a_batch_is_written_from_its_root(void **state) {
    (void)state;
    enum { FOLDERS = 502 };
    Error err = { 0 };
    Writing writing = new_writing();
    AUTO(Buf) answer = { 0 };
    for (int i = 0; i < FOLDERS; i++) {
        const char *id = arena_printf(&writing.arena, "%d", i);
        add(&writing, CHANGE_CREATE, TYPE_FOLDERS, id, NULL,
            arena_printf(&writing.arena, i ? "{'id':'%d','parent':'%d'}" : "{'id':'%d','parent':null}", i,
                         i - 1),
            NULL);
        buf_printf(&answer, "%s{\"id\":%d}", i ? "," : "{\"data\":[", i + 1);
    }
    for (int i = FOLDERS; i > 0; i--)
        add(&writing, CHANGE_DELETE, TYPE_FOLDERS, arena_printf(&writing.arena, "old %d", i), "{}", NULL,
            NULL);
    buf_puts(&answer, "]}");
    FakeServer *server = FAKE({ .method = "DELETE", .status = 204, .delay = 50 },
                              { .status = 200, .body = buf_text(&answer), .delay = 50 });
    AUTO_SESSION session = open_session(server->url, false);
    assert_ok(apply_whole(session, &writing, NULL, &err));
    assert_int_equal(server->seen_count, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(server->seen[i].answered, i);
    session_close(&session);
    fake_stop(server);
    free_writing(&writing);
}

static void flows_are_written_in_stages(void **state) {
    (void)state;
    Error err = { 0 };
    Writing writing = new_writing();
    add(&writing, CHANGE_CREATE, TYPE_FLOWS, "f", NULL,
        "{'id':'f','name':'F','operation':'o1','status':'active'}", NULL);
    add(&writing, CHANGE_UPDATE, TYPE_FLOWS, "g", "{'operation':'o5'}", "{'operation':'o6'}",
        "{'operation':'o6'}");
    add(&writing, CHANGE_CREATE, TYPE_OPERATIONS, "o1", NULL,
        "{'id':'o1','flow':'f','resolve':'o2','reject':null}", NULL);
    add(&writing, CHANGE_CREATE, TYPE_OPERATIONS, "o2", NULL,
        "{'id':'o2','flow':'f','resolve':'o1','reject':'o3'}", NULL);
    /* gives o3 away and takes o4, which o9, that is deleted, holds */
    add(&writing, CHANGE_UPDATE, TYPE_OPERATIONS, "o7", "{'reject':'o3'}", "{'reject':'o4'}",
        "{'reject':'o4'}");
    add(&writing, CHANGE_DELETE, TYPE_OPERATIONS, "o9", "{'reject':'o4','resolve':null}", NULL, NULL);
    FakeServer *server = obedient();
    AUTO_SESSION session = open_session(server->url, false);
    assert_ok(apply_whole(session, &writing, NULL, &err));
    assert_string_equal(
        sent(&writing.arena, server),
        "POST /flows [{'id':'f','name':'F','operation':null,'status':'inactive'}]\n"
        "POST /operations [{'flow':'f','id':'o1','reject':null,'resolve':null},"
        "{'flow':'f','id':'o2','reject':null,'resolve':null}]\n"
        "PATCH /operations [{'id':'o7','reject':null},{'id':'o9','reject':null}]\n"
        "PATCH /operations [{'id':'o1','resolve':'o2'},{'id':'o2','reject':'o3','resolve':'o1'},"
        "{'id':'o7','reject':'o4'}]\n"
        "PATCH /flows [{'id':'f','operation':'o1','status':'active'},{'id':'g','operation':'o6'}]\n"
        "DELETE /operations ['o9']\n");
    session_close(&session);
    fake_stop(server);
    free_writing(&writing);
}

static void translations_change_key_and_language_apart(void **state) {
    (void)state;
    Error err = { 0 };
    Writing writing = new_writing();
    add(&writing, CHANGE_UPDATE, TYPE_TRANSLATIONS, "t", "{}", "{}",
        "{'key':'k','language':'de','value':'v'}");
    add(&writing, CHANGE_UPDATE, TYPE_TRANSLATIONS, "s", "{}", "{}", "{'value':'w'}");
    FakeServer *server = obedient();
    AUTO_SESSION session = open_session(server->url, false);
    assert_ok(apply_whole(session, &writing, NULL, &err));
    assert_string_equal(sent(&writing.arena, server),
                        "PATCH /translations [{'id':'t','key':'k','value':'v'},{'id':'s','value':'w'}]\n"
                        "PATCH /translations [{'id':'t','language':'de'}]\n");
    session_close(&session);
    fake_stop(server);
    free_writing(&writing);
}

static void administrators_are_not_locked_out(void **state) {
    (void)state;
    static const char *const patches[] = { "{'admin_access':false}", "{'ip_access':['10.0.0.0/8']}",
                                           "{'app_access':false}", "{'enforce_tfa':true}" };
    for (size_t i = 0; i < 4; i++)
        for (size_t before = 0; before < 2; before++) {
            Error err;
            Writing writing = new_writing();
            add(&writing, CHANGE_UPDATE, TYPE_POLICIES, "p",
                before ? "{'admin_access':true}" : "{'admin_access':false}",
                before ? "{'admin_access':false}" : "{'admin_access':true}", patches[i]);
            FakeServer *server = obedient();
            AUTO_SESSION session = open_session(server->url, false);
            assert_fault(apply_whole(session, &writing, NULL, &err), ERR_INTERNAL, "administrators");
            assert_int_equal(server->seen_count, 0);
            session_close(&session);
            fake_stop(server);
            free_writing(&writing);
        }
}

static void a_silent_patch_is_noticed(void **state) {
    (void)state;
    Error err;
    Writing writing = new_writing();
    add(&writing, CHANGE_UPDATE, TYPE_ROLES, "r1", "{}", "{}", "{'name':'A'}");
    add(&writing, CHANGE_UPDATE, TYPE_ROLES, "r2", "{}", "{}", "{'name':'B'}");
    FakeServer *server = FAKE(ANSWER("PATCH", NULL, "{\"data\":[{\"id\":\"r1\"}]}"));
    AUTO_SESSION session = open_session(server->url, false);
    assert_fault(apply_whole(session, &writing, NULL, &err), ERR_REMOTE, "wrote 1 of 2");
    assert_non_null(strstr(err.message, "updating 2 roles"));
    session_close(&session);
    fake_stop(server);
    free_writing(&writing);
}

static bool shut(void *context, Error *err) {
    int *left = context;
    return (*left)-- > 0 || error_set(err, ERR_LOCK, "the lease is lost");
}

static void a_shut_gate_stops_writing(void **state) {
    (void)state;
    for (int open = 0; open < 3; open++) {
        Error err;
        int left = open;
        WriteGate gate = { shut, &left };
        Writing writing = new_writing();
        add(&writing, CHANGE_CREATE, TYPE_FOLDERS, "a", NULL, "{'id':'a'}", NULL);
        add(&writing, CHANGE_CREATE, TYPE_ROLES, "r", NULL, "{'id':'r'}", NULL);
        add(&writing, CHANGE_CREATE, TYPE_POLICIES, "p", NULL, "{'id':'p'}", NULL);
        FakeServer *server = obedient();
        AUTO_SESSION session = open_session(server->url, false);
        assert_fault(apply_whole(session, &writing, &gate, &err), ERR_LOCK, "lease");
        assert_int_equal(server->seen_count, open);
        session_close(&session);
        fake_stop(server);
        free_writing(&writing);
    }
}

static void a_refusal_names_the_record(void **state) {
    (void)state;
    static const struct {
        const char *body, *message;
    } cases[] = {
        { "{\"errors\":[{\"message\":\"has to be "
          "unique.\",\"extensions\":{\"code\":\"RECORD_NOT_UNIQUE\",\"field\":\"name\",\"value\":\"B\"}}]}",
          "creating 2 roles: it is about <r2>: POST /roles: has to be unique. (RECORD_NOT_UNIQUE)" },
        { "{\"errors\":[{\"message\":\"is "
          "bad.\",\"extensions\":{\"code\":\"X\",\"field\":\"icon\",\"value\":\"i\"}}]}",
          "creating 2 roles: the first of them <r1>: POST /roles: is bad. (X)" },
        { "{\"errors\":[{\"message\":\"is bad.\",\"extensions\":{\"code\":\"X\"}}]}",
          "creating 2 roles: the first of them <r1>: POST /roles: is bad. (X)" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err;
        Writing writing = new_writing();
        add(&writing, CHANGE_CREATE, TYPE_ROLES, "r1", NULL, "{'id':'r1','name':'A','icon':'i'}", NULL);
        add(&writing, CHANGE_CREATE, TYPE_ROLES, "r2", NULL, "{'id':'r2','name':'B','icon':'i'}", NULL);
        FakeServer *server = FAKE({ .status = 400, .body = cases[i].body });
        AUTO_SESSION session = open_session(server->url, false);
        assert_fault(apply_whole(session, &writing, NULL, &err), ERR_REMOTE, cases[i].message);
        session_close(&session);
        fake_stop(server);
        free_writing(&writing);
    }
}

/* ---- rows ---- */

static const RowField fields[] = { { .name = "at", .kind = FIELD_DATE_CREATED },
                                   { .name = "data", .kind = FIELD_JSON },
                                   { .name = "id" },
                                   { .name = "text" } };
static const RowShape posts = {
    .collection = "posts", .primary_key = "id", .key_is_number = true, .fields = fields, .field_count = 4
};

static void rows_go_in_batches(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) answer = { 0 };
    for (int i = 0; i < 250; i++)
        buf_printf(&answer, "%s{\"id\":%d}", i ? "," : "{\"data\":[", i);
    buf_puts(&answer, "]}");
    FakeServer *server = FAKE(ANSWER("POST", "/items/posts?fields=id&limit=-1", answer.data));
    AUTO_SESSION session = open_session(server->url, false);
    RowWriter *writer = row_writer_new(session, &posts, ROWS_CREATE, NULL);
    for (int i = 0; i < 600; i++) {
        Json row = quoted(&arena, arena_printf(&arena, "{'id':%d,'text':'x'}", i));
        assert_ok(row_writer_add(writer, &row, &err));
    }
    assert_ok(row_writer_flush(writer, &err));
    assert_int_equal(row_writer_count(writer), 600);
    assert_int_equal(server->seen_count, 3);
    assert_true(server->connections <= 2);
    size_t rows = 0;
    for (int i = 0; i < 3; i++) {
        Json body = quoted(&arena, server->seen[i].body);
        rows += body.count;
    }
    assert_int_equal(rows, 600);
    row_writer_free(&writer);
    session_close(&session);
    fake_stop(server);
}

static void large_rows_stay_below_the_payload_limit(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Arena) arena = { 0 };
    FakeServer *server = FAKE(ANSWER("POST", NULL, many()));
    AUTO_SESSION session = open_session(server->url, false);
    RowWriter *writer = row_writer_new(session, &posts, ROWS_CREATE, NULL);
    char *text = arena_alloc(&arena, 200001);
    memset(text, 'x', 200000);
    for (int i = 0; i < 10; i++) {
        Json row = json_with(&arena, NULL, "text", json_string(&arena, text));
        assert_ok(row_writer_add(writer, &row, &err));
    }
    assert_ok(row_writer_flush(writer, &err));
    assert_int_equal(server->seen_count, 3);
    for (int i = 0; i < 3; i++)
        assert_true(strlen(server->seen[i].body) <= 900000);
    row_writer_free(&writer);
    session_close(&session);
    fake_stop(server);
}

static const char *write_rows(const RowShape *shape, RowWrite kind, const char *rows, FakeServer *server,
                              Arena *arena, Error *err) {
    AUTO_SESSION session = open_session(server->url, false);
    RowWriter *writer = row_writer_new(session, shape, kind, NULL);
    Json list = quoted(arena, rows);
    bool ok = true;
    *err = (Error){ 0 };
    for (uint32_t i = 0; ok && i < list.count; i++)
        ok = row_writer_add(writer, &list.as.items[i], err);
    ok = ok && row_writer_flush(writer, err);
    row_writer_free(&writer);
    return ok ? sent(arena, server) : NULL;
}

static void json_texts_keep_their_quotes(void **state) {
    (void)state;
    Error err;
    AUTO(Arena) arena = { 0 };
    FakeServer *server = FAKE(ANSWER(NULL, NULL, many()));
    assert_string_equal(write_rows(&posts, ROWS_UPDATE,
                                   "[{'id':1,'data':'text','text':'text'},{'id':2,'data':['a']},{'id':3,'"
                                   "data':null},{'id':4,'data':5}]",
                                   server, &arena, &err),
                        "PATCH /items/posts "
                        "[{'data':'\\'text\\'','id':1,'text':'text'},{'data':['a'],'id':2},{'data':null,'id':"
                        "3},{'data':5,'id':4}]\n");
    fake_stop(server);
}

static void creation_times_are_set_afterwards(void **state) {
    (void)state;
    Error err;
    AUTO(Arena) arena = { 0 };
    FakeServer *server = FAKE(ANSWER(NULL, NULL, "{\"data\":[{\"id\":5},{\"id\":6}]}"));
    assert_string_equal(
        write_rows(&posts, ROWS_CREATE, "[{'id':5,'at':'2020'},{'id':6,'at':null}]", server, &arena, &err),
        "POST /items/posts [{'at':'2020','id':5},{'at':null,'id':6}]\n"
        "PATCH /items/posts [{'at':'2020','id':5},{'at':null,'id':6}]\n");
    fake_stop(server);
    /* rows whose counters the target chooses: answered in the order in which they were made */
    server = FAKE(ANSWER(NULL, NULL, "{\"data\":[{\"id\":5},{\"id\":6}]}"));
    assert_string_equal(
        write_rows(&posts, ROWS_CREATE, "[{'at':'2020'},{'at':'2021'}]", server, &arena, &err),
        "POST /items/posts [{'at':'2020'},{'at':'2021'}]\n"
        "PATCH /items/posts [{'at':'2020','id':5},{'at':'2021','id':6}]\n");
    fake_stop(server);
    server = FAKE(ANSWER(NULL, NULL, "{\"data\":[{\"id\":5}]}"));
    assert_string_equal(write_rows(&posts, ROWS_UPDATE, "[{'id':5,'at':'2020'}]", server, &arena, &err),
                        "PATCH /items/posts [{'at':'2020','id':5}]\n");
    fake_stop(server);
}

/* The keys of new rows stand in the answer, which QUERY_LIMIT_MAX cuts. */
static void a_batch_that_is_to_be_numbered_fits_an_answer(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Arena) arena = { 0 };
    FakeServer *server = FAKE(ANSWER(NULL, NULL, "{\"data\":[{\"id\":5},{\"id\":6}]}"));
    AUTO_SESSION session = open_session(server->url, false);
    session_note_query_limit(session, 2);
    RowWriter *writer = row_writer_new(session, &posts, ROWS_CREATE, NULL);
    Json rows = quoted(&arena, "[{'at':'2020'},{'at':'2021'},{'at':'2022'},{'at':'2023'}]");
    for (uint32_t i = 0; i < rows.count; i++)
        assert_ok(row_writer_add(writer, &rows.as.items[i], &err));
    assert_ok(row_writer_flush(writer, &err));
    const char *text = sent(&arena, server);
    assert_int_equal(server->seen_count, 4);
    assert_non_null(strstr(text, "PATCH /items/posts [{'at':'2020','id':5},{'at':'2021','id':6}]"));
    assert_non_null(strstr(text, "PATCH /items/posts [{'at':'2022','id':5},{'at':'2023','id':6}]"));
    row_writer_free(&writer);
    session_close(&session);
    fake_stop(server);
}

static void deletes_are_lists_of_keys(void **state) {
    (void)state;
    Error err;
    AUTO(Arena) arena = { 0 };
    FakeServer *server = FAKE({ .method = "DELETE", .path = "/items/posts", .status = 204 });
    assert_string_equal(write_rows(&posts, ROWS_DELETE, "[{'id':5,'text':'x'},{'id':'9007199254740993'}]",
                                   server, &arena, &err),
                        "DELETE /items/posts [5,'9007199254740993']\n");
    fake_stop(server);
}

static void a_singleton_is_patched(void **state) {
    (void)state;
    Error err;
    AUTO(Arena) arena = { 0 };
    RowShape shape = posts;
    shape.singleton = true;
    FakeServer *server = FAKE(ANSWER("PATCH", "/items/posts?fields=id", "{\"data\":{\"id\":1}}"));
    assert_string_equal(write_rows(&shape, ROWS_CREATE, "[{'id':1,'text':'x'}]", server, &arena, &err),
                        "PATCH /items/posts {'id':1,'text':'x'}\n");
    assert_null(write_rows(&shape, ROWS_DELETE, "[{'id':1}]", server, &arena, &err));
    assert_int_equal(err.kind, ERR_INTERNAL);
    fake_stop(server);
}

static void a_refused_row_is_named(void **state) {
    (void)state;
    Error err;
    AUTO(Arena) arena = { 0 };
    FakeServer *server = FAKE({ .status = 400,
                                .body = "{\"errors\":[{\"message\":\"Invalid foreign "
                                        "key.\",\"extensions\":{\"code\":\"INVALID_FOREIGN_KEY\",\"field\":"
                                        "\"text\",\"value\":\"y\"}}]}" });
    assert_null(
        write_rows(&posts, ROWS_CREATE, "[{'id':5,'text':'x'},{'id':6,'text':'y'}]", server, &arena, &err));
    assert_string_equal(err.message, "posts: creating 2 rows: it is about 6: POST /items/posts: Invalid "
                                     "foreign key. (INVALID_FOREIGN_KEY)");
    fake_stop(server);
}

static void a_row_without_a_required_value_is_named(void **state) {
    (void)state;
    Error err;
    AUTO(Arena) arena = { 0 };
    FakeServer *server =
        FAKE({ .status = 400,
               .body = "{\"errors\":[{\"message\":\"Value is required.\",\"extensions\":{"
                       "\"field\":\"text\",\"type\":\"required\",\"code\":\"FAILED_VALIDATION\"}}]}" });
    assert_null(write_rows(&posts, ROWS_CREATE, "[{'id':5,'text':'x'},{'id':6}]", server, &arena, &err));
    assert_string_equal(err.message,
                        "posts: creating 2 rows: it is about 6: POST /items/posts: Value is required. "
                        "(FAILED_VALIDATION)");
    fake_stop(server);
}

/* ---- the schema ---- */

static void a_lost_apply_is_looked_for_in_the_diff(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Arena) arena = { 0 };
    Json diff = quoted(&arena, "{'hash':'h','diff':{'fields':[]}}"),
         desired = quoted(&arena, "{'version':1}");
    FakeServer *server = FAKE({ .path = "/schema/apply", .kind = REPLY_DROP },
                              { .path = "/schema/diff",
                                .status = 200,
                                .times = 1,
                                .body = "{\"data\":{\"hash\":\"h\",\"diff\":{\"fields\":[{\"collection\":"
                                        "\"a\",\"field\":\"b\",\"diff\":[{\"kind\":\"N\",\"rhs\":{}}]}]}}}" },
                              { .path = "/schema/diff", .status = 204 });
    AUTO_SESSION session = open_session(server->url, false);
    assert_ok(directus_schema_apply(session, &diff, &desired, NULL, &err));
    assert_int_equal(fake_count(server, "POST", "/schema/apply"), 1);
    assert_int_equal(fake_count(server, "POST", "/schema/diff"), 2);
    assert_false(session_lost(session));
    session_close(&session);
    fake_stop(server);
}

static void a_diff_of_nothing_that_is_meant_is_none(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Arena) arena = { 0 };
    Json diff, desired = quoted(&arena, "{'version':1}");
    FakeServer *server = FAKE({ .path = "/schema/diff", .status = 204, .times = 1 },
                              ANSWER("POST", "/schema/diff",
                                     "{\"data\":{\"hash\":\"h\",\"diff\":{\"fields\":[{\"collection\":"
                                     "\"directus_settings\",\"field\":\"schema_sync_x\","
                                     "\"diff\":[{\"kind\":\"D\",\"lhs\":{\"meta\":{}}}]}]}}}"));
    AUTO_SESSION session = open_session(server->url, true);
    for (int i = 0; i < 2; i++) {
        assert_ok(directus_schema_diff(session, &arena, &desired, &diff, &err));
        assert_true(json_is_null(&diff));
    }
    assert_int_equal(server->seen_count, 2);
    session_close(&session);
    fake_stop(server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_before_those_that_refer_to_them),
        cmocka_unit_test(batches_wait_for_what_they_refer_to),
        cmocka_unit_test(settings_are_one_object),
        cmocka_unit_test(forward_references_are_set_later),
        cmocka_unit_test(a_tree_of_more_than_a_batch_is_written_from_its_root),
        cmocka_unit_test(flows_are_written_in_stages),
        cmocka_unit_test(translations_change_key_and_language_apart),
        cmocka_unit_test(administrators_are_not_locked_out),
        cmocka_unit_test(a_silent_patch_is_noticed),
        cmocka_unit_test(a_shut_gate_stops_writing),
        cmocka_unit_test(a_refusal_names_the_record),
        cmocka_unit_test(rows_go_in_batches),
        cmocka_unit_test(large_rows_stay_below_the_payload_limit),
        cmocka_unit_test(json_texts_keep_their_quotes),
        cmocka_unit_test(creation_times_are_set_afterwards),
        cmocka_unit_test(a_batch_that_is_to_be_numbered_fits_an_answer),
        cmocka_unit_test(deletes_are_lists_of_keys),
        cmocka_unit_test(a_singleton_is_patched),
        cmocka_unit_test(a_refused_row_is_named),
        cmocka_unit_test(a_row_without_a_required_value_is_named),
        cmocka_unit_test(a_lost_apply_is_looked_for_in_the_diff),
        cmocka_unit_test(a_diff_of_nothing_that_is_meant_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
