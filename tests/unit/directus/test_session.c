/* What a session repeats, what it never repeats, and what it says about it. */
#include "unit/unit.h"

#include <fcntl.h>
#include <time.h>

#include "base/log.h"
#include "directus/session.h"
#include "unit/directus/fake_server.h"

static const char TOKEN[] = "s3cr3t-token-of-the-test";

static char logged[1 << 16];

static void keep_log(LogLevel level, const char *message, void *context) {
    (void)level;
    (void)context;
    size_t length = strlen(logged);
    snprintf(logged + length, sizeof logged - length, "%s\n", message);
}

typedef struct {
    Session *session;
    Arena arena;
    Json data;
    Secret token;
} Client;

static Client open_client(const char *url, bool read_only, double timeout, double retry, const char *record) {
    Client client = { 0 };
    Error err = { 0 };
    secret_set(&client.token, TOKEN);
    SessionOptions options = { .url = url,
                               .token = &client.token,
                               .read_only = read_only,
                               .timeout_seconds = timeout,
                               .retry_seconds = retry,
                               .record_path = record };
    logged[0] = 0;
    assert_ok(session_open(&options, &client.session, &err));
    return client;
}

static void close_client(Client *client) {
    session_close(&client->session);
    arena_free(&client->arena);
    secret_free(&client->token);
}

