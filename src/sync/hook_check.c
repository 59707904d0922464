#include "sync/hook_check.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "sync/checks.h"
#include "sync/secrets.h"

bool hook_check_state(const Config *config, const StateSource *source, Error *err) {
    AUTO(State) state = { 0 };
    if (!state_read_from(source, &state, err))
        return false;
    AUTO(Checkup) checkup = { .config = config, .state = &state, .files = &state.snapshot };
    return !state.exists || (check_flows(&checkup, err) && secrets_refuse_files(config, &state, err));
}

const char *hook_project(const Config *config, Arena *arena) {
    char here[PATH_MAX];
    size_t length = getcwd(here, sizeof here) ? strlen(here) : 0;
    if (!length || strncmp(config->root, here, length) != 0 || config->root[length] != '/')
        return "";
    return arena_strdup(arena, config->root + length + 1);
}
