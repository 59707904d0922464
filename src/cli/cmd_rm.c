#include "cli/command.h"
#include "cli/report.h"
#include "model/canon.h"
#include "sync/sync.h"

static const OptionRow options[] = {
    { "dry-run", 0, OPTION_FLAG, NULL, "List what would go and what depends on it, and write nothing." },
    { 0 },
};

static Json texts_json(Arena *arena, const char *const *texts, size_t count) {
    JsonArrayBuilder list = json_array_builder(arena);
    for (size_t i = 0; i < count; i++)
        json_array_add(&list, json_string(arena, texts[i]));
    return json_array_done(&list);
}

static void print_json(const Config *config, const RemoveResult *result) {
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder object = report_begin(config, &arena);
    report_put_text(&object, "what", result->what);
    json_object_put(&object, "line", result->line);
    json_object_put(&object, "along", texts_json(&arena, result->along, result->along_count));
    json_object_put(&object, "mentions", texts_json(&arena, result->mentions, result->mention_count));
    report_put_count(&object, "written", result->written);
    report_put_count(&object, "removed", result->removed);
    report_put_text(&object, "hash", result->hash[0] ? result->hash : NULL);
    report_print(&object);
}

static void print_text(const Config *config, const RemoveResult *result, bool dry_run) {
    AUTO(Buf) text = { 0 };
    for (size_t i = 0; i < result->mention_count; i++)
        buf_printf(&text, "! mentioned by %s: left as it is\n", result->mentions[i]);
    buf_printf(&text, "- %s\n", result->what);
    for (size_t i = 0; i < result->along_count; i++)
        buf_printf(&text, "  - %s\n", result->along[i]);
    report_files(config, &text);
    buf_puts(&text, dry_run ? ": would be named in removed.jsonl: " : ": named in removed.jsonl: ");
    canon_compact(&text, &result->line);
    buf_puts(&text, "; ");
    report_count(result->written, "file", "files", &text);
    buf_printf(&text, dry_run ? " to write, %zu to remove\n" : " written, %zu removed\n", result->removed);
    report_put(&text);
}

static bool run(const Invocation *invocation, Error *err) {
    bool dry_run = option_given(invocation, "dry-run");
    AUTO(RemoveResult) result = { 0 };
    if (invocation->argument_count != 1) {
        error_set(err, ERR_USAGE, "rm takes one record");
        return error_hint(err, "for example `schema-sync rm flow/Notify`");
    }
    if (!sync_remove(&invocation->config, invocation->arguments[0], dry_run, &result, err))
        return false;
    if (invocation->json)
        print_json(&invocation->config, &result);
    else
        print_text(&invocation->config, &result, dry_run);
    return true;
}

const CommandRow command_rm = {
    .name = "rm",
    .summary = "delete something on purpose, everywhere",
    .description = "Takes one record out of the files, with what stands in it, and adds a line to "
                   "removed.jsonl, so that imports "
                   "delete it on their targets. (Taking a file away by hand deletes nothing there.) What "
                   "else mentions it, rows too, is "
                   "listed and left as it is; where something would then refer to nothing, nothing is done "
                   "(77). No instance is "
                   "asked; git brings it back.\n\n"
                   "A record is named by its kind and its id, name or key; a field as collection.field; a "
                   "collection alone; a row by "
                   "its primary key or the key that the configuration gives it.\n\n"
                   "  schema-sync rm flow/Notify\n"
                   "  schema-sync rm posts.title\n"
                   "  schema-sync rm data/posts/hello-world",
    .arguments = "RECORD",
    .options = options,
    .needs = NEED_CONFIG,
    .run = run,
};
