#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/report.h"
#include "sync/merge_file.h"

static const OptionRow options[] = {
    { "marker-size", 0, OPTION_TEXT, "N", "Length of a conflict's marks (git's %L), 7 when not given." },
    { "ours", 0, OPTION_TEXT, "LABEL", "What our side is called in a conflict (git's %X)." },
    { "theirs", 0, OPTION_TEXT, "LABEL", "What their side is called in a conflict (git's %Y)." },
    { 0 },
};

enum { MARK_SIZE = 7, LARGEST_MARK = 1000 };

/* git before 2.44 knows no labels, and leaves "%X" as it is. */
static const char *label_of(const Invocation *invocation, const char *option, const char *otherwise) {
    const char *text = option_text(invocation, option);
    return text && *text && *text != '%' && !strchr(text, '\n') ? text : otherwise;
}

static bool mark_size(const Invocation *invocation, size_t *size, Error *err) {
    const char *text = option_text(invocation, "marker-size");
    char *end = NULL;
    long number = text ? strtol(text, &end, 10) : MARK_SIZE;
    *size = (size_t)number;
    if (!text || (end != text && !*end && number >= 1 && number <= LARGEST_MARK))
        return true;
    error_set(err, ERR_USAGE, "--marker-size %s is no length", text);
    return error_hint(err, "git gives it as %%L; 7 is usual");
}

static void talk(const char *path, const MergeFileResult *result) {
    if (result->by_line && *result->why.message)
        log_say(LOG_NOTE, "%s: merged by line as git does: %s", path, result->why.message);
    for (const char *line = buf_text(&result->places); *line;) {
        size_t length = strcspn(line, "\n");
        log_say(LOG_NOTE, "%s: conflict: %.*s", path, (int)length, line);
        line += length + (line[length] != '\0');
    }
}

static void print_json(const char *path, const MergeFileResult *result) {
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder object = json_object_builder(&arena);
    report_put_text(&object, "path", path);
    report_put_text(&object, "by", result->by_line ? "line" : "record");
    report_put_text(&object, "why", *result->why.message ? result->why.message : NULL);
    json_object_put(&object, "clean", json_bool(!result->conflicts));
    report_print(&object);
}

static bool run(const Invocation *invocation, Error *err) {
    const char *const *arguments = invocation->arguments;
    if (invocation->argument_count < 3) {
        error_set(err, ERR_USAGE, "merge-file needs three files");
        return error_hint(err,
                          "schema-sync merge-file BASE OURS THEIRS [PATH]: the merge is written to OURS");
    }
    MergeFileOptions request = {
        .base = arguments[0],
        .ours = arguments[1],
        .theirs = arguments[2],
        .path = invocation->argument_count > 3 ? arguments[3] : arguments[1],
        .marks = { .ours = label_of(invocation, "ours", "ours"),
                   .theirs = label_of(invocation, "theirs", "theirs") },
    };
    AUTO(MergeFileResult) result = { 0 };
    if (!mark_size(invocation, &request.marks.size, err) || !sync_merge_file(&request, &result, err))
        return false;
    talk(request.path, &result);
    if (invocation->json)
        print_json(request.path, &result);
    if (!result.conflicts)
        return true;
    err->kind = ERR_CONFLICT; /* told: the file has the marks */
    return false;
}

const CommandRow command_merge_file = {
    .name = "merge-file",
    .summary = "what git's merge driver calls",
    .description =
        "Merges one state file by record and field: two branches that add permissions to one policy, append "
        "rows to one data file or edit different options of one flow merge without a conflict. BASE is what "
        "both sides come from, the result replaces OURS; PATH is the file's name in the repository. "
        "`schema-sync init` sets git up to call it for every merge, rebase, cherry-pick and stash.\n\n"
        "What both sides changed differently stands in the file in both versions, between the usual marks, "
        "around the members and records in question only; the exit status is then 1, and import refuses the "
        "file until it is settled. Files that are not of the state, or that one side has broken, are merged "
        "by line as git does it.\n\n"
        "  git merge feature                                     # calls it\n"
        "  schema-sync merge-file base ours theirs schema/roles/editor.json",
    .arguments = "BASE OURS THEIRS [PATH]",
    .options = options,
    .run = run,
};
