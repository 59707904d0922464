#include "sync/hook_check.h"

#include "sync/checks.h"
#include "sync/secrets.h"

bool hook_check_state(const Config *config, const StateSource *source, Error *err) {
    AUTO(State) state = { 0 };
    if (!state_read_from(source, &state, err))
        return false;
    AUTO(Checkup) checkup = { .config = config, .state = &state, .files = &state.snapshot };
    return !state.exists || (check_flows(&checkup, err) && secrets_refuse_files(config, &state, err));
}
