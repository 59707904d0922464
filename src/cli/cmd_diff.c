#include "cli/command.h"
#include "cli/plan_report.h"
#include "cli/shared_options.h"
#include "sync/sync.h"

static const OptionRow options[] = {
    OPTION_ROW_MODE, OPTION_ROW_ONLY, OPTION_ROW_ALLOW_VERSION, OPTION_ROW_AGAIN, { 0 }
};

static bool run(const Invocation *invocation, Error *err) {
    ImportOptions request = {
        .only = option_text(invocation, "only"),
        .dry_run = true,
        .allow_delete = true, /* shown, not done: the plan marks what import would ask permission for */
        .allow_version = option_given(invocation, "allow-version"),
        .again = option_given(invocation, "again"),
    };
    AUTO(ImportResult) result = { 0 };
    if (!sync_import(&invocation->config, &request, &result, err))
        return false;
    plan_report(invocation, &result, false);
    if (result.nothing_to_do || plan_is_empty(&result.plan))
        return true;
    return error_set(err, ERR_DIFFERENT, "there are differences");
}

const CommandRow command_diff = {
    .name = "diff",
    .summary = "what import would do",
    .description = "Prints the plan of an import, one line a change with the fields that change, and writes "
                   "nothing. Exits with 0 "
                   "when there is nothing to do and with 2 when there is.\n\n"
                   "  schema-sync diff\n"
                   "  schema-sync --env prod diff --again      # changes made by hand on prod, too\n"
                   "  schema-sync --json diff | jq .plan",
    .arguments = "",
    .options = options,
    .needs = NEED_CONFIG | NEED_INSTANCE,
    .run = run,
};
