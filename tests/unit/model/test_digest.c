#include <stdlib.h>

#include "unit/unit.h"

#include "model/digest.h"

/* From `printf … | xxhsum -H2`. */
static void test_known(void **state) {
    (void)state;
    char hex[DIGEST_HEX];
    digest_of("", 0, hex);
    assert_string_equal(hex, "99aa06d3014798d86001c324468d497f");
    digest_of("a", 1, hex);
    assert_string_equal(hex, "a96faf705af16834e6c632b61e964e1f");
    char start[9];
    digest_short("a", start);
    assert_string_equal(start, "a96faf70");
}

/* Fed in pieces of any size, the running hash is the one of the whole. */
static void test_pieces(void **state) {
    (void)state;
    enum { SIZE = 5000 };
    char data[SIZE];
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (char)(i * 31 + i / 7);
    for (size_t size = 0; size < SIZE; size += 1 + size / 3) {
        char whole[DIGEST_HEX];
        char pieces[DIGEST_HEX];
        digest_of(data, size, whole);
        AUTO(Digest) digest = { 0 };
        digest_begin(&digest);
        digest_update(&digest, NULL, 0);
        for (size_t at = 0, step = 1; at < size; at += step, step = step * 2 % 701 + 1)
            digest_update(&digest, data + at, step < size - at ? step : size - at);
        digest_end(&digest, pieces);
        assert_string_equal(whole, pieces);
        assert_null(digest.state);
    }
    AUTO(Digest) abandoned = { 0 };
    digest_begin(&abandoned);
    digest_begin(&abandoned); /* starts over */
    digest_update(&abandoned, "x", 1);
}

static void test_manifest(void **state) {
    (void)state;
    AUTO(Manifest) manifest = { 0 };
    AUTO(Buf) text = { 0 };
    char hex[DIGEST_HEX];
    manifest_finish(&manifest);
    assert_null(manifest_find(&manifest, "a"));
    manifest_hash(&manifest, hex);
    assert_string_equal(hex, "99aa06d3014798d86001c324468d497f"); /* of nothing */
    static const char *const paths[] = { "roles/b.json", "a.json", "roles-x.json", "roles/a.json" };
    for (size_t i = 0; i < 4; i++) {
        digest_of(paths[i], strlen(paths[i]), hex);
        manifest_add(&manifest, paths[i], hex);
    }
    manifest_finish(&manifest);
    const ManifestEntry *entry = manifest_find(&manifest, "roles/b.json");
    assert_non_null(entry);
    digest_of("roles/b.json", 12, hex);
    assert_string_equal(entry->hex, hex);
    assert_null(manifest_find(&manifest, "roles"));
    manifest_text(&manifest, &text);
    static const char *const sorted[] = { "a.json", "roles-x.json", "roles/a.json", "roles/b.json" };
    const char *line = text.data;
    for (size_t i = 0; i < 4; i++) {
        char wanted[128];
        digest_of(sorted[i], strlen(sorted[i]), hex);
        snprintf(wanted, sizeof wanted, "%s  %s\n", hex, sorted[i]);
        assert_memory_equal(line, wanted, strlen(wanted));
        line += strlen(wanted);
    }
    assert_int_equal(*line, 0);
    char content[DIGEST_HEX];
    digest_of(text.data, text.length, hex);
    manifest_hash(&manifest, content);
    assert_string_equal(content, hex);
}

static void write_file(const char *path, const void *data, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* `xxhsum -H2` prints our manifest, and `xxhsum -c` accepts it. */
static void test_against_xxhsum(void **state) {
    (void)state;
    if (system("xxhsum --version >/dev/null 2>&1") != 0) {
        print_message("skipped: the program xxhsum is not installed\n");
        skip();
    }
    char folder[] = "/tmp/schema-sync-digest-XXXXXX";
    assert_non_null(mkdtemp(folder));
    AUTO(Manifest) manifest = { 0 };
    AUTO(Buf) data = { 0 };
    AUTO(Buf) text = { 0 };
    static const size_t sizes[] = { 0, 1, 3, 4, 8, 9, 16, 17, 128, 129, 240, 241, 1024, 1025, 100000 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        while (data.length < sizes[i])
            buf_putc(&data, (char)(data.length * 7));
        char name[32];
        char path[128];
        char hex[DIGEST_HEX];
        snprintf(name, sizeof name, "f%02zu", i);
        snprintf(path, sizeof path, "%s/%s", folder, name);
        write_file(path, buf_text(&data), sizes[i]);
        digest_of(buf_text(&data), sizes[i], hex);
        manifest_add(&manifest, name, hex);
    }
    manifest_finish(&manifest);
    manifest_text(&manifest, &text);
    AUTO(Buf) path = { 0 };
    buf_printf(&path, "%s/ours", folder);
    write_file(path.data, text.data, text.length);
    AUTO(Buf) command = { 0 };
    buf_printf(
        &command,
        "cd '%s' && xxhsum -H2 f* >theirs 2>/dev/null && cmp ours theirs && xxhsum -c ours >/dev/null 2>&1",
        folder);
    int status = system(command.data);
    buf_clear(&command);
    buf_printf(&command, "rm -rf '%s'", folder);
    assert_int_equal(system(command.data), 0);
    assert_int_equal(status, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_manifest),
        cmocka_unit_test(test_against_xxhsum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
