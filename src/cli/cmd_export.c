#include "base/log.h"
#include "cli/command.h"
#include "cli/report.h"
#include "model/show.h"
#include "sync/sync.h"

static const OptionRow options[] = {
    { "only", 0, OPTION_TEXT, "LIST",
      "Only these parts, separated by commas: sections (collections, folders, access, settings, "
      "translations, "
      "presets, dashboards, flows), a type of theirs (roles, permissions …) or chosen collections. Files of "
      "other parts "
      "stay as they are." },
    { "check", 0, OPTION_FLAG, NULL,
      "Write nothing; list the files that would change and exit with 2 if there are any." },
    { "merge", 0, OPTION_FLAG, NULL,
      "When the files have moved on since this instance last saw them, write only what changed on the "
      "instance "
      "since, by record and field. What was changed differently on both sides is refused (76), nothing is "
      "written." },
    { "overwrite", 0, OPTION_FLAG, NULL,
      "Write even when the files have moved on since this instance last saw them: their changes are then "
      "undone." },
    { "commit", 0, OPTION_MAYBE, "MSG",
      "Then commit the state folder as it stands, and nothing else: other staged work stays staged. Without "
      "MSG the message says what changed. Nothing to commit is success." },
    { 0 },
};

static Json commit_json(Arena *arena, const CommitResult *commit) {
    JsonObjectBuilder object = json_object_builder(arena);
    json_object_put(&object, "made", json_bool(commit->made));
    report_put_text(&object, "id", *commit->id ? commit->id : NULL);
    report_put_text(&object, "branch", commit->detached ? NULL : buf_text(&commit->branch));
    report_put_count(&object, "files", commit->files);
    report_put_text(&object, "subject", commit->made ? buf_text(&commit->subject) : NULL);
    return json_object_done(&object);
}

static void print_json(const Config *config, const ExportOptions *request, const ExportResult *result) {
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder object = report_begin(config, &arena);
    report_put_text(&object, "hash", result->hash);
    report_put_count(&object, "files", result->files);
    report_put_count(&object, "records", result->records);
    report_put_count(&object, "rows", result->rows);
    report_put_count(&object, "written", result->written);
    report_put_count(&object, "removed", result->removed);
    report_put_count(&object, "requests", result->requests);
    json_object_put(&object, "check", json_bool(request->check));
    if (request->commit)
        json_object_put(&object, "commit", commit_json(&arena, &result->commit));
    report_print(&object);
}

static void put_commit(const CommitResult *commit, Buf *out) {
    if (!commit->made) {
        buf_puts(out, "nothing to commit\n");
        return;
    }
    buf_printf(out, "commit %.12s", commit->id);
    if (!commit->detached) {
        buf_puts(out, " on ");
        show_name(out, buf_text(&commit->branch));
    }
    buf_puts(out, ": ");
    show_message(out, buf_text(&commit->subject));
    buf_putc(out, '\n');
}

/* "dev — http://… → schema/: 124 records, 2000 rows; 3 files written, 0 removed, hash 1a2b3c4d…" */
static void print_text(const Config *config, const ExportOptions *request, const ExportResult *result) {
    AUTO(Buf) text = { 0 };
    bool same = result->written + result->removed == 0;
    if (request->check && result->changes.length)
        buf_puts(&text, buf_text(&result->changes));
    report_instance(config, &text);
    if (same || request->check) {
        buf_puts(&text, same ? " matches " : " differs from ");
        report_files(config, &text);
        buf_puts(&text, " (");
        report_hash(result->hash, &text);
        buf_puts(&text, same ? "); nothing to write\n" : "): ");
    } else {
        buf_puts(&text, " → ");
        report_files(config, &text);
        buf_puts(&text, ": ");
        report_count(result->records, "record", "records", &text);
        buf_puts(&text, ", ");
        report_count(result->rows, "row", "rows", &text);
        buf_puts(&text, "; ");
    }
    if (!same) {
        report_count(result->written, "file", "files", &text);
        buf_printf(&text, request->check ? " to write, %zu to remove\n" : " written, %zu removed, hash ",
                   result->removed);
        if (!request->check)
            buf_printf(&text, "%s\n", result->hash);
    }
    if (request->commit)
        put_commit(&result->commit, &text);
    report_put(&text);
}

static bool run(const Invocation *invocation, Error *err) {
    ExportOptions request = {
        .only = option_text(invocation, "only"),
        .check = option_given(invocation, "check"),
        .merge = option_given(invocation, "merge"),
        .commit = option_given(invocation, "commit"),
        .overwrite = option_given(invocation, "overwrite"),
    };
    if (request.merge && request.overwrite) {
        error_set(err, ERR_USAGE, "--merge and --overwrite exclude each other");
        return error_hint(err, "--merge keeps what changed in the files, --overwrite undoes it");
    }
    if (request.check && request.commit) {
        error_set(err, ERR_USAGE, "--check and --commit exclude each other");
        return error_hint(err, "--check writes nothing, so there is nothing to commit");
    }
    const char *message = option_text(invocation, "commit");
    request.message = message && *message ? message : NULL;
    AUTO(ExportResult) result = { 0 };
    if (!sync_export(&invocation->config, &request, &result, err))
        return false;
    if (result.behind && !request.check)
        log_say(LOG_NOTE, "the files have what the instance has not: `schema-sync import` brings it there");
    (invocation->json ? print_json : print_text)(&invocation->config, &request, &result);
    if (request.check && result.written + result.removed > 0)
        return error_set(err, ERR_DIFFERENT, "there are differences");
    return true;
}

const CommandRow command_export = {
    .name = "export",
    .summary = "instance → files",
    .description =
        "Reads the instance's schema, its configuration (roles, policies, permissions, flows, dashboards, "
        "presets, "
        "translations, folders, settings) and the rows of the collections chosen in schema-sync.json, and "
        "writes them "
        "into the state folder. The same state always gives the same bytes, so git shows what changed and "
        "nothing "
        "else. Nothing is written to the instance but the marker that says which state it last saw.\n\n"
        "Users and what belongs to one instance alone are never written, and secrets never in clear: where "
        "one "
        "would be, nothing "
        "is written (77), and each place is named with the line that mends it. An instance that is older "
        "than the "
        "files is refused (76): import first, so that a colleague's work is not undone, or --merge.\n\n"
        "  schema-sync export && git diff --stat schema\n"
        "  schema-sync export --check            # in CI: are the files up to date?\n"
        "  schema-sync export --only flows,posts\n"
        "  schema-sync export --commit           # with a message of what changed",
    .arguments = "",
    .options = options,
    .needs = NEED_CONFIG | NEED_INSTANCE,
    .run = run,
};
