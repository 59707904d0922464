#include "sync/checks.h"

#include <string.h>

#include "base/log.h"

enum { NEEDS_FILES = 1, NEEDS_DATABASE = 2, NEEDS_INSTANCE = 4, NEEDS_TARGET = 8 };

typedef struct {
    const char *name;
    Moment moment; /* when an import runs it */
    unsigned needs;
    bool (*run)(Checkup *checkup, Error *err);
} Check;

/* In the order of doctor's lines. A check of an import's moments costs it nothing, or one small request when
 * the files ask for what the target may lack. */
static const Check table[] = {
    { "config", MOMENT_NEVER, 0, check_config },
    { "files", MOMENT_NEVER, 0, check_files },
    { "git", MOMENT_NEVER, 0, check_git },
    { "merge", MOMENT_NEVER, 0, check_merge },
    { "disk", MOMENT_NEVER, 0, check_disk },
    { "instance", MOMENT_NEVER, 0, check_instance },
    { "rights", MOMENT_NEVER, 0, check_rights },
    { "target", MOMENT_NEVER, 0, check_target },
    { "database", MOMENT_NEVER, 0, check_database },
    { "marker", MOMENT_NEVER, NEEDS_DATABASE, check_marker },
    { "lock", MOMENT_NEVER, NEEDS_DATABASE, check_lock },
    { "pair", MOMENT_NEVER, NEEDS_DATABASE | NEEDS_INSTANCE, check_pair },
    { "version", MOMENT_NEVER, NEEDS_FILES | NEEDS_INSTANCE, check_version },
    { "vendor", MOMENT_READ, NEEDS_FILES | NEEDS_TARGET, check_vendor },
    { "licence", MOMENT_READ, NEEDS_INSTANCE, check_licence },
    { "ignored", MOMENT_READ, NEEDS_FILES | NEEDS_TARGET, check_ignored },
    { "extensions", MOMENT_READ, NEEDS_FILES | NEEDS_TARGET, check_extensions },
    { "postgis", MOMENT_FILES, NEEDS_FILES, check_postgis },
    { "untracked", MOMENT_READ, NEEDS_FILES | NEEDS_TARGET, check_untracked },
    { "flows", MOMENT_FILES, NEEDS_FILES, check_flows },
    { "members", MOMENT_PLANNED, NEEDS_FILES | NEEDS_TARGET, check_members },
    { "limits", MOMENT_NEVER, NEEDS_INSTANCE, check_limits },
    { "payload", MOMENT_NEVER, NEEDS_INSTANCE, check_payload },
    { "pressure", MOMENT_NEVER, NEEDS_INSTANCE, check_pressure },
    { "cache", MOMENT_NEVER, NEEDS_INSTANCE, check_cache },
    { "clock", MOMENT_NEVER, NEEDS_INSTANCE, check_clock },
    { "space", MOMENT_NEVER, NEEDS_DATABASE, check_database_space },
};
enum { CHECKS = sizeof table / sizeof *table };

/* ---- findings ---- */

static void add(Checkup *checkup, FindingLevel level, ErrorKind kind, const char *text, const char *mend) {
    Finding finding = { checkup->running, level, kind, arena_strdup(&checkup->arena, text),
                        mend && *mend ? arena_strdup(&checkup->arena, mend) : NULL };
    ARENA_PUSH(&checkup->arena, checkup->findings, checkup->count, checkup->capacity, finding);
}

bool check_ok(Checkup *checkup, const char *format, ...) {
    va_list args;
    if (!checkup->thorough)
        return true;
    va_start(args, format);
    add(checkup, FINDING_OK, ERR_NONE, arena_vprintf(&checkup->arena, format, args), NULL);
    va_end(args);
    return true;
}

bool check_warn(Checkup *checkup, const char *mend, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(checkup, FINDING_WARNING, ERR_NONE, arena_vprintf(&checkup->arena, format, args), mend);
    va_end(args);
    return true;
}

void check_blocked(Checkup *checkup, const char *check, const Error *err) {
    checkup->running = check;
    add(checkup, FINDING_BLOCKER, err->kind, err->message, err->hint);
}

/* ---- running ---- */

static bool is_ready(const Checkup *checkup, unsigned needs) {
    return !((needs & NEEDS_FILES && !checkup_has_files(checkup)) ||
             (needs & NEEDS_DATABASE && !checkup->database) ||
             (needs & NEEDS_INSTANCE && (!checkup->instance || checkup->instance_fault)) ||
             (needs & NEEDS_TARGET && !checkup->target));
}

bool checks_pass(Checkup *checkup, Moment moment, Error *err) {
    for (size_t i = 0; i < CHECKS; i++) {
        if (table[i].moment != moment || !is_ready(checkup, table[i].needs))
            continue;
        checkup->running = table[i].name;
        if (!table[i].run(checkup, err))
            return false;
    }
    for (size_t i = 0; i < checkup->count; i++)
        log_say(LOG_WARN, "%s%s%s", checkup->findings[i].text, checkup->findings[i].mend ? ": " : "",
                checkup->findings[i].mend ? checkup->findings[i].mend : "");
    return true;
}

void checks_run(Checkup *checkup) {
    for (size_t i = 0; i < CHECKS; i++) {
        Error err = { 0 };
        if (!is_ready(checkup, table[i].needs))
            continue;
        checkup->running = table[i].name;
        if (!table[i].run(checkup, &err))
            check_blocked(checkup, table[i].name, &err);
    }
}

void checkup_free(Checkup *checkup) {
    arena_free(&checkup->arena);
    *checkup = (Checkup){ 0 };
}
