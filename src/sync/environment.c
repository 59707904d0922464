#include "sync/environment.h"

#include "base/log.h"
#include "model/ignore.h"
#include "model/layout.h"
#include "model/overrides.h"
#include "sync/secrets.h"

bool environment_apply(const Config *config, Snapshot *files, Error *err) {
    if (json_is_null(&config->scope.overrides))
        return true;
    if (!overrides_apply(&config->scope, files, err))
        return false;
    /* References, circles and order once more: the values are others now. */
    if (layout_finish(files, err))
        return true;
    err->kind = ERR_CONFIG;
    return error_context(err, "with the overrides of %s", config->scope.overrides_place);
}

static const char *named(const CatalogRow *row, size_t count) {
    return count == 1 ? row->singular : row->name;
}

void environment_leave_alone(const Config *config, const Snapshot *files, const Snapshot *target,
                             Snapshot *wanted, Plan *plan) {
    Ignored ignored;
    snapshot_free(wanted);
    *wanted = *files;
    wanted->arena = (Arena){ 0 };
    ignore_adopt(&config->scope, wanted, target, files, &ignored);
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        if (ignored.counts[type] && target->present[type])
            plan_note(plan, NOTE_LEFT_ALONE, type, "%zu %s left alone, as the configuration ignores %s",
                      ignored.counts[type], named(catalog_row(type), ignored.counts[type]),
                      ignored.counts[type] == 1 ? "it" : "them");
}

static void say(const char *place, const char *what, void *context) {
    (void)context;
    log_say(LOG_NOTE, "%s: %s", place, what);
}

static void say_left_alone(const Ignored *ignored) {
    AUTO(Buf) list = { 0 };
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        if (ignored->counts[type])
            buf_printf(&list, "%s%zu %s", list.length ? ", " : "", ignored->counts[type],
                       named(catalog_row(type), ignored->counts[type]));
    if (list.length)
        log_say(LOG_NOTE, "the configuration ignores what differs of %s: the files keep what they have",
                buf_text(&list));
}

static void say_nothing(const char *place, const char *what, void *context) {
    (void)place;
    (void)what;
    (void)context;
}

void environment_compare(const Config *config, Snapshot *seen, Snapshot *files, const Snapshot *target,
                         bool unsettled) {
    Ignored ignored;
    OverrideUndo as_there = { .files = { target }, .note = say_nothing };
    if (seen && unsettled)
        overrides_undo(&config->scope, &as_there, seen);
    if (seen)
        ignore_adopt(&config->scope, seen, target, files, &ignored);
    ignore_adopt(&config->scope, files, target, files, &ignored);
}

static size_t undo_overrides(const Config *config, Snapshot *instance, const State *seen,
                             const State *newer) {
    if (json_is_null(&config->scope.overrides))
        return 0;
    AUTO(Arena) arena = { 0 };
    Json filled = secrets_fill_value(&arena, config, &config->scope.overrides);
    OverrideUndo from = { .files = { seen->exists ? &seen->snapshot : NULL, newer ? &newer->snapshot : NULL },
                          .filled = &filled,
                          .note = say };
    return overrides_undo(&config->scope, &from, instance);
}

size_t environment_undo(const Config *config, Snapshot *instance, const State *seen, const State *newer) {
    static const Snapshot nothing;
    const Snapshot *files = seen->exists ? &seen->snapshot : &nothing;
    Ignored ignored;
    size_t unmet = undo_overrides(config, instance, seen, newer);
    if (json_is_null(&config->scope.ignore))
        return unmet;
    ignore_adopt(&config->scope, instance, files, files, &ignored);
    say_left_alone(&ignored);
    size_t mended = ignore_mend(&config->scope, instance, files);
    if (mended)
        log_say(LOG_NOTE, "%zu reference%s to what is ignored stay%s as the files have %s", mended,
                mended == 1 ? "" : "s", mended == 1 ? "s" : "", mended == 1 ? "it" : "them");
    return unmet;
}

bool environment_check(const Config *config, const Snapshot *outcome, const State *old, Error *err) {
    if (json_is_null(&config->scope.overrides))
        return true;
    Snapshot files = *outcome; /* looked at, not changed */
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        if (!files.present[type] && old->exists)
            files.types[type] = old->snapshot.types[type];
    return overrides_check(&config->scope, &files, err);
}
