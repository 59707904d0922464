#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/date.h"
#include "cli/report.h"
#include "cli/shared_options.h"
#include "model/plan_view.h"
#include "model/row_change.h"
#include "model/show.h"
#include "sync/log.h"

static const OptionRow options[] = {
    { "number", 'n', OPTION_COUNT, "N|all", "At most so many commits." },
    { "since", 0, OPTION_TEXT, "DATE", "Only commits after it: 2026-05-01, \"2 weeks ago\"." },
    { "patch", 'p', OPTION_FLAG, NULL,
      "Show what changed, field by field: as with keys, or -v. Else only how many records of a kind." },
    OPTION_ROW_ROWS,
    OPTION_ROW_REF,
    { 0 },
};

typedef struct {
    const Invocation *invocation;
    bool details, left; /* left: nobody reads on */
    Arena arena;
    JsonArrayBuilder commits; /* with --json */
} Printing;

/* ---- what is asked for ---- */

static bool is_range(const char *text) {
    return strstr(text, "..") != NULL;
}

static const char *range_of(const Invocation *invocation) {
    return invocation->argument_count && is_range(invocation->arguments[0]) ? invocation->arguments[0] : NULL;
}

/* History needs no configuration but the rows' keys: a bare repository's own commit has it. */
static const char *revision(const Invocation *invocation, Arena *arena) {
    const char *range = range_of(invocation);
    return range ? revision_newest(arena, range) : option_given(invocation, "ref") ? NULL : "HEAD";
}

static bool read_options(const Invocation *invocation, LogOptions *out, Error *err) {
    const char *range = range_of(invocation), *since = option_text(invocation, "since");
    *out = (LogOptions){ .keys = invocation->arguments + (range != NULL),
                         .key_count = invocation->argument_count - (range != NULL),
                         .range = range,
                         .since = INT64_MIN,
                         .most = option_count(invocation, "number", SIZE_MAX),
                         .rows_shown = option_count(invocation, "rows", ROWS_SHOWN) };
    out->details = out->key_count || option_given(invocation, "patch") || invocation->verbose;
    if (range && option_given(invocation, "ref")) {
        error_set(err, ERR_USAGE, "--ref and %s both say where to begin", range);
        return error_hint(err, "leave one of them out");
    }
    if (!since || date_parse(since, (int64_t)time(NULL), &out->since))
        return true;
    error_set(err, ERR_USAGE, "--since: \"%s\" is no date", since);
    return error_hint(err, "write 2026-05-01, 2026-05-01T10:30, yesterday, \"2 weeks ago\"");
}

/* ---- text ---- */

/* Lines of a section or of the rows, without their heading. */
static void put_below_heading(const Buf *printed, Buf *out) {
    const char *text = buf_text(printed), *end = strchr(text, '\n');
    if (end)
        buf_puts(out, end + 1);
}

static void put_changes(const Plan *plan, bool color, Buf *out) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) part = { 0 };
    PlanView view;
    plan_view(&arena, plan, &view);
    plan_print_renames(plan, color, out);
    for (size_t i = 0; i < view.count; i++) {
        if (!view.sections[i].group_count)
            continue;
        view.sections[i].note_count = 0; /* what an import would do is not history */
        buf_clear(&part);
        plan_print_section(plan, &view.sections[i], color, &part);
        put_below_heading(&part, out);
    }
    buf_clear(&part);
    plan_print_rows(plan, color, &part);
    put_below_heading(&part, out);
}

static void put_summary(const LogEntry *entry, Buf *out) {
    AUTO(Buf) summary = { 0 };
    if (entry->unknown) {
        buf_puts(out, "what changed cannot be told: ");
        show_message(out, entry->unknown);
        return;
    }
    comparison_summary(entry->comparison, &summary);
    buf_printf(out, "%s%s", entry->merge ? "merge: " : "",
               comparison_differs(entry->comparison) ? buf_text(&summary) : "no record changed");
}

static void put_entry(const Printing *printing, const LogEntry *entry, Buf *out) {
    const HistoryCommit *commit = entry->commit;
    bool color = printing->invocation->color;
    buf_printf(out, "%s%.12s%s ", color ? "\033[33m" : "", commit->id, color ? "\033[0m" : "");
    date_put(commit->time, commit->offset, false, out);
    buf_putc(out, ' ');
    show_text(out, commit->author, strlen(commit->author));
    buf_puts(out, "  ");
    show_text(out, commit->subject, strlen(commit->subject));
    buf_putc(out, '\n');
    if (printing->details && entry->comparison && !plan_is_empty(&entry->comparison->plan)) {
        put_changes(&entry->comparison->plan, color, out);
        return;
    }
    buf_puts(out, "    ");
    put_summary(entry, out);
    buf_putc(out, '\n');
}