static bool ask(Client *client, const char *method, const char *path, const char *body, Error *err) {
    Json json = json_null();
    *err = (Error){ 0 };
    if (body)
        assert_true(json_parse(&client->arena, body, strlen(body), JSON_SYNTAX, &json, err));
    return session_request(client->session, &client->arena, method, path, body ? &json : NULL, &client->data,
                           err);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- repeated ---- */

static void pressure_is_repeated_for_every_method(void **state) {
    (void)state;
    Error err;
    FakeServer *server = FAKE(PRESSURE(2), ANSWER(NULL, NULL, "{\"data\":[{\"id\":1}]}"));
    Client client = open_client(server->url, false, 5, 20, NULL);
    assert_ok(ask(&client, "POST", "/roles", "[{\"name\":\"a\"}]", &err));
    assert_int_equal(client.data.count, 1);
    assert_int_equal(fake_count(server, "POST", "/roles"), 3);
    assert_int_equal(session_refused(client.session), 2);
    for (int i = 0; i < 3; i++)
        assert_string_equal(server->seen[i].body, "[{\"name\":\"a\"}]");
    assert_false(session_lost(client.session));
    close_client(&client);
    fake_stop(server);
}

static void pressure_ends_with_a_message(void **state) {
    (void)state;
    Error err;
    FakeServer *server = FAKE(PRESSURE(0));
    Client client = open_client(server->url, true, 5, 1, NULL);
    assert_fault(ask(&client, "GET", "/roles", NULL, &err), ERR_REMOTE, "under pressure");
    assert_true(fake_count(server, "GET", "/roles") >= 2);
    close_client(&client);
    fake_stop(server);
}

static void other_unavailabilities_are_not_repeated(void **state) {
    (void)state;
    Error err;
    FakeServer *server =
        FAKE({ .status = 503,
               .body = "{\"errors\":[{\"message\":\"Service \\\"files\\\" is unavailable. Disk full.\","
                       "\"extensions\":{\"reason\":\"Disk full\",\"code\":\"SERVICE_UNAVAILABLE\"}}]}" });
    Client client = open_client(server->url, false, 5, 20, NULL);
    assert_fault(ask(&client, "POST", "/files", "{}", &err), ERR_REMOTE, "Disk full");
    assert_int_equal(fake_count(server, NULL, NULL), 1);
    assert_false(session_lost(client.session));
    close_client(&client);
    fake_stop(server);
}

static void a_rate_limit_is_waited_for(void **state) {
    (void)state;
    Error err;
    FakeServer *server = FAKE({ .status = 429,
                                .times = 1,
                                .headers = "Retry-After: 1\r\n",
                                .body = "{\"errors\":[{\"message\":\"Too many "
                                        "requests\",\"extensions\":{\"code\":\"REQUESTS_EXCEEDED\"}}]}" },
                              ANSWER(NULL, NULL, "{\"data\":[{\"id\":1}]}"));
    Client client = open_client(server->url, false, 5, 20, NULL);
    double start = seconds();
    assert_ok(ask(&client, "PATCH", "/roles", "[{\"id\":1}]", &err));
    assert_true(seconds() - start >= 0.95);
    assert_int_equal(fake_count(server, "PATCH", "/roles"), 2);
    close_client(&client);
    fake_stop(server);
}

static void a_lost_read_is_read_again(void **state) {
    (void)state;
    Error err;
    FakeServer *server =
        FAKE({ .path = "/roles", .kind = REPLY_DROP, .times = 1 },
             { .path = "/roles", .kind = REPLY_TRUNCATE, .status = 200, .body = "{\"data\":[]}", .times = 1 },
             { .path = "/roles",
               .status = 502,
               .headers = "Content-Type: text/html\r\n",
               .body = "<h1>Bad gateway",
               .times = 1 },
             ANSWER("SEARCH", "/roles", "{\"data\":[{\"id\":7}]}"));
    Client client = open_client(server->url, true, 5, 20, NULL);
    assert_ok(ask(&client, "SEARCH", "/roles", "{\"query\":{}}", &err));
    assert_int_equal(client.data.count, 1);
    assert_int_equal(fake_count(server, "SEARCH", "/roles"), 4);
    close_client(&client);
    fake_stop(server);
}

/* ---- never repeated ---- */

static void a_lost_write_is_sent_once(void **state) {
    (void)state;
    static const Reply faults[] = {
        { .method = "POST", .kind = REPLY_DROP },
        { .method = "POST", .kind = REPLY_TRUNCATE, .status = 200, .body = "{\"data\":[{\"id\":1}]}" },
        { .method = "POST", .kind = REPLY_STALL },
        { .method = "POST", .status = 504, .body = "upstream timed out" },
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        Error err;
        FakeServer *server = FAKE(faults[i], ANSWER("GET", NULL, "{\"data\":[]}"));
        Client client = open_client(server->url, false, 1, 20, NULL);
        assert_fault(ask(&client, "POST", "/roles", "[{\"name\":\"a\"}]", &err), ERR_REMOTE, "not known");
        assert_true(session_lost(client.session));
        assert_int_equal(fake_count(server, "POST", NULL), 1);
        session_lost_reset(client.session);
        assert_ok(ask(&client, "GET", "/roles", NULL, &err));
        assert_false(session_lost(client.session));
        close_client(&client);
        fake_stop(server);
    }
}

/* The kept connection is closed by the server just when the write goes out: libcurl would repeat it by
 * itself. */
static void a_write_on_a_closed_connection_is_not_repeated_blindly(void **state) {
    (void)state;
    Error err;
    FakeServer *server =
        FAKE(ANSWER("GET", "/first", "{\"data\":1}"), { .method = "POST", .kind = REPLY_DROP, .times = 1 },
             ANSWER("POST", NULL, "{\"data\":[{\"id\":1}]}"));
    Client client = open_client(server->url, false, 5, 20, NULL);
    assert_ok(ask(&client, "GET", "/first", NULL, &err));
    assert_fault(ask(&client, "POST", "/roles", "[{\"name\":\"a\"}]", &err), ERR_REMOTE, "not known");
    assert_int_equal(server->seen[1].connection, server->seen[0].connection);
    assert_int_equal(fake_count(server, "POST", NULL), 1);
    close_client(&client);
    fake_stop(server);
}

static void a_closed_kept_connection_is_reopened(void **state) {
    (void)state;
    Error err;
    FakeServer *server =
        FAKE({ .path = "/first", .kind = REPLY_CLOSE_AFTER, .status = 200, .body = "{\"data\":1}" },
             ANSWER("POST", "/roles", "{\"data\":[{\"id\":1}]}"));
    Client client = open_client(server->url, false, 5, 20, NULL);
    assert_ok(ask(&client, "GET", "/first", NULL, &err));
    fake_await_closed(server, 1);
    assert_ok(ask(&client, "POST", "/roles", "[{\"name\":\"a\"}]", &err));
    assert_int_equal(fake_count(server, "POST", "/roles"), 1);
    assert_int_not_equal(server->seen[0].connection, server->seen[1].connection);
    close_client(&client);
    fake_stop(server);
}

static void connections_are_kept(void **state) {
    (void)state;
    Error err;
    FakeServer *server = FAKE(ANSWER(NULL, NULL, "{\"data\":1}"));
    Client client = open_client(server->url, false, 5, 20, NULL);
    for (int i = 0; i < 20; i++)
        assert_ok(ask(&client, i % 2 ? "POST" : "GET", "/x", i % 2 ? "{}" : NULL, &err));
    assert_int_equal(server->connections, 1);
    const char *const paths[] = { "/a", "/b", "/c", "/d", "/e" };
    Json data[5];
    assert_ok(session_get_all(client.session, &client.arena, paths, 5, data, &err));
    assert_true(server->connections <= 2);
    assert_int_equal(session_requests(client.session), 25);
    close_client(&client);
    fake_stop(server);
}

/* Directus closes them after 5 s; a write must not meet that. */
static void an_old_connection_is_not_used_again(void **state) {
    (void)state;
    Error err;
    FakeServer *server = FAKE(ANSWER(NULL, NULL, "{\"data\":1}"));
    Client client = open_client(server->url, false, 5, 20, NULL);
    assert_ok(ask(&client, "GET", "/x", NULL, &err));
    nanosleep(&(struct timespec){ .tv_sec = 4, .tv_nsec = 100000000 }, NULL);
    assert_ok(ask(&client, "POST", "/x", "{}", &err));
    assert_int_equal(server->connections, 2);
    close_client(&client);
    fake_stop(server);
}

static void a_slow_answer_is_given_up(void **state) {
    (void)state;
    Error err;
    FakeServer *server = FAKE({ .kind = REPLY_STALL });
    Client client = open_client(server->url, true, 0.5, 0.6, NULL);
    double start = seconds();
    assert_fault(ask(&client, "GET", "/roles", NULL, &err), ERR_REMOTE, "no answer");
    assert_true(seconds() - start < 30);
    close_client(&client);
    fake_stop(server);
}

static void nobody_there_is_said_soon(void **state) {
    (void)state;
    Error err;
    Instance instance;
    FakeServer *server = FAKE({ 0 });
    char url[64];
    snprintf(url, sizeof url, "%s", server->url);
    fake_stop(server);
    Client client = open_client(url, true, 30, 60, NULL);
    double start = seconds();
    assert_fault(session_identify(client.session, &instance, &err), ERR_REMOTE, "cannot be reached");
    assert_non_null(strstr(err.hint, "DIRECTUS_URL"));
    assert_true(seconds() - start < 30);
    close_client(&client);
}

/* ---- answers that are none ---- */

static void foreign_answers_are_named(void **state) {
    (void)state;
    static const struct {
        Reply reply;
        ErrorKind kind;
        const char *message, *hint;
    } cases[] = {
        { { .status = 200,
            .headers = "Content-Type: text/html\r\n",
            .body = "<!doctype html><title>App</title>" },
          ERR_REMOTE,
          "not a Directus",
          "DIRECTUS_URL" },
        { { .status = 404, .headers = "Content-Type: text/html\r\n", .body = "<h1>404" },
          ERR_REMOTE,
          "not a Directus",
          "DIRECTUS_URL" },
        { { .status = 413, .headers = "Content-Type: text/html\r\n", .body = "<h1>413" },
          ERR_REMOTE,
          "413",
          "client_max_body_size" },
        { { .status = 405, .headers = "Content-Type: text/html\r\n", .body = "<h1>405" },
          ERR_REMOTE,
          "405",
          "method" },
        { { .status = 302, .headers = "Location: https://elsewhere.example/x?token=1\r\n" },
          ERR_REMOTE,
          "redirected to https://elsewhere.example/x",
          "DIRECTUS_URL" },
        { { .status = 200, .body = "{\"data\":[1,2}" }, ERR_REMOTE, "cannot be used", "" },
        { { .status = 200, .body = "{\"data\":{\"a\":1,\"a\":2}}" }, ERR_REMOTE, "cannot be used", "" },
        { { .status = 401,
            .body = "{\"errors\":[{\"message\":\"Invalid user "
                    "credentials.\",\"extensions\":{\"code\":\"INVALID_CREDENTIALS\"}}]}" },
          ERR_REFUSED,
          "token is not accepted",
          "DIRECTUS_TOKEN" },
        { { .status = 403,
            .body = "{\"errors\":[{\"message\":\"No.\",\"extensions\":{\"code\":\"FORBIDDEN\"}},{\"message\":"
                    "\"No.\"}]}" },
          ERR_REFUSED,
          "No. (FORBIDDEN), and 1 more",
          "admin" },
        { { .status = 403,
            .body = "{\"errors\":[{\"message\":\"Limit.\",\"extensions\":{\"code\":\"LIMIT_EXCEEDED\"}}]}" },
          ERR_REFUSED,
          "Limit.",
          "licence" },
        { { .status = 400,
            .body = "{\"errors\":[{\"message\":\"Invalid payload. request entity too "
                    "large.\",\"extensions\":{\"code\":\"INVALID_PAYLOAD\"}}]}" },
          ERR_REMOTE,
          "too large",
          "MAX_PAYLOAD_SIZE" },
        { { .status = 500, .body = "{\"errors\":[{\"message\":\"boom\"}]}" }, ERR_REMOTE, "boom", "log" },
        { { .status = 500, .body = "{\"statusCode\":500}" }, ERR_REMOTE, "not a Directus", "DIRECTUS_URL" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err;
        FakeServer *server = FAKE(cases[i].reply);
        Client client = open_client(server->url, true, 5, 1, NULL);
        assert_fault(ask(&client, "GET", "/roles?x=1", NULL, &err), cases[i].kind, cases[i].message);
        assert_non_null(strstr(err.message, "GET /roles"));
        assert_null(strstr(err.message, "x=1"));
        assert_null(strstr(err.message, "token=1"));
        assert_non_null(strstr(err.hint, cases[i].hint));
        close_client(&client);
        fake_stop(server);
    }
}

/* ---- the barrier ---- */

static void a_reading_session_sends_no_write(void **state) {
    (void)state;
    static const struct {
        const char *method, *path;
        bool allowed;
    } cases[] = {
        { "GET", "/roles", true },
        { "SEARCH", "/roles", true },
        { "POST", "/schema/diff", true },
        { "POST", "/schema/diff?force", true },
        { "POST", "/utils/cache/clear?system", true },
        { "POST", "/roles", false },
        { "PATCH", "/roles", false },
        { "DELETE", "/roles", false },
        { "POST", "/schema/apply", false },
        { "POST", "/schema/diffs", false },
        { "POST", "/utils/cache", false },
        { "PATCH", "/schema/diff", false },
        { "PUT", "/x", false },
    };
    FakeServer *server = FAKE(ANSWER(NULL, NULL, "{\"data\":null}"));
    Client client = open_client(server->url, true, 5, 1, NULL);
    int expected = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err;
        bool sent = ask(&client, cases[i].method, cases[i].path, "{}", &err);
        assert_int_equal(sent, cases[i].allowed);
        if (!sent)
            assert_int_equal(err.kind, ERR_INTERNAL);
        expected += cases[i].allowed;
    }
    Buf file = { 0 };
    Error err = { 0 };
    buf_puts(&file, "{}");
    assert_fault(session_post_file(client.session, &client.arena, "/schema/apply", &file, &client.data, &err),
                 ERR_INTERNAL, "only reads");
    buf_free(&file);
    assert_int_equal(fake_count(server, NULL, NULL), expected);
    close_client(&client);
    fake_stop(server);
}

/* ---- forms ---- */

static void a_file_goes_as_one_json_part(void **state) {
    (void)state;
    Error err = { 0 };
    FakeServer *server = FAKE(PRESSURE(1), { .status = 204 });
    Client client = open_client(server->url, true, 5, 20, NULL);
    Buf file = { 0 };
    buf_puts(&file, "{\"collections\":[]}");
    assert_ok(session_post_file(client.session, &client.arena, "/schema/diff", &file, &client.data, &err));
    assert_true(json_is_null(&client.data));
    const Seen *seen = &server->seen[1];
    assert_non_null(strstr(seen->headers, "Content-Type: multipart/form-data; boundary="));
    assert_non_null(strstr(seen->body, "filename=\""));
    assert_non_null(strstr(seen->body, "Content-Type: application/json\r\n\r\n{\"collections\":[]}\r\n--"));
    assert_null(strstr(seen->headers, "Expect:"));
    buf_free(&file);
    close_client(&client);
    fake_stop(server);
}

/* ---- identity ---- */

static const char INFO[] =
    "{\"data\":{\"project\":{},\"version\":\"11.17.4\",\"queryLimit\":{\"default\":100,\"max\":-1}}}";

static void the_user_and_all_policies_are_known(void **state) {
    (void)state;
    Error err = { 0 };
    Instance instance;
    FakeServer *server =
        FAKE(ANSWER("GET", "/server/info", INFO),
             ANSWER("SEARCH", "/users",
                    "{\"data\":[{\"id\":\"u\",\"role\":{\"id\":\"r\",\"parent\":null,\"policies\":[{"
                    "\"policy\":{\"id\":\"p1\",\"admin_access\":true}}]},"
                    "\"policies\":[{\"policy\":{\"id\":\"p2\",\"admin_access\":false}}]}]}"));
    Client client = open_client(server->url, true, 5, 5, NULL);
    assert_ok(session_identify(client.session, &instance, &err));
    assert_string_equal(instance.directus, "11.17.4");
    assert_int_equal(instance.version.major, 11);
    assert_int_equal(instance.query_limit_max, -1);
    assert_string_equal(instance.user_id, "u");
    assert_string_equal(instance.role_id, "r");
    assert_true(instance.admin);
    assert_string_equal(instance.policy_ids[0], "p2");
    assert_string_equal(instance.policy_ids[1], "p1");
    assert_null(instance.policy_ids[2]);
    assert_int_equal(session_requests(client.session), 2);
    close_client(&client);
    fake_stop(server);
}

static const char ADMIN[] = "{\"data\":[{\"id\":\"u\",\"role\":null,\"policies\":[{\"policy\":{\"id\":\"p\","
                            "\"admin_access\":true}}]}]}";

static void an_answer_tells_time_and_cache(void **state) {
    (void)state;
    static const struct {
        const char *headers;
        bool known;
        long cache_seconds;
    } cases[] = {
        { "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nCache-Control: private, max-age=300\r\n", true, 300 },
        { "date: Sunday, 06-Nov-94 08:49:37 GMT\r\ncache-control: no-cache\r\n", true, 0 },
        { "Date: soon\r\nX-Cache-Control: max-age=7\r\n", false, 0 },
        { NULL, false, 0 },
    };
    static const double then = 784111777; /* that moment of 1994 */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err = { 0 };
        Instance instance;
        FakeServer *server = FAKE({ .method = "GET",
                                    .path = "/server/info",
                                    .status = 200,
                                    .headers = cases[i].headers,
                                    .body = INFO },
                                  ANSWER("SEARCH", "/users", ADMIN));
        Client client = open_client(server->url, true, 5, 5, NULL);
        assert_ok(session_identify(client.session, &instance, &err));
        assert_int_equal(instance.clock_known, cases[i].known);
        assert_int_equal(instance.cache_seconds, cases[i].cache_seconds);
        double expected = then + 0.5 - (double)time(NULL);
        assert_true(!instance.clock_known ||
                    (instance.clock_ahead > expected - 60 && instance.clock_ahead < expected + 60));
        close_client(&client);
        fake_stop(server);
    }
}

