/*
 * nst/JSONTestSuite, found through SCHEMA_SYNC_CORPUS: y_ is accepted, n_ refused, i_ (the parser's choice)
 * pinned here, and test_transform pinned as state files are held to it.
 */
#include <dirent.h>
#include <stdlib.h>

#include "unit/unit.h"

#include "base/file.h"
#include "base/json.h"

static const char *corpus;

typedef struct {
    const char *name;
    const char *refused_for; /* NULL: accepted */
} Pin;

/* JSON_SYNTAX reads numbers of any size and any escape; bytes must be UTF-8. */
static const Pin choices[] = {
    { "i_number_double_huge_neg_exp.json", NULL },
    { "i_number_huge_exp.json", NULL },
    { "i_number_neg_int_huge_exp.json", NULL },
    { "i_number_pos_double_huge_exp.json", NULL },
    { "i_number_real_neg_overflow.json", NULL },
    { "i_number_real_pos_overflow.json", NULL },
    { "i_number_real_underflow.json", NULL },
    { "i_number_too_big_neg_int.json", NULL },
    { "i_number_too_big_pos_int.json", NULL },
    { "i_number_very_big_negative_int.json", NULL },
    { "i_object_key_lone_2nd_surrogate.json", NULL },
    { "i_string_1st_surrogate_but_2nd_missing.json", NULL },
    { "i_string_1st_valid_surrogate_2nd_invalid.json", NULL },
    { "i_string_UTF-16LE_with_BOM.json", "invalid UTF-8 (byte 0xff)" },
    { "i_string_UTF-8_invalid_sequence.json", "invalid UTF-8 (byte 0xfa)" },
    { "i_string_UTF8_surrogate_U+D800.json", "invalid UTF-8 (byte 0xed)" },
    { "i_string_incomplete_surrogate_and_escape_valid.json", NULL },
    { "i_string_incomplete_surrogate_pair.json", NULL },
    { "i_string_incomplete_surrogates_escape_valid.json", NULL },
    { "i_string_invalid_lonely_surrogate.json", NULL },
    { "i_string_invalid_surrogate.json", NULL },
    { "i_string_invalid_utf-8.json", "invalid UTF-8 (byte 0xff)" },
    { "i_string_inverted_surrogates_U+1D11E.json", NULL },
    { "i_string_iso_latin_1.json", "invalid UTF-8 (byte 0xe9)" },
    { "i_string_lone_second_surrogate.json", NULL },
    { "i_string_lone_utf8_continuation_byte.json", "invalid UTF-8 (byte 0x81)" },
    { "i_string_not_in_unicode_range.json", "invalid UTF-8 (byte 0xf4)" },
    { "i_string_overlong_sequence_2_bytes.json", "invalid UTF-8 (byte 0xc0)" },
    { "i_string_overlong_sequence_6_bytes.json", "invalid UTF-8 (byte 0xfc)" },
    { "i_string_overlong_sequence_6_bytes_null.json", "invalid UTF-8 (byte 0xfc)" },
    { "i_string_truncated-utf-8.json", "invalid UTF-8 (byte 0xe0)" },
    { "i_string_utf16BE_no_BOM.json", "a value must stand here, not byte 0x00" },
    { "i_string_utf16LE_no_BOM.json", "a value must stand here, not byte 0x00" },
    { "i_structure_500_nested_arrays.json", "nested deeper than 128 levels" },
    { "i_structure_UTF-8_BOM_empty_object.json", "a byte order mark" },
};

