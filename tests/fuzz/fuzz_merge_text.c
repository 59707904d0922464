/*
 * Three texts, ended by NUL each, behind a byte that picks the kind of file: what merges without a conflict
 * is a file of that kind and merges to itself; what does not is refused for its marks, and either side of
 * them is one; who is called ours makes no difference to what is there.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "model/merge_text.h"

static const ConflictMarks marks = { "ours", "theirs", 7 };

static void require(bool holds) {
    if (!holds)
        abort();
}

static bool merge(const char *path, const char *base, const char *ours, const char *theirs, MergedText *out) {
    Error err = { 0 };
    MergeTexts texts = { path, { base, strlen(base) }, { ours, strlen(ours) }, { theirs, strlen(theirs) } };
    bool done = merge_text(&texts, &marks, out, &err);
    require(done || err.message[0]);
    return done;
}

static void require_file(const char *path, const char *text) {
    AUTO(MergedText) again = { 0 };
    require(merge(path, text, text, text, &again));
    require(!again.conflicts && strcmp(buf_text(&again.text), text) == 0);
}

static void require_sides(const char *path, const char *text) {
    AUTO(Buf) first = { 0 }, second = { 0 };
    Buf *sides[2] = { &first, &second };
    Error err = { 0 };
    bool taken[2] = { true, true };
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n") + 1;
        bool mark = memchr("<=>", *line, 3) && strspn(line, "<=>") >= 7;
        for (int i = 0; i < 2; i++) {
            if (mark)
                taken[i] = *line == '>' || (*line == '<') == (i == 0);
            else if (taken[i])
                buf_append(sides[i], line, length);
        }
    }
    require(!json_validate(text, strlen(text), JSON_STATE, &err));
    require(strstr(err.message, "merge conflict") != NULL);
    for (int i = 0; i < 2; i++)
        if (strcmp(path, "info.json") != 0)
            require_file(path, buf_text(sides[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const paths[] = {
        "roles/a.json", "policies/a.json",    "flows/a.json", "folders.json",
        "info.json",    "collections/a.json", "presets.json", "removed.jsonl"
    };
    enum { PATHS = sizeof paths / sizeof *paths };
    AUTO(Arena) arena = { 0 };
    const char *texts[3] = { "", "", "" };
    if (!size)
        return 0;
    const char *path = paths[data[0] % PATHS];
    size_t at = 1;
    for (int i = 0; i < 3 && at < size; i++) {
        size_t length = strnlen((const char *)data + at, size - at);
        texts[i] = arena_strndup(&arena, (const char *)data + at, length);
        at += length + 1;
    }
    AUTO(MergedText) out = { 0 }, turned = { 0 };
    bool done = merge(path, texts[0], texts[1], texts[2], &out);
    require(done == merge(path, texts[0], texts[2], texts[1], &turned));
    if (!done)
        return 0;
    require((out.conflicts > 0) == (turned.conflicts > 0));
    if (out.conflicts) {
        require_sides(path, buf_text(&out.text));
        return 0;
    }
    require(strcmp(buf_text(&out.text), buf_text(&turned.text)) == 0);
    require_file(path, buf_text(&out.text));
    return 0;
}
