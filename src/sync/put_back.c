#include "sync/put_back.h"

#include "base/log.h"
#include "sync/import.h"
#include "sync/interrupt.h"

static void say_lost(const Plan *plan) {
    for (size_t i = 0; i < plan->note_count; i++)
        log_say(LOG_WARN, "put back: %s", plan->notes[i].text);
}

static bool import_backup(const Config *config, const Backup *backup, const StateSource *failed,
                          Holding *holding, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Superseded) superseded = { 0 };
    AUTO(ImportResult) result = { 0 };
    Config own = backup_config(config, backup, &arena);
    Renames renames = renames_reversed(&config->scope.renames, &arena);
    ImportOptions options = { .allow_delete = true, .allow_version = true, .again = true };
    ImportErrand errand = {
        .holding = holding, .superseded = &superseded, .renames = &renames, .within = true
    };
    if (!superseded_add_source(&superseded, failed, err) || !holding_settle(holding, err) ||
        !import_run(&own, &options, &errand, &result, err))
        return false;
    say_lost(&result.plan);
    return holding_release(holding, err);
}

void put_back(const Config *config, const Backup *backup, const StateSource *failed, Holding *holding,
              Error *fault) {
    AUTO(Arena) arena = { 0 };
    Error err = { 0 };
    Error told = *fault, signalled;
    bool interrupted = !interrupt_check(&signalled); /* its hint says that the import can be finished */
    log_say(LOG_NOTE, "the import failed: putting back what %s had before", config->url);
    interrupt_catch(); /* the signal that ended the import does not end this; another one does */
    if (import_backup(config, backup, failed, holding, &err)) {
        error_hint(fault, "what the import had written was taken back, as %s has it%s%s", backup->path,
                   told.hint[0] && !interrupted ? "; " : "", interrupted ? "" : told.hint);
        return;
    }
    log_say(LOG_WARN, "%s could not be put back: %s", backup->path, err.message);
    error_hint(
        fault,
        "what the import had written is still there, as it could not be put back; when the cause is mended: "
        "schema-sync %s%s%srollback --allow-delete --restore %s",
        *config->environment ? "--env " : "", config->environment, *config->environment ? " " : "",
        str_shell_word(&arena, backup->path));
}
