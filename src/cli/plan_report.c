#include "cli/plan_report.h"

#include <inttypes.h>

#include "base/log.h"
#include "cli/report.h"

/* "3 created, 1 updated, 0 deleted, 2 renamed; rows: 2000 created, 0 updated, 0 deleted" */
static void put_counts(const Plan *plan, Buf *out) {
    static const char *const words[] = { "created", "updated", "deleted" };
    uint64_t all_rows = 0;
    for (ChangeKind kind = CHANGE_CREATE; kind <= CHANGE_DELETE; kind++) {
        uint64_t rows = plan_count_rows(plan, kind);
        buf_printf(out, "%s%zu %s", kind ? ", " : "", plan_count(plan, kind), words[kind]);
        all_rows += rows;
    }
    if (plan->renames.count)
        buf_printf(out, ", %zu renamed", plan->renames.count);
    for (ChangeKind kind = CHANGE_CREATE; all_rows && kind <= CHANGE_DELETE; kind++)
        buf_printf(out, "%s%" PRIu64 " %s", kind ? ", " : "; rows: ", plan_count_rows(plan, kind),
                   words[kind]);
}

static bool is_nothing(const ImportResult *result) {
    return result->nothing_to_do || result->followed || result->kept || plan_is_empty(&result->plan);
}

static void put_verdict(const Config *config, const ImportResult *result, bool written, Buf *out) {
    report_instance(config, out);
    buf_puts(out, result->kept         ? " keeps its state, not that of "
                  : is_nothing(result) ? " matches "
                  : written            ? " ← "
                                       : " differs from ");
    report_files(config, out);
    if (result->files_hash[0]) {
        buf_puts(out, " (");
        report_hash(result->files_hash, out);
        buf_putc(out, ')');
    }
    if (is_nothing(result)) {
        buf_puts(out, result->followed ? "; another importer brought it there"
                      : result->kept   ? "; nothing was imported"
                                       : "; nothing to do");
    } else if (written) {
        buf_puts(out, ": ");
        put_counts(&result->plan, out);
    } else if (result->plan.loss_count) {
        buf_puts(out, "; what is marked ! needs --allow-delete");
    }
    buf_putc(out, '\n');
}

/* What is left alone is always said: in the plan, or beside the verdict. */
static void print_text(const Invocation *invocation, const ImportResult *result, bool written) {
    AUTO(Buf) text = { 0 };
    bool show = !written && !is_nothing(result);
    if (show)
        plan_print(&result->plan, invocation->color, &text);
    put_verdict(&invocation->config, result, written, &text);
    report_put(&text);
    for (size_t i = 0; !show && i < result->plan.note_count; i++)
        log_say(LOG_NOTE, "%s", result->plan.notes[i].text);
}

void plan_report_members(JsonObjectBuilder *object, const ImportResult *result, bool written) {
    report_put_text(object, "hash", result->files_hash[0] ? result->files_hash : NULL);
    report_put_text(object, "marker_hash", result->hash[0] ? result->hash : NULL);
    json_object_put(object, "nothing_to_do",
                    json_bool(result->nothing_to_do || plan_is_empty(&result->plan)));
    json_object_put(object, "followed", json_bool(result->followed));
    json_object_put(object, "kept", json_bool(result->kept));
    json_object_put(object, "written", json_bool(written));
    report_put_text(object, "backup", result->backup);
    report_put_count(object, "requests", result->requests);
    report_put_count(object, "rows_written", result->rows_written);
    json_object_put(object, "plan", plan_json(object->arena, &result->plan));
}

static void print_json(const Invocation *invocation, const ImportResult *result, bool written) {
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder object = report_begin(&invocation->config, &arena);
    plan_report_members(&object, result, written);
    report_print(&object);
}

/* `verdict` ends in a newline, which the title goes without. */
static void print_markdown(const Plan *plan, Buf *verdict) {
    AUTO(Buf) text = { 0 };
    verdict->data[verdict->length - 1] = '\0';
    plan_markdown(plan, buf_text(verdict), MARKDOWN_LIMIT, &text);
    report_put(&text);
}

void plan_report(const Invocation *invocation, PlanFormat format, const ImportResult *result, bool written) {
    AUTO(Buf) verdict = { 0 };
    put_verdict(&invocation->config, result, false, &verdict);
    if (format == PLAN_JSON)
        print_json(invocation, result, written);
    else if (format == PLAN_MARKDOWN)
        print_markdown(&result->plan, &verdict);
    else
        print_text(invocation, result, written);
}

/* ---- two states ---- */

/* "v1.2.2:schema → schema: 2 collections, 1 flow changed" */
static void put_states_verdict(const RevisionComparison *result, Buf *out) {
    buf_printf(out, "%s → %s: ", result->from, result->to);
    comparison_summary(&result->comparison, out);
    buf_putc(out, '\n');
}

static void print_states_json(const Invocation *invocation, const RevisionComparison *result) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) summary = { 0 };
    const Comparison *comparison = &result->comparison;
    JsonObjectBuilder object = json_object_builder(&arena);
    comparison_summary(comparison, &summary);
    report_put_text(&object, "dir", invocation->config.state_dir);
    report_put_text(&object, "from", result->from);
    report_put_text(&object, "to", result->to);
    report_put_text(&object, "from_hash", comparison->before.exists ? comparison->before.hash : NULL);
    report_put_text(&object, "to_hash", comparison->after.exists ? comparison->after.hash : NULL);
    json_object_put(&object, "differs", json_bool(comparison_differs(comparison)));
    report_put_text(&object, "summary", buf_text(&summary));
    json_object_put(&object, "plan", plan_json(&arena, &comparison->plan));
    report_print(&object);
}

void plan_report_states(const Invocation *invocation, PlanFormat format, const RevisionComparison *result) {
    AUTO(Buf) text = { 0 };
    if (format == PLAN_JSON) {
        print_states_json(invocation, result);
        return;
    }
    if (format == PLAN_TEXT &&
        (comparison_differs(&result->comparison) || result->comparison.plan.note_count))
        plan_print(&result->comparison.plan, invocation->color, &text);
    put_states_verdict(result, &text);
    if (format == PLAN_MARKDOWN)
        print_markdown(&result->comparison.plan, &text);
    else
        report_put(&text);
}
