#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/shared_options.h"
#include "sync/sync.h"

static const OptionRow options[] = {
    OPTION_ROW_REF,
    { "manifest", 0, OPTION_FLAG, NULL,
      "Print the digest of every file instead, in the form that `xxhsum -c` checks." },
    { "check", 0, OPTION_TEXT, "FILE",
      "Compare with a manifest printed earlier; list the files that differ and exit with 2 if there are "
      "any." },
    { 0 },
};

enum { HEX = DIGEST_HEX - 1, LARGEST_MANIFEST = 256 * 1024 * 1024 };

/* "<32 hex digits>  <path>" a line. */
static bool parse_manifest(const char *path, char *text, Manifest *manifest, Error *err) {
    size_t number = 0;
    for (char *line = text; *line;) {
        number++;
        size_t length = strcspn(line, "\n");
        bool last = line[length] == '\0';
        line[length] = '\0';
        if (length < HEX + 3 || strspn(line, "0123456789abcdef") != HEX ||
            strncmp(line + HEX, "  ", 2) != 0) {
            error_set(err, ERR_FILES, "%s: line %zu is no line of a manifest", path, number);
            return error_hint(err, "write one with `schema-sync hash --manifest`");
        }
        char hex[DIGEST_HEX] = "";
        memcpy(hex, line, HEX);
        manifest_add(manifest, line + HEX + 2, hex);
        line += length + !last;
    }
    manifest_finish(manifest);
    return true;
}

/* "A path" is only in the files, "D path" only in the older manifest, "M path" differs. */
static size_t compare(const Manifest *old, const Manifest *now, Buf *out) {
    size_t differences = 0;
    for (size_t i = 0, j = 0; i < old->count || j < now->count;) {
        int order = i == old->count   ? 1
                    : j == now->count ? -1
                                      : strcmp(old->entries[i].path, now->entries[j].path);
        bool same = order == 0 && strcmp(old->entries[i].hex, now->entries[j].hex) == 0;
        if (!same) {
            differences++;
            buf_printf(out, "%c %s\n",
                       order == 0  ? 'M'
                       : order < 0 ? 'D'
                                   : 'A',
                       order <= 0 ? old->entries[i].path : now->entries[j].path);
        }
        i += order <= 0;
        j += order >= 0;
    }
    return differences;
}

static void print_json(const Config *config, const HashResult *result, const Buf *changes) {
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder object = json_object_builder(&arena);
    report_put_text(&object, "dir", config->state_dir);
    report_put_text(&object, "hash", result->hash);
    JsonObjectBuilder files = json_object_builder(&arena);
    for (size_t i = 0; i < result->manifest.count; i++)
        report_put_text(&files, result->manifest.entries[i].path, result->manifest.entries[i].hex);
    json_object_put(&object, "files", json_object_done(&files));
    if (changes) {
        JsonArrayBuilder list = json_array_builder(&arena);
        for (const char *line = buf_text(changes); *line;) {
            size_t length = strcspn(line, "\n");
            json_array_add(&list, json_string_n(&arena, line, length));
            line += length + 1;
        }
        json_object_put(&object, "changes", json_array_done(&list));
    }
    report_print(&object);
}

static bool check(const Invocation *invocation, const HashResult *result, const char *path, Error *err) {
    AUTO(Buf) text = { 0 };
    AUTO(Buf) changes = { 0 };
    AUTO(Manifest) old = { 0 };
    if (!file_read(path, LARGEST_MANIFEST, &text, NULL, err))
        return false;
    buf_putc(&text, '\0');
    if (!parse_manifest(path, text.data, &old, err))
        return false;
    size_t differences = compare(&old, &result->manifest, &changes);
    if (invocation->json)
        print_json(&invocation->config, result, &changes);
    else if (differences)
        report_put(&changes);
    else
        printf("%s/ matches %s (%s)\n", invocation->config.state_dir, path, result->hash);
    return differences == 0 || error_set(err, ERR_DIFFERENT, "there are differences");
}

static bool run(const Invocation *invocation, Error *err) {
    AUTO(HashResult) result = { 0 };
    if (!sync_hash(&invocation->config, &result, err))
        return false;
    const char *path = option_text(invocation, "check");
    if (path)
        return check(invocation, &result, path, err);
    AUTO(Buf) text = { 0 };
    if (invocation->json) {
        print_json(&invocation->config, &result, NULL);
    } else if (option_given(invocation, "manifest")) {
        manifest_text(&result.manifest, &text);
        report_put(&text);
    } else {
        printf("%s\n", result.hash);
    }
    return true;
}

const CommandRow command_hash = {
    .name = "hash",
    .summary = "content hash of the files",
    .description = "Reads and checks the state files and prints their content hash: XXH3-128 of the "
                   "manifest, which lists the XXH3-128 "
                   "of every file. The marker on an instance holds this hash (together with the settings "
                   "that change what an import does), "
                   "so equal states are recognised without reading them.\n\n"
                   "  schema-sync hash\n"
                   "  schema-sync hash --ref HEAD~2\n"
                   "  schema-sync hash --manifest > state.xxh3\n"
                   "  (cd schema && xxhsum -c ../state.xxh3)\n"
                   "  schema-sync hash --check state.xxh3",
    .arguments = "",
    .options = options,
    .needs = NEED_CONFIG,
    .run = run,
};
