#include "cli/status_report.h"

#include <string.h>

#include "model/show.h"

enum { DIRTY_SHOWN = 10, TAGS_SHOWN = 5 };

/* ---- this side ---- */

static const VersionTag *tag_at(const RepoOverview *git, const char *commit) {
    for (size_t i = 0; commit && i < git->tag_count; i++)
        if (strcmp(git->tags[i].commit, commit) == 0)
            return &git->tags[i];
    return NULL;
}

/* The highest version whose state a commit's is. */
static const VersionTag *tag_of_state(const RepoOverview *git, const char *commit) {
    for (size_t i = 0; commit && i < git->tag_count; i++)
        if (str_equal(git->tags[i].state, commit) || strcmp(git->tags[i].commit, commit) == 0)
            return &git->tags[i];
    return NULL;
}

static void put_dirty(const RepoOverview *git, Buf *out) {
    for (size_t i = 0; i < git->dirty_count && i < DIRTY_SHOWN; i++) {
        buf_printf(out, "            %c ", git->dirty[i].kind);
        show_message(out, git->dirty[i].path);
        buf_putc(out, '\n');
    }
    if (git->dirty_count > DIRTY_SHOWN)
        buf_printf(out, "            … and %zu more\n", git->dirty_count - DIRTY_SHOWN);
}

/* "main at 1a2b3c4d5e6f (v1.2.0), 2 files not committed" */
static void put_git(const Config *config, const StatusResult *status, Buf *out) {
    const RepoOverview *git = &status->git;
    const VersionTag *tag = tag_at(git, git->commit);
    buf_puts(out, "git       ");
    if (config->ref)
        show_name(out, config->ref);
    else if (git->branch)
        show_name(out, git->branch);
    else
        buf_puts(out, "HEAD detached");
    if (git->commit)
        buf_printf(out, " at %.12s", git->commit);
    else
        buf_puts(out, ", no commit yet");
    if (tag)
        buf_printf(out, " (%s)", tag->name);
    if (git->shallow)
        buf_puts(out, ", shallow");
    if (git->dirty_count) {
        buf_puts(out, ", ");
        report_count(git->dirty_count, "file", "files", out);
        buf_puts(out, " not committed");
    }
    buf_putc(out, '\n');
    put_dirty(git, out);
}

static void put_tag(const VersionTag *tag, Buf *out) {
    buf_puts(out, tag->name);
    if (tag->since < 0)
        return;
    if (tag->since == 0 && tag->beyond == 0)
        buf_puts(out, " here");
    if (tag->since > 0)
        buf_printf(out, " %ld commit%s ago", tag->since, tag->since == 1 ? "" : "s");
    if (tag->beyond > 0)
        buf_printf(out, "%s %ld commit%s ahead", tag->since ? "," : "", tag->beyond,
                   tag->beyond == 1 ? "" : "s");
}

static void put_versions(const RepoOverview *git, Buf *out) {
    if (!git->tag_count)
        return;
    buf_puts(out, "versions  ");
    for (size_t i = 0; i < git->tag_count && i < TAGS_SHOWN; i++) {
        if (i)
            buf_puts(out, "; ");
        put_tag(&git->tags[i], out);
    }
    if (git->tag_count > TAGS_SHOWN)
        buf_printf(out, "; … %zu in all", git->tag_count);
    buf_putc(out, '\n');
}

void status_put_here(const Config *config, const StatusResult *status, Buf *out) {
    buf_puts(out, "files     ");
    report_files(config, out);
    buf_printf(out, status->files_hash[0] ? " at %s\n" : "%s\n", status->files_hash);
    if (status->git.found && (status->git.commit || !status->git_fault)) {
        put_git(config, status, out);
        put_versions(&status->git, out);
    }
    if (status->git_fault) {
        buf_puts(out, "git       ");
        show_message(out, status->git_fault);
        if (status->git_mend) {
            buf_puts(out, "\n            ");
            show_message(out, status->git_mend);
        }
        buf_putc(out, '\n');
    } else if (!status->git.found) {
        buf_puts(out, "git       no repository\n");
    }
}

/* ---- order ---- */

const char *status_order(const TargetStatus *target) {
    if (!target->marker_known || !target->marker_hash)
        return "none";
    if (target->equal)
        return "equal";
    return target->distance.apart == APART_NOT ? "changed" : apart_name(target->distance.apart);
}

