#include "cli/command.h"
#include "cli/report.h"
#include "cli/shared_options.h"
#include "model/canon.h"
#include "model/show.h"
#include "sync/show.h"

static const OptionRow options[] = { OPTION_ROW_REF, { 0 } };

static const char *revision(const Invocation *invocation, Arena *arena) {
    const char *name;
    return invocation->argument_count && !option_given(invocation, "ref")
               ? show_revision(arena, invocation->arguments[0], &name)
               : NULL;
}

static void print_json(const ShowResult *result) {
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder object = json_object_builder(&arena);
    report_put_text(&object, "from", result->from);
    report_put_text(&object, "file", result->file);
    report_put_text(&object, "type", result->kind);
    report_put_text(&object, "id", result->id);
    report_put_text(&object, "label", result->label);
    json_object_put(&object, "record", result->record);
    report_print(&object);
}

static void print_record(const ShowResult *result) {
    AUTO(Buf) text = { 0 };
    AUTO(Buf) shown = { 0 };
    canon_pretty(&text, &result->record);
    show_json(&shown, &text);
    buf_putc(&shown, '\n');
    report_put(&shown);
}

static bool run(const Invocation *invocation, Error *err) {
    AUTO(ShowResult) result = { 0 };
    if (!sync_show(&invocation->config, invocation->arguments[0], &result, err))
        return false;
    if (invocation->json)
        print_json(&result);
    else
        print_record(&result);
    return true;
}

const CommandRow command_show = {
    .name = "show",
    .summary = "one record of the files or of a commit",
    .description =
        "Prints one record as canonical JSON, with what stands in it: a flow with its operations, a "
        "collection with its fields and relations. With REV: in front it is read from that commit, "
        "without a checkout; else from the files as they stand. No instance is asked; placeholders "
        "stay placeholders.\n\n"
        "Records are named as for rm: by kind and id, name or key; a field as collection.field; a "
        "collection alone; settings; a row of a chosen collection by its key. --json adds where it "
        "was found.\n\n"
        "  schema-sync show posts.title\n"
        "  schema-sync show v1.2.2:flow/Notify\n"
        "  schema-sync show HEAD~3:data/posts/hello-world\n"
        "  diff <(schema-sync show v1:settings) <(schema-sync show settings)",
    .arguments = "RECORD",
    .options = options,
    .needs = NEED_CONFIG,
    .revision = revision,
    .run = run,
};