static void a_parent_role_brings_its_policies(void **state) {
    (void)state;
    Error err = { 0 };
    Instance instance;
    FakeServer *server =
        FAKE(ANSWER("GET", "/server/info", INFO),
             ANSWER("SEARCH", "/users",
                    "{\"data\":[{\"id\":\"u\",\"role\":{\"id\":\"r\",\"parent\":\"top\",\"policies\":[]},"
                    "\"policies\":[]}]}"),
             ANSWER("SEARCH", "/access", "{\"data\":[{\"policy\":{\"id\":\"p\",\"admin_access\":true}}]}"));
    Client client = open_client(server->url, true, 5, 5, NULL);
    assert_ok(session_identify(client.session, &instance, &err));
    assert_string_equal(instance.policy_ids[0], "p");
    assert_true(instance.admin);
    close_client(&client);
    fake_stop(server);
}

static void an_unfit_user_or_server_is_refused(void **state) {
    (void)state;
    static const struct {
        Reply info, user;
        ErrorKind kind;
        const char *message;
    } cases[] = {
        { ANSWER("GET", "/server/info", INFO),
          { .path = "/users",
            .status = 403,
            .body = "{\"errors\":[{\"message\":\"x\",\"extensions\":{\"code\":\"FORBIDDEN\"}}]}" },
          ERR_REFUSED,
          "no admin access" },
        { ANSWER("GET", "/server/info", INFO),
          ANSWER("SEARCH", "/users",
                 "{\"data\":[{\"id\":\"u\",\"role\":null,\"policies\":[{\"policy\":{\"id\":\"p\",\"admin_"
                 "access\":false}}]}]}"),
          ERR_REFUSED, "no admin access" },
        { ANSWER("GET", "/server/info", INFO), ANSWER("SEARCH", "/users", "{\"data\":[]}"), ERR_REFUSED,
          "no admin access" },
        { ANSWER("GET", "/server/info", "{\"data\":{\"project\":{},\"version\":\"10.12.1\"}}"),
          { .path = "/users", .status = 400, .body = "{\"errors\":[{\"message\":\"x\"}]}" },
          ERR_REMOTE,
          "Directus 10.12.1" },
        { ANSWER("GET", "/server/info", "{\"data\":{\"status\":\"fine\"}}"),
          ANSWER("SEARCH", "/users", "{\"data\":[]}"), ERR_REMOTE, "not a Directus" },
        { ANSWER("GET", "/server/info", "{\"data\":{\"project\":{}}}"),
          ANSWER("SEARCH", "/users", "{\"data\":[]}"), ERR_REFUSED, "belongs to no user" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err;
        Instance instance;
        FakeServer *server = FAKE(cases[i].info, cases[i].user);
        Client client = open_client(server->url, true, 5, 1, NULL);
        assert_fault(session_identify(client.session, &instance, &err), cases[i].kind, cases[i].message);
        close_client(&client);
        fake_stop(server);
    }
}

static void addresses_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *url, *message;
    } cases[] = { { NULL, "http" },
                  { "localhost:8055", "http" },
                  { "https://", "http" },
                  { "http://me:pw@host", "password" },
                  { "http://host/?a=1", "more than" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err;
        AUTO_SESSION session = NULL;
        AUTO(Secret) token = { 0 };
        secret_set(&token, TOKEN);
        SessionOptions options = { .url = cases[i].url, .token = &token };
        assert_fault(session_open(&options, &session, &err), ERR_CONFIG, cases[i].message);
        assert_null(strstr(err.message, "pw@"));
    }
    Error err;
    AUTO_SESSION session = NULL;
    AUTO(Secret) token = { 0 };
    SessionOptions options = { .url = "http://localhost", .token = &token };
    assert_fault(session_open(&options, &session, &err), ERR_CONFIG, "no credentials");
    secret_set(&token, "abc\r\nX-Other: 1");
    assert_fault(session_open(&options, &session, &err), ERR_CONFIG, "the token holds");
    assert_null(strstr(err.message, "abc"));
}

