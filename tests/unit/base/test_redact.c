#include "unit/unit.h"

#include "base/log.h"
#include "base/redact.h"

static const char *shown(Buf *out, const char *text) {
    buf_clear(out);
    redact_append(out, text, strlen(text));
    return buf_text(out);
}

static int forget(void **state) {
    (void)state;
    redact_forget();
    return 0;
}

static void hides_by_name(void **state) {
    (void)state;
    AUTO(Buf) out = { 0 };
    assert_false(redact_any());
    assert_string_equal(shown(&out, "s3cret!"), "s3cret!");
    redact_hide("s3cret!", "${TOKEN}");
    redact_hide("Bearer s3cret!", "Bearer ${TOKEN}!");
    redact_hide("s3cret!", "${OTHER}");
    assert_true(redact_any());
    assert_string_equal(shown(&out, "s3cret!"), "${TOKEN}");
    assert_string_equal(shown(&out, "<s3cret!s3cret!> s3cret"), "<${TOKEN}${TOKEN}> ${TOKEN}");
    assert_string_equal(shown(&out, "x Bearer s3cret! y"), "x Bearer ${TOKEN}! y");
    assert_string_equal(shown(&out, "Bearer of s3"), "Bearer of s3");
    assert_string_equal(shown(&out, ""), "");
}

/* Short values are no secrets, and masking them within words would garble every message. */
static void short_values(void **state) {
    (void)state;
    AUTO(Buf) out = { 0 };
    redact_hide("", "${EMPTY}");
    redact_hide("on", "${ON}");
    redact_hide("post", "${POST}");
    assert_string_equal(shown(&out, "on"), "on");
    assert_string_equal(shown(&out, "posts on a post"), "posts on a post");
    assert_string_equal(shown(&out, "post"), "${POST}");
}

static void as_json_writes_it(void **state) {
    (void)state;
    AUTO(Buf) out = { 0 };
    redact_hide("a\"b\\c\nd€", "${KEY}");
    assert_string_equal(shown(&out, "{\"x\":\"a\\\"b\\\\c\\nd€\"}"), "{\"x\":\"${KEY}\"}");
    assert_string_equal(shown(&out, "(a\"b\\c\nd€)"), "(${KEY})");
}

static void cut_texts(void **state) {
    (void)state;
    AUTO(Buf) out = { 0 };
    redact_hide("0123456789abcdef", "${KEY}");
    assert_string_equal(shown(&out, "the key is 0123456"), "the key is ${KEY}");
    assert_string_equal(shown(&out, "the key is 01234"), "the key is 01234");
}

static void errors_and_values(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Arena) arena = { 0 };
    redact_hide("0123456789abcdef", "${KEY}");
    error_set(&err, ERR_REMOTE, "no: 0123456789abcdef");
    error_hint(&err, "0123456789abcdef?");
    redact_error(&err);
    assert_int_equal(err.kind, ERR_REMOTE);
    assert_string_equal(err.message, "no: ${KEY}");
    assert_string_equal(err.hint, "${KEY}?");
    Json json;
    const char *text = "{\"0123456789abcdef\":[\"x0123456789abcdefx\",1,null]}";
    assert_ok(json_parse(&arena, text, strlen(text), JSON_SYNTAX, &json, &err));
    Json seen = redact_json(&arena, &json);
    assert_string_equal(json_text(&json_get(&seen, "0123456789abcdef")->as.items[0]), "x${KEY}x");
    assert_string_equal(json_text(&json_get(&json, "0123456789abcdef")->as.items[0]), "x0123456789abcdefx");
}

static void take(LogLevel level, const char *message, void *context) {
    (void)level;
    buf_puts(context, message);
}

/* A value with a line break is masked before the break is taken out. */
static void talk(void **state) {
    (void)state;
    AUTO(Buf) heard = { 0 };
    redact_hide("line one\nline two", "${PEM}");
    log_set_sink(take, &heard);
    log_say(LOG_TRACE, "sent %s\tnow", "line one\nline two");
    log_set_sink(NULL, NULL);
    assert_string_equal(buf_text(&heard), "sent ${PEM} now");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(hides_by_name, forget),     cmocka_unit_test_teardown(short_values, forget),
        cmocka_unit_test_teardown(as_json_writes_it, forget), cmocka_unit_test_teardown(cut_texts, forget),
        cmocka_unit_test_teardown(errors_and_values, forget), cmocka_unit_test_teardown(talk, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
