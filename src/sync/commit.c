#include "sync/commit.h"

#include "base/log.h"
#include "repo/repo.h"
#include "sync/compare.h"

/* Of the message's body; a history is no place for a whole plan. */
enum { MOST_LINES = 100 };

typedef struct {
    const Config *config;
    const char *given;
} Wording;

/* Files may differ although they say the same. */
static void say_what_else(const Comparison *comparison, Buf *message) {
    const char *before = comparison->before.snapshot.directus, *after = comparison->after.snapshot.directus;
    if (comparison->before.exists && before && after && !str_equal(before, after))
        buf_printf(message, "Directus %s instead of %s", after, before);
    else
        buf_puts(message, "the same state, written anew");
}

static bool compare(const Config *config, const StateSource *before, Buf *message, Error *err) {
    AUTO(Comparison) comparison = { 0 };
    StateSource after = { config->root, config->state_dir, NULL };
    CompareRequest request = { .before = before, .after = &after, .rows = true };
    if (!compare_states(config, &request, &comparison, err))
        return false;
    buf_puts(message, "schema-sync: ");
    if (!comparison_differs(&comparison)) {
        say_what_else(&comparison, message);
        return true;
    }
    comparison_summary(&comparison, message);
    buf_puts(message, "\n\n");
    comparison_body(&comparison, MOST_LINES, message);
    return true;
}

static bool word_it(const char *parent, Buf *message, void *context, Error *err) {
    const Wording *wording = context;
    const Config *config = wording->config;
    StateCommit *commit = NULL;
    Error fault = { 0 };
    if (wording->given) {
        buf_puts(message, wording->given);
        return true;
    }
    if (*parent && !state_commit_open(config->root, config->state_dir, parent, &commit, err))
        return false;
    StateSource before = { config->root, config->state_dir, commit };
    bool done = compare(config, commit ? &before : NULL, message, &fault);
    state_commit_close(&commit);
    if (done)
        return true;
    /* an old state that is broken must not stop the new one; a new one that is broken must */
    buf_clear(message);
    if (!*parent || !compare(config, NULL, message, err)) {
        *err = fault;
        return false;
    }
    buf_clear(message);
    buf_printf(message, "schema-sync: in place of a state that cannot be read\n\n%s", fault.message);
    return true;
}

bool commit_state(const Config *config, const char *message, CommitResult *result, Error *err) {
    Wording wording = { config, message };
    if (!repo_commit(config->root, config->state_dir, word_it, &wording, result, err))
        return false;
    if (result->made && result->detached)
        log_say(LOG_WARN, "HEAD is detached: no branch has commit %.12s; `git switch -c <name>` gives it one",
                result->id);
    return true;
}