/* ---- signing in ---- */

static void a_login_is_made_once_and_renewed(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Secret) email = { 0 };
    AUTO(Secret) password = { 0 };
    AUTO(Arena) arena = { 0 };
    AUTO_SESSION session = NULL;
    Json data;
    /* 900 s are enough for two requests; 30 s are less than the margin */
    FakeServer *server = FAKE({ .path = "/auth/login",
                                .status = 200,
                                .times = 1,
                                .body = "{\"data\":{\"access_token\":\"t1\",\"expires\":900000}}" },
                              ANSWER(NULL, NULL, "{\"data\":1}"));
    secret_set(&email, "me@example.com");
    secret_set(&password, "p4ssw0rd-of-the-test");
    SessionOptions options = {
        .url = server->url, .email = &email, .password = &password, .read_only = true, .timeout_seconds = 5
    };
    assert_ok(session_open(&options, &session, &err));
    for (int i = 0; i < 2; i++)
        assert_ok(session_request(session, &arena, "GET", "/x", NULL, &data, &err));
    assert_int_equal(fake_count(server, "POST", "/auth/login"), 1);
    assert_non_null(strstr(server->seen[2].headers, "Authorization: Bearer t1"));
    assert_null(strstr(server->seen[0].headers, "Authorization"));
    session_close(&session);
    fake_stop(server);

    server = FAKE(ANSWER("POST", "/auth/login", "{\"data\":{\"access_token\":\"t2\",\"expires\":30000}}"),
                  ANSWER(NULL, NULL, "{\"data\":1}"));
    options.url = server->url;
    assert_ok(session_open(&options, &session, &err));
    for (int i = 0; i < 2; i++)
        assert_ok(session_request(session, &arena, "GET", "/x", NULL, &data, &err));
    assert_int_equal(fake_count(server, "POST", "/auth/login"), 2);
    session_close(&session);
    fake_stop(server);
}

