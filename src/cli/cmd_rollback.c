#include <string.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/confirm.h"
#include "cli/plan_report.h"
#include "cli/report.h"
#include "cli/shared_options.h"
#include "model/row_change.h"
#include "sync/rollback.h"

static const OptionRow options[] = {
    { "to", 0, OPTION_TEXT, "REV",
      "The commit to go back to: a tag, a branch, HEAD~2 or a hash. Without it the one whose state was "
      "applied "
      "before; where an import failed, the last one that was applied in full." },
    { "restore", 0, OPTION_TEXT, "DIR",
      "Instead of a commit: put back a backup that an import or a rollback has taken. It holds as well." },
    { "resume", 0, OPTION_FLAG, NULL,
      "End a rollback: what was rolled back is imported again, and nothing holds any more." },
    { "dry-run", 0, OPTION_FLAG, NULL, "Print the plan and write nothing." },
    { "allow-delete", 0, OPTION_FLAG, NULL,
      "Permit what loses data: tables, fields and rows that only the newer state has go with it." },
    OPTION_ROW_ALLOW_VERSION,
    OPTION_ROW_ROWS,
    OPTION_ROW_BACKUP,
    { "wait", 0, OPTION_SECONDS, "SECONDS",
      "How long to wait while an importer works on the target. Without it: as long as that one is alive." },
    { 0 },
};

/* The plan is shown whoever reads: there is no second look at it once it is carried out. */
static bool approve(const Plan *plan, void *context, Error *err) {
    const Invocation *invocation = context;
    AUTO(Buf) text = { 0 };
    if (!invocation->json) {
        plan_print(plan, invocation->color, &text);
        report_put(&text);
    }
    return confirm_protected(invocation, "roll back", err);
}

static void put_command(const Config *config, const char *command, Buf *out) {
    buf_printf(out, "schema-sync %s%s%s%s", *config->environment ? "--env " : "", config->environment,
               *config->environment ? " " : "", command);
}

static bool is_written(const RollbackOptions *request, const RollbackResult *result) {
    const ImportResult *import = &result->import;
    return !request->import.dry_run && !import->nothing_to_do && !import->followed && !import->kept;
}

static void print_json(const Invocation *invocation, const RollbackOptions *request,
                       const RollbackResult *result) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) undo = { 0 };
    bool written = is_written(request, result), holds = written && result->holds;
    JsonObjectBuilder object = report_begin(&invocation->config, &arena);
    put_command(&invocation->config, "rollback --resume", &undo);
    report_put_text(&object, "from", result->from);
    report_put_text(&object, "to", result->to);
    report_put_text(&object, "holds", holds ? result->holds : NULL);
    report_put_text(&object, "undo", holds ? buf_text(&undo) : NULL);
    plan_report_members(&object, &result->import, written);
    report_print(&object);
}

static void print_text(const Invocation *invocation, const RollbackOptions *request,
                       const RollbackResult *result) {
    bool written = is_written(request, result);
    AUTO(Buf) text = { 0 };
    plan_report(invocation, PLAN_TEXT, &result->import, written);
    if (result->import.backup)
        buf_printf(&text, "what was there before is saved in %s\n", result->import.backup);
    if (!written || !result->holds) {
        report_put(&text);
        return;
    }
    buf_printf(&text,
               "it holds: commit %.12s and what came before it do nothing until a newer commit is imported\n"
               "undo it with: ",
               result->holds);
    put_command(&invocation->config, "rollback --resume", &text);
    buf_putc(&text, '\n');
    report_put(&text);
}

static bool run(const Invocation *invocation, Error *err) {
    union {
        const Invocation *in;
        void *out;
    } context = { invocation }; /* approve() does not change it */
    RollbackOptions request = {
        .to = option_text(invocation, "to"),
        .resume = option_given(invocation, "resume"),
        .import = { .dry_run = option_given(invocation, "dry-run"),
                    .allow_delete = option_given(invocation, "allow-delete"),
                    .allow_version = option_given(invocation, "allow-version"),
                    .rows_shown = option_count(invocation, "rows", ROWS_SHOWN),
                    .wait = option_seconds(invocation, "wait", -1),
                    .approve = approve,
                    .approve_context = context.out },
    };
    AUTO(RollbackResult) result = { 0 };
    AUTO(Arena) arena = { 0 };
    request.restore = option_path(invocation, "restore", &arena);
    request.import.backup_dir = option_path(invocation, "backup", &arena);
    if ((request.to != NULL) + (request.restore != NULL) + request.resume > 1) {
        error_set(err, ERR_USAGE, "--to, --restore and --resume cannot stand together");
        return error_hint(err,
                          "each says what the target is to get: a commit, a backup, or what was rolled back");
    }
    if (!sync_rollback(&invocation->config, &request, &result, err))
        return false;
    Invocation shown = *invocation; /* its owner stays the caller's */
    shown.config.ref = result.ref;
    if (invocation->json)
        print_json(&shown, &request, &result);
    else
        print_text(&shown, &request, &result);
    return true;
}

/* Without a work tree the configuration is that commit's, and that of today where it is yet to be found. */
static const char *revision(const Invocation *invocation, Arena *arena) {
    (void)arena;
    const char *to = option_text(invocation, "to");
    return to ? to : "HEAD";
}

const CommandRow command_rollback = {
    .name = "rollback",
    .summary = "back to a commit or tag",
    .description =
        "Brings the instance back to the state of an older commit, read from git's objects: no checkout is "
        "needed, and a bare clone will do. What the newer state changed is as it was again, what only it has "
        "is "
        "deleted, what no state ever owned is left alone. The plan is shown first. Tables, fields and rows "
        "that "
        "come back do so without what was lost when they were deleted.\n\n"
        "A rollback holds: importing the newer commit, or one before it, does nothing from then on, so that "
        "no "
        "restart of the newer image undoes it. It ends when a newer commit is imported (a fix, or a git "
        "revert), or with --resume.\n\n"
        "  schema-sync --env prod rollback --dry-run\n"
        "  schema-sync --env prod rollback\n"
        "  schema-sync --env prod rollback --to v1.2.1\n"
        "  schema-sync --env prod rollback --resume",
    .arguments = "",
    .options = options,
    .needs = NEED_CONFIG | NEED_INSTANCE | NEED_DATABASE,
    .revision = revision,
    .run = run,
};
