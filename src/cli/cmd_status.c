#include <string.h>

#include "cli/command.h"
#include "cli/drift_report.h"
#include "cli/report.h"
#include "cli/shared_options.h"
#include "sync/sync.h"

static const OptionRow options[] = {
    OPTION_ROW_REF,
    { "drift", 0, OPTION_FLAG, NULL,
      "Also read the instance, and tell what was changed there since the last import from what was changed "
      "in "
      "the files, by comparing both with what the marker says was applied (taken from git). Exits with 2 "
      "when "
      "the instance was changed." },
    { 0 },
};

static void print_json(const Config *config, const StatusResult *status, const DriftResult *drift) {
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder object = report_begin(config, &arena);
    report_put_text(&object, "files_hash", status->files_hash[0] ? status->files_hash : NULL);
    json_object_put(&object, "equal", json_bool(status->equal));
    if (status->marker_known) {
        const struct {
            const char *key, *text;
        } texts[] = { { "state", status->state },
                      { "hash", status->marker_hash },
                      { "commit", status->commit },
                      { "applied_at", status->applied_at },
                      { "owner", status->owner },
                      { "owner_info", status->owner_info },
                      { "lease_until", status->lease_until },
                      { "error", status->error } };
        JsonObjectBuilder marker = json_object_builder(&arena);
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
            report_put_text(&marker, texts[i].key, texts[i].text);
        json_object_put(&marker, "lease_live", json_bool(status->lease_live));
        json_object_put(&object, "marker", json_object_done(&marker));
    } else {
        json_object_put(&object, "marker", json_null());
    }
    if (drift)
        json_object_put(&object, "drift", drift_json(&arena, drift));
    report_print(&object);
}

static void put_marker(const StatusResult *status, Buf *out) {
    if (!status->marker_known) {
        buf_puts(out, "marker    unknown: no database is configured, or the columns are not installed\n");
        return;
    }
    /* The marker's hash covers settings too and says nothing beside the files' own. */
    buf_printf(out, "marker    %s", status->state ? status->state : "clean");
    buf_puts(out, !status->marker_hash ? ", nothing was applied yet"
                  : status->equal      ? " at these files"
                                       : " at other files");
    if (status->commit)
        buf_printf(out, ", commit %.12s", status->commit);
    if (status->applied_at)
        buf_printf(out, ", %s", status->applied_at);
    buf_putc(out, '\n');
    if (status->error)
        buf_printf(out, "error     %s\n", status->error);
    if (status->owner)
        buf_printf(out, "lock      held by %s (%s), lease %s %s\n", status->owner,
                   status->owner_info ? status->owner_info : "unknown",
                   status->lease_live ? "until" : "ended",
                   status->lease_until ? status->lease_until : "unknown");
    else
        buf_puts(out, "lock      free\n");
}

static void put_verdict(const Config *config, const StatusResult *status, Buf *out) {
    if (!status->files_hash[0])
        buf_printf(out, "verdict   %s/ holds no state yet: export first\n", config->state_dir);
    else if (status->marker_known && status->equal)
        buf_puts(out, "verdict   these files were applied; nothing to import\n");
    else if (status->marker_known)
        buf_puts(
            out,
            "verdict   these files were not applied; `schema-sync diff` shows what an import would do\n");
}

static void print_text(const Config *config, const StatusResult *status, const DriftResult *drift) {
    AUTO(Buf) text = { 0 };
    buf_puts(&text, "instance  ");
    if (config->url || *config->environment)
        report_instance(config, &text);
    else
        buf_puts(&text, "not configured");
    buf_puts(&text, "\nfiles     ");
    report_files(config, &text);
    buf_printf(&text, status->files_hash[0] ? " at %s\n" : "%s\n", status->files_hash);
    put_marker(status, &text);
    put_verdict(config, status, &text);
    if (drift)
        drift_put_text(drift, &text);
    report_put(&text);
}

static bool run(const Invocation *invocation, Error *err) {
    const Config *config = &invocation->config;
    AUTO(StatusResult) status = { 0 };
    AUTO(DriftResult) drift = { 0 };
    bool asked = option_given(invocation, "drift");
    if (!sync_status(config, &status, err) || (asked && !sync_drift(config, &drift, err)))
        return false;
    if (invocation->json)
        print_json(config, &status, asked ? &drift : NULL);
    else
        print_text(config, &status, asked ? &drift : NULL);
    return !drift.drifted || error_set(err, ERR_DIFFERENT, "the instance was changed");
}

const CommandRow command_status = {
    .name = "status",
    .summary = "files, marker and lock at a glance",
    .description = "Shows the content hash of the files, what the marker on the instance says was applied, "
                   "and who holds the lock. "
                   "Directus itself is asked only with --drift.\n\n"
                   "  schema-sync --env prod status\n"
                   "  schema-sync --json status | jq -e .equal\n"
                   "  schema-sync --env prod status --drift",
    .arguments = "",
    .options = options,
    .needs = NEED_CONFIG,
    .run = run,
};