/* "3 commits ahead", "diverged, 1 commit ahead and 2 behind" */
static void put_order(const TargetStatus *target, Buf *out) {
    const AncestryDistance *distance = &target->distance;
    const char *least = distance->at_least ? "at least " : "";
    const char *order = status_order(target);
    bool diverged = strcmp(order, "diverged") == 0;
    if (diverged)
        buf_puts(out, "diverged, ");
    if (diverged || strcmp(order, "ahead") == 0) {
        buf_puts(out, least);
        report_count(distance->ahead, "commit", "commits", out);
        buf_puts(out, " ahead");
    }
    if (diverged)
        buf_printf(out, " and %s%zu behind", least, distance->behind);
    else if (strcmp(order, "behind") == 0) {
        buf_puts(out, least);
        report_count(distance->behind, "commit", "commits", out);
        buf_puts(out, " behind");
    } else if (strcmp(order, "ahead") != 0) {
        buf_puts(out, order);
    }
}

/* ---- one target ---- */

static void put_commit(const StatusResult *status, const TargetStatus *target, Buf *out) {
    const VersionTag *tag = tag_of_state(&status->git, target->applied);
    buf_printf(out, "%.12s", target->applied);
    if (tag)
        buf_printf(out, " (%s)", tag->name);
}

static void put_marker(const StatusResult *status, const TargetStatus *target, Buf *out) {
    /* The marker's hash covers settings too and says nothing beside the files' own. */
    buf_printf(out, "marker    %s", target->state ? target->state : "clean");
    buf_puts(out, !target->marker_hash ? ", nothing was applied yet"
                  : target->equal      ? " at these files"
                                       : " at other files");
    if (target->applied) {
        buf_puts(out, ", commit ");
        put_commit(status, target, out);
        if (target->worktree)
            buf_puts(out, " and changes on top");
    }
    if (target->applied_at)
        buf_printf(out, ", %s", target->applied_at);
    if (!target->owner && target->owner_info) {
        buf_puts(out, " by ");
        show_message(out, target->owner_info);
    }
    buf_putc(out, '\n');
    if (target->marker_hash) {
        buf_puts(out, "order     the files are ");
        put_order(target, out);
        buf_putc(out, '\n');
    }
}

void status_put_target(const StatusResult *status, const TargetStatus *target, Buf *out) {
    if (!target->marker_known) {
        buf_puts(out, "marker    unknown: no database is configured, or the columns are not installed\n");
        return;
    }
    put_marker(status, target, out);
    if (target->error) {
        buf_puts(out, "error     ");
        show_message(out, target->error);
        buf_putc(out, '\n');
    }
    if (target->held) {
        buf_puts(out, "held      ");
        show_message(out, target->held);
        buf_puts(out, ": only a newer commit than ");
        buf_printf(out, "%.12s is imported, or `rollback --resume`\n",
                   target->commit ? target->commit : "that");
    }
    if (target->owner)
        buf_printf(out, "lock      held by %s (%s), lease %s %s\n", target->owner,
                   target->owner_info ? target->owner_info : "unknown",
                   target->lease_live ? "until" : "ended",
                   target->lease_until ? target->lease_until : "unknown");
    else
        buf_puts(out, "lock      free\n");
}

/* ---- many ---- */

enum { COLUMNS = 5 };

static void pad(Buf *out, size_t from, size_t width) {
    while (out->length - from < width)
        buf_putc(out, ' ');
}

static void fill_row(const StatusResult *status, const TargetStatus *target, Buf cells[COLUMNS]) {
    buf_puts(&cells[0], *target->environment ? target->environment : "(default)");
    if (target->fault || !target->marker_known)
        return;
    buf_puts(&cells[1], target->owner ? "locked" : target->held ? "held" : target->state);
    put_order(target, &cells[2]);
    if (target->applied)
        put_commit(status, target, &cells[3]);
    if (target->applied_at)
        buf_puts(&cells[4], target->applied_at);
}

/* The last column has no width of its own. */
static void put_last(const TargetStatus *target, Buf *out) {
    if (target->fault)
        show_message(out, target->fault);
    else if (!target->marker_known)
        buf_puts(out, "no database is configured, or the marker's columns are not installed");
    else if (target->owner_info)
        show_message(out, target->owner_info);
}