/* ---- JSON ---- */

static Json entry_json(Printing *printing, const LogEntry *entry) {
    const HistoryCommit *commit = entry->commit;
    JsonObjectBuilder object = json_object_builder(&printing->arena);
    JsonObjectBuilder author = json_object_builder(&printing->arena);
    AUTO(Buf) date = { 0 };
    AUTO(Buf) summary = { 0 };
    date_put(commit->time, commit->offset, true, &date);
    report_put_text(&author, "name", commit->author);
    report_put_text(&author, "email", commit->email);
    report_put_text(&object, "commit", commit->id);
    report_put_text(&object, "date", buf_text(&date));
    report_put_text(&object, "subject", commit->subject);
    json_object_put(&object, "author", json_object_done(&author));
    json_object_put(&object, "merge", json_bool(entry->merge));
    report_put_text(&object, "unknown", entry->unknown);
    if (entry->comparison)
        comparison_summary(entry->comparison, &summary);
    report_put_text(&object, "summary", entry->comparison ? buf_text(&summary) : NULL);
    if (printing->details && entry->comparison) {
        Json plan = plan_json(&printing->arena, &entry->comparison->plan);
        json_object_put(&object, "plan", json_copy(&printing->arena, &plan));
    }
    return json_object_done(&object);
}

static void print_json(Printing *printing, const LogEnd *end) {
    JsonObjectBuilder object = json_object_builder(&printing->arena);
    report_put_text(&object, "dir", printing->invocation->config.state_dir);
    json_object_put(&object, "commits", json_array_done(&printing->commits));
    json_object_put(&object, "complete", json_bool(end->end == HISTORY_WHOLE));
    report_put_text(&object, "ends_at", end->end == HISTORY_WHOLE ? NULL : end->id);
    report_print(&object);
}

/* ---- the whole ---- */

static bool each(const LogEntry *entry, void *context, Error *err) {
    Printing *printing = context;
    AUTO(Buf) text = { 0 };
    if (printing->invocation->json) {
        json_array_add(&printing->commits, entry_json(printing, entry));
        return true;
    }
    put_entry(printing, entry, &text);
    report_put(&text);
    printing->left = report_is_left();
    return !printing->left || error_set(err, ERR_IO, "nobody reads on");
}

static void say_end(const LogEnd *end) {
    if (end->end == HISTORY_SHALLOW)
        log_say(LOG_NOTE,
                "history ends at %.12s: the clone is shallow; `git fetch --unshallow` brings the rest",
                end->id);
    else if (end->end == HISTORY_PARTIAL)
        log_say(LOG_NOTE,
                "history is not all here, from %.12s back: this is a partial clone; `git fetch --refetch "
                "--no-filter` brings the rest",
                end->id);
}

static void say_nothing_found(void) {
    log_say(LOG_NOTE, "no commit changed what was named; records are called flow/Notify, posts.title, "
                      "data/posts/hello-world, all of a kind flows/");
}

static bool run(const Invocation *invocation, Error *err) {
    Printing printing = { .invocation = invocation };
    LogOptions request;
    LogEnd end = { 0 };
    if (!read_options(invocation, &request, err))
        return false;
    printing.details = request.details;
    printing.commits = json_array_builder(&printing.arena);
    bool done = sync_log(&invocation->config, &request, each, &printing, &end, err);
    if (done && invocation->json)
        print_json(&printing, &end);
    if (done && !end.count && request.key_count)
        say_nothing_found();
    if (done)
        say_end(&end);
    arena_free(&printing.arena);
    if (printing.left)
        *err = (Error){ 0 };
    return done || printing.left;
}

const CommandRow command_log = {
    .name = "log",
    .summary = "the commits that changed the state, and how",
    .description =
        "Lists the commits that changed the state folder, newest first, with what each of them changed: how "
        "many records of a kind, or with -p (or -v) every change by its old and new values. With keys only "
        "the commits that changed what they name, and only those changes; what stands in a record counts as "
        "the record. No instance is asked.\n\n"
        "Records are named as for show and rm; a kind with a slash (flows/) is all of it, data/posts all "
        "rows "
        "of a collection. A record is followed by its id through other names it had. Merges are listed where "
        "they have something that none of their parents has. In a shallow or partial clone it is said where "
        "history ends.\n\n"
        "  schema-sync log -n 10\n"
        "  schema-sync log posts.title flow/Notify\n"
        "  schema-sync log v1.2.2..main data/posts/hello-world\n"
        "  schema-sync log --since \"2 weeks ago\" -p",
    .arguments = "[A..B] [KEY…]",
    .options = options,
    .needs = NEED_CONFIG,
    .revision = revision,
    .run = run,
};
