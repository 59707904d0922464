#include "base/log.h"
#include "cli/command.h"
#include "cli/plan_report.h"
#include "cli/shared_options.h"
#include "model/row_change.h"
#include "sync/plan_file.h"

static const OptionRow options[] = {
    OPTION_ROW_REF,
    OPTION_ROW_MODE,
    OPTION_ROW_ONLY,
    { "format", 0, OPTION_CHOICE, "text|json|markdown",
      "text (the default) is for people, json is what --json prints, markdown fits a pull request's "
      "comment." },
    { "out", 0, OPTION_TEXT, "FILE",
      "Also save the plan, for `schema-sync import --plan FILE`. The file holds no secret." },
    OPTION_ROW_ROWS,
    OPTION_ROW_ALLOW_VERSION,
    OPTION_ROW_AGAIN,
    { 0 }
};

static bool save(const Invocation *invocation, const ImportOptions *request, const ImportResult *result,
                 Error *err) {
    const char *path = option_text(invocation, "out");
    if (!path)
        return true;
    if (!plan_file_write(path, &invocation->config, option_text(invocation, "mode"), request, result, err))
        return false;
    AUTO(Arena) arena = { 0 };
    const char *environment = invocation->config.environment, *ref = option_text(invocation, "ref");
    log_say(LOG_NOTE, "the plan is saved in %s: `schema-sync %s%s%simport --plan %s%s%s` applies it", path,
            *environment ? "--env " : "", environment, *environment ? " " : "", str_shell_word(&arena, path),
            ref ? " --ref " : "", ref ? str_shell_word(&arena, ref) : "");
    return true;
}

static bool choose_format(const Invocation *invocation, PlanFormat *format, Error *err) {
    const char *text = option_text(invocation, "format");
    *format = invocation->json || str_equal(text, "json") ? PLAN_JSON
              : str_equal(text, "markdown")               ? PLAN_MARKDOWN
                                                          : PLAN_TEXT;
    if (!invocation->json || !text || str_equal(text, "json"))
        return true;
    error_set(err, ERR_USAGE, "--json and --format %s cannot stand together", text);
    return error_hint(err, "leave one of them out");
}

static bool differences(bool any, Error *err) {
    return !any || error_set(err, ERR_DIFFERENT, "there are differences");
}

/* ---- two states ---- */

static bool refuse_options(const Invocation *invocation, Error *err) {
    static const char *const of_an_import[] = { "ref", "mode", "out", "allow-version", "again" };
    for (size_t i = 0; i < sizeof of_an_import / sizeof *of_an_import; i++) {
        if (!option_given(invocation, of_an_import[i]))
            continue;
        error_set(err, ERR_USAGE, "--%s says nothing of two commits", of_an_import[i]);
        return error_hint(err, "leave it out, or leave out %s: then the files are compared with the instance",
                          invocation->arguments[0]);
    }
    return true;
}

static bool run_states(const Invocation *invocation, PlanFormat format, Error *err) {
    AUTO(RevisionComparison) result = { 0 };
    if (!refuse_options(invocation, err) ||
        !compare_revisions(&invocation->config, invocation->arguments[0], option_text(invocation, "only"),
                           option_count(invocation, "rows", ROWS_SHOWN), &result, err))
        return false;
    plan_report_states(invocation, format, &result);
    return differences(comparison_differs(&result.comparison), err);
}

static const char *revision(const Invocation *invocation, Arena *arena) {
    return invocation->argument_count ? revision_newest(arena, invocation->arguments[0]) : NULL;
}

/* ---- the whole ---- */

static bool run(const Invocation *invocation, Error *err) {
    PlanFormat format;
    if (!choose_format(invocation, &format, err))
        return false;
    if (invocation->argument_count)
        return run_states(invocation, format, err);
    if (!config_need_instance(&invocation->config, err))
        return false;
    ImportOptions request = {
        .only = option_text(invocation, "only"),
        .dry_run = true,
        .allow_delete = true, /* shown, not done: the plan marks what import would ask permission for */
        .allow_version = option_given(invocation, "allow-version"),
        .again = option_given(invocation, "again"),
        .row_digests = option_given(invocation, "out"),
        .rows_shown = option_count(invocation, "rows", ROWS_SHOWN),
    };
    AUTO(ImportResult) result = { 0 };
    if (!sync_import(&invocation->config, &request, &result, err) ||
        !save(invocation, &request, &result, err))
        return false;
    plan_report(invocation, format, &result, false);
    return differences(!result.nothing_to_do && !plan_is_empty(&result.plan), err);
}

const CommandRow command_diff = {
    .name = "diff",
    .summary = "what import would do; what differs between two commits",
    .description =
        "Prints the plan of an import and writes nothing: what is new (+), what changes (~) with old and "
        "new values, what goes (-) and what is lost with it (!), what is adopted or left alone (=). "
        "Exits with 0 when there is nothing to do and with 2 when there is.\n\n"
        "With a REV the state of that commit is compared with the files as they stand, and with A..B the "
        "states of two commits (A...B: B and the commit where it left A; A.. is A..HEAD), as git does. No "
        "instance is asked then, all that differs is listed whatever the mode, and placeholders stay "
        "placeholders.\n\n"
        "With --out the plan is saved. `import --plan` makes the plan anew, and applies it only if it "
        "is the saved one: otherwise it writes nothing, exits with 76 and says whether the target, the "
        "files or the configuration have moved on.\n\n"
        "Rows of chosen collections are shown like records: of changed ones each field with its old and new "
        "value, of new and deleted ones the key and the first fields. Texts declared as secrets are not "
        "shown.\n\n"
        "  schema-sync diff\n"
        "  schema-sync --env prod diff --ref v1.2.2\n"
        "  schema-sync --env prod diff --again      # changes made by hand on prod, too\n"
        "  schema-sync diff --only posts --rows all\n"
        "  schema-sync --json diff | jq .plan\n"
        "  schema-sync diff --format markdown > comment.md\n"
        "  schema-sync --env prod diff --out prod.plan\n"
        "  schema-sync --env prod import --plan prod.plan\n"
        "  schema-sync diff HEAD                    # what is not committed yet\n"
        "  schema-sync diff v1.2.2..main",
    .arguments = "[REV|A..B]",
    .options = options,
    .needs = NEED_CONFIG,
    .revision = revision,
    .run = run,
};