void status_put_table(const StatusResult *status, Buf *out) {
    static const char *const titles[COLUMNS] = { "environment", "marker", "files", "commit", "applied" };
    size_t widths[COLUMNS], count = status->target_count;
    AUTO(Arena) arena = { 0 };
    Buf *cells = arena_array(&arena, count * COLUMNS, sizeof *cells);
    for (size_t column = 0; column < COLUMNS; column++)
        widths[column] = strlen(titles[column]);
    for (size_t i = 0; i < count; i++) {
        fill_row(status, &status->targets[i], cells + i * COLUMNS);
        for (size_t column = 0; column < COLUMNS; column++)
            if (cells[i * COLUMNS + column].length > widths[column])
                widths[column] = cells[i * COLUMNS + column].length;
    }
    for (size_t column = 0; column < COLUMNS; column++) {
        size_t from = out->length;
        buf_puts(out, titles[column]);
        pad(out, from, widths[column] + 2);
    }
    buf_puts(out, "by\n");
    for (size_t i = 0; i < count; i++) {
        bool empty = status->targets[i].fault || !status->targets[i].marker_known;
        for (size_t column = 0; column < (empty ? 1 : COLUMNS); column++) {
            size_t from = out->length;
            buf_puts(out, buf_text(&cells[i * COLUMNS + column]));
            pad(out, from, widths[column] + 2);
        }
        put_last(&status->targets[i], out);
        while (out->data[out->length - 1] == ' ')
            out->data[--out->length] = '\0';
        buf_putc(out, '\n');
    }
    for (size_t i = 0; i < count * COLUMNS; i++)
        buf_free(&cells[i]);
}

/* ---- JSON ---- */

static Json count_or_null(long count) {
    return count < 0 ? json_null() : json_number((double)count);
}

static Json tags_json(Arena *arena, const RepoOverview *git) {
    JsonArrayBuilder list = json_array_builder(arena);
    for (size_t i = 0; i < git->tag_count; i++) {
        JsonObjectBuilder tag = json_object_builder(arena);
        report_put_text(&tag, "name", git->tags[i].name);
        report_put_text(&tag, "commit", git->tags[i].commit);
        report_put_text(&tag, "state_commit", git->tags[i].state);
        json_object_put(&tag, "commits_since", count_or_null(git->tags[i].since));
        json_object_put(&tag, "commits_beyond", count_or_null(git->tags[i].beyond));
        json_array_add(&list, json_object_done(&tag));
    }
    return json_array_done(&list);
}

static Json dirty_json(Arena *arena, const RepoOverview *git) {
    JsonArrayBuilder list = json_array_builder(arena);
    for (size_t i = 0; i < git->dirty_count; i++) {
        const char kind[2] = { git->dirty[i].kind, '\0' };
        JsonObjectBuilder file = json_object_builder(arena);
        report_put_text(&file, "change", kind);
        report_put_text(&file, "path", git->dirty[i].path);
        json_array_add(&list, json_object_done(&file));
    }
    return json_array_done(&list);
}

Json status_git_json(Arena *arena, const StatusResult *status) {
    const RepoOverview *git = &status->git;
    if (!git->found && !status->git_fault)
        return json_null();
    JsonObjectBuilder object = json_object_builder(arena);
    report_put_text(&object, "branch", git->branch);
    report_put_text(&object, "commit", git->commit);
    report_put_text(&object, "state_commit", status->state_commit);
    json_object_put(&object, "shallow", json_bool(git->shallow));
    json_object_put(&object, "versions", tags_json(arena, git));
    json_object_put(&object, "dirty", dirty_json(arena, git));
    report_put_text(&object, "error", status->git_fault);
    return json_object_done(&object);
}

static Json marker_json(Arena *arena, const TargetStatus *target) {
    const struct {
        const char *key, *text;
    } texts[] = { { "state", target->state },
                  { "hash", target->marker_hash },
                  { "commit", target->commit },
                  { "applied_at", target->applied_at },
                  { "owner", target->owner },
                  { "owner_info", target->owner_info },
                  { "lease_until", target->lease_until },
                  { "error", target->error },
                  { "held", target->held },
                  { "applied_commit", target->applied } };
    JsonObjectBuilder marker = json_object_builder(arena);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        report_put_text(&marker, texts[i].key, texts[i].text);
    json_object_put(&marker, "lease_live", json_bool(target->lease_live));
    json_object_put(&marker, "worktree", json_bool(target->worktree));
    return json_object_done(&marker);
}

void status_json_target(JsonObjectBuilder *object, const TargetStatus *target) {
    Arena *arena = object->arena;
    const AncestryDistance *distance = &target->distance;
    bool known = distance->apart != APART_UNKNOWN;
    JsonObjectBuilder order = json_object_builder(arena);
    report_put_text(&order, "files", status_order(target));
    json_object_put(&order, "ahead", known ? json_number((double)distance->ahead) : json_null());
    json_object_put(&order, "behind", known ? json_number((double)distance->behind) : json_null());
    json_object_put(&order, "at_least", json_bool(distance->at_least));
    json_object_put(object, "equal", json_bool(target->equal));
    json_object_put(object, "order", json_object_done(&order));
    json_object_put(object, "marker", target->marker_known ? marker_json(arena, target) : json_null());
}
