#include "cli/command.h"
#include "cli/confirm.h"
#include "cli/plan_report.h"
#include "cli/shared_options.h"
#include "model/row_change.h"
#include "sync/plan_file.h"

static const OptionRow options[] = {
    OPTION_ROW_REF,
    OPTION_ROW_MODE,
    OPTION_ROW_ONLY,
    { "dry-run", 0, OPTION_FLAG, NULL, "Print the plan and write nothing." },
    OPTION_ROW_ROWS,
    { "plan", 0, OPTION_TEXT, "FILE",
      "Apply exactly the plan that `schema-sync diff --out FILE` saved, or nothing. Mode and parts are the "
      "plan's." },
    { "allow-delete", 0, OPTION_FLAG, NULL,
      "Permit what loses data: dropping tables and fields, deleting rows, deleting roles and policies that "
      "users hold. "
      "Without it such an import is refused before its first write." },
    OPTION_ROW_ALLOW_VERSION,
    { "allow-diverged", 0, OPTION_FLAG, NULL,
      "Go on when git history does not say that these files come after the target's state." },
    { "if-newer", 0, OPTION_CHOICE, "fail|ok",
      "What a target with a newer state means: fail (the default) exits with 76, ok with 0. Nothing is "
      "imported "
      "in either case." },
    { "resume", 0, OPTION_FLAG, NULL, "Import although a rollback of the target holds." },
    OPTION_ROW_BACKUP,
    { "rollback-on-failure", 0, OPTION_FLAG, NULL,
      "When the import fails after it has begun to write, put back what was there before: takes a backup "
      "first. The exit status stays the failure's." },
    OPTION_ROW_AGAIN,
    { "wait", 0, OPTION_SECONDS, "SECONDS",
      "How long to wait while another importer works on the target. Without it: as long as that one is "
      "alive." },
    { "marker", 0, OPTION_CHOICE, "sql|none",
      "sql (the default) keeps marker and lock in the target's database; none goes on without a database: "
      "every run compares "
      "everything, and nothing keeps two importers apart." },
    { 0 },
};

/* What a plan was made with is part of it. */
static bool refuse_beside_plan(const Invocation *invocation, Error *err) {
    static const char *const fixed[] = { "mode", "only", "again", "allow-version" };
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        if (!option_given(invocation, fixed[i]))
            continue;
        error_set(err, ERR_USAGE, "--%s cannot stand beside --plan", fixed[i]);
        return error_hint(err,
                          "the plan was made with or without it: make another one with `schema-sync diff`");
    }
    return true;
}

/* The import that the plan was made for. `config` is a copy whose scope may be changed. */
static bool take_plan(const Invocation *invocation, SavedPlan *saved, Config *config, ImportOptions *request,
                      Error *err) {
    const char *path = option_text(invocation, "plan");
    Mode mode;
    if (!path)
        return true;
    if (!refuse_beside_plan(invocation, err) || !plan_file_read(path, saved, err))
        return false;
    if (!str_equal(saved->ref, config->ref)) { /* the configuration is that commit's, too */
        error_set(err, ERR_USAGE, "%s was made %s%s", path, saved->ref ? "with --ref " : "without --ref",
                  saved->ref ? saved->ref : "");
        return error_hint(err, "import with the same, or save the plan anew");
    }
    if (saved->mode && mode_parse(saved->mode, &mode))
        scope_force_mode(&config->scope, mode, &saved->arena);
    request->saved = saved;
    request->only = saved->only;
    request->again = saved->again;
    request->allow_version = saved->allow_version;
    return true;
}

static bool run(const Invocation *invocation, Error *err) {
    AUTO(SavedPlan) saved = { 0 };
    Config config = invocation->config; /* its owner stays the invocation */
    ImportOptions request = {
        .only = option_text(invocation, "only"),
        .dry_run = option_given(invocation, "dry-run"),
        .allow_delete = option_given(invocation, "allow-delete") || invocation->config.allow_delete,
        .allow_version = option_given(invocation, "allow-version"),
        .allow_diverged = option_given(invocation, "allow-diverged"),
        .newer_is_fine = str_equal(option_text(invocation, "if-newer"), "ok"),
        .resume = option_given(invocation, "resume"),
        .again = option_given(invocation, "again"),
        .rollback_on_failure = option_given(invocation, "rollback-on-failure"),
        .wait = option_seconds(invocation, "wait", -1),
    };
    if (request.dry_run || invocation->json) /* only then is the plan printed */
        request.rows_shown = option_count(invocation, "rows", ROWS_SHOWN);
    AUTO(ImportResult) result = { 0 };
    AUTO(Arena) arena = { 0 };
    request.backup_dir = option_path(invocation, "backup", &arena);
    if (!take_plan(invocation, &saved, &config, &request, err) ||
        !(request.dry_run || confirm_protected(invocation, "import into", err)) ||
        !sync_import(&config, &request, &result, err))
        return false;
    plan_report(invocation, invocation->json ? PLAN_JSON : PLAN_TEXT, &result, !request.dry_run);
    return true;
}

const CommandRow command_import = {
    .name = "import",
    .summary = "files → instance",
    .description = "Brings the instance to the state of the files. A marker in the target's database says "
                   "which state was "
                   "applied last: when it names these files there is nothing to do, and Directus is not "
                   "asked. Otherwise the parts that "
                   "differ are read, a plan is made, and only what differs is written; what was written is "
                   "read back, and the marker is "
                   "set. Only one importer works on a target at a time; others wait and see its result. A "
                   "run that fails leaves a target "
                   "that the next run completes.\n\n"
                   "Records keep their ids; what the target has under another id but the same name is "
                   "adopted. The Administrator's role "
                   "and policy are matched, never duplicated and never locked out. What only the target has "
                   "is left alone in "
                   "modes add and merge.\n\n"
                   "  schema-sync import --dry-run\n"
                   "  schema-sync --env prod import --plan prod.plan\n"
                   "  schema-sync --env prod import\n"
                   "  schema-sync --env prod import --ref v1.2.2   # without a checkout\n"
                   "  schema-sync --env staging import --mode mirror --allow-delete",
    .arguments = "",
    .options = options,
    .needs = NEED_CONFIG | NEED_INSTANCE, /* a dry run can do without a database */
    .run = run,
};