static void a_refused_login_names_its_variables(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Secret) email = { 0 };
    AUTO(Secret) password = { 0 };
    AUTO_SESSION session = NULL;
    Instance instance;
    FakeServer *server =
        FAKE({ .status = 401,
               .body = "{\"errors\":[{\"message\":\"No: "
                       "p4ssw0rd-of-the-test\",\"extensions\":{\"code\":\"INVALID_CREDENTIALS\"}}]}" });
    secret_set(&email, "me@example.com");
    secret_set(&password, "p4ssw0rd-of-the-test");
    SessionOptions options = {
        .url = server->url, .email = &email, .password = &password, .read_only = true, .timeout_seconds = 5
    };
    assert_ok(session_open(&options, &session, &err));
    assert_fault(session_identify(session, &instance, &err), ERR_REFUSED, "not accepted");
    assert_non_null(strstr(err.hint, "DIRECTUS_PASSWORD"));
    assert_null(strstr(err.message, "p4ssw0rd"));
    session_close(&session);
    options.credentials = "PROD_DIRECTUS_EMAIL and PROD_DIRECTUS_PASSWORD in .env";
    assert_ok(session_open(&options, &session, &err));
    assert_fault(session_identify(session, &instance, &err), ERR_REFUSED, "not accepted");
    assert_non_null(strstr(err.hint, options.credentials));
    session_close(&session);
    fake_stop(server);
}

