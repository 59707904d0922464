#include <stdio.h>

#include "cli/command.h"
#include "cli/report.h"
#include "sync/sync.h"

static const OptionRow options[] = {
    { "release", 0, OPTION_FLAG, NULL, "Free the lock of an importer that is gone." },
    { "owner", 0, OPTION_TEXT, "ID", "Whose lock to free, as `schema-sync lock` shows it." },
    { 0 },
};

static bool release(const Invocation *invocation, const char *owner, Error *err) {
    if (!owner) {
        error_set(err, ERR_USAGE, "--release needs --owner ID");
        return error_hint(err, "`schema-sync lock` shows who holds it; make sure that importer is gone");
    }
    if (!sync_lock_release(&invocation->config, owner, err))
        return false;
    AUTO(Arena) arena = { 0 };
    if (invocation->json) {
        JsonObjectBuilder object = report_begin(&invocation->config, &arena);
        report_put_text(&object, "released", owner);
        report_print(&object);
    } else {
        printf("the lock of %s is free; the next import completes what it left\n", owner);
    }
    return true;
}

static bool show(const Invocation *invocation, Error *err) {
    AUTO(StatusResult) status = { 0 };
    AUTO(Arena) arena = { 0 };
    if (!sync_lock_status(&invocation->config, &status, err))
        return false;
    const TargetStatus *target = status.targets;
    if (invocation->json) {
        JsonObjectBuilder object = report_begin(&invocation->config, &arena);
        report_put_text(&object, "owner", target->owner);
        report_put_text(&object, "owner_info", target->owner_info);
        report_put_text(&object, "lease_until", target->lease_until);
        json_object_put(&object, "lease_live", json_bool(target->lease_live));
        report_print(&object);
    } else if (target->owner) {
        printf("held by %s\n  %s\n  lease %s %s\n", target->owner,
               target->owner_info ? target->owner_info : "unknown", target->lease_live ? "until" : "ended",
               target->lease_until ? target->lease_until : "unknown");
    } else {
        printf("free\n");
    }
    return true;
}

static bool run(const Invocation *invocation, Error *err) {
    const char *owner = option_text(invocation, "owner");
    if (option_given(invocation, "release"))
        return release(invocation, owner, err);
    if (owner)
        return error_set(err, ERR_USAGE, "--owner goes with --release");
    return show(invocation, err);
}

const CommandRow command_lock = {
    .name = "lock",
    .summary = "who holds the importers' lock",
    .description =
        "Shows who is importing into the target. A lock is a lease: one whose importer died ends by itself "
        "and is taken over "
        "by the next. --release frees it at once, and takes the owner's id so that nobody else's is freed by "
        "mistake.\n\n"
        "  schema-sync --env prod lock\n"
        "  schema-sync --env prod lock --release --owner web-1:4711:5e0c",
    .arguments = "",
    .options = options,
    .needs = NEED_CONFIG | NEED_DATABASE,
    .run = run,
};
