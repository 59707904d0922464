#include "sync/doctor.h"

#include "cli/command.h"
#include "cli/report.h"
#include "cli/shared_options.h"

static const OptionRow options[] = { OPTION_ROW_ALLOW_VERSION, { 0 } };

static const struct {
    const char *name, *color;
} levels[] = {
    [FINDING_OK] = { "ok", "\033[32m" },
    [FINDING_WARNING] = { "warning", "\033[33m" },
    [FINDING_BLOCKER] = { "blocker", "\033[31m" },
};

/* A server's words may hold anything: each finding is one line. */
static void put_line(Buf *out, const char *text) {
    for (; *text; text++)
        buf_putc(out, (unsigned char)*text < 0x20 || *text == 0x7F ? ' ' : *text);
    buf_putc(out, '\n');
}

static void put_finding(const Finding *finding, bool color, Buf *out) {
    const char *name = levels[finding->level].name;
    buf_printf(out, "%s%-8s%s %-11s ", color ? levels[finding->level].color : "", name,
               color ? "\033[0m" : "", finding->check);
    put_line(out, finding->text);
    if (finding->mend) {
        buf_printf(out, "%21s→ ", "");
        put_line(out, finding->mend);
    }
}

static void put_verdict(const Config *config, const DoctorResult *result, Buf *out) {
    report_instance(config, out);
    buf_puts(out, ": ");
    if (result->blockers)
        report_count(result->blockers, "blocker", "blockers", out);
    else
        buf_puts(out, "nothing stands in the way of an import");
    if (result->warnings) {
        buf_puts(out, ", ");
        report_count(result->warnings, "warning", "warnings", out);
    }
    buf_putc(out, '\n');
}

static Json finding_json(Arena *arena, const Finding *finding) {
    JsonObjectBuilder object = json_object_builder(arena);
    report_put_text(&object, "check", finding->check);
    report_put_text(&object, "level", levels[finding->level].name);
    report_put_text(&object, "text", finding->text);
    report_put_text(&object, "mend", finding->mend);
    json_object_put(&object, "status", json_number((double)finding->kind));
    return json_object_done(&object);
}

static void print_json(const Config *config, const DoctorResult *result) {
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder object = report_begin(config, &arena);
    JsonArrayBuilder findings = json_array_builder(&arena);
    for (size_t i = 0; i < result->count; i++)
        json_array_add(&findings, finding_json(&arena, &result->findings[i]));
    json_object_put(&object, "findings", json_array_done(&findings));
    report_put_count(&object, "blockers", result->blockers);
    report_put_count(&object, "warnings", result->warnings);
    report_put_count(&object, "requests", result->requests);
    report_print(&object);
}

static bool run(const Invocation *invocation, Error *err) {
    AUTO(DoctorResult) result = { 0 };
    sync_doctor(&invocation->config, option_given(invocation, "allow-version"), &result);
    if (invocation->json) {
        print_json(&invocation->config, &result);
    } else {
        AUTO(Buf) text = { 0 };
        for (size_t i = 0; i < result.count; i++)
            put_finding(&result.findings[i], invocation->color, &text);
        put_verdict(&invocation->config, &result, &text);
        report_put(&text);
    }
    /* Without a message: the lines above say it. */
    return result.blockers == 0 || error_set(err, result.worst, "%s", "");
}

const CommandRow command_doctor = {
    .name = "doctor",
    .summary = "what an import would stumble over",
    .description =
        "Checks configuration, files, git, disk, database, marker, lock, instance, rights, versions, "
        "licence, extensions, limits, caches and clocks, and says of each whether it is ok, a "
        "warning or a blocker, and what to do about it. Nothing is written. Without files only "
        "the instance is checked; without a database its line says what cannot be told. Exits with "
        "0, or with the status an import would end with at the first blocker.\n\n"
        "  schema-sync --env prod doctor\n"
        "  schema-sync --json doctor | jq '.findings[] | select(.level != \"ok\")'",
    .arguments = "",
    .options = options,
    .needs = NEED_CONFIG,
    .run = run,
};