/* ---- secrets and the record ---- */

static void secrets_are_shown_nowhere(void **state) {
    (void)state;
    Error err;
    char path[] = "/tmp/schema-sync-record-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    /* a proxy that shows the request in its error page */
    FakeServer *server = FAKE(ANSWER("GET", "/fine", "{\"data\":1}"),
                              { .status = 400,
                                .body = "{\"errors\":[{\"message\":\"refused: Bearer "
                                        "s3cr3t-token-of-the-test\",\"extensions\":{\"code\":\"X\"}}]}" });
    Client client = open_client(server->url, false, 5, 1, path);
    assert_ok(ask(&client, "GET", "/fine", NULL, &err));
    assert_fault(ask(&client, "POST", "/roles", "[{\"name\":\"ä\\n\"}]", &err), ERR_REMOTE,
                 "refused: Bearer ***");
    assert_null(strstr(err.message, TOKEN));
    assert_null(strstr(err.hint, TOKEN));
    assert_null(strstr(logged, TOKEN));
    char text[4096] = { 0 };
    assert_true(read(fd, text, sizeof text - 1) > 0);
    assert_null(strstr(text, TOKEN));
    assert_string_equal(text, "{\"body\":\"\",\"method\":\"GET\",\"path\":\"/fine\",\"type\":\"json\"}\n"
                              "{\"body\":\"[{\\\"name\\\":\\\"ä\\\\n\\\"}]\",\"method\":\"POST\",\"path\":\"/"
                              "roles\",\"type\":\"json\"}\n");
    close(fd);
    unlink(path);
    close_client(&client);
    fake_stop(server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pressure_is_repeated_for_every_method),
        cmocka_unit_test(pressure_ends_with_a_message),
        cmocka_unit_test(other_unavailabilities_are_not_repeated),
        cmocka_unit_test(a_rate_limit_is_waited_for),
        cmocka_unit_test(a_lost_read_is_read_again),
        cmocka_unit_test(a_lost_write_is_sent_once),
        cmocka_unit_test(a_write_on_a_closed_connection_is_not_repeated_blindly),
        cmocka_unit_test(a_closed_kept_connection_is_reopened),
        cmocka_unit_test(connections_are_kept),
        cmocka_unit_test(an_old_connection_is_not_used_again),
        cmocka_unit_test(a_slow_answer_is_given_up),
        cmocka_unit_test(nobody_there_is_said_soon),
        cmocka_unit_test(foreign_answers_are_named),
        cmocka_unit_test(a_reading_session_sends_no_write),
        cmocka_unit_test(a_file_goes_as_one_json_part),
        cmocka_unit_test(the_user_and_all_policies_are_known),
        cmocka_unit_test(an_answer_tells_time_and_cache),
        cmocka_unit_test(a_parent_role_brings_its_policies),
        cmocka_unit_test(an_unfit_user_or_server_is_refused),
        cmocka_unit_test(addresses_are_checked),
        cmocka_unit_test(a_login_is_made_once_and_renewed),
        cmocka_unit_test(a_refused_login_names_its_variables),
        cmocka_unit_test(secrets_are_shown_nowhere),
    };
    log_set_sink(keep_log, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