static const Pin transforms[] = {
    { "number_-9223372036854775808.json", NULL },
    { "number_-9223372036854775809.json", "would change: a double holds -9223372036854775808" },
    { "number_1.0.json", NULL },
    { "number_1.000000000000000005.json", NULL },
    { "number_1000000000000000.json", NULL },
    { "number_10000000000000000999.json", "would change: a double holds 10000000000000000000" },
    { "number_1e-999.json", "too small for a double" },
    { "number_1e6.json", NULL },
    { "number_9223372036854775807.json", "would change: a double holds 9223372036854775808" },
    { "number_9223372036854775808.json", NULL },
    { "object_key_nfc_nfd.json", NULL },
    { "object_key_nfd_nfc.json", NULL },
    { "object_same_key_different_values.json", "duplicate key \"a\"" },
    { "object_same_key_same_value.json", "duplicate key \"a\"" },
    { "object_same_key_unclear_values.json", "duplicate key \"a\"" },
    { "string_1_escaped_invalid_codepoint.json", "half of a surrogate pair" },
    { "string_1_invalid_codepoint.json", "invalid UTF-8 (byte 0xed)" },
    { "string_2_escaped_invalid_codepoints.json", "half of a surrogate pair" },
    { "string_2_invalid_codepoints.json", "invalid UTF-8 (byte 0xed)" },
    { "string_3_escaped_invalid_codepoints.json", "half of a surrogate pair" },
    { "string_3_invalid_codepoints.json", "invalid UTF-8 (byte 0xed)" },
    { "string_with_escaped_NULL.json", "\\u0000 in a string" },
};

static void read_corpus(const char *folder, const char *name, Buf *text) {
    AUTO(Buf) path = { 0 };
    Error err = { 0 };
    buf_printf(&path, "%s/json/%s/%s", corpus, folder, name);
    assert_ok(file_read(buf_text(&path), 0, text, NULL, &err));
}

static const Pin *find_pin(const Pin *pins, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(pins[i].name, name) == 0)
            return &pins[i];
    return NULL;
}

static void check_pin(const Pin *pin, const Buf *text, unsigned strictness) {
    Error err = { 0 };
    bool accepted = json_validate(buf_text(text), text->length, strictness, &err);
    if (accepted != !pin->refused_for || (!accepted && !strstr(err.message, pin->refused_for)))
        fail_msg("%s: %s, wanted %s", pin->name, accepted ? "accepted" : err.message,
                 pin->refused_for ? pin->refused_for : "accepted");
}

/* What the validator accepts as a state file, the parser reads. */
static void check_parse(const char *name, const Buf *text) {
    AUTO(Arena) arena = { 0 };
    Json value;
    Error err = { 0 };
    bool valid = json_validate(buf_text(text), text->length, JSON_STATE, &err);
    if (json_parse(&arena, buf_text(text), text->length, JSON_STATE, &value, &err) != valid)
        fail_msg("%s: validator and parser disagree: %s", name, err.message);
}

static void test_parsing(void **state) {
    (void)state;
    AUTO(Buf) path = { 0 };
    buf_printf(&path, "%s/json/test_parsing", corpus);
    DIR *dir = opendir(buf_text(&path));
    assert_non_null(dir);
    size_t counts[128] = { 0 };
    for (const struct dirent *entry; (entry = readdir(dir));) {
        const char *name = entry->d_name;
        if (!str_ends(name, ".json"))
            continue;
        AUTO(Buf) text = { 0 };
        Pin pin = { .name = name, .refused_for = name[0] == 'n' ? "" : NULL };
        const Pin *choice = find_pin(choices, sizeof choices / sizeof *choices, name);
        if (name[0] == 'i' && !choice)
            fail_msg("%s is pinned nowhere", name);
        read_corpus("test_parsing", name, &text);
        check_pin(choice ? choice : &pin, &text, JSON_SYNTAX);
        check_parse(name, &text);
        counts[(unsigned char)name[0] & 0x7F]++;
    }
    closedir(dir);
    assert_true(counts['y'] > 90 && counts['n'] > 180);
    assert_int_equal(counts['i'], sizeof choices / sizeof *choices);
}

static void test_transform(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof transforms / sizeof *transforms; i++) {
        AUTO(Buf) text = { 0 };
        read_corpus("test_transform", transforms[i].name, &text);
        check_pin(&transforms[i], &text, JSON_STATE);
        check_parse(transforms[i].name, &text);
    }
}

int main(void) {
    corpus = getenv("SCHEMA_SYNC_CORPUS");
    if (!corpus || !*corpus) {
        puts("skipped: SCHEMA_SYNC_CORPUS does not name the folder with the JSON test corpus");
        return TEST_SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parsing),
        cmocka_unit_test(test_transform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
